"""Networks on processors and Intel GPUs, by OpenVINO: the same network as PyTorch's, compiled for this machine.

A network is converted once, with bytes in and bytes out, and kept on disk. For each working size it is compiled, which
takes a moment; style tensors are inputs and may have any number of tokens, so nothing is compiled again for a style or
a mixture.
"""

from __future__ import annotations

import hashlib
import inspect
import logging
import os
import sys
import tempfile
import warnings
from collections import OrderedDict
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from functools import partial
from math import inf
from pathlib import Path
from threading import Event, Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from stytr_live import __version__, builtin
from stytr_live.engine import imaging
from stytr_live.engine.backend import OutOfMemoryError, TorchBackend, finish, free_memory, is_out_of_memory

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # importing openvino would call home
import openvino as ov  # noqa: E402

from stytr_live.engine.quantization import observe, quantise  # noqa: E402
from stytr_live.media.still import read_picture  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stytr_live.engine.backend import Task
    from stytr_live.engine.store import Store
    from stytr_live.frame import Pixels, Size
    from stytr_live.networks import Network, StyleCode

log = logging.getLogger(__name__)

KEPT = 6
"""Working sizes that stay compiled."""
MOST = 4
"""Pictures painted at a time offline: each takes memory, and more gain nothing."""
ALIKE = 35.0
"""Least PSNR, in dB, of a painting in another precision to one in float32 for it to be used."""
WORTH = 1.1
"""How much faster than float32 it must be to be used."""
TRIAL = 256
"""Side of the pictures with which precisions are tried, in pixels."""
PATIENCE = 0.5
"""Seconds that it may take to compare how fast they are."""
FAMILIAR, STRANGE = (1, 5, 9), (3, 7)
"""Each built-in style paints those that are so many further on: to observe ranges, and to compare."""
PRECISIONS = {"f32": "float32", "bf16": "bfloat16", "f16": "float16", "i8": "int8"}
"""OpenVINO's names and the field's."""

_TRACING = Lock()
"""Held while PyTorch traces a network: two at a time disturb each other, and neither need be the one that fails."""


