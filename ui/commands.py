"""What other programs and devices may say to the window, whatever way it comes in."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from stytr_live.errors import SettingsError, StyleError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_MIXED = 4
"""Styles in a mixture."""


class Driven(Protocol):
    """What commands need of the window."""

    def styles(self) -> list[str]:
        """All styles in the order shown."""
        ...

    def choose_style(self, reference: str) -> None:
        """Paint in one style alone."""
        ...

    def mix_style(self, reference: str) -> None:
        """Add a style to the mixture, or take it out."""
        ...

    def set_mixture(self, styles: dict[str, float]) -> None:
        """Paint in these styles, with weights."""
        ...

    def step_style(self, step: int) -> None:
        """The next style, or the one before."""
        ...

    def want(self, name: str, value: object) -> None:
        """Change a setting."""
        ...

    def wanted(self, name: str) -> object:
        """What a setting is."""
        ...

    def record(self, on: bool | None) -> None:
        """Begin or end a recording; None does the other of the two."""
        ...

    def snapshot(self) -> None:
        """Write the picture to a file."""
        ...

    def pause(self) -> None:
        """Pause or play a file."""
        ...

    def open_text(self, text: str) -> None:
        """Show a source, as a user types it."""
        ...

    def close_soon(self) -> None:
        """Close the window, after the answer."""
        ...


class Commands:
    """Does what is said, by the names in `stytr_live.control.COMMANDS`."""

    def __init__(self, window: Driven) -> None:
        self._window = window
        self._faders: dict[int, float] = {}
        self._simple: dict[str, Callable[[], None]] = {
            "next": lambda: window.step_style(1),
            "previous": lambda: window.step_style(-1),
            "pause": window.pause,
            "snapshot": window.snapshot,
            "quit": window.close_soon,
        }
        self._valued: dict[str, Callable[[str], None]] = {
            "style": lambda value: window.choose_style(self._style(value)),
            "mix": lambda value: window.mix_style(self._style(value)),
            "weights": self._weights,
            "weight": self._weight,
            "strength": lambda value: window.want("strength", number(value, 0, 1)),
            "cross-fade": lambda value: window.want("cross_fade", number(value, 0, 10)),
            "smoothing": lambda value: window.want("smoothing", number(value, 0, 2)),
            "keep-colours": self._keep_colours,
            "record": lambda value: window.record(switch(value)),
            "open": window.open_text,
        }

    def __call__(self, do: str, value: str | None) -> None:
        """Do it.

        Raises:
            StytrError: it cannot be done.
        """
        if do in self._simple:
            self._simple[do]()
        elif do in self._valued and value:
            self._valued[do](value)
        elif do in self._valued:
            raise SettingsError(f"The window does not know what '{do}' is to be without a value.")
        else:
            raise SettingsError(f"The window does not know '{do}'.")

    def _style(self, value: str) -> str:
        known = self._window.styles()
        if value in known:
            return value
        if value.isascii() and value.isdigit() and 1 <= int(value) <= len(known):
            return known[int(value) - 1]
        if Path(value).expanduser().is_file():
            return str(Path(value).expanduser())
        raise StyleError(f"There is no style '{value}'; name a picture file or a built-in style.")

    def _weights(self, value: str) -> None:
        weights = {place: number(word, 0, 1e6) for place, word in enumerate(value.split(), 1)}
        self._mix(weights)
        self._faders = weights

    def _weight(self, value: str) -> None:
        place, _, weight = value.partition(" ")
        faders = self._faders | {int(number(place, 1, 1000)): number(weight, 0, 1e6)}
        self._faders = faders
        if any(faders.values()):  # all down: the last mixture stays
            self._mix(faders)

    def _mix(self, weights: dict[int, float]) -> None:
        known = self._window.styles()
        chosen = [(place, weight) for place, weight in weights.items() if weight > 0 and place <= len(known)]
        chosen = sorted(chosen, key=lambda part: -part[1])[:MOST_MIXED]
        if not chosen:
            raise SettingsError("All weights of the styles are 0; give at least one a weight above 0.")
        self._window.set_mixture({known[place - 1]: weight for place, weight in sorted(chosen)})

    def _keep_colours(self, value: str) -> None:
        on = switch(value)
        self._window.want("keep_colours", not self._window.wanted("keep_colours") if on is None else on)


def number(value: str | None, least: float, most: float) -> float:
    """A number from a command.

    Raises:
        SettingsError: it is none, or out of range.
    """
    try:
        found = float(value or "")
    except ValueError:
        found = math.nan
    if not least <= found <= most:
        raise SettingsError(f"'{value or ''}' will not do; give a number from {least:g} to {most:g}.")
    return found


def switch(value: str | None) -> bool | None:
    """`on`, `off` or `toggle` from a command; None for the last.

    Raises:
        SettingsError: it is none of them.
    """
    if value not in {"on", "off", "toggle"}:
        raise SettingsError(f"'{value or ''}' will not do; say on, off or toggle.")
    return None if value == "toggle" else value == "on"
