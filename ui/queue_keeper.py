"""The render queue as the window sees it: looked at and changed beside the window's thread."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QProcess, pyqtSignal

from stytr_live.errors import StytrError
from stytr_live.render.queue import forecast
from stytr_live.render.queue_runner import program

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.render.queue import Forecast, Queue
    from stytr_live.render.queue_entry import Entry

log = logging.getLogger("stytr_live.ui")

LOOK = 0.5
"""Seconds between two looks at the queue, as other processes change it."""
GRACE = 6000
"""Milliseconds that the process which renders gets to end in good order."""


class QueueKeeper(QObject):
    """Looks at the queue, changes it, and runs the process that works it off.

    A thread of its own does what waits for files, so that the window never does.
    """

    looked = pyqtSignal(list, object, object)
    """The entries, the `Forecast`, and the number of the process that works the queue off or None."""
    failed = pyqtSignal(str)
    """A sentence."""
    running = pyqtSignal(bool)
    """Whether this window's process renders."""

    def __init__(self, queue: Queue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._wishes: SimpleQueue[Callable[[Queue], object] | None] = SimpleQueue()
        self._process: QProcess | None = None
        self._last: tuple[list[Entry], Forecast, int | None] | None = None
        self._said = ""
        self._thread = Thread(target=self._look, name="render queue")
        self._thread.start()

    @property
    def renders(self) -> bool:
        """Whether this window's process works the queue off."""
        return self._process is not None

    def do(self, change: Callable[[Queue], object]) -> None:
        """Change the queue soon; where it refuses, `failed` says so."""
        self._wishes.put(change)

    def start(self) -> None:
        """Have the queue worked off, unless that is so; it ends by itself when nothing waits."""
        if self._process is not None:
            return
        process = self._process = QProcess(self)
        self._said = ""
        command, *arguments = program()
        process.readyReadStandardOutput.connect(self._hear)
        process.readyReadStandardError.connect(process.readAllStandardError)  # it is told on stdout, too
        process.errorOccurred.connect(self._end)
        process.finished.connect(self._end)
        process.start(command, [*arguments, "queue", "run", "--json", "--queue", str(self._queue.path)])
        self.running.emit(True)

    def stop(self) -> None:
        """End that process; what it renders waits, to be gone on with. Waits for it some seconds at most."""
        process = self._process
        if process is None:
            return
        process.finished.disconnect(self._end)
        process.errorOccurred.disconnect(self._end)
        process.terminate()
        if not process.waitForFinished(GRACE):
            process.kill()
            process.waitForFinished(GRACE)
        self._forget()

    def close(self) -> None:
        """End everything, once."""
        self.stop()
        self._wishes.put(None)
        self._thread.join()

    def _look(self) -> None:
        while True:
            try:
                wish = self._wishes.get(timeout=LOOK)
            except Empty:
                pass
            else:
                if wish is None:
                    return
                self._try(wish)
            self._try(self._tell)

    def _try(self, wish: Callable[[Queue], object]) -> None:
        sentence = ""
        try:
            wish(self._queue)
        except StytrError as error:
            sentence = str(error)
        except Exception:
            log.exception("The render queue failed")
            sentence = self.tr("Something went wrong inside the program; the log has the details.")
        if sentence and (wish != self._tell or sentence != self._said):  # what lasts is said once
            self.failed.emit(sentence)
        if wish == self._tell:
            self._said = sentence

    def _tell(self, queue: Queue) -> None:
        entries = queue.entries()
        found = entries, forecast(entries), queue.runner()
        if found != self._last:
            self._last = found
            self.looked.emit(*found)

    def _hear(self) -> None:
        process = self._process
        while process is not None and process.canReadLine():
            with suppress(ValueError):
                event = json.loads(process.readLine().data())
                if isinstance(event, dict) and event.get("event") in {"warning", "error"}:
                    self.failed.emit(str(event.get("message", "")))

    def _end(self) -> None:
        process = self._process
        if process is None:
            return
        if process.error() == QProcess.ProcessError.FailedToStart:
            self.failed.emit(self.tr("The process that renders could not be started; install the program again."))
        elif process.exitStatus() == QProcess.ExitStatus.CrashExit:
            self.failed.emit(self.tr("The process that renders was ended; start the queue again to go on."))
        self._forget()

    def _forget(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        self.running.emit(False)
