"""What the command line adds to rendering a video: job files, workers, going on after an end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.test_cli_run import LONG, assert_one_sentence, contents, environment, here, render, stytr_live
from tests.test_render import make_clip, shades, sound

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["here"]


def test_a_job_is_saved_and_rendered_from_another_folder(here: Path) -> None:
    done = render(here, "clip.mp4", "out.mp4", "--end", "0:00.2", "--encoder", "hevc", "--save-job", "job.toml")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (here / "out.mp4").exists()
    table = tomllib.loads((here / "job.toml").read_text("utf-8"))
    assert (table["end"], table["encoding"]) == ("1/5", {"codec": "hevc"})
    (here / "elsewhere").mkdir()
    done = stytr_live(here / "elsewhere", "render", "../job.toml", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["frames"] == 6
    assert len(shades(here / "out.mp4")) == 6


def test_what_is_said_beside_a_job_file_counts_more(here: Path) -> None:
    render(here, "clip.mp4", "out.mp4", "--end", "0.2", "--save-job", "job.toml")
    done = stytr_live(here, "render", "job.toml", "-o", "other.mp4", "--end", "0.1")
    assert done.stdout.startswith("Wrote 'other.mp4': 3 frames"), done.stderr
    assert not (here / "out.mp4").exists()


def test_a_job_file_that_is_none_is_one_sentence(here: Path) -> None:
    (here / "job.toml").write_text("input = 3\n")
    assert_one_sentence(stytr_live(here, "render", "job.toml"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["clip.mp4", "-o", "out.mp4"],
        ["clip.mp4", "-s", "style.png"],
        ["clip.mp4", "-o", "out.mp4", "-s", "style.png", "--fps", "0"],
        ["clip.mp4", "-o", "out.mp4", "-s", "style.png", "--workers", "0"],
    ],
)
def test_wrong_arguments_are_said_by_the_parser(here: Path, arguments: list[str]) -> None:
    done = stytr_live(here, "render", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals work differently there")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_keeps_what_is_painted_and_the_same_command_goes_on(here: Path, workers: str) -> None:
    """The signal goes to all processes, as a terminal's does."""
    make_clip(here / "long.mp4", frames=600, shade=0)
    arguments = ["render", "long.mp4", "-o", "out.mp4", "-s", "style.png", "--short-side", "32", "--json"]
    arguments += ["--segment", "1", "--workers", workers]
    with subprocess.Popen(
        [sys.executable, "-m", "stytr_live", *arguments],
        cwd=here,
        env=environment(here),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        while json.loads(process.stdout.readline())["segments"] < 2:
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=LONG)
    assert process.returncode == 130
    assert err == "stytr-live: Stopped. What is painted so far is kept, and the same command goes on from there.\n"
    assert json.loads(out.splitlines()[-1])["event"] == "error"
    assert not (here / "out.mp4").exists()
    done = stytr_live(here, *arguments)
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["frames"] == 600
    assert result["resumed"] >= 60
    assert [time for time, _ in shades(here / "out.mp4")] == [time for time, _ in shades(here / "long.mp4")]
    assert sound(here / "out.mp4") == sound(here / "long.mp4")
    assert not (here / ".out.mp4.stytr").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits there")
def test_a_limit_on_the_size_of_files_is_one_sentence_and_leaves_nothing(here: Path) -> None:
    before = {name for name in contents(here) if not name.startswith(".")}
    program = (
        "import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "from stytr_live.cli import main\nmain(sys.argv[1:])\n"
    )
    arguments = ["render", "clip.mp4", "-o", "out.mp4", "-s", "mosaic", "--short-side", "32"]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=here,
        env=environment(here) | {"XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]},
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("stytr-live: ")
    assert "Traceback" not in done.stderr
    assert {name for name in contents(here) if not name.startswith(".")} == before
    assert not (here / ".out.mp4.stytr").exists()
