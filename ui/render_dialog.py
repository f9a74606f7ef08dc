"""What to render, how, and where to: made into jobs for the queue."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from stytr_live import builtin
from stytr_live.errors import StytrError
from stytr_live.media.encoders import CODECS, QUALITIES, Encoding
from stytr_live.render.job import RenderJob
from stytr_live.render.naming import FIELDS, PATTERN, PICTURES, VIDEOS, find, outputs
from stytr_live.settings import SIDES
from stytr_live.timecode import parse_time
from ui.dial import Dial
from ui.sentences import translated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from PyQt6.QtGui import QDragEnterEvent, QDropEvent

    from stytr_live.render.measure import Measure
    from stytr_live.settings import Settings

SOON = 300
"""Milliseconds after the last change until what is chosen is looked at."""
FORMATS = (".mp4", ".mov", ".mkv", ".webm")
NAMES = {"h264": "H.264", "hevc": "HEVC", "av1": "AV1", "vp9": "VP9", "prores": "ProRes", "ffv1": "FFV1"}
"""Codecs as people write them."""


class Plan(NamedTuple):
    """What the dialog stands for."""

    jobs: list[RenderJob]
    measures: list[Measure]


class RenderDialog(QDialog):
    """Asks for inputs, a look and names of outputs; `wanted` is emitted when it is accepted."""

    wanted = pyqtSignal(list, list, bool)
    """Jobs, the numbers of their frames (None where nobody knows), and whether to begin at once."""
    _looked = pyqtSignal(int, object)
    """From the thread that looks: which look, and a `Plan` or a sentence."""

    def __init__(self, settings: Settings, inputs: Sequence[str] = (), parent: QWidget | None = None) -> None:
        """Begins with what is painted live, and with inputs that are given."""
        super().__init__(parent)
        self._settings = settings
        self._turn, self._threads, self._plan = 0, list[Thread](), Plan([], [])
        self._accepting: bool | None = None  # whether to begin at once, while what is chosen is still looked at
        self.setWindowTitle(self.tr("Render"))
        self.setAcceptDrops(True)
        self.resize(620, 640)
        self._build(settings)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SOON)
        self._timer.timeout.connect(self._look)
        self._looked.connect(self._show_plan)
        self.finished.connect(self._end)
        self.add_inputs(inputs)

    def add_inputs(self, paths: Sequence[str]) -> None:
        """Put files and folders to the inputs, each once."""
        for path in paths:
            if not self._inputs.findItems(path, Qt.MatchFlag.MatchExactly):
                self._inputs.addItem(path)
        self._change()

    def inputs(self) -> list[str]:
        """What is to be rendered."""
        return [self._inputs.item(row).text() for row in range(self._inputs.count())]  # type: ignore[union-attr]

    # How it is built

    def _build(self, settings: Settings) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.setSpacing(10)
        layout.addLayout(self._build_inputs(), 1)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._build_look(form, settings)
        self._build_output(form)
        layout.addLayout(form)
        self._says = QLabel()
        self._says.setWordWrap(True)
        self._says.setObjectName("hint")
        self._says.setMinimumHeight(3 * self._says.fontMetrics().lineSpacing())
        self._says.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._says)
        buttons = QDialogButtonBox()
        self._now = buttons.addButton(self.tr("Render now"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._later = buttons.addButton(self.tr("Add to the queue"), QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        assert self._now is not None
        assert self._later is not None
        self._now.setDefault(True)
        self._now.clicked.connect(lambda _=False: self._want(now=True))
        self._later.clicked.connect(lambda _=False: self._want(now=False))
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)

    def _build_inputs(self) -> QVBoxLayout:
        self._inputs = QListWidget()
        self._inputs.setAccessibleName(self.tr("Videos, pictures and folders to render"))
        self._inputs.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._inputs.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._inputs.setMinimumHeight(84)
        row = QHBoxLayout()
        for text, does in (
            (self.tr("Add files…"), self._ask_files),
            (self.tr("Add a folder…"), self._ask_folder),
            (self.tr("Take out"), self._take_out),
        ):
            row.addWidget(_button(text, does))
        self._recursive = QCheckBox(self.tr("Folders within folders"))
        self._recursive.toggled.connect(self._change)
        row.addWidget(self._recursive)
        row.addStretch()
        column = QVBoxLayout()
        column.addWidget(QLabel(self.tr("Videos, pictures and folders; drop them here")))
        column.addWidget(self._inputs, 1)
        column.addLayout(row)
        return column

    def _build_look(self, form: QFormLayout, settings: Settings) -> None:
        self._style = QComboBox()
        self._style.setAccessibleName(self.tr("Style"))
        names = ", ".join(f"{Path(style).stem} {weight:.0%}" for style, weight in settings.styles.items())
        if len(settings.styles) == 1:
            names = Path(next(iter(settings.styles))).stem
        self._style.addItem(self.tr("as in the window: {names}").format(names=names), dict(settings.styles))
        for name in builtin.styles():
            self._style.addItem(name.replace("_", " "), {name: 1.0})
        pick = _button(self.tr("Choose a picture…"), self._ask_style)
        self._network = QComboBox()
        self._network.setAccessibleName(self.tr("Network"))
        self._network.addItem(self.tr("small and fast"), "lite")
        self._network.addItem(self.tr("the paper's: bolder strokes, ten times slower"), "stytr2")
        self._network.setCurrentIndex(max(0, self._network.findData(settings.network)))
        self._strength, self._smoothing = Dial(self.tr("Strength"), 1.0), Dial(self.tr("Smoothing"), 1.0, unit="s")
        self._strength.set(settings.strength)
        self._smoothing.set(settings.smoothing)
        self._keep_colours = QCheckBox(self.tr("Keep the colours of the picture"))
        self._keep_colours.setChecked(settings.keep_colours)
        self._side = QComboBox()
        self._side.setAccessibleName(self.tr("Working size"))
        for side in sorted({*SIDES, settings.short_side}):
            self._side.addItem(self.tr("{side} pixels").format(side=side), side)
        self._side.setCurrentIndex(self._side.findData(settings.short_side))
        self._start, self._stop = QLineEdit(), QLineEdit()
        for edit, name, hint in (
            (self._start, self.tr("From"), self.tr("the beginning, or 1:02.5")),
            (self._stop, self.tr("To"), self.tr("the end, or 2:30")),
        ):
            edit.setAccessibleName(name)
            edit.setPlaceholderText(hint)
            edit.textChanged.connect(self._change)
        for signal in (self._style.currentIndexChanged, self._network.currentIndexChanged, self._keep_colours.toggled,
                       self._side.currentIndexChanged):  # fmt: skip
            signal.connect(self._change)
        form.addRow(self.tr("Style"), _row(self._style, pick))
        form.addRow(self.tr("Network"), self._network)
        form.addRow(self.tr("Strength"), self._strength)
        form.addRow(self.tr("Smoothing"), self._smoothing)
        form.addRow(self.tr("Working size"), _row(self._side, self._keep_colours))
        form.addRow(self.tr("From"), _row(self._start, QLabel(self.tr("To")), self._stop))

    def _build_output(self, form: QFormLayout) -> None:
        self._into, self._name = QLineEdit(), QLineEdit(PATTERN)
        self._into.setAccessibleName(self.tr("Folder for the results"))
        self._into.setPlaceholderText(self.tr("beside each input"))
        self._name.setAccessibleName(self.tr("Name"))
        self._name.setToolTip("\n".join(f"{{{name}}}: {means}" for name, means in FIELDS.items()))
        self._format = QComboBox()
        self._format.setAccessibleName(self.tr("Format of videos"))
        self._format.addItem(self.tr("as the input"), None)
        for suffix in FORMATS:
            self._format.addItem(suffix.removeprefix(".").upper(), suffix)
        self._codec, self._quality = QComboBox(), QComboBox()
        self._codec.setAccessibleName(self.tr("Encoder"))
        self._quality.setAccessibleName(self.tr("Quality"))
        self._codec.addItem(self.tr("usual for the format"), None)
        for codec in CODECS:
            self._codec.addItem(NAMES[codec], codec)
        qualities = (self.tr("draft"), self.tr("good"), self.tr("high"), self.tr("best"), self.tr("lossless"))
        for quality, text in zip(QUALITIES, qualities, strict=True):
            self._quality.addItem(text, quality)
        self._quality.setCurrentIndex(QUALITIES.index(Encoding().quality))
        self._hardware = QCheckBox(self.tr("In hardware where it can"))
        self._overwrite = QCheckBox(self.tr("Replace files that exist"))
        for signal in (self._into.textChanged, self._name.textChanged, self._format.currentIndexChanged,
                       self._codec.currentIndexChanged, self._quality.currentIndexChanged, self._hardware.toggled,
                       self._overwrite.toggled):  # fmt: skip
            signal.connect(self._change)
        form.addRow(self.tr("Folder"), _row(self._into, _button(self.tr("Choose…"), self._ask_into)))
        form.addRow(self.tr("Name"), self._name)
        form.addRow(self.tr("Format of videos"), _row(self._format, self._overwrite))
        form.addRow(self.tr("Encoder"), _row(self._codec, self._quality, self._hardware))

    # What the user does

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Files may be dropped."""
        data = None if event is None else event.mimeData()
        if event is not None and data is not None and any(url.isLocalFile() for url in data.urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Files become inputs."""
        data = None if event is None else event.mimeData()
        if event is not None and data is not None:
            event.acceptProposedAction()
            self.add_inputs([url.toLocalFile() for url in data.urls() if url.isLocalFile()])

    def _ask_files(self) -> None:
        known = " ".join(f"*{suffix}" for suffix in sorted(VIDEOS | PICTURES))
        kinds = self.tr("Videos and pictures") + f" ({known})"
        paths, _ = QFileDialog.getOpenFileNames(self, self.tr("Add files"), "", f"{kinds};;{self.tr('All files')} (*)")
        self.add_inputs(paths)

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Add a folder"))
        self.add_inputs([folder] if folder else [])

    def _ask_into(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder for the results"), self._into.text())
        if folder:
            self._into.setText(folder)

    def _ask_style(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a picture"))
        if path:
            self._style.addItem(Path(path).stem, {path: 1.0})
            self._style.setCurrentIndex(self._style.count() - 1)

    def _take_out(self) -> None:
        for item in self._inputs.selectedItems():
            self._inputs.takeItem(self._inputs.row(item))
        self._change()

    def _want(self, *, now: bool) -> None:
        """Look once more, as files may have come or gone, then hand the jobs over."""
        self._accepting = now
        self._look()

    # What follows from it

    def _change(self) -> None:
        """Something is otherwise: look at it soon, not at each letter."""
        self._accepting = None
        self._turn += 1
        self._enable()
        self._timer.start()

    def _enable(self) -> None:
        for button in (self._now, self._later):
            assert button is not None
            button.setEnabled(self._inputs.count() > 0 and self._accepting is None)

    def _look(self) -> None:
        """Find inputs and names in a thread, as folders may be large and disks slow."""
        self._timer.stop()
        self._turn += 1
        self._enable()
        if not self._inputs.count():
            self._says.setText(self.tr("Add videos, pictures or folders to begin."))
            return
        self._says.setText(self.tr("Looking at what is chosen…"))
        try:
            start, end = self._time(self._start), self._time(self._stop)
        except ValueError as error:
            self._show_plan(self._turn, str(error))
            return
        codec, wanted = self._codec.currentData(), self._format.currentData()
        encoding = Encoding(codec=codec, quality=self._quality.currentData(),
                            hardware="auto" if self._hardware.isChecked() else "off")  # fmt: skip
        into = self._into.text().strip()
        wish = {
            "named": self.inputs(),
            "recursive": self._recursive.isChecked(),
            "pattern": self._name.text(),
            "into": Path(into).expanduser() if into else None,
            "suffixes": (wanted,) if wanted else CODECS.get(codec, ()),
        }
        styles = self._style.currentData()
        options = {
            "styles": tuple((name, weight) for name, weight in styles.items() if weight > 0),
            "network": self._network.currentData(),
            "device": self._settings.device,
            "short_side": self._side.currentData(),
            "strength": self._strength.value,
            "smoothing": self._smoothing.value,
            "keep_colours": self._keep_colours.isChecked(),
            "overwrite": self._overwrite.isChecked(),
        }
        film = {"start": start, "end": end, "encoding": None if encoding == Encoding() else encoding}
        thread = Thread(target=self._find, args=(self._turn, wish, options, film), name="render dialog")
        self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()

    def _time(self, edit: QLineEdit) -> Fraction | None:
        return parse_time(edit.text()) if edit.text().strip() else None

    def _find(self, turn: int, wish: dict[str, Any], options: dict[str, Any], film: dict[str, Any]) -> None:
        """Make a plan; `film` are options that only videos have."""
        from stytr_live.render.measure import measure

        try:
            found = find(wish.pop("named"), recursive=wish.pop("recursive"))
            named = outputs(found, [name for name, _ in options["styles"]], today=datetime.now().astimezone().date(),
                            overwrite=options["overwrite"], **wish)  # fmt: skip
            plan = Plan([], [])
            for one, output in zip(found, named, strict=True):
                if turn != self._turn:
                    return
                still = one.path.is_dir() or one.path.suffix.lower() in PICTURES
                job = RenderJob(
                    input=one.path.absolute(), output=output.absolute(), **options, **({} if still else film)
                )
                plan.jobs.append(job)
                plan.measures.append(measure(job.input, job.start, job.end))
        except StytrError as error:
            self._looked.emit(turn, str(error))
        else:
            self._looked.emit(turn, plan)

    def _show_plan(self, turn: int, found: Plan | str) -> None:
        if turn != self._turn:
            return
        now, self._accepting = self._accepting, None
        self._enable()
        if isinstance(found, str):
            self._says.setText(translated(found))
            return
        self._plan = found
        self._says.setText(self._summary(found))
        if now is not None:
            self.wanted.emit(found.jobs, [measure.frames for measure in found.measures], now)
            self.accept()

    def _summary(self, plan: Plan) -> str:
        first, more = plan.jobs[0].output, len(plan.jobs) - 1
        text = self.tr("Makes {name}").format(name=first.name)
        if more:
            text += self.tr(" and {count} more").format(count=more)
        seconds = sum(float(m.seconds) for m in plan.measures if m.seconds is not None)
        if seconds:
            text += self.tr("; {time} of video").format(time=f"{int(seconds // 60)}:{seconds % 60:04.1f}")
        sizes = [self._sizes(job, measure) for job, measure in zip(plan.jobs, plan.measures, strict=True)]
        low, high = (sum(size) for size in zip(*sizes, strict=True))
        if high:
            text += self.tr(", some {low} to {high}").format(low=_size(low), high=_size(high))
        return text + "."

    def _sizes(self, job: RenderJob, measure: Measure) -> tuple[int, int]:
        usual = "vp9" if job.output.suffix.lower() == ".webm" else "h264"
        return measure.bytes(self._codec.currentData() or usual, self._quality.currentIndex())

    def _end(self) -> None:
        self._turn += 1
        self._timer.stop()
        for thread in self._threads:
            thread.join()


def _button(text: str, does: Any) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _=False: does())
    return button


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget, 1 if isinstance(widget, QLineEdit | QComboBox) else 0)
    return row


def _size(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, count / 1e6):.0f} MB"
