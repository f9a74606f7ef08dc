"""Several processes paint one video."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

from stytr_live import builtin
from stytr_live.errors import BackendError, NetworkError, SourceError, StyleError, StytrError
from stytr_live.render import local
from stytr_live.render.job import Run
from stytr_live.render.processes import Processes
from stytr_live.render.video import render_video
from tests.clips import damage, pictures
from tests.test_render import Negative, ignore, job, make_clip, painter, shades, sound

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.frame import Frame
    from stytr_live.render.job import Progress, RenderJob
    from stytr_live.render.order import Order

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals work differently there")
SECOND = Fraction(1)
DEADLINE = 60.0
"""Seconds after which something hangs."""


class Fated(Negative):
    """Does something when it meets the 40th frame, which is in the second segment of a second each."""

    def __init__(self, fate: Callable[[], object]) -> None:
        super().__init__()
        self._fate = fate

    def begin(self, frame: Frame) -> Callable[[], Frame]:
        if frame.index == 40:
            self._fate()
        return super().begin(frame)


def load_negative(order: Order) -> Negative:
    return Negative()


def load_mortal(order: Order) -> Negative:
    """Is killed at its frame, but only the first time."""

    def die_once() -> None:
        try:
            (order.parts / "died").touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    return Fated(die_once)


def load_doomed(order: Order) -> Negative:
    """Is killed at its frame every time."""
    return Fated(lambda: os.kill(os.getpid(), signal.SIGKILL))


def load_clumsy(order: Order) -> Negative:
    def stumble() -> None:
        raise ZeroDivisionError("it stumbled")

    return Fated(stumble)


def load_nothing(order: Order) -> Negative:
    raise NetworkError("The weights are missing.")


def load_stillborn(order: Order) -> Negative:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def load_patient(order: Order) -> Negative:
    """Says who it is in a file beside the output, and waits for ever at its frame."""
    (order.job.output.parent / f"{os.getpid()}.pid").touch()
    return Fated(lambda: time.sleep(3600))


def in_processes(
    task: RenderJob, load: Callable[[Order], Negative], workers: int = 3, report: Callable[[Progress], None] = ignore
) -> Any:
    return render_video(task, load, report, executor=Processes(workers, load))


def assert_same(one: Path, other: Path) -> None:
    (times, frames), (other_times, other_frames) = pictures(one), pictures(other)
    assert times == other_times
    assert all(np.array_equal(a, b) for a, b in zip(frames, other_frames, strict=True))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", frames=120)


@pytest.fixture
def whole(clip: Path, tmp_path: Path) -> Path:
    """What comes out when nothing happens."""
    render_video(job(clip, tmp_path / "whole.mp4", segment=SECOND), painter(), ignore)
    return tmp_path / "whole.mp4"


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Any:
    yield
    assert not multiprocessing.active_children()


def test_many_workers_paint_the_same_frames_as_one_process(clip: Path, whole: Path, tmp_path: Path) -> None:
    reports: list[Progress] = []
    rendered = in_processes(job(clip, tmp_path / "out.mp4", segment=SECOND), load_negative, 4, reports.append)
    assert_same(whole, tmp_path / "out.mp4")
    assert sound(tmp_path / "out.mp4") == sound(clip)
    assert (rendered.frames, rendered.device, rendered.resumed) == (120, "paper", 0)
    assert (reports[-1].frames, reports[-1].segments, reports[-1].all_segments) == (120, 4, 4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "out.mp4", "whole.mp4"]


@pytest.mark.parametrize("precision", ["auto", pytest.param("float32", marks=pytest.mark.slow)])
def test_the_real_network_paints_the_same_in_one_process_and_in_many(precision: str, tmp_path: Path) -> None:
    """In smoothing, too, whose past a segment has to be given; in auto the network is bfloat16 where that is fast."""
    options: dict[str, Any] = {"styles": (("mosaic", 1.0),), "short_side": 64, "device": "cpu", "precision": precision}
    options |= {"end": Fraction(3, 2), "segment": Fraction(3, 4), "smoothing": 0.05}
    local.render(job(builtin.clip(), tmp_path / "one.mp4", **options), ignore)
    local.render(job(builtin.clip(), tmp_path / "many.mp4", **options), ignore, Run(workers=2))
    assert_same(tmp_path / "one.mp4", tmp_path / "many.mp4")


@posix
def test_a_worker_that_is_killed_is_replaced(clip: Path, whole: Path, tmp_path: Path) -> None:
    rendered = in_processes(job(clip, tmp_path / "out.mp4", segment=SECOND), load_mortal)
    assert rendered.frames == 120
    assert_same(whole, tmp_path / "out.mp4")


@posix
def test_a_segment_that_kills_its_worker_each_time_is_reported_and_the_rest_is_kept(
    clip: Path, whole: Path, tmp_path: Path
) -> None:
    task = job(clip, tmp_path / "out.mp4", segment=SECOND)
    with pytest.raises(StytrError, match=r"0:01–0:02 of '.*clip\.mp4' could not be painted: .*SIGKILL.*same command"):
        in_processes(task, load_doomed, 2)
    assert not task.output.exists()
    rendered = in_processes(task, load_negative)
    assert (rendered.frames, rendered.resumed) == (120, 90)
    assert_same(whole, task.output)


@pytest.mark.parametrize("workers", [0, 2])
def test_what_fails_is_left_out_when_asked_for_and_nothing_else_moves(
    clip: Path, whole: Path, tmp_path: Path, workers: int
) -> None:
    """With 0, in this process."""
    task = job(clip, tmp_path / "out.mp4", segment=SECOND, keep_going=True)
    executor = Processes(workers, load_clumsy) if workers else None
    rendered = render_video(task, load_clumsy, ignore, executor=executor)
    (sentence,) = rendered.failures
    assert "0:01–0:02" in sentence
    assert "it stumbled" in sentence
    left = shades(task.output)
    assert left == [(time, shade) for time, shade in shades(whole) if not 1 <= time < 2]
    assert sound(task.output) == sound(clip)


def test_a_segment_that_fails_is_one_sentence_and_can_be_tried_again(clip: Path, whole: Path, tmp_path: Path) -> None:
    task = job(clip, tmp_path / "out.mp4", segment=SECOND)
    with pytest.raises(StytrError, match="it stumbled"):
        render_video(task, load_clumsy, ignore)
    assert not task.output.exists()
    assert render_video(task, painter(), ignore).resumed == 90
    assert_same(whole, task.output)


@pytest.mark.parametrize("harm", ["cut off", "damaged"])
def test_what_is_left_of_a_damaged_film_is_the_same_for_one_process_and_many(tmp_path: Path, harm: str) -> None:
    film = make_clip(tmp_path / "film.mp4", frames=600)
    if harm == "damaged":
        damage(film, 200, 330)
    else:
        data = film.read_bytes()
        film.write_bytes(data[: (data.index(b"mdat") + len(data)) * 7 // 10])
    task = job(film, tmp_path / "one.mp4", segment=SECOND)
    with pytest.raises(SourceError, match=rf"film\.mp4' (is|are) {harm}.*With --keep-going.*same command"):
        render_video(task, painter(), ignore)
    assert not task.output.exists()
    task = replace(task, keep_going=True)
    one = render_video(task, painter(), ignore)
    assert one.frames == one.resumed
    many = in_processes(replace(task, output=tmp_path / "many.mp4"), load_negative)
    assert 0 < one.frames == many.frames < 600
    assert harm in one.failures[-1]
    assert one.failures == many.failures
    assert len(one.failures) <= 2  # however many segments there are
    assert_same(tmp_path / "one.mp4", tmp_path / "many.mp4")


def test_what_is_behind_a_film_can_be_chosen(tmp_path: Path) -> None:
    clear = tmp_path / "clear.mov"
    with av.open(clear, "w") as file:
        stream = file.add_stream("qtrle", rate=25, width=64, height=48, pix_fmt="argb")
        for index in range(3):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 4), np.uint8), format="argb")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    for number, (background, shade) in enumerate({None: 255, "#ffffff": 0, "#404040": 191}.items()):
        task = job(clear, tmp_path / f"{number}.mp4", background=background)
        render_video(task, painter(), ignore)
        assert [found for _, found in shades(task.output)] == pytest.approx([shade] * 3, abs=2)


def test_what_cannot_be_loaded_ends_all(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="weights are missing"):
        in_processes(job(clip, tmp_path / "out.mp4", segment=SECOND), load_nothing)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_style_that_is_not_there_is_the_same_sentence_in_other_processes(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(StyleError, match="no style 'any'"):
        local.render(job(clip, tmp_path / "out.mp4", segment=SECOND), ignore, Run(workers=2))


@posix
def test_workers_that_die_before_they_paint_are_not_replaced_for_ever(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="before they begin"):
        in_processes(job(clip, tmp_path / "out.mp4", segment=SECOND), load_stillborn, 2)


def test_an_end_in_the_middle_keeps_what_is_done(clip: Path, whole: Path, tmp_path: Path) -> None:
    task = job(clip, tmp_path / "out.mp4", segment=SECOND)

    def interrupt(progress: Progress) -> None:
        if progress.segments:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        in_processes(task, load_patient, 1, interrupt)
    assert "same command" in caught.value.__notes__[0]
    assert not multiprocessing.active_children()
    assert in_processes(task, load_negative).resumed >= 30
    assert_same(whole, task.output)


@posix
def test_workers_end_when_who_started_them_is_killed(clip: Path, tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom tests.test_render import job\n"
        "from tests.test_render_workers import SECOND, in_processes, load_patient\n"
        "if __name__ == '__main__':\n"
        "    in_processes(job(Path(sys.argv[1]), Path(sys.argv[2]), segment=SECOND), load_patient, 2)\n"
    )
    arguments = [sys.executable, "-c", program, str(clip), str(tmp_path / "out.mp4")]
    until = time.monotonic() + DEADLINE
    with subprocess.Popen(arguments, cwd=Path(__file__).parent.parent) as process:
        while len(found := [int(path.stem) for path in tmp_path.glob("*.pid")]) < 2:
            assert time.monotonic() < until
            assert process.poll() is None
            time.sleep(0.02)
        process.kill()
    while any(map(alive, found)):
        assert time.monotonic() < until
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended may be listed until it is waited for."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip()) and not done.stdout.startswith("Z")
