"""Everything a run needs to go on exactly where it stood."""

from __future__ import annotations

import pickle
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from stytr_live.errors import NetworkError, SinkError
from stytr_live.networks.weights import write_weights

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from stytr_live.networks.network import Network
    from stytr_live.training.recipe import Recipe

NAME = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a run between two steps. What chance decides follows from the seed and the step."""

    recipe: dict[str, Any]
    seed: int
    steps: int
    minutes: float
    """How long it has run, in minutes."""
    network: dict[str, Tensor]
    average: dict[str, Tensor]
    optimiser: dict[str, Any]
    rounds: dict[str, Any] = field(default_factory=dict)
    """Pictures that are stylised again and again; of several processes, those of the first."""

    def write(self, folder: Path, average: Network) -> None:
        """Write the checkpoint, and the averaged network as weights for use; each is whole or not touched.

        Raises:
            SinkError: the folder cannot be written or the disk is full.
        """
        part = folder / (NAME + ".part")
        try:
            torch.save({name: getattr(self, name) for name in self.__slots__}, part)
            part.replace(folder / NAME)
        except (OSError, RuntimeError) as error:  # torch says a full disk as RuntimeError
            part.unlink(missing_ok=True)
            reason = getattr(error, "strerror", None) or "the disk may be full"
            raise SinkError(f"The checkpoint cannot be written to '{folder}': {reason}.") from error
        write_weights(average, folder / f"{average.name}.safetensors", notes={"steps": str(self.steps)})

    @classmethod
    def read(cls, folder: Path, recipe: Recipe) -> Checkpoint | None:
        """The checkpoint of a run's folder; None where there is none.

        Raises:
            NetworkError: it is damaged, or of another recipe.
        """
        path = folder / NAME
        if not path.is_file():
            return None
        try:
            state = cls(**torch.load(path, map_location="cpu", weights_only=True))
        except (OSError, RuntimeError, ValueError, TypeError, KeyError, EOFError, pickle.UnpicklingError) as error:
            raise NetworkError(f"The checkpoint '{path}' is damaged; move it away to start anew.") from error
        now = identity(recipe)
        if state.recipe != now:
            changed = sorted(k for k in now if state.recipe.get(k) != now[k])
            raise NetworkError(
                f"The checkpoint '{path}' is of another recipe ({', '.join(changed)} differ); "
                "use that recipe, or another folder."
            )
        return state


def identity(recipe: Recipe) -> dict[str, Any]:
    """What must be the same for a run to go on: network and optimiser. The other values may change on the way."""
    return {"network": recipe.network, "config": asdict(recipe)["config"], "optimiser": recipe.optimiser}
