"""Painting a stream that does not wait: styles fade over, the working size follows the machine, repeats are skipped."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from stytr_live.engine.deadline import Deadline
from stytr_live.engine.similarity import Similarity
from stytr_live.frame import Painted
from stytr_live.params import MIXABLE, Params, mixture

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.engine.deadline import Choice
    from stytr_live.engine.stylizer import Stylizer
    from stytr_live.frame import Frame, Pixels
    from stytr_live.params import Style

Mixture = tuple[tuple["Style", float], ...]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a user wants of a live stream; read once per frame."""

    params: Params = field(default_factory=Params)
    """`short_side` is the largest working size where a rate is to be held."""
    cross_fade: float = 0.0
    """Seconds in which one style turns into the next."""
    target: float | None = None
    """Frames a second to hold, by a smaller working size if need be; None keeps the size."""
    skip_unchanged: bool = True
    """Whether the last painting is shown again while the picture does not change."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What is being done about the wishes."""

    short_side: int = 0
    """Working size, in pixels; 0 before the first frame."""
    every: int = 1
    """One of so many frames is painted."""
    skipped: int = 0
    """Frames that were not painted because nothing had changed, or to hold the rate."""
    note: str = ""
    """What was chosen to hold the rate, as a sentence."""


class LivePainter:
    """Paints the frames of one live stream; used by one thread at a time, but `doing` may be read by any."""

    def __init__(
        self, stylizer: Stylizer, wishes: Callable[[], Wishes], *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """`wishes` is asked once per frame; `clock` tells seconds."""
        self._stylizer, self._wishes, self._clock = stylizer, wishes, clock
        self._fade = CrossFade()
        self._deadline: Deadline | None = None
        self._similarity, self._last = Similarity(), _Last()
        self._count = 0
        self.doing = Doing()
        self.depth = stylizer.depth

    def begin(self, frame: Frame) -> Callable[[], Frame]:
        """Begin to paint a frame; calling the result waits for it. The result carries the frame as `before`.

        Raises:
            StyleError: a style cannot be used by this network.
            BackendError: the device has not enough memory.
        """
        wishes = self._wishes()
        choice = self._choice(wishes)
        params = wishes.params
        faded = self._fade(params.styles, wishes.cross_fade, self._clock())
        params = replace(params, styles=faded)
        if choice is not None:
            params = replace(params, short_side=choice.short_side, tokens=choice.tokens or params.tokens)
        self._count += 1
        every = choice.every if choice is not None else 1
        if self._last.serves(frame, params) and (
            (every > 1 and self._count % every)
            or (wishes.skip_unchanged and params == self._last.params and self._similarity.same(frame.pixels))
        ):
            self.doing = replace(self.doing, skipped=self.doing.skipped + 1)
            last = self._last.pixels
            return lambda: _painted(frame, last)
        if params != self._last.params:
            self._similarity.reset()
            self._similarity.same(frame.pixels)
        self._last.params, self._last.size = params, frame.size
        self.doing = replace(self.doing, short_side=min(params.short_side, *frame.size), every=every)
        begun = self._clock()
        waiting = self._stylizer.begin(frame, params)

        def end() -> Frame:
            pixels = waiting().pixels
            self._last.pixels = pixels
            if self._deadline is not None and (chosen := self._deadline.observe(self._clock() - begun)) is not None:
                self.doing = replace(self.doing, note=chosen.sentence(self._deadline.target))
            return _painted(frame, pixels)

        return end

    def _choice(self, wishes: Wishes) -> Choice | None:
        """What the controller chose, where a rate is to be held."""
        if wishes.target is None:
            self._deadline = None
            return None
        largest = wishes.params.short_side
        if self._deadline is None or self._deadline.largest != largest:
            self._deadline = Deadline(wishes.target, largest=largest, clock=self._clock)
        elif self._deadline.target != wishes.target:
            self._deadline.target = wishes.target
        return self._deadline.choice


class _Last:
    """The last painting."""

    def __init__(self) -> None:
        self.params: Params | None = None
        self.size = (0, 0)
        self.pixels: Pixels | None = None

    def serves(self, frame: Frame, params: Params) -> bool:
        """Whether it can be shown again in place of a frame."""
        return self.pixels is not None and self.size == frame.size and bool(params.styles)


class CrossFade:
    """From one mixture of styles to the next, within some seconds."""

    def __init__(self) -> None:
        self._before: Mixture = ()
        self._shown: Mixture = ()
        self._wanted: Mixture | None = None
        self._since = 0.0

    def __call__(self, wanted: Mixture, duration: float, now: float) -> Mixture:
        """What to show at a time, in seconds, when `wanted` is wanted since it first was."""
        if wanted != self._wanted:
            self._before, self._wanted, self._since = self._shown, wanted, now
        share = 1.0 if duration <= 0 else min(1.0, (now - self._since) / duration)
        if share >= 1 or not self._before or not wanted or self._before == wanted:
            self._shown = wanted
        else:
            both = [(s, w * (1 - share)) for s, w in self._before] + [(s, w * share) for s, w in wanted]
            whole = sorted(mixture(both), key=lambda part: -part[1])[:MIXABLE]
            self._shown = mixture(sorted(whole, key=lambda part: part[0].key))
        return self._shown


def _painted(frame: Frame, pixels: Pixels | None) -> Painted:
    assert pixels is not None
    return Painted(pixels, frame.time, frame.index, frame.born, frame.pixels)
