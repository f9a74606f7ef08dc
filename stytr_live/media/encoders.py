"""Encoders of pictures: what a user asks for, and what is used."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import av

from stytr_live.errors import SettingsError, SinkError
from stytr_live.media.probe import ENCODERS, try_encoder

if TYPE_CHECKING:
    from pathlib import Path

    from stytr_live.frame import Size
    from stytr_live.media.traits import Traits

log = logging.getLogger(__name__)

CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
"""Suffixes of videos that can be written, and FFmpeg's names of their formats."""
CODECS = {
    "h264": (".mp4", ".m4v", ".mov", ".mkv"),
    "hevc": (".mp4", ".m4v", ".mov", ".mkv"),
    "av1": (".mp4", ".mkv", ".webm"),
    "vp9": (".mp4", ".mkv", ".webm"),
    "prores": (".mov", ".mkv"),
    "ffv1": (".mkv",),
}
"""Codecs, and the suffixes of files that hold them and that players play."""
QUALITIES = ("draft", "good", "high", "best", "lossless")
"""`high` is hard to tell from the original, `good` is what streaming looks like."""
HARDWARE = ("off", "auto", "nvenc", "qsv", "amf", "videotoolbox", "vaapi")
"""What encodes in place of the processor: NVIDIA's, Intel's, AMD's and Apple's encoders, and Linux's way to them."""
LONGEST = 16384
"""Most pixels that H.264 and VP9 have in a row or column."""

# Paintings are hard to encode: on a processor, x264's medium takes as long as the network, and saves 2 % of the file.
_SOFTWARE = {
    "h264": ("libx264", "yuv420p", {"preset": "faster"}),
    # Open groups of pictures refer to the one before, which may be in another part. What x265 makes depends on the
    # number of its threads, and what it tells of itself in the header on the processor: neither must.
    "hevc": (
        *("libx265", "yuv420p"),
        {"preset": "fast", "x265-params": "log-level=none:open-gop=0:frame-threads=3:info=0"},
    ),
    "av1": ("libsvtav1", "yuv420p", {"preset": "8"}),
    "vp9": ("libvpx-vp9", "yuv420p", {"b": "0", "row-mt": "1", "deadline": "good", "cpu-used": "4"}),
    "prores": ("prores_ks", "yuv422p10le", {"vendor": "apl0"}),
    "ffv1": ("ffv1", "bgr0", {"level": "3", "slices": "4", "slicecrc": "1", "g": "1"}),
}
_LEVELS = {
    "h264": ("crf", ("28", "23", "18", "14", "")),
    "hevc": ("crf", ("30", "25", "19", "15", "")),
    "av1": ("crf", ("48", "38", "28", "19", "")),
    "vp9": ("crf", ("48", "40", "29", "20", "")),
    "prores": ("profile", ("0", "1", "2", "3", "")),
}
"""By codec, the option that sets the quality, and its values for the qualities; empty where there is none such.

Those of a name are within 0.5 dB of luma of each other on a painting: 28, 31, 35 and 38.5 dB. ProRes has only profiles.
"""
_LOSSLESS = {"h264": ("qp", "0"), "hevc": ("x265-params", ":lossless=1"), "vp9": ("lossless", "1")}
"""By codec, the option that makes it lose nothing, and its value; one that begins with a colon is added."""
LARGE = 6_000_000
"""Pixels of a frame from which on memory is scarce."""
_AHEAD = {"h264": ("rc-lookahead", "5"), "hevc": ("x265-params", ":rc-lookahead=5"), "vp9": ("lag-in-frames", "8")}
"""By codec, the option that limits how many frames are looked ahead where they are large, and its value.

For each of them x264 takes some 25 MB at 3840×2160, and it would take 20.
"""
_QSCALE = 118
"""FFmpeg's unit of quality where an encoder has no option of its own for it."""
_HARD: dict[str, tuple[dict[str, str], tuple[str, ...], tuple[int, ...]]] = {
    "nvenc": ({"preset": "p5", "rc": "vbr", "b": "0"}, ("cq",), (28, 23, 18, 14)),
    "qsv": ({"preset": "medium"}, ("global_quality",), (28, 23, 18, 14)),
    "amf": ({"rc": "cqp"}, ("qp_i", "qp_p", "qp_b"), (28, 23, 18, 14)),
    "videotoolbox": ({"flags": "+qscale"}, ("global_quality",), tuple(_QSCALE * q for q in (45, 55, 65, 80))),
    "vaapi": ({"rc_mode": "CQP"}, ("qp",), (28, 23, 18, 14)),
}
"""By hardware, options of its encoders, those that set the quality, and their values for the qualities.

Most count like x264; Apple's count up to 100, which is best.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How a user wants pictures encoded.

    Raises:
        SettingsError: a value is unknown or out of its range.
    """

    codec: str | None = None
    """One of `CODECS`; None leaves it to the suffix of the file."""
    quality: str = "high"
    """One of `QUALITIES`."""
    hardware: str = "off"
    """One of `HARDWARE`; `auto` takes what there is, and all of them fall back to the processor."""
    pixel_format: str | None = None
    """FFmpeg's name, such as `yuv420p10le`; None takes what players play."""
    gop: float | None = None
    """Most seconds from one key frame to the next; None leaves it to the encoder."""

    def __post_init__(self) -> None:
        for name, known in (("codec", CODECS), ("quality", QUALITIES), ("hardware", HARDWARE)):
            value = getattr(self, name)
            if value not in known and not (name == "codec" and value is None):
                raise SettingsError(f"There is no {name} '{value}'; choose one of {', '.join(known)}.")
        if self.gop is not None and not 0 < self.gop <= 3600:
            raise SettingsError(f"Key frames every {self.gop:g} s cannot be; choose a time up to 3600 s.")


