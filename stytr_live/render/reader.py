"""The frames of one segment after the other, as one source."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from fractions import Fraction
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from stytr_live.errors import SourceError
from stytr_live.frame import Frame, MediaInfo
from stytr_live.media.file_source import FileSource

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from stytr_live.render.job import RenderJob
    from stytr_live.render.order import Order
    from stytr_live.render.plan import Segment

log = logging.getLogger(__name__)

BLACK = "#000000"
"""Behind a video that can be seen through, unless told."""
_NOTHING = np.zeros((0, 0, 3), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Piece(Frame):
    """A frame of a segment."""

    segment: Segment
    opens: bool
    """Whether it is the first that is painted of its segment."""
    kept: bool
    """False for frames that only lead up to a segment."""
    shown: range | None
    """At which moments of a constant rate it is shown; None where it is shown at its own time."""


@dataclass(frozen=True, slots=True, eq=False)
class End(Frame):
    """Comes after the last frame of a segment; there is nothing to paint."""

    segment: Segment
    error: Exception | None
    """Why it ends before its time."""
    damaged: int
    """Packets that could not be decoded meanwhile."""


class SegmentReader:
    """Reads segments, each followed by its `End`. Where one begins where the last ended, the file is just read on."""

    def __init__(self, order: Order, take: Callable[[], Segment | None], failed: Collection[int]) -> None:
        """`take` gives the next segment, and None after the last; `failed` are those that need not be read on."""
        self._order, self._take, self._failed = order, take, failed
        traits = order.traits
        self.info = MediaInfo(traits.size, traits.rate, traits.duration, traits.frames)
        self._lock, self._closed = Lock(), False
        self._source: FileSource | None = None
        self._frames: Iterator[Frame] = iter(())
        self._next: Frame | None = None  # read, and not yet given
        self._at: Fraction | None = None  # where the source stands, in seconds from the first frame
        self._met = 0  # damaged packets of it that are told of
        self._quiet = False

    def __iter__(self) -> Iterator[Frame]:
        """Pieces and ends. What goes wrong with a segment is told by its end, and the next one follows."""
        try:
            for segment in iter(self._take, None):
                error: Exception | None = None
                try:
                    yield from self._pieces(segment)
                except Exception as reason:  # noqa: BLE001  (told by the end)
                    self._drop()
                    error = reason
                if self._closed:
                    return
                yield End(_NOTHING, Fraction(0), 0, time.perf_counter(), segment, error, self._damage())
        finally:
            self._drop()

    def close(self) -> None:
        """End the iteration after the frame at hand. May be called by any thread, and again."""
        with self._lock:
            self._closed = True
            if self._source is not None:
                self._source.close()

    def _pieces(self, segment: Segment) -> Iterator[Piece]:
        """The frames of a segment that have to be painted, those that lead up to it first."""
        first, rate = self._order.traits.first, self._order.rate
        self._quiet = segment.frames is not None  # then who put segments together sees what is missing, and tells of it
        self._go_to(segment.start if segment.warm is None else segment.warm)
        frames, index, opens = self._until(segment.end), segment.first, True
        begin = segment.start  # of what the next frame is shown for; the first one counts from the segment's start
        frame = next(frames, None)
        while frame is not None and segment.number not in self._failed:
            after = next(frames, None) if rate else None
            moment, kept, shown = frame.time - first, True, None
            if segment.warm is not None and segment.start is not None and moment < segment.start:
                kept = False
            elif rate is not None:
                end = after.time - first if after is not None else self._end(segment, moment)
                shown = rate.between(rate.origin if begin is None else begin, end)
                begin = end
            if not kept or shown is None or len(shown):
                yield Piece(frame.pixels, frame.time, index, frame.born, segment, opens, kept, shown)
                opens = False
            index += kept
            frame = after if rate else next(frames, None)

    def _end(self, segment: Segment, last: Fraction) -> Fraction:
        """Where the last frame of a segment ends, in seconds from the first frame."""
        if segment.end is not None:
            return segment.end
        traits = self._order.traits
        end = last + (1 / traits.rate if traits.rate else Fraction(0))
        return end if traits.stop is None else max(last, traits.stop - traits.first)

    def _until(self, end: Fraction | None) -> Iterator[Frame]:
        """Frames from where the source stands up to a time; the first one beyond it is kept for what follows."""
        self._at = None
        while True:
            frame, self._next = self._next, None
            if frame is None:
                frame = next(self._frames, None)
            if frame is None:
                break
            if end is not None and frame.time - self._order.traits.first >= end:
                self._next = frame
                break
            yield frame
        self._at = end

    def _go_to(self, start: Fraction | None) -> None:
        """Have the source stand at a time, in seconds from the first frame."""
        if self._source is not None and start is not None and start == self._at:
            return
        self._drop()
        source = open_source(self._order.job, start=start, quiet=self._quiet)
        if source.info.size != self.info.size:
            source.close()
            raise SourceError(f"'{self._order.job.input}' has changed meanwhile; render it again.")
        with self._lock:
            self._source = source
            if self._closed:
                source.close()
        self._frames, self._next, self._at, self._met = iter(source), None, None, 0

    def _damage(self) -> int:
        """Packets that could not be decoded since this was asked last."""
        source = self._source
        met = self._met if source is None else source.damaged
        new, self._met = met - self._met, met
        return max(0, new)

    def _drop(self) -> None:
        """Let go of the file."""
        with self._lock:
            source, self._source = self._source, None
        if source is None:
            return
        source.close()
        early = next(self._frames, None) is not None or self._next is not None
        self._frames, self._next, self._at = iter(()), None, None
        if early and source.damaged and not self._closed and not self._quiet:  # else the source has said it
            log.warning("%d damaged packets of '%s' were passed over.", source.damaged, self._order.job.input)


def open_source(job: RenderJob, *, start: Fraction | None, quiet: bool = False) -> FileSource:
    """The frames of a job's video from a time on, in seconds from the first frame; `quiet` as for `FileSource`.

    Raises:
        SourceError: it cannot be read.
    """
    colour = bytes.fromhex((job.background or BLACK).removeprefix("#"))
    background = colour[0], colour[1], colour[2]
    return FileSource(job.input, start=start, end=job.end, stream=job.stream, background=background, quiet=quiet)
