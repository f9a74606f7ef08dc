"""Twelve hands: each function paints one picture, (H, W, 3) in 0..1."""

from __future__ import annotations

import cv2
import numpy as np

from assets.paint import scenes
from assets.paint.noise import SIDE, Colour, Plane, clouds, grid, lit, over, paper, ramp, smooth, soft, warp
from assets.paint.strokes import Layer, brush, hatch, relief, tangents


def impasto(rng: np.random.Generator) -> Plane:
    """Thick swirling paint: a village under the stars."""
    scene = scenes.starlight(rng)
    x, y = grid()
    u, v = np.ones_like(x) * 0.5, 0.15 * smooth(rng, 4)
    for cx, cy, r, spin in (
        (0.42, 0.3, 0.17, 1.9),
        (0.63, 0.22, 0.13, -1.7),
        (0.8, 0.17, 0.15, 1.6),
        (0.16, 0.12, 0.07, 1.5),
        (0.25, 0.33, 0.07, -1.5),
        (0.36, 0.08, 0.06, 1.4),
        (0.52, 0.25, 0.06, 1.4),
    ):
        d = np.hypot(x - cx, y - cy)
        pull = spin * np.exp(-((d / r) ** 2)) * 3
        u, v = u - pull * (y - cy) / (d + 0.02), v + pull * (x - cx) / (d + 0.02)
    sky = np.arctan2(v, u).astype(np.float32)
    edges, strength = tangents(scene, 6)
    ground = y > 0.66
    angle = np.where(ground & (strength > 0.12), edges, np.where(ground, 0.25 * np.sin(7 * x), sky)).astype(np.float32)
    tree = (np.abs(x - 0.14 - 0.02 * np.sin(y * 9)) < 0.02 + 0.1 * y) & (y > 0.1)
    angle = np.where(tree, np.pi / 2 + 0.5 * np.sin(22 * y), angle).astype(np.float32)
    start = np.ones_like(scene) * np.array((0.1, 0.14, 0.3), np.float32)
    layers = [Layer(70, 22, 9, 14, 0.05), Layer(44, 11, 6, 8, 0.06), Layer(26, 6, 4, 6, 0.06, 0.012)]
    return relief(*brush(scene, angle, rng, layers, start), 0.55)


def oil(rng: np.random.Generator) -> Plane:
    """Broad flat brushes: an autumn river."""
    scene = scenes.autumn(rng)
    x, y = grid()
    edges, strength = tangents(scene, 9)
    calm = np.where(
        y < 0.45,
        0.35 * smooth(rng, 3) - 0.2,
        np.where(np.abs(x - 0.52) < 0.3 * y, 0.05 * smooth(rng, 6), 0.9 + 0.5 * smooth(rng, 5)),
    )
    angle = np.where(strength > 0.22, edges, calm).astype(np.float32)
    start = np.ones_like(scene) * np.array((0.45, 0.3, 0.18), np.float32)
    layers = [
        Layer(64, 34, 16, 20, 0.05),
        Layer(38, 20, 11, 12, 0.05),
        Layer(24, 11, 7, 8, 0.05, 0.012),
        Layer(15, 6, 4, 6, 0.04, 0.03),
    ]
    canvas, height = brush(scene, angle, rng, layers, start)
    weave = np.sin(x * SIDE * 1.6) * np.sin(y * SIDE * 1.6) * 0.012
    return np.clip(relief(canvas, height, 0.28) + weave[..., None], 0, 1).astype(np.float32)


