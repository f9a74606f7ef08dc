"""How the learning rate and the weight of the style change over a run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stytr_live.training.recipe import Recipe

FLOOR = 0.05
"""Share of the learning rate at the end of a cosine."""


def learning_rate(recipe: Recipe, step: int, progress: float) -> float:
    """Learning rate at a step, and at a share of the run, 0..1."""
    if recipe.schedule == "inverse":  # as StyTR-2's published code: a tenth, to four tenths, then as 1 / step
        if step < recipe.warmup:
            return recipe.learning_rate * 0.1 * (1 + 3 * step / recipe.warmup)
        return recipe.learning_rate * 0.4 / (1 + 1e-5 * (step - recipe.warmup))
    rise = min(1.0, (step + 1) / recipe.warmup)
    fall = FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
    return recipe.learning_rate * rise * fall


def style_share(recipe: Recipe, step: int) -> float:
    """Share of the style's weight at a step: from a third to 1 over the ramp."""
    return min(1.0, (1 + 2 * step / recipe.ramp) / 3) if recipe.ramp > 1 else 1.0
