"""OpenVINO computes what PyTorch does."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Event
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stytr_live import builtin
from stytr_live.engine import imaging
from stytr_live.engine.backend import OutOfMemoryError, Task, TorchBackend
from stytr_live.engine.openvino import PRECISIONS, OpenVinoBackend, convert
from stytr_live.engine.store import Store
from stytr_live.media.still import read_picture
from stytr_live.networks import Network, load_network
from stytr_live.networks.weights import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stytr_live.frame import Pixels


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


def narrow() -> Network:
    """The paper's network with few channels."""
    import torch

    torch.manual_seed(0)
    sizes = {"width": 32, "heads": 2, "feedforward": 64, "channels": (16, 8, 8)}
    return build("stytr2", sizes).eval().requires_grad_(requires_grad=False)


@pytest.fixture(scope="module", params=["lite", "stytr2"])
def backend(request: pytest.FixtureRequest, store: Store) -> Iterator[OpenVinoBackend]:
    network = load_network() if request.param == "lite" else narrow()
    with closing(OpenVinoBackend(network, store, precision="float32")) as opened:
        yield opened


def picture(size: tuple[int, int], index: int = 0) -> Pixels:
    return imaging.resize(read_picture(list(builtin.styles().values())[index]), size)


def psnr(a: Pixels, b: Pixels) -> float:
    return float(10 * np.log10(255**2 / np.square(a.astype(float) - b).mean()))


@pytest.mark.parametrize("size", [(128, 96), (96, 144)])
def test_the_painting_is_pytorch_s(backend: OpenVinoBackend, size: tuple[int, int]) -> None:
    reference = TorchBackend(backend.network)
    code = backend.encode(picture((160, 128), 1))
    task = Task(picture(size), size, code)
    assert np.abs(backend.begin(task)().astype(int) - reference.begin(task)()).max() <= 1


def test_styles_of_any_number_of_tokens_and_mixtures_need_no_new_model(backend: OpenVinoBackend) -> None:
    reference = TorchBackend(backend.network)
    backend.ready((96, 96), wait=True)
    compiled = len(backend._compiled)
    codes = [backend.encode(picture(size, i)) for i, size in enumerate([(64, 64), (96, 64), (128, 80)])]
    mixed = backend.network.mix(codes, [0.2, 0.3, 0.5])
    for code in (*codes, mixed, backend.network.shorten(codes[2], 7)):
        task = Task(picture((96, 96), 5), (96, 96), code)
        assert np.abs(backend.begin(task)().astype(int) - reference.begin(task)()).max() <= 1
    assert len(backend._compiled) == compiled


def test_results_keep_to_their_tasks_when_several_are_begun(backend: OpenVinoBackend) -> None:
    codes = [backend.encode(picture((64, 64), i)) for i in range(3)]
    tasks = [Task(picture((96, 96), i % 5), (96, 96), codes[i % 3]) for i in range(9)]
    alone = [backend.begin(task)() for task in tasks]
    begun = [backend.begin(task) for task in tasks[: backend.depth]]
    results = []
    for task in (*tasks[backend.depth :], *[None] * backend.depth):
        results.append(begun.pop(0)())
        if task is not None:
            begun.append(backend.begin(task))
    for one, other in zip(alone, results, strict=True):
        assert np.array_equal(one, other)


def test_a_result_nobody_asks_for_does_no_harm(backend: OpenVinoBackend) -> None:
    code = backend.encode(picture((64, 64), 1))
    task = Task(picture((96, 96)), (96, 96), code)
    for _ in range(7):
        last = backend.begin(task)
    assert np.array_equal(last(), backend.begin(task)())


def test_frames_that_must_not_be_written_to_are_painted(backend: OpenVinoBackend) -> None:
    code, pixels = backend.encode(picture((64, 64), 1)), picture((96, 96))
    pixels.flags.writeable = False
    assert backend.begin(Task(pixels, (96, 96), code))().shape == (96, 96, 3)


def test_networks_may_be_converted_at_the_same_time() -> None:
    together = Barrier(2)

    def converted(network: Network) -> int:
        together.wait()
        return len(convert(network).get_ops())

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(converted, [narrow(), narrow()]))
    assert counts == [len(convert(narrow()).get_ops())] * 2


