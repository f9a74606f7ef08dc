"""Pictures, weights and the clip that come with the program."""

from __future__ import annotations

from pathlib import Path

from stytr_live.errors import StytrError

PICTURES = frozenset({".png", ".jpg"})


def folder() -> Path:
    """Where they are: in the installed package, or beside it in a checkout.

    Raises:
        StytrError: they are missing.
    """
    package = Path(__file__).parent
    for candidate in (package / "assets", package.parent / "assets"):
        if (candidate / "styles").is_dir():
            return candidate
    raise StytrError("The built-in pictures are missing; install the program again.")


def styles() -> dict[str, Path]:
    """Built-in style pictures by name, in the order of their names."""
    return {path.stem: path for path in sorted((folder() / "styles").iterdir()) if path.suffix in PICTURES}


def weights(name: str) -> Path:
    """Where the built-in weights of a network are, or would be."""
    return folder() / "weights" / f"{name}.safetensors"


def clip() -> Path:
    """A short video with sound."""
    return folder() / "clip.mp4"
