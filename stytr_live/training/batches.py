"""What a step of training sees."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms import v2

from stytr_live.training.motion import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stytr_live.frame import Pixels
    from stytr_live.training.pictures import Pictures


class Batch(NamedTuple):
    """Pairs of a photograph and a painting, and the chance that moves the photographs."""

    photographs: Tensor
    """(B, 3, S, S) RGB in 0..1."""
    paintings: Tensor
    """(B, 3, S, S) RGB in 0..1."""
    chance: Tensor
    """(B, 13) uniform in 0..1: see `motion_of` and `sensor`."""
    grain: Tensor
    """(B, 3, S, S) normal: the noise of a sensor."""

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        return Batch(*(part.to(device, non_blocking=True) for part in self))


class Batches(Protocol):
    """Where batches come from. Sample i of a run is the same whatever the number of processes."""

    def at(self, step: int, size: int) -> Batch:
        """The batch of a step, with pictures of `size` pixels."""
        ...

    def close(self) -> None:
        """End what runs in the background."""
        ...


class FolderBatches:
    """Batches from two folders, prepared by threads ahead of their use."""

    def __init__(
        self, photographs: Pictures, paintings: Pictures, *, batch: int, seed: int, rank: int = 0, world: int = 1
    ) -> None:
        """`batch` pairs a step in all processes together, of which this one, `rank` of `world`, draws its share."""
        self._photographs, self._paintings, self._seed = photographs, paintings, seed
        share = batch // world
        self._batch, self._mine = batch, range(rank * share, (rank + 1) * share)
        self._pool = ThreadPoolExecutor(4, "training pictures")
        self._ahead: deque[tuple[tuple[int, int], list[Future[tuple[Tensor, ...]]]]] = deque()

    def at(self, step: int, size: int) -> Batch:
        """The batch of a step; the next two are begun."""
        wanted = [(step + k, size) for k in range(3)]
        while self._ahead and self._ahead[0][0] != wanted[0]:
            for future in self._ahead.popleft()[1]:
                future.cancel()
        for key in wanted[len(self._ahead) :]:
            samples = [self._pool.submit(self._sample, key[0] * self._batch + i, size) for i in self._mine]
            self._ahead.append((key, samples))
        parts = zip(*(future.result() for future in self._ahead.popleft()[1]), strict=True)
        photographs, paintings, chance, grain = (torch.stack(part) for part in parts)
        return Batch(photographs.float().div_(255), paintings.float().div_(255), chance, grain)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)

    def _sample(self, index: int, size: int) -> tuple[Tensor, ...]:
        chance = np.random.default_rng((self._seed, index))
        photograph, painting = (folder.crop(chance, size) for folder in (self._photographs, self._paintings))
        numbers = torch.from_numpy(chance.random(NUMBERS, np.float32))
        grain = torch.from_numpy(chance.standard_normal((3, size, size), np.float32))
        return photograph, painting, numbers, grain


class DeviceBatches:
    """Batches from pictures that lie on the device, cropped, scaled and flipped there: nothing crosses the bus."""

    def __init__(
        self, photographs: Tensor, paintings: Tensor, *, batch: int, seed: int, rank: int = 0, world: int = 1
    ) -> None:
        """Pictures (N, 3, S, S) uint8 on one device, as `on_device` makes them."""
        self._sets, self._batch = (photographs, paintings), batch // world
        self._generator = torch.Generator(photographs.device)
        self._seed, self._rank = seed, rank

    def at(self, step: int, size: int) -> Batch:
        """The batch of a step."""
        g, device = self._generator, self._sets[0].device
        g.manual_seed((self._seed * 1_000_003 + step) * 1_009 + self._rank)
        photographs, paintings = (self._crops(pictures, size) for pictures in self._sets)
        chance = torch.rand((self._batch, NUMBERS), generator=g, device=device)
        grain = torch.randn((self._batch, 3, size, size), generator=g, device=device)
        return Batch(photographs, paintings, chance, grain)

    def close(self) -> None:
        """Nothing runs in the background."""

    def _crops(self, pictures: Tensor, size: int) -> Tensor:
        n, side = len(pictures), pictures.shape[-1]
        u = torch.rand((5, self._batch), generator=self._generator, device=pictures.device)
        chosen = pictures[(u[0] * n).long().clamp(max=n - 1)].float().div_(255)  # (B, 3, S, S)
        share = (size + u[1] * (min(side, 3 * size) - size)) / side  # of the picture's side
        x, y = ((u[k] * 2 - 1) * (1 - share) for k in (2, 3))
        flip = torch.where(u[4] < 0.5, -1.0, 1.0)
        zero = torch.zeros_like(x)
        rows = [torch.stack([share * flip, zero, x], -1), torch.stack([zero, share, y], -1)]
        fine = 2 * size  # twice as fine, then averaged: no aliasing down to a third
        grid = torch.nn.functional.affine_grid(torch.stack(rows, 1), [self._batch, 3, fine, fine], align_corners=False)
        sampled = torch.nn.functional.grid_sample(chosen, grid, padding_mode="reflection", align_corners=False)
        return torch.nn.functional.avg_pool2d(sampled, 2)


def on_device(pictures: Pictures, device: torch.device, *, side: int = 256, limit: int | None = None) -> Tensor:
    """The middle squares of the whole pictures of a folder, (N, 3, side, side) uint8 on a device, at most `limit`."""

    def squares() -> Iterator[Tensor]:
        for index in range(len(pictures)):
            before = pictures.damaged
            pixels = pictures.get(index)
            if pictures.damaged == before:
                yield _square(pixels, side)

    return torch.stack(list(islice(squares(), limit))).to(device)


def _square(pixels: Pixels, side: int) -> Tensor:
    picture = torch.from_numpy(pixels).permute(2, 0, 1)
    short = min(picture.shape[1:])
    return v2.functional.resize(v2.functional.center_crop(picture, [short, short]), [side, side], antialias=True)
