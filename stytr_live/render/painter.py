"""The network, styles and parameters of a job, ready to paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stytr_live.engine.devices import open_backend
from stytr_live.engine.styles import load_style
from stytr_live.engine.stylizer import Stylizer
from stytr_live.networks import load_network
from stytr_live.params import Params, mixture

if TYPE_CHECKING:
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
        )
        backend = open_backend(job.device)
        self.device = backend.name
        """What it runs on, for a user to read."""
        self._stylizer = Stylizer(load_network(job.network, job.weights), backend, style_side=job.style_side)

    def __call__(self, frame: Frame) -> Frame:
        """Paint a frame; the result has its size and time.

        Raises:
            BackendError: the device has not enough memory.
        """
        return self._stylizer(frame, self._params)
