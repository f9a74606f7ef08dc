"""What a user reads while a job runs: a bar at a terminal, a line now and then in a log, JSON for programs."""

from __future__ import annotations

import json
import logging
import time
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

import click

from stytr_live.cli.failures import explain
from stytr_live.cli.signals import Interrupted
from stytr_live.errors import StytrError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console
    from rich.progress import Progress as Bar

    from stytr_live.render.job import Progress, Rendered

STOPPED = "Stopped; no unfinished output is left."
"""What is said after Ctrl-C."""
PAUSE = 10.0
"""Seconds between two lines in a log."""


class Reporter(Protocol):
    """Where a job's news go. `warning` may be called by any thread, the rest by the main thread."""

    def progress(self, progress: Progress) -> None:
        """Tell how far the job is."""
        ...

    def warning(self, message: str) -> None:
        """Tell a sentence that does not end the job."""
        ...

    def result(self, rendered: Rendered) -> None:
        """Tell what was made."""
        ...


@contextmanager
def reporting(unit: str, *, as_json: bool) -> Iterator[Reporter]:
    """The reporter that fits where the output goes; `unit` is what is counted, such as `frames`.

    Warnings that the program logs meanwhile go through it. As JSON, so do errors before they go on as `StytrError`.
    """
    if as_json:
        context = _json()
    else:
        from rich.console import Console

        console = Console(stderr=True, highlight=False)
        bar = console.is_terminal and not console.is_dumb_terminal
        context = _bar(unit, console) if bar else _lines(unit)
    with context as reporter:
        handler, logger = _Forward(reporter.warning), logging.getLogger("stytr_live")
        logger.addHandler(handler)
        try:
            yield reporter
        finally:
            logger.removeHandler(handler)


class _Forward(logging.Handler):
    """Passes what is logged, from warnings on, to a reporter."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self._tell(record.getMessage())


@contextmanager
def _json() -> Iterator[Reporter]:
    reporter = JsonReporter()
    try:
        yield reporter
    except BrokenPipeError:
        raise  # nobody listens any more
    except Interrupted as signal:
        reporter.tell("error", message=stopped(signal))
        raise
    except Exception as error:
        message = explain(error)
        reporter.tell("error", message=message)
        raise StytrError(message) from error


@contextmanager
def _lines(unit: str) -> Iterator[Reporter]:
    yield LineReporter(unit)


@contextmanager
def _bar(unit: str, console: Console) -> Iterator[Reporter]:
    from rich import progress

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TextColumn("{task.fields[about]}"),
    )
    with progress.Progress(*columns, console=console, transient=True) as bar:
        yield BarReporter(unit, bar)


class JsonReporter:
    """One JSON object per line on stdout, and nothing else there."""

    def tell(self, event: str, **values: object) -> None:
        """Write one line, at once."""
        click.echo(json.dumps({"event": event, **values}))

    def progress(self, progress: Progress) -> None:
        """`{"event": "progress", "frames", "total", "fps", "elapsed", "remaining", "segments", "all_segments"}`.

        Times are in seconds.
        """
        values = asdict(progress)
        self.tell("progress", **{key: round(v, 3) if isinstance(v, float) else v for key, v in values.items()})

    def warning(self, message: str) -> None:
        """`{"event": "warning", "message"}`."""
        self.tell("warning", message=message)

    def result(self, rendered: Rendered) -> None:
        """`{"event": "result", "output", "frames", "elapsed", "device", "failures", "resumed"}`."""
        values = {**asdict(rendered), "output": str(rendered.output), "elapsed": round(rendered.elapsed, 3)}
        self.tell("result", **values)


class LineReporter:
    """Plain lines: progress and warnings on stderr, the result on stdout."""

    def __init__(self, unit: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._unit, self._clock = unit, clock
        self._next = clock() + PAUSE

    def progress(self, progress: Progress) -> None:
        """A line, where the last one is long ago."""
        if self._clock() >= self._next:
            self._next = self._clock() + PAUSE
            click.echo(describe(progress, self._unit), err=True)

    def warning(self, message: str) -> None:
        """A line."""
        click.echo(f"stytr-live: {message}", err=True)

    def result(self, rendered: Rendered) -> None:
        """A line."""
        click.echo(summarise(rendered, self._unit))


class BarReporter:
    """A moving bar on stderr while the job runs, and the result on stdout."""

    def __init__(self, unit: str, bar: Bar) -> None:
        self._unit, self._bar = unit, bar
        self._task = bar.add_task("Loading", total=None, about="")

    def progress(self, progress: Progress) -> None:
        """Move the bar."""
        self._bar.update(
            self._task,
            description="Painting",
            completed=progress.frames,
            total=progress.total,
            about=describe(progress, self._unit),
        )

    def warning(self, message: str) -> None:
        """A line above the bar."""
        self._bar.console.print(f"stytr-live: {message}", markup=False, soft_wrap=True)

    def result(self, rendered: Rendered) -> None:
        """A line after the bar."""
        self._bar.stop()
        click.echo(summarise(rendered, self._unit))


def describe(progress: Progress, unit: str) -> str:
    """`120 of 300 frames, 24.5 per second, 0:07 left`."""
    of = "" if progress.total is None else f" of {progress.total}"
    parts = [f"{progress.frames}{of} {unit}"]
    if progress.fps:
        parts.append(f"{progress.fps:.1f} per second" if progress.fps >= 1 else f"{1 / progress.fps:.1f} s each")
    if progress.remaining is not None:
        parts.append(f"{clock_time(progress.remaining)} left")
    return ", ".join(parts)


def summarise(rendered: Rendered, unit: str) -> str:
    """`Wrote 'demo.mp4': 180 frames in 7.3 s (24.7 per second on cpu).`"""
    noun = unit.removesuffix("s") if rendered.frames == 1 else unit
    new = rendered.frames - rendered.resumed
    how = f"{new / max(rendered.elapsed, 1e-3):.1f} per second on {rendered.device}" if new else rendered.device
    before = f"; {rendered.resumed} of them were there before" if rendered.resumed else ""
    return f"Wrote '{rendered.output}': {rendered.frames} {noun} in {rendered.elapsed:.1f} s ({how}{before})."


def stopped(signal: Interrupted) -> str:
    """What is said after Ctrl-C; what it interrupted may have noted what is left of its work."""
    notes = getattr(signal, "__notes__", [])
    return " ".join(["Stopped.", *notes]) if notes else STOPPED


def clock_time(seconds: float) -> str:
    """`0:07`, `12:30` or `1:02:03`."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
