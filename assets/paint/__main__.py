"""Paint the built-in pictures and film the built-in clip again: `python -m assets.paint [NAME …]`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from assets.paint import clip
from assets.paint.hands import HANDS

ASSETS = Path(__file__).parents[1]


def paint(name: str) -> None:
    """Write one picture."""
    picture = HANDS[name](np.random.default_rng(7))
    image = Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
    image.save(ASSETS / "styles" / f"{name}.jpg", quality=92, subsampling=0)


def main(names: list[str]) -> None:
    """Make what is named, or everything."""
    for name in names or [*HANDS, "clip"]:
        if name == "clip":
            clip.write(ASSETS / "clip.mp4")
        else:
            paint(name)


if __name__ == "__main__":
    main(sys.argv[1:])
