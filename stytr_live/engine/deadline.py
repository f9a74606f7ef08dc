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
"""Ratio of a working size to the next larger one: a quarter less work."""
GRID = 16
"""Working sizes are multiples of it, in pixels."""
SEEN = 9
"""Frames that a judgement needs: one that was slow by chance changes nothing."""
IGNORED = 2
"""Frames after a change that say nothing: something was being prepared."""
LATE = 1.08
"""Share of the budget above which a step down is due."""
EASY = 0.8
"""Share of the budget below which the next better choice must be expected to stay."""
PATIENCE = 2.5
"""Seconds of ease before a step up; twice as many after each that failed."""
LONGEST = 60.0
"""Most seconds of patience."""


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
        self._rung, self._times = 0, deque[float](maxlen=SEEN)
        self._ignored, self._patience = IGNORED, PATIENCE
        self._changed = self._easy_since = clock()
        self._rose = False
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
        self._times.clear()

    @property
    def choice(self) -> Choice:
        """How to paint now."""
        return self._ladder[self._rung]

    def observe(self, seconds: float) -> Choice | None:
        """Count a painted frame that took so long; the new choice where it changes."""
        if self._ignored > 0:
            self._ignored -= 1
            return None
        self._times.append(seconds)
        if len(self._times) < SEEN:
            return None
        now, typical = self._clock(), median(self._times)
        if typical > self._budget(self._rung) * LATE:
            return self._fall(now, typical)
        better = self._rung - 1
        if better < 0 or self._expected(better, typical) > self._budget(better) * EASY:
            self._easy_since = now
            return None
        if now - self._easy_since < self._patience:
            return None
        self._rose = True
        return self._go(better, now)

    def _fall(self, now: float, typical: float) -> Choice | None:
        """Straight to the first choice that is expected to do."""
        last = len(self._ladder) - 1
        if self._rung == last:
            self._easy_since = now
            return None
        if self._rose and now - self._changed < 2 * PATIENCE:  # the step up was wrong
            self._patience = min(LONGEST, 2 * self._patience)
        elif now - self._changed > LONGEST:
            self._patience = PATIENCE
        self._rose = False
        rungs = range(self._rung + 1, last + 1)
        fits = (r for r in rungs if self._expected(r, typical) <= self._budget(r) * 0.95)
        return self._go(next(fits, last), now)

    def _go(self, rung: int, now: float) -> Choice:
        self._rung, self._ignored = rung, IGNORED
        self._changed = self._easy_since = now
        self._times.clear()
        return self.choice

    def _budget(self, rung: int) -> float:
        return self._ladder[rung].every / self._target

    def _expected(self, rung: int, typical: float) -> float:
        """Time of a frame at another choice: work goes with pixels, a part of it with tokens."""
        now, then = self.choice, self._ladder[rung]
        ratio = (then.short_side / now.short_side) ** 2
        if now.tokens != then.tokens:
            ratio *= 0.93 if rung > self._rung else 1 / 0.93
        return typical * ratio


def _ladder(largest: int, smallest: int, tokens: tuple[int, ...]) -> list[Choice]:
    """Choices from the best to the cheapest."""
    sides = [largest]
    while (side := int(sides[-1] * STEP) // GRID * GRID) >= smallest:
        sides.append(side)
    ladder = [Choice(side) for side in sides]
    ladder += [Choice(sides[-1], count) for count in tokens]
    return ladder + [Choice(sides[-1], ladder[-1].tokens, every) for every in (2, 3, 4)]
