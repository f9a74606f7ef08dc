"""Play, pause and wind a file."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from ui import theme

STEPS = 1000
"""Positions of the slider."""


class Player(QWidget):
    """A button, a slider and the time. It emits what the user wants; it plays nothing itself."""

    wanted = pyqtSignal(float)
    """Go to this time, in seconds."""
    toggled = pyqtSignal()
    """Play or pause."""

    def __init__(self, look: str) -> None:
        """`look` is the theme."""
        super().__init__()
        self._button, self._slider, self._time = QToolButton(), QSlider(Qt.Orientation.Horizontal), QLabel("0:00")
        self._button.setAccessibleName(self.tr("Play or pause"))
        self._button.setToolTip(self.tr("Play or pause"))
        self._slider.setAccessibleName(self.tr("Position"))
        self._slider.setRange(0, STEPS)
        self._duration, self._paused = 0.0, False
        self.set_look(look)
        self._button.clicked.connect(self.toggled)
        self._slider.sliderMoved.connect(lambda value: self.wanted.emit(value / STEPS * self._duration))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 12, 4)
        for widget in (self._button, self._slider, self._time):
            layout.addWidget(widget)

    def set_look(self, look: str) -> None:
        """Draw the button in a theme."""
        self._play, self._pause = theme.icon("play", look), theme.icon("pause", look)
        self._button.setIcon(self._play if self._paused else self._pause)

    def show_position(self, position: float, duration: float, *, paused: bool) -> None:
        """Show where a file is, in seconds."""
        self._duration, self._paused = duration, paused
        self._button.setIcon(self._play if paused else self._pause)
        if not self._slider.isSliderDown() and duration > 0:
            self._slider.setValue(round(position / duration * STEPS))
        self._time.setText(f"{_clock(position)} / {_clock(duration)}")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
