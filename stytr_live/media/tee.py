"""One stream of frames to several sinks."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from stytr_live.errors import SinkError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.frame import Frame
    from stytr_live.media.ports import FrameSink


class Tee:
    """Passes frames to a main sink, and to others that come and go while it runs.

    A side sink that fails is taken out and discarded, and the rest go on. Side sinks are closed, not discarded, however
    the stream ends: a camera that was unplugged is no reason to lose a recording. A side sink that is to outlive the
    stream is taken out with `detach` before. All methods may be called by any thread; `write`, by one at a time.
    """

    def __init__(self, main: FrameSink, *, on_failure: Callable[[FrameSink, str], None] = lambda _, __: None) -> None:
        """`on_failure` is told of a side sink that failed, once, with a sentence, by the thread that met it."""
        self._main, self._on_failure = main, on_failure
        self._sides: list[FrameSink] = []
        self._ended = False
        self._lock = Lock()  # held while side sinks write, so that none is closed meanwhile

    @property
    def sides(self) -> tuple[FrameSink, ...]:
        """The sinks beside the main one."""
        with self._lock:
            return tuple(self._sides)

    def add(self, sink: FrameSink) -> None:
        """Pass frames to one more sink, from the next on; after the end it is closed at once."""
        with self._lock:
            if not self._ended:
                self._sides.append(sink)
                return
        self._close(sink)

    def detach(self, sink: FrameSink) -> bool:
        """Pass no more frames to a side sink and leave it open; False where it is none any more."""
        with self._lock:
            if sink not in self._sides:
                return False
            self._sides.remove(sink)
            return True

    def remove(self, sink: FrameSink) -> None:
        """Pass no more frames to a side sink and close it; nothing happens where it is none any more.

        Raises:
            SinkError: closing fails.
        """
        if self.detach(sink):
            sink.close()

    def write(self, frame: Frame) -> None:
        """See `FrameSink`: raises what the main sink raises."""
        self._main.write(frame)
        failed: list[tuple[FrameSink, SinkError]] = []
        with self._lock:
            for sink in self._sides:
                try:
                    sink.write(frame)
                except SinkError as error:
                    failed.append((sink, error))
            for sink, _ in failed:
                self._sides.remove(sink)
        for sink, reason in failed:  # not under the lock: whoever is told may add a sink
            sink.discard()
            self._on_failure(sink, str(reason))

    def close(self) -> None:
        """See `FrameSink`: raises what the main sink raises."""
        self._close_sides()
        self._main.close()

    def discard(self) -> None:
        """Discard the main sink and close the others."""
        self._close_sides()
        self._main.discard()

    def _close_sides(self) -> None:
        with self._lock:
            self._ended = True
            sides, self._sides = self._sides, []
        for sink in sides:
            self._close(sink)

    def _close(self, sink: FrameSink) -> None:
        try:
            sink.close()
        except SinkError as error:
            self._on_failure(sink, str(error))
