"""Painted pieces of a film, each a file of its own with nothing but pictures."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import av

from stytr_live.errors import SinkError
from stytr_live.media.file_sink import check_size, end_of
from stytr_live.media.film_encoder import FilmEncoder, add_film

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.video.stream import VideoStream

    from stytr_live.frame import Frame, Size
    from stytr_live.media.encoders import Encoder
    from stytr_live.media.film_encoder import Packets
    from stytr_live.media.traits import Traits


LATER = 1 << 24
"""Ticks by which times in a part are later than in the film: its container knows none before zero, and decoding begins
before the first picture is shown."""


class PartSink:
    """A piece of a film. It begins with a key frame, and refers to nothing before or after it.

    The file is made under another name beside its own, which it gets when it is whole.

    Raises:
        SinkError: it cannot be written.
    """

    def __init__(self, path: Path, *, like: Traits, size: Size, encoder: Encoder) -> None:
        """Frames of `size` (width, height); `like` are the traits of the source whose clock and colours are kept."""
        self._path, self._new = path, path.with_name(f"{path.name}.new")
        self._traits, self._size = like, size
        self.ticks: list[int] = []
        """Times of the frames that were written, in ticks of the source's clock."""
        self._written, self._ended = 0, False
        try:
            self._new.touch()
            form, settings = _container(encoder, like)
            self._output = av.open(f"file:{self._new.absolute()}", "w", format=form, options=settings)
        except OSError as error:
            self._remove()
            raise self._failure(error) from error
        try:
            stream = add_film(self._output, encoder, like, size)
            self._output.start_encoding()
            self._encoder = FilmEncoder(stream, encoder, like)
        except (av.FFmpegError, ValueError) as error:
            self.discard()
            raise self._failure(error) from error
        except BaseException:
            self.discard()
            raise

    def write(self, frame: Frame) -> None:
        """Encode a frame.

        Raises:
            SinkError: the file cannot be written any further.
        """
        check_size(frame, self._size, self._path)
        tick = round(frame.time / self._traits.time_base)
        try:
            self._mux(self._encoder.encode(frame.pixels, tick + LATER))
        except (av.FFmpegError, OSError, ValueError) as error:
            raise self._failure(error) from error
        self.ticks.append(tick)

    def close(self) -> None:
        """Finish the file, check that it is whole, and give it its name.

        Raises:
            SinkError: that fails, or there was no frame; nothing is left of it.
        """
        try:
            last = self._encoder.last
            if last is None:
                raise SinkError(f"There is no frame to write to '{self._path}'.")
            self._mux(self._encoder.finish(end_of(self._traits, last, complete=False)))
            self._output.close()
            self._ended = True
            with self._new.open("rb+") as file:
                os.fsync(file.fileno())
            if sorted(tick for tick, _ in packets_of(self._new, self._traits)) != sorted(self.ticks):
                raise OSError("not all frames arrived; the disk may be full")
            self._new.replace(self._path)
        except (av.FFmpegError, OSError, ValueError) as error:
            self.discard()
            raise self._failure(error) from error
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Leave nothing of the file."""
        if not self._ended:
            self._ended = True
            with suppress(av.FFmpegError, OSError, ValueError):
                self._output.close()
        self._remove()

    def _mux(self, packets: Packets) -> None:
        for packet in packets:
            # Encoders' own decode times are not to be trusted: libx265 makes one up for a film of one frame. They are
            # made again when parts are put together; here it is enough that they rise.
            packet.dts = self._written if self._output.format.name == "nut" else packet.pts
            self._written += 1
            self._output.mux(packet)

    def _failure(self, error: Exception) -> SinkError:
        return SinkError(f"'{self._path}' cannot be written: {getattr(error, 'strerror', None) or error}.")

    def _remove(self) -> None:
        with suppress(OSError):
            self._new.unlink(missing_ok=True)


def packets_of(part: Path, traits: Traits) -> Iterator[tuple[int, av.Packet[VideoStream]]]:
    """Ticks of the source's clock and packets of a part, in decoding order; the packets have no times.

    Raises:
        av.FFmpegError: it cannot be read.
        ValueError: a time is not one of that clock.
    """
    with closing(av.open(f"file:{part.absolute()}")) as container:
        for packet in container.demux(video=0):
            if not packet.size:  # the demuxer's farewell
                continue
            if packet.pts is None:
                raise ValueError("a packet has no time")
            tick = packet.pts * packet.time_base / traits.time_base - LATER
            if tick.denominator != 1:
                raise ValueError("a packet lies between two ticks")
            packet.time_base = traits.time_base
            yield tick.numerator, packet


def header_of(part: Path) -> bytes:
    """What a decoder needs to know before the first packet."""
    with closing(av.open(f"file:{part.absolute()}")) as container:
        return container.streams.video[0].codec_context.extradata or b""


def _container(encoder: Encoder, traits: Traits) -> tuple[str, dict[str, str]]:
    """A format that tells every tick, and its settings: NUT, or where it does not know the codec MOV."""
    if encoder.codec == "prores":
        return "mov", {"movie_timescale": str(traits.time_base.denominator)}
    return "nut", {}
