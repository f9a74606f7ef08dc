"""What is measured on which pictures: one pinned protocol, so that figures of different networks can be compared."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from stytr_live.engine import imaging
from stytr_live.errors import SourceError
from stytr_live.evaluation.figures import Flicker, PictureFigures, compared_shape, picture_figures
from stytr_live.frame import Frame
from stytr_live.media.file_source import FileSource
from stytr_live.media.still import is_picture, read_picture, write_picture
from stytr_live.params import Params, Style

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stytr_live.engine.stylizer import Stylizer
    from stytr_live.frame import Pixels
    from stytr_live.networks.features import Features

STEPS = (0, 3, 7)
"""Content i meets styles i, i + 3 and i + 7, modulo their number."""
LEAKS = ((1, 0), (4, 4), (9, 1))
"""(content, style) of the twenty rounds, modulo their numbers: the test of StyTR-2's figure 5."""
VIDEO_STYLES = (0, 4)
"""Styles that each video meets, modulo their number."""
EVERY = 12
"""Each so-manieth frame of a video is compared with its content and style."""


@dataclass(frozen=True, slots=True)
class Options:
    """On what, and how large."""

    contents: Path
    styles: Path
    videos: Path | None = None
    side: int = 384
    """Short side at which pictures are stylised and compared, in pixels."""
    rounds: int = 20
    frames: int = 40
    """Frames of a video that are looked at."""
    keep: Path | None = None
    """A folder for every output, as PNG."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A content in a style."""

    content: str
    style: str
    figures: PictureFigures
    pictures: tuple[Pixels, Pixels, Pixels] = field(repr=False)
    """Content, style, output."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """A content stylised again and again in one style."""

    content: str
    style: str
    figures: tuple[tuple[float, float], ...]
    """(content, structure) after each round."""
    pictures: tuple[Pixels, ...] = field(repr=False)
    """The content, then the output of each round."""


@dataclass(frozen=True, slots=True)
class Film:
    """A video in a style."""

    video: str
    style: str
    frames: int
    warp: float | None
    warp_input: float | None
    figures: PictureFigures
    pictures: tuple[tuple[Pixels, Pixels], ...] = field(repr=False)
    """(frame, output) of some frames."""

    @property
    def flicker(self) -> float | None:
        """Warping error of the output, as a multiple of the input's."""
        return None if self.warp is None or self.warp_input is None else self.warp / max(self.warp_input, 1e-6)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that was measured."""

    side: int
    pairs: tuple[Pair, ...]
    rounds: tuple[Rounds, ...]
    films: tuple[Film, ...]
    seconds: float

    def mean(self, name: str) -> float:
        """Mean of a figure over the pairs."""
        return float(np.mean([getattr(pair.figures, name) for pair in self.pairs]))

    def table(self) -> dict[str, Any]:
        """All figures, without the pictures."""
        return {
            "side": self.side,
            "seconds": round(self.seconds, 1),
            "pairs": {
                "count": len(self.pairs),
                **{name: round(self.mean(name), 4) for name in ("content", "style", "structure")},
                "each": [{"content": p.content, "style": p.style, "figures": asdict(p.figures)} for p in self.pairs],
            },
            "rounds": [
                {"content": r.content, "style": r.style, "content_and_structure": [list(f) for f in r.figures]}
                for r in self.rounds
            ],
            "videos": [
                {
                    "video": f.video,
                    "style": f.style,
                    "frames": f.frames,
                    "warp": f.warp,
                    "warp_input": f.warp_input,
                    "flicker": f.flicker,
                    "figures": asdict(f.figures),
                }
                for f in self.films
            ],
        }


def evaluate(
    stylizer: Stylizer, features: Features, options: Options, report: Callable[[int, int, str], None] | None = None
) -> Evaluation:
    """Measure a network; `report` is told (done, total, what).

    Raises:
        SourceError: a folder holds nothing that can be read.
    """
    begun = time.perf_counter()
    contents, styles = _pictures(options.contents), [Style.of(name, p) for name, p in _pictures(options.styles)]
    videos = sorted(p for p in options.videos.iterdir() if p.is_file()) if options.videos else []
    pairs = len(contents) * len(STEPS)
    total, done = pairs + len(LEAKS) * options.rounds + len(videos) * len(VIDEO_STYLES) * options.frames, 0

    def tell(what: str, steps: int = 1) -> None:
        nonlocal done
        done += steps
        if report is not None:
            report(done, total, what)

    work = _Work(stylizer, features, options, tell)
    return Evaluation(
        options.side,
        tuple(work.pairs(contents, styles)),
        tuple(work.rounds(contents, styles)),
        tuple(work.films(videos, styles)),
        time.perf_counter() - begun,
    )


class _Work:
    """The three parts of the protocol."""

    def __init__(self, stylizer: Stylizer, features: Features, options: Options, tell: Callable[[str], None]) -> None:
        self._stylizer, self._features, self._options, self._tell = stylizer, features, options, tell
        if options.keep is not None:
            options.keep.mkdir(parents=True, exist_ok=True)

    def pairs(self, contents: list[tuple[str, Pixels]], styles: list[Style]) -> Iterator[Pair]:
        for i, (name, content) in enumerate(contents):
            for step in STEPS:
                style = styles[(i + step) % len(styles)]
                output = self._paint(self._fitted(content), style)
                self._keep(f"pair-{name}-{style.name}", output)
                figures = self._compare(content, style, output)
                yield Pair(name, style.name, figures, (content, style.pixels, output))
                self._tell(f"{name} in {style.name}")

    def rounds(self, contents: list[tuple[str, Pixels]], styles: list[Style]) -> Iterator[Rounds]:
        for c, s in LEAKS:
            (name, content), style = contents[c % len(contents)], styles[s % len(styles)]
            pictures, figures = [self._fitted(content)], []
            for turn in range(1, self._options.rounds + 1):
                pictures.append(self._paint(pictures[-1], style))
                self._keep(f"round-{name}-{style.name}-{turn:02}", pictures[-1])
                figure = self._compare(content, style, pictures[-1])
                figures.append((figure.content, figure.structure))
                self._tell(f"round {turn} of {name} in {style.name}")
            yield Rounds(name, style.name, tuple(figures), tuple(pictures))

    def films(self, videos: list[Path], styles: list[Style]) -> Iterator[Film]:
        for video in videos:
            for s in VIDEO_STYLES:
                yield self._film(video, styles[s % len(styles)])

    def _film(self, video: Path, style: Style) -> Film:
        flicker, compared, shown, count = Flicker(self._options.side), [], [], 0
        source = FileSource(video)
        try:
            for count, frame in enumerate(islice(source, self._options.frames), 1):
                output = self._paint(self._fitted(frame.pixels), style)
                self._keep(f"video-{video.stem}-{style.name}-{count:04}", output)
                flicker.add(frame.pixels, output)
                if count % EVERY == 1:
                    compared.append(self._compare(frame.pixels, style, output))
                    shown.append((frame.pixels, output))
                self._tell(f"frame {count} of {video.name} in {style.name}")
        finally:
            source.close()
        mean = PictureFigures(*(float(np.mean([getattr(f, n) for f in compared])) for n in PictureFigures.__slots__))
        return Film(video.name, style.name, count, flicker.warp, flicker.warp_input, mean, tuple(shown))

    def _fitted(self, pixels: Pixels) -> Pixels:
        """At the size at which it is compared, so that nothing is resized again from round to round."""
        height, width = compared_shape(pixels, self._options.side)
        return imaging.resize(pixels, (width, height))

    def _paint(self, pixels: Pixels, style: Style) -> Pixels:
        params = Params(((style, 1.0),), short_side=max(32, min(pixels.shape[:2])))
        return self._stylizer(Frame(pixels, Fraction(0), 0, 0.0), params).pixels

    def _compare(self, content: Pixels, style: Style, output: Pixels) -> PictureFigures:
        return picture_figures(self._features, content, style.pixels, output, side=self._options.side)

    def _keep(self, name: str, pixels: Pixels) -> None:
        if self._options.keep is not None:
            write_picture(self._options.keep / f"{name}.png", pixels, overwrite=True)


def _pictures(folder: Path) -> list[tuple[str, Pixels]]:
    """(name, picture) of all pictures of a folder that can be read."""
    if not folder.is_dir():
        raise SourceError(f"There is no folder '{folder}'.")
    found = []
    for path in sorted(p for p in folder.iterdir() if p.is_file() and is_picture(p)):
        try:
            found.append((path.stem, read_picture(path)))
        except SourceError:
            continue
    if not found:
        raise SourceError(f"'{folder}' holds no picture that can be read.")
    return found
