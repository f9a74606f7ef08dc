"""A render that ended before its time goes on from there."""

from __future__ import annotations

import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stytr_live.errors import SinkError, StyleError, StytrError
from stytr_live.render import room
from stytr_live.render.job import Run
from stytr_live.render.lock import Lock, Locked
from stytr_live.render.video import render_video
from tests.test_render import Negative, ignore, job, make_clip, painter
from tests.test_render_workers import DEADLINE, SECOND, assert_same, clip, posix, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.frame import Frame
    from stytr_live.render.job import RenderJob
    from stytr_live.render.order import Order

__all__ = ["clip", "whole"]
ROOT = Path(__file__).parent.parent
SEGMENT = 120
"""Frames of four seconds."""


class Counting(Negative):
    """Counts the frames that it paints."""

    def __init__(self) -> None:
        super().__init__()
        self.painted = 0

    def __call__(self, frame: Frame) -> Frame:
        frame = super().__call__(frame)
        self.painted += 1
        return frame


class Stubborn(Counting):
    """Paints the first two segments of a second and no others."""

    def __call__(self, frame: Frame) -> Frame:
        if frame.index >= 60:
            raise StyleError("Enough is painted.")
        return super().__call__(frame)


@pytest.fixture
def begun(clip: Path, tmp_path: Path) -> RenderJob:
    """A job of which two seconds of four are painted."""
    task = job(clip, tmp_path / "out.mp4", segment=SECOND)
    with pytest.raises(StytrError, match=r"Enough is painted\. .* What is painted so far is kept"):
        render_video(task, painter(Stubborn()), ignore)
    return task


def again(task: RenderJob, **options: Any) -> int:
    """Render; how many frames were painted for it."""
    counting = Counting()
    render_video(task, painter(counting), ignore, **options)
    return counting.painted


def work(task: RenderJob) -> Path:
    return task.output.with_name(f".{task.output.name}.stytr")


def part(task: RenderJob, name: str) -> Path:
    (found,) = work(task).rglob(name)
    return found


def test_what_is_painted_is_not_painted_again(begun: RenderJob, whole: Path) -> None:
    assert sorted(p.name for p in work(begun).iterdir() if p.is_file()) == ["job.toml", "lock", "plan.json"]
    assert again(begun) == 60
    assert_same(whole, begun.output)
    assert not work(begun).exists()


def test_how_it_is_carried_out_does_not_matter(begun: RenderJob) -> None:
    assert again(replace(begun, device="torch", overwrite=True, keep_going=True)) == 60


