"""A constant rate on request."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from stytr_live.render.processes import Processes
from stytr_live.render.video import render_video
from tests.test_render import TIME_BASE, Negative, ignore, job, painter, shades
from tests.test_render_workers import load_negative

if TYPE_CHECKING:
    from pathlib import Path

    from stytr_live.frame import Frame

TIMES = tuple(
    Fraction(tick, 15360)
    for tick in (7680, 8000, 8001, 9000, 12800, 13000, 14000, 20000, 40000, 40512, 41024, 45000, 60000)
)
"""Of a clip that begins at half a second and has no rate."""


def make_uneven(path: Path) -> Path:
    """Each frame has a grey of its own, 10 levels from the one before."""
    with av.open(path, "w") as file:
        video = file.add_stream("libx264", rate=30, width=64, height=48, pix_fmt="yuv420p", time_base=TIME_BASE)
        video.codec_context.gop_size = 4
        for index, time in enumerate(TIMES):
            pixels = np.full((48, 64, 3), 60 + 10 * index, np.uint8)
            picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            picture.pts, picture.time_base = round(time / TIME_BASE), TIME_BASE
            file.mux(video.encode(picture))
        file.mux(video.encode(None))
    return path


class Counting(Negative):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Fraction] = []

    def __call__(self, frame: Frame) -> Frame:
        self.seen.append(frame.time)
        return super().__call__(frame)


@pytest.mark.parametrize("rate", [Fraction(30), Fraction(30000, 1001), Fraction(5), Fraction(240)])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_at_each_moment_the_frame_is_shown_that_came_last(tmp_path: Path, rate: Fraction, suffix: str) -> None:
    clip, output = make_uneven(tmp_path / "clip.mp4"), tmp_path / f"out{suffix}"
    counting = Counting()
    rendered = render_video(job(clip, output, fps=rate, segment=Fraction(1)), painter(counting), ignore)
    found = shades(output)
    exact = suffix == ".mp4"
    assert all(abs(time * rate - round(time * rate)) <= (0 if exact else rate / 1000) for time, _ in found)
    numbers = [round(time * rate) for time, _ in found]
    assert numbers == list(range(numbers[0], numbers[0] + rendered.frames))
    assert TIMES[0] <= numbers[0] / rate < TIMES[0] + 1 / rate
    for number, (_, shade) in zip(numbers, found, strict=True):
        assert shade == pytest.approx(195 - 10 * (bisect_right(TIMES, number / rate) - 1), abs=3)
    assert len(counting.seen) == len(set(counting.seen))


def test_what_no_moment_shows_is_not_painted(tmp_path: Path) -> None:
    clip = make_uneven(tmp_path / "clip.mp4")
    counting = Counting()
    render_video(job(clip, tmp_path / "out.mp4", fps=Fraction(5)), painter(counting), ignore)
    assert TIMES[0] not in counting.seen or TIMES[1] not in counting.seen
    assert len(counting.seen) < len(TIMES)


def test_it_is_the_same_with_segments_and_workers_and_in_a_range(tmp_path: Path) -> None:
    clip = make_uneven(tmp_path / "clip.mp4")
    outputs = [tmp_path / f"{number}.mp4" for number in range(3)]
    options = {"fps": Fraction(24000, 1001), "start": Fraction(1, 7), "end": Fraction(3)}
    render_video(job(clip, outputs[0], **options), painter(), ignore)
    render_video(job(clip, outputs[1], **options, segment=Fraction(1, 2)), painter(), ignore)
    task = job(clip, outputs[2], **options, segment=Fraction(1, 2))
    render_video(task, load_negative, ignore, executor=Processes(2, load_negative))
    one, other, many = map(shades, outputs)
    assert [time for time, _ in one] == [Fraction(number * 1001, 24000) for number in range(len(one))]
    assert len(one) == 69  # all moments from 1/7 s on and before 3 s
    assert [time for time, _ in other] == [time for time, _ in one]
    assert [shade for _, shade in other] == pytest.approx([shade for _, shade in one], abs=2)
    assert many == other
