"""The command line as a user meets it: in a process of its own."""

from __future__ import annotations

import json
import os
import pickle
import re
import signal
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from stytr_live import builtin
from stytr_live.cli.demo import STYLES
from tests.test_render import make_clip, shades, sound

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = 120
"""Seconds after which a test gives up on a process."""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a clip and a style."""
    make_clip(tmp_path / "clip.mp4")
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "style.png")
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "XDG_STATE_HOME": str(folder / ".state"), "HOME": str(folder), "OMP_NUM_THREADS": "1"}


def stytr_live(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stytr_live", *arguments],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )


def render(folder: Path, source: str, output: str = "out.mp4", *options: str) -> subprocess.CompletedProcess[str]:
    return stytr_live(folder, "render", source, "-o", output, "-s", "style.png", "--short-side", "32", *options)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_one_sentence(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("stytr-live: ")
    assert done.stderr.endswith(".\n")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert "should not" not in done.stderr
    assert not done.stdout


def test_a_video_is_rendered(here: Path) -> None:
    done = render(here, "clip.mp4")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Wrote 'out.mp4': 12 frames in ")
    assert not done.stderr
    assert [time for time, _ in shades(here / "out.mp4")] == [time for time, _ in shades(here / "clip.mp4")]
    assert sound(here / "out.mp4") == sound(here / "clip.mp4")


def test_json_tells_progress_and_result(here: Path) -> None:
    done = render(here, "clip.mp4", "out.mp4", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert {event["event"] for event in events[:-1]} == {"progress"}
    assert events[-2]["frames"] == events[-2]["total"] == 12
    assert events[-1] == events[-1] | {"event": "result", "output": "out.mp4", "frames": 12, "failures": []}


def test_json_tells_an_error(here: Path) -> None:
    done = render(here, "missing.mp4", "out.mp4", "--json")
    (event,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert event["event"] == "error"
    assert done.stderr == f"stytr-live: {event['message']}\n"


def damaged_inputs(folder: Path) -> Iterator[Path]:
    yield folder / "missing.mp4"
    (folder / "empty.mp4").touch()
    yield folder / "empty.mp4"
    (folder / "letter.mp4").write_text("Dear reader, this is no video. " * 100)
    yield folder / "letter.mp4"
    whole = (folder / "clip.mp4").read_bytes()
    (folder / "headless.mp4").write_bytes(whole[: whole.index(b"moov") + 40])
    yield folder / "headless.mp4"
    (folder / "nothing").mkdir()
    yield folder / "nothing"
    (folder / "empty.png").touch()
    yield folder / "empty.png"
    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    (folder / "huge.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
    yield folder / "huge.png"


@pytest.mark.parametrize("number", range(7))
def test_an_input_that_cannot_be_read_is_one_sentence_and_the_older_output_stays(here: Path, number: int) -> None:
    source = list(damaged_inputs(here))[number]
    output = "out.png" if source.suffix == ".png" else "out.mp4" if source.suffix else "out"
    if output != "out":
        (here / output).write_bytes(b"older")
    before = contents(here)
    done = render(here, source.name, output, "--overwrite")
    assert_one_sentence(done)
    assert source.name in done.stderr
    assert contents(here) == before


def test_what_is_left_of_a_truncated_video_is_put_together_when_asked_for(here: Path) -> None:
    whole = make_clip(here / "long.mp4", frames=90).read_bytes()
    (here / "cut.mp4").write_bytes(whole[: (whole.index(b"mdat") + len(whole)) // 2])
    done = render(here, "cut.mp4")
    assert done.returncode == 1
    assert done.stderr.count("stytr-live: ") == 1  # beside how far it is, now and then
    assert re.search(r"'cut\.mp4' is cut off: its last \d\.\d seconds are missing\. With --keep-going .*", done.stderr)
    assert not (here / "out.mp4").exists()
    done = render(here, "cut.mp4", "out.mp4", "--keep-going")
    assert done.returncode == 1
    assert "Not all of 'out.mp4' could be painted" in done.stderr
    assert "of them were there before" in done.stdout
    left, times = [time for time, _ in shades(here / "out.mp4")], [time for time, _ in shades(here / "long.mp4")]
    assert 10 < len(left) < 85
    assert left[:-4] == times[: len(left) - 4]  # of the last ones some may lack what they are predicted from
    assert set(left) <= set(times)


def test_the_frames_around_damage_are_put_together_when_asked_for(here: Path) -> None:
    data = bytearray(make_clip(here / "whole.mp4", frames=90).read_bytes())
    middle = (data.index(b"mdat") + len(data)) // 2
    data[middle : middle + 200] = bytes(range(200))
    (here / "damaged.mp4").write_bytes(data)
    done = render(here, "damaged.mp4")
    assert done.returncode == 1
    assert done.stderr.count("stytr-live: ") == 1
    assert re.search(r"\d+ frames? of 0:00–the end of 'damaged\.mp4' (is|are) damaged", done.stderr)
    assert not (here / "out.mp4").exists()
    done = render(here, "damaged.mp4", "out.mp4", "--keep-going")
    assert done.returncode == 1
    times, left = [time for time, _ in shades(here / "whole.mp4")], [time for time, _ in shades(here / "out.mp4")]
    assert len(left) > 75
    assert set(left) <= set(times)
    assert (left[0], left[-1]) == (times[0], times[-1])


def test_an_existing_output_is_kept_unless_told(here: Path) -> None:
    (here / "out.mp4").write_bytes(b"older")
    done = render(here, "clip.mp4")
    assert_one_sentence(done)
    assert "--overwrite" in done.stderr
    assert (here / "out.mp4").read_bytes() == b"older"


def unwritable(folder: Path) -> str:
    """An output in a folder where nobody may write: root may write anywhere but into the kernel's."""
    if os.geteuid() == 0:
        return "/sys/out.mp4"
    (folder / "locked").mkdir(mode=0o555)
    return "locked/out.mp4"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions work differently there")