def change_input(task: RenderJob) -> RenderJob:
    os.utime(task.input, ns=(1, 1))
    return task


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda task: replace(task, strength=0.5), "--strength has changed since it was begun"),
        (lambda task: replace(task, short_side=64, tokens=9), "--short-side and --tokens have changed"),
        (lambda task: replace(task, styles=(("other", 1.0),)), "The choice of styles has changed"),
        (lambda task: replace(task, segment=Fraction(2)), "--segment has changed"),
        (change_input, "The input has changed"),
    ],
)
def test_a_job_that_changed_says_so_and_begins_anew(
    begun: RenderJob, change: Callable[[RenderJob], RenderJob], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert again(change(begun)) == 120
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.getMessage().startswith(said)
    assert record.getMessage().endswith("painted anew.")


def test_a_style_picture_that_changed_begins_anew(clip: Path, tmp_path: Path) -> None:
    style = tmp_path / "style.png"
    style.write_bytes(b"one")
    task = job(clip, tmp_path / "out.mp4", segment=SECOND, styles=((str(style), 1.0),))
    with pytest.raises(StytrError):
        render_video(task, painter(Stubborn()), ignore)
    style.write_bytes(b"two")
    assert again(task) == 120


def test_nothing_is_resumed_where_that_is_not_wanted(begun: RenderJob, whole: Path) -> None:
    assert again(begun, run=Run(resume=False)) == 120
    assert_same(whole, begun.output)


def test_a_damaged_part_is_painted_again(begun: RenderJob, whole: Path) -> None:
    film = part(begun, "000001.film")
    data = bytearray(film.read_bytes())
    data[len(data) // 2] ^= 1
    film.write_bytes(data)
    assert again(begun) == 90
    assert_same(whole, begun.output)


def test_a_part_without_its_record_or_with_a_senseless_one_is_painted_again(begun: RenderJob, whole: Path) -> None:
    part(begun, "000000.json").unlink()
    part(begun, "000001.json").write_text("[" * 100_000)
    assert again(begun) == 120
    assert_same(whole, begun.output)


@pytest.mark.parametrize("plan", ["", "[]", '{"version": 1}', '{"version": 99, "identity": {}}'])
def test_a_senseless_plan_begins_anew(begun: RenderJob, whole: Path, plan: str) -> None:
    (work(begun) / "plan.json").write_text(plan)
    assert again(begun) == 120
    assert_same(whole, begun.output)


def test_what_a_dead_worker_left_behind_is_removed(begun: RenderJob) -> None:
    left = part(begun, "000000.film").with_name("000002.77-abcd.part")
    left.write_bytes(b"half")
    there: list[bool] = []

    class Looking(Negative):
        def __call__(self, frame: Frame) -> Frame:
            there.append(left.exists())
            return super().__call__(frame)

    render_video(begun, painter(Looking()), ignore)
    assert there == [False] * 60


def test_the_work_can_be_elsewhere(clip: Path, whole: Path, tmp_path: Path) -> None:
    task, run = job(clip, tmp_path / "out.mp4", segment=SECOND), Run(work=tmp_path / "elsewhere" / "work")
    with pytest.raises(StytrError):
        render_video(task, painter(Stubborn()), ignore, run=run)
    assert not work(task).exists()
    assert again(task, run=run) == 60
    assert_same(whole, task.output)
    assert not list((tmp_path / "elsewhere" / "work").iterdir())


def test_a_folder_of_somebody_else_is_left_alone(clip: Path, tmp_path: Path) -> None:
    task = job(clip, tmp_path / "out.mp4")
    work(task).mkdir()
    (work(task) / "diary.txt").write_text("dear diary")
    with pytest.raises(SinkError, match="is in the way"):
        render_video(task, painter(), ignore)
    assert (work(task) / "diary.txt").read_text() == "dear diary"


def test_two_renders_to_one_output_do_not_mix(begun: RenderJob, whole: Path) -> None:
    said: list[str] = []

    class Rival(Negative):
        def __call__(self, frame: Frame) -> Frame:
            if frame.index == 70:
                with pytest.raises(SinkError) as caught:
                    render_video(begun, painter(), ignore)
                said.append(str(caught.value))
            return super().__call__(frame)

    render_video(begun, painter(Rival()), ignore)
    assert f"is being rendered by another process ({os.getpid()})" in said[0]
    assert_same(whole, begun.output)


@posix
def test_the_lock_of_a_process_that_is_killed_is_free(tmp_path: Path) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom stytr_live.render.lock import Lock\n"
        "lock = Lock(Path(sys.argv[1]))\nprint('locked', flush=True)\ntime.sleep(3600)\n"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path / "lock")]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(Locked, match=str(process.pid)):
            Lock(tmp_path / "lock")
        process.kill()
    Lock(tmp_path / "lock").release()


