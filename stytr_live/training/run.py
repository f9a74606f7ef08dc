"""A training run from its options to its last checkpoint."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from stytr_live.errors import BackendError, SettingsError, SinkError
from stytr_live.networks.weights import read_weights
from stytr_live.training.batches import Batches, DeviceBatches, FolderBatches, on_device
from stytr_live.training.checkpoint import NAME, Checkpoint
from stytr_live.training.perception import load_perception
from stytr_live.training.pictures import Pictures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lightning_fabric import Fabric

    from stytr_live.training.loop import Plan, Report, Trainer
    from stytr_live.training.recipe import Recipe

log = logging.getLogger(__name__)

PRECISIONS = {"32": "32-true", "bf16": "bf16-mixed", "16": "16-mixed"}
"""What users call the precision, and what Fabric calls it."""
DEVICE_SIDE = 256
"""Side of the pictures that lie on the device, in pixels, unless crops are larger."""
INSTALL = "pip install 'stytr-live[train]'"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a user decides about a run."""

    recipe: Recipe
    photographs: Path
    paintings: Path
    folder: Path
    """Where the run keeps its checkpoint, weights, journal and samples."""
    plan: Plan
    resume: bool = False
    start: Path | None = None
    """Weights to start from, instead of chance."""
    features: Path | None = None
    """A compressed VGG-19; torchvision's VGG-19 unless given."""
    device: str = "auto"
    devices: int = 1
    """Processes a machine, each with its own GPU where there are GPUs."""
    nodes: int = 1
    precision: str = "auto"
    seed: int = 0
    data: str = "auto"
    """Where pictures are cropped: `folder`, by threads from files; `device`, from one tensor there; auto decides."""
    compiled: bool = False
    """Fuse the step with torch.compile, which takes a minute and pays on a GPU."""


def run(options: RunOptions, report: Callable[[Report], None] | None = None) -> int | None:
    """Train as the options say; returns how many steps the network has been trained, None in all processes but one.

    Raises:
        StytrError: something about the options, the pictures, the disk or the devices is not right.
        KeyboardInterrupt: the user stopped it, and it can be resumed.
    """
    fabric = _fabric(options)
    checkpoint = _checkpoint(options)
    sets = Pictures(options.photographs), Pictures(options.paintings)
    features = load_perception(options.features, options.photographs)
    from stytr_live.training.loop import Trainer, train

    trainer = Trainer(
        fabric,
        options.recipe,
        features.to(fabric.device).to(memory_format=torch.channels_last),
        seed=options.seed,
        compiled=options.compiled,
    )
    if checkpoint is not None:
        trainer.restore(checkpoint)
    elif options.start is not None:
        _start(trainer, options.start)
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SinkError(f"The folder '{options.folder}' cannot be made: {error.strerror}.") from error
    train(trainer, _batches(options, fabric, trainer.seed, *sets), options.folder, options.plan, report)
    for pictures in sets:
        if pictures.damaged:
            count = f"{pictures.damaged} of {len(pictures)} pictures"
            log.warning("%s in '%s' cannot be read and were left out.", count, pictures.folder)
    return trainer.steps if fabric.is_global_zero else None


def _fabric(options: RunOptions) -> Fabric:
    try:
        from lightning_fabric import Fabric
    except ImportError as error:
        raise BackendError(f"Training needs Lightning Fabric; install it with: {INSTALL}.") from error
    logging.getLogger("lightning_fabric").setLevel(logging.ERROR)
    if options.recipe.batch % (options.devices * options.nodes):
        raise SettingsError(
            f"A batch of {options.recipe.batch} cannot be shared by {options.devices * options.nodes} processes; "
            "choose a number that divides it."
        )
    cuda = torch.cuda.is_available() if options.device == "auto" else options.device == "cuda"
    if cuda and torch.cuda.device_count() < options.devices:
        raise BackendError(f"There are {torch.cuda.device_count()} CUDA devices here, not {options.devices}.")
    precision = options.precision
    if precision == "auto":
        precision = "bf16" if cuda or _cpu_has_bf16() else "32"
    several = options.devices * options.nodes > 1
    fabric = Fabric(
        accelerator="cuda" if cuda else "cpu",
        devices=options.devices,
        num_nodes=options.nodes,
        strategy="ddp" if several else "auto",
        precision=PRECISIONS[precision],  # type: ignore[arg-type]
    )
    if several and not cuda:
        torch.set_num_threads(max(1, (os.cpu_count() or 1) // options.devices))
    fabric.launch()
    return fabric


def _cpu_has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 itself; elsewhere it is slower than float32."""
    try:
        return bool(torch.cpu._is_avx512_bf16_supported())
    except AttributeError:
        return False


def _checkpoint(options: RunOptions) -> Checkpoint | None:
    checkpoint = Checkpoint.read(options.folder, options.recipe) if options.resume else None
    if not options.resume and (options.folder / NAME).exists():
        raise SettingsError(f"'{options.folder}' holds a run already; add --resume to go on, or choose another folder.")
    return checkpoint


def _start(trainer: Trainer, weights: Path) -> None:
    network = read_weights(weights)
    if network.metadata() != trainer.network.metadata():
        raise SettingsError(f"'{weights}' holds another network than the recipe trains.")
    trainer.network.load_state_dict(network.state_dict())
    trainer.average.load_state_dict(network.state_dict())


def _batches(options: RunOptions, fabric: Fabric, seed: int, photographs: Pictures, paintings: Pictures) -> Batches:
    """Pictures lie on a GPU where they fit into a quarter of its memory."""
    shares: dict[str, Any] = {
        "batch": options.recipe.batch,
        "seed": seed,
        "rank": fabric.global_rank,
        "world": fabric.world_size,
    }
    side = max(DEVICE_SIDE, *(size for _, size in options.recipe.crops))
    wanted = options.data == "device"
    if options.data == "auto" and fabric.device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(fabric.device)
        wanted = 2 * 3 * side * side * (len(photographs) + len(paintings)) < free // 4  # two squares of a picture
    if not wanted:
        return FolderBatches(photographs, paintings, **shares)
    squares = (on_device(pictures, fabric.device, side=side) for pictures in (photographs, paintings))
    return DeviceBatches(*squares, **shares)
