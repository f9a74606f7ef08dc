"""The small network: the principle of StyTR-2 at a cost that a laptop's processor can pay, linear in pixels.

As in StyTR-2 (Deng et al., CVPR 2022, section 3), content and style have a transformer encoder each, the content's
position code depends on the content, and the decoder attends to the style only, so that a style is encoded once. What
differs, and why:

- Tokens stand for 16×16 pixels and lie under a convolutional stem, because a plain projection of patches learns slowly.
- Layers are normalised before, not after (Xiong et al., ICML 2020), which trains without a long warm-up.
- Content attends to a fixed grid of pooled tokens, so the cost is linear in pixels.
- The decoder's attention gives the mean and the deviation of the attended style values (AdaAttN, Liu et al., ICCV
  2021).
- The stem's features at 1/8, 1/4 and 1/2 rejoin the picture with the style's means and deviations (AdaIN, Huang and
  Belongie, ICCV 2017), and the style as a whole scales and shifts the channels of the convolutions there.
- Pictures are blurred before they are made smaller (Zhang, "Making Convolutional Networks Shift-Invariant Again", ICML
  2019), and the last convolutions see every second pixel: what a network draws in steps of four pixels jumps from step
  to step while the picture moves evenly.
- What is faint and fine in the features at 1/4 and 1/2 is taken for noise and left out, as in coring (Simoncelli and
  Adelson, ICIP 1996): giving flat pictures the contrast of the style would make their noise flicker.
- A fixed grain of short strokes, like that of a canvas, gives flat areas something to paint with.
- The content itself is added through a gate, so that its finest detail need not pass through the network.
- The nearer the statistics of the content are to those of the style, the more of the content is left as it is: a
  picture that is painted already stays what it is, however often it is painted again (StyTR-2, section 4.3). How near
  is near depends on the two, so a small perceptron has a say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stytr_live.networks.network import Network, StyleCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


GRAIN = 4
"""Channels of the grain: the directions of its strokes."""
STROKE = 2.5, 0.8
"""Length and width of a stroke: deviations of a Gaussian, in cells of 4 pixels."""
TILE = 64
"""Side of the tile of grain that is repeated, in cells of 4 pixels."""


@dataclass(frozen=True, slots=True)
class LiteConfig:
    """Sizes of the small network."""

    width: int = 160
    """Channels of a token, at 1/16."""
    heads: int = 5
    eighth: int = 72
    """Channels at 1/8."""
    quarter: int = 40
    """Channels at 1/4."""
    half: int = 16
    """Channels at 1/2."""
    content_layers: int = 2
    style_layers: int = 2
    decoder_layers: int = 2
    grid: int = 8
    """Side of the grid of pooled content tokens, and of the position code, in cells."""
    summary: int = 128
    """Hidden channels between the style's statistics and the gains and offsets."""
    comparison: int = 64
    """Hidden channels of the comparison of the content's statistics with the style's."""

    def __post_init__(self) -> None:
        numbers = tuple(getattr(self, name) for name in self.__slots__)
        if any(not isinstance(n, int) or not 1 <= n <= 2048 for n in numbers):
            raise ValueError("every size must be a whole number from 1 to 2048")
        if self.width % self.heads or max(self.content_layers, self.style_layers, self.decoder_layers) > 64:
            raise ValueError("the width must be a multiple of the heads, with at most 64 layers")


