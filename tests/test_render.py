"""Offline: files in, files out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from threading import Event
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from PIL import Image

from stytr_live.errors import NetworkError, SettingsError, SinkError, SourceError
from stytr_live.frame import MediaInfo
from stytr_live.media.still import read_picture, write_picture
from stytr_live.pipeline import Pipeline
from stytr_live.render import local, worker
from stytr_live.render.job import Progress, RenderJob
from stytr_live.render.pictures import render_folder, render_picture
from stytr_live.render.video import expected_frames, render_video

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stytr_live.frame import Frame, Pixels

TIME_BASE = Fraction(1, 15360)


class Negative:
    """Stands where a painter stands: paints every frame's negative, fails where told."""

    device, depth = "paper", 2

    def __init__(self, fail_at: int = -1, error: Exception | None = None) -> None:
        self._fail_at, self._error = fail_at, error

    def __call__(self, frame: Frame) -> Frame:
        if self._error and frame.index == self._fail_at:
            raise self._error
        return replace(frame, pixels=np.ascontiguousarray(255 - frame.pixels))

    def begin(self, frame: Frame) -> Callable[[], Frame]:
        return lambda: self(frame)

    def reset(self) -> None:
        """There is nothing to forget."""


def painter(negative: Negative | None = None) -> Callable[..., Any]:
    return lambda *_: negative or Negative()


def unwanted(*_: object) -> Any:
    raise AssertionError("the network is loaded although the job cannot be done")


def ignore(_: Progress) -> None:
    pass


def make_clip(path: Path, frames: int = 12, *, shade: int = 40) -> Path:
    """A grey 64×48 clip at 30 frames per second with a second of sound, its index first, each fifth frame a key."""
    with av.open(path, "w", options={"movflags": "faststart"}) as file:
        video = file.add_stream("libx264", rate=30, width=64, height=48, pix_fmt="yuv420p", time_base=TIME_BASE)
        video.codec_context.gop_size = 5
        audio = file.add_stream("aac", rate=48000, layout="mono")
        for index in range(frames):
            picture = av.VideoFrame.from_ndarray(
                np.full((48, 64, 3), (shade + 5 * index) % 250, np.uint8), format="rgb24"
            )
            picture.pts, picture.time_base = index * 512, TIME_BASE
            file.mux(video.encode(picture))
        tone = (np.sin(np.arange(48000) / 20) * 0.3).astype(np.float32)[None]
        sound = av.AudioFrame.from_ndarray(tone, format="flt", layout="mono")
        sound.sample_rate, sound.pts = 48000, 0
        file.mux(audio.encode(sound))
        for stream in (video, audio):
            file.mux(stream.encode(None))
    return path


def shades(path: Path) -> list[tuple[Fraction, int]]:
    """(time, mean grey) of each frame."""
    with av.open(path) as file:
        return [
            (frame.pts * frame.time_base, round(float(frame.to_ndarray(format="rgb24").mean())))
            for frame in file.decode(video=0)
            if frame.pts is not None and frame.time_base is not None
        ]


def sound(path: Path) -> list[bytes]:
    with av.open(path) as file:
        return [bytes(packet) for packet in file.demux(audio=0) if packet.size]


def picture(shade: int, size: tuple[int, int] = (40, 30)) -> Pixels:
    return np.full((size[1], size[0], 3), shade, np.uint8)


def job(source: Path, output: Path, **options: Any) -> RenderJob:
    return RenderJob(input=source, output=output, **{"styles": (("any", 1.0),), **options})


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4")


def test_a_video_keeps_its_frames_times_and_sound(clip: Path, tmp_path: Path) -> None:
    reports: list[Progress] = []
    rendered = render_video(job(clip, tmp_path / "out.mp4"), painter(), reports.append)
    before, after = shades(clip), shades(tmp_path / "out.mp4")
    assert [time for time, _ in after] == [time for time, _ in before]
    assert [shade for _, shade in after] == pytest.approx([255 - shade for _, shade in before], abs=2)
    assert sound(tmp_path / "out.mp4") == sound(clip)
    assert (rendered.frames, rendered.device, rendered.output) == (12, "paper", tmp_path / "out.mp4")
    assert (reports[-1].frames, reports[-1].total, reports[-1].remaining) == (12, 12, 0.0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "out.mp4"]


