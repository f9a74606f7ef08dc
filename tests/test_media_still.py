"""Still pictures: read as they are meant to be seen, refused when they are not what they seem."""

from __future__ import annotations

import io
import struct
import subprocess
import warnings
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageCms

from stytr_live.errors import SinkError, SourceError
from stytr_live.media.still import is_picture, read_picture, write_picture

if TYPE_CHECKING:
    from pathlib import Path

    from stytr_live.frame import Pixels


def gradient(height: int = 24, width: int = 32) -> Pixels:
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // (width - 1), y * 255 // (height - 1), (x + y) * 2], -1).astype(np.uint8)


def test_a_picture_survives_a_file_without_loss(tmp_path: Path) -> None:
    for name in ("a.png", "a.tiff", "a.bmp"):
        write_picture(tmp_path / name, gradient())
        read = read_picture(tmp_path / name)
        assert np.array_equal(read, gradient())
        assert read.flags.c_contiguous


def test_lossy_formats_stay_close(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.JPEG", "a.webp"):
        write_picture(tmp_path / name, gradient())
        assert np.abs(read_picture(tmp_path / name).astype(int) - gradient()).mean() < 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_stand_upright_however_the_camera_was_held(orientation: int, tmp_path: Path) -> None:
    upright = gradient()
    stored_as = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }
    stored = Image.fromarray(np.ascontiguousarray(stored_as[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read_picture(tmp_path / "a.png"), upright)


def test_transparency_lies_over_white(tmp_path: Path) -> None:
    layer = np.zeros((4, 4, 4), np.uint8)
    layer[..., 0], layer[:2, :, 3] = 200, 255
    Image.fromarray(layer).save(tmp_path / "a.png")
    read = read_picture(tmp_path / "a.png")
    assert tuple(read[0, 0]) == (200, 0, 0)
    assert tuple(read[3, 3]) == (255, 255, 255)
    Image.fromarray(layer).quantize(4).save(tmp_path / "p.png", transparency=0)
    assert read_picture(tmp_path / "p.png").shape == (4, 4, 3)


def test_every_kind_of_pixel_becomes_rgb(tmp_path: Path) -> None:
    source = Image.fromarray(gradient())
    for mode in ("L", "P", "CMYK", "1", "LA"):
        name = tmp_path / ("a.tiff" if mode == "CMYK" else "a.png")
        source.convert(mode).save(name)
        read = read_picture(name)
        assert read.shape == (24, 32, 3)
        assert read.dtype == np.uint8
    source.convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert np.abs(read_picture(tmp_path / "a.jpg").astype(int) - gradient()).mean() < 12


def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path: Path) -> None:
    levels = np.linspace(0, 65535, 32 * 4).reshape(4, 32).astype(np.uint16)
    Image.fromarray(levels).save(tmp_path / "a.png")
    read = read_picture(tmp_path / "a.png")
    assert np.abs(read[..., 0].astype(float) - levels / 257).max() <= 1
    assert (read[..., 0] == read[..., 2]).all()


def test_of_what_moves_the_first_frame_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), c) for c in ("red", "blue")]
    for name in ("a.gif", "a.webp", "a.png"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], lossless=True)
        assert read_picture(tmp_path / name)[4, 4, 0] > 240


def test_colour_profiles_are_honoured_and_broken_ones_forgiven(tmp_path: Path) -> None:
    picture, srgb = Image.fromarray(gradient()), ImageCms.createProfile("sRGB")
    picture.save(tmp_path / "s.png", icc_profile=ImageCms.ImageCmsProfile(srgb).tobytes())
    assert np.abs(read_picture(tmp_path / "s.png").astype(int) - gradient()).max() <= 1
    picture.save(tmp_path / "b.png", icc_profile=b"broken")
    assert np.array_equal(read_picture(tmp_path / "b.png"), gradient())
    lab = picture.convert("L")
    lab.save(tmp_path / "g.png", icc_profile=ImageCms.ImageCmsProfile(srgb).tobytes())
    assert read_picture(tmp_path / "g.png").shape == (24, 32, 3)


