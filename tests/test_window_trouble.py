"""Whatever goes wrong around the window, pictures keep coming and the user is told."""

from __future__ import annotations

import resource
import shutil
import socket
import subprocess
import sys
from fractions import Fraction
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import av
import pytest
from PIL import Image

from stytr_live import settings
from stytr_live.engine.backend import OutOfMemoryError, TorchBackend
from stytr_live.frame import Painted
from stytr_live.media import live_source
from stytr_live.media.cameras import CameraInfo, Mode
from stytr_live.media.places import Camera, Opening
from stytr_live.networks import load_network
from tests.windows import _no_slot_fails, action, app, chosen, end, heard, moves, running, said, until, window
from ui import cameras, session
from ui.main_window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PyQt6.QtWidgets import QApplication

    from stytr_live.engine.backend import Task
    from stytr_live.frame import Pixels
    from stytr_live.settings import Settings

pytestmark = pytest.mark.timeout(200)


class Cable:
    """A camera at a cable: FFmpeg's moving pattern while it is plugged in, else the node that is not there."""

    def __init__(self) -> None:
        self.plugged = True
        self.asked: list[tuple[object, object]] = []

    def openings(self, camera: Camera) -> tuple[Opening, ...]:
        self.asked.append((camera.size, camera.rate))
        if not self.plugged:
            return (Opening("/dev/video-that-is-not-there", "v4l2", {}),)
        width, height = camera.size or (320, 240)
        # It breaks off after a second: that is how being unplugged looks to whoever reads.
        self.plugged = False
        graph = f"testsrc2=size={width}x{height}:rate={camera.rate or Fraction(25)}:duration=1"
        return (Opening(graph, "lavfi", {}, paced=True),)


@pytest.fixture
def cable(monkeypatch: pytest.MonkeyPatch) -> Cable:
    made = Cable()
    modes = (Mode((640, 360), Fraction(30)), Mode((320, 240), Fraction(25)))
    monkeypatch.setattr(Camera, "openings", lambda camera: made.openings(camera))  # noqa: PLW0108  (it binds)
    monkeypatch.setattr(
        cameras, "plugged", lambda: [CameraInfo("/dev/v4l/by-id/usb-cam", "Kitchen", modes)] if made.plugged else []
    )
    return made


def test_a_camera_that_vanishes_is_said_keeps_its_last_picture_and_comes_back(
    app: QApplication, chosen: Settings, cable: Cable
) -> None:
    chosen.place = ""  # a first start: the camera is what is shown
    made = MainWindow(chosen, session.Session())
    try:
        sentences = said(made)
        made.show()
        assert made.picker.places.currentText() == "Kitchen"
        made.picker.choose_mode("640x360@30")
        cable.plugged = True
        until(app, lambda: made._session.latest is not None and made._session.latest.size == (640, 360))
        until(app, lambda: heard(sentences, "'Kitchen' is not there") or heard(sentences, "has broken off"))
        made._replug()
        last = made._session.latest
        assert isinstance(last, Painted)
        assert made.picker.places.currentText() == "Kitchen"  # by its name, though it is gone
        assert made._notice.isVisible()
        assert not made._notice._timer.isActive()  # as long as it is gone
        cable.plugged = True
        made._replug()
        until(app, lambda: heard(sentences, "The picture is back."))
        until(app, lambda: made._session.latest is not last)
        assert ((640, 360), Fraction(30)) in cable.asked
    finally:
        end(made)
    assert settings.load().cameras["/dev/v4l/by-id/usb-cam"] == {"name": "Kitchen", "mode": "640x360@30"}


def test_a_camera_that_was_not_there_is_opened_when_it_is_plugged_in(
    app: QApplication, running: MainWindow, cable: Cable
) -> None:
    sentences = said(running)
    cable.plugged = False
    running._replug()
    running.open_place("camera:/dev/v4l/by-id/usb-cam")
    until(app, lambda: heard(sentences, "is not there; connect it") and not running._session.runs)
    last = running._session.latest
    cable.plugged = True
    running._replug()
    until(app, lambda: running._session.latest is not last)


