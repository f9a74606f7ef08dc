"""Frames to a video file."""

from __future__ import annotations

import logging
import os
from contextlib import closing, suppress
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import av
from av.codec.context import Flags

from stytr_live.errors import SinkError
from stytr_live.media.colour import FromRgb
from stytr_live.media.companions import Companions
from stytr_live.media.traits import open_input, read_traits

if TYPE_CHECKING:
    from pathlib import Path

    from av.video.stream import VideoStream

    from stytr_live.frame import Frame, Size

log = logging.getLogger(__name__)

CRF = "18"
"""Constant quality of H.264, where 18 is hard to tell from the original."""
LONGEST = 16384
"""Most pixels that H.264 and VP9 have in a row or column."""
_FASTEST = 100_000_000
"""Most ticks of a film's clock in a second."""
# Paintings are hard to encode: on a processor, x264's medium takes as long as the network, and saves 2 % of the file.
_X264 = ("libx264", {"crf": CRF, "preset": "faster"})
_VP9 = ("libvpx-vp9", {"crf": "24", "b": "0", "row-mt": "1", "deadline": "good", "cpu-used": "4"})
_FORMATS = {
    ".mp4": ("mp4", *_X264),
    ".m4v": ("mp4", *_X264),
    ".mov": ("mov", *_X264),
    ".mkv": ("matroska", *_X264),
    ".webm": ("webm", *_VP9),
}