class OpenVinoBackend:
    """A network compiled by OpenVINO. Styles, of which few are met, are encoded by PyTorch."""

    def __init__(
        self,
        network: Network,
        store: Store,
        *,
        device: str = "CPU",
        precision: str = "auto",
        live: bool = False,
        hurry: bool = False,
        threads: int | None = None,
    ) -> None:
        """`precision` is `auto`, `float32`, `half` or `int8`.

        Auto is the fastest that looks the same: offline float32 or half, live int8 too. To find that out takes seconds
        once on a machine; in a `hurry` painting begins in float32 and changes over. At most `threads` of the processor
        are used, all unless told.

        Raises:
            RuntimeError: OpenVINO cannot convert the network or use the device.
        """
        self._torch = TorchBackend(network)
        self.network = self._torch.network
        self._core, self._device, self._store = ov.Core(), device, store
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._threads = threads
        self.depth = 1 if live else min(MOST, threads or cores)
        self.fingerprint = self._torch.fingerprint
        side = TRIAL // network.stride * network.stride
        self._trial = side, side
        self._identity = self._identify()
        self._model = self._kept("floats", lambda: convert(self.network))
        self._integers: ov.Model | None = None
        self._compiled: OrderedDict[Size, Future[_Compiled]] = OrderedDict()
        self._lock, self._thread = Lock(), ThreadPoolExecutor(1, "compile")
        self._trials, self._ending = ThreadPoolExecutor(1, "try precisions"), Event()
        self._precision = "f32"
        able = self._able(precision, live=live)
        if precision != "auto":
            self._precision = able[-1]
        elif hurry and None in [self._known(precision) for precision in able[1:]]:
            self._trials.submit(self._change_over, able)
        else:
            self._precision = self._fastest(able)

    @property
    def name(self) -> str:
        """The device, for users."""
        return f"{self._device.lower()}, OpenVINO, {PRECISIONS[self._precision]}"

    def encode(self, picture: Pixels) -> StyleCode:
        """Encode a style picture, (H, W, 3)."""
        return self.adopt(self._torch.encode(picture))

    def adopt(self, code: StyleCode) -> StyleCode:
        """Codes lie in host memory, in rows as OpenVINO wants them."""
        return tuple(tensor.float().contiguous() for tensor in code)

    def ready(self, size: Size, *, wait: bool) -> bool:
        """Compile for a working size, in the background unless `wait`."""
        with self._lock:
            future = self._compiled.get(size)
            if future is None:
                future = self._compiled[size] = Future()
                begin = partial(self._fulfil, future, size)
                if len(self._compiled) > KEPT:
                    self._compiled.popitem(last=False)
            else:
                begin = None
            self._compiled.move_to_end(size)
        if begin is not None:
            begin() if wait else self._thread.submit(begin)
        if not (wait or future.done()):
            return False
        try:
            future.result()
        except BaseException:
            with self._lock:
                self._compiled.pop(size, None)  # it may be tried again
            raise
        return True

    def begin(self, task: Task) -> Callable[[], Pixels]:
        """Begin to paint; the result waits for it."""
        self.ready(task.size, wait=True)
        compiled = self._of(task.size)
        request = compiled.next()
        request.set(imaging.fit(task.pixels, task.size), task.code)
        request.start()
        return lambda: finish(task, request.wait())

    def free(self) -> int | None:
        """Memory of the machine."""
        return free_memory()

    def close(self) -> None:
        """End the threads that compile and try."""
        self._ending.set()
        for thread in (self._thread, self._trials):
            thread.shutdown(cancel_futures=True)

    def _of(self, size: Size) -> _Compiled:
        with self._lock:
            return self._compiled[size].result()

    def _fulfil(self, future: Future[_Compiled], size: Size) -> None:
        """Compile for a size."""
        try:
            future.set_result(self._compiled_as(self._precision, size))
        except BaseException as error:  # noqa: BLE001  (raised to whoever wants the size)
            future.set_exception(error)

    def _compiled_as(self, precision: str, size: Size) -> _Compiled:
        model = _of_size(self._model if precision != "i8" else self._in_integers(), size)
        floating = "f32" if precision == "i8" else precision  # what stays as it is among integers
        hints: dict[str, Any] = {"INFERENCE_PRECISION_HINT": floating, "PERFORMANCE_HINT": "LATENCY"}
        if self.depth > 1:
            hints |= {"PERFORMANCE_HINT": "THROUGHPUT", "PERFORMANCE_HINT_NUM_REQUESTS": self.depth}
        if self._threads is not None and self._device == "CPU":
            # Pinned, the threads of several processes would all lie on the first cores.
            hints |= {"INFERENCE_NUM_THREADS": self._threads, "ENABLE_CPU_PINNING": False}
        try:
            return _Compiled(self._core.compile_model(model, self._device, hints), self.depth)
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise OutOfMemoryError(f"Not enough memory on {self._device}.") from error
            raise

    def _able(self, wanted: str, *, live: bool) -> list[str]:
        """The precisions to choose from that the device knows, as OpenVINO calls them, float32 first."""
        known = self._core.get_property(self._device, "OPTIMIZATION_CAPABILITIES")
        able = ["f32"]
        half = "f16" if self._device.startswith("GPU") else "bf16"
        if wanted in {"auto", "half"} and {"bf16": "BF16", "f16": "FP16"}[half] in known:
            able.append(half)
        if (wanted == "int8" or (wanted == "auto" and live)) and "INT8" in known and self._device == "CPU":
            able.append("i8")
        return able

    def _fastest(self, able: Iterable[str]) -> str:
        """The fastest precision of some that looks like float32, by trial where that is not known yet."""
        fastest, most = "f32", WORTH  # many processors convert to half precision and gain nothing by it
        for precision in able:
            if precision == "f32":
                continue
            known = self._known(precision)
            if known is None:
                figures = " ".join(f"{figure:.2f}" for figure in self._compare(precision))
                known = self._store.agree(figures.encode(), *self._key(precision))
            psnr, gain = map(float, known.split())
            if psnr < ALIKE:
                log.warning("%s differs too much from float32 here (%.0f dB).", PRECISIONS[precision], psnr)
            elif gain >= most:
                fastest, most = precision, gain
        return fastest

    def _change_over(self, able: Iterable[str]) -> None:
        """Find the fastest precision and go on in it; what is painted meanwhile is painted as before."""
        try:
            chosen = self._fastest(able)
            with self._lock:
                sizes = list(self._compiled) if chosen != self._precision else []
                self._precision = chosen
            for size in sizes:
                future: Future[_Compiled] = Future()
                future.set_result(self._compiled_as(chosen, size))
                with self._lock:
                    if size in self._compiled:
                        self._compiled[size] = future
        except CancelledError:
            pass
        except Exception as error:  # noqa: BLE001  (nobody waits for it, and float32 goes on)
            log.warning("No faster precision could be tried (%s).", str(error).strip().splitlines()[-1])

    def _known(self, precision: str) -> bytes | None:
        """What a trial found, on this machine, now or earlier."""
        return self._store.get(*self._key(precision))

    def _key(self, precision: str) -> tuple[str, ...]:
        """Under which the result of a trial is kept."""
        able = sorted(self._core.get_property(self._device, "OPTIMIZATION_CAPABILITIES"))
        device = self._core.get_property(self._device, "FULL_DEVICE_NAME"), " ".join(able)
        return "precision", *self._identity, *device, precision

    def _compare(self, precision: str) -> tuple[float, float]:
        """The worst PSNR in dB of paintings to those in float32, and how many times as fast they are.

        Nothing of it is kept in memory.
        """
        requests = [self._compiled_as(p, self._trial).next() for p in (precision, "f32")]
        psnr = inf
        for picture, code in self._samples(STRANGE):
            paintings: list[Pixels] = []
            for request in requests:
                request.set(picture, code)
                request.start()
                paintings.append(request.wait())
            error = float(np.square(paintings[0].astype(np.float32) - paintings[1]).mean())
            psnr = min(psnr, 10 * float(np.log10(255**2 / max(error, 1e-6))))
        fastest = [inf, inf]
        end = perf_counter() + PATIENCE
        while inf in fastest or perf_counter() < end:  # by turns, so that who disturbs, disturbs both
            for i, request in enumerate(requests):
                begin = perf_counter()
                request.start()
                request.wait()
                fastest[i] = min(fastest[i], perf_counter() - begin)
        return psnr, fastest[1] / fastest[0]

    def _samples(self, steps: Iterable[int]) -> Iterator[tuple[Pixels, StyleCode]]:
        """Built-in pictures, and as style of each those that are so many steps before it."""
        pictures = [imaging.resize(read_picture(path), self._trial) for path in builtin.styles().values()]
        for i, style in enumerate(pictures):
            code = self.encode(style)
            for step in steps:
                if self._ending.is_set():
                    raise CancelledError
                yield pictures[(i + step) % len(pictures)], code

    def _in_integers(self) -> ov.Model:
        """The network in integers."""
        if self._integers is None:
            self._integers = self._kept("integers", self._quantised)
        return self._integers

    def _quantised(self) -> ov.Model:
        """Made from what comes into the layers while familiar pictures are painted."""
        ranges = observe(
            _of_size(self._model, self._trial),
            lambda model: self._core.compile_model(model, self._device, {"INFERENCE_PRECISION_HINT": "f32"}),
            ([picture[None], *(tensor.numpy() for tensor in code)] for picture, code in self._samples(FAMILIAR)),
            [f".{module}." for module in self.network.delicate],
        )
        return quantise(self._model, ranges)

    def _kept(self, kind: str, make: Callable[[], ov.Model]) -> ov.Model:
        """A model from the disk, where it was made before."""
        key = ("openvino", *self._identity, kind)
        data = self._store.get(*key)
        if data is None:
            data = self._store.agree(_pack(make()), *key)
        try:
            return _unpack(self._core, data)  # a new one too: what is read may differ in rounding from what was made
        except RuntimeError as error:
            log.warning("A cached model could not be read and is made again (%s).", str(error).splitlines()[0])
        data = _pack(make())
        self._store.put(data, *key)
        return _unpack(self._core, data)

    def _identify(self) -> tuple[str, ...]:
        """What a model depends on: weights, versions, and the code, for who works on it must not meet an older one."""
        code = hashlib.sha256()
        for module in (type(self.network), observe):
            source = Path(inspect.getfile(module))
            code.update(source.read_bytes() if source.is_file() else b"")
        return self.fingerprint, str(self.network.metadata()), ov.__version__, __version__, code.hexdigest()


