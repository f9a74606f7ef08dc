"""From a batch to the terms of the loss, in one pass through the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

from stytr_live.training import losses
from stytr_live.training.motion import motion_of, sensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from stytr_live.networks.features import Features
    from stytr_live.networks.network import Network
    from stytr_live.training.batches import Batch
    from stytr_live.training.recipe import Recipe
    from stytr_live.training.rounds import Again


class Step(NamedTuple):
    """What one pass gives."""

    terms: dict[str, Tensor]
    """Terms of the loss, each a scalar, those of weight 0 left out."""
    output: Tensor
    """(B, 3, S, S) the pairs, stylised."""
    again: Tensor | None
    """(N, 3, S, S) what was to be stylised again."""


class Objective(nn.Module):
    """The network with everything that is computed from a batch; its forward gives the unweighted terms.

    All pictures of a step go through the network together: the pairs, some pictures in their own style, some
    photographs moved, some pictures that have been stylised before. A teacher, for distillation, turns content and
    style, (B, 3, S, S) each, into the pictures to imitate.
    """

    def __init__(
        self,
        network: Network,
        features: Features,
        recipe: Recipe,
        teacher: Callable[[Tensor, Tensor], Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.network, self.recipe = network, recipe
        self._features, self._teacher = (features,), teacher  # in a tuple: what does not train is no part of the module

    def forward(self, batch: Batch, again: Again | None = None) -> Step:
        """Stylise everything and compare."""
        r, w = self.recipe, self.recipe.weights
        photographs, paintings = batch.photographs, batch.paintings
        b = len(photographs)
        own = slice(0, b, r.identity_every) if w.identity_pixel or w.identity_feature else slice(0, 0)
        moving = slice(0, b, r.temporal_every) if w.temporal or w.flat else slice(0, 0)
        i, t = len(range(b)[own]), len(range(b)[moving])
        contents = [photographs, photographs[own], paintings[own]]
        if t:
            motion = motion_of(batch.chance[moving], *photographs.shape[-2:])
            still = motion.apply(photographs[moving])
            contents.append(sensor(still, batch.chance[moving], batch.grain[moving]))
        styles = [paintings, photographs[own]]
        if again is not None:
            contents.append(again.pictures)
            styles.append(again.paintings)
        content = torch.cat(contents).contiguous(memory_format=torch.channels_last)
        encoded = self.network.encode_style(torch.cat(styles).contiguous(memory_format=torch.channels_last))
        # Of each content its style: slices, because an index made on the host would have to cross over in every step.
        code = tuple(torch.cat([c[: b + i], c[:b][own], c[:b][moving], c[b + i :]]) for c in encoded)
        output = self.network(content, *code).float()
        terms = self._seen(output[: b + 2 * i], content[: b + 2 * i], paintings, own)
        if t:
            later, moved, visible = output[b + 2 * i : b + 2 * i + t], motion.apply(output[:b][moving]), motion.visible
            if w.temporal:
                terms["temporal"] = losses.temporal_loss(later, moved, visible)
            if w.flat:
                terms["flat"] = losses.flat_loss(later, moved, still, visible)
        repeated = None if again is None else output[b + 2 * i + t :]
        if again is not None and repeated is not None:
            terms["repeat"] = losses.repeat_loss(repeated, again.first)
        elif w.repeat:
            terms["repeat"] = output.mean() * 0  # nothing has been kept yet
        terms |= self._distillation(output[:b], photographs, paintings)
        return Step(terms, output[:b], repeated)

    def _seen(self, output: Tensor, content: Tensor, paintings: Tensor, own: slice) -> dict[str, Tensor]:
        """The terms of the paper: of the pairs, and of the pictures in their own style that follow them."""
        w, features, b = self.recipe.weights, self._features[0], len(paintings)
        with torch.no_grad():
            photograph, painting = features(content[:b]), features(paintings)
        seen = features(output)
        pairs, alone = [f[:b] for f in seen], [f[b:] for f in seen]
        terms: dict[str, Tensor] = {}
        if w.content:
            terms["content"] = losses.content_loss(pairs, photograph)
        if w.style:
            terms["style"] = losses.style_loss(pairs, painting)
        if w.colour:
            terms["colour"] = losses.colour_loss(output[:b], paintings)
        if w.identity_pixel:
            terms["identity_pixel"] = losses.identity_pixel_loss(output[b:], content[b:])
        if w.identity_feature:
            same = [torch.cat([p[own], q[own]]) for p, q in zip(photograph, painting, strict=True)]
            terms["identity_feature"] = losses.identity_feature_loss(alone, same)
        return terms

    def _distillation(self, output: Tensor, photographs: Tensor, paintings: Tensor) -> dict[str, Tensor]:
        """The distance to the teacher's pictures, where there is a teacher."""
        if not self.recipe.weights.distillation or self._teacher is None:
            return {}
        with torch.no_grad():
            wanted = self._teacher(photographs, paintings)
        return {"distillation": losses.identity_pixel_loss(output, wanted)}
