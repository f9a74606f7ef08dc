"""How a video is taken apart: into segments that can be painted apart from each other, on any worker, in any order."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stytr_live.render.job import RenderJob

SEGMENT = Fraction(10)
"""Seconds of a segment, unless told."""
DECAYED = 5
"""Time constants after which what was before does not count: it weighs 1/e⁵ = 0.7 %. Two paintings of a frame differ by
some 30 levels where they flicker, so that less than half a level is left."""
SHARE = 20
"""A segment is so many times as long as its warm-up, unless told: what is painted twice is at most 5 %."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a video, in seconds from its first frame; all that a worker needs to know of its task."""

    number: int
    start: Fraction | None
    """Time of its first frame; None begins with whatever comes first."""
    end: Fraction | None
    """Time of the first frame that is no longer in it; None goes on as long as there are frames."""
    warm: Fraction | None = None
    """Where painting begins, so that what smooths over time has its past; None where the start needs none."""
    first: int = 0
    """Frames that come before it."""
    frames: int | None = None
    """How many frames it should have; None where nobody knows."""

    def table(self) -> dict[str, Any]:
        """As JSON can hold it."""
        times = {name: None if (v := getattr(self, name)) is None else str(v) for name in ("start", "end", "warm")}
        return {"number": self.number, **times, "first": self.first, "frames": self.frames}

    @classmethod
    def of(cls, table: dict[str, Any]) -> Segment:
        """From what `table` gave.

        Raises:
            KeyError: something is missing.
            ValueError: something is no number.
        """
        times = {n: None if table[n] is None else Fraction(table[n]) for n in ("start", "end", "warm")}
        return cls(table["number"], **times, first=table["first"], frames=table["frames"])

    def __str__(self) -> str:
        """`0:10–0:20`."""
        return f"{_clock(self.start or Fraction(0))}–{'the end' if self.end is None else _clock(self.end)}"


def warm_up(job: RenderJob) -> Fraction:
    """Seconds of frames before a segment that must be painted for smoothing to be where it would have been."""
    return DECAYED * Fraction(job.smoothing).limit_denominator(1000)


def plan(
    job: RenderJob,
    times: Sequence[Fraction] | None,
    *,
    keys: Sequence[Fraction] = (),
    shots: Sequence[Fraction] = (),
) -> tuple[Segment, ...]:
    """The segments of a job, in order; they depend on nothing but what is given here.

    A segment ends where a shot ends, if it can: what is smoothed over time begins anew there. Else it ends at a key
    frame of the source, which can be gone to without decoding what is before it; else when it is long enough.

    Args:
        job: with the range, the length of segments and the smoothing.
        times: of all frames of the source, in seconds from the first, sorted; None where nobody knows them.
        keys: times of the key frames, sorted.
        shots: times at which shots begin, sorted.
    """
    if times is None:
        return (Segment(0, job.start, job.end),)
    first = 0 if job.start is None else bisect_left(times, job.start)
    last = len(times) if job.end is None else bisect_left(times, job.end)
    if first >= last:
        return (Segment(0, job.start, job.end),)
    warm = warm_up(job)
    length = job.segment or max(SEGMENT, SHARE * warm)
    bounds = [first]
    while True:
        begin = bounds[-1]
        left = times[last - 1] - times[begin]
        if left < length:
            break
        reach = length if left >= 2 * length else left / 2  # rather two halves than a whole and a scrap
        stop = bisect_left(times, times[begin] + reach, begin + 1, last)
        earliest = bisect_left(times, times[begin] + reach / 2, begin + 1, last)
        latest = bisect_right(times, times[begin] + length, begin + 1, last) - 1
        for wanted in (shots, keys):
            at = bisect_right(wanted, times[latest]) - 1
            if at >= 0 and wanted[at] >= times[earliest]:
                stop = bisect_left(times, wanted[at], earliest, latest)
                break
        bounds.append(stop)
    segments = []
    for number, (begin, stop) in enumerate(zip(bounds, [*bounds[1:], last], strict=True)):
        segments.append(
            Segment(
                number,
                times[begin] if number else job.start,
                times[stop] if stop < last else job.end,
                _warm(times[begin], warm, times[first], shots) if number and warm else None,
                begin - first,
                stop - begin,
            )
        )
    return tuple(segments)


def _warm(start: Fraction, warm: Fraction, earliest: Fraction, shots: Sequence[Fraction]) -> Fraction | None:
    """Where the warm-up of a segment begins: not before its shot does; None where it begins with a shot."""
    at = bisect_right(shots, start) - 1
    begin = max(start - warm, earliest, shots[at] if at >= 0 else earliest)
    return begin if begin < start else None


def _clock(seconds: Fraction) -> str:
    """`1:02.5`: minutes and seconds."""
    minutes, rest = divmod(math.floor(seconds * 100) / 100, 60)
    return f"{int(minutes)}:{'0' if rest < 10 else ''}{rest:g}"
