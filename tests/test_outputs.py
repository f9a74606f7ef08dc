"""Where a live stream goes beside the window and a recording."""

from __future__ import annotations

import http.client
import io
import os
import socket
import sys
import threading
import time
from contextlib import closing
from datetime import datetime
from fractions import Fraction
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from stytr_live.errors import SinkError
from stytr_live.frame import Frame
from stytr_live.media import preview as preview_module
from stytr_live.media.letterbox import letterbox
from stytr_live.media.preview import MOST, Preview
from stytr_live.media.snapshot import snapshot_name, write_snapshot
from stytr_live.media.tee import Tee
from stytr_live.media.virtual_camera import VirtualCamera

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stytr_live.frame import Pixels
    from stytr_live.media.ports import FrameSink


PROMPT = 3.0
"""Seconds in which a machine with much else to do ends what takes a tenth of one."""


def flat(level: int, size: tuple[int, int] = (64, 48)) -> Pixels:
    return np.full((size[1], size[0], 3), level, np.uint8)


def frame(index: int, level: int = 0, size: tuple[int, int] = (64, 48)) -> Frame:
    return Frame(flat(level, size), Fraction(index, 30), index, index / 30)


class Sink:
    """Remembers what happens to it, and fails when told to."""

    def __init__(self, fails_at: int | None = None, fails_to_close: bool = False) -> None:
        self.seen: list[int] = []
        self.ends: list[str] = []
        self._fails_at, self._fails_to_close = fails_at, fails_to_close

    def write(self, frame: Frame) -> None:
        assert not self.ends
        if frame.index == self._fails_at:
            raise SinkError("The disk is full.")
        self.seen.append(frame.index)

    def close(self) -> None:
        self.ends.append("closed")
        if self._fails_to_close:
            raise SinkError("It cannot be closed.")

    def discard(self) -> None:
        self.ends.append("discarded")


# --- letterbox


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ((100, 100), (640, 360)),
        ((1920, 800), (640, 360)),
        ((33, 77), (128, 64)),
        ((3, 999), (64, 64)),
        ((1, 1), (9, 5)),
    ],
)
def test_a_letterboxed_picture_keeps_its_shape_and_lies_in_the_middle(
    source: tuple[int, int], target: tuple[int, int]
) -> None:
    boxed = letterbox(flat(255, source), target)
    assert boxed.shape == (target[1], target[0], 3)
    assert boxed.flags.c_contiguous
    rows, columns = np.flatnonzero(boxed.any((1, 2))), np.flatnonzero(boxed.any((0, 2)))
    x, y, width, height = columns[0], rows[0], len(columns), len(rows)
    assert x % 2 == y % 2 == 0
    assert (boxed[y : y + height, x : x + width] == 255).all()
    scale = min(target[0] / source[0], target[1] / source[1])
    assert abs(width - source[0] * scale) <= 2
    assert abs(height - source[1] * scale) <= 2
    assert abs((target[0] - width) - 2 * x) <= 3
    assert abs((target[1] - height) - 2 * y) <= 3


def test_a_picture_that_fits_is_not_copied() -> None:
    pixels = flat(7)
    assert letterbox(pixels, (64, 48)) is pixels


# --- tee


def test_sinks_come_and_go_while_a_tee_runs() -> None:
    main, first, second = Sink(), Sink(), Sink()
    tee = Tee(main)
    tee.write(frame(0))
    tee.add(first)
    tee.write(frame(1))
    tee.add(second)
    tee.write(frame(2))
    tee.remove(first)
    tee.remove(first)
    tee.write(frame(3))
    assert tee.sides == (second,)
    tee.close()
    late = Sink()
    tee.add(late)
    assert (main.seen, first.seen, second.seen) == ([0, 1, 2, 3], [1, 2], [2, 3])
    assert main.ends == first.ends == second.ends == late.ends == ["closed"]


def test_a_side_sink_that_fails_is_taken_out_and_said_once() -> None:
    said: list[tuple[FrameSink, str]] = []
    main, bad, good = Sink(), Sink(fails_at=1), Sink()
    tee = Tee(main, on_failure=lambda sink, sentence: said.append((sink, sentence)))
    tee.add(bad)
    tee.add(good)
    for index in range(4):
        tee.write(frame(index))
    tee.close()
    assert said == [(bad, "The disk is full.")]
    assert bad.ends == ["discarded"]
    assert main.seen == good.seen == [0, 1, 2, 3]


