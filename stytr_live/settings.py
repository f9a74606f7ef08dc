"""What a user chose, kept between two runs in a JSON file of the platform's folder for settings."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, get_type_hints

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger(__name__)

VERSION = 1
"""Of the file; files of later versions are set aside."""
MOST_RECENT = 24
"""Recent styles that are remembered."""
SIDES = (192, 256, 320, 384, 448, 512, 640, 720, 1080)
"""Working sizes to choose from: short sides, in pixels."""
MIDI = {
    "cc 1": "strength",
    "cc 2": "cross-fade",
    "cc 3": "smoothing",
    "cc 16": "weight 1",
    "cc 17": "weight 2",
    "cc 18": "weight 3",
    "cc 19": "weight 4",
    "note 60": "previous",
    "note 62": "next",
    "note 64": "snapshot",
    "note 65": "record",
}
"""What MIDI controls do until others are taught: 1 is the modulation wheel, 16 to 19 are general controllers."""


@dataclass(slots=True)
class Settings:
    """Choices; what a file lacks or has wrong is as for a new user."""

    place: str = ""
    """Where pictures come from, as the window writes it; empty for a first start."""
    styles: dict[str, float] = field(default_factory=lambda: {"mosaic": 1.0})
    """The styles in use, a picture file or a built-in name each, with weights."""
    recent: list[str] = field(default_factory=list)
    """Picture files used as styles, the newest first."""
    favourites: list[str] = field(default_factory=list)
    """Picture files or built-in names."""
    strength: float = 1.0
    keep_colours: bool = False
    short_side: int = 384
    """Largest working size, in pixels."""
    target: float = 30.0
    """Frames a second to hold; 0 keeps the working size."""
    smoothing: float = 0.0
    """Time constant in seconds; 0 is off."""
    cross_fade: float = 1.0
    """Seconds in which one style turns into the next."""
    skip_unchanged: bool = True
    mirror: bool = True
    """Of cameras."""
    turns: int = 0
    """Quarter turns, clockwise."""
    fill: bool = False
    """Whether the picture fills the view, cut off at the sides."""
    overlay: bool = True
    theme: str = "system"
    """`system`, `dark` or `light`."""
    language: str = "system"
    """`system`, `en` or `zh_CN`."""
    device: str = "auto"
    network: str = "lite"
    folder: str = ""
    """Where snapshots and recordings go; empty for the user's folder of videos."""
    microphone: str = ""
    """Device to record sound from, or `default`; empty for none."""
    cameras: dict[str, dict[str, str]] = field(default_factory=dict)
    """By a camera's device: its `name`, and the `mode` that was chosen for it, such as `1280x720@30`."""
    osc: bool = False
    """Whether the window listens to OSC, on this machine only."""
    osc_port: int = 9000
    midi: str = ""
    """Device whose controls drive the window; empty for none."""
    midi_controls: dict[str, str] = field(default_factory=lambda: dict(MIDI))
    """What a control does: `cc NUMBER` or `note NUMBER` to the name of a command."""
    geometry: str = ""
    """Of the window, as Qt gives it, in base 64."""
    layout: str = ""
    """Of the window's panels, likewise."""


def path() -> Path:
    """Where the settings are."""
    return platformdirs.user_config_path("stytr-live", appauthor=False) / "settings.json"


def load(file: Path | None = None, *, tell: Callable[[str], object] | None = None) -> Settings:
    """Read the settings; a file that is damaged or of a later version is set aside.

    That is said in the log, and to `tell` as a sentence for a user.
    """
    file = file or path()
    try:
        table = json.loads(file.read_text("utf-8"))
        if not isinstance(table, dict) or table.get("version") != VERSION:
            raise ValueError("it is of another version, or no settings")
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, RecursionError) as error:
        aside = file.with_suffix(".damaged.json")
        try:
            file.replace(aside)
            said = f"The settings could not be read and were set aside as '{aside}'; all is as for a new user."
        except OSError:
            said = f"The settings '{file}' could not be read; all is as for a new user."
        log.warning("%s (%s)", said, error)
        if tell is not None:
            tell(said)
        return Settings()
    hints = get_type_hints(Settings)
    return Settings(
        **{f.name: table[f.name] for f in fields(Settings) if f.name in table and _is(table[f.name], hints[f.name])}
    )


def save(settings: Settings, file: Path | None = None) -> None:
    """Write the settings; the file is whole or as it was. Where it cannot be written, the log says so."""
    file = file or path()
    part = file.with_suffix(".part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps({"version": VERSION} | asdict(settings), indent=1, ensure_ascii=False), "utf-8")
        part.replace(file)
    except OSError as error:
        log.warning("The settings cannot be kept in '%s': %s.", file, error.strerror or error)


def _is(value: Any, kind: Any) -> bool:
    """Whether a value from a file is of a field's type."""
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6
    if kind == list[str]:
        return isinstance(value, list) and len(value) <= 1000 and all(isinstance(v, str) for v in value)
    if kind == dict[str, float]:
        return isinstance(value, dict) and 0 < len(value) <= 4 and all(_is(v, float) and v >= 0 for v in value.values())
    if kind in (dict[str, str], dict[str, dict[str, str]]):
        inner = str if kind == dict[str, str] else dict[str, str]
        return isinstance(value, dict) and len(value) <= 1000 and all(_is(v, inner) for v in value.values())
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))
