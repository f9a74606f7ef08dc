"""The networks of a session: one paints, and another takes over between two frames once it is loaded."""

from __future__ import annotations

import logging
from threading import Lock, Thread
from typing import TYPE_CHECKING

from stytr_live.errors import StytrError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.engine.live import LivePainter, Wishes
    from stytr_live.engine.stylizer import Stylizer
    from stytr_live.frame import Frame

log = logging.getLogger(__name__)


class Engine:
    """Loads networks in threads of their own. What was loaded once stays, so that going back takes no time."""

    def __init__(
        self, network: str, device: str, wishes: Callable[[], Wishes], changed: Callable[[str, Exception | None], None]
    ) -> None:
        """The loading of `network` begins at once.

        `changed` is called in any thread when another network paints, with its name, or when one that was asked for
        cannot, with the name of the one that goes on and what is wrong.
        """
        self.network = network
        """What paints, or is going to."""
        self.painter: LivePainter | None = None
        self._wanted, self._device, self._wishes, self._changed = network, device, wishes, changed
        self._loaded: dict[str, Stylizer] = {}
        self._frame: Frame | None = None  # the last one that was painted
        self._lock, self._closed = Lock(), False
        self._loading, self._threads = set[str](), list[Thread]()
        self._trouble: Exception | None = None  # why nothing can paint
        self.ask(network)

    def ask(self, network: str) -> None:
        """Paint with another network as soon as it is loaded; until then the present one goes on."""
        with self._lock:
            self._wanted = network
            if network in self._loaded or network in self._loading or self._closed:
                return
            self._loading.add(network)
            self._threads.append(thread := Thread(target=self._load, args=(network,), name="load"))
            thread.start()

    @property
    def stylizer(self) -> Stylizer | None:
        """That of the network that paints; None until it is loaded."""
        return self._loaded.get(self.network)

    @property
    def loading(self) -> bool:
        """Whether nothing can paint yet."""
        return not self._loaded and self._trouble is None

    def stream(self) -> None:
        """Begin a stream: nothing that was painted before is known any more.

        Raises:
            Exception: there is no network that could paint.
        """
        if not self._loaded:
            for thread in self._threads.copy():
                thread.join()
        if not self._loaded:
            assert self._trouble is not None
            raise self._trouble
        known = (name for name in (self._wanted, self.network, *self._loaded) if name in self._loaded)
        self._take(next(known))

    def begin(self, frame: Frame) -> Callable[[], Frame]:
        """Begin to paint a frame, as `LivePainter` does."""
        self._frame = frame
        if self._wanted != self.network and self._wanted in self._loaded:
            self._take(self._wanted)
        assert self.painter is not None
        return self.painter.begin(frame)

    def close(self) -> None:
        """End all that is loaded, and wait for what is being loaded."""
        with self._lock:
            self._closed = True
        for thread in self._threads:
            thread.join()
        for stylizer in self._loaded.values():
            stylizer.close()
        self._loaded.clear()
        self.painter = None

    def _take(self, network: str) -> None:
        from stytr_live.engine.live import LivePainter

        new, self.network = network != self.network, network
        self.painter = LivePainter(self._loaded[network], self._wishes)
        if new:
            self._changed(network, None)

    def _load(self, network: str) -> None:
        try:
            self._loaded[network] = self._made(network)
        except Exception as error:  # noqa: BLE001  (raised, or said, where the network is needed)
            self._fail(network, error)
        with self._lock:
            self._loading.discard(network)

    def _fail(self, network: str, error: Exception) -> None:
        if network == self.network:  # the first: there is none that goes on
            self._trouble = error
            return
        if not isinstance(error, StytrError):
            log.error("The network '%s' cannot be loaded", network, exc_info=error)
        with self._lock:
            given_up = self._wanted == network
            self._wanted = self.network if given_up else self._wanted
        if given_up:
            self._changed(self.network, error)

    def _made(self, network: str) -> Stylizer:
        """Loaded; while a stream runs it has painted a frame, so that what has to be compiled is compiled."""
        # Here, in a thread: importing them takes seconds.
        from stytr_live.engine.devices import open_backend
        from stytr_live.engine.live import LivePainter
        from stytr_live.engine.store import Store
        from stytr_live.engine.stylizer import Stylizer
        from stytr_live.networks import load_network

        store = Store()
        backend = open_backend(load_network(network), self._device, live=True, hurry=True, store=store)
        stylizer = Stylizer(backend, live=True, store=store)
        if (frame := self._frame) is not None:
            try:
                LivePainter(stylizer, self._wishes).begin(frame)()
            except BaseException:
                stylizer.close()
                raise
        return stylizer
