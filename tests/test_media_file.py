"""Video files in and out: nothing lost, nothing moved, nothing tinted."""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from stytr_live.errors import SinkError, SourceError, StytrError
from stytr_live.frame import Frame
from stytr_live.media.file_sink import FileSink
from stytr_live.media.file_source import FileSource
from tests.clips import B_FRAMES, CLIPS, Clip, damage, even, packets, pictures, silent_film


def copy(source: Path, output: Path, start: Fraction | None = None, end: Fraction | None = None) -> list[Frame]:
    """Send a video through, as it is."""
    frames = FileSource(source, start=start, end=end)
    sink, sent = FileSink(output, like=source, size=frames.info.size, start=start, end=end), []
    for frame in frames:
        sink.write(frame)
        sent.append(frame)
    sink.close()
    return sent


@pytest.fixture(params=CLIPS.values(), ids=CLIPS)
def clip(request: pytest.FixtureRequest) -> Clip:
    made: Clip = request.param
    return made


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_every_frame_time_and_sound_packet_survives(clip: Clip, suffix: str, tmp_path: Path) -> None:
    source, output = clip.write(tmp_path / "in.mp4"), tmp_path / f"out{suffix}"
    frames = copy(source, output)
    times, shown = pictures(output)
    assert times == pictures(source)[0] == [f.time for f in frames] == list(clip.times)
    assert [f.index for f in frames] == list(range(len(times)))
    for kind in ("audio", "subtitle"):
        assert packets(output, kind) == packets(source, kind)
    assert shown[0].shape[1::-1] == frames[0].size
    assert [p.name for p in tmp_path.iterdir()].count(output.name) == 1
    assert not list(tmp_path.glob("*.part*"))


def test_matroska_is_right_to_half_a_millisecond(tmp_path: Path) -> None:
    source = CLIPS["variable rate, B-frames, late start"].write(tmp_path / "in.mp4")
    copy(source, tmp_path / "out.mkv")
    times, before = pictures(tmp_path / "out.mkv")[0], pictures(source)[0]
    assert len(times) == len(before)
    assert all(abs(a - b) <= Fraction(1, 2000) for a, b in zip(times, before, strict=True))
    assert [b for _, b in packets(tmp_path / "out.mkv", "audio")[0]] == [b for _, b in packets(source, "audio")[0]]


def test_webm_is_written_and_what_it_cannot_hold_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = Clip(size=(65, 49), times=even(4), tones=(440,), pixel_format="yuv444p").write(tmp_path / "in.mkv")
    copy(source, tmp_path / "out.webm")
    assert pictures(tmp_path / "out.webm")[1][0].shape == (49, 65, 3)
    assert "aac" in caplog.text


@pytest.mark.parametrize(
    ("rotation", "mirrored", "corner"),
    [(None, False, (0, 0)), (90, False, (-1, 0)), (-90, False, (0, -1)), (180, False, (-1, -1)), (0, True, (0, -1))],
)
def test_pictures_stand_upright(
    rotation: float | None,
    mirrored: bool,
    corner: tuple[int, int],
    tmp_path: Path,
) -> None:
    source = Clip(times=even(2), rotation=rotation, mirrored=mirrored).write(tmp_path / "in.mp4")
    frame = copy(source, tmp_path / "out.mp4")[0]
    y, x = (10 if at == 0 else -10 for at in corner)
    turned = rotation in (90, -90)
    assert frame.size == ((64, 96) if turned else (96, 64))
    assert frame.pixels[y, x, 0] > 200 > 100 > frame.pixels[y, x, 1]
    with av.open(str(tmp_path / "out.mp4")) as container:
        shown = next(container.decode(video=0))
        assert shown.rotation == 0
        assert (shown.width, shown.height) == frame.size


def test_the_shape_of_pixels_is_kept_and_turned(tmp_path: Path) -> None:
    for rotation, aspect in ((None, Fraction(4, 3)), (90, Fraction(3, 4))):
        source = Clip(times=even(2), rotation=rotation, aspect=Fraction(4, 3)).write(tmp_path / "in.mp4")
        copy(source, output := tmp_path / f"out{rotation}.mp4")
        with av.open(str(output)) as container:
            assert container.streams.video[0].sample_aspect_ratio == aspect


LUMA = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}


def rgb(yuv: tuple[int, int, int], matrix: int, *, full: bool) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """ITU-R BT.601/709/2020 by hand."""
    kr, kb = LUMA[matrix]
    y, u, v = (
        (yuv[0], yuv[1] - 128, yuv[2] - 128)
        if full
        else ((yuv[0] - 16) * 255 / 219, (yuv[1] - 128) * 255 / 224, (yuv[2] - 128) * 255 / 224)
    )
    r, b = y + 2 * (1 - kr) * v, y + 2 * (1 - kb) * u
    return np.clip(np.array([r, (y - kr * r - kb * b) / (1 - kr - kb), b]), 0, 255)


