"""Shapes as signed distances: positive inside, in sides of the picture."""

from __future__ import annotations

import cv2
import numpy as np

from assets.paint.noise import SIDE, Plane

Points = list[tuple[float, float]]


def rounded(points: Points, steps: int = 8) -> Points:
    """A closed curve through the points."""
    p = np.array(points, np.float64)
    before, after, beyond = np.roll(p, 1, 0), np.roll(p, -1, 0), np.roll(p, -2, 0)
    curve = []
    for t in np.arange(steps) / steps:
        curve.append(
            0.5
            * (
                2 * p
                + (after - before) * t
                + (2 * before - 5 * p + 4 * after - beyond) * t**2
                + (3 * p - before - 3 * after + beyond) * t**3
            )
        )
    whole = np.stack(curve, 1).reshape(-1, 2)
    return [(float(x), float(y)) for x, y in whole]


def placed(points: Points, cx: float, cy: float, size: float, turn: float = 0.0, flip: int = 1) -> Points:
    """Points around the origin, brought to their place; flip -1 mirrors them left to right."""
    c, s = np.cos(turn), np.sin(turn)
    return [(cx + size * flip * (c * u - s * v), cy + size * (s * u + c * v)) for u, v in points]


def polygon(points: Points, side: int = SIDE) -> Plane:
    """Signed distance to a closed outline."""
    mask = np.zeros((side * 2, side * 2), np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(points) * side * 2 * 8).astype(np.int32)], 255, cv2.LINE_8, 3)
    inside, outside = (cv2.distanceTransform(m, cv2.DIST_L2, 5) for m in (mask, 255 - mask))
    distance = cv2.resize(inside - outside, (side, side), interpolation=cv2.INTER_AREA)
    return (distance / (2 * side)).astype(np.float32)


def limb(x: Plane, y: Plane, a: tuple[float, float], b: tuple[float, float], ra: float, rb: float) -> Plane:
    """Signed distance to a stick with round ends, ra thick at a and rb at b."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    t = np.clip(((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy), 0, 1)
    return (ra + (rb - ra) * t - np.hypot(x - a[0] - t * dx, y - a[1] - t * dy)).astype(np.float32)


DOVE: Points = [
    (1.0, 0.02),
    (0.84, -0.12),
    (0.62, -0.1),
    (0.36, -0.2),
    (0.2, -0.62),
    (-0.14, -1.02),
    (-0.2, -0.72),
    (-0.38, -0.66),
    (-0.3, -0.36),
    (-0.42, -0.1),
    (-0.78, -0.14),
    (-1.12, -0.3),
    (-0.98, 0.02),
    (-1.08, 0.26),
    (-0.7, 0.14),
    (-0.44, 0.18),
    (-0.62, 0.5),
    (-0.6, 0.84),
    (-0.3, 0.74),
    (0.02, 0.3),
    (0.4, 0.22),
    (0.74, 0.14),
]
"""A bird that glides to the right, seen from above."""
