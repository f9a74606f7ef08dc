"""Leaded windows: a ship under full sail before the sun."""

from __future__ import annotations

import cv2
import numpy as np

from assets.paint.noise import SIDE, Colour, Plane, clouds, grid, lit, over, smooth, soft
from assets.paint.shapes import Points, limb, polygon, rounded

WIDE = SIDE * 2
"""The window is drawn at twice its size."""
SUN = (0.36, 0.3)
SKIES: list[Colour] = [(20, 60, 160), (36, 110, 200), (60, 160, 210), (70, 50, 150), (20, 40, 110)]
GLOWS: list[Colour] = [(150, 40, 110), (200, 60, 90), (110, 50, 150), (226, 110, 70)]
SUNS: list[Colour] = [(255, 206, 40), (250, 150, 30), (236, 84, 30), (255, 232, 130)]
SEAS: list[Colour] = [(20, 120, 110), (24, 150, 170), (60, 190, 200), (16, 70, 110), (30, 90, 160), (120, 210, 170)]
SAILS: list[Colour] = [(255, 248, 226), (250, 226, 180), (246, 206, 150), (255, 240, 206)]
WOODS: list[Colour] = [(150, 70, 26), (110, 44, 20), (186, 100, 36), (90, 36, 26)]
FLAGS: list[Colour] = [(220, 30, 40), (200, 20, 60), (236, 60, 40)]
FRAME: list[Colour] = [(150, 20, 40), (24, 60, 150), (210, 150, 30), (20, 110, 70)]


