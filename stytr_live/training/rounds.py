"""Pictures that are stylised again and again during training, so that content survives many rounds.

The paper shows the leak of content with twenty rounds (section 4.3, figure 5). One round more is not twenty: what a
network loses it loses a little each time. So some outputs are kept, go through the network once in every few steps,
and are compared with what they were after their first round, however many rounds ago that is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

if TYPE_CHECKING:
    from stytr_live.training.batches import Batch

SLOTS = 8
"""Groups that take turns, one in each step."""
LONGEST = 20
"""Rounds after which a group is replaced by fresh outputs."""


class Again(NamedTuple):
    """Stylised pictures to stylise again; each (N, 3, S, S) RGB in 0..1."""

    pictures: Tensor
    """As they are after some rounds."""
    first: Tensor
    """As they were after the first."""
    paintings: Tensor
    """Their styles."""


class Rounds:
    """The pictures kept, in bytes: what is stylised again in practice has been stored or shown."""

    def __init__(self, every: int) -> None:
        """Each `every`-th pair of a batch may be kept."""
        self._every = every
        self._groups: dict[int, Tensor] = {}  # slot → (3, N, 3, S, S): the fields of Again
        self._ages: dict[int, int] = {}

    def at(self, step: int, size: int) -> Again | None:
        """The group whose turn it is; None where there is none of this size, in pixels, yet."""
        group = self._groups.get(step % SLOTS)
        return None if group is None or group.shape[-1] != size else Again(*(group.float() / 255))

    def put(self, step: int, batch: Batch, output: Tensor, again: Tensor | None) -> None:
        """Keep what a step made: `again` of the group whose turn it was, or, in its place, pairs' `output`."""
        slot = step % SLOTS
        if again is not None and self._ages[slot] < LONGEST:
            self._groups[slot][0] = _bytes(again)
            self._ages[slot] += 1
            return
        fresh = _bytes(output[:: self._every])
        # At first the groups start at different ages, so that all depths are there at any time.
        self._ages[slot] = 1 if slot in self._ages else slot * LONGEST // SLOTS
        self._groups[slot] = torch.stack([fresh, fresh, _bytes(batch.paintings[:: self._every])])

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"groups": dict(self._groups), "ages": dict(self._ages)}

    def restore(self, state: dict[str, Any], device: torch.device) -> None:
        """Go on with what `state` gave."""
        self._groups = {slot: group.to(device) for slot, group in state["groups"].items()}
        self._ages = dict(state["ages"])


def _bytes(pictures: Tensor) -> Tensor:
    return pictures.detach().float().clamp(0, 1).mul(255).round().to(torch.uint8)
