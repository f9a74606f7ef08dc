"""OSC: the messages in `stytr_live.control.OSC`, at a port of this machine.

Only programs on this machine can reach it, but those of all its users: so nothing here opens or names a file.
"""

from __future__ import annotations

import importlib
import logging
import math
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtNetwork import QHostAddress, QUdpSocket

from stytr_live.control import FROM_OUTSIDE
from stytr_live.errors import SettingsError, StytrError

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

PREFIX = "/stytr/"
"""What our addresses begin with; others are none of our business."""
AT_ONCE = 256
"""Messages that are read before the window goes on with other things."""
_SWITCHES = frozenset({"record", "keep-colours"})
_BUTTONS = frozenset({"next", "previous", "snapshot", "pause"})
_OF_PATHS = frozenset("/\\.")
_MOST_NUMBERS = 64


class Osc(QObject):
    """Takes OSC messages and makes commands of them. It does nothing itself.

    Raises:
        SettingsError: python-osc is missing, or the port is taken.
    """

    failed = pyqtSignal(str)
    """A message could not be done; why, as a sentence."""

    def __init__(self, port: int, handle: Callable[[str, str | None], None]) -> None:
        """`port` 0 takes any that is free; `handle` gets a command and its value, and raises StytrError."""
        super().__init__()
        self._packets = _library()
        self._handle = handle
        self._socket = QUdpSocket(self)
        if not self._socket.bind(QHostAddress(QHostAddress.SpecialAddress.LocalHost), port):
            raise SettingsError(f"OSC cannot use port {port}: {self._socket.errorString()}; choose another one.")
        self._socket.readyRead.connect(self._read)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.localPort())

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()

    def _read(self) -> None:
        latest: dict[str, str | None] = {}  # a fader sends more than anybody can see: of each address, the last counts
        count = 0
        while self._socket.hasPendingDatagrams() and count < AT_ONCE:
            count += 1
            data = bytes(self._socket.receiveDatagram().data().data())
            for do, value in self._commands(data):
                if value is None or do in _SWITCHES:
                    self._do(do, value)
                else:
                    latest.pop(do, None)
                    latest[do] = value
        for do, value in latest.items():
            self._do(do, value)

    def _commands(self, data: bytes) -> list[tuple[str, str | None]]:
        try:
            messages = [timed.message for timed in self._packets.OscPacket(data).messages]
            return [command for message in messages if (command := command_of(message.address, message.params))]
        except Exception as error:  # noqa: BLE001  (whatever a stranger's bytes make of the library)
            log.info("That was no OSC: %s", error)
            return []

    def _do(self, do: str, value: str | None) -> None:
        try:
            self._handle(do, value)
        except StytrError as error:
            self.failed.emit(str(error))


def command_of(address: str, values: list[Any]) -> tuple[str, str | None] | None:
    """An OSC message as a command and its value; None where it is none of ours."""
    do = address.removeprefix(PREFIX)
    do = "weights" if do == "mix" else do
    if not address.startswith(PREFIX) or do not in FROM_OUTSIDE:
        return None
    if do in _BUTTONS:  # they send 1 when pressed and 0 when let go
        return None if values and not values[0] else (do, None)
    if do in _SWITCHES:
        return do, ("on" if values[0] else "off") if values else "toggle"
    value = _style(values) if do == "style" else _numbers(values)
    return None if value is None else (do, value)


def _style(values: list[Any]) -> str | None:
    """A style by its name, which is no path, or by its number."""
    if len(values) == 1 and isinstance(values[0], str):
        return values[0] if not _OF_PATHS & set(values[0]) else None
    numbers = _numbers(values)
    return None if numbers is None else str(int(float(numbers.split()[0])))


def _numbers(values: list[Any]) -> str | None:
    good = all(isinstance(value, int | float) and math.isfinite(value) for value in values)
    return " ".join(f"{value:g}" for value in values) if good and 0 < len(values) <= _MOST_NUMBERS else None


def _library() -> Any:
    try:
        return importlib.import_module("pythonosc.osc_packet")
    except ImportError as error:
        raise SettingsError("OSC needs a package that is not installed: pip install 'stytr-live[osc]'.") from error