def points(rng: np.random.Generator) -> Plane:
    """Dots of pure colour that mix in the eye: a park by the water."""
    scene = np.clip(scenes.riverside(rng), 0, 1)
    canvas = np.ones_like(scene) * np.array((0.93, 0.89, 0.8), np.float32)
    for radius, spacing in ((6.0, 6.6), (4.6, 5.0), (3.4, 4.4)):
        blurred = cv2.GaussianBlur(scene, (0, 0), radius * 0.5)
        places = [(a, b) for b in np.arange(0, SIDE, spacing) for a in np.arange(0, SIDE, spacing)]
        for i in rng.permutation(len(places)):
            px, py = np.asarray(places[i]) + rng.uniform(-0.6, 0.6, 2) * spacing
            row, column = min(SIDE - 1, max(0, int(py))), min(SIDE - 1, max(0, int(px)))
            hsv = cv2.cvtColor(blurred[row : row + 1, column : column + 1], cv2.COLOR_RGB2HSV)[0, 0]
            hsv[0] = (
                hsv[0] + rng.normal(0, 16) + (180 if rng.random() < 0.09 else 0)
            ) % 360  # now and then the complement
            hsv[1], hsv[2] = min(1.0, hsv[1] * 1.3 + 0.12), float(np.clip(hsv[2] + rng.normal(0, 0.08), 0.05, 1))
            rgb = cv2.cvtColor(hsv[None, None].astype(np.float32), cv2.COLOR_HSV2RGB)[0, 0]
            size = radius * rng.uniform(0.55, 0.85) * 8
            centre = (round(px * 8), round(py * 8))
            cv2.circle(canvas, centre, round(size), rgb.tolist(), -1, cv2.LINE_AA, 3)
    return np.clip(canvas * paper(rng, 0.02), 0, 1).astype(np.float32)


def charcoal(rng: np.random.Generator) -> Plane:
    """Hatching with a burnt stick on toned paper: a jug, a bottle and fruit."""
    scene = scenes.still_life(rng)
    tone = np.clip((scene[..., 0] - 0.03) * 1.35, 0, 1) ** 0.62
    angle = (0.9 + 0.35 * smooth(rng, 3)).astype(np.float32)
    edges, strength = tangents(scene, 5)
    angle = np.where(strength > 0.35, edges, angle).astype(np.float32)
    passes = [(0.8, 0.0, 60, 5.5), (0.6, 0.55, 46, 4.6), (0.44, -0.5, 36, 4.2), (0.3, 1.2, 28, 3.6)]
    dark = hatch(tone, angle, rng, passes=passes)
    outline = np.clip(cv2.GaussianBlur(strength, (0, 0), 1) - 0.5, 0, 1) * np.clip(0.5 + 0.6 * smooth(rng, 9), 0, 1)
    smear = cv2.GaussianBlur(1 - tone, (0, 0), 10) * 0.42
    tooth = np.clip(0.78 + 0.3 * clouds(rng, 160, 2), 0.2, 1)
    coal = np.clip((dark * 0.95 + outline * 1.2) * tooth + smear * (0.8 + 0.2 * tooth), 0, 0.97)
    sheet = np.array((0.83, 0.75, 0.63), np.float32) * paper(rng, 0.025)
    drawn = over(sheet.astype(np.float32), coal.astype(np.float32), (28, 24, 26))
    chalk = hatch(1.35 - tone, (angle + 0.2).astype(np.float32), rng, passes=[(0.5, 0.0, 30, 5.0)]) * tooth
    return np.clip(over(drawn, (chalk * 0.85).astype(np.float32), (255, 248, 236)), 0, 1)


