"""The window: the picture in the middle, styles on the left, controls on the right."""

from __future__ import annotations

import logging
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QByteArray, QMimeData, QSignalBlocker, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup, QGuiApplication, QKeySequence
from PyQt6.QtMultimedia import QMediaDevices
from PyQt6.QtWidgets import (
    QApplication,
    QDockWidget,
    QFileDialog,
    QFrame,
    QInputDialog,
    QLabel,
    QMainWindow,
    QMenu,
    QMessageBox,
    QScrollArea,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from stytr_live import __version__, control
from stytr_live.media.live_source import LiveSource
from stytr_live.media.microphone import microphones
from stytr_live.media.paced import PacedSource
from stytr_live.render.naming import VIDEOS
from stytr_live.settings import Settings, save
from ui import sources, theme
from ui.commands import MOST_MIXED, Commands
from ui.control_panel import ControlPanel
from ui.heartbeat import MEASURE, Heartbeat
from ui.listener import Listener
from ui.microphone_dialog import MicrophoneDialog
from ui.notice import Notice
from ui.outputs import Outputs
from ui.palette import Palette
from ui.player import Player
from ui.remotes import Remotes
from ui.rendering import Rendering
from ui.sentences import translated
from ui.source_picker import SourcePicker
from ui.style_gallery import StyleGallery
from ui.video_view import VideoView

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent

    from stytr_live.render.queue import Queue
    from ui.session import Session

log = logging.getLogger(__name__)

TICK = 250
"""Milliseconds between two looks at the figures."""


class MainWindow(QMainWindow):
    """Puts the parts together: they emit what the user wants, which here becomes settings and parameters."""

    _source_told = pyqtSignal(str, str)
    """From the thread that reads: what has become of the source, and a sentence."""

    def __init__(self, settings: Settings, session: Session, queue: Queue | None = None) -> None:
        """The user's own render queue unless told."""
        super().__init__()
        self._settings, self._session = settings, session
        self._place = ""
        self._runs = False
        self._limit: int | None = None  # of the working size, as was told
        self._good: dict[str, float] = {}  # the styles that were painted in last
        self._docks: list[QDockWidget] = []
        self.commands: list[QAction] = []
        """All that menus, keys and the palette offer. `findChildren` is no help: it takes new objects for wrappers of
        old ones that Qt has deleted."""
        self.setWindowTitle("StyTR Live")
        self.setAcceptDrops(True)
        self.view = VideoView(session.take)
        self.gallery = StyleGallery(settings.recent, settings.favourites)
        self.panel = ControlPanel(settings)
        self.outputs = Outputs(session, settings, self)
        self.rendering = Rendering(settings, self, queue)
        self.obey = Commands(self)
        self.remotes = Remotes(settings, self.obey, self)
        self._notice = Notice()
        self._build()
        self._build_actions()
        self._connect()
        self._restore()
        self._listener = Listener(control.where(), self.obey)
        self.remotes.restore()
        self._heartbeat = Heartbeat(self) if os.environ.get(MEASURE) else None
        self._timer = QTimer(self)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    # What may be done from outside, by keys, menus and other processes

    def open_place(self, key: str) -> None:
        """Show what a source gives; `key` as settings remember it."""
        self._place = self._settings.place = key
        self._show_places()
        self._open()

    def choose_style(self, reference: str) -> None:
        """Paint in one style alone; a picture that the gallery does not have is added to it."""
        if reference not in self.gallery.references() and Path(reference).is_file():
            self.gallery.add(reference)
        self._set_styles({reference: 1.0})

    def mix_style(self, reference: str) -> None:
        """Add a style to the mixture with an equal share, or take it out."""
        styles = dict(self._settings.styles)
        if reference in styles:
            if len(styles) > 1:
                del styles[reference]
        elif len(styles) >= MOST_MIXED:
            self.tell(self.tr("Four styles are mixed already; take one out first."))
            return
        else:
            styles[reference] = sum(styles.values()) / len(styles)
        self._set_styles(styles)

    def weigh_style(self, reference: str, weight: float) -> None:
        """Change a style's weight in the mixture."""
        styles = dict(self._settings.styles) | {reference: weight}
        if sum(styles.values()) > 0:
            self._set_styles(styles)

    def step_style(self, step: int) -> None:
        """The next style, or the one before."""
        known = self.gallery.references()
        current = next(iter(self._settings.styles), "")
        index = known.index(current) if current in known else -step
        if known:
            self.choose_style(known[(index + step) % len(known)])

    def number_style(self, number: int) -> None:
        """The style shown at a place, counted from 1."""
        known = self.gallery.references()
        if number <= len(known):
            self.choose_style(known[number - 1])

    def want(self, name: str, value: object) -> None:
        """Change a setting, and what follows from it."""
        setattr(self._settings, name, value)
        self.panel.show_settings(self._settings)
        self._apply()

    def styles(self) -> list[str]:
        """All styles in the order shown."""
        return self.gallery.references()

    def set_mixture(self, styles: dict[str, float]) -> None:
        """Paint in these styles, with weights."""
        self._set_styles(styles)

    def wanted(self, name: str) -> object:
        """What a setting is."""
        return getattr(self._settings, name)

    def record(self, on: bool | None) -> None:
        """Begin or end a recording; None does the other of the two."""
        self.outputs.record(not self.outputs.recording if on is None else on)

    def snapshot(self) -> None:
        """Write the picture to a file."""
        self.outputs.snapshot()

    def pause(self) -> None:
        """Pause or play a file."""
        source = self._session.source
        if isinstance(source, PacedSource):
            source.resume() if source.paused else source.pause()

    def open_text(self, text: str) -> None:
        """Show a source, as a user types it."""
        self.open_place(sources.key_of(text))

    def close_soon(self) -> None:
        """Close the window, after what goes on."""
        QTimer.singleShot(0, self.close)

    def tell(self, sentence: str) -> None:
        """Show a sentence in the window until it is dismissed or some seconds have gone by."""
        self._notice.tell(translated(sentence))

    # How it is built

    def _build(self) -> None:
        middle = QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._notice)
        layout.addWidget(self.view, 1)
        self._player = Player(self._settings.theme)
        layout.addWidget(self._player)
        self.setCentralWidget(middle)
        left = self._dock(self.tr("Styles"), "styles", self.gallery, Qt.DockWidgetArea.LeftDockWidgetArea)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.panel)
        right = self._dock(self.tr("Controls"), "controls", scroll, Qt.DockWidgetArea.RightDockWidgetArea)
        self._queue = self._dock(
            self.tr("Render queue"), "queue", self.rendering.panel, Qt.DockWidgetArea.RightDockWidgetArea
        )
        self.tabifyDockWidget(right, self._queue)
        self._queue.hide()
        self.resizeDocks([left, right], [262, 300], Qt.Orientation.Horizontal)
        self._bar = QToolBar(self.tr("Source and view"))
        self._bar.setObjectName("bar")
        self._bar.setMovable(False)
        self._bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.addToolBar(self._bar)
        self.picker = SourcePicker(self._settings, self._bar)
        self._status = QLabel()
        self._status.setContentsMargins(10, 0, 0, 0)
        self.statusBar().addWidget(self._status, 1)  # type: ignore[union-attr]

    def _dock(self, title: str, name: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title)
        dock.setObjectName(name)
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        self._docks.append(dock)
        return dock

    def _build_actions(self) -> None:  # noqa: C901  (a table of all there is)
        bar = self.menuBar()
        assert bar is not None
        look = self._settings.theme

        def action(menu: object, text: str, does: Callable[..., object], keys: str = "", icon: str = "", *,
                   check: bool | None = None, shown: bool = False) -> QAction:  # fmt: skip
            made = QAction(text, self)
            if keys:
                made.setShortcuts([QKeySequence(key) for key in keys.split()])
                made.setToolTip(f"{text.rstrip('…')} ({keys.split(maxsplit=1)[0]})")
            if icon:
                made.setIcon(theme.icon(icon, look))
                made.setProperty("drawing", icon)
            if check is not None:
                made.setCheckable(True)
                made.setChecked(check)
                made.toggled.connect(does)
            else:
                made.triggered.connect(lambda _=False: does())
            self.commands.append(made)
            menu.addAction(made)  # type: ignore[attr-defined]
            if shown:
                self._bar.addAction(made)
            return made

        s, tr = self._settings, self.tr
        menu = bar.addMenu(tr("&Source"))
        action(menu, tr("Open a video…"), self._ask_file, "Ctrl+O", "file", shown=True)
        action(menu, tr("Open an address…"), self._ask_address, "Ctrl+L", "stream", shown=True)
        action(menu, tr("Show the screen"), partial(self.open_place, "screen"), "Ctrl+Shift+S", "screen")
        action(menu, tr("Built-in clip"), partial(self.open_place, "clip"), "Ctrl+Shift+B")
        action(menu, tr("Test pattern"), partial(self.open_place, "pattern"), "Ctrl+Shift+T")
        menu.addSeparator()  # type: ignore[union-attr]
        self._pause = action(menu, tr("Play or pause"), self.pause, "Space", "pause")
        action(menu, tr("Open again"), self._open, "Ctrl+R")
        action(menu, tr("Stop"), self._session.stop, "Ctrl+.", "stop")
        action(menu, tr("Mirror the camera"), partial(self._reopen_with, "mirror"), "Ctrl+M", "mirror", check=s.mirror)
        action(menu, tr("Turn the camera"), self._turn, "Ctrl+T", "rotate")
        menu.addSeparator()  # type: ignore[union-attr]
        action(menu, tr("Quit"), self.close, "Ctrl+Q")
        menu = bar.addMenu(tr("S&tyle"))
        action(menu, tr("Next style"), partial(self.step_style, 1), "N PgDown")
        action(menu, tr("Previous style"), partial(self.step_style, -1), "P PgUp")
        action(menu, tr("Paste a picture"), self._paste, "Ctrl+V")
        action(menu, tr("Favourite"), self._favour, "F")
        action(menu, tr("More strength"), partial(self._nudge, "strength", 0.1, 1.0), "]")
        action(menu, tr("Less strength"), partial(self._nudge, "strength", -0.1, 1.0), "[")
        action(menu, tr("Keep the colours"), partial(self.want, "keep_colours"), "K", check=s.keep_colours)
        numbers = menu.addMenu(tr("By number"))  # type: ignore[union-attr]
        for n in range(1, 10):
            action(numbers, tr("Style {n}").format(n=n), partial(self.number_style, n), str(n))
        menu = bar.addMenu(tr("&View"))
        modes = QActionGroup(self)
        for mode, text, keys, icon in (
            ("after", tr("Painting"), "A", "app"),
            ("split", tr("Split before and after"), "B", "split"),
            ("side", tr("Side by side"), "D", "side"),
        ):
            made = action(menu, text, partial(self._set_mode, mode), keys, icon, check=mode == "after", shown=True)
            modes.addAction(made)
        menu.addSeparator()  # type: ignore[union-attr]
        action(menu, tr("Fill the view"), self._set_fill, "Ctrl+F", check=s.fill)
        action(menu, tr("Figures over the picture"), self._set_overlay, "O", check=s.overlay)
        self._full = action(menu, tr("Full screen"), self._set_full, "F11", "full", check=False, shown=True)
        for dock in self._docks:
            toggle = dock.toggleViewAction()
            assert toggle is not None
            self.commands.append(toggle)
            menu.addAction(toggle)  # type: ignore[union-attr]
        for name, title, choices in (
            ("theme", tr("Theme"), (("system", tr("As the system")), ("dark", tr("Dark")), ("light", tr("Light")))),
            ("language", tr("Language"), (("system", tr("As the system")), ("en", "English"), ("zh_CN", "简体中文"))),
            (
                "network",
                tr("Network"),
                (("lite", tr("Small and fast")), ("stytr2", tr("The paper's: bolder strokes, for a GPU"))),
            ),
        ):
            sub = menu.addMenu(title)  # type: ignore[union-attr]
            group = QActionGroup(self)
            for value, text in choices:
                made = action(sub, text, partial(self._set_look, name, value), check=getattr(s, name) == value)
                made.setData((name, value))
                group.addAction(made)
        menu = bar.addMenu(tr("&Output"))
        self._bar.addSeparator()
        action(menu, tr("Snapshot"), self.outputs.snapshot, "S", "snapshot", shown=True)
        self._record = action(
            menu, tr("Record"), self.outputs.record, "Ctrl+Shift+R", "record", check=False, shown=True
        )
        self._camera = action(menu, tr("Virtual camera"), self.outputs.virtual_camera, "Ctrl+Shift+C", check=False)
        self._preview = action(menu, tr("Preview in a browser"), self.outputs.preview, "Ctrl+Shift+P", check=False)
        menu.addSeparator()  # type: ignore[union-attr]
        action(menu, tr("Render…"), self.rendering.ask, "Ctrl+E", "render", shown=True)
        menu.addSeparator()  # type: ignore[union-attr]
        action(menu, tr("Microphone…"), self._choose_microphone, "Ctrl+Shift+M")
        action(menu, tr("Folder for recordings…"), self._ask_folder)
        menu = bar.addMenu(tr("&Control"))
        self._osc = action(menu, tr("OSC"), self.remotes.set_osc, check=False)
        action(menu, tr("Port of OSC…"), self._ask_port)
        midi = QMenu(tr("MIDI"), self)
        menu.addMenu(midi)  # type: ignore[union-attr]
        midi.aboutToShow.connect(partial(self.remotes.fill, midi))
        action(menu, tr("What OSC understands"), self._explain_osc)
        menu = bar.addMenu(tr("&Help"))
        action(menu, tr("All commands…"), self._show_palette, "Ctrl+K")
        action(menu, tr("About"), lambda: self.tell(tr("StyTR Live {version}: any picture as a style, after StyTR-2 "
               "(Deng et al., CVPR 2022). GPL-3.0-or-later.").format(version=__version__)))  # fmt: skip
        self.outputs.changed.connect(self._show_outputs)

    def _connect(self) -> None:
        session = self._session
        session.arrived.connect(self.view.update)
        session.loading.connect(self._show_loading)
        session.running.connect(self._show_running)
        session.failed.connect(self.tell)
        session.ended.connect(self._show_ended)
        session.refused.connect(self._take_back)
        session.painted_by.connect(self._show_network)
        session.styled.connect(self._keep_styles)
        self._source_told.connect(self._show_source)
        self.outputs.failed.connect(self.tell)
        self.rendering.panel.failed.connect(self.tell)
        self.rendering.asked.connect(self._show_queue)
        self.remotes.told.connect(self.tell)
        self.remotes.changed.connect(lambda: _tick(self._osc, on=self.remotes.osc))
        self.gallery.chosen.connect(self.choose_style)
        self.gallery.mixed.connect(self.mix_style)
        self.gallery.refused.connect(self.tell)
        self.gallery.changed.connect(self._keep_gallery)
        self.panel.wanted.connect(self.want)
        self.panel.weighted.connect(self.weigh_style)
        self.panel.removed.connect(self.mix_style)
        self.view.double_clicked.connect(self._full.toggle)
        self.picker.chosen.connect(self.open_place)
        self.picker.mode_chosen.connect(self._open)
        self._player.wanted.connect(self._seek)
        self._player.toggled.connect(self.pause)
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(lambda _: self._show_theme())
        self._media = QMediaDevices(self)
        self._media.videoInputsChanged.connect(self._replug)

    def _restore(self) -> None:
        s = self._settings
        self.view.set_fill(s.fill)
        if s.geometry:
            self.restoreGeometry(QByteArray.fromBase64(s.geometry.encode()))
        else:
            self.resize(1240, 760)
        if s.layout:
            self.restoreState(QByteArray.fromBase64(s.layout.encode()))
        self._apply()
        self._set_styles(s.styles)
        self.open_place(s.place or self.picker.first)

    # What follows from what

    def _apply(self) -> None:
        s = self._settings
        self._session.set_params(
            strength=_within(s.strength, 0.0, 1.0),
            keep_colours=s.keep_colours,
            short_side=int(_within(s.short_side, 64, 2160)),
            smoothing=_within(s.smoothing, 0.0, 2.0),
        )
        self._session.set_wishes(
            cross_fade=_within(s.cross_fade, 0.0, 10.0), skip_unchanged=s.skip_unchanged,
            target=_within(s.target, 1.0, 240.0) if s.target > 0 else None,
        )  # fmt: skip

    def _set_styles(self, styles: dict[str, float]) -> None:
        total = sum(styles.values()) or 1.0
        self._settings.styles = {reference: weight / total for reference, weight in styles.items()}
        self._session.set_styles(list(self._settings.styles.items()))
        self.panel.show_styles(self._settings.styles)
        self.gallery.show_used(self._settings.styles)

    def _open(self) -> None:
        s = self._settings
        self.view.set_message(self.tr("Opening…"))
        name, mode = self.picker.camera
        self._session.open(
            sources.opener(
                self._place, mirror=s.mirror, turns=s.turns, tell=self._source_told.emit, mode=mode, name=name
            )
        )

    def _show_source(self, state: str, sentence: str) -> None:
        """A source that is lost is said until it is back; its last picture stays."""
        if state == "lost":
            self._notice.tell(translated(sentence), stays=True)
        else:
            self.tell(self.tr("The picture is back."))

    def _replug(self) -> None:
        """A camera has come or gone. What is shown comes back by itself; what could not be opened is opened now."""
        if self.picker.replug() and not self._session.runs:
            self._open()

    def _show_places(self) -> None:
        self.picker.show(self._place)
        self._player.setVisible(sources.choice_of(self._place).is_file and not self._full.isChecked())

    def _show_loading(self, what: str) -> None:
        self.view.set_message(what)
        self._status.setText(what)

    def _show_running(self) -> None:
        self._runs = True

    def _show_network(self, network: str) -> None:
        self._settings.network = network
        for made in self.commands:
            if made.data() == ("network", network):
                made.setChecked(True)  # takes the tick off the others, and changes nothing else

    def _show_ended(self) -> None:
        self._runs = False
        self.view.set_overlay(())
        self.panel.note.clear()
        self._status.setText(self.tr("Stopped"))
        self.view.set_message(self.tr("Choose a source above."))

    def _show_outputs(self) -> None:
        out = self.outputs
        for made, on in ((self._record, out.recording), (self._camera, out.sending), (self._preview, out.serving)):
            _tick(made, on=on)

    def _look(self) -> None:
        """Show the figures."""
        stats, doing = self._session.stats()
        source = self._session.source
        if isinstance(source, PacedSource):
            self._player.show_position(float(source.position), float(source.duration or 0), paused=source.paused)
        if not self._runs or self._session.latest is None:
            return
        side = min(doing.short_side if doing is not None else 0, self._session.limit or 1 << 16)
        given = self.tr("source {rate:.0f} a second").format(rate=source.rate) if isinstance(source, LiveSource) else ""
        figures = tuple(figure for figure in (
            self.tr("{fps:.1f} fps").format(fps=stats.fps),
            self.tr("latency {p50:.0f} ms, p95 {p95:.0f} ms").format(
                p50=stats.latency_p50 * 1e3, p95=stats.latency_p95 * 1e3
            ),
            self.tr("{dropped} dropped, {skipped} skipped").format(
                dropped=stats.dropped, skipped=doing.skipped if doing is not None else 0
            ),
            self.tr("{network} at {side} pixels").format(network=self._session.engine.network, side=side),
            given,
            self._session.runs_on,
        ) if figure)  # fmt: skip
        self.view.set_overlay(figures if self._settings.overlay else ())
        self._status.setText("   ·   ".join((*figures, *self.outputs.says())))
        self.panel.note.setText(translated(doing.note) if doing is not None and self._settings.target else "")
        if self._session.limit != self._limit and self._session.limit is not None:
            self.tell(
                self.tr("There is not enough memory for larger pictures: working at {side} pixels at most.").format(
                    side=self._session.limit
                )
            )
        self._limit = self._session.limit

    def _keep_styles(self, styles: list[tuple[str, float]]) -> None:
        self._good = dict(styles)

    def _take_back(self, styles: list[tuple[str, float]]) -> None:
        """Show the styles that are painted in, where those that were wanted cannot be used."""
        if list(self._settings.styles.items()) == styles:
            good = self._good or Settings().styles
            if good != dict(styles):
                self._set_styles(good)

    def _show_queue(self) -> None:
        self._queue.show()
        self._queue.raise_()

    def _keep_gallery(self) -> None:
        self._settings.recent, self._settings.favourites = self.gallery.recent, self.gallery.favourites

    # What actions do

    def _ask_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Open a video"))
        if path:
            self.open_place(f"file:{path}")

    def _ask_address(self) -> None:
        text, good = QInputDialog.getText(self, self.tr("Open an address"), self.tr("rtsp, udp, http or srt address:"))
        if good and text.strip():
            self.open_place(f"stream:{text.strip()}")

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder for recordings"), str(self.outputs.folder()))
        if folder:
            self._settings.folder = folder

    def _choose_microphone(self) -> None:
        dialog = MicrophoneDialog(self._settings.microphone, microphones(), self, translated=translated)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(partial(setattr, self._settings, "microphone"))
        dialog.open()

    def _ask_port(self) -> None:
        port, good = QInputDialog.getInt(
            self, self.tr("Port of OSC"), self.tr("UDP port of this machine:"), self._settings.osc_port, 1024, 65535
        )
        if good:
            self._settings.osc_port = port
            if self.remotes.osc:
                self.remotes.set_osc(True)

    def _explain_osc(self) -> None:
        box = QMessageBox(self)
        box.setWindowTitle(self.tr("What OSC understands"))
        box.setText("\n".join(f"{address}:  {translated(does)}" for address, does in control.OSC.items()))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def _seek(self, seconds: float) -> None:
        source = self._session.source
        if isinstance(source, PacedSource):
            source.seek(seconds)

    def _reopen_with(self, name: str, value: object) -> None:
        setattr(self._settings, name, value)
        if self._place.startswith("camera:"):
            self._open()

    def _turn(self) -> None:
        self._reopen_with("turns", (self._settings.turns + 1) % 4)

    def _paste(self) -> None:
        clipboard = QGuiApplication.clipboard()
        data = clipboard.mimeData() if clipboard is not None else None
        self.gallery.accept(data if data is not None else QMimeData())

    def _favour(self) -> None:
        reference = next(iter(self._settings.styles), None)
        if reference is not None and reference in self.gallery.references():
            self.gallery.toggle_favourite(reference)

    def _nudge(self, name: str, step: float, most: float) -> None:
        self.want(name, min(most, max(0.0, getattr(self._settings, name) + step)))

    def _set_mode(self, mode: str, on: bool) -> None:
        if on:
            self.view.set_mode(mode)

    def _set_fill(self, on: bool) -> None:
        self._settings.fill = on
        self.view.set_fill(on)

    def _set_overlay(self, on: bool) -> None:
        self._settings.overlay = on
        if not on:
            self.view.set_overlay(())

    def _set_full(self, on: bool) -> None:
        bars = (self._bar, self._player, self.menuBar(), self.statusBar(), *self._docks)
        if on:
            self._hidden = [bar for bar in bars if bar is not None and bar.isVisible()]
            for bar in self._hidden:
                bar.hide()
            self.showFullScreen()
        else:
            self.showNormal()
            for bar in getattr(self, "_hidden", []):
                bar.show()
            self._player.setVisible(sources.choice_of(self._place).is_file)  # the source may be another by now
        # Shortcuts of hidden menus do not work: the window has all of them too.
        self.addActions([command for command in self.commands if not command.shortcut().isEmpty()])

    def _set_look(self, name: str, value: str, on: bool) -> None:
        if not on or getattr(self._settings, name) == value:
            return
        setattr(self._settings, name, value)
        if name == "language":
            self.tell(self.tr("The language changes at the next start."))
        elif name == "network":
            self.tell(self.tr("Loading the network…"))
            self._session.set_network(value)
        else:
            self._show_theme()

    def _show_theme(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, self._settings.theme)
        for made in self.commands:
            if made.property("drawing"):
                made.setIcon(theme.icon(made.property("drawing"), self._settings.theme))
        self._player.set_look(self._settings.theme)
        self._show_places()

    def _show_palette(self) -> None:
        Palette([*self.commands, *self.rendering.panel.commands], self).exec()

    # What Qt asks for

    def keyPressEvent(self, event: object) -> None:
        """Escape leaves full screen."""
        if getattr(event, "key", lambda: 0)() == Qt.Key.Key_Escape and self._full.isChecked():
            self._full.setChecked(False)
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Videos and pictures may be dropped anywhere."""
        if event is not None and (data := event.mimeData()) is not None and (data.hasUrls() or data.hasImage()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """A picture becomes the style, a video the source."""
        data = event.mimeData() if event is not None else None
        if data is None:
            return
        paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
        videos = [path for path in paths if Path(path).suffix.lower() in VIDEOS]
        if videos:
            self.open_place(f"file:{videos[0]}")
        else:
            self.gallery.accept(data)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Keep the settings and end everything, unless a video is rendered and the user wants that to go on."""
        if event is not None and not self.rendering.may_close():
            event.ignore()
            return
        self._timer.stop()
        if self._full.isChecked():
            self._full.setChecked(False)
        s = self._settings
        s.geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        s.layout = bytes(self.saveState().toBase64().data()).decode()
        save(s)
        self._listener.close()
        self.remotes.close()
        if self._heartbeat is not None:
            self._heartbeat.close()
        self.outputs.close()
        self.rendering.close()
        self.gallery.close_thumbnails()
        self._session.close()
        super().closeEvent(event)


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _tick(action: QAction, *, on: bool) -> None:
    """Check an action, without a signal."""
    with QSignalBlocker(action):
        action.setChecked(on)
