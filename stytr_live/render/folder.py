"""Where an unfinished video is kept, so that it can be gone on with: the job, the plan, and the parts that are done.

```
.painted.mp4.stytr/     beside painted.mp4
    lock                held by the process that renders
    job.toml            the job, to be read by people
    plan.json           what the parts depend on, and the segments
    3f2a…/              the parts of exactly that plan
```
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from stytr_live.errors import SettingsError, SinkError
from stytr_live.render.identity import changes
from stytr_live.render.job_file import absolute, dumps
from stytr_live.render.lock import Lock, Locked
from stytr_live.render.part import FILM, Part
from stytr_live.render.plan import Segment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stytr_live.render.identity import Identity
    from stytr_live.render.job import RenderJob

log = logging.getLogger(__name__)

VERSION = 1
"""Of the plan; those of other versions are begun anew."""
_LOCK, _PLAN, _JOB = "lock", "plan.json", "job.toml"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a video is taken apart, and where its shots begin, in seconds from its first frame."""

    segments: tuple[Segment, ...]
    shots: tuple[Fraction, ...] = ()


class WorkFolder:
    """The folder of one output; while it is open, no other process renders to it.

    Raises:
        SinkError: it cannot be made, is something else, or another process has it.
    """

    def __init__(self, job: RenderJob, work: Path | None = None) -> None:
        self._job, self.path = job, _place(job.output, work)
        self.parts = self.path
        """Where parts are, once there is a plan."""
        try:
            self.path.mkdir(parents=work is not None, exist_ok=True)
            if not (self.path / _LOCK).exists() and any(self.path.iterdir()):
                raise SinkError(f"The folder '{self.path}' is in the way; rename it, or choose another with --work.")
            self._lock = Lock(self.path / _LOCK)
        except Locked as error:
            other = f" ({error})" if str(error) else ""
            raise SinkError(
                f"'{job.output}' is being rendered by another process{other}; wait for it, or choose another name."
            ) from error
        except OSError as error:
            raise self._failure(error) from error

    def plan(self, identity: Identity, make: Callable[[], Plan], *, resume: bool) -> Plan:
        """The plan that parts are there of, or else a new one; then what is left of another job is removed.

        Raises:
            SinkError: the folder cannot be written.
            StytrError: what `make` raises.
        """
        known = self._known(identity) if resume else None
        digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        try:
            if known is None:
                self._clear()
                known = make()
                table = {
                    "version": VERSION,
                    "identity": identity,
                    "shots": [str(shot) for shot in known.shots],
                    "segments": [segment.table() for segment in known.segments],
                }
                with suppress(SettingsError):  # a name that is no text cannot be read by people either
                    self._write(_JOB, dumps(absolute(self._job)))
                self._write(_PLAN, json.dumps(table))
            self.parts = self.path / digest[:16]
            self.parts.mkdir(exist_ok=True)
            for left in self.parts.glob("*.part*"):  # of processes that are no more
                left.unlink(missing_ok=True)
        except OSError as error:
            raise self._failure(error) from error
        return known

    def done(self, plan: Plan) -> dict[int, Part]:
        """The parts that are there and whole, by the numbers of their segments."""
        found = (Part.find(self.parts, segment.number) for segment in plan.segments)
        return {part.number: part for part in found if part is not None}

    @property
    def worth_keeping(self) -> bool:
        """Whether there is a part, so that something is lost without the folder."""
        return any(self.parts.glob(f"*{FILM}"))

    def close(self, *, keep: bool) -> None:
        """Let go of it, and remove it unless it is to be kept."""
        if not keep:
            with suppress(OSError):
                self._clear()
            if sys.platform == "win32":  # where what is open cannot be removed
                self._lock.release()
            with suppress(OSError):
                (self.path / _LOCK).unlink()  # before others may have it: then they see that it is gone
        self._lock.release()
        if not keep:
            with suppress(OSError):
                self.path.rmdir()

    def _clear(self) -> None:
        """Remove all but the lock."""
        for path in self.path.iterdir():
            if path.name == _LOCK:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _known(self, identity: Identity) -> Plan | None:
        """The plan that is there, if it is of the same job; what has changed is said."""
        try:
            table = json.loads((self.path / _PLAN).read_text("utf-8"))
            if table["version"] == VERSION and table["identity"] == identity:
                segments = tuple(Segment.of(entry) for entry in table["segments"])
                return Plan(segments, tuple(Fraction(shot) for shot in table["shots"]))
            said = f"{changes(table['identity'], identity)} since it was begun"
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            said = "What was kept of it is damaged"
        log.warning("%s, so '%s' is painted anew.", said, self._job.output)
        return None

    def _write(self, name: str, text: str) -> None:
        new = self.path / f"{name}.new"
        with new.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path / name)

    def _failure(self, error: OSError) -> SinkError:
        return SinkError(f"'{self._job.output}' cannot be written: {error.strerror or error} ('{self.path}').")


def _place(output: Path, work: Path | None) -> Path:
    if work is None:
        return output.with_name(f".{output.name}.stytr")
    whose = hashlib.sha256(os.fsencode(output.resolve())).hexdigest()[:8]  # outputs elsewhere may have the same name
    return work / f"{output.name}-{whose}.stytr"
