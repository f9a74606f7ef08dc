"""Pixels as Qt wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtGui import QImage
from PyQt6.sip import voidptr

if TYPE_CHECKING:
    from stytr_live.frame import Pixels


def image_of(pixels: Pixels) -> QImage:
    """(H, W, 3) RGB as an image, which shares nothing with the pixels."""
    return lent(pixels).copy()


def lent(pixels: Pixels) -> QImage:
    """(H, W, 3) RGB, contiguous, as an image in the same memory: the pixels must outlive it and all its copies."""
    height, width = pixels.shape[:2]
    return QImage(voidptr(pixels.ctypes.data), width, height, 3 * width, QImage.Format.Format_RGB888)  # type: ignore[call-overload, no-any-return]
