"""Where a network runs: one device, used by one thread at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from stytr_live.engine import imaging
from stytr_live.engine.upsampling import upsample
from stytr_live.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.frame import Pixels, Size
    from stytr_live.networks import Network, StyleCode

T = TypeVar("T")


class OutOfMemoryError(BackendError):
    """The device has not enough memory for a picture of this size."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One picture to paint."""

    pixels: Pixels
    """(H, W, 3) RGB; not written to, and not changed by anybody before the task has ended."""
    size: Size
    """Working size (width, height): what the network sees, multiples of its stride."""
    code: StyleCode
    """As the backend's `encode` or `adopt` gave it, or a mixture of such."""
    strength: float = 1.0
    """0 the picture … 1 fully stylised."""
    keep_colours: bool = False
    detail: bool = True
    """Where the picture is larger than the working size, add the fine detail that the network did not see."""


class Backend(Protocol):
    """A network on a device."""

    network: Network
    """The network, placed where styles are encoded and mixed."""
    fingerprint: str
    """Of the network, before it was placed: what codes and caches go by."""
    depth: int
    """Tasks that may be begun before the first of them is ended; more of them are faster and later, so live is 1."""

    @property
    def name(self) -> str:
        """What a user reads, such as `cpu, OpenVINO, bfloat16`; it may go over to another precision."""
        ...

    def encode(self, picture: Pixels) -> StyleCode:
        """Encode a style picture, (H, W, 3) with sides that are multiples of the stride. May be called by any thread.

        Raises:
            OutOfMemoryError: the device has not enough memory.
        """
        ...

    def adopt(self, code: StyleCode) -> StyleCode:
        """Bring a code from the host, in float32, to the device; from there `.cpu().float()` brings it back."""
        ...

    def ready(self, size: Size, *, wait: bool) -> bool:
        """Prepare for pictures of a working size; False where that is still going on and `wait` is false.

        Raises:
            OutOfMemoryError: the device has not enough memory.
        """
        ...

    def begin(self, task: Task) -> Callable[[], Pixels]:
        """Begin to paint; calling the result waits, and gives the painting at the picture's size.

        Results are asked for in the order of their tasks, or not at all.

        Raises:
            OutOfMemoryError: the device has not enough memory; the result may raise it too.
        """
        ...

    def free(self) -> int | None:
        """Memory that could be used, in bytes; None where nobody knows."""
        ...

    def close(self) -> None:
        """End what runs in the background; idempotent."""
        ...


def host_tensor(pixels: Pixels) -> Tensor:
    """(H, W, 3) → (1, 3, H, W) uint8, channels last, in the same memory where PyTorch allows that."""
    if not pixels.flags.writeable:  # it has no read-only tensors
        pixels = pixels.copy()
    return torch.from_numpy(pixels).permute(2, 0, 1)[None]


def finish(task: Task, painted: Pixels) -> Pixels:
    """From the painting at the working size to what the task wants at the picture's, on the host."""
    size = task.pixels.shape[1], task.pixels.shape[0]
    larger = size[0] > task.size[0] and size[1] > task.size[1]
    whole = upsample(painted, task.pixels) if task.detail and larger else imaging.unfit(painted, size)
    if task.keep_colours:
        whole = imaging.keep_colours(task.pixels, whole)
    return imaging.blend(task.pixels, whole, task.strength)


def free_memory() -> int | None:
    """Memory of this machine that could be used, in bytes; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        return int(next(line for line in lines if line.startswith("MemAvailable")).split()[1]) * 1024
    except (OSError, StopIteration, ValueError):
        return None


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether PyTorch or a runtime says that memory is exhausted."""
    words = ("can't allocate memory", "out of memory", "bad_alloc", "not enough memory")
    return isinstance(error, torch.OutOfMemoryError) or any(word in str(error).lower() for word in words)


class TorchBackend:
    """PyTorch as it is, in float32 on a processor: the reference that every other backend is compared with."""

    depth = 1

    def __init__(self, network: Network, device: str = "cpu", dtype: torch.dtype = torch.float32) -> None:
        self.device, self.dtype, self.fingerprint = torch.device(device), dtype, network.fingerprint()
        self.network: Network = network.to(self.device, dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.name = f"{self.device}, PyTorch, {str(dtype).removeprefix('torch.')}"

    def encode(self, picture: Pixels) -> StyleCode:
        """Encode a style picture, (H, W, 3)."""
        with torch.inference_mode():
            return self._attempt(lambda: self.network.encode_style(self._upload(picture)))

    def adopt(self, code: StyleCode) -> StyleCode:
        """Bring a code from the host to the device."""
        return tuple(tensor.to(self.device, self.dtype) for tensor in code)

    def ready(self, size: Size, *, wait: bool) -> bool:  # noqa: ARG002
        """PyTorch needs no preparation."""
        return True

    def begin(self, task: Task) -> Callable[[], Pixels]:
        """Paint at once."""
        whole = finish(task, self._attempt(lambda: self._paint(task)))
        return lambda: whole

    def free(self) -> int | None:
        """Memory of the device, or of the machine."""
        return torch.cuda.mem_get_info(self.device)[0] if self.device.type == "cuda" else free_memory()

    def close(self) -> None:
        """Nothing runs in the background."""

    def _paint(self, task: Task) -> Pixels:
        with torch.inference_mode():
            painted = self.network(self._upload(imaging.fit(task.pixels, task.size)), *task.code)
            levels = painted[0].float().mul(255).add_(0.5).clamp_(0, 255).to(torch.uint8)
            pixels: Pixels = np.ascontiguousarray(levels.permute(1, 2, 0).cpu().numpy())
            return pixels

    def _upload(self, pixels: Pixels) -> Tensor:
        """(H, W, 3) on the host → (1, 3, H, W) in 0..1 on the device, channels last."""
        return host_tensor(pixels).to(self.device).to(self.dtype).div_(255)

    def _attempt(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise OutOfMemoryError(f"Not enough memory on {self.device}.") from error
            raise
