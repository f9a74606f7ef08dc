"""Which device to use."""

from __future__ import annotations

import torch

from stytr_live.engine.backend import Backend, TorchBackend
from stytr_live.errors import BackendError

DEVICES = ("auto", "cpu", "cuda", "mps")


def open_backend(device: str = "auto") -> Backend:
    """The backend of a device; `auto` takes the fastest there is.

    Raises:
        BackendError: the device is unknown or not there.
    """
    kind = device.split(":", maxsplit=1)[0]
    if kind not in DEVICES:
        raise BackendError(f"There is no device '{device}'; choose one of {', '.join(DEVICES)}.")
    if kind == "auto":
        kind = device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if kind == "cuda" and not torch.cuda.is_available():
        raise BackendError(f"CUDA cannot be used: {why_no_cuda()}; use --device cpu.")
    if kind == "mps" and not torch.backends.mps.is_available():
        raise BackendError("Apple's GPU cannot be used by this PyTorch on this machine; use --device cpu.")
    try:
        return TorchBackend(device)
    except (RuntimeError, AssertionError) as error:
        raise BackendError(f"The device '{device}' cannot be used ({error}); use --device cpu.") from error


def why_no_cuda() -> str:
    """The reason, as a clause, why CUDA is not available."""
    if torch.version.cuda is None:
        return "this PyTorch was built without CUDA"
    try:
        torch.cuda.init()
    except (RuntimeError, AssertionError) as error:
        return str(error).splitlines()[0].rstrip(".").lower()
    return "no NVIDIA GPU was found" if not torch.cuda.device_count() else "PyTorch does not say why"
