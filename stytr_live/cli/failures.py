"""What went wrong, in one plain sentence, and what to tell the shell."""

from __future__ import annotations

import errno
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stytr_live.errors import StytrError

if TYPE_CHECKING:
    from pathlib import Path

FAILED = 1
"""The exit code of everything that went wrong, but wrong arguments (2) and signals (128 + number)."""


def explain(error: BaseException) -> str:
    """One sentence for a user; the details of what nobody foresaw go to a log file that it names."""
    if isinstance(error, StytrError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory; close other programs or choose a smaller --short-side."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        where = f" while writing '{error.filename}'" if error.filename else ""
        return f"The disk is full{where}; make room or choose another place."
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"'{error.filename}' cannot be used: {error.strerror}."
    summary = " ".join(f"{type(error).__name__}: {error}".split())[:200].rstrip(".")
    log = _log(error)
    details = f"the details are in '{log}', please attach it to a report" if log else "please report it"
    return f"Something went wrong that should not ({summary}); {details} to the project."


def _log(error: BaseException) -> Path | None:
    """Append a traceback to the log file; None where that fails too."""
    import platformdirs

    from stytr_live import __version__

    try:
        folder = platformdirs.user_log_path("stytr-live", appauthor=False, ensure_exists=True)
        path = folder / "stytr-live.log"
        with path.open("a", encoding="utf-8") as file:
            file.write(f"--- {datetime.now(UTC).isoformat(timespec='seconds')} stytr-live {__version__}\n")
            file.write("".join(traceback.format_exception(error)))
    except OSError:
        return None
    return path
