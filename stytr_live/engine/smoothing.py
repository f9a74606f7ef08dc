"""No flicker: the painting of the frame before, moved along with the frame, is blended with the present one.

After Ruder, Dosovitskiy & Brox, "Artistic Style Transfer for Videos", arXiv 1604.08610: what optical flow explains
should look as it looked before, what it uncovers is painted anew. The flow comes from the frames, never from the
paintings; it is DIS (Kroeger et al., arXiv 1603.03590) at a small size. Three guards keep the moved painting from
going stale, as renderers with temporal antialiasing have them (Yang, Liu & Salvi, "A Survey of Temporal Antialiasing
Techniques", 2020):

- Where the moved frame differs from the present one, the present painting counts alone.
- The moved painting is held within the levels that the present one has around the pixel.
- Averages lose contrast, and so does every move by a fraction of a pixel. The fine contrast of the result is brought
  back to that of the present painting, region by region; because the result is the next history, a little each time
  is enough, and what one frame adds too much the next does not add again.

Where there is time, the flow is finer, the history is kept between levels and moved by a sharper interpolation, and
all octaves of contrast are restored.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from stytr_live.engine.contrast import restore

if TYPE_CHECKING:
    from fractions import Fraction

    from stytr_live.frame import Pixels, Size

Levels = npt.NDArray[Any]
"""(H, W, 3) in levels of 255, whole ones or between."""
Flow = npt.NDArray[np.float32]
"""(h, w, 2), x first: how far away, in pixels, the frame before shows what a pixel shows."""

FLOW_SIDE = 216
"""Short side, in pixels, of the frames between which the flow is estimated."""
FINE_FLOW_SIDE = 384
"""The same, where there is time: where the flow is a tenth of a pixel off, fine strokes flicker."""
STILL = 0.1
"""Motion below this many pixels along both axes is none: a picture that stands still is not resampled at all."""
ALIKE = 6.0
"""Levels of luma by which a moved frame may differ; at twice that, the history does not count."""
EXPLAINED = 0.5
"""Share of a frame that its flow must explain: below that it is a cut. Shots that go on explain two thirds and more."""
GAP = 0.5
"""Seconds after which a frame has nothing to do with the one before."""
REACH = 5
"""Side, in pixels, of the square around a pixel whose levels in the present painting bound the history."""
SLACK = 16
"""Levels by which the history may lie outside of these bounds."""
FINE_PIXELS = 1 << 21
"""Frames larger than that are never smoothed with more care: in float32 they take too much memory."""
FINE_SLACK = 16
"""The same, where there is time: contrast comes back by it."""
FINE = 5
"""Side, in pixels, of the square whose mean is taken off to get fine contrast."""
REGION = 17
"""Side, in pixels, of the square over which contrasts are compared."""
GAIN = 1.5
"""Most that one frame adds to fine contrast, as a factor."""

PATCH = 16
"""Fewest pixels on a side between which a flow is estimated."""
STRIP = 1 << 17
"""Pixels blended at a time: what is worked on is a few MB at most."""
STEPS = 1 << 16
"""Places at which the random numbers for rounding may begin."""

_ONE = 128
"""Fixed-point weight of 1: the largest difference, 255, times it fits into 16 bits."""


class Smoother:
    """Smooths the paintings of one moving picture, in order; used by one thread at a time."""

    time_constant: float
    """Seconds after which a painting counts 1/e; 0 smooths nothing. May be changed between two frames."""

    def __init__(self, time_constant: float, *, thorough: bool = False) -> None:
        """`thorough` takes four times as long, and keeps more of the style; frames up to Full HD have it."""
        self.time_constant, self._thorough = time_constant, thorough
        self._canvas: _QuickCanvas | _FineCanvas | None = None
        self._luma: npt.NDArray[np.uint8] | None = None  # of the frame before, at the size of the flow
        self._history: Levels | None = None  # what was given back for it
        self._time: Fraction | float = 0.0
        self._key: object = None

    def __call__(self, content: Pixels, painted: Pixels, time: Fraction | float, key: object) -> Pixels:
        """Smooth the next painting.

        Args:
            content: (H, W, 3), the frame.
            painted: (H, W, 3), its painting; neither modified nor, unless it is given back, kept.
            time: of the frame, in seconds.
            key: what it was painted with; paintings of different keys are not blended.

        Returns:
            (H, W, 3), not to be written to; `painted` itself where nothing came before, or nothing that fits: after a
            cut or a gap, when time runs backwards, or when key or size are new.
        """
        if self.time_constant <= 0:
            self.reset()
            return painted
        canvas = self._canvas
        if canvas is None or canvas.size != (content.shape[1], content.shape[0]):
            self.reset()
            fine = self._thorough and content.shape[0] * content.shape[1] <= FINE_PIXELS
            canvas = self._canvas = (_FineCanvas if fine else _QuickCanvas)((content.shape[1], content.shape[0]))
        luma, before, last = canvas.luma(content), self._luma, self._history
        elapsed = float(time - self._time)
        result = history = painted
        if before is not None and last is not None and key == self._key and 0 <= elapsed <= GAP:
            back = canvas.flow(luma, before)
            weight = canvas.weight(luma, before, back, math.exp(-elapsed / self.time_constant))
            if weight is not None:
                result, history = canvas.blend(painted, canvas.move(last, back), weight)
        self._luma, self._history, self._time, self._key = luma, history, time, key
        return result

    def reset(self) -> None:
        """Forget the past: the next painting comes back as it is."""
        self._luma = self._history = None


class _Canvas:
    """What smoothing needs of the flow between frames of one size."""

    def __init__(self, size: Size, flow: cv2.DISOpticalFlow, flow_side: int) -> None:
        """The flow is estimated at a short side of `flow_side` pixels."""
        self.size, self._flow = size, flow
        width, height = size
        scale = min(1.0, flow_side / min(size))
        # DIS takes no picture smaller than its patches.
        self._small = max(PATCH, round(width * scale)), max(PATCH, round(height * scale))
        self._scale = width / self._small[0], height / self._small[1]
        self._nowhere = np.zeros((*self._small[::-1], 2), np.float32)
        self._grid, self._small_grid = _grid(size), _grid(self._small)
        self._still = tuple(STILL / scale for scale in self._scale)

    def luma(self, content: Pixels) -> Pixels:
        """(h, w) at the size of the flow."""
        luma = cv2.cvtColor(content, cv2.COLOR_RGB2GRAY)
        return np.asarray(cv2.resize(luma, self._small, interpolation=cv2.INTER_AREA), np.uint8)

    def flow(self, luma: Pixels, before: Pixels) -> Flow:
        """From a frame to the one before, both (h, w) at the size of the flow."""
        return np.asarray(self._flow.calc(luma, before, None), np.float32)  # type: ignore[call-overload]

    def weight(self, luma: Pixels, before: Pixels, back: Flow, history: float) -> Pixels | None:
        """Weight of the history, (H, W) in units of 1/128, up to `history`; None after a cut.

        `back` is the flow from the frame to the one before, (h, w, 2) in its pixels; what stands still becomes 0.
        """
        x, y = self._still
        still = cv2.inRange(back, (-x, -y, 0, 0), (x, y, 0, 0))
        cv2.copyTo(self._nowhere, still, back)
        origin = cv2.add(self._small_grid, back)
        moved = cv2.remap(before, origin, None, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
        difference = cv2.blur(cv2.absdiff(moved, luma), (3, 3))
        width, height = self._small
        inside = cv2.inRange(origin, (-0.5, -0.5, 0, 0), (width - 0.5, height - 0.5, 0, 0))
        trust = np.clip(2 - np.arange(256) / ALIKE, 0, 1)
        weight = cv2.min(cv2.LUT(difference, np.rint(trust * (_ONE - 1)).astype(np.uint8)), inside)
        if cv2.mean(weight)[0] < EXPLAINED * _ONE:
            return None
        weight = cv2.blur(cv2.erode(weight, _square(3)), (3, 3))
        return np.asarray(cv2.resize(cv2.convertScaleAbs(weight, alpha=history), self.size), np.uint8)

    def _maps(self, back: Flow) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Where each pixel comes from, as OpenCV wants it."""
        origin = cv2.resize(back * np.array(self._scale, np.float32), self.size)
        cv2.add(origin, self._grid, dst=origin)
        return cv2.convertMaps(origin, np.empty(0), cv2.CV_16SC2)


