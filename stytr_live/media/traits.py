"""What is known of a video file before it is read in earnest."""

from __future__ import annotations

import logging
import re
from contextlib import closing, suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av

from stytr_live.errors import SourceError
from stytr_live.media.colour import Colour
from stytr_live.media.orientation import Orientation
from stytr_live.media.tone import SHOWN, Range

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer
    from av.stream import Disposition
    from av.video.stream import VideoStream

    from stytr_live.frame import Size

LARGEST = 100_000_000
"""Most pixels a frame may have."""
UNTIMED = 60
"""Most frames that may come before the first that has a time."""
PATIENCE = 400
"""Packets of the video that are tried until a first frame comes out."""

_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,live_flv,kux,asf,ogg,mxf,gxf,nut,rm,dv,swf,wtv,"
    "h264,hevc,vvc,m4v,ivf,obu,av1,vc1,dirac,mjpeg,mjpeg_2000,yuv4mpegpipe,gif,apng,fli,smk,bink,roq,nsv,nuv,"
    "film_cpk,h263,cavsvideo,mp3,aac,ac3,eac3,flac,wav,w64,aiff,caf"
)
"""Containers that are read, sound so that it can be told from damage. Not among them are lists of other files."""
_TAGS = frozenset({"language", "title", "handler_name", "timecode", "creation_time", "comment"})
"""Tags that are true of painted frames too; others tell of the codec, or of a rotation that is carried out."""

logging.getLogger("libav").setLevel(logging.CRITICAL)  # what goes wrong is said in our own words


@dataclass(frozen=True, slots=True)
class Traits:
    """The video stream of a file that is shown, and how it is shown."""

    index: int
    """Of the stream in its container."""
    coded_size: Size
    """(width, height) of decoded frames, before they are turned upright."""
    orientation: Orientation
    colour: Colour
    aspect: Fraction
    """Width of a pixel divided by its height, upright."""
    time_base: Fraction
    """Seconds that a tick of the stream's clock lasts."""
    first: Fraction
    """Time of the first frame, in seconds."""
    rate: Fraction | None
    """Nominal frames per second."""
    duration: Fraction | None
    """Length of the file, in seconds."""
    stop: Fraction | None
    """Time at which the stream itself claims to end, in seconds."""
    frames: int | None
    """Number of frames, or an estimate."""
    tags: dict[str, str]
    """What the stream says of its contents, such as its language."""
    disposition: Disposition
    """FFmpeg's flags of the stream's role, such as being the default."""
    interlaced: bool = False
    """Whether its frames consist of two fields, taken at different times."""
    untimed: int = 0
    """Frames at its beginning that have no times, because their container knows none before zero."""
    range: Range | None = None
    """How its pixels are coded where its range is high; then `colour` is that of the pixels that are made of them."""

    @property
    def size(self) -> Size:
        """(width, height) upright."""
        width, height = self.coded_size
        return (height, width) if self.orientation.swap else (width, height)

    def missing_after(self, last: Fraction | None) -> Fraction | None:
        """Seconds that a stream whose last frame is at `last` lacks; None where it is whole, or nobody knows."""
        if self.stop is None or not self.rate:
            return None
        missing = self.stop - (self.first if last is None else last + 1 / self.rate)
        return missing if missing > 3 / self.rate else None


def open_input(path: Path) -> InputContainer:
    """Open a media file; only this file is read, whatever it refers to.

    Raises:
        SourceError: it is missing, a folder, empty, or in no known format.
    """
    if path.is_dir():
        raise SourceError(f"'{path}' is a folder; name a video file.")
    try:
        if path.stat().st_size == 0:
            raise SourceError(f"The video '{path}' is empty.")
        options = {"protocol_whitelist": "file", "format_whitelist": _FORMATS, "max_pixels": str(LARGEST)}
        return av.open(f"file:{path.absolute()}", options=options, metadata_errors="replace")
    except (av.error.InvalidDataError, av.error.ArgumentError) as error:
        raise SourceError(f"'{path}' is not a video in a format this program reads, or it is cut off.") from error
    except OSError as error:
        raise SourceError(f"The video '{path}' cannot be opened: {error.strerror or error}.") from error
    except ValueError as error:
        raise SourceError(f"The video '{path}' cannot be opened: {error}.") from error


