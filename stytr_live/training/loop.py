"""The training loop, on Lightning Fabric: one or several processors, GPUs and machines."""

from __future__ import annotations

import copy
import signal
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING, cast

import torch

from stytr_live.networks.weights import build
from stytr_live.training.checkpoint import Checkpoint, identity
from stytr_live.training.journal import Journal
from stytr_live.training.objective import Objective
from stytr_live.training.optimiser import Optimiser
from stytr_live.training.rounds import Rounds
from stytr_live.training.schedule import learning_rate, style_share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lightning_fabric import Fabric
    from torch import Tensor

    from stytr_live.networks.features import Features
    from stytr_live.networks.network import Network
    from stytr_live.training.batches import Batch, Batches
    from stytr_live.training.recipe import Recipe

CLIP = 5.0
"""Largest norm of the gradient."""
EVERY = 10
"""Steps between two looks at the losses: looking makes a GPU wait."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long a run lasts and how often it is kept."""

    steps: int | None = None
    """Steps in all; the recipe's unless told."""
    minutes: float | None = None
    """Length in minutes, instead of steps; the learning rate follows the clock."""
    keep: int = 500
    """Steps between two checkpoints."""
    show: int = 2000
    """Steps between two sheets of samples."""


@dataclass(frozen=True, slots=True)
class Report:
    """Where a run stands."""

    step: int
    progress: float
    """Share of the run, 0..1."""
    minutes: float
    values: dict[str, float]
    """Terms of the loss, the loss, the norm of the gradient and the learning rate."""


