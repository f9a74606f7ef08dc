"""`stytr-live queue`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stytr_live.cli.painting_options import painting_options
from stytr_live.cli.queue_show import Watch, line_of, told
from stytr_live.cli.queue_worker import work
from stytr_live.cli.render import settings_of
from stytr_live.cli.sections import SectionedCommand, under
from stytr_live.errors import SettingsError, StytrError
from stytr_live.render.faults import report_of
from stytr_live.render.naming import FIELDS, PATTERN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stytr_live.render.queue import Queue
    from stytr_live.render.queue_entry import Entry, State

C = TypeVar("C", bound="Callable[..., Any]")

_output = under("Where it goes")
FILMS = ("start", "end", "fps", "stream", "background", "encoding", "segment")
"""Fields of a job that only videos have."""


def _shared(command: C) -> C:
    """The options that all commands of the queue have."""
    as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
    folder = click.option(
        "--queue",
        "folder",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="The queue in this folder, not the user's own.",
    )
    return folder(as_json(command))


def _chosen(command: C) -> C:
    """Which entries: some numbers, or all that it fits."""
    everything = click.option("--all", "everything", is_flag=True, help="All entries in whose state this can be done.")
    numbers = click.argument("numbers", metavar="ID…", type=click.IntRange(1), nargs=-1)
    return _shared(numbers(everything(command)))


def _open(folder: Path | None, *, as_json: bool) -> Queue:
    from stytr_live.render.queue import Queue

    return Queue(
        None if folder is None else folder.expanduser().absolute(), tell=lambda text: told(text, as_json=as_json)
    )


@click.group()
def queue() -> None:
    """Render many files, one after the other.

    Any terminal and the window may change the queue while it is worked off. What is stopped in the middle, by a pause,
    a signal or a crash, is gone on with later.

    \b
    Examples:
      stytr-live queue add films --recursive -s mosaic --into painted
      stytr-live queue add 'clips/*.mp4' -s wave.jpg --name '{index:03}_{stem}_{style}{suffix}'
      stytr-live queue run
      stytr-live queue list
      stytr-live queue pause 3
      stytr-live queue report
    """


@queue.command(
    cls=SectionedCommand,
    epilog="Parts of a name: " + "; ".join(f"{{{name}}}: {means}" for name, means in FIELDS.items()) + ".",
)
@click.argument("inputs", nargs=-1, required=True)
@_output("--into", type=click.Path(path_type=Path), metavar="FOLDER", help="Beside each input if not given.")
@_output("--name", "pattern", default=PATTERN, show_default=True, metavar="PATTERN", help="How outputs are named.")
@_output("--recursive", is_flag=True, help="Look into folders within folders; --into gets the same folders.")
@painting_options
@_shared
def add(
    *,
    inputs: tuple[str, ...],
    into: Path | None,
    pattern: str,
    recursive: bool,
    folder: Path | None,
    as_json: bool,
    **painting: Any,
) -> None:
    """Put files at the end of the queue.

    INPUTS are videos, pictures, folders, patterns in quotes, such as 'films/*.mp4' or 'films/**/*.mov', and jobs that
    `stytr-live render --save-job` has written. Of a folder its videos become an entry each, and its pictures one
    together. Either all inputs are added or none.
    """
    from stytr_live.media.encoders import CODECS
    from stytr_live.render import job_file
    from stytr_live.render.job import RenderJob
    from stytr_live.render.measure import measure
    from stytr_live.render.naming import find, outputs

    everything = find(inputs, recursive=recursive)
    written = [one.path for one in everything if one.path.suffix.lower() == job_file.SUFFIX]
    found = [one for one in everything if one.path not in written]
    settings = settings_of(painting)
    styles = [reference for reference, _ in settings["styles"]]
    if found and not styles and settings["timeline"] is None:
        raise click.UsageError("Missing option '-s' / '--style'.")
    encoding = settings.get("encoding")
    named = outputs(
        found,
        styles,
        today=datetime.now().astimezone().date(),
        pattern=pattern,
        into=into,
        suffixes=CODECS[encoding.codec] if encoding is not None and encoding.codec else (),
        overwrite=settings["overwrite"],
    )
    jobs = [job_file.load(path) for path in written] + [
        job_file.absolute(RenderJob(input=one.path, output=output, **_fitting(one.path, settings)))
        for one, output in zip(found, named, strict=True)
    ]
    totals = [measure(job.input, job.start, job.end, job.fps).frames for job in jobs]
    for entry in _open(folder, as_json=as_json).add(jobs, totals):
        _say("added", entry, as_json=as_json)


@queue.command("list")
@_shared
def list_(*, folder: Path | None, as_json: bool) -> None:
    """List the entries in their order, and how long they will take."""
    from stytr_live.render.queue import forecast

    opened = _open(folder, as_json=as_json)
    entries, runner = opened.entries(), opened.runner()
    total = forecast(entries)
    if as_json:
        for entry in entries:
            click.echo(json.dumps({"event": "entry", **entry.table()}))
        remaining = None if total.remaining is None else round(total.remaining, 1)
        click.echo(json.dumps({"event": "total", "entries": total.entries, "remaining": remaining, "runner": runner}))
        return
    for entry in entries:
        click.echo(line_of(entry))
    from stytr_live.cli.reporters import clock_time

    if not total.entries:
        click.echo("Nothing waits." if entries else "The queue is empty.")
        return
    left = "" if total.remaining is None else f", about {clock_time(total.remaining)} left"
    how = "not worked off: `stytr-live queue run` does" if runner is None else f"worked off by process {runner}"
    click.echo(f"{total.entries} to do{left}; {how}.")


@queue.command()
@click.argument("number", metavar="ID", type=click.IntRange(1))
@_shared
def show(*, number: int, folder: Path | None, as_json: bool) -> None:
    """Show all there is to know of an entry."""
    from stytr_live.render import job_file

    entry = _one(_open(folder, as_json=as_json), number)
    text = job_file.dumps(entry.job)
    if as_json:
        click.echo(json.dumps({"event": "entry", **entry.table(), "job": text}))
        return
    click.echo(line_of(entry))
    for name, value in entry.table().items():
        if value not in (None, "", [], ()) and name not in {"id", "state", "input", "output", "styles"}:
            click.echo(f"{name} {value}")
    click.echo(f"\n{text}", nl=False)


@queue.command()
@click.option("--stay", is_flag=True, help="Wait for more when all is done, until Ctrl-C.")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    metavar="N",
    help="Paint each video in so many processes; the result is the same.",
)
@click.option(
    "--work",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Where unfinished videos are kept; beside each output if not given.",
)
@_shared
def run(*, stay: bool, workers: int, work: Path | None, folder: Path | None, as_json: bool) -> None:
    """Work the queue off, in order, until nothing waits.

    One process at a time does. What it cannot render is told and left for `stytr-live queue report`; the rest goes on.
    """
    from stytr_live.render.job import Run
    from stytr_live.render.queue_runner import work_off

    how = Run(workers=workers, work=None if work is None else work.expanduser().absolute())
    opened = _open(folder, as_json=as_json)
    with Watch(as_json=as_json) as watch:
        failed = work_off(opened, watch.hear, run=how, stay=stay)
    if as_json:
        click.echo(json.dumps({"event": "ended", "failed": failed}))
    if failed:
        were = "entry" if failed == 1 else "entries"
        raise StytrError(f"{failed} {were} could not be rendered; `stytr-live queue report` says why.")


@queue.command()
@_chosen
def pause(*, numbers: Sequence[int], everything: bool, folder: Path | None, as_json: bool) -> None:
    """Set entries aside, also one that is being rendered; it is gone on with when it is resumed."""
    from stytr_live.render.queue_entry import State

    opened = _open(folder, as_json=as_json)
    chosen = _numbers(opened, numbers, (State.WAITING, State.RUNNING), everything=everything)
    for entry in opened.pause(chosen):
        _say("paused", entry, as_json=as_json)


@queue.command()
@_chosen
def resume(*, numbers: Sequence[int], everything: bool, folder: Path | None, as_json: bool) -> None:
    """Let paused entries wait for their turn again."""
    from stytr_live.render.queue_entry import State

    opened = _open(folder, as_json=as_json)
    for entry in opened.resume(_numbers(opened, numbers, (State.PAUSED,), everything=everything)):
        _say("resumed", entry, as_json=as_json)


@queue.command()
@_chosen
def retry(*, numbers: Sequence[int], everything: bool, folder: Path | None, as_json: bool) -> None:
    """Let entries wait again that failed or were cancelled; --all is those that failed."""
    from stytr_live.render.queue_entry import State

    opened = _open(folder, as_json=as_json)
    for entry in opened.retry(_numbers(opened, numbers, (State.FAILED,), everything=everything)):
        _say("waiting", entry, as_json=as_json)


@queue.command()
@_chosen
def cancel(*, numbers: Sequence[int], everything: bool, folder: Path | None, as_json: bool) -> None:
    """Give entries up, also one that is being rendered."""
    from stytr_live.render.queue_entry import OPEN

    opened = _open(folder, as_json=as_json)
    for entry in opened.cancel(_numbers(opened, numbers, tuple(OPEN), everything=everything)):
        _say("cancelled", entry, as_json=as_json)


@queue.command()
@_chosen
def remove(*, numbers: Sequence[int], everything: bool, folder: Path | None, as_json: bool) -> None:
    """Take entries out of the queue; one that is being rendered is given up. Outputs stay."""
    from stytr_live.render.queue_entry import State

    opened = _open(folder, as_json=as_json)
    chosen = _numbers(opened, numbers, tuple(State), everything=everything)
    opened.remove(chosen)
    _removed(chosen, as_json=as_json)


@queue.command()
@_shared
def clear(*, folder: Path | None, as_json: bool) -> None:
    """Take out all that is done. Outputs stay."""
    _removed(_open(folder, as_json=as_json).clear(), as_json=as_json)


@queue.command()
@click.argument("number", metavar="ID", type=click.IntRange(1))
@click.argument("place", type=click.IntRange(1))
@_shared
def move(*, number: int, place: int, folder: Path | None, as_json: bool) -> None:
    """Put an entry at a PLACE in the order, counted from 1."""
    opened = _open(folder, as_json=as_json)
    opened.move(number, place)
    order = [entry.id for entry in opened.entries()]
    click.echo(json.dumps({"event": "moved", "id": number, "order": order}) if as_json
               else f"The order is {', '.join(map(str, order))}.")  # fmt: skip


@queue.command()
@_shared
def report(*, folder: Path | None, as_json: bool) -> None:
    """Tell what could not be rendered: which file, where in it, and why."""
    for fault in report_of(_open(folder, as_json=as_json).entries()):
        click.echo(json.dumps({"event": "failure", **fault.table()}) if as_json else str(fault))


queue.add_command(work)


def _fitting(path: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """Settings without those of videos where something else is painted."""
    from stytr_live.render.naming import PICTURES

    still = path.is_dir() or path.suffix.lower() in PICTURES
    return {name: value for name, value in settings.items() if not (still and name in FILMS)}


def _numbers(opened: Queue, numbers: Sequence[int], states: tuple[State, ...], *, everything: bool) -> list[int]:
    """The entries that were chosen."""
    if everything == bool(numbers):
        raise click.UsageError("Give the numbers of entries, or --all.")
    return [entry.id for entry in opened.entries() if entry.state in states] if everything else list(numbers)


def _one(opened: Queue, number: int) -> Entry:
    for entry in opened.entries():
        if entry.id == number:
            return entry
    raise SettingsError(f"There is no entry {number} in the queue; `stytr-live queue list` shows what there is.")


def _say(event: str, entry: Entry, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**entry.table(), "event": event}))
    else:
        click.echo(f"{entry.id}: {event}, '{entry.job.input}' → '{entry.job.output}'")


def _removed(numbers: Sequence[int], *, as_json: bool) -> None:
    for number in numbers:
        click.echo(json.dumps({"event": "removed", "id": number}) if as_json else f"{number}: removed")
