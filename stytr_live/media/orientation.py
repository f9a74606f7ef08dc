"""How a decoded frame must be turned to stand upright."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

if TYPE_CHECKING:
    import av
    from av.buffer import Buffer

    from stytr_live.frame import Pixels


@dataclass(frozen=True, slots=True)
class Orientation:
    """A turn by quarters and mirrorings: first swap rows with columns, then reverse rows, then columns."""

    swap: bool = False
    rows: bool = False
    columns: bool = False

    @classmethod
    def of(cls, frame: av.VideoFrame) -> Orientation:
        """What the display matrix of a frame asks for; turns that are no quarters are left alone.

        The matrix maps (x, y) to (a x + c y, b x + d y), in 16.16 fixed point, as ISO/IEC 14496-12 has it.
        """
        data = frame.side_data.get("DISPLAYMATRIX")
        if data is None:
            return cls()
        a, b, _, c, d, *_ = struct.unpack("=9i", bytes(cast("Buffer", data))[:36])
        if a and d and not b and not c:
            return cls(swap=False, rows=d < 0, columns=a < 0)
        if b and c and not a and not d:
            return cls(swap=True, rows=b < 0, columns=c < 0)
        return cls()

    def upright(self, pixels: Pixels) -> Pixels:
        """Turn (H, W, 3)."""
        if self.swap:
            pixels = pixels.transpose(1, 0, 2)
        if self.rows:
            pixels = pixels[::-1]
        if self.columns:
            pixels = pixels[:, ::-1]
        return np.ascontiguousarray(pixels)
