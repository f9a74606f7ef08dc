"""Workers on the machines of a Ray cluster.

Each machine that is in the cluster, or joins it while a video is painted, gets a worker for each of its GPUs, or where
it has none for every few of its cores. What travels are names of files and times of segments; pixels are read and
written where they are, so all machines see the video and the folder of its parts under the same path.
"""

from __future__ import annotations

import logging
import os
import socket
import time
import traceback
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from stytr_live.errors import BackendError, SinkError, SourceError, StytrError
from stytr_live.render.errand import Forward, Idle, More, Said, Stop, paint_segments, sendable
from stytr_live.render.executor import TICK
from stytr_live.render.job_file import absolute
from stytr_live.render.order import Failed, Finished, Started

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from stytr_live.render.executor import Load
    from stytr_live.render.order import Event, Order
    from stytr_live.render.plan import Segment

log = logging.getLogger(__name__)

INSTALL = "pip install stytr-live[cluster]"
TRIES = 3
"""How often a segment is tried, on different machines where there are several, before it is given up."""
DEATHS = 3
"""How many workers may end on a machine, one after the other, before they can paint; then it is left alone."""
CORES = 4
"""Most cores of a worker that has no GPU: more of them paint little faster."""
MUSTER = 2.0
"""Seconds between two looks at which machines there are."""
KNOCK = 5.0
"""Seconds within which a cluster must answer."""
BLINK = 0.5
"""Seconds that a worker waits for something to tell before it says that there is nothing."""


class Cluster:
    """Paints on a Ray cluster. A worker or machine that is lost is replaced, and its segments are tried elsewhere."""

    def __init__(self, address: str, load: Load) -> None:
        """`address` is that of a cluster, `host:port`, or `auto`: the one that this machine is in, else a new one here.

        `load` makes the painter of a worker; it is a function of a module, for it is named to other machines.

        Raises:
            BackendError: Ray is not installed.
        """
        self._address, self._load, self._ray = address, load, _import()

    def run(self, order: Order, segments: Sequence[Segment]) -> Generator[Event | None]:
        """Paint segments; see `Executor`."""
        order = replace(order, job=absolute(order.job), parts=order.parts.resolve())
        token = order.parts / f"seen-{uuid4().hex}.part"
        try:
            token.touch()
        except OSError as error:
            raise SinkError(f"'{order.parts}' cannot be written: {error.strerror or error}.") from error
        try:
            with _connected(self._ray, self._address):
                yield from _Round(self._ray, order, self._load, token).run(segments)
        finally:
            with suppress(OSError):
                token.unlink(missing_ok=True)


class Hand:
    """A worker, as an actor of Ray's: paints the segments that it is given, and tells of them when asked."""

    def __init__(self, order: Order, load: Load, token: Path, machine: str) -> None:
        """`token` is a file in the folder of the parts, which only those find who see that very folder."""
        self.given: SimpleQueue[Segment | None] = SimpleQueue()
        self._news: SimpleQueue[object] = SimpleQueue()
        Thread(target=self._work, args=(order, load, token, machine), name="hand", daemon=True).start()

    def give(self, segment: Segment | None) -> None:
        """Give it a segment; None where there is none for now."""
        self.given.put(segment)

    def news(self) -> list[object]:
        """What it has to tell: events and what `errand` knows besides; it waits for a moment where there is nothing."""
        told: list[object] = []
        with suppress(Empty):
            told.append(self._news.get(timeout=BLINK))
            while True:
                told.append(self._news.get_nowait())
        return told

    def tell(self, said: object) -> None:
        """Tell something; for any thread."""
        if isinstance(said, Failed):
            said = Failed(said.number, sendable(said.error))
        self._news.put(said)

    def _work(self, order: Order, load: Load, token: Path, machine: str) -> None:
        handler = Forward(self)
        logger = logging.getLogger("stytr_live")
        logger.addHandler(handler)
        try:
            for path in (order.job.input, token):
                if not path.exists():
                    raise SourceError(
                        f"the machine {machine} does not see '{path if path != token else order.parts}'; "
                        "put input and output on storage that all machines have under the same path"
                    )
            painter = load(order)
            self.tell(Started(painter.device))
            while True:
                paint_segments(order, painter, self)
                self.tell(Idle())
        except Exception as error:  # noqa: BLE001  (told, and raised there)
            self.tell(Stop(sendable(error)))