class Trainer:
    """A network in training: its weights, their running mean, and the optimiser."""

    def __init__(
        self,
        fabric: Fabric,
        recipe: Recipe,
        features: Features,
        *,
        seed: int = 0,
        teacher: Callable[[Tensor, Tensor], Tensor] | None = None,
        compiled: bool = False,
    ) -> None:
        """`compiled` turns the objective into fused kernels at the first step, which pays on a GPU in a long run."""
        torch.manual_seed(seed)
        self.fabric, self.recipe, self.seed = fabric, recipe, seed
        self.steps, self.minutes = 0, 0.0
        network = build(recipe.network, recipe.config).to(memory_format=torch.channels_last)
        self.average: Network = copy.deepcopy(network).requires_grad_(requires_grad=False).eval().to(fabric.device)
        objective = Objective(network, features, recipe, teacher)
        prepared = cast("Objective", torch.compile(objective)) if compiled else objective
        self.objective = fabric.setup_module(prepared)
        self.optimiser = Optimiser(network, recipe, fabric)
        self.network = network
        self.rounds = Rounds(recipe.repeat_every) if recipe.weights.repeat else None

    def step(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Train on one batch at a share of the run; the values stay on the device.

        A step whose gradient is not finite changes nothing.
        """
        again = self.rounds.at(self.steps, batch.photographs.shape[-1]) if self.rounds else None
        terms, output, again_output = self.objective(batch, again)
        if self.rounds:
            self.rounds.put(self.steps, batch, output, again_output)
        weights = asdict(self.recipe.weights)
        weights["style"] *= style_share(self.recipe, self.steps)
        loss = torch.stack([weights[name] * term for name, term in terms.items()]).sum()
        self.fabric.backward(loss)
        gradients = [p.grad for p in self.network.parameters() if p.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        scale = torch.where(norm.isfinite(), (CLIP / (norm + 1e-6)).clamp(max=1), 0)
        torch._foreach_mul_(gradients, scale)
        for gradient in gradients:
            gradient.nan_to_num_(0, 0, 0)
        self.optimiser.step(learning_rate(self.recipe, self.steps, progress))
        self.steps += 1
        decay = min(self.recipe.ema, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.network.parameters()), 1 - decay)
        return {name: term.detach() for name, term in terms.items()} | {"loss": loss.detach(), "gradient": norm}

    def checkpoint(self) -> Checkpoint:
        """The state as it is now."""
        return Checkpoint(
            recipe=identity(self.recipe),
            seed=self.seed,
            steps=self.steps,
            minutes=self.minutes,
            network=self.network.state_dict(),
            average=self.average.state_dict(),
            optimiser=self.optimiser.state_dict(),
            rounds=self.rounds.state() if self.rounds else {},
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint of the same network."""
        self.network.load_state_dict(checkpoint.network)
        self.average.load_state_dict(checkpoint.average)
        self.optimiser.load_state_dict(checkpoint.optimiser)
        if self.rounds and checkpoint.rounds:
            self.rounds.restore(checkpoint.rounds, self.fabric.device)
        self.steps, self.minutes, self.seed = checkpoint.steps, checkpoint.minutes, checkpoint.seed


def train(
    trainer: Trainer,
    batches: Batches,
    folder: Path,
    plan: Plan,
    report: Callable[[Report], None] | None = None,
) -> None:
    """Train until the plan is fulfilled; a checkpoint is kept on the way, at the end, and when interrupted.

    Raises:
        SinkError: the folder cannot be written or the disk is full; the checkpoint before is intact.
        KeyboardInterrupt: the user stopped it; it can go on from its checkpoint.
    """
    fabric, recipe = trainer.fabric, trainer.recipe
    begin = time.monotonic() - trainer.minutes * 60
    # One process of a run keeps its journal and checkpoints.
    journal = Journal(folder, steps=trainer.steps) if fabric.is_global_zero else None
    try:
        with _interrupts() as interrupted:
            while (share := _progress(trainer, plan)) < 1 and not interrupted.is_set():
                batch = batches.at(trainer.steps, recipe.crop(share)).to(fabric.device)
                values = trainer.step(batch, share)
                trainer.minutes = (time.monotonic() - begin) / 60
                if _due(trainer.steps) and fabric.world_size > 1:
                    values = cast("dict[str, Tensor]", fabric.all_reduce(values, reduce_op="mean"))
                if journal is not None:
                    _look(trainer, journal, plan, batch, values, folder, report)
            if journal is not None:
                journal.flush()
                trainer.checkpoint().write(folder, trainer.average)
    finally:
        batches.close()
        if journal is not None:
            journal.close()
    if interrupted.is_set():
        raise KeyboardInterrupt


def _progress(trainer: Trainer, plan: Plan) -> float:
    """Share of the run, 0..1 and beyond."""
    if plan.minutes is not None:
        return trainer.minutes / plan.minutes
    return trainer.steps / (plan.steps or trainer.recipe.steps)


def _look(  # noqa: PLR0917  (one step, one caller)
    trainer: Trainer,
    journal: Journal,
    plan: Plan,
    batch: Batch,
    values: dict[str, Tensor],
    folder: Path,
    report: Callable[[Report], None] | None,
) -> None:
    """Note, show and keep what is due after a step."""
    step = trainer.steps
    if _due(step):
        numbers = {name: float(value) for name, value in values.items()}
        numbers["rate"] = trainer.optimiser.rate
        journal.note(step, numbers | {"minutes": trainer.minutes})
        if report is not None:
            report(Report(step, min(1.0, _progress(trainer, plan)), trainer.minutes, numbers))
    if step % plan.show == 0:
        journal.show(step, trainer.average, batch)
    if step % plan.keep == 0:
        journal.flush()
        trainer.checkpoint().write(folder, trainer.average)


def _due(step: int) -> bool:
    """Whether the losses are looked at after a step."""
    return step % EVERY == 0 or step == 1


@contextmanager
def _interrupts() -> Iterator[Event]:
    """Ctrl-C sets the event: a step is finished first, as half an update is not what a resumed run would compute."""
    event = Event()
    if current_thread() is not main_thread():  # only there can signals be caught
        yield event
        return
    before = {number: signal.signal(number, lambda *_: event.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
