"""Painted frames into the parts that they belong to."""

from __future__ import annotations

import math
import os
import re
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from stytr_live.errors import SinkError
from stytr_live.media.encoders import LARGE
from stytr_live.media.parts import PartSink
from stytr_live.render.order import Advanced, Failed, Finished
from stytr_live.render.part import Part
from stytr_live.render.reader import End, Piece

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stytr_live.frame import Frame
    from stytr_live.render.order import Event, Order
    from stytr_live.render.plan import Segment

PAUSE = 0.05
"""Least seconds between two tellings of how far a segment is."""


class SegmentWriter:
    """Encodes segments, one after the other; while one is being finished, the next is begun.

    What goes wrong with a segment is told, and the rest goes on.
    """

    def __init__(self, order: Order, tell: Callable[[Event], None], failed: set[int]) -> None:
        """`tell` may be called by two threads; `failed` gets the numbers of segments that are not worth going on."""
        self._order, self._tell, self._failed = order, tell, failed
        self._open: _Open | None = None
        self._finisher = ThreadPoolExecutor(1, "finish part")
        self._finishing: Future[None] | None = None

    def write(self, frame: Frame) -> None:
        """Encode a piece, or finish a segment."""
        if isinstance(frame, End):
            self._end(frame)
        elif isinstance(frame, Piece) and frame.kept and frame.segment.number not in self._failed:
            try:
                self._encode(frame)
            except Exception as error:  # noqa: BLE001  (told)
                self._fail(frame.segment, self._named(error))

    def close(self) -> None:
        """Wait for what is being finished."""
        self._finisher.shutdown()
        self._discard()

    def discard(self) -> None:
        """Leave nothing of the segment that is begun."""
        self._discard()
        self._finisher.shutdown()

    def _encode(self, piece: Piece) -> None:
        if self._open is None:
            self._open = _Open(self._order, piece.segment)
        if self._open.write(piece):
            self._tell(Advanced(piece.segment.number, self._open.frames))

    def _end(self, end: End) -> None:
        """The last frame of a segment was there."""
        if end.segment.number in self._failed:
            self._failed.discard(end.segment.number)  # told already
            self._discard()
            return
        if end.error is not None:
            self._discard()
            self._tell(Failed(end.segment.number, end.error))
            return
        part, self._open = self._open, None
        if self._finishing is not None:
            self._finishing.result()
        self._finishing = self._finisher.submit(self._finish, end, part)
        if math.prod(self._order.film.size) >= LARGE:  # two encoders at a time take too much memory
            self._finishing.result()

    def _finish(self, end: End, part: _Open | None) -> None:
        segment = end.segment
        try:
            kept = _nothing(self._order, end) if part is None else part.close(end.damaged)
        except Exception as error:  # noqa: BLE001  (told)
            self._tell(Failed(segment.number, self._named(error)))
        else:
            self._tell(Finished(kept))

    def _fail(self, segment: Segment, error: Exception) -> None:
        self._failed.add(segment.number)
        self._discard()
        self._tell(Failed(segment.number, error))

    def _named(self, error: Exception) -> Exception:
        """An error of the disk, in words that name the output: that there are parts is no matter for a user."""
        output = self._order.job.output
        if isinstance(error, SinkError):
            said = re.sub(r"'[^']*\.part(?:\.new)?'", lambda _: f"'{output}'", str(error))
            return SinkError(said).with_traceback(error.__traceback__)
        if isinstance(error, OSError):
            return SinkError(f"'{output}' cannot be written: {error.strerror or error}.")
        return error

    def _discard(self) -> None:
        part, self._open = self._open, None
        if part is not None:
            part.discard()


def _nothing(order: Order, end: End) -> Part:
    """What is kept of a segment of which no frame could be read."""
    return Part.keep(end.segment.number, None, (), 0.0, order.parts, damaged=end.damaged)


class _Open:
    """A part that is being written."""

    def __init__(self, order: Order, segment: Segment) -> None:
        self._order, self._number, self.frames = order, segment.number, 0
        # Its name is its own: a process that was given up may still be writing at the same segment.
        self._path: Path = order.parts / f"{segment.number:06}.{os.getpid()}-{uuid4().hex[:8]}.part"
        self._sink = PartSink(self._path, like=order.film, size=order.film.size, encoder=order.encoder)
        self._begun, self._told = time.monotonic(), 0.0

    def write(self, piece: Piece) -> bool:
        """Encode a piece at each time at which it is shown; whether it is time to tell of it."""
        rate = self._order.rate
        if rate is None or piece.shown is None:
            self._sink.write(piece)
            self.frames += 1
        else:
            for moment in rate.times(piece.shown):
                self._sink.write(replace(piece, time=moment))
                self.frames += 1
        now = time.monotonic()
        due = now >= self._told + PAUSE
        self._told = now if due else self._told
        return due

    def close(self, damaged: int) -> Part:
        """Finish it and give it its name; `damaged` packets could not be decoded for it.

        Raises:
            SinkError: that fails; nothing is left of it.
            OSError: likewise.
        """
        try:
            self._sink.close()
            ticks = tuple(int(tick) for tick in self._sink.ticks)
            seconds = time.monotonic() - self._begun
            return Part.keep(self._number, self._path, ticks, seconds, self._order.parts, damaged=damaged)
        except BaseException:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            raise

    def discard(self) -> None:
        """Leave nothing of it."""
        with suppress(Exception):
            self._sink.discard()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