@pytest.mark.parametrize("yuv", [(120, 90, 170), (60, 140, 110), (200, 128, 128)])
@pytest.mark.parametrize(
    ("tags", "height", "meaning"),
    [
        ((1, 1, 1, 1), 64, (1, 1, 1, 1)),
        ((6, 1, 6, 6), 720, (6, 1, 6, 6)),
        ((9, 1, 9, 14), 64, (9, 1, 9, 14)),
        ((1, 2, 1, 1), 64, (1, 2, 1, 1)),
        (None, 64, (6, 1, 6, 6)),
        (None, 720, (1, 1, 1, 1)),
    ],
)
def test_colours_are_read_as_tagged_and_written_with_the_same_tags(
    yuv: tuple[int, int, int],
    tags: tuple[int, int, int, int] | None,
    height: int,
    meaning: tuple[int, int, int, int],
    tmp_path: Path,
) -> None:
    clip = Clip(size=(64, height), times=even(2), colour=yuv, tags=tags, options={"preset": "ultrafast", "qp": "0"})
    source, output = clip.write(tmp_path / "in.mp4"), tmp_path / "out.mp4"
    frame = copy(source, output)[0]
    wanted = rgb(yuv, meaning[0], full=meaning[1] == 2)
    assert np.abs(frame.pixels[20, 20] - wanted).max() <= 2
    with av.open(str(output)) as container:
        c = container.streams.video[0].codec_context
        assert (c.colorspace, c.color_range, c.color_primaries, c.color_trc) == meaning
        decoded = next(container.decode(video=0))
        levels = tuple(bytes(p)[20 * p.line_size + 20] for p in decoded.planes)
    again = rgb((levels[0], levels[1], levels[2]), meaning[0], full=meaning[1] == 2)
    assert np.abs(again - wanted).max() <= 4  # twice rounded, once compressed


@pytest.mark.parametrize("options", [{"preset": "ultrafast", "g": "6"}, B_FRAMES | {"g": "7"}])
@pytest.mark.parametrize(("start", "end"), [("0.2", "0.6"), ("0.38", None), (None, "0.4"), ("0", "99")])
def test_a_part_has_exactly_the_frames_from_start_to_before_end(
    start: str | None, end: str | None, options: dict[str, str], tmp_path: Path
) -> None:
    late = Fraction(1, 2)
    source = Clip(times=even(24, start=late), options=options, tones=(440,)).write(tmp_path / "in.mp4")
    begin, stop = (None if t is None else Fraction(t) for t in (start, end))
    copy(source, tmp_path / "out.mp4", begin, stop)
    whole, shown = pictures(source)
    kept = [
        i for i, t in enumerate(whole) if (begin is None or t >= late + begin) and (stop is None or t < late + stop)
    ]
    times, cut = pictures(tmp_path / "out.mp4")
    shift = Fraction(0) if begin is None else late + begin
    assert times == [whole[i] - shift for i in kept]
    for i, picture in zip(kept, cut, strict=True):
        assert np.abs(picture.astype(int) - shown[i]).mean() < 6
    heard = packets(tmp_path / "out.mp4", "audio")[0]
    if begin:
        assert Fraction(-2 * 1024, 48000) < heard[0][0] <= 0  # the one that is cut, and one that it needs
    if stop and stop < 1:
        assert abs(heard[-1][0] - (late + stop - shift)) <= 2 * Fraction(1024, 48000)


