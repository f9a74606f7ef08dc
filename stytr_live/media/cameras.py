"""The cameras of this computer: what they are called, what they can give, and how to know one again."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stytr_live.frame import Size

_MODE = re.compile(r"(\d{1,5})x(\d{1,5})@(\d{1,6})(?:/(\d{1,6}))?")
_CLASS = Path("/sys/class/video4linux")
_LINKS = (Path("/dev/v4l/by-id"), Path("/dev/v4l/by-path"))
"""Where Linux has names of devices that stay when a camera is plugged in again; the first also when elsewhere."""
USUAL = ((640, 480), (1280, 720), (1920, 1080))
"""Sizes to offer where nobody tells what a camera can."""


@dataclass(frozen=True, slots=True, order=True)
class Mode:
    """A size and a rate that a camera can give."""

    size: Size
    """(width, height) in pixels."""
    rate: Fraction
    """Frames per second."""

    def __str__(self) -> str:
        return f"{self.size[0]}x{self.size[1]}@{self.rate}"

    @classmethod
    def of(cls, text: str) -> Mode | None:
        """What `str` made of one, such as `1280x720@30`; None where it is none."""
        found = _MODE.fullmatch(text)
        if found is None:
            return None
        width, height, count, seconds = (int(part or 1) for part in found.groups())
        return cls((width, height), Fraction(count, seconds)) if min(width, height, count, seconds) > 0 else None


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera that is plugged in."""

    device: str
    """What `places.Camera` takes; the same when it is plugged in again."""
    name: str
    """What people call it."""
    modes: tuple[Mode, ...] = ()
    """What it can give, largest first; empty where nobody tells."""

    @property
    def offered(self) -> tuple[Mode, ...]:
        """What to let a user choose from."""
        return self.modes or tuple(Mode(size, Fraction(30)) for size in reversed(USUAL))


def distinct(modes: Iterable[Mode]) -> tuple[Mode, ...]:
    """Each once, the largest and quickest first."""
    return tuple(sorted(set(modes), reverse=True))


def lasting(device: str, links: Iterable[Path] = _LINKS) -> str:
    """The name of a device, such as `/dev/video0`, that it has again when its camera is plugged in again."""
    target = Path(device)
    for folder in links:
        try:
            for link in sorted(folder.iterdir()):
                if link.resolve() == target:
                    return str(link)
        except OSError:
            continue
    return device


def video4linux(folder: Path = _CLASS, links: Iterable[Path] = _LINKS) -> list[CameraInfo]:
    """The cameras as Linux lists them; of those with several devices, the one that gives pictures."""
    if not sys.platform.startswith("linux"):
        return []
    links, found = tuple(links), []
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: (len(entry.name), entry.name))
    except OSError:
        return []
    for entry in entries:
        if _line(entry / "index") in {"", "0"} and entry.name.startswith("video"):
            device = f"/dev/{entry.name}"
            found.append(CameraInfo(lasting(device, links), _line(entry / "name") or device))
    return found


def _line(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace").strip()
    except OSError:
        return ""
