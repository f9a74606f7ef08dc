"""How a video is taken apart."""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from stytr_live.render.job import RenderJob
from stytr_live.render.plan import DECAYED, Segment, plan
from stytr_live.render.rate import Rate

RATE = Fraction(30000, 1001)
TIMES = [index / RATE for index in range(3000)]
UNEVEN = [Fraction(index**2, 7000) for index in range(600)]


def job(**options: Any) -> RenderJob:
    return RenderJob(input=Path("a.mp4"), output=Path("b.mp4"), styles=(("mosaic", 1.0),), **options)


def frames(segment: Segment, times: list[Fraction]) -> list[Fraction]:
    start = 0 if segment.start is None else bisect_left(times, segment.start)
    return times[start : None if segment.end is None else bisect_left(times, segment.end)]


@pytest.mark.parametrize("times", [TIMES, UNEVEN], ids=["even", "uneven"])
@pytest.mark.parametrize("length", [None, Fraction(1, 2), Fraction(7)])
@pytest.mark.parametrize(
    ("start", "end"), [(None, None), (Fraction(3), None), (Fraction(22, 7), Fraction(40)), (None, Fraction(1, 2))]
)
def test_each_frame_of_the_range_is_in_one_segment(
    times: list[Fraction], length: Fraction | None, start: Fraction | None, end: Fraction | None
) -> None:
    segments = plan(job(start=start, end=end, segment=length), times, keys=times[::120])
    wanted = [time for time in times if (start or 0) <= time and (end is None or time < end)]
    given = [time for segment in segments for time in frames(segment, times)]
    assert given == wanted
    assert [segment.number for segment in segments] == list(range(len(segments)))
    assert (segments[0].start, segments[-1].end) == (start, end)
    count = 0
    for segment in segments:
        inside = frames(segment, times)
        assert (segment.first, segment.frames) == (count, len(inside))
        assert inside[-1] - inside[0] < (length or 10)
        assert segment.warm is None
        count += len(inside)


def test_segments_end_at_key_frames_where_there_are_any_near() -> None:
    keys = [TIMES[index] for index in range(0, 3000, 250)]
    segments = plan(job(), TIMES, keys=keys)
    assert {segment.start for segment in segments[1:]} <= set(keys)
    assert plan(job(), TIMES, keys=TIMES[:1])[1].start == TIMES[bisect_left(TIMES, Fraction(10))]


def test_where_smoothing_remembers_segments_end_with_shots_and_others_are_warmed_up() -> None:
    shots = [TIMES[0], TIMES[200], TIMES[1100]]
    segments = plan(job(smoothing=0.1, segment=Fraction(10)), TIMES, keys=TIMES[::150], shots=shots)
    assert segments[1].start == TIMES[200]
    assert segments[1].warm is None
    for segment in segments[2:]:
        assert segment.start is not None
        if segment.start not in shots:
            assert segment.warm is not None
            shot = max(shot for shot in shots if shot <= segment.start)
            assert segment.warm == max(segment.start - DECAYED * Fraction(1, 10), shot)


def test_what_is_painted_twice_is_little_unless_a_length_is_asked_for() -> None:
    for smoothing in (0.05, 0.3, 1.0):
        segments = plan(job(smoothing=smoothing), [index / RATE for index in range(20000)])
        twice = sum(s.start - s.warm for s in segments if s.warm is not None and s.start is not None)
        assert twice <= 20000 / RATE / 19


def test_a_film_without_known_times_is_one_segment() -> None:
    assert plan(job(start=Fraction(1)), None) == (Segment(0, Fraction(1), None),)
    assert plan(job(start=Fraction(1000)), TIMES) == (Segment(0, Fraction(1000), None),)


def test_a_segment_reads_like_a_time_and_survives_json() -> None:
    segment = Segment(3, Fraction(1001, 100), Fraction(2 * 60), Fraction(9), 5, 7)
    assert Segment.of(segment.table()) == segment
    assert str(segment) == "0:10.01–2:00"
    assert str(Segment(0, None, None)) == "0:00–the end"


def test_a_constant_rate_has_each_moment_once_whatever_the_pieces() -> None:
    rate = Rate(Fraction(24000, 1001), Fraction(1, 3), 8)
    bounds = [Fraction(0), *TIMES[7:100:13], Fraction(5)]
    pieces = [number for low, high in pairwise(bounds) for number in rate.between(low, high)]
    assert pieces == list(rate.between(Fraction(0), Fraction(5)))
    times = list(rate.times(rate.between(Fraction(0), Fraction(5))))
    assert times[0] == 8 / rate.rate
    assert all(b - a == 1 / rate.rate for a, b in pairwise(times))
