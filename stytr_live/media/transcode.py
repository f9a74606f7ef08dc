"""A video decoded and encoded again with nothing in between: the least that rendering it can cost."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from typing import TYPE_CHECKING

import av

from stytr_live.errors import SourceError
from stytr_live.media.encoders import settle
from stytr_live.media.traits import read_traits

if TYPE_CHECKING:
    from pathlib import Path


def transcode(source: Path, output: Path) -> int:
    """Decode the pictures of a video and encode them as `FileSink` does, without a conversion; how many they were.

    Raises:
        SourceError: the video cannot be read or written.
    """
    encoder = settle(None, output, read_traits(source))
    count = 0
    try:
        with (
            closing(av.open(f"file:{source.absolute()}")) as film,
            closing(av.open(output, "w", format=encoder.container)) as made,
        ):
            shown = film.streams.video[0]
            shown.thread_type = "AUTO"
            stream = made.add_stream(
                encoder.name, rate=shown.average_rate or Fraction(30), options=dict(encoder.options)
            )
            assert isinstance(stream, av.VideoStream)
            stream.codec_context.width, stream.codec_context.height = shown.width, shown.height
            stream.codec_context.pix_fmt = encoder.pixel_format
            stream.codec_context.thread_type = "AUTO"
            stream.codec_context.time_base = stream.time_base = shown.time_base or Fraction(1, 30)
            for frame in film.decode(shown):
                frame.pict_type = 0  # the encoder's choice, not the source's
                made.mux(stream.encode(frame.reformat(format=encoder.pixel_format)))
                count += 1
            made.mux(stream.encode(None))
    except (av.FFmpegError, OSError, IndexError) as error:
        raise SourceError(f"The video '{source}' cannot be decoded and encoded ({error}).") from error
    return count
