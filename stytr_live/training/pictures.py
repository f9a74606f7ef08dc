"""A folder of training pictures."""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch
from torch import Tensor
from torchvision.transforms import v2

from stytr_live.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

    from stytr_live.frame import Pixels

log = logging.getLogger(__name__)

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
SIDE = 512
"""Pictures are shrunk to this short side when they are read, in pixels: crops are taken at scales up to it."""
CACHE = 3 << 30
"""Bytes of decoded pictures a folder keeps in memory; the rest is read again each time."""


class Pictures:
    """All pictures of a folder and its subfolders, decoded when first needed. Thread-safe.

    Raises:
        SourceError: the folder holds no picture file, or reading finds that none can be read.
    """

    def __init__(self, folder: Path, *, side: int = SIDE, cache: int = CACHE) -> None:
        self.folder, self._side, self._room = folder, side, cache
        self._paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES) if folder.is_dir() else []
        self._cached: dict[int, Pixels] = {}
        self._damaged: set[int] = set()
        self._lock = Lock()
        if not self._paths:
            raise SourceError(f"'{folder}' holds no picture to train on; name a folder of JPEG or PNG files.")

    def __len__(self) -> int:
        """Number of files, damaged ones included."""
        return len(self._paths)

    @property
    def damaged(self) -> int:
        """Files met so far that cannot be read; each was skipped."""
        return len(self._damaged)

    def get(self, index: int) -> Pixels:
        """Picture `index` modulo their number, (H, W, 3) RGB; a damaged one is replaced by the next that is whole.

        Raises:
            SourceError: none can be read.
        """
        for step in range(len(self._paths)):
            chosen = (index + step) % len(self._paths)
            if chosen in self._damaged:
                continue
            pixels = self._cached.get(chosen)
            if pixels is None:
                pixels = self._read(chosen)
            if pixels is not None:
                return pixels
        raise SourceError(f"None of the {len(self)} pictures in '{self.folder}' can be read.")

    def crop(self, chance: np.random.Generator, size: int) -> Tensor:
        """Draw (3, size, size) uint8 RGB: a random picture, square, scale and flip."""
        picture = torch.from_numpy(self.get(int(chance.integers(len(self))))).permute(2, 0, 1)
        height, width = picture.shape[1:]
        short = min(height, width)
        side = int(chance.integers(min(size, short), min(short, 3 * size) + 1))
        top, left = int(chance.integers(height - side + 1)), int(chance.integers(width - side + 1))
        crop = v2.functional.resized_crop(picture, top, left, side, side, [size, size], antialias=True)
        return v2.functional.horizontal_flip(crop) if chance.random() < 0.5 else crop

    def _read(self, index: int) -> Pixels | None:
        pixels = read(self._paths[index], self._side)
        with self._lock:
            if pixels is None:
                self._damaged.add(index)
                log.info("'%s' cannot be read and is left out.", self._paths[index])
            elif pixels.nbytes <= self._room and index not in self._cached:
                self._room -= pixels.nbytes
                self._cached[index] = pixels
        return pixels


def read(path: Path, side: int) -> Pixels | None:
    """A picture with its short side at most `side` pixels, (H, W, 3) RGB; None where it cannot be read or is tiny."""
    try:
        data = np.fromfile(path, np.uint8)
        bgr = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except (OSError, cv2.error):
        return None
    if bgr is None or min(bgr.shape[:2]) < 16:
        return None
    scale = side / min(bgr.shape[:2])
    if scale < 1:
        size = (max(16, round(bgr.shape[1] * scale)), max(16, round(bgr.shape[0] * scale)))
        bgr = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
