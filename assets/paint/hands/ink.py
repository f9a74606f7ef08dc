"""Washes of ink on rice paper: pines and peaks in mist."""

from __future__ import annotations

import cv2
import numpy as np

from assets.paint.noise import SIDE, Plane, clouds, grid, over, paper, smooth, soft, warp


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    x, y = grid()
    wet = np.zeros((SIDE, SIDE), np.float32)
    for base, height, cells, dark in (
        (0.4, 0.11, 2, 0.26),
        (0.5, 0.12, 3, 0.38),
        (0.64, 0.1, 3, 0.55),
        (0.8, 0.09, 4, 0.8),
    ):
        line = base - height * np.abs(clouds(rng, cells, 6)[SIDE // 2]) * 1.25 + height * 0.5
        below = (y - line[None, :]).astype(np.float32)
        below = warp(below, 5 * smooth(rng, 20), 5 * smooth(rng, 20))
        fade = np.exp(-np.clip(below, 0, 1) / (0.09 + 0.03 * smooth(rng, 3)).clip(0.04))
        folds = np.clip(
            0.7 + 0.42 * clouds(rng, 7, 5) + 0.5 * np.sin(60 * (x + 0.35 * y) + 6 * clouds(rng, 4, 3)) * 0.4, 0.1, 1.6
        )
        wash = soft(below, 0.003) * fade * folds * dark
        rim = (
            soft(0.0035 + 0.003 * smooth(rng, 24) - np.abs(below), 0.0022)
            * dark
            * np.clip(0.7 + 0.7 * smooth(rng, 12), 0, 1)
        )
        wet = wet * (1 - soft(below, 0.003) * 0.82) + np.maximum(wash, rim)

    def branch(px: float, py: float, heading: float, length: float, width: float) -> None:
        nonlocal wet
        for _ in range(int(length / 5)):
            heading += rng.normal(0, 0.16)
            qx, qy = px + 5 * np.cos(heading), py + 5 * np.sin(heading)
            cv2.line(
                wet,
                (round(px * 8), round(py * 8)),
                (round(qx * 8), round(qy * 8)),
                float(0.8 + 0.18 * rng.random()),
                max(1, round(width)),
                cv2.LINE_AA,
                3,
            )
            px, py, width = qx, qy, width * 0.972
            if width > 2 and rng.random() < 0.2:
                branch(px, py, heading + rng.choice([-1, 1]) * rng.uniform(0.7, 1.25), length * 0.42, width * 0.6)
            if width < 4.5 and rng.random() < 0.75:
                for _ in range(14):
                    t = -np.pi / 2 + rng.normal(0, 0.85)
                    r = rng.uniform(9, 26)
                    end = (round((px + r * np.cos(t)) * 8), round((py + r * np.sin(t)) * 8))
                    cv2.line(
                        wet, (round(px * 8), round(py * 8)), end, float(rng.uniform(0.55, 0.95)), 1, cv2.LINE_AA, 3
                    )

    branch(655, 770, -1.85, 400, 19)
    branch(690, 770, -1.45, 290, 13)
    branch(60, 770, -1.2, 230, 11)
    for _ in range(5):
        bx, by, s = rng.uniform(200, 420), rng.uniform(70, 190), rng.uniform(8, 15)
        for side in (-1, 1):
            curve = np.array([(bx + side * s * t, by - s * 0.7 * np.sin(t * 2.4)) for t in np.linspace(0, 1, 8)])
            cv2.polylines(wet, [np.round(curve * 8).astype(np.int32)], False, 0.8, 2, cv2.LINE_AA, 3)
    for _ in range(170):
        cx, cy, r = rng.random(), rng.random(), 0.0008 + 0.005 * rng.random() ** 5
        wet = np.maximum(wet, soft(r - np.hypot(x - cx, y - cy), 0.0012) * rng.uniform(0.25, 0.9))
    sun = soft(0.062 - np.hypot(x - 0.33, y - 0.2) + 0.002 * smooth(rng, 30), 0.003)
    bleeding = cv2.GaussianBlur(wet, (0, 0), 3.2) * 0.45 + wet * 0.72
    dry = np.clip(0.86 + 0.16 * clouds(rng, 120, 2), 0.35, 1.08)
    strength = np.clip(bleeding * dry, 0, 0.97)
    sheet = (
        np.array((0.945, 0.915, 0.84), np.float32)
        * paper(rng, 0.022)
        * (1 - 0.07 * np.clip(clouds(rng, 3), -1, 2))[..., None]
    )
    picture = over(sheet.astype(np.float32), sun * 0.8 * np.clip(0.9 + 0.1 * clouds(rng, 50), 0, 1), (196, 60, 44))
    picture = over(picture, strength.astype(np.float32), (26, 28, 36))
    seal = soft(0.028 - np.maximum(np.abs(x - 0.09), np.abs(y - 0.12)), 0.002) * np.clip(
        1.2 + 0.5 * clouds(rng, 60), 0, 1
    )
    marks = soft(0.4 - np.abs(np.sin(150 * (x - 0.09)) * np.sin(110 * (y - 0.12))) - 0.12, 0.1) * soft(
        0.021 - np.maximum(np.abs(x - 0.09), np.abs(y - 0.12)), 0.002
    )
    picture = over(picture, np.clip(seal * (1 - 0.8 * marks), 0, 1).astype(np.float32), (186, 36, 30))
    return np.clip(picture, 0, 1)
