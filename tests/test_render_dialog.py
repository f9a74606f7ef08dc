"""The render dialog and the panel of the queue, with a real queue, on a screen that is not there."""

# ruff: noqa: F401, F811  (fixtures of tests.windows)

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from PyQt6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMessageBox, QPlainTextEdit, QPushButton, QToolButton

from stytr_live.media.encoders import Encoding
from stytr_live.render.job import Progress, RenderJob
from stytr_live.render.queue import Queue
from stytr_live.render.queue_entry import State, preview_of
from stytr_live.settings import Settings
from tests.test_render import make_clip
from tests.windows import _no_slot_fails, app, end, until
from ui import theme
from ui.render_dialog import RenderDialog
from ui.render_queue import RenderQueue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(tmp_path / "queue")


@pytest.fixture
def panel(app: QApplication, queue: Queue) -> Iterator[RenderQueue]:
    made = RenderQueue(queue)
    made.resize(340, 640)
    made.show()
    yield made
    made.close_queue()
    end(made)


@pytest.fixture
def said(panel: RenderQueue) -> list[str]:
    sentences: list[str] = []
    panel.failed.connect(sentences.append)
    return sentences


def job(folder: Path, name: str, **options: Any) -> RenderJob:
    look: dict[str, Any] = {"styles": (("mosaic", 1.0),), "short_side": 32} | options
    return RenderJob(input=folder / f"{name}.mp4", output=folder / f"{name}_out.mp4", **look)


def order(panel: RenderQueue) -> list[int]:
    return [entry.id for entry in panel.entries()]


def press(panel: RenderQueue, text: str) -> None:
    button = next(b for b in panel.findChildren(QToolButton) if b.text() == text)
    assert button.isEnabled()
    button.click()


def choose(panel: RenderQueue, *numbers: int) -> None:
    for row, entry in enumerate(panel.entries()):
        item = panel._list.item(row)
        assert item is not None
        item.setSelected(entry.id in numbers)


# The panel


def test_the_panel_follows_the_queue_whoever_changes_it(
    app: QApplication, panel: RenderQueue, queue: Queue, tmp_path: Path
) -> None:
    until(app, lambda: "Nothing" in panel._total.text())
    queue.add([job(tmp_path, "a"), job(tmp_path, "b")], [100, 50])
    until(app, lambda: order(panel) == [1, 2])
    with queue.run():
        queue.take()
        queue.wanted(1, Progress(50, 100, 10.0, 5.0, 5.0))
        Image.new("RGB", (480, 270), (200, 30, 30)).save(preview_of(queue.path / "1"), "JPEG")
        until(app, lambda: "rendering" in panel._list.item(0).data(Qt.ItemDataRole.AccessibleTextRole))  # type: ignore[union-attr]
        until(app, panel._picture.isVisible)
        assert "0:10 left" in panel._total.text()  # 5 s of the first, 50 frames of the second at 10 a second
        shown = panel.grab().toImage()
        middle = shown.pixelColor(panel._picture.geometry().center() * panel.devicePixelRatioF())
        assert middle.red() > 150 > 80 > middle.blue()
        assert not next(b for b in panel.findChildren(QToolButton) if b.text() == "Start").isEnabled()
        queue.end(1, State.FAILED, error="The disk is gone; plug it in again.", frame=49, time=4.9)
    until(app, lambda: panel.entries()[0].state is State.FAILED)
    choose(panel, 1)
    assert panel._about.text() == "The disk is gone; plug it in again."
    press(panel, "Failures")
    report = panel.findChildren(QPlainTextEdit)[0]
    assert "a.mp4' after frame 49 at 0:04.90" in report.toPlainText()
    report.window().close()  # type: ignore[union-attr]
    press(panel, "Retry")
    until(app, lambda: panel.entries()[0].state is State.WAITING)


