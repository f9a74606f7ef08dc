"""`stytr-live control`."""

from __future__ import annotations

import click

from stytr_live import control as line


@click.command(
    epilog="Commands: "
    + "; ".join(f"{name}: {does}" for name, does in line.COMMANDS.items())
    + ". OSC, once it is switched on in the window (pip install 'stytr-live[osc]'; UDP port 9000 of this machine): "
    + "; ".join(f"{address}: {does}" for address, does in line.OSC.items())
    + ".",
)
@click.argument("command", type=click.Choice(tuple(line.COMMANDS)), metavar="COMMAND")
@click.argument("value", required=False)
def control(*, command: str, value: str | None) -> None:
    """Drive the window that runs, from a script or another program.

    \b
    Examples:
      stytr-live control style woodcut
      stytr-live control strength 0.6
      stytr-live control record on
    """
    line.send(command, value)
