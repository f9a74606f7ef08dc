"""How a moving picture moved from one frame to the next, and where that can be trusted.

The flow is DIS (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", arXiv 1603.03590) at a small size. It
comes from the frames, never from their paintings, so it can be found while a frame is being painted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from fractions import Fraction

    from stytr_live.frame import Pixels, Size

Flow = npt.NDArray[np.float32]
"""(h, w, 2), x first: how far away, in pixels, the frame before shows what a pixel shows."""
Maps = tuple[npt.NDArray[np.int16], npt.NDArray[np.uint16]]
"""Where each pixel was, as `cv2.remap` takes it: (H, W, 2) whole pixels, and (H, W) what is between them."""

SIDE = 216
"""Short side, in pixels, of the frames between which the flow is estimated."""
FINE_SIDE = 384
"""The same, where there is time: where the flow is a tenth of a pixel off, fine strokes flicker."""
STILL = 0.1
"""Motion below this many pixels along both axes is none: a picture that stands still is not resampled at all."""
ALIKE = 6.0
"""Levels of luma by which a moved frame may differ; at twice that, the frame before does not count."""
FINE_ALIKE = 16.0
"""The same, where there is time, for then `RETURN` guards against what is only alike by chance."""
RETURN = 0.6
"""Pixels of the small frames by which the way there and back may miss its start; at twice that, it does not count."""
DECIDED = 0.7, 0.87
"""Trust below and above which a pixel, where there is time, counts not at all and wholly: what is moved a little wrong
and then averaged is blurred, and no contrast brings that back."""
EXPLAINED = 0.5
"""Share of a frame that its flow must explain: below that it is a cut. Shots that go on explain two thirds and more."""
GAP = 0.5
"""Seconds after which a frame has nothing to do with the one before."""
PATCH = 16
"""Fewest pixels on a side between which a flow is estimated."""
ONE = 128
"""Fixed-point trust of 1: the largest difference, 255, times it fits into 16 bits."""
_DECISION = np.rint(np.interp(np.arange(256), [bound * ONE for bound in DECIDED], [0, ONE - 1])).astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """How a frame goes on from the one before."""

    elapsed: float
    """Seconds from the one before."""
    maps: Maps
    """Where each pixel was."""
    trust: npt.NDArray[np.uint8]
    """How far that can be trusted, (h, w) at the size of the flow, in units of 1/128."""


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """From one frame to the next."""

    index: int
    """Of the frame, counted from 1."""
    path: Path | None
    """From the one before; None after a cut, a gap or a jump back, and where the size is new."""


class Motion:
    """Follows one moving picture, in order; used by one thread at a time."""

    def __init__(self, *, thorough: bool = False) -> None:
        """`thorough` takes ten times as long, is more exact, and trusts a flow where the flow back agrees with it.

        That is the test of Sundaram, Brox & Keutzer, "Dense Point Trajectories by GPU-accelerated Large Displacement
        Optical Flow", ECCV 2010, by which Ruder et al. blend, too.
        """
        self._thorough = thorough
        self._count = 0
        self._ground: _Ground | None = None
        self._luma: Pixels | None = None  # of the frame before, at the size of the flow
        self._time: Fraction | float = 0.0

    def __call__(self, content: Pixels, time: Fraction | float) -> Move:
        """How the next frame, (H, W, 3), moved; `time` is in seconds."""
        size = content.shape[1], content.shape[0]
        if self._ground is None or self._ground.size != size:
            self._ground, self._luma = _Ground(size, thorough=self._thorough), None
        ground = self._ground
        luma, before, elapsed = ground.luma(content), self._luma, float(time - self._time)
        self._luma, self._time = luma, time
        self._count += 1
        if before is None or not 0 <= elapsed <= GAP:
            return Move(self._count, None)
        back = ground.flow(luma, before)
        trust = ground.trust(luma, before, back)
        if cv2.mean(trust)[0] < EXPLAINED * ONE:
            return Move(self._count, None)
        trust = _softened(trust)
        if self._thorough:
            trust = np.asarray(cv2.LUT(trust, _DECISION), np.uint8)
        return Move(self._count, Path(elapsed, ground.maps(back), trust))


class _Ground:
    """What the flow between frames of one size needs."""

    def __init__(self, size: Size, *, thorough: bool) -> None:
        self.size, self._thorough = size, thorough
        if thorough:
            self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        else:
            self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
            self._flow.setFinestScale(1)  # twice as fine as the preset: what wobbles is as bad as what flickers
            self._flow.setVariationalRefinementIterations(2)
        width, height = size
        scale = min(1.0, (FINE_SIDE if thorough else SIDE) / min(size))
        # DIS takes no picture smaller than its patches.
        self._small = max(PATCH, round(width * scale)), max(PATCH, round(height * scale))
        self._scale = np.array((width / self._small[0], height / self._small[1]), np.float32)
        self._nowhere = np.zeros((*self._small[::-1], 2), np.float32)
        self._grid, self._small_grid = _grid(size), _grid(self._small)
        self._origin = np.empty_like(self._grid)

    def luma(self, content: Pixels) -> Pixels:
        """(h, w) at the size of the flow, blurred: noise would move a flow that is so fine."""
        luma = cv2.GaussianBlur(cv2.cvtColor(content, cv2.COLOR_RGB2GRAY), (3, 3), 0)
        # Averaging as exactly as OpenCV does would take longer than all else here, and blurred twofold is enough.
        interpolation = cv2.INTER_LINEAR if self._scale.max() <= 2 else cv2.INTER_AREA
        return np.asarray(cv2.resize(luma, self._small, interpolation=interpolation), np.uint8)

    def flow(self, luma: Pixels, before: Pixels) -> Flow:
        """From a frame to the one before, both (h, w) at the size of the flow; what stands still becomes 0."""
        back = np.asarray(self._flow.calc(luma, before, None), np.float32)  # type: ignore[call-overload]
        x, y = (float(still) for still in STILL / self._scale)
        still = cv2.inRange(back, (-x, -y, 0, 0), (x, y, 0, 0))
        cv2.copyTo(self._nowhere, still, back)
        return back

    def trust(self, luma: Pixels, before: Pixels, back: Flow) -> npt.NDArray[np.uint8]:
        """Where the moved frame is like the present one, and the flow back leads back, (h, w) in units of 1/128."""
        origin = cv2.add(self._small_grid, back)
        moved = cv2.remap(before, origin, None, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
        difference = cv2.blur(cv2.absdiff(moved, luma), (3, 3))
        width, height = self._small
        inside = cv2.inRange(origin, (-0.5, -0.5, 0, 0), (width - 0.5, height - 0.5, 0, 0))
        alike = np.clip(2 - np.arange(256) / (FINE_ALIKE if self._thorough else ALIKE), 0, 1)
        trust = cv2.min(cv2.LUT(difference, np.rint(alike * (ONE - 1)).astype(np.uint8)), inside)
        if self._thorough:
            forth = self._flow.calc(before, luma, None)  # type: ignore[call-overload]
            returned = cv2.add(cv2.remap(forth, origin, None, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE), back)  # type: ignore[call-overload]
            x, y = cv2.split(returned)
            missed = cv2.magnitude(x, y)
            trust = cv2.min(trust, cv2.convertScaleAbs(np.clip(2 - missed / RETURN, 0, 1), alpha=ONE - 1))
        return np.asarray(trust, np.uint8)

    def maps(self, back: Flow) -> Maps:
        """Where each pixel of the whole frame comes from."""
        cv2.resize(back * self._scale, self.size, dst=self._origin)
        cv2.add(self._origin, self._grid, dst=self._origin)
        whole, fractions = cv2.convertMaps(self._origin, np.empty(0), cv2.CV_16SC2)
        return np.asarray(whole, np.int16), np.asarray(fractions, np.uint16)


def _softened(trust: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Smaller by a pixel, with soft edges."""
    return np.asarray(cv2.blur(cv2.erode(trust, np.ones((3, 3), np.uint8)), (3, 3)), np.uint8)


def _grid(size: Size) -> Flow:
    """Each pixel's own position, (height, width, 2), x first."""
    return np.stack(np.meshgrid(*(np.arange(n, dtype=np.float32) for n in size)), -1)
