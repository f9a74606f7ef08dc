"""Driving a window that runs: what may be said to it, and how.

A message is one line of JSON, {"do": name, "value": value}; the answer is {"done": true} or {"error": sentence}.
The window understands the same commands, but for those about files, through OSC and MIDI: see `OSC`.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import platformdirs

from stytr_live.errors import StytrError

LONGEST = 64 << 10
"""Most bytes of a message."""
PATIENCE = 10.0
"""Seconds until a window that does not answer is given up."""
COMMANDS = {
    "style": "paint in a style: a picture file, a built-in name, or its number in the order shown",
    "mix": "add a style to the mixture, or take it out",
    "weights": "mix the first styles shown, with as many weights as are given, such as '0.5 0 0.5'",
    "weight": "set the weight of one style of these, such as '3 0.5'",
    "next": "go to the next style",
    "previous": "go to the style before",
    "strength": "set the strength, 0 to 1",
    "cross-fade": "set how long styles fade over, in seconds",
    "smoothing": "set the time constant of the smoothing, in seconds",
    "keep-colours": "keep the colours of the picture: on, off or toggle",
    "open": "show a source: clip, pattern, screen, a file or an address",
    "pause": "pause or play a file",
    "snapshot": "write the picture to a file",
    "record": "begin or end a recording: on, off or toggle",
    "quit": "close the window",
}
"""What can be said."""

OSC = {
    "/stytr/strength f": "strength, 0 to 1",
    "/stytr/style s|i": "paint in the style of that name, or number in the order shown",
    "/stytr/mix fff…": "mix the first styles shown, with these weights",
    "/stytr/cross-fade f": "seconds in which styles fade over",
    "/stytr/smoothing f": "time constant of the smoothing, in seconds",
    "/stytr/keep-colours i": "keep the colours of the picture: 1 or 0",
    "/stytr/record i": "begin or end a recording: 1 or 0",
    "/stytr/next": "the next style; so do /stytr/previous, /stytr/snapshot and /stytr/pause what they say",
}
"""Addresses and arguments of OSC messages. The window listens on this machine only, once that is switched on."""
FROM_OUTSIDE = frozenset(
    {"style", "weights", "weight", "next", "previous", "strength", "cross-fade", "smoothing", "keep-colours", "pause",
     "snapshot", "record"}
)  # fmt: skip
"""Commands that OSC and MIDI may give: none that opens or names files, as any user of the machine can send OSC."""


def where() -> Path:
    """The socket of this user's window, in a folder that only the user can enter; on Windows, a pipe."""
    if sys.platform == "win32":
        import getpass

        return Path(rf"\\.\pipe\stytr-live-{getpass.getuser()}")
    return platformdirs.user_runtime_path("stytr-live", appauthor=False) / "control.sock"


def send(do: str, value: str | None = None, *, path: Path | None = None) -> None:
    """Say something to the window and wait until it is done.

    Raises:
        StytrError: no window runs, or it refuses.
    """
    message = json.dumps({"do": do, "value": value}).encode() + b"\n"
    try:
        answer: dict[str, Any] = json.loads(_exchange(path or where(), message))
    except (OSError, ValueError) as error:
        raise StytrError("No window of StyTR Live answers; start it first, with `python main.py`.") from error
    if "error" in answer:
        raise StytrError(str(answer["error"]))


def _exchange(path: Path, message: bytes) -> bytes:
    if sys.platform == "win32":
        with path.open("r+b", buffering=0) as pipe:
            pipe.write(message)
            return pipe.readline()
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(PATIENCE)
        line.connect(str(path))
        line.sendall(message)
        with line.makefile("rb") as answers:
            return answers.readline(LONGEST)
