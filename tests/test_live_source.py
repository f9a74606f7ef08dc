"""Live pictures: the newest frame wins, what is lost comes back, and nothing hangs."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, cast

import av
import cv2
import numpy as np
import pytest

from stytr_live.errors import SourceError
from stytr_live.media.live_source import LiveSource, measured, turned
from stytr_live.media.places import Camera, Opening, Pattern, Screen, Stream
from tests.clips import Clip, even

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stytr_live.frame import Frame
    from stytr_live.media.places import Place

pytestmark = pytest.mark.timeout(60)
F = Fraction
SIZE = (96, 64)


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def picture(index: int, size: tuple[int, int] = SIZE) -> av.VideoFrame:
    """A red corner that tells which way is up, on a changing grey; below, the index in twelve black or white bits."""
    pixels = np.full((size[1], size[0], 3), 60 + index * 5 % 120, np.uint8)
    pixels[: size[1] // 4, : size[0] // 4] = (250, 20, 20)
    for bit in range(12):
        pixels[-16:, 8 * bit : 8 * bit + 8] = 255 * (index >> bit & 1)
    return av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")


def index_of(frame: Frame) -> int:
    """What the bits below say."""
    return sum(1 << bit for bit in range(12) if frame.pixels[-8, 8 * bit + 4, 1] > 127)


class Sender:
    """Sends H.264 in a thread, 50 frames a second with 5 to a key frame, from when it is begun until it is ended."""

    def __init__(self, url: str, form: str, size: tuple[int, int] = SIZE) -> None:
        self._url, self._format, self._size = url, form, size
        self.sent: list[float] = []
        """When each frame was."""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._send, name="sender")
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _send(self) -> None:
        with av.open(self._url, "w", format=self._format, options={"flush_packets": "1"}) as output:
            options = {"preset": "ultrafast", "tune": "zerolatency", "g": "5"}
            stream = output.add_stream("libx264", rate=50, options=options)
            stream.width, stream.height = self._size
            stream.pix_fmt = "yuv420p"
            for index in range(100_000):
                if self._ended.wait(0.02):
                    return
                frame = picture(index, self._size)
                frame.pts, frame.time_base = index, F(1, 50)
                self.sent.append(time.perf_counter())
                output.mux(stream.encode(frame))


@contextmanager
def sending(url: str, form: str = "mpegts") -> Iterator[Sender]:
    sender = Sender(url, form)
    try:
        yield sender
    finally:
        sender.end()


@contextmanager
def opened(place: Place, **options: Any) -> Iterator[LiveSource]:
    source = LiveSource(place, **options)
    try:
        yield source
    finally:
        source.close()


def test_a_pattern_moves_in_real_time() -> None:
    with opened(Pattern(SIZE, F(50))) as source:
        assert source.info.live
        assert source.info.size == SIZE
        assert source.info.rate == 50
        frames = list(islice(source, 30))
    took = frames[-1].born - frames[0].born
    assert took > 0.5
    assert frames[-1].index - frames[0].index <= took * 50 + 2
    assert all(f.pixels.shape == (64, 96, 3) and f.pixels.flags.c_contiguous for f in frames)
    assert len({f.pixels.tobytes() for f in frames}) == 30


def test_times_are_those_of_the_clock_and_go_forward() -> None:
    with opened(Pattern(SIZE, F(100))) as source:
        frames = list(islice(source, 20))
    assert all(isinstance(f.time, Fraction) for f in frames)
    assert all(a.time < b.time and a.index < b.index and a.born < b.born for a, b in pairwise(frames))
    assert all(float(b.time - a.time) == pytest.approx(b.born - a.born, abs=2e-6) for a, b in pairwise(frames))


def test_whoever_is_slow_gets_the_newest_frame_and_no_others() -> None:
    with opened(Pattern(SIZE, F(100))) as source:
        frames = iter(source)
        first = next(frames)
        pause = threading.Event()
        pause.wait(0.3)
        asked = time.perf_counter()
        later = next(frames)
        assert asked - later.born < 0.1
        assert later.index - first.index > 10


def test_the_rate_is_that_of_the_last_two_seconds() -> None:
    even_births = deque(i / 20 for i in range(200))
    assert measured(even_births, 9.95) == pytest.approx(20)
    assert measured(even_births, 9.97) == pytest.approx(20, rel=0.02)
    assert measured(even_births, 10.95) == pytest.approx(10, rel=0.06)
    assert measured(even_births, 12.5) == 0
    assert measured(deque([5.0]), 5.0) == 0
    assert measured(deque([5.0, 5.1]), 5.1) == pytest.approx(10)
    assert measured(deque(), 5.0) == 0
    with opened(Pattern(SIZE, F(50))) as source:
        list(islice(source, 25))
        assert 30 < source.rate < 55


def test_it_is_iterated_once_and_may_be_closed_unused_and_again() -> None:
    source = LiveSource(Pattern(SIZE, F(50)))
    source.close()
    source.close()
    assert list(source) == []
    with pytest.raises(RuntimeError, match="once"):
        next(iter(source))


def test_leaving_the_iteration_lets_the_place_go() -> None:
    before = set(threading.enumerate())
    for _ in LiveSource(Pattern(SIZE, F(50))):
        break
    assert not [t for t in set(threading.enumerate()) - before if t.is_alive() and t.name.startswith("live")]


LETTERS = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_pixels_are_turned_clockwise_and_mirrored_as_numpy_does(turns: int, mirror: bool) -> None:
    wanted = np.rot90(LETTERS, -turns)
    wanted = wanted[:, ::-1] if mirror else wanted
    found = turned(LETTERS, turns, mirror=mirror)
    assert np.array_equal(found, wanted)
    assert found.flags.c_contiguous


def test_a_place_may_be_turned_and_mirrored() -> None:
    with opened(Pattern((96, 64), F(50)), turns=5, mirror=True) as source:
        assert source.info.size == (64, 96)
        assert next(iter(source)).pixels.shape == (96, 64, 3)


@dataclass(frozen=True)
class Wishes:
    """A place with ways to open it of our choice."""

    ways: tuple[Opening, ...]
    label: str = "wishes"

    def openings(self) -> tuple[Opening, ...]:
        return self.ways

    def refusal(self, error: Exception) -> str:
        return f"{type(error).__name__}: {error}."


def place_of(*ways: Opening) -> Place:
    return cast("Place", Wishes(ways))


def test_what_is_wished_for_and_cannot_be_is_left_out() -> None:
    impossible = Opening("testsrc2=size=96x64:rate=50:colour=none", "lavfi", {}, paced=True)
    possible = Opening("testsrc2=size=64x64:rate=50", "lavfi", {}, paced=True)
    with opened(place_of(impossible, possible)) as source:
        assert source.info.size == (64, 64)
    with pytest.raises(SourceError):
        LiveSource(place_of(impossible))


def test_a_part_may_be_cut_out() -> None:
    way = Opening("color=red:size=96x64:rate=50", "lavfi", {}, crop=(10, 20, 30, 40), paced=True)
    with opened(place_of(way)) as source:
        frame = next(iter(source))
    assert frame.size == (30, 40)
    assert np.abs(frame.pixels.astype(int) - (254, 0, 0)).max() < 4
    outside = Opening("color=red:size=96x64:rate=50", "lavfi", {}, crop=(100, 20, 30, 40), paced=True)
    with pytest.raises(SourceError, match="not on the screen"):
        LiveSource(place_of(outside))


@pytest.mark.parametrize(("pixel_format", "level"), [("rgb24", 250), ("yuvj420p", 250), ("yuv420p", 250)])
def test_colours_are_those_of_the_frame_s_own_tags(pixel_format: str, level: int) -> None:
    way = Opening(f"color=0xfafafa:size=96x64:rate=50,format={pixel_format}", "lavfi", {}, paced=True)
    with opened(place_of(way)) as source:
        frame = next(iter(source))
    assert np.abs(frame.pixels.astype(int) - level).max() <= 2


class Story:
    """What a user was told, and what to do then."""

    def __init__(self, **then: Callable[[], None]) -> None:
        self.told: list[tuple[str, str]] = []
        self._then = then

    def __call__(self, state: str, sentence: str) -> None:
        self.told.append((state, sentence))
        if state in self._then:
            self._then[state]()

    @property
    def states(self) -> list[str]:
        return [state for state, _ in self.told]


def until_back(source: LiveSource, story: Story, after: int, then: Callable[[], None]) -> list[Frame]:
    """Frames until five after it was back; `then` is done after some frames."""
    frames: list[Frame] = []
    back = 0
    for frame in source:
        frames.append(frame)
        if len(frames) == after:
            then()
        back += "back" in story.states
        if back == 5:
            return frames
    raise AssertionError("it ended")


def test_a_stream_that_falls_silent_is_lost_and_comes_back_with_another_size() -> None:
    url = f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    senders = [Sender(f"{url}?pkt_size=1316", "mpegts")]
    story = Story(lost=lambda: senders.append(Sender(f"{url}?pkt_size=1316", "mpegts", (128, 96))))
    try:
        with opened(Stream(url), on_state=story, patience=0.7) as source:
            assert source.info.size == SIZE
            frames = until_back(source, story, 10, senders[0].end)
    finally:
        for sender in senders:
            sender.end()
    assert story.states == ["lost", "back"]
    assert story.told[0][1] == f"The stream '{url}' sends nothing; see that it is on and the address is right."
    assert story.told[1][1] == f"'{url}' is back."
    assert {f.size for f in frames} == {SIZE, (128, 96)}
    assert all(a.time < b.time and a.index < b.index for a, b in pairwise(frames))
    assert frames[-1].time > F(7, 10)
    assert frames[0].pixels[8, 8, 0] > 200 > 100 > frames[0].pixels[8, 8, 1]


def test_a_stream_is_shown_without_delay() -> None:
    url = f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    with sending(f"{url}?pkt_size=1316") as sender, opened(Stream(url), patience=2) as source:
        frames = list(islice(source, 30))
    delays = [frame.born - sender.sent[index_of(frame)] for frame in frames[10:]]
    assert 0 < np.median(delays) < 0.25


def test_closing_while_nothing_comes_ends_the_iteration_at_once() -> None:
    url = f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    story, ended = Story(), threading.Event()
    with sending(f"{url}?pkt_size=1316") as sender:
        source = LiveSource(Stream(url), on_state=story, patience=1.5)
        begun = threading.Event()

        def view() -> None:
            for _ in source:
                begun.set()
            ended.set()

        thread = threading.Thread(target=view)
        thread.start()
        begun.wait(10)
        sender.end()
    began = time.perf_counter()
    source.close()
    assert ended.wait(10)
    assert time.perf_counter() - began < 1
    thread.join()
    assert story.told == []


def test_closing_while_it_tries_to_come_back_ends_the_iteration_at_once() -> None:
    url = f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    lost, began = threading.Event(), 0.0
    with sending(f"{url}?pkt_size=1316") as sender:
        source = LiveSource(Stream(url), on_state=Story(lost=lost.set), patience=0.6)

        def close() -> None:
            nonlocal began
            lost.wait(10)
            threading.Event().wait(0.7)  # it is open again, and waits
            began = time.perf_counter()
            source.close()

        closer = threading.Thread(target=close)
        closer.start()
        for index, _ in enumerate(source):
            if index == 3:
                sender.end()
    assert time.perf_counter() - began < 1
    closer.join()


def test_a_silent_stream_is_refused_within_its_patience() -> None:
    url = f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    began = time.perf_counter()
    with pytest.raises(SourceError, match="sends nothing"):
        LiveSource(Stream(url), patience=0.5)
    assert time.perf_counter() - began < 2


class Web(ThreadingHTTPServer):
    """A web camera: JPEG pictures without end, until it is told to hang up."""

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), WebHandler)
        self.film = b""
        self.hung_up = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, name="web")
        self._thread.start()

    def url(self, path: str = "/camera") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def end(self) -> None:
        self.hung_up.set()
        self.shutdown()
        self.server_close()
        self._thread.join()


class WebHandler(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        if self.path == "/film":
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.server.film)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(self.server.film)
            return
        if self.path != "/camera":
            self.send_error({"/secret": 401}.get(self.path, 404))
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
        self.end_headers()
        shot = cv2.imencode(".jpg", picture(0).to_ndarray(format="bgr24"))[1].tobytes()
        head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(shot)}\r\n\r\n".encode()
        with suppress(OSError):
            while not self.server.hung_up.wait(0.02):
                self.wfile.write(head + shot + b"\r\n")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.end()


def test_a_web_camera_that_hangs_up_is_lost_and_comes_back(web: Web) -> None:
    story = Story(lost=web.hung_up.clear)
    with opened(Stream(web.url()), on_state=story, patience=2) as source:
        frames = until_back(source, story, 5, web.hung_up.set)
    assert story.told == [
        ("lost", f"'{web.url()}' has broken off; see that it is on and connected."),
        ("back", f"'{web.url()}' is back."),
    ]
    assert frames[0].pixels[8, 8, 0] > 200 > 100 > frames[0].pixels[8, 8, 1]


def test_a_recording_on_the_web_is_shown_in_real_time_again_and_again(web: Web, tmp_path: Path) -> None:
    web.film = Clip(times=even(12)).write(tmp_path / "film.mkv").read_bytes()
    with opened(Stream(web.url("/film")), patience=2) as source:
        assert source.info.rate == 25
        frames = list(islice(source, 15))
    assert frames[11].born - frames[0].born > 0.3


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/nothing", "is not there; check the end"),
        ("/secret", "asks for a user name"),
        ("/film", "no pictures|broken off"),
    ],
)
def test_what_a_web_server_refuses_is_said(path: str, message: str, web: Web) -> None:
    with pytest.raises(SourceError, match=message):
        LiveSource(Stream(web.url(path)), patience=1)


def test_where_nobody_answers_is_said() -> None:
    for scheme in ("http", "rtsp", "rtmp"):
        with pytest.raises(SourceError, match="nobody answers"):
            LiveSource(Stream(f"{scheme}://127.0.0.1:{free_port()}/x"), patience=1)


def test_a_server_that_takes_the_call_and_says_nothing_does_not_hang() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        began = time.perf_counter()
        for scheme in ("rtsp", "http"):
            with pytest.raises(SourceError, match="sends nothing"):
                LiveSource(Stream(f"{scheme}://127.0.0.1:{server.getsockname()[1]}/x"), patience=0.4)
    assert time.perf_counter() - began < 4


class Rtsp:
    """A camera that speaks RTSP to one client at a time, with RTP on the same connection."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"rtsp://user:geheim@127.0.0.1:{self._server.getsockname()[1]}/cam?key=geheim"
        self.asked: list[str] = []
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="rtsp")
        self._thread.start()

    def end(self) -> None:
        self.ended.set()
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        self._server.settimeout(0.05)
        while not self.ended.is_set():
            with suppress(TimeoutError):
                client = self._server.accept()[0]
                client.settimeout(5)
                with client, suppress(OSError):
                    self._talk(client)

    def _talk(self, client: socket.socket) -> None:
        lines = client.makefile("r", newline="\r\n")
        with lines:
            while request := lines.readline().split():
                headers = dict(line.strip().split(": ", 1) for line in iter(lines.readline, "\r\n"))
                self.asked.append(f"{request[0]} {headers.get('Transport', '')}".strip())
                answers = {
                    "DESCRIBE": ("Content-Type: application/sdp\r\n", self._sdp()),
                    "SETUP": ("Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n", ""),
                }
                more, body = answers.get(request[0], ("Session: 1\r\n", ""))
                head = f"RTSP/1.0 200 OK\r\nCSeq: {headers['CSeq']}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
                client.sendall((head + body).encode())
                if request[0] == "PLAY":
                    self._play(client)
                    return

    def _sdp(self) -> str:
        return (
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=cam\r\nt=0 0\r\n"
            "m=video 0 RTP/AVP 26\r\na=control:trackID=0\r\n"
            "m=audio 0 RTP/AVP 0\r\na=control:trackID=1\r\n"
        )

    def _play(self, client: socket.socket) -> None:
        """JPEG in RTP (RFC 2435), one packet a picture."""
        encoder = av.CodecContext.create("mjpeg", "w")
        encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = *SIZE, "yuvj420p", F(1, 50)
        encoder.options = {"huffman": "default"}
        for index in range(100_000):
            if self.ended.wait(0.02):
                return
            frame = picture(index).reformat(format="yuvj420p")
            frame.pts = index
            for packet in encoder.encode(frame):
                client.sendall(interleaved(bytes(packet), index))


