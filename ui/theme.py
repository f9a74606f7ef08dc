"""How the window looks: calm, dark or light, the same on every platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PyQt6.QtCore import QByteArray, QRectF, Qt
from PyQt6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from stytr_live import builtin

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication


class Colours(NamedTuple):
    """Colours of a theme."""

    window: str
    panel: str
    field: str
    line: str
    text: str
    faint: str
    accent: str
    on_accent: str
    warning: str


DARK = Colours("#17171a", "#1f1f23", "#2a2a30", "#36363d", "#ececf1", "#9a9aa6", "#7c9cff", "#10131c", "#5a3d12")
LIGHT = Colours("#f3f3f6", "#ffffff", "#ffffff", "#d6d6de", "#1c1c21", "#6a6a75", "#3a5fd9", "#ffffff", "#fff1d6")


def colours(theme: str) -> Colours:
    """The colours of `dark`, `light` or, for `system`, whichever the system uses; dark where it does not say."""
    if theme == "system":
        hints = QGuiApplication.styleHints()
        light = hints is not None and hints.colorScheme() == Qt.ColorScheme.Light
        return LIGHT if light else DARK
    return LIGHT if theme == "light" else DARK


def apply(app: QApplication, theme: str) -> None:
    """Give the whole application a theme."""
    c = colours(theme)
    app.setStyle("Fusion")
    palette, role = QPalette(), QPalette.ColorRole
    for name, value in (
        (role.Window, c.window), (role.Base, c.field), (role.AlternateBase, c.panel), (role.Button, c.field),
        (role.WindowText, c.text), (role.Text, c.text), (role.ButtonText, c.text), (role.ToolTipBase, c.panel),
        (role.ToolTipText, c.text), (role.Highlight, c.accent), (role.HighlightedText, c.on_accent),
        (role.PlaceholderText, c.faint), (role.Link, c.accent),
    ):  # fmt: skip
        palette.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(c.faint))
    app.setPalette(palette)
    icons = (builtin.folder() / "icons").as_posix()
    tick = "check-light" if c is LIGHT else "check-dark"
    app.setStyleSheet(_SHEET.format(**c._asdict(), icons=icons, tick=tick))


def icon(name: str, theme: str) -> QIcon:
    """One of our icons, in the theme's colour."""
    svg = (builtin.folder() / "icons" / f"{name}.svg").read_text("utf-8")
    result = QIcon()
    c = colours(theme)
    for mode, colour in ((QIcon.Mode.Normal, c.text), (QIcon.Mode.Disabled, c.faint)):
        renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode()))
        for side in (20, 40):
            pixmap = QPixmap(side, side)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            renderer.render(painter, QRectF(0, 0, side, side))
            painter.end()
            result.addPixmap(pixmap, mode)
    return result


_SHEET = """
QMainWindow, QDialog {{ background: {window}; }}
QDockWidget {{ color: {faint}; titlebar-close-icon: none; font-weight: 600; }}
QDockWidget::title {{ background: {panel}; padding: 7px 10px; }}
QDockWidget > QWidget {{ background: {panel}; }}
QToolBar {{ background: {panel}; border: 0; border-bottom: 1px solid {line}; padding: 5px 6px; spacing: 4px; }}
QToolButton {{ border: 1px solid transparent; border-radius: 6px; padding: 5px 7px; }}
QToolButton:hover {{ background: {field}; border-color: {line}; }}
QToolButton:checked {{ background: {accent}; color: {on_accent}; }}
QPushButton {{ background: {field}; border: 1px solid {line}; border-radius: 6px; padding: 6px 14px; }}
QPushButton:hover {{ border-color: {accent}; }}
QPushButton:default {{ background: {accent}; color: {on_accent}; border-color: {accent}; }}
QPushButton:disabled {{ background: {panel}; color: {faint}; border-color: {line}; }}
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit {{
    background: {field}; border: 1px solid {line}; border-radius: 6px; padding: 5px 8px; }}
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QListView:focus {{ border-color: {accent}; }}
QComboBox {{ combobox-popup: 0; }}
QComboBox::drop-down {{ border: 0; width: 24px; }}
QComboBox::down-arrow {{ image: url("{icons}/down.svg"); width: 12px; height: 12px; }}
QCheckBox {{ spacing: 8px; }}
QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {faint}; border-radius: 4px;
    background: {field}; }}
QCheckBox::indicator:hover, QCheckBox::indicator:focus {{ border-color: {accent}; }}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent}; image: url("{icons}/{tick}.svg"); }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QProgressBar {{ background: {line}; border: 0; border-radius: 4px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 4px; }}
QComboBox QAbstractItemView {{ background: {panel}; border: 1px solid {line}; selection-background-color: {accent};
    selection-color: {on_accent}; }}
QListView {{ background: {panel}; border: 1px solid transparent; border-radius: 6px; outline: 0; }}
QListView::item {{ border-radius: 8px; padding: 3px; color: {text}; }}
QListView::item:hover {{ background: {field}; }}
QListView::item:selected, QListView::item:selected:hover {{ background: {accent}; color: {on_accent}; }}
QComboBox QListView::item {{ padding: 5px 8px; border-radius: 4px; }}
QListView::indicator {{ width: 0; height: 0; }}
QSlider::groove:horizontal {{ height: 4px; background: {line}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{ background: {text}; width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; }}
QSlider::handle:horizontal:focus {{ background: {accent}; }}
QStatusBar {{ background: {panel}; border-top: 1px solid {line}; color: {faint}; }}
QMenuBar {{ background: {panel}; }}
QMenuBar::item:selected, QMenu::item:selected {{ background: {accent}; color: {on_accent}; border-radius: 4px; }}
QMenu {{ background: {panel}; border: 1px solid {line}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 20px; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 4px 8px; }}
QLabel#hint, QLabel#faint {{ color: {faint}; }}
QLabel#heading {{ color: {faint}; font-weight: 600; margin-top: 8px; }}
QFrame#notice {{ background: {warning}; border: 0; border-radius: 0; }}
QToolTip {{ background: {panel}; color: {text}; border: 1px solid {line}; padding: 4px; }}
QScrollBar:vertical {{ background: transparent; width: 10px; }}
QScrollBar::handle:vertical {{ background: {line}; border-radius: 4px; min-height: 30px; margin: 2px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
"""
