"""Random motion of a picture, to teach a network that stylising and moving commute."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

REACH = 8.0
"""How far pixels move at the most, about, in pixels."""
NUMBERS = 13
"""Random numbers that decide a motion and a sensor."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Where each pixel of the moved picture comes from."""

    grid: Tensor
    """(B, H, W, 2) sampling positions in -1..1, as `grid_sample` takes them."""

    @property
    def visible(self) -> Tensor:
        """(B, 1, H, W) 1 where the position lies inside the picture, else 0."""
        return (self.grid.abs() <= 1).all(-1)[:, None].float()

    def apply(self, picture: Tensor) -> Tensor:
        """Move (B, C, H, W)."""
        grid = self.grid.to(picture.dtype)
        return F.grid_sample(picture, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def motion_of(chance: Tensor, height: int, width: int) -> Motion:
    """Turn uniform random numbers in 0..1, (B, 13), into smooth motions of pictures of that size.

    A quarter of the pictures shifts by whole pixels, which needs no interpolation and so rewards no blur; the others
    shift, zoom, turn and bulge a little.
    """
    device, batch = chance.device, len(chance)
    u = (chance * 2 - 1).view(batch, NUMBERS, 1, 1)
    ys = (torch.arange(height, device=device) * 2 + 1) / height - 1
    xs = (torch.arange(width, device=device) * 2 + 1) / width - 1
    base = torch.stack(torch.meshgrid(ys, xs, indexing="ij")[::-1], -1)  # (H, W, 2), x first
    # Filled on the device: a tensor made of host numbers would have to cross over in every step.
    pixel = torch.stack([torch.full((), 2 / side, device=device) for side in (width, height)])

    def pair(first: int) -> Tensor:
        return torch.stack([u[:, first], u[:, first + 1]], -1)  # (B, 1, 1, 2)

    shift = pair(0) * REACH
    angle, zoom = u[:, 2] * math.radians(4), 1 + u[:, 3] * 0.05
    cos, sin = zoom * angle.cos(), zoom * angle.sin()  # (B, 1, 1)
    x, y = base[..., 0], base[..., 1]
    turned = torch.stack([cos * x - sin * y, sin * x + cos * y], -1)  # (B, H, W, 2)
    radius = 0.3 + 0.3 * chance[:, 8].view(batch, 1, 1, 1)
    hill = (-((base - 0.8 * pair(4)) / radius).square().sum(-1, keepdim=True)).exp()
    smooth = turned + (shift + pair(6) * (REACH / 2) * hill) * pixel
    whole = base + shift.round() * pixel
    return Motion(torch.where(chance[:, 9].view(batch, 1, 1, 1) < 0.25, whole, smooth))


def sensor(picture: Tensor, chance: Tensor, grain: Tensor, *, noise: float = 0.02, light: float = 0.03) -> Tensor:
    """Add what a camera adds between two frames: noise of up to that deviation, and a slight change of the light.

    Half of the noise is fine, as a sensor's, half in patches of four pixels, as what codecs leave of it. What comes out
    has 256 levels: where one ends and the next begins in a clear sky depends on the light, and must not be painted.

    Picture (B, 3, H, W) in 0..1, uniform random numbers (B, 13), normal random numbers `grain` like the picture.
    """
    share = chance.view(len(chance), NUMBERS, 1, 1)
    brightness = 1 + (share[:, 11:12] * 2 - 1) * light
    patches = F.interpolate(F.avg_pool2d(grain, 4), scale_factor=4.0, mode="bilinear") * 4
    seen = picture * brightness + (grain + patches) * (share[:, 10:11] * noise / 2)
    return seen.clamp(0, 1).mul(255).round().div(255)
