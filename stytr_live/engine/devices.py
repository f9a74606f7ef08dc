"""Which device to use."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import cv2
import torch

from stytr_live.engine.backend import Backend, TorchBackend
from stytr_live.engine.store import Store
from stytr_live.errors import BackendError

if TYPE_CHECKING:
    from stytr_live.networks import Network

log = logging.getLogger(__name__)

DEVICES = ("auto", "cpu", "gpu", "cuda", "mps", "torch")
"""`cpu` and `gpu` are the processor and Intel's GPU by OpenVINO; `torch` the processor by PyTorch, the reference."""
PRECISIONS = ("auto", "float32", "half", "int8")
"""`int8` is for processors, by OpenVINO."""
INSTALL = "pip install openvino"


def open_backend(
    network: Network,
    device: str = "auto",
    *,
    precision: str = "auto",
    live: bool = False,
    hurry: bool = False,
    compiled: bool = False,
    threads: int | None = None,
    store: Store | None = None,
) -> Backend:
    """A network on a device; `auto` takes the fastest there is, in the fastest precision that looks like float32.

    `live` favours a short way of each picture over many pictures a second, and takes int8 for alike, too. In a `hurry`
    the first start on a machine does not wait until precisions were tried, but changes over then. `compiled` fuses a
    network for CUDA with torch.compile, which takes a minute. `threads` is how many of the processor are used at most,
    by this process; pictures come out the same with any number.

    Raises:
        BackendError: the device or precision is unknown, or the device is not there.
    """
    kind, number = settle(device), device.partition(":")[2]
    if precision not in PRECISIONS:
        raise BackendError(f"There is no precision '{precision}'; choose one of {', '.join(PRECISIONS)}.")
    if precision == "int8" and kind != "cpu":
        raise BackendError("Only processors, by OpenVINO, compute in int8; use --device cpu.")
    device = f"{kind}:{number}" if number else kind
    if threads is not None:
        torch.set_num_threads(threads)
        cv2.setNumThreads(threads)
    try:
        if kind == "cuda":
            return _cuda(network, device, precision, live=live, compiled=compiled)
        if kind in {"cpu", "gpu"}:
            options = {"precision": precision, "live": live, "hurry": hurry, "threads": threads}
            return _openvino(network, kind, number, store or Store(), options)
        if kind == "torch":
            return TorchBackend(network, "cpu", torch.bfloat16 if precision == "half" else torch.float32)
        return TorchBackend(network, device, torch.float16 if precision == "half" else torch.float32)
    except (RuntimeError, AssertionError) as error:
        raise BackendError(f"The device '{device}' cannot be used ({_line(error)}); use --device torch.") from error


def settle(device: str) -> str:
    """The kind of a device: `auto` is the fastest there is, and `cuda:1` is `cuda`.

    Raises:
        BackendError: the device is unknown, or not there.
    """
    kind = device.partition(":")[0]
    if kind not in DEVICES:
        raise BackendError(f"There is no device '{device}'; choose one of {', '.join(DEVICES)}.")
    if kind == "auto":
        return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if kind == "cuda" and not torch.cuda.is_available():
        raise BackendError(f"CUDA cannot be used: {why_no_cuda()}; use --device cpu.")
    if kind == "mps" and not torch.backends.mps.is_available():
        raise BackendError("Apple's GPU cannot be used by this PyTorch on this machine; use --device cpu.")
    return kind


def _cuda(network: Network, device: str, precision: str, *, live: bool, compiled: bool) -> Backend:
    if precision == "float32":
        return TorchBackend(network, device)
    from stytr_live.engine.cuda import CudaBackend

    return CudaBackend(network, device=device, live=live, compiled=compiled)


def _openvino(network: Network, kind: str, number: str, store: Store, options: dict[str, Any]) -> Backend:
    """OpenVINO; on the processor PyTorch where it cannot be used."""
    try:
        from stytr_live.engine.openvino import OpenVinoBackend

        device = kind.upper() + (f".{number}" if number else "")
        return OpenVinoBackend(network, store, device=device, **options)
    except ImportError as error:
        if kind == "gpu":
            raise BackendError(f"An Intel GPU is used through OpenVINO; install it with: {INSTALL}.") from error
        log.warning("OpenVINO is not installed, so the slower PyTorch is used; install it with: %s", INSTALL)
    except RuntimeError as error:
        if kind == "gpu":
            raise
        log.warning("OpenVINO cannot be used here (%s), so the slower PyTorch is.", _line(error))
    return TorchBackend(network)


def why_no_cuda() -> str:
    """The reason, as a clause, why CUDA is not available."""
    if torch.version.cuda is None:
        return "this PyTorch was built without CUDA"
    try:
        torch.cuda.init()
    except (RuntimeError, AssertionError) as error:
        return str(error).splitlines()[0].rstrip(".").lower()
    return "no NVIDIA GPU was found" if not torch.cuda.device_count() else "PyTorch does not say why"


def _line(error: BaseException) -> str:
    """The last line of what a library says, which is the reason."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else type(error).__name__
