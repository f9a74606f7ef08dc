"""The network, styles and parameters of a job, ready to paint."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from stytr_live.engine.devices import open_backend
from stytr_live.engine.score import Score
from stytr_live.engine.store import Store
from stytr_live.engine.styles import load_style
from stytr_live.engine.stylizer import Stylizer
from stytr_live.networks import load_network
from stytr_live.params import Params, mixture
from stytr_live.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stytr_live.frame import Frame
    from stytr_live.render.job import RenderJob


class Painter:
    """Paints the frames of one job; used by one thread at a time."""

    def __init__(
        self,
        job: RenderJob,
        *,
        first: Fraction = Fraction(0),
        shots: Sequence[Fraction] = (),
        threads: int | None = None,
        watch: Callable[[Frame], None] | None = None,
    ) -> None:
        """Load what the job names.

        Args:
            job: what to paint with.
            first: time of the first frame, from which a timeline counts, in seconds on the clock of the frames.
            shots: where shots begin, in seconds from the first frame, for a timeline that counts them.
            threads: of the processor to use at most; as many as there are cores unless told.
            watch: gets every painted frame, in the thread that waits for it.

        Raises:
            StyleError: a style is unknown or cannot be used.
            SettingsError: a value is out of its range, or the timeline cannot be used.
            NetworkError: the weights cannot be loaded.
            BackendError: the device cannot be used.
        """
        self._watch = watch
        self._first, self._score = first, None if job.timeline is None else _score(Timeline.load(job.timeline), shots)
        self._params = Params(
            styles=mixture([(load_style(reference), weight) for reference, weight in job.styles]),
            strength=job.strength,
            keep_colours=job.keep_colours,
            short_side=job.short_side,
            tokens=job.tokens,
            detail=job.detail,
            smoothing=job.smoothing,
        )
        store = Store()
        network = load_network(job.network, job.weights)
        backend = open_backend(network, job.device, precision=job.precision, threads=threads, store=store)
        self._stylizer = Stylizer(backend, style_side=job.style_side, store=store)
        self.device, self.depth = backend.name, backend.depth
        """What it runs on, for a user to read; and how many frames may be begun before the first is ended."""

    def params_at(self, time: Fraction) -> Params:
        """What a frame of a time, on the clock of the frames, is painted with."""
        return self._params if self._score is None else self._score.params(time - self._first, self._params)

    def __call__(self, frame: Frame) -> Frame:
        """Paint a frame; the result has its size and time.

        Raises:
            BackendError: the device has not enough memory.
        """
        return self.begin(frame)()

    def begin(self, frame: Frame) -> Callable[[], Frame]:
        """Begin to paint a frame; calling the result waits for it.

        Raises:
            BackendError: the device has not enough memory.
        """
        end, watch = self._stylizer.begin(frame, self.params_at(frame.time)), self._watch
        if watch is None:
            return end

        def watched() -> Frame:
            painted = end()
            watch(painted)
            return painted

        return watched

    def reset(self) -> None:
        """Forget the frames whose results were waited for: all that follows depends on what follows only."""
        self._stylizer.reset()

    def close(self) -> None:
        """End what runs in the background."""
        self._stylizer.close()


def _score(timeline: Timeline, shots: Sequence[Fraction]) -> Score:
    return Score(timeline.placed(shots) if timeline.by_shot else timeline)
