"""Contrast that averages lose, brought back to what it was, octave by octave."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[Any]

OCTAVES = 4
"""Bands of detail, the finest one pixel wide, that are looked after; what is coarser loses nothing."""
REGION = 9
"""Side, in pixels of each band, of the square over which contrasts are compared."""
GAIN = 1.5
"""Most that detail is amplified, as a factor."""
ZEAL = 1.6
"""How much of what a region lost is added: more than all, for averages lose most where a painting has most."""
FLOOR = 0.5
"""Levels of contrast that do not count."""


def restore(blended: Floats, painted: Floats, weight: Floats) -> Floats:
    """Give the detail of a blend, region by region, the contrast that one painting has.

    The bands are those of a Laplacian pyramid (Burt & Adelson, IEEE Trans. Communications 31, 1983). Contrasts are
    compared in luma, so that no colours come up that were not there.

    Args:
        blended: (H, W, 3), float32 in levels.
        painted: (H, W, 3), the same.
        weight: (H, W), float32 in 0..1: how far to go.

    Returns:
        (H, W, 3), float32, not clipped.
    """
    blend, wanted = blended, _luma(painted)
    added = []
    for _ in range(OCTAVES):
        size = blend.shape[1], blend.shape[0]
        coarse, coarse_wanted = cv2.pyrDown(blend), cv2.pyrDown(wanted)
        band = cv2.subtract(blend, cv2.pyrUp(coarse, dstsize=size))
        lost = _contrast(cv2.subtract(wanted, cv2.pyrUp(coarse_wanted, dstsize=size))) / _contrast(_luma(band)) - 1
        gain = np.clip(ZEAL * lost, 0, GAIN - 1) * cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
        added.append(cv2.multiply(band, cv2.merge([gain.astype(np.float32)] * 3)))
        blend, wanted = coarse, coarse_wanted
    whole = added.pop()
    for band in reversed(added):
        whole = cv2.add(band, cv2.pyrUp(whole, dstsize=(band.shape[1], band.shape[0])))
    return np.asarray(cv2.add(blended, whole))


def _luma(picture: Floats) -> Floats:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))


def _contrast(band: Floats) -> Floats:
    """Mean size of the detail in the region around each pixel."""
    return np.asarray(cv2.boxFilter(np.abs(band), -1, (REGION, REGION))) + FLOOR
