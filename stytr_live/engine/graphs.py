"""Captured networks: the kernels of one working size, recorded once and replayed for every picture."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

from stytr_live.networks.codebook import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from torch import Tensor

    from stytr_live.engine.cuda import Device, Stream
    from stytr_live.frame import Size
    from stytr_live.networks import StyleCode

    Key = tuple[Size, int]
    """Working size and number of style tokens, padded."""

KEPT = 4
"""Graphs that stay captured: each has memory of its own."""
STEP = 256
"""Style tokens are padded to multiples of it…"""
FINE = 1024
"""…and beyond this many to powers of two, so that most styles and mixtures share a graph."""


def padded(tokens: int) -> int:
    """The number of tokens to which so many are padded."""
    return max(1, -(-tokens // STEP)) * STEP if tokens <= FINE else 1 << (tokens - 1).bit_length()


class Graph:
    """A network captured for one working size and number of style tokens, with the memory it reads and writes."""

    def __init__(
        self,
        device: Device,
        stream: Stream,
        network: Callable[..., Tensor],
        key: Key,
        *,
        shapes: Sequence[Sequence[int]],
        attended: int,
    ) -> None:
        """`shapes` are those of a code with any number of tokens; its first `attended` tensors hold the tokens.

        `stream` is where what must be done once is done, beside all other work.

        Raises:
            RuntimeError: memory is exhausted, or the device cannot capture this network.
        """
        (width, height), self.tokens = key
        self._attended = attended
        self.picture = stream.empty((1, height, width, 3), device.dtype).permute(0, 3, 1, 2)
        """(1, 3, H, W) in 0..1, channels last: what the network sees."""
        self._code = tuple(stream.empty(self._shape(i, shape), device.dtype) for i, shape in enumerate(shapes))
        stream.run(self._clear)
        self._replay, self.painted = device.capture(lambda: network(self.picture, *self._code), stream)
        """`painted` is (1, 3, H, W), what the network painted, not clipped."""
        self._loaded: StyleCode | None = None

    def load(self, code: StyleCode, compute: Stream, caller: Stream) -> None:
        """Make this the style, for what `compute` does next; nothing is done where it is.

        Codes may have been mixed on the caller's stream, and still be in the making.
        """
        if code is self._loaded:
            return
        self._loaded = None  # should the copying fail
        compute.follow(caller.mark())
        compute.run(lambda: self._copy(code))
        self._loaded = code

    def replay(self) -> None:
        """Paint `picture`, on the current stream."""
        self._replay()

    def _shape(self, index: int, shape: Sequence[int]) -> tuple[int, ...]:
        """The shape of a code's tensor, with as many tokens as there is room for."""
        if index < self._attended:
            return *shape[:2], self.tokens, *shape[3:]
        return (*shape[:3], self.tokens) if index == self._attended else tuple(shape)

    def _clear(self) -> None:
        for tensor in (self.picture, *self._code):
            tensor.zero_()

    def _copy(self, code: StyleCode) -> None:
        """Copy a code on the device; the tokens that it lacks are zeros without weight."""
        attended, count = self._attended, code[self._attended].shape[-1]
        for static, tensor in zip(self._code[:attended], code[:attended], strict=True):
            static[:, :, :count].copy_(tensor, non_blocking=True)
            static[:, :, count:].zero_()
        self._code[attended][..., :count].copy_(code[attended], non_blocking=True)
        self._code[attended][..., count:].fill_(NEVER)
        for static, tensor in zip(self._code[attended + 1 :], code[attended + 1 :], strict=True):
            static.copy_(tensor, non_blocking=True)


class Graphs:
    """The graphs used last; new ones are captured one at a time on a thread of their own."""

    def __init__(self, capture: Callable[[Key], Graph], kept: int = KEPT) -> None:
        """`capture` is called on the background thread; what it raises is raised to who asks for the graph."""
        self._capture, self._kept = capture, kept
        self._coming: OrderedDict[Key, Future[Graph]] = OrderedDict()  # the graph used last is the last
        self._lock, self._thread = Lock(), ThreadPoolExecutor(1, "capture")

    def ready(self, key: Key) -> bool:
        """Whether there is a graph for this key, or meanwhile one that has room for more tokens.

        Raises:
            Exception: what capturing raised; asking again tries again.
        """
        future, larger = self._request(key)
        if larger is None and future.done():
            self._result(key, future)
        return larger is not None or future.done()

    def get(self, key: Key) -> Graph:
        """The graph for this key, or meanwhile one that has room for more tokens; waits where there is none.

        Raises:
            Exception: what capturing raised; asking again tries again.
        """
        future, larger = self._request(key)
        return self._result(key, future) if larger is None or _is_there(future) else larger

    def forget(self) -> bool:
        """Give up the graph that was not used for longest, if it is not the only one; whether there was such."""
        with self._lock:
            captured = [key for key, future in self._coming.items() if _is_there(future)]
            if len(captured) > 1:
                del self._coming[captured[0]]
        return len(captured) > 1

    def close(self) -> None:
        """End the thread, after what it is capturing; idempotent."""
        self._thread.shutdown(cancel_futures=True)
        with self._lock:
            self._coming.clear()

    def _request(self, key: Key) -> tuple[Future[Graph], Graph | None]:
        """The graph, perhaps still to come, and the smallest one there is that has room for more tokens."""
        with self._lock:
            future = self._coming.get(key)
            if future is None:
                # Nobody waits for what was wanted before, while a slider moved, and has not begun.
                for other in [k for k, f in self._coming.items() if f.cancel()]:
                    del self._coming[other]
                future = self._coming[key] = self._thread.submit(self._capture, key)
            self._coming.move_to_end(key)
            larger = [f.result() for (size, _), f in self._coming.items() if size == key[0] and _is_there(f)]
            graph = min((g for g in larger if g.tokens > key[1]), key=lambda g: g.tokens, default=None)
            if graph is not None and not _is_there(future):
                self._coming.move_to_end((key[0], graph.tokens))
            while len(self._coming) > self._kept:
                self._coming.popitem(last=False)
        return future, graph

    def _result(self, key: Key, future: Future[Graph]) -> Graph:
        try:
            return future.result()
        except BaseException:
            with self._lock:
                if self._coming.get(key) is future:
                    del self._coming[key]
            raise


def _is_there(future: Future[Graph]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None
