"""When the frames of a video are shown, found without decoding them."""

from __future__ import annotations

from array import array
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import numpy as np
import numpy.typing as npt

from stytr_live.media.traits import open_input, video_stream

if TYPE_CHECKING:
    from fractions import Fraction
    from pathlib import Path

Ticks = npt.NDArray[np.int64]

_ONE_EACH = frozenset({
    "h264", "hevc", "vvc", "av1", "vp9", "mpeg1video", "mpeg2video", "mpeg4", "prores", "dnxhd", "cfhd", "ffv1",
    "ffvhuff", "huffyuv", "utvideo", "magicyuv", "mjpeg", "jpeg2000", "png", "apng", "qtrle", "rawvideo", "v210",
    "v410", "r210", "dvvideo",
})  # fmt: skip
"""Codecs of which a packet that is shown holds one frame. Others hide frames between them, or leave some out."""
_UNTIMED = frozenset({"avi", "mpeg", "h264", "hevc", "mpegvideo", "m4v", "ivf", "obu", "rawvideo"})
"""Containers that do not say when every frame is shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Presentation times of a video stream, in ticks."""

    times: Ticks
    """(N,) of all frames, rising."""
    keys: Ticks
    """(K,) of the key frames, rising: where decoding can begin."""
    time_base: Fraction
    """Seconds that a tick lasts."""
    stop: int = 0
    """Tick at which the last frame that is there ends, as far as the file says how long it is shown."""


def read_index(path: Path, *, stream: int | None = None) -> Index | None:
    """Read through a file for the times of its frames; None where packets do not tell them for certain.

    They are those of a healthy file: frames that turn out to be damaged are counted too. `stream` is the number of the
    video stream, as for `video_stream`.

    Raises:
        SourceError: the file cannot be opened, or has no video.
    """
    with closing(open_input(path)) as container:
        shown = video_stream(container, path, stream=stream)
        context = shown.codec_context
        if (
            context is None
            or context.codec.canonical_name not in _ONE_EACH
            or container.format.name in _UNTIMED
            or not shown.time_base
        ):
            return None
        times, keys, first, stop = array("q"), array("q"), None, 0
        try:
            for packet in container.demux(shown):
                if not packet.size:  # the demuxer's farewell
                    continue
                if first is None and packet.is_keyframe:
                    first = packet.pts
                if packet.pts is None or first is None:
                    return None
                if not packet.is_discard:  # an edit list cuts it away
                    times.append(packet.pts)
                    stop = max(stop, packet.pts + (packet.duration or 0))
                    if packet.is_keyframe:
                        keys.append(packet.pts)
        except av.FFmpegError:
            return None
        ticks, starts = (np.sort(np.frombuffer(a, np.int64)) for a in (times, keys))
        # What is shown before the first key frame needs what came before the file began.
        if first is None or not len(ticks) or (np.diff(ticks) <= 0).any() or ticks[0] < first:
            return None
        return Index(ticks, starts, shown.time_base, max(stop, int(ticks[-1])))
