"""Choose the microphone of recordings, and see that it hears something."""

from __future__ import annotations

from threading import Lock, Thread
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QLabel, QProgressBar, QVBoxLayout, QWidget

from stytr_live.errors import StytrError
from stytr_live.media.microphone import Microphone, MicrophoneInfo, Sound, microphone_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

QUIETEST = -60.0
"""Level at the left end, in decibels of the loudest that there is."""
FALLS = 30.0
"""Decibels that the level falls in a second."""
LOOK = 50
"""Milliseconds between two looks at the level."""


class MicrophoneDialog(QDialog):
    """A list of devices and a level. `chosen` is emitted when it is accepted; nothing is kept here."""

    chosen = pyqtSignal(str)
    """A device, `default`, or nothing."""
    _opened = pyqtSignal(str)

    def __init__(
        self,
        device: str,
        found: Sequence[MicrophoneInfo],
        parent: QWidget | None = None,
        *,
        opener: Callable[[str], Microphone] = microphone_of,
        translated: Callable[[str], str] = str,
    ) -> None:
        """`device` is the one in use, `found` are those that are there; `translated` is for what `opener` raises."""
        super().__init__(parent)
        self._opener, self._translated = opener, translated
        self.setWindowTitle(self.tr("Microphone"))
        self.setMinimumWidth(380)
        self._devices, self._level, self._says = QComboBox(), QProgressBar(), QLabel()
        self._devices.setAccessibleName(self.tr("Microphone"))
        self._devices.addItem(self.tr("None: record without sound"), "")
        self._devices.addItem(self.tr("The system's microphone"), "default")
        for info in found:
            self._devices.addItem(info.name, info.device)
        if self._devices.findData(device) < 0:
            self._devices.addItem(device, device)
        self._devices.setCurrentIndex(self._devices.findData(device))
        self._level.setRange(0, 100)
        self._level.setTextVisible(False)
        self._level.setFixedHeight(8)
        self._level.setAccessibleName(self.tr("Level"))
        self._says.setWordWrap(True)
        self._says.setObjectName("hint")
        self._says.setMinimumHeight(2 * self._says.fontMetrics().lineSpacing() + 4)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(10)
        for widget in (self._devices, self._level, self._says, buttons):
            layout.addWidget(widget)
        self._lock, self._peak, self._shown = Lock(), 0.0, QUIETEST
        self._microphone: Microphone | None = None
        self._turn = 0
        self._devices.currentIndexChanged.connect(self._listen)
        self._opened.connect(self._says.setText)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        self.finished.connect(self._end)
        self._listen()

    @property
    def level(self) -> float:
        """What is shown, in decibels of the loudest that there is."""
        return self._shown

    def accept(self) -> None:
        """Take what is chosen."""
        self.chosen.emit(self._devices.currentData())
        super().accept()

    def _listen(self) -> None:
        """Open what is chosen in a thread, as a device may take seconds to answer."""
        device = self._devices.currentData()
        with self._lock:
            self._turn += 1
            turn, before, self._microphone = self._turn, self._microphone, None
        self._says.setText(self.tr("Opening…") if device else self.tr("Recordings have no sound."))
        Thread(target=self._swap, args=(before, device, turn), name="microphone choice").start()

    def _swap(self, before: Microphone | None, device: str, turn: int) -> None:
        if before is not None:
            before.close()
        if not device:
            return
        try:
            made = self._opener(device)
        except StytrError as error:
            if turn == self._turn:
                self._opened.emit(self._translated(str(error)))
            return
        made.listen(self._hear)
        with self._lock:
            wanted = turn == self._turn
            if wanted:
                self._microphone = made
        if wanted:
            self._opened.emit(self.tr("Say something: the bar should move."))
        else:
            made.close()

    def _hear(self, sound: Sound) -> None:
        peak = float(np.abs(sound.samples).max(initial=0.0))
        with self._lock:
            self._peak = max(self._peak, peak)

    def _look(self) -> None:
        with self._lock:
            peak, self._peak = self._peak, 0.0
        heard = 20 * np.log10(peak) if peak > 0 else QUIETEST
        self._shown = max(QUIETEST, float(heard), self._shown - FALLS * LOOK / 1000)
        self._level.setValue(round(100 * (1 - min(self._shown, 0.0) / QUIETEST)))

    def _end(self) -> None:
        self._timer.stop()
        with self._lock:
            self._turn += 1
            last, self._microphone = self._microphone, None
        if last is not None:  # in a thread: a device may take a second to be let go
            Thread(target=last.close, name="microphone choice").start()
