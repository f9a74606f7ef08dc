"""How fast a network paints: each case in a process of its own, so that its peak of memory is its own."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import sys
import time
from collections import deque
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from stytr_live.benchmark.timing import WARM, Timing, change_of_pace, measure
from stytr_live.engine import imaging
from stytr_live.engine.backend import Task, TorchBackend, host_tensor
from stytr_live.engine.devices import open_backend, settle
from stytr_live.engine.store import Store
from stytr_live.engine.styles import EXACT, StyleCache, load_style
from stytr_live.engine.stylizer import Stylizer
from stytr_live.engine.upsampling import upsample
from stytr_live.errors import BackendError, SinkError
from stytr_live.frame import Frame, Pixels, Size
from stytr_live.media.synthetic import SyntheticSource
from stytr_live.networks import load_network
from stytr_live.networks.weights import build, read_weights
from stytr_live.params import Params

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.engine.backend import Backend
    from stytr_live.networks import Network

STYLES = ("mosaic", "woodcut")
"""The style that is used, and the one that is switched to."""
QUICK = 128
"""Side of the pictures that are painted to see what a switch costs, in pixels."""
PATHS = ("cached", "uncached", "published")
PAPER = "stytr2-paper"
"""The network of the paper in the paper's sizes, of which no weights come with this program."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured."""

    network: str
    """A network that comes with the program, or the paper's."""
    size: Size
    """Of the frames (width, height), in pixels."""
    device: str = "auto"
    precision: str = "auto"
    path: str = "cached"
    """`cached` is this program's; `uncached` encodes the style with every frame, in PyTorch and float32; `published`
    also stores every attention map, as the paper's code does."""
    short_side: int | None = None
    """Working size; that of the frames unless told."""
    tokens: int | None = None
    live: bool = False
    weights: Path | None = None

    @property
    def label(self) -> str:
        """What distinguishes it, in words."""
        return self.path if self.path != "cached" else "live" if self.live else "offline"


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured."""

    case: Case
    name: str
    """What it ran on."""
    timing: Timing
    """Of a frame, from pixels to pixels."""
    gflop: float
    """Floating-point operations of the network for a frame, in 10⁹."""
    memory: int
    """Most memory that the process used beyond its libraries, in bytes; on a GPU, of the GPU."""
    stages: dict[str, float]
    """Seconds of a frame's parts, each measured alone, and of what is done once for a style."""
    psnr: float | None
    """Of the painting to the exact one in float32, in dB; None where this is the exact one."""


def run(case: Case, seconds: float) -> Result:
    """Measure a case in a process of its own.

    Raises:
        BackendError: it cannot be measured, or the process died, for which memory is the usual reason.
    """
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(case, seconds, send), daemon=True)
    process.start()
    send.close()
    try:
        answer = cast("Result | str", receive.recv())
    except EOFError:
        raise BackendError("The process that measures died; there may be too little memory.") from None
    finally:
        receive.close()
        process.join()
    if isinstance(answer, str):
        raise BackendError(answer)
    return answer


def _child(case: Case, seconds: float, send: multiprocessing.connection.Connection) -> None:
    try:
        send.send(measure_case(case, seconds))
    except Exception as error:  # noqa: BLE001  (said by the process that asked)
        send.send(str(error) or type(error).__name__)
    finally:
        send.close()


def measure_case(case: Case, seconds: float) -> Result:
    """Measure a case in this process.

    Raises:
        StytrError: the device, the network or the style cannot be used.
    """
    network = network_of(case)
    pixels = SyntheticSource(case.size).picture(0)
    size = imaging.working_size(case.size, case.short_side or min(case.size), network.stride)
    gflop, before = count_gflop(network, size, case.tokens), _memory_before()
    if case.path == "cached":
        name, timing, stages, memory, psnr = _measure(case, network, pixels, size, seconds)
    else:
        name, timing = _measure_torch(case, network, imaging.fit(pixels, size), seconds)
        stages, memory, psnr = {}, _memory(case), None
    return Result(case, name, timing, gflop, memory - before, stages, psnr)


