"""The features in which losses and figures are measured, ready for use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from stytr_live.networks.features import CompressedVgg, Vgg19
from stytr_live.training.batches import on_device
from stytr_live.training.pictures import Pictures

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = 32
"""Photographs on which the spreads of layers are measured."""


def load_perception(file: Path | None, photographs: Path) -> CompressedVgg | Vgg19:
    """A compressed VGG-19 from a file, or torchvision's, whose spreads are measured on a folder of photographs.

    Raises:
        NetworkError: the file is not right, or torchvision's weights cannot be downloaded.
        SourceError: the folder holds no picture.
    """
    if file is not None:
        return CompressedVgg(file)
    features = Vgg19()
    squares = on_device(Pictures(photographs), torch.device("cpu"), limit=SAMPLE)
    features.measure(squares.float() / 255)
    return features
