"""Sizes and pixels around the network, on the host. Pictures are (H, W, 3) RGB uint8, sizes (width, height)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from stytr_live.frame import Pixels, Size

SMALLEST = 2
"""Fewest strides on a side: reflection padding needs two cells."""


def working_size(size: Size, short_side: int, stride: int) -> Size:
    """Size at which the network sees a frame: its short side at most `short_side`, both sides multiples of `stride`.

    A frame that need not shrink gets a margin of less than a stride, see `fit`; where it shrinks, its aspect ratio is
    kept to within half a stride.
    """
    scale = min(1.0, short_side / min(size))
    whole = math.ceil if scale == 1 else round
    width, height = (max(SMALLEST, whole(side * scale / stride)) * stride for side in size)
    return width, height


def fit(pixels: Pixels, size: Size) -> Pixels:
    """A frame at a working size: resized, or, where it is a little larger, mirrored at its right and lower borders."""
    right, below = margin((pixels.shape[1], pixels.shape[0]), size)
    if not (right or below):
        return resize(pixels, size)
    return _bytes(cv2.copyMakeBorder(pixels, 0, below, 0, right, cv2.BORDER_REFLECT_101))


def unfit(painted: Pixels, size: Size) -> Pixels:
    """A painting at the size of its frame again: without the margin that `fit` added, or resized."""
    if any(margin(size, (painted.shape[1], painted.shape[0]))):
        return np.ascontiguousarray(painted[: size[1], : size[0]])
    return resize(painted, size)


def margin(size: Size, working: Size) -> Size:
    """By how much a working size exceeds a frame's, right and below; (0, 0) where the frame is resized instead."""
    width, height = size
    right, below = working[0] - width, working[1] - height
    return (right, below) if 0 <= right < width and 0 <= below < height else (0, 0)


def resize(pixels: Pixels, size: Size) -> Pixels:
    """Resize without aliasing; the same picture when it already has that size."""
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    shrink = size[0] * size[1] < width * height
    interpolation = cv2.INTER_AREA if shrink else cv2.INTER_CUBIC if width * height < 1 << 20 else cv2.INTER_LINEAR
    return _bytes(cv2.resize(pixels, size, interpolation=interpolation))


def style_picture(pixels: Pixels, side: int, stride: int) -> Pixels:
    """A style as the network sees it: short side `side`, the middle of a picture longer than twice that.

    Both sides become multiples of `stride`.
    """
    height, width = pixels.shape[:2]
    longest = 2 * min(height, width)
    top, left = max(0, height - longest) // 2, max(0, width - longest) // 2
    middle = pixels[top : top + longest, left : left + longest]
    scale = side / min(height, width)
    size = [max(SMALLEST, round(n * scale / stride)) * stride for n in middle.shape[1::-1]]
    return resize(np.ascontiguousarray(middle), (size[0], size[1]))


def blend(content: Pixels, stylised: Pixels, strength: float) -> Pixels:
    """From `content` (0) to `stylised` (1)."""
    if strength >= 1:
        return stylised
    return _bytes(cv2.addWeighted(content, 1 - strength, stylised, strength, 0))


def keep_colours(content: Pixels, stylised: Pixels) -> Pixels:
    """Chroma of `content` (BT.601 Cr and Cb) under the luma of `stylised`."""
    result = cv2.cvtColor(content, cv2.COLOR_RGB2YCrCb)
    cv2.extractChannel(cv2.cvtColor(stylised, cv2.COLOR_RGB2YCrCb), 0, luma := np.empty(content.shape[:2], np.uint8))
    cv2.insertChannel(luma, result, 0)
    return _bytes(cv2.cvtColor(result, cv2.COLOR_YCrCb2RGB))


def _bytes(array: cv2.typing.MatLike) -> Pixels:
    """What cv2 gives back for uint8 pictures, typed."""
    return np.ascontiguousarray(array, np.uint8)
