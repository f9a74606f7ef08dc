"""What a network is trained for: the terms of StyTR-2 (Deng et al., CVPR 2022, section 3.3), steadiness, fine colours.

Features are lists of (B, C, H, W), relu1_1 … relu5_1, each already divided by its spread. Every term is a mean over
the pictures of the batch, so that the mean over processes is the term of their joint batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

OCTAVES = 3
"""Octaves of colour that are compared; coarser colour is what a style is about, and features see it."""
FAINT = 0.002
"""Deviation of the finest one in paintings, and in photographs, about; the next have twice as much each."""


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
    terms = []
    for o, s in zip(output, style, strict=True):
        terms.append(F.mse_loss(o.mean((2, 3)), s.mean((2, 3))))
        terms.append(F.mse_loss((o.var((2, 3)) + 1e-5).sqrt(), (s.var((2, 3)) + 1e-5).sqrt()))
    return torch.stack(terms).sum()


def colour_loss(output: Tensor, style: Tensor) -> Tensor:
    """Squared distance of the contrasts of fine colour, (B, 3, H, W) each: features hardly see what is blue and fine.

    Colour is blue and red less luma; its contrasts are the deviations of the finest octaves, each in its usual unit.
    """
    return F.mse_loss(_fine_colour(output), _fine_colour(style))


def _fine_colour(picture: Tensor) -> Tensor:
    """Deviation of each octave of blue and of red in its usual unit, finest first: (B, 2 · OCTAVES)."""
    red, green, blue = picture.unbind(1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    colour, found = torch.stack([0.564 * (blue - luma), 0.713 * (red - luma)], 1), []
    for octave in range(OCTAVES):
        band = colour - F.avg_pool2d(colour, 3, 1, 1, count_include_pad=False)
        found.append((band.square().mean((2, 3)) + 1e-8).sqrt() / (FAINT * 2**octave))
        colour = F.avg_pool2d(colour, 2)
    return torch.cat(found, 1)


def identity_pixel_loss(output: Tensor, picture: Tensor) -> Tensor:
    """Equation 10, first term: a picture in its own style stays as it is, in pixels."""
    return F.mse_loss(output, picture)


def identity_feature_loss(output: Sequence[Tensor], picture: Sequence[Tensor]) -> Tensor:
    """Equation 10, second term: the same in features of every layer."""
    return torch.stack([F.mse_loss(o, p) for o, p in zip(output, picture, strict=True)]).sum()


def repeat_loss(again: Tensor, first: Tensor) -> Tensor:
    """Mean absolute change of a picture by all rounds after its first: none, where content does not leak."""
    return (again - first).abs().mean()


def temporal_loss(later: Tensor, moved: Tensor, visible: Tensor) -> Tensor:
    """Mean absolute difference of stylising what moved and moving what was stylised.

    Both (B, 3, H, W), compared where `visible`, (B, 1, H, W), is 1; each picture weighs the same.
    """
    difference = ((later - moved).abs().mean(1, keepdim=True) * visible).sum((1, 2, 3))
    return (difference / visible.sum((1, 2, 3)).clamp(min=1)).mean()


def flat_loss(later: Tensor, output: Tensor, content: Tensor, visible: Tensor) -> Tensor:
    """The same, where the content is flat: there the eye sees every tremble.

    `later` and `output` as in `temporal_loss`; `content` (B, 3, H, W) tells where it is flat.
    """
    contrast = F.avg_pool2d((content - F.avg_pool2d(content, 5, 1, 2)).abs().mean(1, keepdim=True), 5, 1, 2)
    return temporal_loss(later, output, visible * (contrast < 0.01).float())