def test_buttons_keys_and_dragging_change_the_queue(
    app: QApplication, panel: RenderQueue, queue: Queue, tmp_path: Path, said: list[str]
) -> None:
    queue.add([job(tmp_path, name) for name in "abcd"])
    until(app, lambda: order(panel) == [1, 2, 3, 4])
    choose(panel, 1, 2)
    press(panel, "Pause")
    until(app, lambda: [e.state for e in queue.entries()] == [State.PAUSED] * 2 + [State.WAITING] * 2)
    until(app, lambda: panel.entries()[0].state is State.PAUSED)
    assert {entry.id for entry in panel._chosen()} == {1, 2}  # what is chosen stays chosen
    choose(panel, 2)
    press(panel, "Resume")
    choose(panel, 3)
    press(panel, "Cancel")
    until(app, lambda: [e.state for e in queue.entries()][1:3] == [State.WAITING, State.CANCELLED])
    choose(panel, 4)
    panel._list.setFocus()
    QTest.keyClick(panel._list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    until(app, lambda: order(panel) == [1, 2, 4, 3])
    rows = panel._list
    choose(panel, 1)
    rows.setCurrentRow(0)
    # what the view does where a row is dropped
    rows.model().moveRow(rows.rootIndex(), 0, rows.rootIndex(), 3)  # type: ignore[union-attr]
    until(app, lambda: [e.id for e in queue.entries()] == [2, 4, 1, 3])
    until(app, lambda: order(panel) == [2, 4, 1, 3])
    choose(panel, 2, 4)
    QTest.keyClick(panel._list, Qt.Key.Key_Delete)
    until(app, lambda: order(panel) == [1, 3])
    assert not said
    panel._keeper.do(lambda q: q.pause([99]))
    until(app, lambda: said)
    assert "no entry 99" in said[0]


def test_the_window_s_process_renders_and_survives_being_ended(
    app: QApplication,
    panel: RenderQueue,
    queue: Queue,
    tmp_path: Path,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_clip(tmp_path / "long.mp4", 700)
    make_clip(tmp_path / "clip.mp4")
    assert panel.may_close()
    panel.add([job(tmp_path, "long"), job(tmp_path, "clip")], [700, 12], start=True)
    until(app, lambda: panel.renders and panel.entries() and panel.entries()[0].status.frames)
    asked: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.text())
        next(b for b in box.findChildren(QPushButton) if b.text() == "Go on rendering").click()

    QTimer.singleShot(0, answer)
    assert not panel.may_close()
    assert asked
    press(panel, "Stop")
    assert not panel.renders
    assert [entry.state for entry in queue.entries()] == [State.WAITING, State.WAITING]
    until(app, lambda: [entry.state for entry in panel.entries()] == [State.WAITING, State.WAITING])
    until(app, lambda: panel._runner is None)
    press(panel, "Start")
    until(app, lambda: [entry.state for entry in panel.entries()] == [State.DONE, State.DONE])
    until(app, lambda: not panel.renders)
    assert (tmp_path / "long_out.mp4").is_file()
    assert not said
    press(panel, "Clear what is done")
    until(app, lambda: not panel.entries())


def test_both_themes_draw_the_panel_and_all_can_be_reached_and_read_aloud(
    app: QApplication, panel: RenderQueue, queue: Queue, tmp_path: Path
) -> None:
    queue.add([job(tmp_path, "a")], [10])
    until(app, lambda: order(panel) == [1])
    pictures = []
    for name in ("light", "dark"):
        theme.apply(app, name)
        pictures.append(panel.grab().toImage().pixelColor(20, 200).lightness())
    assert pictures[0] > 200 > 80 > pictures[1]
    for button in panel.findChildren(QToolButton):
        assert button.accessibleName()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert panel._list.accessibleName()


# The dialog


@pytest.fixture
def dialog(app: QApplication, tmp_path: Path) -> Iterator[RenderDialog]:
    settings = Settings(
        styles={"mosaic": 0.7, "woodcut": 0.3}, strength=0.6, smoothing=0.25, keep_colours=True, short_side=320
    )
    made = RenderDialog(settings)
    made.show()
    yield made
    made.reject()
    end(made)


def wanted(app: QApplication, dialog: RenderDialog, button: Any) -> tuple[list[RenderJob], list[int | None], bool]:
    heard: list[Any] = []
    dialog.wanted.connect(lambda *values: heard.append(values))
    button.click()
    until(app, lambda: heard)
    assert not dialog.isVisible()
    return heard[0]  # type: ignore[no-any-return]


def test_the_dialog_begins_with_what_is_painted_live(app: QApplication, dialog: RenderDialog, tmp_path: Path) -> None:
    make_clip(tmp_path / "film.mp4", 30)
    assert not dialog._now.isEnabled()  # type: ignore[union-attr]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "film.mp4")), QUrl("https://example.org/film.mp4")])
    dialog.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                                Qt.KeyboardModifier.NoModifier))  # fmt: skip
    until(app, lambda: "film_mosaic+woodcut.mp4" in dialog._says.text())
    assert "0:01.0 of video" in dialog._says.text()
    jobs, totals, now = wanted(app, dialog, dialog._now)
    assert (totals, now) == ([30], True)
    (made,) = jobs
    assert made.styles == (("mosaic", 0.7), ("woodcut", 0.3))
    assert (made.strength, made.smoothing, made.keep_colours, made.short_side) == (0.6, 0.25, True, 320)
    assert made.network == "lite"
    assert (made.input, made.output) == (tmp_path / "film.mp4", tmp_path / "film_mosaic+woodcut.mp4")