def test_who_is_told_of_a_failure_may_add_another_sink() -> None:
    spare = Sink()
    tee = Tee(Sink(), on_failure=lambda _, __: tee.add(spare))
    tee.add(Sink(fails_at=0))
    tee.write(frame(0))
    tee.write(frame(1))
    tee.close()
    assert spare.seen == [1]


def test_the_main_sink_s_failure_is_the_stream_s_and_side_sinks_keep_what_they_have() -> None:
    main, side = Sink(fails_at=1), Sink()
    tee = Tee(main)
    tee.add(side)
    tee.write(frame(0))
    with pytest.raises(SinkError, match="full"):
        tee.write(frame(1))
    tee.discard()
    assert main.ends == ["discarded"]
    assert side.ends == ["closed"]


def test_a_side_sink_that_is_detached_stays_open() -> None:
    side, tee = Sink(), Tee(Sink())
    tee.add(side)
    assert tee.detach(side)
    assert not tee.detach(side)
    tee.close()
    assert not side.ends


def test_a_side_sink_that_cannot_be_closed_does_not_keep_the_others_open() -> None:
    said: list[str] = []
    main, bad, good = Sink(), Sink(fails_to_close=True), Sink()
    tee = Tee(main, on_failure=lambda _, sentence: said.append(sentence))
    tee.add(bad)
    tee.add(good)
    tee.close()
    assert said == ["It cannot be closed."]
    assert main.ends == good.ends == ["closed"]
    tee = Tee(Sink())
    tee.add(bad)
    with pytest.raises(SinkError, match="closed"):
        tee.remove(bad)


def test_sinks_may_come_and_go_from_many_threads() -> None:
    tee = Tee(Sink())
    sinks = [Sink() for _ in range(60)]

    def come_and_go(some: list[Sink]) -> None:
        for sink in some:
            tee.add(sink)
            tee.remove(sink)

    threads = [threading.Thread(target=come_and_go, args=(sinks[i::3],)) for i in range(3)]
    for thread in threads:
        thread.start()

    def write() -> None:
        for index in range(500):
            tee.write(frame(index))

    writer = threading.Thread(target=write)
    writer.start()
    for thread in [*threads, writer]:
        thread.join(10)
    tee.close()
    assert all(sink.ends == ["closed"] for sink in sinks)  # a write after the end would have failed


# --- preview


@pytest.fixture
def preview() -> Iterator[Preview]:
    shown = Preview()
    yield shown
    shown.close()


def get(
    preview: Preview, path: str, *, host: str | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(preview.url).port or 0, timeout=20)
    connection.request("GET", path, headers=(headers or {}) | ({"Host": host} if host is not None else {}))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), body


