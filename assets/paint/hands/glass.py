"""Leaded windows: a dove before the sun, over hills and a river."""

from __future__ import annotations

import cv2
import numpy as np

from assets.paint.noise import SIDE, Plane, clouds, lit, over, smooth, soft


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    side = SIDE * 2
    y, x = np.mgrid[:side, :side].astype(np.float32) / side
    d, a = np.hypot(x - 0.5, y - 0.36), np.arctan2(y - 0.36, x - 0.5)
    seeds: list[tuple[float, float]] = []
    for ring, count in ((0.0, 1), (0.075, 8), (0.15, 14), (0.235, 18), (0.33, 22), (0.43, 26), (0.54, 30)):
        turn = rng.random() * 6.28
        for k in range(count):
            t = turn + 2 * np.pi * k / count
            seeds.append((0.5 + ring * np.cos(t), 0.36 + ring * np.sin(t)))
    for _ in range(150):
        seeds.append((rng.random(), 0.5 + 0.5 * rng.random()))
    for _ in range(40):
        seeds.append((rng.random(), rng.random() * 0.5))
    apart: list[tuple[float, float]] = []
    for seed in seeds:
        if all(np.hypot(seed[0] - px, seed[1] - py) > 0.04 for px, py in apart):
            apart.append(seed)
    points = np.array(apart, np.float32)
    wobble_x, wobble_y = x + 0.012 * smooth(rng, 5, side), y + 0.012 * smooth(rng, 5, side)
    best, second, owner = (
        np.full((side, side), 9, np.float32),
        np.full((side, side), 9, np.float32),
        np.zeros((side, side), np.int32),
    )
    for k, (px, py) in enumerate(points):
        distance = (wobble_x - px) ** 2 + (wobble_y - py) ** 2
        nearer = distance < best
        second = np.where(nearer, best, np.minimum(second, distance))
        owner = np.where(nearer, k, owner)
        best = np.where(nearer, distance, best)
    edge = np.sqrt(second) - np.sqrt(best)
    jewel = np.zeros((len(points), 3), np.float32)
    skies = [(20, 60, 160), (36, 110, 200), (60, 160, 210), (70, 50, 150), (20, 40, 110)]
    suns = [(255, 206, 40), (250, 150, 30), (236, 84, 30), (255, 232, 130)]
    hills = [(24, 120, 70), (70, 160, 60), (150, 180, 40), (16, 80, 80), (180, 50, 60)]
    rivers = [(60, 190, 220), (130, 220, 230), (20, 110, 180)]
    for k, (px, py) in enumerate(points):
        radius = float(np.hypot(px - 0.5, py - 0.36))
        stream = abs(px - 0.5 - 0.2 * np.sin(9 * py)) < 0.05 + 0.16 * (py - 0.6)
        choice = (
            suns
            if radius < 0.19
            else (rivers if stream else hills)
            if py > 0.64 + 0.06 * np.sin(8 * px)
            else skies
            if radius > 0.3 or rng.random() < 0.7
            else [(150, 40, 110), (200, 60, 90)]
        )
        jewel[k] = np.array(choice[int(rng.integers(len(choice)))]) / 255 * rng.uniform(0.85, 1.12)
    picture = jewel[owner]
    u, v = (x - 0.5) / 0.3, (y - 0.4) / 0.3
    wing = np.minimum(
        0.5 - np.abs(v + 0.55 * np.abs(u) ** 1.2 - 0.1) * (1.4 + np.abs(u)), 1.02 - np.abs(u)
    ) - 0.16 * np.abs(np.sin(9 * u)) * np.abs(u)
    body = 0.16 * np.clip(1.1 - np.abs(v - 0.1), 0, 1) - np.abs(u) * 0.8
    bird = np.maximum(wing * 0.3, np.where(np.abs(v - 0.15) < 0.75, body, -1))
    feathers = np.abs(((np.abs(u) * 7 + v * 2) % 1) - 0.5)
    white = np.stack([0.98 - 0.1 * feathers, 0.97 - 0.06 * feathers, 0.9 + 0.05 * feathers], -1).astype(np.float32)
    picture = over(picture, (bird > 0).astype(np.float32), white)
    lead = np.maximum(soft(0.0055 - edge, 0.002) * (bird < 0.0), soft(0.012 - np.abs(bird), 0.006))
    lead = np.maximum(lead, soft(0.03 - np.abs(feathers - 0.5), 0.02) * (bird > 0.03) * (np.abs(u) > 0.14))
    for r in (0.19, 0.3):
        lead = np.maximum(lead, soft(0.006 - np.abs(d - r + 0.002 * np.sin(30 * a)), 0.002) * (bird < 0))
    rippled = np.where(bird > 0, 0.9, 1) * (
        1 + 0.14 * clouds(rng, 26, 4, side) * np.where(bird > 0, 0.4, 1) + 0.08 * clouds(rng, 130, 2, side)
    )
    glow = 0.72 + 0.5 * np.exp(-((d / 0.5) ** 2))
    bubbles = soft(clouds(rng, 90, 1, side) - 2.6, 0.2) * 0.3
    picture = np.clip(picture * (rippled * glow)[..., None] + bubbles[..., None], 0, 1)
    relief_of_lead = lit(cv2.GaussianBlur(lead.astype(np.float32), (0, 0), 2), 0.8)
    metal = np.ones_like(picture) * np.array((0.11, 0.11, 0.13), np.float32) * relief_of_lead**2
    picture = over(picture.astype(np.float32), lead.astype(np.float32), metal.astype(np.float32))
    return np.clip(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), 0, 1).astype(np.float32)
