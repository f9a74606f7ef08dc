"""Broad flat brushes: an autumn river."""

from __future__ import annotations

import numpy as np

from assets.paint.noise import SIDE, Plane, clouds, grid, over, ramp, ridge, smooth, soft
from assets.paint.strokes import Layer, brush, relief, tangents


def autumn(rng: np.random.Generator) -> Plane:
    """A river through autumn woods under a morning sky."""
    x, y = grid()
    sky = ramp(y + 0.03 * clouds(rng, 4), (0, (88, 140, 190)), (0.25, (176, 200, 200)), (0.45, (246, 214, 150)))
    picture = over(sky, soft(clouds(rng, 3, 5) - 0.6 + y, 0.5) * soft(0.4 - y, 0.1), (250, 238, 214))
    for base, height, colour in ((0.42, 0.05, (92, 112, 146)), (0.47, 0.04, (120, 118, 104))):
        picture = over(picture, soft(ridge(rng, base, height, 3), 0.004), colour)
    meadow = ramp(y + 0.02 * clouds(rng, 8), (0.48, (196, 160, 62)), (0.7, (150, 128, 40)), (1, (84, 74, 30)))
    picture = over(picture, soft(y - 0.5, 0.005), meadow)
    bend = 0.52 + 0.16 * np.sin((y - 0.5) * 7.5) * (y - 0.4)
    river = soft((0.02 + 0.5 * np.maximum(y - 0.5, 0) ** 1.35) - np.abs(x - bend), 0.006) * soft(y - 0.5, 0.004)
    water = ramp(y + 0.02 * clouds(rng, 12), (0.5, (240, 214, 160)), (0.68, (120, 160, 178)), (1, (38, 74, 104)))
    picture = over(picture, river, water)
    for _ in range(90):
        row = 0.5 + 0.5 * rng.random() ** 1.4
        cx, size = rng.random() * 1.1 - 0.05, 0.035 + 0.17 * (row - 0.48)
        if abs(cx - float(np.interp(row, y[:, 0], bend[:, 0]))) < 0.06 + 0.35 * (row - 0.5):
            continue
        crown = 1 - np.hypot((x - cx) / size, (y - row + size * 1.1) / (size * 1.25)) + 0.22 * clouds(rng, 14, 3)
        colour = [(206, 84, 30), (228, 150, 36), (170, 46, 34), (120, 110, 38), (236, 186, 66)][int(rng.integers(5))]
        trunk = soft(size * 0.07 - np.abs(x - cx), 0.003) * soft(y - row + size, 0.01) * soft(row - y, 0.01)
        picture = over(picture, trunk, (60, 40, 30))
        shade = ramp((y - row + size * 1.1) / size + (x - cx) / size, (-1.2, tuple(min(255, c * 1.35) for c in colour)), (1.1, tuple(c * 0.45 for c in colour)))  # fmt: skip
        picture = over(picture, soft(crown, 0.12), shade)
    return picture


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    scene = autumn(rng)
    x, y = grid()
    edges, strength = tangents(scene, 9)
    calm = np.where(
        y < 0.45,
        0.35 * smooth(rng, 3) - 0.2,
        np.where(np.abs(x - 0.52) < 0.3 * y, 0.05 * smooth(rng, 6), 0.9 + 0.5 * smooth(rng, 5)),
    )
    angle = np.where(strength > 0.22, edges, calm).astype(np.float32)
    start = np.ones_like(scene) * np.array((0.45, 0.3, 0.18), np.float32)
    layers = [
        Layer(64, 34, 16, 20, 0.05),
        Layer(38, 20, 11, 12, 0.05),
        Layer(24, 11, 7, 8, 0.05, 0.012),
        Layer(15, 6, 4, 6, 0.04, 0.03),
    ]
    canvas, height = brush(scene, angle, rng, layers, start)
    weave = np.sin(x * SIDE * 1.6) * np.sin(y * SIDE * 1.6) * 0.012
    return np.clip(relief(canvas, height, 0.28) + weave[..., None], 0, 1).astype(np.float32)
