"""The network, styles and parameters of a job, ready to paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stytr_live.engine.devices import open_backend
from stytr_live.engine.store import Store
from stytr_live.engine.styles import load_style
from stytr_live.engine.stylizer import Stylizer
from stytr_live.networks import load_network
from stytr_live.params import Params, mixture

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.frame import Frame
    from stytr_live.render.job import RenderJob


class Painter:
    """Paints the frames of one job; used by one thread at a time."""

    def __init__(self, job: RenderJob) -> None:
        """Load what the job names.

        Raises:
            StyleError: a style is unknown or cannot be used.
            SettingsError: a value is out of its range.
            NetworkError: the weights cannot be loaded.
            BackendError: the device cannot be used.
        """
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
        backend = open_backend(load_network(job.network, job.weights), job.device, precision=job.precision, store=store)
        self._stylizer = Stylizer(backend, style_side=job.style_side, store=store)
        self.device, self.depth = backend.name, backend.depth
        """What it runs on, for a user to read; and how many frames may be begun before the first is ended."""

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
        return self._stylizer.begin(frame, self._params)

    def close(self) -> None:
        """End what runs in the background."""
        self._stylizer.close()