@dataclass(frozen=True, slots=True)
class _Machine:
    """A machine of the cluster."""

    id: str
    name: str
    workers: int
    """How many it has room for."""
    needs: dict[str, float]
    """What each of them takes, as Ray's options have it."""

    @classmethod
    def of(cls, node: dict[str, Any]) -> _Machine:
        """From what Ray says of it."""
        cores, gpus = int(node["Resources"].get("CPU", 0)), int(node["Resources"].get("GPU", 0))
        if gpus:
            return cls(node["NodeID"], node["NodeManagerHostname"], gpus, {"num_gpus": 1, "num_cpus": 0})
        each = max(1, min(CORES, cores))
        return cls(node["NodeID"], node["NodeManagerHostname"], cores // each, {"num_cpus": each})


@dataclass(eq=False)
class _Actor:
    """A worker and what it has to do."""

    handle: Any
    machine: _Machine
    news: Any
    """Ray's promise of what it tells next."""
    segments: list[Segment] = field(default_factory=list)
    """Given and not yet done, the oldest first."""
    waits: bool = True
    ready: bool = False


class _Round:
    """One time that segments are painted."""

    def __init__(self, ray: Any, order: Order, load: Load, token: Path) -> None:
        self._ray, self._order, self._load, self._token = ray, order, load, token
        self._actors: list[_Actor] = []
        self._left: deque[Segment] = deque()
        self._tries: dict[int, list[str]] = {}  # number of a segment → machines that failed at it
        self._open: set[int] = set()
        self._deaths: dict[str, int] = {}  # of workers of a machine, one after the other, before they could paint
        self._refusals: dict[str, Exception] = {}  # of machines that cannot paint
        self._told: set[str] = set()
        self._looked = float("-inf")
        self._started = False

    def run(self, segments: Sequence[Segment]) -> Generator[Event | None]:
        self._left.extend(sorted(segments, key=lambda segment: -(segment.frames or 0)))
        self._open = {segment.number for segment in segments}
        try:
            while self._open:
                self._muster()
                by_news = {actor.news: actor for actor in self._actors}
                done, _ = self._ray.wait(list(by_news), timeout=TICK) if by_news else ([], [])
                if not by_news:
                    time.sleep(TICK)
                for promise in done:
                    yield from self._listen(by_news[promise])
                yield None
        finally:
            for actor in self._actors:
                self._dismiss(actor)

    def _muster(self) -> None:
        """Hire on machines that have room, and give up where none can paint.

        Raises:
            StytrError: no machine can paint.
        """
        now = time.monotonic()
        if now - self._looked < MUSTER:
            return
        self._looked = now
        machines = [_Machine.of(node) for node in self._ray.nodes() if node["Alive"]]
        for machine in machines:
            if machine.id in self._refusals:
                continue
            here = sum(actor.machine.id == machine.id for actor in self._actors)
            wanted = len(self._open) - len(self._actors)
            for _ in range(min(machine.workers - here, wanted)):
                self._hire(machine)
        if not self._actors and self._refusals and all(machine.id in self._refusals for machine in machines):
            first = next(iter(self._refusals.values()))
            if isinstance(first, StytrError):
                raise type(first)(f"No machine of the cluster can paint: {str(first).rstrip('.')}.") from first
            raise first

    def _hire(self, machine: _Machine) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        cores = machine.needs["num_cpus"]
        order = replace(self._order, threads=self._order.threads or int(cores) or None)
        kind = self._ray.remote(Hand).options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(machine.id, soft=False),
            max_concurrency=2,  # it is given segments while it is asked for news
            **machine.needs,
        )
        handle = kind.remote(order, self._load, self._token, machine.name)
        self._actors.append(_Actor(handle, machine, handle.news.remote()))

    def _listen(self, actor: _Actor) -> Iterator[Event]:
        """What a worker has to say; its end too."""
        try:
            told = self._ray.get(actor.news)
        except self._ray.exceptions.RayError as error:
            yield from self._bury(actor, error)
            return
        actor.news = actor.handle.news.remote()
        for said in told:
            yield from self._hear(actor, said)

    def _hear(self, actor: _Actor, said: object) -> Iterator[Event]:
        if isinstance(said, Said):
            if said.message not in self._told:  # workers that load the same thing say the same
                self._told.add(said.message)
                log.warning("%s", said.message)
        elif isinstance(said, Stop):
            self._refuse(actor, said.error)
        elif isinstance(said, Started):
            actor.ready = True
            self._deaths.pop(actor.machine.id, None)
            self._give(actor)
            if not self._started:
                self._started = True
                yield said
        elif isinstance(said, Idle):
            actor.waits = True
            self._give(actor)
        elif isinstance(said, More):
            self._give_more(actor)
        elif isinstance(said, Finished | Failed):
            yield from self._settle(actor, said)
        else:
            yield said  # type: ignore[misc]

    def _settle(self, actor: _Actor, said: Finished | Failed) -> Iterator[Event]:
        """A segment is done, or was not done."""
        if isinstance(said, Failed):
            lost = self._done(actor, said.number)
            if lost is not None:
                yield from self._again(actor, lost, said.error)
            return
        self._done(actor, said.part.number)
        if said.part.number in self._open:
            self._open.discard(said.part.number)
            yield said

    def _done(self, actor: _Actor, number: int) -> Segment | None:
        """Take a segment from a worker."""
        found = next((segment for segment in actor.segments if segment.number == number), None)
        if found is not None:
            actor.segments.remove(found)
        return found

    def _again(self, actor: _Actor, segment: Segment, error: Exception) -> Iterator[Event]:
        """Have a segment that was not done tried once more, or give it up."""
        machines = self._tries.setdefault(segment.number, [])
        machines.append(actor.machine.name)
        if len(machines) < TRIES and not isinstance(error, SinkError):  # a full disk is the same one everywhere
            self._left.append(segment)
            for other in self._actors:
                self._give(other)
            return
        log.warning("%s was tried on %s and could not be painted.", segment, ", ".join(machines))
        log.info("%s", "".join(traceback.format_exception(error)))
        self._open.discard(segment.number)
        yield Failed(segment.number, error)

    def _give(self, actor: _Actor) -> None:
        """Give a worker that waits a segment; rather one at which its machine has not failed."""
        if not (self._left and actor.waits and actor.ready):
            return
        fresh = (s for s in self._left if actor.machine.name not in self._tries.get(s.number, ()))
        segment = next(fresh, self._left[0])
        self._left.remove(segment)
        actor.segments.append(segment)
        actor.waits = False
        actor.handle.give.remote(segment)

    def _give_more(self, actor: _Actor) -> None:
        """Give a worker that has read its segment the next one, unless one of them has to be alone, or others wait."""
        suspect = any(segment.number in self._tries for segment in actor.segments)
        if suspect or not self._left or self._left[0].number in self._tries:
            actor.handle.give.remote(None)
            return
        segment = self._left.popleft()
        actor.segments.append(segment)
        actor.handle.give.remote(segment)

    def _bury(self, actor: _Actor, error: Exception) -> Iterator[Event]:
        """A worker or its machine is lost: have its segments tried elsewhere."""
        self._dismiss(actor)
        self._actors.remove(actor)
        machine = actor.machine
        reason = BackendError(f"the worker on {machine.name} was lost ({_first_line(error)})")
        if not actor.ready:
            deaths = self._deaths[machine.id] = self._deaths.get(machine.id, 0) + 1
            if deaths >= DEATHS:
                self._refusals[machine.id] = reason
        for segment in actor.segments:
            yield from self._again(actor, segment, reason)
        self._looked = float("-inf")  # another is hired at once

    def _refuse(self, actor: _Actor, error: Exception) -> None:
        """A worker cannot paint at all: its machine is left alone."""
        self._dismiss(actor)
        self._actors.remove(actor)
        if actor.machine.id not in self._refusals:
            self._refusals[actor.machine.id] = error
            log.warning("%s is left out: %s.", actor.machine.name, str(error).rstrip("."))
        self._left.extendleft(actor.segments)
        self._looked = float("-inf")

    def _dismiss(self, actor: _Actor) -> None:
        """End a worker; what it has begun is lost."""
        with suppress(Exception):  # it may be gone already
            self._ray.kill(actor.handle)


