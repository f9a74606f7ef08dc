"""What does not change is not painted again; what does is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from stytr_live.engine.similarity import Similarity

if TYPE_CHECKING:
    from stytr_live.frame import Pixels


def scene(size: tuple[int, int] = (640, 360)) -> Pixels:
    y, x = np.mgrid[: size[1], : size[0]]
    return np.stack([x % 256, y % 256, (x + y) // 4 % 256], -1).astype(np.uint8)


def noisy(pixels: Pixels, seed: int, sigma: float = 4) -> Pixels:
    noise = np.random.default_rng(seed).normal(0, sigma, pixels.shape)
    return (pixels + noise).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("size", [(320, 240), (640, 360), (1080, 1920), (1280, 720), (3840, 2160)])
def test_the_noise_of_a_sensor_is_no_change(size: tuple[int, int]) -> None:
    similarity, still = Similarity(), scene(size)
    assert not similarity.same(noisy(still, 0))
    assert all(similarity.same(noisy(still, seed, sigma=5)) for seed in range(1, 4))


@pytest.mark.parametrize("size", [(320, 240), (640, 360), (1280, 720), (3840, 2160)])
def test_a_small_thing_that_moves_is_a_change(size: tuple[int, int]) -> None:
    similarity, side = Similarity(), 20 * max(1, size[0] // 640)
    still = noisy(np.full((size[1], size[0], 3), 100, np.uint8), 0)
    top = size[1] - side  # in the corner
    for x in range(0, size[0] - side, size[0] // 8):
        moved = still.copy()
        moved[top:, x : x + side] += 60
        assert not similarity.same(moved)
        assert similarity.same(moved)


def test_one_colour_that_changes_is_a_change() -> None:
    similarity, picture = Similarity(), np.full((360, 640, 3), 100, np.uint8)
    assert not similarity.same(picture)
    for channel in range(3):
        picture = picture.copy()
        picture[100:120, 100:120, channel] += 20
        assert not similarity.same(picture)


def test_it_is_compared_with_what_was_painted_not_with_what_was_seen() -> None:
    similarity = Similarity(threshold=4)
    assert [similarity.same(np.full((36, 64, 3), level, np.uint8)) for level in (50, 54, 58, 54, 62)] == [
        False,
        True,
        False,
        True,
        True,
    ]


def test_a_slow_fade_is_painted_in_time() -> None:
    similarity, painted, lag = Similarity(), 0, 0
    for level in range(200):
        if not similarity.same(np.full((36, 64, 3), level, np.uint8)):
            painted = level
        lag = max(lag, level - painted)
    assert 0 < lag <= 6


def test_another_size_and_a_reset_are_changes() -> None:
    similarity = Similarity()
    assert not similarity.same(scene())
    assert similarity.same(scene())
    assert not similarity.same(scene((320, 180)))
    assert not similarity.same(scene())
    similarity.reset()
    assert not similarity.same(scene())


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (50, 3), (641, 359), (1279, 1001)])
def test_pictures_of_any_size_are_compared_and_not_written_to(size: tuple[int, int]) -> None:
    picture = scene(size)
    before = picture.copy()
    picture.flags.writeable = False
    similarity = Similarity()
    assert [similarity.same(picture) for _ in range(2)] == [False, True]
    assert np.array_equal(picture, before)
    assert not similarity.same(255 - picture)


def test_a_picture_that_is_written_to_afterwards_was_remembered_as_it_was() -> None:
    similarity, picture = Similarity(), np.full((1, 1, 3), 50, np.uint8)
    assert not similarity.same(picture)
    picture += 100
    assert not similarity.same(picture)
