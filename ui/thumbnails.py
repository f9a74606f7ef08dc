"""Small pictures of styles, made beside the window's thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QImage

from stytr_live.errors import SourceError
from stytr_live.media.still import read_picture
from ui.images import image_of

if TYPE_CHECKING:
    from pathlib import Path

    from stytr_live.frame import Pixels

SIDE = 192
"""Side of a thumbnail, in pixels: sharp on high-resolution displays too."""


class Thumbnails(QObject):
    """Makes thumbnails one after the other; `made` tells of each in the thread of the window."""

    made = pyqtSignal(str, QImage)
    """A style's reference and its picture; a null image where it cannot be read."""

    def __init__(self) -> None:
        super().__init__()
        self._pool = ThreadPoolExecutor(1, "thumbnails")

    def ask(self, reference: str, path: Path) -> None:
        """Make the thumbnail of a picture file."""
        self._pool.submit(self._make, reference, path)

    def close(self) -> None:
        """Forget what was asked for and wait for the one that is being made."""
        self._pool.shutdown(cancel_futures=True)

    def _make(self, reference: str, path: Path) -> None:
        try:
            image = thumbnail(read_picture(path))
        except (SourceError, ValueError):
            image = QImage()
        self.made.emit(reference, image)


def thumbnail(pixels: Pixels) -> QImage:
    """The middle square of a picture, (H, W, 3) RGB, at a thumbnail's side."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = pixels[top : top + side, left : left + side]
    return image_of(np.ascontiguousarray(cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8))
