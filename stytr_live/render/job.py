"""What to render, and what became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stytr_live.errors import SettingsError, SinkError

if TYPE_CHECKING:
    from fractions import Fraction
    from pathlib import Path

    from stytr_live.media.encoders import Encoding

SHORTEST, LONGEST = 0.1, 86400
"""Bounds of a segment's length, in seconds."""
FASTEST = 1000
"""Most frames a second that can be asked for."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """One video, picture or folder of pictures to paint.

    Raises:
        SettingsError: the options contradict each other.
        SinkError: the output is the input.
    """

    input: Path
    """A video, a picture or a folder of pictures."""
    output: Path
    """A file like the input, or a folder where the input is one."""
    styles: tuple[tuple[str, float], ...] = ()
    """Picture files or names of built-in styles, with weights that need not sum to 1."""
    timeline: Path | None = None
    """A file that says which styles there are at which time, and how strong; in place of `styles` and `strength`."""
    network: str = "lite"
    weights: Path | None = None
    """A weights file; the built-in one unless told."""
    short_side: int = 512
    """Short side of the picture the network sees, in pixels."""
    style_side: int | None = None
    """Short side of the style pictures the network sees, in pixels; None leaves it to the engine."""
    strength: float = 1.0
    """0 the content … 1 fully stylised."""
    keep_colours: bool = False
    tokens: int | None = None
    """Most tokens that a style may have; None leaves it to the network."""
    detail: bool = True
    """Where the input is larger than the network sees it, add its fine detail to the painting."""
    smoothing: float = 0.0
    """Time constant, in seconds, over which flicker is averaged along the motion; 0 is off."""
    device: str = "auto"
    precision: str = "auto"
    """`auto`, `float32` or `half`."""
    start: Fraction | None = None
    """Where in the video to begin, in seconds from its first frame."""
    end: Fraction | None = None
    """Where in the video to end, in seconds from its first frame; the frame at that time is left out."""
    fps: Fraction | None = None
    """A constant rate to give the output, by repeating and leaving out frames; None keeps the times of the input."""
    stream: int | None = None
    """Which stream of the input to paint; the one that players show unless told."""
    background: str | None = None
    """What is behind a video that can be seen through, as `#rrggbb`; black unless told."""
    encoding: Encoding | None = None
    """How a video is encoded; None leaves it to the suffix of the output."""
    segment: Fraction | None = None
    """Longest segment, in seconds, painted at a time; None leaves it to the plan."""
    keep_going: bool = False
    """Put together what was painted even where some of it could not be."""
    overwrite: bool = False
    """Replace outputs that exist."""

    def __post_init__(self) -> None:
        if not self.styles and self.timeline is None:
            raise SettingsError("No style was given; name one with --style, such as --style mosaic.")
        if self.styles and self.timeline is not None:
            raise SettingsError("Both styles and a timeline were given; the timeline names its styles itself.")
        if self.style_side is not None and not 32 <= self.style_side <= 2048:
            raise SettingsError(f"The style side is {self.style_side} pixels; choose a number from 32 to 2048.")
        if self.fps is not None and not 0 < self.fps <= FASTEST:
            raise SettingsError(f"The rate is {float(self.fps):g} frames a second; choose one up to {FASTEST}.")
        if self.segment is not None and not SHORTEST <= self.segment <= LONGEST:
            raise SettingsError(
                f"A segment of {float(self.segment):g} s cannot be painted; choose from {SHORTEST} to {LONGEST} s."
            )
        if self.stream is not None and self.stream < 0:
            raise SettingsError(f"There is no stream {self.stream}; they are counted from 0.")
        if self.background is not None and not _COLOUR.fullmatch(self.background):
            raise SettingsError(f"'{self.background}' is no colour; write it like #ffffff.")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise SettingsError(
                f"The end ({float(self.end):g} s) is not after the start ({float(self.start):g} s); "
                "choose a later --end or an earlier --start."
            )
        if self.output.resolve() == self.input.resolve():
            raise SinkError(f"'{self.output}' is the input; choose another name for the output.")


@dataclass(frozen=True, slots=True)
class Run:
    """How a job is carried out; none of it changes what comes out."""

    workers: int = 1
    """Processes that paint at the same time."""
    cluster: str | None = None
    """Address of the Ray cluster that paints, or `auto`; None paints on this machine."""
    work: Path | None = None
    """Where unfinished videos are kept; beside the output unless told."""
    resume: bool = True
    """Go on where an earlier run of the same job ended."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is."""

    frames: int
    """Frames, or pictures of a folder, that are done."""
    total: int | None
    """How many there will be, an estimate; None where nobody knows."""
    fps: float
    """Frames per second of late."""
    elapsed: float
    """Seconds since the first frame was begun."""
    remaining: float | None
    """Seconds to go, an estimate; None where nobody knows."""
    segments: int = 0
    """Segments of a video that are done."""
    all_segments: int = 0
    """How many segments the video has."""

    @classmethod
    def estimate(
        cls, frames: int, total: int | None, fps: float, elapsed: float, segments: tuple[int, int] = (0, 0)
    ) -> Progress:
        """Work out what remains; a total that was passed is corrected. `segments` are those done, and all."""
        if total is not None:
            total = max(total, frames)
        remaining = (total - frames) / fps if total is not None and fps > 0 else None
        return cls(frames, total, fps, elapsed, remaining, *segments)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a job made."""

    output: Path
    frames: int
    """Frames, or pictures of a folder, that were written."""
    elapsed: float
    """Seconds, loading not counted."""
    device: str
    """What it ran on."""
    failures: tuple[str, ...] = field(default=())
    """One sentence for each picture of a folder, or segment of a video, that was left out."""
    resumed: int = 0
    """Frames among them that an earlier run had painted."""
