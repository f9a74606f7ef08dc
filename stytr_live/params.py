"""Everything that may change between two frames."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stytr_live.errors import SettingsError

if TYPE_CHECKING:
    from stytr_live.frame import Pixels

MIXABLE = 4
"""Most styles that can be mixed."""


@dataclass(frozen=True, slots=True)
class Style:
    """A picture to paint like. Equal when the pictures are: only the key is compared."""

    name: str = field(compare=False)
    pixels: Pixels = field(compare=False, repr=False)
    """(H, W, 3) RGB."""
    key: str
    """Hash of the picture, or of the code."""
    code: bytes | None = field(default=None, compare=False, repr=False)
    """What a `.stytrstyle` file holds, where the style comes from one; then there is no picture."""

    @classmethod
    def of(cls, name: str, pixels: Pixels) -> Style:
        """Name a picture, (H, W, 3) RGB, and compute its key."""
        digest = hashlib.sha256(repr(pixels.shape).encode())
        digest.update(pixels.tobytes())
        return cls(name, pixels, digest.hexdigest())


@dataclass(frozen=True, slots=True)
class Params:
    """Read once per frame, so that a change lands on a frame boundary.

    Raises:
        SettingsError: a value is out of its range.
    """

    styles: tuple[tuple[Style, float], ...] = ()
    """Styles with their weights, which sum to 1; empty lets the picture through."""
    strength: float = 1.0
    """0 the content … 1 fully stylised."""
    keep_colours: bool = False
    """Keep the chroma of the content under the stylised luminance."""
    short_side: int = 512
    """Short side of the picture the network sees, in pixels; a smaller source is not enlarged."""
    tokens: int | None = None
    """Most tokens that a style may have: fewer are faster and a little different; None leaves it to the network."""
    detail: bool = True
    """Where a frame is larger than the network sees it, add the fine detail of the frame to the painting."""
    smoothing: float = 0.0
    """Time constant, in seconds, over which flicker is averaged along the motion; 0 is off."""

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise SettingsError(f"The strength is {self.strength:g}; choose a number from 0 to 1.")
        if not 32 <= self.short_side <= 8192:
            raise SettingsError(f"The short side is {self.short_side} pixels; choose a number from 32 to 8192.")
        if not 0 <= self.smoothing <= 10:
            raise SettingsError(f"The smoothing is {self.smoothing:g} seconds; choose a number from 0 to 10.")
        if self.tokens is not None and not 1 <= self.tokens <= 65536:
            raise SettingsError(f"A style cannot have {self.tokens} tokens; choose a number from 1 to 65536.")
        if len(self.styles) > MIXABLE:
            raise SettingsError(f"{len(self.styles)} styles are mixed; choose at most {MIXABLE}.")
        weights = [weight for _, weight in self.styles]
        if weights and (min(weights) < 0 or not math.isclose(sum(weights), 1, abs_tol=1e-6)):
            raise SettingsError("The weights of the styles must not be negative and must sum to 1.")


def mixture(styles: list[tuple[Style, float]]) -> tuple[tuple[Style, float], ...]:
    """Scale the weights of styles to sum to 1; a style named twice counts once, with both weights.

    Raises:
        SettingsError: a weight is negative or not a number, or all are 0.
    """
    if any(not (weight >= 0 and math.isfinite(weight)) for _, weight in styles):
        raise SettingsError("The weight of a style must be a number that is not negative.")
    merged: dict[Style, float] = {}
    for style, weight in styles:
        merged[style] = merged.get(style, 0.0) + weight
    total = sum(merged.values())
    if styles and total <= 0:
        raise SettingsError("All weights of the styles are 0; give at least one a weight above 0.")
    return tuple((style, weight / total) for style, weight in merged.items() if weight > 0)
