"""Thick swirling paint: a village under the stars."""

from __future__ import annotations

import numpy as np

from assets.paint.noise import Plane, clouds, grid, over, ramp, ridge, smooth, soft
from assets.paint.strokes import Layer, brush, relief, tangents


def starlight(rng: np.random.Generator) -> Plane:
    """A village under a swirling sky."""
    x, y = grid()
    sky = ramp(
        y + 0.08 * clouds(rng, 4),
        (0, (10, 22, 70)),
        (0.3, (28, 66, 140)),
        (0.55, (80, 140, 180)),
        (0.7, (170, 190, 150)),
    )
    picture = over(sky, soft(clouds(rng, 5) - 1.0, 0.5), (150, 190, 220))
    for cx, cy, r in (
        (0.8, 0.17, 0.075),
        (0.16, 0.12, 0.03),
        (0.36, 0.08, 0.025),
        (0.52, 0.25, 0.03),
        (0.25, 0.33, 0.025),
        (0.66, 0.4, 0.022),
        (0.06, 0.36, 0.02),
    ):
        d = np.hypot(x - cx, y - cy)
        for scale, colour in (
            (2.6, (96, 140, 170)),
            (1.9, (170, 186, 130)),
            (1.3, (238, 206, 90)),
            (0.8, (255, 240, 180)),
        ):
            picture = over(picture, soft(r * scale - d, r * 0.25), colour)
    for base, height, colour in ((0.66, 0.05, (40, 70, 130)), (0.72, 0.035, (26, 60, 96)), (0.8, 0.03, (20, 52, 60))):
        picture = over(picture, soft(ridge(rng, base, height, 3), 0.005), colour)
    for _ in range(22):
        cx, cy, s = rng.random(), 0.8 + 0.16 * rng.random(), 0.02 + 0.025 * rng.random()
        wall = soft(s - np.abs(x - cx), 0.002) * soft(s * 0.8 - np.abs(y - cy), 0.002)
        roof = soft(s * 1.2 - np.abs(x - cx) - np.abs(y - cy + s * 1.5) * 1.1, 0.003)
        picture = over(picture, wall, (70 + 60 * rng.random(), 84, 100))
        picture = over(picture, roof, (130, 66 + 30 * rng.random(), 50))
        picture = over(picture, soft(s * 0.3 - np.maximum(np.abs(x - cx), np.abs(y - cy)), 0.002), (255, 214, 96))
    spire = (
        soft(0.014 * np.clip((y - 0.56) / 0.2, 0, 1) - np.abs(x - 0.56), 0.002)
        * soft(0.86 - y, 0.005)
        * soft(y - 0.57, 0.005)
    )
    picture = over(picture, spire, (46, 60, 84))
    flame = 0.012 + 0.075 * np.clip((y - 0.1) / 0.8, 0, 1) ** 0.8 * (1 + 0.25 * np.sin(y * 40 + 2 * clouds(rng, 6)))
    cypress = soft(flame - np.abs(x - 0.14 - 0.02 * np.sin(y * 9)), 0.006) * soft(y - 0.1, 0.02)
    return over(picture, cypress, ramp(clouds(rng, 20), (-1.5, (12, 26, 24)), (1.5, (60, 92, 44))))


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    scene = starlight(rng)
    x, y = grid()
    u, v = np.ones_like(x) * 0.5, 0.15 * smooth(rng, 4)
    for cx, cy, r, spin in (
        (0.42, 0.3, 0.17, 1.9),
        (0.63, 0.22, 0.13, -1.7),
        (0.8, 0.17, 0.15, 1.6),
        (0.16, 0.12, 0.07, 1.5),
        (0.25, 0.33, 0.07, -1.5),
        (0.36, 0.08, 0.06, 1.4),
        (0.52, 0.25, 0.06, 1.4),
    ):
        d = np.hypot(x - cx, y - cy)
        pull = spin * np.exp(-((d / r) ** 2)) * 3
        u, v = u - pull * (y - cy) / (d + 0.02), v + pull * (x - cx) / (d + 0.02)
    sky = np.arctan2(v, u).astype(np.float32)
    edges, strength = tangents(scene, 6)
    ground = y > 0.66
    angle = np.where(ground & (strength > 0.12), edges, np.where(ground, 0.25 * np.sin(7 * x), sky)).astype(np.float32)
    tree = (np.abs(x - 0.14 - 0.02 * np.sin(y * 9)) < 0.02 + 0.1 * y) & (y > 0.1)
    angle = np.where(tree, np.pi / 2 + 0.5 * np.sin(22 * y), angle).astype(np.float32)
    start = np.ones_like(scene) * np.array((0.1, 0.14, 0.3), np.float32)
    layers = [Layer(70, 22, 9, 14, 0.05), Layer(44, 11, 6, 8, 0.06), Layer(26, 6, 4, 6, 0.06, 0.012)]
    return relief(*brush(scene, angle, rng, layers, start), 0.55)
