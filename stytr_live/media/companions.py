"""What goes along with the pictures of a video: sound, subtitles, attachments, chapters, tags."""

from __future__ import annotations

import io
import logging
from contextlib import closing, suppress
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING

import av
from av.audio.stream import AudioStream
from av.stream import Disposition

from stytr_live.media.traits import open_input

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.container import OutputContainer
    from av.container.core import Chapter
    from av.stream import Stream

log = logging.getLogger(__name__)

KINDS = ("audio", "subtitle", "attachment")
"""Types of streams that are taken along; chapters are taken as such, not as the track MP4 keeps them in."""
_OF_THE_FILE = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder"})
"""Tags that tell of the source's file and not of what is in it."""
_RUN_IN = 1024
"""Samples that an AAC encoder puts in front; they are not played."""
_RUN_UP = 10
"""Seconds before a start at which reading begins, so that no stream that lags behind is missed."""
_INDEXED = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"})
"""Containers in which a seek leads where it should."""
_GAP = b"\x00\x00"
"""The empty text with which MP4 ends a subtitle; the muxer makes it itself."""


class Companions:
    """Packets of a source, other than of its pictures, on their way into an output.

    Packets are copied as they are; what the output's container cannot hold is left out, and said. With `start` and
    `end`, in seconds on the source's clock, packets between them are taken; all times are put earlier by `shift`
    seconds.
    """

    def __init__(
        self,
        source: Path,
        output: OutputContainer,
        *,
        start: Fraction | None = None,
        end: Fraction | None = None,
        shift: Fraction = Fraction(0),
    ) -> None:
        self._input, self._output = open_input(source), output
        self._start, self._end, self._shift = start, end, shift
        self._streams: dict[int, Stream] = {}
        videos = [s for s in self._input.streams.video if not s.disposition & Disposition.attached_pic]
        if len(videos) > 1:
            log.warning("'%s' has %d videos; all but the one that players show are left out.", source, len(videos))
        for stream in self._input.streams:
            if stream.type in KINDS and (made := self._add(stream, source)) is not None:
                self._streams[stream.index] = made
        output.metadata.update({k: v for k, v in self._input.metadata.items() if k not in _OF_THE_FILE})
        self._chapters()
        self._packets = self._read()
        self._next = next(self._packets, None)

    def until(self, moment: Fraction) -> None:
        """Write what belongs before a time of the output, in seconds."""
        while self._next is not None and self._next[0] <= moment:
            self._output.mux(self._next[1])
            self._next = next(self._packets, None)

    def rest(self) -> None:
        """Write all that is left."""
        while self._next is not None:
            self._output.mux(self._next[1])
            self._next = next(self._packets, None)

    def close(self) -> None:
        """Let go of the source."""
        self._packets.close()  # type: ignore[attr-defined]
        self._input.close()

    def _add(self, stream: Stream, source: Path) -> Stream | None:
        """The stream's twin in the output; None where the container cannot hold it."""
        name = self._output.format.name
        if not _holds(name, stream):
            codec = stream.codec_context.name if stream.codec_context is not None else "unknown"
            log.warning(
                "The %s stream %d of '%s' (%s) is left out: the output's format cannot hold it.",
                *(stream.type, stream.index, source, codec),
            )
            return None
        made = self._with_run_in(stream, source) or self._output.add_stream_from_template(stream)
        made.metadata.update(stream.metadata)
        made.disposition = stream.disposition
        return made

    def _with_run_in(self, stream: Stream, source: Path) -> Stream | None:
        """An AAC stream in Matroska whose run-in is before zero; None for all others.

        Matroska has no times before zero, but a field for the run-in. The muxer fills it from the settings of an
        encoder, so an encoder of the same sound is opened, and never fed.
        """
        if self._output.format.name != "matroska" or self._start is not None or not isinstance(stream, AudioStream):
            return None
        if stream.codec_context.name != "aac" or stream.profile != "LC":
            return None
        if _first_time(source, stream.index) != Fraction(-_RUN_IN, stream.sample_rate):
            return None
        made = self._output.add_stream("aac", rate=stream.sample_rate, layout=stream.layout.name)
        made.codec_context.time_base = Fraction(1, stream.sample_rate)
        made.codec_context.open()
        made.codec_context.extradata = stream.codec_context.extradata
        return made

    def _chapters(self) -> None:
        chapters: list[Chapter] = []
        for chapter in self._input.chapters():
            base = chapter["time_base"] or Fraction(1, 1000)
            begin, stop = chapter["start"] * base, chapter["end"] * base
            if (self._start is not None and stop <= self._start) or (self._end is not None and begin >= self._end):
                continue
            begin = (begin if self._start is None else max(begin, self._start)) - self._shift
            stop = (stop if self._end is None else min(stop, self._end)) - self._shift
            kept: Chapter = {**chapter, "start": round(begin / base), "end": round(stop / base)}
            chapters.append(kept)
        if chapters:
            self._output.set_chapters(chapters)

    def _read(self) -> Iterator[tuple[Fraction, av.Packet[Stream]]]:
        """(time in the output, packet) in the order of the file."""
        wanted = [self._input.streams[index] for index in self._streams]
        if not wanted:
            return
        if self._start is not None and self._start > _RUN_UP and self._input.format.name in _INDEXED:
            with suppress(av.FFmpegError):
                self._input.seek(int((self._start - _RUN_UP) * av.time_base))
        try:
            for packet in self._input.demux(wanted):
                if packet.size == 0 or packet.dts is None:  # the demuxer's farewell
                    continue
                if packet.size == len(_GAP) and packet.stream.type == "subtitle" and bytes(packet) == _GAP:
                    continue
                base = packet.time_base
                moment = (packet.dts if packet.pts is None else packet.pts) * base
                if (self._start is not None and moment < self._start) or (
                    self._end is not None and moment >= self._end
                ):
                    continue
                offset = round(self._shift / base)
                packet.dts -= offset
                if packet.pts is not None:
                    packet.pts -= offset
                twin = self._streams[packet.stream_index]
                packet.stream = twin
                yield packet.dts * base, packet
        except av.error.InvalidDataError:
            log.warning("The sound and subtitles end where the source is damaged.")


def _first_time(source: Path, index: int) -> Fraction | None:
    """Time of the first packet of a stream, in seconds; containers do not count the run-in in what they say of it."""
    with suppress(av.FFmpegError), closing(open_input(source)) as container:
        for packet in islice(container.demux(container.streams[index]), 1):
            return None if packet.pts is None else packet.pts * packet.time_base
    return None


def _holds(form: str, stream: Stream) -> bool:
    """Whether a container format takes a stream, found by trying: its own list is not to be trusted."""
    try:
        with av.open(io.BytesIO(), "w", format=form) as trial:
            trial.add_stream_from_template(stream)
            if stream.type != "attachment":
                trial.start_encoding()
    except (av.FFmpegError, ValueError, MemoryError, TypeError):
        return False
    return True
