"""Listens to other programs of the same user: see `stytr_live.control`."""

from __future__ import annotations

import json
import logging
import sys
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtNetwork import QLocalServer, QLocalSocket

from stytr_live.control import LONGEST
from stytr_live.errors import StytrError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger(__name__)


class Listener(QObject):
    """Takes commands at a local socket that only the user can open. It does nothing itself."""

    def __init__(self, path: Path, handle: Callable[[str, str | None], None]) -> None:
        """`handle` gets a command and its value, and raises StytrError where it cannot be done."""
        super().__init__()
        self._handle, self._server = handle, QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)
        try:
            if sys.platform != "win32":
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            log.warning("The window cannot be driven from outside: %s.", error.strerror)
            return
        if _answers(path):  # another window of this user has it
            return
        QLocalServer.removeServer(str(path))  # left by one that was killed
        if not self._server.listen(str(path)):
            log.warning("The window cannot be driven from outside: %s", self._server.errorString())

    @property
    def listening(self) -> bool:
        """Whether this window is the one that is driven."""
        return self._server.isListening()

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def _accept(self) -> None:
        while (line := self._server.nextPendingConnection()) is not None:
            line.readyRead.connect(partial(self._read, line))
            line.disconnected.connect(line.deleteLater)
            if line.bytesAvailable():
                self._read(line)

    def _read(self, line: QLocalSocket) -> None:
        if not line.canReadLine():
            if line.bytesAvailable() > LONGEST:
                line.abort()
            return
        answer = self._answer(line.readLine(LONGEST))
        line.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        line.flush()
        line.disconnectFromServer()

    def _answer(self, message: bytes) -> dict[str, object]:
        try:
            said = json.loads(message)
            do, value = said["do"], said.get("value")
            if not isinstance(do, str) or not (value is None or isinstance(value, str)):
                raise TypeError
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return {"error": "That is no command of StyTR Live."}
        try:
            self._handle(do, value)
        except StytrError as error:
            return {"error": str(error)}
        except Exception:
            log.exception("A command from outside failed")
            return {"error": "The window could not do that; its log has the details."}
        return {"done": True}


def _answers(path: Path) -> bool:
    """Whether somebody listens there already."""
    line = QLocalSocket()
    line.connectToServer(str(path))
    there = line.waitForConnected(200)
    line.abort()
    return there
