"""Frames of two fields, taken at different times, into frames of one time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
from av.filter import Graph

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from av.filter.context import FilterContext

    from stytr_live.media.decoder import Timed

NEIGHBOURS = 2
"""Frames before a frame that must be there for it to come out as in the whole film; one would do, were none damaged."""


def deinterlaced(frames: Iterator[Timed], time_base: Fraction) -> Iterator[Timed]:
    """The same frames at the same times, with the lines of one field only and the others made up between them.

    This is FFmpeg's bwdif, after Martin Weston's deinterlacer of the BBC. Each frame is made from itself and its
    neighbours; frames that say that they are progressive stay as they are.

    Args:
        frames: with their times in seconds, in order.
        time_base: of the frames' own times, in seconds.
    """
    graph: _Graph | None = None
    for moment, frame in frames:
        if graph is None or graph.shape != (frame.width, frame.height, frame.format.name):
            if graph is not None:
                yield from graph.rest()
            graph = _Graph(frame, time_base)
        yield from graph.take(moment, frame)
    if graph is not None:
        yield from graph.rest()


class _Graph:
    """The filter, for frames of one shape."""

    def __init__(self, like: av.VideoFrame, time_base: Fraction) -> None:
        self.shape = like.width, like.height, like.format.name
        self._moments: list[Fraction] = []  # of frames that are still in the filter
        self._graph = Graph()
        self._source: FilterContext = self._graph.add_buffer(
            width=like.width, height=like.height, format=like.format, time_base=time_base
        )
        bwdif = self._graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced")
        self._sink = self._graph.add("buffersink")
        self._source.link_to(bwdif)
        bwdif.link_to(self._sink)
        self._graph.configure()

    def take(self, moment: Fraction, frame: av.VideoFrame) -> Iterator[Timed]:
        """Take the next frame; the one before comes out."""
        self._moments.append(moment)
        self._source.push(frame)
        yield from self._ready()

    def rest(self) -> Iterator[Timed]:
        """What is still in it."""
        self._source.push(None)
        yield from self._ready()

    def _ready(self) -> Iterator[Timed]:
        while self._moments:
            try:
                frame = self._sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            assert isinstance(frame, av.VideoFrame)
            yield self._moments.pop(0), frame
