"""Python, and the libraries the program stands on."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from typing import TYPE_CHECKING

from stytr_live.doctor.check import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

SECTION = "Libraries"
NEEDED = ("torch", "torchvision", "av", "numpy", "opencv-python-headless", "pillow", "safetensors", "PyQt6")
EXTRAS = {
    "lightning-fabric": ("training", "train"),
    "pyvirtualcam": ("the virtual camera", "camera"),
}
QT = "sudo apt install libegl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0"
TIMEOUT = 30.0
"""Seconds that Qt gets to start."""


def libraries() -> Iterator[Check]:
    """Versions of all, and whether Qt starts."""
    version = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info < (3, 11)
    yield Check(SECTION, "Python", "bad" if old else "good", version, "Install Python 3.11 or newer." if old else "")
    for name in NEEDED:
        found = _version(name)
        if found is None:
            yield Check(SECTION, name, "bad", "not installed", f"pip install {name}")
        else:
            yield Check(SECTION, name, "good", found)
    if _version("opencv-python") is not None:
        yield Check(
            SECTION, "opencv-python", "bad", "installed beside the headless one; its Qt plug-ins break the window",
            "pip uninstall opencv-python && pip install --force-reinstall opencv-python-headless",
        )  # fmt: skip
    openvino = _version("openvino")
    if openvino is None:
        yield Check(SECTION, "openvino", "note", "not installed: PyTorch is used, several times slower",
                    "pip install openvino")  # fmt: skip
    else:
        yield Check(SECTION, "openvino", "good", openvino)
    yield qt()
    for name, (purpose, extra) in EXTRAS.items():
        found = _version(name)
        if found is None:
            yield Check(
                SECTION, name, "note", f"not installed; {purpose} needs it", f"pip install 'stytr-live[{extra}]'"
            )
        else:
            yield Check(SECTION, name, "good", found)


def qt() -> Check:
    """Whether the window's library starts, tried in a process of its own."""
    code = "from PyQt6 import QtMultimedia, QtSvg, QtWidgets"
    try:
        tried = subprocess.run(  # noqa: S603  (our own words)
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check(SECTION, "Qt", "bad", f"it does not start: {type(error).__name__}", QT)
    if tried.returncode == 0:
        return Check(SECTION, "Qt", "good", "starts")
    lines = tried.stderr.strip().splitlines()
    return Check(SECTION, "Qt", "bad", f"it does not start: {lines[-1] if lines else tried.returncode}", QT)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
