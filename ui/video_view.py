"""The picture: stored when it comes, painted when the window paints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PyQt6.QtCore import QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QFontDatabase, QPainter, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from stytr_live.frame import Painted
from ui.images import lent

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from stytr_live.frame import Frame, Pixels

HANDLE = 14
"""How near to the dividing line the mouse takes hold of it, in logical pixels."""
STEP = 0.02
"""How far an arrow key moves the dividing line, as a share of the width."""


class VideoView(QWidget):
    """Shows the newest picture, before and after beside each other where wanted, with figures over it."""

    double_clicked = pyqtSignal()

    def __init__(self, newest: Callable[[], Frame | None]) -> None:
        """`newest` gives the picture to show; it is asked in each paint event."""
        super().__init__()
        self._newest = newest
        self._mode, self._fill, self._divide, self._dragging = "after", False, 0.5, False
        self._overlay: tuple[str, ...] = ()
        self._message = ""
        self._lent: list[Pixels] = []
        self.setMinimumSize(320, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Picture"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def mode(self) -> str:
        """`after`, `split` or `side`."""
        return self._mode

    def set_mode(self, mode: str) -> None:
        """Show the painting, the painting beside the picture in one frame (`split`), or both whole (`side`)."""
        self._mode = mode
        self.update()

    def set_fill(self, fill: bool) -> None:
        """Whether the picture fills the view and is cut off, or fits into it."""
        self._fill = fill
        self.update()

    def set_overlay(self, lines: tuple[str, ...]) -> None:
        """Lines over the picture; none hides them. They are never in what is recorded or sent."""
        if lines != self._overlay:
            self._overlay = lines
            self.update()

    def set_message(self, message: str) -> None:
        """What to say where there is no picture yet."""
        self._message = message
        self.update()

    def sizeHint(self) -> QSize:
        """See `QWidget`."""
        return QSize(960, 540)

    def paintEvent(self, _: QPaintEvent | None) -> None:
        """See `QWidget`."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(8, 8, 10))
        frame = self._newest()
        if frame is None:
            painter.setPen(QColor(170, 170, 178))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
        elif self._mode == "side":
            left = QRect(0, 0, self.width() // 2, self.height())
            right = QRect(left.right() + 2, 0, self.width() - left.width() - 1, self.height())
            self._draw(painter, _before(frame), left)
            self._draw(painter, frame.pixels, right)
        else:
            place = self._draw(painter, frame.pixels, self.rect())
            if self._mode == "split":
                self._draw_split(painter, frame, place)
        self._draw_overlay(painter)
        painter.end()
        self._lent.clear()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take hold of the dividing line."""
        if event is not None and self._mode == "split" and abs(event.position().x() - self._line()) <= HANDLE:
            self._dragging = True

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Move the dividing line."""
        if event is None:
            return
        x = event.position().x()
        if self._dragging:
            self._divide = min(1.0, max(0.0, x / max(1, self.width())))
            self.update()
        near = self._mode == "split" and abs(x - self._line()) <= HANDLE
        self.setCursor(Qt.CursorShape.SplitHCursor if near or self._dragging else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, _: QMouseEvent | None) -> None:
        """Let go of the dividing line."""
        self._dragging = False

    def mouseDoubleClickEvent(self, _: QMouseEvent | None) -> None:
        """Full screen and back."""
        self.double_clicked.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """The arrow keys move the dividing line."""
        if event is None:
            return
        step = {Qt.Key.Key_Left: -STEP, Qt.Key.Key_Right: STEP}.get(Qt.Key(event.key()))
        if self._mode == "split" and step is not None:
            self._divide = min(1.0, max(0.0, self._divide + step))
            self.update()
        else:
            super().keyPressEvent(event)

    def _line(self) -> float:
        return self._divide * self.width()

    def _draw(self, painter: QPainter, pixels: Pixels, area: QRect) -> QRect:
        """Draw a picture into an area, and give the rectangle it took."""
        height, width = pixels.shape[:2]
        ratios = area.width() / width, area.height() / height
        scale = max(ratios) if self._fill else min(ratios)
        size = QSize(max(1, round(width * scale)), max(1, round(height * scale)))
        place = QRect(
            area.x() + (area.width() - size.width()) // 2, area.y() + (area.height() - size.height()) // 2,
            size.width(), size.height(),
        )  # fmt: skip
        painter.save()
        painter.setClipRect(area)
        self._put(painter, place, pixels)
        painter.restore()
        return place

    def _put(self, painter: QPainter, place: QRect, pixels: Pixels) -> None:
        fitted = _fitted(pixels, place.size(), self.devicePixelRatioF())
        self._lent.append(fitted)  # until the painter has ended
        painter.drawImage(place, lent(fitted))

    def _draw_split(self, painter: QPainter, frame: Frame, place: QRect) -> None:
        line = self._line()
        painter.save()
        painter.setClipRect(QRectF(0, 0, line, self.height()))
        self._put(painter, place, _before(frame))
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(255, 255, 255, 210), 2))
        painter.drawLine(QPointF(line, 0), QPointF(line, self.height()))
        painter.setBrush(QColor(255, 255, 255, 230))
        painter.drawEllipse(QPointF(line, self.height() / 2), 9, 9)
        painter.setPen(QPen(QColor(40, 40, 46), 1.6))
        for side in (-1, 1):
            x, y = line + 3 * side, self.height() / 2
            painter.drawLine(QPointF(x, y - 3), QPointF(x + 2 * side, y))
            painter.drawLine(QPointF(x + 2 * side, y), QPointF(x, y + 3))

    def _draw_overlay(self, painter: QPainter) -> None:
        if not self._overlay:
            return
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(max(8.0, QFont(self.font()).pointSizeF() * 0.9))
        painter.setFont(font)
        metrics = painter.fontMetrics()
        width = max(metrics.horizontalAdvance(line) for line in self._overlay) + 20
        height = metrics.lineSpacing() * len(self._overlay) + 14
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 150))
        painter.drawRoundedRect(QRectF(12, 12, width, height), 6, 6)
        painter.setPen(QColor(240, 240, 244))
        for i, line in enumerate(self._overlay):
            painter.drawText(22, 12 + 7 + metrics.ascent() + i * metrics.lineSpacing(), line)


def _before(frame: Frame) -> Pixels:
    return frame.before if isinstance(frame, Painted) else frame.pixels


def _fitted(pixels: Pixels, size: QSize, ratio: float) -> Pixels:
    """(H, W, 3) at a logical size. Resized here, which takes a third of the time that Qt takes."""
    width, height = max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio))
    if pixels.shape[:2] == (height, width):
        return np.ascontiguousarray(pixels)
    # Averages of areas take up to twenty times as long, and are better only where much is left out.
    way = cv2.INTER_AREA if 2 * width < pixels.shape[1] else cv2.INTER_LINEAR
    return np.ascontiguousarray(cv2.resize(pixels, (width, height), interpolation=way), np.uint8)
