"""Collects garbage in the window's thread and in no other.

Python collects in whatever thread happens to allocate, and Qt does not survive that its widgets, pixmaps and timers are
deleted by a thread that is not the window's (pyqtgraph and Calibre do the same). What is loaded at the start is left
out: some 400,000 objects of the networks' libraries stay for good, and looking through them takes the better part of a
second, in which no thread of the program does anything.
"""

from __future__ import annotations

import gc

from PyQt6.QtCore import QObject, QTimer

EVERY = 1000
"""Milliseconds between two looks."""


class Garbage(QObject):
    """Takes over from Python's collector while it lives; `close` gives it back."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        self._was = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self.look)
        self._frozen = False

    def settle(self) -> None:
        """All is loaded: leave it out, and collect what comes after. Called again, it does nothing."""
        if not self._frozen:
            self._frozen = True
            gc.freeze()
            self._timer.start()

    def look(self) -> None:
        """Collect as many generations as Python would."""
        counts = gc.get_count()
        due = [generation for generation in range(3) if counts[generation] > self._thresholds[generation]]
        if due:
            gc.collect(due[-1])

    def close(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        if self._frozen:
            gc.unfreeze()  # at the end of the program all is to be collected
        if self._was:
            gc.enable()
