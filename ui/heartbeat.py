"""How long the window's thread is kept from its events: a measuring aid, switched on by an environment variable."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, NamedTuple

from PyQt6.QtCore import QObject, Qt, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("stytr_live.ui.heartbeat")

MEASURE = "STYTR_LIVE_MEASURE"
"""Environment variable: not empty, what blocks the window is measured and written to its log."""
BEAT = 5
"""Milliseconds between two beats."""
LONG = 0.030
"""Seconds of a stall that nobody should meet."""
EVERY = 30.0
"""Seconds between two lines in the log."""
_MOST = 1 << 20


class Stalls(NamedTuple):
    """What was measured; times in seconds."""

    beats: int
    p50: float
    p99: float
    longest: float
    long: int
    """Stalls above `LONG`."""

    def __str__(self) -> str:
        p50, p99, longest = (1e3 * seconds for seconds in (self.p50, self.p99, self.longest))
        return (
            f"{self.beats} beats, p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {longest:.1f} ms, {self.long} over 30 ms"
        )


class Heartbeat(QObject):
    """A timer that notes by how much it is late: as long as something else had the thread."""

    def __init__(self, parent: QObject | None = None, *, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._clock = clock
        self._late: list[float] = []
        self._last = self._told = clock()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def begin(self) -> None:
        """Forget what was measured before."""
        self._late.clear()
        self._last = self._clock()

    def report(self) -> Stalls:
        """What was measured since the beginning."""
        late = sorted(self._late) or [0.0]
        return Stalls(
            len(self._late), late[len(late) // 2], late[min(len(late) - 1, int(len(late) * 0.99))], late[-1],
            sum(seconds > LONG for seconds in late),
        )  # fmt: skip

    def close(self) -> None:
        """End, and say it once more."""
        self._timer.stop()
        log.warning("The window's thread: %s.", self.report())

    def _beat(self) -> None:
        now = self._clock()
        if len(self._late) < _MOST:
            self._late.append(max(0.0, now - self._last - BEAT / 1000))
        self._last = now
        if now - self._told >= EVERY:
            self._told = now
            log.warning("The window's thread: %s.", self.report())
