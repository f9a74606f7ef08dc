"""A single picture of a stream, kept with what it was made with."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from stytr_live.errors import SinkError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from stytr_live.frame import Pixels

_LONGEST_KEY = 79
"""Bytes that PNG has for the name of a fact."""


def snapshot_name(folder: Path, when: datetime) -> Path:
    """Where a picture of a moment goes: a name that sorts by time and that every file system takes."""
    return folder / f"StyTR Live {when:%Y-%m-%d %H-%M-%S}.png"


def write_snapshot(path: Path, pixels: Pixels, facts: Mapping[str, str]) -> Path:
    """Write (H, W, 3) RGB as PNG with facts in its text chunks, and give back where: `name 2.png` if `name.png` exists.

    It appears under its name only when whole; the folder is made where it is missing. Takes a few hundred milliseconds
    for a large picture.

    Raises:
        SinkError: it cannot be written; nothing is left.
    """
    info = PngInfo()
    for key, value in facts.items():
        latin = key.encode("latin-1", "replace")[:_LONGEST_KEY].decode("latin-1")
        info.add_text(latin, value.replace("\0", ""))
    part = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            Image.fromarray(pixels).save(file, "PNG", compress_level=4, pnginfo=info)
            file.flush()
            os.fsync(file.fileno())
        return next(name for name in _names(path) if _moved(part, name))
    except (OSError, ValueError) as error:
        raise SinkError(f"'{path}' cannot be written: {getattr(error, 'strerror', None) or error}.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _names(path: Path) -> Iterator[Path]:
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem} {number}{path.suffix}")


def _moved(part: Path, path: Path) -> bool:
    """Give a file its name; False where that is taken."""
    if path.exists():
        return False
    try:
        path.hardlink_to(part)  # unlike a renaming, it fails where another program was quicker
    except FileExistsError:
        return False
    except OSError:  # file systems of memory cards have no links
        part.rename(path)
    return True
