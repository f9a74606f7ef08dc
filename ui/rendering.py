"""Rendering from the window: the dialog that asks, and the queue that does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, Qt, pyqtSignal

from ui.render_dialog import RenderDialog
from ui.render_queue import RenderQueue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtWidgets import QWidget

    from stytr_live.render.job import RenderJob
    from stytr_live.render.queue import Queue
    from stytr_live.settings import Settings


class Rendering(QObject):
    """Opens the dialog with what is painted live, and hands its jobs to the queue."""

    asked = pyqtSignal()
    """Jobs are in the queue: it wants to be seen."""

    def __init__(self, settings: Settings, window: QWidget, queue: Queue | None = None) -> None:
        """The user's own queue unless told."""
        super().__init__(window)
        self._settings, self._window = settings, window
        self.panel = RenderQueue(queue)
        self._dialog: RenderDialog | None = None

    def ask(self) -> None:
        """Open the dialog; a file that is shown is what is to be rendered, until another one is named."""
        kind, _, path = self._settings.place.partition(":")
        dialog = RenderDialog(self._settings, [path] if kind == "file" else [], self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.wanted.connect(self._add)
        dialog.finished.connect(self._forget)
        self._dialog = dialog
        dialog.open()

    def may_close(self) -> bool:
        """Ask the user, where something is rendered, whether that may be ended."""
        return self.panel.may_close()

    def close(self) -> None:
        """End everything, in good order."""
        if self._dialog is not None:
            self._dialog.reject()
        self.panel.close_queue()

    def _forget(self) -> None:
        self._dialog = None

    def _add(self, jobs: Sequence[RenderJob], totals: Sequence[int | None], now: bool) -> None:
        self.panel.add(jobs, totals, start=now)
        self.asked.emit()
