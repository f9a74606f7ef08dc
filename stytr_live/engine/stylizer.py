"""A frame in, a painted frame out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from stytr_live.engine import imaging
from stytr_live.engine.styles import StyleCache
from stytr_live.errors import BackendError

if TYPE_CHECKING:
    from stytr_live.engine.backend import Backend
    from stytr_live.frame import Frame
    from stytr_live.networks import Network
    from stytr_live.params import Params


class Stylizer:
    """Paints frames with one network on one device; used by one thread at a time."""

    def __init__(self, network: Network, backend: Backend, *, style_side: int | None = None) -> None:
        """Styles are encoded at a short side of `style_side` pixels; the network's own choice unless told."""
        self._backend = backend
        self._network = backend.place(network)
        self._forward = backend.accelerate(self._network)
        self.styles = StyleCache(self._network, backend, side=style_side or network.style_side)

    def __call__(self, frame: Frame, params: Params) -> Frame:
        """Paint a frame; the result has its size, time, index and birth.

        Raises:
            BackendError: the device has not enough memory.
        """
        if not params.styles or params.strength == 0:
            return frame
        size = imaging.working_size(frame.size, params.short_side, self._network.stride)
        try:
            code = self.styles.mixture(params.styles)
            with torch.inference_mode():
                painted = self._forward(self._backend.upload(frame.pixels, size), *code)
                pixels = self._backend.download(painted, frame.size)
        except RuntimeError as error:
            if isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error):
                raise BackendError(
                    f"Not enough memory on {self._backend.name} at {size[0]}×{size[1]} pixels; "
                    "choose a smaller --short-side."
                ) from error
            raise
        if params.keep_colours:
            pixels = imaging.keep_colours(frame.pixels, pixels)
        return replace(frame, pixels=imaging.blend(frame.pixels, pixels, params.strength))
