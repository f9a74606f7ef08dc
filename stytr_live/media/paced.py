"""A video file played in real time."""

from __future__ import annotations

import math
import time
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from threading import Condition
from typing import TYPE_CHECKING

import av

from stytr_live.errors import SourceError
from stytr_live.frame import Frame, MediaInfo
from stytr_live.media.conversion import pixels_of, tell
from stytr_live.media.decoder import Decoder
from stytr_live.media.traits import read_traits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stytr_live.frame import Pixels
    from stytr_live.media.decoder import Timed

STARVED = 0.25
"""Seconds without a frame after which a late one is given nevertheless: slow decoding gives few frames, not none."""
HOPELESS = Fraction(1)
"""Seconds by which frames may be late before the film waits for them: it plays slower rather than never."""
_BACK = (Fraction(1, 2), Fraction(5))
"""Seconds before a position from which frames are decoded to find the one shown there; then from the beginning."""
_TICK = Fraction(1, 1_000_000)
_USUAL = Fraction(1, 25)
"""Seconds between frames where a file does not say."""


@dataclass(frozen=True, slots=True)
class Playhead:
    """Where a film stands: at a position, since a time if it runs."""

    position: Fraction
    """Seconds from the first frame; where it stood at `since`."""
    since: Fraction | None = None
    """Seconds on the clock; None while it does not run."""

    def at(self, now: Fraction) -> Fraction:
        """The position at a time on the clock."""
        return self.position if self.since is None else self.position + now - self.since

    def stopped(self, now: Fraction) -> Playhead:
        """Standing still where it is."""
        return Playhead(self.at(now))

    def running(self, now: Fraction) -> Playhead:
        """Going on from where it is."""
        return self if self.since is not None else replace(self, since=now)


def due(head: Playhead, moment: Fraction, now: Fraction, *, interval: Fraction, asked: Fraction) -> float | None:
    """Seconds until a frame is to be given; infinite while the film stands, None where it is too late for it.

    `moment` is the frame's position, `interval` the usual one between frames; somebody waits for a frame since `asked`.
    All are in seconds.
    """
    if head.since is None:
        return math.inf
    ahead = moment - head.at(now)
    if ahead <= -interval and now - asked < STARVED:
        return None
    return max(float(ahead), 0.0)


