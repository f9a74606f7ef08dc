"""The passage between two threads."""

from __future__ import annotations

from collections import deque
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class Closed(Exception):  # noqa: N818  (an end, not an error: it is how a thread learns that its work is over)
    """Nothing passes here any more."""


class Link(Generic[T]):
    """A bounded queue that ends: whoever waits at it is woken when it is closed or cancelled.

    Lossless, `put` waits for room. Lossy, `put` never waits: it drops the oldest item, so that with a depth of 1 the
    reader always gets the newest. Any number of threads may put and get; items leave in the order they came.
    """

    def __init__(self, depth: int, *, lossy: bool = False) -> None:
        if depth < 1:
            raise ValueError(f"the depth is {depth}; it must be at least 1")
        self._depth, self._lossy = depth, lossy
        self._items: deque[T] = deque()
        self._open = True
        self._dropped = 0
        self._changed = Condition()

    @property
    def dropped(self) -> int:
        """Items that a lossy link threw away to make room."""
        with self._changed:
            return self._dropped

    def __len__(self) -> int:
        with self._changed:
            return len(self._items)

    def put(self, item: T) -> None:
        """Hand an item over; a full lossless link makes this wait.

        Raises:
            Closed: the link was closed or cancelled, before or while waiting; the item was not handed over.
        """
        with self._changed:
            while self._open and not self._lossy and len(self._items) >= self._depth:
                self._changed.wait()
            if not self._open:
                raise Closed
            if len(self._items) >= self._depth:
                self._items.popleft()
                self._dropped += 1
            self._items.append(item)
            self._changed.notify_all()

    def get(self) -> T:
        """Wait for the next item and take it.

        Raises:
            Closed: the link was closed and is empty, or was cancelled.
        """
        with self._changed:
            while self._open and not self._items:
                self._changed.wait()
            return self._take()

    def poll(self) -> T | None:
        """Take the next item without waiting; None where there is none yet.

        Raises:
            Closed: the link was closed and is empty, or was cancelled.
        """
        with self._changed:
            return None if self._open and not self._items else self._take()

    def close(self) -> None:
        """End with what is in it: no more puts, and gets until it is empty."""
        with self._changed:
            self._open = False
            self._changed.notify_all()

    def cancel(self) -> None:
        """End at once: what is in it is thrown away."""
        with self._changed:
            self._open = False
            self._items.clear()
            self._changed.notify_all()

    def _take(self) -> T:
        if not self._items:
            raise Closed
        item = self._items.popleft()
        self._changed.notify_all()
        return item
