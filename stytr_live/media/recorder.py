"""A live stream into a file."""

from __future__ import annotations

import logging
import os
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from threading import Lock, Thread
from typing import TYPE_CHECKING, Protocol

import av
import numpy as np
from av.video.frame import PictureType

from stytr_live.errors import SinkError
from stytr_live.links import Closed, Link
from stytr_live.media.colour import LIMITED, UNSPECIFIED, Colour, FromRgb
from stytr_live.media.encoders import LONGEST, usual
from stytr_live.media.letterbox import letterbox
from stytr_live.media.microphone import RATE, Samples, Sound

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import FileIO
    from pathlib import Path

    from av.container import OutputContainer

    from stytr_live.frame import Frame, Pixels, Size

log = logging.getLogger(__name__)

AHEAD = 6
"""Frames that may wait for the encoder: enough for a hitch of the disk, little memory."""
_TICK = Fraction(1, 90_000)
"""Seconds to which times are kept in MP4; Matroska counts milliseconds."""
_MILLISECOND = Fraction(1, 1000)
# The processor may have a network to run as well. Without B-frames, every frame is in the file when the next comes.
_X264 = {"crf": "20", "preset": "superfast", "bf": "0", "g": "600", "forced-idr": "1"}
_KEYFRAMES = 2.0
"""Seconds between pictures at which a player can begin, however few there are."""
_SECOND = "1000000"
# MP4 is written in pieces of a second, each of which can be played, and turned into an ordinary one at the end.
_MUXING = {
    "mp4": {"movflags": "+hybrid_fragmented+delay_moov", "frag_duration": _SECOND},
    "mov": {"movflags": "+hybrid_fragmented+delay_moov", "frag_duration": _SECOND},
    "matroska": {"cluster_time_limit": "1000"},
}
_PACKET = 1024
"""Samples in a packet of AAC."""
_SOUND_WAITS = 10.0
"""Seconds of sound that are kept until their pictures come."""
_SOUND_LATE = 1.0
"""Seconds after which sound that does not come is taken for silence."""
_TOLERANCE = RATE // 200
"""Samples by which sound may be off before it is stretched."""
_STRETCH = 0.005
"""Most by which sound is made longer or shorter, of its length; nobody hears it."""
_JUMP = RATE // 10
"""Samples by which sound is off where some were lost."""


class Ear(Protocol):
    """What a recording needs of a microphone."""

    def listen(self, listener: Callable[[Sound], None]) -> None:
        """Call a listener with every sound."""
        ...

    def unlisten(self, listener: Callable[[Sound], None]) -> None:
        """Call it no more."""
        ...


