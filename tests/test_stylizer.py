"""A frame in, a painted frame out."""

from __future__ import annotations

import dataclasses
import logging
import threading
from contextlib import closing
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from PIL import Image

from stytr_live import builtin
from stytr_live.engine import imaging
from stytr_live.engine.backend import TorchBackend
from stytr_live.engine.devices import open_backend
from stytr_live.engine.styles import load_style
from stytr_live.engine.stylizer import Stylizer
from stytr_live.errors import BackendError, SettingsError, StyleError
from stytr_live.frame import Frame
from stytr_live.networks import Network, StyleCode, load_network
from stytr_live.params import Params, Style, mixture

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from stytr_live.engine.backend import Task
    from stytr_live.frame import Pixels


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer(TorchBackend(load_network()))


def frame(width: int = 96, height: int = 64, seed: int = 0) -> Frame:
    """A soft random picture."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 6, 3), np.uint8)
    pixels = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    return Frame(np.ascontiguousarray(pixels), Fraction(1001, 30000), 7, 1.5)


def style(seed: int) -> Style:
    return Style.of(f"style {seed}", frame(64, 64, 100 + seed).pixels)


def only(s: Style) -> tuple[tuple[Style, float], ...]:
    return ((s, 1.0),)


@pytest.mark.parametrize("size", [(96, 64), (321, 241), (5, 3), (1, 1), (33, 200)])
def test_the_painting_has_the_size_and_time_of_the_frame(stylizer: Stylizer, size: tuple[int, int]) -> None:
    source = frame(*size)
    painted = stylizer(source, Params(only(style(1)), short_side=64))
    assert painted.size == size
    assert (painted.time, painted.index, painted.born) == (source.time, source.index, source.born)
    assert painted.pixels.flags.c_contiguous
    assert painted.pixels.dtype == np.uint8


def test_the_frame_itself_is_never_written_to(stylizer: Stylizer) -> None:
    source = frame()
    before = source.pixels.copy()
    source.pixels.flags.writeable = False
    for keep_colours in (False, True):
        stylizer(source, Params(only(style(1)), strength=0.5, keep_colours=keep_colours, short_side=64))
    assert np.array_equal(source.pixels, before)


def test_without_a_style_or_strength_the_picture_passes(stylizer: Stylizer) -> None:
    source = frame()
    assert stylizer(source, Params()) is source
    assert stylizer(source, Params(only(style(1)), strength=0)) is source


def test_a_stylised_picture_resembles_its_style_more_than_the_content_did(stylizer: Stylizer) -> None:
    source = Frame(np.full((64, 96, 3), (20, 160, 40), np.uint8) + frame().pixels // 4, Fraction(0), 0, 0)
    red = Style.of("red", np.full((64, 64, 3), (180, 30, 20), np.uint8) + frame(64, 64, 5).pixels // 4)
    painted = stylizer(source, Params(only(red), short_side=64)).pixels.mean((0, 1))
    assert painted[0] > painted[1] + 30


def test_more_strength_is_further_from_the_content(stylizer: Stylizer) -> None:
    source = frame()
    distances = [
        np.abs(
            stylizer(source, Params(only(style(2)), strength=s, short_side=64)).pixels.astype(int) - source.pixels
        ).mean()
        for s in (0, 0.25, 0.5, 0.75, 1)
    ]
    assert distances == sorted(distances)
    assert distances[-1] > 2


def test_what_is_smoothed_is_the_painting_alone_and_neither_the_frame_nor_its_detail(stylizer: Stylizer) -> None:
    backend = TorchBackend(load_network())
    params = Params(only(style(2)), smoothing=0.3, short_side=64)
    with closing(Stylizer(backend)) as steady, closing(Stylizer(backend)) as half:
        for i in range(4):
            grain = np.random.default_rng(i).integers(-9, 10, (128, 192, 1))
            pixels = np.clip(frame(192, 128).pixels + grain, 0, 255).astype(np.uint8)
            source = Frame(pixels, Fraction(i, 30), i, 0.0)
            whole = steady(source, params).pixels
            blended = half(source, dataclasses.replace(params, strength=0.5)).pixels
            assert np.array_equal(blended, imaging.blend(pixels, whole, 0.5))
    plain = stylizer(source, dataclasses.replace(params, smoothing=0)).pixels
    assert 0.5 < np.abs(plain.astype(int) - whole).mean() < 10


def test_keeping_colours_keeps_the_hue(stylizer: Stylizer) -> None:
    source = Frame(np.full((64, 64, 3), (40, 90, 200), np.uint8), Fraction(0), 0, 0)
    kept = stylizer(source, Params(only(style(3)), keep_colours=True, short_side=64)).pixels.astype(int).mean((0, 1))
    assert kept[2] > kept[1] > kept[0]


def test_a_mixture_lies_between_its_styles(stylizer: Stylizer) -> None:
    source, a, b = frame(), style(4), style(5)
    paint = lambda *styles: stylizer(source, Params(mixture(list(styles)), short_side=64)).pixels.astype(float)  # noqa: E731
    first, second, half = paint((a, 1)), paint((b, 1)), paint((a, 1), (b, 1))
    whole = np.abs(first - second).mean()
    assert np.abs(half - first).mean() < whole
    assert np.abs(half - second).mean() < whole
    assert np.allclose(paint((a, 2), (a, 1)), first)


class Counting(Network):
    """A network that does next to nothing and counts what it is asked."""

    name, stride, bytes_per_pixel = "counting", 8, 1

    def __init__(self) -> None:
        super().__init__()
        self.config = None
        self.encoded = self.mixed = 0

    def encode_style(self, style: torch.Tensor) -> StyleCode:
        self.encoded += 1
        return (style.mean((2, 3), keepdim=True),)

    def forward(self, content: torch.Tensor, *code: torch.Tensor) -> torch.Tensor:
        if content.shape[-1] > 256:
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate much")
        return content * 0 + code[0]

    def queries(self, content: torch.Tensor, *code: torch.Tensor) -> list[torch.Tensor]:
        return []

    def mix(self, codes: Sequence[StyleCode], weights: Sequence[float]) -> StyleCode:
        self.mixed += 1
        return (torch.stack([c[0] * w for c, w in zip(codes, weights, strict=True)]).sum(0),)


def test_a_style_is_encoded_once_and_a_mixture_joined_once() -> None:
    network = Counting()
    stylizer, a, b = Stylizer(TorchBackend(network)), style(1), style(2)
    both = Params(mixture([(a, 1), (b, 3)]))
    for i in range(3):
        stylizer(frame(seed=i), Params(only(a)))
        stylizer(frame(seed=i), Params(only(b)))
        stylizer(frame(seed=i), both)
    assert (network.encoded, network.mixed) == (2, 1)
    stylizer(frame(), dataclasses.replace(both, styles=mixture([(a, 1), (b, 2)])))
    assert (network.encoded, network.mixed) == (2, 2)


def test_styles_used_long_ago_are_forgotten() -> None:
    network = Counting()
    stylizer = Stylizer(TorchBackend(network))
    for seed in (*range(70), 69, 0):
        stylizer(frame(), Params(only(style(seed))))
    assert network.encoded == 71


def test_where_memory_is_exhausted_the_working_size_shrinks_and_it_is_said(caplog: pytest.LogCaptureFixture) -> None:
    stylizer = Stylizer(TorchBackend(Counting()))
    for _ in range(2):
        assert stylizer(frame(600, 400), Params(only(style(1)))).size == (600, 400)
    said = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert len(said) == 3  # 400 → 300 → 225 → 168 pixels, and no attempt at the larger ones again
    assert said[-1] == "Not enough memory on cpu. Working at a short side of 168 pixels from here on, instead of 225."


def test_too_little_memory_for_any_size_is_said_in_one_sentence() -> None:
    class Greedy(Counting):
        def forward(self, content: torch.Tensor, *code: torch.Tensor) -> torch.Tensor:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate much.")

    with pytest.raises(BackendError, match="close other programs"):
        Stylizer(TorchBackend(Greedy()))(frame(600, 400), Params(only(style(1))))


class Slow(TorchBackend):
    """A backend that prepares and encodes in the background until it is told to be done."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.may_encode, self.done = threading.Event(), set[tuple[int, int]]()
        self.sizes: list[tuple[int, int]] = []

    def encode(self, picture: Pixels) -> StyleCode:
        assert self.may_encode.wait(20)
        return super().encode(picture)

    def ready(self, size: tuple[int, int], *, wait: bool) -> bool:
        if wait:
            self.done.add(size)
        return size in self.done

    def begin(self, task: Task) -> Callable[[], Pixels]:
        self.sizes.append(task.size)
        return super().begin(task)


