"""All commands of the window, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QAction, QKeyEvent


class Palette(QDialog):
    """Type a few letters of a command, press Enter."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("All commands"))
        self.resize(460, 420)
        self._search, self._list = QLineEdit(), QListWidget()
        self._search.setPlaceholderText(self.tr("What to do"))
        self._search.setAccessibleName(self.tr("What to do"))
        self._list.setAccessibleName(self.tr("Commands"))
        layout = QVBoxLayout(self)
        layout.addWidget(self._search)
        layout.addWidget(self._list)
        for action in actions:
            name = action.text().replace("&", "").rstrip("…")
            keys = action.shortcut().toString()
            item = QListWidgetItem(f"{name}   {keys}" if keys else name)
            item.setData(Qt.ItemDataRole.UserRole, action)
            self._list.addItem(item)
        self._search.textChanged.connect(self._filter)
        self._search.returnPressed.connect(self._run)
        self._list.itemActivated.connect(lambda _: self._run())
        self._list.setCurrentRow(0)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Up and down move in the list while the search has the focus."""
        if event is not None and event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            row = self._list.currentRow() + step
            while 0 <= row < self._list.count() and self._list.item(row).isHidden():  # type: ignore[union-attr]
                row += step
            if 0 <= row < self._list.count():
                self._list.setCurrentRow(row)
            return
        super().keyPressEvent(event)

    def _filter(self, text: str) -> None:
        first = None
        for row in range(self._list.count()):
            item = self._list.item(row)
            assert item is not None
            item.setHidden(not all(word in item.text().lower() for word in text.lower().split()))
            if first is None and not item.isHidden():
                first = row
        if first is not None:
            self._list.setCurrentRow(first)

    def _run(self) -> None:
        item = self._list.currentItem()
        if item is not None and not item.isHidden():
            action = item.data(Qt.ItemDataRole.UserRole)
            self.accept()
            action.trigger()
