"""A timeline with its styles loaded: what to paint with at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stytr_live.engine.styles import load_style
from stytr_live.params import mixture

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

    from stytr_live.params import Params, Style
    from stytr_live.timeline import Timeline


class Score:
    """Plays a timeline.

    Raises:
        StyleError: a style of it is unknown or cannot be used.
    """

    def __init__(self, timeline: Timeline, load: Callable[[str], Style] = load_style) -> None:
        self._timeline = timeline
        self._styles = {reference: load(reference) for reference in timeline.references}

    @property
    def styles(self) -> tuple[Style, ...]:
        """All of its styles."""
        return tuple(self._styles.values())

    def params(self, seconds: Fraction | float, params: Params) -> Params:
        """`params` with the styles and the strength of a time, in seconds from the first frame.

        Raises:
            SettingsError: the timeline names shots that have no times yet.
        """
        look = self._timeline.at(seconds)
        styles = mixture([(self._styles[reference], weight) for reference, weight in look.styles])
        return replace(params, styles=styles, strength=look.strength)