class Recorder:
    """A video file with the frames of a live stream at their real times, and with the sound that was heard meanwhile.

    The clock of the file is that of *capture*: a picture is at the time at which it was born (`Frame.born`), and not
    when it was painted or shown; the first is at zero. A microphone tells when something was heard on the same clock.
    So sound belongs to its picture however long painting takes and however that changes, and nothing is delayed by it:
    the sound of a picture merely waits until the picture comes. What is left is what the camera itself takes from light
    to `born`, `lag` seconds, by which pictures are older than they say.

    Encoding has a thread of its own; frames that it cannot keep up with are left out and counted. Frames of another
    size are letterboxed. Sound that is lost becomes silence, and a sound card whose clock is off is followed.

    The file is `name.part.suffix` until it is whole. It can be played up to its last second or so also where the
    program is killed. Where the disk is full or the encoder fails, what was recorded is kept under its name, also by
    `discard`.

    Raises:
        SinkError: the format is none of H.264's, the file exists, or its folder cannot be written.
    """

    def __init__(
        self, path: Path, *, size: Size, rate: Fraction, microphone: Ear | None = None, lag: float = 0.0
    ) -> None:
        """Pictures of `size` (width, height), about `rate` a second; the microphone is listened to, not closed."""
        form, codec = usual(path)
        if codec != "libx264":
            raise SinkError(f"A recording cannot be '{path.suffix}'; choose .mp4 or .mkv.")
        if path.exists():
            raise SinkError(f"'{path}' exists already; choose another name.")
        if not 0 < max(size) <= LONGEST or min(size) < 1:
            raise SinkError(
                f"A recording cannot be {size[0]}×{size[1]} pixels; it has 1 to {LONGEST} in each direction."
            )
        self._path, self._part = path, path.with_name(f"{path.stem}.part{path.suffix}")
        self._size, self._length = size, float(1 / rate)
        self._lag = lag
        self._disk = _Disk(self._part)
        try:
            self._film = _Film(self._disk, form, size, rate, sound=microphone is not None)
        except (av.FFmpegError, OSError, ValueError) as error:
            self._disk.close()
            self._part.unlink(missing_ok=True)
            raise SinkError(f"'{path}' cannot be written: {_reason(error)}.") from error
        self._link: Link[_Shot | Sound] = Link(1 << 16)  # so deep that nobody ever waits: frames are counted here
        self._lock = Lock()
        self._waiting, self._dropped, self._recorded = 0, 0, 0.0
        self._error: SinkError | None = None
        self._wanted, self._ended = True, False
        self._microphone = microphone
        self._thread = Thread(target=self._work, name="recorder")
        self._thread.start()
        if microphone is not None:
            microphone.listen(self._hear)

    @property
    def dropped(self) -> int:
        """Frames that the encoder had no time for."""
        with self._lock:
            return self._dropped

    @property
    def recorded(self) -> float:
        """Seconds that have been recorded."""
        with self._lock:
            return self._recorded

    def write(self, frame: Frame) -> None:
        """Record a frame; returns at once.

        Raises:
            SinkError: recording has failed; what was recorded before is kept.
        """
        with self._lock:
            if self._error is not None:
                raise self._error
            if self._waiting >= AHEAD:
                self._dropped += 1
                return
            self._waiting += 1
        try:
            self._link.put(_Shot(frame.pixels, frame.born))
        except Closed as closed:
            raise self._error or SinkError(f"The recording '{self._path}' has ended.") from closed

    def close(self) -> None:
        """Record what waits, and give the file its name; may be called again.

        Raises:
            SinkError: there is nothing to keep, or recording has failed; what was recorded before is kept.
        """
        if self._end() and self._error is not None:
            raise self._error

    def discard(self) -> None:
        """Leave nothing of the recording, unless it has ended."""
        self._wanted = False
        self._end()

    def _end(self) -> bool:
        """Stop listening and wait for the encoder; False where that was done before."""
        with self._lock:
            if self._ended:
                return False
            self._ended = True
        if self._microphone is not None:
            self._microphone.unlisten(self._hear)
        if self._wanted:
            self._link.close()
        else:
            self._link.cancel()
        self._thread.join()
        return True

    def _hear(self, sound: Sound) -> None:
        with suppress(Closed):
            self._link.put(sound)

    def _work(self) -> None:
        """Encode until the end; the file is finished here whatever happens."""
        roll = _Roll(self._film, self._lag)
        reason: str | None = None
        try:
            self._record(roll)
            if self._wanted:
                roll.finish(self._length)
        except Exception as error:  # noqa: BLE001  (raised to whoever writes)
            reason = _reason(self._disk.error or error)
        self._keep(roll, reason)
        self._link.cancel()

    def _record(self, roll: _Roll) -> None:
        while True:
            try:
                item = self._link.get()
            except Closed:
                return
            if isinstance(item, Sound):
                roll.hear(item)
                continue
            roll.show(letterbox(item.pixels, self._size), item.born)
            with self._lock:
                self._waiting -= 1
                self._recorded = roll.seconds + self._length

    def _keep(self, roll: _Roll, reason: str | None) -> None:
        """Close the file and give it its name, or remove it."""
        try:
            self._film.close()
        except (av.FFmpegError, OSError, ValueError) as error:
            reason = reason or _reason(self._disk.error or error)
        broken = self._disk.close()
        reason = reason or (_reason(broken) if broken is not None else None)
        sentence: str | None = None
        if not self._wanted and reason is None:
            self._remove()
        elif not roll.shots:
            self._remove()
            sentence = f"'{self._path}' cannot be written: {reason}." if reason else "There was no picture to record."
        elif reason is None:
            sentence = self._name()
        elif _playable(self._part):
            sentence = (
                self._name() or f"The recording '{self._path}' ended after {roll.seconds:.0f} s, and is kept: {reason}."
            )
        else:
            self._remove()
            sentence = f"'{self._path}' cannot be written: {reason}."
        if sentence is not None:
            with self._lock:
                self._error = SinkError(sentence)

    def _name(self) -> str | None:
        """Give the file its name; where that fails, say so."""
        try:
            if self._path.exists():
                raise FileExistsError(0, "there is another file of that name by now")
            self._part.rename(self._path)
        except OSError as error:
            return f"The recording stays in '{self._part}': {_reason(error)}."
        return None

    def _remove(self) -> None:
        with suppress(OSError):
            self._part.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Shot:
    """A picture that waits."""

    pixels: Pixels
    born: float


