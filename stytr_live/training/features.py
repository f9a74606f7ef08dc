"""Image features in which losses are measured: VGG-19, or a compressed stand-in, up to relu5_1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stytr_live.errors import NetworkError

if TYPE_CHECKING:
    from pathlib import Path

LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
_PLAN = ("11", "12", "pool", "21", "22", "pool", "31", "32", "33", "34", "pool", "41", "42", "43", "44", "pool", "51")


class CompressedVgg(nn.Module):
    """VGG-19 with a sixteenth of the weights (Wang et al., "Collaborative Distillation", CVPR 2020), from an .npz.

    The file holds `conv0` (a 1×1 convolution from RGB in 0..1 to the network's input) and `conv11` … `conv51`, each
    with `.weight` and `.bias`. Each layer's features are divided by their spread over natural photographs (`SPREAD`).
    Nothing here trains.

    Raises:
        NetworkError: the file cannot be read or is not such a file.
    """

    SPREAD = (6.287, 6.925, 3.615, 1.640, 2.782)
    """Root mean square of (feature − its spatial mean) over photographs, one figure a layer."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        names = ["conv0", *(f"conv{step}" for step in _PLAN if step != "pool")]
        try:
            with np.load(file, allow_pickle=False) as arrays:
                for name in names:
                    for kind in ("weight", "bias"):
                        self.register_buffer(
                            f"{name}_{kind}", torch.from_numpy(arrays[f"{name}.{kind}"].astype(np.float32))
                        )
        except (OSError, KeyError, ValueError, EOFError) as error:
            raise NetworkError(f"'{file}' does not hold the features of a compressed VGG-19 ({error}).") from error

    def forward(self, picture: Tensor) -> list[Tensor]:
        """(B, 3, H, W) RGB in 0..1 → five of (B, C_k, H / 2ᵏ, W / 2ᵏ), k = 0..4, each divided by its spread."""
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
