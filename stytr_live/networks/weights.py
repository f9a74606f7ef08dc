"""Weight files: safetensors that say which network they are for and carry their own checksum."""

from __future__ import annotations

import json
import pickle
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import Tensor

from stytr_live import builtin
from stytr_live.errors import NetworkError, SinkError
from stytr_live.networks.lite import Lite, LiteConfig
from stytr_live.networks.network import checksum
from stytr_live.networks.stytr2 import StyTr2, StyTr2Config

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stytr_live.networks.network import Network

LARGEST = 4 << 30
"""Largest checkpoint that is read, in bytes."""
_KINDS: dict[str, tuple[type[Network], type[Any]]] = {
    Lite.name: (Lite, LiteConfig),
    StyTr2.name: (StyTr2, StyTr2Config),
}
NETWORKS = tuple(_KINDS)
"""Names of the networks."""


def build(name: str, config: Mapping[str, Any] | None = None) -> Network:
    """A network with random weights.

    Raises:
        NetworkError: there is no network of that name, or the configuration does not fit it.
    """
    if name not in _KINDS:
        raise NetworkError(f"There is no network '{name}'; choose one of {', '.join(NETWORKS)}.")
    network, configuration = _KINDS[name]
    try:
        return network(configuration(**(config or {})))
    except (TypeError, ValueError) as error:
        raise NetworkError(f"The configuration of the network '{name}' is not right ({error}).") from error


def load_network(name: str = "lite", weights: Path | None = None) -> Network:
    """Load a network for use, in float32 and evaluation mode, from a weights file or the built-in one.

    Raises:
        NetworkError: there is no such network or file, or the file is damaged or for another network.
    """
    if name not in _KINDS:
        raise NetworkError(f"There is no network '{name}'; choose one of {', '.join(NETWORKS)}.")
    if weights is None:
        weights = builtin.weights(name)
        if not weights.is_file():
            raise NetworkError(
                f"No weights for the network '{name}' come with this program; name a file with --weights."
            )
    network = read_weights(weights)
    if network.name != name:
        raise NetworkError(
            f"'{weights}' holds weights of the network '{network.name}', not '{name}'; add --network {network.name}."
        )
    return network


def read_weights(path: Path) -> Network:
    """Load whichever network a weights file holds.

    Raises:
        NetworkError: the file is missing, damaged, or not a weights file.
    """
    if not path.is_file():
        raise NetworkError(f"There is no weights file '{path}'.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            keys = list(file.keys())
            shapes = {key: tuple(file.get_slice(key).get_shape()) for key in keys}
            name, config = metadata["network"], json.loads(metadata["config"])
            with torch.device("meta"):  # a configuration that lies must not allocate what it claims
                network = build(name, config)
            expected = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
            if shapes != expected:
                key = min(shapes.items() ^ expected.items())[0]
                raise NetworkError(
                    f"'{path}' does not fit the network '{name}' at '{key}'; it may come from another version."
                )
            state = {key: file.get_tensor(key) for key in shapes}
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise NetworkError(f"'{path}' is not a weights file of this program, or it is damaged.") from error
    if metadata.get("sha256") != checksum(state):
        raise NetworkError(f"'{path}' is damaged: its checksum does not fit its contents; get the file again.")
    network.load_state_dict({key: tensor.float() for key, tensor in state.items()}, assign=True)
    return network.requires_grad_(requires_grad=False).eval()


def write_weights(
    network: Network, path: Path, *, overwrite: bool = True, notes: Mapping[str, str] | None = None
) -> str:
    """Store a network in float16; the file appears under its name only when whole. Returns the checksum of its tensors.

    Raises:
        SinkError: the file cannot be written, or exists and must not be replaced.
    """
    if path.exists() and not overwrite:
        raise SinkError(f"'{path}' exists already; choose another name or add --overwrite.")
    state = {key: tensor.detach().to("cpu", torch.float16).contiguous() for key, tensor in network.state_dict().items()}
    digest = checksum(state)
    about = network.metadata()
    metadata = {"network": about["network"], "config": json.dumps(about["config"]), "sha256": digest, **(notes or {})}
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(serialise(state, metadata))
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SinkError(f"'{path}' cannot be written: {error.strerror or error}.") from error
    return digest


def import_official(embedding: Path, transformer: Path, decoder: Path, output: Path, *, overwrite: bool = False) -> str:
    """Turn the three published StyTR-2 checkpoints into one weights file; returns its checksum.

    Raises:
        NetworkError: a checkpoint is missing, is not one, would run code, or does not fit the network.
        SinkError: the output cannot be written.
    """
    if output.exists() and not overwrite:
        raise SinkError(f"'{output}' exists already; choose another name or add --overwrite.")
    network = StyTr2.from_official(*(_read_pickle(path) for path in (embedding, transformer, decoder)))
    return write_weights(network, output, overwrite=overwrite)


def _read_pickle(path: Path) -> dict[str, Tensor]:
    """A published .pth file: tensors only, nothing in it is executed."""
    if not path.is_file():
        raise NetworkError(f"There is no checkpoint '{path}'.")
    try:
        size = path.stat().st_size
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:  # a compressed archive may unfold to far more than its size
                size = sum(entry.file_size for entry in archive.infolist())
        if size > LARGEST:
            raise NetworkError(f"'{path}' unfolds to {size >> 30} GiB; a StyTR-2 checkpoint is far smaller.")
        with warnings.catch_warnings(action="ignore"):  # what torch says of foreign pickles is no help to a user
            state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise NetworkError(
            f"'{path}' holds more than tensors, so it was not opened; only plain checkpoints are safe."
        ) from error
    except (OSError, RuntimeError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise NetworkError(f"'{path}' is not a PyTorch checkpoint, or it is damaged.") from error
    if not isinstance(state, dict) or not all(isinstance(t, Tensor) for t in state.values()):
        raise NetworkError(f"'{path}' is not a table of tensors, as the StyTR-2 checkpoints are.")
    return state