def _measure(
    case: Case, network: Network, pixels: Pixels, size: Size, seconds: float
) -> tuple[str, Timing, dict[str, float], int, float | None]:
    """This program's way: name of the device, times, parts, memory and PSNR."""
    backend = open_backend(network, case.device, precision=case.precision, live=case.live, store=Store())
    with closing(Stylizer(backend)) as stylizer:
        one, other = (Params(((load_style(name), 1.0),), short_side=min(size), tokens=case.tokens) for name in STYLES)
        frame, small = (Frame(p, Fraction(0), 0, 0.0) for p in (pixels, imaging.fit(pixels, size)))
        begin = time.perf_counter()
        stylizer(frame, one)
        stages = {"first frame": time.perf_counter() - begin}
        timing = _stream(stylizer, frame, one, seconds)
        memory = _memory(case)
        if small.pixels.size < pixels.size:
            stages["shrink"] = measure(lambda: imaging.fit(pixels, size), 0.2).p50
            stages["upsample"] = measure(lambda: upsample(small.pixels, pixels), 0.2).p50
        stages |= _style_stages(stylizer, backend, frame, (one, other))
        psnr = _psnr(stylizer(small, one).pixels, _exact(case, small.pixels))
    return backend.name, timing, stages, memory, psnr


def record_timeline(case: Case, path: Path, *, frames: int = 30) -> None:
    """Write what happens when while some frames are painted: a trace that chrome://tracing and Perfetto show.

    Raises:
        StytrError: the device cannot be used, or the file not be written.
    """
    network, pixels = network_of(case), SyntheticSource(case.size).picture(0)
    activities = [torch.profiler.ProfilerActivity.CPU]
    if settle(case.device) == "cuda":
        activities.append(torch.profiler.ProfilerActivity.CUDA)
    backend = open_backend(network, case.device, precision=case.precision, live=case.live, store=Store())
    with closing(Stylizer(backend)) as stylizer:
        params = Params(
            ((load_style(STYLES[0]), 1.0),), short_side=case.short_side or min(case.size), tokens=case.tokens
        )
        frame = Frame(pixels, Fraction(0), 0, 0.0)
        _stream(stylizer, frame, params, 0.0)
        with torch.profiler.profile(activities=activities) as profile:
            begun: deque[Callable[[], Frame]] = deque()
            for _ in range(frames):
                with torch.profiler.record_function("frame"):
                    begun.append(stylizer.begin(frame, params))
                if len(begun) >= stylizer.depth:
                    begun.popleft()()
            while begun:
                begun.popleft()()
    try:
        profile.export_chrome_trace(str(path))
    except (OSError, RuntimeError) as error:
        raise SinkError(f"The timeline cannot be written to '{path}': {error}.") from error


def network_of(case: Case) -> Network:
    """The network with its weights; the paper's sizes with random ones, which are as fast, where none are given."""
    if case.weights is not None:
        return read_weights(case.weights)
    if case.network != PAPER:
        return load_network(case.network)
    torch.manual_seed(0)
    return build("stytr2").eval().requires_grad_(requires_grad=False)


def count_gflop(network: Network, size: Size, tokens: int | None = None) -> float:
    """Floating-point operations of the network for a frame with the style cached, a multiply-add counted as two.

    The style has so many tokens, the network's usual number unless told, and no more than its picture gives.
    """
    tokens = tokens or network.style_tokens or EXACT
    with torch.device("meta"):
        twin = type(network)(network.config).eval()
        style = torch.zeros(1, 3, network.style_side, network.style_side)
        with torch.no_grad():
            code = list(twin.encode_style(style))
            code[: twin.attended] = [tensor[:, :, :tokens] for tensor in code[: twin.attended]]
            code[twin.attended] = code[twin.attended][..., :tokens]
            with FlopCounterMode(display=False) as counter:
                twin(torch.zeros(1, 3, size[1], size[0]), *code)
    return float(counter.get_total_flops()) / 1e9


