"""Pieces of a film, and the film that is put together from them."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from stytr_live.errors import SettingsError, SinkError
from stytr_live.frame import Frame
from stytr_live.media.encoders import CODECS, Encoder, Encoding, settle
from stytr_live.media.file_sink import FileSink
from stytr_live.media.join import decode_times, join
from stytr_live.media.parts import PartSink
from stytr_live.media.traits import Traits, read_traits
from tests.clips import B_FRAMES, CLIPS, VARIABLE, Clip, even, packets, pictures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

SOURCES = {
    "constant": Clip(size=(128, 64), times=even(30), tones=(440,)),
    "variable, late": Clip(size=(128, 64), times=VARIABLE, options=B_FRAMES, tones=(440,)),
}
PAIRS = [(codec, suffix) for codec, suffixes in CODECS.items() for suffix in suffixes if suffix != ".m4v"]


def painted(traits: Traits, times: Iterable[Fraction]) -> list[Frame]:
    """Frames that move, with noise, as paintings have it."""
    width, height = traits.size
    y, x = np.mgrid[:height, :width]
    chance = np.random.default_rng(0)
    frames = []
    for index, moment in enumerate(times):
        waves = np.stack([x * 2 + 5 * index, y * 3, x + y + 3 * index], -1) % 256
        noisy = np.clip(waves + chance.normal(0, 8, waves.shape), 0, 255).astype(np.uint8)
        frames.append(Frame(noisy, moment, index, time.perf_counter()))
    return frames


def parted(
    folder: Path, frames: Sequence[Frame], bounds: Sequence[int], traits: Traits, encoder: Encoder
) -> list[Path]:
    """Parts of frames that begin at `bounds`."""
    paths = []
    for number, (begin, stop) in enumerate(pairwise([*bounds, len(frames)])):
        path = folder / f"{number:03}.part"
        sink = PartSink(path, like=traits, size=traits.size, encoder=encoder)
        for frame in frames[begin:stop]:
            sink.write(frame)
        sink.close()
        assert sink.ticks == [round(f.time / traits.time_base) for f in frames[begin:stop]]
        paths.append(path)
    assert sorted(p.name for p in folder.glob("*part*")) == [p.name for p in paths]
    return paths


def decoded(path: Path) -> list[tuple[Fraction, bytes]]:
    with av.open(str(path)) as container:
        found = []
        for frame in container.decode(video=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            shown = frame.reformat(format="rgb24") if frame.format.name == "bgr0" else frame
            found.append((frame.pts * frame.time_base, shown.to_ndarray().tobytes()))
    return found


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize(("codec", "suffix"), PAIRS)
def test_a_film_is_its_parts_bit_for_bit_at_its_exact_times(codec: str, suffix: str, name: str, tmp_path: Path) -> None:
    source = SOURCES[name].write(tmp_path / "in.mp4")
    traits, output = read_traits(source), tmp_path / f"out{suffix}"
    encoder = settle(Encoding(codec=codec, quality="draft"), output, traits)
    frames = painted(traits, pictures(source)[0])
    parts = parted(tmp_path, frames, [0, 1, 5, 6], traits, encoder)
    join(parts, output, like=source, encoder=encoder, times=[round(f.time / traits.time_base) for f in frames])
    apart = [picture for part in parts for picture in decoded(part)]
    whole = decoded(output)
    assert [pixels for _, pixels in whole] == [pixels for _, pixels in apart]
    shift = whole[0][0] - frames[0].time
    if suffix in (".mp4", ".mov"):
        assert [moment for moment, _ in whole] == [f.time for f in frames]
    else:
        assert all(abs(a - f.time - shift) <= Fraction(1, 1000) for (a, _), f in zip(whole, frames, strict=True))
    with av.open(str(output)) as container:
        found = [p for p in container.demux(video=0) if p.size]
        stream = container.streams.video[0]
        assert stream.codec_context.codec.canonical_name == codec
        assert next(p.pts for p in found if p.is_keyframe) == min(p.pts for p in found if p.pts is not None)
    assert suffix in (".mkv", ".webm") or all(
        a.dts < b.dts for a, b in pairwise(found) if a.dts is not None and b.dts is not None
    )
    assert all(p.dts <= p.pts for p in found if p.dts is not None and p.pts is not None)
    with av.open(str(output)) as container:
        assert [s.codec_context.name for s in container.streams.audio] == ["opus" if suffix == ".webm" else "aac"]


@pytest.mark.parametrize("name", ["two sounds, two subtitles, chapters", "BT.709 tagged", "wide pixels", "rotated"])
def test_a_joined_file_is_like_one_that_was_written_at_once(name: str, tmp_path: Path) -> None:
    source = CLIPS[name].write(tmp_path / "in.mp4")
    traits, one, other = read_traits(source), tmp_path / "one.mp4", tmp_path / "other.mp4"
    frames = painted(traits, pictures(source)[0])
    sink = FileSink(one, like=source, size=traits.size)
    for frame in frames:
        sink.write(frame)
    sink.close()
    encoder = settle(None, other, traits)
    join(parted(tmp_path, frames, [0], traits, encoder), other, like=source, encoder=encoder)
    assert decoded(one) == decoded(other)

    def about(path: Path) -> list[object]:
        with av.open(str(path)) as c:
            v = c.streams.video[0]
            k = v.codec_context
            return [
                [(s.type, s.duration, s.start_time, dict(s.metadata), int(s.disposition)) for s in c.streams],
                (k.colorspace, k.color_range, k.color_primaries, k.color_trc, v.sample_aspect_ratio, v.average_rate),
                (c.duration, dict(c.metadata), c.chapters()),
            ]

    assert about(one) == about(other)
    for kind in ("audio", "subtitle"):
        assert packets(one, kind) == packets(other, kind)


def test_fifty_parts_make_one_film(tmp_path: Path) -> None:
    source = Clip(times=even(100), tones=(440,)).write(tmp_path / "in.mp4")
    traits, output = read_traits(source), tmp_path / "out.mp4"
    encoder = settle(None, output, traits)
    frames = painted(traits, pictures(source)[0])
    parts = parted(tmp_path, frames, range(0, 100, 2), traits, encoder)
    join(parts, output, like=source, encoder=encoder)
    assert [moment for moment, _ in decoded(output)] == [f.time for f in frames]


def test_a_stretch_of_a_film_begins_at_zero_and_takes_its_sound_along(tmp_path: Path) -> None:
    source = Clip(times=even(50), tones=(440,)).write(tmp_path / "in.mp4")
    traits, output = read_traits(source), tmp_path / "out.mp4"
    encoder = settle(None, output, traits)
    start, end = Fraction(10, 25), Fraction(30, 25)
    frames = painted(traits, [t for t in pictures(source)[0] if start <= t < end])
    join(parted(tmp_path, frames, [0, 7], traits, encoder), output, like=source, encoder=encoder, start=start, end=end)
    assert [moment for moment, _ in decoded(output)] == [f.time - start for f in frames]
    sound = packets(output, "audio")[0]
    assert abs(sound[-1][0] - (end - start)) < Fraction(3, 25)


@pytest.mark.parametrize("gop", [0.2, 1.0])
def test_key_frames_come_as_often_as_wanted(gop: float, tmp_path: Path) -> None:
    source = Clip(times=even(50)).write(tmp_path / "in.mp4")
    traits, output = read_traits(source), tmp_path / "out.mp4"
    encoder = settle(Encoding(gop=gop), output, traits)
    join(
        parted(tmp_path, painted(traits, pictures(source)[0]), [0], traits, encoder),
        output,
        like=source,
        encoder=encoder,
    )
    with av.open(str(output)) as container:
        keys = sorted(
            p.pts * p.time_base for p in container.demux(video=0) if p.size and p.is_keyframe and p.pts is not None
        )
    assert max(b - a for a, b in pairwise([*keys, Fraction(2)])) <= Fraction(gop)


@pytest.mark.parametrize("codec", CODECS)
def test_the_same_frames_make_the_same_pictures_whatever_the_threads(codec: str, tmp_path: Path) -> None:
    source = Clip(size=(320, 192), times=even(12)).write(tmp_path / "in.mp4")
    traits, output = read_traits(source), tmp_path / f"out{CODECS[codec][-1]}"
    frames = painted(traits, pictures(source)[0])
    encoder = settle(Encoding(codec=codec, quality="draft"), output, traits)
    made = [parted(_new(tmp_path / str(i)), frames, [0], traits, encoder)[0] for i in range(2)]
    alone = _new(tmp_path / "alone")
    script = (
        "import os, sys, pickle; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); from pathlib import Path; "
        "from tests.test_parts import painted, parted; from tests.clips import pictures; "
        "traits, encoder, source, folder = pickle.load(open(sys.argv[1], 'rb')); "
        "parted(folder, painted(traits, pictures(source)[0]), [0], traits, encoder)"
    )
    import pickle

    (tmp_path / "task").write_bytes(pickle.dumps((traits, encoder, source, alone)))
    if sys.platform == "linux":
        subprocess.run([sys.executable, "-c", script, str(tmp_path / "task")], check=True)
        made.append(alone / "000.part")
    assert all(decoded(path) == decoded(made[0]) for path in made[1:])


@pytest.mark.parametrize("codec", ["h264", "hevc", "vp9", "prores", "ffv1"])
def test_odd_sizes_stay_odd(codec: str, tmp_path: Path) -> None:
    source = CLIPS["odd size"].write(tmp_path / "in.mp4")
    traits, output = read_traits(source), tmp_path / f"out{CODECS[codec][-1]}"
    encoder = settle(Encoding(codec=codec), output, traits)
    frames = painted(traits, pictures(source)[0])
    join(parted(tmp_path, frames, [0, 2], traits, encoder), output, like=source, encoder=encoder)
    assert [p.shape for p in pictures(output)[1]] == [(241, 321, 3)] * 5


@pytest.mark.parametrize("codec", ["h264", "hevc", "vp9", "ffv1"])
def test_lossless_loses_nothing_but_what_its_colours_cost(codec: str, tmp_path: Path) -> None:
    source = Clip(times=even(4)).write(tmp_path / "in.mp4")
    traits, output = read_traits(source), tmp_path / "out.mkv"
    encoder = settle(Encoding(codec=codec, quality="lossless"), output, traits)
    frames = painted(traits, pictures(source)[0])
    join(parted(tmp_path, frames, [0], traits, encoder), output, like=source, encoder=encoder)
    shown = pictures(output)[1]
    most = 0 if codec == "ffv1" else 4
    assert all(np.abs(a.astype(int) - f.pixels).max() <= most for a, f in zip(shown, frames, strict=True))


@pytest.mark.parametrize("codec", ["h264", "hevc", "vp9"])
@pytest.mark.parametrize("quality", ["high", "lossless"])
def test_of_large_frames_few_are_looked_ahead_as_memory_is_scarce(codec: str, quality: str, tmp_path: Path) -> None:
    small = read_traits(Clip().write(tmp_path / "in.mp4"))
    large, encoding = replace(small, coded_size=(3840, 2160)), Encoding(codec=codec, quality=quality)
    few, usual = (dict(settle(encoding, tmp_path / "out.mkv", traits).options) for traits in (large, small))
    name, value = {"h264": ("rc-lookahead", "5"), "vp9": ("lag-in-frames", "8")}.get(
        codec, ("x265-params", f"{usual.get('x265-params', '').removesuffix(':lossless=1')}:rc-lookahead=5")
    )
    assert few.pop(name).removesuffix(":lossless=1") == value
    assert few == {key: usual[key] for key in usual if key != name}
    traits = replace(large, coded_size=(4096, 1500))
    encoder = settle(encoding, tmp_path / "out.mkv", traits)
    sink = PartSink(tmp_path / "part", like=traits, size=traits.size, encoder=encoder)
    sink.write(Frame(np.zeros((1500, 4096, 3), np.uint8), Fraction(0), 0, 0.0))
    sink.close()


def test_qualities_are_in_order(tmp_path: Path) -> None:
    source = Clip(size=(320, 192), times=even(8)).write(tmp_path / "in.mp4")
    traits = read_traits(source)
    frames = painted(traits, pictures(source)[0])
    for codec in ("h264", "hevc", "av1", "vp9", "prores"):
        sizes = []
        for quality in ("draft", "good", "high", "best"):
            encoder = settle(Encoding(codec=codec, quality=quality), tmp_path / f"o{CODECS[codec][-1]}", traits)
            sizes.append(parted(_new(tmp_path / codec / quality), frames, [0], traits, encoder)[0].stat().st_size)
        assert sizes == sorted(sizes), codec
        assert sizes[-1] > 1.5 * sizes[0], codec


@pytest.mark.parametrize(
    ("encoding", "name", "said"),
    [
        (
            Encoding(codec="prores"),
            "out.mp4",
            "'.*out.mp4' cannot hold prores; choose a name that ends in .mov or .mkv",
        ),
        (Encoding(codec="h264"), "out.webm", "cannot hold h264"),
        (Encoding(), "out.avi", "choose one of .mp4"),
        (Encoding(codec="av1", quality="lossless"), "out.mkv", "av1 has no quality 'lossless'"),
        (Encoding(pixel_format="yuv999p"), "out.mp4", "no pixel format 'yuv999p'; it has yuv420p"),
    ],
)
def test_what_does_not_go_together_is_said(encoding: Encoding, name: str, said: str, tmp_path: Path) -> None:
    traits = read_traits(Clip().write(tmp_path / "in.mp4"))
    with pytest.raises((SinkError, SettingsError), match=said):
        settle(encoding, tmp_path / name, traits)


@pytest.mark.parametrize("wrong", [{"codec": "mp3"}, {"quality": "ok"}, {"hardware": "abacus"}, {"gop": 0.0}])
def test_unknown_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        Encoding(**wrong)  # type: ignore[arg-type]


def test_ten_bits_are_ten_bits(tmp_path: Path) -> None:
    source = Clip(times=even(4)).write(tmp_path / "in.mp4")
    traits, output = read_traits(source), tmp_path / "out.mp4"
    encoder = settle(Encoding(codec="hevc", pixel_format="yuv420p10le"), output, traits)
    frames = painted(traits, pictures(source)[0])
    join(parted(tmp_path, frames, [0], traits, encoder), output, like=source, encoder=encoder)
    with av.open(str(output)) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p10le"
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"


@pytest.mark.parametrize("hardware", ["nvenc", "auto"])
def test_hardware_that_is_not_there_falls_back_and_says_why(
    hardware: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    traits = read_traits(Clip().write(tmp_path / "in.mp4"))
    encoder = settle(Encoding(hardware=hardware), tmp_path / "out.mp4", traits)
    if encoder.name == "libx264":
        assert "h264_nvenc: " in caplog.text
    else:
        assert encoder.name.startswith("h264_")


def test_parts_of_other_frames_than_wanted_are_not_joined(tmp_path: Path) -> None:
    source = Clip(times=even(6)).write(tmp_path / "in.mp4")
    traits, output = read_traits(source), tmp_path / "out.mp4"
    encoder = settle(None, output, traits)
    parts = parted(tmp_path, painted(traits, pictures(source)[0]), [0, 3], traits, encoder)
    for wrong in (parts[:1], [*parts, parts[0]]):
        with pytest.raises(SinkError, match="other frames than they should"):
            join(wrong, output, like=source, encoder=encoder, times=[512 * i for i in range(6)])
    parts[1].write_bytes(b"damaged")
    with pytest.raises(SinkError, match="cannot be read"):
        join(parts, output, like=source, encoder=encoder)
    parts[1].unlink()
    with pytest.raises(SinkError, match="cannot be read"):
        join(parts, output, like=source, encoder=encoder)
    assert not list(tmp_path.glob("out*"))


def test_parts_of_different_encoders_are_not_joined(tmp_path: Path) -> None:
    source = Clip(times=even(6)).write(tmp_path / "in.mp4")
    traits, output = read_traits(source), tmp_path / "out.mp4"
    frames = painted(traits, pictures(source)[0])
    one, other = settle(None, output, traits), settle(Encoding(pixel_format="yuv444p"), output, traits)
    parts = [
        *parted(_new(tmp_path / "a"), frames[:3], [0], traits, one),
        *parted(_new(tmp_path / "b"), frames[3:], [0], traits, other),
    ]
    with pytest.raises(SinkError, match="different encoders"):
        join(parts, output, like=source, encoder=one)
    assert not list(tmp_path.glob("out*"))


def test_an_output_that_exists_is_not_replaced_unless_told(tmp_path: Path) -> None:
    source = Clip(times=even(3)).write(tmp_path / "in.mp4")
    traits, output = read_traits(source), tmp_path / "out.mp4"
    encoder = settle(None, output, traits)
    parts = parted(tmp_path, painted(traits, pictures(source)[0]), [0], traits, encoder)
    output.write_bytes(b"precious")
    with pytest.raises(SinkError, match="exists already"):
        join(parts, output, like=source, encoder=encoder)
    assert output.read_bytes() == b"precious"
    join(parts, output, like=source, encoder=encoder, overwrite=True)
    assert len(decoded(output)) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits on the size of files")
@pytest.mark.parametrize("where", ["part", "join"])
def test_a_full_disk_is_said_and_leaves_nothing(where: str, tmp_path: Path) -> None:
    source = Clip(size=(320, 192), times=even(30)).write(tmp_path / "in.mp4")
    traits, output = read_traits(source), tmp_path / "out.mp4"
    encoder = settle(None, output, traits)
    parts = parted(_new(tmp_path / "parts"), painted(traits, pictures(source)[0]), [0], traits, encoder)
    script = (
        "import resource, signal, sys; from pathlib import Path; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "from stytr_live.media.join import join; from stytr_live.media.traits import read_traits; "
        "from stytr_live.media.encoders import settle; from tests.test_parts import painted, parted; "
        "from tests.clips import pictures; folder = Path(sys.argv[1]); source = folder / 'in.mp4'; "
        "traits = read_traits(source); encoder = settle(None, folder / 'out.mp4', traits); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)); "
        + (
            "parted(folder, painted(traits, pictures(source)[0]), [0], traits, encoder)"
            if where == "part"
            else "join([folder / 'parts' / '000.part'], folder / 'out.mp4', like=source, encoder=encoder)"
        )
    )
    assert parts[0].stat().st_size > 40000
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "SinkError" in done.stderr.splitlines()[-1]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.mp4", "parts"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    traits = read_traits(Clip().write(tmp_path / "in.mp4"))
    encoder = settle(None, tmp_path / "out.mp4", traits)
    with pytest.raises(SinkError, match="cannot be written"):
        PartSink(tmp_path / "none" / "a.part", like=traits, size=traits.size, encoder=encoder)


def test_a_part_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    source = Clip().write(tmp_path / "in.mp4")
    traits = read_traits(source)
    encoder = settle(None, tmp_path / "out.mp4", traits)
    sink = PartSink(tmp_path / "a.part", like=traits, size=traits.size, encoder=encoder)
    sink.write(painted(traits, [Fraction(0)])[0])
    sink.discard()
    empty = PartSink(tmp_path / "b.part", like=traits, size=traits.size, encoder=encoder)
    with pytest.raises(SinkError, match="no frame"):
        empty.close()
    assert [p.name for p in tmp_path.iterdir()] == ["in.mp4"]


@pytest.mark.parametrize("delay", [0, 1, 2, 3])
def test_decode_times_rise_and_are_never_late(delay: int) -> None:
    chance = np.random.default_rng(delay)
    shown = np.cumsum(chance.integers(1, 900, 200)) - 5000
    order = shown[np.argsort(np.arange(200) + chance.uniform(0, delay + 0.5, 200), kind="stable")]
    times = decode_times(order)
    assert (np.diff(times) > 0).all()
    assert (times <= order).all()
    assert len(decode_times(np.array([7]))) == 1


def _new(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
