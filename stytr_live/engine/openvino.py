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
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from math import inf
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from stytr_live import __version__
from stytr_live.engine import imaging
from stytr_live.engine.backend import OutOfMemoryError, TorchBackend, finish, free_memory, is_out_of_memory

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # importing openvino would call home
import openvino as ov  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

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
"""Least PSNR, in dB, of half precision to float32 for it to be used."""
WORTH = 1.1
"""How much faster half precision must be than float32 for it to be used."""
TRIAL = 256
"""Side of the picture on which precisions are compared, in pixels."""
PATIENCE = 0.5
"""Seconds that it may take to compare how fast they are."""
PRECISIONS = {"f32": "float32", "bf16": "bfloat16", "f16": "float16"}
"""OpenVINO's names and the field's."""


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
        threads: int | None = None,
    ) -> None:
        """`precision` is `auto`, `float32` or `half`: auto is half where it looks the same and is faster.

        At most `threads` of the processor are used, all unless told.

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
        self._model = self._load()
        self._compiled: OrderedDict[Size, Future[_Compiled]] = OrderedDict()
        self._lock, self._thread = Lock(), ThreadPoolExecutor(1, "compile")
        self._precision = self._choose(precision)
        self.name = f"{device.lower()}, OpenVINO, {PRECISIONS[self._precision]}"

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
        request.set(imaging.resize(task.pixels, task.size), task.code)
        request.start()
        return lambda: finish(task, request.wait())

    def free(self) -> int | None:
        """Memory of the machine."""
        return free_memory()

    def close(self) -> None:
        """End the thread that compiles."""
        self._thread.shutdown(cancel_futures=True)

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
        width, height = size
        model = self._model.clone()
        model.reshape({model.input(0): [1, height, width, 3]})
        hints: dict[str, Any] = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
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

    def _choose(self, wanted: str) -> str:
        """The precision to compute in, as OpenVINO calls it."""
        able = self._core.get_property(self._device, "OPTIMIZATION_CAPABILITIES")
        half = "f16" if self._device.startswith("GPU") else "bf16"
        if wanted == "float32" or {"bf16": "BF16", "f16": "FP16"}[half] not in able:
            return "f32"
        if wanted == "half":
            return half
        device = self._core.get_property(self._device, "FULL_DEVICE_NAME"), " ".join(sorted(able))
        key = ("precision", self.fingerprint, ov.__version__, *device, half)
        known = self._store.get(*key)
        if known is None:
            known = self._store.agree(" ".join(f"{figure:.2f}" for figure in self._compare(half)).encode(), *key)
        psnr, gain = map(float, known.split())
        if psnr < ALIKE:
            log.warning("Half precision differs too much here (%.0f dB), so float32 is used.", psnr)
            return "f32"
        return half if gain >= WORTH else "f32"  # many processors convert to half precision and gain nothing by it

    def _compare(self, half: str) -> tuple[float, float]:
        """PSNR in dB of a painting in half precision to one in float32, and how many times as fast it is.

        Nothing of it is kept in memory.
        """
        side = TRIAL // self.network.stride * self.network.stride
        waves = np.mgrid[0:side, 0:side].sum(0)[..., None] * np.array([0.11, 0.07, 0.05])
        picture = (127 + 100 * np.sin(waves)).astype(np.uint8)
        code = self.encode(np.ascontiguousarray(picture[::-1]))
        requests = [self._compiled_as(precision, (side, side)).next() for precision in (half, "f32")]
        paintings: list[Pixels] = []
        for request in requests:
            request.set(picture, code)
            request.start()
            paintings.append(request.wait())
        error = float(np.square(paintings[0].astype(np.float32) - paintings[1]).mean())
        fastest = [inf, inf]
        end = perf_counter() + PATIENCE
        while inf in fastest or perf_counter() < end:  # by turns, so that who disturbs, disturbs both
            for i, request in enumerate(requests):
                begin = perf_counter()
                request.start()
                request.wait()
                fastest[i] = min(fastest[i], perf_counter() - begin)
        return 10 * float(np.log10(255**2 / max(error, 1e-6))), fastest[1] / fastest[0]

    def _load(self) -> ov.Model:
        """The converted network, from the disk where it was converted before."""
        source = Path(inspect.getfile(type(self.network)))  # who works on a network must not meet an older one
        code = hashlib.sha256(source.read_bytes()).hexdigest() if source.is_file() else ""
        key = ("openvino", self.fingerprint, str(self.network.metadata()), ov.__version__, __version__, code)
        data = self._store.get(*key)
        if data is not None:
            try:
                return _unpack(self._core, data)
            except RuntimeError as error:
                log.warning("A cached model could not be read and is made again (%s).", str(error).splitlines()[0])
        data = _pack(convert(self.network))
        self._store.put(data, *key)
        return _unpack(self._core, data)  # as from the disk: the two may differ in rounding


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
    with torch.no_grad(), warnings.catch_warnings(action="ignore"):  # of tracing; the result is compared with PyTorch's
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
    compiled = ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision})
    request = compiled.create_infer_request()
    request.get_input_tensor(0).data[:] = weights
    return request.infer
