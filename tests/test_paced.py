"""Video files played in real time: frames when they are due, and controls that take effect at once."""

from __future__ import annotations

import math
import threading
import time
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stytr_live.errors import SourceError
from stytr_live.links import Link
from stytr_live.media.paced import PacedSource, Playhead, due
from tests.clips import B_FRAMES, Clip, even, pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stytr_live.frame import Frame

F = Fraction


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Viewer:
    """Iterates a source in a thread and keeps what it shows."""

    def __init__(self, source: PacedSource) -> None:
        self.shown: Link[Frame] = Link(1000)
        self._source = source
        self._thread = threading.Thread(target=self._view)
        self._thread.start()

    def next(self) -> Frame:
        """The next frame, as soon as it is given."""
        return self.shown.get()

    def close(self) -> float:
        """Close the source; gives the seconds until the iteration has ended."""
        began = time.perf_counter()
        self._source.close()
        self._thread.join(5)
        assert not self._thread.is_alive()
        return time.perf_counter() - began

    def _view(self) -> None:
        for frame in self._source:
            self.shown.put(frame)
        self.shown.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """24 frames in 0.96 s, one key frame at the start and every ten frames, B-frames, a late first frame."""
    return Clip(times=even(24, start=F(1, 5)), options=B_FRAMES | {"g": "10"}).write(tmp_path / "film.mp4")


@pytest.fixture
def view() -> Iterator[Callable[[PacedSource], Viewer]]:
    viewers: list[Viewer] = []

    def begin(source: PacedSource) -> Viewer:
        viewers.append(Viewer(source))
        return viewers[-1]

    yield begin
    for viewer in viewers:
        viewer.close()


def same(frame: Frame, film: Path, index: int) -> bool:
    """Whether a frame is the film's frame `index`."""
    shown = pictures(film)[1]
    off = [np.abs(frame.pixels.astype(int) - picture).mean() for picture in shown]
    return int(np.argmin(off)) == index


def test_a_playhead_moves_with_the_clock_only_while_it_runs() -> None:
    head = Playhead(F(3))
    assert head.at(F(10)) == 3
    running = head.running(F(10))
    assert running.at(F(12)) == 5
    assert running.running(F(99)) == running
    assert running.stopped(F(12)).at(F(50)) == 5


@pytest.mark.parametrize(
    ("moment", "asked", "wait"),
    [
        (F(7), F(19), 2.0),  # early
        (F(5), F(19), 0.0),  # on time
        (F(498, 100), F(1995, 100), 0.0),  # late, but the next one is not due yet
        (F(496, 100), F(1995, 100), None),  # the next one is due as well
        (F(1), F(1995, 100), None),
        (F(1), F(19), 0.0),  # somebody has waited for a frame too long: better a late one than none
    ],
)
def test_a_frame_is_given_when_it_is_due_and_skipped_when_the_next_one_is(
    moment: Fraction, asked: Fraction, wait: float | None
) -> None:
    head = Playhead(F(0), since=F(15))
    assert due(head, moment, F(20), interval=F(1, 25), asked=asked) == wait


def test_no_frame_is_due_while_the_film_stands() -> None:
    assert due(Playhead(F(5)), F(1), F(20), interval=F(1, 25), asked=F(0)) == math.inf


def test_frames_come_at_their_times_and_late_ones_are_skipped(film: Path, clock: Clock) -> None:
    source = PacedSource(film, clock=clock)
    frames = iter(source)
    first = next(frames)
    clock.now += 0.04
    second = next(frames)
    clock.now += 0.21  # five frames were due meanwhile, the newest of them at 0.24 s
    third = next(frames)
    assert [first.index, second.index, third.index] == [0, 1, 6]
    assert [first.time, second.time, third.time] == [0, F(1, 25), F(6, 25)]
    assert [same(f, film, f.index) for f in (first, second, third)] == [True] * 3
    assert third.born == clock.now
    assert source.position == F(1, 4)
    source.close()
    assert list(frames) == []


def test_it_is_live_and_knows_its_size_rate_and_duration(film: Path) -> None:
    source = PacedSource(film)
    assert source.info.live
    assert source.info.duration is None
    assert source.info.size == (96, 64)
    assert source.info.rate == 25
    assert source.duration == F(24, 25)
    source.close()
    assert list(source) == []
    with pytest.raises(RuntimeError, match="once"):
        list(source)


def test_it_begins_again_at_its_end_without_a_gap(film: Path, clock: Clock) -> None:
    source = PacedSource(film, clock=clock)
    frames, seen = iter(source), []
    for step in range(60):
        clock.now = 100 + step / 25
        seen.append(next(frames))
        assert source.position == F(step % 24, 25)
    source.close()
    assert [f.time for f in seen] == [F(step, 25) for step in range(60)]
    assert [f.index for f in seen] == list(range(60))
    assert all(same(seen[step], film, step % 24) for step in (0, 23, 24, 47, 48))


