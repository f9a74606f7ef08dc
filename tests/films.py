"""Real films with sound and captions that are known exactly, and what becomes of them in another file."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import av
import numpy as np

from stytr_live.frame import Frame
from stytr_live.media.file_sink import FileSink
from stytr_live.media.traits import read_traits
from tests.clips import even, pictures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from av.audio.stream import AudioStream

FloatArray = np.ndarray[Any, np.dtype[np.float64]]

SECONDS = 3
SIZE = 64, 48


@dataclass(frozen=True)
class Track:
    """A stream of sound: silence but for beeps."""

    codec: str
    rate: int = 48000
    layout: str = "stereo"
    beeps: tuple[float, ...] = (0.5, 1.25, 2.5)
    """Seconds at which they begin."""
    start: float = 0.0
    """Seconds at which the stream begins."""
    gap: tuple[float, float] | None = None
    """Seconds between which it has no packets."""
    channels: tuple[int, ...] | None = None
    """Channels in which there is something to hear; all unless told."""
    language: str = "deu"


def beep(rate: int) -> FloatArray:
    """A sweep that is like itself at one moment only."""
    t = np.arange(rate // 50) / rate
    return 0.5 * np.sin(2 * np.pi * (400 * t + 60_000 * t**2)) * np.hanning(len(t))


def write(path: Path, *tracks: Track, seconds: float = SECONDS) -> Path:
    """A film of flat pictures and these tracks."""
    with av.open(str(path), "w") as output:
        codec = "libvpx-vp9" if path.suffix == ".webm" else "libx264"
        film = output.add_stream(codec, rate=25, options={"preset": "ultrafast"} if codec == "libx264" else {})
        assert isinstance(film, av.VideoStream)
        film.width, film.height, film.pix_fmt = *SIZE, "yuv420p"
        streams = [_stream(output, track) for track in tracks]
        for index, moment in enumerate(even(round(25 * seconds))):
            picture = av.VideoFrame(*SIZE, "yuv420p")
            for plane in picture.planes:
                plane.update(bytes([(index * 7) % 200 + 20]) * plane.buffer_size)
            picture.pts, picture.time_base = round(moment * 25), Fraction(1, 25)
            output.mux(film.encode(picture))
        output.mux(film.encode(None))
        for track, stream in zip(tracks, streams, strict=True):
            _play(output, track, stream, seconds)
    return path


def _stream(output: av.container.OutputContainer, track: Track) -> AudioStream:
    stream = cast("AudioStream", output.add_stream(track.codec, rate=track.rate, layout=track.layout))
    if track.codec in ("dca", "vorbis", "opus"):
        stream.codec_context.options = {"strict": "-2"}
    stream.codec_context.format = stream.codec_context.codec.audio_formats[0].name  # type: ignore[index]
    stream.metadata["language"] = track.language
    return stream


def _play(output: av.container.OutputContainer, track: Track, stream: AudioStream, seconds: float) -> None:
    context, rate = stream.codec_context, track.rate
    layout = av.AudioLayout(track.layout)
    sound = np.zeros((layout.nb_channels, round((seconds - track.start) * rate)), np.float32)
    for moment in track.beeps:
        first = round((moment - track.start) * rate)
        for channel in range(layout.nb_channels) if track.channels is None else track.channels:
            sound[channel, first : first + rate // 50] = beep(rate)
    step = context.frame_size or 1024
    resampler = av.AudioResampler(context.format, layout, rate)
    for first in range(0, sound.shape[1], step):
        samples = np.ascontiguousarray(sound[:, first : first + step].T).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, "flt", track.layout)
        frame.sample_rate, frame.pts = rate, first + round(track.start * rate)
        frame.time_base = Fraction(1, rate)
        for ready in resampler.resample(frame):
            _mux(output, track, stream, stream.encode(ready))
    _mux(output, track, stream, stream.encode(None))


def _mux(
    output: av.container.OutputContainer, track: Track, stream: AudioStream, packets: Sequence[av.Packet[AudioStream]]
) -> None:
    for packet in packets:
        assert packet.pts is not None
        moment = float(packet.pts * packet.time_base)
        if track.gap is None or not track.gap[0] <= moment < track.gap[1]:
            output.mux(packet)


def put_into(source: Path, output: Path, *, start: Fraction | None = None, end: Fraction | None = None) -> Path:
    """The film with its own pictures in another file, as a rendered one is written."""
    traits = read_traits(source)
    sink = FileSink(output, like=source, size=traits.size, start=start, end=end)
    for index, (moment, pixels) in enumerate(zip(*pictures(source), strict=True)):
        since = moment - traits.first
        if (start is None or since >= start) and (end is None or since < end):
            sink.write(Frame(np.ascontiguousarray(pixels), moment, index, time.perf_counter()))
    sink.close()
    return output


@dataclass(frozen=True)
class Heard:
    """A stream of sound, decoded by PyAV alone."""

    codec: str
    rate: int
    layout: str
    start: float
    """Seconds at which its first sample is."""
    samples: FloatArray
    """(channels, N), from second 0 on; what is not there is silence."""
    language: str | None

    @property
    def end(self) -> float:
        """Seconds at which its last sample ends."""
        return int(self.samples.shape[1]) / self.rate

    def beeps(self, channel: int = 0) -> list[float]:
        """Seconds at which beeps begin, to a sample."""
        pattern = beep(self.rate)
        alike = np.correlate(self.samples[channel], pattern, "valid") / float(pattern @ pattern)
        found = []
        while len(alike) and alike.max() > 0.5:
            best = int(alike.argmax())
            found.append(best / self.rate)
            alike[max(0, best - len(pattern)) : best + len(pattern)] = 0
        return sorted(found)

    def loudest(self, begin: float, stop: float) -> float:
        """The loudest sample between two times, 0 to 1."""
        part = self.samples[:, round(begin * self.rate) : round(stop * self.rate)]
        return float(np.abs(part).max()) if part.size else 0.0


def listen(path: Path, number: int = 0) -> Heard:
    """What is heard of a stream of sound; packets that cannot be decoded are passed over."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[number]
        assert stream.codec_context is not None
        pieces: list[tuple[int, FloatArray]] = []
        channels = stream.layout.nb_channels
        resampler = av.AudioResampler("flt", stream.layout, stream.rate)
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            for frame in frames:
                assert frame.pts is not None
                assert frame.time_base is not None
                first = round(frame.pts * frame.time_base * stream.rate)
                frame.pts = None
                planes = [made.to_ndarray().astype(float) for made in resampler.resample(frame)]
                pieces += [(first, plane.reshape(-1, channels).T) for plane in planes]
        sound = np.zeros((channels, max(first + piece.shape[1] for first, piece in pieces)))
        for first, piece in pieces:
            skip = max(0, -first)
            sound[:, first + skip : first + piece.shape[1]] = piece[:, skip:]
        return Heard(
            stream.codec_context.name,
            stream.rate,
            stream.layout.name,
            pieces[0][0] / stream.rate,
            sound,
            stream.language,
        )