class Viewer:
    """A browser that looks at the stream, by a real socket."""

    def __init__(self, preview: Preview, buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", urlsplit(preview.url).port or 0))
        self.socket.sendall(b"GET /stream.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.file: io.BufferedReader = self.socket.makefile("rb")

    def status(self) -> int:
        status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            pass
        return status

    def picture(self) -> Pixels:
        """The next one, as soon as it is complete."""
        while (line := self.file.readline().strip()) in (b"", b"--frame"):
            pass
        assert line == b"Content-Type: image/jpeg"
        length = int(self.file.readline().split(b":")[1])
        assert self.file.readline() == b"\r\n"
        return np.asarray(Image.open(io.BytesIO(self.file.read(length))))

    def ended(self) -> bool:
        """Whether the other side hangs up."""
        try:
            while self.file.read1(1 << 16):
                pass
        except ConnectionError:
            pass
        return True

    def close(self) -> None:
        self.file.close()
        self.socket.close()


def seen(preview: Preview, count: int) -> None:
    """Wait until so many look."""
    for _ in range(500):
        if preview.clients == count:
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"{preview.clients} look, not {count}")


def test_the_page_shows_the_stream_and_a_single_picture_can_be_had(preview: Preview) -> None:
    assert preview.url.startswith("http://127.0.0.1:")
    status, headers, page = get(preview, "/")
    assert status == 200
    assert b'src="stream.mjpg"' in page
    assert headers["Cache-Control"] == "no-store"
    assert "Python" not in headers["Server"]
    assert get(preview, "/frame.jpg")[0] == 503
    preview.write(frame(0, 200))
    status, headers, jpeg = get(preview, "/frame.jpg")
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    picture = np.asarray(Image.open(io.BytesIO(jpeg)))
    assert picture.shape == (48, 64, 3)
    assert abs(picture.mean() - 200) < 3
    assert get(preview, "/etc/passwd")[0] == 404


def test_colours_are_those_of_the_frame(preview: Preview) -> None:
    red = flat(0)
    red[..., 0] = 250
    preview.write(Frame(red, Fraction(0), 0, 0.0))
    picture = np.asarray(Image.open(io.BytesIO(get(preview, "/frame.jpg")[2])))
    assert np.abs(picture.astype(int).mean((0, 1)) - (250, 0, 0)).max() < 6


def test_a_client_that_never_reads_does_not_slow_another_which_always_gets_the_newest(
    preview: Preview, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_module, "_REPEAT", 60.0)
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 128, (360, 640, 3)).astype(np.uint8)
    lazy, eager = Viewer(preview, buffer=4096), Viewer(preview)
    assert eager.status() == 200
    seen(preview, 2)
    for index in range(20):
        pixels = noise.copy()
        pixels[:64, :64] = 12 * index
        preview.write(Frame(pixels, Fraction(0), index, 0.0))
        picture = eager.picture()  # before the next frame is there
        assert abs(picture[8:56, 8:56].mean() - 12 * index) < 4
    begun = time.perf_counter()
    preview.close()
    assert time.perf_counter() - begun < PROMPT
    assert eager.ended()
    lazy.close()
    eager.close()


def test_frames_are_compressed_once_and_only_when_somebody_looks(
    preview: Preview, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressed: list[int] = []
    real = preview_module._jpeg

    def count(pixels: Pixels) -> bytes:
        compressed.append(int(pixels[0, 0, 0]))
        return real(pixels)

    monkeypatch.setattr(preview_module, "_jpeg", count)
    for index in range(10):
        preview.write(frame(index, index))
    assert compressed == []
    viewers = [Viewer(preview) for _ in range(3)]
    assert [v.status() for v in viewers] == [200] * 3
    assert [int(v.picture().mean().round()) for v in viewers] == [9] * 3
    preview.write(frame(10, 50))
    assert [int(v.picture().mean().round()) for v in viewers] == [50] * 3
    assert compressed == [9, 50]
    for viewer in viewers:
        viewer.close()


def test_only_some_may_look_at_a_time_and_who_leaves_makes_room(
    preview: Preview, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_module, "_REPEAT", 0.05)
    preview.write(frame(0))
    viewers = [Viewer(preview) for _ in range(MOST)]
    assert [v.status() for v in viewers] == [200] * MOST
    seen(preview, MOST)
    refused = Viewer(preview)
    assert refused.status() == 503
    refused.close()
    for viewer in viewers[:2]:
        viewer.close()
    seen(preview, MOST - 2)  # though no new frame came
    again = Viewer(preview)
    assert again.status() == 200
    for viewer in [*viewers[2:], again]:
        viewer.close()


def test_a_name_that_was_made_to_lead_here_is_refused(preview: Preview) -> None:
    preview.write(frame(0))
    port = urlsplit(preview.url).port
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "", "[::1].evil", "localhost.evil"):
        assert get(preview, "/frame.jpg", host=host)[0] == 403, host
    for host in ("localhost", f"localhost:{port}", f"127.0.0.1:{port}", "[::1]:80", "LOCALHOST"):
        assert get(preview, "/frame.jpg", host=host)[0] == 200, host


def test_a_token_is_asked_for_where_there_is_one() -> None:
    with closing(Preview(token="señor&=")) as preview:
        asks_for_a_token(preview)


