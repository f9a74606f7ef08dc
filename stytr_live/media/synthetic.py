"""A test pattern that moves."""

from __future__ import annotations

import time
from fractions import Fraction
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from stytr_live.errors import SettingsError
from stytr_live.frame import Frame, MediaInfo, Pixels, Size

if TYPE_CHECKING:
    from collections.abc import Iterator


class SyntheticSource:
    """Colour fields, fine stripes and a disc that go round, as fast as they are taken."""

    def __init__(self, size: Size = (640, 360), rate: Fraction = Fraction(30), frames: int | None = None) -> None:
        """`frames` of `size` pixels at `rate` a second; None goes on until it is closed.

        Raises:
            SettingsError: the size, rate or number is not positive.
        """
        if min(size) < 1 or max(size) > 16384 or rate <= 0 or (frames is not None and frames < 1):
            raise SettingsError("The size, rate and number of frames of a test pattern must be positive.")
        duration = None if frames is None else frames / rate
        self.info = MediaInfo(size, rate, duration, frames, live=frames is None)
        self._frames, self._closed, self._begun = frames, Event(), False
        self._y, self._x = np.mgrid[: size[1], : size[0]].astype(np.float32)

    def __iter__(self) -> Iterator[Frame]:
        """See `FrameSource`."""
        if self._begun:
            raise RuntimeError("a source is iterated once")
        self._begun = True
        rate, index = self.info.rate or Fraction(30), 0
        while not self._closed.is_set() and index != self._frames:
            yield Frame(self.picture(index), index / rate, index, time.perf_counter())
            index += 1

    def close(self) -> None:
        """See `FrameSource`."""
        self._closed.set()

    def picture(self, index: int) -> Pixels:
        """The pattern of a frame, (H, W, 3) RGB."""
        width, height = self.info.size
        angle, side = 2 * np.pi * index / 90, float(min(width, height))
        x, y = self._x / width, self._y / height
        waves = (
            np.sin(6 * x + angle),
            np.sin(7 * y - angle),
            np.sin(5 * (x + y) + 2 * angle),
        )
        channels = np.stack([127.5 + 90 * wave for wave in waves], -1)
        stripes = (((self._x + self._y + 2 * index) // 8) % 2 * 24 - 12)[..., None]
        cx, cy = width * (0.5 + 0.3 * np.cos(angle)), height * (0.5 + 0.3 * np.sin(angle))
        disc = (np.hypot(self._x - cx, self._y - cy) < side / 8)[..., None]
        return np.where(disc, np.array((250, 240, 200), np.float32), channels + stripes).clip(0, 255).astype(np.uint8)
