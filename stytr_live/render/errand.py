"""What a process does that was started to paint: it is given segments through a pipe, and tells of them there."""

from __future__ import annotations

import logging
import os
import pickle
import signal
import sys
import traceback
import warnings
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Protocol

from stytr_live.errors import StytrError
from stytr_live.render.order import Failed, Started
from stytr_live.render.worker import Worker

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from stytr_live.render.executor import Load
    from stytr_live.render.order import Event, Order, Paints
    from stytr_live.render.plan import Segment


@dataclass(frozen=True, slots=True)
class Idle:
    """It has nothing to do."""


@dataclass(frozen=True, slots=True)
class More:
    """It has read its segment and wants the next: a segment, or None where there is none for it now."""


@dataclass(frozen=True, slots=True)
class Said:
    """It warns of something."""

    message: str


@dataclass(frozen=True, slots=True)
class Stop:
    """It cannot paint at all."""

    error: Exception


class Line(Protocol):
    """The way to who gives out segments."""

    @property
    def given(self) -> SimpleQueue[Segment | None]:
        """Segments to paint; None answers `More` where there is none for now."""
        ...

    def tell(self, said: Event | Idle | More | Said | Stop) -> None:
        """Tell something; for any thread."""
        ...


class _Pipe:
    """The pipe to who started this process. When that one ends, however it ends, so does this process."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._lock = connection, Lock()
        self.given: SimpleQueue[Segment | None] = SimpleQueue()
        Thread(target=self._listen, name="listen", daemon=True).start()

    def tell(self, said: Event | Idle | More | Said | Stop) -> None:
        """Tell something; for any thread."""
        if isinstance(said, Failed):
            said = Failed(said.number, sendable(said.error))
        elif isinstance(said, Stop):
            said = Stop(sendable(said.error))
        try:
            with self._lock:
                self._connection.send(said)
        except OSError:
            os._exit(1)

    def _listen(self) -> None:
        try:
            while True:
                self.given.put(self._connection.recv())
        except (EOFError, OSError):
            os._exit(1)  # at once: what is begun is nobody's any more


class Forward(logging.Handler):
    """Tells what is logged, from warnings on."""

    def __init__(self, line: Line) -> None:
        super().__init__(logging.WARNING)
        self._line = line

    def emit(self, record: logging.LogRecord) -> None:
        """Tell it."""
        self._line.tell(Said(record.getMessage()))


def errand(connection: Connection, order: Order, load: Load) -> None:
    """Paint the segments that come through a pipe, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; who started this one ends it
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # libraries speak to programmers
    line = _Pipe(connection)
    logger = logging.getLogger("stytr_live")
    logger.addHandler(Forward(line))
    logger.propagate = False
    try:
        painter = load(order)
        line.tell(Started(painter.device))
        while True:
            paint_segments(order, painter, line)
            line.tell(Idle())
    except Exception as error:  # noqa: BLE001  (told, and raised there)
        line.tell(Stop(error))


def paint_segments(order: Order, painter: Paints, line: Line) -> None:
    """Wait for a segment, and paint it and those that follow at once."""
    first: list[Segment | None] = [line.given.get()]

    def take() -> Segment | None:
        if first:
            return first.pop()
        line.tell(More())
        return line.given.get()

    worker = Worker(order, painter, take, line.tell)
    worker.start()
    worker.wait()


def sendable(error: Exception) -> Exception:
    """An error as another process can have it; where it came from goes along as a note."""
    if not isinstance(error, StytrError):
        error.add_note("".join(traceback.format_exception(error)))
    try:
        again = pickle.loads(pickle.dumps(error))  # noqa: S301  (our own)
    except Exception:  # noqa: BLE001  (whatever a foreign class does)
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error if type(again) is type(error) else RuntimeError(str(error))
