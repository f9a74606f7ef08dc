"""Subtitles that an output cannot hold become plain text at the same times."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
import pytest

from tests.clips import packets
from tests.films import put_into, write

if TYPE_CHECKING:
    from pathlib import Path

SRT = """1
00:00:00,200 --> 00:00:00,900
Hello <i>there</i>

2
00:00:01,100 --> 00:00:01,900
Grüße & Küsse
你好, 3 < 4

3
00:00:02,000 --> 00:00:02,800
The end
"""
ASS = r"""[Script Info]
ScriptType: v4.00+
PlayResX: 64
PlayResY: 48

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Italic, Alignment, MarginL, MarginR, MarginV
Style: Default,Sans,12,&H00FFFFFF,0,0,2,5,5,5
Style: Sign,Sans,20,&H0000FFFF,1,0,8,5,5,5

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.20,0:00:00.90,Default,,0,0,0,,Hello {\i1}there{\i0}
Dialogue: 0,0:00:01.10,0:00:01.90,Sign,,0,0,0,,Grüße & Küsse\N你好, 3 < 4
Dialogue: 0,0:00:02.00,0:00:02.80,Default,,0,0,0,,The end
"""
TIMES = [(0.2, 0.9), (1.1, 1.9), (2.0, 2.8)]
LINES = ["Hello there", "Grüße & Küsse\n你好, 3 < 4", "The end"]
Said = tuple[float, float, str]


def subtitled(folder: Path, *texts: str, suffix: str = ".mkv") -> Path:
    """A film with these subtitles, as an editor would put them in: unchanged."""
    film, path = write(folder / "film.mkv"), folder / f"in{suffix}"
    with av.open(str(path), "w") as output, av.open(str(film)) as pictures:
        inputs = [pictures]
        for number, text in enumerate(texts):
            file = folder / f"{number}.{'ass' if text.startswith('[') else 'srt'}"
            file.write_text(text, "utf-8")
            inputs.append(av.open(str(file)))
        twins = [output.add_stream_from_template(i.streams[0]) for i in inputs]
        for number, twin in enumerate(twins[1:]):
            twin.metadata["language"] = ("eng", "ger")[number]
        for container, twin in zip(inputs, twins, strict=True):
            for packet in container.demux():
                if packet.size:
                    packet.stream = twin
                    output.mux(packet)
        for container in inputs[1:]:
            container.close()
    return path


def said(path: Path, number: int = 0) -> tuple[str, list[Said]]:
    """Codec and (begin, stop, text) of a stream of subtitles; MP4's empty ones between them are left out."""
    found: list[Said] = []
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[number]
        codec = stream.codec_context.codec.canonical_name
        for packet in container.demux(stream):
            data = bytes(packet)
            if codec == "mov_text":
                data = data[2 : 2 + int.from_bytes(data[:2], "big")]
            if packet.size and data:
                assert packet.pts is not None
                begin = packet.pts * packet.time_base
                stop = begin + (packet.duration or 0) * packet.time_base
                found.append((float(begin), float(stop), data.decode()))
    return codec, found


def plain(text: str) -> str:
    """Without marks of looks, and with marks for characters as these."""
    for mark, meaning in {"<i>": "", "</i>": "", "<b>": "", "</b>": "", "&lt;": "<", "&amp;": "&", "\r": ""}.items():
        text = text.replace(mark, meaning)
    return text.strip()