@dataclass(frozen=True, slots=True)
class Encoder:
    """An encoder and its settings. Equal ones make streams that can be put one after the other."""

    container: str
    """FFmpeg's name of the format of the file."""
    codec: str
    """One of `CODECS`."""
    name: str
    """FFmpeg's name of the encoder."""
    pixel_format: str
    options: tuple[tuple[str, str], ...]
    gop: int | None
    """Most frames from one key frame to the next; None leaves it to the encoder."""


def settle(encoding: Encoding | None, path: Path, traits: Traits) -> Encoder:
    """The encoder for a file of this name and frames of these traits.

    Raises:
        SinkError: no video of this suffix can be written, or the codec does not go into it.
        SettingsError: the encoder has no such quality or pixel format, or cannot encode frames of this size.
    """
    encoding = encoding or Encoding()
    suffix = path.suffix.lower()
    if suffix not in CONTAINERS:
        raise SinkError(
            f"'{path}' has no suffix of a video that can be written; choose one of {', '.join(CONTAINERS)}."
        )
    codec = encoding.codec or ("vp9" if suffix == ".webm" else "h264")
    if suffix not in CODECS[codec]:
        raise SinkError(f"'{path}' cannot hold {codec}; choose a name that ends in {' or '.join(CODECS[codec])}.")
    chosen = _hardware(encoding, codec, traits.size)
    if chosen is None:
        name, pixel_format, options = _software(encoding, codec, large=traits.size[0] * traits.size[1] >= LARGE)
        chosen = name, encoding.pixel_format or _fit(pixel_format, name, traits.size), options
        _check(*chosen[:2], traits.size)
    name, pixel_format, options = chosen
    gop = None
    if encoding.gop is not None and codec not in ("prores", "ffv1"):  # which have key frames only
        gop = max(1, round(Fraction(encoding.gop) * (traits.rate or 30)))
    return Encoder(CONTAINERS[suffix], codec, name, pixel_format, tuple(sorted(options.items())), gop)


