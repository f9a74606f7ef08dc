"""What is kept on disk between two runs, because it takes long to compute: damaged or missing, it is computed again."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from pathlib import Path

import platformdirs

log = logging.getLogger(__name__)

LARGEST = 1 << 30
"""Bytes kept; beyond them, what was used longest ago is removed."""
_MARK = b"stytr-live 1\n"
_DIGEST = 32


class Store:
    """Pieces of data under keys, in one folder. Processes and threads may share it."""

    def __init__(self, folder: Path | None = None, *, largest: int = LARGEST) -> None:
        """`folder` is the user's cache folder unless told; it is made when first needed."""
        self._folder = folder or platformdirs.user_cache_path("stytr-live", appauthor=False)
        self._largest, self._told = largest, False

    def get(self, *key: str) -> bytes | None:
        """What was kept under a key; None where there is nothing, or nothing whole."""
        path = self._path(key)
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        head = len(_MARK) + _DIGEST
        if data[: len(_MARK)] != _MARK or hashlib.sha256(data[head:]).digest() != data[len(_MARK) : head]:
            log.warning("The cached file '%s' was damaged and is made again.", path)
            path.unlink(missing_ok=True)
            return None
        return data[head:]

    def put(self, data: bytes, *key: str, first: bool = False) -> None:
        """Keep data under a key; where that cannot be done, it is said once and nothing else happens.

        With `first`, only where there are none yet.
        """
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
                try:
                    part.write(_MARK + hashlib.sha256(data).digest() + data)
                    part.close()
                    _place(Path(part.name), path, first=first)
                except BaseException:
                    Path(part.name).unlink(missing_ok=True)
                    raise
            self._trim()
        except OSError as error:
            if not self._told:
                self._told = True
                log.warning("Nothing can be cached in '%s': %s.", self._folder, error.strerror or error)

    def agree(self, data: bytes, *key: str) -> bytes:
        """Keep data under a key unless there are some by now; what all that do so at once then have in common.

        Where nothing can be kept, that is what each of them came with.
        """
        known = self.get(*key)
        if known is None:
            self.put(data, *key, first=True)
            known = self.get(*key)
        return data if known is None else known

    def _path(self, key: tuple[str, ...]) -> Path:
        """Where a key's data lie. Its first word stays readable, the rest is hashed."""
        return self._folder / key[0] / hashlib.sha256("\0".join(key).encode()).hexdigest()

    def _trim(self) -> None:
        """Remove what was used longest ago, until the rest fits."""
        files = sorted(((s := p.stat()).st_mtime, s.st_size, p) for p in self._folder.glob("*/*") if p.is_file())
        excess = sum(size for _, size, _ in files) - self._largest
        for _, size, path in files:
            if excess <= 0:
                return
            path.unlink(missing_ok=True)
            excess -= size


def _place(part: Path, path: Path, *, first: bool) -> None:
    """Give a whole file its name; with `first`, only where no other has it."""
    if first:
        try:
            path.hardlink_to(part)
        except FileExistsError:
            pass
        except OSError:  # disks that know no links
            part.replace(path)
        part.unlink(missing_ok=True)
    else:
        part.replace(path)
