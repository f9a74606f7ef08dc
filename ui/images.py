"""Pixels as Qt wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtGui import QImage

if TYPE_CHECKING:
    from stytr_live.frame import Pixels


def image_of(pixels: Pixels) -> QImage:
    """(H, W, 3) RGB as an image, which shares nothing with the pixels."""
    height, width = pixels.shape[:2]
    # A copy: Qt does not keep what it is given, and a paint device may ask for it after we have let go.
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
