"""A feature network with random weights, in the format of the compressed VGG."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

LAYERS = ("11", "12", "21", "22", "31", "32", "33", "34", "41", "42", "43", "44", "51")
WIDTHS = {"1": 4, "2": 6, "3": 8, "4": 8, "5": 8}


def write_features(path: Path) -> Path:
    """Write the file."""
    rng, arrays, width = np.random.default_rng(0), {}, 3
    arrays["conv0.weight"], arrays["conv0.bias"] = 255 * np.eye(3)[..., None, None], np.full(3, -120.0)
    for layer in LAYERS:
        out = WIDTHS[layer[0]]
        arrays[f"conv{layer}.weight"] = rng.standard_normal((out, width, 3, 3)) * (2 / (9 * width)) ** 0.5
        arrays[f"conv{layer}.bias"] = 0.1 * rng.standard_normal(out)
        width = out
    np.savez(path, **{k: v.astype(np.float16) for k, v in arrays.items()})
    return path