def test_a_part_of_a_video_is_painted(clip: Path, tmp_path: Path) -> None:
    cut = job(clip, tmp_path / "out.mp4", start=Fraction(1, 10), end=Fraction(3, 10))
    assert render_video(cut, painter(), ignore).frames == 6
    assert [shade for _, shade in shades(tmp_path / "out.mp4")] == pytest.approx(
        [255 - 40 - 5 * index for index in range(3, 9)], abs=2
    )


@pytest.mark.parametrize("error", [NetworkError("The weights are missing."), KeyboardInterrupt()])
def test_a_network_that_cannot_be_loaded_leaves_the_older_output_alone(
    clip: Path, tmp_path: Path, error: BaseException
) -> None:
    output = tmp_path / "out.mp4"
    output.write_bytes(b"older")

    def load(_: object) -> Any:
        raise error

    with pytest.raises(type(error)):
        render_video(job(clip, output, overwrite=True), load, ignore)
    assert output.read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "out.mp4"]


def test_an_error_while_painting_leaves_the_older_output_alone(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    output.write_bytes(b"older")
    with pytest.raises(ZeroDivisionError):
        render_video(job(clip, output, overwrite=True), painter(Negative(5, ZeroDivisionError())), ignore)
    assert output.read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "out.mp4"]


