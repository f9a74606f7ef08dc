"""What is kept on disk between two runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stytr_live.engine.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_what_was_put_is_got_and_only_under_its_key(tmp_path: Path) -> None:
    store = Store(tmp_path / "new")
    assert store.get("kind", "a") is None
    store.put(b"data", "kind", "a")
    assert store.get("kind", "a") == Store(tmp_path / "new").get("kind", "a") == b"data"
    assert store.get("kind", "b") is None
    assert store.get("other", "a") is None
    assert store.get("kind", "a", "") is None


def test_all_that_decide_at_once_agree(tmp_path: Path) -> None:
    first, other = Store(tmp_path), Store(tmp_path)
    assert first.agree(b"one", "kind", "a") == b"one"
    other.put(b"two", "kind", "a", first=True)  # as if it had not seen the other's in time
    assert other.agree(b"two", "kind", "a") == first.get("kind", "a") == b"one"
    (path,) = (tmp_path / "kind").iterdir()
    path.write_bytes(b"damaged")
    assert other.agree(b"two", "kind", "a") == first.get("kind", "a") == b"two"
    assert len(list((tmp_path / "kind").iterdir())) == 1


def test_who_decides_without_a_disk_keeps_to_what_it_found(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    assert Store(tmp_path / "file").agree(b"one", "kind", "a") == b"one"
    assert len(caplog.records) == 1


def test_every_damage_is_found_and_the_file_removed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(tmp_path)
    for damage in (
        b"",
        b"stytr",
        lambda d: d[:-1],
        lambda d: d + b"\0",
        lambda d: b"X" + d[1:],
        lambda d: d[:-1] + b"X",
    ):
        store.put(b"some data", "kind", "a")
        (path,) = (tmp_path / "kind").iterdir()
        path.write_bytes(damage(path.read_bytes()) if callable(damage) else damage)
        assert store.get("kind", "a") is None
        assert not path.exists()
    assert len(caplog.records) == 6


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    store = Store(tmp_path, largest=3500)
    for i, key in enumerate("abc"):
        store.put(bytes(1000), "kind", key)
        for path in (tmp_path / "kind").iterdir():
            if path.stat().st_mtime > 1000:
                os.utime(path, (i, i))
    assert store.get("kind", "a") is not None  # used now
    store.put(bytes(1000), "other", "d")
    assert [store.get(*key) is not None for key in (("kind", "a"), ("kind", "b"), ("kind", "c"), ("other", "d"))] == [
        True,
        False,
        True,
        True,
    ]


def test_where_nothing_can_be_written_it_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("no folder")
    store = Store(tmp_path / "file")
    store.put(b"data", "kind", "a")
    store.put(b"data", "kind", "b")
    assert store.get("kind", "a") is None
    assert len(caplog.records) == 1


def test_nothing_half_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    Store(tmp_path).put(b"data", "kind", "a")
    assert not list((tmp_path / "kind").iterdir())
