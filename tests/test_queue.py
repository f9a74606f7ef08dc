"""The render queue: files in a folder that many processes change while one works it off."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from stytr_live.errors import SettingsError, SinkError, SourceError, StytrError
from stytr_live.frame import Frame
from stytr_live.render.faults import report_of
from stytr_live.render.job import Progress, RenderJob
from stytr_live.render.naming import FIELDS, fill, find, outputs
from stytr_live.render.preview import SIDE, Preview
from stytr_live.render.queue import Queue, forecast
from stytr_live.render.queue_entry import Entry, State, Status
from tests.test_cli_run import LONG, assert_one_sentence, environment, stytr_live
from tests.test_render import make_clip

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = date(2025, 3, 1)


def job(folder: Path, name: str, **options: Any) -> RenderJob:
    return RenderJob(
        input=folder / f"{name}.mp4", output=folder / f"{name}_out.mp4", styles=(("mosaic", 1.0),), **options
    )


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(tmp_path / "queue")


def states(queue: Queue) -> dict[int, State]:
    return {entry.id: entry.state for entry in queue.entries()}


# Names


def test_names_are_made_from_a_pattern_and_stay_within_the_folder() -> None:
    fields: dict[str, str | int] = dict.fromkeys(FIELDS, "../x")
    assert fill("{stem}_{style}{suffix}", fields | {"stem": "a", "style": "b/c", "suffix": ".mp4"}) == PurePath(
        "a_b_c.mp4"
    )
    assert fill("{index:03}", fields | {"index": 7}) == PurePath("007")
    assert fill("sub/{date}", fields | {"date": "2025-03-01"}) == PurePath("sub/2025-03-01")
    assert fill("{{}}", fields) == PurePath("{}")
    for pattern in ("{stem.__class__}", "{0}", "{}", "{stem!r}", "{nothing}", "{stem:>99999999}", "{index:99999}", "{",
                    "", " ", "../{index}", "/{index}", "a/../..", "."):  # fmt: skip
        with pytest.raises(SettingsError):
            fill(pattern, fields | {"index": 1})


def test_two_inputs_that_would_become_one_output_are_refused(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.mp4").touch()
    found = find([str(tmp_path / "*" / "a.mp4")])
    with pytest.raises(SinkError, match="both"):
        outputs(found, ["mosaic"], today=DAY, into=tmp_path / "out")
    named = outputs(
        found, ["p/wave.jpg", "mosaic"], today=DAY, into=tmp_path / "out", pattern="{parent}_{style}{suffix}"
    )
    assert [path.name for path in named] == ["one_wave+mosaic.mp4", "two_wave+mosaic.mp4"]
    with pytest.raises(SinkError, match="is an input"):
        outputs(found, ["mosaic"], today=DAY, pattern="{stem}{suffix}")
    named[1].parent.mkdir()
    named[1].touch()
    with pytest.raises(SinkError, match="exists already"):
        outputs(found, ["wave", "mosaic"], today=DAY, into=tmp_path / "out", pattern="{parent}_{style}{suffix}")


def test_folders_give_their_videos_and_their_pictures_together(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.MOV", "notes.txt", ".hidden.mp4", "in/c.avi", "in/deep/p.png", "in/deep/q.jpg"):
        path = tmp_path / "films" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    films = tmp_path / "films"
    assert [one.path for one in find([str(films), str(films / "b.mp4")])] == [films / "a.MOV", films / "b.mp4"]
    found = find([str(films)], recursive=True)
    named = outputs(found, ["mosaic"], today=DAY, into=tmp_path / "out")
    assert [str(path.relative_to(tmp_path / "out")) for path in named] == [
        "a_mosaic.MOV",
        "b_mosaic.mp4",
        str(Path("in", "c_mosaic.mp4")),
        str(Path("in", "deep_mosaic")),
    ]
    assert len(find([str(films / "**" / "*.*")])) == 6  # hidden files are left out, notes are named
    for wrong in ("nothing.mp4", "*.nothing", "in/deep/*.mp4"):
        with pytest.raises(SourceError):
            find([str(films / wrong)])
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="recursive"):
        find([str(tmp_path / "empty")])


# The queue itself


def test_entries_keep_their_order_and_numbers_are_never_given_twice(queue: Queue, tmp_path: Path) -> None:
    made = queue.add([job(tmp_path, name) for name in "abc"], [10, None, 30])
    assert [entry.id for entry in made] == [1, 2, 3]
    queue.move(3, 1)
    queue.remove([2])
    queue.add([job(tmp_path, "d", start=Fraction(1, 3))])
    entries = Queue(queue.path).entries()
    assert [(entry.id, entry.job.input.stem, entry.status.total) for entry in entries] == [
        (3, "c", 30),
        (1, "a", 10),
        (4, "d", None),
    ]
    assert entries[2].job.start == Fraction(1, 3)
    queue.move(3, 99)
    assert list(states(queue)) == [1, 4, 3]
    with pytest.raises(SettingsError, match="no entry 2"):
        queue.move(2, 1)


def test_what_cannot_be_done_changes_nothing(queue: Queue, tmp_path: Path) -> None:
    queue.add([job(tmp_path, "a"), job(tmp_path, "b")])
    with pytest.raises(SinkError, match="entry 1"):
        queue.add([job(tmp_path, "c"), job(tmp_path, "a")])
    queue.cancel([2])
    for change, numbers in ((queue.pause, [1, 2]), (queue.retry, [2, 1]), (queue.resume, [1]), (queue.cancel, [1, 9])):
        with pytest.raises(SettingsError):
            change(numbers)
    assert states(queue) == {1: State.WAITING, 2: State.CANCELLED}
    queue.add([job(tmp_path, "b")])
    with pytest.raises(SinkError, match="both write"):
        queue.retry([2])


def test_states_follow_what_is_said(queue: Queue, tmp_path: Path) -> None:
    queue.add([job(tmp_path, name) for name in "abc"])
    queue.pause([1, 2])
    queue.resume([2])
    with queue.run():
        assert queue.runner() == os.getpid()
        taken = queue.take()
        assert taken is not None
        assert (taken.id, taken.state) == (2, State.RUNNING)  # 1 is paused
        assert queue.wanted(2, Progress(5, 10, 2.5, 2.0, 2.0)) is State.RUNNING
        assert Queue(queue.path).entries()[1].status.frames == 5
        queue.cancel([2])
        assert queue.wanted(2, Progress(6, 10, 2.5, 2.0, 2.0)) is State.CANCELLED
        queue.end(2, State.FAILED, error="Too late.")
        assert states(queue)[2] is State.CANCELLED
        queue.remove([2])
        assert queue.wanted(2) is None
        assert queue.take() is not None
        queue.end(3, State.DONE, frames=10)
    assert states(queue) == {1: State.PAUSED, 3: State.DONE}
    assert queue.runner() is None
    assert queue.clear() == [3]


def test_there_is_one_runner_and_what_it_leaves_waits(queue: Queue, tmp_path: Path) -> None:
    queue.add([job(tmp_path, "a")])
    with queue.run():
        queue.take()
        with pytest.raises(SettingsError, match=f"process {os.getpid()}"), Queue(queue.path).run():
            pass
        assert states(queue) == {1: State.RUNNING}
    assert states(queue) == {1: State.WAITING}


def test_damaged_files_are_set_aside_and_the_rest_goes_on(queue: Queue, tmp_path: Path) -> None:
    queue.add([job(tmp_path, name) for name in "abc"])
    said: list[str] = []
    again = Queue(queue.path, tell=said.append)
    (queue.path / "order.json").write_text("[1, 2")
    assert list(states(again)) == [1, 2, 3]
    (queue.path / "2" / "job.toml").write_text('input = "')
    (queue.path / "3" / "state.json").write_text('{"state": "asleep"}')
    assert states(again) == {1: State.WAITING, 3: State.FAILED}
    assert len(said) == 3
    assert all("set aside" in sentence for sentence in said)
    assert (queue.path / "damaged-2").is_dir()
    assert "could not be read" in report_of(again.entries())[0].message
    again.retry([3])
    for text in (
        "[" * 100_000,
        "x" * (2 << 20),
        '{"frames": 1e999}',
        '{"total": true}',
        "null",
        '{"order": 3, "next": {}}',
    ):
        for path in (queue.path / "order.json", queue.path / "1" / "state.json"):
            path.write_text(text)
            assert set(states(again)) == {1, 3}
    assert [entry.id for entry in again.add([job(tmp_path, "d")])] == [4]


def test_a_folder_that_cannot_be_used_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StytrError, match="cannot be used"):
        Queue(tmp_path / "file" / "queue").add([job(tmp_path, "a")])


def test_processes_add_at_the_same_time_and_nothing_is_lost(queue: Queue, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from stytr_live.render.queue import Queue; "
        "from stytr_live.render.job import RenderJob\n"
        "for i in range(10): Queue(Path(sys.argv[1])).add([RenderJob(input=Path(f'{sys.argv[2]}{i}.mp4').absolute(), "
        "output=Path(f'{sys.argv[2]}{i}o.mp4').absolute(), styles=(('mosaic', 1.0),))])"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(queue.path), name]) for name in "abcd"]
    assert [process.wait(LONG) for process in running] == [0] * 4
    entries = queue.entries()
    assert [entry.id for entry in entries] == list(range(1, 41))
    assert len({entry.job.input for entry in entries}) == 40


def test_what_is_left_is_forecast_from_the_speed_of_late(queue: Queue, tmp_path: Path) -> None:
    def entry(number: int, state: State, side: int = 512, **values: Any) -> Entry:
        made = Status(state, started=f"2025-01-01T00:00:0{number}", **values)
        return Entry(number, job(tmp_path, str(number), short_side=side), made, queue.path)

    done = [
        entry(1, State.DONE, frames=100, total=100, fps=20.0),
        entry(2, State.DONE, 256, frames=9, total=9, fps=50.0),
    ]
    assert forecast([*done, entry(3, State.WAITING, total=200)]).remaining == pytest.approx(10)
    assert forecast([*done, entry(3, State.WAITING, 256, total=200)]).remaining == pytest.approx(4)
    assert forecast([*done, entry(3, State.WAITING, 64, total=100)]).remaining == pytest.approx(
        2
    )  # of any, the last one's
    running = entry(4, State.RUNNING, total=100, frames=50, fps=10.0, remaining=5.0)
    assert forecast([*done, running, entry(5, State.WAITING, total=100)]).remaining == pytest.approx(15)
    assert forecast([entry(3, State.WAITING, total=200)]).remaining is None
    assert forecast([*done, entry(3, State.WAITING)]).remaining is None
    assert forecast(done).remaining == 0


def test_a_preview_is_small_and_comes_once_a_second(tmp_path: Path) -> None:
    now = [100.0]
    preview = Preview(tmp_path / "preview.jpg", clock=lambda: now[0])
    frame = Frame(np.full((600, 1200, 3), 90, np.uint8), Fraction(1, 2), 7, 0.0)
    preview(frame)
    with Image.open(tmp_path / "preview.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (SIDE, SIDE // 2))
    (tmp_path / "preview.jpg").unlink()
    now[0] += 0.9
    preview(replace(frame, index=8))
    assert not (tmp_path / "preview.jpg").exists()
    now[0] += 0.2
    preview(replace(frame, index=9))
    assert [path.name for path in tmp_path.iterdir()] == ["preview.jpg"]
    now[0] += 2
    (tmp_path / "preview.jpg").unlink()
    tmp_path.rmdir()
    preview(frame)  # the entry was removed
    tmp_path.mkdir()


# As a user meets it


@pytest.fixture
def here(tmp_path: Path) -> Path:
    make_clip(tmp_path / "clip.mp4")
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "style.png")
    return tmp_path


def add(folder: Path, *inputs: str) -> list[dict[str, Any]]:
    done = stytr_live(folder, "queue", "add", *inputs, "-s", "style.png", "--short-side", "32", "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def table(folder: Path) -> list[dict[str, Any]]:
    done = stytr_live(folder, "queue", "list", "--json")
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return [entry for entry in said if entry["event"] == "entry"]


def listed(folder: Path) -> dict[str, str]:
    return {Path(entry["input"]).name: entry["state"] for entry in table(folder)}


class Runner:
    """`stytr-live queue run --json` in a process of its own, with what it says."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stytr_live", "queue", "run", "--json"],
            cwd=folder,
            env=environment(folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def until(self, event: str, number: int | None = None, frames: int = 1) -> dict[str, Any]:
        """Read until it says something of an entry; for `progress`, until so many frames are painted."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said = json.loads(line)
            painted = event != "progress" or said.get("frames", 0) >= frames
            if said["event"] == event and number in (None, said["id"]) and painted:
                return dict(said)
        raise AssertionError(f"it ended before '{event}': {self.process.stderr and self.process.stderr.read()}")

    def workers(self) -> list[int]:
        pid = self.process.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def running(folder: Path) -> Iterator[Runner]:
    runner = Runner(folder)
    guard = threading.Timer(LONG, runner.process.kill)
    guard.start()
    try:
        yield runner
    finally:
        guard.cancel()
        if runner.process.poll() is None:
            runner.process.kill()
        runner.process.communicate()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_queue_is_worked_off_and_what_failed_is_told(here: Path) -> None:
    (here / "films").mkdir()
    for name in ("a", "b", "c"):
        make_clip(here / "films" / f"{name}.mp4")
    added = add(here, "films", "clip.mp4")
    assert [entry["id"] for entry in added] == [1, 2, 3, 4]
    assert all(entry["total"] == 12 for entry in added)
    data = (here / "films" / "b.mp4").read_bytes()
    (here / "films" / "b.mp4").write_bytes(data[: len(data) // 20])
    done = stytr_live(here, "queue", "run", "--json")
    assert done.returncode == 1
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [e["id"] for e in events if e["event"] == "done"] == [1, 3, 4]
    assert [e["id"] for e in events if e["event"] == "failed"] == [2]
    assert "queue report" in done.stderr
    assert listed(here) == {"a.mp4": "done", "b.mp4": "failed", "c.mp4": "done", "clip.mp4": "done"}
    assert sorted(path.name for path in here.glob("**/*_style.mp4")) == ["a_style.mp4", "c_style.mp4", "clip_style.mp4"]
    report = stytr_live(here, "queue", "report", "--json")
    (failure,) = [json.loads(line) for line in report.stdout.splitlines()]
    assert failure["input"] == str(here / "films" / "b.mp4")
    assert "b.mp4" in failure["message"]
    (here / "films" / "b.mp4").write_bytes(data)
    assert stytr_live(here, "queue", "retry", "2").returncode == 0
    assert stytr_live(here, "queue", "run").returncode == 0
    assert stytr_live(here, "queue", "clear").stdout.count("removed") == 4
    assert "empty" in stytr_live(here, "queue", "list").stdout


def test_wrong_words_are_said_plainly_and_nothing_is_added(here: Path) -> None:
    for arguments in (
        ["clip.mp4", "missing.mp4"],
        ["clip.mp4", "--name", "{nothing}"],
        ["style.png", "./style.png", "*.toml"],
    ):
        done = stytr_live(here, "queue", "add", *arguments, "-s", "style.png")
        assert_one_sentence(done)
    (here / "letter.mp4").write_text("Dear reader, this is no video. " * 100)
    assert_one_sentence(stytr_live(here, "queue", "add", "clip.mp4", "letter.mp4", "-s", "style.png"))
    assert not listed(here)
    assert_one_sentence(stytr_live(here, "queue", "show", "3"))
    assert stytr_live(here, "queue", "pause").returncode == 2
    assert stytr_live(here, "queue", "pause", "1", "--all").returncode == 2
    assert stytr_live(here, "queue", "add", "clip.mp4").returncode == 2


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes where Linux lists them")
def test_a_runner_that_is_killed_takes_its_worker_along_and_the_next_one_goes_on(here: Path) -> None:
    make_clip(here / "long.mp4", 1200)
    add(here, "long.mp4", "clip.mp4", "--segment", "2")
    with running(here) as runner:
        runner.until("progress", 1, 200)
        assert listed(here) == {"long.mp4": "running", "clip.mp4": "waiting"}
        second = stytr_live(here, "queue", "run")
        assert_one_sentence(second)
        assert str(runner.process.pid) in second.stderr
        (worker,) = runner.workers()
        runner.process.kill()
        runner.process.wait()
        end = time.monotonic() + LONG
        while alive(worker):
            assert time.monotonic() < end, "the worker lives on"
            time.sleep(0.02)
    assert listed(here) == {"long.mp4": "waiting", "clip.mp4": "waiting"}
    with running(here) as runner:
        assert runner.until("done", 1)["resumed"] >= 60  # of 200, some segments were whole
        assert runner.process.wait(LONG) == 0
    assert listed(here) == {"long.mp4": "done", "clip.mp4": "done"}
    assert not list(here.glob(".*.stytr"))


def test_what_runs_is_paused_and_cancelled_from_elsewhere(here: Path) -> None:
    make_clip(here / "long.mp4", 1200)
    make_clip(here / "other.mp4", 1200)
    add(here, "long.mp4", "other.mp4", "clip.mp4")
    with running(here) as runner:
        runner.until("progress", 1)
        assert stytr_live(here, "queue", "pause", "1").returncode == 0
        begun = time.monotonic()
        assert runner.until("left")["state"] == "paused"
        assert time.monotonic() - begun < 15  # a quiet machine needs a quarter of a second
        runner.until("progress", 2)
        assert stytr_live(here, "queue", "cancel", "2").returncode == 0
        assert runner.until("left") == {"event": "left", "id": 2, "state": "cancelled"}
        runner.until("done", 3)
        assert runner.process.wait(LONG) == 0
    assert listed(here) == {"long.mp4": "paused", "other.mp4": "cancelled", "clip.mp4": "done"}
    assert not (here / "long_style.mp4").exists()
    assert not (here / ".other_style.mp4.stytr").exists()  # what was given up is not kept
    assert stytr_live(here, "queue", "resume", "--all").returncode == 0
    assert stytr_live(here, "queue", "run").returncode == 0
    assert (here / "long_style.mp4").is_file()
    assert not (here / "other_style.mp4").exists()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes where Linux lists them")
def test_what_fails_says_where_a_worker_may_die_and_ctrl_c_leaves_the_rest_waiting(here: Path) -> None:
    for name in ("lost", "long", "other"):
        make_clip(here / f"{name}.mp4", 1200)
    add(here, "lost.mp4", "--segment", "5")
    add(here, "long.mp4", "other.mp4")
    with running(here) as runner:
        runner.until("progress", 1)
        (preview,) = [entry["preview"] for entry in table(here) if entry["id"] == 1]
        end = time.monotonic() + LONG
        while preview is None:  # it comes with the first frame that is a second old
            assert time.monotonic() < end
            (preview,) = [entry["preview"] for entry in table(here) if entry["id"] == 1]
        with Image.open(preview) as image:
            assert image.size == (64, 48)
        shutil.rmtree(here / ".lost_style.mp4.stytr")
        failed = runner.until("failed", 1)
        assert failed["time"] == pytest.approx(failed["frame"] / 30, abs=0.01)
        runner.until("progress", 2)
        os.kill(runner.workers()[0], signal.SIGKILL)
        assert "signal 9" in runner.until("failed")["message"]
        runner.until("progress", 3)
        runner.process.send_signal(signal.SIGINT)
        assert runner.process.wait(LONG) == 130
    assert listed(here) == {"lost.mp4": "failed", "long.mp4": "failed", "other.mp4": "waiting"}
    report = stytr_live(here, "queue", "report").stdout
    assert f"lost.mp4' after frame {failed['frame']} at " in report
