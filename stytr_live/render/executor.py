"""Who paints the segments of a video: this process, others on this machine, or a cluster."""

from __future__ import annotations

from collections import deque
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Protocol

from stytr_live.render.order import Started
from stytr_live.render.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from stytr_live.render.order import Event, Order, Paints
    from stytr_live.render.plan import Segment

    Load = Callable[[Order], Paints]
    """What makes a painter; for other processes a function of a module."""

TICK = 0.1
"""Seconds after which an executor gives None where there are no news."""


class Executor(Protocol):
    """Has segments painted, each into a part in the order's folder."""

    def run(self, order: Order, segments: Sequence[Segment]) -> Generator[Event | None]:
        """Paint segments, in any order; what happens, as it happens, and None now and then.

        There is one `Finished` or `Failed` for each segment. Closing the iterator ends all work; parts that are done
        stay. What was told of a segment counts no more once it fails.

        Raises:
            StytrError: nothing can be painted at all.
        """
        ...


class InThisProcess:
    """Paints with one painter in threads of this process, one segment after the other."""

    def __init__(self, load: Load) -> None:
        self._load = load

    def run(self, order: Order, segments: Sequence[Segment]) -> Generator[Event | None]:
        """Paint segments; see `Executor`. Those that follow each other are read without a seek."""
        painter = self._load(order)
        yield Started(painter.device)
        news: SimpleQueue[Event] = SimpleQueue()
        left = deque(segments)
        worker = Worker(order, painter, lambda: left.popleft() if left else None, news.put)
        try:
            worker.start()
            while not worker.wait(TICK):
                yield from _all(news)
                yield None
        except BaseException:
            worker.cancel()
            raise
        yield from _all(news)


def _all(news: SimpleQueue[Event]) -> Iterator[Event]:
    while True:
        try:
            yield news.get_nowait()
        except Empty:
            return
