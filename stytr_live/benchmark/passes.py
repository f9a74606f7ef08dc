"""How fast whole videos go through: rendering against its limits, and the live way of a frame."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from stytr_live.engine.devices import open_backend
from stytr_live.engine.store import Store
from stytr_live.engine.styles import load_style
from stytr_live.engine.stylizer import Stylizer
from stytr_live.frame import Frame
from stytr_live.media.file_source import FileSource
from stytr_live.media.synthetic import SyntheticSource
from stytr_live.media.transcode import transcode
from stytr_live.networks import load_network
from stytr_live.params import Params
from stytr_live.pipeline import Pipeline
from stytr_live.render.job import RenderJob
from stytr_live.render.painter import Painter
from stytr_live.render.video import render_video

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stytr_live.frame import MediaInfo, Size
    from stytr_live.stats import Stats

SHORTEST = 3.0
"""Seconds below which a pass over a short video is done again, and the best time counts."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """Frames a second of a video, in different ways."""

    frames: int
    raw: float
    """Decoded and encoded, with nothing in between."""
    empty: float
    """Rendered by a painter that does nothing."""
    painted: float
    """Rendered by the network."""
    recoded: float
    """What was rendered, decoded and encoded with nothing in between: a painting takes more bits than the video."""
    network: float
    """Painted by the network alone, from pixels in memory to pixels in memory."""
    device: str

    @property
    def limit(self) -> float:
        """What painting and everything else allow together: on a processor they share its cores, else they overlap."""
        if self.device.startswith("cpu"):
            return 1 / (1 / self.network + 1 / self.recoded)
        return min(self.network, self.recoded)


class _Nothing:
    """Stands where a painter stands, and leaves every frame as it is."""

    device, depth = "nothing", 1

    def begin(self, frame: Frame) -> Callable[[], Frame]:
        return lambda: frame

    def reset(self) -> None:
        """There is nothing to forget."""


def measure_rendering(clip: Path, *, network: str = "lite", device: str = "auto") -> Rendering:
    """Render a video in all ways, into a folder that is removed.

    Raises:
        StytrError: the video cannot be read, or the device not used.
    """
    with tempfile.TemporaryDirectory() as folder:
        output, again = Path(folder) / "out.mp4", Path(folder) / "again.mp4"
        job = RenderJob(
            input=clip, output=output, styles=(("mosaic", 1.0),), network=network, device=device, overwrite=True
        )
        frames = transcode(clip, output)
        raw = _best(lambda: transcode(clip, output))
        empty = _best(lambda: render_video(job, lambda _: _Nothing(), lambda _: None))
        with closing(Painter(job)) as painter:
            seen = _frames(clip, 32)
            network_rate = _alone(painter, seen)
            painted = _best(lambda: render_video(job, lambda _: painter, lambda _: None))
            recoded = _best(lambda: transcode(output, again))
            return Rendering(
                frames=frames,
                raw=frames / raw,
                empty=frames / empty,
                painted=frames / painted,
                recoded=frames / recoded,
                network=network_rate,
                device=painter.device,
            )


def _best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of a few passes."""
    times: list[float] = []
    while sum(times) < SHORTEST or len(times) < 2:
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def _frames(clip: Path, most: int) -> list[Frame]:
    with closing(FileSource(clip)) as source:
        return [frame for frame, _ in zip(source, range(most), strict=False)]


def _alone(painter: Painter, frames: list[Frame]) -> float:
    """Frames a second without a source and a sink."""
    painter(frames[0])

    def work() -> None:
        begun: deque[Callable[[], Frame]] = deque()
        for frame in frames:
            begun.append(painter.begin(frame))
            if len(begun) >= painter.depth:
                begun.popleft()()
        while begun:
            begun.popleft()()

    return len(frames) / _best(work)


def measure_live(size: Size, rate: int, seconds: float, *, network: str = "lite", device: str = "auto") -> Stats:
    """A camera of a size and rate painted for some seconds: frames a second, latency and drops where they are shown.

    Raises:
        StytrError: the device cannot be used.
    """
    store = Store()
    backend = open_backend(load_network(network), device, live=True, store=store)
    with closing(Stylizer(backend, live=True, store=store)) as stylizer:
        params = Params(((load_style("mosaic"), 1.0),), short_side=min(size))
        camera = _Camera(size, rate)
        stylizer(camera.frames[0], params)
        pipeline = Pipeline(camera, lambda frame: stylizer.begin(frame, params), _Screen(), live=True)
        pipeline.start(depth=stylizer.depth)
        pipeline.wait(seconds)
        stats = pipeline.stats()
        pipeline.stop()
        pipeline.wait()
    return stats


class _Camera:
    """Gives frames when they are due, whether somebody takes them or not."""

    def __init__(self, size: Size, rate: int) -> None:
        pattern = SyntheticSource(size)
        self.info: MediaInfo = pattern.info
        self.frames = [Frame(pattern.picture(i), Fraction(i, rate), i, 0.0) for i in range(8)]
        self._rate, self._closed = rate, Event()

    def __iter__(self) -> Iterator[Frame]:
        begin, index = time.perf_counter(), 0
        while not self._closed.wait(max(0.0, begin + index / self._rate - time.perf_counter())):
            yield Frame(self.frames[index % 8].pixels, Fraction(index, self._rate), index, time.perf_counter())
            index += 1

    def close(self) -> None:
        self._closed.set()


class _Screen:
    """Takes what it is given."""

    def write(self, frame: Frame) -> None:
        """Nothing remains to be done: a window paints from the same memory."""

    def close(self) -> None:
        """Nothing is left open."""

    def discard(self) -> None:
        """Nothing is left open."""
