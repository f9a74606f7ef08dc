"""How much a job is before it is begun."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from stytr_live.errors import SourceError
from stytr_live.media.still import is_picture
from stytr_live.media.traits import read_traits

if TYPE_CHECKING:
    from pathlib import Path

    from stytr_live.frame import Size


BITS = {
    "h264": (0.2, 0.4, 0.75, 1.0, 10.0),
    "hevc": (0.17, 0.3, 0.56, 0.9, 9.0),
    "av1": (0.2, 0.4, 0.7, 1.0, 9.0),
    "vp9": (0.45, 0.77, 1.2, 1.6, 9.0),
    "prores": (1.2, 2.9, 4.2, 6.2, 6.2),
    "ffv1": (8.6, 8.6, 8.6, 8.6, 8.6),
}
"""Bits of a pixel by codec and quality, from `draft` to `lossless`, as measured on paintings of a 640×360 clip."""
SPREAD = (0.4, 1.6)
"""Calm styles and large pictures take less, busy styles more."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The size of a job."""

    frames: int | None
    """Frames, or pictures of a folder, an estimate; None where nobody knows."""
    size: Size | None = None
    """(width, height) of a video, in pixels; None for pictures."""
    seconds: Fraction | None = None
    """Length of a video, or of what is taken of it; None for pictures, or where nobody knows."""

    def bytes(self, codec: str, quality: int) -> tuple[int, int]:
        """Between how many bytes the pictures of a video will likely take; `quality` counts from 0, as in `BITS`."""
        if self.size is None or self.frames is None:
            return 0, 0
        low, high = (self.frames * self.size[0] * self.size[1] * BITS[codec][quality] * share / 8 for share in SPREAD)
        return round(low), round(high)


def measure(
    path: Path, start: Fraction | None = None, end: Fraction | None = None, fps: Fraction | None = None
) -> Measure:
    """Look at an input, without reading it through: from `start` to `end`, in seconds, at a rate.

    Raises:
        SourceError: it is missing, or is no video or picture.
    """
    try:
        if path.is_dir():
            inside = [one for one in path.iterdir() if not one.name.startswith(".") and one.is_file()]
            count = sum(map(is_picture, inside))
            if not count:
                raise SourceError(f"There is no picture in the folder '{path}'.")
            return Measure(count)
        if is_picture(path):
            return Measure(1)
    except OSError as error:
        raise SourceError(f"'{path}' cannot be read: {error.strerror or error}.") from error
    traits = read_traits(path)
    if not traits.duration:
        return Measure(traits.frames, traits.size)
    first = Fraction(0) if start is None else min(start, traits.duration)
    last = traits.duration if end is None else min(end, traits.duration)
    seconds = max(last - first, Fraction(0))
    if fps is not None:
        return Measure(round(seconds * fps), traits.size, seconds)
    frames = None if traits.frames is None else round(traits.frames * seconds / traits.duration)
    return Measure(frames, traits.size, seconds)
