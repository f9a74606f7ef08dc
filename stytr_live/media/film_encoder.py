"""Painted frames to packets."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import av
import cv2
from av.codec.context import Flags

from stytr_live.media.colour import FromRgb

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

    from stytr_live.frame import Pixels, Size
    from stytr_live.media.encoders import Encoder
    from stytr_live.media.traits import Traits

Packets: TypeAlias = "list[av.Packet[VideoStream]]"

THREADS = 8
"""Of an encoder. What x264 and libvpx make depends on it, and must not depend on the machine."""
_AVX512 = 13
"""OpenCV's number of AVX-512F."""
_RGB = frozenset({"bgr0", "bgra", "gbrp", "gbrp10le", "gbrp12le", "rgb24", "bgr24"})
"""Pixel formats that keep RGB as it is."""


def add_film(output: OutputContainer, encoder: Encoder, traits: Traits, size: Size) -> VideoStream:
    """Add a video stream with the clock, colours, shape of pixels, tags and role of a source.

    Raises:
        av.FFmpegError: the encoder cannot be used.
        ValueError: the container does not take it.
    """
    os.environ.setdefault("SVT_LOG", "-1")  # it writes to the terminal otherwise
    rate = (traits.rate or Fraction(30)).limit_denominator(1_000_000)
    stream = output.add_stream(encoder.name, rate=rate, options=dict(encoder.options) | _steady(encoder.name))
    assert isinstance(stream, av.VideoStream)
    context = stream.codec_context
    context.width, context.height = size
    context.pix_fmt = encoder.pixel_format
    context.time_base = traits.time_base
    context.sample_aspect_ratio = traits.aspect
    context.color_primaries, context.color_trc = traits.colour.primaries, traits.colour.transfer
    if encoder.pixel_format not in _RGB:
        context.colorspace, context.color_range = traits.colour.matrix, traits.colour.range
    context.thread_type = "AUTO"
    context.thread_count = THREADS
    context.flags |= Flags.frame_duration
    if encoder.gop is not None:
        context.gop_size = encoder.gop
    if encoder.codec == "hevc" and output.format.name in ("mp4", "mov"):
        context.codec_tag = "hvc1"  # players of Apple's play no other
    stream.time_base = traits.time_base
    stream.metadata.update(traits.tags)
    stream.disposition = traits.disposition
    return stream


def _steady(name: str) -> dict[str, str]:
    """Options without which the same frames do not always make the same film."""
    # x264's macroblock tree reads memory that nobody has written where it is computed with AVX-512: without, it does
    # not, and the film is the same as on processors that have no AVX-512.
    return {"x264-params": "asm=avx2"} if name == "libx264" and cv2.checkHardwareSupport(_AVX512) else {}


class FilmEncoder:
    """Encodes frames for a stream that `add_film` has made. A frame is held until its length is known."""

    def __init__(self, stream: VideoStream, encoder: Encoder, traits: Traits) -> None:
        self._stream, self._rgb = stream, encoder.pixel_format in _RGB
        self._time_base = traits.time_base
        self._from_rgb = FromRgb(traits.colour, encoder.pixel_format)
        self._held: av.VideoFrame | None = None

    @property
    def last(self) -> int | None:
        """Tick of the last frame; None before the first."""
        return None if self._held is None else self._held.pts

    def encode(self, pixels: Pixels, tick: int) -> Packets:
        """Take the frame, (H, W, 3), of a tick of the source's clock; what that makes of the frames before.

        Raises:
            av.FFmpegError: encoding fails.
        """
        picture = self._picture(pixels)
        picture.time_base, picture.pts = self._time_base, tick
        before, self._held = self._held, picture
        return [] if before is None else self._encoded(before, tick)

    def finish(self, until: int | None) -> Packets:
        """The rest, where the last frame lasts until a tick.

        Raises:
            av.FFmpegError: encoding fails.
        """
        packets = [] if self._held is None else self._encoded(self._held, until)
        return packets + list(self._stream.encode(None))

    def _picture(self, pixels: Pixels) -> av.VideoFrame:
        if not self._rgb:
            return self._from_rgb(pixels)
        return av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=self._stream.codec_context.pix_fmt)

    def _encoded(self, picture: av.VideoFrame, until: int | None) -> Packets:
        if until is not None and picture.pts is not None:
            picture.duration = max(until - picture.pts, 0)
        return list(self._stream.encode(picture))
