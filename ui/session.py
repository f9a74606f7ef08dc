"""One stream at a time: a source, painted live, with the newest picture for whoever shows it."""

from __future__ import annotations

import logging
from dataclasses import replace
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from stytr_live.errors import StytrError
from stytr_live.params import Params
from stytr_live.pipeline import Pipeline
from stytr_live.stats import Meter, Stats
from ui.engine import Engine
from ui.steady import Steady
from ui.style_loader import StyleLoader

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.engine.live import Doing, Wishes
    from stytr_live.frame import Frame
    from stytr_live.media.ports import FrameSink, FrameSource

log = logging.getLogger(__name__)


class Session(QObject):
    """Runs the engine. Its signals arrive in the thread of the window; nothing here makes that thread wait."""

    arrived = pyqtSignal()
    """There is a newer picture in `latest`."""
    loading = pyqtSignal(str)
    """Something takes a moment; what it is."""
    running = pyqtSignal()
    """A stream runs."""
    ended = pyqtSignal()
    """No stream runs any more."""
    failed = pyqtSignal(str)
    """What went wrong, and what to do, as a sentence."""
    styled = pyqtSignal(list)
    """The styles that are wanted have been loaded; their references with weights."""
    refused = pyqtSignal(list)
    """The styles that are wanted cannot be used, which `failed` has said; their references with weights."""

    painted_by = pyqtSignal(str)
    """Another network paints from now on, or the one that was asked for cannot, which `failed` has said: its name."""

    def __init__(self, *, network: str = "lite", device: str = "auto") -> None:
        super().__init__()
        self.latest: Frame | None = None
        self.sinks: Callable[[FrameSink], FrameSink] = lambda screen: screen
        """Wraps the screen, to send what it gets elsewhere too."""
        self.leaving: Callable[[], None] = lambda: None
        """Called before a stream is ended."""
        self.source: FrameSource | None = None
        """What is being shown, for whoever can pause or wind it."""
        self._taken: Frame | None = None
        self._params = Params()
        self._styles = StyleLoader(self)
        self._wishes: dict[str, object] = {"cross_fade": 0.0, "target": None, "skip_unchanged": True}
        self._pipeline: Pipeline | None = None
        self._shown = Meter()
        self._waiting = Event()  # set while the window knows of a picture that it has not shown
        self._lock, self._turn, self._threads = Lock(), 0, set[Thread]()
        # At once, beside the making of the window: it takes longest.
        self.engine = Engine(network, device, self._wanted, self._change)

    # What the window asks for

    def open(self, source: Callable[[], FrameSource]) -> None:
        """Show what a source gives, instead of what is shown now; `source` is called in another thread."""
        with self._lock:
            self._turn += 1
            turn, before = self._turn, [t for t in self._threads if t.is_alive()]
            thread = Thread(target=self._run, args=(source, turn, before), name="session")
            self._threads = {*before, thread}
        self._abandon()
        thread.start()

    def stop(self) -> None:
        """End the stream; the last picture stays."""
        with self._lock:
            self._turn += 1
        self._abandon()

    def close(self) -> None:
        """End everything and wait for it."""
        self.stop()
        self._styles.close()
        for thread in self._threads:
            thread.join()
        self.engine.close()

    def set_network(self, network: str) -> None:
        """Paint with another network as soon as it is loaded."""
        self.engine.ask(network)

    def set_params(self, **values: object) -> None:
        """Change what is painted from the next frame on; names as in `Params`."""
        self._params = replace(self._params, **values)  # type: ignore[arg-type]

    def set_wishes(self, **values: object) -> None:
        """Change how it is painted; names as in `Wishes`, but for `params`."""
        self._wishes = self._wishes | values

    def set_styles(self, styles: list[tuple[str, float]]) -> None:
        """Paint in these styles, picture files or built-in names with weights, as soon as they are loaded."""
        self._styles.ask(styles)

    def take(self) -> Frame | None:
        """The newest picture, which is going to be shown now."""
        self._waiting.clear()
        frame = self.latest
        if frame is not None and frame is not self._taken:
            self._taken = frame
            self._shown.deliver(frame.born)
        return frame

    def stats(self) -> tuple[Stats, Doing | None]:
        """Speed and latency up to the screen, and what the painter does."""
        pipeline, painter = self._pipeline, self.engine.painter
        dropped = pipeline.stats().dropped if pipeline is not None else 0
        return self._shown.stats(dropped=dropped), painter.doing if painter is not None else None

    @property
    def runs_on(self) -> str:
        """What computes, for a user to read; it may go over to another precision. Empty before the first picture."""
        stylizer = self.engine.stylizer
        return stylizer.name if stylizer is not None else ""

    @property
    def limit(self) -> int | None:
        """Short side, in pixels, above which there was not enough memory."""
        stylizer = self.engine.stylizer
        return stylizer.limit if stylizer is not None else None

    @property
    def runs(self) -> bool:
        """Whether a stream is shown, or going to be."""
        return any(thread.is_alive() for thread in self._threads)

    @property
    def latency(self) -> float:
        """Seconds from a camera's frame to the screen, of late."""
        return self._shown.stats().latency_p50

    # What happens in other threads

    def _run(self, source: Callable[[], FrameSource], turn: int, before: list[Thread]) -> None:
        for thread in before:
            if thread.name == "session":
                thread.join()
        try:
            opened = self._open(source, turn)
            if opened is not None:
                self._paint(opened, turn)
        except StytrError as error:
            self._report(str(error), turn)
        except Exception:
            log.exception("The stream ended")
            self._report(self._general(), turn)
        if turn == self._turn:
            self.ended.emit()

    def _open(self, source: Callable[[], FrameSource], turn: int) -> FrameSource | None:
        """The engine first, as loading it takes longest; None where the stream is not wanted any more."""
        if self.engine.loading:
            self.loading.emit(self.tr("Loading the network…"))
        self.engine.stream()
        if turn != self._turn:
            return None
        self.loading.emit(self.tr("Opening…"))
        return source()

    def _paint(self, source: FrameSource, turn: int) -> None:
        painter = self.engine.painter
        assert painter is not None
        self.source = source
        steady = Steady(self.engine.begin, self.failed.emit)
        pipeline = Pipeline(source, steady.begin, self.sinks(_Screen(self)), live=True)
        with self._lock:
            wanted = turn == self._turn
            if wanted:
                self._pipeline = pipeline
        if not wanted:
            pipeline.cancel()
            return
        self.running.emit()
        pipeline.start(depth=painter.depth)
        pipeline.wait()

    def _change(self, network: str, error: Exception | None) -> None:
        if error is not None:
            self.failed.emit(str(error) if isinstance(error, StytrError) else self._general())
        self.painted_by.emit(network)

    def _general(self) -> str:
        return self.tr("Something went wrong inside the program; the log has the details.")

    def _wanted(self) -> Wishes:
        from stytr_live.engine.live import Wishes

        return Wishes(self._params, **self._wishes)  # type: ignore[arg-type]

    def _arrive(self, frame: Frame) -> None:
        self.latest = frame
        if not self._waiting.is_set():
            self._waiting.set()
            self.arrived.emit()

    def _abandon(self) -> None:
        self.leaving()
        self.source = None
        pipeline = self._pipeline
        if pipeline is not None:
            pipeline.cancel()

    def _report(self, sentence: str, turn: int) -> None:
        if turn == self._turn:
            self.failed.emit(sentence)


class _Screen:
    """Hands the newest picture to the window."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def write(self, frame: Frame) -> None:
        """The window shows it when it comes to paint."""
        self._session._arrive(frame)

    def close(self) -> None:
        """The last picture stays."""

    def discard(self) -> None:
        """The last picture stays."""
