"""What is painted: compositions as soft pictures, (H, W, 3) in 0..1, before any hand touches them."""

from __future__ import annotations

import cv2
import numpy as np

from assets.paint.noise import SIDE, Plane, clouds, grid, over, ramp, soft


def ridge(rng: np.random.Generator, base: float, height: float, cells: int) -> Plane:
    """Signed distance below a line of hills, 0..1 downwards, (H, W)."""
    _, y = grid()
    line = base - height * clouds(rng, cells, 5)[SIDE // 2]
    return (y - line[None, :]).astype(np.float32)


def autumn(rng: np.random.Generator) -> Plane:
    """A river through autumn woods under a morning sky."""
    x, y = grid()
    sky = ramp(y + 0.03 * clouds(rng, 4), (0, (88, 140, 190)), (0.25, (176, 200, 200)), (0.45, (246, 214, 150)))
    picture = over(sky, soft(clouds(rng, 3, 5) - 0.6 + y, 0.5) * soft(0.4 - y, 0.1), (250, 238, 214))
    for base, height, colour in ((0.42, 0.05, (92, 112, 146)), (0.47, 0.04, (120, 118, 104))):
        picture = over(picture, soft(ridge(rng, base, height, 3), 0.004), colour)
    meadow = ramp(y + 0.02 * clouds(rng, 8), (0.48, (196, 160, 62)), (0.7, (150, 128, 40)), (1, (84, 74, 30)))
    picture = over(picture, soft(y - 0.5, 0.005), meadow)
    bend = 0.52 + 0.16 * np.sin((y - 0.5) * 7.5) * (y - 0.4)
    river = soft((0.02 + 0.5 * np.maximum(y - 0.5, 0) ** 1.35) - np.abs(x - bend), 0.006) * soft(y - 0.5, 0.004)
    water = ramp(y + 0.02 * clouds(rng, 12), (0.5, (240, 214, 160)), (0.68, (120, 160, 178)), (1, (38, 74, 104)))
    picture = over(picture, river, water)
    for _ in range(90):
        row = 0.5 + 0.5 * rng.random() ** 1.4
        cx, size = rng.random() * 1.1 - 0.05, 0.035 + 0.17 * (row - 0.48)
        if abs(cx - float(np.interp(row, y[:, 0], bend[:, 0]))) < 0.06 + 0.35 * (row - 0.5):
            continue
        crown = 1 - np.hypot((x - cx) / size, (y - row + size * 1.1) / (size * 1.25)) + 0.22 * clouds(rng, 14, 3)
        colour = [(206, 84, 30), (228, 150, 36), (170, 46, 34), (120, 110, 38), (236, 186, 66)][int(rng.integers(5))]
        trunk = soft(size * 0.07 - np.abs(x - cx), 0.003) * soft(y - row + size, 0.01) * soft(row - y, 0.01)
        picture = over(picture, trunk, (60, 40, 30))
        shade = ramp((y - row + size * 1.1) / size + (x - cx) / size, (-1.2, tuple(min(255, c * 1.35) for c in colour)), (1.1, tuple(c * 0.45 for c in colour)))  # fmt: skip
        picture = over(picture, soft(crown, 0.12), shade)
    return picture


def starlight(rng: np.random.Generator) -> Plane:
    """A village under a swirling sky."""
    x, y = grid()
    sky = ramp(
        y + 0.08 * clouds(rng, 4),
        (0, (10, 22, 70)),
        (0.3, (28, 66, 140)),
        (0.55, (80, 140, 180)),
        (0.7, (170, 190, 150)),
    )
    picture = over(sky, soft(clouds(rng, 5) - 1.0, 0.5), (150, 190, 220))
    for cx, cy, r in (
        (0.8, 0.17, 0.075),
        (0.16, 0.12, 0.03),
        (0.36, 0.08, 0.025),
        (0.52, 0.25, 0.03),
        (0.25, 0.33, 0.025),
        (0.66, 0.4, 0.022),
        (0.06, 0.36, 0.02),
    ):
        d = np.hypot(x - cx, y - cy)
        for scale, colour in (
            (2.6, (96, 140, 170)),
            (1.9, (170, 186, 130)),
            (1.3, (238, 206, 90)),
            (0.8, (255, 240, 180)),
        ):
            picture = over(picture, soft(r * scale - d, r * 0.25), colour)
    for base, height, colour in ((0.66, 0.05, (40, 70, 130)), (0.72, 0.035, (26, 60, 96)), (0.8, 0.03, (20, 52, 60))):
        picture = over(picture, soft(ridge(rng, base, height, 3), 0.005), colour)
    for _ in range(22):
        cx, cy, s = rng.random(), 0.8 + 0.16 * rng.random(), 0.02 + 0.025 * rng.random()
        wall = soft(s - np.abs(x - cx), 0.002) * soft(s * 0.8 - np.abs(y - cy), 0.002)
        roof = soft(s * 1.2 - np.abs(x - cx) - np.abs(y - cy + s * 1.5) * 1.1, 0.003)
        picture = over(picture, wall, (70 + 60 * rng.random(), 84, 100))
        picture = over(picture, roof, (130, 66 + 30 * rng.random(), 50))
        picture = over(picture, soft(s * 0.3 - np.maximum(np.abs(x - cx), np.abs(y - cy)), 0.002), (255, 214, 96))
    spire = (
        soft(0.014 * np.clip((y - 0.56) / 0.2, 0, 1) - np.abs(x - 0.56), 0.002)
        * soft(0.86 - y, 0.005)
        * soft(y - 0.57, 0.005)
    )
    picture = over(picture, spire, (46, 60, 84))
    flame = 0.012 + 0.075 * np.clip((y - 0.1) / 0.8, 0, 1) ** 0.8 * (1 + 0.25 * np.sin(y * 40 + 2 * clouds(rng, 6)))
    cypress = soft(flame - np.abs(x - 0.14 - 0.02 * np.sin(y * 9)), 0.006) * soft(y - 0.1, 0.02)
    return over(picture, cypress, ramp(clouds(rng, 20), (-1.5, (12, 26, 24)), (1.5, (60, 92, 44))))


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


def reef(rng: np.random.Generator) -> Plane:
    """Two fish among weeds and suns of the sea."""
    x, y = grid()
    picture = ramp(y + 0.07 * clouds(rng, 3), (0, (90, 200, 210)), (0.45, (20, 120, 170)), (1, (10, 40, 96)))
    rays = np.clip(np.sin(18 * (x + 0.35 * y) + 2 * clouds(rng, 2)), 0, 1) * np.clip(0.8 - y, 0, 1) * 0.4
    picture = over(picture, rays.astype(np.float32), (220, 246, 230))
    for _ in range(26):
        cx, top, w = rng.random(), 0.45 + 0.4 * rng.random(), 0.008 + 0.014 * rng.random()
        weed = soft(w * np.clip((y - top) / 0.3, 0, 1) - np.abs(x - cx - 0.03 * np.sin(14 * y + 9 * cx)), 0.003)
        picture = over(
            picture, weed, [(30, 130, 80), (120, 160, 50), (170, 60, 90), (220, 120, 60)][int(rng.integers(4))]
        )
    for cx, cy, s, turn, hue in ((0.42, 0.38, 0.27, 1, (240, 120, 30)), (0.66, 0.68, 0.21, -1, (230, 190, 50))):
        u, v = (x - cx) / s * turn, (y - cy) / s
        v = v + 0.08 * np.sin(3 * u)
        body = 1 - np.hypot(u / 1.0, v / 0.48)
        tail = np.minimum(0.42 - np.abs(u + 1.22), 0.55 * (-u - 0.8) + 0.06 - np.abs(v)) * 1.5
        fin = np.minimum(0.75 - np.abs(v + 0.32) * 2.2, 0.42 - np.abs(u - 0.0))
        picture = over(picture, soft(np.maximum(tail, fin), 0.03), tuple(c * 0.75 for c in hue))
        bands = np.sin(11 * u + 1.2 * np.sin(4 * v))
        flesh = ramp(
            v + 0.15 * bands, (-0.5, tuple(min(255, c * 1.1 + 20) for c in hue)), (0.1, hue), (0.5, (250, 236, 200))
        )
        picture = over(picture, soft(body, 0.03), flesh)
        picture = over(picture, soft(bands - 0.72, 0.1) * soft(body - 0.06, 0.03), (250, 244, 230))
        picture = over(picture, soft(0.085 - np.hypot(u - 0.62, v + 0.1), 0.01), (255, 255, 250))
        picture = over(picture, soft(0.05 - np.hypot(u - 0.64, v + 0.1), 0.01), (10, 16, 40))
    for _ in range(16):
        cx, cy, r = rng.random(), 0.8 + 0.2 * rng.random(), 0.03 + 0.05 * rng.random()
        d = np.hypot(x - cx, y - cy) * (1 + 0.18 * np.sin(9 * np.arctan2(y - cy, x - cx)))
        picture = over(
            picture,
            soft(r - d, 0.004),
            [(224, 90, 110), (246, 170, 90), (180, 80, 160), (250, 220, 150)][int(rng.integers(4))],
        )
        picture = over(picture, soft(r * 0.35 - d, 0.004), (90, 30, 80))
    for _ in range(40):
        cx, cy, r = rng.random(), rng.random() * 0.8, 0.004 + 0.012 * rng.random()
        picture = over(picture, soft(0.004 - np.abs(np.hypot(x - cx, y - cy) - r), 0.002), (210, 246, 250))
    return picture


def face(rng: np.random.Generator) -> Plane:
    """A woman's face, half in the light, before a sun of rays."""
    x, y = grid()
    angle = np.arctan2(y - 0.45, x - 0.5)
    picture = np.where(
        (np.sin(angle * 14) > 0)[..., None],
        np.array((250, 210, 60), np.float32) / 255,
        np.array((240, 90, 70), np.float32) / 255,
    )
    picture = picture.astype(np.float32)
    hair = 0.4 - np.hypot((x - 0.5) / 0.95, (y - 0.43) / 1.15) + 0.03 * np.sin(18 * angle) + 0.01 * clouds(rng, 8)
    long = soft(0.33 + 0.04 * np.sin(16 * y) - np.abs(x - 0.5), 0.01) * soft(y - 0.4, 0.01)
    picture = over(
        picture,
        np.maximum(soft(hair, 0.006), long),
        ramp(np.sin(60 * (x + 0.2 * np.sin(5 * y))), (-1, (30, 16, 60)), (1, (60, 50, 130))),
    )
    neck = soft(0.105 + 0.2 * np.clip(y - 0.82, 0, 1) ** 1.1 * 3 - np.abs(x - 0.5), 0.005) * soft(y - 0.62, 0.01)
    picture = over(picture, neck, (232, 168, 140))
    picture = over(picture, soft(y - 0.9 - 0.25 * (x - 0.5) ** 2, 0.005), (30, 120, 150))
    skin = ramp(
        x + 0.12 * y, (0.3, (255, 226, 196)), (0.56, (246, 190, 160)), (0.66, (196, 110, 110)), (0.8, (120, 60, 96))
    )
    head = 1 - np.hypot((x - 0.5) / 0.22, (y - 0.47) / (0.3 - 0.03 * np.sign(y - 0.47)))
    head = head - 0.25 * np.clip(y - 0.62, 0, 1) * np.abs(x - 0.5) * 30
    picture = over(picture, soft(head, 0.012), skin)
    fringe = soft(0.36 + 0.05 * np.sin(7 * x + 1) - y + 0.3 * np.abs(x - 0.44), 0.008) * soft(head + 0.03, 0.01)
    picture = over(picture, fringe, ramp(np.sin(90 * x + 20 * y), (-1, (30, 16, 60)), (1, (70, 60, 150))))
    for side in (-1, 1):
        u, v = (x - 0.5 - side * 0.095) / 0.058, (y - 0.465) / 0.028
        lid = 1 - u**2 - np.abs(v) ** 1.5
        picture = over(picture, soft(lid, 0.1), (250, 250, 246))
        picture = over(picture, soft(0.52 - np.hypot(u, v * 0.5), 0.05) * soft(lid, 0.1), (30, 130, 160))
        picture = over(picture, soft(0.27 - np.hypot(u, v * 0.5), 0.05) * soft(lid, 0.1), (10, 10, 30))
        picture = over(picture, soft(0.09 - np.hypot(u + 0.18, v * 0.5 + 0.2), 0.04), (255, 255, 255))
        picture = over(picture, soft(0.22 - np.abs(lid), 0.1) * soft(-v + 0.3, 0.3), (20, 10, 40))
        picture = over(
            picture, soft(0.3 - np.abs(v + 2.0 - 0.6 * u**2 * 0.8), 0.15) * soft(1.15 - np.abs(u), 0.1), (40, 20, 60)
        )
    picture = over(
        picture,
        soft(0.008 - np.abs(x - 0.525 - 0.1 * (y - 0.5)), 0.004) * soft(y - 0.5, 0.01) * soft(0.575 - y, 0.01) * 0.8,
        (150, 70, 90),
    )
    picture = over(
        picture, soft(0.03 - np.hypot((x - 0.505), (y - 0.58) * 2.4), 0.006) * soft(y - 0.58, 0.004), (170, 80, 96)
    )
    u, v = (x - 0.5) / 0.072, (y - 0.655) / 0.034
    lips = 1 - u**2 - np.abs(v + 0.18 * np.cos(3 * u)) ** 1.4
    picture = over(picture, soft(lips, 0.1), ramp(v, (-1, (170, 20, 50)), (0, (210, 30, 60)), (0.8, (250, 90, 110))))
    picture = over(picture, soft(0.1 - np.abs(v + 0.05 * np.cos(3 * u)), 0.06) * soft(lips, 0.1), (90, 10, 40))
    for cx in (0.285, 0.715):
        picture = over(picture, soft(0.028 - np.hypot(x - cx, y - 0.6), 0.004), (250, 220, 90))
    return picture
