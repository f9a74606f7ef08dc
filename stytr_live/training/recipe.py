"""How a network is trained, as a TOML file says it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from stytr_live.errors import SettingsError

RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True, slots=True)
class Weights:
    """Factors of the terms of the loss; a term that is left out weighs nothing and costs nothing."""

    content: float = 0.0
    style: float = 0.0
    colour: float = 0.0
    identity_pixel: float = 0.0
    identity_feature: float = 0.0
    temporal: float = 0.0
    flat: float = 0.0
    repeat: float = 0.0
    distillation: float = 0.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the outcome of a training run, pictures and chance aside."""

    network: str
    weights: Weights
    learning_rate: float
    config: dict[str, Any] = field(default_factory=dict)
    """Sizes of the network that differ from its defaults."""
    crops: tuple[tuple[float, int], ...] = ((0.0, 256),)
    """From which share of the run on (0..1) the training pictures have which side, in pixels."""
    batch: int = 8
    """Pairs of content and style in a step, all processes together."""
    identity_every: int = 4
    """Each so-manieth photograph and painting of a step is also stylised with itself; 1 is all of them."""
    temporal_every: int = 2
    """Each so-manieth photograph of a step is also moved."""
    repeat_every: int = 4
    """Each so-manieth pair of some steps is stylised again and again in later ones."""
    steps: int = 160_000
    """Length of a run, unless it is told."""
    warmup: int = 200
    """Steps until the learning rate is reached."""
    schedule: str = "cosine"
    """How the learning rate falls: `cosine` to a twentieth, or `inverse` as the published code does."""
    ramp: int = 1
    """Steps over which the weight of the style rises from a third to its full value."""
    optimiser: str = "adamw"
    """`adamw`, or `muon`, which learns faster: see `Optimiser`."""
    betas: tuple[float, float] = (0.9, 0.99)
    """Decay of the means of AdamW."""
    ema: float = 0.999
    """Decay per step of the running mean of the weights."""

    def __post_init__(self) -> None:
        shares = (self.identity_every, self.temporal_every, self.repeat_every)
        if min(*shares, self.batch, self.steps, self.warmup, self.ramp) < 1 or any(self.batch % n for n in shares):
            raise ValueError("counts must be positive, and batch a multiple of each that ends in _every")
        if (
            not self.crops
            or self.crops[0][0] != 0
            or any(not 32 <= side <= 1024 or side % 16 for _, side in self.crops)
        ):
            raise ValueError("crops must start at 0, with sides that are multiples of 16 from 32 to 1024")
        if self.optimiser not in ("adamw", "muon"):
            raise ValueError("optimiser must be adamw or muon")
        if self.schedule not in ("cosine", "inverse") or not 0 < self.learning_rate < 1 or not 0 <= self.ema < 1:
            raise ValueError("schedule must be cosine or inverse, learning_rate between 0 and 1, ema below 1")

    def crop(self, progress: float) -> int:
        """Side of the training pictures, in pixels, at a share of the run."""
        return [side for start, side in self.crops if start <= progress][-1]

    @classmethod
    def load(cls, reference: str) -> Recipe:
        """Read a recipe: a name among the built-in ones, or a TOML file.

        Raises:
            SettingsError: there is no such recipe, or a value is missing, unknown or out of range.
        """
        path = RECIPES / f"{reference}.toml"
        if not path.is_file():
            path = Path(reference)
        try:
            table = tomllib.loads(path.read_text("utf-8"))
            table["weights"] = Weights(**{k: float(v) for k, v in table["weights"].items()})
            for name in ("crops", "betas"):
                if name in table:
                    table[name] = tuple(tuple(x) if isinstance(x, list) else x for x in table[name])
            return cls(**table)
        except OSError:
            names = ", ".join(sorted(p.stem for p in RECIPES.glob("*.toml")))
            raise SettingsError(f"There is no recipe '{reference}'; the built-in ones are {names}.") from None
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            wanted = ", ".join(f.name for f in fields(cls))
            raise SettingsError(f"The recipe '{path}' is not right ({error}); it may set {wanted}.") from error