def test_folders_names_and_times_become_jobs(app: QApplication, dialog: RenderDialog, tmp_path: Path) -> None:
    (tmp_path / "films" / "in").mkdir(parents=True)
    make_clip(tmp_path / "films" / "a.mp4", 30)
    make_clip(tmp_path / "films" / "in" / "b.mp4", 30)
    Image.new("RGB", (64, 48)).save(tmp_path / "films" / "p.png")
    dialog.add_inputs([str(tmp_path / "films")] * 2)
    assert dialog.inputs() == [str(tmp_path / "films")]
    dialog._recursive.setChecked(True)
    dialog._style.setCurrentIndex(dialog._style.findText("neon"))
    dialog._network.setCurrentIndex(dialog._network.findData("stytr2"))
    dialog._into.setText(str(tmp_path / "out"))
    dialog._name.setText("{index:02}_{stem}{suffix}")
    dialog._codec.setCurrentIndex(dialog._codec.findData("ffv1"))
    dialog._quality.setCurrentIndex(dialog._quality.findData("best"))
    dialog._start.setText("0:00.5")
    dialog._stop.setText("0.8")
    jobs, totals, now = wanted(app, dialog, dialog._later)
    assert now is False
    assert [str(one.output.relative_to(tmp_path / "out")) for one in jobs] == ["01_a.mkv", "02_films", "in/03_b.mkv"]
    assert [one.start for one in jobs] == [Fraction(1, 2), None, Fraction(1, 2)]
    assert totals == [9, 1, 9]
    assert jobs[0].styles == (("neon", 1.0),)
    assert {one.network for one in jobs} == {"stytr2"}
    assert [one.encoding for one in jobs] == [Encoding(codec="ffv1", quality="best"), None, jobs[0].encoding]


def test_what_cannot_be_rendered_is_said_before_it_is_queued(
    app: QApplication, dialog: RenderDialog, tmp_path: Path
) -> None:
    make_clip(tmp_path / "film.mp4")
    (tmp_path / "film_mosaic+woodcut.mp4").touch()
    heard: list[Any] = []
    dialog.wanted.connect(lambda *values: heard.append(values))
    dialog.add_inputs([str(tmp_path / "film.mp4")])
    until(app, lambda: "exists already" in dialog._says.text())
    dialog._now.click()  # type: ignore[union-attr]
    until(app, dialog._now.isEnabled)  # type: ignore[union-attr]
    assert dialog.isVisible()
    for widget, text, sentence in (
        (dialog._name, "{nothing}", "cannot be used"),
        (dialog._start, "half past", "is no time"),
    ):
        before = widget.text()
        widget.setText(text)
        until(app, lambda sentence=sentence: sentence in dialog._says.text())
        widget.setText(before)
    dialog._overwrite.setChecked(True)
    until(app, lambda: dialog._says.text().startswith("Makes"))
    dialog._start.setText("3")
    dialog._stop.setText("2")
    until(app, lambda: "not after the start" in dialog._says.text())
    assert not heard
