"""A picture like any other, to see what a network asks of a style."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor

LEAVES = 600
"""How many; in the end they hide all of the ground."""
SMALLEST, LARGEST = 0.01, 0.5
"""Radii, as shares of the picture's side."""


@cache
def probe(side: int) -> Tensor:
    """Dead leaves, (1, 3, side, side) RGB in 0..1: discs that hide each other, the same each time.

    Their edges, flat parts and sizes are distributed as in photographs (Lee, Mumford & Huang, "Occlusion Models for
    Natural Images", IJCV 2001: the density of radii falls with their cube).
    """
    rng = np.random.default_rng(0)
    radii = side / np.sqrt(rng.uniform(LARGEST**-2, SMALLEST**-2, LEAVES))
    centres = rng.uniform(-side / 8, side * 9 / 8, (LEAVES, 2))
    colours = rng.random((LEAVES, 3))
    colours += 0.4 * (colours.mean(1, keepdims=True) - colours)  # few things are vivid
    picture = np.full((side, side, 3), 0.5)
    across = np.arange(side) + 0.5
    for (x, y), radius, colour in zip(centres, radii, colours, strict=True):
        picture[(across[:, None] - y) ** 2 + (across - x) ** 2 < radius**2] = colour
    grain = rng.normal(0, 0.02, picture.shape)
    return torch.from_numpy((picture + grain).clip(0, 1).astype(np.float32)).permute(2, 0, 1)[None]
