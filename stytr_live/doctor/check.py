"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

State = Literal["good", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Check:
    """What was found."""

    section: str
    name: str
    state: State
    """`bad` keeps the program from working, `note` is worth knowing."""
    finding: str
    remedy: str = ""
    """What to do; empty where nothing needs to be done."""


def isolated(section: str, look: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """The checks of a section; one that fails in a way nobody thought of is a finding too."""
    try:
        yield from look()
    except Exception as error:  # noqa: BLE001  (whatever is wrong with this machine is what is looked for)
        lines = str(error).strip().splitlines()
        reason = lines[0] if lines else type(error).__name__
        yield Check(section, "look", "bad", f"this could not be looked at: {reason}", "Report this as a bug.")