def test_live_the_old_style_stays_until_the_new_one_is_ready() -> None:
    backend = Slow(Counting())
    with closing(Stylizer(backend, live=True)) as stylizer:
        paint = lambda s: stylizer(frame(), Params(only(style(s)))).pixels.mean()  # noqa: E731
        backend.may_encode.set()
        first = paint(1)
        backend.may_encode.clear()
        assert [paint(2) for _ in range(3)] == [first] * 3
        backend.may_encode.set()
        while not stylizer.styles.ready(only(style(2))):
            threading.Event().wait(0.001)
        assert paint(2) != first
        assert paint(1) == first


def test_live_the_old_size_serves_until_the_device_is_ready_for_the_new_one() -> None:
    backend = Slow(Counting())
    backend.may_encode.set()
    with closing(Stylizer(backend, live=True)) as stylizer:
        for side in (64, 128, 128):
            stylizer(frame(240, 160), Params(only(style(1)), short_side=side))
        backend.done.add((192, 128))
        stylizer(frame(240, 160), Params(only(style(1)), short_side=128))
        assert backend.sizes == [(96, 64)] * 3 + [(192, 128)]
    with closing(Stylizer(backend)) as patient:
        patient(frame(240, 160), Params(only(style(1)), short_side=160))
        assert backend.sizes[-1] == (240, 160)


