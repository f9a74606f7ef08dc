"""The small network keeps to its budget."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from stytr_live.networks.lite import Lite
from stytr_live.networks.weights import load_network


@pytest.mark.parametrize(("height", "width", "budget"), [(256, 256, 2e9), (368, 640, 7e9)])
@torch.inference_mode()
def test_a_frame_costs_no_more_than_its_budget(height: int, width: int, budget: float) -> None:
    network = Lite().eval()
    code = network.encode_style(torch.rand(1, 3, 256, 256))
    with FlopCounterMode(display=False) as counter:
        network(torch.rand(1, 3, height, width), *code)
    assert 0.5 * budget < counter.get_total_flops() <= budget


@torch.inference_mode()
def test_the_cost_is_linear_in_pixels() -> None:
    network, flops = Lite().eval(), []
    code = network.encode_style(torch.rand(1, 3, 256, 256))
    for side in (256, 512, 1024):
        with FlopCounterMode(display=False) as counter:
            network(torch.rand(1, 3, side, side), *code)
        flops.append(counter.get_total_flops())
    assert flops[2] < 4.02 * flops[1] < 16.1 * flops[0]


def test_it_has_at_most_two_and_a_half_million_parameters() -> None:
    assert sum(p.numel() for p in Lite().parameters()) <= 2.5e6


@pytest.mark.parametrize("level", [0.2, 0.5, 0.8])
@torch.inference_mode()
def test_borders_are_as_bright_as_the_inside_of_a_flat_picture(level: float) -> None:
    network = load_network("lite")
    code = network.encode_style(torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)))
    output = network(torch.full((1, 3, 128, 128), level), *code)[0].mean(0)
    rim = torch.ones_like(output, dtype=torch.bool)
    rim[4:-4, 4:-4] = False
    assert (output[rim].mean() - output[32:96, 32:96].mean()).abs() < 0.04


@torch.inference_mode()
def test_a_picture_in_its_own_style_stays_as_it_is() -> None:
    network, chance = load_network("lite"), torch.Generator().manual_seed(0)
    picture = torch.nn.functional.interpolate(torch.rand(1, 3, 8, 8, generator=chance), size=128, mode="bilinear")
    assert (network(picture, *network.encode_style(picture)) - picture).abs().max() < 1e-3
    other = network.encode_style(0.2 * picture)
    assert (network(picture, *other) - picture).abs().mean() > 0.02


@torch.inference_mode()
def test_no_grid_is_woven_into_a_flat_sky() -> None:
    network, chance = load_network("lite"), torch.Generator().manual_seed(0)
    network.weave.weight.zero_()  # the grain of the canvas aside
    picture = torch.full((1, 3, 128, 128), 0.4)
    picture[..., :32] = torch.rand((1, 3, 128, 32), generator=chance)
    output = network(picture, *network.encode_style(torch.rand(1, 3, 128, 128, generator=chance)))[0]
    flat = output[:, 40:88, 72:120].unflatten(2, (12, 4)).unflatten(1, (12, 4))  # (3, 12, 4, 12, 4)
    pattern = flat.mean((1, 3))  # of the 4×4 pixels of a cell
    assert (pattern - pattern.mean((1, 2), keepdim=True)).abs().max() < 2e-3
