"""StyTR-2, the network of the paper.

Deng et al., "StyTr²: Image Style Transfer with Transformers", CVPR 2022, arXiv 2105.14576. Differences from the
published code, none of which changes a result where that code is right:

- What depends on the style alone is computed once: the style encoder, and the keys and values of all six decoder
  attentions (both attentions of a decoder layer attend to the style, section 3.2, equation 6).
- The position code lies on the content's grid, not the style's, and tokens are folded back to that grid, so content
  and style may have any size that is a multiple of the patch.
- Attention weights are never stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stytr_live.errors import NetworkError
from stytr_live.networks.network import Network, StyleCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class StyTr2Config:
    """Sizes; the defaults are the paper's (section 4.1)."""

    width: int = 512
    """Channels of a token."""
    heads: int = 8
    feedforward: int = 2048
    """Hidden channels of a layer's feed-forward part."""
    encoder_layers: int = 3
    decoder_layers: int = 3
    patch: int = 8
    """Side of the square a token stands for, in pixels; the CNN decoder doubles three times, so it is 8."""
    position_grid: int = 18
    """Side of the grid on which the position code is computed, in cells."""
    channels: tuple[int, int, int] = (256, 128, 64)
    """Channels of the CNN decoder at 1/8 and 1/4, 1/2, and full resolution."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", tuple(self.channels))
        numbers = (
            self.width,
            self.heads,
            self.feedforward,
            self.encoder_layers,
            self.decoder_layers,
            self.position_grid,
        )
        if min(*numbers, *self.channels) < 1 or len(self.channels) != 3:
            raise ValueError("every size must be a positive number, with three numbers of channels")
        if max(*numbers, *self.channels) > 8192 or max(self.encoder_layers, self.decoder_layers) > 64:
            raise ValueError("a size is beyond any network this program can run")
        if self.patch != 8 or self.width % self.heads:
            raise ValueError("the patch must be 8, and the width a multiple of the heads")


class Attention(nn.Module):
    """Multi-head attention (section 3.2, equations 2 and 3) with keys and values that can be computed ahead."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.out = (nn.Linear(width, width) for _ in range(4))

    def split(self, x: Tensor) -> Tensor:
        """(B, N, width) → (B, heads, N, width / heads)."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def keys_values(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """(B, N, width) twice → (B, heads, N, width / heads) twice."""
        return self.split(self.k(key)), self.split(self.v(value))

    def forward(
        self,
        query: Tensor,
        keys: Tensor,
        values: Tensor,
        bias: Tensor | None = None,
        asked: list[Tensor] | None = None,
    ) -> Tensor:
        """Query (B, N, width), keys and values from `keys_values`, bias on the logits (B, heads, M) → (B, N, width).

        The split query is appended to `asked`.
        """
        q = self.split(self.q(query))
        if asked is not None:
            asked.append(q)
        b = q.shape[0]
        if keys.shape[0] != b:
            keys, values = keys.expand(b, -1, -1, -1), values.expand(b, -1, -1, -1)
        if bias is not None:
            bias = bias.to(q.dtype)[:, :, None].expand(b, -1, q.shape[2], -1)
        x = F.scaled_dot_product_attention(q, keys, values, attn_mask=bias)  # (B, heads, N, width / heads)
        return self.out(x.transpose(1, 2).flatten(2))


class FeedForward(nn.Sequential):
    """max(0, x W₁ + b₁) W₂ + b₂ (section 3.2, below equation 4)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, each followed by addition and normalisation (section 3.2, equation 5)."""

    def __init__(self, c: StyTr2Config) -> None:
        super().__init__()
        self.attention = Attention(c.width, c.heads)
        self.feedforward = FeedForward(c.width, c.feedforward)
        self.norm1, self.norm2 = nn.LayerNorm(c.width), nn.LayerNorm(c.width)

    def forward(self, x: Tensor, position: Tensor | None) -> Tensor:
        """(B, N, width) and the position code of the same shape, or None for the style → (B, N, width)."""
        placed = x if position is None else x + position
        x = self.norm1(x + self.attention(placed, *self.attention.keys_values(placed, x)))
        return self.norm2(x + self.feedforward(x))


class DecoderLayer(nn.Module):
    """Two attentions to the style and a feed-forward part (section 3.2, equation 6)."""

    def __init__(self, c: StyTr2Config) -> None:
        super().__init__()
        self.first, self.second = Attention(c.width, c.heads), Attention(c.width, c.heads)
        self.feedforward = FeedForward(c.width, c.feedforward)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(c.width) for _ in range(3))

    def keys_values(self, memory: Tensor) -> StyleCode:
        """Style tokens (B, M, width) → keys and values of both attentions, four of (B, heads, M, width / heads)."""
        return *self.first.keys_values(memory, memory), *self.second.keys_values(memory, memory)

    def forward(
        self,
        x: Tensor,
        position: Tensor,
        code: Sequence[Tensor],
        bias: Tensor,
        asked: list[Tensor] | None = None,
    ) -> Tensor:
        """(B, N, width), its position code, the four of `keys_values`, bias (B, 2, heads, M) → (B, N, width).

        The queries of both attentions are appended to `asked`.
        """
        k1, v1, k2, v2 = code
        x = self.norm1(x + self.first(x + position, k1, v1, bias[:, 0], asked))
        x = self.norm2(x + self.second(x + position, k2, v2, bias[:, 1], asked))
        return self.norm3(x + self.feedforward(x))


class PictureDecoder(nn.Module):
    """Tokens to picture: 3×3 convolutions with reflection padding and three doublings (section 3.2, last paragraph)."""

    def __init__(self, c: StyTr2Config) -> None:
        super().__init__()
        high, middle, low = c.channels
        widths = (c.width, high, high, high, high, middle, middle, low, low, 3)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(i, o, 3, padding=1, padding_mode="reflect") for i, o in pairwise(widths)
        )
        self.doublings = (1, 5, 7)  # before these convolutions

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, h, w) → (B, 3, 8 h, 8 w)."""
        last = len(self.convolutions) - 1
        for i, convolution in enumerate(self.convolutions):
            if i in self.doublings:
                x = F.interpolate(x, scale_factor=2, mode="nearest")
            x = convolution(x)
            if i < last:
                x = F.relu(x)
        return x