def _stream(port: int, end: Event) -> None:
    with av.open(f"udp://127.0.0.1:{port}", "w", format="mpegts", options={"flush_packets": "1"}) as output:
        stream = output.add_stream("libx264", rate=25, options={"preset": "ultrafast", "tune": "zerolatency", "g": "5"})
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        with av.open("testsrc2=size=160x90:rate=25", format="lavfi") as pattern:
            for index, frame in enumerate(pattern.decode(video=0)):
                if end.wait(0.04):
                    return
                picture = frame.reformat(format="yuv420p")
                picture.pts, picture.time_base = index, Fraction(1, 25)
                output.mux(stream.encode(picture))


class Sender:
    """Sends to a port until it is ended."""

    def __init__(self, port: int) -> None:
        self._end = Event()
        self._thread = Thread(target=_stream, args=(port, self._end), name="sender")
        self._thread.start()

    def end(self) -> None:
        self._end.set()
        self._thread.join()


def test_a_stream_that_stalls_for_ten_seconds_is_said_and_goes_on(
    app: QApplication, running: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sentences, sender = said(running), Sender(port)
    try:
        running.open_place(f"stream:udp://127.0.0.1:{port}")
        until(app, lambda: running._session.latest is not None and running._session.latest.size == (160, 90))
        moves(app, running)
        sender.end()
        sentences.clear()
        stalled = live_source.time.perf_counter()
        until(app, lambda: heard(sentences, "sends nothing"))
        shown: list[Painted | None] = []

        def waited() -> bool:
            if not shown or running._session.latest is not shown[-1]:
                shown.append(running._session.latest)
            return live_source.time.perf_counter() - stalled > 10

        until(app, waited)
        assert shown[-1] is not None
        assert len(shown) <= 3  # the last one stays, but for what was still on its way
        sender = Sender(port)
        until(app, lambda: heard(sentences, "The picture is back."))
        moves(app, running)
        running.close()  # while something comes: a silent stream would be held for as long as it has patience
    finally:
        sender.end()


def test_a_style_whose_file_is_deleted_while_in_use_is_kept_and_it_is_said(
    app: QApplication, running: MainWindow, tmp_path: Path
) -> None:
    sentences, path = said(running), tmp_path / "mine.png"
    Image.effect_noise((80, 60), 90).convert("RGB").save(path)
    running.choose_style(str(path))
    until(app, lambda: [s.name for s, _ in running._session._params.styles] == ["mine"])
    path.unlink()
    moves(app, running)
    running.mix_style("woodcut")
    until(app, lambda: {s.name for s, _ in running._session._params.styles} == {"mine", "woodcut"})
    until(app, lambda: heard(sentences, "is gone from the disk"))
    moves(app, running)


def test_a_style_that_is_gone_at_the_start_gives_way_to_a_built_in_one(
    app: QApplication, chosen: Settings, tmp_path: Path
) -> None:
    chosen.styles = {str(tmp_path / "gone.png"): 1.0}
    made = MainWindow(chosen, session.Session())
    try:
        sentences = said(made)
        made.show()
        until(app, lambda: made._session._params.styles)
        assert heard(sentences, "gone.png")
        assert list(chosen.styles) == ["mosaic"]
        moves(app, made)
    finally:
        end(made)


def test_a_style_that_cannot_be_used_leaves_the_choice_at_what_is_painted(
    app: QApplication, running: MainWindow, tmp_path: Path
) -> None:
    until(app, lambda: running._good)
    (tmp_path / "bad.png").write_bytes(b"no picture")
    running.choose_style(str(tmp_path / "bad.png"))
    until(app, lambda: list(running._settings.styles) == ["mosaic"])
    moves(app, running)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of a few hundred kilobytes; where none can be mounted, files can grow no larger."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    mounted = mount is not None and sys.platform.startswith("linux") and not subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=300k", "none", folder], check=False, capture_output=True
    ).returncode  # fmt: skip
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if not mounted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    yield folder
    if mounted:
        subprocess.run(["umount", "-l", folder], check=True)
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_ends_the_recording_and_nothing_else(
    app: QApplication, running: MainWindow, small_disk: Path
) -> None:
    sentences = said(running)
    running._settings.folder = str(small_disk)
    action(running, "Record").setChecked(True)
    assert running.outputs.recording
    until(app, lambda: not running.outputs.recording)
    until(app, lambda: heard(sentences, "No space left") or heard(sentences, "File too large"))
    assert heard(sentences, "is kept")
    assert not action(running, "Record").isChecked()
    moves(app, running)
    assert [path.suffix for path in small_disk.iterdir()] == [".mp4"]
    with av.open(str(next(small_disk.iterdir()))) as kept:
        assert next(kept.decode(video=0)).width > 0


