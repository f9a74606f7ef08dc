"""Paints segments: reads, paints and encodes at the same time, across the borders between them."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING

from stytr_live.media.encoders import LARGE
from stytr_live.pipeline import AHEAD, Pipeline
from stytr_live.render.order import Failed
from stytr_live.render.reader import End, Piece, SegmentReader
from stytr_live.render.writer import SegmentWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.frame import Frame
    from stytr_live.render.order import Event, Order, Paints
    from stytr_live.render.plan import Segment


class Worker:
    """Paints the segments that it is given, one after the other, with one painter.

    The next segment is asked for when the last frame of the one before is read, so that nothing stands still while
    that one is painted and encoded. A segment that fails is told of, and does not keep the others from being done.
    """

    def __init__(
        self, order: Order, painter: Paints, take: Callable[[], Segment | None], tell: Callable[[Event], None]
    ) -> None:
        """`take` gives the next segment and may wait for it; None ends the work. `tell` is called by any thread."""
        self._painter, self._tell = painter, tell
        self._failed: set[int] = set()
        reader, writer = SegmentReader(order, take, self._failed), SegmentWriter(order, tell, self._failed)
        ahead = 1 if math.prod(order.film.size) >= LARGE else AHEAD
        self._pipeline = Pipeline(reader, self._paint, writer, live=False, ahead=ahead)

    def start(self) -> None:
        """Begin; returns at once."""
        self._pipeline.start(depth=self._painter.depth)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all is done, at most `timeout` seconds; True when it is."""
        return self._pipeline.wait(timeout)

    def cancel(self) -> None:
        """End now; nothing is left of the segment that is begun."""
        self._pipeline.cancel()
        with suppress(Exception):  # what went wrong first is on its way already
            self._pipeline.wait()

    def _paint(self, frame: Frame) -> Frame | Callable[[], Frame]:
        if isinstance(frame, End) or not isinstance(frame, Piece) or frame.segment.number in self._failed:
            return frame
        piece = frame
        try:
            painted = self._painter.begin(piece)
        except Exception as error:  # noqa: BLE001  (told)
            return self._fail(piece, error)

        def end() -> Frame:
            if piece.opens:
                self._painter.reset()
            try:
                return painted()
            except Exception as error:  # noqa: BLE001  (told)
                return self._fail(piece, error)

        return end

    def _fail(self, piece: Piece, error: Exception) -> Piece:
        if piece.segment.number not in self._failed:
            self._failed.add(piece.segment.number)
            self._tell(Failed(piece.segment.number, error))
        return piece
