"""Small stones that follow the forms: fish in a reef."""

from __future__ import annotations

import cv2
import numpy as np

from assets.paint.noise import SIDE, Plane, clouds, grid, lit, over, ramp, smooth, soft
from assets.paint.strokes import tangents


def reef(rng: np.random.Generator) -> Plane:
    """Two fish among weeds and suns of the sea."""
    x, y = grid()
    picture = ramp(y + 0.07 * clouds(rng, 3), (0, (90, 200, 210)), (0.45, (20, 120, 170)), (1, (10, 40, 96)))
    rays = np.clip(np.sin(18 * (x + 0.35 * y) + 2 * clouds(rng, 2)), 0, 1) * np.clip(0.8 - y, 0, 1) * 0.4
    picture = over(picture, rays.astype(np.float32), (220, 246, 230))
    for _ in range(26):
        cx, top, w = rng.random(), 0.45 + 0.4 * rng.random(), 0.008 + 0.014 * rng.random()
        weed = soft(w * np.clip((y - top) / 0.3, 0, 1) - np.abs(x - cx - 0.03 * np.sin(14 * y + 9 * cx)), 0.003)
        picture = over(
            picture, weed, [(30, 130, 80), (120, 160, 50), (170, 60, 90), (220, 120, 60)][int(rng.integers(4))]
        )
    for cx, cy, s, turn, hue in ((0.53, 0.35, 0.26, 1, (240, 120, 30)), (0.4, 0.7, 0.21, -1, (230, 190, 50))):
        u, v = (x - cx) / s * turn, (y - cy) / s
        v = v + 0.08 * np.sin(3 * u)
        body = 1 - np.hypot(u / 1.0, v / 0.48)
        tail = np.minimum(0.42 - np.abs(u + 1.22), 0.55 * (-u - 0.8) + 0.06 - np.abs(v)) * 1.5
        fin = np.minimum(0.75 - np.abs(v + 0.32) * 2.2, 0.42 - np.abs(u - 0.0))
        picture = over(picture, soft(np.maximum(tail, fin), 0.03), tuple(c * 0.75 for c in hue))
        bands = np.sin(11 * u + 1.2 * np.sin(4 * v))
        flesh = ramp(
            v + 0.15 * bands, (-0.5, tuple(min(255, c * 1.1 + 20) for c in hue)), (0.1, hue), (0.5, (250, 236, 200))
        )
        picture = over(picture, soft(body, 0.03), flesh)
        picture = over(picture, soft(bands - 0.72, 0.1) * soft(body - 0.06, 0.03), (250, 244, 230))
        picture = over(picture, soft(0.085 - np.hypot(u - 0.62, v + 0.1), 0.01), (255, 255, 250))
        picture = over(picture, soft(0.05 - np.hypot(u - 0.64, v + 0.1), 0.01), (10, 16, 40))
    for _ in range(16):
        cx, cy, r = rng.random(), 0.8 + 0.2 * rng.random(), 0.03 + 0.05 * rng.random()
        d = np.hypot(x - cx, y - cy) * (1 + 0.18 * np.sin(9 * np.arctan2(y - cy, x - cx)))
        picture = over(
            picture,
            soft(r - d, 0.004),
            [(224, 90, 110), (246, 170, 90), (180, 80, 160), (250, 220, 150)][int(rng.integers(4))],
        )
        picture = over(picture, soft(r * 0.35 - d, 0.004), (90, 30, 80))
    for _ in range(40):
        cx, cy, r = rng.random(), rng.random() * 0.8, 0.004 + 0.012 * rng.random()
        picture = over(picture, soft(0.004 - np.abs(np.hypot(x - cx, y - cy) - r), 0.002), (210, 246, 250))
    return picture


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    scene = np.clip(reef(rng), 0, 1)
    angle, strength = tangents(scene, 12)
    angle = np.where(strength > 0.05, angle, 0.4 * smooth(rng, 3)).astype(np.float32)
    scale = 2
    side = SIDE * scale
    canvas = np.ones((side, side, 3), np.float32) * np.array((0.2, 0.19, 0.18), np.float32)
    height = np.zeros((side, side), np.float32)
    taken = np.zeros((side, side), np.uint8)
    for size, count in ((16.0, 26000), (12.0, 20000), (9.0, 22000), (6.0, 26000)):
        for px, py in rng.uniform(0, SIDE, (count, 2)):
            row, column = int(py), int(px)
            if taken[row * scale, column * scale]:
                continue
            s = size * scale * (0.8 if strength[row, column] > 0.5 else 1.0)
            long, wide = s * rng.uniform(0.9, 1.15), s * rng.uniform(0.74, 0.92)
            turn = np.degrees(float(angle[row, column]))
            centre = (px * scale, py * scale)
            left, top = max(0, int(centre[0] - s)), max(0, int(centre[1] - s))
            window = taken[top : int(centre[1] + s) + 1, left : int(centre[0] + s) + 1]
            own = np.zeros(window.shape, np.uint8)
            box = cv2.boxPoints((centre, (long, wide), turn))
            cv2.fillConvexPoly(own, np.round(box - (left, top)).astype(np.int32), 1)
            if (own & window).sum() > 0.06 * long * wide:
                continue
            spread = cv2.boxPoints((centre, (long + 2.5, wide + 2.5), turn))
            cv2.fillConvexPoly(taken, np.round(spread).astype(np.int32), 1)
            near = scene[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4].reshape(-1, 3)
            colour = np.clip(np.median(near, 0) * rng.uniform(0.8, 1.18) + rng.normal(0, 0.025, 3), 0, 1)
            stone = np.round((box + rng.normal(0, 0.06 * size, box.shape)) * 8).astype(np.int32)
            cv2.fillConvexPoly(canvas, stone, colour.tolist(), cv2.LINE_AA, 3)
            cv2.fillConvexPoly(height, stone, float(rng.uniform(0.75, 1)), cv2.LINE_AA, 3)
    shine = lit(cv2.GaussianBlur(height, (0, 0), 2.2), 0.28)
    grain = 1 + 0.05 * clouds(rng, 64, 4, side)[..., None]
    whole = np.clip(canvas * shine * grain, 0, 1).astype(np.float32)
    return np.asarray(cv2.resize(whole, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)
