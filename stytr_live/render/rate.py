"""A constant rate of frames."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Rate:
    """Moments at even distances: at each, the frame is shown that came last."""

    rate: Fraction
    """Frames a second."""
    origin: Fraction
    """The first moment, in seconds from the first frame."""
    tick: int = 0
    """Its number on a clock that ticks at this rate."""

    def between(self, begin: Fraction, end: Fraction) -> range:
        """Numbers of the moments from one time on and before another, the first moment being 0."""
        low, high = (max(0, math.ceil((moment - self.origin) * self.rate)) for moment in (begin, end))
        return range(low, high)

    def times(self, numbers: range) -> Iterator[Fraction]:
        """The moments of these numbers, in seconds on that clock."""
        return ((self.tick + number) / self.rate for number in numbers)
