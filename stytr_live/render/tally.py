"""How far a video is, over all workers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stytr_live.render.job import Progress
from stytr_live.render.order import Advanced, Failed, Finished, Started
from stytr_live.stats import Meter

if TYPE_CHECKING:
    from stytr_live.render.order import Event
    from stytr_live.render.part import Part

WINDOW = 10.0
"""Seconds over which the speed is taken, so that the time left does not jump about."""


class Tally:
    """Counts what executors tell."""

    def __init__(self, segments: int, total: int | None, done: dict[int, Part]) -> None:
        """`segments` is how many there are, `total` how many frames, `done` what an earlier run has left."""
        self._segments, self._total = segments, total
        self.done = dict(done)
        """The parts that are there, by the numbers of their segments."""
        self.failures: dict[int, Exception] = {}
        """Why segments could not be done, by their numbers."""
        self.resumed = sum(part.frames for part in done.values())
        """Frames that were there before."""
        self.device = "nothing was left to paint"
        """What paints, for a user to read."""
        self._frames: dict[int, int] = {part.number: part.frames for part in done.values()}
        self._meter, self._begun = Meter(window=WINDOW), time.perf_counter()

    def count(self, event: Event | None) -> None:
        """Take note of what happened."""
        if isinstance(event, Started):
            self.device, self._begun = event.device, time.perf_counter()
        elif isinstance(event, Advanced):
            self._to(event.number, event.frames)
        elif isinstance(event, Finished):
            self._to(event.part.number, event.part.frames)
            self.done[event.part.number] = event.part
        elif isinstance(event, Failed):
            self._frames.pop(event.number, None)
            self.failures[event.number] = event.error

    def progress(self, *, ended: bool = False) -> Progress:
        """How far it is; at the end the frames are as many as they are."""
        frames = sum(self._frames.values())
        elapsed = time.perf_counter() - self._begun
        segments = len(self.done), self._segments
        return Progress.estimate(frames, frames if ended else self._total, self._meter.stats().fps, elapsed, segments)

    def _to(self, number: int, frames: int) -> None:
        now = time.perf_counter()
        for _ in range(frames - self._frames.get(number, 0)):
            self._meter.deliver(now)
        self._frames[number] = frames