@pytest.mark.parametrize("text", [SRT, ASS], ids=["SRT", "ASS"])
@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "mov_text"), (".mov", "mov_text"), (".webm", "webvtt")])
def test_captions_become_what_the_output_holds_at_their_times(
    text: str, suffix: str, codec: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name, found = said(put_into(subtitled(tmp_path, text), tmp_path / f"out{suffix}"))
    assert name == codec
    assert [plain(line) for _, _, line in found] == LINES
    assert [moment for begin, stop, _ in found for moment in (begin, stop)] == pytest.approx(
        [moment for pair in TIMES for moment in pair], abs=0.001
    )
    assert "becomes plain text: the output's format cannot hold it as it is." in caplog.text


@pytest.mark.parametrize(("text", "codec"), [(SRT, "subrip"), (ASS, "ass")], ids=["SRT", "ASS"])
def test_captions_that_fit_are_left_as_they_are(
    text: str, codec: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = subtitled(tmp_path, text)
    output = put_into(source, tmp_path / "out.mkv")
    assert packets(output, "subtitle") == packets(source, "subtitle")
    with av.open(str(source)) as before, av.open(str(output)) as after:
        (one,), (other,) = before.streams.subtitles, after.streams.subtitles
        assert one.codec_context.codec.canonical_name == other.codec_context.codec.canonical_name == codec
        assert one.codec_context.extradata == other.codec_context.extradata
    assert not caplog.records


def test_captions_of_mp4_become_those_of_matroska(tmp_path: Path) -> None:
    first = put_into(subtitled(tmp_path, SRT), tmp_path / "in.mp4")
    codec, found = said(put_into(first, tmp_path / "out.mkv"))
    assert codec == "subrip"
    assert [(round(begin, 3), round(stop, 3), plain(line)) for begin, stop, line in found] == [
        (begin, stop, line) for (begin, stop), line in zip(TIMES, LINES, strict=True)
    ]


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_two_languages_stay_two(suffix: str, tmp_path: Path) -> None:
    output = put_into(subtitled(tmp_path, SRT, ASS), tmp_path / f"out{suffix}")
    with av.open(str(output)) as container:
        assert [stream.language for stream in container.streams.subtitles] == ["eng", "ger"]
    assert [[plain(line) for _, _, line in said(output, number)[1]] for number in range(2)] == [LINES, LINES]


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".mkv"])
def test_a_stretch_has_the_captions_that_are_seen_in_it(suffix: str, tmp_path: Path) -> None:
    """One is seen from the stretch's first frame on, one up to its last."""
    source = subtitled(tmp_path, SRT)
    output = put_into(source, tmp_path / f"out{suffix}", start=Fraction(1, 2), end=Fraction(3, 2))
    _, found = said(output)
    assert [plain(line) for _, _, line in found] == LINES[:2]
    assert [moment for begin, stop, _ in found for moment in (begin, stop)] == pytest.approx(
        [0.0, 0.4, 0.6, 1.0], abs=0.001
    )


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_captions_at_the_same_time_are_both_there(suffix: str, tmp_path: Path) -> None:
    both = ASS.replace("0:00:01.10,0:00:01.90,Sign", "0:00:00.20,0:00:00.90,Sign")
    _, found = said(put_into(subtitled(tmp_path, both), tmp_path / f"out{suffix}"))
    lines = "\n".join(plain(line) for begin, _, line in found if begin == pytest.approx(0.2, abs=0.001))
    assert all(line in lines for line in LINES[:2])


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_captions_that_are_pictures_are_left_out_and_named(
    suffix: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, film = tmp_path / "in.mkv", write(tmp_path / "film.mkv")
    with av.open(str(path), "w") as output, av.open(str(film)) as pictures:
        shown = output.add_stream_from_template(pictures.streams.video[0])
        drawn = output.add_mux_stream("hdmv_pgs_subtitle")
        drawn.time_base = Fraction(1, 1000)
        for packet in pictures.demux(video=0):
            if packet.size:
                packet.stream = shown
                output.mux(packet)
        picture: av.Packet[av.stream.Stream] = av.Packet(b"\x80\x00\x00")
        picture.stream, picture.time_base, picture.duration = drawn, Fraction(1, 1000), 500
        picture.pts = picture.dts = 100
        output.mux(picture)
    output_path = put_into(path, tmp_path / f"out{suffix}")
    with av.open(str(output_path)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    (record,) = caplog.records
    assert "is left out: the output's format cannot hold it." in record.getMessage()
