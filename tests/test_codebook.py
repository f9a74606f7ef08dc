"""Fewer style tokens: each head clusters for itself, and counts a token by the attention it gets."""

from __future__ import annotations

import math

import torch

from stytr_live.engine import imaging
from stytr_live.engine.backend import TorchBackend
from stytr_live.engine.styles import EXACT, StyleCache, load_style
from stytr_live.networks import load_network
from stytr_live.networks.codebook import NEVER, codebook, kmeans
from stytr_live.networks.probe import probe


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def attended(keys: torch.Tensor, values: torch.Tensor, bias: torch.Tensor, queries: torch.Tensor) -> torch.Tensor:
    logits = queries @ keys.transpose(2, 3) * keys.shape[3] ** -0.5 + bias[:, :, None]
    return torch.softmax(logits, -1) @ values


def test_clusters_that_are_apart_are_found_in_each_set() -> None:
    where = torch.arange(60).remainder(5)
    for seed in range(4):
        order = torch.stack(
            [torch.randperm(60, generator=torch.Generator().manual_seed(10 * seed + i)) for i in (0, 1)]
        )
        truth = where[order]
        points = 20 * random(5, 3, seed=seed)[truth] + 0.1 * random(2, 60, 3, seed=seed)
        labels = kmeans(points, torch.ones(2, 60), 5)
        for found, true in zip(labels, truth, strict=True):
            pairs = set(zip(found.tolist(), true.tolist(), strict=True))
            assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}) == 5


def test_a_point_that_counts_much_is_nearly_a_centre() -> None:
    points = torch.linspace(0, 1, 50)[None, :, None]
    for heavy in (3, 20, 41):
        weights = torch.full((1, 50), 1e-6)
        weights[0, heavy] = 1
        labels = kmeans(points, weights, 4)
        mine = labels == labels[0, heavy]
        centre = (points[..., 0] * weights * mine).sum() / (weights * mine).sum()
        assert abs(centre - points[0, heavy, 0]) < 1e-4
        assert len(labels.unique()) == 4


def test_heads_cluster_apart_and_keep_what_typical_queries_get() -> None:
    """Tokens in eight groups, other ones for each head: eight clusters lose nothing, however the groups lie."""
    groups = torch.stack(
        [torch.randperm(64, generator=torch.Generator().manual_seed(i)).remainder(8) for i in range(3)]
    )
    keys, values = (torch.stack([random(8, 6, seed=s + h)[groups[h]] for h in range(3)])[None] for s in (10, 20))
    bias = random(1, 3, 64, seed=5)
    queries = random(1, 3, 40, 6, seed=6)
    k, v, b = codebook(keys, values, bias, queries, 8)
    assert k.shape == v.shape == (1, 3, 8, 6)
    assert b.shape == (1, 3, 8)
    other = random(1, 3, 40, 6, seed=7)
    torch.testing.assert_close(attended(k, v, b, other), attended(keys, values, bias, other))


def test_a_cluster_that_nothing_belongs_to_never_counts() -> None:
    keys = values = torch.ones(1, 2, 9, 4)
    k, v, b = codebook(keys, values, torch.zeros(1, 2, 9), random(1, 2, 5, 4), 3)
    assert k.isfinite().all()
    assert ((b == NEVER) | (b > math.log(9) - 1e-4)).all()
    queries = random(1, 2, 5, 4, seed=1)
    torch.testing.assert_close(attended(k, v, b, queries), torch.ones(1, 2, 5, 4))


def test_the_probe_is_the_same_picture_each_time_and_has_dark_and_light() -> None:
    picture = probe(128)
    assert picture.shape == (1, 3, 128, 128)
    assert torch.equal(picture, probe.__wrapped__(128))
    assert 0 <= picture.min() < 0.1
    assert 0.9 < picture.max() <= 1


def test_a_quarter_of_the_tokens_of_stytr2_paint_the_same_picture_to_40_db() -> None:
    backend = TorchBackend(load_network("stytr2"))
    cache = StyleCache(backend)
    content = torch.from_numpy(imaging.resize(load_style("oil").pixels, (160, 160))).permute(2, 0, 1)[None] / 255
    for name in ("mosaic", "woodcut"):
        style = load_style(name)
        exact, short = cache.code(style, EXACT), cache.code(style, 256)
        assert exact[0].shape[2] >= 1024
        assert short[0].shape[2] == 256
        with torch.inference_mode():
            error = backend.network(content, *short).clamp(0, 1) - backend.network(content, *exact).clamp(0, 1)
        assert -10 * error.square().mean().log10() > 40, name
