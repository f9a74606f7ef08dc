"""A Ray cluster of two nodes on this machine paints one video."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stytr_live import builtin
from stytr_live.errors import BackendError, NetworkError, SourceError, StytrError
from stytr_live.render import cluster, local
from stytr_live.render.cluster import Cluster
from stytr_live.render.job import Run
from stytr_live.render.video import render_video
from tests.test_render import Negative, ignore, job, make_clip, painter, sound
from tests.test_render_workers import (
    Fated,
    assert_same,
    load_clumsy,
    load_doomed,
    load_mortal,
    load_negative,
    load_nothing,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stytr_live.render.job import Progress, RenderJob
    from stytr_live.render.order import Order

pytest.importorskip("ray", reason="pip install stytr-live[cluster]")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ray's nodes are started otherwise there")
SECOND = Fraction(1)
ROOT = Path(__file__).parents[1]


@dataclass
class Node:
    """A node of a cluster: `ray start` in a process group of its own."""

    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, *options: str) -> Node:
        ray = Path(sys.executable).with_name("ray")
        command = [
            str(ray),
            "start",
            "--block",
            "--disable-usage-stats",
            "--num-cpus",
            "2",
            "--num-gpus",
            "0",
            *options,
        ]
        paths = {"PYTHONPATH": str(ROOT), "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return cls(subprocess.Popen(command, env=os.environ | paths, start_new_session=True, **quiet))  # type: ignore[call-overload]

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster of two nodes with two cores each."""
    port = free_port()
    folder = Path("/tmp") / f"ray-test-{port}"  # paths of its sockets must be short
    address = f"127.0.0.1:{port}"
    head = Node.start("--head", "--port", str(port), "--include-dashboard=false", "--temp-dir", str(folder))
    until(lambda: connects(port))
    other = Node.start("--address", address)
    try:
        await_nodes(address, 2)
        yield address
    finally:
        other.kill()
        head.kill()
        shutil.rmtree(folder, ignore_errors=True)


