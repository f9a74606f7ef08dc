"""A timeline with its styles loaded."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from stytr_live import builtin
from stytr_live.engine.score import Score
from stytr_live.errors import StyleError
from stytr_live.params import Params
from stytr_live.timeline import Key, Look, Timeline

if TYPE_CHECKING:
    from pathlib import Path


def timeline(*styles: str) -> Timeline:
    return Timeline(
        Key(Fraction(4 * index), Look(((style, 1.0),), 1.0 - index / 2), Fraction(2 if index else 0))
        for index, style in enumerate(styles)
    )


def test_styles_and_strength_follow_the_time_and_the_rest_stays() -> None:
    first, second = sorted(builtin.styles())[:2]
    score = Score(timeline(first, second))
    assert [style.name for style in score.styles] == [first, second]
    before = score.params(0, Params(short_side=128, keep_colours=True))
    assert (before.short_side, before.keep_colours, before.strength) == (128, True, 1.0)
    assert [style.name for style, _ in before.styles] == [first]
    halfway = score.params(Fraction(5), Params())
    assert [(style.name, weight) for style, weight in halfway.styles] == [(first, 0.5), (second, 0.5)]
    assert halfway.strength == 0.75
    assert [style.name for style, _ in score.params(6.0, Params()).styles] == [second]


def test_a_picture_named_twice_counts_once(tmp_path: Path) -> None:
    (tmp_path / "twin.png").write_bytes(builtin.styles()["mosaic"].read_bytes())
    score = Score(timeline("mosaic", str(tmp_path / "twin.png")))
    assert len(score.params(5, Params()).styles) == 1


def test_a_style_that_is_missing_is_said_before_anything_is_painted() -> None:
    with pytest.raises(StyleError, match="nowhere"):
        Score(timeline("mosaic", "nowhere"))
