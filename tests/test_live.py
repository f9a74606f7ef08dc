"""Live: fading over, holding a rate, skipping what repeats."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from stytr_live.engine.backend import TorchBackend
from stytr_live.engine.live import CrossFade, LivePainter, Wishes
from stytr_live.engine.stylizer import Stylizer
from stytr_live.frame import Frame, Painted
from stytr_live.networks import Network, StyleCode
from stytr_live.params import Params, Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Flat(Network):
    """Paints everything in the style's mean colour, and takes as long as a clock says."""

    name, stride, bytes_per_pixel = "flat", 16, 1

    def __init__(self) -> None:
        super().__init__()
        self.config, self.sizes = None, list[int]()

    def encode_style(self, style: torch.Tensor) -> StyleCode:
        return (style.mean((2, 3), keepdim=True),)

    def forward(self, content: torch.Tensor, *code: torch.Tensor) -> torch.Tensor:
        self.sizes.append(min(content.shape[-2:]))
        return content * 0 + code[0]

    def queries(self, content: torch.Tensor, *code: torch.Tensor) -> list[torch.Tensor]:
        return []

    def mix(self, codes: Sequence[StyleCode], weights: Sequence[float]) -> StyleCode:
        return (torch.stack([c[0] * w for c, w in zip(codes, weights, strict=True)]).sum(0),)


def grey(level: int) -> Style:
    return Style.of(str(level), np.full((64, 64, 3), level, np.uint8))


def only(style: Style) -> tuple[tuple[Style, float], ...]:
    return ((style, 1.0),)


def frame(index: int = 0, size: tuple[int, int] = (320, 240)) -> Frame:
    pixels = np.random.default_rng(index).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return Frame(pixels, Fraction(index, 30), index, 0.0)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def network() -> Flat:
    return Flat()


@pytest.fixture
def stylizer(network: Flat) -> Iterator[Stylizer]:
    with closing(Stylizer(TorchBackend(network))) as opened:
        yield opened


def test_a_painting_carries_the_picture_it_was_painted_from(stylizer: Stylizer) -> None:
    painter = LivePainter(stylizer, lambda: Wishes(Params(only(grey(90)))))
    source = frame()
    painted = painter.begin(source)()
    assert isinstance(painted, Painted)
    assert painted.before is source.pixels
    assert abs(painted.pixels.mean() - 90) < 2
    assert (painted.index, painted.time, painted.born) == (source.index, source.time, source.born)


def test_a_new_style_fades_in_within_its_time(stylizer: Stylizer) -> None:
    clock, wishes = Clock(), [Wishes(Params(only(grey(50)), detail=False), cross_fade=2.0)]
    painter = LivePainter(stylizer, lambda: wishes[0], clock=clock)
    assert abs(painter.begin(frame())().pixels.mean() - 50) < 2
    wishes[0] = replace(wishes[0], params=replace(wishes[0].params, styles=only(grey(150))))
    levels = []
    for step in range(6):
        levels.append(painter.begin(frame(step))().pixels.mean())
        clock.now += 0.5
    assert np.allclose(levels, [50, 75, 100, 125, 150, 150], atol=2)


def test_a_fade_that_is_interrupted_goes_on_from_where_it_was() -> None:
    a, b, c = (only(grey(level)) for level in (10, 20, 30))
    fade = CrossFade()
    fade(a, 1.0, 0.0)
    fade(b, 1.0, 1.0)
    half = dict(fade(b, 1.0, 1.5))
    assert half == {a[0][0]: 0.5, b[0][0]: 0.5}
    assert dict(fade(c, 1.0, 1.5)) == half
    third = dict(fade(c, 1.0, 2.0))
    assert third == {a[0][0]: 0.25, b[0][0]: 0.25, c[0][0]: 0.5}
    assert fade(c, 1.0, 2.5) == c


def test_a_fade_between_mixtures_never_mixes_more_than_is_possible() -> None:
    styles = [grey(level) for level in range(8)]
    first, second = (tuple((s, 0.25) for s in part) for part in (styles[:4], styles[4:]))
    fade = CrossFade()
    fade(first, 1.0, 0.0)
    fade(second, 1.0, 1.0)
    for step in range(11):
        Params(fade(second, 1.0, 1 + step / 10))  # refuses more than four and weights that do not sum to 1


def test_without_duration_a_style_changes_at_once() -> None:
    fade = CrossFade()
    assert fade(only(grey(1)), 0.0, 0.0) == only(grey(1))
    assert fade(only(grey(2)), 0.0, 0.0) == only(grey(2))
    assert fade((), 1.0, 1.0) == ()
    assert fade(only(grey(3)), 1.0, 1.0) == only(grey(3))


def test_what_does_not_change_is_not_painted_again(stylizer: Stylizer, network: Flat) -> None:
    wishes = [Wishes(Params(only(grey(90))))]
    painter = LivePainter(stylizer, lambda: wishes[0])
    paintings = [painter.begin(replace(frame(), index=i))() for i in range(4)]
    assert len(network.sizes) == 1
    assert [p.index for p in paintings] == [0, 1, 2, 3]
    assert painter.doing.skipped == 3
    wishes[0] = Wishes(Params(only(grey(120))))
    assert abs(painter.begin(frame())().pixels.mean() - 120) < 2
    wishes[0] = replace(wishes[0], skip_unchanged=False)
    painter.begin(frame())()
    painter.begin(frame(5))()
    assert len(network.sizes) == 4


def test_a_rate_is_held_by_a_smaller_size_and_it_is_said(network: Flat) -> None:
    clock = Clock()

    class Slow(TorchBackend):
        def begin(self, task):  # type: ignore[no-untyped-def]
            clock.now += 0.1 * (min(task.size) / 512) ** 2
            return super().begin(task)

    with closing(Stylizer(Slow(network))) as stylizer:
        wishes = Wishes(Params(only(grey(90))), target=30.0, skip_unchanged=False)
        painter = LivePainter(stylizer, lambda: wishes, clock=clock)
        for index in range(60):
            painter.begin(frame(index, (912, 512)))()
        assert network.sizes[0] == 512
        assert 0.1 * (network.sizes[-1] / 512) ** 2 <= 1 / 30
        assert painter.doing.note == f"Working at {network.sizes[-1]} pixels, to hold 30 frames a second."
        assert painter.doing.short_side == network.sizes[-1]


def test_where_no_size_will_do_frames_are_left_out(network: Flat) -> None:
    clock = Clock()

    class Slow(TorchBackend):
        def begin(self, task):  # type: ignore[no-untyped-def]
            clock.now += 1.0
            return super().begin(task)

    with closing(Stylizer(Slow(network))) as stylizer:
        painter = LivePainter(stylizer, lambda: Wishes(Params(only(grey(90))), target=30.0), clock=clock)
        for index in range(200):
            painter.begin(frame(index))()
        assert painter.doing.every == 4
        before = len(network.sizes)
        for index in range(40):
            painter.begin(frame(1000 + index))()
        assert len(network.sizes) - before == 10


def test_another_size_of_frames_is_never_answered_with_an_old_painting(stylizer: Stylizer) -> None:
    painter = LivePainter(stylizer, lambda: Wishes(Params(only(grey(90)))))
    for size in ((320, 240), (160, 120), (320, 240)):
        assert painter.begin(frame(0, size))().size == size
