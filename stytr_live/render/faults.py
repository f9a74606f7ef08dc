"""What of a queue could not be rendered: which file, where in it, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stytr_live.render.queue_entry import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stytr_live.render.queue_entry import Entry


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that could not be rendered."""

    id: int
    """Of the entry."""
    input: str
    frame: int | None
    """The last frame that was painted before, counted from 0; None where there was none, or nobody knows."""
    time: float | None
    """Of that frame in the input, in seconds."""
    when: str
    """When it happened, in ISO 8601, UTC."""
    message: str
    """Why, in a sentence."""

    def table(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {name: getattr(self, name) for name in self.__slots__}

    def __str__(self) -> str:
        where = "" if self.frame is None else f" after frame {self.frame}"
        where += "" if self.time is None else f" at {int(self.time // 60)}:{self.time % 60:05.2f}"
        return f"{self.id}: '{self.input}'{where} ({self.when}): {self.message}"


def report_of(entries: Iterable[Entry]) -> list[Fault]:
    """All faults: of entries that failed, and what was left out of others."""
    faults = []
    for entry in entries:
        s = entry.status
        source = str(entry.job.input)
        if entry.state is State.FAILED:
            faults.append(Fault(entry.id, source, s.frame, s.time, s.ended, s.error))
        faults += [Fault(entry.id, source, None, None, s.ended, sentence) for sentence in s.failures]
    return faults
