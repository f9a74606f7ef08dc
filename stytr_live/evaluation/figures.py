"""Figures of merit of stylised pictures and videos. Lower is better for all but the structure.

Pictures are (1, 3, H, W) RGB in 0..1, features as `training.features` gives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from stytr_live.engine.backend import host_tensor
from stytr_live.training.losses import content_loss, style_loss

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stytr_live.frame import Pixels

Plane = npt.NDArray[np.float32]
GRID = 16
"""Sides of compared pictures are multiples of it, in pixels."""


@dataclass(frozen=True, slots=True)
class PictureFigures:
    """How well one picture was painted."""

    content: float
    """Distance to the content: the content term of StyTR-2's loss (Deng et al., CVPR 2022, equation 8)."""
    style: float
    """Distance to the style: its style term (equation 9)."""
    structure: float
    """Correlation of luminance gradients with the content's, −1..1; higher is better."""


def tensor(pixels: Pixels, shape: tuple[int, int]) -> Tensor:
    """(H, W, 3) → (1, 3, *shape) in 0..1, resized without aliasing."""
    picture = host_tensor(pixels).float() / 255
    return F.interpolate(picture, size=shape, mode="bilinear", antialias=True)


def compared_shape(pixels: Pixels, side: int) -> tuple[int, int]:
    """(height, width) at which a picture is compared: short side about `side`, both multiples of 16."""
    scale = side / min(pixels.shape[:2])
    height, width = (max(GRID, round(n * scale / GRID) * GRID) for n in pixels.shape[:2])
    return height, width


@torch.inference_mode()
def picture_figures(
    features: Callable[[Tensor], Sequence[Tensor]], content: Pixels, style: Pixels, output: Pixels, *, side: int = 384
) -> PictureFigures:
    """Compare an output with its content and its style, each at a short side of `side` pixels."""
    shape = compared_shape(content, side)
    source, painted = tensor(content, shape), tensor(output, shape)
    seen, wanted, hand = (features(p) for p in (painted, source, tensor(style, compared_shape(style, side))))
    return PictureFigures(content_loss(seen, wanted).item(), style_loss(seen, hand).item(), structure(painted, source))


def structure(a: Tensor, b: Tensor) -> float:
    """Zero-mean normalised correlation of the gradients' magnitudes of luma, blurred by 1.5 pixels, −1..1."""

    def gradient(picture: Tensor) -> Plane:
        luma = (picture[0] * picture.new_tensor([0.299, 0.587, 0.114])[:, None, None]).sum(0).numpy()
        smooth = cv2.GaussianBlur(luma, (0, 0), 1.5)
        magnitude = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
        return np.asarray((magnitude - magnitude.mean()) / (magnitude.std() + 1e-6), np.float32)

    return float((gradient(a) * gradient(b)).mean())


class Flicker:
    """Mean change between consecutive frames beyond motion, in levels of 0..255.

    The previous frame is moved by the optical flow of the *input*; pixels count where forward and backward flow agree
    to half a pixel. `warp` is the output's figure, `warp_input` that of the input itself: the floor that noise sets.
    """

    def __init__(self, side: int = 384) -> None:
        self._side = side
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._previous: tuple[Pixels, Pixels, Pixels] | None = None
        self._output: list[float] = []
        self._input: list[float] = []

    def add(self, source: Pixels, painted: Pixels) -> None:
        """Compare the next pair of frames, (H, W, 3) RGB, with the one before."""
        scale = self._side / min(source.shape[:2])
        height, width = (round(n * scale / GRID) * GRID for n in source.shape[:2])
        source, painted = (_resized(p, (width, height)) for p in (source, painted))
        grey = np.asarray(cv2.cvtColor(source, cv2.COLOR_RGB2GRAY), np.uint8)
        if self._previous is not None:
            self._compare(source, painted, grey, *self._previous)
        self._previous = source, painted, grey

    def _compare(self, source: Pixels, painted: Pixels, grey: Pixels, *before: Pixels) -> None:
        old_source, old_painted, old_grey = before
        height, width = grey.shape
        # None: a flow to start from, even of zeros, gives another result.
        back, forth = (
            np.asarray(self._flow.calc(a, b, None), np.float32)  # type: ignore[call-overload]
            for a, b in ((grey, old_grey), (old_grey, grey))
        )
        origin = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1).astype(np.float32) + back

        def move(array: Pixels | Plane) -> Plane:
            moved = cv2.remap(array, origin, None, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
            return np.asarray(moved, np.float32)

        inside = ((origin >= 0) & (origin < (width, height))).all(-1)
        seen = inside & (np.linalg.norm(move(forth) + back, axis=-1) < 0.5)
        if seen.mean() > 0.2:
            for new, old, figures in ((painted, old_painted, self._output), (source, old_source, self._input)):
                figures.append(float(np.abs(new.astype(np.float32) - move(old))[seen].mean()))

    @property
    def warp(self) -> float | None:
        """Mean over the frames; None before two frames could be compared."""
        return float(np.mean(self._output)) if self._output else None

    @property
    def warp_input(self) -> float | None:
        """The same figure of the input."""
        return float(np.mean(self._input)) if self._input else None


def _resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