class _Compiled:
    """A network compiled for one size, with as many requests as may run at a time."""

    def __init__(self, model: ov.CompiledModel, depth: int) -> None:
        # One more: the result of the oldest may still be waited for when the next picture comes.
        self._requests = [_Request(model.create_infer_request()) for _ in range(depth + 1)]
        self._turn = 0

    def next(self) -> _Request:
        """The request whose turn it is."""
        self._turn = (self._turn + 1) % len(self._requests)
        return self._requests[self._turn]


class _Request:
    """One run of a compiled network, again and again."""

    def __init__(self, request: ov.InferRequest) -> None:
        self._request = request
        self._code: StyleCode = ()
        self._picture: Any = request.get_input_tensor(0).data

    def set(self, picture: Pixels, code: StyleCode) -> None:
        """Give it a picture (H, W, 3) of its size, and a style's code."""
        self._request.wait()  # of a result that nobody asked for
        self._picture[0] = picture
        if code is not self._code:
            for i, tensor in enumerate(code):
                self._request.set_input_tensor(i + 1, ov.Tensor(tensor.numpy(), shared_memory=True))
            self._code = code  # keeps the memory

    def start(self) -> None:
        """Begin."""
        self._request.start_async()

    def wait(self) -> Pixels:
        """(H, W, 3) RGB, in memory of its own."""
        try:
            self._request.wait()
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise OutOfMemoryError("Not enough memory.") from error
            raise
        pixels: Pixels = self._request.get_output_tensor(0).data[0].copy()
        return pixels


