"""Hatching with a burnt stick on toned paper: a jug, a bottle and fruit before a curtain."""

from __future__ import annotations

import cv2
import numpy as np

from assets.paint.noise import Plane, clouds, grid, over, paper, smooth, soft
from assets.paint.shapes import limb, polygon, rounded
from assets.paint.strokes import hatch, tangents


def room(rng: np.random.Generator) -> Plane:
    """The tones of a wall, a curtain and a checked cloth on a table."""
    x, y = grid()
    tone = (
        0.36 - 0.16 * x + 0.22 * np.exp(-(((x - 0.52) / 0.16) ** 2) - ((y - 0.25) / 0.3) ** 2) + 0.05 * clouds(rng, 3)
    )
    for centre, width, edge in ((0.0, 0.3, 1), (1.0, 0.3, -1)):
        hem = (x - centre) * edge - width * (0.8 - 0.45 * np.sin(2.4 * y + 0.4) ** 2)
        folds = 0.42 + 0.3 * np.sin(52 * (x + 0.06 * np.sin(4 * y)) * (1 + 0.25 * (1 - y)) + smooth(rng, 3))
        tone = np.where(hem < 0, folds * (1.0 - 0.3 * y), np.where(hem < 0.02, 0.12, tone))
    cloth = 0.74 - 0.2 * x + 0.12 * np.sin(17 * x + 8 * y + 1.6 * clouds(rng, 3)) - 0.3 * (y - 0.6)
    across = np.maximum(np.sin(62 * (x + 0.6 * y)), np.sin(62 * (x - 0.75 * y)))
    check = 0.2 * soft(across - 0.75, 0.1)
    edge = y - 0.655 - 0.012 * np.sin(6 * x)
    return np.where(edge > 0, cloth - check, np.where(edge > -0.012, 0.14, tone)).astype(np.float32)


def still_life(rng: np.random.Generator) -> tuple[Plane, Plane]:
    """The tones of the whole, lit from the left, and its contours, (H, W) each."""
    x, y = grid()
    tone, contour = room(rng), np.zeros_like(x)

    def solid(inside: Plane, nx: Plane, ny: Plane, albedo: float) -> None:
        nonlocal tone, contour
        nz = np.sqrt(np.clip(1 - nx**2 - ny**2, 0, 1))
        light = np.clip(-0.62 * nx - 0.5 * ny + 0.6 * nz, 0, 1)
        shade = albedo * (0.08 + 1.05 * light) + 4.9 * np.clip(light - 0.93, 0, 1) + 0.1 * np.clip(nx - 0.8, 0, 1)
        mask = soft(inside, 0.002)
        tone = tone * (1 - mask) + shade * mask
        line = soft(0.0022 + 0.0016 * nx - np.abs(inside - 0.002), 0.0012)
        contour = np.maximum(contour * (1 - mask), line)

    def shadow(cx: float, cy: float, rx: float, ry: float) -> None:
        nonlocal tone
        d = np.hypot((x - cx - rx * 0.9) / (rx * 1.8), (y - cy) / ry)
        tone = tone * (1 - 0.75 * np.clip(1.3 - d, 0, 1))

    jug = [(0.27, 0.2), (0.3, 0.3), (0.22, 0.42), (0.195, 0.56), (0.25, 0.71), (0.33, 0.735)]
    jug += [(0.41, 0.71), (0.465, 0.56), (0.44, 0.42), (0.36, 0.3), (0.385, 0.2), (0.32, 0.215)]
    flask = [(0.585, 0.13), (0.588, 0.32), (0.535, 0.42), (0.53, 0.66), (0.56, 0.7)]
    flask += [(0.66, 0.7), (0.69, 0.66), (0.685, 0.42), (0.632, 0.32), (0.635, 0.13)]
    shadow(0.35, 0.73, 0.16, 0.06)
    shadow(0.62, 0.7, 0.13, 0.05)
    grip = 0.018 - np.abs(np.hypot((x - 0.43) / 0.085, (y - 0.4) / 0.14) - 1) * 0.09
    solid(np.where(x > 0.39, grip, -1), (grip - 0.012) * 20, 0 * x, 0.5)
    for outline, albedo in ((jug, 0.72), (flask, 0.34)):
        inside = polygon(rounded(outline))
        rows = (inside > 0).sum(1).clip(8)[:, None] / x.shape[1] / 2
        middle = np.array(outline)[:, 0].mean()
        solid(inside, np.clip((x - middle) / rows, -1, 1) * 0.97, -0.15 + 0 * x, albedo)
    for cx, cy, r, albedo in (
        (0.8, 0.76, 0.1, 0.55),
        (0.55, 0.82, 0.088, 0.75),
        (0.17, 0.82, 0.1, 0.5),
        (0.7, 0.9, 0.07, 0.9),
        (0.38, 0.88, 0.075, 0.62),
        *((0.86 + 0.045 * (k % 3) - 0.02 * (k // 3), 0.87 + 0.035 * (k // 3), 0.028, 0.36) for k in range(9)),
    ):
        shadow(cx, cy + r * 0.85, r, r * 0.45)
        solid(r - np.hypot(x - cx, y - cy), (x - cx) / r, (y - cy) / r, albedo)
        stalk = soft(limb(x, y, (cx, cy - r * 0.8), (cx + r * 0.2, cy - r * 1.3), 0.004, 0.003), 0.002)
        tone = tone * (1 - 0.8 * stalk)
    blurred = cv2.GaussianBlur(tone.astype(np.float32), (0, 0), 1.2)
    return np.clip(blurred, 0, 1).astype(np.float32), contour.astype(np.float32)


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    scene, contour = still_life(rng)
    tone = np.clip((scene - 0.03) * 1.3, 0, 1) ** 0.6
    angle = (0.9 + 0.5 * smooth(rng, 3)).astype(np.float32)
    edges, strength = tangents(np.repeat(scene[..., None], 3, 2), 5)
    angle = np.where(strength > 0.35, edges, angle).astype(np.float32)
    passes = [
        (0.9, 0.25, 70, 40.0, 12),
        (0.95, 0.0, 60, 8.5, 3),
        (0.68, 0.55, 46, 7.5, 3),
        (0.52, -0.5, 36, 6.5, 3),
        (0.36, 1.2, 28, 5.0, 3),
    ]
    dark = hatch(tone, angle, rng, passes=passes)
    outline = contour * np.clip(0.75 + 0.4 * smooth(rng, 9), 0.2, 1)
    smear = cv2.GaussianBlur(1 - tone, (0, 0), 3) * 0.42
    tooth = np.clip(0.82 + 0.22 * clouds(rng, 340, 1), 0.2, 1)
    coal = np.clip((dark * 0.85 + outline) * tooth + smear * (0.8 + 0.2 * tooth), 0, 0.97)
    sheet = np.array((0.83, 0.75, 0.63), np.float32) * paper(rng, 0.025)
    drawn = over(sheet.astype(np.float32), coal.astype(np.float32), (28, 24, 26))
    turned = (angle + 0.2).astype(np.float32)
    chalk = hatch(1.35 - tone, turned, rng, passes=[(0.62, 0.0, 34, 5.5, 4)]) * tooth
    return np.clip(over(drawn, (chalk * 0.9).astype(np.float32), (255, 248, 236)), 0, 1)