def test_a_style_is_a_file_or_a_built_in_name(tmp_path: Path) -> None:
    Image.fromarray(frame(40, 30).pixels).save(tmp_path / "mine.png")
    assert load_style(str(tmp_path / "mine.png")).pixels.shape == (30, 40, 3)
    name = next(iter(builtin.styles()))
    assert load_style(name).name == name
    assert load_style(name) == load_style(str(builtin.styles()[name]))


def test_a_misspelt_style_is_answered_with_a_near_name() -> None:
    name = next(iter(builtin.styles()))
    with pytest.raises(StyleError, match=f"did you mean '{name}'"):
        load_style(name[:-1])


@pytest.mark.parametrize(("size", "message"), [((1, 1), "at least 16"), ((15, 400), "at least 16")])
def test_a_tiny_style_is_refused(tmp_path: Path, size: tuple[int, int], message: str) -> None:
    Image.new("RGB", size).save(tmp_path / "tiny.png")
    with pytest.raises(StyleError, match=message):
        load_style(str(tmp_path / "tiny.png"))


def test_a_style_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(StyleError, match=r"text\.png"):
        load_style(str(tmp_path / "text.png"))


def test_parameters_out_of_range_are_refused() -> None:
    for wrong in ({"strength": 1.1}, {"strength": float("nan")}, {"short_side": 8}, {"styles": ((style(1), 0.5),)}):
        with pytest.raises(SettingsError):
            Params(**wrong)
    for weights in ((-1.0, 2.0), (0.0, 0.0), (float("nan"), 1.0), (float("inf"), 1.0)):
        with pytest.raises(SettingsError):
            mixture([(style(i), w) for i, w in enumerate(weights)])


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_asking_for_a_device_that_is_not_there_says_why() -> None:
    with pytest.raises(BackendError, match=r"CUDA cannot be used: .+; use --device cpu"):
        open_backend(load_network(), "cuda")
    with pytest.raises(BackendError, match="choose one of"):
        open_backend(load_network(), "abacus")
