"""Whether the disk has room for a video."""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING

from stytr_live.errors import SinkError

if TYPE_CHECKING:
    from pathlib import Path

    from stytr_live.render.job import RenderJob

log = logging.getLogger(__name__)

LIKELY = 3.0
"""A painting takes up to so many times the bytes of its source: it has more detail to encode."""
SURELY = 0.02
"""It takes at least so many times the bytes of its source, which may have been encoded far better than needed."""


def check_room(job: RenderJob, folder: Path, share: float) -> None:
    """Warn where the disk of a folder may be too small for what is left of a job, a share of the input from 0 to 1.

    Parts stay until the output is put together from them, so there has to be room for both.

    Raises:
        SinkError: it is surely too small.
    """
    try:
        source, free = job.input.stat().st_size * share, shutil.disk_usage(folder).free
    except OSError:
        return  # what is wrong there is met, and said, when it is used
    if free < 2 * SURELY * source:
        raise SinkError(
            f"There is no room for '{job.output}': {_size(free)} are free, and it takes at least "
            f"{_size(2 * SURELY * source)}; make room, or choose another place."
        )
    if free < 2 * LIKELY * source:
        log.warning(
            "There may be too little room for '%s': %s are free, and it takes up to %s meanwhile.",
            *(job.output, _size(free), _size(2 * LIKELY * source)),
        )


def _size(count: float) -> str:
    """`350 MB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.0f} TB"
