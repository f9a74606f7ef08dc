"""Settings survive a restart, and nothing in their file can do harm."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from stytr_live import settings
from stytr_live.settings import Settings, load, save

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    mine = Settings(strength=0.3, styles={"wave.jpg": 0.7, "mosaic": 0.3}, favourites=["a"], language="zh_CN", turns=3)
    save(mine, tmp_path / "new" / "settings.json")
    assert load(tmp_path / "new" / "settings.json") == mine
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["settings.json"]


def test_without_a_file_they_are_a_new_user_s(tmp_path: Path) -> None:
    assert load(tmp_path / "settings.json") == Settings()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 99}', "\x00\x01", "[" * 100_000, '{"strength": 1}'])
def test_a_damaged_file_is_set_aside_and_it_is_said(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "settings.json").write_text(text)
    assert load(tmp_path / "settings.json") == Settings()
    assert (tmp_path / "settings.damaged.json").read_text() == text
    assert len(caplog.records) == 1
    save(Settings(strength=0.5), tmp_path / "settings.json")
    assert load(tmp_path / "settings.json").strength == 0.5


@pytest.mark.parametrize(
    ("name", "value"),
    [("strength", "much"), ("strength", True), ("styles", {}), ("styles", {"a": -1}), ("styles", ["a"]), ("turns", 1.5),
     ("recent", "a"), ("recent", [1]), ("theme", 3), ("mirror", 1), ("strength", 1e300)],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_a_new_user_s(tmp_path: Path, name: str, value: object) -> None:
    (tmp_path / "s.json").write_text(json.dumps({"version": 1, "cross_fade": 3, name: value, "unknown": 1}))
    assert load(tmp_path / "s.json") == Settings(cross_fade=3)


def test_where_nothing_can_be_written_the_log_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("no folder")
    save(Settings(), tmp_path / "file" / "settings.json")
    assert "cannot be kept" in caplog.text


def test_they_lie_in_the_user_s_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert settings.path() == tmp_path / "stytr-live" / "settings.json"
