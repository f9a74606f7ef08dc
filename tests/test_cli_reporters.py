"""What a user reads while a job runs."""

from __future__ import annotations

import errno
import io
import json
import logging
from pathlib import Path

import pytest
from rich import progress as rich_progress
from rich.console import Console

from stytr_live.cli.failures import explain
from stytr_live.cli.reporters import STOPPED, BarReporter, LineReporter, clock_time, describe, reporting, summarise
from stytr_live.cli.signals import Interrupted
from stytr_live.errors import SourceError, StytrError
from stytr_live.render.job import Progress, Rendered

DONE = Rendered(Path("out.mp4"), 180, 7.5, "cpu")


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log file goes to the test's own folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def events(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_json_is_one_object_per_line_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting("frames", as_json=True) as reporter:
        reporter.progress(Progress(3, 10, 2.0, 1.5, 3.5))
        logging.getLogger("stytr_live.media").warning("The file ends early after %d frames.", 3)
        reporter.result(DONE)
    out, err = capsys.readouterr()
    assert events(out) == [
        {"event": "progress", "frames": 3, "total": 10, "fps": 2.0, "elapsed": 1.5, "remaining": 3.5}
        | {"segments": 0, "all_segments": 0},
        {"event": "warning", "message": "The file ends early after 3 frames."},
        {"event": "result", "output": "out.mp4", "frames": 180, "elapsed": 7.5, "device": "cpu", "failures": []}
        | {"resumed": 0},
    ]
    assert not err


def test_json_tells_an_error_before_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StytrError, match="no video"), reporting("frames", as_json=True):
        raise SourceError("There is no video.")
    assert events(capsys.readouterr().out) == [{"event": "error", "message": "There is no video."}]


def test_json_tells_of_an_interruption(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Interrupted), reporting("frames", as_json=True):
        raise Interrupted(2)
    assert events(capsys.readouterr().out) == [{"event": "error", "message": STOPPED}]


def test_an_interruption_tells_what_is_left_of_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    signal = Interrupted(15)
    signal.add_note("What is painted so far is kept.")
    with pytest.raises(Interrupted), reporting("frames", as_json=True):
        raise signal
    assert events(capsys.readouterr().out)[0]["message"] == "Stopped. What is painted so far is kept."


def test_without_a_terminal_there_is_a_line_now_and_then_and_no_control_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [0.0]
    reporter = LineReporter("frames", clock=lambda: now[0])
    for second in range(25):
        now[0] = float(second)
        reporter.progress(Progress(second, 100, 1.0, second, 100.0 - second))
    reporter.result(DONE)
    out, err = capsys.readouterr()
    assert err.splitlines() == [
        "10 of 100 frames, 1.0 per second, 1:30 left",
        "20 of 100 frames, 1.0 per second, 1:20 left",
    ]
    assert out == "Wrote 'out.mp4': 180 frames in 7.5 s (24.0 per second on cpu).\n"


def test_the_choice_without_a_terminal_is_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting("frames", as_json=False) as reporter:
        logging.getLogger("stytr_live.media").warning("Something [bold] happened.")
    assert isinstance(reporter, LineReporter)
    assert capsys.readouterr().err == "stytr-live: Something [bold] happened.\n"


def test_at_a_terminal_there_is_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120, color_system=None)
    columns = rich_progress.TextColumn("{task.description}"), rich_progress.TextColumn("{task.fields[about]}")
    with rich_progress.Progress(*columns, console=console) as bar:
        reporter = BarReporter("frames", bar)
        reporter.progress(Progress(30, 120, 24.0, 1.0, 3.75))
        reporter.warning("The file [ends] early.")
        reporter.result(DONE)
    assert "Loading" in screen.getvalue()
    assert "30 of 120 frames, 24.0 per second, 0:04 left" in screen.getvalue()
    assert "stytr-live: The file [ends] early." in screen.getvalue()
    assert capsys.readouterr().out.startswith("Wrote 'out.mp4'")


def test_progress_says_only_what_is_known() -> None:
    assert describe(Progress(0, None, 0.0, 0.0, None), "frames") == "0 frames"
    assert describe(Progress(3, 8, 0.25, 12.0, 20.0), "pictures") == "3 of 8 pictures, 4.0 s each, 0:20 left"
    assert summarise(Rendered(Path("a.png"), 1, 0.5, "cpu"), "frames").startswith("Wrote 'a.png': 1 frame in")


def test_frames_that_were_there_before_are_not_counted_as_speed() -> None:
    assert summarise(Rendered(Path("a.mp4"), 180, 2.0, "cpu", (), 120), "frames") == (
        "Wrote 'a.mp4': 180 frames in 2.0 s (30.0 per second on cpu; 120 of them were there before)."
    )


def test_an_estimate_that_was_passed_is_corrected() -> None:
    assert Progress.estimate(12, 10, 2.0, 6.0) == Progress(12, 12, 2.0, 6.0, 0.0)
    assert Progress.estimate(5, 10, 0.0, 6.0).remaining is None
    assert Progress.estimate(5, None, 2.0, 6.0) == Progress(5, None, 2.0, 6.0, None)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (750, "12:30"), (3723, "1:02:03")])
def test_times_left_read_like_a_clock(seconds: float, text: str) -> None:
    assert clock_time(seconds) == text


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SourceError("There is no file 'a.mp4'."), "There is no file 'a.mp4'."),
        (MemoryError(), "not enough memory"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/out.mp4"), "The disk is full while writing '/x/out.mp4'"),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full;"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "'/x' cannot be used: Permission denied."),
    ],
)
def test_what_was_foreseen_is_one_sentence_without_a_log(error: Exception, sentence: str, logs: Path) -> None:
    assert sentence in explain(error)
    assert not list(logs.rglob("*.log"))


def test_what_nobody_foresaw_is_one_sentence_that_names_the_log_with_the_details(logs: Path) -> None:
    try:
        raise KeyError("a\nb")
    except KeyError as error:
        sentence = explain(error)
    (log,) = logs.rglob("stytr-live.log")
    assert str(log) in sentence
    assert "\n" not in sentence
    assert "Traceback" in log.read_text()
    assert "KeyError" in log.read_text()


def test_a_log_that_cannot_be_written_hides_no_error(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = logs / "blocked"
    blocked.touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert "KeyError: 'x'" in explain(KeyError("x"))
