"""A small picture of the frame painted last, for whoever watches a render."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction
    from pathlib import Path

    from stytr_live.frame import Frame

SIDE = 480
"""Longest side, in pixels."""
EVERY = 1.0
"""Seconds between two pictures, at least."""


class Preview:
    """Takes every painted frame, in any thread, and writes one now and then; a file that cannot be written is left.

    Goes to other processes, which then write the same file.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock, self._lock = path, clock, Lock()
        self._next = clock()
        self.index: int | None = None
        """Of the frame that was painted last in this process; None before the first."""
        self.time: Fraction | None = None
        """Of that frame, in seconds."""

    def __reduce__(self) -> tuple[type[Preview], tuple[Path]]:
        """Only the file counts elsewhere."""
        return Preview, (self._path,)

    def __call__(self, frame: Frame) -> None:
        """A frame was painted."""
        self.index, self.time = frame.index, frame.time
        with self._lock:
            now = self._clock()
            if now < self._next:
                return
            self._next = now + EVERY
        part = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
        with suppress(OSError):  # the entry was removed, or the disk is full: the render itself says so
            if self._path.exists() and 0 <= now - self._path.stat().st_mtime < EVERY:  # by another process
                return
            image = Image.fromarray(frame.pixels)
            image.thumbnail((SIDE, SIDE), reducing_gap=2.0)
            image.save(part, "JPEG", quality=80)
            part.replace(self._path)
