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
from av.stream import Discard, Disposition
from av.subtitles.stream import SubtitleStream

from stytr_live.media.captions import Captions
from stytr_live.media.carriers import Copied, Span
from stytr_live.media.soundtrack import LAYOUTS, Soundtrack
from stytr_live.media.traits import open_input, video_stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.container import OutputContainer
    from av.container.core import Chapter
    from av.stream import Stream

    from stytr_live.media.carriers import Carrier

log = logging.getLogger(__name__)

KINDS = ("audio", "subtitle", "attachment", "data")
"""Types of streams that are taken along; chapters are taken as such, not as the track MP4 keeps them in."""
_OF_THE_FILE = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder"})
"""Tags that tell of the source's file and not of what is in it."""
_RUN_IN = 1024
"""Samples that an AAC encoder puts in front; they are not played."""
_RUN_UP = 10
"""Seconds before a start at which reading begins, so that no stream that lags behind is missed."""
_INDEXED = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"})
"""Containers in which a seek leads where it should."""
_PATIENCE = 10_000
"""Packets among which the first one of every stream of sound is looked for."""
_QUICKTIME = {
    "fre": "fra", "deu": "ger", "nld": "dut", "swe": "sve", "ell": "gre", "isl": "ice", "zho": "chi", "fas": "per",
    "sqi": "alb", "rum": "ron", "cze": "ces", "slo": "slk", "hye": "arm", "kat": "geo", "mkd": "mac", "mya": "bur",
    "bod": "tib", "msa": "may", "cym": "wel", "eus": "baq",
}  # fmt: skip
"""Languages that have two codes, and the one that QuickTime knows; of others it has no name."""
_NAMES = {"aac": "AAC", "libopus": "Opus"}
"""What sound becomes, as users know it."""


class Companions:
    """Packets of a source, other than of its pictures, on their way into an output.

    Packets are copied as they are. Sound and text that the output's container cannot hold are made what it can, which
    is said in the log; what can be neither is left out, and that is said too. With `start` and `end`, in seconds on the
    source's clock, what is between them is taken; all times are put earlier by `shift` seconds.

    `stream` is the number of the video that is taken, as for `video_stream`.

    Raises:
        SourceError: the source cannot be opened, or has no such video.
    """

    def __init__(
        self,
        source: Path,
        output: OutputContainer,
        *,
        start: Fraction | None = None,
        end: Fraction | None = None,
        shift: Fraction = Fraction(0),
        stream: int | None = None,
    ) -> None:
        self._input, self._output, self._source = open_input(source), output, source
        self._span = Span(start, end, shift)
        self._carriers: dict[int, Carrier] = {}
        self._first = _first_packets(source)
        self._absent: list[str] = []
        try:
            self._look(stream)
        except BaseException:
            self._input.close()
            raise
        self._packets = self._read()
        self._next = next(self._packets, None)

    def _look(self, stream: int | None) -> None:
        """Find out what there is, and tell the output."""
        shown = video_stream(self._input, self._source, stream=stream) if stream is not None else None
        videos = [s for s in self._input.streams.video if not s.disposition & Disposition.attached_pic]
        if len(videos) > 1:
            which = "the one that players show" if shown is None else f"number {stream}"
            log.warning("'%s' has %d videos; all but %s are left out.", self._source, len(videos), which)
        for other in self._input.streams:
            if other.type in KINDS and other.discard != Discard.all and not self._made_anew(other):
                self._add(other)
        if self._absent:
            log.warning(
                "What accompanies the picture of '%s' as data (%s) is left out: the output's format cannot hold it.",
                *(self._source, ", ".join(self._absent)),
            )
        self._output.metadata.update({k: v for k, v in self._input.metadata.items() if k not in _OF_THE_FILE})
        self._chapters()

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

    def _made_anew(self, stream: Stream) -> bool:
        """Whether it is a time code: these are made of the video's tag, with the video's new track."""
        return stream.type == "data" and "timecode" in stream.metadata

    def _add(self, stream: Stream) -> None:
        """Have the stream carried into a twin in the output, if there can be one."""
        made: Stream
        carrier: Carrier
        name = stream.codec_context.name if stream.codec_context is not None else stream.name or "unknown"
        first = self._first.get(stream.index)
        if _holds(self._output.format.name, stream, first):
            late = self._with_run_in(stream, first)
            made = late or _twin(self._output, stream)
            carrier = Copied(stream, made, self._output, self._span, run_in=_RUN_IN if late else 0)
        elif stream.type == "data":
            self._absent.append(name)
            return
        else:
            try:
                carrier = _converted(stream, self._output, self._span)
            except (av.FFmpegError, ValueError):
                log.warning(
                    "The %s stream %d of '%s' (%s) is left out: the output's format cannot hold it.",
                    *(stream.type, stream.index, self._source, name),
                )
                return
            made = carrier.stream
            log.warning(
                "The %s stream %d of '%s' (%s) becomes %s: the output's format cannot hold it as it is.",
                *(stream.type, stream.index, self._source, name, _NAMES.get(made.codec_context.name, "plain text")),
            )
        made.metadata.update(stream.metadata)
        _rename(made, self._output.format.name)
        made.disposition = stream.disposition
        self._carriers[stream.index] = carrier

    def _with_run_in(self, stream: Stream, packet: av.Packet[Stream] | None) -> Stream | None:
        """An AAC stream in Matroska whose run-in is before zero; None for all others.

        Matroska has no times before zero, but a field for the run-in. The muxer fills it from the settings of an
        encoder, so an encoder of the same sound is opened, and never fed.
        """
        if (
            self._output.format.name != "matroska"
            or self._span.start is not None
            or not isinstance(stream, AudioStream)
        ):
            return None
        if stream.codec_context.name != "aac" or stream.profile != "LC":
            return None
        if packet is None or packet.pts is None:
            return None
        if abs(packet.pts * packet.time_base + Fraction(_RUN_IN, stream.sample_rate)) > packet.time_base:
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
            shown = self._span.clipped(chapter["start"] * base, chapter["end"] * base)
            if shown is None or (shown[0] == shown[1] and chapter["start"] < chapter["end"]):
                continue
            begin, stop = shown
            kept: Chapter = {**chapter, "start": round(begin / base), "end": round(stop / base)}
            chapters.append(kept)
        if chapters:
            self._output.set_chapters(chapters)

    def _read(self) -> Iterator[tuple[Fraction, av.Packet[Stream]]]:
        """(time in the output, packet) in the order of the file."""
        wanted = [self._input.streams[index] for index in self._carriers]
        if not wanted:
            return
        start, end, ordered = self._span.start, self._span.end, self._input.format.name in _INDEXED
        if start is not None and start > _RUN_UP and ordered:
            with suppress(av.FFmpegError):
                self._input.seek(int((start - _RUN_UP) * av.time_base))
        try:
            for packet in self._input.demux(wanted):
                if packet.size == 0 or packet.dts is None:  # the demuxer's farewell
                    continue
                if end is not None and ordered and packet.dts * packet.time_base > end + _RUN_UP:
                    break
                yield from self._timed(self._carriers[packet.stream_index].take(packet))
        except av.error.InvalidDataError:
            log.warning("The sound and subtitles of '%s' end where it is damaged.", self._source)
        for carrier in self._carriers.values():
            yield from self._timed(carrier.rest())

    def _timed(self, packets: Iterator[av.Packet[Stream]]) -> Iterator[tuple[Fraction, av.Packet[Stream]]]:
        for packet in packets:
            if packet.dts is not None:
                yield packet.dts * packet.time_base, packet


