"""Washes of ink on rice paper: a pine, a pagoda and cranes before peaks in mist."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from assets.paint.noise import SIDE, Plane, clouds, grid, over, paper, smooth, soft, warp
from assets.paint.shapes import Points, limb, placed, polygon, rounded

CRANE: Points = [
    (1.25, -0.02),
    (0.98, -0.1),
    (0.6, -0.06),
    (0.3, -0.14),
    (0.02, -0.62),
    (-0.5, -1.0),
    (-0.42, -0.72),
    (-0.6, -0.68),
    (-0.44, -0.5),
    (-0.52, -0.4),
    (-0.3, -0.14),
    (-0.6, 0.04),
    (-0.3, 0.16),
    (0.2, 0.14),
    (0.6, 0.03),
    (0.95, -0.01),
]
"""A crane that flies to the right, its wing raised."""


def mountains(rng: np.random.Generator) -> Plane:
    """Peaks behind peaks, each range sunk in mist: how wet the sheet is, 0..1."""
    x, y = grid()
    wet = np.clip(0.1 + 0.09 * clouds(rng, 3, 4) + 0.3 * np.clip(0.25 - y, 0, 1), 0, 1)  # a washed sky
    for base, height, cells, dark in (
        (0.3, 0.13, 2, 0.26),
        (0.4, 0.13, 3, 0.36),
        (0.52, 0.13, 3, 0.5),
        (0.66, 0.11, 3, 0.66),
        (0.8, 0.1, 4, 0.84),
        (0.93, 0.07, 5, 0.95),
    ):
        line = base - height * np.abs(clouds(rng, cells, 6)[SIDE // 2]) * 1.35 + height * 0.5
        below = (y - line[None, :]).astype(np.float32)
        below = warp(below, 5 * smooth(rng, 20), 5 * smooth(rng, 20))
        fade = np.exp(-np.clip(below, 0, 1) / (0.1 + 0.03 * smooth(rng, 3)).clip(0.05))
        cracks = np.sin(60 * (x + 0.35 * y) + 6 * clouds(rng, 4, 3))
        folds = np.clip(0.7 + 0.42 * clouds(rng, 7, 5) + 0.25 * cracks, 0.1, 1.6)
        strokes = soft(np.sin(150 * (x - 0.5 * y) + 9 * clouds(rng, 5, 4)) - 0.82, 0.12) * np.exp(
            -np.clip(below, 0, 1) / 0.07
        )
        wash = soft(below, 0.003) * np.clip(fade * folds + 0.45 * strokes, 0, 1.3) * dark
        rim = soft(0.0035 + 0.003 * smooth(rng, 24) - np.abs(below), 0.0022) * dark
        rim = rim * np.clip(0.7 + 0.7 * smooth(rng, 12), 0, 1)
        wet = wet * (1 - soft(below, 0.003) * 0.8) + np.maximum(wash, rim)
        shrubs = soft(0.006 - np.abs(below - 0.004), 0.004) * soft(clouds(rng, 60, 2) - 0.5, 0.3)
        wet = np.maximum(wet, shrubs * dark)
    return wet.astype(np.float32)


def pagoda(wet: Plane, cx: float, foot: float, size: float) -> Plane:
    """A tower of five roofs."""
    x, y = grid()
    for level in range(5):
        w, top = size * (0.5 - 0.07 * level), foot - size * 0.36 * (level + 1)
        wall = np.minimum(w * 0.55 - np.abs(x - cx), np.minimum(y - top, top + size * 0.36 - y))
        wet = wet * (1 - soft(wall, 0.001)) + 0.16 * soft(wall, 0.001)
        posts = soft(np.cos((x - cx) / w * 16) - 0.7, 0.2) * soft(wall, 0.001)
        eaves = [
            (-1.0, -0.2),
            (-0.62, -0.26),
            (-0.3, -0.62),
            (0.3, -0.62),
            (0.62, -0.26),
            (1.0, -0.2),
            (0.8, 0),
            (-0.8, 0),
        ]
        roof = polygon([(cx + w * u, top + 0.36 * size * v + 0.05 * size) for u, v in eaves])
        wet = np.maximum(wet, np.maximum(posts * 0.7, soft(roof, 0.001) * 0.94))
    spire = limb(x, y, (cx, foot - size * 2.25), (cx, foot - size * 1.8), 0.0015, 0.004)
    return np.maximum(wet, soft(spire, 0.001) * 0.9).astype(np.float32)


class Tree:
    """A pine, drawn straight onto the wet sheet (in place)."""

    def __init__(self, wet: Plane, rng: np.random.Generator) -> None:
        self.wet, self.rng = wet, rng

    def stroke(self, a: tuple[float, float], b: tuple[float, float], dark: float, width: float) -> None:
        """Drag the brush from one point to another, in pixels."""
        ends = [(round(p * 8), round(q * 8)) for p, q in (a, b)]
        cv2.line(self.wet, ends[0], ends[1], dark, max(1, round(width)), cv2.LINE_AA, 3)

    def needles(self, px: float, py: float, size: float) -> None:
        """A fan of needles over pale wash: a cloud of them is a bough's foliage."""
        rng = self.rng
        for t in np.linspace(-np.pi * 0.98, -0.02, 21) + rng.normal(0, 0.05, 21):
            r = size * rng.uniform(0.75, 1.1)
            self.stroke((px, py), (px + r * np.cos(t), py + 0.8 * r * np.sin(t)), float(rng.uniform(0.6, 0.95)), 1)

    def bough(self, px: float, py: float, way: int, length: float, width: float) -> None:
        """A branch that reaches out level, with fans of needles along its upper side."""
        rng, heading = self.rng, -0.35
        for k in range(int(length / 8)):
            heading += rng.normal(0, 0.28) - 0.15 * (heading - 0.05)
            qx, qy = px + way * 8 * np.cos(heading), py + 8 * np.sin(heading)
            self.stroke((px, py), (qx, qy), float(rng.uniform(0.75, 0.95)), width * (1 - 0.75 * k * 8 / length))
            px, py = qx, qy
            if k * 8 > length * 0.25:
                self.needles(px + rng.normal(0, 4), py + rng.uniform(-12, 3), rng.uniform(15, 27))
        self.needles(px, py, 22)

    def pine(self, px: float, py: float, height: float, width: float, lean: float, boughs: int) -> None:
        """A trunk that bends to and fro, bark on it, and boughs to both sides."""
        rng = self.rng
        steps = int(height / 6)
        trunk = []
        for k in range(steps):
            t = k / steps
            trunk.append(
                (px + lean * t * height + 0.07 * height * np.sin(5.5 * t), py - height * t, width * (1 - 0.8 * t))
            )
        for (ax, ay, w), (bx, by, _) in pairwise(trunk):
            self.stroke((ax, ay), (bx, by), float(rng.uniform(0.62, 0.8)), w)
            edge = rng.choice([-1, 1], p=[0.3, 0.7]) * w * rng.uniform(0.2, 0.5)
            self.stroke((ax + edge, ay), (bx + edge, by), 0.97, w * 0.22)
            if w > 5:
                cv2.ellipse(self.wet, ((ax + rng.normal(0, w * 0.25), ay), (w * 0.4, w * 0.5), 0), 0.35, 1, cv2.LINE_AA)
        for k in range(boughs):
            t = 0.36 + 0.64 * k / (boughs - 1)
            ax, ay, w = trunk[min(steps - 1, int(t * steps))]
            self.bough(
                ax, ay, 1 if k % 2 else -1, height * (0.5 - 0.3 * t) * rng.uniform(0.8, 1.15), max(2.0, w * 0.55)
            )


