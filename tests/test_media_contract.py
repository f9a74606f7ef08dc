"""What every source of frames promises."""

from __future__ import annotations

import threading
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stytr_live.errors import SettingsError
from stytr_live.media.file_source import FileSource
from stytr_live.media.synthetic import SyntheticSource
from tests.clips import Clip, even

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stytr_live.media.ports import FrameSource


def file_source(folder: Path) -> FrameSource:
    return FileSource(Clip(times=even(12, start=Fraction(1, 5))).write(folder / "in.mp4"))


def synthetic(_: Path) -> FrameSource:
    return SyntheticSource((96, 64), Fraction(25), 12)


@pytest.fixture(params=[file_source, synthetic])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> FrameSource:
    make: Callable[[Path], FrameSource] = request.param
    return make(tmp_path)


def test_frames_come_in_order_with_exact_times_and_the_promised_size(source: FrameSource) -> None:
    frames = list(source)
    assert [f.index for f in frames] == list(range(12))
    assert all(b.time - a.time == Fraction(1, 25) for a, b in pairwise(frames))
    assert all(isinstance(f.time, Fraction) for f in frames)
    assert {f.size for f in frames} == {source.info.size}
    assert all(a.born <= b.born for a, b in pairwise(frames))


def test_what_was_known_before_is_true(source: FrameSource) -> None:
    info = source.info
    frames = list(source)
    assert info.frames == len(frames)
    assert info.rate == 25
    assert info.duration == Fraction(12, 25)
    assert not info.live


def test_pixels_are_rgb_bytes_in_one_piece_and_move(source: FrameSource) -> None:
    frames = list(source)
    for frame in frames:
        assert frame.pixels.shape == (64, 96, 3)
        assert frame.pixels.dtype == np.uint8
        assert frame.pixels.flags.c_contiguous
    assert len({f.pixels.tobytes() for f in frames}) == 12


def test_it_is_iterated_once(source: FrameSource) -> None:
    list(source)
    with pytest.raises(RuntimeError, match="once"):
        list(source)


def test_closing_it_from_another_thread_ends_the_iteration(source: FrameSource) -> None:
    begun, closed, seen = threading.Event(), threading.Event(), []

    def read() -> None:
        for frame in source:
            seen.append(frame)
            begun.set()
            closed.wait(10)

    thread = threading.Thread(target=read)
    thread.start()
    begun.wait(10)
    source.close()
    source.close()
    closed.set()
    thread.join(10)
    assert len(seen) == 1


def test_closing_it_before_it_begins_leaves_no_frames(source: FrameSource) -> None:
    source.close()
    with pytest.raises((RuntimeError, StopIteration)):
        next(iter(source))


def test_an_endless_pattern_is_live_and_a_senseless_one_refused() -> None:
    source = SyntheticSource()
    assert source.info.live
    assert source.info.frames is None
    for wrong in ({"size": (0, 5)}, {"rate": Fraction(0)}, {"frames": 0}):
        with pytest.raises(SettingsError):
            SyntheticSource(**wrong)  # type: ignore[arg-type]
