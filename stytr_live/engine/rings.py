"""Buffers through which pictures travel to a device and back, used in turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from stytr_live.engine.cuda import Device, Event, Stream
    from stytr_live.frame import Pixels, Size


@dataclass(frozen=True, slots=True)
class Lanes:
    """Three streams, so that one picture is painted while the next arrives and the one before leaves."""

    upload: Stream
    compute: Stream
    download: Stream

    def drain(self) -> None:
        """Wait until nothing is under way."""
        for stream in (self.upload, self.compute, self.download):
            stream.mark().wait()


class Slot:
    """The buffers of one picture, (H, W, 3) bytes each: pinned ones on the host, and two on the device.

    Between `send` and `receive`, `held` keeps alive what the device reads and writes on the picture's behalf.
    """

    def __init__(self, device: Device, lanes: Lanes, size: Size) -> None:
        shape = (size[1], size[0], 3)
        self._lanes = lanes
        self._out, self._in = device.pinned(shape), device.pinned(shape)
        self._departure: Pixels = self._out.numpy()
        self._arrival: Pixels = self._in.numpy()
        # Each is allocated on the stream that writes to it, behind whatever used its memory before.
        self.frame, self.painting = lanes.upload.empty(shape), lanes.compute.empty(shape)
        self._done: Event | None = None
        self.held: object = None

    def free(self) -> None:
        """Wait until the picture that was here has left."""
        if self._done is not None:
            self._done.wait()
        self._done = self.held = None

    def send(self, pixels: Pixels) -> Event:
        """Begin to bring a picture to `frame`; the event is its arrival."""
        np.copyto(self._departure, pixels)
        self._lanes.upload.run(lambda: self.frame.copy_(self._out, non_blocking=True))
        return self._lanes.upload.mark()

    def fetch(self, painted: Event) -> None:
        """Begin to bring `painting` to the host once it is painted."""
        self._lanes.download.follow(painted)
        self._lanes.download.run(lambda: self._in.copy_(self.painting, non_blocking=True))
        self._done = self._lanes.download.mark()

    def receive(self) -> Pixels:
        """Wait for the painting, and for nothing that was begun after it: (H, W, 3) in memory of its own."""
        assert self._done is not None, "nothing was sent"
        self._done.wait()
        return self._arrival.copy()


class Ring:
    """Slots for frames of one size. Pinning memory takes milliseconds, so it is done once."""

    def __init__(self, device: Device, lanes: Lanes, size: Size, count: int) -> None:
        self._slots = [Slot(device, lanes, size) for _ in range(count)]
        self._turn = 0

    def next(self) -> Slot:
        """The slot whose turn it is, free; what nobody asked for in it is lost."""
        slot = self._slots[self._turn]
        self._turn = (self._turn + 1) % len(self._slots)
        slot.free()
        return slot
