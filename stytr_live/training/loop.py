"""The training loop."""

from __future__ import annotations

import copy
import json
import logging
import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from stytr_live.errors import NetworkError
from stytr_live.networks.weights import build, write_weights
from stytr_live.training import losses
from stytr_live.training.motion import random_motion, sensor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor, nn

    from stytr_live.networks.network import Network
    from stytr_live.training.pictures import Pictures
    from stytr_live.training.recipe import Recipe

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step sees: RGB in 0..1, (B, 3, crop, crop)."""

    photographs: Tensor
    paintings: Tensor


class Trainer:
    """A network, its optimiser and the running mean of its weights; `step` after `step`."""

    def __init__(self, recipe: Recipe, features: nn.Module, *, seed: int = 0, half: bool = False) -> None:
        torch.manual_seed(seed)
        self.half = half
        self.recipe, self.features, self.steps = recipe, features, 0
        self.network: Network = build(recipe.network).to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.network).requires_grad_(requires_grad=False).eval()
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), recipe.learning_rate, betas=(0.9, 0.99), weight_decay=1e-4
        )
        self.generator = torch.Generator().manual_seed(seed + 1)

    def rate(self, progress: float) -> float:
        """Learning rate at a share of the run, 0..1: a linear warm-up, then a cosine to a twentieth."""
        rise = min(1.0, (self.steps + 1) / self.recipe.warmup)
        return self.recipe.learning_rate * rise * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))

    def step(self, batch: Batch, progress: float) -> dict[str, float]:
        """Train on one batch; returns the terms of the loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate(progress)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            terms = self.terms(batch)
        weights = asdict(self.recipe.weights)
        weights["style"] *= min(1.0, (1 + 2 * self.steps / self.recipe.ramp) / 3)
        loss = torch.stack([weights[name] * term for name, term in terms.items()]).sum()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        if torch.isfinite(norm):
            self.optimiser.step()
        self.steps += 1
        self._average()
        return {name: float(term.detach()) for name, term in terms.items()} | {
            "loss": float(loss.detach()),
            "gradient": float(norm),
        }

    def terms(self, batch: Batch) -> dict[str, Tensor]:
        """The unweighted terms of the loss. All pictures go through the network in one pass."""
        r, photos, paintings = self.recipe, batch.photographs, batch.paintings
        b, i, t = len(photos), min(self.recipe.identity, len(photos)), min(self.recipe.temporal, len(photos))
        size = photos.shape[-1]
        motion = random_motion(t, size, size, generator=self.generator)
        moved = sensor(motion.apply(photos[:t]), generator=self.generator)
        contents = torch.cat([photos, photos[:i], paintings[:i], moved])
        styles = torch.cat([paintings, photos[:i]])
        choice = [*range(b), *range(b, b + i), *range(i), *range(t)]  # the style of each content
        contents, styles = (x.contiguous(memory_format=torch.channels_last) for x in (contents, styles))
        code = tuple(tensor[choice] for tensor in self.network.encode_style(styles))
        output = self.network(contents, *code)
        with torch.no_grad():
            photo, painting = self.features(photos), self.features(paintings)
        seen = self.features(output[: b + 2 * i])
        pairs, alone = [f[:b] for f in seen], [f[b:] for f in seen]
        own = [torch.cat([p[:i], q[:i]]) for p, q in zip(photo, painting, strict=True)]
        terms = {
            "content": losses.content_loss(pairs, photo),
            "style": losses.style_loss(pairs, painting),
            "identity_pixel": losses.identity_pixel_loss(output[b : b + 2 * i], contents[b : b + 2 * i]),
            "identity_feature": losses.identity_feature_loss(alone, own),
            "temporal": losses.temporal_loss(output[b + 2 * i :], motion.apply(output[:t]), motion.visible),
        }
        return {name: term for name, term in terms.items() if getattr(r.weights, name)}

    @torch.no_grad()
    def _average(self) -> None:
        decay = min(self.recipe.ema, (1 + self.steps) / (10 + self.steps))
        pairs = zip(self.average.parameters(), self.network.parameters(), strict=True)
        for mean, now in pairs:
            mean.lerp_(now, 1 - decay)

    def state(self) -> dict[str, Any]:
        """Everything needed to go on."""
        return {
            "recipe": self.recipe.network,
            "config": asdict(self.network.config),
            "steps": self.steps,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "generator": self.generator.get_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from `state()`.

        Raises:
            NetworkError: the state is of another network.
        """
        if state["recipe"] != self.recipe.network or state["config"] != asdict(self.network.config):
            raise NetworkError("The checkpoint is of another network or configuration than the recipe's.")
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.generator.set_state(state["generator"])
        self.steps = state["steps"]


def train(
    trainer: Trainer,
    photographs: Pictures,
    paintings: Pictures,
    folder: Path,
    *,
    minutes: float,
    elapsed: float = 0.0,
    seed: int = 0,
    every: int = 250,
    report: Callable[[dict[str, float]], None] | None = None,
) -> None:
    """Train for some minutes; every some steps a checkpoint and the averaged weights go to `folder`."""
    r = trainer.recipe
    rng = np.random.default_rng((seed, trainer.steps))
    draw = lambda: Batch(photographs.crops(r.batch, r.crop, rng), paintings.crops(r.batch, r.crop, rng))  # noqa: E731
    folder.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic() - elapsed * 60
    with ThreadPoolExecutor(1) as pool, (folder / "log.jsonl").open("a", encoding="utf-8") as journal:
        upcoming = pool.submit(draw)
        while (spent := (time.monotonic() - begin) / 60) < minutes:
            batch, upcoming = upcoming.result(), pool.submit(draw)
            row = {"step": trainer.steps, "minutes": round(spent, 3)} | trainer.step(batch, spent / minutes)
            journal.write(json.dumps(row) + "\n")
            if report:
                report(row)
            if trainer.steps % every == 0:
                journal.flush()
                save(trainer, folder, spent)
    save(trainer, folder, minutes)


def save(trainer: Trainer, folder: Path, elapsed: float) -> None:
    """Write `checkpoint.pt` (to go on) and `{network}.safetensors` (to use), each whole or not at all."""
    part = folder / "checkpoint.pt.part"
    torch.save(trainer.state() | {"elapsed": elapsed}, part)
    part.replace(folder / "checkpoint.pt")
    write_weights(
        trainer.average, folder / f"{trainer.recipe.network}.safetensors", notes={"steps": str(trainer.steps)}
    )
