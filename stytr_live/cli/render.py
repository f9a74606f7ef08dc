"""`stytr-live render`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stytr_live.cli.arguments import styles_option, time_option
from stytr_live.cli.reporters import reporting
from stytr_live.errors import StytrError
from stytr_live.render.job import RenderJob

if TYPE_CHECKING:
    from fractions import Fraction

NETWORKS = ("lite", "stytr2")
"""Said here too because asking the networks would import torch."""


@click.command()
@click.argument("input", type=click.Path(path_type=Path))
@click.option(
    "-s",
    "--style",
    "styles",
    metavar="STYLE[:WEIGHT]",
    multiple=True,
    required=True,
    callback=styles_option,
    help="A picture, or the name of a built-in style (see `stytr-live styles`). Give up to four to mix them, with "
    "weights such as :0.3 unless they count the same.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="Where the result goes: a file like the input (.mp4, .mov, .mkv, .webm; .png, .jpg, .webp), or a folder.",
)
@click.option("--network", type=click.Choice(NETWORKS), default="lite", show_default=True, help="Which network paints.")
@click.option(
    "--weights", type=click.Path(path_type=Path), metavar="FILE", help="Weights of the network, not the built-in ones."
)
@click.option(
    "--short-side",
    type=click.IntRange(32, 8192),
    default=512,
    show_default=True,
    metavar="PIXELS",
    help="Short side of the picture the network sees: less is faster and coarser. The result has the input's size.",
)
@click.option(
    "--style-side",
    type=click.IntRange(32, 2048),
    metavar="PIXELS",
    help="Short side of the style pictures the network sees: less gives larger strokes.",
)
@click.option(
    "--strength",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="How strong the style is, from 0 (the input) to 1.",
)
@click.option("--keep-colours", is_flag=True, help="Keep the colours of the input.")
@click.option(
    "--tokens",
    type=click.IntRange(1, 65536),
    metavar="N",
    help="Cluster each style to at most N tokens: fewer are faster and a little different; 65536 is exact.",
)
@click.option(
    "--detail/--no-detail",
    default=True,
    show_default=True,
    help="Where the input is larger than --short-side, keep its fine edges in the painting.",
)
@click.option(
    "--smoothing",
    type=click.FloatRange(0, 10),
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="Average flicker over about so many seconds, along the motion; 0.3 is a good start.",
)
@click.option(
    "--device",
    metavar="auto|cpu|gpu|cuda|mps|torch",
    default="auto",
    show_default=True,
    help="What computes; auto is the fastest there is.",
)
@click.option(
    "--precision",
    type=click.Choice(("auto", "float32", "half")),
    default="auto",
    show_default=True,
    help="Half is faster where the device computes it; auto takes it where it looks the same.",
)
@click.option("--start", metavar="TIME", callback=time_option, help="Begin here: 12.5, 1:02.5 or 01:02:03.")
@click.option("--end", metavar="TIME", callback=time_option, help="End here, counted from the start of the input.")
@click.option("--overwrite", is_flag=True, help="Replace an output that exists.")
@click.option("--json", "as_json", is_flag=True, help="Print progress and result as one JSON object per line.")
def render(
    *,
    input: Path,  # noqa: A002  (what click calls it)
    styles: tuple[tuple[str, float], ...],
    output: Path,
    network: str,
    weights: Path | None,
    short_side: int,
    style_side: int | None,
    strength: float,
    keep_colours: bool,
    tokens: int | None,
    detail: bool,
    smoothing: float,
    device: str,
    precision: str,
    start: Fraction | None,
    end: Fraction | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Paint a video, a picture, or each picture of a folder.

    Sound, subtitles, timing and size of a video stay as they are. The output appears when it is whole.

    \b
    Examples:
      stytr-live render holiday.mp4 -s mosaic -o painted.mp4
      stytr-live render holiday.mp4 -s wave.jpg:0.7 -s woodcut:0.3 -o mixed.mp4
      stytr-live render holiday.mp4 -s wave.jpg --start 1:30 --end 1:40 -o ten_seconds.mp4
      stytr-live render portrait.jpg -s wave.jpg --keep-colours -o portrait_painted.png
      stytr-live render photos -s woodcut -o painted_photos
    """
    with reporting("pictures" if input.is_dir() else "frames", as_json=as_json) as reporter:
        job = RenderJob(
            input=input,
            output=output,
            styles=styles,
            network=network,
            weights=weights,
            short_side=short_side,
            style_side=style_side,
            strength=strength,
            keep_colours=keep_colours,
            tokens=tokens,
            detail=detail,
            smoothing=smoothing,
            device=device,
            precision=precision,
            start=start,
            end=end,
            overwrite=overwrite,
        )
        from stytr_live.render import local

        rendered = local.render(job, reporter.progress)
        reporter.result(rendered)
        if rendered.failures:
            count = len(rendered.failures)
            were = "picture was" if count == 1 else "pictures were"
            raise StytrError(f"{count} {were} left out. {' '.join(rendered.failures)}")
