"""`stytr-live evaluate`."""

from __future__ import annotations

import json
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stytr_live.cli.render import NETWORKS
from stytr_live.cli.reporters import PAUSE, clock_time
from stytr_live.errors import SinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@click.command()
@click.option("--contents", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Photographs.")
@click.option("--styles", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Style pictures.")
@click.option("--videos", type=click.Path(path_type=Path), metavar="DIR", help="Videos, for flicker.")
@click.option("--network", type=click.Choice(NETWORKS), default="lite", show_default=True, help="Which network.")
@click.option("--weights", type=click.Path(path_type=Path), metavar="FILE", help="Its weights, not the built-in ones.")
@click.option(
    "--features",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Compressed VGG-19 (.npz) to measure in; torchvision's VGG-19, downloaded once, unless given.",
)
@click.option("--short-side", type=click.IntRange(64, 2048), default=384, show_default=True, help="Size, in pixels.")
@click.option("--style-side", type=click.IntRange(32, 2048), metavar="PIXELS", help="Size of the styles.")
@click.option("--rounds", type=click.IntRange(1, 100), default=20, show_default=True, help="Of the test for leaks.")
@click.option("--frames", type=click.IntRange(2), default=40, show_default=True, help="Of each video.")
@click.option("--device", metavar="auto|cpu|cuda", default="auto", show_default=True, help="What computes.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("report"),
    show_default=True,
    metavar="REPORT",
    help="Folder for report.html and report.json.",
)
@click.option("--keep", is_flag=True, help="Keep every output as PNG in REPORT/outputs.")
def evaluate(
    *,
    contents: Path,
    styles: Path,
    videos: Path | None,
    network: str,
    weights: Path | None,
    features: Path | None,
    short_side: int,
    style_side: int | None,
    rounds: int,
    frames: int,
    device: str,
    output: Path,
    keep: bool,
) -> None:
    """Measure how good a network is: content, style, structure, leaking content, flicker.

    Content i meets styles i, i + 3 and i + 7. The report is one HTML file with contact sheets, and JSON.

    \b
    Example:
      stytr-live evaluate --contents photos --styles paintings --videos clips -o report
    """
    from stytr_live.engine.devices import open_backend
    from stytr_live.engine.stylizer import Stylizer
    from stytr_live.evaluation.protocol import Options
    from stytr_live.evaluation.protocol import evaluate as measure
    from stytr_live.evaluation.report import write_html
    from stytr_live.networks import load_network
    from stytr_live.training.perception import load_perception

    # In float32: half precision is noise of a level or so, which is not the network's.
    backend = open_backend(load_network(network, weights), device, precision="float32")
    options = Options(contents, styles, videos, short_side, rounds, frames, output / "outputs" if keep else None)
    with closing(Stylizer(backend, style_side=style_side)) as stylizer, _progress() as report:
        result = measure(stylizer, load_perception(features, contents), options, report)
    title = f"{network}, {weights.name if weights is not None else 'built-in weights'}"
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, text in (
            ("report.html", write_html(result, title)),
            ("report.json", json.dumps({"network": title} | result.table(), indent=1)),
        ):
            part = output / f"{name}.part"
            part.write_text(text, "utf-8")
            part.replace(output / name)
    except OSError as error:
        raise SinkError(f"The report cannot be written to '{output}': {error.strerror or error}.") from error
    means = ", ".join(f"{name} {result.mean(name):.3f}" for name in ("content", "style", "structure"))
    click.echo(f"{len(result.pairs)} pairs: {means}. The report is '{output / 'report.html'}'.")


@contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None]]:
    """A bar at a terminal, a line now and then elsewhere."""
    from rich import progress
    from rich.console import Console

    console, begun = Console(stderr=True, highlight=False), time.monotonic()

    def describe(done: int, total: int, what: str) -> str:
        left = (time.monotonic() - begun) / done * (total - done)
        return f"{done} of {total}, {clock_time(left)} left: {what}"

    if not console.is_terminal or console.is_dumb_terminal:
        last = begun

        def line(done: int, total: int, what: str) -> None:
            nonlocal last
            if time.monotonic() - last >= PAUSE:
                last = time.monotonic()
                click.echo(describe(done, total, what), err=True)

        yield line
        return
    columns = (progress.TextColumn("Measuring"), progress.BarColumn(), progress.TextColumn("{task.description}"))
    with progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("loading", total=None)

        def move(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=describe(done, total, what))

        yield move
