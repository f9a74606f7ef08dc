"""The panel of the render queue: what waits, what runs, what is done and what went wrong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QModelIndex, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeySequence, QPainter, QPalette, QPixmap
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPlainTextEdit,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from stytr_live.render.faults import report_of
from stytr_live.render.queue import Queue
from stytr_live.render.queue_entry import OPEN, Entry, State
from ui.queue_keeper import QueueKeeper

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stytr_live.render.job import RenderJob
    from stytr_live.render.queue import Forecast

ENTRY = Qt.ItemDataRole.UserRole
"""Where a row keeps its entry."""
LINE = Qt.ItemDataRole.UserRole + 1
"""Where a row keeps its second line."""


class RenderQueue(QWidget):
    """Shows a queue and lets the user change it; a process of its own renders, so that the window stays as it is."""

    failed = pyqtSignal(str)
    """A sentence for the user."""
    running = pyqtSignal(bool)
    """Whether this window's process renders."""
    _begin = pyqtSignal()

    def __init__(self, queue: Queue | None = None) -> None:
        """The user's own queue unless told."""
        super().__init__()
        self._keeper = QueueKeeper(queue or Queue(), self)
        self._keeper.looked.connect(self._show)
        self._keeper.failed.connect(self.failed)
        self._keeper.running.connect(self._show_running)
        self._runner: int | None = None
        self._closed = False
        self._shown: tuple[object, ...] = ()
        self._list = _Rows()
        self._list.setAccessibleName(self.tr("Render queue"))
        self._list.dropped.connect(self._move)
        self._list.itemSelectionChanged.connect(self._show_chosen)
        self._total, self._picture, self._about = QLabel(), QLabel(), QLabel()
        self._total.setObjectName("faint")
        self._total.setWordWrap(True)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._picture.setAccessibleName(self.tr("The frame painted last"))
        self._about.setWordWrap(True)
        self._about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._pixmap = QPixmap()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._total)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._picture)
        layout.addWidget(self._about)
        layout.addLayout(self._build_buttons())
        self._show_chosen()

    # For the window

    @property
    def commands(self) -> list[QAction]:
        """What can be done with the queue."""
        return self._list.actions()

    @property
    def renders(self) -> bool:
        """Whether this window's process renders."""
        return self._keeper.renders

    def add(self, jobs: Sequence[RenderJob], totals: Sequence[int | None] = (), *, start: bool = False) -> None:
        """Put jobs at the end, and begin to render where that is wanted."""

        def change(queue: Queue) -> None:
            queue.add(jobs, totals)
            if start:
                self._begin.emit()

        self._keeper.do(change)

    def start(self) -> None:
        """Work the queue off, unless a process does."""
        if self._runner is None:
            self._keeper.start()

    def may_close(self) -> bool:
        """Ask the user, where this window's process renders, whether it may be ended."""
        if not self._keeper.renders:
            return True
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Rendering"))
        box.setText(self.tr("A video is being rendered. Quit nevertheless?"))
        box.setInformativeText(
            self.tr("What is painted is kept: the queue goes on from there the next time it is started.")
        )
        quit_ = box.addButton(self.tr("Quit"), QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(self.tr("Go on rendering"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.exec()
        return box.clickedButton() is quit_

    def close_queue(self) -> None:
        """End everything, in good order; to be called once the window closes."""
        if not self._closed:
            self._closed = True
            self._keeper.close()

    def entries(self) -> list[Entry]:
        """What is shown, in its order."""
        return [self._list.item(row).data(ENTRY) for row in range(self._list.count())]  # type: ignore[union-attr]

    # How it is built

    def _build_buttons(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(4)
        self._start = self._button(self.tr("Start"), self._start_or_stop)
        self._begin.connect(self.start)
        change = self._change
        self._pause = self._button(self.tr("Pause"), lambda: change((State.WAITING, State.RUNNING), Queue.pause))
        self._resume = self._button(self.tr("Resume"), lambda: change((State.PAUSED,), Queue.resume))
        self._cancel = self._button(self.tr("Cancel"), lambda: change(tuple(OPEN), Queue.cancel))
        self._retry = self._button(self.tr("Retry"), lambda: change((State.FAILED, State.CANCELLED), Queue.retry))
        self._remove = self._button(self.tr("Remove"), lambda: change(tuple(State), Queue.remove), "Del")
        self._clear = self._button(self.tr("Clear what is done"), lambda: self._keeper.do(Queue.clear))
        self._report = self._button(self.tr("Failures…"), self._show_report)
        self._up = self._action(self.tr("Earlier"), partial(self._shift, -1), "Alt+Up")
        self._down = self._action(self.tr("Later"), partial(self._shift, 1), "Alt+Down")
        buttons = (
            self._start,
            self._pause,
            self._resume,
            self._cancel,
            self._retry,
            self._remove,
            self._clear,
            self._report,
        )
        for index, button in enumerate(buttons):
            grid.addWidget(button, index // 4, index % 4)
        return grid

    def _button(self, text: str, does: Callable[[], object], keys: str = "") -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self._action(text, does, keys))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)
        button.setAccessibleName(text.rstrip("…"))
        return button

    def _action(self, text: str, does: Callable[[], object], keys: str = "") -> QAction:
        """Found in the context menu of the list, and by its keys where the panel has the focus."""
        action = QAction(self._list)
        self._call(action, text)
        if keys:
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda _=False: does())
        self._list.addAction(action)
        return action

    def _call(self, action: QAction, text: str) -> None:
        """Short on a button, and told apart from the window's other commands where all are listed."""
        action.setText(self.tr("Queue: {command}").format(command=text))
        action.setIconText(text.rstrip("…"))

    # What the user wants

    def _start_or_stop(self) -> None:
        if self._keeper.renders:
            self._keeper.stop()
        else:
            self.start()

    def _chosen(self) -> list[Entry]:
        return [item.data(ENTRY) for item in self._list.selectedItems()]

    def _change(self, states: Sequence[State], does: Callable[[Queue, list[int]], object]) -> None:
        numbers = [entry.id for entry in self._chosen() if entry.state in states]
        if numbers:
            self._keeper.do(lambda queue: does(queue, numbers))

    def _move(self, number: int, place: int) -> None:
        self._keeper.do(lambda queue: queue.move(number, place))

    def _shift(self, step: int) -> None:
        chosen = self._chosen()
        if len(chosen) == 1:
            place = next(i for i, entry in enumerate(self.entries(), 1) if entry.id == chosen[0].id) + step
            if 1 <= place <= self._list.count():
                self._move(chosen[0].id, place)

    def _show_report(self) -> None:
        dialog = QDialog(self)
        dialog.setWindowTitle(self.tr("What could not be rendered"))
        dialog.resize(640, 320)
        text = QPlainTextEdit("\n\n".join(str(fault) for fault in report_of(self.entries())))
        text.setReadOnly(True)
        text.setAccessibleName(dialog.windowTitle())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(dialog.reject)
        layout = QVBoxLayout(dialog)
        layout.addWidget(text)
        layout.addWidget(buttons)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # What is shown

    def _show(self, entries: list[Entry], total: Forecast, runner: int | None) -> None:
        self._runner = runner
        if not self._list.dragging:
            self._list.show_entries([(entry, self._line(entry)) for entry in entries])
        left = "" if total.remaining is None or not total.entries else self.tr(", about {time} left").format(
            time=_clock(total.remaining))  # fmt: skip
        text = self.tr("{count} to do{left}").format(count=total.entries, left=left) if entries else self.tr(
            "Nothing is here yet. Render… in the menu puts videos and pictures into the queue.")  # fmt: skip
        if runner is not None and not self._keeper.renders:
            text += " · " + self.tr("process {number} renders").format(number=runner)
        self._total.setText(text)
        self._show_chosen()

    def _show_running(self, on: bool) -> None:
        self._call(self._start.defaultAction(), self.tr("Stop") if on else self.tr("Start"))  # type: ignore[arg-type]
        self._start.setAccessibleName(self._start.text())
        self.running.emit(on)
        self._show_chosen()

    def _show_chosen(self) -> None:
        """What can be done with the rows that are chosen, and the picture of the first of them, or of what runs."""
        chosen, entries = self._chosen(), self.entries()
        states = {entry.state for entry in chosen}
        for button, fits in (
            (self._pause, {State.WAITING, State.RUNNING}),
            (self._resume, {State.PAUSED}),
            (self._cancel, OPEN),
            (self._retry, {State.FAILED, State.CANCELLED}),
            (self._remove, set(State)),
        ):
            button.defaultAction().setEnabled(bool(states & fits))  # type: ignore[union-attr]
        for action in (self._up, self._down):
            action.setEnabled(len(chosen) == 1)
        waits = any(entry.state is State.WAITING for entry in entries)
        starts = self._keeper.renders or (self._runner is None and waits)
        self._start.defaultAction().setEnabled(starts)  # type: ignore[union-attr]
        self._clear.defaultAction().setEnabled(any(e.state is State.DONE for e in entries))  # type: ignore[union-attr]
        self._report.defaultAction().setEnabled(bool(report_of(entries)))  # type: ignore[union-attr]
        shown = next(iter(chosen), None) or next((e for e in entries if e.state is State.RUNNING), None)
        self._about.setText("" if shown is None else self._sentence(shown))
        self._about.setVisible(bool(self._about.text()))
        self._show_picture(shown)

    def _show_picture(self, entry: Entry | None) -> None:
        path = None if entry is None else entry.preview
        try:
            key: tuple[object, ...] = () if path is None else (path, path.stat().st_mtime_ns)
        except OSError:
            key = ()
        if key != self._shown:
            self._shown = key
            self._pixmap = QPixmap(str(path)) if key else QPixmap()
            self._fit_picture()

    def _fit_picture(self) -> None:
        there = not self._pixmap.isNull()
        self._picture.setVisible(there)
        if there:
            ratio = self.devicePixelRatioF()
            room = QSize(max(1, self.width() - 16), 200) * ratio
            scaled = self._pixmap.scaled(
                room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            scaled.setDevicePixelRatio(ratio)
            self._picture.setPixmap(scaled)

    def resizeEvent(self, event: object) -> None:
        """The picture keeps to the width."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit_picture()

    def changeEvent(self, event: QEvent | None) -> None:
        """A new theme has other colours."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self._list.viewport().update()  # type: ignore[union-attr]

    def _line(self, entry: Entry) -> str:
        """`running · 120 of 300 · 24.5 a second · 0:07 left`."""
        s, tr = entry.status, self.tr
        parts = [self._name(entry.state)]
        if s.total is not None and entry.state in OPEN and s.frames:
            parts.append(tr("{done} of {all}").format(done=s.frames, all=s.total))
        elif s.total is not None and entry.state in OPEN:
            parts.append(tr("{all} frames").format(all=s.total))
        elif s.frames:
            parts.append(tr("{all} frames").format(all=s.frames))
        if entry.state is State.RUNNING and s.fps > 0:
            parts.append(tr("{rate} a second").format(rate=f"{s.fps:.1f}"))
        if entry.state is State.RUNNING and s.remaining is not None:
            parts.append(tr("{time} left").format(time=_clock(s.remaining)))
        if entry.state is State.DONE:
            parts.append(_clock(s.elapsed))
        return " · ".join(parts)

    def _name(self, state: State) -> str:
        return {
            State.WAITING: self.tr("waiting"),
            State.RUNNING: self.tr("rendering"),
            State.PAUSED: self.tr("paused"),
            State.DONE: self.tr("done"),
            State.FAILED: self.tr("failed"),
            State.CANCELLED: self.tr("cancelled"),
        }[state]

    def _sentence(self, entry: Entry) -> str:
        if entry.state is State.FAILED:
            return entry.status.error
        return " ".join([f"{entry.job.input} → {entry.job.output}", *entry.status.failures[:3]])


class _Rows(QListWidget):
    """The entries; dragging one elsewhere moves it there."""

    dropped = pyqtSignal(int, int)
    """The number of an entry and its new place, counted from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(_Row(self))
        self.setMinimumHeight(120)
        self.dragging = False
        self._ours = False
        model = self.model()
        assert model is not None
        model.rowsMoved.connect(self._moved)

    def show_entries(self, rows: Sequence[tuple[Entry, str]]) -> None:
        """Show entries with their lines; what is chosen stays chosen."""
        self._ours = True
        numbers = [entry.id for entry, _ in rows]
        if numbers != [self.item(row).data(ENTRY).id for row in range(self.count())]:  # type: ignore[union-attr]
            chosen = {item.data(ENTRY).id for item in self.selectedItems()}
            current = self.currentItem()
            at = None if current is None else current.data(ENTRY).id
            self.blockSignals(True)
            self.clear()
            for entry, line in rows:
                item = QListWidgetItem()
                _fill(item, entry, line)
                self.addItem(item)
                if entry.id == at:
                    self.setCurrentItem(item)
            for row, number in enumerate(numbers):
                self.item(row).setSelected(number in chosen)  # type: ignore[union-attr]
            self.blockSignals(False)
        else:
            for row, (entry, line) in enumerate(rows):
                _fill(self.item(row), entry, line)  # type: ignore[arg-type]
        self._ours = False

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Nothing is shown anew while a row is dragged."""
        self.dragging = True
        try:
            super().startDrag(actions)
        finally:
            self.dragging = False

    def _moved(self, _: QModelIndex, first: int, __: int, ___: QModelIndex, to: int) -> None:
        if not self._ours:
            row = to - 1 if to > first else to
            self.dropped.emit(self.item(row).data(ENTRY).id, row + 1)  # type: ignore[union-attr]


def _fill(item: QListWidgetItem, entry: Entry, line: str) -> None:
    old = item.data(ENTRY)
    if old is not None and old.status == entry.status and item.data(LINE) == line:
        return
    item.setData(ENTRY, entry)
    item.setData(LINE, line)
    item.setText(entry.job.output.name)
    item.setToolTip(f"{entry.job.input} → {entry.job.output}")
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.job.output.name}, {line}")


class _Row(QStyledItemDelegate):
    """Draws an entry: its name, how far it is, and a bar."""

    def sizeHint(self, option: QStyleOptionViewItem, _: QModelIndex) -> QSize:
        """Two lines and a bar."""
        return QSize(0, 2 * option.fontMetrics.lineSpacing() + 22)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """In the colours of the theme."""
        assert painter is not None
        self.initStyleOption(option, index)
        entry: Entry = index.data(ENTRY)
        text, option.text = option.text, ""
        style = option.widget.style() if option.widget is not None else QApplication.style()
        assert style is not None
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        role, palette = QPalette.ColorRole, option.palette
        bright = palette.color(role.HighlightedText if chosen else role.Text)
        faint = bright if chosen else palette.color(role.PlaceholderText)
        box, height = option.rect.adjusted(10, 5, -10, -6), option.fontMetrics.lineSpacing()
        metrics, elide = option.fontMetrics, Qt.TextElideMode.ElideMiddle
        painter.save()
        painter.setPen(bright)
        painter.drawText(
            box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, metrics.elidedText(text, elide, box.width())
        )
        painter.setPen(faint)
        below = box.adjusted(0, height + 1, 0, 0)
        line = metrics.elidedText(index.data(LINE), Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, line)
        bar = QRect(box.left(), box.bottom() - 3, box.width(), 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faint if chosen else palette.color(role.Button))
        painter.setOpacity(0.4 if chosen else 1.0)
        painter.drawRoundedRect(bar, 2, 2)
        painter.setOpacity(1.0)
        share = _share(entry)
        if share > 0:
            failed = entry.state in {State.FAILED, State.CANCELLED}
            painter.setBrush(faint if failed else palette.color(role.HighlightedText if chosen else role.Highlight))
            painter.drawRoundedRect(QRect(bar.left(), bar.top(), max(4, round(bar.width() * share)), 4), 2, 2)
        painter.restore()


def _share(entry: Entry) -> float:
    s = entry.status
    if entry.state is State.DONE:
        return 1.0
    return min(1.0, s.frames / s.total) if s.total else 0.0


def _clock(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
