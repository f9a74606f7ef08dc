"""Workers in processes of their own, on this machine."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

from stytr_live.errors import BackendError
from stytr_live.render.errand import Idle, More, Said, Stop, errand
from stytr_live.render.executor import TICK
from stytr_live.render.order import Failed, Finished, Started

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from stytr_live.render.executor import Load
    from stytr_live.render.order import Event, Order
    from stytr_live.render.plan import Segment

log = logging.getLogger(__name__)

TRIES = 3
"""How often a segment is tried whose worker dies, and how many workers in a row may die before they paint."""
PATIENCE = 5.0
"""Seconds that a worker gets to end when it is told to, before it is ended."""


@dataclass(eq=False)
class _Hand:
    """A worker and what it has to do."""

    process: multiprocessing.process.BaseProcess
    line: Connection
    segments: list[Segment] = field(default_factory=list)
    """Given and not yet done, the oldest first."""
    waits: bool = True
    """Whether it has nothing to do but to be given a segment."""
    ready: bool = False


class Processes:
    """Paints in several processes. One that dies is replaced, and its segments are tried again.

    Segments are given out by and by, the longest first; each worker asks for the next one as soon as it has read the
    one before. A segment on which a worker has died is given out alone, so that it is known who is to blame.
    """

    def __init__(self, workers: int, load: Load) -> None:
        """`load` makes the painter of a worker; it is a function of a module, for it is named to other processes."""
        self._workers, self._load = workers, load
        self._context = multiprocessing.get_context("spawn")

    def run(self, order: Order, segments: Sequence[Segment]) -> Generator[Event | None]:
        """Paint segments; see `Executor`."""
        yield from _Round(self._context, replace(order, threads=self._threads(order)), self._load).run(
            segments, min(self._workers, len(segments))
        )

    def _threads(self, order: Order) -> int:
        if order.threads is not None:
            return order.threads
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return max(1, cores // self._workers)


class _Round:
    """One time that segments are painted."""

    def __init__(self, context: multiprocessing.context.SpawnContext, order: Order, load: Load) -> None:
        self._context, self._order, self._load = context, order, load
        self._hands: list[_Hand] = []
        self._left: deque[Segment] = deque()
        self._tries: dict[int, int] = {}
        self._open: set[int] = set()  # numbers of segments that are neither done nor given up
        self._told: set[str] = set()
        self._deaths = 0  # of workers, one after the other, before they could paint
        self._started = False

    def run(self, segments: Sequence[Segment], workers: int) -> Generator[Event | None]:
        self._left.extend(sorted(segments, key=lambda segment: -(segment.frames or 0)))
        self._open = {segment.number for segment in segments}
        try:
            for _ in range(workers):
                self._hire()
            while self._open:
                busy = wait([hand.line for hand in self._hands], TICK)
                for hand in [hand for hand in self._hands if hand.line in busy]:
                    yield from self._listen(hand)
                yield None
        finally:
            self._dismiss()

    def _hire(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=errand, args=(theirs, self._order, self._load), daemon=True)
        try:
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()  # then the pipe ends when the worker does
        self._hands.append(_Hand(process, ours))

    def _listen(self, hand: _Hand) -> Iterator[Event]:
        """What a worker has to say; its end too."""
        try:
            while hand.line.poll():
                yield from self._hear(hand, hand.line.recv())
        except (EOFError, OSError):
            yield from self._bury(hand)

    def _hear(self, hand: _Hand, said: object) -> Iterator[Event]:
        if isinstance(said, Said):
            if said.message not in self._told:  # workers that load the same thing say the same
                self._told.add(said.message)
                log.warning("%s", said.message)
            return
        if isinstance(said, Stop):
            raise said.error
        if isinstance(said, Started):
            hand.ready, self._deaths = True, 0
            self._give(hand)
            if not self._started:
                self._started = True
                yield said
        elif isinstance(said, Idle):
            hand.waits = True
            self._give(hand)
        elif isinstance(said, More):
            self._give_more(hand)
        elif isinstance(said, Finished | Failed):
            number = said.part.number if isinstance(said, Finished) else said.number
            hand.segments = [segment for segment in hand.segments if segment.number != number]
            if number in self._open:
                self._open.discard(number)
                yield said
        else:
            yield said  # type: ignore[misc]

    def _give(self, hand: _Hand) -> None:
        """Give a worker that waits a segment, if there is one."""
        if self._left and hand.waits and hand.ready:
            segment = self._left.popleft()
            hand.segments.append(segment)
            hand.waits = False
            _send(hand, segment)

    def _give_more(self, hand: _Hand) -> None:
        """Give a worker that has read its segment the next one, unless one of them has to be alone."""
        suspect = any(segment.number in self._tries for segment in hand.segments)
        if suspect or not self._left or self._left[0].number in self._tries:
            _send(hand, None)
            return
        segment = self._left.popleft()
        hand.segments.append(segment)
        _send(hand, segment)

    def _bury(self, hand: _Hand) -> Iterator[Event]:
        """A worker has died: give its segments to another, and name those that were tried often enough."""
        self._hands.remove(hand)
        hand.line.close()
        hand.process.join(PATIENCE)
        error = BackendError(f"the process that painted it ended ({_reason(hand.process.exitcode)})")
        hand.process.close()
        if not hand.ready:
            self._deaths += 1
            if self._deaths >= TRIES:
                raise BackendError(f"The processes that paint end before they begin: {error}.")
        for segment in hand.segments:
            tries = self._tries[segment.number] = self._tries.get(segment.number, 0) + 1
            if tries < TRIES:
                self._left.append(segment)
            else:
                self._open.discard(segment.number)
                yield Failed(segment.number, error)
        if self._open:
            self._hire()
        for other in self._hands:
            self._give(other)

    def _dismiss(self) -> None:
        """End all workers; what they have begun is lost."""
        for hand in self._hands:
            hand.line.close()  # they notice
        for hand in self._hands:
            hand.process.join(PATIENCE)
            if hand.process.is_alive():
                hand.process.kill()
                hand.process.join()
            hand.process.close()
        self._hands.clear()


def _send(hand: _Hand, segment: Segment | None) -> None:
    with suppress(OSError):  # it has died; that is heard of next
        hand.line.send(segment)


def _reason(code: int | None) -> str:
    """Why a process ended."""
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"{name}; perhaps there is too little memory for so many workers" if name == "SIGKILL" else name
