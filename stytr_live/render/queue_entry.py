"""One entry of the render queue, and what is kept of it in a file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from stytr_live.render.job import RenderJob

LARGEST = 1 << 20
"""Bytes that a file of the queue may have."""
_NUMBERS = {"total": int, "frame": int, "time": float, "remaining": float}
_LONGEST = 10_000
"""Characters of a text, and entries of a list, that are kept."""


class State(StrEnum):
    """Where an entry is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = frozenset({State.WAITING, State.RUNNING, State.PAUSED})
"""States of entries whose output is still to come."""


@dataclass(frozen=True, slots=True)
class Status:
    """What became of an entry so far."""

    state: State = State.WAITING
    added: str = ""
    """Times are in ISO 8601, UTC; empty where it has not happened."""
    started: str = ""
    ended: str = ""
    frames: int = 0
    """Frames, or pictures of a folder, that are painted."""
    total: int | None = None
    """How many there will be, an estimate."""
    fps: float = 0.0
    """Frames per second of late."""
    elapsed: float = 0.0
    """Seconds of painting."""
    remaining: float | None = None
    """Seconds to go, an estimate."""
    work: str = ""
    """Where what is painted is kept until it is whole; empty for beside the output."""
    device: str = ""
    """What it ran on, once it is done."""
    error: str = ""
    """The sentence that says why it failed."""
    frame: int | None = None
    """The last frame that was painted before it failed, counted from 0."""
    time: float | None = None
    """Of that frame, in seconds."""
    failures: tuple[str, ...] = field(default=())
    """One sentence for each picture of a folder that was left out."""

    def text(self) -> str:
        """As a file keeps it."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Status:
        """From a file's text.

        Raises:
            ValueError: it is damaged.
        """
        table = json.loads(text)
        if not isinstance(table, dict):
            raise ValueError("it is no table")
        known = {f.name: _checked(f.name, table[f.name], f.default) for f in fields(cls) if f.name in table}
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Entry:
    """A job in the queue."""

    id: int
    """A short number, never given twice in a queue."""
    job: RenderJob
    status: Status
    folder: Path
    """Where its files are."""

    @property
    def state(self) -> State:
        """Where it is in its life."""
        return self.status.state

    @property
    def preview(self) -> Path | None:
        """A small JPEG of the frame painted last; None where there is none yet."""
        path = preview_of(self.folder)
        return path if path.is_file() else None

    def table(self) -> dict[str, Any]:
        """All that programs may want to know, fit for JSON."""
        rounded = {k: round(v, 3) if isinstance(v, float) else v for k, v in asdict(self.status).items()}
        return {
            "id": self.id,
            "input": str(self.job.input),
            "output": str(self.job.output),
            "styles": dict(self.job.styles),
            **rounded,
            "preview": None if self.preview is None else str(self.preview),
        }


def preview_of(folder: Path) -> Path:
    """Where the picture of an entry's last frame is, or would be."""
    return folder / "preview.jpg"


def now() -> str:
    """The time, as the files of the queue have it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _checked(name: str, value: Any, like: Any) -> Any:
    """A value from a file, of the type of a field's default."""
    if name == "state":
        return State(value)
    if name == "failures":
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value[:_LONGEST]):
            raise ValueError("'failures' is no list of sentences")
        return tuple(v[:_LONGEST] for v in value[:_LONGEST])
    kind = _NUMBERS.get(name) or type(like)
    if name in _NUMBERS and value is None:
        return None
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12:
        return float(value)
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53:
        return value
    if kind is str and isinstance(value, str):
        return value[:_LONGEST]
    raise ValueError(f"'{name}' is {value!r:.40}")