class _Bytes(nn.Module):
    """A network with bytes in and bytes out, so that conversion from and to pictures is compiled too."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, picture: Tensor, *code: Tensor) -> Tensor:
        """(1, H, W, 3) uint8 → the same."""
        painted = self.network(picture.permute(0, 3, 1, 2).float() / 255, *code)
        return (painted * 255 + 0.5).clamp(0, 255).permute(0, 2, 3, 1).to(torch.uint8)


def convert(network: Network) -> ov.Model:
    """A network as an OpenVINO model: (1, H, W, 3) uint8 and the style's code → (1, H, W, 3) uint8.

    Height, width and the number of style tokens are open.
    """
    side = 8 * network.stride
    # What tracing warns of does no harm: the result is compared with PyTorch's.
    with _TRACING, torch.no_grad(), warnings.catch_warnings(action="ignore"):
        code = network.encode_style(torch.rand(1, 3, side, side + network.stride))
        example = (torch.zeros(1, side, side + 2 * network.stride, 3, dtype=torch.uint8), *code)
        model = ov.convert_model(_Bytes(network), example_input=example)
    shapes: dict[Any, list[int]] = {model.input(0): [1, -1, -1, 3]}
    for i, tensor in enumerate(code):
        shape = list(tensor.shape)
        if i < network.attended:
            shape[2] = -1
        elif i == network.attended:
            shape[3] = -1
        shapes[model.input(i + 1)] = shape
    model.reshape(shapes)
    return model


def _of_size(model: ov.Model, size: Size) -> ov.Model:
    """The same model for pictures of one size (width, height)."""
    model = model.clone()
    model.reshape({model.input(0): [1, size[1], size[0], 3]})
    return model


def _pack(model: ov.Model) -> bytes:
    """A model as bytes: the length of its XML, the XML, the weights."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.xml"
        ov.save_model(model, path, compress_to_fp16=False)
        xml = path.read_bytes()
        return len(xml).to_bytes(8, "big") + xml + path.with_suffix(".bin").read_bytes()


def _unpack(core: ov.Core, data: bytes) -> ov.Model:
    length = int.from_bytes(data[:8], "big")
    return core.read_model(data[8 : 8 + length], data[8 + length :])


def core_of_this_machine() -> ov.Core:
    """OpenVINO's view of this machine."""
    return ov.Core()


def matrix_product(side: int, precision: str) -> Callable[[], object]:
    """A product of two square matrices, to measure a processor with; `precision` is OpenVINO's name."""
    weights = np.random.default_rng(0).standard_normal((side, side), np.float32)
    left = ov.opset13.parameter([side, side], np.float32)
    model = ov.Model([ov.opset13.matmul(left, ov.opset13.constant(weights), False, False)], [left])  # noqa: FBT003
    if precision == "i8":
        ranges = {node.get_friendly_name(): (-4.0, 4.0) for node in model.get_ops()}
        model, precision = quantise(model, ranges), "f32"
    compiled = ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision})
    request = compiled.create_infer_request()
    request.get_input_tensor(0).data[:] = weights
    return request.infer
