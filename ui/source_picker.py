"""Where the picture comes from: a list of sources and, for a camera, one of its sizes and rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QToolBar, QWidgetAction

from stytr_live.media.cameras import CameraInfo, Mode
from ui import cameras, sources, theme

if TYPE_CHECKING:
    from stytr_live.settings import Settings

CAMERA = "camera:"


class SourcePicker(QObject):
    """Two lists in a tool bar. It emits what the user wants, and keeps in the settings what cameras are called."""

    chosen = pyqtSignal(str)
    """A source, as settings remember it."""
    mode_chosen = pyqtSignal()
    """The camera that is shown is to give another size or rate."""

    def __init__(self, settings: Settings, bar: QToolBar) -> None:
        super().__init__(bar)
        self._settings, self._place = settings, ""
        self.plugged = cameras.plugged()
        self.places, self.modes = QComboBox(), QComboBox()
        self.places.setMinimumWidth(220)
        self.places.setAccessibleName(self.tr("Source"))
        self.places.setToolTip(self.tr("Where the picture comes from"))
        self.modes.setMinimumWidth(150)
        self.modes.setAccessibleName(self.tr("Size and rate of the camera"))
        self.modes.setToolTip(self.tr("Size and rate of the camera"))
        bar.addWidget(self.places)
        # Made here, not by the bar: PyQt is not told when Qt deletes what Qt has made.
        self._modes_action = QWidgetAction(bar)
        self._modes_action.setDefaultWidget(self.modes)
        bar.addAction(self._modes_action)
        self.places.activated.connect(lambda _: self.chosen.emit(self.places.currentData()))
        self.modes.activated.connect(lambda _: self.choose_mode(self.modes.currentData()))

    @property
    def first(self) -> str:
        """What to show where nothing was chosen yet."""
        return f"{CAMERA}{self.plugged[0].device}" if self.plugged else "clip"

    @property
    def camera(self) -> tuple[str, Mode | None]:
        """What the camera that is shown is called, and what to ask of it."""
        about = self._settings.cameras.get(self._device, {})
        return about.get("name", ""), Mode.of(about.get("mode", ""))

    def choose_mode(self, mode: str) -> None:
        """Ask the camera that is shown for a size and a rate; it is remembered for that camera."""
        self._settings.cameras.setdefault(self._device, {})["mode"] = mode
        self.mode_chosen.emit()

    def replug(self) -> bool:
        """A camera has come or gone; whether the one that is chosen has come."""
        before = {camera.device for camera in self.plugged}
        self.plugged = cameras.plugged()
        self.show(self._place)
        return self._device in {camera.device for camera in self.plugged} - before

    def show(self, place: str) -> None:
        """Show all that there is, with `place` chosen."""
        self._place = place
        for camera in self.plugged:  # names are kept for when it is not plugged in
            self._settings.cameras.setdefault(camera.device, {})["name"] = camera.name
        known = {device: about.get("name", device) for device, about in self._settings.cameras.items()}
        with QSignalBlocker(self.places):
            self.places.clear()
            for choice in sources.choices(place, self.plugged, known):
                self.places.addItem(theme.icon(choice.icon, self._settings.theme), choice.name, choice.key)
            self.places.setCurrentIndex(max(0, self.places.findData(place)))
        self._show_modes()

    @property
    def _device(self) -> str:
        return self._place.removeprefix(CAMERA) if self._place.startswith(CAMERA) else ""

    def _show_modes(self) -> None:
        device = self._device
        self._modes_action.setVisible(bool(device))
        if not device:
            return
        camera = next((c for c in self.plugged if c.device == device), CameraInfo(device, device))
        mode = self._settings.cameras.get(device, {}).get("mode", "")
        with QSignalBlocker(self.modes):
            self.modes.clear()
            self.modes.addItem(self.tr("The camera's own size"), "")
            for offered in camera.offered:
                self.modes.addItem(_text(offered), str(offered))
            if mode and self.modes.findData(mode) < 0 and (kept := Mode.of(mode)) is not None:
                self.modes.addItem(_text(kept), mode)
            self.modes.setCurrentIndex(max(0, self.modes.findData(mode)))


def _text(mode: Mode) -> str:
    return f"{mode.size[0]}×{mode.size[1]}, {float(mode.rate):g} Hz"
