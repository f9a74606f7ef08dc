"""Joint upsampling: what was painted at the working size gets the edges of the full frame back, on the host.

After He & Sun, "Fast Guided Filter", arXiv 1505.00996. Around each pixel the painting p is taken as a linear function
of the frame's luma I, p ≈ a·I + b. The gain a comes from smaller pictures; b = p - a·I, which He & Sun average over a
window, is left as it is at the working size, so every brush stroke stays. At the full size

    painting = up(p) + up(a)·(I - up(down(I)))

is plain interpolation plus the detail of the frame that the working size lost: as strong as the painting shows the
frame's contrasts there, and inverted where it inverts them. Strokes that the frame knows nothing of have no gain.
The detail is neutral: luma on luma, the same for the three channels. A gain for each channel scores the same, takes
twice as long and paints the noise of a camera in colours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from stytr_live.engine import imaging

if TYPE_CHECKING:
    import numpy.typing as npt
    from cv2.typing import MatLike

    from stytr_live.frame import Pixels

WINDOW = 5
"""Side of the window of the filter, in pixels of half the working size."""
NOISE = 64.0
"""Variance of luma, in levels squared, at half the working size: contrast far below it is noise and has no gain."""
GAINS = (-1.0, 2.0)
"""Range of the gain: more would sharpen what the painting has in contrast far beyond the frame, noise included."""
STRIP = 1 << 17
"""Pixels worked on at a time: their intermediate pictures, about 1 MB, stay in the cache."""

_ONE = 64
"""Fixed-point gain of 1: the largest detail, 255, times the largest gain fits into 16 bits."""


def upsample(painted: Pixels, content: Pixels) -> Pixels:
    """Enlarge a painting along the edges of the frame it was painted from; the same picture where none is lost.

    Args:
        painted: (h, w, 3), at the working size, neither modified nor kept.
        content: (H, W, 3), the frame.

    Returns:
        (H, W, 3); `painted` itself when the sizes are equal, and without detail when `painted` has more pixels.
    """
    height, width = content.shape[:2]
    if painted.size >= content.size:
        return imaging.resize(painted, (width, height))
    luma = cv2.cvtColor(content, cv2.COLOR_RGB2GRAY)
    coarse = cv2.resize(luma, painted.shape[1::-1], interpolation=cv2.INTER_AREA)
    gain = cv2.resize(_gain(coarse, cv2.cvtColor(painted, cv2.COLOR_RGB2GRAY)), (width, height))
    smooth = cv2.resize(coarse, (width, height))
    result = np.ascontiguousarray(cv2.resize(painted, (width, height)), np.uint8)
    rows = max(1, STRIP // width)
    for top in range(0, height, rows):
        strip = slice(top, top + rows)
        detail = np.subtract(luma[strip], smooth[strip], dtype=np.int16)
        detail *= gain[strip]
        # Bytes saturate, and fast, where 16 bits onto bytes are slow: hence an addition and a subtraction.
        size = cv2.convertScaleAbs(detail, alpha=1 / _ONE)
        brighter = size * (detail > 0)
        darker = size - brighter
        cv2.add(result[strip], cv2.cvtColor(brighter, cv2.COLOR_GRAY2RGB), dst=result[strip])
        cv2.subtract(result[strip], cv2.cvtColor(darker, cv2.COLOR_GRAY2RGB), dst=result[strip])
    return result


def _gain(guide: MatLike, painted: MatLike) -> npt.NDArray[np.int16]:
    """Local gain of `painted` on `guide`, lumas (h, w) at the working size: (h/2, w/2), in units of 1/64.

    Half the size costs a quarter, hides most of the noise, and gives as many edges back.
    """
    size = (guide.shape[1] + 1) // 2, (guide.shape[0] + 1) // 2
    i, p = (cv2.resize(x, size, interpolation=cv2.INTER_AREA).astype(np.float32) for x in (guide, painted))
    mean_i, mean_p = _mean(i), _mean(p)
    covariance = _mean(i * p) - mean_i * mean_p
    variance = _mean(i * i) - mean_i * mean_i
    gain = _mean(covariance / (variance + NOISE))
    return np.rint(_ONE * np.clip(gain, *GAINS)).astype(np.int16)


def _mean(x: MatLike) -> MatLike:
    """Mean over the window around each pixel, (h, w)."""
    return cv2.blur(x, (WINDOW, WINDOW))