@pytest.mark.parametrize("name", ["lite", "stytr2"])
def test_half_precision_looks_like_float32(store: Store, name: str) -> None:
    network = load_network() if name == "lite" else narrow()
    exact, fast = (OpenVinoBackend(network, store, precision=precision) for precision in ("float32", "half"))
    with closing(exact), closing(fast):
        if "float32" in fast.name:
            pytest.skip("this processor knows no half precision")
        code = exact.encode(picture((320, 320), 3))
        task = Task(picture((256, 256), 7), (256, 256), code)
        assert psnr(exact.begin(task)(), fast.begin(task)()) > 35


@pytest.mark.parametrize("name", ["lite", "stytr2"])
def test_integers_look_like_float32(store: Store, name: str) -> None:
    network = load_network() if name == "lite" else narrow()
    exact, fast = (OpenVinoBackend(network, store, precision=precision) for precision in ("float32", "int8"))
    with closing(exact), closing(fast):
        assert fast.name.endswith("int8")
        code = exact.encode(picture((320, 320), 3))
        for index in (0, 5):
            task = Task(picture((256, 192), index), (256, 192), code)
            paintings = exact.begin(task)(), fast.begin(task)()
            assert psnr(*paintings) > 35
            assert not np.array_equal(*paintings)  # nothing would be in integers


@pytest.mark.parametrize(
    ("figures", "live", "chosen", "said"),
    [
        ({"bf16": (20.0, 2.0)}, False, "f32", True),
        ({"bf16": (50.0, 1.05)}, False, "f32", False),
        ({"bf16": (50.0, 0.6)}, False, "f32", False),
        ({"bf16": (50.0, 1.5)}, False, "bf16", False),
        ({"bf16": (50.0, 1.5), "i8": (45.0, 1.9)}, True, "i8", False),
        ({"bf16": (50.0, 2.5), "i8": (45.0, 1.9)}, True, "bf16", False),
        ({"bf16": (50.0, 0.6), "i8": (30.0, 1.9)}, True, "f32", True),
    ],
)
def test_another_precision_has_to_look_the_same_and_to_be_worth_it(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    figures: dict[str, tuple[float, float]],
    live: bool,
    chosen: str,
    said: bool,
) -> None:
    monkeypatch.setattr(OpenVinoBackend, "_compare", lambda _, precision: figures[precision])
    monkeypatch.setattr(
        "openvino.Core.get_property",
        lambda _, __, name: ["FP32", "BF16", "INT8"] if name == "OPTIMIZATION_CAPABILITIES" else "Processor",
    )
    with closing(OpenVinoBackend(load_network(), Store(tmp_path), live=live)) as backend:
        assert backend.name.endswith(PRECISIONS[chosen])
    assert ("too much" in caplog.text) == said
    monkeypatch.setattr(OpenVinoBackend, "_compare", lambda *_: pytest.fail("compared again"))
    with closing(OpenVinoBackend(load_network(), Store(tmp_path), live=live)) as backend:
        assert backend.name.endswith(PRECISIONS[chosen])


def test_precisions_are_compared_by_painting(store: Store) -> None:
    with closing(OpenVinoBackend(load_network(), store, precision="float32")) as backend:
        psnr, gain = backend._compare("f32")
    assert psnr > 100
    assert 0.3 < gain < 3  # the same twice; other work disturbs


def test_in_a_hurry_painting_begins_in_float32_and_changes_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may, size = Event(), (96, 96)

    def compare(_: OpenVinoBackend, precision: str) -> tuple[float, float]:
        assert may.wait(60)
        return 45.0, 1.9 if precision == "i8" else 0.5

    monkeypatch.setattr(OpenVinoBackend, "_compare", compare)
    with closing(OpenVinoBackend(load_network(), Store(tmp_path), live=True, hurry=True)) as backend:
        task = Task(picture(size), size, backend.encode(picture((64, 64), 1)))
        exact = backend.begin(task)()
        assert backend.name.endswith("float32")
        may.set()
        backend._trials.submit(lambda: None).result(60)
        assert backend.name.endswith("int8")
        assert 30 < psnr(exact, backend.begin(task)()) < 60
    with closing(OpenVinoBackend(load_network(), Store(tmp_path), live=True, hurry=True)) as backend:
        assert backend.name.endswith("int8")


