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
        self.stylizer: Stylizer | None = None
        self._wanted, self._device, self._wishes, self._changed = network, device, wishes, changed
        self._loaded: dict[str, Stylizer] = {}
        self._frame: Frame | None = None  # the last one that was painted
        self._lock, self._closed = Lock(), False
        self._trouble: Exception | None = None  # why nothing can paint
        self._first = Thread(target=self._begin, args=(network,), name="load")
        self._threads = {network: self._first}
        self._first.start()

    def ask(self, network: str) -> None:
        """Paint with another network as soon as it is loaded; until then the present one goes on."""
        with self._lock:
            self._wanted = network
            if network in self._loaded or network in self._threads or self._closed:
                return
            self._threads[network] = thread = Thread(target=self._add, args=(network,), name="load")
            thread.start()

    @property
    def loading(self) -> bool:
        """Whether the first network is not there yet."""
        return self._first.is_alive()

    def stream(self) -> None:
        """Begin a stream: nothing that was painted before is known any more.

        Raises:
            Exception: there is no network that could paint.
        """
        self._first.join()
        if not self._loaded and (other := self._threads.get(self._wanted)) is not None:
            other.join()
        if not self._loaded:
            assert self._trouble is not None
            raise self._trouble
        self._take(self._wanted if self._wanted in self._loaded else self.network)

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
            self._closed, threads = True, list(self._threads.values())
        for thread in threads:
            thread.join()
        for stylizer in self._loaded.values():
            stylizer.close()
        self._loaded.clear()
        self.painter = self.stylizer = None

    def _take(self, network: str) -> None:
        from stytr_live.engine.live import LivePainter

        new, self.network, self.stylizer = network != self.network, network, self._loaded[network]
        self.painter = LivePainter(self.stylizer, self._wishes)
        if new:
            self._changed(network, None)

    def _begin(self, network: str) -> None:
        try:
            self._loaded[network] = self.stylizer = self._load(network)
        except Exception as error:  # noqa: BLE001  (raised in the thread that needs the network)
            self._trouble = error

    def _add(self, network: str) -> None:
        """Load another network, and let it paint once: what has to be compiled is compiled before it takes over."""
        from stytr_live.engine.live import LivePainter

        stylizer = None
        try:
            stylizer = self._load(network)
            if (frame := self._frame) is not None:
                LivePainter(stylizer, self._wishes).begin(frame)()
        except Exception as error:
            if not isinstance(error, StytrError):
                log.exception("The network '%s' cannot be loaded", network)
            if stylizer is not None:
                stylizer.close()
            with self._lock:
                del self._threads[network]  # to be tried again when it is asked for again
                given_up = self._wanted == network
                self._wanted = self.network if given_up else self._wanted
            if given_up:
                self._changed(self.network, error)
            return
        self._loaded[network] = stylizer

    def _load(self, network: str) -> Stylizer:
        # Here, in a thread: importing them takes seconds.
        from stytr_live.engine.devices import open_backend
        from stytr_live.engine.store import Store
        from stytr_live.engine.stylizer import Stylizer
        from stytr_live.networks import load_network

        store = Store()
        backend = open_backend(load_network(network), self._device, live=True, hurry=True, store=store)
        return Stylizer(backend, live=True, store=store)
