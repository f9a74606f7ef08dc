"""Paintings at the working size, enlarged along the edges of their frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from stytr_live.engine import imaging, upsampling

if TYPE_CHECKING:
    from stytr_live.frame import Pixels, Size


def scene(width: int, height: int, seed: int = 0) -> Pixels:
    """Flat, coloured shapes with sharp edges, brighter to the right."""
    random = np.random.default_rng(seed)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = np.linspace(60, 180, width)[:, None]
    for _ in range(40):
        centre = (int(random.integers(width)), int(random.integers(height)))
        radius = int(random.integers(2, max(3, min(width, height) // 6)))
        cv2.circle(picture, centre, radius, random.integers(0, 256, 3).tolist(), -1)
    return picture


def linear(pixels: Pixels, size: Size) -> Pixels:
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def grey(pixels: Pixels) -> Pixels:
    """Luma, (H, W)."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def levels(a: Pixels, b: Pixels) -> int:
    """Largest difference, in levels."""
    return int(np.abs(a.astype(int) - b).max())


def psnr(a: Pixels, b: Pixels) -> float:
    return float(10 * np.log10(255**2 / np.square(a.astype(float) - b).mean()))


def step(width: int, height: int, dark: int = 40, bright: int = 200) -> Pixels:
    """Dark on the left, bright on the right of the middle."""
    picture = np.full((height, width, 3), dark, np.uint8)
    picture[:, width // 2 + 3 :] = bright  # not where pixels of the working size meet
    return picture


@pytest.mark.parametrize("size", [(320, 180), (216, 120), (480, 272)])
def test_a_frame_that_is_its_own_painting_comes_back(size: Size) -> None:
    content = np.repeat(grey(scene(960, 540))[..., None], 3, 2)
    painted = imaging.resize(content, size)
    result = upsampling.upsample(painted, content)
    assert psnr(result, content) > 40
    assert psnr(result, content) > psnr(linear(painted, (960, 540)), content) + 10


def test_a_coloured_frame_that_is_its_own_painting_comes_back_in_luma() -> None:
    content = scene(960, 540)
    painted = imaging.resize(content, (320, 180))
    result, plain = upsampling.upsample(painted, content), linear(painted, (960, 540))
    assert psnr(result, content) > psnr(plain, content)
    assert psnr(grey(result), grey(content)) > psnr(grey(plain), grey(content)) + 5


def test_a_flat_frame_adds_nothing_to_the_strokes() -> None:
    painted, content = scene(96, 64), np.full((192, 289, 3), (30, 90, 200), np.uint8)
    assert levels(upsampling.upsample(painted, content), linear(painted, (289, 192))) <= 1


def test_strokes_that_the_frame_knows_nothing_of_stay() -> None:
    content, painted = scene(640, 360), scene(160, 96, seed=1)
    difference = upsampling.upsample(painted, content).astype(int) - linear(painted, (640, 360))
    assert np.abs(imaging.resize(np.abs(difference).astype(np.uint8), (160, 96))).mean() < 6
    assert psnr(imaging.resize(upsampling.upsample(painted, content), (160, 96)), painted) > 22


def test_a_painting_of_the_size_of_the_frame_is_returned_itself() -> None:
    painted = scene(64, 48)
    assert upsampling.upsample(painted, scene(64, 48, seed=1)) is painted


def test_a_painting_with_more_pixels_than_the_frame_is_shrunk() -> None:
    painted = scene(640, 368)
    assert np.array_equal(upsampling.upsample(painted, scene(640, 360)), imaging.resize(painted, (640, 360)))


@pytest.mark.parametrize("rows", [1, 7, 64])
def test_strips_have_no_seams(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    content, painted = scene(301, 203), scene(96, 64, seed=1)
    monkeypatch.setattr(upsampling, "STRIP", 301 * 203)
    whole = upsampling.upsample(painted, content)
    monkeypatch.setattr(upsampling, "STRIP", rows * 301)
    assert np.array_equal(upsampling.upsample(painted, content), whole)


@pytest.mark.parametrize(
    ("size", "working"),
    [
        ((1279, 721), (640, 368)),
        ((721, 1279), (368, 640)),
        ((640, 370), (640, 368)),
        ((300, 500), (304, 256)),  # wider than the frame, but with fewer pixels
        ((1, 1), (1, 1)),
        ((4, 1), (3, 1)),
        ((1, 4), (1, 3)),
        ((1, 3000), (1, 16)),
        ((3000, 1), (16, 1)),
        ((3, 2), (1, 1)),
        ((70000, 2), (64, 1)),
    ],
)
def test_any_size_comes_back(size: Size, working: Size) -> None:
    content = scene(*size)
    painted = 255 - imaging.resize(content, working)
    before = content.copy(), painted.copy()
    result = upsampling.upsample(painted, content)
    assert result.shape == content.shape
    assert result.dtype == np.uint8
    assert result.flags.c_contiguous
    assert np.array_equal(content, before[0])
    assert np.array_equal(painted, before[1])


@pytest.mark.parametrize("inverted", [False, True])
def test_edges_are_as_steep_as_the_frame_s_and_do_not_overshoot(inverted: bool) -> None:
    content = step(640, 360)
    painted = imaging.resize(content, (112, 64))
    painted = 255 - painted if inverted else painted
    edge = lambda picture: int(np.abs(np.diff(picture[180, :, 0].astype(int))).max())  # noqa: E731
    result = upsampling.upsample(painted, content)
    assert edge(result) > 3 * edge(linear(painted, (640, 360)))
    assert edge(result) > 0.8 * 160
    assert result.min() >= painted.min() - 12
    assert result.max() <= painted.max() + 12


@pytest.mark.parametrize("contrast", [1, -1])
def test_noise_in_flat_parts_is_not_amplified(contrast: int) -> None:
    noise = np.random.default_rng(0).normal(0, 8, (540, 960, 3))
    content = np.clip(128 + noise, 0, 255).astype(np.uint8)
    shrunk = imaging.resize(content, (320, 184)).astype(int)
    painted = (128 + contrast * (shrunk - 128)).astype(np.uint8)
    result, plain = upsampling.upsample(painted, content), linear(painted, (960, 540))
    assert result.std() < 1.1 * plain.std()
    colour = lambda picture: (picture - picture.mean(2, keepdims=True)).std()  # noqa: E731
    assert colour(result) < 1.02 * colour(plain)


def test_detail_saturates_instead_of_wrapping_round() -> None:
    checks = np.kron(np.indices((30, 40)).sum(0) % 2, np.ones((9, 9), int))[..., None].repeat(3, 2)
    content = (checks * 255).astype(np.uint8)
    painted = imaging.resize(content, (90, 68))
    result = upsampling.upsample(painted, content)
    assert (
        np.abs(result.astype(int) - content).mean()
        < np.abs(linear(painted, (360, 270)).astype(int) - content).mean() / 2
    )
    assert levels(result[content == 255], np.full_like(result[content == 255], 255)) < 128
    assert result[content == 0].max() < 128
