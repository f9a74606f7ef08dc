"""`.stytrstyle` files: a style as one network knows it, without its picture."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as deserialise
from safetensors.torch import save as serialise

from stytr_live.errors import NetworkError, SinkError, StyleError
from stytr_live.params import Style

if TYPE_CHECKING:
    from pathlib import Path

    from stytr_live.networks import Network, StyleCode

SUFFIX = ".stytrstyle"
LARGEST = 256 << 20
"""Largest file that is read, in bytes."""


def pack_code(code: StyleCode, network: Network, weights: str, name: str) -> bytes:
    """A code as a safetensors file, with the network and the checksum of the weights that made it."""
    tensors = {f"code.{i}": tensor.detach().float().cpu().contiguous() for i, tensor in enumerate(code)}
    return serialise(tensors, {"stytr-live": "style 1", "network": network.name, "weights": weights, "name": name})


def unpack_code(data: bytes, network: Network, weights: str) -> StyleCode:
    """A code on the host, in float32, from what `pack_code` gave.

    Raises:
        NetworkError: it is damaged, or was made by another network or other weights.
    """
    try:
        about, tensors = _about(data), deserialise(data)
        code = tuple(tensors[f"code.{i}"] for i in range(len(tensors)))
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise NetworkError("It is damaged, or no style of this program.") from error
    if (about.get("network"), about.get("weights")) != (network.name, weights):
        made = f"the network '{about.get('network')}'" if about.get("network") != network.name else "other weights"
        raise NetworkError(f"It was made with {made}; use the picture, or the weights it was made with.")
    if _shapes(code, network) is None or any(not t.isfinite().all() or t.dtype != torch.float32 for t in code):
        raise NetworkError("It is damaged: it does not fit the network.")
    return code


def write_style(style: Style, code: StyleCode, network: Network, weights: str, path: Path) -> None:
    """Store a style's code; the file appears under its name only when whole.

    Raises:
        SinkError: the file cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(pack_code(code, network, weights, style.name))
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SinkError(f"'{path}' cannot be written: {error.strerror or error}.") from error


def read_style(path: Path) -> Style:
    """A style from a `.stytrstyle` file. Whether it fits a network shows when that network uses it.

    Raises:
        StyleError: the file cannot be read, or is no such file.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise StyleError(f"The style '{path}' is too large to be one.")
        data = path.read_bytes()
        about = _about(data)
    except OSError as error:
        raise StyleError(f"The style '{path}' cannot be read: {error.strerror}.") from error
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise StyleError(f"'{path}' is not a style of this program, or it is damaged.") from error
    if about.get("stytr-live") != "style 1":
        raise StyleError(f"'{path}' is not a style of this program, or it comes from a newer one.")
    name = str(about.get("name") or path.stem)[:100]
    return Style(name, np.zeros((1, 1, 3), np.uint8), hashlib.sha256(data).hexdigest(), data)


def _about(data: bytes) -> dict[str, str]:
    """The metadata of a safetensors file; ValueError where there is none."""
    length = int.from_bytes(data[:8], "little")
    if length > min(len(data), 1 << 20):
        raise ValueError("no header")
    try:
        header = json.loads(data[8 : 8 + length])
    except RecursionError:
        raise ValueError("no header") from None
    about = header.get("__metadata__") if isinstance(header, dict) else None
    return dict(about) if isinstance(about, dict) else {}


def _shapes(code: StyleCode, network: Network) -> int | None:
    """The number of tokens of a code that fits the network; None where it does not fit."""
    side, weights = 2 * network.stride, next(network.parameters())
    with torch.inference_mode():  # of a tiny picture: tensors without memory would import PyTorch's compiler, a second
        expected = network.encode_style(weights.new_zeros((1, 3, side, side)))
    if len(code) != len(expected) or code[network.attended].dim() != 4:
        return None
    tokens = code[network.attended].shape[3]
    for i, (tensor, like) in enumerate(zip(code, expected, strict=True)):
        shape = list(like.shape)
        if i <= network.attended:
            shape[3 if i == network.attended else 2] = tokens
        if list(tensor.shape) != shape:
            return None
    return tokens or None
