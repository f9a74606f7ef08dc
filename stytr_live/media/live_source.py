"""Frames of a camera, a screen or a stream, as they happen."""

from __future__ import annotations

import errno
import logging
import time
from collections import deque
from contextlib import closing
from fractions import Fraction
from itertools import chain, repeat
from threading import Condition, Thread
from typing import TYPE_CHECKING, Literal

import av
import cv2
import numpy as np
from av.codec.context import Flags

from stytr_live.errors import SourceError
from stytr_live.frame import Frame, MediaInfo
from stytr_live.media.colour import Colour, ToRgb
from stytr_live.media.orientation import Orientation
from stytr_live.media.traits import LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from av.container import InputContainer

    from stytr_live.frame import Pixels
    from stytr_live.media.places import Opening, Place

State = Literal["lost", "back"]

PATIENCE = 5.0
"""Seconds without a packet after which a place counts as lost."""
KEY_PATIENCE = 4
"""Times the patience that packets may come without a picture: a stream may have few key frames to begin with."""
WINDOW = 2.0
"""Seconds over which the rate is measured."""
PAUSES = (0.5, 1.0, 2.0)
"""Seconds before each attempt to open a lost place again; the last is for all that follow."""
POLL = 0.002
"""Seconds between two looks at a device that does not wait for its next frame."""
GRACE = 0.5
"""Seconds that a closed source waits for its device to be let go."""
DAMAGE = 100
"""Packets in a row that may be damaged until a stream is given up."""
_TICK = Fraction(1, 1_000_000)
_HOPELESS = (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EACCES, errno.EPERM, errno.EBUSY)
"""Errors that asking for less does not mend."""
_ERRORS = (av.FFmpegError, OSError, ValueError)
"""What opening and reading may raise; the last for an address that is no text, or a kind of device FFmpeg lacks."""

log = logging.getLogger(__name__)


