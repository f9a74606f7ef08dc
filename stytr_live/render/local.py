"""Do a job in this process."""

from __future__ import annotations

from contextlib import ExitStack, closing
from functools import partial
from typing import TYPE_CHECKING

from stytr_live.errors import SettingsError
from stytr_live.media.still import is_picture
from stytr_live.render.job import Run
from stytr_live.render.pictures import render_folder, render_picture
from stytr_live.render.processes import Processes
from stytr_live.render.video import render_video

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.frame import Frame
    from stytr_live.render.executor import Executor, Load
    from stytr_live.render.job import Progress, Rendered, RenderJob
    from stytr_live.render.order import Order
    from stytr_live.render.painter import Painter


def render(
    job: RenderJob,
    report: Callable[[Progress], None],
    run: Run | None = None,
    *,
    watch: Callable[[Frame], None] | None = None,
) -> Rendered:
    """Paint what the job names, and report progress in this thread now and then and at the end.

    `watch` gets painted frames, in any thread; with several workers, copies of it that were pickled do.

    Raises:
        StytrError: the job cannot be done; what was painted of a video is kept for the next time, and nothing else.
    """
    run = run or Run()
    with ExitStack() as stack:

        def load() -> Painter:
            from stytr_live.render.painter import Painter  # imports torch: seconds that a wrong name need not take

            return stack.enter_context(closing(Painter(job, watch=watch)))

        def load_for(order: Order) -> Painter:
            return stack.enter_context(closing(open_painter(order, watch)))

        if job.input.is_dir():
            paint = render_folder
        elif job.input.is_file() and is_picture(job.input):
            paint = render_picture
        else:
            return render_video(
                job, load_for, report, run=run, executor=_others(run, partial(open_painter, watch=watch))
            )
        for name in ("start", "end", "fps", "stream", "timeline", "encoding"):
            if getattr(job, name) is not None:
                raise SettingsError(f"'{job.input}' is no video; --{name} is for videos.")
        return paint(job, load, report)


def _others(run: Run, load: Load) -> Executor | None:
    """Who paints in place of this process; None where it does."""
    if run.cluster is not None:
        from stytr_live.render.cluster import Cluster

        return Cluster(run.cluster, load)
    return Processes(run.workers, load) if run.workers > 1 else None


def open_painter(order: Order, watch: Callable[[Frame], None] | None = None) -> Painter:
    """The painter that a worker needs.

    Raises:
        StytrError: as `Painter` does.
    """
    from stytr_live.render.painter import Painter

    return Painter(order.job, first=order.traits.first, shots=order.shots, threads=order.threads, watch=watch)