def interleaved(jpeg: bytes, index: int) -> bytes:
    """A JPEG picture as an RTP packet within RTSP."""
    table = jpeg.index(b"\xff\xdb") + 5
    scan = jpeg.index(b"\xff\xda")
    data = jpeg[scan + 2 + int.from_bytes(jpeg[scan + 2 : scan + 4], "big") : -2]
    head = bytes([0, 0, 0, 0, 1, 255, SIZE[0] // 8, SIZE[1] // 8])  # type 1: 4:2:0; Q 255: tables come along
    tables = bytes([0, 0, 0, 128]) + 2 * jpeg[table : table + 64]
    rtp = bytes([0x80, 0x80 | 26]) + (index & 0xFFFF).to_bytes(2, "big") + (index * 1800).to_bytes(4, "big") + bytes(4)
    packet = rtp + head + tables + data
    return b"$\0" + len(packet).to_bytes(2, "big") + packet


def test_a_network_camera_is_asked_for_its_pictures_alone_over_tcp() -> None:
    camera = Rtsp()
    try:
        with opened(Stream(camera.url), patience=2) as source:
            frames = list(islice(source, 5))
        assert source.info.size == SIZE
        assert source.info.rate is None  # nobody knows
        assert frames[0].pixels[8, 8, 0] > 200 > 100 > frames[0].pixels[8, 8, 1]
        assert [asked.split(";")[0] for asked in camera.asked] == [
            "OPTIONS",
            "DESCRIBE",
            "SETUP RTP/AVP/TCP",
            "PLAY",
        ]
    finally:
        camera.end()


def test_a_password_in_an_address_is_shown_to_nobody() -> None:
    stream = Stream("rtsp://user:geheim@[::1]:554/cam?key=geheim")
    assert stream.label == "rtsp://[::1]:554/cam"
    assert "geheim" not in stream.refusal(ConnectionRefusedError(errno.ECONNREFUSED, "refused"))
    for wrong in (
        "geheim",
        "file:///etc/geheim",
        "rtsp://user:geheim@host:geheim/",
        "rtsp://[geheim/",
        "concat:geheim",
    ):
        with pytest.raises(SourceError, match="no address of a stream") as refusal:
            LiveSource(Stream(wrong))
        assert "geheim" not in str(refusal.value)


def test_a_missing_camera_is_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SourceError, match=r"^The camera 'Front' is not there; connect it or choose another one\.$"):
        LiveSource(Camera("/dev/video99", "Front", (640, 480), F(30)))
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not os.access("/dev/null", os.R_OK), reason="no devices here")
def test_what_is_no_camera_is_one_sentence() -> None:
    with pytest.raises(SourceError, match=r"'/dev/null' is no camera"):
        LiveSource(Camera("/dev/null", "Null"))


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.EBUSY, "close that program"), (errno.EACCES, "join the group 'video'"), (errno.EIO, "no other program")],
)
def test_why_a_camera_is_refused_is_said_with_a_remedy(number: int, remedy: str) -> None:
    assert remedy in Camera("/dev/video0", "Front").refusal(OSError(number, "reason"), "linux")
    assert "settings" in Camera("0", "Front").refusal(PermissionError(errno.EACCES, "reason"), "darwin")


