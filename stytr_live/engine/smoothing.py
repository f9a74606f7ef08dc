"""No flicker: the painting of the frame before, moved along with the frame, is blended with the present one.

After Ruder, Dosovitskiy & Brox, "Artistic Style Transfer for Videos", arXiv 1604.08610: what optical flow explains
should look as it looked before, what it uncovers is painted anew. Three guards keep the moved painting from going
stale, as renderers with temporal antialiasing have them (Yang, Liu & Salvi, "A Survey of Temporal Antialiasing
Techniques", 2020):

- Where the moved frame differs from the present one, the present painting counts alone.
- The moved painting is held within the levels that the present one has around the pixel.
- Averages lose contrast, and so does every move by a fraction of a pixel. The fine contrast of the result is brought
  back to that of the present painting, region by region; because the result is the next history, a little each time
  is enough, and what one frame adds too much the next does not add again.

Where there is time, the history is kept between levels and moved by a sharper interpolation, and contrast is brought
back with fewer specks (`contrast`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from stytr_live.engine.contrast import gains, restore
from stytr_live.engine.motion import ONE, Motion

if TYPE_CHECKING:
    from fractions import Fraction

    from stytr_live.engine.motion import Maps, Move, Path
    from stytr_live.frame import Pixels, Size

Levels = npt.NDArray[Any]
"""(H, W, 3) in levels of 255, whole ones or between."""

REACH = 5
"""Side, in pixels, of the square around a pixel whose levels in the present painting bound the history."""
SLACK = 16
"""Levels by which the history may lie outside of these bounds."""
FINE_PIXELS = 1 << 21
"""Paintings larger than that are never smoothed with more care: in float32 they take too much memory."""
FINE = 5
"""Side, in pixels, of the square whose mean is taken off to get fine contrast."""
COARSE = 4
"""Contrasts are compared at one so-manieth of the size."""
REGION = 5
"""Side of the square over which they are compared, in pixels there."""
MORE = 0.1
"""How much contrast is wanted beyond the painting's, as in `contrast`; less, for nothing holds specks down here."""
GAINS = 0.5, 2.0
"""Least and most by which fine contrast is multiplied: more would not fit into 16 bits."""
ROUNDING = 2.0
"""Changes of fine contrast, in units of 1/128, that are not made."""

STRIP = 1 << 15
"""Pixels blended at a time: what is worked on stays in the cache."""
STEPS = 1 << 16
"""Places at which the random numbers for rounding may begin."""


class Smoother:
    """Smooths the paintings of one moving picture, in order. One thread may `follow` while another blends."""

    time_constant: float
    """Seconds after which a painting counts 1/e; 0 smooths nothing. May be changed between two frames."""

    def __init__(self, time_constant: float, *, thorough: bool = False) -> None:
        """`thorough` takes nine times as long, and keeps more of the style; paintings up to Full HD have it."""
        self.time_constant, self._thorough = time_constant, thorough
        self._motion = Motion(thorough=thorough)
        self._canvas: _QuickCanvas | _FineCanvas | None = None
        self._history: Levels | None = None  # what was given back for the painting before
        self._index, self._key = 0, object()  # of its frame, and what it was painted with

    def follow(self, content: Pixels, time: Fraction | float) -> Move:
        """How the next frame moved, (H, W, 3), at a time in seconds. It needs no painting: it may be asked early."""
        return self._motion(content, time)

    def __call__(self, move: Move, painted: Pixels, key: object) -> Pixels:
        """Smooth the painting of a frame.

        Args:
            move: what `follow` said of the frame.
            painted: (H, W, 3), its painting; neither modified nor, unless it is given back, kept.
            key: what it was painted with; paintings of different keys are not blended.

        Returns:
            (H, W, 3), not to be written to; `painted` itself where nothing came before, or nothing that fits: where
            the frame does not go on from the one whose painting was smoothed last, or when the key is new.
        """
        if self.time_constant <= 0:
            self.reset()
            return painted
        last, goes_on = self._history, move.index == self._index + 1 and key == self._key
        result = history = painted
        if last is not None and goes_on and move.path is not None:
            result, history = self._blended(move.path, painted, last)
        self._history, self._index, self._key = history, move.index, key
        return result

    def reset(self) -> None:
        """Forget the past: the next painting comes back as it is, and all that follows depends on what follows only."""
        self._history = self._canvas = None

    def _blended(self, path: Path, painted: Pixels, last: Levels) -> tuple[Pixels, Levels]:
        """The result, and the next history."""
        size = painted.shape[1], painted.shape[0]
        if self._canvas is None or self._canvas.size != size:
            fine = self._thorough and size[0] * size[1] <= FINE_PIXELS
            self._canvas = (_FineCanvas if fine else _QuickCanvas)(size)
        weight = cv2.convertScaleAbs(path.trust, alpha=math.exp(-path.elapsed / self.time_constant))
        moved = self._canvas.moved(last, path.maps)
        return self._canvas.blend(painted, moved, np.asarray(cv2.resize(weight, size), np.uint8))