def test_titles_languages_and_chapters_go_along(tmp_path: Path) -> None:
    source = CLIPS["two sounds, two subtitles, chapters"].write(tmp_path / "in.mp4")
    copy(source, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.metadata["title"] == "clip"
        assert [s.metadata["language"] for s in container.streams if s.type in ("audio", "subtitle")] == [
            "eng",
            "deu",
            "eng",
            "deu",
        ]
        assert [(c["start"] * c["time_base"], c["metadata"]["title"]) for c in container.chapters()] == [
            (0, "one"),
            (Fraction(2, 5), "two"),
        ]  # type: ignore[operator]


def test_frames_around_damage_survive(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clip = Clip(times=even(60), options={"preset": "ultrafast", "g": "5", "tune": "zerolatency"})
    source = damage(clip.write(tmp_path / "in.mp4"), 20, 23)
    frames = FileSource(source)
    times = [f.time for f in frames]
    assert frames.damaged >= 1
    assert len(times) >= 54
    assert times[:20] == list(clip.times[:20])
    assert times[-30:] == list(clip.times[-30:])
    assert "damaged packets" in caplog.text


def test_what_comes_before_endless_damage_survives(tmp_path: Path) -> None:
    clip = Clip(times=even(60), options={"preset": "ultrafast", "g": "5", "tune": "zerolatency"})
    source = damage(clip.write(tmp_path / "in.mp4"), 30, 59)
    assert [f.time for f in FileSource(source)][:30] == list(clip.times[:30])


def test_a_truncated_video_gives_what_is_there(tmp_path: Path) -> None:
    source = Clip(times=even(50), tones=(440,)).write(tmp_path / "in.mkv")
    source.write_bytes(source.read_bytes()[: source.stat().st_size * 6 // 10])
    frames = copy(source, tmp_path / "out.mp4")
    assert 10 < len(frames) < 50
    assert [f.time for f in frames] == pictures(tmp_path / "out.mp4")[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"This is a text, not a video. " * 100, "not a video"),
        (Path(__file__).read_bytes(), "not a video"),
        (silent_film(), "no picture"),
        (None, "cannot be opened: No such file"),
    ],
    ids=["empty", "text", "program", "sound only", "missing"],
)
def test_what_is_no_video_is_refused_in_one_sentence(content: bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "in.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=message) as refusal:
        FileSource(path)
    assert str(refusal.value).count("\n") == 0
    assert str(refusal.value).endswith(".")


def test_a_video_without_its_index_and_a_folder_are_refused(tmp_path: Path) -> None:
    source = Clip().write(tmp_path / "in.mp4")
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    with pytest.raises(SourceError, match="cut off"):
        FileSource(source)
    with pytest.raises(SourceError, match="is a folder"):
        FileSource(tmp_path)


def test_a_list_that_names_other_files_opens_none_of_them(tmp_path: Path) -> None:
    Clip().write(tmp_path / "secret.mp4")
    listing = tmp_path / "in.mp4"
    listing.write_text(f"ffconcat version 1.0\nfile '{tmp_path / 'secret.mp4'}'\n")
    with pytest.raises(SourceError):
        list(FileSource(listing))


def sink_of(tmp_path: Path, name: str = "out.mp4", **options: bool) -> tuple[FileSink, Frame]:
    source = tmp_path / "in.mp4"
    if not source.exists():
        Clip(times=even(3), tones=(440,)).write(source)
    frame = next(iter(frames := FileSource(source)))
    frames.close()
    return FileSink(tmp_path / name, like=source, size=frame.size, **options), frame


def test_an_output_that_is_discarded_leaves_nothing_and_spares_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "out.mp4").write_bytes(b"precious")
    sink, frame = sink_of(tmp_path, overwrite=True)
    sink.write(frame)
    sink.discard()
    assert (tmp_path / "out.mp4").read_bytes() == b"precious"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


def test_an_output_appears_only_when_whole(tmp_path: Path) -> None:
    sink, frame = sink_of(tmp_path)
    sink.write(frame)
    assert not (tmp_path / "out.mp4").exists()
    sink.close()
    assert pictures(tmp_path / "out.mp4")[0] == [frame.time]


def test_an_output_that_must_not_be_written_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "out.mp4").write_bytes(b"precious")
    for name, message in (
        ("out.mp4", "exists already"),
        ("in.mp4", "is the input"),
        ("out.txt", "no suffix of a video"),
        ("nowhere/out.mp4", "No such file"),
    ):
        with pytest.raises(SinkError, match=message):
            sink_of(tmp_path, name)
    with pytest.raises(SinkError, match="is the input"):
        sink_of(tmp_path, "in.mp4", overwrite=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


def test_a_full_disk_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        source = Clip(size=(320, 240), times=even(200)).write(tmp_path / "in.mp4")
        rng = np.random.default_rng(0)
        sink = FileSink(disk / "out.mp4", like=source, size=(320, 240))
        with pytest.raises(SinkError, match=r"out\.mp4"):  # noqa: PT012
            try:
                for i in range(40):
                    noise = rng.integers(0, 256, (240, 320, 3), np.uint8)
                    sink.write(Frame(noise, Fraction(i, 25), i, 0))
            except StytrError:
                sink.discard()
                raise
            sink.close()
        assert not list(disk.iterdir())
    finally:
        subprocess.run(["umount", disk], check=True)


def test_closing_from_another_thread_ends_the_iteration(tmp_path: Path) -> None:
    source = FileSource(Clip(times=even(200)).write(tmp_path / "in.mp4"))
    seen: list[Frame] = []
    first = threading.Event()

    def read() -> None:
        for frame in source:
            seen.append(frame)
            first.set()
            time.sleep(0)

    thread = threading.Thread(target=read)
    thread.start()
    first.wait(10)
    source.close()
    source.close()
    thread.join(10)
    assert not thread.is_alive()
    assert 1 <= len(seen) <= 200


def test_a_source_is_iterated_once_and_may_be_closed_unused(tmp_path: Path) -> None:
    path = Clip(times=even(2)).write(tmp_path / "in.mp4")
    source = FileSource(path)
    assert len(list(source)) == 2
    with pytest.raises(RuntimeError, match="once"):
        next(iter(source))
    unused = FileSource(path)
    unused.close()
    unused.close()


def test_pixels_are_ready_for_use(tmp_path: Path) -> None:
    for frame in FileSource(CLIPS["odd size"].write(tmp_path / "in.mp4")):
        assert frame.pixels.flags.c_contiguous
        assert frame.pixels.dtype == np.uint8
        assert frame.pixels.shape == (241, 321, 3)


def test_nothing_is_logged_for_a_healthy_video(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        copy(CLIPS["plain with sound"].write(tmp_path / "in.mp4"), tmp_path / "out.mp4")
    assert not caplog.records
