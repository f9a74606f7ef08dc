"""Do a job in this process."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from stytr_live.errors import SettingsError
from stytr_live.media.still import is_picture
from stytr_live.render.pictures import render_folder, render_picture
from stytr_live.render.video import render_video

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.render.job import Progress, Rendered, RenderJob
    from stytr_live.render.painter import Painter


def render(job: RenderJob, report: Callable[[Progress], None]) -> Rendered:
    """Paint what the job names, and report progress in this thread now and then and at the end.

    Raises:
        StytrError: the job cannot be done; nothing is left of an output that was begun.
    """

    with ExitStack() as stack:

        def load() -> Painter:
            from stytr_live.render.painter import Painter  # imports torch: seconds that a wrong name need not take

            return stack.enter_context(closing(Painter(job)))

        if job.input.is_dir():
            paint = render_folder
        elif job.input.is_file() and is_picture(job.input):
            paint = render_picture
        else:
            return render_video(job, load, report)
        if job.start is not None or job.end is not None:
            raise SettingsError(f"'{job.input}' is no video; --start and --end are for videos.")
        return paint(job, load, report)
