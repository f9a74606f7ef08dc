"""Source → stylise → sink, on three threads joined by two links."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, TypeVar

from stytr_live.links import Closed, Link
from stytr_live.stats import Meter, Stats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stytr_live.frame import Frame
    from stytr_live.media.ports import FrameSink, FrameSource

T = TypeVar("T")

AHEAD = 4
"""Frames that may wait between two threads offline: enough to even out their work, little memory."""


class Pipeline:
    """Reads, paints and writes at the same time, in order.

    Offline every frame of the source reaches the sink. Live the newest frame wins: what is overtaken is dropped and
    counted, so that the picture is never late. The source is closed and exactly one of the sink's `close` and
    `discard` is called, exactly once, whatever happens. The first error ends everything and discards the output.
    """

    def __init__(
        self,
        source: FrameSource,
        stylise: Callable[[Frame], Frame | Callable[[], Frame]],
        sink: FrameSink,
        *,
        live: bool,
        meter: Meter | None = None,
        ahead: int = AHEAD,
    ) -> None:
        """`stylise` is called by one thread only; the pipeline owns `source` and `sink` from here on.

        It may give, instead of a painted frame, what waits for one that it has only begun. Offline, `ahead` frames may
        wait between two threads.
        """
        self._source, self._stylise, self._sink = source, stylise, sink
        self._live, self._depth = live, 1
        self._meter = meter or Meter()
        depth = 1 if live else ahead
        self._taken: Link[Frame] = Link(depth, lossy=live)
        self._painted: Link[Frame] = Link(depth, lossy=live)
        self._lock = Lock()
        self._error: BaseException | None = None
        self._cancelled = False
        self._stopping, self._ended = Event(), Event()
        self._threads: tuple[Thread, ...] = ()

    def start(self, *, depth: int = 1) -> None:
        """Begin; returns at once.

        Up to `depth` paintings are begun before the first is waited for; live, only while newer frames are there.

        Raises:
            RuntimeError: it was started or cancelled before.
        """
        with self._lock:
            if self._threads or self._cancelled:
                raise RuntimeError("a pipeline runs once")
            self._depth = depth
            self._threads = tuple(
                Thread(target=work, name=f"pipeline {work.__name__.strip('_')}")
                for work in (self._write, self._paint, self._read)
            )
            for thread in self._threads:
                thread.start()

    def stop(self) -> None:
        """End here: what was read is still painted and written, and the output is whole. Returns at once."""
        self._stopping.set()
        self._source.close()

    def cancel(self) -> None:
        """End now and discard the output; too late once the last frame is written. Returns at once."""
        with self._lock:
            first, self._cancelled = not self._cancelled, True
            idle = not self._threads
        try:
            self._abandon()
        finally:
            if first and idle:  # no thread will do it
                self._ended.set()
                self._sink.discard()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all threads have ended, at most `timeout` seconds; True when they have.

        Raises:
            BaseException: the first error that the source, `stylise` or the sink raised, unless it was a
                consequence of `cancel`.
        """
        if not self._ended.wait(timeout):
            return False
        for thread in self._threads:
            if thread.ident is not None:  # None where a signal interrupted the start
                thread.join()
        if self._error is not None:
            raise self._error
        return True

    def stats(self) -> Stats:
        """Speed, latency and counts up to now."""
        return self._meter.stats(dropped=self._taken.dropped + self._painted.dropped)

    def _read(self) -> None:
        try:
            try:
                for frame in self._source:
                    if self._stopping.is_set() or not _put(self._taken, frame):
                        break
            finally:
                self._source.close()
        except BaseException as error:  # noqa: BLE001  (raised to whoever waits)
            self._fail(error)
        self._taken.close()

    def _paint(self) -> None:
        begun: deque[Frame | Callable[[], Frame]] = deque()
        try:
            for frame in self._frames(begun):
                begun.append(self._stylise(frame))
                if len(begun) >= self._depth and not self._end(begun):
                    break
            while begun and self._end(begun):
                pass
        except BaseException as error:  # noqa: BLE001  (raised to whoever waits)
            self._fail(error)
        self._painted.close()

    def _frames(self, begun: deque[Frame | Callable[[], Frame]]) -> Iterator[Frame]:
        """The frames to paint. Live, what is begun does not wait for the next one: it is handed over first."""
        while True:
            try:
                frame = self._taken.poll() if self._live and begun else self._taken.get()
            except Closed:
                return
            if frame is not None:
                yield frame
            elif not self._end(begun):
                return

    def _end(self, begun: deque[Frame | Callable[[], Frame]]) -> bool:
        """Wait for the oldest painting and hand it over; False where nobody wants it."""
        oldest = begun.popleft()
        return _put(self._painted, oldest() if callable(oldest) else oldest)

    def _write(self) -> None:
        try:
            for frame in _each(self._painted):
                self._sink.write(frame)
                self._meter.deliver(frame.born)
        except BaseException as error:  # noqa: BLE001  (raised to whoever waits)
            self._fail(error)
        # The link ends only after the threads before it have reported their errors, so the verdict is final.
        with self._lock:
            finish = self._sink.discard if self._cancelled else self._sink.close
        try:
            finish()
        except BaseException as error:  # noqa: BLE001  (raised to whoever waits)
            with self._lock:
                self._error = self._error or error
        self._ended.set()

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            if self._cancelled:  # a consequence of what went wrong first, or of the wish to end
                return
            self._error, self._cancelled = error, True
        with suppress(Exception):  # closing a source that failed may fail too; the first error counts
            self._abandon()

    def _abandon(self) -> None:
        self._taken.cancel()
        self._painted.cancel()
        self._source.close()


def _put(link: Link[T], item: T) -> bool:
    """Hand over an item; False where the link has ended."""
    try:
        link.put(item)
    except Closed:
        return False
    return True


def _each(link: Link[T]) -> Iterator[T]:
    """All items of a link until it ends."""
    while True:
        try:
            item = link.get()
        except Closed:
            return
        yield item