def asks_for_a_token(preview: Preview) -> None:
    preview.write(frame(0))
    address = urlsplit(preview.url)
    assert get(preview, f"/frame.jpg?{address.query}")[0] == 200
    assert address.query.encode() in get(preview, f"/?{address.query}")[2]
    bearer = {"Authorization": "Bearer señor&=".encode().decode("latin-1")}
    for path, headers in (
        ("/frame.jpg", {}),
        ("/frame.jpg?token=", {}),
        ("/frame.jpg?token=wrong", {}),
        ("/stream.mjpg?token=wrong", {}),
        ("/?token=%ff%00", {}),
        ("/frame.jpg", {"Authorization": "Bearer wrong"}),
        ("/frame.jpg", {"Authorization": "Basic x"}),
    ):
        status, _, body = get(preview, path, headers=headers)
        assert status == 403
        assert b"token" in body
        assert "señor".encode() not in body
    assert get(preview, "/frame.jpg", headers=bearer)[0] == 200


def test_bound_wider_it_makes_up_a_token_and_takes_any_name() -> None:
    with closing(Preview(host="0.0.0.0")) as first, closing(Preview(host="0.0.0.0")) as second:
        first.write(frame(0))
        address = urlsplit(first.url)
        assert len(address.query) > 20
        assert address.query != urlsplit(second.url).query
        assert address.hostname != "0.0.0.0"
        assert get(first, "/frame.jpg", host="painter.local")[0] == 403
        assert get(first, f"/frame.jpg?{address.query}", host="painter.local")[0] == 200


def test_a_port_that_is_taken_is_said(preview: Preview) -> None:
    port = urlsplit(preview.url).port or 0
    with pytest.raises(SinkError, match=f"port {port} of '127.0.0.1': Address already in use; choose another"):
        Preview(port)
    with pytest.raises(SinkError, match="cannot use"):
        Preview(70_000)
    with pytest.raises(SinkError, match="cannot use"):
        Preview(host="no.such.host.invalid", token="x")


def test_closing_ends_clients_of_every_kind_within_a_second() -> None:
    preview = Preview()
    waiting = Viewer(preview)  # for a first picture
    assert waiting.status() == 200
    silent = socket.create_connection(("127.0.0.1", urlsplit(preview.url).port or 0))  # never asks
    seen(preview, 1)
    begun = time.perf_counter()
    preview.close()
    preview.close()
    assert time.perf_counter() - begun < PROMPT
    assert waiting.ended()
    preview.write(frame(0))
    waiting.close()
    silent.close()


# --- virtual camera


class Camera:
    """What pyvirtualcam has, and remembers."""

    made: ClassVar[list[Camera]] = []
    refuses: str | None = None

    def __init__(self, width: int, height: int, fps: float, *, fmt: str) -> None:
        if Camera.refuses:
            raise RuntimeError(Camera.refuses)
        self.size, self.fps, self.fmt, self.device = (width, height), fps, fmt, "/dev/video7"
        self.sent: list[Pixels] = []
        self.closed = False
        self.may, self.came = threading.Semaphore(1000), threading.Semaphore(0)
        self.breaks = False
        Camera.made.append(self)

    def send(self, pixels: Pixels) -> None:
        assert not self.closed
        assert pixels.shape == (self.size[1], self.size[0], 3)
        assert pixels.flags.c_contiguous
        self.came.release()
        self.may.acquire()
        if self.breaks:
            raise RuntimeError("device is gone.\nand more")
        self.sent.append(pixels)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def _camera(monkeypatch: pytest.MonkeyPatch) -> None:
    fake: Any = SimpleNamespace(Camera=Camera, PixelFormat=SimpleNamespace(RGB="rgb"))
    monkeypatch.setitem(sys.modules, "pyvirtualcam", fake)
    monkeypatch.setattr(Camera, "made", [])
    monkeypatch.setattr(Camera, "refuses", None)


@pytest.fixture
def output(_camera: None) -> Iterator[VirtualCamera]:
    made = VirtualCamera((641, 360), 30)
    yield made
    Camera.made[0].may.release(1000)
    made.close()


