"""Source → stylise → sink, on three threads."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from fractions import Fraction
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stytr_live.frame import Frame, MediaInfo
from stytr_live.pipeline import AHEAD, Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stytr_live.media.ports import FrameSource

LONG = 20.0
"""Seconds after which a test gives up on a thread."""
PIXELS = np.zeros((2, 2, 3), np.uint8)


class Source:
    """Numbered frames; waits before the frames named in `gates` until the gate opens or the source is closed."""

    info = MediaInfo((2, 2))

    def __init__(self, frames: int, *, gates: dict[int, Event] | None = None, error: Exception | None = None) -> None:
        self._frames, self._gates, self._error = frames, gates or {}, error
        self.closes = 0
        self.given = 0

    def __iter__(self) -> Iterator[Frame]:
        for index in range(self._frames):
            if index in self._gates:
                assert self._gates[index].wait(LONG)
            if self.closes:
                return
            self.given = index + 1
            yield Frame(PIXELS, Fraction(index, 30), index, time.perf_counter())
        if self._error:
            raise self._error

    def close(self) -> None:
        self.closes += 1
        for gate in self._gates.values():
            gate.set()


class Sink:
    """Remembers what it got and how it ended."""

    def __init__(self, *, write: Callable[[Frame], None] | None = None, close_error: Exception | None = None) -> None:
        self._write, self._close_error = write, close_error
        self.got: list[int] = []
        self.ends: list[str] = []

    def write(self, frame: Frame) -> None:
        assert not self.ends
        if self._write:
            self._write(frame)
        self.got.append(frame.index)

    def close(self) -> None:
        self.ends.append("close")
        if self._close_error:
            raise self._close_error

    def discard(self) -> None:
        self.ends.append("discard")


def unchanged(frame: Frame) -> Frame:
    return frame


def failing(at: int, error: BaseException) -> Callable[[Frame], Frame]:
    def stylise(frame: Frame) -> Frame:
        if frame.index == at:
            raise error
        return frame

    return stylise


def run(source: FrameSource, sink: Sink, stylise: Callable[[Frame], Frame] = unchanged, *, live: bool = False) -> None:
    pipeline = Pipeline(source, stylise, sink, live=live)
    pipeline.start()
    try:
        assert pipeline.wait(LONG)
    finally:
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("pipeline")]


def test_offline_writes_every_painted_frame_in_order_and_makes_the_output_whole() -> None:
    source, sink = Source(50), Sink()
    painted = []

    def stylise(frame: Frame) -> Frame:
        painted.append(threading.get_ident())
        return replace(frame, index=frame.index + 1000)

    run(source, sink, stylise)
    assert sink.got == list(range(1000, 1050))
    assert sink.ends == ["close"]
    assert source.closes
    assert len(set(painted)) == 1
    assert painted[0] != threading.get_ident()


@pytest.mark.parametrize("live", [False, True])
def test_a_source_without_frames_makes_a_whole_output(live: bool) -> None:
    sink = Sink()
    run(Source(0), sink, live=live)
    assert (sink.got, sink.ends) == ([], ["close"])


def test_offline_a_slow_sink_holds_the_source_back() -> None:
    source, gate, reached = Source(100), Event(), Event()

    def slow(frame: Frame) -> None:
        reached.set()
        assert gate.wait(LONG)

    pipeline = Pipeline(source, unchanged, sink := Sink(write=slow), live=False)
    pipeline.start()
    assert reached.wait(LONG)
    assert not pipeline.wait(0)
    assert source.given <= 2 * AHEAD + 3  # in both links and in the hands of the three threads
    gate.set()
    assert pipeline.wait(LONG)
    assert sink.got == list(range(100))
    assert pipeline.stats().dropped == 0
    assert pipeline.stats().delivered == 100


def test_live_drops_old_frames_and_ends_with_the_newest() -> None:
    finished, reached = Event(), Event()
    source = Source(100, gates={1: reached})

    def slow(frame: Frame) -> None:
        reached.set()  # the first frame is in the sink's hands; only now the others come
        assert finished.wait(LONG)

    def stylise(frame: Frame) -> Frame:
        if frame.index == 99:
            finished.set()
        return frame

    pipeline = Pipeline(source, stylise, sink := Sink(write=slow), live=True)
    pipeline.start()
    assert pipeline.wait(LONG)
    assert sink.got[0] == 0
    assert sink.got[-1] == 99
    assert sink.got == sorted(sink.got)
    assert len(sink.got) <= 4
    assert pipeline.stats().dropped == 100 - len(sink.got)
    assert sink.ends == ["close"]


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("part", ["source", "stylise", "write", "close"])
def test_an_error_anywhere_reaches_whoever_waits_and_ends_everything(part: str, live: bool) -> None:
    error = OSError(f"the {part} failed")

    def write(frame: Frame) -> None:
        if part == "write":
            raise error

    source = Source(30, error=error if part == "source" else None)
    sink = Sink(write=write, close_error=error if part == "close" else None)
    with pytest.raises(OSError, match=part) as caught:
        run(source, sink, failing(29, error) if part == "stylise" else unchanged, live=live)
    assert caught.value is error
    assert sink.ends == ["close" if part == "close" else "discard"]
    assert source.closes


def test_the_first_error_wins() -> None:
    """The sink fails while the source waits; woken by its end, the source fails too."""
    gate = Event()

    class Sore(Source):
        def __iter__(self) -> Iterator[Frame]:
            yield from super().__iter__()
            raise ValueError("the source did not like to be closed")

        def close(self) -> None:
            super().close()
            raise ValueError("nor to close")

    def write(frame: Frame) -> None:
        raise OSError("the disk is full")

    sink = Sink(write=write)
    with pytest.raises(OSError, match="disk is full"):
        run(Sore(5, gates={1: gate}), sink)
    assert sink.ends == ["discard"]


def test_an_error_of_a_base_exception_kind_is_not_lost() -> None:
    sink = Sink()
    with pytest.raises(SystemExit):
        run(Source(5), sink, failing(2, SystemExit(3)))
    assert sink.ends == ["discard"]


def test_a_discard_that_fails_is_told_when_nothing_went_wrong_before() -> None:
    class Stubborn(Sink):
        def discard(self) -> None:
            super().discard()
            raise PermissionError("the part cannot be removed")

    gate = Event()
    pipeline = Pipeline(Source(5, gates={2: gate}), unchanged, sink := Stubborn(), live=False)
    pipeline.start()
    pipeline.cancel()
    with pytest.raises(PermissionError):
        pipeline.wait(LONG)
    assert sink.ends == ["discard"]


def test_stop_ends_here_with_a_whole_output_of_all_that_was_read() -> None:
    gate, written = Event(), Event()

    def write(frame: Frame) -> None:
        if frame.index == 4:
            written.set()

    source = Source(1000, gates={5: gate})
    pipeline = Pipeline(source, unchanged, sink := Sink(write=write), live=False)
    pipeline.start()
    assert written.wait(LONG)
    pipeline.stop()
    pipeline.stop()
    assert pipeline.wait(LONG)
    assert sink.got == list(range(source.given)) == [0, 1, 2, 3, 4]
    assert sink.ends == ["close"]


def test_stop_ends_a_source_that_does_not_care() -> None:
    class Endless(Source):
        def __iter__(self) -> Iterator[Frame]:
            index = 0
            while True:
                yield Frame(PIXELS, Fraction(index), index, 0.0)
                index += 1

    started = Event()
    pipeline = Pipeline(Endless(0), unchanged, sink := Sink(write=lambda _: started.set()), live=False)
    pipeline.start()
    assert started.wait(LONG)
    pipeline.stop()
    assert pipeline.wait(LONG)
    assert sink.ends == ["close"]


@pytest.mark.parametrize("where", ["source", "stylise", "write"])
@pytest.mark.parametrize("live", [False, True])
def test_cancel_discards_the_output_wherever_the_threads_are(where: str, live: bool) -> None:
    gate, reached = Event(), Event()
    source = Source(1000, gates={3: gate} if where == "source" else None)

    def hold(frame: Frame) -> None:
        reached.set()
        assert gate.wait(LONG)

    def stylise(frame: Frame) -> Frame:
        if where == "stylise":
            hold(frame)
        if where == "source":
            reached.set()
        return frame

    pipeline = Pipeline(source, stylise, sink := Sink(write=hold if where == "write" else None), live=live)
    pipeline.start()
    assert reached.wait(LONG)
    pipeline.cancel()
    gate.set()
    assert pipeline.wait(LONG)
    pipeline.cancel()
    assert sink.ends == ["discard"]
    assert len(sink.got) <= 3


def test_cancel_before_the_start_discards_the_output_once() -> None:
    source, sink = Source(3), Sink()
    pipeline = Pipeline(source, unchanged, sink, live=False)
    pipeline.cancel()
    pipeline.cancel()
    assert pipeline.wait(LONG)
    assert sink.ends == ["discard"]
    assert source.closes
    with pytest.raises(RuntimeError, match="runs once"):
        pipeline.start()


def test_cancel_after_the_end_leaves_the_output_whole() -> None:
    pipeline = Pipeline(Source(3), unchanged, sink := Sink(), live=False)
    pipeline.start()
    assert pipeline.wait(LONG)
    pipeline.cancel()
    assert pipeline.wait(LONG)
    assert sink.ends == ["close"]


def test_a_pipeline_runs_once() -> None:
    pipeline = Pipeline(Source(3), unchanged, Sink(), live=False)
    pipeline.start()
    with pytest.raises(RuntimeError, match="runs once"):
        pipeline.start()
    assert pipeline.wait(LONG)


@pytest.mark.parametrize("live", [False, True])
def test_cancel_at_any_moment_ends_the_sink_exactly_once(live: bool) -> None:
    for moment in range(40):
        at_moment = Event()

        def stylise(frame: Frame, moment: int = moment, at_moment: Event = at_moment) -> Frame:
            if frame.index >= moment:  # live, the frame of the moment itself may be overtaken
                at_moment.set()
            return frame

        pipeline = Pipeline(Source(41), stylise, sink := Sink(), live=live)
        pipeline.start()
        assert at_moment.wait(LONG)
        pipeline.cancel()
        assert pipeline.wait(LONG)
        assert len(sink.ends) == 1
        assert sink.ends == ["discard"] or 40 in sink.got
