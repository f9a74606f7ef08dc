"""Where the painted picture goes beside the window: snapshots, recordings, a virtual camera, a preview."""

from __future__ import annotations

import webbrowser
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QStandardPaths, pyqtSignal

from stytr_live.errors import StytrError
from stytr_live.media.microphone import Microphone
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
        self._recorder: Recorder | None = None
        self._microphone: Microphone | None = None
        self._camera: VirtualCamera | None = None
        self._preview: Preview | None = None
        self._path: Path | None = None
        self._threads: list[Thread] = []
        session.sinks, session.leaving = self._wrap, self._leave

    @property
    def recording(self) -> bool:
        """Whether a file is being recorded."""
        return self._recorder is not None

    @property
    def sending(self) -> bool:
        """Whether the virtual camera is on."""
        return self._camera is not None

    @property
    def serving(self) -> bool:
        """Whether the preview is on."""
        return self._preview is not None

    def folder(self) -> Path:
        """Where snapshots and recordings go."""
        if self._settings.folder:
            return Path(self._settings.folder)
        kind = QStandardPaths.StandardLocation.MoviesLocation
        return Path(QStandardPaths.writableLocation(kind) or Path.home()) / "StyTR Live"

    def says(self) -> tuple[str, ...]:
        """What is on, for the status line."""
        found = []
        if self._recorder is not None:
            found.append(self.tr("recording, {n} frames left out").format(n=self._recorder.dropped))
        if self._camera is not None:
            found.append(self.tr("virtual camera {name}").format(name=self._camera.device))
        if self._preview is not None:
            found.append(self.tr("preview at {url}").format(url=self._preview.url))
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
        if on and self._recorder is None:
            self._begin_recording()
        elif not on and self._recorder is not None:
            recorder, microphone, path = self._recorder, self._microphone, self._path
            self._recorder = self._microphone = None
            self._detach(recorder)

            def finish() -> None:
                recorder.close()
                if microphone is not None:
                    microphone.close()
                self.failed.emit(self.tr("Recorded: {path}").format(path=path))

            self._beside(finish)
        self.changed.emit()

    def virtual_camera(self, on: bool) -> None:
        """Show the picture to other programs, or end that."""
        if on and self._camera is None:
            self._attempt(self._begin_camera)
        elif not on and self._camera is not None:
            camera, self._camera = self._camera, None
            self._detach(camera)
            self._beside(camera.close)
        self.changed.emit()

    def preview(self, on: bool) -> None:
        """Show the picture in browsers of this machine, or end that."""
        if on and self._preview is None:
            self._attempt(self._begin_preview)
        elif not on and self._preview is not None:
            preview, self._preview = self._preview, None
            self._detach(preview)
            self._beside(preview.close)
        self.changed.emit()

    def close(self) -> None:
        """End all of them and wait for it."""
        for end in (self.record, self.virtual_camera, self.preview):
            end(False)
        for thread in self._threads:
            thread.join()

    def _begin_recording(self) -> None:
        frame = self._session.latest
        if frame is None:
            self.failed.emit(self.tr("There is no picture to record yet."))
            return

        def begin() -> None:
            folder = self.folder()
            folder.mkdir(parents=True, exist_ok=True)
            self._path = folder / f"{datetime.now().astimezone():%Y-%m-%d %H.%M.%S}.mp4"
            if self._settings.microphone:
                self._microphone = Microphone(self._settings.microphone)
            try:
                self._recorder = Recorder(self._path, size=frame.size, rate=Fraction(RATE), microphone=self._microphone)
            except StytrError:
                if self._microphone is not None:
                    self._microphone.close()
                    self._microphone = None
                raise
            self._attach(self._recorder)

        self._attempt(begin)

    def _begin_camera(self) -> None:
        self._camera = VirtualCamera(CAMERA, RATE)
        self._attach(self._camera)

    def _begin_preview(self) -> None:
        self._preview = Preview()
        self._attach(self._preview)
        webbrowser.open(self._preview.url)

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

    def _sides(self) -> list[FrameSink]:
        return [sink for sink in (self._recorder, self._camera, self._preview) if sink is not None]

    def _wrap(self, screen: FrameSink) -> FrameSink:
        """Called by the session's thread for each new stream."""
        self._tee = Tee(screen, on_failure=self._lose)
        for sink in self._sides():
            self._tee.add(sink)
        return self._tee

    def _leave(self) -> None:
        """The stream is going to end, and the side sinks stay."""
        tee, self._tee = self._tee, None
        if tee is not None:
            for sink in self._sides():
                tee.detach(sink)

    def _attach(self, sink: FrameSink) -> None:
        if self._tee is not None:
            self._tee.add(sink)

    def _detach(self, sink: FrameSink) -> None:
        if self._tee is not None:
            self._tee.detach(sink)

    def _lose(self, sink: FrameSink, sentence: str) -> None:
        """Called by the thread that writes: a side sink has failed and is closed."""
        if sink is self._recorder:
            self._recorder = None
        elif sink is self._camera:
            self._camera = None
        elif sink is self._preview:
            self._preview = None
        self.failed.emit(sentence)
        self.changed.emit()
