"""The cameras that are plugged in, as Qt or else the system lists them."""

from __future__ import annotations

import sys
from fractions import Fraction

from PyQt6.QtMultimedia import QCameraDevice, QMediaDevices

from stytr_live.media.cameras import CameraInfo, Mode, distinct, lasting, video4linux

SMALLEST = 320
"""Widths below it, in pixels, are offered by many cameras and wanted by nobody."""


def plugged() -> list[CameraInfo]:
    """All cameras; without Qt's plug-in for them, by name only."""
    return [_info(device) for device in QMediaDevices.videoInputs()] or video4linux()


def _info(device: QCameraDevice) -> CameraInfo:
    modes = []
    for form in device.videoFormats():
        size, rate = form.resolution(), Fraction(round(form.maxFrameRate()))
        if size.width() >= SMALLEST and rate > 0:
            modes.append(Mode((size.width(), size.height()), rate))
    name = device.description()
    if sys.platform.startswith("linux"):
        where = lasting(bytes(device.id().data()).decode("utf-8", "replace"))
    else:
        where = name  # FFmpeg knows cameras by these names there, and not by Qt's
    return CameraInfo(where, name, distinct(modes))
