"""What the numbers of a video's pixels mean, and their way to RGB and back.

The codes are those of ITU-T H.273, which containers, codecs and FFmpeg share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

if TYPE_CHECKING:
    from stytr_live.frame import Pixels

UNSPECIFIED = 2
LIMITED, FULL = 1, 2
"""FFmpeg's codes of the range: luma from 16 to 235, or all levels."""
_CONVERTIBLE = frozenset({1, 4, 5, 6, 7, 9})
"""Matrices that swscale knows."""
_SWSCALE = {6: 5}
"""Where swscale has a number of its own for a matrix: BT.601 is one matrix with two codes."""
_EXACT = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
"""Without the last two, chroma is repeated rather than interpolated, and levels are up to 3 too dark."""
_HD = 720
"""From this height on, untagged video is taken for BT.709, below for BT.601, as players do."""


@dataclass(frozen=True, slots=True)
class Colour:
    """Colour tags of a video."""

    matrix: int
    range: int
    primaries: int
    transfer: int

    @classmethod
    def of(cls, *, matrix: int, range: int, primaries: int, transfer: int, pixel_format: str, height: int) -> Colour:  # noqa: A002
        """Tags as a stream has them, made complete: what it leaves open is what players guess."""
        full = pixel_format.startswith("yuvj") or range == FULL
        matrix = 9 if matrix == 10 else matrix  # constant luminance: swscale knows its relative only
        if matrix not in _CONVERTIBLE:  # also RGB (0): the output is YUV
            matrix = 1 if height >= _HD or matrix == 0 else 6
        guess = {1: 1, 9: 9}.get(matrix, 6)
        return cls(
            matrix,
            FULL if full else LIMITED,
            guess if primaries in (0, UNSPECIFIED) else primaries,
            {1: 1, 9: 14}.get(matrix, 6) if transfer in (0, UNSPECIFIED) else transfer,
        )


class ToRgb:
    """Decoded frames to pixels."""

    def __init__(self, colour: Colour) -> None:
        self._colour, self._reformatter = colour, VideoReformatter()

    def __call__(self, frame: av.VideoFrame, size: tuple[int, int] | None = None) -> Pixels:
        """A frame → (H, W, 3) RGB, of a size (width, height) where one is given."""
        width, height = size or (frame.width, frame.height)
        rgb = self._reformatter.reformat(
            frame,
            width,
            height,
            "rgb24",
            src_colorspace=_SWSCALE.get(self._colour.matrix, self._colour.matrix),
            interpolation=_EXACT,
            src_color_range=self._colour.range,
            dst_color_range=FULL,
        )
        return np.ascontiguousarray(rgb.to_ndarray(), np.uint8)


class FromRgb:
    """Pixels to frames for an encoder."""

    def __init__(self, colour: Colour, pixel_format: str) -> None:
        self._colour, self._format, self._reformatter = colour, pixel_format, VideoReformatter()

    def __call__(self, pixels: Pixels) -> av.VideoFrame:
        """(H, W, 3) RGB → a frame in the encoder's pixel format, tagged."""
        frame = self._reformatter.reformat(
            av.VideoFrame.from_ndarray(pixels, format="rgb24"),
            format=self._format,
            dst_colorspace=_SWSCALE.get(self._colour.matrix, self._colour.matrix),
            interpolation=_EXACT | Interpolation.FULL_CHR_H_INP,
            src_color_range=FULL,
            dst_color_range=self._colour.range,
        )
        frame.colorspace, frame.color_range = self._colour.matrix, self._colour.range
        frame.color_primaries, frame.color_trc = self._colour.primaries, self._colour.transfer
        return frame
