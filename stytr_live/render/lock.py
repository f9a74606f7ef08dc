"""One process at a time: a lock that the system lets go of when its owner dies, however it dies."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FAR = 1 << 30
"""Where Windows locks a byte: what it locks cannot be read either."""


class Locked(Exception):  # noqa: N818  (an answer, not an error)
    """Another process has the lock; `str` is its number, if it is known."""


class Lock:
    """A lock on a file, which is made where it is missing.

    Raises:
        Locked: another process has it.
        OSError: the file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        while True:
            self._file = path.open("a+b")
            try:
                _take(self._file.fileno())
                if self._is_there():
                    break
            except BlockingIOError as error:
                owner = self._owner()
                self._file.close()
                raise Locked(owner) from error
            except BaseException:
                self._file.close()
                raise
            self._file.close()  # its owner removed it while we waited to have it: it locks nothing
        with suppress(OSError):
            self._file.truncate(0)
            self._file.write(str(os.getpid()).encode())
            self._file.flush()

    def release(self) -> None:
        """Let go of it; idempotent."""
        self._file.close()

    def _is_there(self) -> bool:
        ours = os.fstat(self._file.fileno())
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)

    def _owner(self) -> str:
        self._file.seek(0)
        return self._file.read(20).decode("ascii", "replace")


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        os.lseek(handle, FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error

else:
    import errno
    import fcntl

    def _take(handle: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):  # there are disks without locks
                raise
