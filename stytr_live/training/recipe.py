"""How a network is trained, as a TOML file says it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from stytr_live.errors import SettingsError

RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True, slots=True)
class Weights:
    """Factors of the terms of the loss."""

    content: float
    style: float
    identity_pixel: float
    identity_feature: float
    temporal: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the outcome of a training run, pictures and chance aside."""

    network: str
    crop: int
    """Side of the training pictures, in pixels."""
    batch: int
    """Pairs of content and style in a step."""
    identity: int
    """How many photographs, and how many paintings, of a step are also stylised with themselves."""
    temporal: int
    """How many photographs of a step are also moved."""
    learning_rate: float
    warmup: int
    """Steps until the learning rate is reached."""
    ramp: int
    """Steps over which the weight of the style rises from a third to its full value."""
    ema: float
    """Decay per step of the running mean of the weights."""
    weights: Weights

    @classmethod
    def load(cls, reference: str) -> Recipe:
        """Read a recipe: a name among the built-in ones, or a TOML file.

        Raises:
            SettingsError: there is no such recipe, or a value is missing or unknown.
        """
        path = RECIPES / f"{reference}.toml"
        if not path.is_file():
            path = Path(reference)
        try:
            table = tomllib.loads(path.read_text("utf-8"))
            table["weights"] = Weights(**{k: float(v) for k, v in table["weights"].items()})
            return cls(**table)
        except OSError:
            names = ", ".join(sorted(p.stem for p in RECIPES.glob("*.toml")))
            raise SettingsError(f"There is no recipe '{reference}'; the built-in ones are {names}.") from None
        except (tomllib.TOMLDecodeError, TypeError, KeyError, ValueError, AttributeError) as error:
            wanted = ", ".join(f.name for f in fields(cls))
            raise SettingsError(f"The recipe '{path}' is not right ({error}); it sets {wanted}.") from error
