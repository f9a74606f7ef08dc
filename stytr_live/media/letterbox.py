"""A picture inside another size, undistorted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from stytr_live.frame import Pixels, Size


def letterbox(pixels: Pixels, size: Size) -> Pixels:
    """(H, W, 3) RGB as large as fits into `size` (width, height), in the middle, black around it.

    A picture of that size is given back as it is, not copied. What is scaled begins at even offsets and has even sides
    where there is a bar, so that chroma at half resolution does not mix it with the black.
    """
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    scale = min(size[0] / width, size[1] / height)
    inner_width, inner_height = _side(width * scale, size[0]), _side(height * scale, size[1])
    x, y = (size[0] - inner_width) // 4 * 2, (size[1] - inner_height) // 4 * 2
    boxed = np.zeros((size[1], size[0], 3), np.uint8)
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    boxed[y : y + inner_height, x : x + inner_width] = cv2.resize(
        pixels, (inner_width, inner_height), interpolation=kind
    )
    return boxed


def _side(wanted: float, room: int) -> int:
    """An even number of pixels near the wanted one, or all there are."""
    even = max(2, round(wanted / 2) * 2)
    return room if even >= room - 1 else even
