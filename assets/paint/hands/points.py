"""Dots of pure colour that mix in the eye: a park by the water."""

from __future__ import annotations

import cv2
import numpy as np

from assets.paint.noise import SIDE, Plane, clouds, grid, over, paper, ramp, ridge, soft


def riverside(rng: np.random.Generator) -> Plane:
    """Noon in a park by the water, with sails and parasols."""
    x, y = grid()
    picture = ramp(y, (0, (120, 176, 226)), (0.32, (226, 232, 226)))
    picture = over(picture, soft(clouds(rng, 4) - 0.5, 0.5) * soft(0.3 - y, 0.1), (255, 250, 240))
    picture = over(picture, soft(ridge(rng, 0.31, 0.02, 5), 0.004), (92, 130, 120))
    water = ramp(y + 0.02 * clouds(rng, 10), (0.34, (150, 200, 220)), (0.6, (60, 120, 190)))
    picture = over(picture, soft(y - 0.34, 0.003), water)
    for cx, cy, s in ((0.2, 0.4, 0.08), (0.32, 0.37, 0.05), (0.55, 0.42, 0.1), (0.44, 0.36, 0.035)):
        sail = (
            soft(s * 0.5 * (y - cy + s) / s - np.abs(x - cx - 0.1 * s), 0.003)
            * soft(cy - y, 0.003)
            * soft(y - cy + s, 0.003)
        )
        picture = over(picture, sail, (255, 246, 226))
        picture = over(
            picture,
            soft(s * 0.6 - np.abs(x - cx), 0.004) * soft(s * 0.08 - np.abs(y - cy - 0.01), 0.003),
            (150, 60, 40),
        )
    shore = y - 0.52 - 0.28 * np.clip(0.75 - x, -1, 1) ** 2
    grass = ramp(
        y - 0.3 * x + 0.04 * clouds(rng, 8), (0.2, (214, 216, 96)), (0.55, (120, 170, 60)), (0.95, (46, 96, 62))
    )
    picture = over(picture, soft(shore, 0.004), grass)
    picture = over(picture, soft(shore - 0.18 + 0.06 * clouds(rng, 3), 0.02), (70, 116, 90))
    for cx, cy, s in ((0.93, 0.24, 0.3), (0.78, 0.2, 0.17)):
        crown = 1 - np.hypot((x - cx) / s, (y - cy) / (s * 0.9)) + 0.25 * clouds(rng, 10)
        picture = over(
            picture,
            soft(s * 0.06 - np.abs(x - cx + 0.02), 0.004) * soft(y - cy, 0.02) * soft(0.62 - y, 0.02),
            (90, 60, 70),
        )
        picture = over(picture, soft(crown, 0.15), ramp(y - 0.4 * x, (-0.3, (150, 190, 70)), (0.1, (30, 84, 70))))
    for cx, cy, s, dress, shade in ((0.36, 0.76, 0.12, (216, 60, 50), (250, 230, 190)), (0.5, 0.68, 0.08, (60, 60, 120), (240, 150, 60)),
                                    (0.66, 0.82, 0.15, (246, 240, 230), (230, 90, 120)), (0.2, 0.86, 0.13, (40, 60, 110), (20, 30, 50)), (0.82, 0.7, 0.09, (150, 80, 140), (250, 220, 90))):  # fmt: skip
        body = soft(s * (0.12 + 0.34 * np.clip((y - cy + s) / (1.6 * s), 0, 1)) - np.abs(x - cx), 0.004)
        picture = over(picture, body * soft(y - cy + s * 0.8, 0.004) * soft(cy + s * 0.8 - y, 0.004), dress)
        picture = over(picture, soft(s * 0.14 - np.hypot(x - cx, y - cy + s * 0.95), 0.004), (236, 190, 160))
        top = soft(s * 0.5 - np.hypot(x - cx - s * 0.2, (y - cy + s * 1.2) * 1.5), 0.004) * soft(
            cy - s * 1.15 - y, 0.004
        )
        picture = over(picture, top, shade)
        shadow = soft(s * 0.6 - np.hypot((x - cx - s * 0.5), (y - cy - s * 0.85) * 4), 0.01)
        picture = over(picture, shadow * 0.7, (40, 60, 110))
    return picture


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    scene = np.clip(riverside(rng), 0, 1)
    canvas = np.ones_like(scene) * np.array((0.93, 0.89, 0.8), np.float32)
    for radius, spacing in ((6.0, 6.6), (4.6, 5.0), (3.4, 4.4)):
        blurred = cv2.GaussianBlur(scene, (0, 0), radius * 0.5)
        places = [(a, b) for b in np.arange(0, SIDE, spacing) for a in np.arange(0, SIDE, spacing)]
        for i in rng.permutation(len(places)):
            px, py = np.asarray(places[i]) + rng.uniform(-0.6, 0.6, 2) * spacing
            row, column = min(SIDE - 1, max(0, int(py))), min(SIDE - 1, max(0, int(px)))
            hsv = cv2.cvtColor(blurred[row : row + 1, column : column + 1], cv2.COLOR_RGB2HSV)[0, 0]
            hsv[0] = (
                hsv[0] + rng.normal(0, 16) + (180 if rng.random() < 0.09 else 0)
            ) % 360  # now and then the complement
            hsv[1], hsv[2] = min(1.0, hsv[1] * 1.3 + 0.12), float(np.clip(hsv[2] + rng.normal(0, 0.08), 0.05, 1))
            rgb = cv2.cvtColor(hsv[None, None].astype(np.float32), cv2.COLOR_HSV2RGB)[0, 0]
            size = radius * rng.uniform(0.55, 0.85) * 8
            centre = (round(px * 8), round(py * 8))
            cv2.circle(canvas, centre, round(size), rgb.tolist(), -1, cv2.LINE_AA, 3)
    return np.clip(canvas * paper(rng, 0.02), 0, 1).astype(np.float32)
