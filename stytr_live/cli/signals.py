"""Ctrl-C and the wish of the system to end."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

REPEAT = 1.0
"""A signal that comes again within so many seconds is the same one: groups of processes and fingers repeat them."""


class Interrupted(BaseException):
    """Raised in the main thread by SIGINT and SIGTERM; no `except Exception` catches it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def exit_code(self) -> int:
        """What shells expect: 130 for Ctrl-C, 143 for SIGTERM."""
        return 128 + self.number


def raise_on_signals() -> None:
    """Turn SIGINT and SIGTERM into `Interrupted`, once for a burst of them, so that cleaning up is not interrupted."""
    last = -REPEAT

    def interrupt(number: int, _: FrameType | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < REPEAT:
            return
        last = now
        raise Interrupted(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # a parent that had us ignore it, such as nohup, meant it
            signal.signal(number, interrupt)


def ignore_signals() -> None:
    """Nothing interrupts from here on: the process is about to end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