class _Disk:
    """The file as the muxer sees it. After an error nothing more is written, so that what there is stays as it is."""

    def __init__(self, path: Path) -> None:
        self.error: OSError | None = None
        self.name = str(path)
        try:
            self._file: FileIO = path.open("xb", buffering=0)
        except FileExistsError as error:
            raise SinkError(
                f"'{path}' is there, maybe from a recording that broke off; rename or remove it."
            ) from error
        except OSError as error:
            raise SinkError(f"'{path}' cannot be written: {error.strerror or error}.") from error

    def write(self, data: bytes) -> int:
        if self.error is not None:
            raise self.error
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            self.error = error
            raise
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def close(self) -> OSError | None:
        """Wait until the file is on the disk; gives the first error, where there was one."""
        try:
            with self._file:
                os.fsync(self._file.fileno())
        except OSError as error:
            self.error = self.error or error
        return self.error


class _Film:
    """A container with pictures and sound in it."""

    def __init__(self, disk: _Disk, form: str, size: Size, rate: Fraction, *, sound: bool) -> None:
        # Sound that stays away must not keep pictures from the disk.
        options = _MUXING[form] | {"flush_packets": "1", "max_interleave_delta": _SECOND}
        self._tick = _MILLISECOND if form == "matroska" else _TICK
        self._last, self._key = -1, -_KEYFRAMES
        self._output: OutputContainer = av.open(disk, "w", format=form, options=options)
        self._video = self._output.add_stream("libx264", rate=rate.limit_denominator(1000), options=dict(_X264))
        colour = Colour.of(
            matrix=UNSPECIFIED,
            range=LIMITED,
            primaries=UNSPECIFIED,
            transfer=UNSPECIFIED,
            pixel_format="yuv420p",
            height=size[1],
        )
        context = self._video.codec_context
        context.width, context.height = size
        context.pix_fmt = "yuv444p" if size[0] % 2 or size[1] % 2 else "yuv420p"
        context.time_base = self._video.time_base = self._tick
        context.colorspace, context.color_range = colour.matrix, colour.range
        context.color_primaries, context.color_trc = colour.primaries, colour.transfer
        context.thread_type = "AUTO"
        self._audio = self._output.add_stream("aac", rate=RATE, layout="stereo") if sound else None
        if self._audio is not None:
            self._audio.codec_context.bit_rate = 160_000
        self._output.start_encoding()
        self._from_rgb = FromRgb(colour, context.pix_fmt)

    @property
    def sounds(self) -> bool:
        return self._audio is not None

    def show(self, pixels: Pixels, time: float) -> None:
        """A picture at a time in seconds, or as little later as it takes to come after the one before."""
        picture = self._from_rgb(pixels)
        picture.time_base = self._tick
        picture.pts = self._last = max(round(time / self._tick), self._last + 1)
        if time >= self._key + _KEYFRAMES:
            picture.pict_type, self._key = PictureType.I, time
        self._output.mux(self._video.encode(picture))

    def play(self, samples: Samples, position: int) -> None:
        """A packet of (N, 2) samples; `position` is the number of the first one."""
        assert self._audio is not None
        sound = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
        sound.sample_rate, sound.time_base, sound.pts = RATE, Fraction(1, RATE), position
        self._output.mux(self._audio.encode(sound))

    def finish(self) -> None:
        """Write what the encoders still hold."""
        self._output.mux(self._video.encode(None))
        if self._audio is not None:
            self._output.mux(self._audio.encode(None))

    def close(self) -> None:
        """Write the end of the container."""
        self._output.close()