class Window:
    """Pieces of glass: which piece each point belongs to, and the colour of each."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.x, self.y = grid(WIDE)
        self.owner = np.zeros((WIDE, WIDE), np.int32)
        self.jewels: list[Plane] = [np.zeros(3, np.float32)]

    def cut(self, inside: Plane, part: Plane, palette: list[Colour]) -> None:
        """Set a region into the window, in one piece for each whole number in `part`."""
        mask = inside > 0
        for number in np.unique(part[mask]):
            colour = palette[int(self.rng.integers(len(palette)))]
            self.jewels.append((np.array(colour) / 255 * self.rng.uniform(0.82, 1.1)).astype(np.float32))
            self.owner[mask & (part == number)] = len(self.jewels) - 1

    def lead(self) -> Plane:
        """Signed distance to the lead between the pieces."""
        seam = np.zeros((WIDE, WIDE), np.uint8)
        for axis in (0, 1):
            seam |= (self.owner != np.roll(self.owner, 1, axis)).astype(np.uint8)
        return (np.asarray(cv2.distanceTransform(1 - seam, cv2.DIST_L2, 5)) / WIDE).astype(np.float32)


def sky(window: Window) -> None:
    """Rings of pieces around the sun, and a sky that breaks up at random further out."""
    rng, x, y = window.rng, window.x, window.y
    wave_x, wave_y = 0.008 * smooth(rng, 5, WIDE), 0.008 * smooth(rng, 5, WIDE)
    dx, dy = x - SUN[0] + wave_x, y - SUN[1] + wave_y
    d, turn = np.hypot(dx, dy), np.arctan2(dy, dx) / (2 * np.pi) + 0.5
    rings = ((0.0, 0.065, 1, SUNS[3:]), (0.065, 0.13, 10, SUNS), (0.13, 0.19, 16, SUNS[:3]), (0.19, 0.25, 22, GLOWS))
    for first, last, count, palette in rings:
        window.cut(np.minimum(d - first, last - d) + 1e-6, np.floor(turn * count + 7 * first), palette)
    for k in range(9):
        first = 0.25 + 0.085 * k
        part = np.floor(turn * (24 + 6 * k) + 0.7 * np.sin(40 * d + k) + rng.random())
        inside = np.minimum(d - first, first + 0.085 + 0.006 * np.sin(24 * turn) - d)
        window.cut(inside, part, [*SKIES, GLOWS[2]] if k % 3 == 0 else SKIES)


def sea(window: Window) -> None:
    """Bands of waves."""
    x, y, rng = window.x, window.y, window.rng
    for k in range(6):
        top = 0.71 + 0.052 * k
        crest = y - top + (0.012 + 0.003 * k) * np.abs(np.sin((9 - k) * np.pi * (x + 0.13 * k))) ** 0.8 * 1.8
        part = np.floor((x + 0.03 * np.sin(30 * y + 3 * k)) * (13 - k) + 0.4 * k + rng.random())
        window.cut(crest, part, SEAS)


def ship(window: Window) -> None:
    """Hull, masts, sails and flags."""
    x, y = window.x, window.y

    def sail(outline: Points, bands: float, belly: float, panels: float) -> None:
        rows = np.floor((y + belly * (x - outline[0][0]) ** 2) * bands)
        columns = np.floor((x + 0.12 * y) * panels)
        window.cut(polygon(rounded(outline), WIDE), rows * 100 + columns, SAILS)

    def plain(outline: Points, part: Plane, palette: list[Colour]) -> None:
        window.cut(polygon(outline, WIDE), part, palette)

    nothing = np.zeros_like(x)
    for mast, top in ((0.37, 0.24), (0.55, 0.13), (0.71, 0.27)):
        window.cut(limb(x, y, (mast, top), (mast, 0.68), 0.007, 0.011), np.floor(y * 7), WOODS)
        flag = [(mast, top - 0.03), (mast + 0.1, top - 0.018), (mast + 0.06, top - 0.002), (mast + 0.105, top + 0.02)]
        plain([*flag, (mast, top + 0.018)], np.floor(x * 22), FLAGS)
    sail(
        [(0.27, 0.62), (0.2, 0.585), (0.15, 0.58), (0.22, 0.52), (0.3, 0.4), (0.335, 0.31), (0.345, 0.46), (0.33, 0.6)],
        11,
        -1,
        9,
    )
    for left, right, head, foot in (
        (0.375, 0.47, 0.29, 0.41),
        (0.36, 0.485, 0.43, 0.6),
        (0.53, 0.645, 0.18, 0.31),
        (0.505, 0.665, 0.33, 0.46),
        (0.5, 0.685, 0.48, 0.63),
        (0.7, 0.795, 0.31, 0.43),
        (0.69, 0.82, 0.45, 0.61),
    ):
        w, h = right - left, foot - head
        outline = [(left, head), (left + 0.5 * w, head + 0.012), (right - 0.08 * w, head)]
        outline += [(right + 0.22 * w, head + 0.55 * h), (right, foot), (left + 0.55 * w, foot - 0.16 * h)]
        sail([*outline, (left - 0.06 * w, foot), (left + 0.14 * w, head + 0.5 * h)], 14, 3, 13)
    hull: Points = [(0.22, 0.64), (0.3, 0.672), (0.5, 0.69), (0.7, 0.672), (0.76, 0.635), (0.86, 0.615), (0.875, 0.64)]
    hull += [(0.83, 0.74), (0.78, 0.8), (0.66, 0.815), (0.4, 0.81), (0.33, 0.78), (0.28, 0.71)]
    plank = y + 0.05 * np.abs((x - 0.53) / 0.3) ** 2.2
    rows = np.floor(plank * 24)
    plain(hull, rows * 100 + np.floor(x * 9 + 0.37 * rows), WOODS)
    for k in range(6):
        window.cut(0.014 - np.hypot(x - 0.4 - 0.066 * k, y - 0.735 + 0.002 * (k - 2.5) ** 2), nothing, SUNS)
    for k in range(4):
        crest = y - 0.775 - 0.05 * k + 0.022 * np.abs(np.sin(8 * np.pi * (x + 0.07 * k))) ** 0.8
        part = np.floor((x + 0.03 * np.sin(30 * y + k)) * 11 + 0.5 * k)
        window.cut(crest, part, [*SEAS, (226, 246, 240)])


def border(window: Window) -> None:
    """Blocks of deep colour all round."""
    x, y = window.x, window.y
    rim = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
    along = np.where(np.minimum(x, 1 - x) < np.minimum(y, 1 - y), y + 2 * (x > 0.5), x + 4 + 2 * (y > 0.5))
    window.cut(0.042 - rim, np.floor(along * 13), FRAME)
    window.cut(0.014 - rim, np.floor(along * 7 + 0.5), SUNS)


def paint(rng: np.random.Generator) -> Plane:
    """Paint the picture, (H, W, 3) in 0..1."""
    window = Window(rng)
    for part in (sky, sea, ship, border):
        part(window)
    away = window.lead()
    picture = np.array(window.jewels, np.float32)[window.owner]
    d = np.hypot(window.x - SUN[0], window.y - SUN[1])
    glow = 0.74 + 0.5 * np.exp(-((d / 0.5) ** 2))
    rippled = 1 + 0.12 * clouds(rng, 26, 4, WIDE) + 0.08 * clouds(rng, 130, 2, WIDE)
    shaded = 0.72 + 0.28 * soft(away - 0.01, 0.01)
    bubbles = soft(clouds(rng, 90, 1, WIDE) - 2.6, 0.2) * 0.3
    picture = np.clip(picture * (rippled * glow * shaded)[..., None] + bubbles[..., None], 0, 1)
    lead = soft(0.0033 + 0.0006 * smooth(rng, 40, WIDE) - away, 0.0012)
    metal = np.ones_like(picture) * np.array((0.11, 0.11, 0.13), np.float32)
    metal = metal * lit(cv2.GaussianBlur(lead, (0, 0), 2), 0.8) ** 2
    picture = over(picture.astype(np.float32), lead, metal.astype(np.float32))
    return np.clip(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), 0, 1).astype(np.float32)