def test_frames_of_every_size_reach_the_camera_in_its_own(output: VirtualCamera) -> None:
    camera = Camera.made[0]
    assert (camera.size, camera.fps, camera.fmt) == ((640, 360), 30, "rgb")
    assert output.device == "/dev/video7"
    camera.came.acquire()
    for index, size in enumerate(((640, 360), (360, 640), (33, 77))):
        output.write(frame(index, 200, size))
        assert camera.came.acquire(timeout=5)
    output.close()
    output.close()
    assert len(Camera.made) == 1
    assert camera.closed
    assert camera.sent[0].max() == 0  # a camera without a picture is not listed by some programs
    assert camera.sent[1].min() == 200
    assert camera.sent[2][:, 300:340].min() == 200
    assert camera.sent[2][:, :200].max() == 0


def test_a_slow_camera_loses_frames_but_not_the_newest(output: VirtualCamera) -> None:
    camera = Camera.made[0]
    camera.may = threading.Semaphore(0)
    camera.came.acquire()
    for index in range(1, 10):
        output.write(frame(index, index, output.size))
    camera.may.release(1000)
    while not camera.sent or camera.sent[-1].max() != 9:
        assert camera.came.acquire(timeout=5)
    output.close()
    assert output.dropped >= 7
    assert output.dropped + len(camera.sent) == 10


def test_a_camera_that_breaks_is_said_with_the_next_frame(output: VirtualCamera) -> None:
    Camera.made[0].breaks = True
    output.write(frame(0))
    output._thread.join(5)
    with pytest.raises(SinkError, match=r"^The virtual camera failed: device is gone\.$"):
        output.write(frame(1))
    output.discard()
    assert Camera.made[0].closed


@pytest.mark.usefixtures("_camera")
@pytest.mark.parametrize(
    ("platform", "remedy"), [("linux", "modprobe v4l2loopback exclusive_caps=1"), ("win32", "OBS"), ("darwin", "OBS")]
)
def test_without_a_driver_it_says_what_to_install(platform: str, remedy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Camera, "refuses", "no driver found")
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(SinkError, match="no driver found") as failure:
        VirtualCamera((64, 48), 30)
    assert remedy in str(failure.value)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(SinkError, match=r"pip install 'stytr-live\[camera\]'"):
        VirtualCamera((64, 48), 30)


# --- snapshot


def test_a_snapshot_tells_what_it_was_made_with(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (48, 64, 3)).astype(np.uint8)
    facts = {"Software": "StyTR Live", "Style": "Hokusai, 神奈川沖浪裏", "Strength": "0.8", "Käse" * 40: "x\0y"}
    path = write_snapshot(tmp_path / "new" / "shot.png", pixels, facts)
    with Image.open(path) as image:
        assert (np.asarray(image) == pixels).all()
        text = image.text  # type: ignore[attr-defined]
    assert text["Style"] == facts["Style"]
    assert text["Software"] == "StyTR Live"
    assert text["Strength"] == "0.8"
    assert "xy" in text.values()


def test_a_snapshot_never_replaces_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = snapshot_name(tmp_path, datetime(2025, 3, 1, 9, 5, 7))
    assert name.name == "StyTR Live 2025-03-01 09-05-07.png"
    written = [write_snapshot(name, flat(level), {}) for level in (1, 2)]

    def links_are_unknown(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", links_are_unknown)
    written.append(write_snapshot(name, flat(3), {}))
    assert [p.name.removeprefix("StyTR Live 2025-03-01 09-05-07") for p in written] == [".png", " 2.png", " 3.png"]
    assert [np.asarray(Image.open(p)).max() for p in written] == [1, 2, 3]
    assert sorted(tmp_path.iterdir()) == sorted(written)


def test_snapshots_of_the_same_moment_from_many_threads_are_all_there(tmp_path: Path) -> None:
    names: list[Path] = []
    threads = [
        threading.Thread(target=lambda level=level: names.append(write_snapshot(tmp_path / "a.png", flat(level), {})))
        for level in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(set(names)) == 8
    assert {int(np.asarray(Image.open(n)).max()) for n in names} == set(range(8))
    assert len(list(tmp_path.iterdir())) == 8


def test_a_snapshot_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(SinkError, match=r"cannot be written: No space left on device\.$"):
        write_snapshot(tmp_path / "a.png", flat(0), {})
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SinkError, match="cannot be written"):
        write_snapshot(tmp_path / "file" / "a.png", flat(0), {})
