"""Processors, cameras, encoders, folders."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import platformdirs

from stytr_live.doctor.check import Check
from stytr_live.media import probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HARDWARE = "It needs that maker's GPU and driver; software encoders do instead."
VIRTUAL = {
    "linux": "sudo apt install v4l2loopback-dkms && sudo modprobe v4l2loopback exclusive_caps=1",
    "darwin": "Install OBS and start its virtual camera once.",
    "win32": "Install OBS and start its virtual camera once.",
}


def processors() -> Iterator[Check]:
    """What computes, and why a GPU does not."""
    from stytr_live.engine import inventory

    section = "Processors"
    for device in inventory.devices():
        yield Check(section, device.kind, "good", f"{device.name}; {device.facts}")
    reason = inventory.no_cuda()
    if reason is not None:
        yield Check(section, "cuda", "note", f"not used: {reason}",
                    "With an NVIDIA GPU, install its driver and a PyTorch with CUDA.")  # fmt: skip


def cameras() -> Iterator[Check]:
    """Cameras, virtual ones and the screen."""
    section = "Cameras"
    if sys.platform == "linux":
        nodes = probe.camera_nodes()
        for node in nodes:
            if not node.readable:
                yield Check(section, node.name, "bad", f"{node.path} may not be opened by you",
                            "sudo usermod -aG video $USER, then log in again.")  # fmt: skip
            elif not node.virtual:
                yield Check(section, node.name, "good", str(node.path))
        if not any(not node.virtual for node in nodes):
            yield Check(section, "camera", "note", "none is plugged in", "Files, screens and streams work without one.")
        virtual = next((node for node in nodes if node.virtual), None)
    else:
        yield Check(section, "camera", "good", "the window lists them")
        virtual = None
    if virtual is not None:
        yield Check(section, "virtual camera", "good", f"{virtual.name}, {virtual.path}")
    else:
        yield Check(section, "virtual camera", "note", "no driver was found", VIRTUAL.get(sys.platform, ""))
    lacking = probe.can_grab_screen()
    if lacking is None and sys.platform == "linux" and not os.environ.get("DISPLAY"):
        lacking = "there is no X display" + (
            " (Wayland alone is not enough)" if os.environ.get("WAYLAND_DISPLAY") else ""
        )
    if lacking is None:
        yield Check(section, "screen", "good", "can be shown")
    else:
        yield Check(section, "screen", "note", lacking, "Start an X session.")


def encoders() -> Iterator[Check]:
    """Encoders that really open."""
    section = "Encoders"
    yield Check(section, "FFmpeg", "good", ", ".join(f"{k} {v}" for k, v in sorted(probe.ffmpeg_versions().items())))
    for name in probe.ENCODERS:
        reason = probe.try_encoder(name)
        if reason is None:
            yield Check(section, name, "good", "opens")
        elif name == "libx264":
            yield Check(section, name, "bad", reason, "pip install --force-reinstall av")
        else:
            remedy = "" if name in probe.SOFTWARE else HARDWARE
            yield Check(section, name, "note", reason, remedy)


def folders() -> Iterator[Check]:
    """Whether what must be kept can be kept."""
    for name, path in (
        ("cache", platformdirs.user_cache_path("stytr-live", appauthor=False)),
        ("settings", platformdirs.user_config_path("stytr-live", appauthor=False)),
    ):
        reason = _unwritable(path)
        if reason is None:
            size = sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
            yield Check("Folders", name, "good", f"{path}, {size / 2**20:.1f} MB")
        else:
            yield Check(
                "Folders", name, "note", f"'{path}' cannot be written: {reason}", "Change its owner or free space."
            )


def _unwritable(path: Path) -> str | None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        trial = path / ".trial"
        trial.write_bytes(b"x")
        trial.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return None
