"""What the network is trained for: the terms of StyTR-2 (Deng et al., CVPR 2022, section 3.3) and steadiness in time.

Features are lists of (B, C, H, W), relu1_1 … relu5_1, each already divided by its spread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence


def normalise(x: Tensor) -> Tensor:
    """Zero mean and unit deviation of each channel over the picture, (B, C, H, W)."""
    mean = x.mean((2, 3), keepdim=True)
    return (x - mean) / (x.var((2, 3), keepdim=True) + 1e-5).sqrt()


def content_loss(output: Sequence[Tensor], content: Sequence[Tensor]) -> Tensor:
    """Equation 8: squared distance of normalised relu4_1 and relu5_1."""
    terms = [F.mse_loss(normalise(output[k]), normalise(content[k])) for k in (3, 4)]
    return torch.stack(terms).sum()


def style_loss(output: Sequence[Tensor], style: Sequence[Tensor]) -> Tensor:
    """Equation 9: squared distance of the means and of the deviations of every layer."""
    return style_losses(output, style).mean()


def style_losses(output: Sequence[Tensor], style: Sequence[Tensor]) -> Tensor:
    """Equation 9 for each picture of the batch, (B,)."""
    total = output[0].new_zeros(output[0].shape[0])
    for o, s in zip(output, style, strict=True):
        mean = (o.mean((2, 3)) - s.mean((2, 3))).square().mean(1)
        deviations = [(x.var((2, 3)) + 1e-5).sqrt() for x in (o, s)]
        total = total + mean + (deviations[0] - deviations[1]).square().mean(1)
    return total


def identity_pixel_loss(output: Tensor, picture: Tensor) -> Tensor:
    """Equation 10, first term: a picture in its own style stays as it is, in pixels."""
    return F.mse_loss(output, picture)


def identity_feature_loss(output: Sequence[Tensor], picture: Sequence[Tensor]) -> Tensor:
    """Equation 10, second term: the same in features of every layer."""
    return torch.stack([F.mse_loss(o, p) for o, p in zip(output, picture, strict=True)]).sum()


def temporal_loss(later: Tensor, moved: Tensor, visible: Tensor) -> Tensor:
    """Mean absolute difference of stylising what moved and moving what was stylised.

    Both (B, 3, H, W), compared where `visible`, (B, 1, H, W), is 1.
    """
    weight = visible.sum() * later.shape[1]
    return ((later - moved).abs() * visible).sum() / weight.clamp(min=1)
