"""Frames of a video file."""

from __future__ import annotations

import logging
import time
from threading import Lock
from typing import TYPE_CHECKING

import av

from stytr_live.errors import SourceError
from stytr_live.frame import Frame, MediaInfo
from stytr_live.media.conversion import BLACK, Background, pixels_of, tell
from stytr_live.media.decoder import Decoder
from stytr_live.media.traits import read_traits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction
    from pathlib import Path

log = logging.getLogger(__name__)


class FileSource:
    """Every frame of a video file, upright, in RGB, at its exact time on the container's clock.

    Damaged packets are passed over and counted: the frames around the damage survive. `start` and `end` are in seconds
    from the first frame; frames from `start` on and before `end` are given. `stream` is the number of the video stream,
    as for `video_stream`; what is transparent shows `background`, which is (R, G, B), 0 to 255.

    Fields are made frames, and a high dynamic range the usual one; both is said in the log. So is damage, and that the
    end is missing, unless it is `quiet` because others tell of it.

    Raises:
        SourceError: the file is missing, no video, or no frame of it can be decoded.
    """

    def __init__(
        self,
        path: Path,
        *,
        start: Fraction | None = None,
        end: Fraction | None = None,
        stream: int | None = None,
        background: Background = BLACK,
        quiet: bool = False,
    ) -> None:
        self._path, self._traits = path, read_traits(path, stream=stream)
        t = self._traits
        self._from = None if start is None else t.first + start
        self._to = None if end is None else t.first + end
        self.info = MediaInfo(t.size, t.rate, t.duration, t.frames)
        self._decoder, self._background = Decoder(path, t), background
        tell(path, t)
        self._lock, self._quiet = Lock(), quiet
        self._begun = self._closed = False

    @property
    def damaged(self) -> int:
        """Packets met so far that could not be decoded."""
        return self._decoder.damaged

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
        except (av.FFmpegError, OSError) as error:
            raise SourceError(f"The video '{self._path}' cannot be read: {error.strerror or error}.") from error
        finally:
            with self._lock:
                self._closed = True
                self._decoder.close()
        if self.damaged and not self._quiet:
            log.warning("%d damaged packets of '%s' were passed over.", self.damaged, self._path)

    def close(self) -> None:
        """End the iteration after the frame at hand. May be called by any thread, and again."""
        with self._lock:
            self._closed = True
            self._decoder.stop()
            if not self._begun:  # else the iterating thread closes what it uses
                self._begun = True
                self._decoder.close()

    def _frames(self) -> Iterator[Frame]:
        t = self._traits
        convert = pixels_of(t, self._background)
        last = self._from
        for index, (moment, frame) in enumerate(self._decoder.frames(self._from)):
            if self._to is not None and moment >= self._to:
                return
            pixels = t.orientation.upright(convert(frame, t.coded_size))
            yield Frame(pixels, moment, index, time.perf_counter())
            last = moment
        missing = None if self._closed or self._quiet else t.missing_after(last)
        if missing is not None:
            log.warning("'%s' is cut off: its last %.1f seconds are missing.", self._path, float(missing))