def test_a_hurry_that_ends_early_leaves_nothing_behind(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(tmp_path)
    OpenVinoBackend(load_network(), store, live=True, hurry=True).close()
    assert not (tmp_path / "precision").exists()
    assert not caplog.records


def test_a_trial_that_fails_leaves_float32_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no integers today")

    monkeypatch.setattr(OpenVinoBackend, "_compare", fail)
    with closing(OpenVinoBackend(load_network(), Store(tmp_path), live=True, hurry=True)) as backend:
        backend._trials.submit(lambda: None).result(60)
        task = Task(picture((96, 96)), (96, 96), backend.encode(picture((64, 64), 1)))
        assert backend.begin(task)().shape == (96, 96, 3)
        assert backend.name.endswith("float32")
    assert "no integers today" in caplog.text


def test_the_disk_s_model_paints_the_same_and_a_damaged_one_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import stytr_live.engine.openvino as module

    converted = []
    convert = module.convert
    monkeypatch.setattr(module, "convert", lambda network: converted.append(network) or convert(network))
    network, store, pictures = load_network(), Store(tmp_path), []
    for damage in (None, None, lambda data: data[:-100], lambda data: data[:2000] + b"\0" + data[2001:]):
        if damage is not None:
            (path,) = (tmp_path / "openvino").iterdir()
            path.write_bytes(damage(path.read_bytes()))
        with closing(OpenVinoBackend(network, store, precision="float32")) as backend:
            task = Task(picture((96, 96)), (96, 96), backend.encode(picture((64, 64), 1)))
            pictures.append(backend.begin(task)())
    assert len(converted) == 3
    assert all(np.array_equal(pictures[0], other) for other in pictures)
    assert caplog.text.count("damaged") == 2


def test_other_weights_do_not_meet_the_cached_model(tmp_path: Path) -> None:
    store, networks = Store(tmp_path), [load_network(), load_network()]
    networks[1].out.bias += 0.2
    paintings = []
    for network in networks:
        with closing(OpenVinoBackend(network, store, precision="float32")) as backend:
            task = Task(picture((96, 96)), (96, 96), backend.encode(picture((64, 64), 1)))
            paintings.append(backend.begin(task)().mean())
    assert paintings[1] > paintings[0] + 20


def test_a_cache_that_cannot_be_written_costs_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("no folder")
    with closing(OpenVinoBackend(load_network(), Store(tmp_path / "file"))) as backend:
        backend.begin(Task(picture((64, 64)), (64, 64), backend.encode(picture((64, 64), 1))))()
    assert len([r for r in caplog.records if r.levelno == logging.WARNING]) == 1


def test_a_size_that_fails_in_the_background_is_told_once_and_may_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Event()

    def fail(*_: object) -> None:
        asked.wait(20)
        raise RuntimeError("std::bad_alloc")

    with closing(OpenVinoBackend(load_network(), Store(tmp_path), precision="float32")) as backend:
        with monkeypatch.context() as patch:
            patch.setattr("openvino.Core.compile_model", fail)
            assert not backend.ready((64, 64), wait=False)
            asked.set()
            with pytest.raises(OutOfMemoryError):
                backend.ready((64, 64), wait=True)
        assert backend.ready((64, 64), wait=True)


def test_keeping_colours_strength_and_detail_are_the_reference_s(backend: OpenVinoBackend) -> None:
    reference = TorchBackend(backend.network)
    code = backend.encode(picture((64, 64), 1))
    task = Task(picture((300, 200)), (96, 64), code)
    for other in (task, replace(task, strength=0.3), replace(task, keep_colours=True), replace(task, detail=False)):
        assert np.abs(backend.begin(other)().astype(int) - reference.begin(other)()).max() <= 2


ONE_OF_SEVERAL = """
import os, sys
from contextlib import suppress
from pathlib import Path
from threading import Thread
import numpy as np
from stytr_live.engine.backend import Task
from stytr_live.engine.openvino import OpenVinoBackend
from stytr_live.engine.store import Store
from stytr_live.networks import load_network
backend = OpenVinoBackend(load_network(), Store(Path(sys.argv[1])), threads=1)
picture = np.zeros((640, 640, 3), np.uint8)
painting = Thread(target=backend.begin(Task(picture, (640, 640), backend.encode(picture))))
painting.start()
cores = set()
while painting.is_alive():
    with suppress(ProcessLookupError):
        cores |= {len(os.sched_getaffinity(int(thread))) for thread in os.listdir("/proc/self/task")}
print(cores)
backend.close()
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux tells where a thread may run")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core")
def test_a_process_that_shares_the_machine_ties_no_thread_to_a_core(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", ONE_OF_SEVERAL, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert told.strip() == f"{{{len(os.sched_getaffinity(0))}}}"
