"""A frame in, a painted frame out."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from stytr_live.engine import imaging
from stytr_live.engine.backend import OutOfMemoryError, Task, finish
from stytr_live.engine.smoothing import Smoother
from stytr_live.engine.styles import StyleCache
from stytr_live.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.engine.backend import Backend
    from stytr_live.engine.store import Store
    from stytr_live.engine.styles import Mixture
    from stytr_live.frame import Frame, Size
    from stytr_live.networks import StyleCode
    from stytr_live.params import Params

log = logging.getLogger(__name__)

SMALLER = 0.75
"""By how much the working size shrinks when memory is exhausted."""
SHARE = 0.8
"""How much of the free memory is used at most."""
LEAST = 128
"""Short side, in pixels, below which it does not shrink."""


class Stylizer:
    """Paints frames with one network on one device; used by one thread at a time."""

    def __init__(
        self, backend: Backend, *, style_side: int | None = None, live: bool = False, store: Store | None = None
    ) -> None:
        """Styles are encoded at a short side of `style_side` pixels; the network's own choice unless told.

        Live, nothing makes a frame wait that can be prepared beside it: until a new style is encoded or the device is
        ready for a new size, the ones before are used. `store` keeps the codes of styles on disk.
        """
        self._backend, self._live = backend, live
        self.styles = StyleCache(backend, side=style_side, store=store)
        self.depth = backend.depth
        """Frames that may be begun before the first is ended."""
        self._limit: int | None = None  # of the short side, once memory was exhausted
        self._styles: tuple[Mixture, int | None] | None = None  # in use
        self._sizes: dict[Size, Size] = {}  # size of frames → working size in use
        self._smoother = Smoother(0.0, thorough=not live)
        self._following = ThreadPoolExecutor(1, "follow motion")

    @property
    def name(self) -> str:
        """What it runs on, for a user to read."""
        return self._backend.name

    @property
    def limit(self) -> int | None:
        """Short side, in pixels, that is not exceeded since memory was exhausted; None where it was not."""
        return self._limit

    def __call__(self, frame: Frame, params: Params) -> Frame:
        """Paint a frame; the result has its size, time, index and birth.

        Raises:
            StyleError: a style is the code of another network.
            BackendError: the device has not enough memory, however small the picture.
        """
        return self.begin(frame, params)()

    def begin(self, frame: Frame, params: Params) -> Callable[[], Frame]:
        """Begin to paint a frame; calling the result waits for it. At most `depth` are begun and not ended.

        Results are asked for in the order of the frames, as smoothing goes from one to the next.

        Raises:
            StyleError: a style is the code of another network.
            BackendError: the device has not enough memory, however small the picture.
        """
        if not params.styles or params.strength == 0:

            def untouched() -> Frame:
                self._smoother.reset()  # now: what was begun before is smoothed before
                return frame

            return untouched
        try:
            code = self._code(params)
            size = self._size(frame.size, params)
            task = Task(frame.pixels, size, code, params.strength, params.keep_colours, params.detail)
            # What is smoothed is what the network gave: larger pictures would cost more and look the same.
            seen = imaging.fit(frame.pixels, size) if params.smoothing else None
            painted = self._backend.begin(task if seen is None else Task(seen, size, code))
            move = None if seen is None else self._following.submit(self._smoother.follow, seen, frame.time)
        except OutOfMemoryError as error:
            self._shrink(frame.size, params, error)
            return self.begin(frame, params)

        shown = self._styles or (params.styles, params.tokens)  # live, the wanted ones may not be ready yet
        look = frozenset(style.key for style, _ in shown[0]), shown[1]

        def end() -> Frame:
            try:
                pixels = painted()
            except OutOfMemoryError as error:
                self._shrink(frame.size, params, error)
                return self.begin(frame, params)()
            if move is None:
                self._smoother.reset()
            else:
                self._smoother.time_constant = params.smoothing
                pixels = finish(task, self._smoother(move.result(), pixels, look))
            return replace(frame, pixels=pixels)

        return end

    def reset(self) -> None:
        """Forget the frames whose results were asked for: all that follows depends on what follows only."""
        self._smoother.reset()

    def close(self) -> None:
        """End what runs in the background; idempotent."""
        self._following.shutdown(cancel_futures=True)
        self.styles.close()
        self._backend.close()

    def _code(self, params: Params) -> StyleCode:
        """The code of the styles wanted; live, of those in use while the wanted ones are being encoded."""
        wanted = params.styles, params.tokens
        if self._live and self._styles is not None and not self.styles.ready(*wanted):
            return self.styles.mixture(*self._styles)
        self._styles = wanted
        return self.styles.mixture(*wanted)

    def _size(self, size: Size, params: Params) -> Size:
        """The working size wanted; live, the one in use while the device prepares for the wanted one."""
        short_side = min(params.short_side, self._limit or params.short_side)
        wanted = imaging.working_size(size, short_side, self._backend.network.stride)
        before = self._sizes.get(size)
        if wanted != before and not self._fits(wanted):
            self._shrink(
                size, params, OutOfMemoryError(f"{wanted[0]}×{wanted[1]} pixels need more memory than is free.")
            )
            return self._size(size, params)
        waits = not self._live or before is None
        if not self._backend.ready(wanted, wait=waits) and before is not None:
            return before
        self._sizes = {size: wanted}
        return wanted

    def _fits(self, size: Size) -> bool:
        """Whether a working size will do with the memory that is free, so far as anybody knows."""
        free = self._backend.free()
        need = size[0] * size[1] * self._backend.network.bytes_per_pixel * self._backend.depth
        return free is None or need < free * SHARE or min(size) <= LEAST

    def _shrink(self, size: Size, params: Params, error: OutOfMemoryError) -> None:
        """Work at a smaller size from here on."""
        side = min(params.short_side, self._limit or params.short_side, *size)
        smaller = int(side * SMALLER)
        if smaller < LEAST:
            raise BackendError(f"{error} There is not enough even at {side} pixels; close other programs.") from error
        self._limit = smaller
        self._sizes.clear()
        log.warning("%s Working at a short side of %d pixels from here on, instead of %d.", error, smaller, side)
