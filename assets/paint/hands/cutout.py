"""Painted paper, cut and pasted: leaves, birds and a sun."""

from __future__ import annotations

import cv2
import numpy as np

from assets.paint.noise import SIDE, Colour, Plane, clouds, grid, over, paper, soft


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

    picture = sheet((244, 232, 208))

    def paste(edge: Plane, colour: Colour) -> None:
        """Lay a piece (positive inside) down with its shadow and torn rim."""
        nonlocal picture
        torn = edge.astype(np.float32) + 0.0018 * clouds(rng, 60, 2)
        inside = soft(torn, 0.0013)
        shadow = cv2.GaussianBlur(np.roll(inside, (6, 5), (0, 1)), (0, 0), 4) * 0.45
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
        u, v = (
            ((x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)) / size,
            (-(x - cx) * np.sin(turn) + (y - cy) * np.cos(turn)) / size,
        )
        wave = 0.5 + 0.5 * np.cos(np.pi * fingers * (u + 0.25 * np.abs(v)))
        half = 0.55 * np.sqrt(np.clip(1 - u**2, 0, 1)) * (0.16 + 0.84 * wave**0.6)
        paste(np.where(np.abs(u) < 1, (half - np.abs(v)) * size * 0.7, -0.05), colour)

    def bird(cx: float, cy: float, size: float, turn: float, colour: Colour) -> None:
        u, v = (
            ((x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)) / size,
            (-(x - cx) * np.sin(turn) + (y - cy) * np.cos(turn)) / size,
        )
        body = 0.2 * np.clip(1 - u**2, 0, 1) ** 0.7 - np.abs(v)
        wings = np.minimum(0.13 + 0.1 * np.abs(v) - np.abs(u - 0.1 + 0.42 * np.abs(v) ** 1.4), 1.0 - np.abs(v))
        tail = np.minimum(0.1 + 0.3 * (-u - 0.8) - np.abs(v), np.minimum(-u - 0.75, u + 1.35))
        paste(np.maximum(np.maximum(body, wings), tail) * size * 0.6, colour)

    def sun(cx: float, cy: float, size: float, colour: Colour) -> None:
        a = np.arctan2(y - cy, x - cx)
        paste(size * (0.72 + 0.28 * np.abs(np.cos(6 * a)) ** 0.7) - np.hypot(x - cx, y - cy), colour)

    leaf(0.18, 0.2, 0.15, 1.2, 6, (250, 240, 220))
    bird(0.5, 0.19, 0.16, -0.4, (28, 50, 120))
    sun(0.83, 0.19, 0.13, (236, 70, 50))
    leaf(0.2, 0.5, 0.17, 0.4, 7, (250, 210, 60))
    leaf(0.5, 0.5, 0.19, 2.2, 8, (22, 40, 110))
    bird(0.82, 0.52, 0.15, 2.6, (250, 236, 200))
    sun(0.19, 0.82, 0.12, (250, 226, 120))
    leaf(0.5, 0.83, 0.17, -0.5, 6, (240, 110, 60))
    leaf(0.82, 0.82, 0.18, 0.9, 7, (24, 120, 90))
    for _ in range(13):
        leaf(
            rng.random(),
            rng.random(),
            0.045 + 0.03 * rng.random(),
            rng.uniform(0, 6.28),
            int(rng.integers(3, 6)),
            blocks[int(rng.integers(len(blocks)))],
        )
    return np.clip(picture * paper(rng, 0.02), 0, 1).astype(np.float32)
