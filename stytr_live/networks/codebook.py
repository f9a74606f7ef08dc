"""Few style tokens instead of many.

To one head of one attention, the style is a set of keys with their values: its order means nothing, so tokens that are
alike can be replaced by their mean, if the mean keeps their share of the attention: a cluster of n tokens gets ln n
more on its logits. Two things make few clusters enough: each head clusters for itself, for what is alike to one differs
to another; and a token counts by how much attention a typical picture pays it, for most get next to none.
"""

from __future__ import annotations

import torch
from torch import Tensor

NEVER = -1e4
"""On a logit: a token without weight, also in half precision."""
ROUNDS = 6
"""Rounds of Lloyd's algorithm; more change nothing that is seen."""
DIRECTIONS = 16
"""Principal directions in which tokens are compared; the others hold next to nothing."""
UNSEEN = 0.01
"""Share of the attention that is taken to be spread evenly: other pictures look elsewhere."""
STRIP = 1 << 22
"""Distances computed at a time: 16 MB."""


def codebook(keys: Tensor, values: Tensor, bias: Tensor, queries: Tensor, tokens: int) -> tuple[Tensor, Tensor, Tensor]:
    """Cluster the tokens of one attention, head by head.

    Args:
        keys: (1, heads, M, d).
        values: (1, heads, M, e).
        bias: (1, heads, M), on the logits.
        queries: (1, heads, N, d), of typical pictures, not yet scaled.
        tokens: T, fewer than M.

    Returns:
        Keys (1, heads, T, d), values (1, heads, T, e) and bias (1, heads, T). The same input gives the same codebook.
    """
    k, v, b, q = (tensor[0].float() for tensor in (keys, values, bias, queries))
    attention = torch.softmax(q @ k.transpose(1, 2) * k.shape[2] ** -0.5 + b[:, None], -1).mean(1)  # (heads, M)
    attention = attention * (1 - UNSEEN) + UNSEEN * torch.softmax(b, -1)
    labels = kmeans(_points(k, v, attention), attention, tokens)
    received = _sums(attention[..., None], labels, tokens)
    shares = attention / received[..., 0].gather(1, labels)
    means = [_sums(tensor * shares[..., None], labels, tokens) for tensor in (k, v)]
    most = b.amax(-1, keepdim=True)
    joined = _sums((b - most).exp()[..., None], labels, tokens)[..., 0].log() + most
    made = *means, joined.clamp(min=NEVER)
    return tuple(tensor[None].to(keys.dtype) for tensor in made)  # type: ignore[return-value]


def kmeans(points: Tensor, weights: Tensor, clusters: int) -> Tensor:
    """Lloyd's algorithm from k-means++ seeds (Arthur and Vassilvitskii, 2007), on several sets at a time.

    Points (sets, M, F), each of a positive weight, (sets, M) → the cluster of each, (sets, M).
    """
    weighted = points * weights[..., None]
    centres = _at(points, _seeds(points, weights, clusters))
    labels = _nearest(points, centres)
    for _ in range(ROUNDS):
        total = _sums(weights[..., None], labels, clusters)
        centres = torch.where(total > 0, _sums(weighted, labels, clusters) / total, centres)
        labels = _nearest(points, centres)
    return labels


def _points(keys: Tensor, values: Tensor, weights: Tensor) -> Tensor:
    """Tokens as points (heads, M, F): keys and values, both of the same spread."""
    parts = []
    for tensor in (keys, values):
        x = tensor - (tensor * weights[..., None]).sum(1, keepdim=True)  # weights sum to 1
        parts.append(x / (x.square().sum(2).mean(1).sqrt()[:, None, None] + 1e-6))
    points = torch.cat(parts, 2)
    if points.shape[2] <= DIRECTIONS:
        return points
    _, directions = torch.linalg.eigh((points * weights[..., None]).transpose(1, 2) @ points)
    return points @ directions[..., -DIRECTIONS:]


def _seeds(points: Tensor, weights: Tensor, clusters: int) -> Tensor:
    """Points far from each other, (sets, clusters): each by chance, by weight and squared distance to those before."""
    chances = torch.rand(clusters, len(points), 1, generator=torch.Generator().manual_seed(0)).to(points)
    norms, distance, chosen = points.square().sum(2), torch.ones_like(weights), []
    for i, chance in enumerate(chances):
        cumulative = (distance * weights).cumsum(1)
        last = torch.searchsorted(cumulative, chance * cumulative[:, -1:]).clamp(max=points.shape[1] - 1)
        chosen.append(last)
        centre = _at(points, last)  # (sets, 1, F)
        squared = (norms - 2 * (points @ centre.transpose(1, 2))[..., 0] + centre.square().sum(2)).clamp(min=0)
        distance = torch.minimum(distance, squared) if i else squared
    return torch.cat(chosen, 1)


def _nearest(points: Tensor, centres: Tensor) -> Tensor:
    """(sets, M, F), (sets, T, F) → the nearest centre of each point, (sets, M)."""
    half = centres.square().sum(2)[:, None] / 2  # |p − c|² / 2, less |p|² / 2
    rows = max(1, STRIP // (centres.shape[0] * centres.shape[1]))
    strips = points.split(rows, 1)
    return torch.cat([torch.baddbmm(half, p, centres.transpose(1, 2), alpha=-1).argmin(2) for p in strips], 1)


def _sums(values: Tensor, labels: Tensor, clusters: int) -> Tensor:
    """(sets, M, F), with a label each → the sums of each label, (sets, clusters, F)."""
    sums = values.new_zeros(values.shape[0], clusters, values.shape[2])
    return sums.scatter_add_(1, labels[..., None].expand_as(values), values)


def _at(points: Tensor, places: Tensor) -> Tensor:
    """(sets, M, F) at (sets, T) → (sets, T, F)."""
    return points.gather(1, places[..., None].expand(-1, -1, points.shape[2]))
