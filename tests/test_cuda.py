"""Networks on NVIDIA GPUs: the order of things on a simulated device, and the pictures on a real one."""

from __future__ import annotations

import random
import threading
from collections import deque
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from stytr_live import builtin
from stytr_live.engine import imaging
from stytr_live.engine.backend import OutOfMemoryError, Task, TorchBackend
from stytr_live.engine.cuda import CudaBackend, Easel
from stytr_live.engine.graphs import KEPT, padded
from stytr_live.engine.upsampling import upsample
from stytr_live.media.still import read_picture
from stytr_live.networks import Network, load_network
from stytr_live.networks.codebook import NEVER
from stytr_live.networks.weights import build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stytr_live.frame import Pixels, Size
    from stytr_live.networks import StyleCode

SMALL, OTHER = (96, 64), (64, 96)
"""Two working sizes."""


class Point:
    """An event on the simulated device."""

    def __init__(self, device: Simulated) -> None:
        self.device, self.reached = device, False

    def wait(self) -> None:
        self.device.advance(self)


class Lane:
    """A stream of the simulated device: nothing is done before somebody waits for it, or for what follows it."""

    def __init__(self, device: Simulated) -> None:
        self.device = device
        self.work: deque[Callable[[], object] | Point] = deque()

    def run(self, work: Callable[[], object]) -> None:
        with self.device.lock:
            self.work.append(work)

    def mark(self) -> Point:
        point = Point(self.device)
        self.run(lambda: setattr(point, "reached", True))
        return point

    def follow(self, event: Any) -> None:
        with self.device.lock:
            self.work.append(event)

    def empty(self, shape: Sequence[int], dtype: torch.dtype = torch.uint8) -> torch.Tensor:
        return self.device.allocate(shape, dtype)

    def keep(self, tensors: StyleCode) -> None:
        assert all(isinstance(tensor, torch.Tensor) for tensor in tensors)

    def can_go_on(self) -> bool:
        return bool(self.work) and not (isinstance(self.work[0], Point) and not self.work[0].reached)

    def step(self) -> None:
        if isinstance(work := self.work.popleft(), Point):
            return
        with torch.inference_mode():
            work()


class Simulated:
    """A device on the processor whose streams take turns at random: what no event orders is done in the wrong order."""

    name, place, dtype = "simulated", torch.device("cpu"), torch.float32

    def __init__(self, seed: int = 0, limit: int = 1 << 24) -> None:
        """`limit` is the most numbers that one tensor may have."""
        self.lock, self.chance, self.limit = threading.RLock(), random.Random(seed), limit
        self.streams: list[Lane] = []
        self.pins = self.releases = 0
        self.captures: list[tuple[int, ...]] = []
        self.may_capture, self.capturing = threading.Event(), threading.Event()
        self.may_capture.set()
        self._caller = Lane(self)

    def stream(self) -> Lane:
        self.streams.append(Lane(self))
        return self.streams[-1]

    def caller(self) -> Lane:
        return self._caller

    def allocate(self, shape: Sequence[int], dtype: torch.dtype) -> torch.Tensor:
        """Memory full of rubbish."""
        if np.prod([float(n) for n in shape]) > self.limit:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate much.")
        with torch.inference_mode():
            return torch.full(tuple(shape), 171 if dtype == torch.uint8 else float("nan"), dtype=dtype)

    def pinned(self, shape: Sequence[int]) -> torch.Tensor:
        self.pins += 1
        return self.allocate(shape, torch.uint8)

    def capture(self, work: Callable[[], torch.Tensor], stream: Any) -> tuple[Callable[[], object], torch.Tensor]:
        stream.mark().wait()
        self.capturing.set()
        assert self.may_capture.wait(20)
        with torch.inference_mode():
            result = work().clone().fill_(float("nan"))
        self.captures.append(tuple(result.shape))
        return lambda: result.copy_(work()), result

    def release(self) -> None:
        self.releases += 1

    def available(self) -> int:
        return self.limit

    def advance(self, point: Point) -> None:
        """Let streams take turns until the event is reached."""
        with self.lock:
            while not point.reached:
                able = [stream for stream in (*self.streams, self._caller) if stream.can_go_on()]
                assert able, "streams wait for each other"
                self.chance.choice(able).step()


