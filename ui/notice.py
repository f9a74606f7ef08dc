"""One sentence across the top of the picture."""

from __future__ import annotations

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

SECONDS = 12
"""How long a sentence is shown."""


class Notice(QFrame):
    """Shows a sentence, which goes by itself or, where something lasts, stays until that is over."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self._text = QLabel()
        self._text.setWordWrap(True)
        close = QToolButton()
        close.setText("×")
        close.setAccessibleName(self.tr("Dismiss"))
        close.setToolTip(self.tr("Dismiss"))
        close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 6, 8, 6)
        layout.addWidget(self._text, 1)
        layout.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SECONDS * 1000)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence that was shown last."""
        return self._text.text()

    def tell(self, sentence: str, *, stays: bool = False) -> None:
        """Show a sentence."""
        self._text.setText(sentence)
        self._text.setAccessibleName(sentence)
        self.show()
        if stays:
            self._timer.stop()
        else:
            self._timer.start()
