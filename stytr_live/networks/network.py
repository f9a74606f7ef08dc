"""What every style-transfer network of this project can do."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor, nn

from stytr_live.networks.codebook import codebook
from stytr_live.networks.probe import probe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

StyleCode = tuple[Tensor, ...]
"""All that a network keeps of a style: tensors with a leading batch dimension."""
PROBE = 16
"""Side of the picture that tells which style tokens get attention, in strides."""


class Network(nn.Module, ABC):
    """A network whose work on the style is done once, and whose work on a frame needs only the style's code."""

    name: ClassVar[str]
    """What users and weight files call it."""
    stride: int
    """Height and width of content and style must be multiples of it, in pixels."""
    style_side: ClassVar[int] = 256
    """Short side at which styles are encoded unless told, in pixels."""
    style_tokens: ClassVar[int | None] = None
    """Tokens to which styles are clustered unless told; None keeps all."""
    delicate: ClassVar[tuple[str, ...]] = ()
    """Modules that must not compute in integers, because what comes after them makes their errors larger."""
    bytes_per_pixel: ClassVar[int]
    """Memory that painting takes for each pixel of the working size, in bytes, in float32: measured, rounded up."""
    config: Any
    """The frozen dataclass it was built from."""
    attended: int
    """How many tensors of a code hold style tokens, (B, heads, M, d): of each attention keys, then values. The bias on
    their logits, (B, attentions, heads, M), comes next, then what describes the style as a whole."""

    @abstractmethod
    def encode_style(self, style: Tensor) -> StyleCode:
        """Encode style pictures, (B, 3, H, W) RGB in 0..1."""

    @abstractmethod
    def forward(self, content: Tensor, *code: Tensor) -> Tensor:
        """Stylise (B, 3, H, W) RGB in 0..1 → the same shape, not clipped. A code of batch 1 serves any B."""

    @abstractmethod
    def queries(self, content: Tensor, *code: Tensor) -> list[Tensor]:
        """What the content (B, 3, H, W) asks of the style: of each attention, (B, heads, N, d), not yet scaled."""

    def mix(self, codes: Sequence[StyleCode], weights: Sequence[float]) -> StyleCode:
        """Join the codes of several styles, with weights that sum to 1: the content attends to all tokens at once."""
        parts = list(zip(*codes, strict=True))
        tokens, biases, whole = parts[: self.attended], parts[self.attended], parts[self.attended + 1 :]
        return *(join_tokens(t) for t in tokens), join_biases(biases, weights), *(blend(t, weights) for t in whole)

    def shorten(self, code: StyleCode, tokens: int) -> StyleCode:
        """Cluster the tokens of a code of batch 1 to at most `tokens`: faster attention, nearly the same picture."""
        attended, bias = code[: self.attended], code[self.attended]
        if bias.shape[-1] <= tokens:
            return code
        asked = self.queries(probe(PROBE * self.stride).to(attended[0]), *code)
        parts = zip(attended[::2], attended[1::2], bias.unbind(1), asked, strict=True)
        books = [codebook(keys, values, part, queries, tokens) for keys, values, part, queries in parts]
        short = [tensor for keys, values, _ in books for tensor in (keys, values)]
        return *short, torch.stack([part for *_, part in books], 1), *code[self.attended + 1 :]

    def metadata(self) -> dict[str, Any]:
        """Name and configuration, from which the network can be built again."""
        return {"network": self.name, "config": asdict(self.config)}

    def fingerprint(self) -> str:
        """The checksum of the weights file that would hold this network: the same on every device."""
        state = {key: tensor.detach().to("cpu", torch.float16) for key, tensor in self.state_dict().items()}
        return checksum(state)

    def check(self, picture: Tensor) -> None:
        """Raise ValueError unless `picture` is (B, 3, H, W) with H and W multiples of the stride."""
        if picture.dim() != 4 or picture.shape[1] != 3:
            raise ValueError(f"expected a picture of shape (B, 3, H, W), got {tuple(picture.shape)}")
        height, width = picture.shape[-2:]
        if height % self.stride or width % self.stride or not height or not width:
            raise ValueError(f"height {height} and width {width} must be positive multiples of {self.stride}")


def checksum(state: Mapping[str, Tensor]) -> str:
    """SHA-256 over names, types, shapes and bytes of tensors, in the order of the names."""
    digest = hashlib.sha256()
    for key in sorted(state):
        tensor = state[key].contiguous()
        digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def join_tokens(tensors: Sequence[Tensor]) -> Tensor:
    """Concatenate (B, heads, N_i, d) along the tokens → (B, heads, ΣN_i, d)."""
    return torch.cat(list(tensors), dim=-2)


def join_biases(biases: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    """Join biases on attention logits, (…, N_i) → (…, ΣN_i), so that a style of weight w has w of the say.

    The weight is spread over the tokens of its style: softmax(l + ln w − ln Σexp b) gives each style, for equal
    logits, exactly its weight, however many tokens it has.
    """
    shares = [
        b + (torch.log(b.new_tensor(w)) - torch.logsumexp(b, -1, keepdim=True))
        for b, w in zip(biases, weights, strict=True)
    ]
    return torch.cat(shares, dim=-1)


def blend(tensors: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    """Weighted sum of tensors of one shape."""
    total = tensors[0] * weights[0]
    for tensor, weight in zip(tensors[1:], weights[1:], strict=True):
        total = total + tensor * weight
    return total
