"""Styles over time: a text file of keys, each a moment from which on a film looks different.

```toml
[[key]]
time = "0:00"
style = "mosaic"

[[key]]
time = "1:02.5"                                # seconds, minutes or hours, from the first frame
styles = { "wave.jpg" = 0.7, woodcut = 0.3 }   # pictures beside the file, or names of built-in styles
strength = 0.8                                 # from 0 to 1; what a key leaves out stays as it was
fade = 2                                       # seconds in which the look before turns into this one

[[key]]
shot = 4                                       # in place of a time: where the fourth shot begins
style = "impasto"
```
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from stytr_live.errors import SettingsError
from stytr_live.params import MIXABLE
from stytr_live.timecode import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

LARGEST = 1 << 20
"""Bytes that a file may have."""
LONGEST = 10_000_000
"""Seconds of the latest time and the longest fade."""
FIELDS = frozenset({"time", "shot", "style", "styles", "strength", "fade"})

Blend = tuple[tuple[str, float], ...]
"""Styles, pictures or built-in names, with weights that sum to 1."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a moment looks."""

    styles: Blend
    strength: float


@dataclass(frozen=True, slots=True)
class Key:
    """A moment from which on it looks different."""

    time: Fraction
    """Seconds from the first frame; with a shot, from where that begins."""
    look: Look
    fade: Fraction = Fraction(0)
    """Seconds in which the look before turns into this one, from the time on."""
    shot: int | None = None
    """Number of the shot, the first being 1, with whose beginning it begins; None where the time says it all."""


class Timeline:
    """Keys in the order of their times. Until the first one, everything looks as it does there.

    Raises:
        SettingsError: there is no key, two are at the same time, or more styles than can be mixed meet in a fade.
    """

    def __init__(self, keys: Iterable[Key]) -> None:
        self.keys = tuple(keys)
        if not self.keys:
            raise SettingsError("The timeline has no key; write at least one, with a style.")
        if not self.by_shot:
            self.keys = tuple(sorted(self.keys, key=lambda key: key.time))
            self._check()
        self._times = [key.time for key in self.keys]

    @classmethod
    def load(cls, path: Path) -> Timeline:
        """Read a file; pictures are named as seen from its folder.

        Raises:
            SettingsError: it cannot be read, or something in it is not as it should be; what, and where.
        """
        try:
            if path.stat().st_size > LARGEST:
                raise SettingsError(f"The timeline '{path}' is larger than a megabyte; that is no timeline.")
            table = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise SettingsError(f"The timeline '{path}' cannot be read: {error.strerror or error}.") from error
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"The timeline '{path}' is not TOML: {error}.") from error
        entries = table.get("key")
        if set(table) != {"key"} or not isinstance(entries, list):
            raise SettingsError(f"The timeline '{path}' must consist of [[key]] tables and nothing else.")
        keys: list[Key] = []
        for number, entry in enumerate(entries, 1):
            try:
                keys.append(_key(entry, keys[-1].look if keys else None, path.parent))
            except ValueError as error:
                raise SettingsError(f"Key {number} of the timeline '{path}' is wrong: {error}.") from error
        try:
            return cls(keys)
        except SettingsError as error:
            raise SettingsError(f"The timeline '{path}' cannot be used: {error}") from error

    @property
    def by_shot(self) -> bool:
        """Whether a key names a shot, so that `placed` is due before anything can be painted."""
        return any(key.shot is not None for key in self.keys)

    @property
    def references(self) -> tuple[str, ...]:
        """All styles, each once, in the order in which they come."""
        return tuple(dict.fromkeys(style for key in self.keys for style, _ in key.look.styles))

    def placed(self, shots: Sequence[Fraction]) -> Timeline:
        """The same with times for shots, which begin at `shots`, in seconds from the first frame, the first at 0.

        Keys of shots that do not come are left out.

        Raises:
            SettingsError: no key is left, or as for the class.
        """
        kept = [key for key in self.keys if key.shot is None or key.shot <= len(shots)]
        return Timeline(
            key if key.shot is None else replace(key, time=shots[key.shot - 1] + key.time, shot=None) for key in kept
        )

    def at(self, seconds: Fraction | float) -> Look:
        """The look at a time, in seconds from the first frame.

        Raises:
            SettingsError: keys name shots that have no times yet.
        """
        if self.by_shot:
            raise SettingsError("The timeline names shots; it cannot be used before they are found.")
        return self._look(bisect_right(self._times, seconds) - 1, seconds)

    def _look(self, index: int, seconds: Fraction | float) -> Look:
        """The look at a time when the keys up to `index` count."""
        if index <= 0:
            return self.keys[0].look
        key = self.keys[index]
        if seconds >= key.time + key.fade:
            return key.look
        # What fades away stands still: else a fade within a fade would need all that came before.
        before = self._look(index - 1, key.time)
        share = float((seconds - key.time) / key.fade)
        weights = dict.fromkeys((style for style, _ in before.styles + key.look.styles), 0.0)
        for blend, part in ((before.styles, 1 - share), (key.look.styles, share)):
            for style, weight in blend:
                weights[style] += weight * part
        mixed = tuple((style, weight) for style, weight in weights.items() if weight > 0)
        return Look(mixed, before.strength + (key.look.strength - before.strength) * share)

    def _check(self) -> None:
        for index, key in enumerate(self.keys):
            if index and key.time == self.keys[index - 1].time:
                raise SettingsError(f"Two keys are at {float(key.time):g} s; put them together or apart.")
            before = self._look(index - 1, key.time).styles if key.fade and index else ()
            meeting = {style for style, _ in before + key.look.styles}
            if len(meeting) > MIXABLE:
                raise SettingsError(
                    f"{len(meeting)} styles meet in the fade at {float(key.time):g} s, and at most {MIXABLE} can be "
                    "mixed; fade from fewer to fewer, or with fade = 0."
                )