def test_while_it_is_paused_a_new_position_gives_its_one_frame(
    film: Path, clock: Clock, view: Callable[[PacedSource], Viewer]
) -> None:
    source = PacedSource(film, clock=clock)
    source.pause()
    viewer = view(source)
    assert same(viewer.next(), film, 0)
    for position, index in ((F(1, 2), 12), (0.41, 10), (0, 0), (F(51, 100), 12), (99, 23), (-1, 0)):
        source.seek(position)
        assert same(viewer.next(), film, index)
    assert source.paused
    assert source.position == 0
    assert len(viewer.shown) == 0


def test_pausing_stops_the_film_and_resuming_goes_on_from_there(
    film: Path, clock: Clock, view: Callable[[PacedSource], Viewer]
) -> None:
    source = PacedSource(film, clock=clock)
    viewer = view(source)
    viewer.next()
    clock.now += 0.02
    source.pause()
    clock.now += 50
    assert source.position == F(2, 100)
    source.seek(0.4)
    assert same(viewer.next(), film, 10)
    source.resume()
    clock.now += 0.04
    source.pause()
    source.resume()  # also wakes it
    assert same(viewer.next(), film, 11)
    assert source.position == F(44, 100)


def await_end(source: PacedSource) -> None:
    """The end follows the last frame at once."""
    pause = threading.Event()
    while not source.paused:
        pause.wait(0.005)


def test_without_loop_it_holds_at_its_end_until_a_position_is_sought(
    film: Path, clock: Clock, view: Callable[[PacedSource], Viewer]
) -> None:
    source = PacedSource(film, loop=False, clock=clock)
    viewer = view(source)
    viewer.next()
    source.seek(99)
    assert same(viewer.next(), film, 23)
    await_end(source)
    assert source.position == source.duration == F(24, 25)
    source.seek(0.2)
    assert same(viewer.next(), film, 5)
    assert source.paused


def test_resumed_at_its_end_it_begins_anew_and_may_loop_from_then_on(
    film: Path, clock: Clock, view: Callable[[PacedSource], Viewer]
) -> None:
    source = PacedSource(film, loop=False, clock=clock)
    viewer = view(source)
    viewer.next()
    source.seek(99)
    viewer.next()
    await_end(source)
    source.loop = True
    source.resume()
    assert same(viewer.next(), film, 0)
    source.seek(0.93)
    assert same(viewer.next(), film, 23)
    clock.now += 0.04
    source.pause()
    source.resume()  # also wakes it
    assert same(viewer.next(), film, 0)
    assert source.loop


def test_times_go_forward_whatever_is_sought(film: Path, view: Callable[[PacedSource], Viewer]) -> None:
    source = PacedSource(film)
    viewer = view(source)
    frames = [viewer.next()]
    for position in (0.5, 0.1, 0.9, 0.0):
        source.seek(position)
        frames += [viewer.next(), viewer.next()]
    assert all(a.time < b.time and a.index < b.index and a.born <= b.born for a, b in pairwise(frames))


def test_in_real_time_a_film_takes_as_long_as_it_is(film: Path) -> None:
    source = PacedSource(film, loop=False)
    frames = []
    for frame in source:
        frames.append(frame)
        if frame.time >= F(23, 25):
            source.close()
    assert 0.7 < frames[-1].born - frames[0].born < 2
    assert len(frames) > 5
    assert all(frame.born - frames[0].born > frame.time - F(1, 4) for frame in frames)


@pytest.mark.parametrize("state", ["playing", "paused", "ended"])
def test_closing_wakes_a_waiting_iteration(
    state: str, film: Path, clock: Clock, view: Callable[[PacedSource], Viewer]
) -> None:
    source = PacedSource(film, loop=False, clock=clock)
    viewer = view(source)
    viewer.next()
    if state == "paused":
        source.pause()
    elif state == "ended":
        source.seek(99)
        viewer.next()
    assert viewer.close() < 1
    assert len(viewer.shown) == 0


def test_frames_without_a_constant_rate_are_shown_when_they_say(tmp_path: Path, clock: Clock) -> None:
    times = (F(0), F(1, 25), F(3), F(76, 25))
    film = Clip(times=times).write(tmp_path / "film.mp4")
    source = PacedSource(film, clock=clock)
    source.seek(2)
    frames = iter(source)
    assert same(next(frames), film, 1)  # it is shown until the third second
    clock.now += 1
    assert same(next(frames), film, 2)
    source.close()


def test_a_film_that_goes_away_is_said_in_one_sentence(film: Path, clock: Clock) -> None:
    source = PacedSource(film, clock=clock)
    frames = iter(source)
    next(frames)
    film.unlink()
    source.seek(0.5)
    with pytest.raises(SourceError, match=r"film\.mp4.*No such file.*\.$"):
        next(frames)
    with pytest.raises(SourceError):
        PacedSource(film)
