"""Subtitles of one kind to those of another."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import av
from av.subtitles.stream import SubtitleStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.container import OutputContainer

    from stytr_live.media.carriers import Span

_KINDS = {"mp4": "mov_text", "mov": "mov_text", "matroska": "subrip", "webm": "webvtt"}
"""The codec of text that a container holds, by its name."""


class Captions:
    """Text as the output's container holds it, at the same times; of its looks what that codec can say.

    Raises:
        av.FFmpegError: the stream cannot be read, or the output does not take it.
        ValueError: it has no text, or the container holds none.
    """

    def __init__(self, stream: SubtitleStream, output: OutputContainer, span: Span) -> None:
        codec = _KINDS.get(output.format.name)
        if codec is None or stream.codec_context is None or not stream.codec_context.codec.text_sub:
            raise ValueError("no text, or no place for it")
        self._source, self._span = stream, span
        self._source.codec_context.open(strict=False)  # only then it knows its styles
        with av.open(io.BytesIO(), "w", format=output.format.name) as trial:
            self._add(trial, codec)
            trial.start_encoding()
        self.stream = self._add(output, codec)

    def _add(self, output: OutputContainer, codec: str) -> SubtitleStream:
        made = output.add_stream(codec)
        assert isinstance(made, SubtitleStream)
        made.codec_context.subtitle_header = (self._source.codec_context.subtitle_header or b"") + b"\0"
        if self._source.time_base is not None:
            made.time_base = made.codec_context.time_base = self._source.time_base
        return made

    def take(self, packet: av.Packet[Any]) -> Iterator[av.Packet[Any]]:
        """The same text, coded anew."""
        base, span = packet.time_base, self._span
        if packet.pts is None:
            return
        moment = packet.pts * base
        text = self._source.decode2(packet)
        if text is None or not len(text):
            return
        length = (packet.duration or 0) * base
        shown = span.clipped(moment, moment + length)
        if shown is None:
            return
        made = self.stream.codec_context.encode_subtitle(text)
        made.time_base = base
        made.pts = made.dts = round(shown[0] / base)
        made.duration = round((shown[1] - shown[0]) / base)
        made.stream = self.stream
        yield made

    def rest(self) -> Iterator[av.Packet[Any]]:
        """Nothing."""
        return iter(())