def mosaic(rng: np.random.Generator) -> Plane:
    """Small stones that follow the forms: fish in a reef."""
    scene = np.clip(scenes.reef(rng), 0, 1)
    angle, strength = tangents(scene, 12)
    angle = np.where(strength > 0.05, angle, 0.4 * smooth(rng, 3)).astype(np.float32)
    scale, size = 2, 15.0
    side = SIDE * scale
    canvas = np.ones((side, side, 3), np.float32) * np.array((0.2, 0.19, 0.18), np.float32)
    height = np.zeros((side, side), np.float32)
    taken = np.zeros((side, side), np.uint8)
    candidates = rng.uniform(0, SIDE, (42000, 2))
    for px, py in candidates:
        row, column = int(py), int(px)
        a, s = float(angle[row, column]), size * (0.8 if strength[row, column] > 0.5 else 1.0)
        if taken[row * scale, column * scale]:
            continue
        box = cv2.boxPoints(
            (
                (px * scale, py * scale),
                (s * scale * rng.uniform(0.9, 1.15), s * scale * rng.uniform(0.72, 0.9)),
                np.degrees(a),
            )
        )
        spread = cv2.boxPoints(((px * scale, py * scale), (s * scale * 1.72, s * scale * 1.42), np.degrees(a)))
        box = box + rng.normal(0, 1.1, box.shape)
        near = scene[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4].reshape(-1, 3)
        colour = np.clip(np.median(near, 0) * rng.uniform(0.8, 1.18) + rng.normal(0, 0.025, 3), 0, 1)
        cv2.fillConvexPoly(canvas, np.round(box * 8).astype(np.int32), colour.tolist(), cv2.LINE_AA, 3)
        cv2.fillConvexPoly(height, np.round(box * 8).astype(np.int32), float(rng.uniform(0.75, 1)), cv2.LINE_AA, 3)
        cv2.fillConvexPoly(taken, np.round(spread).astype(np.int32), 1)
    shine = lit(cv2.GaussianBlur(height, (0, 0), 2.2), 0.28)
    stone = 1 + 0.05 * clouds(rng, 64, 4, side)[..., None]
    whole = np.clip(canvas * shine * stone, 0, 1).astype(np.float32)
    return np.asarray(cv2.resize(whole, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)


def halftone(rng: np.random.Generator) -> Plane:
    """Four screens of dots, as comics were printed."""
    scene = np.clip(scenes.face(rng), 0, 1)
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


def woodcut(rng: np.random.Generator) -> Plane:
    """Carved lines and four blocks of colour: a great wave before a mountain."""
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


def glass(rng: np.random.Generator) -> Plane:
    """Leaded windows: a dove before the sun, over hills and a river."""
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


def ink(rng: np.random.Generator) -> Plane:
    """Washes of ink on rice paper: pines and peaks in mist."""
    x, y = grid()
    wet = np.zeros((SIDE, SIDE), np.float32)
    for base, height, cells, dark in (
        (0.4, 0.11, 2, 0.26),
        (0.5, 0.12, 3, 0.38),
        (0.64, 0.1, 3, 0.55),
        (0.8, 0.09, 4, 0.8),
    ):
        line = base - height * np.abs(clouds(rng, cells, 6)[SIDE // 2]) * 1.25 + height * 0.5
        below = (y - line[None, :]).astype(np.float32)
        below = warp(below, 5 * smooth(rng, 20), 5 * smooth(rng, 20))
        fade = np.exp(-np.clip(below, 0, 1) / (0.09 + 0.03 * smooth(rng, 3)).clip(0.04))
        folds = np.clip(
            0.7 + 0.42 * clouds(rng, 7, 5) + 0.5 * np.sin(60 * (x + 0.35 * y) + 6 * clouds(rng, 4, 3)) * 0.4, 0.1, 1.6
        )
        wash = soft(below, 0.003) * fade * folds * dark
        rim = (
            soft(0.0035 + 0.003 * smooth(rng, 24) - np.abs(below), 0.0022)
            * dark
            * np.clip(0.7 + 0.7 * smooth(rng, 12), 0, 1)
        )
        wet = wet * (1 - soft(below, 0.003) * 0.82) + np.maximum(wash, rim)

    def branch(px: float, py: float, heading: float, length: float, width: float) -> None:
        nonlocal wet
        for _ in range(int(length / 5)):
            heading += rng.normal(0, 0.16)
            qx, qy = px + 5 * np.cos(heading), py + 5 * np.sin(heading)
            cv2.line(
                wet,
                (round(px * 8), round(py * 8)),
                (round(qx * 8), round(qy * 8)),
                float(0.8 + 0.18 * rng.random()),
                max(1, round(width)),
                cv2.LINE_AA,
                3,
            )
            px, py, width = qx, qy, width * 0.972
            if width > 2 and rng.random() < 0.2:
                branch(px, py, heading + rng.choice([-1, 1]) * rng.uniform(0.7, 1.25), length * 0.42, width * 0.6)
            if width < 4.5 and rng.random() < 0.75:
                for _ in range(14):
                    t = -np.pi / 2 + rng.normal(0, 0.85)
                    r = rng.uniform(9, 26)
                    end = (round((px + r * np.cos(t)) * 8), round((py + r * np.sin(t)) * 8))
                    cv2.line(
                        wet, (round(px * 8), round(py * 8)), end, float(rng.uniform(0.55, 0.95)), 1, cv2.LINE_AA, 3
                    )

    branch(655, 770, -1.85, 400, 19)
    branch(690, 770, -1.45, 290, 13)
    branch(60, 770, -1.2, 230, 11)
    for _ in range(5):
        bx, by, s = rng.uniform(200, 420), rng.uniform(70, 190), rng.uniform(8, 15)
        for side in (-1, 1):
            curve = np.array([(bx + side * s * t, by - s * 0.7 * np.sin(t * 2.4)) for t in np.linspace(0, 1, 8)])
            cv2.polylines(wet, [np.round(curve * 8).astype(np.int32)], False, 0.8, 2, cv2.LINE_AA, 3)
    for _ in range(170):
        cx, cy, r = rng.random(), rng.random(), 0.0008 + 0.005 * rng.random() ** 5
        wet = np.maximum(wet, soft(r - np.hypot(x - cx, y - cy), 0.0012) * rng.uniform(0.25, 0.9))
    sun = soft(0.062 - np.hypot(x - 0.33, y - 0.2) + 0.002 * smooth(rng, 30), 0.003)
    bleeding = cv2.GaussianBlur(wet, (0, 0), 3.2) * 0.45 + wet * 0.72
    dry = np.clip(0.86 + 0.16 * clouds(rng, 120, 2), 0.35, 1.08)
    strength = np.clip(bleeding * dry, 0, 0.97)
    sheet = (
        np.array((0.945, 0.915, 0.84), np.float32)
        * paper(rng, 0.022)
        * (1 - 0.07 * np.clip(clouds(rng, 3), -1, 2))[..., None]
    )
    picture = over(sheet.astype(np.float32), sun * 0.8 * np.clip(0.9 + 0.1 * clouds(rng, 50), 0, 1), (196, 60, 44))
    picture = over(picture, strength.astype(np.float32), (26, 28, 36))
    seal = soft(0.028 - np.maximum(np.abs(x - 0.09), np.abs(y - 0.12)), 0.002) * np.clip(
        1.2 + 0.5 * clouds(rng, 60), 0, 1
    )
    marks = soft(0.4 - np.abs(np.sin(150 * (x - 0.09)) * np.sin(110 * (y - 0.12))) - 0.12, 0.1) * soft(
        0.021 - np.maximum(np.abs(x - 0.09), np.abs(y - 0.12)), 0.002
    )
    picture = over(picture, np.clip(seal * (1 - 0.8 * marks), 0, 1).astype(np.float32), (186, 36, 30))
    return np.clip(picture, 0, 1)


def watercolour(rng: np.random.Generator) -> Plane:
    """Wet blooms that run into each other: flowers in a glass."""
    x, y = grid()
    picture = np.array((0.985, 0.975, 0.95), np.float32) * np.ones((SIDE, SIDE, 1), np.float32)

    def stain(shape: Plane, colour: Colour, strength: float, rough: float = 0.012) -> None:
        """A wet shape (positive inside): pigment gathers at its rim and in the hollows of the paper."""
        nonlocal picture
        edge = warp(shape.astype(np.float32), 9 * smooth(rng, 9), 9 * smooth(rng, 9)) + rough * clouds(rng, 24, 4)
        inside = soft(edge, 0.0035)
        rim = np.exp(-np.clip(edge, 0, 1) / 0.009) * inside
        pool = np.clip(0.62 + 0.3 * clouds(rng, 5, 4) + 0.06 * clouds(rng, 90, 2), 0.12, 1.25)
        amount = np.clip(strength * (inside * pool + 0.55 * rim), 0, 1.3)[..., None]
        absorb = 1 - np.array(colour, np.float32) / 255
        picture = picture * np.exp(-amount * absorb * 2.0)

    for colour, cx, cy, r in (
        ((150, 200, 230), 0.2, 0.25, 0.34),
        ((250, 216, 150), 0.8, 0.2, 0.32),
        ((200, 220, 160), 0.75, 0.75, 0.3),
        ((230, 190, 220), 0.16, 0.78, 0.28),
        ((170, 210, 226), 0.5, 0.9, 0.3),
    ):
        stain(r - np.hypot(x - cx, (y - cy) * 1.1) + 0.04 * clouds(rng, 4), colour, 0.55, 0.03)
    for _ in range(17):
        ax, bend = rng.uniform(0.3, 0.72), rng.normal(0, 0.3)
        path = 0.5 + (ax - 0.5) * np.clip((0.72 - y) / 0.5, 0, 1.3) + bend * (0.72 - y) ** 2
        stain(
            0.006 - np.abs(x - path) - 10 * np.clip(y - 0.88, 0, 1) - 10 * np.clip(0.36 - y, 0, 1),
            (70, 140, 70),
            0.75,
            0.002,
        )
    for _ in range(22):
        cx, cy, t, s = rng.uniform(0.14, 0.86), rng.uniform(0.36, 0.74), rng.uniform(0, 6.28), rng.uniform(0.05, 0.1)
        u, v = ((x - cx) * np.cos(t) + (y - cy) * np.sin(t)) / s, (-(x - cx) * np.sin(t) + (y - cy) * np.cos(t)) / s
        stain(
            (1 - np.abs(u) ** 1.6 - np.abs(v) * 3.2) * s * 0.5,
            [(60, 140, 80), (120, 170, 60), (40, 110, 110), (90, 150, 120)][int(rng.integers(4))],
            0.7,
            0.004,
        )
    petals: list[Colour] = [
        (226, 50, 90),
        (240, 120, 60),
        (150, 70, 180),
        (250, 190, 50),
        (60, 110, 210),
        (230, 100, 170),
    ]
    for k, (cx, cy, s) in enumerate(
        (
            (0.5, 0.3, 0.15),
            (0.28, 0.38, 0.12),
            (0.72, 0.36, 0.13),
            (0.4, 0.15, 0.09),
            (0.64, 0.15, 0.1),
            (0.17, 0.2, 0.085),
            (0.85, 0.2, 0.085),
            (0.36, 0.52, 0.09),
            (0.62, 0.53, 0.095),
            (0.86, 0.5, 0.075),
            (0.13, 0.55, 0.07),
        )
    ):
        colour, count, turn = petals[k % len(petals)], int(rng.integers(5, 8)), rng.uniform(0, 6.28)
        for p in range(count):
            t = turn + 2 * np.pi * p / count
            px, py = cx + s * 0.5 * np.cos(t), cy + s * 0.5 * np.sin(t)
            u, v = ((x - px) * np.cos(t) + (y - py) * np.sin(t)) / s, (-(x - px) * np.sin(t) + (y - py) * np.cos(t)) / s
            stain((0.55 - np.hypot(u, v * 1.35)) * s, colour, 0.62, 0.006)
        stain(s * 0.2 - np.hypot(x - cx, y - cy), (110, 70, 30), 1.0, 0.004)
    jar = np.minimum(0.13 - np.abs(x - 0.5) - 0.03 * np.cos(9 * (y - 0.6)), np.minimum(y - 0.66, 0.93 - y))
    stain(jar, (120, 170, 200), 0.6, 0.003)
    stain(np.minimum(jar - 0.012, y - 0.74), (70, 140, 180), 0.5, 0.003)
    for _ in range(14):
        cx, cy, r = rng.random(), rng.random(), 0.003 + 0.007 * rng.random() ** 3
        stain(r - np.hypot(x - cx, y - cy), petals[int(rng.integers(len(petals)))], 0.6, 0.0008)
    return np.clip(picture * paper(rng, 0.03), 0, 1).astype(np.float32)


def cutout(rng: np.random.Generator) -> Plane:
    """Painted paper, cut and pasted: leaves, birds and a sun."""
    x, y = grid()

    def sheet(colour: Colour) -> Plane:
        """A sheet painted with a broad brush."""
        streaks = cv2.GaussianBlur(rng.standard_normal((SIDE, SIDE)).astype(np.float32), (0, 0), sigmaX=22, sigmaY=1.1)
        streaks = streaks / streaks.std()
        turned = cv2.warpAffine(
            streaks,
            cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), float(rng.uniform(0, 180)), 1.5),
            (SIDE, SIDE),
            borderMode=cv2.BORDER_REFLECT,
        )
        tone = 1 + 0.06 * turned + 0.04 * clouds(rng, 5) + 0.02 * rng.standard_normal((SIDE, SIDE))
        return (np.array(colour, np.float32) / 255 * tone[..., None]).astype(np.float32)

    picture = sheet((244, 232, 208))

    def paste(edge: Plane, colour: Colour) -> None:
        """Lay a piece (positive inside) down with its shadow and torn rim."""
        nonlocal picture
        torn = edge.astype(np.float32) + 0.0018 * clouds(rng, 60, 2)
        inside = soft(torn, 0.0013)
        shadow = cv2.GaussianBlur(np.roll(inside, (6, 5), (0, 1)), (0, 0), 4) * 0.45
        picture = picture * (1 - shadow[..., None] * (1 - inside[..., None]))
        piece = sheet(colour) * (1 + 0.1 * soft(0.004 - np.abs(torn - 0.002), 0.002)[..., None])
        picture = over(picture.astype(np.float32), inside, piece.astype(np.float32))

    blocks: list[Colour] = [
        (28, 70, 160),
        (236, 86, 60),
        (250, 196, 50),
        (40, 140, 110),
        (240, 150, 170),
        (120, 60, 140),
        (20, 130, 180),
        (226, 50, 90),
    ]
    k = 0
    for row in range(3):
        for column in range(3):
            w, h = 0.155 + 0.02 * rng.random(), 0.155 + 0.02 * rng.random()
            cx, cy = 0.18 + 0.32 * column + rng.normal(0, 0.012), 0.18 + 0.32 * row + rng.normal(0, 0.012)
            tilt = rng.normal(0, 0.03)
            paste(
                np.minimum(w - np.abs(x - cx + tilt * (y - cy)), h - np.abs(y - cy - tilt * (x - cx))),
                blocks[k % len(blocks)],
            )
            k += 1

    def leaf(cx: float, cy: float, size: float, turn: float, fingers: int, colour: Colour) -> None:
        u, v = (
            ((x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)) / size,
            (-(x - cx) * np.sin(turn) + (y - cy) * np.cos(turn)) / size,
        )
        wave = 0.5 + 0.5 * np.cos(np.pi * fingers * (u + 0.25 * np.abs(v)))
        half = 0.55 * np.sqrt(np.clip(1 - u**2, 0, 1)) * (0.16 + 0.84 * wave**0.6)
        paste(np.where(np.abs(u) < 1, (half - np.abs(v)) * size * 0.7, -0.05), colour)

    def bird(cx: float, cy: float, size: float, turn: float, colour: Colour) -> None:
        u, v = (
            ((x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)) / size,
            (-(x - cx) * np.sin(turn) + (y - cy) * np.cos(turn)) / size,
        )
        body = 0.2 * np.clip(1 - u**2, 0, 1) ** 0.7 - np.abs(v)
        wings = np.minimum(0.13 + 0.1 * np.abs(v) - np.abs(u - 0.1 + 0.42 * np.abs(v) ** 1.4), 1.0 - np.abs(v))
        tail = np.minimum(0.1 + 0.3 * (-u - 0.8) - np.abs(v), np.minimum(-u - 0.75, u + 1.35))
        paste(np.maximum(np.maximum(body, wings), tail) * size * 0.6, colour)

    def sun(cx: float, cy: float, size: float, colour: Colour) -> None:
        a = np.arctan2(y - cy, x - cx)
        paste(size * (0.72 + 0.28 * np.abs(np.cos(6 * a)) ** 0.7) - np.hypot(x - cx, y - cy), colour)

    leaf(0.18, 0.2, 0.15, 1.2, 6, (250, 240, 220))
    bird(0.5, 0.19, 0.16, -0.4, (28, 50, 120))
    sun(0.83, 0.19, 0.13, (236, 70, 50))
    leaf(0.2, 0.5, 0.17, 0.4, 7, (250, 210, 60))
    leaf(0.5, 0.5, 0.19, 2.2, 8, (22, 40, 110))
    bird(0.82, 0.52, 0.15, 2.6, (250, 236, 200))
    sun(0.19, 0.82, 0.12, (250, 226, 120))
    leaf(0.5, 0.83, 0.17, -0.5, 6, (240, 110, 60))
    leaf(0.82, 0.82, 0.18, 0.9, 7, (24, 120, 90))
    for _ in range(13):
        leaf(
            rng.random(),
            rng.random(),
            0.045 + 0.03 * rng.random(),
            rng.uniform(0, 6.28),
            int(rng.integers(3, 6)),
            blocks[int(rng.integers(len(blocks)))],
        )
    return np.clip(picture * paper(rng, 0.02), 0, 1).astype(np.float32)


def neon(rng: np.random.Generator) -> Plane:
    """Glowing tubes in the rain: a street at night."""
    horizon = 0.62
    x, y = grid()
    street = np.zeros((SIDE, SIDE, 3), np.float32)
    night = ramp(y + 0.05 * clouds(rng, 3), (0, (16, 10, 40)), (0.4, (50, 16, 80)), (horizon, (120, 30, 110)))
    street += night
    hues: list[Colour] = [(255, 40, 150), (40, 220, 255), (255, 200, 40), (150, 70, 255), (60, 255, 150), (255, 90, 50)]
    tubes = np.zeros_like(street)

    def tube(points: list[tuple[float, float]], colour: Colour, width: int = 2, *, closed: bool = False) -> None:
        line = np.round(np.array(points) * SIDE * 8).astype(np.int32)
        cv2.polylines(tubes, [line], closed, (np.array(colour) / 255).tolist(), width, cv2.LINE_AA, 3)

    for depth, shade in ((0.35, 0.5), (0.65, 0.32), (1.0, 0.16)):
        left = 0.0
        while left < 1:
            w = rng.uniform(0.05, 0.13) * (0.6 + depth * 0.6)
            away = abs(left + w / 2 - 0.5)
            top = horizon - rng.uniform(0.12, 0.28) - 0.62 * away * depth
            if away > 0.16 * depth:
                block = (x > left) & (x < left + w) & (y > top) & (y < horizon + 0.02)
                wall = np.array((46, 26, 84), np.float32) / 255 * shade * (1 + 0.25 * clouds(rng, 8))[..., None]
                street = np.where(block[..., None], wall, street)
                hue = hues[int(rng.integers(len(hues)))]
                for wy in np.arange(top + 0.012, horizon - 0.01, 0.019):
                    for wx in np.arange(left + 0.01, left + w - 0.012, 0.016):
                        if rng.random() < 0.5:
                            lamp = [(255, 214, 120), (120, 200, 255), hue, (255, 150, 90)][int(rng.integers(4))]
                            a, b = (int(wx * SIDE), int(wy * SIDE)), (int((wx + 0.008) * SIDE), int((wy + 0.01) * SIDE))
                            cv2.rectangle(street, a, b, (np.array(lamp) / 255 * rng.uniform(0.25, 0.95)).tolist(), -1)
                if rng.random() < 0.85:
                    tube([(left, top), (left + w, top), (left + w, horizon), (left, horizon)], hue, 2, closed=False)
                if depth > 0.5:
                    sign_y, kind = rng.uniform(max(top, 0.1), horizon - 0.12), int(rng.integers(4))
                    cx, s = left + w / 2, min(w * 0.36, 0.045)
                    bright = hues[int(rng.integers(len(hues)))]
                    if kind == 0:
                        tube(
                            [(cx + s * np.cos(t), sign_y + s * np.sin(t)) for t in np.linspace(0, 6.28, 30)],
                            bright,
                            3,
                            closed=True,
                        )
                    elif kind == 1:
                        tube(
                            [
                                (
                                    cx + s * (1 if k % 2 else 0.45) * np.sin(k * np.pi / 5),
                                    sign_y - s * (1 if k % 2 else 0.45) * np.cos(k * np.pi / 5),
                                )
                                for k in range(10)
                            ],
                            bright,
                            3,
                            closed=True,
                        )
                    elif kind == 2:
                        for k in range(4):
                            tube(
                                [(cx - s, sign_y + k * s * 0.5), (cx + s * rng.uniform(0.2, 1), sign_y + k * s * 0.5)],
                                bright,
                                3,
                            )
                    else:
                        tube(
                            [(cx - s, sign_y), (cx, sign_y - s), (cx + s, sign_y), (cx, sign_y + s)],
                            bright,
                            3,
                            closed=True,
                        )
            left += w
    for k in range(7):
        t = 0.06 + 0.15 * k
        tube([(t - 0.5 + 0.5, 0.1 + 0.03 * np.sin(9 * t)), (t + 0.12, 0.13 + 0.04 * np.sin(7 * t))], hues[k % 6], 1)
    moon = [(0.5 + 0.085 * np.cos(t), 0.2 + 0.085 * np.sin(t)) for t in np.linspace(0, 6.28, 60)]
    tube(moon, (255, 60, 160), 4, closed=True)
    for k in range(5):
        tube([(0.43, 0.17 + 0.018 * k), (0.57, 0.17 + 0.018 * k)], (255, 130, 90), 2)
    street = street + tubes * 0.9
    upper = street[: int(horizon * SIDE)]
    mirror = cv2.resize(upper[::-1], (SIDE, SIDE - upper.shape[0]), interpolation=cv2.INTER_LINEAR)
    mirror = cv2.GaussianBlur(mirror, (0, 0), sigmaX=1.2, sigmaY=7)
    mx, my = np.meshgrid(np.arange(SIDE, dtype=np.float32), np.arange(mirror.shape[0], dtype=np.float32))
    ripple = 6 * np.sin(my * 0.55 + 3 * smooth(rng, 6)[: mirror.shape[0]]) * (0.4 + my / SIDE * 3)
    mirror = cv2.remap(mirror, mx + ripple, my, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    street[int(horizon * SIDE) :] = mirror * 0.85 + 0.02
    for lane in (-0.32, -0.1, 0.1, 0.32):
        cv2.line(
            street,
            (SIDE // 2, int(horizon * SIDE)),
            (int((0.5 + lane * 3.2) * SIDE), SIDE),
            (0.5, 0.2, 0.55),
            2,
            cv2.LINE_AA,
        )
    figures = np.zeros((SIDE, SIDE), np.float32)
    for cx, s in ((0.42, 0.1), (0.55, 0.075), (0.66, 0.13)):
        base = horizon + s * 1.1
        body = (
            soft(s * (0.1 + 0.16 * np.clip((y - base + s * 1.3) / s, 0, 1)) - np.abs(x - cx), 0.003)
            * soft(y - base + s * 1.3, 0.003)
            * soft(base - y, 0.003)
        )
        brolly = soft(s * 0.46 - np.hypot(x - cx, (y - base + s * 1.32) * 1.3), 0.003) * soft(base - s * 1.3 - y, 0.003)
        figures = np.maximum(figures, np.maximum(body, brolly))
        arc = [
            (cx + s * 0.46 * np.cos(t), base - s * 1.32 + s * 0.35 * np.sin(t))
            for t in np.linspace(np.pi, 2 * np.pi, 20)
        ]
        line = np.round(np.array(arc) * SIDE * 8).astype(np.int32)
        street = over(street, np.maximum(body, brolly), (14, 8, 30))
        cv2.polylines(street, [line], False, (np.array(hues[int(s * 100) % 6]) / 255).tolist(), 2, cv2.LINE_AA, 3)
    rain = np.zeros((SIDE, SIDE), np.float32)
    for _ in range(900):
        a, b, length = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(8, 34)
        cv2.line(
            rain,
            (int(a), int(b)),
            (int(a - length * 0.18), int(b + length)),
            float(rng.uniform(0.08, 0.4)),
            1,
            cv2.LINE_AA,
        )
    street = street + rain[..., None] * np.array((0.5, 0.55, 0.8), np.float32)
    bright = np.clip(street - 0.42, 0, 2)
    bloom = sum(cv2.GaussianBlur(bright, (0, 0), s) * g for s, g in ((3, 0.8), (9, 0.9), (26, 1.0)))
    return np.clip(1 - np.exp(-1.5 * (street + bloom)), 0, 1).astype(np.float32)


HANDS = {
    f.__name__: f
    for f in (impasto, oil, points, charcoal, mosaic, halftone, woodcut, glass, ink, watercolour, cutout, neon)
}
