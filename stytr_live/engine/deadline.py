"""Holding a frame rate: a smaller working size, fewer style tokens and, last, not every frame."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from stytr_live.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

STEP = 0.87
"""Ratio of a working size to the next larger one, before rounding: a quarter less work."""
GRID = 16
"""Working sizes are multiples of it, in pixels."""
SEEN = 9
"""Frames that a judgement is made of: a few that were slow by chance change nothing."""
ENOUGH = 5
"""Frames that will do where they are far too slow."""
IGNORED = 2
"""Frames after a change that say nothing: something was being prepared."""
LATE = 1.05
"""Share of the budget above which a step down is due."""
FAR = 1.25
"""Share of the budget that is far too slow."""
FITS = 0.9
"""Share of the budget that is aimed for when stepping down."""
EASY = 0.8
"""Share of the budget below which the next better choice must be expected to stay."""
PATIENCE = 2.5
"""Seconds of ease before a step up; twice as many after each that failed."""
LONGEST = 60.0
"""Most seconds of patience."""
TRIAL = 5.0, 4 * SEEN
"""Seconds and frames that a step up must last to have succeeded."""
FEWER = 0.93
"""Work with a smaller codebook, of the work with the next larger one."""
FIXED = 0.1, 0.8
"""Share of the work that goes with no pixels, at the largest size: before it is known, and the most believed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How to paint."""

    short_side: int
    """Working size, in pixels."""
    tokens: int | None = None
    """Most style tokens; None leaves it to the network."""
    every: int = 1
    """Paint one of so many frames."""

    def sentence(self, target: float) -> str:
        """What was chosen, for a user."""
        parts = [f"Working at {self.short_side} pixels"]
        if self.tokens is not None:
            parts.append(f"with {self.tokens} style tokens")
        if self.every > 1:
            parts.append(
                f"painting every {'second' if self.every == 2 else 'third' if self.every == 3 else 'fourth'} frame"
            )
        return f"{', '.join(parts)}, to hold {target:g} frames a second."


class Deadline:
    """Watches how long frames take and chooses how to paint them. Used by one thread."""

    def __init__(
        self,
        target: float,
        *,
        largest: int = 512,
        smallest: int = 192,
        tokens: tuple[int, ...] = (),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Hold `target` frames a second with working sizes from `largest` down to `smallest`, in pixels.

        `tokens` are the sizes of codebooks to try, largest first, where they make a difference.

        Raises:
            SettingsError: the rate is not a positive number.
        """
        self.largest, self._clock = largest, clock
        self._ladder = _ladder(largest, min(smallest, largest), tokens)
        self._work = [_work(choice, largest, tokens) for choice in self._ladder]
        self._rung, self._fixed = 0, FIXED[0]
        self._times = deque[float](maxlen=SEEN)
        self._frames = 0
        self._before: tuple[int, float] | None = None  # the last choice with its time, until the new one has its own
        self._rose = False
        self._patience: dict[int, float] = {}  # seconds, of the choices that a step up to failed
        self._changed = self._easy_since = clock()
        self.target = target

    @property
    def target(self) -> float:
        """Frames a second to hold."""
        return self._target

    @target.setter
    def target(self, target: float) -> None:
        if not (math.isfinite(target) and target > 0):
            raise SettingsError(f"The rate to hold is {target:g}; choose a positive number of frames a second.")
        self._target = target
        self._easy_since = self._clock()
        self._times.clear()
        self._patience.clear()  # what failed, failed for another target
        self._rose = False

    @property
    def choice(self) -> Choice:
        """How to paint now."""
        return self._ladder[self._rung]

    def observe(self, seconds: float) -> Choice | None:
        """Count a painted frame that took so long, without waiting for others; the new choice where it changes."""
        now = self._clock()
        self._frames += 1
        if self._frames <= IGNORED:
            self._easy_since = now
            return None
        self._times.append(seconds)
        typical, budget = median(self._times), self._budget(self._rung)
        whole = len(self._times) == SEEN
        far = len(self._times) >= ENOUGH and typical > budget * FAR
        if not (whole or far):
            return None
        self._learn(typical)
        if far or typical > budget * LATE:
            return self._fall(now, typical)
        return self._rise(now, typical)

    def _fall(self, now: float, typical: float) -> Choice | None:
        """Straight to the first choice that is expected to do."""
        last = len(self._ladder) - 1
        self._easy_since = now
        if self._rung == last:
            return None
        if self._on_trial(now):
            self._patience[self._rung] = min(LONGEST, 2 * self._patience.get(self._rung, PATIENCE))
        rungs = range(self._rung + 1, last + 1)
        fits = (rung for rung in rungs if self._expected(rung, typical) <= self._budget(rung) * FITS)
        return self._go(next(fits, last), now, typical)

    def _rise(self, now: float, typical: float) -> Choice | None:
        """One step, after a while in which it was always expected to do."""
        if not self._on_trial(now):
            self._patience.pop(self._rung, None)
        better = self._rung - 1
        if better < 0 or self._expected(better, typical) > self._budget(better) * EASY:
            self._easy_since = now
            return None
        if now - self._easy_since < self._patience.get(better, PATIENCE):
            return None
        self._patience.pop(self._rung, None)  # what was good enough to go on from did not fail
        return self._go(better, now, typical)

    def _go(self, rung: int, now: float, typical: float) -> Choice:
        self._before, self._rose = (self._rung, typical), rung < self._rung
        self._rung, self._frames = rung, 0
        self._changed = self._easy_since = now
        self._times.clear()
        return self.choice

    def _on_trial(self, now: float) -> bool:
        """Whether the last change was a step up that may yet prove wrong; few frames are few at any rate."""
        return self._rose and (now - self._changed < TRIAL[0] or self._frames < TRIAL[1])

    def _learn(self, typical: float) -> None:
        """How much of the work goes with no pixels, from the times before and after a change; a large one says more."""
        if self._before is None:
            return
        (rung, time_before), self._before = self._before, None
        before, after = self._work[rung], self._work[self._rung]
        if before == after:
            return
        slope = (time_before - typical) / (before - after)
        fixed = typical - slope * after
        share = min(max(fixed / (fixed + slope), 0.0), FIXED[1]) if slope > 0 and fixed + slope > 0 else FIXED[1]
        self._fixed += min(1.0, abs(math.log(before / after))) * (share - self._fixed)

    def _budget(self, rung: int) -> float:
        """Seconds that a painting may take."""
        return self._ladder[rung].every / self._target

    def _expected(self, rung: int, typical: float) -> float:
        """Seconds that a painting would take at another choice."""
        now, then = (self._fixed + (1 - self._fixed) * self._work[r] for r in (self._rung, rung))
        return typical * then / now


def _ladder(largest: int, smallest: int, tokens: tuple[int, ...]) -> list[Choice]:
    """Choices from the best to the cheapest."""
    sides, least = [largest], math.ceil(smallest / GRID) * GRID
    while sides[-1] > least:
        sides.append(max(least, int(sides[-1] * STEP) // GRID * GRID))
    ladder = [Choice(side) for side in sides]
    ladder += [Choice(sides[-1], count) for count in tokens]
    return ladder + [Choice(sides[-1], ladder[-1].tokens, every) for every in (2, 3, 4)]


def _work(choice: Choice, largest: int, tokens: tuple[int, ...]) -> float:
    """What goes with pixels, of the same at the largest size: pixels, and a part of it tokens."""
    fewer = 0 if choice.tokens is None else tokens.index(choice.tokens) + 1
    return float((choice.short_side / largest) ** 2 * FEWER**fewer)