class Lite(Network):
    """The small network.

    Its style code: keys (B, heads, M, d) and values with their squares (B, heads, M, 2 d) of each decoder layer, the
    bias on the logits (B, layers, heads, M), means and deviations at 1/8, 1/4 and 1/2 (B, 2, C, 1, 1), and all gains
    and offsets (B, G, 1, 1).
    """

    name = "lite"
    stride = 16
    style_side = 320
    style_tokens = 128
    # Flat areas get the contrast of the style after the first two, and what the last two round is seen to flicker.
    delicate = ("stem2", "stem4", "block2", "out")
    bytes_per_pixel = 320

    def __init__(self, config: LiteConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or LiteConfig()
        self.attended = 2 * c.decoder_layers
        self.stem2 = nn.Sequential(_even(3, c.half, 4), nn.ReLU())
        self.stem4 = nn.Sequential(_even(3, c.quarter, 6), nn.ReLU(), _conv(c.quarter, c.quarter), nn.ReLU())
        self.stem8 = nn.Sequential(_conv(c.quarter, c.eighth, 3, 2), nn.ReLU(), _conv(c.eighth, c.eighth), nn.ReLU())
        self.stem16 = _conv(c.eighth, c.width, 3, 2)
        self.noise = nn.Parameter(torch.full((c.quarter, 1, 1), -7.0))  # logarithms of what is faint
        self.noise2 = nn.Parameter(torch.full((c.half, 1, 1), -4.0))
        self.position = nn.Conv2d(c.width, c.width, 1)
        self.content_encoder = nn.ModuleList(
            EncoderLayer(c.width, c.heads, 2 * c.width, c.grid) for _ in range(c.content_layers)
        )
        self.style_encoder = nn.ModuleList(EncoderLayer(c.width, c.heads, 4 * c.width) for _ in range(c.style_layers))
        self.memory_norm = nn.LayerNorm(c.width)
        self.decoder = nn.ModuleList(DecoderLayer(c.width, c.heads, 4 * c.width) for _ in range(c.decoder_layers))
        self.norm = nn.LayerNorm(c.width)
        self.up8 = nn.Conv2d(c.width, c.eighth, 1)
        self.skip8 = nn.Conv2d(c.eighth, c.eighth, 1)
        self.block8 = ModulatedResidual(c.eighth)
        self.up4 = nn.Conv2d(c.eighth, c.quarter, 1)
        self.skip4 = nn.Conv2d(c.quarter, c.quarter, 1)
        self.block4a, self.block4b = ModulatedResidual(c.quarter), ModulatedResidual(c.quarter)
        self.weave = nn.Conv2d(GRAIN, c.quarter, 1, bias=False)
        self.register_buffer("grain", _grain(GRAIN, TILE).to(torch.get_default_device()))
        self.up2 = nn.Conv2d(c.quarter, c.half, 1)
        self.skip2 = nn.Conv2d(c.half, c.half, 1)
        self.block2 = ModulatedResidual(c.half)
        self.out, self.gate = Subpixels(c.half), nn.Conv2d(c.half, 3, 1)
        self.distance = nn.Parameter(torch.full((2, c.eighth + c.quarter), 4.0))  # logarithms of weights
        compared = nn.Linear(c.comparison, 1)
        self.comparison = nn.Sequential(nn.Linear(2 * (c.eighth + c.quarter), c.comparison), nn.ReLU(), compared)
        self.gains = [c.eighth, c.quarter, c.quarter, c.half]  # channels of each modulated block
        statistics = 2 * (c.quarter + c.eighth + c.width)
        last = nn.Linear(c.summary, 2 * sum(self.gains))
        self.summary = nn.Sequential(nn.LayerNorm(statistics), nn.Linear(statistics, c.summary), nn.ReLU(), last)
        with torch.no_grad():  # start as a soft AdaIN: no modulation, half of the content's detail, mid-grey otherwise
            for parameter in (*last.parameters(), *compared.parameters(), self.gate.weight):
                parameter.zero_()
            cast("Tensor", self.gate.bias).fill_(0.5)
            self.out.weight *= 0.5
            self.weave.weight *= 0.02

    def encode_style(self, style: Tensor) -> StyleCode:
        """(B, 3, H, W) in 0..1 → the code that the class describes."""
        self.check(style)
        f2, f4, f8, f16 = self._stem(style)
        x = f16.flatten(2).transpose(1, 2)  # (B, M, width)
        for layer in self.style_encoder:
            x = layer(x, None, f16.shape[-2:])
        memory = self.memory_norm(x)
        code: list[Tensor] = []
        for layer in cast("Iterable[DecoderLayer]", self.decoder):
            code += layer.keys_values(memory)
        m4, m8 = moments(f4), moments(f8)
        mean, deviation = memory.mean(1), memory.std(1, correction=0)  # (B, width) each
        modulation = self.summary(torch.cat([m4.flatten(1), m8.flatten(1), mean, deviation], 1))[..., None, None]
        bias = x.new_zeros(x.shape[0], len(self.decoder), self.config.heads, x.shape[1])
        return *code, bias, m8, m4, moments(f2), modulation

    def forward(self, content: Tensor, *code: Tensor) -> Tensor:
        """(B, 3, H, W) in 0..1 → (B, 3, H, W), not clipped."""
        self.check(content)
        m8, m4, m2, modulation = code[self.attended + 1 :]
        f2, f4, f8, f16 = self._stem(content)
        y = self._attend(f16, *code)
        gains, offsets = modulation.chunk(2, 1)
        g8, g4a, g4b, g2 = gains.split(self.gains, 1)
        o8, o4a, o4b, o2 = offsets.split(self.gains, 1)
        own8, own4 = moments(f8), moments(f4)
        y = double(self.up8(y)) + self.skip8(restyle(f8, own8, m8))  # (B, eighth, H / 8, W / 8)
        y = self.block8(y, g8, o8)
        y = double(self.up4(y)) + self.skip4(restyle(f4, own4, m4))  # (B, quarter, H / 4, W / 4)
        y = y + self.weave(self._canvas(y.shape[-2:]))
        y = self.block4b(self.block4a(y, g4a, o4a), g4b, o4b)
        y = double(self.up2(y)) + self.skip2(restyle(f2, moments(f2), m2))  # (B, half, H / 2, W / 2)
        y = self.block2(y, g2, o2)
        gate = F.interpolate(self.gate(y), scale_factor=2, mode="nearest")
        painted = F.pixel_shuffle(self.out(y), 2) + gate * (content - 0.5) + 0.5
        return content + self.share(torch.cat([own8, own4], 2), torch.cat([m8, m4], 2)) * (painted - content)

    def queries(self, content: Tensor, *code: Tensor) -> list[Tensor]:
        """What the content (B, 3, H, W) asks in each decoder layer: (B, heads, N, d) each."""
        asked: list[Tensor] = []
        self._attend(self._stem(content)[3], *code, asked=asked)
        return asked

    def _attend(self, features: Tensor, *code: Tensor, asked: list[Tensor] | None = None) -> Tensor:
        """The content's features at 1/16 (B, width, h, w), made of the style's tokens → the same shape.

        The queries of all decoder layers are appended to `asked`.
        """
        tokens, bias = code[: self.attended], code[self.attended]
        grid = features.shape[-2:]
        pooled = F.adaptive_avg_pool2d(features, self.config.grid)  # (B, width, 8, 8)
        position = F.interpolate(self.position(pooled), size=grid, mode="bilinear").flatten(2).transpose(1, 2)
        x = features.flatten(2).transpose(1, 2)  # (B, N, width)
        for layer in self.content_encoder:
            x = layer(x, position, grid)
        for i, layer in enumerate(self.decoder):
            x = layer(x, position, tokens[2 * i], tokens[2 * i + 1], bias[:, i], asked=asked)
        return self.norm(x).transpose(1, 2).unflatten(2, grid)

    def _canvas(self, size: Sequence[int]) -> Tensor:
        """(1, GRAIN, h, w) the grain of a canvas of that size (h, w)."""
        height, width = (-(-side // TILE) for side in size)
        return cast("Tensor", self.grain).repeat(1, 1, height, width)[..., : size[0], : size[1]]

    def share(self, own: Tensor, style: Tensor) -> Tensor:
        """How much is painted, (B, 1, 1, 1) in 0..1, from the moments of the content and the style, (B, 2, C, 1, 1).

        It grows with the distance of the moments, which the comparison stretches or shrinks: a painting of a dark
        photograph may be farther from its style than a photograph is that resembles it.
        """
        own, style = own[..., 0, 0], style[..., 0, 0]  # (B, 2, C)
        squared = ((own - style).square() * self.distance.exp()).sum((1, 2))
        shift, scale = (own[:, 0] - style[:, 0]) / style[:, 1], (own[:, 1] / style[:, 1]).log()
        squared = squared * (self.comparison(torch.cat([F.softsign(shift), F.softsign(scale)], 1))[:, 0]).exp()
        return 1 - torch.exp(-squared.square())[:, None, None, None]

    def _stem(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(B, 3, H, W) → features at 1/2, 1/4, 1/8 and 1/16."""
        x = (picture - 0.5) * 4
        f2 = core(self.stem2(x), self.noise2.exp())
        f4 = core(self.stem4(halve(x)), self.noise.exp())
        f8 = self.stem8(f4)
        return f2, f4, f8, self.stem16(f8)


class EncoderLayer(nn.Module):
    """Pre-norm self-attention and feed-forward; with a grid, keys and values are tokens pooled to it."""

    def __init__(self, width: int, heads: int, hidden: int, grid: int | None = None) -> None:
        super().__init__()
        self.heads, self.grid = heads, grid
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.q, self.kv, self.proj = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)
        self.feedforward = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))

    def forward(self, x: Tensor, position: Tensor | None, shape: Sequence[int]) -> Tensor:
        """Tokens (B, N, width) on a grid of `shape` (h, w), and their position code or None → (B, N, width)."""
        n = self.norm1(x)
        placed = n if position is None else n + position
        source = placed
        if self.grid is not None:
            source = (
                F.adaptive_avg_pool2d(placed.transpose(1, 2).unflatten(2, tuple(shape)), self.grid)
                .flatten(2)
                .transpose(1, 2)
            )
        k, v = (split(t, self.heads) for t in self.kv(source).chunk(2, -1))
        y = F.scaled_dot_product_attention(split(self.q(placed), self.heads), k, v)  # (B, heads, N, d)
        x = x + self.proj(y.transpose(1, 2).flatten(2))
        return x + self.feedforward(self.norm2(x))


class DecoderLayer(nn.Module):
    """Pre-norm attention to the style, which gives mean and deviation of the attended values, and feed-forward."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.q, self.k, self.v, self.content, self.proj = (nn.Linear(width, width) for _ in range(5))
        self.feedforward = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))

    def keys_values(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Style tokens (B, M, width) → keys (B, heads, M, d), values beside their squares (B, heads, M, 2 d)."""
        v = split(self.v(memory), self.heads)
        return split(self.k(memory), self.heads), torch.cat([v, v.square()], -1)

    def forward(
        self,
        x: Tensor,
        position: Tensor,
        keys: Tensor,
        values: Tensor,
        bias: Tensor,
        *,
        asked: list[Tensor] | None,
    ) -> Tensor:
        """Content tokens (B, N, width), their position code, a style's keys, values, bias (B, heads, M) → as the first.

        The queries are appended to `asked`.
        """
        n = self.norm1(x)
        q = split(self.q(n + position), self.heads)
        if asked is not None:
            asked.append(q)
        logits = q * (keys.shape[-1] ** -0.5) @ keys.transpose(-1, -2) + bias[:, :, None]
        weights = torch.softmax(logits, -1)  # (B, heads, N, M)
        mean, square = (weights @ values).chunk(2, -1)  # (B, heads, N, d) each
        deviation = (F.relu(square - mean.square()) + 1e-3).sqrt()
        y = mean + deviation * split(self.content(n), self.heads)
        x = x + self.proj(y.transpose(1, 2).flatten(2))
        return x + self.feedforward(self.norm2(x))


class Subpixels(nn.Conv2d):
    """A 3×3 convolution that gives the 2×2 pixels of each cell, in 3 colours.

    Where what it sees is flat, all pixels of a cell are alike: free weights would weave the grid of cells into the sky.
    """

    def __init__(self, i: int) -> None:
        """`i` channels."""
        super().__init__(i, 12, 3, padding=1, padding_mode="reflect")

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  (as torch has it)
        """(B, C, H, W) → (B, 12, H, W)."""
        w = self.weight.reshape(3, 4, -1, 9)  # a flat channel is seen in all places alike
        flat = w.sum(-1, keepdim=True)
        even = w - (flat - flat.mean(1, keepdim=True)) / 9
        bias = cast("Tensor", self.bias).view(3, 4).mean(1, keepdim=True).expand(3, 4).flatten()
        return self._conv_forward(input, even.reshape(self.weight.shape), bias)


class ModulatedResidual(nn.Module):
    """Two 3×3 convolutions with a residual; the style scales and shifts the channels between them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = _conv(channels, channels), _conv(channels, channels)
        with torch.no_grad():
            self.second.weight.mul_(0.3)  # start near the identity

    def forward(self, x: Tensor, gain: Tensor, offset: Tensor) -> Tensor:
        """(B, C, H, W), gain and offset (B, C, 1, 1) → (B, C, H, W)."""
        y: Tensor = self.second(F.relu(self.first(x) * (1 + gain) + offset))
        return x + y


def _grain(channels: int, side: int) -> Tensor:
    """(1, C, side, side) noise of mean 0 and deviation 1 in short strokes, of another direction in each channel.

    It repeats without a seam. Noise in single cells would be painted as dots in a grid.
    """
    # On the processor even where the network is made without memory: random numbers there import PyTorch's compiler.
    noise = torch.randn((1, channels, side, side), generator=torch.Generator().manual_seed(0), device="cpu")
    reach = 7
    y, x = torch.meshgrid(*2 * [torch.arange(-reach, reach + 1, dtype=torch.float32, device="cpu")], indexing="ij")
    angles = [math.pi * i / channels for i in range(channels)]
    along, across = (torch.stack([math.cos(a + t) * x + math.sin(a + t) * y for a in angles]) for t in (0, math.pi / 2))
    kernels = torch.exp(-(along / STROKE[0]).square() / 2 - (across / STROKE[1]).square() / 2)[:, None]
    strokes = F.conv2d(F.pad(noise, (reach,) * 4, mode="circular"), kernels, groups=channels)
    return (strokes - strokes.mean((2, 3), keepdim=True)) / strokes.std((2, 3), keepdim=True)


def halve(x: Tensor) -> Tensor:
    """(B, C, h, w) → (B, C, h / 2, w / 2), blurred first: what is too fine to move evenly must not come through."""
    # Filled on the device: a tensor made of host numbers would have to cross over with every frame.
    row = torch.cat([x.new_full((n,), level / 8) for n, level in ((1, 1), (2, 3), (1, 1))])
    kernel = (row[:, None] * row).expand(x.shape[1], 1, 4, 4)
    return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), kernel, stride=2, groups=x.shape[1])


def double(x: Tensor) -> Tensor:
    """(B, C, h, w) → (B, C, 2 h, 2 w), linearly: learned subpixels would weave the grid of tokens into flat areas."""
    return F.interpolate(x, scale_factor=2, mode="bilinear")


def core(x: Tensor, least: Tensor) -> Tensor:
    """Take what is finer than three pixels and fainter than `least`, (C, 1, 1), out of (B, C, H, W)."""
    coarse = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
    fine = x - coarse
    return coarse + F.relu(fine - least) - F.relu(-fine - least)


def split(x: Tensor, heads: int) -> Tensor:
    """(B, N, heads · d) → (B, heads, N, d)."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def moments(x: Tensor) -> Tensor:
    """(B, C, H, W) → means and deviations over the picture, (B, 2, C, 1, 1)."""
    mean = x.mean((2, 3), keepdim=True)
    deviation = ((x - mean).square().mean((2, 3), keepdim=True) + 1e-5).sqrt()
    return torch.stack([mean, deviation], 1)


def restyle(x: Tensor, own: Tensor, target: Tensor) -> Tensor:
    """Give the channels of (B, C, H, W), whose means and deviations are `own`, those of `target`, (B, 2, C, 1, 1)."""
    scale = target[:, 1] / own[:, 1]
    return x * scale + (target[:, 0] - own[:, 0] * scale)


def _conv(i: int, o: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    """A convolution that pads by reflection: zeros would leave a bright or dark border."""
    return nn.Conv2d(i, o, kernel, stride, padding=kernel // 2, padding_mode="reflect")


def _even(i: int, o: int, kernel: int) -> nn.Conv2d:
    """A convolution to half the size, of an even kernel: its cells and those of the picture have the same centres."""
    return nn.Conv2d(i, o, kernel, 2, padding=kernel // 2 - 1, padding_mode="reflect")