def cranes(picture: Plane) -> Plane:
    """Three birds: white bodies, black wing tips and necks, a red crown."""
    x, y = grid()
    for cx, cy, size, turn in ((0.6, 0.13, 0.075, -0.12), (0.75, 0.22, 0.055, -0.05), (0.46, 0.25, 0.045, -0.2)):
        body = polygon(rounded(placed(CRANE, cx, cy, size, turn)))
        picture = over(picture, soft(0.0016 - np.abs(body), 0.001) * 0.85, (26, 28, 36))
        picture = over(picture, soft(body - 0.0012, 0.001), (252, 249, 240))
        ((hx, hy), (nx, ny), (tx, ty), (wx, wy), (lx, ly)) = placed(
            [(1.05, -0.05), (0.55, -0.01), (-0.5, -0.98), (-0.44, -0.4), (-1.15, 0.16)], cx, cy, size, turn
        )
        dark = np.maximum(
            limb(x, y, (hx, hy), (nx, ny), 0.003, 0.0045),
            np.minimum(body, limb(x, y, (tx, ty), (wx, wy), 0.011, 0.015)),
        )
        legs = limb(x, y, (cx - 0.4 * size, cy + 0.08 * size), (lx, ly), 0.0022, 0.001)
        picture = over(picture, soft(np.maximum(dark, legs), 0.001) * 0.92, (26, 28, 36))
        picture = over(picture, soft(0.0035 - np.hypot(x - hx, y - hy + 0.004), 0.001), (200, 40, 34))
    return picture


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    x, y = grid()
    wet = pagoda(mountains(rng), 0.3, 0.672, 0.095)
    tree = Tree(np.ascontiguousarray(wet), rng)
    tree.pine(640, 790, 470, 30, -0.12, 11)
    tree.pine(716, 790, 300, 18, 0.1, 7)
    tree.pine(70, 790, 260, 17, 0.16, 7)
    wet = tree.wet
    for _ in range(170):
        cx, cy, r = rng.random(), rng.random(), 0.0008 + 0.005 * rng.random() ** 5
        wet = np.maximum(wet, soft(r - np.hypot(x - cx, y - cy), 0.0012) * rng.uniform(0.25, 0.9))
    bleeding = cv2.GaussianBlur(wet, (0, 0), 3.2) * 0.4 + wet * 0.74
    dry = np.clip(0.86 + 0.16 * clouds(rng, 120, 2), 0.35, 1.08)
    strength = np.clip(bleeding * dry, 0, 0.97).astype(np.float32)
    stains = (1 - 0.07 * np.clip(clouds(rng, 3), -1, 2))[..., None]
    sheet = np.array((0.945, 0.915, 0.84), np.float32) * paper(rng, 0.03) * stains
    sun = soft(0.068 - np.hypot(x - 0.3, y - 0.15) + 0.002 * smooth(rng, 30), 0.003)
    picture = over(sheet.astype(np.float32), sun * 0.85 * np.clip(0.9 + 0.1 * clouds(rng, 50), 0, 1), (196, 60, 44))
    picture = cranes(over(picture, strength, (26, 28, 36)))
    near = np.maximum(np.abs(x - 0.09), np.abs(y - 0.12))
    seal = soft(0.028 - near, 0.002) * np.clip(1.2 + 0.5 * clouds(rng, 60), 0, 1)
    marks = soft(0.28 - np.abs(np.sin(150 * (x - 0.09)) * np.sin(110 * (y - 0.12))), 0.1) * soft(0.021 - near, 0.002)
    picture = over(picture, np.clip(seal * (1 - 0.8 * marks), 0, 1).astype(np.float32), (186, 36, 30))
    return np.clip(picture, 0, 1)
