"""How weights are changed: all by AdamW, or matrices by Muon and the rest by AdamW.

Muon (Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024) makes the singular values of an
update alike, so that rare directions are learned as fast as common ones. Its steps are scaled to those of AdamW (Liu
et al., "Muon is Scalable for LLM Training", arXiv 2502.16982), so that both have one learning rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from lightning_fabric import Fabric
    from lightning_fabric.wrappers import _FabricOptimizer

    from stytr_live.training.recipe import Recipe

DECAY = 1e-4
"""Weight decay."""
SMALLEST = 8
"""Fewest rows and columns of a matrix that has rare directions."""


class Optimiser:
    """Changes the weights of a network by their gradients: `adamw`, or `muon` for matrices and AdamW for the rest."""

    def __init__(self, network: nn.Module, recipe: Recipe, fabric: Fabric) -> None:
        """The network lies on its device, channels last.

        Weights of linear layers and convolutions are matrices with a row for each output. The layer that gives the
        pixels is none, nor is what sees them: few colours make no matrix.
        """
        modules = (m for m in network.modules() if type(m) in {nn.Linear, nn.Conv2d})  # no layer derived from them
        weights = [cast("Tensor", m.weight) for m in modules] if recipe.optimiser == "muon" else []
        self._weights = [w for w in weights if min(w.shape[:2]) >= SMALLEST]
        self._matrices = [nn.Parameter(_flat(w.data)) for w in self._weights]
        if any(m.data_ptr() != w.data_ptr() for m, w in zip(self._matrices, self._weights, strict=True)):
            raise ValueError("the weights do not lie in memory channels last")
        flat, rate = {id(w) for w in self._weights}, recipe.learning_rate
        rest = [p for p in network.parameters() if id(p) not in flat]
        parts: dict[str, torch.optim.Optimizer] = {
            "rest": torch.optim.AdamW(rest, rate, recipe.betas, weight_decay=DECAY, fused=True)
        }
        if self._matrices:
            parts["matrices"] = torch.optim.Muon(self._matrices, rate, DECAY, adjust_lr_fn="match_rms_adamw")
        self._parts = {name: cast("_FabricOptimizer", fabric.setup_optimizers(part)) for name, part in parts.items()}

    @property
    def rate(self) -> float:
        """Learning rate of the last step."""
        return float(self._parts["rest"].param_groups[0]["lr"])

    def step(self, rate: float) -> None:
        """Change the weights by their gradients, which are gone afterwards, at a learning rate."""
        for matrix, weight in zip(self._matrices, self._weights, strict=True):
            matrix.grad = None if weight.grad is None else _flat(weight.grad)
            weight.grad = None
        for part in self._parts.values():
            for group in part.param_groups:
                group["lr"] = rate
            part.step()
            part.zero_grad(set_to_none=True)

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {name: part.state_dict() for name, part in self._parts.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with what `state_dict` gave."""
        for name, part in self._parts.items():
            part.load_state_dict(state[name])


def _flat(weight: Tensor) -> Tensor:
    """(O, I) or, channels last, (O, I, h, w) → (O, I · h · w) in the same memory."""
    return (weight.permute(0, 2, 3, 1) if weight.ndim == 4 else weight).flatten(1)