def _converted(stream: Stream, output: OutputContainer, span: Span) -> Soundtrack | Captions:
    """What makes of a stream one that the output holds.

    Raises:
        av.FFmpegError: there is nothing.
        ValueError: likewise.
    """
    if isinstance(stream, AudioStream):
        return Soundtrack(stream, output, span)
    if isinstance(stream, SubtitleStream):
        return Captions(stream, output, span)
    raise ValueError("neither sound nor text")


def _first_packets(source: Path) -> dict[int, av.Packet[Stream]]:
    """The first packet of every stream of sound, by the stream's number."""
    found: dict[int, av.Packet[Stream]] = {}
    with suppress(av.FFmpegError), closing(open_input(source)) as container:
        wanted = container.streams.audio
        packet: av.Packet[Stream]
        for packet in islice(container.demux(*wanted) if wanted else (), _PATIENCE):
            if packet.size:
                found.setdefault(packet.stream_index, packet)
            if len(found) == len(wanted):
                break
    return found


def _rename(stream: Stream, form: str) -> None:
    """Have what is said of a stream said as a container format says it."""
    tags = stream.metadata
    if "title" not in tags and "name" in tags:  # MP4's title is read by that name, and not written by it
        tags["title"] = tags["name"]
    if form == "mov" and "language" in tags:
        tags["language"] = _QUICKTIME.get(tags["language"], tags["language"])


def _twin(output: OutputContainer, stream: Stream) -> Stream:
    """A stream for the packets of another."""
    made = output.add_stream_from_template(stream)
    if isinstance(made, AudioStream) and made.layout.nb_channels in LAYOUTS and made.layout.name.endswith("channels"):
        made.codec_context.layout = LAYOUTS[made.layout.nb_channels]  # MP4 must say where they are
    return made


def _holds(form: str, stream: Stream, packet: av.Packet[Stream] | None) -> bool:
    """Whether a container format takes a stream, and its first packet, found by trying: its list is not to be trusted.

    Some refuse only when they are closed.
    """
    if stream.type == "attachment":  # WebM's muxer takes them, and does not write them
        return form == "matroska"
    try:
        with av.open(io.BytesIO(), "w", format=form) as trial:
            made = _twin(trial, stream)
            trial.start_encoding()
            if packet is not None:
                copy: av.Packet[Stream] = av.Packet(bytes(packet))
                copy.stream, copy.time_base, copy.is_keyframe = made, packet.time_base, True
                copy.pts = copy.dts = 0
                copy.duration = packet.duration or 1
                trial.mux(copy)
    except (av.FFmpegError, ValueError, MemoryError, TypeError):
        return False
    return True
