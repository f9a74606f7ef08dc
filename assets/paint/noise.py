"""Smooth randomness."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]
Colour = tuple[float, float, float]
SIDE = 768
"""Side of the pictures, in pixels."""


def grid(side: int = SIDE) -> tuple[Plane, Plane]:
    """x and y, 0..1, of each pixel."""
    y, x = np.mgrid[:side, :side].astype(np.float32) / side
    return x, y


def smooth(rng: np.random.Generator, cells: int, side: int = SIDE) -> Plane:
    """One octave, about -1..1, with `cells` bumps across."""
    coarse = rng.standard_normal((cells + 3, cells + 3)).astype(np.float32)
    whole = cv2.resize(coarse, (side * (cells + 3) // cells,) * 2, interpolation=cv2.INTER_CUBIC)
    start = side // cells
    return np.ascontiguousarray(whole[start : start + side, start : start + side], np.float32)


def clouds(rng: np.random.Generator, cells: int, octaves: int = 5, side: int = SIDE) -> Plane:
    """Octaves of noise summed, zero mean and unit deviation."""
    total = np.zeros((side, side), np.float32)
    for k in range(octaves):
        if cells * 2**k > side // 2:
            break
        total += smooth(rng, cells * 2**k, side) * 0.55**k
    return ((total - total.mean()) / total.std()).astype(np.float32)


def warp(picture: Plane, dx: Plane, dy: Plane) -> Plane:
    """Take each pixel from (x + dx, y + dy), in pixels."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return np.asarray(cv2.remap(picture, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)


def ramp(value: Plane, *stops: tuple[float, Colour]) -> Plane:
    """Colours along a value: (H, W) → (H, W, 3) in 0..1."""
    at, colours = [s for s, _ in stops], np.array([c for _, c in stops], np.float32) / 255
    return np.stack([np.interp(value, at, colours[:, k]) for k in range(3)], -1).astype(np.float32)


def over(picture: Plane, mask: Plane, colour: Plane | Colour) -> Plane:
    """Lay a colour (0..255) or a picture (0..1) over another where the mask is 1."""
    layer = np.asarray(colour, np.float32) / 255 if isinstance(colour, tuple) else colour
    m = mask[..., None]
    return (picture * (1 - m) + layer * m).astype(np.float32)


def soft(edge: Plane, width: float) -> Plane:
    """0 below -width, 1 above width, a line between."""
    return np.clip(edge / (2 * width) + 0.5, 0, 1).astype(np.float32)


def paper(rng: np.random.Generator, strength: float = 0.03, side: int = SIDE) -> Plane:
    """Brightness of a sheet with grain and fibres, about 1, (H, W, 1)."""
    grain = clouds(rng, 96, 3, side) * 0.6 + rng.standard_normal((side, side)).astype(np.float32) * 0.5
    fibres = cv2.GaussianBlur(rng.standard_normal((side, side)).astype(np.float32), (0, 0), sigmaX=5, sigmaY=0.7)
    return (1 + strength * (grain + 1.5 * np.asarray(fibres)))[..., None].astype(np.float32)


def lit(height: Plane, strength: float) -> Plane:
    """Light from the upper left on a relief: a factor about 1, (H, W, 1)."""
    gx = np.asarray(cv2.Sobel(height, cv2.CV_32F, 1, 0), np.float32)
    gy = np.asarray(cv2.Sobel(height, cv2.CV_32F, 0, 1), np.float32)
    return np.clip(1 + strength * (gx + gy), 0.5, 1.6)[..., None].astype(np.float32)


def ridge(rng: np.random.Generator, base: float, height: float, cells: int) -> Plane:
    """Signed distance below a line of hills, 0..1 downwards, (H, W)."""
    _, y = grid()
    line = base - height * clouds(rng, cells, 5)[SIDE // 2]
    return (y - line[None, :]).astype(np.float32)
