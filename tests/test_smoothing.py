"""Paintings of a moving picture, without flicker."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from stytr_live.engine import smoothing
from stytr_live.engine.contrast import restore
from stytr_live.media.file_source import FileSource

if TYPE_CHECKING:
    import numpy.typing as npt

    from stytr_live.frame import Pixels

WIDTH, HEIGHT = 192, 128


class Smoother(smoothing.Smoother):
    """A smoother that follows a frame when its painting comes."""

    def smooth(self, content: Pixels, painted: Pixels, time: Fraction | float, key: object) -> Pixels:
        return self(self.follow(content, time), painted, key)


@pytest.fixture(autouse=True, params=[False, True], ids=["live", "thorough"])
def thorough(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Both ways to smooth; with more care, contrast comes back, and what is compared with a painting differs more."""
    monkeypatch.setitem(globals(), "Smoother", partial(Smoother, thorough=request.param))
    return bool(request.param)


def texture(width: int = WIDTH, height: int = HEIGHT, seed: int = 0, grain: int = 8) -> Pixels:
    """Soft blots, `grain` pixels wide."""
    coarse = np.random.default_rng(seed).integers(40, 216, (height // grain + 1, width // grain + 1, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def warped(pixels: Pixels, move: npt.NDArray[np.float64]) -> Pixels:
    """Moved by a matrix, (2, 3)."""
    size, sharp, reflected = pixels.shape[1::-1], cv2.INTER_CUBIC, cv2.BORDER_REFLECT
    return np.asarray(cv2.warpAffine(pixels, move, size, flags=sharp, borderMode=reflected), np.uint8)


def noisy(pixels: Pixels, seed: int, deviation: float = 8.0) -> Pixels:
    noise = np.random.default_rng(seed).normal(0, deviation, pixels.shape)
    return np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8)


def flickering(pixels: Pixels, seed: int, deviation: float = 4.0) -> Pixels:
    """Brighter or darker in blots of 24 pixels."""
    height, width = pixels.shape[:2]
    coarse = np.random.default_rng(seed).normal(0, deviation, (height // 24 + 2, width // 24 + 2))
    levels = pixels + cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def shifted(pixels: Pixels, x: int, y: int = 0) -> Pixels:
    """Moved to the right and down, round the edges."""
    return np.ascontiguousarray(np.roll(pixels, (y, x), (0, 1)))


def distance(a: Pixels, b: Pixels) -> float:
    """Mean difference, in levels."""
    return float(np.abs(a.astype(int) - b).mean())


def begun(time_constant: float = 0.3) -> tuple[Smoother, Pixels, Pixels]:
    """A smoother that has seen a frame and its painting at time 1, with the key "a"."""
    smoother, content, painted = Smoother(time_constant), texture(), texture(seed=1)
    assert smoother.smooth(content, painted, 1.0, "a") is painted
    return smoother, content, painted


@pytest.mark.parametrize("rate", [15, 30, 60])
@pytest.mark.parametrize("time_constant", [0.1, 0.3])
def test_flicker_of_a_still_picture_falls_as_the_time_constant_says(rate: int, time_constant: float) -> None:
    smoother, content, base = Smoother(time_constant), texture(), np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    levels = np.random.default_rng(0).normal(0, 3, 6 * rate)  # the whole painting is brighter or darker
    results = [
        float(smoother.smooth(content, np.rint(base + level).astype(np.uint8), Fraction(i, rate), 0).mean())
        for i, level in enumerate(levels)
    ]
    weight = np.exp(-1 / (rate * time_constant))
    wanted, state = [], float(np.rint(128 + levels[0]))
    for level in levels:
        state = weight * state + (1 - weight) * np.rint(128 + level)
        wanted.append(state)
    assert np.abs(np.array(results) - wanted).max() < 1.5
    assert np.diff(results).std() < 1.2 * np.diff(wanted).std() + 0.1


def test_a_change_is_followed_in_the_same_time_at_any_rate() -> None:
    left = []
    for rate in (15, 30, 60):
        smoother, content = Smoother(0.3), texture()
        dark, bright = (np.full((HEIGHT, WIDTH, 3), level, np.uint8) for level in (120, 126))  # within the slack
        smoother.smooth(content, dark, 0, 0)
        for i in range(1, round(0.4 * rate) + 1):
            result = smoother.smooth(content, bright, Fraction(i, rate), 0)
        left.append((126 - result.mean()) / 6)
    assert left == pytest.approx([np.exp(-0.4 / 0.3)] * 3, abs=0.06)


def test_a_history_fades_to_the_last_level() -> None:
    smoother, content, painted = begun()
    smoother.smooth(content, np.clip(painted.astype(int) + 4, 0, 255).astype(np.uint8), Fraction(31, 30), "a")
    for i in range(2, 90):
        result = smoother.smooth(content, painted, 1 + Fraction(i, 30), "a")
    assert distance(result, painted) < 0.3


def test_a_painting_that_does_not_flicker_is_left_alone() -> None:
    smoother, content, painted = begun()
    for i in range(1, 30):
        result = smoother.smooth(content, painted, 1 + i / 30, "a")
    assert np.array_equal(result, painted)


def scene(x: int) -> tuple[Pixels, Pixels]:
    """A frame and its painting: a textured square at `x` before a textured wall, each painted with strokes."""
    content, painted = texture(seed=2), texture(seed=3)
    for picture, seed in ((content, 4), (painted, 5)):
        picture[:] = picture // 3 + (20 if picture is content else 160)
        picture[40:88, x : x + 48] = texture(48, 48, seed, 6) // 3 + (160 if picture is content else 20)
    return content, painted


def test_a_moving_square_leaves_no_ghost(thorough: bool) -> None:
    smoother = Smoother(0.3)
    for i in range(12):
        content, painted = scene(8 + 6 * i)
        result = smoother.smooth(content, painted, Fraction(i, 30), 0)
    trail = slice(40, 88), slice(8, 8 + 6 * 11 - 2)
    difference = result.astype(int) - painted  # of a ghost: 70 levels and more, all of them darker
    assert np.percentile(np.abs(difference[trail]), 99) < (24 if thorough else 20)
    assert abs(difference[trail].mean()) < 1


def test_texture_moves_with_what_it_is_painted_on() -> None:
    smoother, content, strokes = Smoother(0.3), texture(), texture(seed=1, grain=4)
    for i in range(15):
        painted = flickering(shifted(strokes, 3 * i, i), i)
        result = smoother.smooth(shifted(content, 3 * i, i), painted, Fraction(i, 30), 0)
    inner = slice(20, -20), slice(50, -20)  # where nothing came in over the edge
    here, behind = (distance(result[inner], shifted(strokes, 3 * i, i)[inner]) for i in (14, 13))
    assert here < 3
    assert behind > 5 * here


def test_strokes_stay_as_fine_as_they_were_painted(thorough: bool) -> None:
    smoother, content, strokes = Smoother(0.3), texture(384, 256), texture(384, 256, 1, 4)
    fine = lambda picture: float(np.abs(cv2.Laplacian(picture[32:-32, 32:-32], cv2.CV_16S)).mean())  # noqa: E731
    for i in range(30):
        move = np.array([[1, 0, 0.37 * i], [0, 1, 0.21 * i]])  # fractions of a pixel, which blur
        here, painted = (warped(p, move) for p in (content, strokes))
        result = smoother.smooth(here, painted, Fraction(i, 30), 0)
    assert fine(result) > 0.85 * fine(painted)
    assert distance(result, painted) < (5 if thorough else 4)


def test_detail_does_not_grow_while_a_shot_goes_on() -> None:
    """What is amplified a little too much in every frame would become rows of dots along edges."""
    smoother, content, lines = Smoother(0.5), texture(), np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    for begin, end, thickness in (((0, 100), (191, 60), 3), ((0, 30), (191, 44), 2)):
        cv2.line(lines, begin, end, (20, 30, 90), thickness, cv2.LINE_AA)
    fine = lambda picture: float(np.abs(picture - cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 1.2)).mean())  # noqa: E731
    shake, ratios = np.random.default_rng(0), []
    for i in range(120):
        move = np.array([[1, 0, shake.uniform(-0.4, 0.4)], [0, 1, shake.uniform(-0.4, 0.4)]])
        here, there = (warped(picture, move) for picture in (content, lines))
        grain = 2 * cv2.GaussianBlur(np.random.default_rng(i).normal(0, 8, lines.shape), (0, 0), 1)
        painted = np.clip(np.rint(there + grain), 0, 255).astype(np.uint8)
        result = smoother.smooth(here, painted, Fraction(i, 30), 0)
        ratios.append(fine(result) / fine(painted))
    assert np.mean(ratios[-60:]) < 1.05


def test_no_rows_of_dots_grow_along_lines_that_tremble(thorough: bool) -> None:
    smoother = Smoother(0.5 if thorough else 0.15)  # live, some grow with longer times
    content, lines = texture(), np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    for end in (70, 66):
        cv2.line(lines, (-10, 70), (WIDTH + 10, end), (60, 60, 140), 2, cv2.LINE_AA)
    along = lambda picture: float(np.square(np.diff(picture[40:100, 20:-20].astype(float), 2, axis=1)).mean()) ** 0.5  # noqa: E731
    tremble, ratios = np.random.default_rng(0), []
    for i in range(90):
        drift = np.array([[1, 0, 0.05 * i], [0, 1, 0.03 * i]])
        # A network's strokes are not quite where they were.
        off = drift + np.array([[0, 0, 0], [0, 0, tremble.uniform(-1, 1)]])
        painted = noisy(warped(lines, off), i, 2)
        result = smoother.smooth(warped(content, drift), painted, Fraction(i, 30), 0)
        ratios.append(along(result) / along(painted))
    assert np.mean(ratios[-20:]) < 1.3


def test_what_is_left_of_an_average_is_amplified_but_not_to_specks() -> None:
    painted = noisy(np.full((HEIGHT, WIDTH, 3), 128, np.uint8), 1, 6).astype(np.float32)
    blended = np.full_like(painted, 128) + (painted - 128) / 4  # most has averaged out
    blended[60:64, 90:94] = painted[60:64, 90:94] * 1.5 - 64  # and some has not
    fine = lambda picture: np.abs(picture - cv2.GaussianBlur(picture, (0, 0), 1))  # noqa: E731
    result = restore(blended, painted, np.ones((HEIGHT, WIDTH), np.float32))
    assert 1.8 * fine(blended).mean() < fine(result).mean() < 1.1 * fine(painted).mean()
    assert fine(result).max() < 1.2 * fine(painted).max()
    for weight in (0, 1):
        assert np.abs(restore(painted, painted, np.full((HEIGHT, WIDTH), weight, np.float32)) - painted).max() < 1e-3


def test_noise_of_a_camera_does_not_stop_it(thorough: bool) -> None:
    smoother, content, base = Smoother(0.3), texture(480, 320, 0, 16), texture(480, 320, 1)
    for i in range(30):
        painted = flickering(base, i)
        result = smoother.smooth(noisy(content, 100 + i, 8), painted, Fraction(i, 30), 0)
    assert distance(result, base) < (0.7 if thorough else 0.6) * distance(painted, base)


def test_a_cut_shows_the_painting_at_once() -> None:
    smoother, _, _ = begun()
    other = texture(seed=9)
    assert smoother.smooth(texture(seed=8), other, 1.03, "a") is other


def test_another_key_shows_the_painting_at_once() -> None:
    smoother, content, _ = begun()
    other = texture(seed=9)
    assert smoother.smooth(content, other, 1.03, "b") is other
    assert smoother.smooth(content, texture(seed=7), 1.06, "b") is not other


def test_another_size_shows_the_painting_at_once() -> None:
    smoother, _, _ = begun()
    other = texture(96, 64, 9)
    assert smoother.smooth(texture(96, 64), other, 1.03, "a") is other


@pytest.mark.parametrize("time", [1.51, 2.0, 0.99, 0.0])
def test_after_a_gap_or_a_jump_back_the_painting_is_shown_at_once(time: float) -> None:
    smoother, content, _ = begun()
    other = texture(seed=9)
    assert smoother.smooth(content, other, time, "a") is other


def test_after_a_reset_the_painting_is_shown_at_once() -> None:
    smoother, content, _ = begun()
    smoother.reset()
    other = texture(seed=9)
    assert smoother.smooth(content, other, 1.03, "a") is other


def test_a_time_constant_of_zero_gives_the_paintings_themselves() -> None:
    smoother = Smoother(0)
    for i in range(3):
        painted = texture(seed=i)
        assert smoother.smooth(texture(), painted, i / 30, 0) is painted


def test_switched_on_again_it_remembers_nothing() -> None:
    smoother, content, _ = begun()
    smoother.time_constant = 0
    smoother.smooth(content, texture(seed=8), 1.03, "a")
    smoother.time_constant = 0.3
    other = texture(seed=9)
    assert smoother.smooth(content, other, 1.06, "a") is other


def test_motion_may_be_followed_ahead_of_the_paintings() -> None:
    ahead, beside = Smoother(0.3), Smoother(0.3)
    pictures = [(shifted(texture(), 2 * i), noisy(shifted(texture(seed=1), 2 * i), i)) for i in range(6)]
    moves = [ahead.follow(content, Fraction(i, 30)) for i, (content, _) in enumerate(pictures)]
    for i, (move, (content, painted)) in enumerate(zip(moves, pictures, strict=True)):
        assert np.array_equal(ahead(move, painted, 0), beside.smooth(content, painted, Fraction(i, 30), 0))


def test_where_a_painting_is_missing_the_next_is_shown_at_once() -> None:
    smoother, content, _ = begun()
    smoother.follow(content, 1.03)
    other = texture(seed=9)
    assert smoother.smooth(content, other, 1.06, "a") is other
    assert smoother.smooth(content, texture(seed=7), 1.09, "a") is not other


def test_after_a_reset_all_depends_on_what_follows_only() -> None:
    old, new = Smoother(0.3), Smoother(0.3)
    old.smooth(texture(), texture(seed=1), 0, 0)
    old.smooth(texture(), texture(seed=7), Fraction(1, 30), 0)
    pictures = [(shifted(texture(), 2 * i), noisy(shifted(texture(seed=1), 2 * i), i)) for i in range(6)]
    moves = [old.follow(content, 1 + Fraction(i, 30)) for i, (content, _) in enumerate(pictures)]
    old.reset()
    for i, (move, (content, painted)) in enumerate(zip(moves, pictures, strict=True)):
        assert np.array_equal(old(move, painted, 0), new.smooth(content, painted, 1 + Fraction(i, 30), 0))


def test_frames_and_paintings_are_never_written_to() -> None:
    smoother, pictures = Smoother(0.3), [(texture(), noisy(texture(seed=1), i)) for i in range(4)]
    before = [(content.copy(), painted.copy()) for content, painted in pictures]
    results = []
    for i, (content, painted) in enumerate(pictures):
        content.flags.writeable = painted.flags.writeable = False
        results.append(smoother.smooth(content, painted, i / 30, 0))
        kept = [result.copy() for result in results]
    for old, new in zip(before, pictures, strict=True):
        assert np.array_equal(old, new)
    assert all(np.array_equal(a, b) for a, b in zip(results, kept, strict=True))
    assert len({id(result) for result in results}) == 4


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (2, 90), (90, 2), (17, 9), (321, 241), (2000, 31)])
def test_any_size_is_smoothed(size: tuple[int, int]) -> None:
    smoother, content = Smoother(0.3), np.full((size[1], size[0], 3), 90, np.uint8)
    for i in range(3):
        painted = np.full_like(content, 100 + 4 * (i % 2))
        result = smoother.smooth(content, painted, i / 30, 0)
        assert result.shape == content.shape
        assert result.dtype == np.uint8
        assert result.flags.c_contiguous
    assert 100 <= result.mean() < 104


def test_a_real_clip_flickers_less() -> None:
    source = FileSource(Path(__file__).parent.parent / "assets/clip.mp4")
    try:
        first, second = islice(source, 2)
    finally:
        source.close()
    smoother = Smoother(0.3)
    before = smoother.smooth(first.pixels, flickering(first.pixels, 0), first.time, "a")
    painted = flickering(second.pixels, 1)
    result = smoother.smooth(second.pixels, painted, second.time, "a")
    change = second.pixels.astype(int) - first.pixels
    flicker = lambda picture: float(np.abs(picture.astype(int) - before - change).mean())  # noqa: E731
    assert flicker(result) < 0.5 * flicker(painted)
