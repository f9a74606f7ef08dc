"""The window, with its real engine, on a screen that is not there."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from PyQt6.QtCore import QMimeData, QPoint, Qt, QUrl
from PyQt6.QtGui import QAction, QImage
from PyQt6.QtTest import QTest

from stytr_live import builtin, settings
from stytr_live.errors import NetworkError, SourceError, StytrError
from stytr_live.frame import Painted
from tests.windows import (
    PATIENCE,
    _no_slot_fails,
    action,
    app,
    chosen,
    grabbed,
    heard,
    moves,
    running,
    said,
    until,
    window,
)
from ui import sources, theme
from ui.app import _Survive, translate
from ui.palette import Palette

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtWidgets import QApplication

    from stytr_live.media.ports import FrameSource
    from ui.main_window import MainWindow


def test_the_first_thing_anybody_sees_is_a_moving_painting(app: QApplication, running: MainWindow) -> None:
    first = running._session.latest
    assert grabbed(running.view).std() > 20
    until(app, lambda: running._session.latest is not first)
    second = running._session.latest
    assert isinstance(first, Painted)
    assert isinstance(second, Painted)
    assert second.index > first.index
    assert np.abs(second.pixels.astype(int) - second.before).mean() > 5


def test_the_overlay_is_in_the_window_and_not_in_the_picture(app: QApplication, running: MainWindow) -> None:
    until(app, lambda: running.view._overlay)
    lines = running.view._overlay
    assert any("fps" in line for line in lines)
    assert any("latency" in line for line in lines)
    action(running, "Figures over the picture").setChecked(False)
    assert not running.view._overlay


def test_a_style_is_switched_by_key_by_click_and_by_number(app: QApplication, running: MainWindow) -> None:
    known = running.gallery.references()
    running.number_style(3)
    assert list(running._settings.styles) == [known[2]]
    running.step_style(1)
    assert list(running._settings.styles) == [known[3]]
    action(running, "Previous style").trigger()
    assert list(running._settings.styles) == [known[2]]
    until(app, lambda: [s.name for s, _ in running._session._params.styles] == [known[2]])


def test_four_styles_are_mixed_and_no_more(app: QApplication, running: MainWindow) -> None:
    known, said = running.gallery.references(), []
    running._notice.tell = said.append  # type: ignore[method-assign]
    running.choose_style(known[0])
    for reference in known[1:6]:
        running.mix_style(reference)
    assert list(running._settings.styles) == known[:4]
    assert sum(running._settings.styles.values()) == pytest.approx(1)
    assert said
    running.weigh_style(known[1], 0.0)
    assert running._settings.styles[known[1]] == 0
    for reference in known[:4]:
        running.mix_style(reference)
    assert len(running._settings.styles) == 1
    until(app, lambda: len(running._session._params.styles) == 1)


def test_a_dropped_picture_becomes_the_style_and_is_remembered(
    app: QApplication, running: MainWindow, tmp_path: Path
) -> None:
    Image.effect_noise((80, 60), 90).convert("RGB").save(tmp_path / "mine.png")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "mine.png"))])
    assert running.gallery.accept(data)
    until(app, lambda: [s.name for s, _ in running._session._params.styles] == ["mine"])
    assert running._settings.recent == [str(tmp_path / "mine.png")]


def test_a_pasted_image_becomes_the_style_and_has_a_file(app: QApplication, running: MainWindow) -> None:
    image = QImage(60, 50, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    data = QMimeData()
    data.setImageData(image)
    assert running.gallery.accept(data)
    assert Path(next(iter(running._settings.styles))).is_file()
    until(app, lambda: running._session._params.styles[0][0].name.startswith("pasted-"))


def test_what_is_no_picture_is_refused_in_one_sentence(app: QApplication, running: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("no picture")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "text.txt"))])
    before = dict(running._settings.styles)
    assert not running.gallery.accept(data)
    assert running._notice.isVisible()
    assert running._settings.styles == before


def test_a_style_whose_file_is_gone_is_said_and_the_old_one_stays(
    app: QApplication, running: MainWindow, tmp_path: Path
) -> None:
    until(app, lambda: running._session._params.styles)
    before = running._session._params.styles
    running.choose_style(str(tmp_path / "gone.png"))
    until(app, lambda: "gone.png" in running._notice.text)
    assert running._session._params.styles == before


def test_before_and_after_share_the_view(app: QApplication, running: MainWindow) -> None:
    until(app, lambda: isinstance(running._session.latest, Painted))
    action(running, "Built-in clip").trigger()
    running.pause()
    after = grabbed(running.view)
    action(running, "Split before and after").setChecked(True)
    split = grabbed(running.view)
    width = split.shape[1]
    assert np.abs(split[:, : width // 3].astype(int) - after[:, : width // 3]).mean() > 3
    QTest.mousePress(running.view, Qt.MouseButton.LeftButton, pos=QPoint(round(width / 2), 40))
    QTest.mouseMove(running.view, QPoint(10, 40))
    running.view.mouseReleaseEvent(None)
    assert running.view._divide < 0.6
    action(running, "Side by side").setChecked(True)
    assert running.view.mode == "side"


def test_a_file_is_paused_wound_and_played(app: QApplication, running: MainWindow) -> None:
    source = running._session.source
    assert source is not None
    running.pause()
    assert source.paused  # type: ignore[attr-defined]
    running._seek(4.0)
    until(app, lambda: running._session.latest is not None and float(running._session.latest.time) >= 0)
    running.pause()
    assert not source.paused  # type: ignore[attr-defined]


def test_changing_the_source_keeps_the_last_picture_until_the_next_one(
    app: QApplication, running: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, opener, before = Event(), sources.opener, running._session._pipeline

    def later(*args: Any, **kwargs: Any) -> Callable[[], FrameSource]:
        opened = opener(*args, **kwargs)

        def at_the_gate() -> FrameSource:
            assert gate.wait(PATIENCE)
            return opened()

        return at_the_gate

    monkeypatch.setattr(sources, "opener", later)
    running.open_place("pattern")
    try:
        assert before is not None
        assert before.wait(PATIENCE)  # the stream before has ended, the next one has not begun
        last = running._session.latest
        app.processEvents()
        assert running._session.latest is last
        assert grabbed(running.view).std() > 20
    finally:
        gate.set()
    until(app, lambda: running._session.latest is not last and running._session.source is not None)
    assert running._settings.place == "pattern"


def test_a_source_that_cannot_be_opened_is_said_and_the_window_goes_on(app: QApplication, running: MainWindow) -> None:
    running.open_place("file:/nowhere/at/all.mp4")
    until(app, lambda: "all.mp4" in running._notice.text)
    last = running._session.latest
    running.open_place("clip")
    until(app, lambda: running._session.latest is not last)


def test_a_recording_and_a_snapshot_are_files(app: QApplication, running: MainWindow, tmp_path: Path) -> None:
    action(running, "Record").setChecked(True)
    assert running.outputs.recording
    until(app, lambda: any("recording" in what for what in running.outputs.says()))  # its file is open
    first = running._session.latest
    until(app, lambda: first is not None and running._session.latest.index > first.index + 10)  # type: ignore[union-attr]
    running.open_place("pattern")  # the recording stays
    last = running._session.latest
    until(app, lambda: running._session.latest is not last)
    action(running, "Record").setChecked(False)
    action(running, "Snapshot").trigger()
    folder = tmp_path / "out"
    until(app, lambda: len(list(folder.glob("*.mp4"))) == 1 and len(list(folder.glob("*.png"))) == 1)
    until(app, lambda: not list(folder.glob("*.part*")))
    with Image.open(next(folder.glob("*.png"))) as picture:
        assert "mosaic" in picture.info["Style"]


def test_a_virtual_camera_that_is_missing_says_what_to_install(app: QApplication, running: MainWindow) -> None:
    action(running, "Virtual camera").setChecked(True)
    until(app, lambda: not running.outputs.sending)
    until(app, lambda: any(remedy in running._notice.text for remedy in ("pip install", "v4l2loopback")))
    assert not action(running, "Virtual camera").isChecked()


def test_an_exception_in_a_slot_is_shown_and_survived(
    app: QApplication, running: MainWindow, caplog: pytest.LogCaptureFixture
) -> None:
    survive = _Survive(running)
    survive(SourceError, SourceError("The camera is gone; plug it in again."), None)
    assert running._notice.text == "The camera is gone; plug it in again."
    survive(ZeroDivisionError, ZeroDivisionError("x"), None)
    assert "log" in running._notice.text
    caplog.clear()
    caplog.get_records("call").clear()


def test_settings_survive_a_restart(app: QApplication, running: MainWindow) -> None:
    running.want("strength", 0.4)
    running.number_style(2)
    running.gallery.toggle_favourite(running.gallery.references()[4])
    running.close()
    again = settings.load()
    assert (again.strength, again.place) == (0.4, "clip")
    assert again.styles == running._settings.styles
    assert len(again.favourites) == 1
    assert again.geometry


def test_favourites_come_first_and_search_narrows(app: QApplication, window: MainWindow) -> None:
    last = window.gallery.references()[-1]
    window.gallery.toggle_favourite(last)
    assert window.gallery.references()[0] == last
    window.gallery._search.setText("mos")
    assert window.gallery.references() == ["mosaic"]


def test_every_action_has_a_name_and_shortcuts_do_not_clash(window: MainWindow) -> None:
    keys: dict[str, str] = {}
    for made in (*window.commands, *window.rendering.panel.commands):
        for shortcut in made.shortcuts():
            text = shortcut.toString()
            assert text not in keys, f"{text}: {made.text()} and {keys[text]}"
            keys[text] = made.text()
    assert len(keys) > 30


def test_the_palette_finds_a_command_and_runs_it(app: QApplication, window: MainWindow) -> None:
    done = []
    window.step_style = done.append  # type: ignore[method-assign]
    probe = QAction("Next style", window)
    probe.triggered.connect(lambda: done.append(1))
    palette = Palette([QAction("Something else", window), probe], window)
    palette._search.setText("next")
    palette._run()
    assert done == [1]


def test_full_screen_hides_everything_else_and_escape_brings_it_back(app: QApplication, window: MainWindow) -> None:
    action(window, "Full screen").setChecked(True)
    assert not window._bar.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window._bar.isVisible()
    assert not window.isFullScreen()


def network_choice(window: MainWindow, name: str) -> QAction:
    return next(made for made in window.commands if made.data() == ("network", name))


def test_another_network_takes_over_while_the_picture_moves(app: QApplication, running: MainWindow) -> None:
    engine, pipeline, before = running._session.engine, running._session._pipeline, running._session.latest
    network_choice(running, "stytr2").setChecked(True)
    assert running._notice.text == "Loading the network…"
    until(app, lambda: engine.network == "stytr2")
    moves(app, running)
    painted = running._session.latest
    assert isinstance(painted, Painted)
    assert isinstance(before, Painted)
    assert painted.index > before.index
    assert not np.array_equal(painted.pixels, painted.before)
    assert running._settings.network == "stytr2"
    until(app, lambda: any("stytr2" in figure for figure in running.view._overlay))
    network_choice(running, "lite").setChecked(True)  # is there still: the next frame has it
    until(app, lambda: engine.network == "lite")
    moves(app, running)
    assert running._session._pipeline is pipeline
    assert not network_choice(running, "stytr2").isChecked()


def test_a_network_that_cannot_be_loaded_is_said_and_the_present_one_goes_on(
    app: QApplication, running: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise NetworkError(f"The weights of '{name}' are damaged; install the program again.")

    monkeypatch.setattr("stytr_live.networks.load_network", missing)
    sentences = said(running)
    network_choice(running, "stytr2").setChecked(True)
    until(app, lambda: heard(sentences, "are damaged"))
    until(app, lambda: network_choice(running, "lite").isChecked())
    assert not network_choice(running, "stytr2").isChecked()
    assert running._settings.network == running._session.engine.network == "lite"
    moves(app, running)


def test_both_themes_and_all_icons_can_be_drawn(app: QApplication, window: MainWindow) -> None:
    for name in ("light", "dark"):
        action(window, {"light": "Light", "dark": "Dark"}[name]).setChecked(True)
        assert window._settings.theme == name
    for path in (builtin.folder() / "icons").glob("*.svg"):
        assert not theme.icon(path.stem, "dark").pixmap(20, 20).isNull()


def test_every_place_that_settings_remember_has_a_name_and_an_icon() -> None:
    for key in (
        "clip",
        "screen",
        "pattern",
        "file:/a/film.mp4",
        "stream:rtsp://host/1",
        "camera:/dev/video9",
        "nonsense",
    ):
        choice = sources.choice_of(key)
        assert choice.name
        assert (builtin.folder() / "icons" / f"{choice.icon}.svg").is_file()


@pytest.mark.skipif(os.environ.get("QT_QPA_PLATFORM") != "offscreen", reason="moves the pointer of a real screen")
def test_the_window_is_never_blocked_for_long_while_it_runs(app: QApplication, running: MainWindow) -> None:
    longest, end = 0.0, time.monotonic() + 2
    last = time.monotonic()
    while time.monotonic() < end:
        app.processEvents()
        now = time.monotonic()
        longest, last = max(longest, now - last), now
        time.sleep(0.001)
        last = time.monotonic()
    assert longest < 0.5  # a quiet machine is far below; this only finds what waits for something


def test_other_programs_drive_the_window(app: QApplication, window: MainWindow, tmp_path: Path) -> None:
    window.obey("style", "woodcut")
    window.obey("mix", "neon")
    assert list(window._settings.styles) == ["woodcut", "neon"]
    window.obey("strength", "0.25")
    window.obey("keep-colours", "on")
    window.obey("open", "pattern")
    assert (window._settings.strength, window._settings.keep_colours, window._place) == (0.25, True, "pattern")
    for do, value in (
        ("style", "nothing at all"),
        ("strength", "2"),
        ("record", "maybe"),
        ("dance", None),
        ("open", None),
    ):
        with pytest.raises(StytrError):
            window.obey(do, value)


def test_osc_drives_the_window_once_it_is_switched_on(app: QApplication, window: MainWindow) -> None:
    builder = pytest.importorskip("pythonosc.osc_message_builder")
    known = window.styles()
    window._settings.osc_port = 0  # any that is free
    action(window, "OSC").setChecked(True)
    assert window.remotes.port > 0

    def send(address: str, *values: object) -> None:
        message = builder.OscMessageBuilder(address)
        for value in values:
            message.add_arg(value)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.sendto(message.build().dgram, ("127.0.0.1", window.remotes.port))

    send("/stytr/strength", 0.25)
    until(app, lambda: window._settings.strength == 0.25)
    send("/stytr/mix", 0.75, 0.0, 0.25)
    until(app, lambda: window._settings.styles == {known[0]: 0.75, known[2]: 0.25})
    send("/stytr/style", 4)
    until(app, lambda: list(window._settings.styles) == [known[3]])
    send("/stytr/strength", 7.0)  # said, and nothing else
    until(app, lambda: "will not do" in window._notice.text)
    assert window._settings.osc
    action(window, "OSC").setChecked(False)
    assert (window._settings.osc, window.remotes.port) == (False, 0)


def test_faders_mix_the_first_styles_and_four_at_most(app: QApplication, window: MainWindow) -> None:
    known = window.styles()
    window.obey("weight", "1 1")
    window.obey("weight", "3 1")
    assert window._settings.styles == {known[0]: 0.5, known[2]: 0.5}
    window.obey("weight", "1 0")
    assert window._settings.styles == {known[2]: 1}
    window.obey("weight", "3 0")  # all down: what is painted stays
    assert window._settings.styles == {known[2]: 1}
    window.obey("weights", "0.1 0.2 0.3 0.4 0.5")
    assert list(window._settings.styles) == known[1:5]
    for wrong in ("", "x", "0 0", "-1", "nan"):
        with pytest.raises(StytrError):
            window.obey("weights", wrong)
    window.obey("record", "toggle")  # there is no picture, maybe: then it is said
    window.obey("keep-colours", "toggle")
    assert window._settings.keep_colours


def test_what_the_engine_says_is_shown_in_the_window_s_language(app: QApplication, window: MainWindow) -> None:
    installed = translate(app, "zh_CN")
    try:
        window._session.failed.emit("The microphone 'Röde' ended.")
        assert window._notice.text == "麦克风“Röde”已停止。"
    finally:
        for translator in installed:
            app.removeTranslator(translator)
