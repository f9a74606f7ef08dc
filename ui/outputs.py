"""Where the painted picture goes beside the window: snapshots, recordings, a virtual camera, a preview."""

from __future__ import annotations

import webbrowser
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QStandardPaths, pyqtSignal

from stytr_live.errors import StytrError
from stytr_live.media.microphone import Microphone, microphone_of
from stytr_live.media.preview import Preview
from stytr_live.media.recorder import Recorder
from stytr_live.media.snapshot import snapshot_name, write_snapshot
from stytr_live.media.tee import Tee
from stytr_live.media.virtual_camera import VirtualCamera

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.media.ports import FrameSink
    from stytr_live.settings import Settings
    from ui.session import Session

CAMERA = (1280, 720)
"""Size of the virtual camera, in pixels: what video calls expect."""
RATE = 30
"""Frames a second of the virtual camera, and about those of a recording."""


class Outputs(QObject):
    """Side sinks of whatever stream runs; they stay when the source changes."""

    changed = pyqtSignal()
    """Something was begun or has ended."""
    failed = pyqtSignal(str)
    """What there is to tell, as a sentence."""

    def __init__(self, session: Session, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._settings = session, settings
        self._tee: Tee | None = None
        self._on: set[str] = set()  # what is wanted, begun or not
        self._turn: dict[str, int] = {}
        self._sides: dict[str, _Side] = {}
        self._lock, self._closed = Lock(), False
        self._threads: list[Thread] = []
        session.sinks, session.leaving = self._wrap, self._leave

    @property
    def recording(self) -> bool:
        """Whether a file is being recorded."""
        return "recording" in self._on

    @property
    def sending(self) -> bool:
        """Whether the virtual camera is on."""
        return "sending" in self._on

    @property
    def serving(self) -> bool:
        """Whether the preview is on."""
        return "serving" in self._on

    def folder(self) -> Path:
        """Where snapshots and recordings go."""
        if self._settings.folder:
            return Path(self._settings.folder)
        kind = QStandardPaths.StandardLocation.MoviesLocation
        return Path(QStandardPaths.writableLocation(kind) or Path.home()) / "StyTR Live"

    def says(self) -> tuple[str, ...]:
        """What is on, for the status line."""
        found = []
        with self._lock:
            sinks = [side.sink for side in self._sides.values()]
        for sink in sinks:
            if isinstance(sink, Recorder):
                minutes, seconds = divmod(int(sink.recorded), 60)
                found.append(self.tr("recording {time}").format(time=f"{minutes}:{seconds:02}"))
                if sink.dropped:
                    found.append(self.tr("{n} frames left out").format(n=sink.dropped))
            elif isinstance(sink, VirtualCamera):
                found.append(self.tr("virtual camera {name}").format(name=sink.device))
            elif isinstance(sink, Preview):
                found.append(self.tr("preview at {url}").format(url=sink.url))
        return tuple(found)

    def snapshot(self) -> None:
        """Write the picture that is shown to a PNG file."""
        frame = self._session.latest
        if frame is None:
            self.failed.emit(self.tr("There is no picture yet."))
            return
        s = self._settings
        facts = {
            "Software": "StyTR Live",
            "Style": ", ".join(f"{Path(name).stem}:{weight:.2f}" for name, weight in s.styles.items()),
            "Strength": f"{s.strength:.2f}",
            "Working size": str(s.short_side),
            "Keep colours": "yes" if s.keep_colours else "no",
        }
        self._beside(lambda: self._write_snapshot(frame.pixels, facts))

    def record(self, on: bool) -> None:
        """Begin or end a recording."""
        if on and not self.recording:
            self._begin_recording()
        elif not on:
            self._switch_off("recording")
        self.changed.emit()

    def virtual_camera(self, on: bool) -> None:
        """Show the picture to other programs, or end that."""
        if on and not self.sending:
            self._switch_on("sending", lambda: _Side(VirtualCamera(CAMERA, RATE)))
        elif not on:
            self._switch_off("sending")
        self.changed.emit()

    def preview(self, on: bool) -> None:
        """Show the picture in browsers of this machine, or end that."""
        if on and not self.serving:
            self._switch_on("serving", _begin_preview)
        elif not on:
            self._switch_off("serving")
        self.changed.emit()

    def close(self) -> None:
        """End all of them and wait for it."""
        with self._lock:
            self._closed = True
        for name in ("recording", "sending", "serving"):
            self._switch_off(name)
        for thread in self._threads:
            thread.join()

    def _begin_recording(self) -> None:
        frame, heard = self._session.latest, self._settings.microphone
        if frame is None:
            self.failed.emit(self.tr("There is no picture to record yet."))
            return

        def begin() -> _Side:
            folder = self.folder()
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{datetime.now().astimezone():%Y-%m-%d %H.%M.%S}.mp4"
            microphone = self._microphone(heard) if heard else None
            try:
                recorder = Recorder(path, size=frame.size, rate=Fraction(RATE), microphone=microphone)
            except StytrError:
                if microphone is not None:
                    microphone.close()
                raise
            return _Side(recorder, microphone, path)

        self._switch_on("recording", begin)

    def _microphone(self, device: str) -> Microphone | None:
        """A microphone that is not there is said, and the recording begins without sound."""
        try:
            return microphone_of(device)
        except StytrError as error:
            self.failed.emit(str(error))
            return None

    def _switch_on(self, name: str, begin: Callable[[], _Side]) -> None:
        """Begin something beside the window: opening devices and files takes as long as it takes."""
        with self._lock:
            if self._closed:
                return
            self._turn[name] = turn = self._turn.get(name, 0) + 1
            self._on.add(name)

        def work() -> None:
            try:
                side = begin()
            except (StytrError, OSError):
                with self._lock:
                    if self._turn[name] == turn:
                        self._on.discard(name)
                self.changed.emit()
                raise
            with self._lock:
                wanted = name in self._on and self._turn[name] == turn
                if wanted:
                    self._sides[name] = side
                    if self._tee is not None:
                        self._tee.add(side.sink)
            if wanted:
                self.changed.emit()
            else:  # switched off meanwhile
                side.drop()

        self._beside(work)

    def _switch_off(self, name: str) -> None:
        with self._lock:
            self._on.discard(name)
            side = self._sides.pop(name, None)
            if side is not None and self._tee is not None:
                self._tee.detach(side.sink)
        if side is None:
            return

        def finish() -> None:
            side.end()
            if side.path is not None:
                self.failed.emit(self.tr("Recorded: {path}").format(path=side.path))

        self._beside(finish)

    def _write_snapshot(self, pixels: object, facts: dict[str, str]) -> None:
        folder = self.folder()
        folder.mkdir(parents=True, exist_ok=True)
        path = write_snapshot(snapshot_name(folder, datetime.now().astimezone()), pixels, facts)  # type: ignore[arg-type]
        self.failed.emit(self.tr("Snapshot: {path}").format(path=path))

    def _attempt(self, begin: Callable[[], None]) -> None:
        try:
            begin()
        except StytrError as error:
            self.failed.emit(str(error))
        except OSError as error:
            self.failed.emit(self.tr("The folder '{folder}' cannot be used: {reason}.").format(
                folder=self.folder(), reason=error.strerror or error))  # fmt: skip

    def _beside(self, work: Callable[[], None]) -> None:
        """Do what takes time in a thread: the window never waits for a disk."""
        thread = Thread(target=self._attempt, args=(work,), name="output")
        self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()

    def _wrap(self, screen: FrameSink) -> FrameSink:
        """Called by the session's thread for each new stream."""
        with self._lock:
            self._tee = tee = Tee(screen, on_failure=self._lose)
            for side in self._sides.values():
                tee.add(side.sink)
        return tee

    def _leave(self) -> None:
        """The stream is going to end, and the side sinks stay."""
        with self._lock:
            tee, self._tee = self._tee, None
            if tee is not None:
                for side in self._sides.values():
                    tee.detach(side.sink)

    def _lose(self, sink: FrameSink, sentence: str) -> None:
        """Called by the thread that writes: a side sink has failed and is closed."""
        with self._lock:
            lost = [name for name, side in self._sides.items() if side.sink is sink]
            for name in lost:
                self._on.discard(name)
                side = self._sides.pop(name)
                if side.microphone is not None:
                    self._beside(side.microphone.close)
        self.failed.emit(sentence)
        self.changed.emit()


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """Something that pictures go to, with what belongs to it."""

    sink: FrameSink
    microphone: Microphone | None = None
    path: Path | None = None

    def end(self) -> None:
        """Make it whole."""
        try:
            self.sink.close()
        finally:
            if self.microphone is not None:
                self.microphone.close()

    def drop(self) -> None:
        """Leave nothing of it."""
        self.sink.discard()
        if self.microphone is not None:
            self.microphone.close()


def _begin_preview() -> _Side:
    preview = Preview()
    webbrowser.open(preview.url)
    return _Side(preview)
