"""What travels from a source to a sink."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from fractions import Fraction

Pixels = npt.NDArray[np.uint8]
"""(H, W, 3) RGB, upright, C-contiguous, in host memory."""

Size = tuple[int, int]
"""(width, height), in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a moving picture."""

    pixels: Pixels
    """(H, W, 3) RGB; never written to once the frame exists."""
    time: Fraction
    """Presentation time in seconds, exact, on the source's clock."""
    index: int
    """Position in the source, from 0; dropped frames are counted."""
    born: float
    """`time.perf_counter()` in seconds when the source produced it."""

    @property
    def size(self) -> Size:
        """(width, height), in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass(frozen=True, slots=True, eq=False)
class Painted(Frame):
    """A frame with the picture it was painted from."""

    before: Pixels
    """(H, W, 3) RGB; never written to."""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What is known of a source before its first frame."""

    size: Size
    """(width, height) of the upright frames, in pixels."""
    rate: Fraction | None = None
    """Nominal frames per second; None where the source has none."""
    duration: Fraction | None = None
    """Length in seconds; None for a live source."""
    frames: int | None = None
    """Expected number of frames, an estimate where the container does not say; None for a live source."""
    live: bool = False
    """True where frames are lost unless they are taken in time."""
