"""The command line. What is heavy is imported by the command that needs it, when it runs."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

import click

from stytr_live import __version__
from stytr_live.cli.bench import bench
from stytr_live.cli.control import control
from stytr_live.cli.demo import demo
from stytr_live.cli.doctor import doctor
from stytr_live.cli.encode_style import encode_style
from stytr_live.cli.evaluate import evaluate
from stytr_live.cli.failures import FAILED, explain
from stytr_live.cli.import_weights import import_weights
from stytr_live.cli.queue import queue
from stytr_live.cli.render import render
from stytr_live.cli.reporters import stopped
from stytr_live.cli.signals import Interrupted, ignore_signals, raise_on_signals
from stytr_live.cli.styles import styles
from stytr_live.cli.train import train

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="stytr-live", message="%(prog)s %(version)s")
def commands() -> None:
    """Turn a video or a picture into a painting in the style of any picture.

    \b
    See it work:           stytr-live demo
    Paint a video:         stytr-live render holiday.mp4 -s mosaic -o painted.mp4
    List built-in styles:  stytr-live styles
    More about a command:  stytr-live render --help
    """


for command in (demo, render, queue, styles, encode_style, import_weights, train, evaluate, bench, doctor, control):
    commands.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the process.

    The exit code is 0, 1 with a sentence on stderr, 2 for wrong arguments, or 130 and 143 for SIGINT and SIGTERM.
    """
    raise_on_signals()
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # libraries speak to programmers
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a strange file name must not end the program
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = commands.main(arguments, prog_name="stytr-live", standalone_mode=False)
    except Interrupted as signal:
        ignore_signals()
        code, message = signal.exit_code, stopped(signal)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Exception as error:  # noqa: BLE001  (the last place where a user can be told)
        code, message = FAILED, explain(error)
    else:
        return code if isinstance(code, int) else 0
    click.echo(f"stytr-live: {message}", err=True)
    return code
