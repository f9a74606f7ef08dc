"""What goes along with the pictures: attachments, names, and where sound begins."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
import pytest

from tests.clips import pictures
from tests.films import Track, listen, put_into, write

if TYPE_CHECKING:
    from pathlib import Path

FONT = b"\0\1\0\0 a font" * 50


def remuxed(source: Path, path: Path, **options: str) -> av.container.OutputContainer:
    """Another file with the packets of a source, open to be added to."""
    output = av.open(str(path), "w", options=options)
    with av.open(str(source)) as container:
        twins = [output.add_stream_from_template(stream) for stream in container.streams]
        output.add_attachment("font.ttf", "application/x-truetype-font", FONT)
        for packet in container.demux():
            if packet.size:
                packet.stream = twins[packet.stream_index]
                output.mux(packet)
    return output


def test_attachments_are_kept_where_they_can_be_and_named_where_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remuxed(write(tmp_path / "film.mkv", Track("flac")), tmp_path / "in.mkv").close()
    with av.open(str(put_into(tmp_path / "in.mkv", tmp_path / "out.mkv"))) as container:
        (kept,) = container.streams.attachments
        assert (kept.name, kept.mimetype, kept.data) == ("font.ttf", "application/x-truetype-font", FONT)
    assert not caplog.records
    for suffix in (".mp4", ".mov", ".webm"):
        caplog.clear()
        with av.open(str(put_into(tmp_path / "in.mkv", tmp_path / f"out{suffix}"))) as container:
            assert [stream.type for stream in container.streams] == ["video", "audio"]
        said = [record.getMessage() for record in caplog.records if record.getMessage().startswith("The attachment")]
        assert said == [
            f"The attachment stream 2 of '{tmp_path / 'in.mkv'}' (font.ttf) is left out: "
            "the output's format cannot hold it."
        ]


def test_sound_from_a_coarse_clock_begins_at_its_sample(tmp_path: Path) -> None:
    """Matroska says 21 ms, which MP4 must not make 20."""
    source = write(tmp_path / "in.mkv", Track("flac", 44100, start=0.021))
    assert listen(put_into(source, tmp_path / "out.mp4")).start == pytest.approx(0.021, abs=1e-4)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_what_an_edit_list_hides_is_not_heard_and_puts_nothing_later(suffix: str, tmp_path: Path) -> None:
    """Cut without encoding: there are packets of a second that are not played."""
    whole, cut = write(tmp_path / "whole.mp4", Track("aac", beeps=(0.5, 1.5, 2.5))), tmp_path / "in.mp4"
    with av.open(str(whole)) as container, av.open(str(cut), "w") as output:
        twins = [output.add_stream_from_template(stream) for stream in container.streams]
        for packet in container.demux():
            if packet.size and packet.pts is not None and packet.dts is not None:
                tick = round(1 / packet.time_base)
                packet.pts, packet.dts = packet.pts - tick, packet.dts - tick
                packet.stream = twins[packet.stream_index]
                output.mux(packet)
    times = pictures(cut)[0]
    assert times[0] < Fraction(1, 25)
    output_path = put_into(cut, tmp_path / f"out{suffix}")
    found = pictures(output_path)[0]
    assert found == pytest.approx(times, abs=0.0006)
    heard = listen(output_path)
    assert heard.beeps() == pytest.approx(listen(cut).beeps(), abs=0.001)
    assert len(heard.beeps()) == 2


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_names_of_streams_survive(suffix: str, tmp_path: Path) -> None:
    film, first = write(tmp_path / "film.mkv", Track("flac")), tmp_path / "in.mp4"
    with av.open(str(film)) as container, av.open(str(first), "w") as output:
        twins = [output.add_stream_from_template(stream) for stream in container.streams]
        twins[1].metadata["title"] = "Commentary"
        for packet in container.demux():
            if packet.size:
                packet.stream = twins[packet.stream_index]
                output.mux(packet)
    with av.open(str(put_into(first, tmp_path / f"out{suffix}"))) as container:
        tags = container.streams.audio[0].metadata
        assert "Commentary" in (tags.get("title"), tags.get("name"))


@pytest.mark.parametrize("code", ["fre", "fra", "deu", "ger", "nld", "eng", "jpn", "spa"])
def test_quicktime_is_told_languages_by_the_codes_it_knows(code: str, tmp_path: Path) -> None:
    source = write(tmp_path / "in.mkv", Track("pcm_s16le", language=code))
    known = {"fre": "fra", "deu": "ger", "nld": "dut"}.get(code, code)
    assert listen(put_into(source, tmp_path / "out.mov")).language == known