def _stream(stylizer: Stylizer, frame: Frame, params: Params, seconds: float) -> Timing:
    """Frames one after the other, as many at a time as the backend wants; each takes from its begin to its end."""
    begun: deque[tuple[float, Callable[[], Frame]]] = deque()
    times: list[float] = []

    def step() -> None:
        begun.append((time.perf_counter(), stylizer.begin(frame, params)))
        if len(begun) >= stylizer.depth:
            since, end = begun.popleft()
            end()
            times.append(time.perf_counter() - since)

    whole = measure(step, seconds, warm=WARM + stylizer.depth)
    while begun:
        begun.popleft()[1]()
    counted = times[-whole.count :]
    return Timing.of(counted, whole.count / whole.rate)


def _style_stages(
    stylizer: Stylizer, backend: Backend, frame: Frame, styles: tuple[Params, Params]
) -> dict[str, float]:
    """What a new style costs, a known one, and how much longer a frame takes that is the first of another style."""
    other = styles[1]
    style, tokens = other.styles[0][0], other.tokens
    stages = {"new style": measure(lambda: StyleCache(backend).code(style, tokens), 0.3, warm=1).p50}
    stylizer(frame, other)
    stages["known style"] = measure(lambda: stylizer.styles.mixture(other.styles, other.tokens), 0.05).p50
    # The size of the picture makes no difference to it, and beside a quick frame a millisecond is seen.
    quick = replace(frame, pixels=imaging.resize(frame.pixels, (QUICK, QUICK)))
    works = [partial(stylizer, quick, replace(params, short_side=QUICK)) for params in styles]
    for work in works:
        work()
    stages["switch"] = change_of_pace(works, 1.0)
    return stages


def _measure_torch(case: Case, network: Network, pixels: Pixels, seconds: float) -> tuple[str, Timing]:
    """The style encoded with every frame, in float32, by PyTorch as it is."""
    device = "cuda" if settle(case.device) == "cuda" else "cpu"
    network = network.to(device)
    size = pixels.shape[1], pixels.shape[0]
    content = (host_tensor(pixels).float() / 255).to(device).contiguous()
    # The published code encodes a style as large as the content.
    style = (host_tensor(imaging.resize(load_style(STYLES[0]).pixels, size)).float() / 255).to(device).contiguous()
    kernels = [SDPBackend.MATH] if case.path == "published" else [SDPBackend.FLASH_ATTENTION, SDPBackend.MATH]

    def paint() -> None:
        with torch.inference_mode(), sdpa_kernel(kernels):
            network(content, *network.encode_style(style)).cpu()

    return f"{device}, PyTorch, float32, style with every frame", measure(paint, seconds, warm=1)


def _exact(case: Case, pixels: Pixels) -> Pixels:
    """The exact painting, by PyTorch in float32."""
    network = network_of(case)
    style = imaging.style_picture(load_style(STYLES[0]).pixels, network.style_side, network.stride)
    exact = TorchBackend(network)
    return exact.begin(Task(pixels, (pixels.shape[1], pixels.shape[0]), exact.encode(style)))()


def _psnr(a: Pixels, b: Pixels) -> float | None:
    """In dB; None where they are the same but for rounding."""
    error = float(np.square(a.astype(np.float32) - b).mean())
    return None if error < 0.25 else 10 * float(np.log10(255**2 / error))


def _memory_before() -> int:
    """Memory used now, in bytes; the peak counts from here on where the system allows that."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _memory_of_process()


def _memory(case: Case) -> int:
    """The most memory used up to now, in bytes: of the GPU where one works, else of this process."""
    if settle(case.device) == "cuda":
        return torch.cuda.max_memory_allocated() + _memory_of_process()
    return _memory_of_process()


def _memory_of_process() -> int:
    with suppress(OSError, StopIteration, ValueError):
        status = Path("/proc/self/status").read_text("ascii").splitlines()
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) * 1024
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
