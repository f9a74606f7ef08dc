"""What FFmpeg on this machine really can do."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av

if TYPE_CHECKING:
    from collections.abc import Mapping

ENCODERS = {
    "libx264": "yuv420p", "libx265": "yuv420p", "libsvtav1": "yuv420p", "prores_ks": "yuv422p10le", "ffv1": "yuv420p",
    "h264_nvenc": "yuv420p", "hevc_nvenc": "yuv420p", "av1_nvenc": "yuv420p", "h264_qsv": "nv12", "hevc_qsv": "nv12",
    "h264_amf": "nv12", "h264_videotoolbox": "yuv420p", "hevc_videotoolbox": "yuv420p", "h264_vaapi": "vaapi",
}  # fmt: skip
"""Encoders that rendering may use, and a pixel format of each."""
QUIET = {"libx265": {"x265-params": "log-level=none"}}
"""Options that silence encoders which write to the terminal by themselves."""
SOFTWARE = frozenset({"libx264", "libx265", "libsvtav1", "prores_ks", "ffv1"})


def try_encoder(name: str, *, pixel_format: str | None = None, options: Mapping[str, str] | None = None) -> str | None:
    """Encode two small pictures; None where that works, else the reason as a clause.

    Args:
        name: of the encoder, as FFmpeg knows it.
        pixel_format: of the pictures; what is usual with the encoder, unless told.
        options: of the encoder.
    """
    if name not in av.codecs_available:
        return "not part of the FFmpeg that is installed"
    os.environ.setdefault("SVT_LOG", "-1")
    try:
        with av.open(io.BytesIO(), "w", format="matroska") as file:
            stream = file.add_stream(name, rate=25, options={**QUIET.get(name, {}), **(options or {})})
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = 320, 240, pixel_format or ENCODERS.get(name, "yuv420p")
            stream.codec_context.time_base = Fraction(1, 25)
            for index in range(2):
                frame = av.VideoFrame(320, 240, "yuv420p")
                frame.pts, frame.time_base = index, Fraction(1, 25)
                file.mux(stream.encode(frame.reformat(format=stream.pix_fmt)))
            file.mux(stream.encode(None))
    except (av.FFmpegError, ValueError, OSError) as error:
        return str(getattr(error, "strerror", None) or error).rstrip(".").lower()
    return None


def ffmpeg_versions() -> dict[str, str]:
    """FFmpeg's libraries and their versions."""
    return {name: ".".join(map(str, version)) for name, version in av.library_versions.items()}


@dataclass(frozen=True, slots=True)
class CameraNode:
    """A video device of Linux."""

    path: Path
    name: str
    readable: bool
    """Whether this user may open it."""
    virtual: bool
    """Whether it is one that programs write to."""


def camera_nodes(system: Path = Path("/sys/class/video4linux"), devices: Path = Path("/dev")) -> list[CameraNode]:
    """The video devices that Linux knows; only the first node of each, the others carry no pictures."""
    found = []
    for entry in sorted(system.glob("video*"), key=lambda p: (len(p.name), p.name)):
        try:
            name, index = (entry / "name").read_text("utf-8").strip(), (entry / "index").read_text("ascii").strip()
        except OSError:
            continue
        node = devices / entry.name
        if index != "0":
            continue
        readable = True
        try:
            with node.open("rb"):
                pass
        except PermissionError:
            readable = False
        except OSError:  # busy, which says nothing against it
            pass
        virtual = "virtual" in str(entry.resolve()) or "loopback" in name.lower()
        found.append(CameraNode(node, name, readable, virtual))
    return found


def can_grab_screen() -> str | None:
    """None where FFmpeg can grab this system's screen, else what it lacks."""
    wanted = {"linux": "x11grab", "win32": "gdigrab", "darwin": "avfoundation"}.get(sys.platform, "x11grab")
    return None if wanted in av.formats_available else f"FFmpeg was built without {wanted}"
