"""`stytr-live train` as a user runs it."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from PIL import Image

from stytr_live.cli import _run
from stytr_live.networks.weights import read_weights
from tests.features import write_features

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = """
network = "lite"
learning_rate = 1e-3
steps = 60
warmup = 5
crops = [[0.0, 32]]
batch = 4
identity_every = 2
repeat_every = 2
temporal_every = 2
[config]
width = 32
heads = 2
eighth = 16
quarter = 12
[weights]
content = 1.0
style = 1.0
identity_pixel = 1.0
temporal = 1.0
repeat = 1.0
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with photographs, paintings, features and a recipe of a tiny network."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    write_features(folder / "vgg.npz")
    for kind in ("photographs", "paintings"):
        (folder / kind).mkdir()
        for i in range(5):
            coarse = rng.integers(0, 256, (6, 8, 3), np.uint8)
            Image.fromarray(coarse).resize((80, 64)).save(folder / kind / f"{i}.png")
    (folder / "recipe.toml").write_text(RECIPE)
    return folder


def command(data: Path, run: Path, *more: str) -> list[str]:
    return [
        *(sys.executable, "-m", "stytr_live", "train", "--recipe", str(data / "recipe.toml")),
        *("--photos", str(data / "photographs"), "--paintings", str(data / "paintings")),
        *("--features", str(data / "vgg.npz"), "--device", "cpu", "--precision", "32", "-o", str(run), *more),
    ]


def train(data: Path, run: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(data, run, *more), capture_output=True, text=True, timeout=200, check=False)


def train_here(data: Path, run: Path, *more: str) -> int:
    """The same in this process, which is quicker: the exit status."""
    return _run(command(data, run, *more)[3:])


def noted(run: Path) -> dict[int, dict[str, float]]:
    """Step → what the journal says of it, but for the time."""
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text("utf-8").splitlines()]
    return {row.pop("step"): {k: v for k, v in row.items() if k != "minutes"} for row in rows}


def test_a_run_ends_with_weights_and_says_where(data: Path, tmp_path: Path) -> None:
    done = train(data, tmp_path / "run", "--steps", "12")
    assert done.returncode == 0, done.stderr
    assert "lite.safetensors" in done.stdout
    assert "step 1, content" in done.stderr
    assert read_weights(tmp_path / "run" / "lite.safetensors").config.width == 32


def test_pictures_on_the_device_train_from_end_to_end_and_are_the_same_each_time(data: Path, tmp_path: Path) -> None:
    once, again, folder = (tmp_path / name for name in ("once", "again", "folder"))
    assert train(data, once, "--data", "device", "--steps", "20").returncode == 0  # in another process than `again`
    for run, place in ((again, "device"), (folder, "folder")):
        assert train_here(data, run, "--data", place, "--steps", "20") == 0
    assert noted(once) == noted(again) != noted(folder)
    assert all(math.isfinite(value) for row in noted(once).values() for value in row.values())
    assert (
        read_weights(once / "lite.safetensors").fingerprint() == read_weights(again / "lite.safetensors").fingerprint()
    )


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was never interrupted."""
    run = tmp_path_factory.mktemp("runs") / "whole"
    assert train(data, run).returncode == 0
    return run


def test_ctrl_c_keeps_the_run_and_resume_gives_the_losses_of_an_uninterrupted_one(
    data: Path, whole: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut"
    process = subprocess.Popen(command(data, cut), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert process.stderr.readline().startswith("step 1,")
    process.send_signal(signal.SIGINT)
    message = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 130
    assert "--resume" in message
    assert max(noted(cut)) < 60
    assert train(data, cut, "--resume").returncode == 0
    assert noted(cut) == noted(whole)


def test_a_run_that_was_killed_goes_on_with_the_losses_of_one_that_was_not(
    data: Path, whole: Path, tmp_path: Path
) -> None:
    killed = tmp_path / "killed"
    process = subprocess.Popen(command(data, killed, "--keep", "10"), stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 240
    while not (killed / "checkpoint.pt").exists() and time.monotonic() < deadline:
        time.sleep(0.002)  # what is waited for is a file of another process; more haste would keep it from its work
    process.kill()
    process.wait(60)
    assert torch.load(killed / "checkpoint.pt", weights_only=True)["steps"] < 60
    assert train(data, killed, "--keep", "10", "--resume").returncode == 0
    assert noted(killed) == noted(whole)
    final = [torch.load(run / "checkpoint.pt", weights_only=True)["network"] for run in (whole, killed)]
    assert all(torch.equal(final[0][k], final[1][k]) for k in final[0])


def test_two_processes_train_as_one_with_their_joint_batch(data: Path, tmp_path: Path) -> None:
    for name, devices in (("one", "1"), ("two", "2")):
        done = train(data, tmp_path / name, "--steps", "10", "--devices", devices)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("Trained 10 steps") == 1
    one, two = noted(tmp_path / "one"), noted(tmp_path / "two")
    assert two[1] == pytest.approx(one[1], rel=1e-4)
    assert two[10] == pytest.approx(one[10], rel=2e-2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--photos", "{tmp}/nowhere"], "holds no picture"),
        (["--photos", "{tmp}/texts"], "None of the 2 pictures"),
        (["--recipe", "nothing"], "There is no recipe 'nothing'"),
        (["--features", "{tmp}/nowhere.npz"], "does not hold the features"),
        (["-o", "{tmp}/file/run"], "cannot be made"),
        (["--resume", "-o", "{tmp}/other"], "another recipe"),
        (["-o", "{tmp}/other"], "add --resume"),
        (["--start", "{tmp}/nowhere.safetensors"], "There is no weights file"),
        (["--devices", "3"], "cannot be shared by 3 processes"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: list[str], message: str
) -> None:
    (tmp_path / "texts").mkdir()
    for name in ("a.jpg", "b.png"):
        (tmp_path / "texts" / name).write_text("no picture")
    (tmp_path / "file").touch()
    (tmp_path / "other").mkdir()
    state = {"recipe": {"network": "lite", "config": {}}, "seed": 0, "steps": 1, "minutes": 0.0}
    torch.save(state | {"network": {}, "average": {}, "optimiser": {}}, tmp_path / "other" / "checkpoint.pt")
    more = ["--steps", "2", *(c.format(tmp=tmp_path) for c in change)]
    assert train_here(data, tmp_path / "run", *more) == 1
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert "Traceback" not in said


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_leaves_the_checkpoint_before_intact(data: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], check=False, capture_output=True
    ).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        assert train_here(data, disk / "run", "--steps", "5") == 0
        before = (disk / "run" / "checkpoint.pt").read_bytes()
        with (disk / "filler").open("wb") as filler:
            filler.write(bytes((4 << 20) - sum(f.stat().st_size for f in disk.rglob("*") if f.is_file()) - (200 << 10)))
        done = train(data, disk / "run", "--steps", "10", "--resume")
        assert done.returncode == 1
        assert "full" in done.stderr or "No space" in done.stderr
        assert (disk / "run" / "checkpoint.pt").read_bytes() == before
        assert not list(disk.rglob("*.part"))
    finally:
        subprocess.run(["umount", disk], check=True)