class _Roll:
    """Pictures and sound on their way into a film, on its clock."""

    def __init__(self, film: _Film, lag: float) -> None:
        self._film, self._lag = film, lag
        self._zero: float | None = None
        self._sounds: deque[Sound] = deque()
        self._track = _Track(film)
        self.shots, self.seconds = 0, 0.0
        """How many pictures there were, and the time of the last."""

    def show(self, pixels: Pixels, born: float) -> None:
        if self._zero is None:
            self._zero = born
        self.seconds = max(born - self._zero, self.seconds)
        self._film.show(pixels, self.seconds)
        self.shots += 1
        if self._film.sounds:
            self._play(self.seconds)
            self._track.reach(self.seconds - _SOUND_LATE)

    def hear(self, sound: Sound) -> None:
        """Keep a sound until its picture comes; it was painted meanwhile. Not for ever, for a source may be lost."""
        self._sounds.append(sound)
        while sound.time - self._sounds[0].time > _SOUND_WAITS:
            oldest = self._sounds.popleft()
            if self._zero is not None:
                self._track.put(oldest.samples, self._time_of(oldest))

    def finish(self, length: float) -> None:
        """Play what belongs to the pictures; the last one lasts some seconds."""
        end = self.seconds + length
        if self._film.sounds and self.shots:
            self._play(end)
            self._track.end(end)
        self._film.finish()

    def _play(self, until: float) -> None:
        while self._sounds and self._time_of(self._sounds[0]) < until:
            sound = self._sounds.popleft()
            self._track.put(sound.samples, self._time_of(sound))

    def _time_of(self, sound: Sound) -> float:
        # A picture of the same moment was born `lag` later.
        return sound.time + self._lag - (self._zero or 0.0)


class _Track:
    """Sound without gaps: every sample has its number, and is within milliseconds of its time."""

    def __init__(self, film: _Film) -> None:
        self._film = film
        self._rest: Samples = np.zeros((0, 2), np.float32)
        self._played = 0

    @property
    def _length(self) -> int:
        return self._played + len(self._rest)

    def put(self, samples: Samples, time: float) -> None:
        """Samples whose first is due at a time, in seconds."""
        off = round(time * RATE) - self._length
        if off > _JUMP:
            self._append(np.zeros((off, 2), np.float32))
        elif off < -_JUMP or self._length == 0:
            samples = samples[max(-off, 0) :]
            self._append(np.zeros((max(off, 0), 2), np.float32))
        elif abs(off) > _TOLERANCE:
            most = int(len(samples) * _STRETCH) + 1
            samples = _stretched(samples, len(samples) + min(max(off, -most), most))
        self._append(samples)

    def reach(self, time: float) -> None:
        """Silence up to a time, in seconds, where there is no sound."""
        missing = round(time * RATE) - self._length
        if missing > 0:
            self._append(np.zeros((missing, 2), np.float32))

    def end(self, time: float) -> None:
        """End at a time, in seconds."""
        self.reach(time)
        surplus = max(self._length - round(time * RATE), 0)
        self._rest = self._rest[: max(len(self._rest) - surplus, 0)]
        if len(self._rest):
            self._film.play(self._rest, self._played)

    def _append(self, samples: Samples) -> None:
        self._rest = np.concatenate([self._rest, samples]) if len(samples) else self._rest
        while len(self._rest) >= _PACKET:
            self._film.play(self._rest[:_PACKET], self._played)
            self._rest = self._rest[_PACKET:]
            self._played += _PACKET


def _stretched(samples: Samples, length: int) -> Samples:
    """(N, 2) → (length, 2), by interpolation."""
    if len(samples) < 2 or length < 1:
        return samples[:length]
    at = np.linspace(0, len(samples) - 1, length)
    numbers = np.arange(len(samples))
    return np.stack([np.interp(at, numbers, samples[:, side]) for side in range(2)], -1).astype(np.float32)


def _playable(path: Path) -> bool:
    """Whether a first picture can be read from a file."""
    try:
        with av.open(f"file:{path.absolute()}") as container:
            return next(container.decode(video=0), None) is not None
    except (av.FFmpegError, OSError, ValueError, IndexError):
        return False


def _reason(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".")
