"""Pictures that show the same as the last one painted need not be painted again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from stytr_live.frame import Pixels

WIDTH = 80
"""Width at which pictures are compared, in pixels: the noise of a sensor averages out."""


class Similarity:
    """Compares each picture with the last one painted, not the last one seen, so that slow changes add up."""

    def __init__(self, threshold: float = 6.0) -> None:
        """`threshold` is the largest difference of any place that counts as the same, in levels of 255."""
        self._threshold = threshold
        self._painted: Pixels | None = None
        self._size: tuple[int, ...] = ()

    def same(self, pixels: Pixels) -> bool:
        """Whether (H, W, 3) shows the same as what was painted last; if not, it is remembered as painted."""
        small = _shrink(pixels)
        known = self._painted is not None and self._size == pixels.shape
        if known and cv2.absdiff(small, self._painted).max() <= self._threshold:  # type: ignore[arg-type]
            return True
        self._painted, self._size = small, pixels.shape
        return False

    def reset(self) -> None:
        """Forget what was painted: the next picture is different."""
        self._painted = None


def _shrink(pixels: Pixels) -> Pixels:
    """A small picture. Of large ones rows and columns are left out first, which is much faster and changes little."""
    height, width = pixels.shape[:2]
    step = max(1, width // 1280)
    if step > 1:
        pixels = np.ascontiguousarray(pixels[::step, ::step])
    size = min(width, WIDTH), max(1, min(height, round(WIDTH * height / width)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
