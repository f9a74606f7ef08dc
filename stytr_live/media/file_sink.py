"""Frames to a video file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av

from stytr_live.errors import SinkError
from stytr_live.media.encoders import settle
from stytr_live.media.film_encoder import FilmEncoder
from stytr_live.media.muxer import Muxer
from stytr_live.media.traits import read_traits

if TYPE_CHECKING:
    from fractions import Fraction
    from pathlib import Path

    from stytr_live.frame import Frame, Size
    from stytr_live.media.encoders import Encoding
    from stytr_live.media.traits import Traits


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
        SettingsError: what `encoding` asks for cannot be had.
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
        encoding: Encoding | None = None,
    ) -> None:
        """Frames of `size` (width, height); `like` is the source whose clock, colours and other streams are kept."""
        self._path, self._size = path, size
        self._traits = traits = read_traits(like)
        encoder = settle(encoding, path, traits)
        self._muxer = Muxer(
            path, like=like, traits=traits, size=size, encoder=encoder, start=start, end=end, overwrite=overwrite
        )
        self._encoder = FilmEncoder(self._muxer.stream, encoder, traits)
        self._whole, self._complete = start is None and end is None and not self._muxer.shift, False

    def write(self, frame: Frame) -> None:
        """Encode a frame.

        Raises:
            SinkError: the file cannot be written any further.
        """
        check_size(frame, self._size, self._path)
        tick = round((frame.time - self._muxer.shift) / self._traits.time_base)
        self._complete = self._whole and frame.index + 1 == self._traits.frames
        try:
            self._muxer.mux(self._encoder.encode(frame.pixels, tick))
        except (av.FFmpegError, OSError, ValueError) as error:
            raise self._muxer.failure(error) from error

    def close(self) -> None:
        """Finish the file, check that it is whole, and give it its name.

        Raises:
            SinkError: that fails; nothing is left of it.
        """
        try:
            last = self._encoder.last
            if last is None:
                raise SinkError(f"There is no frame to write to '{self._path}'; check the start and the end.")
            self._muxer.mux(self._encoder.finish(end_of(self._traits, last, complete=self._complete)))
        except (av.FFmpegError, OSError, ValueError) as error:
            self.discard()
            raise self._muxer.failure(error) from error
        except BaseException:
            self.discard()
            raise
        self._muxer.close()

    def discard(self) -> None:
        """Leave nothing of the file; an older one of that name stays as it is."""
        self._muxer.discard()


def check_size(frame: Frame, size: Size, path: Path) -> None:
    """Raise SinkError where a frame is not of a size (width, height)."""
    if frame.size != size:
        raise SinkError(
            f"A frame of {frame.size[0]}×{frame.size[1]} pixels does not fit into '{path}', which is "
            f"{size[0]}×{size[1]}."
        )


def end_of(traits: Traits, last: int, *, complete: bool) -> int | None:
    """Tick at which the last frame ends: where the source ends, if that was its last frame too."""
    if complete and traits.stop is not None:
        return round(traits.stop / traits.time_base)
    if traits.rate:
        return last + round(1 / traits.rate / traits.time_base)
    return None
