"""Where live pictures may come from, as the window offers and remembers it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication

from stytr_live import builtin
from stytr_live.media.live_source import LiveSource
from stytr_live.media.paced import PacedSource
from stytr_live.media.places import Camera, Pattern, Screen, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stytr_live.media.cameras import CameraInfo, Mode
    from stytr_live.media.ports import FrameSource

_NONE: Mapping[str, str] = MappingProxyType({})


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


def choices(last: str, plugged: Sequence[CameraInfo] = (), known: Mapping[str, str] = _NONE) -> list[Choice]:
    """All that can be shown now, and what was shown last; `known` are names of cameras by their devices."""
    found = [
        *(Choice(f"camera:{camera.device}", camera.name, "camera") for camera in plugged),
        Choice("clip", QCoreApplication.translate("sources", "Built-in clip"), "play"),
        Choice("screen", QCoreApplication.translate("sources", "Screen"), "screen"),
        Choice("pattern", QCoreApplication.translate("sources", "Test pattern"), "render"),
    ]
    if last and last not in {choice.key for choice in found}:
        found.insert(0, choice_of(last, known))
    return found


def choice_of(key: str, known: Mapping[str, str] = _NONE) -> Choice:
    """The choice that settings remember."""
    kind, _, rest = key.partition(":")
    if kind == "file":
        return Choice(key, Path(rest).name, "file")
    if kind == "camera":
        return Choice(key, known.get(rest, rest), "camera")
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
    mode: Mode | None = None,
    name: str = "",
    tell: Callable[[str, str], None] | None = None,
) -> Callable[[], FrameSource]:
    """What opens a choice; `tell` gets `lost` or `back`, and a sentence.

    `mode` is what to ask of a camera, `name` what to call it.

    The result raises SourceError where the place cannot be opened.
    """
    kind, _, rest = key.partition(":")
    if kind in {"clip", "file"}:
        path = builtin.clip() if kind == "clip" else Path(rest)
        return lambda: PacedSource(path)
    place: Camera | Screen | Stream | Pattern
    if kind == "camera":
        place = Camera(rest, name, mode.size if mode else None, mode.rate if mode else None)
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
