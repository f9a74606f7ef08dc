"""How it is painted: the mixture, its strength, and what holds the rate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from stytr_live.settings import SIDES
from ui.dial import Dial

if TYPE_CHECKING:
    from stytr_live.settings import Settings

RATES = (0, 15, 24, 25, 30, 50, 60)
"""Rates to hold, in frames a second; 0 holds none."""


class ControlPanel(QWidget):
    """Sliders and choices. It emits what the user wants; it changes nothing itself."""

    wanted = pyqtSignal(str, object)
    """A setting's name and its new value."""
    weighted = pyqtSignal(str, float)
    """A style of the mixture and its new weight."""
    removed = pyqtSignal(str)
    """A style to take out of the mixture."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._mixture = QVBoxLayout()
        self._mixture.setSpacing(2)
        self.strength = Dial(self.tr("Strength"), 1.0)
        self.cross_fade = Dial(self.tr("Cross-fade"), 10.0, unit="s")
        self.smoothing = Dial(self.tr("Smoothing"), 1.0, unit="s")
        self.keep_colours = QCheckBox(self.tr("Keep the colours of the picture"))
        self.skip_unchanged = QCheckBox(self.tr("Skip what does not change"))
        self.side, self.rate = QComboBox(), QComboBox()
        for side in SIDES:
            self.side.addItem(self.tr("{side} pixels").format(side=side), side)
        for rate in RATES:
            self.rate.addItem(self.tr("{rate} a second").format(rate=rate) if rate else self.tr("as it comes"), rate)
        self.side.setAccessibleName(self.tr("Working size"))
        self.rate.setAccessibleName(self.tr("Rate to hold"))
        self.note = QLabel()
        self.note.setObjectName("faint")
        self.note.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 12)
        layout.addWidget(_heading(self.tr("Mixture")))
        layout.addLayout(self._mixture)
        layout.addWidget(_heading(self.tr("Painting")))
        layout.addLayout(
            _form((self.tr("Strength"), self.strength), (self.tr("Cross-fade"), self.cross_fade),
                  (self.tr("Smoothing"), self.smoothing))
        )  # fmt: skip
        layout.addWidget(self.keep_colours)
        layout.addWidget(_heading(self.tr("Speed")))
        layout.addLayout(_form((self.tr("Working size"), self.side), (self.tr("Rate to hold"), self.rate)))
        layout.addWidget(self.skip_unchanged)
        layout.addWidget(self.note)
        layout.setSpacing(8)
        layout.addStretch()
        self.show_settings(settings)
        self.strength.changed.connect(lambda value: self.wanted.emit("strength", value))
        self.cross_fade.changed.connect(lambda value: self.wanted.emit("cross_fade", value))
        self.smoothing.changed.connect(lambda value: self.wanted.emit("smoothing", value))
        self.keep_colours.toggled.connect(lambda on: self.wanted.emit("keep_colours", on))
        self.skip_unchanged.toggled.connect(lambda on: self.wanted.emit("skip_unchanged", on))
        self.side.activated.connect(lambda _: self.wanted.emit("short_side", self.side.currentData()))
        self.rate.activated.connect(lambda _: self.wanted.emit("target", float(self.rate.currentData())))

    def show_settings(self, settings: Settings) -> None:
        """Show what is set, without a signal."""
        self.strength.set(settings.strength)
        self.cross_fade.set(settings.cross_fade)
        self.smoothing.set(settings.smoothing)
        for box, on in ((self.keep_colours, settings.keep_colours), (self.skip_unchanged, settings.skip_unchanged)):
            _quietly(box, "setChecked", on)
        _quietly(self.side, "setCurrentIndex", max(0, self.side.findData(settings.short_side)))
        _quietly(self.rate, "setCurrentIndex", max(0, self.rate.findData(round(settings.target))))

    def show_styles(self, styles: dict[str, float]) -> None:
        """Show the mixture: a slider for each of its styles, where there is more than one."""
        rows = [self._mixture.itemAt(i) for i in range(self._mixture.count())]
        shown = [w.property("reference") for row in rows if row is not None and (w := row.widget()) is not None]
        if shown == list(styles):
            return
        while (item := self._mixture.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for reference, weight in styles.items():
            self._mixture.addWidget(self._row(reference, weight, alone=len(styles) == 1))

    def _row(self, reference: str, weight: float, *, alone: bool) -> QWidget:
        name = Path(reference).stem.replace("_", " ")
        row = QWidget()
        row.setProperty("reference", reference)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        label = QLabel(name)
        label.setFixedWidth(84)
        label.setToolTip(reference)
        layout.addWidget(label)
        if alone:
            layout.addStretch()
            return row
        dial = Dial(self.tr("Weight of {name}").format(name=name), 1.0)
        dial.set(weight)
        dial.changed.connect(lambda value: self.weighted.emit(reference, value))
        remove = QToolButton()
        remove.setText("×")
        remove.setToolTip(self.tr("Take {name} out").format(name=name))
        remove.setAccessibleName(remove.toolTip())
        remove.clicked.connect(lambda: self.removed.emit(reference))
        layout.addWidget(dial)
        layout.addWidget(remove)
        return row


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("heading")
    label.setIndent(0)
    return label


def _form(*rows: tuple[str, QWidget]) -> QFormLayout:
    form = QFormLayout()
    form.setVerticalSpacing(10)
    form.setHorizontalSpacing(10)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    for name, widget in rows:
        form.addRow(name, widget)
    return form


def _quietly(widget: QWidget, method: str, value: Any) -> None:
    widget.blockSignals(True)
    getattr(widget, method)(value)
    widget.blockSignals(False)
