"""What a step of training sees."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate
from torchvision.transforms import v2

from stytr_live.training.motion import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stytr_live.frame import Pixels
    from stytr_live.training.pictures import Pictures


OBLONG = 0.15
"""How much longer than broad, in parts of its breadth, a picture is that gives two squares."""


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
        seed = (self._seed * 1_000_003 + step) * 1_009 + self._rank
        g.manual_seed(seed)
        scales = np.random.default_rng(seed)
        photographs, paintings = (self._crops(pictures, size, scales) for pictures in self._sets)
        chance = torch.rand((self._batch, NUMBERS), generator=g, device=device)
        grain = torch.randn((self._batch, 3, size, size), generator=g, device=device)
        return Batch(photographs, paintings, chance, grain)

    def close(self) -> None:
        """Nothing runs in the background."""

    def _crops(self, pictures: Tensor, size: int, scales: np.random.Generator) -> Tensor:
        """A random picture, place and flip each, and a scale that all of them share: so they are as sharp as files'."""
        n, side = len(pictures), pictures.shape[-1]
        wide = int(scales.integers(min(size, side * 3 // 4), min(side, 3 * size) + 1))
        u = torch.rand((4, self._batch), generator=self._generator, device=pictures.device)
        chosen = (u[0] * n).long().clamp(max=n - 1)
        top, left = ((u[k] * (side - wide + 1)).long().clamp(max=side - wide) for k in (1, 2))
        along = torch.arange(wide, device=pictures.device)
        rows = top[:, None] + along  # (B, wide)
        columns = left[:, None] + torch.where(u[3, :, None] < 0.5, along, wide - 1 - along)
        channels = torch.arange(3, device=pictures.device)[:, None, None]
        cut = pictures[chosen[:, None, None, None], channels, rows[:, None, :, None], columns[:, None, None, :]]
        return interpolate(cut.float().div_(255), (size, size), mode="bilinear", antialias=True).clamp_(0, 1)


def on_device(pictures: Pictures, device: torch.device, *, side: int = 256, limit: int | None = None) -> Tensor:
    """Squares of the pictures of a folder, (N, 3, side, side) uint8 on a device, at most `limit` of them.

    Of an oblong picture the two at its ends, of another the one in its middle.
    """

    def squares() -> Iterator[Tensor]:
        for index in range(len(pictures)):
            before = pictures.damaged
            pixels = pictures.get(index)
            if pictures.damaged == before:
                yield from _squares(pixels, side)

    return torch.stack(list(islice(squares(), limit))).to(device)


def _squares(pixels: Pixels, side: int) -> Iterator[Tensor]:
    picture = torch.from_numpy(pixels).permute(2, 0, 1)
    height, width = picture.shape[1:]
    short, rest = min(height, width), abs(height - width)
    for start in (0, rest) if rest > OBLONG * short else (rest // 2,):
        square = picture.narrow(1 if height > width else 2, start, short)
        yield v2.functional.resize(square, [side, side], antialias=True)
