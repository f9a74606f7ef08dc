"""`stytr-live demo`."""

from __future__ import annotations

from pathlib import Path

import click

from stytr_live.cli.reporters import reporting

STYLES = (("cutout", 1.0),)
"""The built-in style that shows best on the built-in clip."""


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("demo.mp4"),
    show_default=True,
    help="Where the result goes.",
)
@click.option("--overwrite", is_flag=True, help="Replace an output that exists.")
@click.option("--json", "as_json", is_flag=True, help="Print progress and result as one JSON object per line.")
def demo(*, output: Path, overwrite: bool, as_json: bool) -> None:
    """Paint a short built-in clip with a built-in style."""
    from stytr_live import builtin
    from stytr_live.render import local
    from stytr_live.render.job import RenderJob

    with reporting("frames", as_json=as_json) as reporter:
        job = RenderJob(input=builtin.clip(), output=output.absolute(), styles=STYLES, overwrite=overwrite)
        reporter.result(local.render(job, reporter.progress))
