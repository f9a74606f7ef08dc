"""What comes with the program: pictures by twelve hands, a clip with sound, weights."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from stytr_live import builtin

if TYPE_CHECKING:
    from stytr_live.frame import Pixels

STYLES = sorted(builtin.styles())


def picture(name: str) -> Pixels:
    return np.asarray(Image.open(builtin.styles()[name]).convert("RGB"), np.uint8)


def hand(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Colours, and how much goes on at four scales: what tells one hand from another."""
    lab = cv2.cvtColor(picture(name), cv2.COLOR_RGB2LAB).astype(np.float64)
    colours = np.concatenate([lab.mean((0, 1)), lab.std((0, 1))]) / 20
    grey, bands = lab[..., 0], []
    for _ in range(4):
        smaller = cv2.GaussianBlur(grey, (0, 0), 1.6)
        bands.append(np.abs(grey - smaller).mean())
        grey = smaller[::2, ::2]
    return np.concatenate([colours, np.array(bands) / 3])


def test_twelve_styles_are_built_in() -> None:
    assert len(STYLES) == 12
    assert all(name.isidentifier() and name.islower() for name in STYLES)


@pytest.mark.parametrize("name", STYLES)
def test_a_style_is_large_and_worked_everywhere(name: str) -> None:
    pixels = picture(name)
    assert pixels.shape == (768, 768, 3)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    texture = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 4))
    busy = cv2.resize(texture, (12, 12), interpolation=cv2.INTER_AREA)  # 64×64 pixels each
    assert (busy > 1.5).mean() > 0.85
    assert grey.std() > 20


def test_no_two_styles_are_by_the_same_hand() -> None:
    hands = {name: hand(name) for name in STYLES}
    nearest = min(np.linalg.norm(hands[a] - hands[b]) for a, b in combinations(STYLES, 2))
    assert nearest > 0.8


def test_the_clip_moves_and_is_tagged() -> None:
    with av.open(str(builtin.clip())) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.width, context.height) == (640, 360)
        assert (context.colorspace, context.color_range, context.color_primaries, context.color_trc) == (1, 1, 1, 1)
        frames = [f.to_ndarray(format="gray").astype(np.float32) for f in container.decode(stream)]
    assert len(frames) == 180
    steps = [np.abs(b - a).mean() for a, b in pairwise(frames)]
    assert min(steps) > 0.5
    assert max(steps) < 15


def test_the_clip_has_six_seconds_of_sound() -> None:
    with av.open(str(builtin.clip())) as container:
        blocks = [f.to_ndarray() for f in container.decode(audio=0)]
        rate = container.streams.audio[0].codec_context.sample_rate
    wave = np.concatenate(blocks, 1)
    assert wave.shape[0] == 2
    assert wave.shape[1] / rate == pytest.approx(6, abs=0.05)
    seconds = wave[:, : 5 * rate].reshape(2, 5, rate)
    assert (np.sqrt((seconds**2).mean(-1)) > 0.01).all()


def test_everything_together_stays_small() -> None:
    root = Path(builtin.clip()).parent
    assert sum(p.stat().st_size for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts) < 50_000_000
    assert sum(p.stat().st_size for p in (root / "styles").iterdir()) + builtin.clip().stat().st_size < 15_000_000
