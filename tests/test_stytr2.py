"""StyTR-2 gives what the published modules give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from stytr_live.errors import NetworkError
from stytr_live.networks.stytr2 import StyTr2, StyTr2Config
from tests.reference.fill import fill, official_shapes, picture

CASES = [
    ("128x128_128x128", (128, 128), (128, 128)),
    ("96x160_128x128", (96, 160), (128, 128)),
    ("128x72_80x112", (128, 72), (80, 112)),
]
SEEDS = {"embedding": 2022, "transformer": 2023, "decoder": 2024}


@pytest.fixture(scope="module")
def official() -> dict[str, dict[str, torch.Tensor]]:
    """The three published state dicts, with weights that anybody can regenerate."""
    shapes = official_shapes()
    return {file: {k: torch.from_numpy(v) for k, v in fill(shapes[file], seed).items()} for file, seed in SEEDS.items()}


@pytest.fixture(scope="module")
def network(official: dict[str, dict[str, torch.Tensor]]) -> StyTr2:
    return StyTr2.from_official(**official)


@pytest.fixture(scope="module")
def reference() -> dict[str, np.ndarray]:
    with np.load(Path(__file__).parent / "reference" / "stytr2_reference.npz") as arrays:
        return dict(arrays)


def distance(ours: torch.Tensor, theirs: np.ndarray) -> float:
    """‖ours − theirs‖ relative to ‖theirs − its mean‖."""
    assert tuple(ours.shape) == theirs.shape
    return float(np.linalg.norm(ours.numpy() - theirs) / np.linalg.norm(theirs - theirs.mean()))


@torch.inference_mode()
def results(network: StyTr2, case: int) -> dict[str, torch.Tensor]:
    """What the reference holds of a case, as our network computes it."""
    _, content_size, style_size = CASES[case]
    content = torch.from_numpy(picture(2022 + 10 + case, *content_size))
    style = torch.from_numpy(picture(2022 + 20 + case, *style_size))
    memory = network.embedding(style).flatten(2).transpose(1, 2)
    for layer in network.style_encoder:
        memory = layer(memory, None)
    code = network.encode_style(style)
    return {
        "memory": memory[0, ::7],
        "features": network.features(content, *code)[0, :, ::3, ::3],
        "image": network(content, *code)[0],
    }


@pytest.mark.parametrize("case", range(3), ids=[name for name, *_ in CASES])
def test_every_reference_array_is_met_in_float32(network: StyTr2, reference: dict[str, np.ndarray], case: int) -> None:
    for key, ours in results(network, case).items():
        assert distance(ours, reference[f"{CASES[case][0]}.{key}"]) <= 1e-4, key


def test_leaving_out_the_position_code_is_seen(
    network: StyTr2, reference: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "content_aware_position", torch.zeros_like)
    assert distance(results(network, 1)["image"], reference[f"{CASES[1][0]}.image"]) > 1e-2


def test_a_missing_key_is_named(official: dict[str, dict[str, torch.Tensor]]) -> None:
    broken = official | {"transformer": {k: v for k, v in official["transformer"].items() if k != "new_ps.bias"}}
    with pytest.raises(NetworkError, match=r"transformer.*lacks.*new_ps\.bias"):
        StyTr2.from_official(**broken)


def test_an_unknown_key_is_named(official: dict[str, dict[str, torch.Tensor]]) -> None:
    broken = official | {"decoder": official["decoder"] | {"30.weight": torch.zeros(1)}}
    with pytest.raises(NetworkError, match=r"decoder.*unknown.*30\.weight"):
        StyTr2.from_official(**broken)


def test_a_wrong_shape_is_named(official: dict[str, dict[str, torch.Tensor]]) -> None:
    broken = official | {"embedding": official["embedding"] | {"proj.weight": torch.zeros(512, 3, 16, 16)}}
    with pytest.raises(NetworkError, match=r"proj\.weight.*512x3x16x16.*512x3x8x8"):
        StyTr2.from_official(**broken)


def test_sizes_beyond_reason_are_refused() -> None:
    with pytest.raises(ValueError, match="beyond"):
        StyTr2Config(width=1 << 20)
