"""Style pictures, and what a network keeps of them."""

from __future__ import annotations

import difflib
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import torch

from stytr_live import builtin
from stytr_live.engine import imaging
from stytr_live.errors import SourceError, StyleError
from stytr_live.media.still import read_picture
from stytr_live.params import Style

if TYPE_CHECKING:
    from stytr_live.engine.backend import Backend
    from stytr_live.networks import Network, StyleCode

SMALLEST = 16
"""Least side of a style picture, in pixels: below it there is no style to see."""
LARGEST = 1024
"""A style picture's short side is shrunk to this, in pixels."""


def load_style(reference: str) -> Style:
    """Load a style: a picture file, or the name of a built-in one.

    Raises:
        StyleError: there is no such style, or the picture cannot be read or is too small.
    """
    path, name = Path(reference).expanduser(), Path(reference).stem
    if not path.is_file():
        known = builtin.styles()
        if reference not in known:
            near = difflib.get_close_matches(reference, known, n=3)
            hint = f"did you mean {' or '.join(repr(n) for n in near)}? " if near else ""
            raise StyleError(
                f"There is no style '{reference}': {hint}Give a picture file or a name that `stytr-live styles` lists."
            )
        path, name = known[reference], reference
    try:
        pixels = read_picture(path)
    except SourceError as error:
        raise StyleError(f"The style cannot be used. {error}") from error
    height, width = pixels.shape[:2]
    if min(height, width) < SMALLEST:
        raise StyleError(
            f"The style '{path}' is {width}×{height} pixels; use a picture of at least {SMALLEST}×{SMALLEST}."
        )
    scale = LARGEST / min(height, width)
    if scale < 1:
        pixels = imaging.resize(pixels, (max(1, round(width * scale)), max(1, round(height * scale))))
    return Style.of(name, pixels)


class StyleCache:
    """Codes of the styles used last, and the mixture used last. Thread-safe."""

    def __init__(self, network: Network, backend: Backend, *, side: int = 256, capacity: int = 32) -> None:
        """`network` has been placed on the backend's device; styles are encoded at a short side of `side` pixels."""
        self._network, self._backend, self._side, self._capacity = network, backend, side, capacity
        self._codes: OrderedDict[str, StyleCode] = OrderedDict()
        self._mixture: tuple[tuple[tuple[Style, float], ...], StyleCode] | None = None
        self._lock = Lock()

    def code(self, style: Style) -> StyleCode:
        """The code of one style, encoded at its first use."""
        with self._lock:
            return self._code(style)

    def mixture(self, styles: tuple[tuple[Style, float], ...]) -> StyleCode:
        """The code of one or several styles with weights that sum to 1."""
        with self._lock:
            if len(styles) == 1:
                return self._code(styles[0][0])
            if self._mixture is None or self._mixture[0] != styles:
                codes, weights = [self._code(style) for style, _ in styles], [weight for _, weight in styles]
                with torch.inference_mode():
                    self._mixture = styles, self._network.mix(codes, weights)
            return self._mixture[1]

    def _code(self, style: Style) -> StyleCode:
        code = self._codes.get(style.key)
        if code is None:
            picture = imaging.style_picture(style.pixels, self._side, self._network.stride)
            height, width = picture.shape[:2]
            with torch.inference_mode():
                code = self._network.encode_style(self._backend.upload(picture, (width, height)))
            self._codes[style.key] = code
            if len(self._codes) > self._capacity:
                self._codes.popitem(last=False)
        self._codes.move_to_end(style.key)
        return code