class StyTr2(Network):
    """The network of the paper. Its style code: keys and values of all decoder attentions, and a bias on the logits."""

    name = "stytr2"
    style_tokens = 256
    bytes_per_pixel = 1400

    def __init__(self, config: StyTr2Config | None = None) -> None:
        super().__init__()
        self.config = c = config or StyTr2Config()
        self.stride = c.patch
        self.attended = 4 * c.decoder_layers
        self.embedding = nn.Conv2d(3, c.width, c.patch, stride=c.patch)
        self.position = nn.Conv2d(c.width, c.width, 1)
        self.content_encoder = nn.ModuleList(EncoderLayer(c) for _ in range(c.encoder_layers))
        self.style_encoder = nn.ModuleList(EncoderLayer(c) for _ in range(c.encoder_layers))
        self.decoder = nn.ModuleList(DecoderLayer(c) for _ in range(c.decoder_layers))
        self.norm = nn.LayerNorm(c.width)
        self.picture = PictureDecoder(c)

    def encode_style(self, style: Tensor) -> StyleCode:
        """(B, 3, H, W) in 0..1 → per decoder layer four (B, heads, M, width / heads); bias (B, 2 layers, heads, M)."""
        self.check(style)
        x = self.embedding(style).flatten(2).transpose(1, 2)  # (B, M, width)
        for layer in self.style_encoder:
            x = layer(x, None)
        code = [tensor for layer in cast("Iterable[DecoderLayer]", self.decoder) for tensor in layer.keys_values(x)]
        return *code, x.new_zeros(x.shape[0], len(code) // 2, self.config.heads, x.shape[1])

    def forward(self, content: Tensor, *code: Tensor) -> Tensor:
        """(B, 3, H, W) in 0..1 → (B, 3, H, W), not clipped."""
        return self.picture(self.features(content, *code))

    def queries(self, content: Tensor, *code: Tensor) -> list[Tensor]:
        """What the content (B, 3, H, W) asks in each decoder attention: (B, heads, N, width / heads) each."""
        asked: list[Tensor] = []
        self.features(content, *code, asked=asked)
        return asked

    def features(self, content: Tensor, *code: Tensor, asked: list[Tensor] | None = None) -> Tensor:
        """What the transformer decoder gives: (B, 3, H, W) → (B, width, H / 8, W / 8).

        The queries of all decoder attentions are appended to `asked`.
        """
        self.check(content)
        embedded = self.embedding(content)  # (B, width, h, w)
        h, w = embedded.shape[-2:]
        position = self.content_aware_position(embedded).flatten(2).transpose(1, 2)  # (B, N, width)
        x = embedded.flatten(2).transpose(1, 2)  # (B, N, width)
        for layer in self.content_encoder:
            x = layer(x, position)
        *tensors, bias = code
        for i, layer in enumerate(self.decoder):
            x = layer(x, position, tensors[4 * i : 4 * i + 4], bias[:, 2 * i : 2 * i + 2], asked)
        return self.norm(x).transpose(1, 2).unflatten(2, (h, w))

    def content_aware_position(self, embedded: Tensor) -> Tensor:
        """CAPE (section 3.1, equation 1): (B, width, h, w) → the same shape."""
        pooled = F.adaptive_avg_pool2d(embedded, self.config.position_grid)  # (B, width, 18, 18)
        return F.interpolate(self.position(pooled), size=embedded.shape[-2:], mode="bilinear")

    @classmethod
    def from_official(
        cls, embedding: Mapping[str, Tensor], transformer: Mapping[str, Tensor], decoder: Mapping[str, Tensor]
    ) -> StyTr2:
        """Build the paper's network from the three published state dicts.

        Raises:
            NetworkError: a key is missing or unknown, or a tensor has another shape than the paper's.
        """
        with torch.device("meta"):
            network = cls()
        expected = network.state_dict()
        state: dict[str, Tensor] = {}
        for file, source in (("embedding", embedding), ("transformer", transformer), ("decoder", decoder)):
            state |= _translate(file, source, expected)
        network.load_state_dict(state, assign=True)
        return network.requires_grad_(requires_grad=False).eval()


_DECODER_PLACES = (1, 5, 8, 11, 14, 18, 21, 25, 28)  # of the convolutions in the published nn.Sequential


def _official_names(c: StyTr2Config) -> dict[str, dict[str, tuple[str, ...]]]:
    """File → official key without `weight`/`bias` → our modules that share the tensor, in the order of its rows."""
    names: dict[str, tuple[str, ...]] = {"new_ps.": ("position.",), "decoder.norm.": ("norm.",)}

    def layer(theirs: str, ours: str, attentions: dict[str, str], norms: int) -> None:
        for their, our in attentions.items():
            names[f"{theirs}.{their}.in_proj_"] = tuple(f"{ours}.{our}.{x}." for x in "qkv")
            names[f"{theirs}.{their}.out_proj."] = (f"{ours}.{our}.out.",)
        names[f"{theirs}.linear1."] = (f"{ours}.feedforward.0.",)
        names[f"{theirs}.linear2."] = (f"{ours}.feedforward.2.",)
        for i in range(1, norms + 1):
            names[f"{theirs}.norm{i}."] = (f"{ours}.norm{i}.",)

    for i in range(c.encoder_layers):
        for theirs, ours in (("encoder_c", "content_encoder"), ("encoder_s", "style_encoder")):
            layer(f"{theirs}.layers.{i}", f"{ours}.{i}", {"self_attn": "attention"}, 2)
    for i in range(c.decoder_layers):
        layer(f"decoder.layers.{i}", f"decoder.{i}", {"self_attn": "first", "multihead_attn": "second"}, 3)
    places: dict[str, tuple[str, ...]] = {
        f"{place}.": (f"picture.convolutions.{i}.",) for i, place in enumerate(_DECODER_PLACES)
    }
    return {"embedding": {"proj.": ("embedding.",)}, "transformer": names, "decoder": places}


def _translate(file: str, source: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """One published state dict in our names, every key and shape checked."""
    names = _official_names(StyTr2Config())[file]
    state: dict[str, Tensor] = {}
    known = {theirs + kind for theirs in names for kind in ("weight", "bias")}
    unknown = sorted(set(map(str, source)) - known)
    if unknown:
        raise NetworkError(
            f"The {file} checkpoint has an unknown key '{unknown[0]}'; is it the {file} file of StyTR-2?"
        )
    for theirs, ours in names.items():
        for kind in ("weight", "bias"):
            key = theirs + kind
            if key not in source:
                raise NetworkError(f"The {file} checkpoint lacks the key '{key}'; is it the {file} file of StyTR-2?")
            tensor = source[key]
            shapes = [tuple(expected[our + kind].shape) for our in ours]
            whole = (sum(s[0] for s in shapes), *shapes[0][1:])
            if not isinstance(tensor, Tensor) or tuple(tensor.shape) != whole:
                found = "x".join(map(str, tensor.shape)) if isinstance(tensor, Tensor) else type(tensor).__name__
                wanted = "x".join(map(str, whole))
                raise NetworkError(f"'{key}' of the {file} checkpoint is {found}; the paper's network has {wanted}.")
            parts = tensor.detach().float().split([s[0] for s in shapes])
            state |= {our + kind: part.clone() for our, part in zip(ours, parts, strict=True)}
    return state
