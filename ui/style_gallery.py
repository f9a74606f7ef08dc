"""The styles to choose from: built-in ones, pictures dropped or pasted, favourites first."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from PyQt6.QtCore import QModelIndex, QPoint, QSize, QSortFilterProxyModel, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QIcon, QImage, QPainter, QPen, QPixmap, QStandardItem, QStandardItemModel
from PyQt6.QtWidgets import QAbstractItemView, QLabel, QLineEdit, QListView, QMenu, QPushButton, QVBoxLayout, QWidget

from stytr_live import builtin
from ui.thumbnails import SIDE, Thumbnails

if TYPE_CHECKING:
    from PyQt6.QtCore import QMimeData
    from PyQt6.QtGui import QDragEnterEvent, QDropEvent

REFERENCE = Qt.ItemDataRole.UserRole
"""Where an item keeps its style: a picture file or a built-in name."""
RANK = Qt.ItemDataRole.UserRole + 1
"""Where an item keeps its place: favourites, recent ones, built-in ones."""
ICON = 92
"""Side of an icon, in logical pixels."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".stytrstyle")


class StyleGallery(QWidget):
    """A searchable grid of styles. It emits what the user wants; it changes nothing itself."""

    chosen = pyqtSignal(str)
    """Paint in this style alone."""
    mixed = pyqtSignal(str)
    """Add this style to the mixture, or take it out."""
    changed = pyqtSignal()
    """Recent styles or favourites have changed."""
    refused = pyqtSignal(str)
    """Something was dropped that is no style; why, as a sentence."""

    def __init__(self, recent: list[str], favourites: list[str]) -> None:
        super().__init__()
        self.recent, self.favourites = list(recent), list(favourites)
        self._items: dict[str, QStandardItem] = {}
        self._used: dict[str, float] = {}
        self._thumbnails = Thumbnails()
        self._thumbnails.made.connect(self._put_thumbnail)
        self._search = QLineEdit()
        self._search.setPlaceholderText(self.tr("Search styles"))
        self._search.setClearButtonEnabled(True)
        self._search.setAccessibleName(self.tr("Search styles"))
        self._model, self._sorted = QStandardItemModel(self), QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._model)
        self._sorted.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._sorted.setSortRole(RANK)
        self._search.textChanged.connect(self._sorted.setFilterFixedString)
        self._list = _Grid(self)
        self._list.setModel(self._sorted)
        self._list.activated.connect(lambda index: self.chosen.emit(index.data(REFERENCE)))
        self._list.clicked.connect(self._click)
        self._list.customContextMenuRequested.connect(self._menu)
        hint = QLabel(self.tr("Drop or paste a picture to paint like it. Ctrl+click mixes."))
        hint.setWordWrap(True)
        hint.setObjectName("hint")
        add = QPushButton(self.tr("Add a picture…"))
        add.clicked.connect(self._ask_for_file)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        for widget in (self._search, self._list, hint, add):
            layout.addWidget(widget)
        for name, path in builtin.styles().items():
            self._add(name, path)
        for reference in reversed(self.recent):
            self._add(reference, Path(reference))
        self._rank()
        self.setAcceptDrops(True)

    def references(self) -> list[str]:
        """All styles in the order shown."""
        rows = range(self._sorted.rowCount())
        return [self._sorted.index(row, 0).data(REFERENCE) for row in rows]

    def show_used(self, styles: dict[str, float]) -> None:
        """Mark the styles in use."""
        # Those that change alone: each makes the list lay itself out again.
        for reference in set(self._used) ^ set(styles):
            if (item := self._items.get(reference)) is not None:
                item.setCheckState(Qt.CheckState.Checked if reference in styles else Qt.CheckState.Unchecked)
                font = item.font()
                font.setBold(reference in styles)
                item.setFont(font)
                self._draw(reference, used=reference in styles)
        self._used = dict(styles)
        only = next(iter(styles), None)
        if only in self._items:
            index = self._sorted.mapFromSource(self._items[only].index())
            self._list.setCurrentIndex(index)

    def accept(self, data: QMimeData | None) -> bool:
        """Take pictures that were dropped or pasted; the first one is chosen."""
        taken = []
        if data is not None and data.hasUrls():
            paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
            taken = [str(path) for path in paths if path.suffix.lower() in SUFFIXES and path.is_file()]
        if not taken and data is not None and data.hasImage():
            taken = self._keep_image(QImage(data.imageData()))
        for reference in reversed(taken):
            self.add(reference)
        if taken:
            self.chosen.emit(taken[0])
        else:
            self.refused.emit(self.tr("That is no picture; drop or paste a PNG, JPEG, WebP or TIFF file, or an image."))
        return bool(taken)

    def add(self, reference: str) -> None:
        """Put a picture file among the recent styles."""
        self.recent = [reference, *(r for r in self.recent if r != reference)][:24]
        if reference not in self._items:
            self._add(reference, Path(reference))
        self._rank()
        self.changed.emit()

    def close_thumbnails(self) -> None:
        """End what makes thumbnails."""
        self._thumbnails.close()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Pictures may be dropped anywhere on the gallery."""
        if event is not None and (data := event.mimeData()) is not None and (data.hasUrls() or data.hasImage()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """See `accept`."""
        if event is not None and self.accept(event.mimeData()):
            event.acceptProposedAction()

    def _add(self, reference: str, path: Path) -> None:
        item = QStandardItem(QIcon(_blank()), path.stem.replace("_", " "))
        item.setData(reference, REFERENCE)
        item.setEditable(False)
        item.setToolTip(reference)
        item.setData(self.tr("Style {name}").format(name=path.stem), Qt.ItemDataRole.AccessibleTextRole)
        self._items[reference] = item
        self._model.appendRow(item)
        self._thumbnails.ask(reference, path)

    def _put_thumbnail(self, reference: str, image: QImage) -> None:
        if (item := self._items.get(reference)) is None:
            return
        if image.isNull():
            item.setEnabled(reference.endswith(".stytrstyle"))
            item.setToolTip(self.tr("{path} cannot be read.").format(path=reference))
            return
        item.setData(image, Qt.ItemDataRole.UserRole + 2)
        self._draw(reference, used=reference in self._used)

    def _draw(self, reference: str, *, used: bool) -> None:
        """The thumbnail with its marks: of a mixture, the list itself marks only one."""
        item = self._items[reference]
        image = item.data(Qt.ItemDataRole.UserRole + 2)
        if isinstance(image, QImage):
            ring = self.palette().highlight().color() if used else None
            item.setIcon(QIcon(_rounded(image, star=reference in self.favourites, ring=ring)))

    def _rank(self) -> None:
        for row, (reference, item) in enumerate(self._items.items()):
            if reference in self.favourites:
                rank = self.favourites.index(reference)
            elif reference in self.recent:
                rank = 1000 + self.recent.index(reference)
            else:
                rank = 10_000 + row
            item.setData(rank, RANK)
        self._sorted.sort(0)

    def _click(self, index: QModelIndex) -> None:
        from PyQt6.QtWidgets import QApplication

        mixing = QApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier
        (self.mixed if mixing else self.chosen).emit(index.data(REFERENCE))

    def _menu(self, place: QPoint) -> None:
        index = self._list.indexAt(place)
        if not index.isValid():
            return
        reference, menu = index.data(REFERENCE), QMenu(self)
        use, mix = menu.addAction(self.tr("Use alone")), menu.addAction(self.tr("Mix in or take out"))
        favourite = menu.addAction(
            self.tr("No favourite any more") if reference in self.favourites else self.tr("Favourite")
        )
        forget = menu.addAction(self.tr("Forget")) if reference in self.recent else None
        viewport = self._list.viewport()
        assert viewport is not None
        wanted = menu.exec(viewport.mapToGlobal(place))
        if wanted is None:
            return
        if wanted is use:
            self.chosen.emit(reference)
        elif wanted is mix:
            self.mixed.emit(reference)
        elif wanted is favourite:
            self.toggle_favourite(reference)
        elif wanted is forget:
            self.recent.remove(reference)
            self._model.removeRow(self._items.pop(reference).row())
            self.changed.emit()

    def toggle_favourite(self, reference: str) -> None:
        """Favourites come first."""
        if reference in self.favourites:
            self.favourites.remove(reference)
        else:
            self.favourites.append(reference)
        self._draw(reference, used=reference in self._used)
        self._rank()
        self.changed.emit()

    def _keep_image(self, image: QImage) -> list[str]:
        """Pasted pictures have no file: they get one, so that they are there after a restart."""
        if image.isNull():
            return []
        folder = platformdirs.user_data_path("stytr-live", appauthor=False) / "styles"
        folder.mkdir(parents=True, exist_ok=True)
        bits = image.constBits()
        digest = hashlib.sha256(bits.asstring(image.sizeInBytes()) if bits is not None else b"").hexdigest()[:12]
        path = folder / f"pasted-{digest}.png"
        return [str(path)] if path.exists() or image.save(str(path)) else []

    def _ask_for_file(self) -> None:
        from PyQt6.QtWidgets import QFileDialog

        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        paths, _ = QFileDialog.getOpenFileNames(self, self.tr("Pictures to paint like"), "", f"({patterns})")
        for path in reversed(paths):
            self.add(path)
        if paths:
            self.chosen.emit(paths[0])


class _Grid(QListView):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(ICON, ICON))
        self.setGridSize(QSize(ICON + 16, ICON + 32))
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(self.tr("Styles"))


def _blank() -> QPixmap:
    pixmap = QPixmap(SIDE, SIDE)
    pixmap.fill(QColor(127, 127, 132, 50))
    return pixmap


def _rounded(image: QImage, *, star: bool, ring: QColor | None) -> QPixmap:
    """A thumbnail with round corners; favourites have a star, those in use a ring."""
    from PyQt6.QtGui import QPainterPath, QPolygonF

    pixmap = QPixmap(SIDE, SIDE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    corners = QPainterPath()
    corners.addRoundedRect(0, 0, SIDE, SIDE, 14, 14)
    painter.setClipPath(corners)
    painter.drawImage(0, 0, image)
    if ring is not None:
        painter.strokePath(corners, QPen(ring, 16))  # the outer half is cut off
    if star:
        import math

        from PyQt6.QtCore import QPointF

        points = [
            QPointF(
                SIDE - 28 + (20 if k % 2 == 0 else 8) * math.sin(k * math.pi / 5),
                28 - (20 if k % 2 == 0 else 8) * math.cos(k * math.pi / 5),
            )
            for k in range(10)
        ]
        painter.setPen(QColor(0, 0, 0, 120))
        painter.setBrush(QColor(255, 205, 70))
        painter.drawPolygon(QPolygonF(points))
    painter.end()
    return pixmap
