"""A camera that other programs see."""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import numpy as np

from stytr_live.errors import SinkError
from stytr_live.links import Closed, Link
from stytr_live.media.letterbox import letterbox

if TYPE_CHECKING:
    from stytr_live.frame import Frame, Pixels, Size

_ON_LINUX = (
    "on Linux, run 'sudo apt install v4l2loopback-dkms && "
    'sudo modprobe v4l2loopback exclusive_caps=1 card_label="StyTR Live"\''
)
_ELSEWHERE = "install OBS Studio from https://obsproject.com, start its virtual camera once and stop it again"


class VirtualCamera:
    """Shows frames to other programs as if they came from a camera.

    It has one size for its life, because programs that have opened it do not expect another: frames of other sizes are
    letterboxed into it. It stays open while the source or the style changes. Frames are sent by a thread of its own;
    the newest wins.

    Raises:
        SinkError: pyvirtualcam or a driver is missing, or another program has the camera.
    """

    def __init__(self, size: Size, rate: float) -> None:
        """`size` (width, height) is rounded down to even numbers, `rate` is in frames per second."""
        self.size = max(size[0] // 2 * 2, 2), max(size[1] // 2 * 2, 2)
        try:
            module = importlib.import_module("pyvirtualcam")
        except ImportError as error:
            raise SinkError(
                "A virtual camera needs a package that is not installed: pip install 'stytr-live[camera]'."
            ) from error
        try:
            self._camera: Any = module.Camera(*self.size, rate, fmt=module.PixelFormat.RGB)
        except (RuntimeError, OSError, ValueError) as error:
            remedy = _ON_LINUX if sys.platform.startswith("linux") else _ELSEWHERE
            raise SinkError(f"There is no virtual camera that can be used ({_said(error)}); {remedy}.") from error
        self._link: Link[Pixels] = Link(1, lossy=True)
        self._error: SinkError | None = None
        self._lock, self._closed = Lock(), False
        # Some programs only list a camera that has shown something.
        self._link.put(np.zeros((self.size[1], self.size[0], 3), np.uint8))
        self._thread = Thread(target=self._send, name="virtual camera")
        self._thread.start()

    @property
    def device(self) -> str:
        """Name of the camera in other programs, or its path."""
        return str(self._camera.device)

    @property
    def dropped(self) -> int:
        """Frames that were overtaken by newer ones."""
        return self._link.dropped

    def write(self, frame: Frame) -> None:
        """Show a frame; returns at once.

        Raises:
            SinkError: the camera failed or was closed.
        """
        if self._error is not None:
            raise self._error
        try:
            self._link.put(frame.pixels)
        except Closed as closed:
            raise self._error or SinkError("The virtual camera is closed.") from closed

    def close(self) -> None:
        """Take the camera away from other programs; may be called again."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._link.cancel()
        self._thread.join()
        with suppress(RuntimeError, OSError):
            self._camera.close()

    def discard(self) -> None:
        """The same as `close`: nothing is kept."""
        self.close()

    def _send(self) -> None:
        with suppress(Closed):
            while True:
                pixels = np.ascontiguousarray(letterbox(self._link.get(), self.size))
                try:
                    self._camera.send(pixels)
                except (RuntimeError, OSError, ValueError) as error:
                    self._error = SinkError(f"The virtual camera failed: {_said(error)}.")
                    self._link.cancel()


def _said(error: Exception) -> str:
    """What a library says, as a part of a sentence."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(" .:") if lines else type(error).__name__
