"""Painting that goes on when it fails."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stytr_live.errors import StytrError
from stytr_live.frame import Painted

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.frame import Frame

REST = 2.0
"""Seconds of the picture as it is, until painting is tried again."""


class Steady:
    """Shows the picture as it is while it cannot be painted, and says why. Used by one thread."""

    def __init__(
        self,
        begin: Callable[[Frame], Callable[[], Frame]],
        tell: Callable[[str], object],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`begin` paints, as in `LivePainter`; `tell` gets a sentence, once until painting succeeds again."""
        self._begin, self._tell, self._clock = begin, tell, clock
        self._until, self._said = 0.0, ""

    def begin(self, frame: Frame) -> Callable[[], Frame]:
        """Begin to paint a frame; calling the result waits for it."""
        if self._clock() < self._until:
            return lambda: _bare(frame)
        try:
            waiting = self._begin(frame)
        except StytrError as error:
            self._fail(error)
            return lambda: _bare(frame)

        def end() -> Frame:
            try:
                painted = waiting()
            except StytrError as error:
                self._fail(error)
                return _bare(frame)
            self._said = ""
            return painted

        return end

    def _fail(self, error: StytrError) -> None:
        self._until = self._clock() + REST
        if str(error) != self._said:
            self._said = str(error)
            self._tell(self._said)


def _bare(frame: Frame) -> Painted:
    return Painted(frame.pixels, frame.time, frame.index, frame.born, frame.pixels)
