"""Image features in which losses and figures are measured: VGG-19, or a compressed stand-in, up to relu5_1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stytr_live.errors import NetworkError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
_PLAN = ("11", "12", "pool", "21", "22", "pool", "31", "32", "33", "34", "pool", "41", "42", "43", "44", "pool", "51")


class Features(Protocol):
    """A network that sees a picture at five scales."""

    def __call__(self, picture: Tensor) -> list[Tensor]:
        """(B, 3, H, W) RGB in 0..1 → five of (B, C_k, H / 2ᵏ, W / 2ᵏ), k = 0..4, each divided by its spread.

        The spread of a layer is the root mean square, over photographs, of a feature minus its mean in the picture:
        divided by it, layers weigh alike.
        """
        ...


class CompressedVgg(nn.Module):
    """VGG-19 with a sixteenth of the weights (Wang et al., "Collaborative Distillation", CVPR 2020), from an .npz.

    The file holds `conv0` (a 1×1 convolution from RGB in 0..1 to the network's input) and `conv11` … `conv51`, each
    with `.weight` and `.bias`. Nothing here trains.

    Raises:
        NetworkError: the file cannot be read or is not such a file.
    """

    SPREAD = (6.287, 6.925, 3.615, 1.640, 2.782)

    def __init__(self, file: Path) -> None:
        super().__init__()
        names = ["conv0", *(f"conv{step}" for step in _PLAN if step != "pool")]
        try:
            with np.load(file, allow_pickle=False) as arrays:
                for name in names:
                    for kind in ("weight", "bias"):
                        array = arrays[f"{name}.{kind}"].astype(np.float32)
                        self.register_buffer(f"{name}_{kind}", torch.from_numpy(array))
        except (OSError, KeyError, ValueError, EOFError) as error:
            raise NetworkError(f"'{file}' does not hold the features of a compressed VGG-19 ({error}).") from error

    def forward(self, picture: Tensor) -> list[Tensor]:
        """See `Features`."""
        out: list[Tensor] = []
        x = self._convolve("conv0", picture, 0)
        for step in _PLAN:
            if step == "pool":
                x = F.max_pool2d(x, 2)
                continue
            x = F.relu(self._convolve(f"conv{step}", x, 1))
            if step.endswith("1"):
                out.append(x.float() / self.SPREAD[len(out)])
        return out

    def _convolve(self, name: str, x: Tensor, padding: int) -> Tensor:
        if padding:
            x = F.pad(x, (padding,) * 4, mode="reflect")
        return F.conv2d(x, self.get_buffer(f"{name}_weight"), self.get_buffer(f"{name}_bias"))


class Vgg19(nn.Module):
    """VGG-19 with torchvision's ImageNet weights, which are downloaded once into torch's cache. Nothing here trains.

    Call `measure` with photographs before the first use: until then the spreads are 1.

    Raises:
        NetworkError: the weights are not in the cache and cannot be downloaded.
    """

    _TAKEN = (1, 6, 11, 20, 29)  # relu1_1 … relu5_1 among torchvision's layers

    def __init__(self) -> None:
        super().__init__()
        from torchvision.models import VGG19_Weights, vgg19

        try:
            layers = vgg19(weights=VGG19_Weights.IMAGENET1K_V1, progress=False).features
        except (OSError, RuntimeError) as error:
            raise NetworkError(
                f"The weights of VGG-19 cannot be downloaded ({error}); connect to the internet once, "
                "or name a file of features with --features."
            ) from error
        self.take(layers)

    def take(self, layers: Iterable[nn.Module]) -> None:
        """Use the layers of a torchvision VGG-19."""
        self.layers = nn.ModuleList(list(layers)[: self._TAKEN[-1] + 1]).eval().requires_grad_(requires_grad=False)
        for layer in self.layers:
            if isinstance(layer, nn.ReLU):
                layer.inplace = False
            if isinstance(layer, nn.Conv2d):
                layer.padding_mode = "reflect"  # zeros would be seen as an edge around the picture
                layer._reversed_padding_repeated_twice = [1, 1, 1, 1]
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406])[:, None, None])
        self.register_buffer("deviation", torch.tensor([0.229, 0.224, 0.225])[:, None, None])
        self.register_buffer("spread", torch.ones(len(LAYERS)))

    @torch.no_grad()
    def measure(self, photographs: Tensor) -> None:
        """Set the spreads from (B, 3, H, W) RGB in 0..1."""
        self.get_buffer("spread").fill_(1)
        spreads = [(f - f.mean((2, 3), keepdim=True)).square().mean().sqrt() for f in self(photographs)]
        self.get_buffer("spread").copy_(torch.stack(spreads))

    def forward(self, picture: Tensor) -> list[Tensor]:
        """See `Features`."""
        out: list[Tensor] = []
        x = (picture - self.get_buffer("mean")) / self.get_buffer("deviation")
        for index, layer in enumerate(self.layers):
            x = cast("Tensor", layer(x))
            if index in self._TAKEN:
                out.append(x.float() / self.get_buffer("spread")[len(out)])
        return out
