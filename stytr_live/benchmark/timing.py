"""Times of something that is done again and again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WARM = 3
"""Runs before the first that counts."""
FEWEST = 3
"""Runs that count, however long they take."""
ROUND = 4
"""Times that one thing is done before the next."""


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


def change_of_pace(
    works: Sequence[Callable[[], object]], seconds: float, *, clock: Callable[[], float] = time.perf_counter
) -> float:
    """How much longer something takes when another thing was done before, in seconds; below 0 where it takes less.

    Each is done a few times, then the next. The first time is compared with the times just before and after it, for
    what disturbs a machine lasts longer than that; the median counts.
    """
    times: list[list[float]] = []
    begin = last = clock()
    while last - begin < seconds or len(times) < FEWEST + 1:
        work = works[len(times) % len(works)]
        times.append([])
        for _ in range(ROUND):
            work()
            now = clock()
            times[-1].append(now - last)
            last = now
    return median(after[0] - (before[-1] + after[-1]) / 2 for before, after in pairwise(times))