def usual(path: Path) -> tuple[str, str]:
    """The container and the software encoder for a file of this name, both by FFmpeg's names.

    Raises:
        SinkError: no video of this suffix can be written.
    """
    suffix = path.suffix.lower()
    if suffix not in CONTAINERS:
        raise SinkError(
            f"'{path}' has no suffix of a video that can be written; choose one of {', '.join(CONTAINERS)}."
        )
    return CONTAINERS[suffix], _SOFTWARE["vp9" if suffix == ".webm" else "h264"][0]


def _software(encoding: Encoding, codec: str, *, large: bool) -> tuple[str, str, dict[str, str]]:
    name, pixel_format, options = _SOFTWARE[codec]
    options = dict(options)
    if codec == "ffv1":  # whatever is asked for, nothing is lost
        return name, pixel_format, options
    if large and codec in _AHEAD:
        _set(options, *_AHEAD[codec])
    if encoding.quality == "lossless" and codec in _LOSSLESS:
        _set(options, *_LOSSLESS[codec])
        return name, "yuv444p", options
    option, values = _LEVELS[codec]
    value = values[QUALITIES.index(encoding.quality)]
    if not value:
        raise SettingsError(f"{codec} has no quality 'lossless' here; choose 'best', or the codec ffv1 or h264.")
    return name, pixel_format, options | {option: value}


def _set(options: dict[str, str], option: str, value: str) -> None:
    options[option] = options[option] + value if value.startswith(":") else value


def _hardware(encoding: Encoding, codec: str, size: Size) -> tuple[str, str, dict[str, str]] | None:
    """What encodes in place of the processor; None where nothing does, and that is said."""
    if encoding.hardware == "off":
        return None
    if encoding.quality == "lossless" or codec in ("vp9", "ffv1", "prores"):
        log.warning("There is no %s of %s quality in hardware, so the processor encodes.", codec, encoding.quality)
        return None
    reasons = []
    for kind in HARDWARE[2:] if encoding.hardware == "auto" else (encoding.hardware,):
        name = f"{codec}_{kind}"
        options, levels, values = _HARD[kind]
        options = options | dict.fromkeys(levels, str(values[QUALITIES.index(encoding.quality)]))
        pixel_format = encoding.pixel_format or ENCODERS.get(name, "yuv420p")
        reason = _opens(name, pixel_format, tuple(options.items()))
        if reason is None and (size[0] % 2 or size[1] % 2):
            reason = "it encodes even sizes only"
        if reason is None:
            return name, pixel_format, options
        reasons.append(f"{name}: {reason}")
    log.warning("The processor encodes, as no hardware could be used (%s).", "; ".join(reasons))
    return None


@cache
def _opens(name: str, pixel_format: str, options: tuple[tuple[str, str], ...]) -> str | None:
    return try_encoder(name, pixel_format=pixel_format, options=dict(options))


def _fit(pixel_format: str, name: str, size: Size) -> str:
    """Chroma at half resolution needs even sides in H.264 and HEVC, whose cropping counts in pairs too.

    Rather than lose or invent a row, odd sizes keep chroma whole.
    """
    odd = size[0] % 2 or size[1] % 2
    return "yuv444p" if odd and name in ("libx264", "libx265") and pixel_format == "yuv420p" else pixel_format


def _check(name: str, pixel_format: str, size: Size) -> None:
    known = [form.name for form in av.Codec(name, "w").video_formats or ()]
    if known and pixel_format not in known:
        raise SettingsError(f"{name} has no pixel format '{pixel_format}'; it has {', '.join(known)}.")
    form = av.VideoFormat(pixel_format, 4, 4)
    halved = (size[0] % 2 and form.chroma_width() < 4) or (size[1] % 2 and form.chroma_height() < 4)
    if halved and name in ("libx264", "libx265"):
        raise SettingsError(
            f"{name} has '{pixel_format}' for even sizes only, not for {size[0]}×{size[1]}; choose yuv444p."
        )
