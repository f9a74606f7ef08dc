"""Devices and programs that drive the window: OSC and MIDI, switched on and off."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from stytr_live.errors import StytrError
from ui.midi import TARGETS, Midi, devices
from ui.osc import Osc

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtWidgets import QMenu

    from stytr_live.settings import Settings


class Remotes(QObject):
    """Owns what listens. Settings say what is on; what cannot be switched on is said and stays off."""

    told = pyqtSignal(str)
    """What there is to tell, as a sentence."""
    changed = pyqtSignal()
    """Something was switched on or off."""

    def __init__(self, settings: Settings, handle: Callable[[str, str | None], None], parent: QObject) -> None:
        super().__init__(parent)
        self._settings, self._handle = settings, handle
        self._osc: Osc | None = None
        self._midi: Midi | None = None
        self._lessons: QMenu | None = None

    @property
    def osc(self) -> bool:
        """Whether OSC is listened to."""
        return self._osc is not None

    @property
    def port(self) -> int:
        """Where OSC is listened to; 0 where it is not."""
        return self._osc.port if self._osc is not None else 0

    def restore(self) -> None:
        """Switch on what was on."""
        if self._settings.osc:
            self.set_osc(True)
        if self._settings.midi:
            self.set_midi(self._settings.midi)

    def set_osc(self, on: bool) -> None:
        """Listen to OSC, or no more."""
        if self._osc is not None:
            self._osc.close()
            self._osc.deleteLater()
            self._osc = None
        if on:
            try:
                self._osc = Osc(self._settings.osc_port, self._handle)
                self._osc.failed.connect(self.told)
                self.told.emit(self.tr("OSC is heard at port {port} of this machine.").format(port=self._osc.port))
            except StytrError as error:
                self.told.emit(str(error))
        self._settings.osc = on and self._osc is not None
        self.changed.emit()

    def set_midi(self, device: str) -> None:
        """Listen to a MIDI device, or to none."""
        if self._midi is not None:
            self._midi.close()
            self._midi.deleteLater()
            self._midi = None
        self._settings.midi = device
        if device:
            try:
                self._midi = Midi(device, self._settings.midi_controls, self._handle)
                self._midi.failed.connect(self.told)
                self._midi.learnt.connect(self._learnt)
            except StytrError as error:
                self.told.emit(str(error))

    def fill(self, menu: QMenu) -> None:
        """Offer the MIDI devices, and to teach what their controls do."""
        menu.clear()
        if self._lessons is not None:
            self._lessons.deleteLater()  # a menu that is cleared keeps the menus below it
        try:
            found = devices()
        except StytrError as error:
            self.told.emit(str(error))
            found = []
        for name, text in (("", self.tr("None")), *((name, name) for name in found)):
            action = menu.addAction(text)
            assert action is not None
            action.setCheckable(True)
            action.setChecked(name == self._settings.midi)
            action.triggered.connect(partial(self._choose, name))
        menu.addSeparator()
        self._lessons = teach = menu.addMenu(self.tr("Teach a control to do"))
        assert teach is not None
        teach.setEnabled(self._midi is not None)
        for target in TARGETS:
            action = teach.addAction(self._label(target))
            assert action is not None
            action.triggered.connect(partial(self.learn, target))

    def learn(self, target: str) -> None:
        """The next control that is moved does this."""
        if self._midi is not None:
            self._midi.learn(target)
            self.told.emit(self.tr("Move a control or press a key of the MIDI device, to do: {target}.").format(
                target=self._label(target)))  # fmt: skip

    def close(self) -> None:
        """Listen no more."""
        for one in (self._osc, self._midi):
            if one is not None:
                one.close()
        self._osc = self._midi = None

    def _choose(self, device: str, _: bool = False) -> None:
        self.set_midi(device)

    def _label(self, target: str) -> str:
        """What a control can be taught to do, as menus call it."""
        do, _, place = target.partition(" ")
        return {
            "strength": self.tr("Strength"),
            "cross-fade": self.tr("Cross-fade"),
            "smoothing": self.tr("Smoothing"),
            "weight": self.tr("Weight of style {n}").format(n=place),
            "style": self.tr("Style {n}").format(n=place),
            "next": self.tr("Next style"),
            "previous": self.tr("Previous style"),
            "snapshot": self.tr("Snapshot"),
            "record": self.tr("Record"),
            "keep-colours": self.tr("Keep the colours"),
            "pause": self.tr("Play or pause"),
        }[do]

    def _learnt(self, control: str, target: str) -> None:
        self.told.emit(self.tr("The control '{control}' does from now on: {target}.").format(
            control=control, target=self._label(target)))  # fmt: skip
