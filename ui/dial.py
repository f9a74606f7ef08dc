"""A slider with its value beside it."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget


class Dial(QWidget):
    """A slider with its value beside it."""

    changed = pyqtSignal(float)

    def __init__(self, name: str, largest: float, *, unit: str = "%", steps: int = 100) -> None:
        """From 0 to `largest`, in so many steps; the unit `%` shows shares."""
        super().__init__()
        self._largest, self._unit, self._steps = largest, unit, steps
        self._slider, self._label = QSlider(Qt.Orientation.Horizontal), QLabel()
        self._slider.setRange(0, steps)
        self._slider.setAccessibleName(name)
        self._slider.setToolTip(name)
        self._label.setMinimumWidth(46)
        self._label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._slider.valueChanged.connect(self._tell)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider)
        layout.addWidget(self._label)

    @property
    def value(self) -> float:
        """What it is set to."""
        return self._slider.value() * self._largest / self._steps

    def set(self, value: float) -> None:
        """Set it, without a signal."""
        self._slider.blockSignals(True)
        self._slider.setValue(round(value / self._largest * self._steps))
        self._slider.blockSignals(False)
        self._show()

    def _tell(self) -> None:
        self._show()
        self.changed.emit(self.value)

    def _show(self) -> None:
        text = f"{self.value:.0%}" if self._unit == "%" else f"{self.value:.2g} {self._unit}"
        self._label.setText(text)
