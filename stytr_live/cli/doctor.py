"""`stytr-live doctor`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stytr_live.doctor.check import Check

MARKS = {"good": "✓", "note": "·", "bad": "✗"}
PLAIN = {"good": "+", "note": "-", "bad": "X"}
"""Where the terminal has no other signs."""


@click.command()
@click.option("--quick", is_flag=True, help="Do not measure speed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def doctor(*, quick: bool, as_json: bool) -> int:
    """Say what this machine can do for the program, and what to do about what it cannot.

    The exit code is 1 where something keeps the program from working.
    """
    from stytr_live.doctor import libraries, machine, networks
    from stytr_live.doctor.check import isolated

    looks: list[tuple[str, Callable[[], Iterable[Check]]]] = [
        ("Libraries", libraries.libraries),
        ("Processors", machine.processors),
        ("Cameras", machine.cameras),
        ("Encoders", machine.encoders),
        ("Weights", networks.weights),
        ("Folders", machine.folders),
    ]
    if not quick:
        looks.append(("Speed", networks.speed))
    bad, section = 0, ""
    for name, look in looks:
        for check in isolated(name, look):
            bad += check.state == "bad"
            if as_json:
                click.echo(json.dumps(asdict(check)))
                continue
            if check.section != section:
                section = check.section
                click.echo(f"\n{section}" if name != looks[0][0] else section)
            click.echo(_line(check))
    if not as_json:
        click.echo(f"\n{bad} to mend." if bad else "\nAll is well.")
    return 1 if bad else 0


def _line(check: Check) -> str:
    marks, arrow = MARKS, "→ "
    try:
        "".join([*MARKS.values(), arrow]).encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        marks, arrow = PLAIN, ""
    text = f"  {marks[check.state]} {check.name:22} {check.finding}"
    return f"{text}\n{' ' * 27}{arrow}{check.remedy}" if check.remedy else text