def picture(size: Size, index: int = 0) -> Pixels:
    return imaging.resize(read_picture(list(builtin.styles().values())[index]), size)


def distance(a: Pixels, b: Pixels) -> float:
    """Mean absolute difference in levels."""
    assert a.shape == b.shape
    return float(np.abs(a.astype(int) - b).mean())


def codes_of(backend: CudaBackend | TorchBackend, count: int = 3) -> list[StyleCode]:
    return [backend.encode(picture((64 + 32 * i, 64), i + 1)) for i in range(count)]


def narrow() -> Network:
    """The paper's network with few channels."""
    torch.manual_seed(0)
    sizes = {"width": 32, "heads": 2, "feedforward": 64, "channels": (16, 8, 8)}
    return build("stytr2", sizes).eval().requires_grad_(requires_grad=False)


def until_ready(backend: CudaBackend, size: Size) -> None:
    """Ask again and again, as a live picture does."""
    while not backend.ready(size, wait=False):
        threading.Event().wait(0.001)


@pytest.fixture
def device() -> Simulated:
    return Simulated()


@pytest.fixture
def backend(device: Simulated) -> Iterator[CudaBackend]:
    with closing(CudaBackend(load_network(), device)) as opened:
        yield opened


@pytest.fixture(scope="module")
def reference() -> TorchBackend:
    return TorchBackend(load_network())


WAYS: list[dict[str, Any]] = [
    {},
    {"detail": False},
    {"strength": 0.4},
    {"keep_colours": True},
    {"keep_colours": True, "strength": 0.7, "detail": False},
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [(96, 64), (250, 167), (384, 256), (40, 30), (97, 65)])
def test_the_painting_is_pytorch_s(
    backend: CudaBackend, reference: TorchBackend, size: Size, way: dict[str, Any]
) -> None:
    task = Task(picture(size), SMALL, codes_of(reference, 1)[0], **way)
    painted, expected = backend.begin(task)(), reference.begin(task)()
    assert distance(painted, expected) < (0.5 if size == SMALL else 1)
    assert painted.flags.c_contiguous
    assert painted.dtype == np.uint8


@pytest.mark.parametrize("sizes", [((160, 96), (160, 96)), ((330, 250), (160, 96)), ((100, 60), (160, 96))])
def test_half_precision_looks_the_same(reference: TorchBackend, sizes: tuple[Size, Size]) -> None:
    device = Simulated()
    device.dtype = torch.float16
    with closing(CudaBackend(load_network(), device)) as half:
        for way in WAYS:
            paintings = []
            for backend in (half, reference):
                codes = codes_of(backend)
                mixed = backend.network.mix(codes, [0.2, 0.3, 0.5])
                paintings.append(backend.begin(Task(picture(sizes[0]), sizes[1], mixed, **way))())
            assert distance(*paintings) < 1


def test_the_paper_s_network_is_painted_with_as_well() -> None:
    reference = TorchBackend(narrow())
    with closing(CudaBackend(narrow(), Simulated())) as backend:
        for code in codes_of(reference, 2):
            task = Task(picture((150, 100)), SMALL, code)
            assert distance(backend.begin(task)(), reference.begin(task)()) < 1


@pytest.mark.parametrize("target", [(96, 64), (150, 100), (77, 33), (299, 199), (300, 202), (600, 400), (301, 400)])
def test_pictures_are_resized_as_on_the_host(target: Size) -> None:
    source = picture((300, 200), 3)
    x = torch.from_numpy(source).permute(2, 0, 1)[None] / 255
    resized = Easel(Simulated()).resize(x, target)[0].permute(1, 2, 0).mul(255).round().byte().numpy()
    assert distance(resized, imaging.resize(source, target)) < 0.6


