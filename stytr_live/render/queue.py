"""The render queue: jobs that are done one after the other, by any process, while others add and change them."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from stytr_live.errors import SettingsError, SinkError, StytrError
from stytr_live.render.lock import Lock, Locked
from stytr_live.render.naming import PICTURES
from stytr_live.render.queue_entry import OPEN, Entry, State, Status, now
from stytr_live.render.queue_folder import MOST, QueueFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from stytr_live.render.job import Progress, RenderJob

_ALLOWED = {
    State.PAUSED: (State.WAITING, State.RUNNING),
    State.CANCELLED: (State.WAITING, State.RUNNING, State.PAUSED),
}
_DOES = {State.PAUSED: "be paused", State.CANCELLED: "be cancelled"}


def default_folder() -> Path:
    """Where this user's queue is."""
    return platformdirs.user_state_path("stytr-live", appauthor=False) / "queue"


class Queue:
    """The queue in a folder. Several processes and threads may use it at once; each call is whole by itself.

    All methods raise `StytrError` where the folder cannot be used, and `SettingsError` where there is no such entry
    or it is in no state for what is wanted; then nothing is changed.
    """

    def __init__(self, folder: Path | None = None, *, tell: Callable[[str], object] = lambda _: None) -> None:
        """`tell` is told, in sentences, of files that were damaged and set aside."""
        self.path = folder or default_folder()
        self._files = QueueFolder(self.path, tell)

    # For everybody

    def entries(self) -> list[Entry]:
        """All entries in their order. What a runner left behind that was killed waits to be gone on with."""
        if not self.path.is_dir():
            return []
        with self._files.locked():
            found, alive = self._all(), self._runner() is not None
        return found if alive else [_left(entry) for entry in found]

    def runner(self) -> int | None:
        """The process that works the queue off, 0 where that is not known; None where none does."""
        if not self.path.is_dir():
            return None
        with self._files.locked():
            found = self._runner()
        return None if found is None else int(found) if found.isdigit() else 0

    def add(self, jobs: Sequence[RenderJob], totals: Sequence[int | None] = ()) -> list[Entry]:
        """Put jobs at the end, with the numbers of frames they will have, where known; all of them or none.

        Raises:
            SinkError: an output is that of another job, or is to be made by an entry that is still to be done.
            SettingsError: there are too many entries.
        """
        with self._files.locked():
            order, following = self._files.order()
            if len(order) + len(jobs) > MOST:
                raise SettingsError(f"A queue has at most {MOST} entries; remove some first.")
            makers: dict[Path, str] = {
                e.job.output.resolve(): f"entry {e.id} of the queue" for e in self._all() if e.state in OPEN
            }
            for job in jobs:
                target = job.output.resolve()
                if target in makers:
                    raise SinkError(
                        f"'{job.output}' would be written for '{job.input}' and for {makers[target]}; "
                        "choose another name for one of them."
                    )
                makers[target] = f"'{job.input}'"
            wanted = [*totals, *[None] * (len(jobs) - len(totals))]
            made = [
                self._files.create(following + i, job, Status(added=now(), total=total))
                for i, (job, total) in enumerate(zip(jobs, wanted, strict=True))
            ]
            self._files.keep_order([*order, *(entry.id for entry in made)], following + len(made))
        return made

    def pause(self, numbers: Iterable[int]) -> list[Entry]:
        """Set entries aside that wait or run, until they are resumed; what is painted is kept."""
        return self._change(numbers, State.PAUSED)

    def cancel(self, numbers: Iterable[int]) -> list[Entry]:
        """Give entries up that are not done, and what is painted of them."""
        given_up = self._change(numbers, State.CANCELLED)
        for entry in given_up:
            discard(entry)
        return given_up

    def resume(self, numbers: Iterable[int]) -> list[Entry]:
        """Let entries wait again that are paused."""
        return self._again(numbers, (State.PAUSED,), "be resumed")

    def retry(self, numbers: Iterable[int]) -> list[Entry]:
        """Let entries wait again that failed or were cancelled."""
        return self._again(numbers, (State.FAILED, State.CANCELLED), "be retried")

    def remove(self, numbers: Iterable[int]) -> None:
        """Take entries out of the queue; one that runs is ended. Outputs stay."""
        with self._files.locked():
            order, following = self._files.order()
            gone = {number: self._known(number, order) for number in numbers}
            self._files.keep_order([n for n in order if n not in gone], following)
            for number in gone:
                self._files.delete(number)
        for entry in gone.values():
            if entry.state is not State.DONE:
                discard(entry)

    def clear(self) -> list[int]:
        """Take out what is done; the numbers of what was."""
        with self._files.locked():
            order, following = self._files.order()
            gone = [entry.id for entry in self._all() if entry.state is State.DONE]
            self._files.keep_order([n for n in order if n not in gone], following)
            for number in gone:
                self._files.delete(number)
        return gone

    def move(self, number: int, place: int) -> None:
        """Put an entry at a place in the order, counted from 1; beyond the ends is at the end."""
        with self._files.locked():
            order, following = self._files.order()
            self._known(number, order)
            order.remove(number)
            order.insert(max(0, place - 1), number)
            self._files.keep_order(order, following)

    # For the one process that works it off

    @contextmanager
    def run(self) -> Iterator[None]:
        """Be the runner; entries that one before left behind, which was killed, wait again.

        Raises:
            SettingsError: another process is the runner.
        """
        with self._files.locked():
            try:
                lock = Lock(self.path / "runner")
            except Locked as error:
                raise SettingsError(f"The queue is being worked off already, by process {error}.") from error
            self._files.sweep(self._files.order()[0])
            self._let_go()
        try:
            yield
        finally:
            with suppress(StytrError), self._files.locked():
                self._let_go()
            lock.release()

    def take(self, work: Path | None = None) -> Entry | None:
        """The first entry that waits, which runs from now on; None where none does.

        What is painted of it will be kept in the folder `work`, or else beside the output.
        """
        with self._files.locked():
            for entry in self._all():
                if entry.state is State.WAITING:
                    status = replace(entry.status, state=State.RUNNING, started=now(), ended="", remaining=None,
                                     work="" if work is None else str(work))  # fmt: skip
                    return self._write(entry, status)
        return None

    def wanted(self, number: int, progress: Progress | None = None) -> State | None:
        """Keep how far the running entry is. Gives back its state, which others change; None where it was removed."""
        with self._files.locked():
            entry = self._entry(number)
            if entry is not None and entry.state is State.RUNNING and progress is not None:
                p = progress
                self._write(entry, replace(entry.status, frames=p.frames, total=p.total, fps=p.fps, elapsed=p.elapsed,
                                           remaining=p.remaining))  # fmt: skip
        return None if entry is None else entry.state

    def end(self, number: int, state: State, **values: object) -> None:
        """Say what became of the running entry: `values` are fields of its status.

        What is done is done, even where it was meanwhile to be cancelled.
        """
        with self._files.locked():
            entry = self._entry(number)
            if entry is not None and (state is State.DONE or entry.state is State.RUNNING):
                status = replace(entry.status, state=state, ended=now(), remaining=None, **values)  # type: ignore[arg-type]
                self._write(entry, status)

    # Under the lock

    def _all(self) -> list[Entry]:
        order, following = self._files.order()
        found = [(number, self._files.read(number)) for number in order]
        if any(entry is None for _, entry in found):
            self._files.keep_order([number for number, entry in found if entry is not None], following)
        return [entry for _, entry in found if entry is not None]

    def _entry(self, number: int) -> Entry | None:
        return self._files.read(number) if number in self._files.order()[0] else None

    def _known(self, number: int, order: Sequence[int]) -> Entry:
        entry = self._files.read(number) if number in order else None
        if entry is None:
            raise SettingsError(
                f"There is no entry {number} in the queue; `stytr-live queue list` shows what there is."
            )
        return entry

    def _write(self, entry: Entry, status: Status) -> Entry:
        self._files.write(entry, status)
        return replace(entry, status=status)

    def _change(self, numbers: Iterable[int], state: State) -> list[Entry]:
        with self._files.locked():
            chosen = self._chosen(numbers, _ALLOWED[state], _DOES[state])
            ended = now() if state is State.CANCELLED else ""
            return [self._write(e, replace(e.status, state=state, ended=ended, remaining=None)) for e in chosen]

    def _again(self, numbers: Iterable[int], states: tuple[State, ...], what: str) -> list[Entry]:
        with self._files.locked():
            chosen = self._chosen(numbers, states, what)
            others = {e.job.output.resolve(): e.id for e in self._all() if e.state in OPEN}
            for entry in chosen:
                other = others.setdefault(entry.job.output.resolve(), entry.id)
                if other != entry.id:
                    raise SinkError(f"Entries {entry.id} and {other} would both write '{entry.job.output}'.")
            fresh = [replace(Status(), added=e.status.added, started=e.status.started, total=e.status.total,
                             work=e.status.work) for e in chosen]  # fmt: skip
            return [self._write(entry, status) for entry, status in zip(chosen, fresh, strict=True)]

    def _chosen(self, numbers: Iterable[int], states: tuple[State, ...], what: str) -> list[Entry]:
        order = self._files.order()[0]
        chosen = [self._known(number, order) for number in dict.fromkeys(numbers)]
        for entry in chosen:
            if entry.state not in states:
                raise SettingsError(
                    f"Entry {entry.id} is {entry.state}; only what is {' or '.join(states)} can {what}."
                )
        return chosen

    def _runner(self) -> str | None:
        """The process that runs. No other looks meanwhile, so that a new runner is never kept out by a look."""
        if not (self.path / "runner").exists():
            return None
        try:
            Lock(self.path / "runner").release()
        except Locked as error:
            return str(error)
        return None

    def _let_go(self) -> None:
        for entry in self._all():
            if entry.state is State.RUNNING:
                self._write(entry, _left(entry).status)


