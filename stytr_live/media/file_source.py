"""Frames of a video file."""

from __future__ import annotations

import logging
import time
from threading import Lock
from typing import TYPE_CHECKING

import av

from stytr_live.errors import SourceError
from stytr_live.frame import Frame, MediaInfo
from stytr_live.media.colour import ToRgb
from stytr_live.media.traits import open_input, read_traits, video_stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction
    from pathlib import Path

    from av.container import InputContainer
    from av.video.stream import VideoStream

log = logging.getLogger(__name__)

FAILURES = 8
"""Packets in a row that may fail to decode before the rest is given up."""


class FileSource:
    """Every frame of a video file, upright, in RGB, at its exact time on the container's clock.

    Damaged packets are passed over and counted: the frames around the damage survive. `start` and `end` are in seconds
    from the first frame; frames from `start` on and before `end` are given.

    Raises:
        SourceError: the file is missing, no video, or no frame of it can be decoded.
    """

    def __init__(self, path: Path, *, start: Fraction | None = None, end: Fraction | None = None) -> None:
        self._path, self._traits = path, read_traits(path)
        t = self._traits
        self._from = None if start is None else t.first + start
        self._to = None if end is None else t.first + end
        self.info = MediaInfo(t.size, t.rate, t.duration, t.frames)
        self.damaged = 0
        """Packets met so far that could not be decoded."""
        self._container = open_input(path)
        self._stream = video_stream(self._container, path)
        self._stream.thread_type = "AUTO"
        self._lock = Lock()
        self._begun = self._closed = False

    def __iter__(self) -> Iterator[Frame]:
        """The frames in the order of their times.

        Raises:
            SourceError: the file cannot be read any further.
            RuntimeError: it was iterated before.
        """
        with self._lock:
            if self._begun:
                raise RuntimeError("a source is iterated once")
            self._begun = True
            if self._closed:
                return
        try:
            yield from self._frames()
        except OSError as error:
            raise SourceError(f"The video '{self._path}' cannot be read: {error.strerror or error}.") from error
        finally:
            with self._lock:
                self._closed = True
                self._container.close()
        if self.damaged:
            log.warning("%d damaged packets of '%s' were passed over.", self.damaged, self._path)

    def close(self) -> None:
        """End the iteration after the frame at hand. May be called by any thread, and again."""
        with self._lock:
            self._closed = True
            if not self._begun:  # else the iterating thread closes what it uses
                self._begun = True
                self._container.close()

    def _frames(self) -> Iterator[Frame]:
        to_rgb, t = ToRgb(self._traits.colour), self._traits
        last: Fraction | None = None
        index = 0
        for frame in self._decoded():
            if self._closed:
                return
            moment = self._time(frame, last)
            if last is not None and moment <= last:
                continue  # damage may repeat a frame; time goes forward
            last = moment
            if self._from is not None and moment < self._from:
                continue
            if self._to is not None and moment >= self._to:
                return
            pixels = t.orientation.upright(to_rgb(frame, t.coded_size))
            yield Frame(pixels, moment, index, time.perf_counter())
            index += 1
        missing = t.missing_after(last)
        if missing is not None:
            log.warning("'%s' is cut off: its last %.1f seconds are missing.", self._path, float(missing))

    def _time(self, frame: av.VideoFrame, last: Fraction | None) -> Fraction:
        """Presentation time; where the container has none, one frame after the last."""
        if frame.pts is not None:
            return frame.pts * self._traits.time_base
        if last is None:
            return self._traits.first
        return last + (1 / self._traits.rate if self._traits.rate else self._traits.time_base)

    def _decoded(self) -> Iterator[av.VideoFrame]:
        """Decoded frames from the start on, or from a key frame before it."""
        if self._from is not None and self._from > self._traits.first:
            self._seek(self._from)
        failures = 0
        for packet in self._packets(self._container, self._stream):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                self.damaged += 1
                failures += 1
                if failures > FAILURES:
                    log.warning("The rest of '%s' is too damaged to be decoded.", self._path)
                    return
                continue
            failures = 0 if frames else failures
            yield from frames

    def _packets(self, container: InputContainer, stream: VideoStream) -> Iterator[av.Packet[VideoStream]]:
        """Packets of the video; a container that ends in damage ends here, and the decoder is drained."""
        try:
            yield from container.demux(stream)
        except av.error.InvalidDataError:
            self.damaged += 1
            drain: av.Packet[VideoStream] = av.Packet()  # type: ignore[assignment]
            drain.stream = stream
            yield drain

    def _seek(self, moment: Fraction) -> None:
        """Go to the key frame at or before a time; to the beginning, where the container cannot tell."""
        try:
            self._container.seek(int(moment / self._traits.time_base), stream=self._stream, backward=True)
        except av.FFmpegError:
            self._container.seek(0)
