"""What a worker is told once, and what it tells as it paints."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from stytr_live.render.rate import Rate

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction
    from pathlib import Path

    from stytr_live.frame import Frame
    from stytr_live.media.encoders import Encoder
    from stytr_live.media.traits import Traits
    from stytr_live.render.job import RenderJob
    from stytr_live.render.part import Part


@dataclass(frozen=True, slots=True)
class Order:
    """All that segments of one video have in common. It goes to other processes: names of files, never pixels."""

    job: RenderJob
    traits: Traits
    """Of the source."""
    encoder: Encoder
    parts: Path
    """The folder of the parts."""
    shots: tuple[Fraction, ...] = ()
    """Where shots begin, in seconds from the first frame, for a timeline that counts them."""
    threads: int | None = None
    """Threads that painting may use in a process; None leaves it to the engine."""

    @property
    def film(self) -> Traits:
        """Of the output, whose clock ticks once a frame where a constant rate is wanted."""
        fps = self.job.fps
        return self.traits if fps is None else replace(self.traits, time_base=1 / fps, rate=fps, frames=None)

    @property
    def rate(self) -> Rate | None:
        """The moments of a constant rate, if one is wanted."""
        fps, first, start = self.job.fps, self.traits.first, self.job.start
        if fps is None:
            return None
        if start is None:  # the output's clock is the source's
            tick = math.ceil(first * fps)
            return Rate(fps, tick / fps - first, tick)
        return Rate(fps, start, round((first + start) * fps))


class Paints(Protocol):
    """What paints frames; used by one thread at a time. `Painter` is one."""

    @property
    def device(self) -> str:
        """What it runs on, for a user to read."""
        ...

    @property
    def depth(self) -> int:
        """How many frames may be begun before the first is ended."""
        ...

    def begin(self, frame: Frame) -> Callable[[], Frame]:
        """Begin to paint a frame; calling the result waits for it, in the order of the frames."""
        ...

    def reset(self) -> None:
        """Forget the frames before: the next result that is waited for is the first of a segment."""
        ...


@dataclass(frozen=True, slots=True)
class Started:
    """A painter is ready."""

    device: str


@dataclass(frozen=True, slots=True)
class Advanced:
    """Frames of a segment were written; it may yet fail."""

    number: int
    frames: int
    """How many there are of it up to now."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A segment is done, and on the disk."""

    part: Part


@dataclass(frozen=True, slots=True)
class Failed:
    """A segment could not be done."""

    number: int
    error: Exception


Event = Started | Advanced | Finished | Failed
