"""Styles: pictures, files of codes, and what a network keeps of them."""

from __future__ import annotations

import difflib
import logging
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import torch

from stytr_live import builtin
from stytr_live.engine import imaging
from stytr_live.engine.style_file import SUFFIX, pack_code, read_style, unpack_code
from stytr_live.errors import NetworkError, SourceError, StyleError
from stytr_live.media.still import read_picture
from stytr_live.params import Style

if TYPE_CHECKING:
    from stytr_live.engine.backend import Backend
    from stytr_live.engine.store import Store
    from stytr_live.networks import StyleCode

log = logging.getLogger(__name__)

Mixture = tuple[tuple[Style, float], ...]
"""Styles with weights that sum to 1."""
EXACT = 65536
"""As many tokens as no style has."""
SMALLEST = 16
"""Least side of a style picture, in pixels: below it there is no style to see."""
LARGEST = 1024
"""A style picture's short side is shrunk to this, in pixels."""


def load_style(reference: str) -> Style:
    """Load a style: a picture file, a `.stytrstyle` file, or the name of a built-in one.

    Raises:
        StyleError: there is no such style, or the file cannot be read or is too small.
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
    if path.suffix.lower() == SUFFIX:
        return read_style(path)
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
    """Codes of the styles used last, in memory and on disk, and the mixtures used last. Thread-safe."""

    def __init__(
        self, backend: Backend, *, side: int | None = None, store: Store | None = None, most: int = 64
    ) -> None:
        """Styles are encoded at a short side of `side` pixels, the network's own choice unless told.

        `store` keeps codes on disk; `most` is how many stay in memory.
        """
        self._backend, self._side = backend, side or backend.network.style_side
        self._store, self._most = store, most
        self._codes: OrderedDict[tuple[str, int | None], StyleCode] = OrderedDict()
        self._mixture: tuple[Mixture, int | None, StyleCode] | None = None
        self._lock = Lock()
        self._coming: dict[tuple[str, int | None], Future[StyleCode]] = {}
        self._thread: ThreadPoolExecutor | None = None

    def code(self, style: Style, tokens: int | None = None) -> StyleCode:
        """The code of one style, clustered to at most `tokens`, the network's choice unless told.

        It is encoded at its first use.

        Raises:
            StyleError: it is the code of another network.
            OutOfMemoryError: the device has not enough memory.
        """
        tokens = tokens or self._backend.network.style_tokens or EXACT
        key = (style.key, tokens)
        with self._lock:
            if (code := self._codes.get(key)) is not None:
                self._codes.move_to_end(key)
                return code
        code = self._encode(style) if tokens >= EXACT else self._shorten(style, tokens)
        with self._lock:
            self._codes[key] = code = self._codes.get(key, code)  # one code for one style: backends go by identity
            if len(self._codes) > self._most:
                self._codes.popitem(last=False)
        return code

    def mixture(self, styles: Mixture, tokens: int | None = None) -> StyleCode:
        """The code of one or several styles with weights that sum to 1.

        Raises:
            StyleError: one is the code of another network.
            OutOfMemoryError: the device has not enough memory.
        """
        if len(styles) == 1:
            return self.code(styles[0][0], tokens)
        if self._mixture is None or self._mixture[:2] != (styles, tokens):
            codes, weights = [self.code(style, tokens) for style, _ in styles], [weight for _, weight in styles]
            with torch.inference_mode():
                self._mixture = styles, tokens, self._backend.network.mix(codes, weights)
        return self._mixture[2]

    def ready(self, styles: Mixture, tokens: int | None = None) -> bool:
        """Whether all codes are there; those that are not are made in the background.

        Raises:
            StyleError: one of them cannot be made.
        """
        states = [self._ready(style, tokens) for style, _ in styles]  # a list: all are begun
        return all(states)

    def close(self) -> None:
        """End the thread that encodes in the background."""
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)

    def _ready(self, style: Style, tokens: int | None) -> bool:
        key = (style.key, tokens or self._backend.network.style_tokens or EXACT)
        with self._lock:
            if key in self._codes:
                self._coming.pop(key, None)
                return True
            if key not in self._coming:
                if self._thread is None:
                    self._thread = ThreadPoolExecutor(1, "encode style")
                self._coming[key] = self._thread.submit(self.code, style, tokens)
                return False
            future = self._coming[key]
            if not future.done():
                return False
            del self._coming[key]
        future.result()
        return True

    def _shorten(self, style: Style, tokens: int) -> StyleCode:
        with torch.inference_mode():
            return self._backend.network.shorten(self.code(style, EXACT), tokens)

    def _encode(self, style: Style) -> StyleCode:
        """The code of a style from its file, from the disk or from its picture."""
        network = self._backend.network
        if style.code is not None:
            try:
                return self._backend.adopt(unpack_code(style.code, network, self._backend.fingerprint))
            except NetworkError as error:
                raise StyleError(f"The style '{style.name}' cannot be used. {error}") from error
        key = ("codes", style.key, self._backend.fingerprint, str(self._side))
        if self._store is not None and (data := self._store.get(*key)) is not None:
            try:
                return self._backend.adopt(unpack_code(data, network, self._backend.fingerprint))
            except NetworkError as error:
                log.warning("The cached code of the style '%s' is made again: %s", style.name, error)
        picture = imaging.style_picture(style.pixels, self._side, network.stride)
        code = self._backend.encode(picture)
        if self._store is not None:
            self._store.put(pack_code(code, network, self._backend.fingerprint, style.name), *key)
        return code
