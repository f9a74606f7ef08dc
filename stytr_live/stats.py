"""How fast a pipeline is, and how late."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST = 1024
"""Most deliveries that a meter remembers, however long its window."""


@dataclass(frozen=True, slots=True)
class Stats:
    """What a meter read, over its window; the two counts are since its start."""

    fps: float = 0.0
    """Frames delivered per second."""
    latency_p50: float = 0.0
    """From the birth of a frame to its delivery, the median, in seconds."""
    latency_p95: float = 0.0
    """The same, met by 95 of 100 frames, in seconds."""
    latency_p99: float = 0.0
    """The same, met by 99 of 100 frames, in seconds."""
    delivered: int = 0
    """Frames delivered."""
    dropped: int = 0
    """Frames thrown away for newer ones."""


class Meter:
    """Counts deliveries. Thread-safe; a delivery costs about a microsecond, reading sorts a few hundred numbers."""

    def __init__(self, *, window: float = 2.0, clock: Callable[[], float] = time.perf_counter) -> None:
        """`window` is in seconds; `clock` tells seconds on the clock of `Frame.born`."""
        self._window, self._clock = window, clock
        self._seen: deque[tuple[float, float]] = deque(maxlen=MOST)  # (when, latency), seconds
        self._delivered = 0
        self._lock = Lock()

    def deliver(self, born: float) -> None:
        """Count a frame, born then, delivered now."""
        now = self._clock()
        with self._lock:
            self._seen.append((now, now - born))
            self._delivered += 1
            self._forget(now)

    def stats(self, *, dropped: int = 0) -> Stats:
        """Read the meter; `dropped` is what the links counted."""
        now = self._clock()
        with self._lock:
            self._forget(now)
            seen, delivered = list(self._seen), self._delivered
        if not seen:
            return Stats(dropped=dropped)
        latencies = sorted(latency for _, latency in seen)
        return Stats(
            fps=_rate([when for when, _ in seen], now),
            latency_p50=_percentile(latencies, 50),
            latency_p95=_percentile(latencies, 95),
            latency_p99=_percentile(latencies, 99),
            delivered=delivered,
            dropped=dropped,
        )

    def _forget(self, now: float) -> None:
        # The last two stay however old they are, or a stream slower than the window would read as no stream.
        while len(self._seen) > 2 and self._seen[0][0] < now - self._window:
            self._seen.popleft()


def _rate(times: Sequence[float], now: float) -> float:
    """Events per second: exact for a steady stream whenever it is read, and falling when the stream stalls."""
    count, span = len(times), times[-1] - times[0]
    if count < 2 or span <= 0:
        return 0.0
    return min((count - 1) / span, count / (now - times[0]))


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile of a sorted sequence that is not empty."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
