"""Times of something that is done again and again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WARM = 3
"""Runs before the first that counts."""
FEWEST = 3
"""Runs that count, however long they take."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long something takes, in seconds."""

    p50: float
    p95: float
    rate: float
    """Times a second, all in all."""
    count: int

    @classmethod
    def of(cls, times: list[float], whole: float) -> Timing:
        """From the length of each run and of all together."""
        ordered = sorted(times)
        return cls(
            ordered[(len(ordered) - 1) // 2],
            ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))],
            len(times) / whole,
            len(times),
        )


def measure(
    work: Callable[[], object],
    seconds: float,
    *,
    warm: int = WARM,
    clock: Callable[[], float] = time.perf_counter,
) -> Timing:
    """Do something for some seconds and at least a few times; the first runs, which prepare, do not count."""
    for _ in range(warm):
        work()
    times: list[float] = []
    begin = last = clock()
    while last - begin < seconds or len(times) < FEWEST:
        work()
        now = clock()
        times.append(now - last)
        last = now
    return Timing.of(times, last - begin)