def _key(entry: Any, before: Look | None, folder: Path) -> Key:
    """A table of the file → a key; `before` is the look of the key before it.

    Raises:
        ValueError: what is wrong, as a clause.
    """
    if not isinstance(entry, dict):
        raise ValueError("it is no table")
    unknown = set(entry) - FIELDS
    if unknown:
        raise ValueError(f"'{min(unknown)}' is unknown; known are {', '.join(sorted(FIELDS))}")
    if ("time" in entry) == ("shot" in entry):
        raise ValueError("it needs either a time or a shot")
    shot = entry.get("shot")
    if shot is not None and (type(shot) is not int or not 1 <= shot <= 1_000_000):
        raise ValueError(f"the shot must be a whole number from 1 on, not {shot!r}")
    styles = _blend(entry, folder)
    if styles is None and before is None:
        raise ValueError("the first key needs a style")
    strength = entry.get("strength", before.strength if before else 1.0)
    if isinstance(strength, bool) or not isinstance(strength, int | float) or not 0 <= strength <= 1:
        raise ValueError(f"the strength must be a number from 0 to 1, not {strength!r}")
    look = Look(styles if styles is not None else before.styles, float(strength))  # type: ignore[union-attr]
    return Key(_seconds(entry.get("time", 0), "time"), look, _seconds(entry.get("fade", 0), "fade"), shot)


def _seconds(value: Any, name: str) -> Fraction:
    try:
        total = parse_time(str(value)) if type(value) in (int, float, str) else None
    except ValueError:
        total = None
    if total is None:
        raise ValueError(f"the {name} must be seconds (12.5), minutes (1:02.5) or hours (01:02:03), not {value!r}")
    if total > LONGEST:
        raise ValueError(f"the {name} is later than {LONGEST} seconds")
    return total


def _blend(entry: dict[str, Any], folder: Path) -> Blend | None:
    if "style" in entry and "styles" in entry:
        raise ValueError("it has both a style and styles; one is enough")
    if "style" in entry:
        table: Any = {entry["style"]: 1} if isinstance(entry["style"], str) else None
    elif "styles" in entry:
        table = entry["styles"]
    else:
        return None
    if not isinstance(table, dict) or not all(
        style.strip() and type(weight) in (int, float) and 0 <= weight < LONGEST for style, weight in table.items()
    ):
        raise ValueError("styles must be names or pictures with weights, such as { mosaic = 0.5, woodcut = 0.5 }")
    total = sum(table.values())
    if not 0 < len(table) <= MIXABLE or not total > 0:
        raise ValueError(f"from 1 to {MIXABLE} styles can be mixed, and a weight must be above 0")
    beside = {style: folder / style for style in table}
    return tuple(
        (str(beside[style]) if beside[style].is_file() else style, weight / total)
        for style, weight in table.items()
        if weight > 0
    )
