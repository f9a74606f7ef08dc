"""MIDI: what the controls of a device do, by a table that a user can teach."""

from __future__ import annotations

import importlib
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal

from stytr_live.errors import SettingsError, StytrError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 127
"""The largest value of a control."""
RANGES = {"strength": 1.0, "cross-fade": 10.0, "smoothing": 1.0}
"""What a control at its end gives."""
TARGETS = (*RANGES, *(f"weight {n}" for n in range(1, 5)), "next", "previous", "snapshot", "record", "keep-colours",
           "pause", *(f"style {n}" for n in range(1, 10)))  # fmt: skip
"""What a control can be taught to do."""
_TOO_MANY = 1024
"""Presses of keys that may wait; a window that hangs does not collect them for ever."""


class Midi(QObject):
    """Takes what a MIDI device sends and makes commands of it. It does nothing itself.

    Raises:
        SettingsError: mido or python-rtmidi is missing, or the device is not there.
    """

    failed = pyqtSignal(str)
    """A command could not be done; why, as a sentence."""
    learnt = pyqtSignal(str, str)
    """A control, and what it does from now on."""
    _came = pyqtSignal()

    def __init__(self, device: str, controls: dict[str, str], handle: Callable[[str, str | None], None]) -> None:
        """`controls` is changed by teaching; `handle` gets a command and its value, and raises StytrError."""
        super().__init__()
        self._controls, self._handle = controls, handle
        self._learning: str | None = None
        self._moved: dict[str, int] = {}
        self._pressed: list[tuple[str, int]] = []
        self._lock = Lock()
        self._came.connect(self._work)
        library = _library()
        try:
            self._port: Any = library.open_input(device, callback=self.take)
        except Exception as error:  # each of mido's backends has its own kinds of errors
            raise SettingsError(f"The MIDI device '{device}' cannot be opened; connect it.") from error

    def learn(self, target: str) -> None:
        """The next control that is moved or key that is pressed does this from then on."""
        self._learning = target

    def take(self, message: Any) -> None:
        """A message of mido's; may be called by any thread."""
        kind = message.type
        with self._lock:
            if kind == "control_change":
                self._moved[f"cc {message.control}"] = message.value  # of a fader, the newest counts
            elif kind == "note_on" and message.velocity > 0 and len(self._pressed) < _TOO_MANY:
                self._pressed.append((f"note {message.note}", MOST))
            elif kind == "program_change" and len(self._pressed) < _TOO_MANY:
                self._pressed.append(("program", message.program))
            else:
                return
        self._came.emit()

    def close(self) -> None:
        """Let the device go."""
        with suppress(Exception):  # it may have been unplugged
            self._port.close()

    def _work(self) -> None:
        with self._lock:
            events = [*self._pressed, *self._moved.items()]
            self._pressed, self._moved = [], {}
        for control, value in events:
            if self._learning is not None and control != "program":
                target, self._learning = self._learning, None
                self._controls[control] = target
                self.learnt.emit(control, target)
            command = command_of(control, value, self._controls)
            if command is not None:
                try:
                    self._handle(*command)
                except StytrError as error:
                    self.failed.emit(str(error))


def command_of(control: str, value: int, controls: dict[str, str]) -> tuple[str, str | None] | None:
    """What a control at a value, 0 to 127, says as a command and its value; None where it says nothing."""
    if control == "program":
        return "style", str(value + 1)
    target = controls.get(control, "")
    do, _, place = target.partition(" ")
    if target not in TARGETS:
        return None
    if do in RANGES:
        return do, f"{value / MOST * RANGES[do]:.4g}"
    if do == "weight":
        return do, f"{place} {value / MOST:.4g}"
    if value <= MOST // 2:  # a button that is let go
        return None
    return do, place or ("toggle" if do in {"record", "keep-colours"} else None)


def devices() -> list[str]:
    """The MIDI devices that are plugged in.

    Raises:
        SettingsError: mido or python-rtmidi is missing.
    """
    library = _library()
    try:
        return list(dict.fromkeys(library.get_input_names()))
    except Exception:  # noqa: BLE001  (no sound system: then there are none)
        return []


def _library() -> Any:
    try:
        library = importlib.import_module("mido")
        importlib.import_module(library.backend.name)
    except ImportError as error:
        raise SettingsError("MIDI needs packages that are not installed: pip install 'stytr-live[midi]'.") from error
    return library
