"""Painted paper, cut and pasted: leaves, birds and a sun."""

from __future__ import annotations

import cv2
import numpy as np

from assets.paint.noise import SIDE, Colour, Plane, clouds, grid, over, paper, soft, warp
from assets.paint.shapes import DOVE, limb, placed, polygon, rounded


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    x, y = grid()

    def sheet(colour: Colour) -> Plane:
        """A sheet painted with a broad brush."""
        streaks = cv2.GaussianBlur(rng.standard_normal((SIDE, SIDE)).astype(np.float32), (0, 0), sigmaX=22, sigmaY=1.1)
        streaks = streaks / streaks.std()
        turned = cv2.warpAffine(
            streaks,
            cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), float(rng.uniform(0, 180)), 1.5),
            (SIDE, SIDE),
            borderMode=cv2.BORDER_REFLECT,
        )
        tone = 1 + 0.06 * turned + 0.04 * clouds(rng, 5) + 0.02 * rng.standard_normal((SIDE, SIDE))
        return (np.array(colour, np.float32) / 255 * tone[..., None]).astype(np.float32)

    away = np.ones_like(x)
    picture = sheet((244, 232, 208))

    def paste(edge: Plane, colour: Colour) -> None:
        """Lay a piece (positive inside) down with its shadow and torn rim."""
        nonlocal picture
        torn = edge.astype(np.float32) + 0.0018 * clouds(rng, 60, 2)
        inside = soft(torn, 0.0013)
        shadow = cv2.GaussianBlur(warp(inside, away * -5, away * -6), (0, 0), 4) * 0.45
        picture = picture * (1 - shadow[..., None] * (1 - inside[..., None]))
        piece = sheet(colour) * (1 + 0.1 * soft(0.004 - np.abs(torn - 0.002), 0.002)[..., None])
        picture = over(picture.astype(np.float32), inside, piece.astype(np.float32))

    blocks: list[Colour] = [
        (28, 70, 160),
        (236, 86, 60),
        (250, 196, 50),
        (40, 140, 110),
        (240, 150, 170),
        (120, 60, 140),
        (20, 130, 180),
        (226, 50, 90),
    ]
    k = 0
    for row in range(3):
        for column in range(3):
            w, h = 0.155 + 0.02 * rng.random(), 0.155 + 0.02 * rng.random()
            cx, cy = 0.18 + 0.32 * column + rng.normal(0, 0.012), 0.18 + 0.32 * row + rng.normal(0, 0.012)
            tilt = rng.normal(0, 0.03)
            paste(
                np.minimum(w - np.abs(x - cx + tilt * (y - cy)), h - np.abs(y - cy - tilt * (x - cx))),
                blocks[k % len(blocks)],
            )
            k += 1

    def leaf(cx: float, cy: float, size: float, turn: float, fingers: int, colour: Colour) -> None:
        """A frond: a bent stem with round fingers to both sides."""
        u, v = (
            ((x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)) / size,
            (-(x - cx) * np.sin(turn) + (y - cy) * np.cos(turn)) / size,
        )
        v = v - 0.16 * np.sin(2.2 * u)
        shape = limb(u, v, (-1.05, 0), (0.95, 0), 0.1, 0.04)
        for k in range(fingers):
            at = -0.72 + 1.5 * (k + 0.5) / fingers
            reach = (0.3 + 0.42 * np.sqrt(1 - at**2)) * rng.uniform(0.85, 1.1)
            for side in (-1, 1):
                tip = (at + 0.24 + 0.1 * at, side * reach)
                shape = np.maximum(shape, limb(u, v, (at, 0), tip, 0.5 / fingers, 0.75 / fingers))
        paste(shape * size, colour)

    def bird(cx: float, cy: float, size: float, turn: float, colour: Colour, flip: int = 1) -> None:
        paste(polygon(rounded(placed(DOVE, cx, cy, size, turn, flip))), colour)

    def sun(cx: float, cy: float, size: float, colour: Colour) -> None:
        a = np.arctan2(y - cy, x - cx)
        paste(size * (0.72 + 0.28 * np.abs(np.cos(6 * a)) ** 0.7) - np.hypot(x - cx, y - cy), colour)

    leaf(0.18, 0.19, 0.135, 1.2, 6, (250, 240, 220))
    bird(0.5, 0.2, 0.16, -0.5, (28, 50, 120))
    sun(0.83, 0.19, 0.13, (236, 70, 50))
    leaf(0.19, 0.5, 0.145, 0.4, 7, (250, 210, 60))
    leaf(0.5, 0.5, 0.155, 2.2, 8, (22, 40, 110))
    bird(0.82, 0.52, 0.155, -0.35, (250, 236, 200), -1)
    sun(0.19, 0.82, 0.12, (250, 226, 120))
    leaf(0.5, 0.83, 0.15, -0.5, 6, (240, 110, 60))
    leaf(0.82, 0.83, 0.15, 0.9, 7, (24, 120, 90))
    corners = [(i / 3, j / 3) for j in range(4) for i in range(4)]
    for k, (cx, cy) in enumerate(corners):
        size = 0.045 + 0.025 * rng.random()
        place = np.clip(np.array((cx, cy)) * 0.94 + 0.03 + rng.normal(0, 0.02, 2), 0.03, 0.97)
        leaf(place[0], place[1], size, rng.uniform(0, 6.28), int(rng.integers(3, 6)), blocks[(3 * k + 2) % len(blocks)])
    return np.clip(picture * paper(rng, 0.02), 0, 1).astype(np.float32)
