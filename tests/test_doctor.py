"""The doctor finds what is wrong and says what to do."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
from typing import TYPE_CHECKING

from click.testing import CliRunner

from stytr_live import builtin
from stytr_live.cli import commands
from stytr_live.doctor import libraries, machine, networks
from stytr_live.doctor.check import Check, isolated
from stytr_live.media import probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest


def of(checks: Iterator[Check], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def test_a_check_that_fails_is_a_finding_and_the_others_go_on() -> None:
    def look() -> Iterator[Check]:
        yield Check("S", "first", "good", "fine")
        raise ValueError("the machine is on fire\nsecond line")

    found = list(isolated("S", look))
    assert [check.state for check in found] == ["good", "bad"]
    assert found[1].finding == "this could not be looked at: the machine is on fire"


def test_a_library_that_is_missing_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    version = importlib.metadata.version

    def missing(name: str) -> str:
        if name in {"av", "openvino"}:
            raise importlib.metadata.PackageNotFoundError
        return "5.0" if name == "opencv-python" else version(name)

    monkeypatch.setattr("importlib.metadata.version", missing)
    monkeypatch.setattr(libraries, "qt", lambda: Check("Libraries", "Qt", "good", "starts"))
    found = list(libraries.libraries())
    assert of(iter(found), "av") == Check("Libraries", "av", "bad", "not installed", "pip install av")
    assert of(iter(found), "openvino").state == "note"
    assert "pip uninstall opencv-python" in of(iter(found), "opencv-python").remedy


def test_a_window_that_does_not_start_names_the_packages_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, "", "Traceback\nImportError: libEGL.so.1: cannot open shared object")

    monkeypatch.setattr("subprocess.run", fails)
    check = libraries.qt()
    assert (check.state, "libEGL.so.1" in check.finding, "libegl1" in check.remedy) == ("bad", True, True)


def test_a_library_that_hangs_does_not_hang_the_doctor(monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("python", 30)

    monkeypatch.setattr("subprocess.run", hangs)
    assert libraries.qt().state == "bad"


def node(system: Path, name: str, title: str, index: str = "0") -> None:
    (system / name).mkdir(parents=True)
    (system / name / "name").write_text(title + "\n")
    (system / name / "index").write_text(index + "\n")


def test_cameras_are_told_from_their_other_nodes_and_from_virtual_ones(tmp_path: Path) -> None:
    system, devices = tmp_path / "class", tmp_path / "dev"
    devices.mkdir()
    node(system, "video0", "Good Camera")
    node(system, "video1", "Good Camera", "1")
    node(system, "video10", "Dummy video loopback")
    for name in ("video0", "video1", "video10"):
        (devices / name).touch()
    found = probe.camera_nodes(system, devices)
    assert [(n.name, n.readable, n.virtual) for n in found] == [
        ("Good Camera", True, False),
        ("Dummy video loopback", True, True),
    ]


def test_a_camera_that_may_not_be_opened_is_said_with_the_group(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nodes = [probe.CameraNode(tmp_path / "video0", "Good Camera", readable=False, virtual=False)]
    monkeypatch.setattr(probe, "camera_nodes", lambda: nodes)
    monkeypatch.setattr("sys.platform", "linux")
    check = of(machine.cameras(), "Good Camera")
    assert (check.state, "usermod -aG video" in check.remedy) == ("bad", True)


def test_encoders_are_tried_and_not_believed() -> None:
    assert probe.try_encoder("libx264") is None
    assert probe.try_encoder("no_such_encoder") == "not part of the FFmpeg that is installed"
    found = {check.name: check.state for check in machine.encoders()}
    assert found["libx264"] == "good"
    assert set(probe.ENCODERS) < set(found)


def test_damaged_weights_are_bad_and_missing_ones_a_note(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = builtin.weights("lite").read_bytes()
    assert of(networks.weights(), "lite").state == "good"
    monkeypatch.setattr(builtin, "weights", lambda name: tmp_path / f"{name}.safetensors")
    (tmp_path / "lite.safetensors").write_bytes(whole[:-4] + b"\0\1\2\3")
    found = list(networks.weights())
    assert [(check.name, check.state) for check in found] == [("lite", "bad"), ("stytr2", "note")]
    assert "damaged" in found[0].finding


def test_a_folder_that_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    found = list(machine.folders())
    assert [check.state for check in found] == ["note", "good"]


def test_speeds_follow_from_the_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "paint_seconds", lambda _: (0.01, "a machine"))
    found = list(networks.speed())
    rates = [check.finding.split(",")[0] for check in found]
    assert (rates[0], rates[2]) == ("about 100 frames a second", "about 25 frames a second")
    assert found[-1].state == "note"


def test_the_command_speaks_json_and_its_exit_code_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "qt", lambda: Check("Libraries", "Qt", "good", "starts"))
    answer = CliRunner().invoke(commands, ["doctor", "--quick", "--json"], standalone_mode=False)
    rows = [json.loads(line) for line in answer.output.splitlines()]
    assert answer.return_value == 0
    assert {row["section"] for row in rows} >= {"Libraries", "Processors", "Encoders", "Weights", "Folders"}
    monkeypatch.setattr(libraries, "qt", lambda: Check("Libraries", "Qt", "bad", "it does not start", "do this"))
    answer = CliRunner().invoke(commands, ["doctor", "--quick"], standalone_mode=False)
    assert answer.return_value == 1
    assert "do this" in answer.output
    assert "1 to mend." in answer.output


def test_a_terminal_without_signs_gets_plain_letters() -> None:
    answer = CliRunner(charset="ascii").invoke(commands, ["doctor", "--quick"], standalone_mode=False)
    assert answer.exception is None
    assert "✓" not in answer.output
    assert "  + Python" in answer.output