def test_an_unwritable_folder_is_one_sentence(here: Path) -> None:
    assert_one_sentence(render(here, "clip.mp4", unwritable(here)))


def test_a_missing_folder_is_one_sentence(here: Path) -> None:
    assert_one_sentence(render(here, "clip.mp4", "nowhere/out.mp4"))


@pytest.mark.parametrize("output", ["out.txt", "out", "out.png", "clip.mp4"])
def test_an_output_of_no_video_kind_is_one_sentence(here: Path, output: str) -> None:
    before = contents(here)
    assert_one_sentence(render(here, "clip.mp4", output, "--overwrite"))
    assert contents(here) == before


@pytest.mark.parametrize("source", ["clip.mp4", "style.png"])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(here: Path, source: str) -> None:
    disk = here / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("mounting a small disk is not permitted here")
    try:
        done = render(here, source, f"disk/out{Path(source).suffix}")
        assert_one_sentence(done)
        assert not list(disk.iterdir())
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize(
    ("style", "hint"),
    [("no_such_style", "stytr-live styles"), ("dot.png", "1×1"), ("clip.mp4", "style"), ("style.png:-1", "weight"),
     ("style.png:0", "weight")],
)  # fmt: skip
def test_a_style_that_cannot_be_used_is_one_sentence(here: Path, style: str, hint: str) -> None:
    Image.new("RGB", (1, 1)).save(here / "dot.png")
    before = contents(here)
    done = stytr_live(here, "render", "clip.mp4", "-o", "out.mp4", "-s", style)
    assert_one_sentence(done)
    assert hint in done.stderr
    assert contents(here) == before


