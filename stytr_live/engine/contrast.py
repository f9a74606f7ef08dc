"""Fine contrast that averages lose, brought back to what it was."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[Any]

REGION = 9
"""Side, in pixels, of the square over which contrasts are compared."""
GAINS = 0.5, 3.0
"""Least and most by which detail is multiplied: what was amplified too much in one frame is softened in the next."""
MORE = 0.3
"""How much contrast is wanted beyond the painting's, in what both differ by: averages of equal contrast look softer."""
FLOOR = 0.5
"""Levels of contrast that do not count."""
BLUR = 0.45
"""Standard deviation, in pixels, of what is too fine to be amplified: frame after frame, it would become a mesh."""
PEAK = 3
"""Side, in pixels, of the square whose strongest detail in the painting, of the same sign, bounds what is amplified:
what has come to lie elsewhere is not made stronger there, or rows of dots would grow along edges."""


def restore(blended: Floats, painted: Floats, weight: Floats) -> Floats:
    """Give the detail of a blend, region by region, the contrast that one painting has.

    It is the finest band of a Laplacian pyramid (Burt & Adelson, IEEE Trans. Communications 31, 1983) without what is
    nearly a pixel fine: coarser ones lose little, and amplified they flicker. All channels are multiplied alike, or
    specks of colour would appear. Where most of a region averages out, the little that stays would be amplified to
    specks, too; so no detail is amplified beyond the brightest and the darkest that the painting has around it.

    Args:
        blended: (H, W, 3), float32 in levels.
        painted: (H, W, 3), the same.
        weight: (H, W), float32 in 0..1: how far to go.

    Returns:
        (H, W, 3), float32, not clipped.
    """
    average, present = _finest(blended), _finest(painted)
    apart = MORE * _contrast(cv2.subtract(present, average))
    gain = (gains(_contrast(present) + apart, _contrast(average), GAINS) - 1) * weight + 1
    square = np.ones((PEAK, PEAK), np.uint8)
    least, most = cv2.min(average, cv2.erode(present, square)), cv2.max(average, cv2.dilate(present, square))
    detail = np.clip(average * gain[..., None], least, most)
    return np.asarray(cv2.add(cv2.subtract(blended, average), detail))


def gains(wanted: Floats, there: Floats, bounds: tuple[float, float]) -> Floats:
    """By what detail is multiplied that has one contrast, in levels, and should have another."""
    return np.clip((wanted + FLOOR) / (there + FLOOR), *bounds)


def _finest(picture: Floats) -> Floats:
    """What half the size does not hold, but for what `BLUR` takes off, (H, W, 3)."""
    size = picture.shape[1], picture.shape[0]
    coarser = cv2.pyrUp(cv2.pyrDown(picture), dstsize=size)
    return np.asarray(cv2.subtract(cv2.GaussianBlur(picture, (3, 3), BLUR), coarser))


def _contrast(detail: Floats) -> Floats:
    """Mean size of the detail in the region around each pixel and in all channels, (H, W)."""
    size = cv2.transform(np.abs(detail), np.full((1, 3), 1 / 3, np.float32))
    return np.asarray(cv2.boxFilter(size, -1, (REGION, REGION)))
