"""Loads styles beside the window: the newest wish wins, and a style in use outlives its file."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol

from PyQt6.QtCore import QCoreApplication

from stytr_live.errors import StytrError
from stytr_live.links import Closed, Link

if TYPE_CHECKING:
    from stytr_live.params import Style

log = logging.getLogger(__name__)

Wish = list[tuple[str, float]]


class Owner(Protocol):
    """What the loader needs of a session; the first three are Qt's signals and may be emitted by any thread."""

    @property
    def styled(self) -> Any: ...  # noqa: D102
    @property
    def refused(self) -> Any: ...  # noqa: D102
    @property
    def failed(self) -> Any: ...  # noqa: D102

    def set_params(self, **values: object) -> None:
        """Change what is painted from the next frame on."""
        ...


class StyleLoader:
    """One thread that loads what is wanted, and skips what was wanted before it came to it."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._wishes: Link[Wish] = Link(1, lossy=True)
        self._loaded: dict[str, tuple[object, Style]] = {}
        self._thread = Thread(target=self._work, name="styles")
        self._thread.start()

    def ask(self, styles: Wish) -> None:
        """Paint in these styles, picture files or built-in names with weights, as soon as they are loaded."""
        with suppress(Closed):
            self._wishes.put(styles)

    def close(self) -> None:
        """End and wait for it."""
        self._wishes.cancel()
        self._thread.join()

    def _work(self) -> None:
        with suppress(Closed):
            while True:
                wish = self._wishes.get()
                try:
                    self._load(wish)
                except StytrError as error:
                    self._owner.failed.emit(str(error))
                    self._owner.refused.emit(wish)
                except Exception:
                    log.exception("A style was not loaded")
                    self._owner.failed.emit(QCoreApplication.translate(
                        "Session", "Something went wrong inside the program; the log has the details."))  # fmt: skip
                    self._owner.refused.emit(wish)

    def _load(self, wish: Wish) -> None:
        # Here, in a thread: importing them takes long.
        from stytr_live.params import mixture

        gone = [reference for reference, _ in wish if self._fetch(reference)]
        self._owner.set_params(styles=mixture([(self._loaded[reference][1], weight) for reference, weight in wish]))
        self._loaded = {reference: self._loaded[reference] for reference, _ in wish}
        self._owner.styled.emit(wish)
        if gone:
            self._owner.failed.emit(QCoreApplication.translate("StyleLoader",
                "The style '{path}' is gone from the disk; it is kept until another one is chosen.").format(
                path=gone[0]))  # fmt: skip

    def _fetch(self, reference: str) -> bool:
        """Have a style loaded; True where it is in use and its file has just gone.

        Raises:
            StyleError: it cannot be loaded.
        """
        from stytr_live.engine.styles import load_style

        state, known = _state(reference), self._loaded.get(reference)
        if known is not None and (known[0] == state or state is None):
            self._loaded[reference] = (state, known[1])
            return known[0] != state
        self._loaded[reference] = (state, load_style(reference))
        return False


def _state(reference: str) -> object:
    """What changes when a file does; None where there is none, as for a built-in name."""
    try:
        found = Path(reference).expanduser().stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size