def test_a_folder_with_a_damaged_picture_gives_the_rest_and_names_it(here: Path) -> None:
    (here / "photos").mkdir()
    for name in ("a.png", "b.png"):
        Image.new("RGB", (40, 30), "teal").save(here / "photos" / name)
    (here / "photos" / "broken.png").write_bytes((here / "photos" / "a.png").read_bytes()[:60])
    done = render(here, "photos", "painted")
    assert done.returncode == 1
    assert done.stdout.startswith("Wrote 'painted': 2 pictures")
    assert "1 picture was left out" in done.stderr
    assert "broken.png" in done.stderr
    assert sorted(path.name for path in (here / "painted").iterdir()) == ["a.png", "b.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals work differently there")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_in_one_sentence_and_leaves_nothing(here: Path, number: signal.Signals, code: int) -> None:
    """Two signals in a burst, as a terminal and a parent may send them, are one."""
    make_clip(here / "long.mp4", frames=2000, shade=0)
    (here / "out.mp4").write_bytes(b"older")
    before = contents(here)
    arguments = ["render", "long.mp4", "-o", "out.mp4", "-s", "style.png", "--overwrite", "--json"]
    with subprocess.Popen(
        [sys.executable, "-m", "stytr_live", *arguments],
        cwd=here,
        env=environment(here),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "progress"
        process.send_signal(number)
        process.send_signal(number)
        out, err = process.communicate(timeout=LONG)
    assert process.returncode == code
    assert err == "stytr-live: Stopped; no unfinished output is left.\n"
    assert json.loads(out.splitlines()[-1]) == {"event": "error", "message": err.removeprefix("stytr-live: ").strip()}
    assert contents(here) == before


@pytest.mark.skipif(sys.platform == "win32", reason="pipes work differently there")
def test_a_reader_that_goes_away_is_no_matter_for_words(here: Path) -> None:
    make_clip(here / "long.mp4", frames=2000, shade=0)
    before = contents(here)
    with subprocess.Popen(
        [sys.executable, "-m", "stytr_live", "render", "long.mp4", "-o", "out.mp4", "-s", "style.png", "--json"],
        cwd=here,
        env=environment(here),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(LONG) != 0
    assert contents(here) == before


def test_what_nobody_foresaw_is_one_sentence_that_names_the_log(here: Path) -> None:
    program = (
        "from stytr_live.render import local\n"
        "from stytr_live.cli import main\n"
        "def boom(*_): raise RuntimeError('a wheel came off')\n"
        "local.render = boom\n"
        "main(['render', 'clip.mp4', '-s', 'style.png', '-o', 'out.mp4'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(here), capture_output=True, text=True, check=False
    )
    (log,) = here.rglob("stytr-live.log")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "a wheel came off" in done.stderr
    assert str(log) in done.stderr
    assert "Traceback" in log.read_text()


class Evil:
    """A checkpoint that makes a folder when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("executed",)


def test_a_checkpoint_that_would_run_code_is_one_sentence_and_nothing_runs(here: Path) -> None:
    for name in ("e", "t", "d"):
        (here / f"{name}.pth").write_bytes(pickle.dumps(Evil(), protocol=2))
    files = ["--transformer", "t.pth", "--decoder", "d.pth", "--embedding", "e.pth", "-o", "stytr2.safetensors"]
    before = contents(here)
    done = stytr_live(here, "import-weights", *files)
    assert_one_sentence(done)
    assert not (here / "executed").exists()
    assert contents(here) == before


def test_the_built_in_styles_are_listed(here: Path) -> None:
    done = stytr_live(here, "styles", "--json")
    assert done.returncode == 0
    listed = [json.loads(line) for line in done.stdout.splitlines()]
    assert listed
    assert all(Path(style["path"]).is_file() for style in listed)
    assert [style["name"] for style in listed] == [
        line.split()[0] for line in stytr_live(here, "styles").stdout.splitlines()
    ]


def test_with_arguments_main_py_is_the_command_line(here: Path) -> None:
    main = [sys.executable, str(Path(__file__).parent.parent / "main.py"), "--help"]
    done = subprocess.run(main, capture_output=True, text=True, cwd=here, check=False)
    assert done.returncode == 0
    assert "Usage: stytr-live" in done.stdout


def test_the_demo_uses_styles_that_are_built_in() -> None:
    assert {name for name, _ in STYLES} <= set(builtin.styles())


@pytest.mark.slow
def test_the_demo_is_a_painted_clip_with_sound(here: Path) -> None:
    done = stytr_live(here, "demo")
    assert done.returncode == 0, done.stderr
    assert str(here / "demo.mp4") in done.stdout
    assert [time for time, _ in shades(here / "demo.mp4")] == [time for time, _ in shades(builtin.clip())]
    assert sound(here / "demo.mp4") == sound(builtin.clip())
    assert_one_sentence(stytr_live(here, "demo"))
