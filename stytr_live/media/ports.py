"""What every source and every sink can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stytr_live.frame import Frame, MediaInfo


class FrameSource(Protocol):
    """Where frames come from. It is iterated once, by one thread."""

    info: MediaInfo

    def __iter__(self) -> Iterator[Frame]:
        """The frames in the order of their times.

        Raises:
            SourceError: reading fails.
            RuntimeError: it was iterated before.
        """
        ...

    def close(self) -> None:
        """End the iteration, also one that waits in another thread. May be called by any thread, and again."""
        ...


class FrameSink(Protocol):
    """Where frames go, in the order of their times. Exactly one of `close` and `discard` ends it."""

    def write(self, frame: Frame) -> None:
        """Take the next frame.

        Raises:
            SinkError: writing fails; `discard` is still due.
        """
        ...

    def close(self) -> None:
        """Make the output whole.

        Raises:
            SinkError: that fails; nothing is left of the output.
        """
        ...

    def discard(self) -> None:
        """Leave nothing of the output, and what was there before as it was."""
        ...
