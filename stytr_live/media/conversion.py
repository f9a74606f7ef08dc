"""Decoded frames to pixels, whatever they are like."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from stytr_live.media.colour import FULL, ToRgb
from stytr_live.media.tone import ToneMapper

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import av

    from stytr_live.frame import Pixels
    from stytr_live.media.traits import Traits

log = logging.getLogger(__name__)

Background = tuple[int, int, int]
"""(R, G, B), 0 to 255."""
BLACK: Background = (0, 0, 0)


def pixels_of(
    traits: Traits, background: Background = BLACK
) -> Callable[[av.VideoFrame, tuple[int, int] | None], Pixels]:
    """What turns the frames of a film, and a size (width, height) or None, into pixels, (H, W, 3) RGB.

    What is transparent shows `background`.
    """
    opaque = ToRgb(traits.colour) if traits.range is None else ToneMapper(traits.range)

    def convert(frame: av.VideoFrame, size: tuple[int, int] | None = None) -> Pixels:
        pixels = opaque(frame, size)
        if any(component.is_alpha for component in frame.format.components):
            return _over(pixels, _alpha(frame, (pixels.shape[1], pixels.shape[0])), background)
        return pixels

    return convert


def tell(path: Path, traits: Traits) -> None:
    """Say in the log what is done to the frames of a film; of each film once."""
    if traits.interlaced:
        _warn(f"'{path}' is interlaced; its fields are made whole frames.")
    if traits.range is not None:
        _warn(f"'{path}' is HDR ({traits.range.name}); it is made to fit usual screens (BT.709).")


@cache
def _warn(sentence: str) -> None:
    log.warning("%s", sentence)


def _alpha(frame: av.VideoFrame, size: tuple[int, int]) -> Pixels:
    """(H, W, 1): how opaque each pixel is, 0 to 255."""
    rgba = frame.reformat(size[0], size[1], "rgba", dst_color_range=FULL)
    return np.asarray(rgba.to_ndarray(), np.uint8)[..., 3:]


def _over(pixels: Pixels, alpha: Pixels, background: Background) -> Pixels:
    """Put pixels over a colour, as players do: in levels, not in light."""
    shown = pixels.astype(np.uint16) * alpha + np.array(background, np.uint16) * (255 - alpha.astype(np.uint16)) + 127
    return (shown // 255).astype(np.uint8)
