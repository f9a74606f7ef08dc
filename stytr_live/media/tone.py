"""High dynamic range to what every screen shows.

The policy: a film is shown as on a screen whose white has 203 cd/m², the reference white of HDR (ITU-R BT.2408), and
which shows nothing brighter.

1. Signal to light: PQ as in ITU-R BT.2100, table 4; HLG as there, table 5, for a screen of 1000 cd/m² (system gamma
   1.2).
2. The brightest of red, green and blue goes through the tone curve of ITU-R BT.2390 (section 5.4.1, EETF): light up to
   some level stays as it is, and what is above it is bent so that the film's peak becomes white. The others follow in
   proportion, so that hues stay. The peak is what the film says of itself, 1000 cd/m² where it says nothing.
3. The colours of BT.2020 become those of BT.709; what these cannot show is clipped.
4. Light to signal: the inverse of ITU-R BT.1886, a power of 1/2.4.

All of it is a function of three numbers, so it is put into a table, which FFmpeg's `lut3d` looks up and interpolates
between (tetrahedrally) with 16 bits.
"""

from __future__ import annotations

import struct
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
import numpy as np
import numpy.typing as npt
from av.filter import Graph
from av.video.reformatter import Interpolation, VideoReformatter

from stytr_live.media.colour import FULL, Colour

if TYPE_CHECKING:
    from av.buffer import Buffer

    from stytr_live.frame import Pixels

Array = npt.NDArray[np.float64]

PQ, HLG = 16, 18
"""Codes of the transfers in ITU-T H.273."""
WHITE = 203.0
"""Light of white, in cd/m²."""
USUAL = 1000.0
"""Peak of a film that does not say it, in cd/m²."""
SHOWN = Colour(matrix=1, range=1, primaries=1, transfer=1)
"""What a film is tagged with that was made to fit every screen: BT.709."""
SIDE = 49
"""Entries along each side of the table: between them the light is wrong by less than a level of 8 bits."""

_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073
_TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
"""ITU-R BT.2407, section 2.2: linear BT.2020 to linear BT.709."""
_LUMA = np.array([0.2627, 0.6780, 0.0593])


@dataclass(frozen=True, slots=True)
class Range:
    """That a film has a high dynamic range, and which."""

    colour: Colour
    """How its pixels are coded."""
    peak: float
    """Its brightest light, in cd/m²."""

    @classmethod
    def of(cls, colour: Colour, frame: av.VideoFrame) -> Range | None:
        """What a frame says; None where its range is the usual one."""
        if colour.transfer not in (PQ, HLG):
            return None
        if colour.transfer == HLG:
            return cls(colour, USUAL)
        return cls(colour, min(max(_peak(frame), WHITE), 10_000.0))

    @property
    def name(self) -> str:
        """`PQ` or `HLG`."""
        return "PQ" if self.colour.transfer == PQ else "HLG"


class ToneMapper:
    """Decoded frames of a high dynamic range to pixels."""

    def __init__(self, range: Range) -> None:  # noqa: A002
        self._range = range
        self._before, self._after = VideoReformatter(), VideoReformatter()
        self._graph: Graph | None = None
        self._size = (0, 0)

    def __call__(self, frame: av.VideoFrame, size: tuple[int, int] | None = None) -> Pixels:
        """A frame → (H, W, 3) RGB of BT.709, of a size (width, height) where one is given."""
        width, height = size or (frame.width, frame.height)
        colour = self._range.colour
        rgb = self._before.reformat(
            frame,
            width,
            height,
            "gbrp16le",
            src_colorspace=colour.matrix,
            interpolation=Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT,
            src_color_range=colour.range,
            dst_color_range=FULL,
        )
        if self._graph is None or self._size != (width, height):
            self._graph, self._size = _graph(rgb, self._range), (width, height)
        rgb.pts = None
        self._graph.push(rgb)
        mapped = self._graph.pull()
        assert isinstance(mapped, av.VideoFrame)
        shown = self._after.reformat(mapped, format="rgb24")
        return np.ascontiguousarray(shown.to_ndarray(), np.uint8)


