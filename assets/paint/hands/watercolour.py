"""Wet blooms that run into each other: flowers in a glass."""

from __future__ import annotations

import numpy as np

from assets.paint.noise import SIDE, Colour, Plane, clouds, grid, paper, smooth, soft, warp


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    x, y = grid()
    picture = np.array((0.985, 0.975, 0.95), np.float32) * np.ones((SIDE, SIDE, 1), np.float32)

    def stain(shape: Plane, colour: Colour, strength: float, rough: float = 0.012) -> None:
        """A wet shape (positive inside): pigment gathers at its rim and in the hollows of the paper."""
        nonlocal picture
        edge = warp(shape.astype(np.float32), 9 * smooth(rng, 9), 9 * smooth(rng, 9)) + rough * clouds(rng, 24, 4)
        inside = soft(edge, 0.0035)
        rim = np.exp(-np.clip(edge, 0, 1) / 0.009) * inside
        pool = np.clip(0.62 + 0.3 * clouds(rng, 5, 4) + 0.06 * clouds(rng, 90, 2), 0.12, 1.25)
        amount = np.clip(strength * (inside * pool + 0.55 * rim), 0, 1.3)[..., None]
        absorb = 1 - np.array(colour, np.float32) / 255
        picture = picture * np.exp(-amount * absorb * 2.0)

    for colour, cx, cy, r in (
        ((150, 200, 230), 0.2, 0.25, 0.34),
        ((250, 216, 150), 0.8, 0.2, 0.32),
        ((200, 220, 160), 0.75, 0.75, 0.3),
        ((230, 190, 220), 0.16, 0.78, 0.28),
        ((170, 210, 226), 0.5, 0.9, 0.3),
    ):
        stain(r - np.hypot(x - cx, (y - cy) * 1.1) + 0.04 * clouds(rng, 4), colour, 0.55, 0.03)
    for _ in range(17):
        ax, bend = rng.uniform(0.3, 0.72), rng.normal(0, 0.3)
        path = 0.5 + (ax - 0.5) * np.clip((0.72 - y) / 0.5, 0, 1.3) + bend * (0.72 - y) ** 2
        stain(
            0.006 - np.abs(x - path) - 10 * np.clip(y - 0.88, 0, 1) - 10 * np.clip(0.36 - y, 0, 1),
            (70, 140, 70),
            0.75,
            0.002,
        )
    for _ in range(22):
        cx, cy, t, s = rng.uniform(0.14, 0.86), rng.uniform(0.36, 0.74), rng.uniform(0, 6.28), rng.uniform(0.05, 0.1)
        u, v = ((x - cx) * np.cos(t) + (y - cy) * np.sin(t)) / s, (-(x - cx) * np.sin(t) + (y - cy) * np.cos(t)) / s
        stain(
            (1 - np.abs(u) ** 1.6 - np.abs(v) * 3.2) * s * 0.5,
            [(60, 140, 80), (120, 170, 60), (40, 110, 110), (90, 150, 120)][int(rng.integers(4))],
            0.7,
            0.004,
        )
    petals: list[Colour] = [
        (226, 50, 90),
        (240, 120, 60),
        (150, 70, 180),
        (250, 190, 50),
        (60, 110, 210),
        (230, 100, 170),
    ]
    for k, (cx, cy, s) in enumerate(
        (
            (0.5, 0.3, 0.15),
            (0.28, 0.38, 0.12),
            (0.72, 0.36, 0.13),
            (0.4, 0.15, 0.09),
            (0.64, 0.15, 0.1),
            (0.17, 0.2, 0.085),
            (0.85, 0.2, 0.085),
            (0.36, 0.52, 0.09),
            (0.62, 0.53, 0.095),
            (0.86, 0.5, 0.075),
            (0.13, 0.55, 0.07),
        )
    ):
        colour, count, turn = petals[k % len(petals)], int(rng.integers(5, 8)), rng.uniform(0, 6.28)
        for p in range(count):
            t = turn + 2 * np.pi * p / count
            px, py = cx + s * 0.5 * np.cos(t), cy + s * 0.5 * np.sin(t)
            u, v = ((x - px) * np.cos(t) + (y - py) * np.sin(t)) / s, (-(x - px) * np.sin(t) + (y - py) * np.cos(t)) / s
            stain((0.55 - np.hypot(u, v * 1.35)) * s, colour, 0.62, 0.006)
        stain(s * 0.2 - np.hypot(x - cx, y - cy), (110, 70, 30), 1.0, 0.004)
    jar = np.minimum(0.13 - np.abs(x - 0.5) - 0.03 * np.cos(9 * (y - 0.6)), np.minimum(y - 0.66, 0.93 - y))
    stain(jar, (120, 170, 200), 0.6, 0.003)
    stain(np.minimum(jar - 0.012, y - 0.74), (70, 140, 180), 0.5, 0.003)
    for _ in range(14):
        cx, cy, r = rng.random(), rng.random(), 0.003 + 0.007 * rng.random() ** 3
        stain(r - np.hypot(x - cx, y - cy), petals[int(rng.integers(len(petals)))], 0.6, 0.0008)
    return np.clip(picture * paper(rng, 0.03), 0, 1).astype(np.float32)