def test_a_camera_is_asked_for_less_and_less() -> None:
    camera = Camera("/dev/video0", "Front", (1280, 720), F(30))
    wishes = [dict(w.options) for w in camera.openings("linux")]
    assert wishes[0] == {
        "fflags": "+nobuffer+4",
        "input_format": "mjpeg",
        "video_size": "1280x720",
        "framerate": "30",
    }
    assert [set(w) - {"fflags"} for w in wishes[1:]] == [{"video_size", "framerate"}, set()]
    assert len(Camera("/dev/video0", "", mjpeg=False).openings("linux")) == 1
    assert Camera("/dev/video0", "").label == "/dev/video0"
    mac = Camera("0", "FaceTime", (1280, 720)).openings("darwin")
    assert {(w.url, w.format) for w in mac} == {("0:none", "avfoundation")}
    assert [w.options.get("framerate") for w in mac] == ["30", "30", "15"]
    windows = camera.openings("win32")
    assert {(w.url, w.format) for w in windows} == {("video=/dev/video0", "dshow")}
    assert [len(w.options) for w in windows] == [3, 2, 1]


def test_a_screen_is_asked_for_as_each_system_wants_it() -> None:
    part = Screen(region=(10, 20, 300, 200), rate=F(25))
    (x11,) = part.openings("linux", {"DISPLAY": ":3"})
    assert (x11.url, x11.format, x11.crop) == (":3", "x11grab", None)
    assert {"grab_x": "10", "grab_y": "20", "video_size": "300x200", "framerate": "25"}.items() <= x11.options.items()
    (windows,) = part.openings("win32", {})
    assert (windows.url, windows.format, windows.options["offset_y"]) == ("desktop", "gdigrab", "20")
    (mac,) = part.openings("darwin", {})
    assert (mac.url, mac.format, mac.crop) == ("Capture screen 0:none", "avfoundation", (10, 20, 300, 200))
    with pytest.raises(SourceError, match="Wayland"):
        part.openings("linux", {"WAYLAND_DISPLAY": "wayland-0"})
    with pytest.raises(SourceError, match="no screen"):
        part.openings("linux", {})
    assert Screen(":3", (0, 0, 30, 20)).label == "Screen :3 (30×20)"


