"""Work the queue off: one entry after the other, each painted by a process beside this one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from stytr_live.render.job import Progress, Run
from stytr_live.render.queue import discard
from stytr_live.render.queue_entry import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.render.queue import Queue
    from stytr_live.render.queue_entry import Entry

LOOK = 0.25
"""Seconds between two looks at what others want of the entry that runs, and at new entries."""
KEEP = 0.5
"""Seconds between two notes in the queue of how far an entry is."""
GRACE = 3.0
"""Seconds that a worker gets to end in good order."""


def program() -> list[str]:
    """How this program is started as a process of its own."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "stytr_live"]


def work_off(queue: Queue, tell: Callable[..., object], *, run: Run | None = None, stay: bool = False) -> int:
    """Render what waits until nothing does, or for ever to `stay`; gives back how many entries failed.

    `run` is how each is carried out; all are gone on with where an earlier run of them ended.

    `tell(event, id=…, …)` hears of `started`, `progress`, `warning`, `done`, `failed`, and `left` for what another
    process paused, cancelled or removed. Whatever it raises, and a signal's exception, ends the entry that runs, which
    then waits again.

    Raises:
        SettingsError: another process works the queue off.
        StytrError: the queue cannot be used.
    """
    failed, worker, run = 0, None, run or Run()
    with queue.run():
        try:
            while (entry := queue.take(run.work)) is not None or stay:
                if entry is None:
                    time.sleep(LOOK)
                    continue
                if worker is None:
                    worker = _Worker()
                tell("started", id=entry.id, input=str(entry.job.input), output=str(entry.job.output))
                state = _Turn(queue, entry, tell).run(worker, run)
                failed += state is State.FAILED
                if not worker.idle:
                    worker.stop()
                    worker = None
                if state is None or state is State.CANCELLED:
                    discard(entry)
        except BaseException as error:
            if not isinstance(error, Exception):  # Ctrl-C, say
                error.add_note("What was being rendered waits in the queue, and is gone on with from there.")
            raise
        finally:
            if worker is not None:
                worker.stop()
    return failed


class _Turn:
    """The time in which a worker does an entry."""

    def __init__(self, queue: Queue, entry: Entry, tell: Callable[..., object]) -> None:
        self._queue, self._entry, self._tell = queue, entry, tell
        self._progress: Progress | None = None

    def run(self, worker: _Worker, how: Run) -> State | None:
        """Have it done, or left where another process wants that; its state then, None where it was removed."""
        worker.begin(self._entry, how)
        looked = kept = time.monotonic()
        while True:
            event = worker.event(LOOK)
            if event is not None:
                kind = event.pop("event")
                if kind in _ENDS:
                    return self._end(kind, event)
                self._hear(kind, event)
            now = time.monotonic()
            if now - looked >= LOOK:
                note = self._progress if now - kept >= KEEP else None
                looked, kept = now, kept if note is None else now
                state = self._queue.wanted(self._entry.id, note)
                if state is not State.RUNNING:
                    return self._leave(state)

    def _hear(self, kind: str, event: dict[str, Any]) -> None:
        if kind == "progress":
            self._progress = Progress(**event)
        if kind in {"progress", "warning"}:
            self._tell(kind, id=self._entry.id, **event)

    def _end(self, kind: str, event: dict[str, Any]) -> State | None:
        number, queue = self._entry.id, self._queue
        state = queue.wanted(number, self._progress)
        if kind == "result":
            queue.end(number, State.DONE, frames=event["frames"], elapsed=event["elapsed"], device=event["device"],
                      failures=tuple(event["failures"]))  # fmt: skip
            self._tell("done", id=number, **event)
            return State.DONE
        if state is not State.RUNNING:  # it was ended from outside and says so in its way
            return self._leave(state)
        if kind == "crashed":
            event = {"message": _died(event["code"]), "frame": None, "time": None}
        queue.end(number, State.FAILED, error=event["message"], frame=event["frame"], time=event["time"])
        self._tell("failed", id=number, input=str(self._entry.job.input), **event)
        return State.FAILED

    def _leave(self, state: State | None) -> State | None:
        self._tell("left", id=self._entry.id, state="removed" if state is None else str(state))
        return state


_ENDS = frozenset({"result", "failed", "crashed"})


def _died(code: int) -> str:
    if code == -9:
        return (
            "The process that painted it was ended by the system (signal 9), mostly for want of memory; close other "
            "programs or choose a smaller working size, and retry it."
        )
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"The process that painted it ended by itself ({how}); retry it, and report it to the project if it recurs."


class _Worker:
    """A process that paints one entry after the other. It ends when this one does, however that happens."""

    def __init__(self) -> None:
        group: dict[str, Any] = {"start_new_session": True}  # Ctrl-C is for this process, which ends that one
        if sys.platform == "win32":
            group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self._process = subprocess.Popen(  # noqa: S603  (ourselves)
            [*program(), "queue", "work"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **group,
        )
        self._events: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._thread = Thread(target=self._listen, name="queue worker", daemon=True)
        self._thread.start()
        self.idle = True
        """Whether it lives and has nothing to do."""

    def begin(self, entry: Entry, how: Run) -> None:
        """Let it do an entry."""
        self.idle = False
        order = {
            "folder": str(entry.folder),
            "workers": how.workers,
            "work": None if how.work is None else str(how.work),
        }
        assert self._process.stdin is not None
        with suppress(OSError):  # it died: an event says so
            self._process.stdin.write(f"{json.dumps(order)}\n".encode())
            self._process.stdin.flush()

    def event(self, patience: float) -> dict[str, Any] | None:
        """What it says next; None where it says nothing for so many seconds."""
        try:
            event = self._events.get(timeout=patience)
        except Empty:
            return None
        self.idle = event["event"] in {"result", "failed"}
        return event

    def stop(self) -> None:
        """End it, in good order where that is quick."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError):
            self._process.stdin.close()  # its sign to end
        try:
            self._process.wait(GRACE)
        except BaseException as error:
            self._process.kill()
            self._process.wait()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
        self._thread.join()
        self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with suppress(ValueError):  # a library may print to the terminal
                event = json.loads(line)
                if isinstance(event, dict) and isinstance(event.get("event"), str):
                    self._events.put(event)
        self._events.put({"event": "crashed", "code": self._process.wait()})
