"""MIDI controls drive the window by a table that can be taught; with mido's messages and a backend of its kind."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from threading import Thread
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from PyQt6.QtWidgets import QApplication

from stytr_live import settings
from stytr_live.errors import SettingsError
from ui.midi import TARGETS, Midi, command_of, devices

mido = pytest.importorskip("mido")
ports = pytest.importorskip("mido.ports")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PyQt6.QtCore import QCoreApplication

Said = list[tuple[str, str | None]]


class Input(ports.BaseInput):  # type: ignore[misc,name-defined]
    """What a backend of mido gives for a device: it calls back from a thread, as RtMidi does."""

    opened: ClassVar[list[Input]] = []

    def _open(self, callback: Any = None, **_: Any) -> None:
        if self.name != "Pads":
            raise OSError(f"unknown port {self.name!r}")
        self.callback = callback
        Input.opened.append(self)

    def play(self, *messages: Any) -> None:
        def send() -> None:
            for message in messages:
                self.callback(message)

        thread = Thread(target=send)
        thread.start()
        thread.join()


@pytest.fixture(scope="module")
def app() -> QCoreApplication:
    return QApplication.instance() or QApplication(["stytr-live"])


@pytest.fixture(autouse=True)
def _backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    module: Any = ModuleType("pads_for_tests")
    module.Input = Input
    module.get_devices = lambda **_: [{"name": "Pads", "is_input": True, "is_output": False}]
    monkeypatch.setitem(sys.modules, "pads_for_tests", module)
    before = mido.backend
    Input.opened.clear()
    mido.set_backend("pads_for_tests")
    yield
    mido.set_backend(before)


@pytest.fixture
def said() -> Said:
    return []


@pytest.fixture
def controls() -> dict[str, str]:
    return dict(settings.MIDI)


@pytest.fixture
def listening(app: QCoreApplication, said: Said, controls: dict[str, str]) -> Iterator[Midi]:
    with closing(Midi("Pads", controls, lambda do, value: said.append((do, value)))) as made:
        yield made


def until(app: QCoreApplication, condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it never happened"
        app.processEvents()


def test_devices_are_listed_by_name() -> None:
    assert devices() == ["Pads"]


def test_controls_and_keys_become_commands(app: QCoreApplication, listening: Midi, said: Said) -> None:
    for message, command in (
        (mido.Message("control_change", control=1, value=127), ("strength", "1")),
        (mido.Message("control_change", control=2, value=0), ("cross-fade", "0")),
        (mido.Message("control_change", control=17, value=127), ("weight", "2 1")),
        (mido.Message("note_on", note=62, velocity=90), ("next", None)),
        (mido.Message("note_on", note=65, velocity=1), ("record", "toggle")),
        (mido.Message("program_change", program=4), ("style", "5")),
    ):
        said.clear()
        Input.opened[0].play(message)
        until(app, lambda: said)
        assert said == [command]


def test_what_says_nothing_does_nothing(app: QCoreApplication, listening: Midi, said: Said) -> None:
    Input.opened[0].play(
        mido.Message("note_off", note=62), mido.Message("note_on", note=62, velocity=0), mido.Message("clock"),
        mido.Message("control_change", control=99, value=64), mido.Message("pitchwheel"),
        mido.Message("note_on", note=60, velocity=64),
    )  # fmt: skip
    until(app, lambda: said)
    assert said == [("previous", None)]


def test_of_a_fader_the_newest_value_counts(app: QCoreApplication, listening: Midi, said: Said) -> None:
    Input.opened[0].play(*(mido.Message("control_change", control=1, value=n) for n in range(128)))
    until(app, lambda: said)
    assert said == [("strength", "1")]


def test_a_control_is_taught_what_to_do_and_does_it_at_once(
    app: QCoreApplication, listening: Midi, said: Said, controls: dict[str, str]
) -> None:
    learnt: list[tuple[str, str]] = []
    listening.learnt.connect(lambda control, target: learnt.append((control, target)))
    listening.learn("smoothing")
    Input.opened[0].play(mido.Message("control_change", control=44, value=127))
    until(app, lambda: said)
    assert learnt == [("cc 44", "smoothing")]
    assert controls["cc 44"] == "smoothing"
    assert said == [("smoothing", "1")]


def test_a_device_that_is_not_there_is_said(app: QCoreApplication) -> None:
    with pytest.raises(SettingsError, match="connect it"):
        Midi("Organ", {}, lambda *_: None)


def test_a_missing_package_is_one_sentence_with_a_remedy(
    app: QCoreApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mido", None)
    with pytest.raises(SettingsError, match=r"pip install 'stytr-live\[midi\]'"):
        Midi("Pads", {}, lambda *_: None)


def test_a_table_from_a_file_cannot_say_more_than_there_is() -> None:
    assert command_of("cc 1", 127, {"cc 1": "quit"}) is None
    assert command_of("cc 1", 127, {"cc 1": "open"}) is None
    assert all(command_of("cc 5", 127, {"cc 5": target}) is not None for target in TARGETS)
    assert all(target in TARGETS for target in settings.MIDI.values())
    assert command_of("cc 5", 0, {"cc 5": "record"}) is None  # a button that is let go