class _QuickCanvas(_Canvas):
    """Blends in whole levels, and has all the memory that it works in; a history is bytes, (H, W, 3)."""

    def __init__(self, size: Size) -> None:
        flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        flow.setFinestScale(1)  # twice as fine as the preset: what wobbles is as bad as what flickers
        flow.setGradientDescentIterations(12)
        flow.setVariationalRefinementIterations(2)
        super().__init__(size, flow, FLOW_SIDE)
        width, height = size
        self._moved, self._bytes = (np.empty((height, width, 3), np.uint8) for _ in range(2))
        self._slack = np.full((height, width, 3), SLACK, np.uint8)
        rows = max(1, STRIP // width)
        self._scratch = tuple(np.empty((rows, width, 3), np.int16) for _ in range(3))
        # Rounding to the nearest would leave a history a few levels off for ever; chance gets it there on the average.
        self._chance = np.random.default_rng(0).integers(0, _ONE, rows * width * 3 + STEPS, np.int16)
        self._step = 0

    def move(self, history: Levels, back: Flow) -> Levels:
        """Move a history, (H, W, 3), along a flow at the small size; the result lasts until the next call."""
        cv2.remap(history, *self._maps(back), cv2.INTER_LINEAR, self._moved, cv2.BORDER_REPLICATE)
        return self._moved

    def blend(self, painted: Pixels, history: Levels, weight: Pixels) -> tuple[Pixels, Levels]:
        """From `painted` towards `history`, which is overwritten, by `weight`: (H, W, 3), new; and the next history."""
        bound, square = self._bytes, _square(REACH)
        cv2.subtract(cv2.erode(painted, square, dst=bound), self._slack, dst=bound)
        cv2.max(history, bound, dst=history)
        cv2.add(cv2.dilate(painted, square, dst=bound), self._slack, dst=bound)
        cv2.min(history, bound, dst=history)
        mean = cv2.blur(history, (FINE, FINE), dst=self._bytes)
        lost = np.clip((_contrast(painted) + 0.5) / (_contrast(history) + 0.5), 1, GAIN) - 1
        gain = cv2.multiply(cv2.resize(np.rint(lost * _ONE).astype(np.uint8), self.size), weight, scale=1 / _ONE)
        result = np.empty_like(painted)
        self._step = (self._step + 7919) % STEPS
        width, height = self.size
        rows = max(1, STRIP // width)
        for top in range(0, height, rows):
            strip = slice(top, min(top + rows, height))
            difference, contrast, factor = (scratch[: strip.stop - top] for scratch in self._scratch)
            np.subtract(history[strip], painted[strip], out=difference, dtype=np.int16)
            np.copyto(factor, cv2.cvtColor(weight[strip], cv2.COLOR_GRAY2RGB))
            difference *= factor
            np.subtract(history[strip], mean[strip], out=contrast, dtype=np.int16)
            np.copyto(factor, cv2.cvtColor(gain[strip], cv2.COLOR_GRAY2RGB))
            contrast *= factor
            contrast += self._chance[self._step :][: contrast.size].reshape(contrast.shape)
            cv2.add(difference, contrast, dst=difference)  # saturates
            difference >>= 7
            cv2.add(painted[strip], difference, result[strip], None, cv2.CV_8U)
        return result, result


class _FineCanvas(_Canvas):
    """Blends with more care; a history is float32, (H, W, 3), once it is more than one painting."""

    def __init__(self, size: Size) -> None:
        flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        super().__init__(size, flow, FINE_FLOW_SIDE)
        self._slack = np.full((size[1], size[0], 3), FINE_SLACK, np.uint8)
        # What lies between two levels is rounded up at some pixels, at the same ones in every frame.
        self._least = np.random.default_rng(0).random((size[1], size[0], 1), np.float32) * 0.99 + 0.005

    def flow(self, luma: Pixels, before: Pixels) -> Flow:
        """From a frame to the one before, blurred: noise would move it, for so fine a flow sees it."""
        return super().flow(*(np.asarray(cv2.GaussianBlur(frame, (3, 3), 0), np.uint8) for frame in (luma, before)))

    def move(self, history: Levels, back: Flow) -> Levels:
        """Move a history, (H, W, 3), along a flow at the small size.

        Linear interpolation loses contrast and OpenCV's cubic one adds some, frame after frame; half of each does
        neither: nearly Catmull and Rom's.
        """
        levels, maps = history.astype(np.float32, copy=False), self._maps(back)
        soft, sharp = (
            cv2.remap(levels, *maps, kind, None, cv2.BORDER_REPLICATE) for kind in (cv2.INTER_LINEAR, cv2.INTER_CUBIC)
        )
        return np.asarray(cv2.addWeighted(soft, 0.5, sharp, 0.5, 0))

    def blend(self, painted: Pixels, history: Levels, weight: Pixels) -> tuple[Pixels, Levels]:
        """From `painted` towards `history`, which is overwritten, by `weight`: (H, W, 3), new; and the next history."""
        square = _square(REACH)
        least = cv2.subtract(cv2.erode(painted, square), self._slack)
        most = cv2.add(cv2.dilate(painted, square), self._slack)
        np.clip(history, least, most, out=history)
        present, share = painted.astype(np.float32), np.multiply(weight, 1 / _ONE, dtype=np.float32)
        blended = present + (history - present) * cv2.merge([share] * 3)
        result = restore(blended, present, share)
        return np.clip(result + self._least, 0, 255).astype(np.uint8), result


def _contrast(picture: Pixels) -> npt.NDArray[np.float32]:
    """Mean size of the fine contrast of luma in the region around each fourth pixel, (⌈H/4⌉, ⌈W/4⌉)."""
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    fine = cv2.absdiff(luma, cv2.blur(luma, (FINE, FINE)))
    return np.asarray(cv2.boxFilter(fine, cv2.CV_32F, (REGION, REGION))[::4, ::4], np.float32)


def _grid(size: Size) -> Flow:
    """Each pixel's own position, (height, width, 2), x first."""
    return np.stack(np.meshgrid(*(np.arange(n, dtype=np.float32) for n in size)), -1)


def _square(side: int) -> Pixels:
    return np.ones((side, side), np.uint8)
