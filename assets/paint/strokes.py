"""Strokes of a brush, a pen and a stick of charcoal, laid along a field of directions."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from assets.paint.noise import Plane, lit


@dataclass(frozen=True)
class Layer:
    """One round over the canvas."""

    length: float
    """Of a stroke, in pixels."""
    width: float
    bristles: int
    spacing: float
    """Between strokes, in pixels."""
    jitter: float = 0.06
    """Deviation of the colour from stroke to stroke, 0..1."""
    detail: float = 0.0
    """Strokes are laid only where the scene has that much contrast at their size."""


def tangents(scene: Plane, sigma: float) -> tuple[Plane, Plane]:
    """Directions along the edges of a picture, and how pronounced they are: (angle, 0..1)."""
    grey = cv2.GaussianBlur(scene.mean(-1), (0, 0), 1.5)
    gx, gy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.GaussianBlur(a, (0, 0), sigma) for a in (gx * gx, gy * gy, gx * gy))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    strength = np.hypot(2 * xy, xx - yy)
    return np.asarray(angle, np.float32), np.clip(strength / (np.percentile(strength, 90) + 1e-9), 0, 1).astype(
        np.float32
    )


def follow(angle: Plane, x: float, y: float, length: float, bend: float = 0.0, steps: int = 7) -> Plane:
    """A path of about `length` pixels through (x, y) along a field, (steps, 2)."""
    side, step = angle.shape[0], length / steps
    points, heading = [], None
    for _ in range(steps):
        a = float(angle[min(side - 1, max(0, int(y))), min(side - 1, max(0, int(x)))]) + bend
        if heading is not None and np.cos(a - heading) < 0:
            a += np.pi  # a direction has two ends: keep going
        heading = a
        points.append((x, y))
        x, y = x + step * np.cos(a), y + step * np.sin(a)
    return np.array(points, np.float32)


def brush(
    scene: Plane, angle: Plane, rng: np.random.Generator, layers: list[Layer], ground: Plane
) -> tuple[Plane, Plane]:
    """Paint a scene over a ground: the picture, and the height of the paint, about 0..1."""
    canvas, height = ground.copy(), np.zeros(scene.shape[:2], np.float32)
    side = scene.shape[0]
    for layer in layers:
        blurred = cv2.GaussianBlur(scene, (0, 0), max(1.0, layer.width * 0.35))
        contrast = cv2.GaussianBlur(np.abs(scene - blurred).mean(-1), (0, 0), layer.width)
        places = [
            (x, y) for y in np.arange(-4, side + 4, layer.spacing) for x in np.arange(-4, side + 4, layer.spacing)
        ]
        for i in rng.permutation(len(places)):
            x, y = np.asarray(places[i]) + rng.uniform(-0.7, 0.7, 2) * layer.spacing
            row, column = min(side - 1, max(0, int(y))), min(side - 1, max(0, int(x)))
            if contrast[row, column] < layer.detail:
                continue
            colour = blurred[row, column] + rng.normal(0, layer.jitter) + rng.normal(0, layer.jitter * 0.6, 3)
            path = follow(angle, x, y, layer.length * rng.uniform(0.6, 1.2), rng.normal(0, 0.12))
            normal = np.array([-(path[-1] - path[0])[1], (path[-1] - path[0])[0]])
            normal = normal / (np.linalg.norm(normal) + 1e-6)
            thick = max(1, round(layer.width / layer.bristles * 1.7))
            body = rng.uniform(0.3, 0.7)
            for k in rng.permutation(layer.bristles):
                aside = (k / max(1, layer.bristles - 1) - 0.5) * layer.width
                cut = path[: rng.integers(5, 8)] + normal * aside + rng.normal(0, 0.4, 2)
                line = np.round(cut * 8).astype(np.int32)
                shade = np.clip(colour + rng.normal(0, 0.035), 0, 1)
                cv2.polylines(canvas, [line], False, shade.tolist(), thick, cv2.LINE_AA, 3)
                cv2.polylines(height, [line], False, float(body + rng.normal(0, 0.2)), thick, cv2.LINE_AA, 3)
    return canvas, cv2.GaussianBlur(height, (0, 0), 0.8)


def relief(canvas: Plane, height: Plane, strength: float) -> Plane:
    """Light on thick paint."""
    return np.clip(canvas * lit(height, strength), 0, 1).astype(np.float32)


def hatch(
    tone: Plane, angle: Plane, rng: np.random.Generator, *, passes: list[tuple[float, float, float, float, int]]
) -> Plane:
    """Darkness of strokes that build up a tone (0 black … 1 paper): (H, W) 0..1.

    Each pass is (limit, turn, length, spacing, width): strokes where the tone is below the limit, turned against the
    field.
    """
    dark, side = np.zeros(tone.shape, np.float32), tone.shape[0]
    for limit, turn, length, spacing, width in passes:
        count = int((side / spacing) ** 2)
        for _ in range(count):
            x, y = rng.uniform(0, side, 2)
            lack = limit - float(tone[int(y), int(x)])
            if lack <= 0 or rng.random() > lack * 1.7 + 0.05:
                continue
            path = follow(angle, x, y, length * rng.uniform(0.5, 1.2), turn + rng.normal(0, 0.07))
            layer = float(np.clip(0.18 + lack * 0.75 + rng.normal(0, 0.08), 0.08, 0.85))
            line = np.round(path * 8).astype(np.int32)
            thick = int(rng.integers(1, width + 1))
            stroke = dark[
                max(0, int(path[:, 1].min()) - 4) : int(path[:, 1].max()) + 5,
                max(0, int(path[:, 0].min()) - 4) : int(path[:, 0].max()) + 5,
            ]
            if stroke.size == 0:
                continue
            mask = np.zeros(stroke.shape, np.float32)
            origin = np.array([max(0, int(path[:, 0].min()) - 4), max(0, int(path[:, 1].min()) - 4)]) * 8
            cv2.polylines(mask, [line - origin.astype(np.int32)], False, layer, thick, cv2.LINE_AA, 3)
            stroke += mask * (1 - stroke)
    return dark
