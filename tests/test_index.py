"""Times of frames without decoding agree with what decoding gives, or are not given."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from stytr_live.errors import SourceError
from stytr_live.media.index import Index, read_index
from tests.clips import B_FRAMES, CLIPS, VARIABLE, Clip, even, pictures, silent_film

if TYPE_CHECKING:
    from pathlib import Path


def seconds(index: Index | None) -> list[Fraction]:
    assert index is not None
    return [int(tick) * index.time_base for tick in index.times]


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("name", CLIPS)
def test_every_frame_that_is_decoded_is_listed_at_its_time(name: str, suffix: str, tmp_path: Path) -> None:
    if suffix == ".mkv" and CLIPS[name].subtitles:
        pytest.skip("Matroska has no mov_text")
    path = CLIPS[name].write(tmp_path / f"clip{suffix}")
    index, shown = read_index(path), pictures(path)[0]
    if len(set(shown)) < len(shown):  # Matroska's milliseconds cannot tell them apart
        assert index is None
        return
    assert seconds(index) == shown
    assert index is not None
    assert index.keys[0] == index.times[0]
    assert set(index.keys) <= set(index.times)


@pytest.mark.parametrize(
    ("codec", "suffix", "pixel_format"),
    [
        ("libx265", ".mp4", "yuv420p"),
        ("libvpx-vp9", ".webm", "yuv420p"),
        ("libsvtav1", ".mkv", "yuv420p"),
        ("prores_ks", ".mov", "yuv422p10le"),
        ("ffv1", ".mkv", "yuv420p"),
        ("mjpeg", ".mov", "yuvj420p"),
        ("mpeg2video", ".ts", "yuv420p"),
        ("libx264", ".ts", "yuv420p"),
    ],
)
def test_other_codecs_are_listed_too(
    codec: str, suffix: str, pixel_format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SVT_LOG", "-1")
    quiet = {"x265-params": "log-level=none:bframes=3"} if codec == "libx265" else {}
    base = Fraction(1, 25) if codec == "mpeg2video" else Fraction(1, 12800)
    clip = Clip(size=(128, 64), times=even(30), codec=codec, pixel_format=pixel_format, options=quiet, time_base=base)
    path = clip.write(tmp_path / f"clip{suffix}")
    assert seconds(read_index(path)) == pictures(path)[0]


def test_key_frames_are_where_decoding_can_begin(tmp_path: Path) -> None:
    path = Clip(times=even(50), options=B_FRAMES | {"g": "20", "sc_threshold": "0"}).write(tmp_path / "clip.mp4")
    index = read_index(path)
    assert index is not None
    assert [int(key) * index.time_base for key in index.keys] == [Fraction(i, 25) for i in (0, 20, 40)]


def test_what_an_edit_list_cuts_away_is_not_listed(tmp_path: Path) -> None:
    whole = Clip(times=even(30), options=B_FRAMES).write(tmp_path / "whole.mp4")
    cut = tmp_path / "cut.mp4"
    with av.open(str(whole)) as source, av.open(str(cut), "w") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size and packet.dts is not None and packet.pts is not None:
                packet.pts -= 5 * 512
                packet.dts -= 5 * 512
                packet.stream = stream
                output.mux(packet)
    assert len(pictures(cut)[0]) < 30
    assert seconds(read_index(cut)) == pictures(cut)[0]


def test_an_hour_at_sixty_frames_a_second_takes_some_megabytes(tmp_path: Path) -> None:
    import tracemalloc

    one = Clip(size=(16, 16), times=even(2)).write(tmp_path / "one.mp4")
    with av.open(str(one)) as source, av.open(str(tmp_path / "hour.mp4"), "w") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        first = next(packet for packet in source.demux(video=0) if packet.size)
        data, base = bytes(first), first.time_base
        for tick in range(216_000):
            packet: av.Packet[av.VideoStream] = av.Packet(data)  # type: ignore[assignment]
            packet.stream, packet.time_base, packet.pts, packet.dts = stream, base, tick * 8, tick * 8
            packet.is_keyframe = True
            output.mux(packet)
    tracemalloc.start()
    index = read_index(tmp_path / "hour.mp4")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert index is not None
    assert np.array_equal(index.times, np.arange(216_000) * int(8 * base / index.time_base))
    assert peak < 20e6


@pytest.mark.parametrize(
    ("suffix", "codec"), [(".avi", "mpeg4"), (".mpg", "mpeg2video"), (".webm", "libvpx"), (".h264", "libx264")]
)
def test_where_packets_do_not_tell_nothing_is_said(suffix: str, codec: str, tmp_path: Path) -> None:
    options = {"preset": "ultrafast"} if codec == "libx264" else {}
    path = Clip(codec=codec, options=options, time_base=Fraction(1, 25)).write(tmp_path / f"clip{suffix}")
    assert read_index(path) is None


def test_a_file_that_begins_within_a_group_of_pictures_is_not_trusted(tmp_path: Path) -> None:
    whole = Clip(times=VARIABLE, options=B_FRAMES).write(tmp_path / "whole.mkv")
    late = tmp_path / "late.mkv"
    with av.open(str(whole)) as source, av.open(str(late), "w") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in list(source.demux(video=0))[2:]:
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    assert read_index(late) is None


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "song.mp4").write_bytes(silent_film())
    with pytest.raises(SourceError, match="no picture"):
        read_index(tmp_path / "song.mp4")
