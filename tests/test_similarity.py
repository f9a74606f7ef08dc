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


@pytest.mark.parametrize("size", [(640, 360), (1280, 720), (3840, 2160)])
def test_the_noise_of_a_sensor_is_no_change(size: tuple[int, int]) -> None:
    similarity, still = Similarity(), scene(size)
    assert not similarity.same(noisy(still, 0))
    assert all(similarity.same(noisy(still, seed)) for seed in range(1, 6))


def test_a_small_thing_that_moves_is_a_change() -> None:
    similarity = Similarity()
    picture = np.full((360, 640, 3), 100, np.uint8)
    for x in range(0, 600, 40):
        moved = picture.copy()
        moved[300:320, x : x + 20] += 60
        assert not similarity.same(moved)


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


def test_pictures_are_not_written_to() -> None:
    picture = scene((50, 3))
    picture.flags.writeable = False
    similarity = Similarity()
    assert [similarity.same(picture) for _ in range(2)] == [False, True]
