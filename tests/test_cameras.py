"""Cameras are known by name and size, and again after they were plugged out and in."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from stytr_live.media.cameras import CameraInfo, Mode, distinct, lasting, video4linux
from stytr_live.media.places import Camera
from ui import sources
from ui.cameras import plugged

if TYPE_CHECKING:
    from pathlib import Path


def test_a_mode_is_written_and_read() -> None:
    for mode in (Mode((1280, 720), Fraction(30)), Mode((640, 480), Fraction(30000, 1001))):
        assert Mode.of(str(mode)) == mode
    for nonsense in ("", "1280x720", "0x720@30", "1280x720@0", "1280x720@30/0", "axb@c", "9" * 400):
        assert Mode.of(nonsense) is None


def test_modes_are_listed_once_and_the_largest_first() -> None:
    small, large, slow = Mode((640, 480), Fraction(30)), Mode((1280, 720), Fraction(30)), Mode((1280, 720), Fraction(5))
    assert distinct([small, slow, large, small]) == (large, slow, small)


def test_a_camera_that_says_nothing_of_itself_may_be_asked_for_the_usual_sizes() -> None:
    assert Mode((1280, 720), Fraction(30)) in CameraInfo("/dev/video0", "Cam").offered


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="as Linux lists them")
def test_linux_lists_cameras_by_name_and_by_a_link_that_lasts(tmp_path: Path) -> None:
    nodes, links = tmp_path / "class", tmp_path / "by-id"
    links.mkdir()
    for number, (name, index) in enumerate((("Kitchen", "0"), ("Kitchen", "1"), ("Door", "0"))):
        (nodes / f"video{number}").mkdir(parents=True)
        (nodes / f"video{number}" / "name").write_text(name + "\n")
        (nodes / f"video{number}" / "index").write_text(index + "\n")
    (links / "usb-kitchen-video-index0").symlink_to("/dev/video0")
    assert video4linux(nodes, [links]) == [
        CameraInfo(str(links / "usb-kitchen-video-index0"), "Kitchen"),
        CameraInfo("/dev/video2", "Door"),
    ]
    assert video4linux(tmp_path / "nothing") == []
    (links / "usb-kitchen-video-index0").unlink()  # plugged in again, it has another number
    (links / "usb-kitchen-video-index0").symlink_to("/dev/video7")
    assert lasting("/dev/video7", [links]) == str(links / "usb-kitchen-video-index0")


def test_a_camera_is_asked_for_its_mode_as_jpeg() -> None:
    mode = Mode((1280, 720), Fraction(30))
    first = Camera("/dev/video0", "Cam", mode.size, mode.rate).openings("linux")[0]
    assert first.options["input_format"] == "mjpeg"
    assert first.options["video_size"] == "1280x720"
    assert first.options["framerate"] == "30"


def test_cameras_come_first_among_the_sources_and_those_that_are_gone_keep_their_names() -> None:
    camera = CameraInfo("/dev/v4l/by-id/usb-a", "Kitchen")
    assert [c.name for c in sources.choices("", [camera])][:2] == ["Kitchen", "Built-in clip"]
    gone = sources.choices("camera:/dev/v4l/by-id/usb-a", [], {"/dev/v4l/by-id/usb-a": "Kitchen"})
    assert (gone[0].name, gone[0].icon) == ("Kitchen", "camera")


def test_without_any_camera_the_list_is_empty_or_true() -> None:
    assert all(camera.device and camera.name for camera in plugged())
