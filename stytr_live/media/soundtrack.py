"""Sound of one kind to that of another."""

from __future__ import annotations

import io
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream

from stytr_live.media.carriers import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.container import OutputContainer

    from stytr_live.media.carriers import Span

LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""What every encoder takes, by the number of channels."""
_AAC_RATES = frozenset({96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350})
_BITS = {"aac": 96_000, "libopus": 64_000}
"""Bits a second for each channel."""
_MOST_BITS = 512_000
_RUN_UP = 1
"""Seconds before the start at which decoding begins."""
_SLACK = Fraction(1, 500)
"""Seconds by which times may be wrong before they are believed: Matroska's are, by half of one in a thousand."""
_PLANES = 7
"""Channels up to which PyAV knows where the planes of a frame end."""
_SILENCE = 3600
"""Seconds of the longest gap that is filled."""


class Soundtrack:
    """Sound as AAC, in WebM as Opus: every sample at its time. Where samples are missing there is silence.

    The first sample is the one at the start, and the last one the last before the end.

    Raises:
        av.FFmpegError: the stream cannot be decoded, or the output does not take it.
        ValueError: likewise.
    """

    def __init__(self, stream: AudioStream, output: OutputContainer, span: Span) -> None:
        if stream.codec_context is None or not stream.rate:
            raise ValueError("unknown sound")
        self._span, self._source = span, stream
        self.codec = "libopus" if output.format.name == "webm" else "aac"
        self._rate = stream.rate if self.codec == "aac" and stream.rate in _AAC_RATES else 48000
        self._layout = self._settle(stream, output.format.name)
        self.stream = self._add(output, self._layout)
        self._resampler: AudioResampler | None = None
        self._shape: tuple[str, str, int] | None = None
        self._next: int | None = None  # sample of the source that comes next, on the output's clock
        self._ended = False

    def take(self, packet: av.Packet[Any]) -> Iterator[av.Packet[Any]]:
        """Packets of the twin; the sound of damaged ones is silence."""
        span = self._span
        moment = time_of(packet) * packet.time_base
        if self._ended or (span.start is not None and moment < span.start - _RUN_UP):
            return
        try:
            frames = cast("list[av.AudioFrame]", packet.decode())
        except av.FFmpegError:
            return
        for frame in frames:
            yield from self._sound(frame)

    def rest(self) -> Iterator[av.Packet[Any]]:
        """What is still on its way."""
        if not self._ended:
            for frame in self._source.codec_context.decode(None):
                assert isinstance(frame, av.AudioFrame)
                yield from self._sound(frame)
        if self._next is not None:
            yield from self._encoded(None)
            yield from self.stream.encode(None)

    def _settle(self, stream: AudioStream, form: str) -> str:
        """The layout of channels: the source's, if the encoder takes it."""
        own, count = stream.layout.name, stream.layout.nb_channels
        for layout in dict.fromkeys((own, LAYOUTS.get(count, "stereo"))):
            try:
                with av.open(io.BytesIO(), "w", format=form) as trial:
                    self._add(trial, layout)
                    trial.start_encoding()
            except (av.FFmpegError, ValueError):
                continue
            return layout
        raise ValueError("no encoder takes it")

    def _add(self, output: OutputContainer, layout: str) -> AudioStream:
        made = output.add_stream(self.codec, rate=self._rate)
        assert isinstance(made, AudioStream)
        made.codec_context.layout = layout
        made.codec_context.time_base = made.time_base = Fraction(1, self._rate)
        made.codec_context.bit_rate = min(_BITS[self.codec] * made.codec_context.layout.nb_channels, _MOST_BITS)
        return made

    def _sound(self, frame: av.AudioFrame) -> Iterator[av.Packet[Any]]:
        """Put the samples of a frame where they belong."""
        frame = _packed(frame)
        rate, span = frame.sample_rate, self._span
        shape = (frame.format.name, frame.layout.name, rate)
        if self._shape is not None and shape != self._shape:
            if shape[2] != self._shape[2] and self._next is not None:
                self._next = round(Fraction(self._next * rate, self._shape[2]))
            yield from self._encoded(None)
            self._resampler = None
        self._shape = shape
        first = self._place(frame, rate)
        if first is None:
            return
        last = first + frame.samples
        begin = first if span.start is None else max(first, math.ceil((span.start - span.shift) * rate))
        stop = last if span.end is None else min(last, math.ceil((span.end - span.shift) * rate))
        self._ended = span.end is not None and last > stop
        if self._next is not None:
            yield from self._fill(frame, min(begin, stop), rate)
            begin = max(begin, self._next)
        if begin < stop:
            yield from self._encoded(_cut(frame, begin - first, stop - first), begin)
            self._next = stop

    def _place(self, frame: av.AudioFrame, rate: int) -> int | None:
        """On which sample of the output's clock a frame begins; None where it says nonsense."""
        base = frame.time_base
        if frame.pts is None or base is None:
            return self._next
        said = (frame.pts * base - self._span.shift) * rate
        if self._next is None:
            return round(said)
        if abs(said - self._next) <= max(_SLACK, base) * rate:
            return self._next
        return round(said) if abs(said - self._next) <= _SILENCE * rate else None

    def _fill(self, like: av.AudioFrame, until: int, rate: int) -> Iterator[av.Packet[Any]]:
        """Silence up to a sample."""
        assert self._next is not None
        while self._next < until:
            count = min(until - self._next, rate)
            silence = np.zeros_like(like.to_ndarray()[..., :1])
            if like.format.name.startswith("u8"):
                silence += 128
            width = count if like.format.is_planar else count * like.layout.nb_channels
            yield from self._encoded(_frame(np.repeat(silence, width, axis=1), like), self._next)
            self._next += count

    def _encoded(self, frame: av.AudioFrame | None, at: int = 0) -> Iterator[av.Packet[Any]]:
        """Packets of a frame that begins on a sample, or where it is None of what is left in the resampler."""
        context = self.stream.codec_context
        if frame is None:
            made = [] if self._resampler is None else self._resampler.resample(None)
        else:
            if self._resampler is None:
                self._resampler = AudioResampler(context.format, self._layout, self._rate)
            frame.pts, frame.time_base = at, Fraction(1, frame.sample_rate)
            made = self._resampler.resample(frame)
        for sound in made:
            yield from self.stream.encode(sound)


def _packed(frame: av.AudioFrame) -> av.AudioFrame:
    """The same samples, in one plane where they are in more than PyAV can reach safely."""
    if not frame.format.is_planar or frame.layout.nb_channels <= _PLANES:
        return frame
    (packed,) = AudioResampler(frame.format.packed, frame.layout, frame.sample_rate).resample(frame)
    packed.pts, packed.time_base = frame.pts, frame.time_base
    return packed


def _cut(frame: av.AudioFrame, first: int, last: int) -> av.AudioFrame:
    """Samples of a frame."""
    if first == 0 and last == frame.samples:
        return frame
    wide = 1 if frame.format.is_planar else frame.layout.nb_channels
    return _frame(frame.to_ndarray()[:, first * wide : last * wide], frame)


def _frame(samples: np.ndarray[Any, Any], like: av.AudioFrame) -> av.AudioFrame:
    made = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), like.format.name, like.layout.name)
    made.sample_rate = like.sample_rate
    return made
