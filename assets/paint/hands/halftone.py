"""Four screens of dots, as comics were printed."""

from __future__ import annotations

import cv2
import numpy as np

from assets.paint.noise import SIDE, Plane, clouds, grid, over, paper, ramp, soft


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


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    scene = np.clip(face(rng), 0, 1)
    side = SIDE * 2
    large = cv2.resize(scene, (side, side), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    y, x = np.mgrid[:side, :side].astype(np.float32)
    black = np.clip(1 - large.max(-1), 0, 1) ** 1.2
    inks = (1 - large - black[..., None] * 0.8).clip(0, 1)
    page = np.ones((side, side, 3), np.float32) * np.array((0.97, 0.94, 0.86), np.float32)
    plates = [
        (inks[..., 0], 15, (0, 160, 222), (2, 1)),
        (inks[..., 1], 75, (226, 20, 120), (-2, 2)),
        (inks[..., 2], 0, (255, 226, 20), (0, -1)),
        (black, 45, (22, 20, 40), (0, 0)),
    ]
    for amount, degrees, ink, (dx, dy) in plates:
        a, pitch = np.radians(degrees), 17.0
        u, v = (
            ((x + dx) * np.cos(a) + (y + dy) * np.sin(a)) / pitch,
            (-(x + dx) * np.sin(a) + (y + dy) * np.cos(a)) / pitch,
        )
        d = np.hypot(u - np.round(u), v - np.round(v))
        local = cv2.GaussianBlur(amount, (0, 0), 3)
        dot = soft(np.sqrt(local / np.pi) * 1.12 - d, 0.045) * (local > 0.03)
        page = page * (1 - dot[..., None] * (1 - np.array(ink, np.float32) / 255))
    grey = cv2.GaussianBlur(large.mean(-1), (0, 0), 3)
    line = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    page = over(page.astype(np.float32), soft(line - 0.16, 0.05), (20, 16, 36))
    small = cv2.resize(page, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.clip(small * paper(rng, 0.02), 0, 1).astype(np.float32)
