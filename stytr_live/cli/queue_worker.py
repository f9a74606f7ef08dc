"""`stytr-live queue work`: the process beside `stytr-live queue run` that paints. Not for users."""

from __future__ import annotations

import _thread
import io
import json
import os
import signal
import time
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

import click

from stytr_live.cli.failures import explain
from stytr_live.cli.reporters import JsonReporter, reporting
from stytr_live.cli.signals import Interrupted
from stytr_live.render.job import Run

GRACE = 2.0
"""Seconds to end in good order once nobody listens any more."""


@click.command(hidden=True)
def work() -> None:
    """Do the entries whose folders come on stdin, a JSON object a line; tell events on stdout; end with stdin.

    An entry's last event is `result` or `failed`.
    """
    orders: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
    busy = Event()
    Thread(target=_listen, args=(orders, busy), name="queue orders", daemon=True).start()
    with reporting("frames", as_json=True) as reporter:
        assert isinstance(reporter, JsonReporter)
        try:
            while (order := orders.get()) is not None:
                busy.set()
                run = Run(workers=order["workers"], work=None if order["work"] is None else Path(order["work"]))
                _paint(Path(order["folder"]), run, reporter)
                busy.clear()
        except Interrupted as end:
            os._exit(end.exit_code)
    os._exit(0)  # all is closed; taking the engine's libraries down would take seconds that the next entry waits


def _paint(folder: Path, run: Run, reporter: JsonReporter) -> None:
    from stytr_live.render import job_file, local
    from stytr_live.render.preview import Preview
    from stytr_live.render.queue_entry import preview_of

    preview = Preview(preview_of(folder))
    try:
        job = job_file.load(folder / "job.toml")
        job.output.parent.mkdir(parents=True, exist_ok=True)
        rendered = local.render(job, reporter.progress, run, watch=preview)
    except Exception as error:  # noqa: BLE001  (told; the next entry may do better)
        moment = None if preview.time is None else round(float(preview.time), 3)
        reporter.tell("failed", message=explain(error), frame=preview.index, time=moment)
    else:
        reporter.result(rendered)


def _listen(orders: SimpleQueue[dict[str, Any] | None], busy: Event) -> None:
    """Without a lock that would be held as the program ends."""
    with io.FileIO(0, closefd=False) as lines:
        for line in lines:
            orders.put(json.loads(line))
    orders.put(None)
    if busy.is_set():
        _thread.interrupt_main(signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(Interrupted(signal.SIGTERM).exit_code)  # what is painted is kept as after any other sudden end
