"""Windows for tests, on a screen that is not there."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QCoreApplication, QEvent
from PyQt6.QtGui import QAction, QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from stytr_live.frame import Painted
from stytr_live.settings import Settings
from ui import theme
from ui.main_window import MainWindow
from ui.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE = 60.0
"""Seconds that something may take on a machine that is busy."""


@pytest.fixture(scope="module")
def app() -> QApplication:
    made = QApplication.instance() or QApplication(["stytr-live"])
    assert isinstance(made, QApplication)
    theme.apply(made, "dark")
    return made


@pytest.fixture(autouse=True)
def _no_slot_fails(app: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nor is garbage collected by any thread but this one, which Qt would not survive."""
    failed: list[BaseException] = []
    monkeypatch.setattr("sys.excepthook", lambda _, error, __: failed.append(error))
    gc.disable()
    yield
    gc.collect()
    gc.enable()
    assert not failed


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    return Settings(place="clip", folder=str(tmp_path / "out"), short_side=64, target=0, cross_fade=0)


@pytest.fixture
def window(app: QApplication, chosen: Settings) -> Iterator[MainWindow]:
    made = MainWindow(chosen, Session())
    made.show()
    yield made
    end(made)


@pytest.fixture
def running(app: QApplication, window: MainWindow) -> MainWindow:
    until(app, lambda: isinstance(window._session.latest, Painted) or window._session.engine._trouble)
    assert window._session.engine._trouble is None
    return window


def end(widget: QWidget) -> None:
    """Close and delete a widget here and now."""
    widget.close()
    widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QCoreApplication.processEvents()


def until(app: QApplication, condition: Callable[[], object]) -> None:
    """Let the window work until something holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never happened"
        app.processEvents()
        QTest.qWait(5)


def moves(app: QApplication, window: MainWindow, count: int = 3) -> None:
    """Pictures keep arriving."""
    seen: list[object] = []

    def more() -> bool:
        if window._session.latest is not None and window._session.latest not in seen:
            seen.append(window._session.latest)
        return len(seen) > count

    until(app, more)


def said(window: MainWindow) -> list[str]:
    """All sentences from now on."""
    sentences: list[str] = []
    tell = window._notice.tell

    def listen(sentence: str, *, stays: bool = False) -> None:
        sentences.append(sentence)
        tell(sentence, stays=stays)

    window._notice.tell = listen  # type: ignore[method-assign]
    return sentences


def heard(sentences: list[str], words: str) -> bool:
    """Whether a sentence with these words was said."""
    return any(words in sentence for sentence in sentences)


def grabbed(widget: object) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)  # type: ignore[attr-defined]
    bits = image.constBits()
    rows = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)


def action(window: MainWindow, name: str) -> QAction:
    return next(a for a in window.commands if a.text().replace("&", "") == name)