@pytest.mark.parametrize("target", [(304, 208), (300, 208), (300, 200), (96, 64), (304, 192), (599, 399)])
def test_pictures_fit_the_working_size_and_back_as_on_the_host(target: Size) -> None:
    source, easel = picture((300, 200), 3), Easel(Simulated())
    x = torch.from_numpy(source).permute(2, 0, 1)[None] / 255
    bytes_of = lambda t: t[0].permute(1, 2, 0).mul(255).round().byte().numpy()  # noqa: E731
    seen = easel.fit(x, target)
    assert distance(bytes_of(seen), imaging.fit(source, target)) < 0.6
    assert distance(bytes_of(easel.unfit(seen, (300, 200))), imaging.unfit(bytes_of(seen), (300, 200))) < 0.6


def test_detail_is_added_as_on_the_host() -> None:
    content, painted = picture((300, 200), 3), picture((80, 48), 5)
    seen, easel = imaging.resize(content, (80, 48)), Easel(Simulated())
    tensors = [torch.from_numpy(x).permute(2, 0, 1)[None] / 255 for x in (painted, content, seen)]
    enlarged = easel.upsample(*tensors)[0].permute(1, 2, 0).mul(255).round().byte().numpy()
    assert distance(enlarged, upsample(painted, content)) < 0.6
    assert distance(enlarged, imaging.resize(painted, (300, 200))) > 1


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ahead", [1, 2])
def test_whatever_the_order_of_the_streams_results_are_those_of_one_picture_at_a_time(seed: int, ahead: int) -> None:
    with closing(CudaBackend(load_network(), Simulated(seed))) as backend:
        codes = codes_of(backend)
        tasks = [
            Task(picture((140, 90) if i % 4 else (96, 64), i % 5), OTHER if i % 3 == 2 else SMALL, codes[i % 3])
            for i in range(9)
        ]
        alone = [backend.begin(task)() for task in tasks]
        begun, results = deque[Any](), []
        for task in tasks:
            begun.append(backend.begin(task))
            if len(begun) == ahead:
                results.append(begun.popleft()())
        results += [painted() for painted in begun]
    for one, other in zip(alone, results, strict=True):
        assert np.array_equal(one, other)


def test_a_picture_arrives_while_the_one_before_is_painted_and_leaves_while_the_next_is(
    device: Simulated, backend: CudaBackend
) -> None:
    upload, compute, download, *_ = device.streams
    task = Task(picture((140, 90)), SMALL, codes_of(backend, 1)[0])
    backend.begin(task)()
    first, second = backend.begin(task), backend.begin(replace(task, pixels=picture((140, 90), 2)))
    painting = len(compute.work)
    while upload.can_go_on():
        upload.step()
    assert not upload.work
    assert len(compute.work) == painting
    while not download.can_go_on():
        compute.step()
    left = len(compute.work)
    assert left > 1
    device.streams.remove(compute)
    first()
    device.streams.append(compute)
    assert len(compute.work) == left
    assert distance(second(), backend.begin(replace(task, pixels=picture((140, 90), 2)))()) == 0


def test_live_one_picture_is_on_its_way_offline_two() -> None:
    for live, depth in ((True, 1), (False, 2)):
        with closing(CudaBackend(narrow(), Simulated(), live=live)) as backend:
            assert backend.depth == depth


def test_memory_is_pinned_once_for_a_size_of_frames(device: Simulated, backend: CudaBackend) -> None:
    task = Task(picture((140, 90)), SMALL, codes_of(backend, 1)[0])
    for _ in range(2):
        for other in (task, replace(task, pixels=picture((90, 140)), size=OTHER)):
            backend.begin(other)()
    assert device.pins == 2 * 2 * (backend.depth + 1)
    backend.begin(replace(task, pixels=picture((100, 70))))()
    assert len(backend._rings) == 2


def test_results_are_in_memory_of_their_own_and_frames_are_not_written_to(backend: CudaBackend) -> None:
    pixels = picture((140, 90))
    before = pixels.copy()
    pixels.flags.writeable = False
    task = Task(pixels, SMALL, codes_of(backend, 1)[0], keep_colours=True, strength=0.5)
    first = backend.begin(task)()
    copy = first.copy()
    for i in range(4):
        backend.begin(replace(task, pixels=picture((140, 90), i)))()
    assert np.array_equal(first, copy)
    assert np.array_equal(pixels, before)


