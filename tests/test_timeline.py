"""Styles over time."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from stytr_live.errors import SettingsError
from stytr_live.timeline import Key, Look, Timeline

if TYPE_CHECKING:
    from pathlib import Path

FILE = """
[[key]]
time = 0
style = "mosaic"

[[key]]
time = "0:10"
styles = { woodcut = 3, mosaic = 1 }
strength = 0.5
fade = 2

[[key]]
time = "00:01:00.5"
strength = 1
"""


@pytest.fixture
def timeline(tmp_path: Path) -> Timeline:
    return loaded(tmp_path, FILE)


def loaded(folder: Path, text: str) -> Timeline:
    (folder / "styles.toml").write_text(text, "utf-8")
    return Timeline.load(folder / "styles.toml")


def test_a_key_counts_from_its_time_on(timeline: Timeline) -> None:
    assert timeline.at(Fraction(0)) == timeline.at(9.999) == Look((("mosaic", 1.0),), 1.0)
    assert timeline.at(12) == Look((("woodcut", 0.75), ("mosaic", 0.25)), 0.5)
    assert timeline.at(Fraction(121, 2)) == Look((("woodcut", 0.75), ("mosaic", 0.25)), 1.0)
    assert timeline.references == ("mosaic", "woodcut")


def test_before_the_first_key_it_looks_as_at_the_first_key(tmp_path: Path) -> None:
    timeline = loaded(tmp_path, '[[key]]\ntime = 5\nstyle = "mosaic"\nfade = 1')
    assert timeline.at(0) == timeline.at(5) == timeline.at(100)


@pytest.mark.parametrize(("second", "share"), [("10", 0.0), ("10.5", 0.25), ("11", 0.5), ("11.999", 0.9995)])
def test_a_fade_goes_evenly_from_one_look_to_the_next(timeline: Timeline, second: str, share: float) -> None:
    look = timeline.at(Fraction(second))
    weights = dict(look.styles)
    assert weights["mosaic"] == pytest.approx(1 - 0.75 * share)
    assert weights.get("woodcut", 0.0) == pytest.approx(0.75 * share)
    assert look.strength == pytest.approx(1 - 0.5 * share)
    assert sum(weights.values()) == pytest.approx(1)


def test_a_fade_that_is_cut_short_goes_on_from_where_it_was() -> None:
    a, b, c = (Look(((name, 1.0),), 1.0) for name in "abc")
    timeline = Timeline([Key(Fraction(0), a), Key(Fraction(10), b, Fraction(4)), Key(Fraction(12), c, Fraction(2))])
    assert dict(timeline.at(12).styles) == {"a": 0.5, "b": 0.5}
    assert dict(timeline.at(13).styles) == {"a": 0.25, "b": 0.25, "c": 0.5}
    assert dict(timeline.at(14).styles) == {"c": 1.0}


def test_keys_are_sorted() -> None:
    a, b = (Look(((name, 1.0),), 1.0) for name in "ab")
    assert Timeline([Key(Fraction(3), b), Key(Fraction(0), a)]).at(1) == a


def test_shots_get_the_times_at_which_they_begin(tmp_path: Path) -> None:
    text = '[[key]]\nshot = 1\nstyle = "mosaic"\n[[key]]\nshot = 3\nstyle = "ink"\n[[key]]\nshot = 9\nstyle = "pastel"'
    timeline = loaded(tmp_path, text)
    assert timeline.by_shot
    with pytest.raises(SettingsError, match="shots"):
        timeline.at(0)
    placed = timeline.placed([Fraction(0), Fraction(2), Fraction(7, 2)])
    assert placed.at(Fraction(349, 100)).styles == (("mosaic", 1.0),)
    assert placed.at(Fraction(7, 2)).styles == placed.at(1000).styles == (("ink", 1.0),)


def test_pictures_are_named_as_seen_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "wave.jpg").write_bytes(b"a picture, one day")
    assert loaded(tmp_path, '[[key]]\ntime = 0\nstyle = "wave.jpg"').references == (str(tmp_path / "wave.jpg"),)
    assert loaded(tmp_path, '[[key]]\ntime = 0\nstyle = "mosaic"').references == ("mosaic",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "consist of"),
        ("key = 3", "consist of"),
        ("title = 'a'\n[[key]]\ntime = 0\nstyle = 'a'", "consist of"),
        ("[[key]", "not TOML"),
        ("[[key]]\nstyle = 'a'", "either a time or a shot"),
        ("[[key]]\ntime = 0\nshot = 1\nstyle = 'a'", "either a time or a shot"),
        ("[[key]]\ntime = 0", "first key needs a style"),
        ("[[key]]\ntime = 0\nstyle = 'a'\nspeed = 3", "'speed' is unknown"),
        ("[[key]]\ntime = '1:xx'\nstyle = 'a'", "the time must be"),
        ("[[key]]\ntime = -1\nstyle = 'a'", "the time must be"),
        ("[[key]]\ntime = true\nstyle = 'a'", "the time must be"),
        ("[[key]]\ntime = nan\nstyle = 'a'", "the time must be"),
        ("[[key]]\ntime = 0\nstyle = 'a'\nfade = 'long'", "the fade must be"),
        ("[[key]]\ntime = 0\nstyle = 'a'\nstrength = 2", "the strength must be"),
        ("[[key]]\ntime = 0\nstyle = 'a'\nstrength = nan", "the strength must be"),
        ("[[key]]\ntime = 0\nstyle = 7", "styles must be"),
        ("[[key]]\ntime = 0\nstyles = ['a']", "styles must be"),
        ("[[key]]\ntime = 0\nstyles = { a = inf }", "styles must be"),
        ("[[key]]\ntime = 0\nstyles = { a = 0 }", "a weight must be above 0"),
        ("[[key]]\ntime = 0\nstyles = { a = 1, b = 1, c = 1, d = 1, e = 1 }", "from 1 to 4 styles"),
        ("[[key]]\nshot = 0\nstyle = 'a'", "the shot must be"),
        ("[[key]]\ntime = 0\nstyle = 'a'\n[[key]]\ntime = 0\nstyle = 'b'", "Two keys are at 0 s"),
        (
            "[[key]]\ntime = 0\nstyles = { a = 1, b = 1, c = 1 }\n"
            "[[key]]\ntime = 1\nstyles = { d = 1, e = 1 }\nfade = 1",
            "5 styles meet",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_that_names_the_file(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        loaded(tmp_path, text)
    assert "styles.toml" in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_file_that_is_missing_or_huge_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        Timeline.load(tmp_path / "none.toml")
    (tmp_path / "huge.toml").write_bytes(b"#" * (1 << 21))
    with pytest.raises(SettingsError, match="larger than"):
        Timeline.load(tmp_path / "huge.toml")
