"""Glowing tubes in the rain: a street at night."""

from __future__ import annotations

import cv2
import numpy as np

from assets.paint.noise import SIDE, Colour, Plane, clouds, grid, over, ramp, smooth, soft


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    horizon = 0.62
    x, y = grid()
    street = np.zeros((SIDE, SIDE, 3), np.float32)
    night = ramp(y + 0.05 * clouds(rng, 3), (0, (16, 10, 40)), (0.4, (50, 16, 80)), (horizon, (120, 30, 110)))
    street += night
    hues: list[Colour] = [(255, 40, 150), (40, 220, 255), (255, 200, 40), (150, 70, 255), (60, 255, 150), (255, 90, 50)]
    tubes = np.zeros_like(street)

    def tube(points: list[tuple[float, float]], colour: Colour, width: int = 2, *, closed: bool = False) -> None:
        line = np.round(np.array(points) * SIDE * 8).astype(np.int32)
        cv2.polylines(tubes, [line], closed, (np.array(colour) / 255).tolist(), width, cv2.LINE_AA, 3)

    for depth, shade in ((0.35, 0.5), (0.65, 0.32), (1.0, 0.16)):
        left = 0.0
        while left < 1:
            w = rng.uniform(0.05, 0.13) * (0.6 + depth * 0.6)
            away = abs(left + w / 2 - 0.5)
            top = horizon - rng.uniform(0.12, 0.28) - 0.62 * away * depth
            if away > 0.16 * depth:
                block = (x > left) & (x < left + w) & (y > top) & (y < horizon + 0.02)
                wall = np.array((46, 26, 84), np.float32) / 255 * shade * (1 + 0.25 * clouds(rng, 8))[..., None]
                street = np.where(block[..., None], wall, street)
                hue = hues[int(rng.integers(len(hues)))]
                for wy in np.arange(top + 0.012, horizon - 0.01, 0.019):
                    for wx in np.arange(left + 0.01, left + w - 0.012, 0.016):
                        if rng.random() < 0.5:
                            lamp = [(255, 214, 120), (120, 200, 255), hue, (255, 150, 90)][int(rng.integers(4))]
                            a, b = (int(wx * SIDE), int(wy * SIDE)), (int((wx + 0.008) * SIDE), int((wy + 0.01) * SIDE))
                            cv2.rectangle(street, a, b, (np.array(lamp) / 255 * rng.uniform(0.25, 0.95)).tolist(), -1)
                if rng.random() < 0.85:
                    tube([(left, top), (left + w, top), (left + w, horizon), (left, horizon)], hue, 2, closed=False)
                if depth > 0.5:
                    sign_y, kind = rng.uniform(max(top, 0.1), horizon - 0.12), int(rng.integers(4))
                    cx, s = left + w / 2, min(w * 0.36, 0.045)
                    bright = hues[int(rng.integers(len(hues)))]
                    if kind == 0:
                        tube(
                            [(cx + s * np.cos(t), sign_y + s * np.sin(t)) for t in np.linspace(0, 6.28, 30)],
                            bright,
                            3,
                            closed=True,
                        )
                    elif kind == 1:
                        tube(
                            [
                                (
                                    cx + s * (1 if k % 2 else 0.45) * np.sin(k * np.pi / 5),
                                    sign_y - s * (1 if k % 2 else 0.45) * np.cos(k * np.pi / 5),
                                )
                                for k in range(10)
                            ],
                            bright,
                            3,
                            closed=True,
                        )
                    elif kind == 2:
                        for k in range(4):
                            tube(
                                [(cx - s, sign_y + k * s * 0.5), (cx + s * rng.uniform(0.2, 1), sign_y + k * s * 0.5)],
                                bright,
                                3,
                            )
                    else:
                        tube(
                            [(cx - s, sign_y), (cx, sign_y - s), (cx + s, sign_y), (cx, sign_y + s)],
                            bright,
                            3,
                            closed=True,
                        )
            left += w
    for k in range(7):
        t = 0.06 + 0.15 * k
        tube([(t - 0.5 + 0.5, 0.1 + 0.03 * np.sin(9 * t)), (t + 0.12, 0.13 + 0.04 * np.sin(7 * t))], hues[k % 6], 1)
    moon = [(0.5 + 0.085 * np.cos(t), 0.2 + 0.085 * np.sin(t)) for t in np.linspace(0, 6.28, 60)]
    tube(moon, (255, 60, 160), 4, closed=True)
    for k in range(5):
        tube([(0.43, 0.17 + 0.018 * k), (0.57, 0.17 + 0.018 * k)], (255, 130, 90), 2)
    street = street + tubes * 0.9
    upper = street[: int(horizon * SIDE)]
    mirror = cv2.resize(upper[::-1], (SIDE, SIDE - upper.shape[0]), interpolation=cv2.INTER_LINEAR)
    mirror = cv2.GaussianBlur(mirror, (0, 0), sigmaX=1.2, sigmaY=7)
    mx, my = np.meshgrid(np.arange(SIDE, dtype=np.float32), np.arange(mirror.shape[0], dtype=np.float32))
    ripple = 6 * np.sin(my * 0.55 + 3 * smooth(rng, 6)[: mirror.shape[0]]) * (0.4 + my / SIDE * 3)
    mirror = cv2.remap(mirror, mx + ripple, my, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    street[int(horizon * SIDE) :] = mirror * 0.85 + 0.02
    for lane in (-0.32, -0.1, 0.1, 0.32):
        cv2.line(
            street,
            (SIDE // 2, int(horizon * SIDE)),
            (int((0.5 + lane * 3.2) * SIDE), SIDE),
            (0.5, 0.2, 0.55),
            2,
            cv2.LINE_AA,
        )
    figures = np.zeros((SIDE, SIDE), np.float32)
    for cx, s in ((0.42, 0.1), (0.55, 0.075), (0.66, 0.13)):
        base = horizon + s * 1.1
        body = (
            soft(s * (0.1 + 0.16 * np.clip((y - base + s * 1.3) / s, 0, 1)) - np.abs(x - cx), 0.003)
            * soft(y - base + s * 1.3, 0.003)
            * soft(base - y, 0.003)
        )
        brolly = soft(s * 0.46 - np.hypot(x - cx, (y - base + s * 1.32) * 1.3), 0.003) * soft(base - s * 1.3 - y, 0.003)
        figures = np.maximum(figures, np.maximum(body, brolly))
        arc = [
            (cx + s * 0.46 * np.cos(t), base - s * 1.32 + s * 0.35 * np.sin(t))
            for t in np.linspace(np.pi, 2 * np.pi, 20)
        ]
        line = np.round(np.array(arc) * SIDE * 8).astype(np.int32)
        street = over(street, np.maximum(body, brolly), (14, 8, 30))
        cv2.polylines(street, [line], False, (np.array(hues[int(s * 100) % 6]) / 255).tolist(), 2, cv2.LINE_AA, 3)
    rain = np.zeros((SIDE, SIDE), np.float32)
    for _ in range(900):
        a, b, length = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(8, 34)
        cv2.line(
            rain,
            (int(a), int(b)),
            (int(a - length * 0.18), int(b + length)),
            float(rng.uniform(0.08, 0.4)),
            1,
            cv2.LINE_AA,
        )
    street = street + rain[..., None] * np.array((0.5, 0.55, 0.8), np.float32)
    bright = np.clip(street - 0.42, 0, 2)
    bloom = sum(cv2.GaussianBlur(bright, (0, 0), s) * g for s, g in ((3, 0.8), (9, 0.9), (26, 1.0)))
    return np.clip(1 - np.exp(-1.5 * (street + bloom)), 0, 1).astype(np.float32)
