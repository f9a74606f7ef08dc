"""`stytr-live evaluate` measures what it says, and shows it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from stytr_live.cli import commands
from stytr_live.engine.backend import TorchBackend
from stytr_live.engine.stylizer import Stylizer
from stytr_live.evaluation.protocol import Options, evaluate
from stytr_live.networks import load_network
from tests.clips import Clip, even
from tests.features import write_features

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Contents, styles, a video and features, all small."""
    folder, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    for kind, count in (("contents", 2), ("styles", 4)):
        (folder / kind).mkdir()
        for i in range(count):
            coarse = rng.integers(0, 256, (6, 8, 3), np.uint8)
            Image.fromarray(coarse).resize((96, 80)).save(folder / kind / f"{kind[0]}{i}.png")
    (folder / "contents" / "damaged.png").write_bytes(b"\x89PNG no more")
    (folder / "videos").mkdir()
    Clip(times=even(5)).write(folder / "videos" / "v.mp4")
    write_features(folder / "vgg.npz")
    return folder


def run(data: Path, output: Path, *more: str) -> tuple[int, str]:
    command = ["evaluate", "--contents", str(data / "contents"), "--styles", str(data / "styles"), "--short-side", "64",
               "--features", str(data / "vgg.npz"), "--rounds", "3", "--device", "cpu", "-o", str(output), *more]  # fmt: skip  # noqa: E501
    result = CliRunner().invoke(commands, command)
    return result.exit_code, str(result.exception or result.output)


def test_the_report_holds_every_figure(data: Path, tmp_path: Path) -> None:
    code, output = run(data, tmp_path / "report", "--videos", str(data / "videos"), "--frames", "4", "--keep")
    assert code == 0, output
    table = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert table["pairs"]["count"] == 6
    assert [(p["content"], p["style"]) for p in table["pairs"]["each"]][:3] == [
        ("c0", "s0"),
        ("c0", "s3"),
        ("c0", "s3"),
    ]
    for name in ("content", "style", "structure"):
        each = [p["figures"][name] for p in table["pairs"]["each"]]
        assert table["pairs"][name] == pytest.approx(np.mean(each), abs=1e-4)
    assert [len(r["content_and_structure"]) for r in table["rounds"]] == [3, 3, 3]
    assert [(v["style"], v["frames"]) for v in table["videos"]] == [("s0", 4), ("s0", 4)]
    assert all(v["flicker"] == pytest.approx(v["warp"] / v["warp_input"]) for v in table["videos"])
    assert (
        len(list((tmp_path / "report" / "outputs").glob("*.png"))) == 4 + 9 + 4  # two pairs and the films are twins
    )  # two pairs and two films are the same


class Pictures(HTMLParser):
    """Collects what a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.sources += [v for k, v in attributes if k in ("src", "href") and v]


def test_the_page_needs_nothing_but_itself(data: Path, tmp_path: Path) -> None:
    assert run(data, tmp_path / "report")[0] == 0
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    parser = Pictures()
    parser.feed(page)
    assert len(parser.sources) == 2 + 6 * 2 + 3 * 2  # contents, pairs, and of each rounds the content and the first
    assert all(s.startswith("data:image/jpeg;base64,") for s in parser.sources)
    assert not re.search(r"https?://", page)


def test_names_of_files_cannot_break_the_page(data: Path, tmp_path: Path) -> None:
    (tmp_path / "styles").mkdir()
    Image.new("RGB", (40, 40), "teal").save(tmp_path / "styles" / "<b>&.png")
    result = evaluate(
        Stylizer(TorchBackend(load_network())),
        lambda picture: [picture] * 5,
        Options(data / "contents", tmp_path / "styles", side=64, rounds=1),
    )
    from stytr_live.evaluation.report import write_html

    assert "<b>&" not in write_html(result, "<i>")


def test_a_picture_without_change_has_perfect_figures(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stylizer = Stylizer(TorchBackend(load_network()))
    monkeypatch.setattr(Stylizer, "__call__", lambda _, frame, __: frame)
    result = evaluate(
        stylizer, lambda p: [p] * 5, Options(data / "contents", data / "styles", data / "videos", side=64)
    )
    assert result.mean("structure") > 0.97
    assert result.mean("content") < 0.05
    assert all(f.flicker == pytest.approx(1, rel=0.1) for f in result.films)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--contents", "{tmp}/nowhere"], "no folder"),
        (["--styles", "{tmp}"], "no picture"),
        (["--features", "{tmp}/nowhere.npz"], "does not hold the features"),
        (["-o", "{tmp}/file"], "cannot be written"),
        (["--weights", "{tmp}/nowhere.safetensors"], "no weights file"),
    ],
)
def test_what_is_wrong_is_said(data: Path, tmp_path: Path, change: list[str], message: str) -> None:
    (tmp_path / "file").touch()
    code, output = run(data, tmp_path / "report", *(c.format(tmp=tmp_path) for c in change))
    assert code == 1
    assert message in output
