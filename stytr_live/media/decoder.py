"""The pictures of a video file, decoded whatever state the file is in."""

from __future__ import annotations

import logging
from fractions import Fraction
from typing import TYPE_CHECKING

import av

from stytr_live.media.interlacing import NEIGHBOURS, deinterlaced
from stytr_live.media.traits import LARGEST, open_input

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

from stytr_live.media.traits import Traits

log = logging.getLogger(__name__)

FAILURES = 8
"""Packets in a row that may fail before the rest up to the next key frame is given up."""
_UNSEEKABLE = frozenset({"mpeg"})
"""Containers that do not time every picture, so that after a seek the times are guessed differently."""
_BACK = (0, 1, 4, 16)
"""Seconds by which a seek is put earlier and tried again, before the file is read from its beginning."""

Timed = tuple[Fraction, av.VideoFrame]
"""A frame and its presentation time in seconds."""


class Decoder:
    """Decodes the video stream of a file. Damaged packets are passed over: the frames around them survive.

    Raises:
        SourceError: the file cannot be opened.
    """

    def __init__(self, path: Path, traits: Traits) -> None:
        self._path, self._traits = path, traits
        self.damaged = 0
        """Packets met so far that could not be decoded."""
        self._newest: Fraction | None = None
        self._stopped = False
        self._open("AUTO")

    def frames(self, start: Fraction | None = None) -> Iterator[Timed]:
        """Frames at and after a time in seconds on the container's clock, in the order of their times."""
        last: Fraction | None = None
        for moment, frame in self._from(start):
            last = moment
            if start is None or moment >= start:
                yield moment, frame
        if self._stopped or last is None or self._newest is None or self._newest <= last:
            return
        # With several frames in flight, an error among the last of them hides those that follow. Without, it does not.
        self.close()
        self._open("SLICE")
        before, self.damaged = self.damaged, 0
        try:
            for moment, frame in self._from(last):
                if moment > last and (start is None or moment >= start):
                    yield moment, frame
        finally:
            self.damaged = max(before, self.damaged)

    def stop(self) -> None:
        """End the iteration after the packet at hand. May be called by any thread."""
        self._stopped = True

    def close(self) -> None:
        """Let go of the file; for the thread that iterates."""
        self._container.close()

    def _open(self, threads: str) -> None:
        self._container = open_input(self._path)
        stream = self._container.streams[self._traits.index]
        assert isinstance(stream, av.VideoStream)
        self._stream = stream
        self._stream.thread_type = threads
        self._stream.codec_context.options = {"max_pixels": str(LARGEST)}  # a stream may change its size on the way

    def _from(self, start: Fraction | None) -> Iterator[Timed]:
        """Frames from one at or before a time on, without fields."""
        if not self._traits.interlaced:
            return self._found(start)
        lead = NEIGHBOURS * (1 / self._traits.rate if self._traits.rate else Fraction(1, 25))
        return deinterlaced(self._found(None if start is None else start - lead), self._traits.time_base)

    def _found(self, start: Fraction | None) -> Iterator[Timed]:
        """Frames from one at or before a time on.

        Where a seek leads cannot be trusted: a key frame may be followed by frames that are shown before it and need
        what came earlier, and some containers have no index. What counts is the first frame that comes out.
        """
        if start is not None and start > self._traits.first:
            for back in _BACK:
                if not self._seek(start - back):
                    break
                damaged, frames = self.damaged, self._decoded()
                first = next(frames, None)
                if first is not None and first[0] <= start:
                    yield first
                    yield from frames
                    return
                self.damaged = damaged
            self.close()
            self._open("AUTO")
        yield from self._decoded()

    def _seek(self, moment: Fraction) -> bool:
        """Go to a key frame near a time; False where there is none before it."""
        if moment <= self._traits.first or self._container.format.name in _UNSEEKABLE:
            return False
        try:
            self._container.seek(int(moment / self._traits.time_base), stream=self._stream, backward=True)
        except av.FFmpegError:
            return False
        return True

    def _decoded(self) -> Iterator[Timed]:
        """Frames from where the container stands, with their times."""
        last: Fraction | None = None
        untimed: list[av.VideoFrame] = []
        for frame in self._pictures():
            if last is None and frame.pts is None and len(untimed) < self._traits.untimed:
                untimed.append(frame)
                continue
            moment = self._time(frame, last)
            for index, early in enumerate(untimed):
                yield moment - (len(untimed) - index) / (self._traits.rate or Fraction(25)), early
            untimed.clear()
            if last is None or moment > last:  # damage may repeat a frame; time goes forward
                last = moment
                yield moment, frame

    def _pictures(self) -> Iterator[av.VideoFrame]:
        """Frames from where the container stands, as they are decoded."""
        failures = 0
        for packet in self._packets():
            if self._stopped:
                return
            if failures > FAILURES and packet.size:
                if not packet.is_keyframe:
                    continue
                failures = 0
            if packet.size and packet.pts is not None and not packet.is_discard:
                moment = packet.pts * self._traits.time_base
                self._newest = moment if self._newest is None else max(self._newest, moment)
            try:
                frames = packet.decode()
            except av.FFmpegError:
                if packet.size:
                    self.damaged += 1
                    failures += 1
                continue
            failures = 0 if frames else failures
            yield from frames

    def _packets(self) -> Iterator[av.Packet[av.VideoStream]]:
        """Packets of the video; after damage to the container, those that it still gives, and the decoder's rest."""
        failures = 0
        while failures <= FAILURES:
            try:
                for packet in self._container.demux(self._stream):
                    failures = 0
                    yield packet
            except av.error.InvalidDataError:
                self.damaged += 1
                failures += 1
            else:
                return
        drain: av.Packet[av.VideoStream] = av.Packet()  # type: ignore[assignment]
        drain.stream = self._stream
        yield drain

    def _time(self, frame: av.VideoFrame, last: Fraction | None) -> Fraction:
        """Presentation time; where the container has none, one frame after the last."""
        if frame.pts is not None:
            return frame.pts * self._traits.time_base
        if last is None:
            return self._traits.first
        return last + (1 / self._traits.rate if self._traits.rate else self._traits.time_base)