def _left(entry: Entry) -> Entry:
    """An entry that nobody works at any more."""
    if entry.state is not State.RUNNING:
        return entry
    return replace(entry, status=replace(entry.status, state=State.WAITING, remaining=None))


def discard(entry: Entry) -> None:
    """Remove what is kept of an unfinished video, unless a process is at it."""
    if entry.job.input.is_dir() or entry.job.input.suffix.lower() in PICTURES or not entry.status.started:
        return
    from stytr_live.render.folder import WorkFolder

    with suppress(StytrError):
        WorkFolder(entry.job, Path(entry.status.work) if entry.status.work else None).close(keep=False)


@dataclass(frozen=True, slots=True)
class Forecast:
    """How much there is to do."""

    entries: int
    """That wait or run."""
    remaining: float | None
    """Seconds for all of them, an estimate; None where nobody knows."""


def forecast(entries: Sequence[Entry]) -> Forecast:
    """How long what waits and runs will take: at the speed of late of entries like each, else of any."""
    speeds: dict[object, float] = {}
    for entry in sorted(entries, key=lambda e: e.status.started):
        if entry.status.fps > 0:
            speeds[_kind(entry.job)] = speeds[None] = entry.status.fps
    todo = [entry for entry in entries if entry.state in {State.WAITING, State.RUNNING}]
    seconds = 0.0
    for entry in todo:
        status, fps = entry.status, speeds.get(_kind(entry.job), speeds.get(None))
        if entry.state is State.RUNNING and status.remaining is not None:
            seconds += status.remaining
        elif status.total is None or fps is None:
            return Forecast(len(todo), None)
        else:
            seconds += max(0, status.total - status.frames) / fps
    return Forecast(len(todo), seconds)


def _kind(job: RenderJob) -> object:
    return job.network, job.short_side, job.tokens, job.device, job.precision, job.smoothing > 0
