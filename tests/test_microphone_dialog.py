"""The microphone of recordings is chosen by name, and one sees that it hears something."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtWidgets import QApplication

from stytr_live.media.microphone import MicrophoneInfo, microphone_of
from tests.windows import end
from ui.microphone_dialog import QUIETEST, MicrophoneDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtCore import QCoreApplication

FOUND = [MicrophoneInfo("lavfi:sine=frequency=440", "A tone"), MicrophoneInfo("lavfi:anullsrc", "Silence")]


@pytest.fixture(scope="module")
def app() -> QCoreApplication:
    return QApplication.instance() or QApplication(["stytr-live"])


def until(app: QCoreApplication, condition: Callable[[], object]) -> None:
    limit = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < limit, "it never happened"
        app.processEvents()


def test_the_level_moves_with_what_is_heard(app: QCoreApplication) -> None:
    dialog = MicrophoneDialog("lavfi:sine=frequency=440", FOUND)
    until(app, lambda: dialog.level > -25)  # the tone is at -18 dB
    assert dialog._level.value() > 50
    dialog._devices.setCurrentIndex(dialog._devices.findText("Silence"))
    until(app, lambda: dialog.level < -50)
    assert dialog.level >= QUIETEST
    dialog.reject()
    end(dialog)


def test_what_is_chosen_is_told_when_it_is_accepted_and_not_before(app: QCoreApplication) -> None:
    chosen: list[str] = []
    dialog = MicrophoneDialog("", FOUND)
    dialog.chosen.connect(chosen.append)
    assert dialog._devices.currentData() == ""
    assert "no sound" in dialog._says.text()
    dialog._devices.setCurrentIndex(dialog._devices.findText("A tone"))
    assert not chosen
    dialog.accept()
    assert chosen == ["lavfi:sine=frequency=440"]
    end(dialog)


def test_a_device_that_cannot_be_opened_is_said_in_the_dialog(app: QCoreApplication) -> None:
    dialog = MicrophoneDialog("a device that is not there", FOUND, translated=str.upper)
    until(app, lambda: "CANNOT BE OPENED" in dialog._says.text())
    assert dialog._devices.currentText() == "a device that is not there"  # it may be plugged in later
    dialog.reject()
    end(dialog)


def test_settings_name_microphones_as_the_dialog_does() -> None:
    microphone = microphone_of("lavfi:sine=frequency=440")
    heard: list[object] = []
    microphone.listen(heard.append)
    limit = time.monotonic() + 20
    while not heard:
        assert time.monotonic() < limit
        time.sleep(0.01)
    microphone.close()
