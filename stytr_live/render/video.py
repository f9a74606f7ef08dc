"""Paint a video."""

from __future__ import annotations

import time
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING

from stytr_live.media.file_sink import FileSink
from stytr_live.media.file_source import FileSource
from stytr_live.pipeline import Pipeline
from stytr_live.render.job import Progress, Rendered
from stytr_live.stats import Meter

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.frame import Frame, MediaInfo
    from stytr_live.render.job import RenderJob
    from stytr_live.render.painter import Painter

TICK = 0.1
"""Seconds between two reports of progress."""
WINDOW = 10.0
"""Seconds over which the speed is taken, so that the time left does not jump about."""


def render_video(job: RenderJob, load: Callable[[], Painter], report: Callable[[Progress], None]) -> Rendered:
    """Paint the frames of a video; everything else in it goes along. The output appears only when whole.

    The files are opened before `load` is called, because loading is slow and a wrong name is quick to find. `report`
    is called in this thread; whatever it raises, and a signal's exception, cancels the job.

    Raises:
        StytrError: the video cannot be read or written, or what `load` and the painter raise.
    """
    source = FileSource(job.input, start=job.start, end=job.end)
    try:
        sink = FileSink(
            job.output, like=job.input, size=source.info.size, start=job.start, end=job.end, overwrite=job.overwrite
        )
    except BaseException:
        source.close()
        raise
    painter: Painter | None = None

    def paint(frame: Frame) -> Callable[[], Frame]:
        assert painter is not None
        return painter.begin(frame)

    pipeline = Pipeline(source, paint, sink, live=False, meter=Meter(window=WINDOW))
    total, begun = expected_frames(source.info, job.start, job.end), time.perf_counter()

    def progress(*, ended: bool = False) -> Progress:
        stats = pipeline.stats()
        return Progress.estimate(
            stats.delivered, stats.delivered if ended else total, stats.fps, time.perf_counter() - begun
        )

    try:
        painter = load()
        begun = time.perf_counter()
        pipeline.start(depth=painter.depth)
        while not pipeline.wait(TICK):
            report(progress())
    except BaseException:
        pipeline.cancel()
        with suppress(Exception):  # what went wrong first is on its way already
            pipeline.wait()
        raise
    last = progress(ended=True)
    report(last)
    return Rendered(job.output, last.frames, last.elapsed, painter.device)


def expected_frames(info: MediaInfo, start: Fraction | None, end: Fraction | None) -> int | None:
    """How many frames of a video lie between two times, in seconds from its first frame; None where nobody knows."""
    if info.frames is None or not info.duration or (start is None and end is None):
        return info.frames
    first = Fraction(0) if start is None else min(start, info.duration)
    last = info.duration if end is None else min(end, info.duration)
    return round(info.frames * max(last - first, Fraction(0)) / info.duration)
