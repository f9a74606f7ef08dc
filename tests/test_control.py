"""Other programs of the user drive the window, and nobody else does."""

from __future__ import annotations

import json
import socket
import stat
import subprocess
import sys
import time
from contextlib import closing
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtWidgets import QApplication

from stytr_live import control
from stytr_live.errors import SettingsError, StytrError
from ui.commands import number, switch
from ui.listener import Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PyQt6.QtCore import QCoreApplication

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there it is a pipe")


@pytest.fixture(scope="module")
def app() -> QCoreApplication:
    return QApplication.instance() or QApplication(["stytr-live"])


@pytest.fixture
def said() -> list[tuple[str, str | None]]:
    return []


@pytest.fixture
def path(app: QCoreApplication, tmp_path: Path, said: list[tuple[str, str | None]]) -> Iterator[Path]:
    def handle(do: str, value: str | None) -> None:
        if do == "fail":
            raise SettingsError("That will not do.")
        said.append((do, value))

    with closing(Listener(tmp_path / "run" / "control.sock", handle)):
        yield tmp_path / "run" / "control.sock"


def beside(app: QCoreApplication, work: Callable[[], object]) -> object:
    """Do something in a thread while the window works; what it gave or raised."""
    result: list[object] = []

    def run() -> None:
        try:
            result.append(work())
        except (StytrError, OSError) as error:
            result.append(error)

    thread = Thread(target=run)
    thread.start()
    end = time.monotonic() + 20
    while thread.is_alive() and time.monotonic() < end:
        app.processEvents()
        thread.join(0.005)
    thread.join(1)
    return result[0]


def test_a_command_arrives_and_its_answer_returns(
    app: QCoreApplication, path: Path, said: list[tuple[str, str | None]]
) -> None:
    assert beside(app, lambda: control.send("style", "wävé.jpg", path=path)) is None
    assert beside(app, lambda: control.send("next", path=path)) is None
    assert said == [("style", "wävé.jpg"), ("next", None)]
    assert str(beside(app, lambda: control.send("fail", path=path))) == "That will not do."


def test_only_the_user_may_enter(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("message", [b"\n", b"[]\n", b"nonsense\n", b'{"do": 1}\n', b'{"do": "x", "value": {}}\n',
                                     b"[" * 30_000 + b"\n", b"\xff\xfe\n"])  # fmt: skip
def test_nonsense_is_answered_and_does_nothing(
    app: QCoreApplication, path: Path, said: list[tuple[str, str | None]], message: bytes
) -> None:
    def talk() -> bytes:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(path))
            line.sendall(message)
            return line.makefile("rb").readline()

    assert "error" in json.loads(beside(app, talk))  # type: ignore[arg-type]
    assert not said


def test_a_message_without_end_is_cut_off(app: QCoreApplication, path: Path) -> None:
    def talk() -> bytes:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(path))
            for _ in range(64):
                line.sendall(b"x" * 4096)
            return line.recv(10)

    assert beside(app, talk) == b"" or isinstance(beside(app, talk), OSError)


def test_without_a_window_it_is_said_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(StytrError, match="start it first"):
        control.send("next", path=tmp_path / "control.sock")


def test_a_socket_left_by_a_killed_window_is_taken_over(app: QCoreApplication, tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    code = f"import socket; s = socket.socket(socket.AF_UNIX); s.bind({str(path)!r}); s.listen()"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert path.exists()
    with closing(Listener(path, lambda *_: None)) as listener:
        assert listener.listening


def test_a_second_window_leaves_the_first_one_its_socket(app: QCoreApplication, path: Path) -> None:
    with closing(Listener(path, lambda *_: None)) as second:
        assert not second.listening
    assert beside(app, lambda: control.send("next", path=path)) is None


def test_values_are_checked() -> None:
    assert number("0.5", 0, 1) == 0.5
    assert (switch("on"), switch("off"), switch("toggle")) == (True, False, None)
    for wrong in (None, "", "2", "nan", "x"):
        with pytest.raises(SettingsError):
            number(wrong, 0, 1)
        with pytest.raises(SettingsError):
            switch(wrong)