def video_stream(container: InputContainer, path: Path, *, stream: int | None = None) -> VideoStream:
    """The video stream that players show, the first that is marked as the default, else the best; or number `stream`.

    The first is 0. Cover pictures do not count.

    Raises:
        SourceError: there is none, or none of this number.
    """
    streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not streams:
        raise SourceError(f"There is no picture in '{path}'; name a file with a video in it.")
    if stream is not None:
        if not 0 <= stream < len(streams):
            some = (
                "one video, number 0"
                if len(streams) == 1
                else f"{len(streams)} videos, numbers 0 to {len(streams) - 1}"
            )
            raise SourceError(f"There is no video stream {stream} in '{path}', which has {some}.")
        return streams[stream]
    default = [s for s in streams if s.disposition & av.stream.Disposition.default]
    best = container.streams.best("video")
    return next((s for s in default or streams if default or (best and s.index == best.index)), streams[0])


def read_traits(path: Path, *, stream: int | None = None) -> Traits:
    """Look into a video file, down to its first frame; `stream` as for `video_stream`.

    Raises:
        SourceError: it is no video, its frames are too large, or none can be decoded.
    """
    with closing(open_input(path)) as container:
        shown = video_stream(container, path, stream=stream)
        context = shown.codec_context
        if context is None:
            raise SourceError(f"The video in '{path}' has a codec that this program does not know.")
        if context.width * context.height > LARGEST:
            raise SourceError(
                f"The video '{path}' has frames of {context.width}×{context.height} pixels; "
                f"at most {LARGEST // 1_000_000} megapixels can be read."
            )
        frame, untimed, begin = _first_frames(container, shown, path)
        time_base = shown.time_base or Fraction(1, 1_000_000)
        rate = shown.average_rate or shown.guessed_rate
        orientation = Orientation.of(frame)
        aspect = Fraction(shown.sample_aspect_ratio or context.sample_aspect_ratio or 1) or Fraction(1)
        length = None if shown.duration is None else shown.duration * time_base
        container_length = None if container.duration is None else Fraction(container.duration, av.time_base)
        estimate = length or container_length
        known = shown.frames or (round(estimate * rate) if estimate and rate else None)
        start = shown.start_time or 0
        first = (start if begin is None else begin) * time_base
        first -= untimed / (rate or Fraction(25))
        colour = Colour.of(
            matrix=int(frame.colorspace),
            range=int(frame.color_range),
            primaries=int(frame.color_primaries),
            transfer=int(frame.color_trc),
            pixel_format=frame.format.name,
            height=frame.height,
        )
        high = Range.of(colour, frame)
        return Traits(
            index=shown.index,
            coded_size=(frame.width, frame.height),
            orientation=orientation,
            colour=colour if high is None else SHOWN,
            aspect=1 / aspect if orientation.swap else aspect,
            time_base=time_base,
            first=first,
            rate=rate,
            duration=length if length is not None else container_length,
            stop=_tagged_end(shown) if length is None else start * time_base + length,
            frames=known,
            tags={key: value for key, value in shown.metadata.items() if key in _TAGS},
            disposition=shown.disposition,
            interlaced=bool(frame.interlaced_frame),
            untimed=untimed,
            range=high,
        )


def _tagged_end(stream: VideoStream) -> Fraction | None:
    """End of a Matroska track, in seconds; the container says it in a tag only."""
    found = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", stream.metadata.get("DURATION", ""))
    if found is None:
        return None
    hours, minutes, seconds = map(Fraction, found.groups())
    return 3600 * hours + 60 * minutes + seconds


def _first_frames(container: InputContainer, stream: VideoStream, path: Path) -> tuple[av.VideoFrame, int, int | None]:
    """The first frame, how many are there before the first that has a time, and its time in ticks.

    Only Matroska is known to keep frames from before zero, without their times.
    """
    first: av.VideoFrame | None = None
    untimed = 0
    for tried, packet in enumerate(container.demux(stream)):
        with suppress(av.FFmpegError):
            for frame in packet.decode():
                first = first or frame
                if frame.pts is not None or container.format.name != "matroska,webm":
                    return first, untimed, frame.pts
                untimed += 1
        if tried >= PATIENCE or untimed > UNTIMED:
            break
    if first is None:
        raise SourceError(f"No frame of the video '{path}' can be decoded; it may be damaged.")
    return first, 0, None
