"""What to render, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stytr_live.errors import SettingsError, SinkError

if TYPE_CHECKING:
    from fractions import Fraction
    from pathlib import Path


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
    styles: tuple[tuple[str, float], ...]
    """Picture files or names of built-in styles, with weights that need not sum to 1."""
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
    overwrite: bool = False
    """Replace outputs that exist."""

    def __post_init__(self) -> None:
        if not self.styles:
            raise SettingsError("No style was given; name one with --style, such as --style mosaic.")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise SettingsError(
                f"The end ({float(self.end):g} s) is not after the start ({float(self.start):g} s); "
                "choose a later --end or an earlier --start."
            )
        if self.output.resolve() == self.input.resolve():
            raise SinkError(f"'{self.output}' is the input; choose another name for the output.")


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

    @classmethod
    def estimate(cls, frames: int, total: int | None, fps: float, elapsed: float) -> Progress:
        """Work out what remains; a total that was passed is corrected."""
        if total is not None:
            total = max(total, frames)
        remaining = (total - frames) / fps if total is not None and fps > 0 else None
        return cls(frames, total, fps, elapsed, remaining)


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
    """One sentence for each picture of a folder that was left out."""
