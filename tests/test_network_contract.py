"""What every network promises, held against each of them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import torch

from stytr_live.networks.lite import Lite
from stytr_live.networks.stytr2 import StyTr2, StyTr2Config
from stytr_live.networks.weights import load_network, read_weights, write_weights

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stytr_live.networks.network import Network


def random_lite() -> Network:
    torch.manual_seed(1)
    network = Lite().eval()
    with torch.no_grad():  # parts that start at zero would hide a mistake
        for parameter in network.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    return network.requires_grad_(requires_grad=False)


def narrow_stytr2() -> Network:
    torch.manual_seed(2)
    network = StyTr2(StyTr2Config(width=64, heads=4, feedforward=128, channels=(32, 16, 16)))
    with torch.no_grad():  # PyTorch's own start is so quiet that the style would hardly be seen
        for name, parameter in network.named_parameters():
            if parameter.dim() > 1:
                gain = 6 if ".q." in name or ".k." in name else 2
                parameter.normal_(std=(gain / parameter[0].numel()) ** 0.5)
    return network.requires_grad_(requires_grad=False).eval()


def trained_stytr2() -> Network:
    return load_network("stytr2")


NETWORKS = {
    "trained lite": load_network,
    "random lite": random_lite,
    "trained stytr2": trained_stytr2,
    "narrow stytr2": narrow_stytr2,
}


@pytest.fixture(params=NETWORKS.values(), ids=NETWORKS)
def network(request: pytest.FixtureRequest) -> Network:
    torch.manual_seed(0)
    make: Callable[[], Network] = request.param
    return make()


def pictures(*shape: int) -> torch.Tensor:
    """Smooth random pictures in 0..1."""
    coarse = torch.rand(shape[0], 3, 6, 6)
    return torch.nn.functional.interpolate(coarse, size=shape[1:], mode="bicubic").clamp(0, 1)


@pytest.mark.parametrize("size", [(64, 64), (48, 112), (112, 32)])
def test_the_output_has_the_size_of_the_content_whatever_the_style_s(network: Network, size: tuple[int, int]) -> None:
    code = network.encode_style(pictures(1, 32, 80))
    assert network(pictures(1, *size), *code).shape == (1, 3, *size)


def test_a_code_of_one_style_serves_a_batch_of_frames(network: Network) -> None:
    code, contents = network.encode_style(pictures(1, 64, 64)), pictures(3, 64, 48)
    alone = torch.cat([network(c[None], *code) for c in contents])
    torch.testing.assert_close(network(contents, *code), alone, rtol=1e-4, atol=1e-4)


def test_a_batch_of_styles_serves_a_batch_of_frames(network: Network) -> None:
    styles, contents = pictures(2, 64, 64), pictures(2, 48, 64)
    alone = [network(contents[i : i + 1], *network.encode_style(styles[i : i + 1])) for i in range(2)]
    together = network(contents, *network.encode_style(styles))
    torch.testing.assert_close(together, torch.cat(alone), rtol=1e-4, atol=1e-4)


def test_the_style_matters(network: Network) -> None:
    content = pictures(1, 64, 64)
    a, b = (network(content, *network.encode_style(pictures(1, 64, 64))) for _ in range(2))
    assert (a - b).std() > 0.02 * a.std()


def test_mixing_a_style_with_itself_changes_nothing(network: Network) -> None:
    content, code = pictures(1, 64, 64), network.encode_style(pictures(1, 64, 64))
    mixed = network.mix([code, code], [0.3, 0.7])
    torch.testing.assert_close(network(content, *mixed), network(content, *code), rtol=1e-4, atol=1e-4)


def test_a_mixture_moves_from_one_style_to_the_other_without_a_jump(network: Network) -> None:
    content = pictures(1, 64, 64)
    a, b = network.encode_style(pictures(1, 64, 64)), network.encode_style(pictures(1, 48, 80))
    weights = [(1, 1e-30), (0.75, 0.25), (0.5, 0.5), (0.25, 0.75), (1e-30, 1)]
    outputs = [network(content, *network.mix([a, b], pair)) for pair in weights]
    torch.testing.assert_close(outputs[0], network(content, *a), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(outputs[-1], network(content, *b), rtol=1e-3, atol=1e-3)
    whole = (outputs[-1] - outputs[0]).std()
    steps = [(y - x).std() for x, y in pairwise(outputs)]
    assert max(steps) < 0.8 * whole


def test_a_picture_of_another_size_than_the_stride_allows_is_refused(network: Network) -> None:
    with pytest.raises(ValueError, match="multiples"):
        network.encode_style(torch.zeros(1, 3, 64, 60))
    code = network.encode_style(torch.zeros(1, 3, 64, 64))
    with pytest.raises(ValueError, match="multiples"):
        network(torch.zeros(1, 3, 60, 64), *code)
    with pytest.raises(ValueError, match="shape"):
        network(torch.zeros(3, 64, 64), *code)


def test_weights_survive_a_file_in_half_precision(network: Network, tmp_path: Path) -> None:
    path = tmp_path / "network.safetensors"
    write_weights(network, path)
    again = read_weights(path)
    assert again.config == network.config
    content, style = pictures(1, 64, 64), pictures(1, 64, 64)
    before, after = (n(content, *n.encode_style(style)) for n in (network, again))
    torch.testing.assert_close(after, before, rtol=2e-2, atol=2e-2)


def test_the_output_is_not_clipped(network: Network) -> None:
    code = network.encode_style(pictures(1, 64, 64))
    contents = torch.rand(8, 3, 64, 64).round() * 4 - 1.5  # far outside of what pictures hold
    assert not 0 <= network(contents, *code).min() <= network(contents, *code).max() <= 1
