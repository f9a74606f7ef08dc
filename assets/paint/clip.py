"""A short film with sound: a walk along a lake."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
import numpy.typing as npt

from assets.paint.noise import Plane, clouds, ramp, soft
from assets.paint.sound import SAMPLES, sound

if TYPE_CHECKING:
    from pathlib import Path

Bytes = npt.NDArray[np.uint8]
WIDTH, HEIGHT, RATE, SECONDS = 640, 360, 30, 6
WIDE = 1280
"""Width of the scenery that the camera pans over, in pixels."""
HORIZON = 168


def bytes_of(picture: Plane) -> Bytes:
    """0..255: OpenCV smooths the edges of what it draws on bytes only."""
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def ink(colour: tuple[float, float, float]) -> tuple[int, int, int]:
    """A colour to draw on bytes with."""
    red, green, blue = (round(255 * min(1.0, part)) for part in colour)
    return red, green, blue


class Scenery:
    """Layers that are painted once; the camera moves over them at a pace that fits their distance."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        noise = [clouds(rng, cells, 6, WIDE)[:HEIGHT] for cells in (5, 9, 20, 60)]
        self.noise = noise
        y, x = np.mgrid[:HEIGHT, :WIDE].astype(np.float32)
        self.sky = ramp(y / HORIZON, (0, (74, 128, 196)), (0.6, (150, 190, 222)), (1, (248, 222, 178)))
        glow = np.exp(-(((x - 900) / 260) ** 2) - ((y - 120) / 60) ** 2)
        self.sky += glow[..., None] * np.array((0.25, 0.16, 0.02), np.float32)
        self.cloud = 0.9 * clouds(rng, 9, 6, WIDE)[:HEIGHT] - 0.35 - 0.5 * np.clip((y - 70) / 60, 0, 1)
        self.far = self._hills(118, 26, 4, (88, 108, 150), (172, 182, 190))
        self.near = self._hills(146, 20, 6, (62, 98, 84), (128, 140, 92))
        self.shore = self._shore()
        self.trees = [
            self._tree(70 + 185 * k + float(rng.uniform(-50, 50)), float(rng.uniform(0.7, 1.2))) for k in range(6)
        ]

    def _hills(
        self, base: float, height: float, cells: int, low: tuple[float, float, float], high: tuple[float, float, float]
    ) -> Plane:
        y, x = np.mgrid[:HEIGHT, :WIDE].astype(np.float32)
        line = base - height * clouds(self.rng, cells, 6, WIDE)[5]
        below = y - line[None, :]
        steep = cv2.GaussianBlur(np.gradient(line)[None, :].astype(np.float32), (0, 0), sigmaX=14, sigmaY=1)[0]
        across = x + 0.9 * below * (1 + 0.3 * self.noise[1])  # shadows fall down the slope, not straight down
        lean = np.interp(across, np.arange(WIDE), steep) * np.exp(-np.clip(below, 0, None) / 30)
        colour = ramp(
            (2.2 * lean + 0.2 * self.noise[2] + 0.16 * self.noise[3]).astype(np.float32), (-1.1, high), (1.1, low)
        )
        houses, drawn = np.zeros((HEIGHT, WIDE), np.uint8), bytes_of(colour)
        if cells > 5:
            for _ in range(16):
                hx = int(self.rng.integers(20, WIDE - 40))
                hy = int(line[hx]) + int(self.rng.integers(6, 18))
                w, h = int(self.rng.integers(7, 13)), int(self.rng.integers(5, 9))
                tint = self.rng.uniform(0.75, 0.95)
                cv2.rectangle(drawn, (hx, hy - h), (hx + w, hy), ink((tint, tint * 0.93, tint * 0.8)), -1, cv2.LINE_AA)
                cv2.rectangle(houses, (hx, hy - h), (hx + w, hy), 255, -1, cv2.LINE_AA)
                roof = np.array([(hx - 2, hy - h), (hx + w // 2, hy - h - 6), (hx + w + 2, hy - h)], np.int32)
                cv2.fillPoly(drawn, [roof], ink((0.62, 0.24, 0.18)), cv2.LINE_AA)
                cv2.fillPoly(houses, [roof], 255, cv2.LINE_AA)
        alpha = np.maximum(soft(below, 0.8), houses / 255)
        return np.dstack([drawn / 255, alpha]).astype(np.float32)

    def _shore(self) -> Plane:
        """The path in front, with grass and stones."""
        y, x = np.mgrid[:HEIGHT, :WIDE].astype(np.float32)
        line = 282 + 9 * np.sin(x[0] / 90) + 4 * self.noise[2][40]
        below = y - line[None, :]
        grass = ramp(
            0.4 * self.noise[3] + 0.3 * self.noise[1] + below / 60,
            (-0.6, (150, 176, 74)),
            (0.6, (84, 124, 52)),
            (2, (40, 70, 38)),
        )
        path = soft(13 - np.abs(y - 318 - 6 * np.sin(x / 140)), 1.5)
        dirt = ramp(0.35 * self.noise[3] + 0.3 * self.noise[2], (-1, (150, 120, 88)), (1, (214, 186, 142)))
        colour = grass * (1 - path[..., None]) + dirt * path[..., None]
        drawn = bytes_of(colour)
        for _ in range(420):
            fx, fy = int(self.rng.integers(0, WIDE)), int(self.rng.integers(290, HEIGHT))
            if path[min(HEIGHT - 1, fy), fx] < 0.1:
                hue = [(0.95, 0.3, 0.3), (0.98, 0.85, 0.3), (0.95, 0.95, 0.98), (0.6, 0.4, 0.85)][
                    int(self.rng.integers(4))
                ]
                cv2.circle(drawn, (fx, fy), int(self.rng.integers(1, 3)), ink(hue), -1, cv2.LINE_AA)
        return np.dstack([drawn / 255, soft(below, 1.0)]).astype(np.float32)

    def _tree(self, x: float, size: float) -> tuple[float, float, Plane]:
        """(x, size, picture with alpha)."""
        side = 220
        v, u = np.mgrid[:side, :side].astype(np.float32)
        crown = 1 - np.hypot((u - 110) / 70, (v - 96) / 62) + 0.2 * clouds(self.rng, 7, 4, side)
        leaves = ramp(
            (v - 84) / 90 + (u - 110) / 160 + 0.25 * clouds(self.rng, 30, 2, side),
            (-1, (196, 200, 84)),
            (0, (92, 138, 56)),
            (0.9, (30, 62, 44)),
        )
        trunk = soft(6.5 - 3 * (side - v) / side - np.abs(u - 110 - 3 * np.sin(v / 20)), 1.2) * soft(v - 90, 3)
        colour = np.ones((side, side, 3), np.float32) * np.array((0.3, 0.21, 0.15), np.float32)
        alpha = soft(crown, 0.08)
        colour = colour * (1 - alpha[..., None]) + leaves * alpha[..., None]
        return x, size, np.dstack([colour, np.maximum(alpha, trunk)]).astype(np.float32)


def shift(layer: Plane, dx: float, dy: float = 0.0, scale: float = 1.0) -> Plane:
    """A layer, moved left by dx pixels, as the camera sees it."""
    matrix = np.array([[scale, 0, -dx], [0, scale, -dy]], np.float32)
    moved = cv2.warpAffine(layer, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def lay(picture: Plane, layer: Plane) -> Plane:
    """Lay a picture with alpha over another."""
    alpha = layer[..., 3:]
    return (picture * (1 - alpha) + layer[..., :3] * alpha).astype(np.float32)


def figure(
    picture: Bytes, x: float, y: float, size: float, phase: float, coat: tuple[float, float, float], way: int
) -> None:
    """Draw somebody who walks."""

    def limb(a: tuple[float, float], b: tuple[float, float], width: float, colour: tuple[float, float, float]) -> None:
        points = [(round(p * 8), round(q * 8)) for p, q in (a, b)]
        cv2.line(picture, points[0], points[1], ink(colour), max(1, round(width)), cv2.LINE_AA, 3)

    swing, lift = np.sin(phase), abs(np.cos(phase)) * size * 0.04
    hip, neck = (x, y - size * 0.5 - lift), (x + way * size * 0.03, y - size * 0.84 - lift)
    cv2.ellipse(picture, ((x + 4, y + 1), (size * 0.5, size * 0.09), 0), ink((0.24, 0.22, 0.18)), -1, cv2.LINE_AA)
    for side in (1, -1):
        knee = (hip[0] + side * swing * size * 0.13, y - size * 0.26)
        limb(hip, knee, size * 0.1, (0.16, 0.17, 0.26))
        limb(knee, (hip[0] + side * swing * size * 0.22 - way * size * 0.03, y), size * 0.08, (0.13, 0.13, 0.2))
    limb(hip, neck, size * 0.2, coat)
    limb((hip[0], hip[1] + size * 0.04), (hip[0], hip[1] + size * 0.1), size * 0.24, coat)
    shade = (coat[0] * 0.7, coat[1] * 0.7, coat[2] * 0.7)
    for side in (1, -1):
        limb(
            (neck[0], neck[1] + size * 0.06),
            (neck[0] - side * swing * size * 0.18, hip[1] + size * 0.02),
            size * 0.07,
            shade,
        )
    cv2.circle(
        picture,
        (round(neck[0]), round(neck[1] - size * 0.1)),
        max(2, round(size * 0.085)),
        ink((0.93, 0.74, 0.6)),
        -1,
        cv2.LINE_AA,
    )
    cv2.ellipse(
        picture,
        ((neck[0], neck[1] - size * 0.14), (size * 0.2, size * 0.1), 0),
        ink((0.25, 0.15, 0.1)),
        -1,
        cv2.LINE_AA,
    )


def boat(picture: Bytes, x: float, y: float, size: float, roll: float) -> None:
    """Draw a sailing boat and its reflection."""
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])

    def shape(points: list[tuple[float, float]], colour: tuple[float, float, float], flip: int = 1) -> None:
        placed = (np.array(points) * size) @ turn.T * (1, flip) + (x, y)
        cv2.fillPoly(picture, [np.round(placed * 8).astype(np.int32)], ink(colour), cv2.LINE_AA, 3)

    for flip, dim in ((-1, 0.62), (1, 1.0)):
        shape([(0.03, -0.1), (0.03, -1.0), (0.5, -0.14)], (0.98 * dim, 0.95 * dim, 0.9 * dim), flip)
        shape([(-0.03, -0.12), (-0.03, -0.86), (-0.34, -0.16)], (0.9 * dim, 0.36 * dim, 0.26 * dim), flip)
        shape([(-0.5, -0.08), (0.55, -0.08), (0.4, 0.08), (-0.38, 0.08)], (0.36 * dim, 0.2 * dim, 0.14 * dim), flip)


def frame(scenery: Scenery, index: int) -> Bytes:
    """Picture `index` of the film, (H, W, 3)."""
    t = index / RATE
    pan = 230 * (t / SECONDS) + 4 * np.sin(2.1 * t)
    bob = 1.6 * np.sin(4.2 * t)
    sky = shift(scenery.sky, 0.25 * pan, 0.3 * bob)
    cover = np.clip(shift(scenery.cloud, 0.35 * pan + 14 * t), 0, 1)
    light = np.clip(shift(scenery.noise[1], 0.35 * pan + 14 * t), -1, 1)[..., None] * 0.07
    picture = sky * (1 - 0.85 * cover[..., None]) + 0.85 * cover[..., None] * (
        np.array((0.98, 0.95, 0.92), np.float32) + light
    )
    picture = lay(picture.astype(np.float32), shift(scenery.far, 0.45 * pan, 0.5 * bob))
    picture = lay(picture, shift(scenery.near, 0.6 * pan, 0.6 * bob))
    top = int(HORIZON + bob * 0.6)
    y, x = np.mgrid[: HEIGHT - top, :WIDTH].astype(np.float32)
    depth = y / (HEIGHT - top)
    waves = np.sin(0.9 * y / (0.25 + depth) + 3.2 * t + 0.02 * x + shift(scenery.noise[2], 0.8 * pan + 20 * t)[top:])
    ripple = waves * (1 + 9 * depth)
    mirror = cv2.remap(
        picture,
        x + ripple,
        np.clip(top - 1 - y * 0.9 + 0.5 * ripple, 0, top - 1),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    tint = np.array((0.16, 0.36, 0.5), np.float32)
    water = np.asarray(mirror) * (0.78 - 0.25 * depth[..., None]) + tint * (0.14 + 0.3 * depth[..., None])
    glitter = soft(waves * shift(scenery.noise[3], 0.9 * pan + 45 * t)[top:] - 0.9, 0.35) * np.exp(
        -(((x - 520 + 0.5 * pan) / 190) ** 2)
    )
    picture[top:] = np.clip(water + glitter[..., None] * np.array((0.7, 0.62, 0.42), np.float32), 0, 1)
    afloat = bytes_of(picture)
    for start, row, size, speed in ((420, 196, 40, 11), (660, 214, 62, -16), (180, 185, 26, 7)):
        boat(
            afloat,
            start - 0.72 * pan + speed * t,
            row + bob * 0.7 + 1.2 * np.sin(2 * t + start),
            size,
            0.05 * np.sin(1.7 * t + start),
        )
    picture = lay((afloat / 255).astype(np.float32), shift(scenery.shore, pan, bob))
    for tree_x, size, tree in sorted(scenery.trees, key=lambda item: item[1]):
        sway = 0.018 * np.sin(2.3 * t + tree_x)
        base_x, base_y = tree_x - pan * (0.9 + 0.2 * size), 300 + 26 * size + bob
        matrix = np.array([[size, sway, base_x - 110 * size - sway * 205], [0, size, base_y - 205 * size]], np.float32)
        placed = cv2.warpAffine(tree, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
        picture = lay(picture, np.asarray(placed, np.float32))
    drawn = bytes_of(picture)
    walkers = (
        (150, 318, 66, 46, (0.78, 0.2, 0.2)),
        (560, 322, 74, -30, (0.2, 0.36, 0.66)),
        (640, 312, 58, 30, (0.9, 0.72, 0.24)),
        (330, 326, 70, 40, (0.26, 0.5, 0.36)),
    )
    for start, row, size, speed, coat in walkers:
        figure(
            drawn,
            start - pan + speed * t + (0 if speed > 0 else 90),
            row + bob,
            size,
            6.0 * t + start,
            coat,
            1 if speed > 0 else -1,
        )
    for k in range(7):
        bx, by = 560 - 62 * t - 38 * k - 0.2 * pan + 260, 52 + 11 * k + 8 * np.sin(1.1 * t + k)
        flap = np.sin(9 * t + 1.7 * k)
        wing = [
            (bx - 11, by - 7 * flap),
            (bx - 4, by - 2 * flap),
            (bx, by),
            (bx + 4, by - 2 * flap),
            (bx + 11, by - 7 * flap),
        ]
        cv2.polylines(
            drawn, [np.round(np.array(wing) * 8).astype(np.int32)], False, ink((0.16, 0.17, 0.22)), 2, cv2.LINE_AA, 3
        )
    return drawn


def write(path: Path, seed: int = 11) -> None:
    """Render the film to an MP4 file."""
    rng = np.random.default_rng(seed)
    scenery = Scenery(rng)
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as output:
        video = output.add_stream("libx264", rate=RATE, options={"crf": "18", "preset": "slow"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        context = video.codec_context
        context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
        context.color_range = 1  # limited
        audio = output.add_stream("aac", rate=SAMPLES, options={"b": "128000"})
        for index in range(RATE * SECONDS):
            picture = av.VideoFrame.from_ndarray(frame(scenery, index), format="rgb24").reformat(
                format="yuv420p", dst_colorspace=1, src_color_range=2, dst_color_range=1
            )
            picture.colorspace, picture.color_range, picture.color_primaries, picture.color_trc = 1, 1, 1, 1
            picture.pts, picture.time_base = index, Fraction(1, RATE)
            output.mux(video.encode(picture))
        output.mux(video.encode(None))
        wave = sound(rng, SECONDS)
        for first in range(0, wave.shape[1], 1024):
            block = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave[:, first : first + 1024]), "fltp", "stereo")
            block.sample_rate, block.pts = SAMPLES, first
            output.mux(audio.encode(block))
        output.mux(audio.encode(None))
