"""The files of the render queue: an order, and a folder for each entry.

```
order.json      the numbers of the entries, and the number of the next one
7/job.toml      what to render
7/state.json    what became of it so far
7/preview.jpg   the frame painted last
lock            held while any of these is read or changed
runner          held by the process that works the queue off
```
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from stytr_live.errors import StytrError
from stytr_live.render import job_file
from stytr_live.render.lock import Lock, Locked
from stytr_live.render.queue_entry import LARGEST, Entry, State, Status, now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from stytr_live.render.job import RenderJob

log = logging.getLogger(__name__)

LOOK = 0.01
"""Seconds between two tries to get the files."""
PATIENCE = 10.0
"""Seconds that another process may hold the files, which it does for milliseconds."""
MOST = 10_000
"""Entries that a queue may have."""
_Stamp = tuple[tuple[int, int, int], ...]


class QueueFolder:
    """Reads and writes the files of a queue. All but `locked` is for the holder of the lock."""

    def __init__(self, path: Path, tell: Callable[[str], object]) -> None:
        """`tell` is told, in sentences, of what was damaged and set aside."""
        self.path, self._tell = path, tell
        self._known: dict[int, tuple[_Stamp, Entry]] = {}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the files, so that no other process reads or changes them meanwhile.

        Raises:
            StytrError: the folder cannot be used, or another process holds it for long.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = self._lock()
            try:
                yield
            finally:
                lock.release()
        except OSError as error:
            raise StytrError(f"The queue '{self.path}' cannot be used: {error.strerror or error}.") from error

    def _lock(self) -> Lock:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return Lock(self.path / "lock")
            except Locked as error:
                if time.monotonic() >= end:
                    raise StytrError(
                        f"Process {error} holds the queue '{self.path}'; try again, or end that process."
                    ) from error
            time.sleep(LOOK)

    def order(self) -> tuple[list[int], int]:
        """The numbers of the entries in their order, and the next number. What is damaged is made anew."""
        path = self.path / "order.json"
        try:
            table = json.loads(_read(path))
            order, following = table["order"], table["next"]
            if not all(_is_number(n) for n in (*order, following)) or len(order) > MOST:
                raise ValueError("it has no numbers")
        except FileNotFoundError:
            found = self._folders()
            return found, max(found, default=0) + 1
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            found = self._folders()
            self._aside(path, path.with_suffix(".damaged.json"), "The order of the queue", error)
            self.keep_order(found, max(found, default=0) + 1)
            return found, max(found, default=0) + 1
        return list(dict.fromkeys(order)), max(following, *order) if order else following

    def keep_order(self, order: Sequence[int], following: int) -> None:
        """Write the order, whole or not at all."""
        _write(self.path / "order.json", json.dumps({"order": list(order), "next": following}))

    def read(self, number: int) -> Entry | None:
        """An entry; None where its job is missing, or is damaged and was set aside."""
        folder = self.path / str(number)
        job, state = folder / "job.toml", folder / "state.json"
        stamp = (_stamp(job), _stamp(state))
        known = self._known.get(number)
        if known is not None and known[0] == stamp:
            return known[1]
        try:
            entry = Entry(number, job_file.loads(_read(job), job), self._status(state, number), folder)
        except FileNotFoundError:
            return None
        except (ValueError, StytrError) as error:
            self._aside(folder, self.path / f"damaged-{number}", f"Entry {number} of the queue", error)
            return None
        self._known[number] = ((_stamp(job), _stamp(state)), entry)
        return entry

    def create(self, number: int, job: RenderJob, status: Status) -> Entry:
        """Write a new entry."""
        folder = self.path / str(number)
        shutil.rmtree(folder, ignore_errors=True)  # what a process that was killed left
        folder.mkdir()
        entry = Entry(number, job, status, folder)
        _write(folder / "job.toml", job_file.dumps(job))
        self.write(entry, status)
        return entry

    def write(self, entry: Entry, status: Status) -> None:
        """Write what became of an entry, whole or not at all."""
        _write(entry.folder / "state.json", status.text())

    def delete(self, number: int) -> None:
        """Remove an entry's files."""
        self._known.pop(number, None)
        shutil.rmtree(self.path / str(number), ignore_errors=True)

    def sweep(self, order: Sequence[int]) -> None:
        """Remove what processes that were killed left: entries that never came into the order."""
        for number in set(self._folders()) - set(order):
            self.delete(number)

    def _status(self, path: Path, number: int) -> Status:
        try:
            return Status.read(_read(path))
        except FileNotFoundError as error:
            reason: Exception = error
        except (ValueError, TypeError, RecursionError) as error:
            reason = error
        sentence = f"What became of entry {number} could not be read; retry it, or remove it."
        self._aside(path, path.with_suffix(".damaged.json"), f"The state of entry {number} of the queue", reason)
        status = Status(State.FAILED, ended=now(), error=sentence)
        with suppress(FileNotFoundError):  # the entry is being removed by hand
            _write(path, status.text())
        return status

    def _folders(self) -> list[int]:
        names = (p.name for p in self.path.iterdir() if p.is_dir()) if self.path.is_dir() else ()
        return sorted(int(name) for name in names if name.isascii() and name.isdigit() and len(name) < 10)[:MOST]

    def _aside(self, path: Path, target: Path, what: str, error: Exception) -> None:
        if target.is_dir():
            shutil.rmtree(target, ignore_errors=True)
        with suppress(FileNotFoundError):
            path.replace(target)
        log.info("%s could not be read: %s", what, error)
        self._tell(f"{what} could not be read and was set aside as '{target}'.")


def _read(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError("it is too large")
    return data.decode()


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, "utf-8")
    part.replace(path)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 31