class LiveSource:
    """The newest frame of a place, upright, in RGB; a place that is lost is opened again until it is back.

    A thread of its own reads and decodes, because FFmpeg cannot be told to stop waiting: whoever iterates never waits
    for FFmpeg. A frame that is not taken before the next one comes is dropped, so that nothing queues up. `time` is
    the time since the first frame. Once the iteration has ended, the device is free for others; only a stream that
    sends nothing may be held for up to `patience` seconds more.

    Raises:
        SourceError: the place is not there, busy, not permitted, or gives no picture.
    """

    info: MediaInfo
    """Of the first frame; after a place was lost its frames may have another size."""

    def __init__(
        self,
        place: Place,
        *,
        mirror: bool = False,
        turns: int = 0,
        on_state: Callable[[State, str], None] | None = None,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Wait for the first frame of `place`.

        Frames are turned by `turns` quarters clockwise, then mirrored left to right. `on_state` is called by the
        iterating thread, with a sentence for a user. `clock` gives seconds, `patience` is in seconds.
        """
        self._place, self._mirror, self._turns = place, mirror, turns % 4
        self._on_state, self._patience, self._clock = on_state, patience, clock
        self._changed = Condition()
        self._newest: Frame | None = None
        self._trouble: str | None = None  # why there are no frames, until there are again
        self._failure: BaseException | None = None  # what ends it all
        self._rate: Fraction | None = None
        self._begun = self._closed = False
        self._index, self._start = 0, 0.0
        self._last = -_TICK
        self._births: deque[float] = deque()
        # A daemon, so that a device whose driver never answers does not keep the program from ending.
        self._reader = Thread(target=self._read, name=f"live {place.label}", daemon=True)
        self._reader.start()
        self._await_first()

    @property
    def rate(self) -> float:
        """Frames per second over the last two seconds, taken or not."""
        with self._changed:
            return measured(self._births, self._clock())

    def __iter__(self) -> Iterator[Frame]:
        """The frames as they come, each the newest, until `close`.

        Raises:
            RuntimeError: it was iterated before.
        """
        with self._changed:
            if self._begun:
                raise RuntimeError("a source is iterated once")
            self._begun = True
        try:
            yield from self._frames()
        finally:
            self.close()
            self._reader.join(GRACE)

    def close(self) -> None:
        """End the iteration at once. May be called by any thread, and again."""
        with self._changed:
            self._closed, self._newest = True, None
            idle = not self._begun
            self._changed.notify_all()
        if idle:
            self._reader.join(GRACE)

    def _await_first(self) -> None:
        """Wait for a frame and see what it is like."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._newest or self._trouble or self._failure, (KEY_PATIENCE + 2) * self._patience
            )
            frame, failure = self._newest, self._failure
            trouble = self._trouble or self._place.refusal(TimeoutError())
            if frame is not None:
                self.info = MediaInfo(frame.size, self._rate, live=True)
                return
        self.close()
        if failure is not None:
            raise failure
        raise SourceError(trouble)

    def _frames(self) -> Iterator[Frame]:
        lost = False
        while True:
            with self._changed:
                # The reader notices by itself that nothing comes, unless a driver holds it.
                limit = None if lost else (KEY_PATIENCE + 2) * self._patience
                self._changed.wait_for(
                    lambda lost=lost: (  # type: ignore[misc]
                        self._closed or self._newest or self._failure or (self._trouble and not lost)
                    ),
                    limit,
                )
                if self._closed:
                    return
                frame, self._newest = self._newest, None
                trouble, failure = self._trouble, self._failure
            if failure is not None:
                raise failure
            if frame is None and not lost:
                lost = True
                self._announce("lost", trouble or self._place.refusal(TimeoutError()))
            elif frame is not None:
                if lost:
                    lost = False
                    self._announce("back", f"'{self._place.label}' is back.")
                yield frame

    def _announce(self, state: State, sentence: str) -> None:
        log.info("%s", sentence)
        if self._on_state is not None:
            self._on_state(state, sentence)

    # What follows is done by the reading thread.

    def _read(self) -> None:
        """Open the place and read it, again and again."""
        try:
            pauses = _pauses()
            while not self._closed:
                before = self._index
                trouble = self._attempt()
                with self._changed:
                    self._trouble = trouble
                    self._changed.notify_all()
                if self._index > before:
                    pauses = _pauses()
                self._rest(next(pauses))
        except BaseException as error:  # noqa: BLE001  (raised to whoever iterates)
            with self._changed:
                self._failure = error
                self._changed.notify_all()

    def _attempt(self) -> str:
        """Read the place until it is lost; gives the reason."""
        began = self._clock()
        container = None
        try:
            container, opening = self._open()
            with closing(container):
                self._pass_on(container, opening)
        except SourceError as error:
            return str(error)
        except _ERRORS as error:
            late = container is None and self._clock() - began >= self._patience  # RTSP then calls it damaged data
            if late or isinstance(error, (av.error.ExitError, TimeoutError)):
                return self._place.refusal(TimeoutError())
            if container is None or getattr(error, "errno", None) in _HOPELESS:
                return self._place.refusal(error)
        return f"'{self._place.label}' has broken off; see that it is on and connected."

    def _open(self) -> tuple[InputContainer, Opening]:
        """Open the place, with less than was wished for where it must be."""
        *wishes, last = self._place.openings()
        for opening in wishes:
            try:
                return self._opened(opening), opening
            except _ERRORS as error:
                hopeless = isinstance(error, av.error.ExitError) or getattr(error, "errno", None) in _HOPELESS
                if hopeless or self._closed:
                    raise
        return self._opened(last), last

    def _opened(self, opening: Opening) -> InputContainer:
        return av.open(
            opening.url,
            "r",
            format=opening.format,
            options=dict(opening.options),
            metadata_errors="replace",
            timeout=(self._patience, self._patience),
        )

    def _pass_on(self, container: InputContainer, opening: Opening) -> None:
        """Decode what comes."""
        stream = container.streams.best("video")
        if not isinstance(stream, av.VideoStream) or stream.codec_context is None:
            raise SourceError(f"'{self._place.label}' has no pictures in a format this program reads; choose another.")
        context = stream.codec_context
        context.options = {"max_pixels": str(LARGEST)}
        context.flags |= Flags.low_delay
        stream.thread_type = "SLICE"  # threads for whole frames hold back a frame each
        # Of a stream, FFmpeg only guesses: twice the rate, or that of its clock.
        self._rate = stream.average_rate if opening.format or container.duration else None
        # Recordings must be held back too, where a stream turns out to be one.
        hold = _Hold(self._clock) if opening.paced or container.duration else None
        upright, damaged, seen = _Upright(opening, self._turns, mirror=self._mirror), 0, self._clock()
        for packet in self._packets(container):
            born = self._clock()
            if packet.stream_index == stream.index:
                try:
                    frames = [frame for frame in packet.decode() if isinstance(frame, av.VideoFrame)]
                    damaged = 0
                except av.FFmpegError:
                    frames = []
                    damaged += 1
                    if damaged > DAMAGE:
                        raise
                # A device's frame may be its driver's memory: none may outlive the container.
                while frames:
                    frame = frames.pop(0)
                    if hold is not None:
                        if self._rest(hold.seconds(frame)):
                            return
                        born = self._clock()
                    seen = born
                    self._give(upright(frame), born)
                    del frame
            del packet
            if born - seen > KEY_PATIENCE * self._patience:
                raise TimeoutError

    def _packets(self, container: InputContainer) -> Iterator[av.Packet[av.stream.Stream]]:
        """Packets of all streams as they come: if sound alone goes on coming, that is to be seen."""
        seen, damaged = self._clock(), 0
        while True:
            try:
                for packet in container.demux():
                    if self._closed:
                        return
                    seen, damaged = self._clock(), 0
                    yield packet
                    del packet
                return
            except av.error.BlockingIOError:
                if self._rest(POLL):
                    return
                if self._clock() - seen > self._patience:
                    raise TimeoutError from None
            except av.error.InvalidDataError:
                damaged += 1
                if damaged > DAMAGE:
                    raise

    def _rest(self, seconds: float) -> bool:
        """Wait; True, and earlier, where the source is closed."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed, max(seconds, 0))

    def _give(self, pixels: Pixels, born: float) -> None:
        """Hand over a frame in the place of one that was not taken."""
        with self._changed:
            if self._closed:
                return
            if self._index == 0:
                self._start = born
            self._births.append(born)
            while len(self._births) > 1 and self._births[1] <= born - WINDOW:
                self._births.popleft()
            self._last = max(Fraction(round((born - self._start) / _TICK), 1) * _TICK, self._last + _TICK)
            self._newest = Frame(pixels, self._last, self._index, born)
            self._index += 1
            self._trouble = None
            self._changed.notify_all()


class _Upright:
    """Decoded frames to pixels, by the tags and the turn of each frame itself."""

    def __init__(self, opening: Opening, turns: int, *, mirror: bool) -> None:
        self._crop, self._turns, self._mirror = opening.crop, turns, mirror
        self._colour: Colour | None = None

    def __call__(self, frame: av.VideoFrame) -> Pixels:
        """A frame → (H, W, 3) RGB, contiguous.

        Raises:
            SourceError: nothing of it is in the part that is wanted.
        """
        colour = Colour.of(
            matrix=int(frame.colorspace),
            range=int(frame.color_range),
            primaries=int(frame.color_primaries),
            transfer=int(frame.color_trc),
            pixel_format=frame.format.name,
            height=frame.height,
        )
        if colour != self._colour:
            self._colour, self._to_rgb = colour, ToRgb(colour)
        pixels = Orientation.of(frame).upright(self._to_rgb(frame))
        if self._crop is not None:
            x, y, width, height = self._crop
            pixels = pixels[y : y + height, x : x + width]
            if not pixels.size:
                raise SourceError("The part that was chosen is not on the screen; choose another one.")
        return turned(pixels, self._turns, mirror=self._mirror)


class _Hold:
    """How long frames that come too early must wait."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._zero: float | None = None

    def seconds(self, frame: av.VideoFrame) -> float:
        """Until a frame is due; the first is at once, and one that is late sets the time anew."""
        now, moment = self._clock(), frame.time or 0.0
        if self._zero is None or not -1 < self._zero + moment - now < 10:  # or its times jump
            self._zero = now - moment
        return self._zero + moment - now


def _pauses() -> Iterator[float]:
    """Seconds before each attempt to open a lost place again."""
    return chain(PAUSES, repeat(PAUSES[-1]))


def turned(pixels: Pixels, turns: int, *, mirror: bool) -> Pixels:
    """(H, W, 3), turned by 0 to 3 quarters clockwise, then mirrored left to right; contiguous."""
    picture: np.ndarray = pixels
    if turns:
        ways = (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE)
        picture = cv2.rotate(picture, ways[turns - 1])
    if mirror:
        picture = cv2.flip(picture, 1)
    return np.ascontiguousarray(picture, np.uint8)


def measured(births: Sequence[float], now: float) -> float:
    """Frames per second in the last two seconds, from the times of frames in seconds, oldest first."""
    recent = [born for born in births if now - WINDOW < born <= now]
    # From a frame on, not from within a pause between two: else the rate flickers.
    before = [born for born in births if born <= now - WINDOW][-1:]
    began, *counted = before + recent or [now]
    return len(counted) / (now - began) if counted and now > began else 0.0
