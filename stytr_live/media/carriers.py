"""What becomes of the packets of one stream that goes along with a film."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, cast

from av.audio.stream import AudioStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    import av
    from av.buffer import Buffer
    from av.container import OutputContainer
    from av.stream import Stream

EDITED = frozenset({"mp4", "mov"})
"""Containers that can say that what comes first is decoded and not shown."""
_ALONE = ("pcm_", "flac", "alac", "wavpack", "adpcm_")
"""Codecs of sound, by the beginnings of their names, whose packets need none before them."""
_RUN_UP = {"opus": Fraction(8, 100), "mp3": Fraction(1, 10)}
"""Seconds of sound before a packet that its decoder must have heard; the length of a packet for others."""
_GAP = b"\x00\x00"
"""The empty text with which MP4 ends a subtitle; the muxer makes it itself."""


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch of a source that is taken, in seconds on its clock."""

    start: Fraction | None = None
    end: Fraction | None = None
    shift: Fraction = Fraction(0)
    """By how much earlier all of it is put."""

    def clipped(self, begin: Fraction, stop: Fraction) -> tuple[Fraction, Fraction] | None:
        """What of an interval is in it, on the output's clock; None where nothing is. An instant may be empty."""
        if (self.start is not None and (stop < self.start or (begin < self.start and stop == self.start))) or (
            self.end is not None and begin >= self.end
        ):
            return None
        begin = begin if self.start is None else max(begin, self.start)
        stop = stop if self.end is None else min(stop, self.end)
        return begin - self.shift, stop - self.shift


class Carrier(Protocol):
    """Takes the packets of a stream, in order, and gives those of its twin in the output."""

    def take(self, packet: av.Packet[Any]) -> Iterator[av.Packet[Any]]:
        """What is made of the next packet.

        Raises:
            av.FFmpegError: it cannot be made anything of.
        """
        ...

    def rest(self) -> Iterator[av.Packet[Any]]:
        """What comes after the last one."""
        ...


class Copied:
    """Packets as they are, at their times.

    Sound that begins within a packet is cut there if the output's container can say so; else it begins with the first
    packet after the start. Sound from a container whose clock is coarser than its samples gets the times of its samples
    back.

    What an output that cannot say what is not played would have to play before its beginning is left out: all the rest
    would be put later for it. `run_in` samples are played by none.
    """

    def __init__(self, stream: Stream, twin: Stream, output: OutputContainer, span: Span, *, run_in: int = 0) -> None:
        self._twin, self._span = twin, span
        self._text = stream.type == "subtitle"
        self._edited, self._run_in, self._rate = output.format.name in EDITED, run_in, 0
        self._tells = False
        if isinstance(stream, AudioStream) and stream.rate:
            self._rate = stream.rate
            # Where sound of other containers begins is in its header too, of which the output's muxer knows.
            self._tells = not any(name in EDITED for name in stream.container.format.name.split(","))
            self._tells = self._tells or stream.codec_context.name.endswith("opus")
        self._cuts, self._frame = False, Fraction(0)
        self._run_up: Fraction | None = None
        self._clock: _SampleClock | None = None
        if isinstance(stream, AudioStream) and output.format.name in EDITED and stream.rate:
            name = stream.codec_context.name
            self._cuts, self._frame = True, Fraction(stream.codec_context.frame_size or 0, stream.rate)
            self._run_up = (
                Fraction(0) if name.startswith(_ALONE) else _RUN_UP.get(name.removesuffix("float").removeprefix("lib"))
            )
            if stream.time_base is not None and stream.time_base * stream.rate > 1:
                self._clock = _SampleClock(stream)

    def take(self, packet: av.Packet[Any]) -> Iterator[av.Packet[Any]]:
        """The packet, where it is wanted."""
        if self._text and packet.size == len(_GAP) and bytes(packet) == _GAP:
            return
        if self._clock is not None:
            self._clock.set(packet)
        base, span = packet.time_base, self._span
        moment = time_of(packet) * base
        length = (packet.duration or 0) * base
        if self._text:
            shown = span.clipped(moment, moment + length)
            if shown is None:
                return
            packet.pts = packet.dts = round(shown[0] / base)
            packet.duration = round((shown[1] - shown[0]) / base)
        else:
            if self._before(moment, length or self._frame) or (span.end is not None and moment >= span.end):
                return
            if not self._edited and self._rate and self._early(packet, (span.shift - moment) * self._rate):
                return
            offset = round(span.shift / base)
            if packet.dts is not None:
                packet.dts -= offset
            if packet.pts is not None:
                packet.pts -= offset
        packet.stream = self._twin
        yield packet

    def rest(self) -> Iterator[av.Packet[Any]]:
        """Nothing."""
        return iter(())

    def _before(self, moment: Fraction, length: Fraction) -> bool:
        """Whether a packet is from before the start, and nothing that follows needs it."""
        if self._span.start is None:
            return False
        if not self._cuts or not length:
            return moment < self._span.start
        return moment + length <= self._span.start - (length if self._run_up is None else self._run_up)

    def _early(self, packet: av.Packet[Any], samples: Fraction) -> bool:
        """Whether a packet so many samples before the output's beginning would be played."""
        silent = self._run_in or (_skipped(packet) if self._tells else 0)
        return samples > silent + packet.time_base * self._rate * bool(silent)


class _SampleClock:
    """Times of packets of sound in samples, where their container has rounded them."""

    def __init__(self, stream: AudioStream) -> None:
        self._rate, self._frame = stream.rate, stream.codec_context.frame_size or 0
        self._next: int | None = None

    def set(self, packet: av.Packet[Any]) -> None:
        """Give a packet its time in samples: right after the one before, unless that is not what it says."""
        base = packet.time_base
        said = time_of(packet) * base * self._rate
        error = base * self._rate  # the container may round either way, or cut
        if self._next is None:
            skipped = _skipped(packet)
            at = -skipped if skipped and abs(said + skipped) <= error else round(said)
        else:
            at = self._next if abs(said - self._next) <= error else round(said)
        length = self._frame or round((packet.duration or 0) * base * self._rate)
        self._next = at + length if length else None
        packet.time_base = Fraction(1, self._rate)
        packet.pts = packet.dts = at
        packet.duration = length


def time_of(packet: av.Packet[Any]) -> int:
    """When a packet is shown, in ticks; where it does not say it when it is decoded."""
    tick = packet.dts if packet.pts is None else packet.pts
    return 0 if tick is None else tick


def _skipped(packet: av.Packet[Any]) -> int:
    """Samples at the beginning of a packet of sound that are not played."""
    for data in packet.iter_sidedata():
        if data.data_type == "skip_samples" and data.data_size >= 4:
            return int(struct.unpack("<I", bytes(cast("Buffer", data))[:4])[0])
    return 0
