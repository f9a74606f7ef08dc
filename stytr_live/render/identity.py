"""What a video that was begun has to be finished with: anything else would not fit to the parts that are there."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from stytr_live import __version__, builtin
from stytr_live.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stytr_live.media.encoders import Encoder
    from stytr_live.render.job import RenderJob

_APART = frozenset(
    {"input", "output", "styles", "timeline", "weights", "device", "encoding", "keep_going", "overwrite"}
)
"""Fields of a job that are told apart below, or do not change what comes out."""

Identity = dict[str, str]
"""By the name that a user knows it by: what it is."""


def identity(job: RenderJob, encoder: Encoder) -> Identity:
    """All that the frames of a job depend on, and that may change between two runs.

    Raises:
        StytrError: the timeline cannot be used.
        OSError: a file cannot be read.
    """
    about = job.input.stat()
    references = job.styles if job.timeline is None else [(r, 0.0) for r in Timeline.load(job.timeline).references]
    weights = job.weights or builtin.weights(job.network)
    return {
        "the input": f"{job.input.resolve()}, {about.st_size} bytes, {about.st_mtime_ns}",
        "the choice of styles": "; ".join(f"{name}:{weight!r} {_picture(name)}" for name, weight in references),
        "the timeline": "" if job.timeline is None else _hash(job.timeline),
        "the weights": _hash(weights) if weights.is_file() else "",
        "the encoder": repr(encoder),
        "the version of the program": __version__,
        **{
            f"--{field.name.replace('_', '-')}": str(getattr(job, field.name))
            for field in fields(job)
            if field.name not in _APART
        },
    }


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """What is not as it was, as the beginning of a sentence."""
    names = [name for name in now if before.get(name) != now[name]] or ["what is written down of it"]
    *most, last = names
    said = f"{', '.join(most)} and {last} have changed" if most else f"{last} has changed"
    return said[0].upper() + said[1:]


def _picture(reference: str) -> str:
    """The hash of a style's file; empty where there is none, which is found out when it is loaded."""
    path = Path(reference).expanduser()
    if not path.is_file():
        path = builtin.styles().get(reference, path)
    return _hash(path) if path.is_file() else ""


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
