"""`stytr-live train`."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stytr_live.cli.reporters import PAUSE, clock_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stytr_live.training.loop import Report

STOPPED = 130
"""The exit code after Ctrl-C."""


@click.command()
@click.option(
    "--recipe", default="lite", show_default=True, help="lite, lite-refine, stytr2, stytr2-small, or a TOML file."
)
@click.option("--photos", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Content pictures.")
@click.option("--paintings", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Style pictures.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, metavar="RUN", help="Folder of the run."
)
@click.option("--resume", is_flag=True, help="Go on where the run in the folder stands.")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="Length of the run, by the clock.")
@click.option("--steps", type=click.IntRange(1), help="Length of the run, in steps; the recipe's unless given.")
@click.option("--keep", type=click.IntRange(1), default=500, show_default=True, help="Steps between two checkpoints.")
@click.option("--start", type=click.Path(path_type=Path), metavar="FILE", help="Weights to start from.")
@click.option(
    "--features",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Compressed VGG-19 (.npz) to measure losses in; torchvision's VGG-19, downloaded once, unless given.",
)
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True, help="What computes."
)
@click.option("--devices", type=click.IntRange(1), default=1, show_default=True, help="Processes or GPUs a machine.")
@click.option("--nodes", type=click.IntRange(1), default=1, show_default=True, help="Machines.")
@click.option(
    "--precision",
    type=click.Choice(["auto", "32", "bf16", "16"]),
    default="auto",
    show_default=True,
    help="Of the arithmetic; auto is bf16 where the hardware has it.",
)
@click.option(
    "--data",
    type=click.Choice(["auto", "folder", "device"]),
    default="auto",
    show_default=True,
    help="Crop pictures from files, or from one tensor on the device; auto is the device where that is a GPU.",
)
@click.option("--compile", "compiled", is_flag=True, help="Fuse the step with torch.compile: pays on a GPU.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="What chance follows from.")
def train(
    *,
    recipe: str,
    photos: Path,
    paintings: Path,
    output: Path,
    resume: bool,
    minutes: float | None,
    steps: int | None,
    keep: int,
    start: Path | None,
    features: Path | None,
    device: str,
    devices: int,
    nodes: int,
    precision: str,
    data: str,
    compiled: bool,
    seed: int,
) -> None:
    """Train a network on your own pictures.

    The run's folder gets a checkpoint, the weights for `render --weights`, sheets of samples, and a journal for
    TensorBoard. Ctrl-C keeps what was learnt; --resume goes on.

    \b
    Examples:
      stytr-live train --photos photos --paintings paintings -o run --minutes 90
      stytr-live train --photos photos --paintings paintings -o run --resume --minutes 180
      stytr-live train --recipe stytr2 --devices 4 --photos coco --paintings wikiart -o paper
    """
    if minutes is not None and steps is not None:
        raise click.UsageError("Give --minutes or --steps, not both.")
    from stytr_live.training.loop import Plan
    from stytr_live.training.recipe import Recipe
    from stytr_live.training.run import RunOptions, run

    options = RunOptions(
        recipe=Recipe.load(recipe),
        photographs=photos,
        paintings=paintings,
        folder=output,
        plan=Plan(steps, minutes, keep),
        resume=resume,
        start=start,
        features=features,
        device=device,
        devices=devices,
        nodes=nodes,
        precision=precision,
        seed=seed,
        data=data,
        compiled=compiled,
    )
    with _progress() as report:
        try:
            trained = run(options, report)
        except KeyboardInterrupt:
            click.echo(f"stytr-live: Stopped and kept in '{output}'; go on with --resume.", err=True)
            raise click.exceptions.Exit(STOPPED) from None
    if trained is not None:
        click.echo(f"Trained {trained} steps; the weights are '{output / options.recipe.network}.safetensors'.")


@contextmanager
def _progress() -> Iterator[Callable[[Report], None]]:
    """A bar with losses and time left at a terminal, a line now and then elsewhere."""
    from rich import progress
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal or console.is_dumb_terminal:
        last = -PAUSE

        def line(report: Report) -> None:
            nonlocal last
            if time.monotonic() - last >= PAUSE:
                last = time.monotonic()
                click.echo(describe(report), err=True)

        yield line
        return
    columns = (progress.TextColumn("Training"), progress.BarColumn(), progress.TextColumn("{task.description}"))
    with progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("loading", total=1.0)
        yield lambda report: bar.update(task, completed=report.progress, description=describe(report))


def describe(report: Report) -> str:
    """`step 1200, content 0.52, style 0.81, …, 1:02:03 left`."""
    losses = [f"{name} {value:.3g}" for name, value in report.values.items() if name not in ("gradient", "rate")]
    left = report.minutes * 60 * (1 / max(report.progress, 1e-9) - 1)
    return ", ".join([f"step {report.step}", *losses, f"{clock_time(left)} left"])
