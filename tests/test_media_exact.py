"""Fields, high dynamic ranges, transparency and several videos: read as they are meant."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from stytr_live.errors import SourceError
from stytr_live.media import conversion
from stytr_live.media.colour import Colour
from stytr_live.media.file_sink import FileSink
from stytr_live.media.file_source import FileSource
from stytr_live.media.tone import HLG, PQ, USUAL, Range, ToneMapper, mapped, tone_curve
from stytr_live.media.traits import read_traits
from tests.clips import Clip, pictures

if TYPE_CHECKING:
    from pathlib import Path

PIXELS = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@pytest.fixture(autouse=True)
def _said_anew() -> None:
    conversion._warn.cache_clear()


def interlaced(path: Path, count: int = 30) -> Path:
    """A bar that moves from field to field, the upper field first, with a key frame in the middle."""
    with av.open(str(path), "w") as output:
        options = {"preset": "ultrafast", "crf": "10", "x264-params": "tff=1:keyint=12:min-keyint=12:scenecut=0"}
        stream = output.add_stream("libx264", rate=25, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        stream.codec_context.time_base = stream.time_base = Fraction(1, 12800)
        for index in range(count):
            pixels = np.full((96, 128, 3), 30, np.uint8)
            for field in range(2):
                left = (4 * (2 * index + field)) % 112
                pixels[field::2, left : left + 16] = 220
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = 512 * index, Fraction(1, 12800)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def comb(pixels: PIXELS) -> float:
    """How much each line differs from those above and below."""
    grey = pixels.astype(float).mean(-1)
    return float(np.abs(grey[1:-1] - (grey[:-2] + grey[2:]) / 2).mean())


def test_fields_become_frames_at_the_same_times(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = interlaced(tmp_path / "in.mp4")
    times, raw = pictures(path)
    frames = list(FileSource(path))
    assert [f.time for f in frames] == times
    assert comb(raw[10]) > 8
    assert all(comb(f.pixels) < 1 for f in frames[1:-1])
    assert [r.message for r in caplog.records] == [f"'{path}' is interlaced; its fields are made whole frames."]


@pytest.mark.parametrize(("first", "last"), [(0, 30), (5, 9), (12, 24), (13, 14), (29, 30)])
def test_a_stretch_of_fields_is_as_in_the_whole_film(first: int, last: int, tmp_path: Path) -> None:
    path = interlaced(tmp_path / "in.mp4")
    whole = list(FileSource(path))
    stretch = list(FileSource(path, start=Fraction(first, 25), end=Fraction(last, 25)))
    assert [f.time for f in stretch] == [f.time for f in whole[first:last]]
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(stretch, whole[first:last], strict=True))


def test_progressive_films_are_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    traits = read_traits(Clip().write(tmp_path / "in.mp4"))
    assert not traits.interlaced
    assert traits.range is None
    assert not caplog.records


def pq_signal(light: float) -> float:
    """ITU-R BT.2100, table 4, inverse, written down once more."""
    y = math.pow(light / 10_000, 0.1593017578125)
    return math.pow((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y), 78.84375)


def write_patch(path: Path, signal: float, transfer: int) -> Path:
    """A film of one grey of ten bits, of BT.2020."""
    levels = round(64 + 876 * signal), 512, 512
    with av.open(str(path), "w") as output:
        stream = output.add_stream("ffv1", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p10le"
        context = stream.codec_context
        context.colorspace, context.color_range, context.color_primaries, context.color_trc = 9, 1, 9, transfer
        for index in range(2):
            frame = av.VideoFrame(64, 64, "yuv420p10le")
            for plane, level in zip(frame.planes, levels, strict=True):
                plane.update(np.full(plane.buffer_size // 2, level, np.uint16).tobytes())
            frame.pts, frame.time_base = index, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("light", "shown"),
    [
        (0.0, 0.0),
        (1.0, (1 / 203) ** (1 / 2.4)),
        (50.0, (50 / 203) ** (1 / 2.4)),  # below the knee light stays as it is
        (1000.0, 1.0),  # the peak is white
        (10_000.0, 1.0),
    ],
)
def test_pq_light_is_shown_as_the_policy_has_it(light: float, shown: float, tmp_path: Path) -> None:
    signal = round(876 * pq_signal(light)) / 876 if light else 0.0
    frame = next(iter(FileSource(write_patch(tmp_path / "in.mkv", signal, PQ))))
    assert np.ptp(frame.pixels.reshape(-1, 3), axis=0).max() == 0
    assert np.ptp(frame.pixels[0, 0].astype(int)) <= 1  # neutral stays neutral
    assert abs(int(frame.pixels[0, 0, 1]) - 255 * shown) <= 2


def test_reference_white_is_a_little_below_white() -> None:
    knee = 1.5 * pq_signal(203) / pq_signal(1000) - 0.5
    e = pq_signal(203) / pq_signal(1000)
    t = (e - knee) / (1 - knee)
    most = e  # of the screen, whose peak is the reference white
    bent = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * most
    range_ = Range(Colour(9, 1, 9, PQ), 1000.0)
    found = mapped(np.full(3, pq_signal(203)), range_)
    light = float(tone_curve(np.array(203.0), 1000.0))
    assert pq_signal(light) / pq_signal(1000) == pytest.approx(bent, abs=1e-6)
    assert found[1] == pytest.approx((light / 203) ** (1 / 2.4), abs=1e-4)
    assert 0.85 < found[1] < 1


def test_hlg_is_shown_as_the_policy_has_it(tmp_path: Path) -> None:
    signal = round(876 * 0.5) / 876
    frame = next(iter(FileSource(write_patch(tmp_path / "in.mkv", signal, HLG))))
    scene = signal**2 / 3 if signal <= 0.5 else (math.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
    light = USUAL * scene**1.2
    shown = (float(tone_curve(np.array(light), USUAL)) / 203) ** (1 / 2.4)
    assert abs(int(frame.pixels[0, 0, 1]) - 255 * shown) <= 2


@pytest.mark.parametrize(
    ("transfer", "peak"), [(HLG, USUAL), (PQ, 203.0), (PQ, 600.0), (PQ, 1000.0), (PQ, 4000.0), (PQ, 10_000.0)]
)
def test_more_light_is_never_darker_and_hues_stay(transfer: int, peak: float) -> None:
    range_ = Range(Colour(9, 1, 9, transfer), peak)
    grey = mapped(np.repeat(np.linspace(0, 1, 2001)[:, None], 3, 1), range_)
    assert (np.diff(grey[:, 1]) > -1e-9).all()
    assert grey.min() == 0.0
    assert grey.max() == pytest.approx(1.0, abs=1e-6)
    assert np.ptp(grey, axis=1).max() < 0.001
    red = mapped(np.array([[0.5, 0.2, 0.2]]), range_)[0]
    assert red[0] > red[1] >= 0


def test_the_table_is_right_to_a_level(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    range_ = Range(Colour(9, 1, 9, PQ), 1000.0)
    luma = chance.integers(64, 941, (64, 64)).astype(np.uint16)
    frame = av.VideoFrame(64, 64, "yuv420p10le")
    frame.planes[0].update(luma.tobytes())
    for plane in frame.planes[1:]:
        plane.update(np.full(plane.buffer_size // 2, 512, np.uint16).tobytes())
    shown = ToneMapper(range_)(frame)
    wanted = mapped(np.repeat(((luma - 64) / 876.0)[..., None], 3, -1), range_) * 255
    assert np.abs(shown - wanted).max() < 2
    assert np.abs(shown - wanted).mean() < 0.5


def test_a_painted_hdr_film_is_tagged_as_what_it_became(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = write_patch(tmp_path / "in.mkv", 0.5, PQ)
    traits = read_traits(source)
    assert traits.range is not None
    assert traits.range.peak == USUAL
    sink = FileSink(tmp_path / "out.mp4", like=source, size=traits.size)
    for frame in FileSource(source):
        sink.write(frame)
    sink.close()
    with av.open(str(tmp_path / "out.mp4")) as container:
        context = container.streams.video[0].codec_context
        tags = context.colorspace, context.color_range, context.color_primaries, context.color_trc
    assert tags == (1, 1, 1, 1)
    assert [r.message for r in caplog.records] == [f"'{source}' is HDR (PQ); it is made to fit usual screens (BT.709)."]


@pytest.mark.parametrize(
    ("codec", "pixel_format", "suffix"),
    [
        ("prores_ks", "yuva444p10le", ".mov"),
        ("qtrle", "argb", ".mov"),
        ("png", "rgba", ".mov"),
        ("ffv1", "bgra", ".mkv"),
    ],
)
def test_what_is_transparent_shows_the_background(codec: str, pixel_format: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"in{suffix}"
    rgba = np.zeros((64, 96, 4), np.uint8)
    rgba[...] = (200, 100, 50, 255)
    rgba[:32, :, 3] = 0
    rgba[32:, :48, 3] = 128
    with av.open(str(path), "w") as output:
        options = {"profile": "4444"} if codec == "prores_ks" else {}
        stream = output.add_stream(codec, rate=25, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 96, 64, pixel_format
        for index in range(2):
            frame = av.VideoFrame.from_ndarray(rgba, format="rgba").reformat(format=pixel_format)
            frame.pts, frame.time_base = index, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    shown = next(iter(FileSource(path, background=(0, 0, 255)))).pixels.astype(int)
    assert np.abs(shown[8, 8] - (0, 0, 255)).max() <= 2
    assert np.abs(shown[56, 8] - (100, 50, 152)).max() <= 4
    assert np.abs(shown[56, 88] - (200, 100, 50)).max() <= 4
    assert np.abs(next(iter(FileSource(path))).pixels[8, 8].astype(int)).max() <= 2


def test_frames_before_zero_are_there_though_matroska_has_no_times_for_them(tmp_path: Path) -> None:
    path = tmp_path / "in.mkv"
    with av.open(str(path), "w", options={"avoid_negative_ts": "disabled"}) as output:
        stream = output.add_stream("libx264", rate=25, options={"preset": "fast", "bf": "2", "g": "10"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for index in range(30):
            frame = Clip().frame(index)
            frame.pts, frame.time_base = index - 6, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with av.open(str(path)) as container:
        raw = [(frame.pts, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]
    assert raw[0][0] is None
    assert len(raw) == 30
    frames = list(FileSource(path))
    assert [frame.time for frame in frames] == [Fraction(index - 6, 25) for index in range(30)]
    assert read_traits(path).first == frames[0].time
    assert np.mean([np.abs(f.pixels.astype(int) - r).mean() for f, (_, r) in zip(frames, raw, strict=True)]) < 3
    later = list(FileSource(path, start=Fraction(4, 25), end=Fraction(20, 25)))
    assert [frame.time for frame in later] == [Fraction(index - 6, 25) for index in range(4, 20)]
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(later, frames[4:20], strict=True))


def test_one_of_several_videos_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "in.mkv"
    with av.open(str(path), "w") as output:
        streams = [output.add_stream("libx264", rate=25) for _ in range(2)]
        for size, stream in zip(((96, 64), (64, 48)), streams, strict=True):
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for index in range(3):
            for stream in streams:
                assert isinstance(stream, av.VideoStream)
                frame = av.VideoFrame(stream.width, stream.height, "yuv420p")
                frame.pts, frame.time_base = index, Fraction(1, 25)
                output.mux(stream.encode(frame))
        for stream in streams:
            assert isinstance(stream, av.VideoStream)
            output.mux(stream.encode(None))
    assert FileSource(path).info.size == (96, 64)
    second = FileSource(path, stream=1)
    assert {f.size for f in second} == {second.info.size} == {(64, 48)}
    with pytest.raises(SourceError, match=r"no video stream 2 in .*, which has 2 videos, numbers 0 to 1"):
        FileSource(path, stream=2)
