"""Hatching with a burnt stick on toned paper: a jug, a bottle and fruit."""

from __future__ import annotations

import cv2
import numpy as np

from assets.paint.noise import Plane, clouds, grid, over, paper, smooth
from assets.paint.strokes import hatch, tangents


def still_life(rng: np.random.Generator) -> Plane:
    """A jug, a bottle and fruit on a cloth by a window, in greys."""
    x, y = grid()
    tone = 0.42 + 0.22 * (1 - x) - 0.2 * y + 0.03 * clouds(rng, 4)
    cloth = 0.7 - 0.25 * x + 0.09 * np.sin(20 * x + 6 * y + 2 * clouds(rng, 3)) - 0.16 * (y - 0.6)
    tone = np.where(y > 0.62 + 0.03 * np.sin(6 * x), cloth, tone).astype(np.float32)

    def solid(tone: Plane, inside: Plane, nx: Plane, ny: Plane, albedo: float) -> Plane:
        nz = np.sqrt(np.clip(1 - nx**2 - ny**2, 0, 1))
        light = np.clip(-0.62 * nx - 0.5 * ny + 0.6 * nz, 0, 1)
        shade = albedo * (0.12 + 0.95 * light) + 0.9 * np.clip(light - 0.93, 0, 1) * 9 * 0.6
        return np.where(inside > 0, shade, tone).astype(np.float32)

    def shadow(tone: Plane, cx: float, cy: float, rx: float, ry: float) -> Plane:
        d = np.hypot((x - cx - rx * 0.9) / (rx * 1.7), (y - cy) / ry)
        return (tone * (1 - 0.6 * np.clip(1.3 - d, 0, 1))).astype(np.float32)

    for cx, top, bottom, profile, albedo in (
        (
            0.36,
            0.16,
            0.78,
            lambda t: 0.06 + 0.1 * np.sin(np.pi * np.clip(t * 1.1 - 0.12, 0, 1)) ** 1.4 + 0.02 * (t < 0.08),
            0.62,
        ),
        (0.62, 0.2, 0.72, lambda t: np.where(t < 0.34, 0.026, np.where(t < 0.5, 0.026 + (t - 0.34) * 0.34, 0.08)), 0.3),
    ):
        t = np.clip((y - top) / (bottom - top), 0, 1)
        half = np.asarray(profile(t), np.float32)
        tone = shadow(tone, cx, bottom, 0.13, 0.05)
        inside = (np.abs(x - cx) < half) & (y > top) & (y < bottom - 0.02 * ((x - cx) / 0.1) ** 2 + 0.02)
        tone = solid(tone, inside.astype(np.float32), (x - cx) / half * 0.98, np.zeros_like(x) - 0.1, albedo)
    for cx, cy, r, albedo in (
        (0.8, 0.76, 0.095, 0.55),
        (0.52, 0.83, 0.085, 0.7),
        (0.2, 0.84, 0.09, 0.45),
        (0.68, 0.88, 0.07, 0.85),
        (0.4, 0.9, 0.055, 0.6),
    ):
        tone = shadow(tone, cx, cy + r * 0.85, r, r * 0.45)
        d = np.hypot(x - cx, y - cy)
        tone = solid(tone, (d < r).astype(np.float32), (x - cx) / r, (y - cy) / r, albedo)
    handle = np.abs(np.hypot((x - 0.49) / 0.09, (y - 0.36) / 0.13) - 1) * 0.09
    tone = np.where((handle < 0.014) & (x > 0.45), 0.25 + 8 * handle, tone)
    return np.repeat(np.clip(cv2.GaussianBlur(tone.astype(np.float32), (0, 0), 1.5), 0, 1)[..., None], 3, 2).astype(
        np.float32
    )


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    scene = still_life(rng)
    tone = np.clip((scene[..., 0] - 0.03) * 1.35, 0, 1) ** 0.62
    angle = (0.9 + 0.35 * smooth(rng, 3)).astype(np.float32)
    edges, strength = tangents(scene, 5)
    angle = np.where(strength > 0.35, edges, angle).astype(np.float32)
    passes = [(0.8, 0.0, 60, 5.5), (0.6, 0.55, 46, 4.6), (0.44, -0.5, 36, 4.2), (0.3, 1.2, 28, 3.6)]
    dark = hatch(tone, angle, rng, passes=passes)
    outline = np.clip(cv2.GaussianBlur(strength, (0, 0), 1) - 0.5, 0, 1) * np.clip(0.5 + 0.6 * smooth(rng, 9), 0, 1)
    smear = cv2.GaussianBlur(1 - tone, (0, 0), 10) * 0.42
    tooth = np.clip(0.78 + 0.3 * clouds(rng, 160, 2), 0.2, 1)
    coal = np.clip((dark * 0.95 + outline * 1.2) * tooth + smear * (0.8 + 0.2 * tooth), 0, 0.97)
    sheet = np.array((0.83, 0.75, 0.63), np.float32) * paper(rng, 0.025)
    drawn = over(sheet.astype(np.float32), coal.astype(np.float32), (28, 24, 26))
    chalk = hatch(1.35 - tone, (angle + 0.2).astype(np.float32), rng, passes=[(0.5, 0.0, 30, 5.0)]) * tooth
    return np.clip(over(drawn, (chalk * 0.85).astype(np.float32), (255, 248, 236)), 0, 1)