class _QuickCanvas:
    """Blends in whole levels, and has all the memory that it works in; a history is bytes, (H, W, 3)."""

    def __init__(self, size: Size) -> None:
        self.size = size
        width, height = size
        self._moved, self._bytes = (np.empty((height, width, 3), np.uint8) for _ in range(2))
        self._slack = np.full((height, width, 3), SLACK, np.uint8)
        rows = max(1, STRIP // width)
        self._scratch = tuple(np.empty((rows, width, 3), np.int16) for _ in range(3))
        # Rounding to the nearest would leave a history a few levels off for ever; chance gets it there on the average.
        self._chance = np.random.default_rng(0).integers(0, ONE, rows * width * 3 + STEPS, np.int16)
        self._step = 0

    def moved(self, history: Levels, maps: Maps) -> Levels:
        """A history, (H, W, 3), moved; it lasts until the next call."""
        cv2.remap(history, maps[0], maps[1], cv2.INTER_LINEAR, self._moved, cv2.BORDER_REPLICATE)
        return self._moved

    def blend(self, painted: Pixels, history: Levels, weight: Pixels) -> tuple[Pixels, Levels]:
        """From `painted` towards `history`, which is overwritten, by `weight`: (H, W, 3), new; and the next history."""
        bound, square = self._bytes, _square(REACH)
        cv2.subtract(cv2.erode(painted, square, dst=bound), self._slack, dst=bound)
        cv2.max(history, bound, dst=history)
        cv2.add(cv2.dilate(painted, square, dst=bound), self._slack, dst=bound)
        cv2.min(history, bound, dst=history)
        mean = cv2.blur(history, (FINE, FINE), dst=self._bytes)
        gain = cv2.multiply(cv2.resize(_gain(painted, history), self.size), weight, scale=1 / ONE, dtype=cv2.CV_16S)
        result = np.empty_like(painted)
        self._step = (self._step + 7919) % STEPS
        width, height = self.size
        rows = max(1, STRIP // width)
        for top in range(0, height, rows):
            strip = slice(top, min(top + rows, height))
            difference, contrast, factor = (scratch[: strip.stop - top] for scratch in self._scratch)
            np.subtract(history[strip], painted[strip], out=difference, dtype=np.int16)
            cv2.merge([weight[strip].astype(np.int16)] * 3, factor)
            difference *= factor
            np.subtract(history[strip], mean[strip], out=contrast, dtype=np.int16)
            cv2.merge([gain[strip]] * 3, factor)
            contrast *= factor
            contrast += self._chance[self._step :][: contrast.size].reshape(contrast.shape)
            cv2.add(difference, contrast, dst=difference)  # saturates
            difference >>= 7
            cv2.add(painted[strip], difference, result[strip], None, cv2.CV_8U)
        return result, result


class _FineCanvas:
    """Blends with more care; a history is float32, (H, W, 3), once it is more than one painting."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self._slack = np.full((size[1], size[0], 3), SLACK, np.uint8)
        # What lies between two levels is rounded up at some pixels, at the same ones in every frame.
        self._least = np.random.default_rng(0).random((size[1], size[0], 1), np.float32) * 0.99 + 0.005

    def moved(self, history: Levels, maps: Maps) -> Levels:
        """A history, (H, W, 3), moved.

        Linear interpolation loses contrast and OpenCV's cubic one adds some, frame after frame; half of each does
        neither: nearly Catmull and Rom's.
        """
        levels = history.astype(np.float32, copy=False)
        soft, sharp = (
            cv2.remap(levels, maps[0], maps[1], kind, None, cv2.BORDER_REPLICATE)
            for kind in (cv2.INTER_LINEAR, cv2.INTER_CUBIC)
        )
        return np.asarray(cv2.addWeighted(soft, 0.5, sharp, 0.5, 0))

    def blend(self, painted: Pixels, history: Levels, weight: Pixels) -> tuple[Pixels, Levels]:
        """From `painted` towards `history`, which is overwritten, by `weight`: (H, W, 3), new; and the next history."""
        square = _square(REACH)
        least = cv2.subtract(cv2.erode(painted, square), self._slack)
        most = cv2.add(cv2.dilate(painted, square), self._slack)
        np.clip(history, least, most, out=history)
        present, share = painted.astype(np.float32), np.multiply(weight, 1 / ONE, dtype=np.float32)
        blended = present + (history - present) * cv2.merge([share] * 3)
        result = np.clip(restore(blended, present, share), 0, 255)
        return np.minimum(result + self._least, 255).astype(np.uint8), result


def _gain(painted: Pixels, history: Pixels) -> npt.NDArray[np.int16]:
    """What is to be added to the fine contrast of a history, by the rule of `contrast.restore`, in units of 1/128.

    It is for the region around each fourth pixel, (⌈H/4⌉, ⌈W/4⌉).
    """
    present, past = _fine(painted), _fine(history)
    apart = MORE * _contrast(cv2.subtract(present, past))
    gain = (gains(_contrast(present) + apart, _contrast(past), GAINS) - 1) * ONE
    # What rounding alone does to contrast must not be worked against, or the history never comes to rest.
    return np.rint(np.sign(gain) * np.maximum(np.abs(gain) - ROUNDING, 0)).astype(np.int16)


def _fine(picture: Pixels) -> npt.NDArray[np.int16]:
    """Luma without its mean around each pixel, (H, W)."""
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.subtract(luma, cv2.blur(luma, (FINE, FINE)), dtype=cv2.CV_16S), np.int16)


def _contrast(fine: cv2.typing.MatLike) -> npt.NDArray[np.float32]:
    """Mean size around each fourth pixel, (⌈H/4⌉, ⌈W/4⌉)."""
    height, width = (-(-side // COARSE) for side in fine.shape)
    small = cv2.resize(cv2.convertScaleAbs(fine), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.boxFilter(small, cv2.CV_32F, (REGION, REGION)), np.float32)


def _square(side: int) -> Pixels:
    return np.ones((side, side), np.uint8)
