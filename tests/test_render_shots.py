"""Shots: where they begin, and what goes by them."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from stytr_live.render import film as films
from stytr_live.render.film import Film
from stytr_live.render.painter import Painter
from stytr_live.render.shots import find_shots
from tests.test_render import job, make_clip

if TYPE_CHECKING:
    from pathlib import Path

CUTS = (Fraction(0), Fraction(40, 30), Fraction(90, 30))


def make_shots(path: Path, frames: int = 130) -> Path:
    """Three shots in which a camera moves over noise, at 30 frames a second, beginning at 1 s."""
    chance = np.random.default_rng(3)
    worlds = [
        np.repeat(np.repeat(chance.integers(0, 256, (10, 15, 3), np.uint8) // 2 + tint, 32, 0), 32, 1)
        for tint in (0, 60, 120)
    ]
    with av.open(path, "w") as file:
        video = file.add_stream("libx264", rate=30, width=96, height=64, pix_fmt="yuv420p")
        for index in range(frames):
            shot = sum(index >= cut * 30 for cut in CUTS) - 1
            world = worlds[shot].astype(np.uint8)
            pixels = np.ascontiguousarray(world[index : index + 64, index : index + 96])
            picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            picture.pts, picture.time_base = index + 30, Fraction(1, 30)
            file.mux(video.encode(picture))
        file.mux(video.encode(None))
    return path


def test_shots_begin_at_cuts_and_a_moving_camera_is_none(tmp_path: Path) -> None:
    clip = make_shots(tmp_path / "clip.mp4")
    assert find_shots(job(clip, tmp_path / "out.mp4"), Fraction(1)) == CUTS
    assert find_shots(job(clip, tmp_path / "out.mp4", end=Fraction(2)), Fraction(1)) == CUTS[:2]


def test_what_is_smoothed_is_taken_apart_at_shots(tmp_path: Path) -> None:
    clip = make_shots(tmp_path / "clip.mp4")
    task = job(clip, tmp_path / "out.mp4", smoothing=0.1, segment=Fraction(2))
    plan = Film.look(task).plan()
    assert plan.shots == CUTS
    assert [(s.start, s.warm) for s in plan.segments if s.start in CUTS] == [(CUTS[1], None), (CUTS[2], None)]


def test_shots_are_looked_for_only_where_they_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=60)

    def unwanted(*_: object) -> None:
        raise AssertionError("shots are looked for")

    monkeypatch.setattr("stytr_live.render.shots.find_shots", unwanted)
    assert films.Film.look(job(clip, tmp_path / "out.mp4", segment=Fraction(1))).plan().shots == ()
    assert films.Film.look(job(clip, tmp_path / "out.mp4", smoothing=0.3)).plan().shots == ()
    with pytest.raises(AssertionError, match="looked for"):
        films.Film.look(job(clip, tmp_path / "out.mp4", smoothing=0.3, segment=Fraction(1))).plan()


def test_a_timeline_changes_styles_with_shots(tmp_path: Path) -> None:
    timeline = tmp_path / "timeline.toml"
    timeline.write_text(
        '[[key]]\ntime = 0\nstyle = "mosaic"\n[[key]]\nshot = 2\nstyle = "woodcut"\nstrength = 0.5\nfade = 2\n'
    )
    clip = make_shots(tmp_path / "clip.mp4")
    task = job(clip, tmp_path / "out.mp4", styles=(), timeline=timeline, device="cpu", short_side=32)
    plan = Film.look(task).plan()
    assert plan.shots == CUTS
    with closing(Painter(task, first=Fraction(1), shots=plan.shots)) as painter:
        before, fading, after = (painter.params_at(1 + CUTS[1] + Fraction(s)) for s in (-1, 1, 3))
    assert [style.name for style, _ in before.styles] == ["mosaic"]
    assert {style.name: weight for style, weight in fading.styles} == pytest.approx({"mosaic": 0.5, "woodcut": 0.5})
    assert [style.name for style, _ in after.styles] == ["woodcut"]
    assert (before.strength, fading.strength, after.strength) == (1.0, 0.75, 0.5)
