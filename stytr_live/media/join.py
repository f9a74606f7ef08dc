"""Parts of a film into one file."""

from __future__ import annotations

from array import array
from contextlib import closing
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import av
import numpy as np

from stytr_live.errors import SinkError
from stytr_live.media.file_sink import end_of
from stytr_live.media.muxer import Muxer
from stytr_live.media.parts import header_of, packets_of
from stytr_live.media.traits import read_traits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from av.video.stream import VideoStream

    from stytr_live.media.encoders import Encoder
    from stytr_live.media.index import Ticks
    from stytr_live.media.traits import Traits

_EXACT = frozenset({"mp4", "mov"})
"""Containers that tell every tick."""
_COARSE = Fraction(1, 1000)
"""Seconds to which the others are right: they count milliseconds."""


def join(
    parts: Sequence[Path],
    output: Path,
    *,
    like: Path,
    encoder: Encoder,
    times: Sequence[int] | None = None,
    start: Fraction | None = None,
    end: Fraction | None = None,
    overwrite: bool = False,
    stream: int | None = None,
    traits: Traits | None = None,
) -> None:
    """Copy the pictures of parts, one after the other, and everything else of their source once.

    The output is read back and checked before it gets its name; the parts stay as they are.

    Args:
        parts: what `PartSink` has made with `encoder`, in the order of their times.
        output: the file to make.
        like: the source.
        encoder: what made the parts.
        times: of all frames, in ticks of the source's clock, rising; what is in the parts, unless told.
        start: where the film begins, in seconds from the source's first frame.
        end: where it ends.
        overwrite: replace an output that exists.
        stream: number of the source's video stream, as for `video_stream`.
        traits: what `PartSink` was given, where that is not what is read from the source: another clock, say.

    Raises:
        SinkError: the output cannot be written, or is not what it should be; nothing is left of it.
        SourceError: the source cannot be read.
    """
    traits = traits or read_traits(like, stream=stream)
    order = _order(parts, traits, output)
    shown = np.sort(order)
    if (np.diff(shown) <= 0).any() or (times is not None and not np.array_equal(shown, np.asarray(times, np.int64))):
        raise SinkError(f"'{output}' cannot be put together: the parts have other frames than they should.")
    muxer = Muxer(
        output, like=like, traits=traits, size=traits.size, encoder=encoder, start=start, end=end, overwrite=overwrite
    )
    shift = round(muxer.shift / traits.time_base)
    complete = start is None and end is None and len(order) == traits.frames
    until = end_of(traits, int(shown[-1]), complete=complete)
    try:
        _agree(parts, muxer.stream)
        muxer.mux(_timed(parts, traits, muxer.stream, order, until=until, shift=shift))
    except (av.FFmpegError, OSError, ValueError) as error:
        muxer.discard()
        raise muxer.failure(error) from error
    except BaseException:
        muxer.discard()
        raise
    moments = [(tick - shift) * traits.time_base for tick in shown.tolist()]
    muxer.close(lambda made: _check(made, moments, exact=encoder.container in _EXACT))


def decode_times(order: Ticks) -> Ticks:
    """Decode times for presentation times in decoding order, (N,) each: rising, and none after its presentation.

    Frames are decoded at the presentation times of the frames D places before, where D is by how many places a frame
    is decoded too early at most; before the first one, at the distance of the first two.
    """
    shown = np.sort(order)
    early = np.arange(len(order)) - np.searchsorted(shown, order)
    delay = max(0, int(early.max(initial=0)))
    step = int(shown[1] - shown[0]) if len(shown) > 1 else 1
    before = shown[0] - step * np.arange(delay, 0, -1)
    return np.concatenate([before, shown[: len(shown) - delay]])


def _order(parts: Sequence[Path], traits: Traits, output: Path) -> Ticks:
    """Presentation times of all packets, in decoding order."""
    found = array("q")
    try:
        for part in parts:
            found.extend(tick for tick, _ in packets_of(part, traits))
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SinkError(f"'{output}' cannot be put together: a part of it cannot be read ({reason}).") from error
    if not found:
        raise SinkError(f"There is no frame to write to '{output}'; check the start and the end.")
    return np.frombuffer(found, np.int64)


def _agree(parts: Sequence[Path], stream: VideoStream) -> None:
    """Raise ValueError where parts would not be decoded by what the file says of its codec."""
    context = stream.codec_context
    headers = {header_of(part) for part in parts}
    if len(headers) > 1:
        raise ValueError("its parts were made by different encoders")
    header = headers.pop()
    if header and context.extradata and header != context.extradata:
        raise ValueError("its parts were made by another encoder")


def _timed(
    parts: Sequence[Path], traits: Traits, stream: VideoStream, order: Ticks, *, until: int | None, shift: int
) -> Iterator[av.Packet[VideoStream]]:
    """All packets with their times in the output; each frame lasts until the next is shown, the last until a tick."""
    decoded = iter(decode_times(order).tolist())
    shown = np.sort(order)
    following = dict(pairwise(shown.tolist()))
    for part in parts:
        for tick, packet in packets_of(part, traits):
            packet.duration = max(0, following.get(tick, tick if until is None else until) - tick)
            packet.pts, packet.dts = tick - shift, next(decoded) - shift
            packet.stream = stream
            yield packet


def _check(made: Path, moments: list[Fraction], *, exact: bool) -> None:
    """Raise OSError where a file does not have frames at these times, in seconds."""
    found: list[Fraction] = []
    last: int | None = None
    with closing(av.open(f"file:{made.absolute()}")) as container:
        for packet in container.demux(video=0):
            if not packet.size:
                continue
            if packet.pts is None:
                raise OSError("a frame of it has no time")
            if packet.is_discard:
                raise OSError("a frame of it would not be shown")
            if exact and (packet.dts is None or (last is not None and packet.dts <= last)):
                raise OSError("its frames are not in order")
            last = packet.dts
            found.append(packet.pts * packet.time_base)
    found.sort()
    if len(found) != len(moments):
        raise OSError(f"it has {len(found)} frames and should have {len(moments)}")
    # Containers that count milliseconds may begin at zero, whenever the film does.
    shift = found[0] - moments[0]
    if exact and abs(shift) > _COARSE:
        raise OSError("it begins at another time than it should")
    most = Fraction(0) if exact else _COARSE
    wrong = sum(abs(a - b - shift) > most for a, b in zip(found, moments, strict=True))
    if wrong:
        raise OSError(f"{wrong} of its frames are not at their times")
