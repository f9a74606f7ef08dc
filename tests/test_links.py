"""The passage between two threads."""

from __future__ import annotations

import itertools
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from stytr_live.links import Closed, Link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONG = 20.0
"""Seconds after which a test gives up on a thread."""


class WatchedLink(Link[int]):
    """A link that tells when a thread is about to wait at it: the only way to catch it waiting without sleeping."""

    def __init__(self, depth: int, *, lossy: bool = False) -> None:
        super().__init__(depth, lossy=lossy)
        self.waiting = Event()
        wait = self._changed.wait

        def tell_and_wait(timeout: float | None = None) -> bool:
            self.waiting.set()
            return wait(timeout)

        self._changed.wait = tell_and_wait  # type: ignore[method-assign]


@pytest.fixture
def elsewhere() -> Iterator[Callable[..., Future[Any]]]:
    """Run something in another thread."""
    with ThreadPoolExecutor(16) as threads:
        yield threads.submit


def filled(*items: int, depth: int = 9, lossy: bool = False) -> Link[int]:
    link: Link[int] = Link(depth, lossy=lossy)
    for item in items:
        link.put(item)
    return link


def drained(link: Link[int]) -> list[int]:
    got = []
    while True:
        try:
            got.append(link.get())
        except Closed:
            return got


def test_items_leave_in_the_order_they_came() -> None:
    link = filled(1, 2, 3)
    assert [link.get(), link.get(), link.get()] == [1, 2, 3]
    assert len(link) == 0


def test_a_link_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="depth is 0"):
        Link(0)


def test_put_waits_for_room_in_a_lossless_link(elsewhere: Callable[..., Future[None]]) -> None:
    link = WatchedLink(1)
    link.put(1)
    second = elsewhere(link.put, 2)
    assert link.waiting.wait(LONG)
    assert not second.done()
    assert len(link) == 1
    assert link.get() == 1
    second.result(LONG)
    assert link.get() == 2
    assert link.dropped == 0


def test_get_waits_for_an_item(elsewhere: Callable[..., Future[int]]) -> None:
    link = WatchedLink(1)
    got = elsewhere(link.get)
    assert link.waiting.wait(LONG)
    assert not got.done()
    link.put(7)
    assert got.result(LONG) == 7


def test_live_drops_the_oldest_counts_it_and_keeps_the_newest() -> None:
    link = filled(1, 2, 3, 4, 5, depth=2, lossy=True)
    assert link.dropped == 3
    link.close()
    assert drained(link) == [4, 5]


def test_poll_takes_the_next_item_and_never_waits() -> None:
    link = filled(1)
    assert link.poll() == 1
    assert link.poll() is None
    link.close()
    with pytest.raises(Closed):
        link.poll()


def test_a_closed_link_gives_what_is_left_and_then_ends() -> None:
    link = filled(1, 2)
    link.close()
    with pytest.raises(Closed):
        link.put(3)
    assert link.poll() == 1
    assert drained(link) == [2]


def test_a_cancelled_link_gives_nothing() -> None:
    link = filled(1, 2)
    link.cancel()
    for use in (link.get, link.poll, lambda: link.put(3)):
        with pytest.raises(Closed):
            use()


def test_cancel_throws_away_what_close_left() -> None:
    link = filled(1, 2)
    link.close()
    link.cancel()
    assert drained(link) == []


@pytest.mark.parametrize("end", [Link.close, Link.cancel])
def test_the_end_wakes_whoever_waits_for_an_item(
    elsewhere: Callable[..., Future[int]], end: Callable[[Link[int]], None]
) -> None:
    link = WatchedLink(1)
    getters = [elsewhere(link.get) for _ in range(3)]
    assert link.waiting.wait(LONG)
    end(link)
    for getter in getters:
        with pytest.raises(Closed):
            getter.result(LONG)


@pytest.mark.parametrize("end", [Link.close, Link.cancel])
def test_the_end_wakes_whoever_waits_for_room_and_the_item_stays_out(
    elsewhere: Callable[..., Future[None]], end: Callable[[Link[int]], None]
) -> None:
    link = WatchedLink(1)
    link.put(1)
    putter = elsewhere(link.put, 2)
    assert link.waiting.wait(LONG)
    end(link)
    with pytest.raises(Closed):
        putter.result(LONG)
    assert drained(link) == ([1] if end is Link.close else [])


@pytest.mark.parametrize(("depth", "producers", "consumers"), [(1, 1, 1), (1, 4, 4), (3, 5, 2), (2, 2, 5)])
def test_nothing_is_lost_doubled_or_reordered_between_many_threads(
    elsewhere: Callable[..., Future[Any]], depth: int, producers: int, consumers: int
) -> None:
    link: Link[int] = Link(depth)
    each = 300

    def produce(who: int) -> None:
        for number in range(each):
            link.put(who * each + number)

    getting = [elsewhere(drained, link) for _ in range(consumers)]
    for future in [elsewhere(produce, who) for who in range(producers)]:
        future.result(LONG)
    link.close()
    got = [future.result(LONG) for future in getting]
    assert sorted(itertools.chain(*got)) == list(range(producers * each))
    for one in got:
        for who in range(producers):
            mine = [number for number in one if number // each == who]
            assert mine == sorted(mine)


def test_a_lossy_link_accounts_for_every_item_and_ends_with_the_newest(
    elsewhere: Callable[..., Future[list[int]]],
) -> None:
    link: Link[int] = Link(1, lossy=True)
    getting = elsewhere(drained, link)
    for number in range(2000):
        link.put(number)
    link.close()
    got = getting.result(LONG)
    assert got == sorted(set(got))
    assert got[-1] == 1999
    assert len(got) + link.dropped == 2000
