"""Carved lines and four blocks of colour: a great wave before a mountain."""

from __future__ import annotations

import numpy as np

from assets.paint.noise import SIDE, Plane, clouds, grid, over, paper, ramp, smooth, soft


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    x, y = grid()
    sky = ramp(y, (0, (226, 186, 140)), (0.5, (244, 226, 190)), (0.75, (236, 214, 176)))
    picture = over(sky, soft(0.085 - np.hypot(x - 0.24, y - 0.2), 0.003), (204, 62, 44))
    cone = (y - 0.42) - 0.62 * np.abs(x - 0.66) ** 1.15 + 0.004 * clouds(rng, 12)[SIDE // 2][None, :]
    picture = over(picture, soft(cone, 0.003), (70, 96, 130))
    snow = soft(cone, 0.003) * soft(0.5 + 0.03 * np.sin(46 * x) + 0.012 * np.sin(90 * x) - y, 0.003)
    picture = over(picture, snow, (250, 244, 228))
    tone = 0.75 + 0.25 * y + 0.06 * clouds(rng, 4)
    direction = 0.02 * np.sin(8 * x) + y
    inks = [(24, 52, 96), (44, 92, 140), (120, 166, 186)]
    waves = []
    for base, lift, reach, phase in ((0.66, 0.07, 7.0, 0.3), (0.74, 0.1, 5.0, 2.2), (0.86, 0.1, 6.0, 4.1)):
        line = base - lift * np.abs(np.sin(reach * x * 0.6 + phase)) ** 1.5
        waves.append((y - line, base))
    crest = 0.43 - np.hypot((x - 0.1) * 0.92, y - 0.72)
    hollow = 0.2 - np.hypot(x - 0.5, (y - 0.56) * 1.02)
    breaker = np.minimum(crest, -hollow)
    waves.insert(1, (breaker.astype(np.float32), 0.5))
    for k, (edge, base) in enumerate(waves):
        inside = soft(edge, 0.003)
        deep = np.clip(edge * 6, 0, 1)
        stripes = np.sin((edge * 90 + 2.2 * np.sin(9 * x + 4 * base) + 1.2 * smooth(rng, 5)) * (1 + 0.15 * k))
        body = over(np.ones_like(picture) * np.array(inks[2], np.float32) / 255, soft(stripes + 0.3, 0.25), inks[1])
        body = over(body, soft(np.sin(edge * 60 + 2 * smooth(rng, 4)) - 0.35 + 0.7 * deep - 0.35, 0.2), inks[0])
        picture = over(picture, inside, body)
        claws = 0.016 + 0.012 * np.sin(75 * x + 50 * y + 4 * smooth(rng, 9)) + 0.006 * smooth(rng, 30)
        picture = over(picture, soft(claws - np.abs(edge - 0.006), 0.0025), (252, 248, 236))
        picture = over(picture, soft(0.0035 - np.abs(edge + claws - 0.008), 0.0015), (18, 30, 62))
    for _ in range(260):
        cx, cy, r = rng.normal(0.36, 0.17), rng.normal(0.36, 0.13), 0.002 + 0.006 * rng.random() ** 2
        picture = over(picture, soft(r - np.hypot(x - cx, y - cy), 0.0015), (252, 248, 236))
    carve = np.sin(direction * 240 + 5 * smooth(rng, 4) + 1.3 * smooth(rng, 14))
    sky_lines = (
        soft(carve - 0.72 - 0.5 * np.clip(0.6 - y, -1, 1) + 0.25, 0.15)
        * soft(0.62 - y, 0.1)
        * (picture.mean(-1) > 0.62)
    )
    picture = over(picture, sky_lines * 0.55, (176, 128, 92))
    grain = np.sin(y * 420 + 8 * smooth(rng, 3) + 2.5 * smooth(rng, 10))
    picture = picture * (1 - 0.055 * soft(grain, 0.7)[..., None])
    worn = soft(clouds(rng, 110, 2) + 2.6 - 0.3 * tone, 0.3)
    picture = over(np.ones_like(picture) * np.array((0.95, 0.9, 0.8), np.float32), worn, picture.astype(np.float32))
    frame = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
    picture = over(picture, soft(0.012 - frame, 0.002), (18, 30, 62))
    return np.clip(picture * paper(rng, 0.02), 0, 1).astype(np.float32)
