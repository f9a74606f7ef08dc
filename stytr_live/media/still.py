"""Still pictures in files."""

from __future__ import annotations

import io
import os
import warnings
from struct import error as struct_error
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from stytr_live.errors import SinkError, SourceError

if TYPE_CHECKING:
    from pathlib import Path

    from stytr_live.frame import Pixels

LIMIT = 100_000_000
"""Most pixels a picture may have, counted before any of them is decoded."""
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".avif", ".jp2"})
"""Names of files that are taken for pictures where the contents cannot tell."""
FORMATS = (
    "PNG",
    "JPEG",
    "WEBP",
    "TIFF",
    "GIF",
    "BMP",
    "DIB",
    "AVIF",
    "JPEG2000",
    "ICO",
    "PPM",
    "QOI",
    "PCX",
)
"""Formats that are read. Not among them is what another program would be run for, such as PostScript."""
_WRITERS: dict[str, tuple[str, dict[str, Any]]] = {
    ".png": ("PNG", {"compress_level": 4}),
    ".jpg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".jpeg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".webp": ("WEBP", {"quality": 95, "method": 4}),
    ".tif": ("TIFF", {"compression": "tiff_deflate"}),
    ".tiff": ("TIFF", {"compression": "tiff_deflate"}),
    ".bmp": ("BMP", {}),
    ".gif": ("GIF", {}),
}
_SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N", "I")


def read_picture(path: Path, *, limit: int = LIMIT) -> Pixels:
    """Read a picture as it is meant to be seen: (H, W, 3) RGB, sRGB, upright, its first frame, transparency over white.

    Raises:
        SourceError: it is missing, no picture, damaged, or has more than `limit` pixels.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # a pipe or a device may go on for ever
            raise SourceError(f"The picture '{path}' cannot be read: it is not a file.")
        file = path.open("rb")
        empty = path.stat().st_size == 0
    except OSError as error:
        raise SourceError(f"The picture '{path}' cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise SourceError(f"The picture '{path}' cannot be read: {error}.") from error
    try:
        with file, warnings.catch_warnings(action="ignore"), Image.open(file, formats=FORMATS) as image:
            width, height = image.size
            if width * height > limit:
                most = f"{limit // 1_000_000} megapixels"
                raise SourceError(f"The picture '{path}' has {width}×{height} pixels; make it smaller than {most}.")
            image.seek(0)
            image.load()
            return _upright_rgb(image)
    except UnidentifiedImageError as error:
        if empty:
            raise SourceError(f"The picture '{path}' is empty.") from error
        raise SourceError(f"'{path}' is not a picture in a format this program reads.") from error
    except Image.DecompressionBombError as error:
        raise SourceError(f"The picture '{path}' has too many pixels; make it smaller.") from error
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError, struct_error) as error:
        raise SourceError(f"The picture '{path}' is damaged and cannot be read.") from error


def write_picture(path: Path, pixels: Pixels, *, overwrite: bool = False) -> None:
    """Write (H, W, 3) RGB to a file of the format its suffix names; it appears under its name only when whole.

    Raises:
        SinkError: the format is unknown, the file exists and must not be replaced, or it cannot be written.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        known = ", ".join(sorted(_WRITERS))
        raise SinkError(f"'{path}' has no suffix of a picture that can be written; choose one of {known}.")
    if path.exists() and not overwrite:
        raise SinkError(f"'{path}' exists already; choose another name or add --overwrite.")
    form, options = writer
    part = path.with_name(path.stem + ".part" + path.suffix)
    try:
        with part.open("wb") as file:
            Image.fromarray(pixels).save(file, form, **options)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, ValueError) as error:
        part.unlink(missing_ok=True)
        raise SinkError(f"'{path}' cannot be written: {getattr(error, 'strerror', None) or error}.") from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def is_picture(path: Path) -> bool:
    """Whether a file holds a picture, by its contents; a file that is not there, by its suffix.

    A GIF, WebP or PNG that moves is a picture too: its first frame.
    """
    if not path.is_file():
        return path.suffix.lower() in SUFFIXES
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=FORMATS):
            return True
    except Image.DecompressionBombError:
        return True
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError, struct_error):
        # A damaged picture is still one: its name tells, so that the user hears that it is damaged.
        return path.suffix.lower() in SUFFIXES


def _upright_rgb(image: Image.Image) -> Pixels:
    """A loaded picture of any mode, as sRGB."""
    icc = image.info.get("icc_profile")
    exif = ImageOps.exif_transpose(image)
    if exif.mode in _SIXTEEN_BIT:
        levels = np.asarray(exif).astype(np.float32)
        scale = 255 / 65535 if exif.mode != "I" or levels.max() > 255 else 1.0
        grey = (levels * scale + 0.5).clip(0, 255).astype(np.uint8)
        return np.ascontiguousarray(np.repeat(grey[..., None], 3, 2))
    if exif.mode == "F":
        exif = exif.convert("L")
    if exif.has_transparency_data:
        layer = exif.convert("RGBA")
        exif = Image.new("RGB", layer.size, "white")
        exif.paste(layer, mask=layer)
    exif = _in_srgb(exif, icc)
    return np.ascontiguousarray(np.asarray(exif.convert("RGB")), np.uint8)


def _in_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Convert from the picture's own colour profile, where it has a usable one."""
    if not icc or image.mode not in ("RGB", "CMYK", "L"):
        return image
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        converted = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a broken profile is no reason to refuse a picture
    return converted or image
