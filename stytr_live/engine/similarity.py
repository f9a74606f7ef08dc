"""Pictures that show the same as the last one painted need not be painted again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from stytr_live.frame import Pixels

WIDTH = 80
"""Most places in a row that pictures are compared at."""
CELL = 8
"""Least width of a place, in pixels: the noise of a sensor averages out."""
ROWS = 360
"""About as many rows of a landscape picture are looked at: more cost much and say little."""


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
    """A small picture of means over places. Rows are left out without a copy, columns could not be."""
    height, width = pixels.shape[:2]
    rows = pixels[:: max(1, round(min(height, width) / ROWS))]
    columns = min(WIDTH, max(1, width // CELL))
    size = columns, min(len(rows), max(1, round(columns * height / width)))
    return np.asarray(cv2.resize(rows, size, interpolation=cv2.INTER_AREA), np.uint8)
