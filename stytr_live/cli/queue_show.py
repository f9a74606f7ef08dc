"""How the queue is shown in a terminal, or told to programs."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stytr_live.cli.failures import explain
from stytr_live.cli.reporters import clock_time, describe, reporting
from stytr_live.render.job import Progress, Rendered
from stytr_live.render.queue_entry import State

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from stytr_live.cli.reporters import Reporter
    from stytr_live.render.queue_entry import Entry


def told(text: str, *, as_json: bool) -> None:
    """A sentence that ends nothing."""
    if as_json:
        click.echo(json.dumps({"event": "warning", "message": text}))
    else:
        click.echo(f"stytr-live: {text}", err=True)


def line_of(entry: Entry) -> str:
    """`3  running    120 of 300, 24.5 per second, 0:07 left  'a.mp4' → 'b.mp4'`."""
    s = entry.status
    how = ""
    if entry.state is State.RUNNING or (s.frames and entry.state in {State.WAITING, State.PAUSED}):
        how = describe(
            Progress(s.frames, s.total, s.fps if entry.state is State.RUNNING else 0, s.elapsed, s.remaining), ""
        )
        how = how.replace(" ,", ",").rstrip()
    elif entry.state is State.DONE:
        how = f"{s.frames} in {clock_time(s.elapsed)}" + (f", {len(s.failures)} left out" if s.failures else "")
    elif entry.state is State.FAILED:
        how = s.error
    elif s.total is not None:
        how = str(s.total)
    return f"{entry.id:>3}  {entry.state:<9}  '{entry.job.input}' → '{entry.job.output}'" + (f"  {how}" if how else "")


class Watch:
    """Hears what `work_off` tells, and shows it."""

    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._stack = ExitStack()
        self._reporter: Reporter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        if self._json and isinstance(error, Exception) and not isinstance(error, BrokenPipeError):
            click.echo(json.dumps({"event": "error", "message": explain(error)}))

    def hear(self, event: str, **values: Any) -> None:
        """Something happened."""
        if self._json:
            click.echo(json.dumps({"event": event, **values}))
            return
        number = values.pop("id")
        if event == "started":
            click.echo(f"{number}: '{values['input']}'", err=True)
            unit = "pictures" if Path(values["input"]).is_dir() else "frames"
            self._reporter = self._stack.enter_context(reporting(unit, as_json=False))
            return
        assert self._reporter is not None
        if event == "progress":
            self._reporter.progress(Progress(**values))
        elif event == "warning":
            self._reporter.warning(values["message"])
        elif event == "done":
            made = {**values, "output": Path(values["output"]), "failures": tuple(values["failures"])}
            self._reporter.result(Rendered(**made))
            for sentence in made["failures"]:
                self._reporter.warning(sentence)
        if event in {"done", "failed", "left"}:
            self._stack.close()
            self._reporter = None
        if event == "failed":
            click.echo(f"stytr-live: entry {number}: {values['message']}", err=True)
        elif event == "left":
            click.echo(f"{number}: {values['state']}", err=True)