class PacedSource:
    """The frames of a video file when they are due, for live use; late ones are skipped.

    Controls may be used by any thread and take effect at once. While it is paused, a new position gives the one frame
    that is shown there. At its end it begins again or, without `loop`, stays paused on the last frame until it is
    resumed, which begins anew, or sought. `time` is when a frame was due, since the first, and always goes forward;
    where in the film it is says `position`.

    Raises:
        SourceError: the file is missing, no video, or no frame of it can be decoded.
    """

    def __init__(self, path: Path, *, loop: bool = True, clock: Callable[[], float] = time.perf_counter) -> None:
        """`clock` gives seconds."""
        self._path, self._clock, self._loop = path, clock, loop
        self._traits = t = read_traits(path)
        self.info = MediaInfo(t.size, t.rate, live=True)
        tell(path, t)
        self._interval = 1 / t.rate if t.rate else _USUAL
        self._changed = Condition()
        self._head = Playhead(Fraction(0))
        self._paused = self._ended = self._begun = self._closed = False
        self._turn = 0  # counts the positions that were sought
        self._fresh = True  # a position was sought that is not shown yet
        self._decoder: Decoder | None = None
        self._length = t.duration  # as the file says; once it was played to the end, as it is
        self._index = 0
        self._asked = Fraction(0)
        self._epoch: Fraction | None = None
        self._last = -_TICK

    @property
    def duration(self) -> Fraction | None:
        """Length in seconds; None where the file does not say and it was not yet played to the end."""
        with self._changed:
            return self._length

    @property
    def position(self) -> Fraction:
        """Seconds from the first frame."""
        with self._changed:
            position = self._head.at(self._now())
            if position < 0 and self._length:  # it began anew, and the last frame is still due for a while
                position += self._length
            return max(position if self._length is None else min(position, self._length), Fraction(0))

    @property
    def paused(self) -> bool:
        """Whether it stands still, also at its end."""
        with self._changed:
            return self._paused

    @property
    def loop(self) -> bool:
        """Whether it begins again at its end."""
        with self._changed:
            return self._loop

    @loop.setter
    def loop(self, loop: bool) -> None:
        with self._changed:
            self._loop = loop

    def pause(self) -> None:
        """Stand still."""
        with self._changed:
            self._paused = True
            self._head = self._head.stopped(self._now())
            self._changed.notify_all()

    def resume(self) -> None:
        """Go on; from the beginning where it has ended."""
        with self._changed:
            self._paused = False
            if self._ended:
                self._go(Fraction(0))
            elif not self._fresh:
                self._head = self._head.running(self._now())
            self._changed.notify_all()

    def seek(self, seconds: float | Fraction) -> None:
        """Go to a position in seconds from the first frame; one beyond the end is the last frame."""
        target = max(Fraction(seconds).limit_denominator(1_000_000), Fraction(0))  # 0.4 means 2/5
        with self._changed:
            self._go(target if self._length is None else min(target, self._length))
            self._changed.notify_all()

    def close(self) -> None:
        """End the iteration. May be called by any thread, and again."""
        with self._changed:
            self._closed = True
            self._stop_decoder()
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Frame]:
        """The frames when they are due, until `close`.

        Raises:
            SourceError: the file cannot be read any further.
            RuntimeError: it was iterated before.
        """
        with self._changed:
            if self._begun:
                raise RuntimeError("a source is iterated once")
            self._begun = True
        try:
            while self._await_work():
                yield from self._run()
        except (av.FFmpegError, OSError) as error:
            raise SourceError(f"The video '{self._path}' cannot be read: {error.strerror or error}.") from error
        finally:
            self.close()

    def _now(self) -> Fraction:
        return Fraction(round(self._clock() / _TICK), 1) * _TICK

    def _go(self, target: Fraction) -> None:
        """Have a position shown next; with the lock held."""
        # Else a picture is on its way; it is still shown, so that there are some while a slider is dragged.
        if not self._fresh:
            self._stop_decoder()
        self._turn += 1
        self._head, self._fresh, self._ended = Playhead(target), True, False

    def _stop_decoder(self) -> None:
        if self._decoder is not None:
            self._decoder.stop()

    # What follows is done by the iterating thread.

    def _await_work(self) -> bool:
        """Wait until there is something to play; False where it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or not self._ended)
            return not self._closed

    def _run(self) -> Iterator[Frame]:
        """Frames from the position that was sought, or else the beginning, to the end or until another is sought."""
        with self._changed:
            turn, fresh = self._turn, self._fresh
            target = self._head.position if fresh else Fraction(0)
            self._asked = self._now()
        to_rgb, t = pixels_of(self._traits), self._traits
        position = None
        for position, picture in self._timed(target):
            when = self._show(turn, target) if fresh else self._await_due(turn, position)
            if when is not None:
                frame = self._frame(t.orientation.upright(to_rgb(picture, t.coded_size)), when)
                yield frame
                self._asked = self._now()
            self._index += 1
            fresh = False
            if self._over(turn):
                return
        if self._over(turn):
            return
        if position is None:
            raise SourceError(
                f"No frame of the video '{self._path}' can be decoded any more; see that it is still there."
            )
        self._end(turn, position + self._interval)

    def _over(self, turn: int) -> bool:
        return self._closed or turn != self._turn

    def _timed(self, target: Fraction) -> Iterator[Timed]:
        """Frames with their positions, from the one that is shown at a position on."""
        first = self._traits.first
        starts = [first + target - back for back in _BACK if target > back]
        for start in (*starts, None):
            shown: Timed | None = None
            begun = False
            with closing(self._opened()) as decoder:
                for moment, picture in decoder.frames(start):
                    position = moment - first
                    if not begun and position <= target:
                        shown = position, picture
                        continue
                    if not begun and shown is None and start is not None:
                        break  # the one that is shown is from before `start`
                    begun = True
                    if shown is not None:
                        yield shown
                        shown = None
                    yield position, picture
                if shown is not None:
                    yield shown
                    return
            if begun or self._closed:
                return

    def _opened(self) -> Decoder:
        decoder = Decoder(self._path, self._traits)
        with self._changed:
            self._decoder = decoder
            if self._closed:
                decoder.stop()
        return decoder

    def _show(self, turn: int, target: Fraction) -> Fraction:
        """The film goes on from a position that was sought, now that its picture is there. Gives the time."""
        with self._changed:
            now = self._now()
            if turn == self._turn:
                self._head, self._fresh = Playhead(target, None if self._paused else now), False
            return now

    def _await_due(self, turn: int, moment: Fraction) -> Fraction | None:
        """Wait until a frame is due. Gives the time that it was due at, None where it is not to be given."""
        with self._changed:
            while not self._over(turn):
                now = self._now()
                wait = due(self._head, moment, now, interval=self._interval, asked=self._asked)
                if wait is None:
                    return None
                if wait == 0:
                    if self._head.at(now) - moment > HOPELESS:
                        self._head = Playhead(moment, now)
                    assert self._head.since is not None
                    return self._head.since + moment - self._head.position
                self._changed.wait(None if math.isinf(wait) else wait)
            return None

    def _frame(self, pixels: Pixels, when: Fraction) -> Frame:
        """A frame that was due at a time."""
        if self._epoch is None:
            self._epoch = when
        self._last = max(when - self._epoch, self._last + _TICK)
        return Frame(pixels, self._last, self._index, self._clock())

    def _end(self, turn: int, length: Fraction) -> None:
        """Begin again, or stand still."""
        with self._changed:
            if self._over(turn):
                return
            self._length = length
            if self._loop:
                self._head = replace(self._head, position=self._head.position - length)
            else:
                self._head, self._paused, self._ended = Playhead(length), True, True