def until(reached: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it hangs"
        time.sleep(0.05)


def await_nodes(address: str, count: int) -> None:
    import ray

    with cluster._connected(cluster._import(), address):
        until(lambda: sum(node["Alive"] for node in ray.nodes()) >= count)


def connects(port: int) -> bool:
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


def in_cluster(
    address: str,
    task: RenderJob,
    load: Callable[[Order], Negative],
    report: Callable[[Progress], None] = ignore,
) -> Any:
    return render_video(task, load, report, executor=Cluster(address, load))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", frames=120)


@pytest.fixture
def whole(clip: Path, tmp_path: Path) -> Path:
    render_video(job(clip, tmp_path / "whole.mp4", segment=SECOND), painter(), ignore)
    return tmp_path / "whole.mp4"


def load_named(order: Order) -> Negative:
    """Leaves a note of the node that it is on, and waits for the other to do so."""
    import ray

    node = ray.get_runtime_context().get_node_id()
    (order.job.output.parent / f"{node}.node").touch()
    until(lambda: len(list(order.job.output.parent.glob("*.node"))) == 2)
    return Negative()


def test_two_nodes_paint_the_same_frames_as_one_process(address: str, clip: Path, whole: Path, tmp_path: Path) -> None:
    reports: list[Progress] = []
    rendered = in_cluster(address, job(clip, tmp_path / "out.mp4", segment=SECOND), load_named, reports.append)
    assert_same(whole, tmp_path / "out.mp4")
    assert sound(tmp_path / "out.mp4") == sound(clip)
    assert (rendered.frames, rendered.device) == (120, "paper")
    assert (reports[-1].frames, reports[-1].segments) == (120, 4)
    assert len(list(tmp_path.glob("*.node"))) == 2
    assert not list(tmp_path.glob(".out*"))


@pytest.mark.slow
def test_the_real_network_paints_the_same_in_a_cluster(address: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"styles": (("mosaic", 1.0),), "short_side": 64, "device": "cpu"}
    options |= {"end": Fraction(3, 2), "segment": Fraction(3, 4)}
    local.render(job(builtin.clip(), tmp_path / "one.mp4", **options), ignore)
    local.render(job(builtin.clip(), tmp_path / "many.mp4", **options), ignore, Run(cluster=address))
    assert_same(tmp_path / "one.mp4", tmp_path / "many.mp4")


def test_a_worker_that_is_killed_is_replaced(address: str, clip: Path, whole: Path, tmp_path: Path) -> None:
    assert in_cluster(address, job(clip, tmp_path / "out.mp4", segment=SECOND), load_mortal).frames == 120
    assert_same(whole, tmp_path / "out.mp4")


@pytest.mark.parametrize(("load", "said"), [(load_doomed, "was lost"), (load_clumsy, "it stumbled")])
def test_a_segment_that_fails_everywhere_is_reported_and_the_rest_is_done(
    load: Callable[[Order], Negative], said: str, address: str, clip: Path, tmp_path: Path, caplog: Any
) -> None:
    task = job(clip, tmp_path / "out.mp4", segment=SECOND)
    with pytest.raises(StytrError, match=rf"could not be painted: .*{said}") as caught:
        in_cluster(address, task, load)
    assert "is kept" in str(caught.value)
    assert "was tried on" in caplog.text
    resumed = in_cluster(address, task, load_negative)
    assert (resumed.frames, resumed.resumed) == (120, 90)


def test_what_cannot_be_loaded_anywhere_is_said(address: str, clip: Path, tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="No machine of the cluster can paint: The weights are missing"):
        in_cluster(address, job(clip, tmp_path / "out.mp4"), load_nothing)


def test_machines_that_do_not_see_the_video_are_left_out(
    address: str, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A folder that only this process has: other machines are other processes here.
    monkeypatch.setattr(cluster, "absolute", lambda task: _elsewhere(task, tmp_path / "elsewhere.mp4"))
    with pytest.raises(SourceError, match=r"does not see '.*elsewhere.mp4'; put input and output on storage"):
        in_cluster(address, job(clip, tmp_path / "out.mp4"), load_negative)


def _elsewhere(task: RenderJob, path: Path) -> RenderJob:
    from dataclasses import replace

    return replace(task, input=path)


def load_slow(order: Order) -> Negative:
    """Leaves a note at the 40th frame and takes its time there."""

    def linger() -> None:
        (order.job.output.parent / "lingers").touch()
        time.sleep(2)

    return Fated(linger)


def test_a_node_that_joins_helps_and_one_that_goes_is_not_missed(
    address: str, clip: Path, whole: Path, tmp_path: Path
) -> None:
    third = Node.start("--address", address)
    await_nodes(address, 3)

    def watch(progress: Progress) -> None:
        if (tmp_path / "lingers").exists() and third.process.poll() is None:
            third.kill()

    try:
        rendered = in_cluster(address, job(clip, tmp_path / "out.mp4", segment=SECOND), load_slow, watch)
    finally:
        third.kill()
    assert rendered.frames == 120
    assert_same(whole, tmp_path / "out.mp4")


def test_an_interrupted_render_is_gone_on_with(address: str, clip: Path, whole: Path, tmp_path: Path) -> None:
    task = job(clip, tmp_path / "out.mp4", segment=SECOND)

    def interrupt(progress: Progress) -> None:
        if progress.segments >= 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_cluster(address, task, load_slow, interrupt)
    assert in_cluster(address, task, load_negative).resumed >= 30
    assert_same(whole, tmp_path / "out.mp4")


def test_an_address_where_no_cluster_is_is_said(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="There is no Ray cluster at"):
        in_cluster(f"127.0.0.1:{free_port()}", job(clip, tmp_path / "out.mp4"), load_negative)


def test_without_ray_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(BackendError, match=r"pip install stytr-live\[cluster\]"):
        Cluster("auto", load_negative)