def test_a_result_nobody_asks_for_does_no_harm(backend: CudaBackend) -> None:
    task = Task(picture(SMALL), SMALL, codes_of(backend, 1)[0])
    expected = backend.begin(task)()
    for i in range(7):
        backend.begin(replace(task, pixels=picture(SMALL, i % 3)))
    assert np.array_equal(backend.begin(task)(), expected)


def test_buffers_are_not_used_again_before_their_picture_has_left(device: Simulated, backend: CudaBackend) -> None:
    task = Task(picture(SMALL), SMALL, codes_of(backend, 1)[0])
    lengths = []
    for _ in range(3 * backend.depth + 3):
        backend.begin(task)
        lengths.append(len(device.streams[2].work))
    assert max(lengths) == lengths[backend.depth]


def test_a_style_that_overflowed_spoils_no_other(backend: CudaBackend) -> None:
    few, *_, many = codes_of(backend)
    task = Task(picture(SMALL), SMALL, few)
    expected = backend.begin(task)()
    backend.begin(replace(task, code=tuple(torch.full_like(tensor, torch.inf) for tensor in many)))()
    assert np.array_equal(backend.begin(task)(), expected)


def test_a_style_and_a_mixture_are_copied_once_and_nothing_is_captured_for_them(
    device: Simulated, backend: CudaBackend, reference: TorchBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stytr_live.engine.graphs import Graph

    copied: list[StyleCode] = []
    copy = Graph._copy
    monkeypatch.setattr(Graph, "_copy", lambda graph, code: copied.append(code) or copy(graph, code))
    codes = codes_of(backend)
    mixed = [backend.network.mix(codes, weights) for weights in ([0.2, 0.3, 0.5], [0.6, 0.3, 0.1])]
    for code in (codes[0], codes[1], *mixed, backend.network.shorten(codes[2], 7), codes[0]):
        for _ in range(3):
            task = Task(picture(SMALL, 5), SMALL, code)
            assert distance(backend.begin(task)(), reference.begin(task)()) < 0.5
    assert len(copied) == 6
    assert len(device.captures) == 1


def test_a_mixture_still_in_the_making_is_waited_for(device: Simulated, backend: CudaBackend) -> None:
    code = codes_of(backend, 1)[0]
    expected = backend.begin(Task(picture(SMALL), SMALL, code))()
    for _ in range(5):
        coming = tuple(torch.full_like(tensor, float("nan")) for tensor in code)
        for empty, tensor in zip(coming, code, strict=True):
            device.caller().run(lambda empty=empty, tensor=tensor: empty.copy_(tensor))
        assert np.array_equal(backend.begin(Task(picture(SMALL), SMALL, coming))(), expected)


@pytest.mark.parametrize(
    ("tokens", "room"), [(1, 256), (256, 256), (257, 512), (900, 1024), (1024, 1024), (1025, 2048), (5000, 8192)]
)
def test_tokens_are_padded_in_few_steps(tokens: int, room: int) -> None:
    assert padded(tokens) == room


def test_a_padded_token_has_no_weight_in_half_precision_either() -> None:
    logits = torch.tensor([-300.0, -310.0, NEVER - 300], dtype=torch.float16)
    assert torch.softmax(logits, -1)[2] == 0


def test_a_new_size_is_captured_while_the_old_one_serves(device: Simulated, backend: CudaBackend) -> None:
    task = Task(picture((140, 90)), SMALL, codes_of(backend, 1)[0])
    assert backend.ready(SMALL, wait=True)
    before = backend.begin(task)()
    device.capturing.clear()
    device.may_capture.clear()
    for _ in range(3):
        assert not backend.ready(OTHER, wait=False)
        assert np.array_equal(backend.begin(task)(), before)
    assert device.capturing.wait(20)
    device.may_capture.set()
    until_ready(backend, OTHER)
    backend.begin(replace(task, size=OTHER))()
    assert len(device.captures) == 2


def test_while_a_smaller_graph_is_captured_one_with_room_for_more_tokens_serves(
    device: Simulated, backend: CudaBackend, reference: TorchBackend
) -> None:
    few, many = backend.encode(picture((64, 64), 1)), backend.encode(picture((320, 256), 2))
    assert padded(many[4].shape[-1]) > padded(few[4].shape[-1])
    backend.begin(Task(picture(SMALL), SMALL, many))()
    device.may_capture.clear()
    task = Task(picture(SMALL), SMALL, few)
    assert distance(backend.begin(task)(), reference.begin(task)()) < 0.5
    assert backend.ready(SMALL, wait=False)
    device.may_capture.set()
    assert distance(backend.begin(task)(), reference.begin(task)()) < 0.5


def test_sizes_used_long_ago_are_given_up(device: Simulated, backend: CudaBackend) -> None:
    sizes = [(64 + 16 * i, 64) for i in range(KEPT + 1)]
    for size in (*sizes, sizes[-1], sizes[1], sizes[0]):
        assert backend.ready(size, wait=True)
    assert len(device.captures) == KEPT + 2


def test_sizes_a_slider_passed_by_are_not_captured(device: Simulated, backend: CudaBackend) -> None:
    device.may_capture.clear()
    assert not backend.ready((64, 64), wait=False)
    assert device.capturing.wait(20)
    for i in range(1, 20):
        assert not backend.ready((64 + 16 * i, 64), wait=False)
    device.may_capture.set()
    assert backend.ready((64 + 16 * 19, 64), wait=True)
    assert [shape[-1] for shape in device.captures] == [64, 64 + 16 * 19]


def test_too_large_a_size_is_said_to_be_and_the_next_picture_is_painted(
    device: Simulated, backend: CudaBackend
) -> None:
    task = Task(picture(SMALL), SMALL, codes_of(backend, 1)[0])
    before = backend.begin(task)()
    huge = (1 << 20, 1 << 16)
    for _ in range(2):
        with pytest.raises(OutOfMemoryError, match=r"^Not enough memory on simulated\.$"):
            backend.begin(replace(task, size=huge))
        with pytest.raises(OutOfMemoryError):
            backend.ready(huge, wait=True)
        assert np.array_equal(backend.begin(task)(), before)
    assert device.releases == 4
    assert len(device.captures) == 1


def test_too_large_a_size_in_the_background_is_said_at_the_next_question(backend: CudaBackend) -> None:
    huge = (1 << 20, 1 << 16)
    for _ in range(2):
        assert not backend.ready(huge, wait=False)
        with pytest.raises(OutOfMemoryError):
            until_ready(backend, huge)


def test_graphs_not_used_of_late_make_room_for_a_new_one(device: Simulated, backend: CudaBackend) -> None:
    for size in (SMALL, OTHER, (64, 64)):
        backend.ready(size, wait=True)
    capture, short = device.capture, iter([True, True, False])

    def greedy(work: Callable[[], torch.Tensor], stream: Any) -> tuple[Callable[[], object], torch.Tensor]:
        if next(short):
            raise RuntimeError("CUDA error: out of memory")
        return capture(work, stream)

    device.capture = greedy  # type: ignore[method-assign]
    assert backend.ready((128, 128), wait=True)
    assert [size for size, _ in backend._graphs._coming] == [(64, 64), (128, 128)]


def test_frames_too_large_for_memory_are_said_to_be(device: Simulated, backend: CudaBackend) -> None:
    task = Task(picture(SMALL), SMALL, codes_of(backend, 1)[0])
    device.limit = 140 * 100
    with pytest.raises(OutOfMemoryError):
        backend.begin(replace(task, pixels=picture((140, 100))))
    device.limit = 1 << 24
    assert backend.begin(replace(task, pixels=picture((140, 100))))().shape == (100, 140, 3)


def test_memory_exhausted_while_painting_is_said_by_the_result(
    backend: CudaBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = Task(picture(SMALL), SMALL, codes_of(backend, 1)[0])
    before = backend.begin(task)()

    def exhausted(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    with monkeypatch.context() as patch:
        patch.setattr(Easel, "finish", exhausted)
        painted = backend.begin(task)
        with pytest.raises(OutOfMemoryError):
            painted()
    assert np.array_equal(backend.begin(task)(), before)


def test_a_failed_copy_of_a_style_is_made_again(backend: CudaBackend) -> None:
    codes = codes_of(backend, 2)
    tasks = [Task(picture(SMALL), SMALL, code) for code in codes]
    first, second = (backend.begin(task)() for task in tasks)
    lane, run = backend._lanes.compute, backend._lanes.compute.run

    def exhausted(work: Callable[[], object]) -> None:
        run(work)
        raise torch.OutOfMemoryError("CUDA out of memory.")

    lane.run = exhausted  # type: ignore[method-assign]
    with pytest.raises(OutOfMemoryError):
        backend.begin(tasks[0])
    lane.run = run  # type: ignore[method-assign]
    assert np.array_equal(backend.begin(tasks[1])(), second)
    assert np.array_equal(backend.begin(tasks[0])(), first)


def test_what_is_no_lack_of_memory_is_not_said_to_be(backend: CudaBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(Easel, "finish", broken)
    with pytest.raises(RuntimeError, match="illegal"):
        backend.begin(Task(picture(SMALL), SMALL, codes_of(backend, 1)[0]))()


def test_styles_are_encoded_by_any_thread_while_pictures_are_painted(
    backend: CudaBackend, reference: TorchBackend
) -> None:
    styles = [picture((64, 64), i) for i in range(4)]
    task = Task(picture(SMALL), SMALL, backend.encode(styles[0]))
    made: dict[int, StyleCode] = {}
    threads = [
        threading.Thread(target=lambda i=i: made.__setitem__(i, backend.encode(styles[i]))) for i in range(len(styles))
    ]
    for thread in threads:
        thread.start()
    before = backend.begin(task)()
    for thread in threads:
        thread.join(20)
        assert np.array_equal(backend.begin(task)(), before)
    for i, style in enumerate(styles):
        for one, other in zip(made[i], reference.encode(style), strict=True):
            assert torch.allclose(one, other, atol=1e-4)


def test_a_code_from_the_host_is_brought_to_the_device_and_back(backend: CudaBackend, reference: TorchBackend) -> None:
    code = codes_of(reference, 1)[0]
    adopted = backend.adopt(code)
    for one, other in zip(adopted, code, strict=True):
        assert torch.equal(one.cpu().float(), other)
    assert backend.fingerprint == reference.fingerprint


def test_the_memory_that_is_free_is_the_device_s(device: Simulated, backend: CudaBackend) -> None:
    assert backend.free() == device.limit


def test_closing_twice_ends_the_thread_once(device: Simulated) -> None:
    backend = CudaBackend(load_network(), device)
    task = Task(picture(SMALL), SMALL, codes_of(backend, 1)[0])
    painted = backend.begin(task)
    backend.close()
    backend.close()
    assert painted().shape == (64, 96, 3)


def test_where_torch_compile_fails_the_network_runs_as_it_is(
    device: Simulated, reference: TorchBackend, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_compiler(*_: object) -> None:
        raise RuntimeError("Cannot find a working triton installation.\nMore lines.")

    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(torch, "compile", lambda _, **options: asked.append(options) or no_compiler)
    with closing(CudaBackend(load_network(), device, compiled=True)) as backend:
        for size in (SMALL, OTHER):
            task = Task(picture(size), size, codes_of(reference, 1)[0])
            assert distance(backend.begin(task)(), reference.begin(task)()) < 0.5
    assert asked == [{"mode": "max-autotune-no-cudagraphs", "dynamic": False}]
    assert [r.getMessage() for r in caplog.records] == [
        "torch.compile cannot be used here (Cannot find a working triton installation), so the network runs as it is."
    ]


needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


@pytest.fixture
def real(caplog: pytest.LogCaptureFixture) -> Iterator[CudaBackend]:
    with closing(CudaBackend(load_network(), "cuda:0")) as opened:
        yield opened
    assert not [r for r in caplog.records if r.name.startswith("stytr_live")]  # such as a capture that failed


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sizes", [((640, 384), (640, 384)), ((1920, 1080), (640, 352)), ((200, 120), (256, 160))])
def test_a_gpu_paints_what_the_processor_does(
    real: CudaBackend, reference: TorchBackend, sizes: tuple[Size, Size], way: dict[str, Any]
) -> None:
    style, pixels = picture((320, 320), 1), picture(sizes[0])
    painted = real.begin(Task(pixels, sizes[1], real.encode(style), **way))()
    assert distance(painted, reference.begin(Task(pixels, sizes[1], reference.encode(style), **way))()) < 1.5


@pytest.mark.gpu
@needs_gpu
def test_on_a_gpu_switching_styles_captures_nothing(real: CudaBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = codes_of(real)
    codes.append(real.network.mix(codes, [0.2, 0.3, 0.5]))
    tasks = [Task(picture((640, 384)), (640, 384), code) for code in codes]
    first = [real.begin(task)() for task in tasks]
    monkeypatch.setattr(torch.cuda, "CUDAGraph", None)
    for _ in range(3):
        for task, expected in zip(tasks, first, strict=True):
            assert np.array_equal(real.begin(task)(), expected)
    assert min(distance(first[0], other) for other in first[1:]) > 1


@pytest.mark.gpu
@needs_gpu
def test_on_a_gpu_a_new_size_is_captured_while_the_old_one_serves(real: CudaBackend) -> None:
    task = Task(picture((640, 384)), (640, 384), real.encode(picture((320, 320), 1)))
    expected = real.begin(task)()
    for side in (128, 256, 512, 768):
        while not real.ready((side, side), wait=False):
            assert np.array_equal(real.begin(task)(), expected)
        real.begin(replace(task, size=(side, side)))()
        assert np.array_equal(real.begin(task)(), expected)


@pytest.mark.gpu
@needs_gpu
def test_on_a_gpu_memory_does_not_grow(real: CudaBackend) -> None:
    codes = codes_of(real)
    task = Task(picture((1280, 720)), (640, 352), codes[0], keep_colours=True, strength=0.5)
    used: list[tuple[int, int | None]] = []
    for i in range(220):
        real.begin(replace(task, code=codes[i % 3]))()
        if i in {19, 219}:
            torch.cuda.synchronize()
            used.append((torch.cuda.memory_allocated(), real.free()))
    assert used[0][0] == used[1][0]
    assert used[0][1] is not None
    assert used[0][1] > 1 << 20


@pytest.mark.gpu
@needs_gpu
def test_a_size_too_large_for_a_gpu_is_said_to_be_and_the_next_picture_is_painted(real: CudaBackend) -> None:
    task = Task(picture((640, 384)), (640, 384), real.encode(picture((320, 320), 1)))
    expected = real.begin(task)()
    huge = (1 << 20, 1 << 16)
    for _ in range(2):
        with pytest.raises(OutOfMemoryError):
            real.begin(replace(task, size=huge))
        assert np.array_equal(real.begin(task)(), expected)


@pytest.mark.gpu
@needs_gpu
def test_on_a_gpu_results_do_not_depend_on_how_many_are_begun(real: CudaBackend) -> None:
    codes = codes_of(real)
    tasks = [
        Task(picture((1280, 720), i % 5), (640, 352) if i % 7 else (320, 176), codes[i // 2 % 3]) for i in range(40)
    ]
    alone = [real.begin(task)() for task in tasks]
    begun, results = deque[Any](), []
    for task in tasks:
        begun.append(real.begin(task))
        if len(begun) == real.depth:
            results.append(begun.popleft()())
    results += [painted() for painted in begun]
    for one, other in zip(alone, results, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.gpu
@needs_gpu
def test_on_a_gpu_styles_encoded_beside_the_painting_disturb_nothing(real: CudaBackend) -> None:
    style = picture((320, 320), 1)
    task = Task(picture((640, 384)), (640, 384), real.encode(style))
    expected = real.begin(task)()
    thread = threading.Thread(target=lambda: [real.encode(picture((320, 320), i % 5)) for i in range(50)])
    thread.start()
    while thread.is_alive():
        assert np.array_equal(real.begin(task)(), expected)
    again = real.encode(style)
    assert np.array_equal(real.begin(replace(task, code=again))(), expected)