def test_a_report_that_raises_ends_the_job_and_leaves_nothing(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fourth frame is painted only when the job has been cancelled."""
    cancelled = Event()

    class Watched(Pipeline):
        def cancel(self) -> None:
            super().cancel()
            cancelled.set()

    class Held(Negative):
        def __call__(self, frame: Frame) -> Frame:
            assert frame.index < 3 or cancelled.wait(20)
            return super().__call__(frame)

    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(worker, "Pipeline", Watched)
    with pytest.raises(KeyboardInterrupt):
        render_video(job(clip, tmp_path / "out.mp4"), painter(Held()), interrupt)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_an_existing_output_is_refused_before_any_work(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    output.write_bytes(b"older")
    with pytest.raises(SinkError, match="exists"):
        render_video(job(clip, output), unwanted, ignore)
    write_picture(tmp_path / "a.png", picture(9))
    write_picture(tmp_path / "b.png", picture(9))
    with pytest.raises(SinkError, match=r"b\.png' exists"):
        render_picture(job(tmp_path / "a.png", tmp_path / "b.png"), unwanted, ignore)
    assert output.read_bytes() == b"older"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(None, None, 300), (Fraction(5), None, 150), (None, Fraction(1), 30), (Fraction(2), Fraction(99), 240),
     (Fraction(20), None, 0)],
)  # fmt: skip
def test_the_number_of_frames_between_two_times_is_estimated(
    start: Fraction | None, end: Fraction | None, expected: int
) -> None:
    assert expected_frames(MediaInfo((2, 2), Fraction(30), Fraction(10), 300), start, end) == expected
    assert expected_frames(MediaInfo((2, 2)), start, end) is None


def test_a_picture_is_painted(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", picture(55))
    reports: list[Progress] = []
    rendered = render_picture(job(tmp_path / "a.png", tmp_path / "b.png"), painter(), reports.append)
    assert np.array_equal(read_picture(tmp_path / "b.png"), picture(200))
    assert (rendered.frames, len(reports), reports[0].total) == (1, 1, 1)


def test_a_folder_gives_a_folder_of_the_same_names_and_names_what_was_left_out(tmp_path: Path) -> None:
    photos, output = tmp_path / "photos", tmp_path / "new" / "painted"
    (photos / "inner").mkdir(parents=True)
    write_picture(photos / "a.png", picture(10))
    (photos / "b.png").write_bytes(b"")
    (photos / "c.jpg").write_text("a letter")
    write_picture(photos / "d.jpg", picture(20))
    write_picture(photos / "inner" / "e.png", picture(30))
    write_picture(photos / "f.tif", picture(40))
    (photos / "f.tif").rename(photos / "f.jp2")
    (photos / "notes.txt").write_text("nothing to paint")
    (photos / ".hidden.png").write_bytes(b"")
    reports: list[Progress] = []
    rendered = render_folder(job(photos, output), painter(), reports.append)
    assert sorted(path.name for path in output.iterdir()) == ["a.png", "d.jpg"]
    assert np.array_equal(read_picture(output / "a.png"), picture(245))
    assert rendered.frames == 2
    assert [
        name in sentence for name, sentence in zip(("b.png", "c.jpg", "f.jp2"), rendered.failures, strict=True)
    ] == [1, 1, 1]
    assert [report.frames for report in reports] == [1, 2, 3, 4, 5]


def test_a_folder_refuses_existing_outputs_before_any_work(tmp_path: Path) -> None:
    photos, output = tmp_path / "photos", tmp_path / "painted"
    photos.mkdir()
    output.mkdir()
    for name in ("a.png", "b.png", "c.png"):
        write_picture(photos / name, picture(1))
        write_picture(output / name, picture(2))
    with pytest.raises(SinkError, match=r"a\.png' and 2 more exist already"):
        render_folder(job(photos, output), unwanted, ignore)
    assert render_folder(job(photos, output, overwrite=True), painter(), ignore).frames == 3
    assert np.array_equal(read_picture(output / "b.png"), picture(254))


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").touch()
    with pytest.raises(SourceError, match="no picture in the folder"):
        render_folder(job(tmp_path / "notes", tmp_path / "out"), unwanted, ignore)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    write_picture(tmp_path / "photos" / "a.png", picture(1))
    (tmp_path / "file").touch()
    with pytest.raises(SinkError, match="cannot be made"):
        render_folder(job(tmp_path / "photos", tmp_path / "file"), unwanted, ignore)


def test_what_an_input_is_decides_how_it_is_painted(clip: Path, tmp_path: Path) -> None:
    """With the real network: a painting has the size of its input and is no copy of it."""
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)).save(tmp_path / "style.png")
    options: dict[str, Any] = {"styles": ((str(tmp_path / "style.png"), 1.0),), "short_side": 32, "device": "cpu"}
    (tmp_path / "photos").mkdir()
    for name in ("photos/a.png", "b.png"):
        write_picture(tmp_path / name, picture(90))
    assert local.render(job(clip, tmp_path / "out.mp4", **options), ignore).frames == 12
    local.render(job(tmp_path / "photos", tmp_path / "painted", **options), ignore)
    local.render(job(tmp_path / "b.png", tmp_path / "b_painted.png", **options), ignore)
    one, other = read_picture(tmp_path / "painted" / "a.png"), read_picture(tmp_path / "b_painted.png")
    assert np.array_equal(one, other)
    assert one.shape == (30, 40, 3)
    assert np.abs(one.astype(int) - 90).mean() > 5


def test_times_are_for_videos_only(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", picture(1))
    with pytest.raises(SettingsError, match="no video"):
        local.render(job(tmp_path / "a.png", tmp_path / "b.png", start=Fraction(1)), ignore)
    with pytest.raises(SettingsError, match="no video"):
        local.render(job(tmp_path, tmp_path / "out", end=Fraction(1)), ignore)


def test_a_job_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    source, output = tmp_path / "a.mp4", tmp_path / "b.mp4"
    with pytest.raises(SettingsError, match="No style"):
        job(source, output, styles=())
    with pytest.raises(SettingsError, match="not after the start"):
        job(source, output, start=Fraction(2), end=Fraction(2))
    with pytest.raises(SinkError, match="is the input"):
        job(source, tmp_path / "x" / ".." / "a.mp4")
