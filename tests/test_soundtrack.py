"""Sound that an output cannot hold becomes AAC or Opus, with every sample at its time."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from tests.films import SECONDS, Track, listen, put_into, write

if TYPE_CHECKING:
    from pathlib import Path

BEEPS = Track("flac").beeps
EXACT = 1e-4
"""Seconds by which AAC and copied sound may be off."""
COARSE = 1e-3
"""Likewise in WebM and Matroska, which count milliseconds."""
QUIET = 0.02


def wipe(path: Path, begin: float, stop: float) -> None:
    """Overwrite the insides of the packets of sound between two times, in seconds."""
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        for packet in container.demux(audio=0):
            if packet.size and packet.pts is not None and begin <= packet.pts * packet.time_base < stop:
                place = data.index(bytes(packet))
                data[place : place + packet.size] = b"\xff" * packet.size
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("track", "suffix", "codec", "rate"),
    [
        (Track("wavpack"), ".mp4", "aac", 48000),
        (Track("tta"), ".mp4", "aac", 48000),
        (Track("pcm_u8", 22050, "mono"), ".mp4", "aac", 22050),
        (Track("flac", 44100), ".mov", "aac", 44100),
        (Track("libopus"), ".mov", "aac", 48000),
        (Track("flac", 44100), ".webm", "opus", 48000),
        (Track("pcm_s16le"), ".webm", "opus", 48000),
        (Track("mp2"), ".webm", "opus", 48000),
        (Track("aac"), ".webm", "opus", 48000),
        (Track("ac3", layout="5.1"), ".webm", "opus", 48000),
    ],
    ids=lambda value: value.codec if isinstance(value, Track) else str(value),
)
def test_sound_that_does_not_fit_becomes_what_does_and_stays_where_it_was(
    track: Track, suffix: str, codec: str, rate: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = write(tmp_path / "in.mkv", track)
    heard = listen(put_into(source, tmp_path / f"out{suffix}"))
    assert (heard.codec, heard.rate, heard.start) == (codec, rate, 0.0)
    tolerance = COARSE if suffix == ".webm" else EXACT
    assert heard.beeps() == pytest.approx(BEEPS, abs=tolerance)
    assert heard.end == pytest.approx(listen(source).end, abs=0.025)  # of the last packet the rest is silence
    name = {"aac": "AAC", "opus": "Opus"}[codec]
    assert f"becomes {name}: the output's format cannot hold it as it is." in caplog.text


@pytest.mark.parametrize(
    ("track", "suffix"),
    [
        (Track("flac", 44100), ".mp4"),
        (Track("mp2"), ".mp4"),
        (Track("ac3", layout="5.1"), ".mp4"),
        (Track("pcm_s16le"), ".mov"),
        (Track("libopus"), ".webm"),
    ],
    ids=lambda value: value.codec if isinstance(value, Track) else str(value),
)
def test_sound_that_fits_is_not_made_anew(
    track: Track, suffix: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = write(tmp_path / "in.mkv", track)
    before, after = listen(source), listen(put_into(source, tmp_path / f"out{suffix}"))
    assert after.codec.removesuffix("float").replace("mp3", "mp2") == before.codec  # MP4 has one name for both
    assert after.beeps() == pytest.approx(BEEPS, abs=COARSE)
    assert not caplog.records


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".webm", ".mkv"])
def test_what_is_said_of_a_stream_goes_along(suffix: str, tmp_path: Path) -> None:
    source = write(tmp_path / "in.mkv", Track("wavpack"), Track("flac", language="eng"))
    output = put_into(source, tmp_path / f"out{suffix}")
    languages = [listen(output, number).language for number in range(2)]
    assert languages == (["ger", "eng"] if suffix == ".mov" else ["deu", "eng"])  # QuickTime has the other code


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
@pytest.mark.parametrize(("start", "end"), [("1", "2.75"), ("0.51", "1.3"), (None, "2"), ("1.24", None)])
def test_a_stretch_has_its_sound_from_its_first_to_its_last_sample(
    start: str | None, end: str | None, suffix: str, tmp_path: Path
) -> None:
    source = write(tmp_path / "in.mkv", Track("wavpack"))
    first, last = (None if text is None else Fraction(text) for text in (start, end))
    heard = listen(put_into(source, tmp_path / f"out{suffix}", start=first, end=last))
    begin, stop = float(first or 0), float(last or SECONDS)
    wanted = [moment - begin for moment in BEEPS if begin <= moment and moment + 0.02 <= stop]
    assert heard.beeps() == pytest.approx(wanted, abs=COARSE if suffix == ".webm" else EXACT)
    assert heard.start == 0.0
    assert heard.end == pytest.approx(stop - begin, abs=0.025)


def test_sound_that_begins_late_begins_late(tmp_path: Path) -> None:
    source = write(tmp_path / "in.mkv", Track("flac", start=0.4))
    for suffix, tolerance in ((".mov", EXACT), (".webm", COARSE)):
        heard = listen(put_into(source, tmp_path / f"out{suffix}"))
        assert heard.beeps() == pytest.approx(BEEPS, abs=tolerance)
        assert heard.loudest(0, 0.39) < QUIET


@pytest.mark.parametrize("suffix", [".mov", ".webm"])
def test_where_samples_are_missing_there_is_silence(suffix: str, tmp_path: Path) -> None:
    source = write(tmp_path / "in.mkv", Track("flac", beeps=(0.5, 1.0, 2.5), gap=(0.8, 1.3)))
    heard = listen(put_into(source, tmp_path / f"out{suffix}"))
    assert heard.beeps() == pytest.approx((0.5, 2.5), abs=COARSE)
    assert heard.loudest(0.7, 1.4) < QUIET


@pytest.mark.parametrize("suffix", [".mov", ".webm"])
def test_damaged_sound_is_silence_and_the_rest_stays_where_it_was(suffix: str, tmp_path: Path) -> None:
    source = write(tmp_path / "in.mkv", Track("flac", beeps=(0.5, 1.0, 2.5)))
    wipe(source, 0.85, 1.2)
    heard = listen(put_into(source, tmp_path / f"out{suffix}"))
    assert heard.beeps() == pytest.approx((0.5, 2.5), abs=COARSE)
    assert heard.loudest(0.96, 1.09) < QUIET
    assert heard.end == pytest.approx(SECONDS, abs=0.025)


@pytest.mark.parametrize("suffix", [".mov", ".webm"])
@pytest.mark.parametrize(("layout", "channel"), [("mono", 0), ("stereo", 1), ("5.1", 2), ("5.1", 4), ("7.1", 6)])
def test_every_channel_is_where_it_was(layout: str, channel: int, suffix: str, tmp_path: Path) -> None:
    source = write(tmp_path / "in.mkv", Track("wavpack", layout=layout, beeps=(1.0,), channels=(channel,)))
    heard = listen(put_into(source, tmp_path / f"out{suffix}"))
    assert heard.layout == layout
    loud = np.abs(heard.samples).max(axis=1)
    assert int(loud.argmax()) == channel
    assert sorted(loud)[-1] > 0.3
    assert len(loud) == 1 or sorted(loud)[-2] < 0.1
    assert heard.beeps(channel) == pytest.approx((1.0,), abs=COARSE)


def test_sound_that_is_damaged_from_its_first_packet_on_does_not_end_the_film(tmp_path: Path) -> None:
    source = write(tmp_path / "in.mkv", Track("flac"))
    wipe(source, 0, SECONDS)
    output = put_into(source, tmp_path / "out.webm")
    with av.open(str(output)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 25 * SECONDS


@pytest.mark.parametrize("suffix", [".mov", ".webm"])
def test_eight_channels_can_be_cut_and_filled(suffix: str, tmp_path: Path) -> None:
    source = write(tmp_path / "in.mkv", Track("wavpack", layout="7.1", channels=(6,), gap=(0.8, 1.2)))
    heard = listen(put_into(source, tmp_path / f"out{suffix}", start=Fraction(1, 3)))
    assert heard.beeps(6) == pytest.approx([moment - 1 / 3 for moment in BEEPS], abs=COARSE)
