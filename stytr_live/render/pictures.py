"""Paint a picture, or each picture of a folder."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import TYPE_CHECKING

from stytr_live.errors import SinkError, SourceError
from stytr_live.frame import Frame
from stytr_live.media.still import is_picture, read_picture, write_picture
from stytr_live.render.job import Progress, Rendered
from stytr_live.stats import Meter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stytr_live.render.job import RenderJob
    from stytr_live.render.painter import Painter

WINDOW = 10.0
"""Seconds over which the speed is taken."""


def render_picture(job: RenderJob, load: Callable[[], Painter], report: Callable[[Progress], None]) -> Rendered:
    """Paint one picture.

    Raises:
        StytrError: the picture cannot be read or written, or what `load` and the painter raise.
    """
    _refuse_existing([job.output], overwrite=job.overwrite)
    frame = _read(job.input, 0)
    painter = load()
    begun = time.perf_counter()
    write_picture(job.output, painter(frame).pixels, overwrite=job.overwrite)
    elapsed = time.perf_counter() - begun
    report(Progress(1, 1, 1 / elapsed, elapsed, 0.0))
    return Rendered(job.output, 1, elapsed, painter.device)


def render_folder(job: RenderJob, load: Callable[[], Painter], report: Callable[[Progress], None]) -> Rendered:
    """Paint each picture of a folder, not of folders within it, into a folder with the same file names.

    A picture that cannot be read, or whose format cannot be written, is left out and named in the result.

    Raises:
        StytrError: there is no picture, the folder cannot be written to, or what `load` and the painter raise.
    """
    pictures = _pictures(job.input)
    _refuse_existing([job.output / path.name for path in pictures], overwrite=job.overwrite)
    try:
        job.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SinkError(f"The folder '{job.output}' cannot be made: {error.strerror or error}.") from error
    painter = load()
    failures: list[str] = []
    meter, begun = Meter(window=WINDOW), time.perf_counter()
    for index, path in enumerate(pictures):
        try:
            frame = _read(path, index)
            write_picture(job.output / path.name, painter(frame).pixels, overwrite=job.overwrite)
        except (SourceError, SinkError) as error:
            if isinstance(error, SinkError) and isinstance(error.__cause__, OSError):
                raise  # it is the disk's fault, and the next picture would meet it again
            failures.append(str(error))
        else:
            meter.deliver(frame.born)
        report(Progress.estimate(index + 1, len(pictures), meter.stats().fps, time.perf_counter() - begun))
    return Rendered(
        job.output, len(pictures) - len(failures), time.perf_counter() - begun, painter.device, tuple(failures)
    )


def _read(path: Path, index: int) -> Frame:
    return Frame(read_picture(path), Fraction(0), index, time.perf_counter())


def _pictures(folder: Path) -> list[Path]:
    """What is a picture in a folder, or claims to be one, in the order of the names."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
        pictures = [path for path in paths if is_picture(path)]
    except OSError as error:
        raise SourceError(f"The folder '{folder}' cannot be read: {error.strerror or error}.") from error
    if not pictures:
        raise SourceError(f"There is no picture in the folder '{folder}'.")
    return pictures


def _refuse_existing(outputs: list[Path], *, overwrite: bool) -> None:
    """Raise SinkError before any work where an output must not be replaced."""
    existing = [] if overwrite else [path for path in outputs if path.exists()]
    if existing:
        others = f" and {len(existing) - 1} more" if len(existing) > 1 else ""
        verb = "exist" if len(existing) > 1 else "exists"
        raise SinkError(f"'{existing[0]}'{others} {verb} already; choose another name or add --overwrite.")
