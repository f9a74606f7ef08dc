"""Sizes and pixels around the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from stytr_live.engine import imaging

if TYPE_CHECKING:
    from stytr_live.frame import Pixels


def noise(height: int, width: int) -> Pixels:
    return np.random.default_rng(height * width).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("size", "short_side", "stride", "expected"),
    [
        ((1920, 1080), 512, 16, (912, 512)),
        ((1080, 1920), 512, 16, (512, 912)),
        ((640, 360), 512, 16, (640, 368)),  # not enlarged to 512, only rounded, and up: nothing is resampled
        ((640, 360), 360, 8, (640, 360)),
        ((1, 1), 512, 16, (32, 32)),
        ((4000, 1), 512, 8, (4000, 16)),
        ((321, 241), 128, 8, (168, 128)),
    ],
)
def test_the_working_size(size: tuple[int, int], short_side: int, stride: int, expected: tuple[int, int]) -> None:
    assert imaging.working_size(size, short_side, stride) == expected


def test_a_frame_that_need_not_shrink_gets_a_mirrored_margin() -> None:
    pixels = noise(20, 30)
    seen = imaging.fit(pixels, (32, 32))
    assert seen.shape == (32, 32, 3)
    assert np.array_equal(seen[:20, :30], pixels)
    assert np.array_equal(seen[20:, :30], pixels[7:19][::-1])
    assert np.array_equal(seen[:, 30:], seen[:, [28, 27]])
    assert np.array_equal(imaging.unfit(seen, (30, 20)), pixels)


@pytest.mark.parametrize("size", [(64, 64), (20, 40), (40, 20), (60, 16)])
def test_other_frames_are_resized_to_the_working_size_and_back(size: tuple[int, int]) -> None:
    pixels = noise(size[1], size[0])
    seen = imaging.fit(pixels, (32, 32))
    assert np.array_equal(seen, imaging.resize(pixels, (32, 32)))
    assert np.array_equal(imaging.unfit(seen, size), imaging.resize(seen, size))


def test_resizing_to_the_same_size_copies_nothing() -> None:
    pixels = noise(24, 32)
    assert imaging.resize(pixels, (32, 24)) is pixels


def test_shrinking_averages_instead_of_skipping() -> None:
    board = np.indices((64, 64)).sum(0) % 2 * 255
    pixels = np.repeat(board[..., None], 3, 2).astype(np.uint8)
    assert np.abs(imaging.resize(pixels, (16, 16)).astype(int) - 127).max() <= 1


def test_a_style_keeps_its_shape_up_to_two_to_one() -> None:
    assert imaging.style_picture(noise(100, 150), 256, 16).shape == (256, 384, 3)
    assert imaging.style_picture(noise(16, 5000), 64, 16).shape == (64, 128, 3)
    assert imaging.style_picture(noise(5000, 16), 64, 16).shape == (128, 64, 3)


def test_strength_goes_from_the_content_to_the_painting() -> None:
    content, painting = noise(8, 8), noise(8, 8)[::-1].copy()
    assert imaging.blend(content, painting, 1) is painting
    assert np.array_equal(imaging.blend(content, painting, 0), content)
    half = imaging.blend(content, painting, 0.5).astype(int)
    assert np.abs(half - (content.astype(int) + painting) / 2).max() <= 0.5


def test_keeping_colours_keeps_the_chroma_and_takes_the_luma() -> None:
    content, painting = np.full((8, 8, 3), (180, 60, 90), np.uint8), np.full((8, 8, 3), (120, 120, 120), np.uint8)
    result = imaging.keep_colours(content, painting)[0, 0].astype(float)
    luma = lambda rgb: rgb @ (0.299, 0.587, 0.114)  # noqa: E731
    assert abs(luma(result) - 120) < 2
    assert np.abs((result - luma(result)) - (content[0, 0] - luma(content[0, 0].astype(float)))).max() < 3
