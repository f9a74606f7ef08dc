"""A video file in the making: pictures from somewhere, and everything else that goes along in a source."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import av

from stytr_live.errors import SinkError
from stytr_live.media.companions import Companions
from stytr_live.media.encoders import LONGEST
from stytr_live.media.film_encoder import add_film
from stytr_live.media.traits import open_input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from av.video.stream import VideoStream

    from stytr_live.frame import Size
    from stytr_live.media.encoders import Encoder
    from stytr_live.media.traits import Traits

_FASTEST = 100_000_000
"""Most ticks of a film's clock in a second."""


class Muxer:
    """Packets of pictures into a file, interleaved with sound, subtitles and the rest of a source.

    The file is written as `name.part.suffix` and gets its name when it is whole. With `start` and `end`, in seconds
    from the source's first frame, the file's clock begins at `start`.

    Raises:
        SinkError: the output exists and must not be replaced, is the source, or its folder cannot be written.
        SourceError: the source cannot be read.
    """

    def __init__(
        self,
        path: Path,
        *,
        like: Path,
        traits: Traits,
        size: Size,
        encoder: Encoder,
        start: Fraction | None = None,
        end: Fraction | None = None,
        overwrite: bool = False,
    ) -> None:
        """`traits` are those of the source `like`; `encoder` is what made or makes the packets of `size` pictures."""
        self._path, self._part = path, _claim(path, like, size, overwrite=overwrite)
        self._written, self._ended = 0, False
        # MP4 does not show what is before zero.
        self.shift = min(Fraction(0), traits.first) if start is None else traits.first + start
        """Seconds by which times are put earlier."""
        form = encoder.container
        try:
            self._part.touch()  # a folder that cannot be written is said plainly here
            self._output = av.open(
                f"file:{self._part.absolute()}", "w", format=form, options=_muxing(form, like, traits)
            )
        except OSError as error:
            self._remove()
            raise SinkError(f"'{path}' cannot be written: {error.strerror or error}.") from error
        try:
            self.stream: VideoStream = add_film(self._output, encoder, traits, size)
            self._companions = Companions(
                like,
                self._output,
                start=None if start is None else traits.first + start,
                end=None if end is None else traits.first + end,
                shift=self.shift,
            )
            self._output.start_encoding()
        except (av.FFmpegError, ValueError) as error:
            self.discard()
            raise self.failure(error) from error
        except BaseException:
            self.discard()
            raise

    def mux(self, packets: Iterable[av.Packet[VideoStream]]) -> None:
        """Write packets of pictures, and what belongs before them.

        Raises:
            av.FFmpegError: the file cannot be written any further.
            OSError: likewise.
        """
        for packet in packets:
            if packet.dts is not None:
                self._companions.until(packet.dts * packet.time_base)
            self._output.mux(packet)
            self._written += 1

    def close(self, check: Callable[[Path], None] | None = None) -> None:
        """Finish the file, check that it is whole, and give it its name.

        Args:
            check: looks at the finished file, and raises OSError where something is wrong.

        Raises:
            SinkError: that fails; nothing is left of it.
        """
        try:
            self._companions.rest()
            self._companions.close()
            self._output.close()
            self._ended = True
            with self._part.open("rb+") as file:
                os.fsync(file.fileno())
            self._count()
            if check is not None:
                check(self._part)
            self._part.replace(self._path)
        except (av.FFmpegError, OSError, ValueError) as error:
            self.discard()
            raise self.failure(error) from error
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

    def failure(self, error: Exception) -> SinkError:
        """What went wrong, as a sentence."""
        return SinkError(f"'{self._path}' cannot be written: {getattr(error, 'strerror', None) or error}.")

    def _count(self) -> None:
        """A disk that filled up at the last moment is not always reported: count what can be read back."""
        with closing(av.open(f"file:{self._part.absolute()}")) as container:
            found = sum(packet.size > 0 and not packet.is_discard for packet in container.demux(video=0))
        if found != self._written:
            raise OSError(f"{found} of {self._written} frames arrived; the disk may be full")

    def _remove(self) -> None:
        with suppress(OSError):
            self._part.unlink(missing_ok=True)


def _claim(path: Path, like: Path, size: Size, *, overwrite: bool) -> Path:
    """The name under which a file is made.

    Raises:
        SinkError: it must not be made.
    """
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
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    if part.exists() and like.exists() and part.samefile(like):
        raise SinkError(f"'{path}' would be written by way of '{part}', which is the input; rename one of them.")
    return part


def _muxing(form: str, like: Path, traits: Traits) -> dict[str, str]:
    """Settings of the container.

    MP4 and MOV get their index in front, so that a browser can begin before it has everything. When their streams begin
    is counted on the film's clock, which must have the ticks of every stream, and its samples where it has sound.
    """
    if form not in ("mp4", "mov"):
        return {}
    with closing(open_input(like)) as container:
        clocks = [s.time_base.denominator for s in container.streams if s.time_base and s.type in ("video", "audio")]
        clocks += [s.rate for s in container.streams.audio if s.rate]
    scale = lcm(traits.time_base.denominator, *clocks)
    return {"movflags": "+faststart", "movie_timescale": str(scale if scale <= _FASTEST else max(clocks))}
