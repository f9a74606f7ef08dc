"""Where live pictures may come from, as the window offers and remembers it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtMultimedia import QMediaDevices

from stytr_live import builtin
from stytr_live.media.live_source import LiveSource
from stytr_live.media.paced import PacedSource
from stytr_live.media.places import Camera, Pattern, Screen, Stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.media.ports import FrameSource


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that the window can show."""

    key: str
    """How settings remember it: `clip`, `file:PATH`, `camera:ID`, `screen`, `stream:ADDRESS` or `pattern`."""
    name: str
    icon: str

    @property
    def is_file(self) -> bool:
        """Whether it can be paused and wound."""
        return self.key == "clip" or self.key.startswith("file:")


def cameras() -> list[Choice]:
    """The cameras that are plugged in."""
    return [
        Choice(f"camera:{bytes(device.id().data()).decode('utf-8', 'replace')}", device.description(), "camera")
        for device in QMediaDevices.videoInputs()
    ]


def choices(last: str) -> list[Choice]:
    """All that can be shown now, and what was shown last."""
    found = [
        *cameras(),
        Choice("clip", QCoreApplication.translate("sources", "Built-in clip"), "play"),
        Choice("screen", QCoreApplication.translate("sources", "Screen"), "screen"),
        Choice("pattern", QCoreApplication.translate("sources", "Test pattern"), "render"),
    ]
    if last and last not in {choice.key for choice in found}:
        found.insert(0, choice_of(last))
    return found


def choice_of(key: str) -> Choice:
    """The choice that settings remember."""
    kind, _, rest = key.partition(":")
    if kind == "file":
        return Choice(key, Path(rest).name, "file")
    if kind == "camera":
        return Choice(key, rest, "camera")
    if kind == "stream":
        return Choice(key, rest, "stream")
    return next((choice for choice in choices("") if choice.key == key), Choice("clip", key, "play"))


def key_of(text: str) -> str:
    """What a user types, as settings remember it."""
    if text in {"clip", "screen", "pattern"} or text.startswith(("file:", "stream:", "camera:")):
        return text
    return f"stream:{text}" if "://" in text else f"file:{Path(text).expanduser()}"


def opener(
    key: str,
    *,
    mirror: bool,
    turns: int,
    size: tuple[int, int] | None = None,
    rate: float | None = None,
    tell: Callable[[str, str], None] | None = None,
) -> Callable[[], FrameSource]:
    """What opens a choice; `tell` gets `lost` or `back`, and a sentence.

    The result raises SourceError where the place cannot be opened.
    """
    kind, _, rest = key.partition(":")
    if kind in {"clip", "file"}:
        path = builtin.clip() if kind == "clip" else Path(rest)
        return lambda: PacedSource(path)
    place: Camera | Screen | Stream | Pattern
    if kind == "camera":
        place = Camera(rest, rest, size, None if rate is None else Fraction(rate).limit_denominator(1001))
    elif kind == "screen":
        place = Screen(None, None, Fraction(30))
    elif kind == "stream":
        place = Stream(rest)
    else:
        place = Pattern((640, 360), Fraction(30))
    camera = kind == "camera"

    def state(state: object, sentence: str) -> None:
        if tell is not None:
            tell(str(getattr(state, "value", state)), sentence)

    return lambda: LiveSource(place, mirror=mirror and camera, turns=turns if camera else 0, on_state=state)