@contextmanager
def _connected(ray: Any, address: str) -> Iterator[None]:
    """Be in a cluster; one that this process was in before is used, and stays."""
    if ray.is_initialized():
        yield
        return
    _knock(address)
    options = {"log_to_driver": False, "logging_level": logging.CRITICAL, "configure_logging": False}
    try:
        try:
            ray.init(address=address, **options)
        except ConnectionError:
            if address != "auto":
                raise
            log.warning("This machine is in no Ray cluster, so one is started on it for as long as this takes.")
            ray.init(include_dashboard=False, **options)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        raise BackendError(
            f"The Ray cluster '{address}' cannot be used ({_first_line(error)}); check that it runs with: ray status."
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raise BackendError where nobody answers at an address: Ray itself would wait for minutes."""
    host, _, port = address.rpartition(":")
    if address == "auto" or "://" in address:
        return
    try:
        with socket.create_connection((host.strip("[]"), int(port)), KNOCK):
            return
    except (OSError, ValueError) as error:
        raise BackendError(
            f"There is no Ray cluster at '{address}' ({_first_line(error)}); start one with: ray start --head."
        ) from error


def _import() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would call home
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # and speaks of its own future otherwise
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise BackendError(f"A cluster needs Ray; install it with: {INSTALL}.") from error
    logging.getLogger("ray").setLevel(logging.CRITICAL)  # what goes wrong is said in our own words
    return ray


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__