class FileSink:
    """A video file with the frames it is given, and everything else that goes along in a source file.

    Frames keep their exact times where the container can say them (MP4, MOV). Matroska and WebM count milliseconds, so
    there a time is right to half of one. They do not begin before zero either: where sound does (other than the run-in
    of AAC, which Matroska can say), everything is put later by as much. The last frame of a source lasts as long as it
    did there.

    The file is written as `name.part.suffix` and gets its name when it is whole.

    With `start` and `end`, in seconds from the source's first frame, the output's clock begins at `start`.

    Raises:
        SinkError: the format is unknown, the output exists and must not be replaced, is the source, or its folder
            cannot be written.
        SourceError: the source cannot be read.
    """

    def __init__(
        self,
        path: Path,
        *,
        like: Path,
        size: Size,
        start: Fraction | None = None,
        end: Fraction | None = None,
        overwrite: bool = False,
    ) -> None:
        """Frames of `size` (width, height); `like` is the source whose clock, colours and other streams are kept."""
        form, codec, options = encoder_of(path)
        if path.exists() and like.exists() and path.samefile(like):
            raise SinkError(f"'{path}' is the input; choose another name for the output.")
        if path.is_dir():
            raise SinkError(f"'{path}' is a folder; choose another name for the output.")
        if path.exists() and not overwrite:
            raise SinkError(f"'{path}' exists already; choose another name or add --overwrite.")
        if max(size) > LONGEST:
            raise SinkError(
                f"'{path}' cannot be {size[0]}×{size[1]} pixels; a video has at most {LONGEST} in width and height."
            )
        self._path, self._part, self._size = path, path.with_name(f"{path.stem}.part{path.suffix}"), size
        if self._part.exists() and like.exists() and self._part.samefile(like):
            raise SinkError(
                f"'{path}' would be written by way of '{self._part}', which is the input; rename one of them."
            )
        self._traits = traits = read_traits(like)
        self._written, self._ended, self._complete = 0, False, False
        self._held: av.VideoFrame | None = None
        self._whole = start is None and end is None
        self._shift = Fraction(0) if start is None else traits.first + start
        muxing = _muxing(form, like)
        try:
            self._part.touch()  # a folder that cannot be written is said plainly here
            self._output = av.open(f"file:{self._part.absolute()}", "w", format=form, options=muxing)
        except OSError as error:
            self._remove()
            raise SinkError(f"'{path}' cannot be written: {error.strerror or error}.") from error
        try:
            self._stream = self._add_video(codec, options, size)
            self._companions = Companions(
                like,
                self._output,
                start=None if start is None else traits.first + start,
                end=None if end is None else traits.first + end,
                shift=self._shift,
            )
            self._output.start_encoding()
        except (av.FFmpegError, ValueError) as error:
            self.discard()
            raise SinkError(f"'{path}' cannot be written: {getattr(error, 'strerror', None) or error}.") from error
        except BaseException:
            self.discard()
            raise
        self._from_rgb = FromRgb(traits.colour, self._stream.codec_context.pix_fmt or "yuv420p")

    def write(self, frame: Frame) -> None:
        """Encode a frame.

        Raises:
            SinkError: the file cannot be written any further.
        """
        if frame.size != self._size:
            raise SinkError(
                f"A frame of {frame.size[0]}×{frame.size[1]} pixels does not fit into '{self._path}', "
                f"which is {self._size[0]}×{self._size[1]}."
            )
        picture = self._from_rgb(frame.pixels)
        picture.time_base = self._traits.time_base
        picture.pts = round((frame.time - self._shift) / self._traits.time_base)
        self._complete = self._whole and frame.index + 1 == self._traits.frames
        try:
            if self._held is not None:  # how long a frame lasts is known when the next comes
                self._encode(self._held, picture.pts)
            self._held = picture
        except (av.FFmpegError, OSError, ValueError) as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Finish the file, check that it is whole, and give it its name.

        Raises:
            SinkError: that fails; nothing is left of it.
        """
        try:
            if self._held is None:
                raise SinkError(f"There is no frame to write to '{self._path}'; check the start and the end.")
            self._encode(self._held, self._end_of(self._held))
            for packet in self._stream.encode(None):
                self._mux(packet)
            self._companions.rest()
            self._companions.close()
            self._output.close()
            self._ended = True
            with self._part.open("rb+") as file:
                os.fsync(file.fileno())
            self._check()
            self._part.replace(self._path)
        except (av.FFmpegError, OSError, ValueError) as error:
            self.discard()
            raise self._failure(error) from error
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Leave nothing of the file; an older one of that name stays as it is."""
        if not self._ended:
            self._ended = True
            with suppress(Exception):
                self._companions.close()
            with suppress(av.FFmpegError, OSError, ValueError):
                self._output.close()
        self._remove()

    def _add_video(self, codec: str, options: dict[str, str], size: Size) -> VideoStream:
        traits = self._traits
        rate = traits.rate or Fraction(30)
        stream = self._output.add_stream(codec, rate=rate.limit_denominator(1_000_000), options=dict(options))
        assert isinstance(stream, av.VideoStream)
        context = stream.codec_context
        context.width, context.height = size
        # Chroma at half resolution needs even sides in H.264, whose cropping counts in pairs too. Rather than lose or
        # invent a row, odd sizes keep chroma whole. VP9 has no such limit.
        odd = size[0] % 2 or size[1] % 2
        context.pix_fmt = "yuv444p" if odd and codec == "libx264" else "yuv420p"
        context.time_base = traits.time_base
        context.sample_aspect_ratio = traits.aspect
        context.colorspace, context.color_range = traits.colour.matrix, traits.colour.range
        context.color_primaries, context.color_trc = traits.colour.primaries, traits.colour.transfer
        context.thread_type = "AUTO"
        context.flags |= Flags.frame_duration
        stream.time_base = traits.time_base
        stream.metadata.update(traits.tags)
        stream.disposition = traits.disposition
        return stream

    def _encode(self, picture: av.VideoFrame, until: int | None) -> None:
        """Encode a frame that lasts until a tick."""
        if until is not None and picture.pts is not None:
            picture.duration = max(until - picture.pts, 0)
        for packet in self._stream.encode(picture):
            self._mux(packet)

    def _end_of(self, last: av.VideoFrame) -> int | None:
        """Tick at which the last frame ends: where the source ends, if that was its last frame too."""
        traits = self._traits
        if self._complete and traits.stop is not None:
            return round(traits.stop / traits.time_base)
        if traits.rate and last.pts is not None:
            return last.pts + round(1 / traits.rate / traits.time_base)
        return None

    def _mux(self, packet: av.Packet[VideoStream]) -> None:
        if packet.dts is not None:
            self._companions.until(packet.dts * packet.time_base)
        self._output.mux(packet)
        self._written += 1

    def _check(self) -> None:
        """A disk that filled up at the last moment is not always reported: count what can be read back."""
        with closing(av.open(f"file:{self._part.absolute()}")) as container:
            found = sum(packet.size > 0 for packet in container.demux(video=0))
        if found != self._written:
            raise OSError(f"{found} of {self._written} frames arrived; the disk may be full")

    def _failure(self, error: Exception) -> SinkError:
        reason = getattr(error, "strerror", None) or str(error)
        return SinkError(f"'{self._path}' cannot be written: {reason}.")

    def _remove(self) -> None:
        with suppress(OSError):
            self._part.unlink(missing_ok=True)


def encoder_of(path: Path) -> tuple[str, str, dict[str, str]]:
    """Container, encoder and its options for a file of this name.

    Raises:
        SinkError: no video of this suffix can be written.
    """
    known = _FORMATS.get(path.suffix.lower())
    if known is None:
        raise SinkError(f"'{path}' has no suffix of a video that can be written; choose one of {', '.join(_FORMATS)}.")
    return known


def _muxing(form: str, like: Path) -> dict[str, str]:
    """Settings of the container.

    MP4 and MOV get their index in front, so that a browser can begin before it has everything. When their streams begin
    is counted on the film's clock, which must have the ticks of every stream.
    """
    if form not in ("mp4", "mov"):
        return {}
    with closing(open_input(like)) as container:
        clocks = [s.time_base.denominator for s in container.streams if s.time_base and s.type in ("video", "audio")]
    scale = lcm(*clocks)
    return {"movflags": "+faststart", "movie_timescale": str(scale if scale <= _FASTEST else max(clocks))}