def test_a_folder_that_cannot_be_written_is_said(app: QApplication, running: MainWindow, tmp_path: Path) -> None:
    sentences = said(running)
    (tmp_path / "file").write_text("no folder")
    running._settings.folder = str(tmp_path / "file")
    action(running, "Record").setChecked(True)
    until(app, lambda: heard(sentences, "cannot be used") and not running.outputs.recording)
    action(running, "Snapshot").trigger()
    until(app, lambda: sum("cannot be used" in sentence for sentence in sentences) == 2)
    moves(app, running)


def test_a_microphone_that_is_missing_is_said_and_the_recording_has_no_sound(
    app: QApplication, running: MainWindow, tmp_path: Path
) -> None:
    sentences = said(running)
    running._settings.microphone = "there is none of this name"
    action(running, "Record").setChecked(True)
    until(app, lambda: heard(sentences, "microphone") and heard(list(running.outputs.says()), "recording"))
    moves(app, running, 8)
    action(running, "Record").setChecked(False)
    until(app, lambda: heard(sentences, "Recorded: "))
    with av.open(str(next((tmp_path / "out").glob("*.mp4")))) as film:
        assert not film.streams.audio
        assert len(list(film.decode(video=0))) >= 5


def test_settings_that_are_garbage_are_set_aside_and_it_is_said(
    app: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings.path().parent.mkdir(parents=True)
    settings.path().write_bytes(b"\x00garbage{{{")
    told: list[str] = []
    chosen = settings.load(tell=told.append)
    chosen.short_side, chosen.place = 64, "clip"
    made = MainWindow(chosen, session.Session())
    try:
        sentences = said(made)
        for sentence in told:
            made.tell(sentence)
        made.show()
        assert heard(sentences, "set aside")
        moves(app, made)
    finally:
        end(made)
    assert settings.load().short_side == 64


def test_a_virtual_camera_that_is_missing_is_said_and_pictures_go_on(app: QApplication, running: MainWindow) -> None:
    sentences = said(running)
    action(running, "Virtual camera").setChecked(True)
    until(app, lambda: heard(sentences, "pip install") or heard(sentences, "v4l2loopback"))
    assert not action(running, "Virtual camera").isChecked()
    moves(app, running)


class Forgetful(TorchBackend):
    """Has memory for small pictures only, and at times for none."""

    most = 160

    def begin(self, task: Task) -> Callable[[], Pixels]:
        if min(task.size) > Forgetful.most:
            raise OutOfMemoryError("Not enough memory on cpu.")
        return super().begin(task)


@pytest.fixture
def forgetful(app: QApplication, chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    def opened(network: Any, *_: object, **__: object) -> Forgetful:
        return Forgetful(network)

    load_network("lite")  # or opening takes longer than the patience of the test, where nothing is cached
    monkeypatch.setattr(Forgetful, "most", 160)
    monkeypatch.setattr("stytr_live.engine.devices.open_backend", opened)
    chosen.short_side = 192
    made = MainWindow(chosen, session.Session())
    made.show()
    yield made
    end(made)


def test_where_memory_runs_out_pictures_are_smaller_and_it_is_said(app: QApplication, forgetful: MainWindow) -> None:
    sentences = said(forgetful)
    until(app, lambda: heard(sentences, "not enough memory"))
    assert forgetful._session.limit is not None
    assert forgetful._session.limit <= 160
    moves(app, forgetful)
    painted = forgetful._session.latest
    assert isinstance(painted, Painted)
    assert (painted.pixels != painted.before).any()


def test_where_no_memory_is_left_the_picture_is_shown_as_it_is_until_there_is_again(
    app: QApplication, forgetful: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentences = said(forgetful)
    Forgetful.most = 0
    until(app, lambda: heard(sentences, "There is not enough even at"))
    moves(app, forgetful)
    bare = forgetful._session.latest
    assert isinstance(bare, Painted)
    assert (bare.pixels == bare.before).all()
    Forgetful.most = 160

    def painted() -> bool:
        frame = forgetful._session.latest
        return isinstance(frame, Painted) and bool((frame.pixels != frame.before).any())

    until(app, painted)
    assert sum("not enough even" in sentence for sentence in sentences) == 1
