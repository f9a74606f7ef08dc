"""Jobs as text."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stytr_live.errors import SettingsError, SinkError
from stytr_live.media.encoders import Encoding
from stytr_live.render import job_file
from stytr_live.render.job import RenderJob

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN: dict[str, Any] = {"input": Path("/f/a.mp4"), "output": Path("/f/b.mp4"), "styles": (("mosaic", 1.0),)}
FULL: dict[str, Any] = {
    "input": Path('/films/it\'s "odd"\\\n\x7f 🎨.mp4'),
    "output": Path("/films/b.mp4"),
    "styles": (("wave.jpg", 0.1 + 0.2), ("wave.jpg", 1e-17), ("woodcut", 3.0)),
    "network": "stytr2",
    "weights": Path("/w/own.safetensors"),
    "short_side": 720,
    "style_side": 256,
    "strength": 1 / 3,
    "keep_colours": True,
    "tokens": 256,
    "detail": False,
    "smoothing": 0.3,
    "device": "cuda:1",
    "precision": "half",
    "start": Fraction(1001, 30000),
    "end": Fraction(10**12 + 1, 3),
    "fps": Fraction(30000, 1001),
    "stream": 2,
    "background": "#FFee00",
    "segment": Fraction(7, 2),
    "keep_going": True,
    "overwrite": True,
}


@pytest.mark.parametrize("options", [PLAIN, FULL, {**PLAIN, "styles": (), "timeline": Path("/f/t.toml")}])
def test_a_job_is_read_back_exactly(options: dict[str, Any], tmp_path: Path) -> None:
    job = RenderJob(**options, encoding=Encoding() if options is FULL else None)
    assert job_file.loads(job_file.dumps(job), tmp_path / "job.toml") == job


def test_a_saved_job_can_be_loaded_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "wave.jpg").touch()
    monkeypatch.chdir(tmp_path / "films")
    job = RenderJob(input=Path("a.mp4"), output=Path("b.mp4"), styles=(("wave.jpg", 1.0), ("mosaic", 2.0)))
    job_file.save(job, tmp_path / "job.toml")
    monkeypatch.chdir(tmp_path)
    loaded = job_file.load(Path("job.toml"))
    assert loaded.input == tmp_path / "films" / "a.mp4"
    assert loaded.styles == ((str(tmp_path / "films" / "wave.jpg"), 1.0), ("mosaic", 2.0))
    with pytest.raises(SinkError, match="exists already"):
        job_file.save(job, tmp_path / "job.toml")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text + "speed = 3\n", "a key 'speed', which is unknown"),
        (lambda text: text.replace("input", "# input"), "lacks the key 'input'"),
        (lambda text: text + "short_side = 1.5\n", "'short_side' .* must be a whole number, not 1.5"),
        (lambda text: text + "detail = 1\n", "'detail' .* must be true or false"),
        (lambda text: text + 'start = "1/0"\n', "'start' .* must be a fraction"),
        (lambda text: text + "start = 0.1\n", "'start' .* must be a fraction"),
        (lambda text: text + "keep_colours = []\n", "'keep_colours'"),
        (lambda text: text.replace('["mosaic", 1.0]', '"mosaic"'), "'styles' .* must be a list"),
        (lambda text: text.replace('["mosaic", 1.0]', ""), "No style"),
        (lambda text: text + 'fps = "100000"\n', "cannot be used: The rate"),
        (lambda text: text + 'segment = "1/1000000"\n', "cannot be used: A segment"),
        (lambda text: text + 'background = "blue"\n', "no colour"),
        (lambda text: text + "[encoding]\nmagic = 1\n", "a key 'encoding.magic', which is unknown"),
        (lambda text: text + "encoding = 3\n", "'encoding'"),
        (lambda text: text.replace("version = 1", "version = 2"), "version 2"),
        (lambda text: text + "[[", "is not TOML"),
        (lambda text: text + "x = " + "[" * 100_000, "is not TOML"),
    ],
)
def test_what_is_wrong_in_a_job_file_is_said_with_its_name(
    change: Callable[[str], str], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "job.toml"
    path.write_text(change(job_file.dumps(RenderJob(**PLAIN))), "utf-8")
    with pytest.raises(SettingsError, match=said) as caught:
        job_file.load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_job_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        job_file.load(tmp_path / "none.toml")
    (tmp_path / "video.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="is not text"):
        job_file.load(tmp_path / "video.toml")
    with (tmp_path / "huge.toml").open("wb") as file:
        file.truncate(2 << 20)
    with pytest.raises(SettingsError, match="larger than a megabyte"):
        job_file.load(tmp_path / "huge.toml")


def test_a_name_that_is_no_text_cannot_be_written(tmp_path: Path) -> None:
    odd = b"/f/\xff.mp4".decode("utf-8", "surrogateescape")
    with pytest.raises(SettingsError, match="rename the file"):
        job_file.save(RenderJob(**{**PLAIN, "input": Path(odd)}), tmp_path / "job.toml")
    assert not (tmp_path / "job.toml").exists()
