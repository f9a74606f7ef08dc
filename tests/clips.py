"""Small real video files, made with PyAV and nothing of this project."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Clip:
    """What a test clip is like; `write` makes it."""

    size: tuple[int, int] = (96, 64)
    times: tuple[Fraction, ...] = tuple(Fraction(i, 25) for i in range(24))
    time_base: Fraction = Fraction(1, 12800)
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    options: dict[str, str] = field(default_factory=lambda: {"preset": "ultrafast"})
    tags: tuple[int, int, int, int] | None = None
    """Matrix, range, primaries, transfer."""
    colour: tuple[int, int, int] | None = None
    """Y, U and V of a flat clip; a moving pattern otherwise."""
    rotation: float | None = None
    mirrored: bool = False
    aspect: Fraction | None = None
    tones: tuple[int, ...] = ()
    """Frequencies in Hz, one audio stream each."""
    subtitles: tuple[str, ...] = ()
    """Languages, one subtitle stream each."""
    chapters: bool = False

    def write(self, path: Path) -> Path:
        """Write the clip."""
        with av.open(str(path), "w") as output:
            stream = output.add_stream(self.codec, rate=25, options=dict(self.options))
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height = self.size
            stream.pix_fmt = self.pixel_format
            stream.codec_context.time_base = self.time_base
            stream.time_base = self.time_base
            if self.tags:
                c = stream.codec_context
                c.colorspace, c.color_range, c.color_primaries, c.color_trc = self.tags
            if self.aspect:
                stream.codec_context.sample_aspect_ratio = self.aspect
            if self.rotation is not None or self.mirrored:
                stream.set_display_rotation(self.rotation or 0, hflip=self.mirrored)
            sounds = [self._sound(output, i) for i in range(len(self.tones))]
            texts = [self._text(output, language) for language in self.subtitles]
            output.metadata["title"] = "clip"
            if self.chapters:
                base, titles = Fraction(1, 1000), ("one", "two")
                output.set_chapters(
                    [
                        {
                            "id": i,
                            "start": 400 * i,
                            "end": 400 * i + 400,
                            "time_base": base,
                            "metadata": {"title": title},
                        }
                        for i, title in enumerate(titles)
                    ]
                )
            for index, moment in enumerate(self.times):
                frame = self.frame(index)
                frame.time_base, frame.pts = self.time_base, round(moment / self.time_base)
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
            for i, sound in enumerate(sounds):
                self._play(output, sound, self.tones[i])
            for text in texts:
                for i in range(3):
                    packet = av.Packet(b"\x00\x05hello")
                    packet.stream, packet.time_base = text, Fraction(1, 1000)
                    packet.pts = packet.dts = 200 * i
                    packet.duration = 100
                    output.mux(packet)
        return path

    def frame(self, index: int) -> av.VideoFrame:
        """Picture `index`, before the encoder."""
        width, height = self.size
        if self.colour is not None:
            frame = av.VideoFrame(width, height, "yuv444p")
            for plane, level in zip(frame.planes, self.colour, strict=True):
                plane.update(bytes([level]) * plane.buffer_size)
            return frame.reformat(format=self.pixel_format) if self.pixel_format != "yuv444p" else frame
        y, x = np.mgrid[:height, :width]
        pixels = np.stack([(x * 2 + 5 * index) % 256, (y * 3) % 256, (x + y + 3 * index) % 256], -1).astype(np.uint8)
        pixels[: height // 4, : width // 4] = (250, 20, 20)  # a red corner tells which way is up
        return av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=self.pixel_format)

    def _sound(self, output: av.container.OutputContainer, index: int) -> av.AudioStream:
        stream = output.add_stream("aac", rate=48000)
        assert isinstance(stream, av.AudioStream)
        stream.metadata["language"] = ("eng", "deu", "fra")[index]
        return stream

    def _text(self, output: av.container.OutputContainer, language: str) -> av.stream.Stream:
        stream = output.add_mux_stream("mov_text")
        stream.time_base = Fraction(1, 1000)
        stream.metadata["language"] = language
        return stream

    def _play(self, output: av.container.OutputContainer, stream: av.AudioStream, tone: int) -> None:
        seconds = float(self.times[-1] - self.times[0]) + 0.04
        t = np.arange(int(seconds * 48000)) / 48000
        wave = (0.3 * np.sin(2 * np.pi * tone * t)).astype(np.float32)
        for first in range(0, len(wave), 1024):
            chunk = np.ascontiguousarray(np.stack([wave[first : first + 1024]] * 2))
            frame = av.AudioFrame.from_ndarray(chunk, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = 48000, first + round(self.times[0] * 48000)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def even(count: int, rate: Fraction = Fraction(25), start: Fraction = Fraction(0)) -> tuple[Fraction, ...]:
    """Times of frames at a constant rate."""
    return tuple(start + i / rate for i in range(count))


VARIABLE = tuple(
    Fraction(t, 12800) for t in (6400, 6912, 8000, 8001, 9000, 12800, 12900, 14000, 20000, 20512, 21024, 22000)
)
"""Times of a clip that starts late and has no rate, in B-frames' reach of each other."""