def huge_png(width: int, height: int) -> bytes:
    """A few bytes that unfold to an immense picture."""
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))  # noqa: E731
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1 << 20)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(30_000, 30_000), (2_000_000, 60), (11_000, 11_000)])
def test_an_immense_picture_is_refused_before_it_is_unfolded(size: tuple[int, int], tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(huge_png(*size))
    with pytest.raises(SourceError, match=r"smaller"):
        read_picture(tmp_path / "a.png")
    assert is_picture(tmp_path / "a.png")


def cut(form: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(gradient(200, 300)).save(buffer, form)
    return buffer.getvalue()[: len(buffer.getvalue()) // 2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"not a picture at all", "not a picture"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), "not a picture|damaged"),
        (cut("PNG"), "damaged"),
        (cut("JPEG"), "damaged"),
        (cut("TIFF"), "damaged|not a picture"),
        (cut("WEBP"), "damaged|not a picture"),
        (None, "No such file"),
    ],
    ids=["empty", "text", "header only", "cut png", "cut jpeg", "cut tiff", "cut webp", "missing"],
)
def test_what_is_no_whole_picture_is_refused_in_one_sentence(
    content: bytes | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=message) as refusal:
        read_picture(path)
    assert str(refusal.value).count("\n") == 0
    assert str(refusal.value).endswith(".")


def test_a_picture_that_is_a_program_is_refused_and_not_run(tmp_path: Path) -> None:
    Image.fromarray(gradient()).save(tmp_path / "a.eps")
    (tmp_path / "a.eps").rename(tmp_path / "a.png")  # PostScript: Pillow would start Ghostscript
    with pytest.raises(SourceError, match="not a picture"):
        read_picture(tmp_path / "a.png")
    assert not is_picture((tmp_path / "a.png").rename(tmp_path / "a.eps"))


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Is a directory"):
        read_picture(tmp_path)


def test_the_smallest_picture_is_read(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", np.full((1, 1, 3), 7, np.uint8))
    assert read_picture(tmp_path / "a.png").tolist() == [[[7, 7, 7]]]


def test_random_damage_ends_in_a_picture_or_a_source_error(tmp_path: Path) -> None:
    rng, path = np.random.default_rng(0), tmp_path / "a.png"
    for form in ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"):
        buffer = io.BytesIO()
        Image.fromarray(gradient()).save(buffer, form)
        for _ in range(40):
            data = bytearray(buffer.getvalue())
            for at in rng.integers(0, len(data), 6):
                data[at] = rng.integers(256)
            path.write_bytes(data)
            with suppress(SourceError):
                assert read_picture(path).ndim == 3


def test_an_existing_picture_is_spared_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_text("precious")
    with pytest.raises(SinkError, match="exists"):
        write_picture(path, gradient())
    assert path.read_text() == "precious"
    write_picture(path, gradient(), overwrite=True)
    assert np.array_equal(read_picture(path), gradient())
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_a_picture_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="no suffix of a picture"):
        write_picture(tmp_path / "a.txt", gradient())
    with pytest.raises(SinkError, match="No such file"):
        write_picture(tmp_path / "no" / "a.png", gradient())
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk], check=False, capture_output=True
    ).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
        with pytest.raises(SinkError, match="No space"):
            write_picture(disk / "a.png", noise)
        assert not list(disk.iterdir())
    finally:
        subprocess.run(["umount", disk], check=True)


def test_pictures_are_told_by_their_contents(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", gradient())
    (tmp_path / "a.png").rename(tmp_path / "holiday")
    (tmp_path / "notes.txt").write_text("text")
    assert is_picture(tmp_path / "holiday")
    assert not is_picture(tmp_path / "notes.txt")
    assert is_picture(tmp_path / "not there.jpg")
    assert not is_picture(tmp_path / "not there.mp4")


def test_reading_warns_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(huge_png(9_800, 9_800))
    with warnings.catch_warnings(action="error"), pytest.raises(SourceError):
        read_picture(tmp_path / "a.png")