def mapped(signal: Array, range: Range) -> Array:  # noqa: A002
    """The policy: signal (…, 3) in 0..1 of BT.2020, PQ or HLG → signal (…, 3) in 0..1 of BT.709."""
    light = _pq_light(signal) if range.colour.transfer == PQ else _hlg_light(signal)
    brightest = light.max(-1, keepdims=True)
    curved = tone_curve(brightest, range.peak)
    light = light * np.divide(curved, brightest, out=np.ones_like(brightest), where=brightest > 0)
    if range.colour.primaries == 9:
        light = light @ _TO_709.T
    shown: Array = np.clip(light / WHITE, 0, 1) ** (1 / 2.4)
    return shown


def tone_curve(light: Array, peak: float) -> Array:
    """Light in cd/m² of a film with a peak, on a screen that shows up to `WHITE` (ITU-R BT.2390, section 5.4.1)."""
    top = float(_pq_signal(np.array(peak)))
    most = float(_pq_signal(np.array(WHITE))) / top
    knee = 1.5 * most - 0.5
    e = np.minimum(_pq_signal(light) / top, 1.0)
    if knee >= 1:
        return np.minimum(light, WHITE)
    t = (e - knee) / (1 - knee)
    bent = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * most
    return np.minimum(_pq_light(np.where(e < knee, e, bent) * top), WHITE)


def _pq_light(signal: Array) -> Array:
    """Signal in 0..1 → light in cd/m²."""
    power = np.maximum(signal, 0) ** (1 / _M2)
    light: Array = 10_000 * (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1)
    return light


def _pq_signal(light: Array) -> Array:
    """Light in cd/m² → signal in 0..1."""
    power = (np.maximum(light, 0) / 10_000) ** _M1
    signal: Array = ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2
    return signal


def _hlg_light(signal: Array) -> Array:
    """Signal (…, 3) in 0..1 → light in cd/m² on a screen of 1000 cd/m²."""
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - _C) / _A) + _B) / 12)
    luma = (scene @ _LUMA)[..., None]
    light: Array = USUAL * np.maximum(luma, 0) ** 0.2 * scene
    return light


def _peak(frame: av.VideoFrame) -> float:
    """The brightest light of a film in cd/m², as its frames say: MaxCLL, else the screen that it was made on."""
    level = frame.side_data.get("CONTENT_LIGHT_LEVEL")
    if level is not None:
        most, _ = struct.unpack("=II", bytes(cast("Buffer", level))[:8])
        if most:
            return float(most)
    screen = frame.side_data.get("MASTERING_DISPLAY_METADATA")
    if screen is not None:
        *_, numerator, denominator, _, luminance = struct.unpack("=22i", bytes(cast("Buffer", screen))[:88])
        if luminance and numerator > 0 and denominator > 0:
            return float(numerator / denominator)
    return USUAL


def _graph(like: av.VideoFrame, range: Range) -> Graph:  # noqa: A002
    """A filter that looks a frame of 16 bits up in a table."""
    with tempfile.TemporaryDirectory(prefix="stytr-live-") as folder:
        table = Path(folder) / "tone.cube"
        axis = np.linspace(0, 1, SIDE)
        blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")  # red changes fastest, as the format wants it
        entries = mapped(np.stack([red, green, blue], -1).reshape(-1, 3), range)
        rows = "\n".join("%.6f %.6f %.6f" % tuple(row) for row in entries.tolist())  # noqa: UP031  (four times as fast)
        table.write_text(f"LUT_3D_SIZE {SIDE}\n{rows}\n", "ascii")
        graph = Graph()
        source = graph.add_buffer(
            width=like.width, height=like.height, format=like.format, time_base=like.time_base or Fraction(1, 25)
        )
        name = str(table).replace("\\", "/").replace(":", "\\:").replace("'", "\\'")
        lookup = graph.add("lut3d", f"file='{name}':interp=tetrahedral")
        sink = graph.add("buffersink")
        source.link_to(lookup)
        lookup.link_to(sink)
        graph.configure()
        return graph
