"""Figures of merit say what they claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from stytr_live.evaluation.figures import Flicker, compared_shape, picture_figures, structure, tensor

if TYPE_CHECKING:
    from stytr_live.frame import Pixels


def soft(height: int, width: int, seed: int = 0) -> Pixels:
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 16, width // 16, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def pyramid(picture: Tensor) -> list[Tensor]:
    """Stands in for a feature network: the picture itself at five scales."""
    return [torch.nn.functional.avg_pool2d(picture, 2**k) for k in range(5)]


def test_a_picture_compared_with_itself_is_perfect() -> None:
    picture = soft(96, 128)
    figures = picture_figures(pyramid, picture, picture, picture, side=64)
    assert figures.content == pytest.approx(0, abs=1e-9)
    assert figures.style == pytest.approx(0, abs=1e-9)
    assert figures.structure == pytest.approx(1, abs=1e-4)


def test_taking_the_colours_of_the_style_lowers_style_and_spares_structure() -> None:
    content, style = soft(96, 128), soft(96, 128, 1) // 3 + 100
    painted = (content.astype(float) - content.mean((0, 1))) / content.std((0, 1)) * style.std((0, 1)) + style.mean(
        (0, 1)
    )
    before = picture_figures(pyramid, content, style, content, side=64)
    after = picture_figures(pyramid, content, style, painted.clip(0, 255).astype(np.uint8), side=64)
    assert after.style < 0.2 * before.style
    assert after.structure > 0.7


def test_structure_of_unrelated_pictures_is_near_zero() -> None:
    a, b = (tensor(soft(192, 256, seed), (192, 256)) for seed in (2, 3))
    assert abs(structure(a, b)) < 0.2


def test_pictures_are_compared_at_multiples_of_sixteen() -> None:
    assert compared_shape(np.zeros((720, 1280, 3), np.uint8), 384) == (384, 688)
    assert compared_shape(np.zeros((3, 5, 3), np.uint8), 384) == (384, 640)


def pan(step: int, frames: int = 6) -> list[Pixels]:
    scene = soft(128, 512)
    return [np.ascontiguousarray(scene[:, step * i : step * i + 160]) for i in range(frames)]


def flicker(source: list[Pixels], painted: list[Pixels]) -> Flicker:
    meter = Flicker(side=128)
    for pair in zip(source, painted, strict=True):
        meter.add(*pair)
    return meter


def test_a_pan_that_is_painted_pixel_by_pixel_does_not_flicker() -> None:
    source = pan(3)
    meter = flicker(source, [255 - f for f in source])
    assert meter.warp is not None
    assert meter.warp_input is not None
    assert meter.warp == pytest.approx(meter.warp_input, rel=0.1)
    assert meter.warp < 1


def test_brightness_that_jumps_is_measured_in_levels() -> None:
    source = pan(2)
    meter = flicker(source, [f // 2 + (20 if i % 2 else 0) for i, f in enumerate(source)])
    assert meter.warp == pytest.approx(20, rel=0.1)


def test_a_veil_that_stays_while_the_picture_moves_is_seen() -> None:
    source = pan(4)
    veil = (np.indices((128, 160)).sum(0) % 8 < 4)[..., None] * np.uint8(40)
    still = flicker(source, [f // 2 for f in source]).warp
    veiled = flicker(source, [f // 2 + veil for f in source]).warp
    assert still is not None
    assert veiled is not None
    assert veiled > 5 * still


def test_one_frame_has_no_flicker_figure() -> None:
    assert flicker(pan(1, 1), pan(1, 1)).warp is None
