"""Training pictures: a folder held in memory, cropped at random."""

from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch
from torch import Tensor

from stytr_live.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})


class Pictures:
    """All pictures of a folder and its subfolders, as uint8 in memory, at most `side` pixels on the short side.

    Raises:
        SourceError: the folder holds no picture that can be read.
    """

    def __init__(self, folder: Path, side: int = 256) -> None:
        paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES) if folder.is_dir() else []
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            loaded = list(pool.map(lambda p: _load(p, side), paths))
        self.pictures = [p for p in loaded if p is not None]
        self.damaged = len(loaded) - len(self.pictures)
        if self.damaged:
            log.warning("%d of the pictures in '%s' cannot be read and are left out.", self.damaged, folder)
        if not self.pictures:
            raise SourceError(f"'{folder}' holds no picture to train on; name a folder of JPEG or PNG files.")

    def __len__(self) -> int:
        return len(self.pictures)

    def crops(self, count: int, size: int, rng: np.random.Generator) -> Tensor:
        """Draw (count, 3, size, size) float32 RGB in 0..1: random pictures, squares, scales and flips."""
        out = np.empty((count, size, size, 3), np.uint8)
        for target in out:
            picture = self.pictures[int(rng.integers(len(self.pictures)))]
            height, width = picture.shape[:2]
            short = min(height, width)
            side = int(rng.integers(min(size, short), short + 1))
            y, x = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
            crop = picture[y : y + side, x : x + side]
            shrink = side > size
            cv2.resize(crop, (size, size), dst=target, interpolation=cv2.INTER_AREA if shrink else cv2.INTER_CUBIC)
            if rng.random() < 0.5:
                target[:] = target[:, ::-1].copy()
        return torch.from_numpy(out).permute(0, 3, 1, 2).contiguous().float().div_(255)


def _load(path: Path, side: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None:
    """RGB (H, W, 3), or None for a damaged picture."""
    try:
        bgr = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error):
        return None
    if bgr is None or min(bgr.shape[:2]) < 16:
        return None
    scale = side / min(bgr.shape[:2])
    if scale < 1:
        size = (round(bgr.shape[1] * scale), round(bgr.shape[0] * scale))
        bgr = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(bgr[..., ::-1]).astype(np.uint8, copy=False)
