"""Random motion of a picture, to teach a network that stylising and moving commute."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Motion:
    """Where each pixel of the moved picture comes from."""

    grid: Tensor
    """(B, H, W, 2) sampling positions in -1..1, as `grid_sample` takes them."""
    visible: Tensor
    """(B, 1, H, W) 1 where the position lies inside the picture, else 0."""

    def apply(self, picture: Tensor) -> Tensor:
        """Move (B, C, H, W)."""
        return F.grid_sample(
            picture, self.grid.to(picture.dtype), mode="bilinear", padding_mode="reflection", align_corners=False
        )


def random_motion(batch: int, height: int, width: int, *, generator: torch.Generator, reach: float = 8.0) -> Motion:
    """Draw smooth motions of up to about `reach` pixels.

    Half of the pictures shift by whole pixels, which needs no interpolation and so rewards no blur; the others shift,
    zoom, turn and bulge a little.
    """
    device = generator.device

    def uniform(*shape: int, scale: float = 1.0) -> Tensor:
        return (torch.rand(shape, generator=generator, device=device) * 2 - 1) * scale

    ys = (torch.arange(height, device=device) * 2 + 1) / height - 1
    xs = (torch.arange(width, device=device) * 2 + 1) / width - 1
    base = torch.stack(torch.meshgrid(ys, xs, indexing="ij")[::-1], -1)  # (H, W, 2), x first
    pixel = torch.tensor([2 / width, 2 / height], device=device)
    shift = uniform(batch, 1, 1, 2, scale=reach)
    whole = (torch.rand((batch, 1, 1, 1), generator=generator, device=device) < 0.5).float()
    angle, zoom = uniform(batch, scale=math.radians(4)), 1 + uniform(batch, scale=0.05)
    cos, sin = zoom * angle.cos(), zoom * angle.sin()
    turn = torch.stack([torch.stack([cos, -sin], -1), torch.stack([sin, cos], -1)], -2)  # (B, 2, 2)
    centre, radius = uniform(batch, 1, 1, 2, scale=0.8), 0.3 + 0.3 * uniform(batch, 1, 1, 1).abs()
    bump = uniform(batch, 1, 1, 2, scale=reach / 2) * (-((base - centre) / radius).square().sum(-1, keepdim=True)).exp()
    smooth = torch.einsum("hwi,bji->bhwj", base, turn) + (shift + bump) * pixel
    grid = whole * (base + shift.round() * pixel) + (1 - whole) * smooth
    visible = ((grid.abs() <= 1).all(-1)[:, None]).float()
    return Motion(grid, visible)


def sensor(picture: Tensor, *, generator: torch.Generator, noise: float = 0.02, light: float = 0.03) -> Tensor:
    """Add what a camera adds between two frames: noise of up to that deviation, and a slight change of the light."""
    share = torch.rand((2, picture.shape[0], 1, 1, 1), generator=generator, device=picture.device)
    grain = torch.randn(picture.shape, generator=generator, device=picture.device) * share[0] * noise
    return (picture * (1 + (share[1] * 2 - 1) * light) + grain).clamp(0, 1)