def test_a_lock_whose_file_was_removed_locks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its owner removed it between our opening it and having it."""
    from stytr_live.render import lock

    take, calls = lock._take, []

    def late(handle: int) -> None:
        take(handle)
        if not calls:
            (tmp_path / "lock").unlink()
        calls.append(handle)

    monkeypatch.setattr(lock, "_take", late)
    held = Lock(tmp_path / "lock")
    assert len(calls) == 2
    monkeypatch.undo()
    with pytest.raises(Locked):
        Lock(tmp_path / "lock")
    held.release()


def test_a_disk_that_is_surely_too_small_is_refused_and_one_that_may_be_is_warned_of(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    size, usage = clip.stat().st_size, shutil.disk_usage(tmp_path)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: usage._replace(free=size // 100))
    with pytest.raises(SinkError, match="no room"):
        render_video(job(clip, tmp_path / "out.mp4"), painter(), ignore)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: usage._replace(free=size))
    render_video(job(clip, tmp_path / "out.mp4"), painter(), ignore)
    assert "may be too little room" in caplog.text


def test_a_source_that_disappears_is_one_sentence_and_what_is_done_is_kept(clip: Path, tmp_path: Path) -> None:
    aside = tmp_path / "aside.mp4"

    class Thief(Negative):
        def __call__(self, frame: Frame) -> Frame:
            if frame.index == 31:
                clip.rename(aside)
            return super().__call__(frame)

    # What is open can still be read, so the next seek has to fail: it goes back to warm up.
    task = job(clip, tmp_path / "out.mp4", segment=SECOND, smoothing=0.05)
    with pytest.raises(Exception, match=r"clip\.mp4.*same command") as caught:
        render_video(task, painter(Thief()), ignore)
    assert "\n" not in str(caught.value)
    aside.rename(clip)
    assert again(task) < 120


@posix
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("workers", [1, 2])
def test_killed_again_and_again_it_comes_out_as_if_nothing_had_happened(tmp_path: Path, workers: int) -> None:
    """The whole group of processes, at any moment; each time at most the segments that are being painted are lost."""
    film = make_clip(tmp_path / "clip.mp4", frames=3600)
    task = job(film, tmp_path / "out.mp4", segment=Fraction(4))
    render_video(replace(task, output=tmp_path / "whole.mp4"), painter(), ignore)
    program = (
        "import sys\nfrom pathlib import Path\nfrom fractions import Fraction\n"
        "from stytr_live.render.executor import InThisProcess\nfrom stytr_live.render.processes import Processes\n"
        "from stytr_live.render.video import render_video\nfrom tests.test_render import ignore, job\n"
        "from tests.test_render_resume import load_leisurely\n"
        "if __name__ == '__main__':\n"
        "    task = job(Path(sys.argv[1]), Path(sys.argv[2]), segment=Fraction(4))\n"
        "    workers = int(sys.argv[3])\n"
        "    executor = Processes(workers, load_leisurely) if workers > 1 else InThisProcess(load_leisurely)\n"
        "    render_video(task, load_leisurely, ignore, executor=executor)\n"
    )
    arguments = [sys.executable, "-c", program, str(film), str(task.output), str(workers)]
    chance, kills, known, until = random.Random(workers), 0, 0, time.monotonic() + 800
    painted = tmp_path / "painted"
    while not task.output.exists():
        assert time.monotonic() < until, f"hangs after {kills} kills"
        process = subprocess.Popen(arguments, cwd=ROOT, start_new_session=True, stderr=subprocess.PIPE)
        try:
            process.wait(chance.uniform(0.4, 2.2) if kills < 24 else DEADLINE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        _, said = process.communicate()
        assert process.returncode in (0, -signal.SIGKILL), said.decode()
        done = len(list(work(task).rglob("*.json"))) - 1 if work(task).exists() else known
        assert done >= known, "something that was done is lost"
        known = done
    assert kills >= 20
    lost = painted.stat().st_size - 3600
    assert lost <= kills * workers * (SEGMENT + 40)  # and what was on its way when it was killed
    assert_same(tmp_path / "whole.mp4", task.output)
    assert not work(task).exists()


def load_leisurely(order: Order) -> Negative:
    """Paints some 200 frames a second, and notes each of them."""

    class Leisurely(Negative):
        def __call__(self, frame: Frame) -> Frame:
            time.sleep(0.005)
            with (order.job.output.parent / "painted").open("ab") as file:
                file.write(b".")
            return super().__call__(frame)

    return Leisurely()
