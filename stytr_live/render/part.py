"""A painted segment on the disk: an encoded file, and beside it a record of what is in it."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILM, RECORD = ".film", ".json"
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """What became of a segment. Where there is a record, its file is whole."""

    number: int
    """Of the segment."""
    name: str | None
    """Of the file, in the folder of the parts; None where no frame of the segment could be read."""
    ticks: tuple[int, ...]
    """Times of its frames on the clock of the parts."""
    sha256: str
    """Of the file."""
    seconds: float
    """How long it took to paint."""
    damaged: int = 0
    """Packets of the source that could not be decoded meanwhile."""

    @property
    def frames(self) -> int:
        """How many there are."""
        return len(self.ticks)

    @classmethod
    def keep(
        cls, number: int, made: Path | None, ticks: tuple[int, ...], seconds: float, folder: Path, *, damaged: int
    ) -> Part:
        """Give a file that was made its name, and write its record; after a crash there is either all of it or nothing.

        Raises:
            OSError: the disk will not have it.
        """
        name, digest = None, ""
        if made is not None:
            name, digest = f"{number:06}{FILM}", _hash(made)
            _sync(made)
            made.replace(folder / name)
        part = cls(number, name, ticks, digest, round(seconds, 3), damaged)
        record, whole = folder / f"{number:06}{RECORD}.new", folder / f"{number:06}{RECORD}"
        record.write_text(json.dumps(asdict(part)), "ascii")
        _sync(record)
        record.replace(whole)
        _sync_folder(folder)
        return part

    @classmethod
    def find(cls, folder: Path, number: int) -> Part | None:
        """The part of a segment, if it is there and whole."""
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            table = json.loads((folder / f"{number:06}{RECORD}").read_text("ascii"))
            part = cls(**table | {"ticks": tuple(table["ticks"])})
            whole = part.name is None or _hash(folder / part.name) == part.sha256
            if whole and part.number == number and all(type(tick) is int for tick in part.ticks):
                return part
        return None


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk too, where the system knows how."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:  # some file systems cannot
        pass
    finally:
        os.close(handle)