class Display:
    """A white screen of 320×240 pixels that nobody sees."""

    def __init__(self, name: str | None = None) -> None:
        ours, theirs = os.pipe()
        options = ["-screen", "0", "320x240x24", "-wr", "-nolisten", "tcp", "-displayfd", str(theirs)]
        self._process = subprocess.Popen(
            ["Xvfb", *([name] if name else []), *options], pass_fds=[theirs], stderr=subprocess.DEVNULL
        )
        os.close(theirs)
        with os.fdopen(ours) as answer:
            self.name = f":{answer.readline().strip()}"

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def displays() -> Iterator[list[Display]]:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    found = [Display()]
    yield found
    for display in found:
        display.end()


def test_a_screen_is_read_lost_and_back(displays: list[Display], capfd: pytest.CaptureFixture[str]) -> None:
    name = displays[0].name
    story = Story(lost=lambda: displays.append(Display(name)))
    with opened(Screen(name, rate=F(50)), on_state=story) as source:
        assert source.info.size == (320, 240)
        frames = until_back(source, story, 5, displays[0].end)
    assert story.states == ["lost", "back"]
    assert frames[0].pixels[200:, :100].min() == 255
    assert capfd.readouterr() == ("", "")


def test_a_part_of_a_screen_is_read_and_one_beside_it_refused(displays: list[Display]) -> None:
    with opened(Screen(displays[0].name, (10, 20, 101, 51), F(50))) as source:
        assert next(iter(source)).size == (101, 51)
    with pytest.raises(SourceError, match="not on the screen"):
        LiveSource(Screen(displays[0].name, (300, 20, 100, 50)))