B_FRAMES = {"preset": "fast", "bf": "3", "x264-params": "b-adapt=0"}

CLIPS = {
    "plain with sound": Clip(tones=(440,)),
    "variable rate, B-frames, late start": Clip(times=VARIABLE, options=B_FRAMES, tones=(440,)),
    "30000/1001": Clip(times=even(30, Fraction(30000, 1001)), time_base=Fraction(1, 30000), tones=(300,)),
    "rotated": Clip(rotation=90, tones=(440,)),
    "odd size": Clip(size=(321, 241), times=even(5), pixel_format="yuv444p"),
    "one frame": Clip(times=even(1)),
    "two sounds, two subtitles, chapters": Clip(tones=(440, 880), subtitles=("eng", "deu"), chapters=True),
    "BT.709 tagged": Clip(tags=(1, 1, 1, 1)),
    "full range BT.601": Clip(tags=(6, 2, 6, 6)),
    "ten bit": Clip(pixel_format="yuv420p10le", tags=(9, 1, 9, 14)),
    "wide pixels": Clip(aspect=Fraction(4, 3)),
}


def pictures(path: Path) -> tuple[list[Fraction], list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]]:
    """Times and RGB pictures of a video, as PyAV alone reads them."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        found = [
            (f.pts * stream.time_base, f.to_ndarray(format="rgb24"))
            for f in container.decode(stream)
            if f.pts is not None
        ]
    return [t for t, _ in found], [p.astype(np.uint8) for _, p in found]


def packets(path: Path, kind: str) -> list[list[tuple[Fraction, bytes]]]:
    """Times and bytes of the packets of each stream of a kind."""
    with av.open(str(path)) as container:
        streams = [s for s in container.streams if s.type == kind]
        found: dict[int, list[tuple[Fraction, bytes]]] = {s.index: [] for s in streams}
        for packet in container.demux(streams) if streams else ():
            if packet.size and packet.pts is not None:
                found[packet.stream_index].append((packet.pts * packet.time_base, bytes(packet)))
    return list(found.values())


def damage(path: Path, first: int, last: int) -> Path:
    """Overwrite the insides of the video packets from `first` to `last` in their order in the file."""
    with av.open(str(path)) as container:
        places = [(p.pos, p.size) for p in container.demux(video=0) if p.size and p.pos is not None]
    data = bytearray(path.read_bytes())
    for place, size in places[first : last + 1]:
        data[place : place + size] = b"\xff" * size
    path.write_bytes(data)
    return path


def silent_film() -> bytes:
    """A file with sound and no picture."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as output:
        stream = output.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        frame.sample_rate = 48000
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return buffer.getvalue()
