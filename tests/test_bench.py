"""Benchmarks measure what they say."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING

import pytest
import torch
from click.testing import CliRunner

from stytr_live import builtin
from stytr_live.benchmark.machine import measure_peak
from stytr_live.benchmark.painting import PAPER, Case, count_gflop, measure_case, network_of, record_timeline, run
from stytr_live.benchmark.passes import measure_live, measure_rendering
from stytr_live.benchmark.timing import Timing, change_of_pace, measure
from stytr_live.cli import commands
from stytr_live.cli.bench import NETWORKS, cases
from stytr_live.errors import BackendError
from stytr_live.media.file_source import FileSource
from stytr_live.media.transcode import transcode
from stytr_live.networks import load_network

if TYPE_CHECKING:
    from pathlib import Path


def test_a_timing_counts_what_comes_after_the_warm_up() -> None:
    now, calls = [0.0], []

    def work() -> None:
        calls.append(now[0])
        now[0] += 10.0 if len(calls) <= 2 else 0.5

    timing = measure(work, 2.0, warm=2, clock=lambda: now[0])
    assert timing == Timing(0.5, 0.5, 2.0, 4)


def test_something_slow_is_still_measured_a_few_times() -> None:
    now = [0.0]

    def work() -> None:
        now[0] += 60

    assert measure(work, 1.0, warm=0, clock=lambda: now[0]).count == 3


def test_what_a_change_costs_is_told_from_what_slows_everything() -> None:
    now, last = [0.0], [""]

    def do(name: str) -> None:
        load = 1.0 + now[0] // 40  # the machine gets slower and slower
        now[0] += load * (1.0 if last[0] in ("", name) else 1.25)
        last[0] = name

    cost = change_of_pace([lambda: do("a"), lambda: do("b")], 30.0, clock=lambda: now[0])
    assert cost == 0.25


def test_the_operations_of_the_small_network_are_what_its_design_promises() -> None:
    network = load_network()
    assert 1.5 < count_gflop(network, (256, 256)) < 2.0
    assert count_gflop(network, (640, 368)) < 7.0
    assert count_gflop(network, (256, 256)) < count_gflop(network, (256, 256), 200) < 2.0
    convolution = torch.nn.Conv2d(3, network.config.quarter, 6, 4)
    assert count_gflop(network, (256, 256)) > 2 * 64 * 64 * convolution.weight.numel() / 1e9


def test_the_machine_s_peak_is_more_than_any_network_reaches() -> None:
    peak = measure_peak("cpu", 0.3)
    assert peak.float32 > 1
    assert peak.half > 1
    assert peak.integers > 1
    assert peak.copy > 0.5


def test_a_case_in_a_process_of_its_own_gives_its_figures() -> None:
    result = run(Case("lite", (96, 64), "cpu"), 0.1)
    assert result.name.startswith("cpu")
    assert result.timing.count >= 3
    assert result.timing.p50 <= result.timing.p95
    assert result.memory > 0
    assert {"first frame", "new style", "known style", "switch"} <= set(result.stages)
    assert result.stages["known style"] < result.stages["new style"]
    assert result.psnr is None or result.psnr > 35


def test_a_case_that_fails_says_why() -> None:
    with pytest.raises(BackendError, match="no device 'abacus'"):
        run(Case("lite", (96, 64), "abacus"), 0.1)


def test_the_published_path_encodes_the_style_with_every_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    from stytr_live.networks.lite import Lite

    encoded, encode = [], Lite.encode_style
    monkeypatch.setattr(Lite, "encode_style", lambda self, style: encoded.append(1) or encode(self, style))
    result = measure_case(Case("lite", (64, 64), "torch", path="published"), 0.05)
    assert len(encoded) >= result.timing.count


def test_a_timeline_can_be_recorded(tmp_path: Path) -> None:
    record_timeline(Case("lite", (64, 64), "torch"), tmp_path / "timeline.json", frames=3)
    names = [event.get("name", "") for event in json.loads((tmp_path / "timeline.json").read_text())["traceEvents"]]
    assert sum(name == "frame" for name in names) == 3
    assert any("conv" in name for name in names)


def test_the_reference_comes_first_and_no_case_twice() -> None:
    for network, device in product(NETWORKS, ("cpu", "torch", "cuda")):
        wanted = cases(network, (64, 64), device)
        assert (wanted[0].precision, wanted[0].path) == ("float32", "cached")
        assert len(set(wanted)) == len(wanted)


def test_the_paper_s_network_has_the_paper_s_sizes_and_the_built_in_ones_their_weights() -> None:
    paper, own = (network_of(Case(name, (64, 64))) for name in (PAPER, "stytr2"))
    assert paper.config == type(paper)().config
    assert own.fingerprint() == load_network("stytr2").fingerprint()


def test_a_raw_pass_keeps_the_pictures(tmp_path: Path) -> None:
    count = transcode(builtin.clip(), tmp_path / "raw.mp4")
    assert count == len(list(FileSource(tmp_path / "raw.mp4"))) == len(list(FileSource(builtin.clip())))


def test_rendering_is_measured_against_its_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.clips import Clip

    monkeypatch.setattr("stytr_live.benchmark.passes.SHORTEST", 0.5)
    rendering = measure_rendering(Clip().write(tmp_path / "clip.mp4"))
    assert rendering.raw > rendering.painted
    assert rendering.empty > rendering.painted
    assert rendering.recoded > rendering.painted


def test_the_live_way_is_measured_without_waiting_for_the_camera_s_end() -> None:
    stats = measure_live((96, 64), 50, 0.5)
    assert 0 < stats.fps < 60
    assert stats.latency_p50 < 0.5


def test_the_command_prints_json_and_refuses_what_is_no_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stytr_live.benchmark.painting.run", measure_case)  # here, not in processes: it is quicker
    runner = CliRunner()
    wanted = ["bench", "--network", "lite", "--size", "64x64", "--seconds", "0.1", "--no-render", "--json"]
    answer = runner.invoke(commands, [*wanted, "--device", "torch"])
    assert answer.exit_code == 0, answer.output
    lines = [json.loads(line) for line in answer.output.splitlines()]
    assert [line["what"] for line in lines] == ["machine"] + ["painting"] * (len(lines) - 1)
    assert lines[1]["ratio"] == 1
    for wrong in ("64", "64x", "ax64", "1x1", "64x99999"):
        assert runner.invoke(commands, ["bench", "--size", wrong]).exit_code == 2
