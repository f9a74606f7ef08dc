"""Where networks run: one device, used by one thread at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from torch import Tensor

from stytr_live.engine import imaging

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.frame import Pixels, Size
    from stytr_live.networks import Network


class Backend(Protocol):
    """A device with the ways to it and back."""

    name: str
    """What a user reads, such as `cpu` or `cuda:0 NVIDIA H100`."""

    def place(self, network: Network) -> Network:
        """Move a network to the device, in its precision."""
        ...

    def accelerate(self, network: Network) -> Callable[..., Tensor]:
        """The fastest equivalent of a placed network's `forward`."""
        ...

    def upload(self, pixels: Pixels, size: Size) -> Tensor:
        """(H, W, 3) on the host → (1, 3, height, width) in 0..1 on the device."""
        ...

    def download(self, picture: Tensor, size: Size) -> Pixels:
        """(1, 3, h, w), clipped to 0..1 → (height, width, 3) on the host."""
        ...


def host_tensor(pixels: Pixels) -> Tensor:
    """(H, W, 3) → (1, 3, H, W) uint8, channels last, in the same memory where PyTorch allows that."""
    if not pixels.flags.writeable:  # it has no read-only tensors
        pixels = pixels.copy()
    return torch.from_numpy(pixels).permute(2, 0, 1)[None]


class TorchBackend:
    """PyTorch as it is: the reference that every other backend is compared with."""

    def __init__(self, device: str = "cpu") -> None:
        self.device = torch.device(device)
        self.dtype = torch.float16 if self.device.type == "cuda" else torch.float32
        self.name = str(self.device)
        if self.device.type == "cuda":
            self.name += f" {torch.cuda.get_device_name(self.device)}"

    def place(self, network: Network) -> Network:
        """Move a network to the device, channels last."""
        return network.to(self.device, self.dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def accelerate(self, network: Network) -> Callable[..., Tensor]:
        """The network itself."""
        return network

    def upload(self, pixels: Pixels, size: Size) -> Tensor:
        """(H, W, 3) on the host → (1, 3, height, width) in 0..1 on the device, channels last."""
        return host_tensor(imaging.resize(pixels, size)).to(self.device).to(self.dtype).div_(255)

    def download(self, picture: Tensor, size: Size) -> Pixels:
        """(1, 3, h, w), clipped to 0..1 → (height, width, 3) on the host."""
        levels = picture[0].mul(255).add_(0.5).clamp_(0, 255).to(torch.uint8)
        pixels: Pixels = np.ascontiguousarray(levels.permute(1, 2, 0).cpu().numpy())
        return imaging.resize(pixels, size)
