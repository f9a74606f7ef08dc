"""Few style tokens instead of many.

The style memory is a set: its order means nothing, so tokens that are alike can be replaced by their mean, if the mean
keeps their share of the attention: a cluster of n tokens gets ln n more on its logits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS = 12
"""Most rounds of Lloyd's algorithm; most sets settle sooner."""
DIRECTIONS = 192
"""Random directions in which tokens are compared: distances are kept to some percent (Johnson and Lindenstrauss)."""


def codebook(tensors: Sequence[Tensor], bias: Tensor, tokens: int) -> tuple[Tensor, ...]:
    """Cluster tokens to at most `tokens`.

    `tensors` are keys and values, (1, heads, M, d) each, `bias` is (1, 1, 1, M); the result is the same with
    M ≤ `tokens`. The same input gives the same codebook.
    """
    count = bias.shape[-1]
    if count <= tokens:
        return *tensors, bias
    labels = kmeans(_features(tensors), tokens)
    weight = (bias.float() - bias.float().max()).exp().flatten()  # (M,): a token's share before any logit
    total = weight.new_zeros(tokens).index_add_(0, labels, weight)
    there = total > 0
    shares = (weight / total[labels])[None, None, :, None]
    means = []
    for tensor in tensors:
        mean = tensor.new_zeros(*tensor.shape[:2], tokens, tensor.shape[3], dtype=torch.float32)
        means.append(mean.index_add_(2, labels, tensor.float() * shares)[:, :, there].to(tensor.dtype))
    joined = total[there].log() + bias.float().max()
    return *means, joined.to(bias.dtype)[None, None, None]


def kmeans(points: Tensor, clusters: int) -> Tensor:
    """Lloyd's algorithm from k-means++ seeds (Arthur and Vassilvitskii, 2007): points (M, F) → cluster of each (M,)."""
    generator = torch.Generator().manual_seed(0)
    centres = points[_seeds(points, clusters, generator)]
    labels = torch.cdist(points, centres).argmin(1)
    for _ in range(ROUNDS):
        sums = torch.zeros_like(centres).index_add_(0, labels, points)
        counts = torch.bincount(labels, minlength=clusters)[:, None]
        centres = torch.where(counts > 0, sums / counts.clamp(min=1), centres)
        before, labels = labels, torch.cdist(points, centres).argmin(1)
        if torch.equal(before, labels):
            break
    return labels


def _seeds(points: Tensor, clusters: int, generator: torch.Generator) -> Tensor:
    """Points far from each other: each next one by chance, in proportion to its squared distance to those before."""
    chosen = [int(torch.randint(len(points), (1,), generator=generator))]
    distance = torch.full((len(points),), torch.inf, device=points.device)
    for _ in range(clusters - 1):
        distance = torch.minimum(distance, (points - points[chosen[-1]]).square().sum(1))
        cumulative = distance.cumsum(0).cpu()
        chance = torch.rand((), generator=generator) * cumulative[-1]
        chosen.append(min(int(torch.searchsorted(cumulative, chance)), len(points) - 1))
    return torch.tensor(chosen, device=points.device)


def _features(tensors: Sequence[Tensor]) -> Tensor:
    """Tokens as points (M, F): all keys and values, each tensor of the same spread, in few random directions."""
    rows = []
    for tensor in tensors:
        x = tensor[0].float().transpose(0, 1).flatten(1)  # (M, heads · d)
        x = x - x.mean(0)
        rows.append(x / (x.square().sum(1).mean().sqrt() + 1e-6))
    points = torch.cat(rows, 1)
    if points.shape[1] <= DIRECTIONS:
        return points
    generator = torch.Generator().manual_seed(0)
    directions = torch.randn(points.shape[1], DIRECTIONS, generator=generator) / DIRECTIONS**0.5
    return points @ directions.to(points.device)
