"""OSC drives the window, over a real socket, and nobody can do harm by it."""

from __future__ import annotations

import builtins
import socket
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtWidgets import QApplication

from stytr_live import control
from stytr_live.errors import SettingsError
from ui.osc import Osc, command_of

osc = pytest.importorskip("pythonosc.osc_message_builder")
bundles = pytest.importorskip("pythonosc.osc_bundle_builder")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PyQt6.QtCore import QCoreApplication

Said = list[tuple[str, str | None]]


@pytest.fixture(scope="module")
def app() -> QCoreApplication:
    return QApplication.instance() or QApplication(["stytr-live"])


@pytest.fixture
def said() -> Said:
    return []


@pytest.fixture
def listening(app: QCoreApplication, said: Said) -> Iterator[Osc]:
    def handle(do: str, value: str | None) -> None:
        if value == "nowhere":
            raise SettingsError("There is no such style.")
        said.append((do, value))

    with closing(Osc(0, handle)) as made:
        yield made


def message(address: str, *values: object) -> bytes:
    builder = osc.OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return bytes(builder.build().dgram)


def send(listening: Osc, *datagrams: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        for datagram in datagrams:
            line.sendto(datagram, ("127.0.0.1", listening.port))


def until(app: QCoreApplication, condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it never happened"
        app.processEvents()


def test_messages_become_commands(app: QCoreApplication, listening: Osc, said: Said) -> None:
    for datagram, command in (
        (message("/stytr/strength", 0.25), ("strength", "0.25")),
        (message("/stytr/style", "woodcut"), ("style", "woodcut")),
        (message("/stytr/style", 3), ("style", "3")),
        (message("/stytr/mix", 0.5, 0.0, 0.25, 0.0, 0.25), ("weights", "0.5 0 0.25 0 0.25")),
        (message("/stytr/cross-fade", 2.0), ("cross-fade", "2")),
        (message("/stytr/smoothing", 0.5), ("smoothing", "0.5")),
        (message("/stytr/next"), ("next", None)),
        (message("/stytr/previous", 1), ("previous", None)),
        (message("/stytr/snapshot", 1.0), ("snapshot", None)),
        (message("/stytr/record", 1), ("record", "on")),
        (message("/stytr/record", 0), ("record", "off")),
        (message("/stytr/keep-colours", True), ("keep-colours", "on")),  # noqa: FBT003
    ):
        said.clear()
        send(listening, datagram)
        until(app, lambda: said)
        assert said == [command]


def test_messages_in_a_bundle_are_done_one_after_the_other(app: QCoreApplication, listening: Osc, said: Said) -> None:
    builder = bundles.OscBundleBuilder(bundles.IMMEDIATELY)
    for address, value in (("/stytr/style", "neon"), ("/stytr/strength", 0.5)):
        part = osc.OscMessageBuilder(address)
        part.add_arg(value)
        builder.add_content(part.build())
    send(listening, builder.build().dgram)
    until(app, lambda: len(said) == 2)
    assert said == [("style", "neon"), ("strength", "0.5")]


def test_of_a_fader_that_sends_too_much_the_newest_counts(app: QCoreApplication, listening: Osc, said: Said) -> None:
    send(listening, *(message("/stytr/strength", n / 128) for n in range(129)))
    until(app, lambda: said and said[-1] == ("strength", "1"))
    assert len(said) < 20


def test_nonsense_and_what_may_not_be_said_from_outside_do_nothing(
    app: QCoreApplication, listening: Osc, said: Said
) -> None:
    send(
        listening, b"", b"\xff" * 100, b"/stytr/strength", message("/other/strength", 0.5), message("/stytr/quit"),
        message("/stytr/open", "/etc/passwd"), message("/stytr/style", "/etc/passwd"), message("/stytr/style", "../a"),
        message("/stytr/strength", "much"), message("/stytr/strength"), message("/stytr/strength", float("nan")),
        message("/stytr/next", 0), message("/stytr/mix", *[0.5] * 100), b"#bundle\0" * 4000,
    )  # fmt: skip
    send(listening, message("/stytr/next"))
    until(app, lambda: said)
    assert said == [("next", None)]


def test_what_cannot_be_done_is_said(app: QCoreApplication, listening: Osc) -> None:
    sentences: list[str] = []
    listening.failed.connect(sentences.append)
    send(listening, message("/stytr/style", "nowhere"))
    until(app, lambda: sentences)
    assert sentences == ["There is no such style."]


def test_a_port_that_is_taken_is_said(app: QCoreApplication, listening: Osc) -> None:
    with pytest.raises(SettingsError, match="choose another one"):
        Osc(listening.port, lambda *_: None)


def test_other_machines_cannot_reach_it(listening: Osc) -> None:
    assert listening._socket.localAddress().toString() == "127.0.0.1"


def test_a_missing_package_is_one_sentence_with_a_remedy(
    app: QCoreApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pythonosc.osc_packet", None)
    with pytest.raises(SettingsError, match=r"pip install 'stytr-live\[osc\]'"):
        Osc(0, lambda *_: None)


def test_every_address_in_the_help_is_understood() -> None:
    values = {"f": 0.5, "s|i": "neon", "fff…": 0.5, "i": 1}
    for line in control.OSC:
        address, _, kind = line.partition(" ")
        assert command_of(address, [values[kind]] if kind else []) is not None
    assert builtins.len(control.OSC) >= 8
