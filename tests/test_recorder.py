"""Recordings and the sound in them, read back with PyAV alone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import AbstractContextManager, contextmanager, suppress
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

from stytr_live.errors import SinkError, SourceError
from stytr_live.frame import Frame
from stytr_live.media import microphone as microphones_module
from stytr_live.media import recorder as recorder_module
from stytr_live.media.microphone import RATE, Microphone, Sound, _Arrivals, _cards, microphones
from stytr_live.media.recorder import Recorder, _Disk
from tests.clips import Clip, pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    Record = Callable[..., Recorder]

SIZE = (96, 64)
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
THIRTY = Fraction(30)
START = 1000.0
"""When things begin on the clock of `Frame.born`."""


def shot(born: float, colour: tuple[int, int, int] = BLACK, size: tuple[int, int] = SIZE) -> Frame:
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[:] = colour
    return Frame(pixels, Fraction(0), 0, born)


class Ear:
    """A microphone that hears what a test says."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[Sound], None]] = []

    def listen(self, listener: Callable[[Sound], None]) -> None:
        self.listeners.append(listener)

    def unlisten(self, listener: Callable[[Sound], None]) -> None:
        self.listeners.remove(listener)

    def hear(self, sound: Sound) -> None:
        for listener in self.listeners:
            listener(sound)


def sounds(start: float, end: float, *clicks: float, off: float = 0.0, length: float = 0.02) -> list[Sound]:
    """A quiet room with clicks; the clock of the card runs fast by a share of `off`."""
    count = int(length * RATE)
    found = []
    for number in range(int((end - start) / length)):
        first = start + number * length / (1 + off)
        when = first + np.arange(count) / RATE / (1 + off)
        wave = np.zeros(count, np.float32)
        for click in clicks:
            wave[(when >= click) & (when < click + 0.005)] = 0.8
        found.append(Sound(np.stack([wave, wave], -1), first))
    return found


def heard(path: Path) -> tuple[list[float], float]:
    """Times at which clicks begin, and when the sound ends, in seconds."""
    with av.open(str(path)) as container:
        pieces = [(f.time or 0.0, np.asarray(f.to_ndarray())[0]) for f in container.decode(audio=0)]
    loud: list[float] = []
    for start, wave in pieces:
        for at in np.flatnonzero(np.abs(wave) > 0.3):
            when = start + at / RATE
            if not loud or when > loud[-1] + 0.1:
                loud.append(when)
    first, last = pieces[0], pieces[-1]
    assert first[0] == pytest.approx(0, abs=0.001)
    assert all(b[0] - a[0] == pytest.approx(len(a[1]) / RATE, abs=0.002) for a, b in pairwise(pieces))
    return loud, last[0] + len(last[1]) / RATE


def flashes(path: Path) -> list[float]:
    """Times of white pictures."""
    times, found = pictures(path)
    return [float(t) for t, p in zip(times, found, strict=True) if p.mean() > 128]


def there(folder: Path) -> list[str]:
    """Names of all files of a folder."""
    return [p.name for p in folder.iterdir()]


@pytest.fixture(params=[".mp4", ".mkv"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"live{request.param}"


@pytest.fixture
def record() -> Iterator[Record]:
    """Makes recorders, and leaves none behind where a test fails."""
    made: list[Recorder] = []

    def make(path: Path, *, size: tuple[int, int] = SIZE, rate: Fraction = THIRTY, **more: Any) -> Recorder:
        made.append(Recorder(path, size=size, rate=rate, **more))
        return made[-1]

    yield make
    for recorder in made:
        recorder.discard()


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No frame is left out, so that time may pass as quickly as the encoder allows."""
    monkeypatch.setattr(recorder_module, "AHEAD", 10_000)


@pytest.mark.usefixtures("_patient")
def test_pictures_are_at_the_times_at_which_they_were_taken(path: Path, record: Record) -> None:
    born = [START + t for t in (0.0, 0.033, 0.0661, 0.2, 0.21, 1.4, 1.41, 3.9)]
    recorder = record(path)
    for index, when in enumerate(born):
        recorder.write(shot(when, (index * 30, 0, 0)))
    recorder.close()
    times, found = pictures(path)
    assert [float(t) for t in times] == pytest.approx([b - START for b in born], abs=0.0006)
    assert times[0] == 0
    assert all(abs(int(p[..., 0].mean()) - 30 * i) < 4 for i, p in enumerate(found))
    assert recorder.recorded == pytest.approx(3.9 + 1 / 30)
    assert recorder.dropped == 0
    assert there(path.parent) == [path.name]


@pytest.mark.usefixtures("_patient")
def test_times_only_rise_whatever_the_clock_does(path: Path, record: Record) -> None:
    recorder = record(path)
    for when in (0.0, 0.0, 0.00001, 0.5, 0.3, 0.4, 0.6):
        recorder.write(shot(START + when))
    recorder.close()
    times, _ = pictures(path)
    assert len(times) == 7
    assert all(b > a for a, b in pairwise(times))
    assert float(times[-1]) == pytest.approx(0.6, abs=0.01)


@pytest.mark.usefixtures("_patient")
def test_a_whole_mp4_is_an_ordinary_one_that_knows_its_length(tmp_path: Path, record: Record) -> None:
    recorder = record(tmp_path / "live.mp4")
    for index in range(120):
        recorder.write(shot(START + index / 30, (index, index, index)))
    recorder.close()
    data, at, boxes = (tmp_path / "live.mp4").read_bytes(), 0, []
    while at < len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        size = int.from_bytes(data[at + 8 : at + 16], "big") if size == 1 else size
        boxes.append(kind)
        at += size
    assert b"moof" not in boxes
    assert boxes.count(b"moov") == 1
    with av.open(str(tmp_path / "live.mp4")) as container:
        assert container.duration == pytest.approx(4_000_000, abs=2000)
        keys = [float(p.pts * p.time_base) for p in container.demux(video=0) if p.is_keyframe and p.pts is not None]
    assert keys == pytest.approx([0, 2])


@pytest.mark.usefixtures("_patient")
def test_frames_of_another_size_are_letterboxed(path: Path, record: Record) -> None:
    recorder = record(path, size=(128, 64), rate=THIRTY)
    for index, size in enumerate(((128, 64), (50, 50), (300, 60), (33, 77))):
        recorder.write(shot(START + index / 30, WHITE, size))
    recorder.close()
    _, (whole, square, wide, tall) = pictures(path)
    assert whole.min() > 240
    assert square[:, 36:92].min() > 200
    assert max(square[:, :28].max(), square[:, 100:].max()) < 20
    assert wide[22:42].min() > 200
    assert max(wide[:16].max(), wide[48:].max()) < 20
    assert tall[:, 54:74].min() > 200


def test_odd_sizes_lose_no_row(tmp_path: Path, record: Record) -> None:
    recorder = record(tmp_path / "live.mp4", size=(65, 33), rate=THIRTY)
    recorder.write(shot(START, WHITE, (65, 33)))
    recorder.close()
    _, (picture,) = pictures(tmp_path / "live.mp4")
    assert picture.shape == (33, 65, 3)


def test_a_stream_that_is_too_quick_loses_frames_and_nothing_else(path: Path, record: Record) -> None:
    recorder = record(path, size=(1280, 720), rate=Fraction(60))
    noise = np.random.default_rng(0).integers(0, 255, (720, 1280, 3)).astype(np.uint8)
    for index in range(60):
        recorder.write(Frame(noise, Fraction(0), index, START + index / 60))
    recorder.close()
    times, _ = pictures(path)
    assert recorder.dropped > 0
    assert len(times) + recorder.dropped == 60
    assert all(b > a for a, b in pairwise(times))
    assert all(float(t) * 60 == pytest.approx(round(float(t) * 60), abs=0.05) for t in times)


@pytest.mark.usefixtures("_patient")
@pytest.mark.parametrize("off", [0.0, 0.002, -0.002], ids=["exact card", "fast card", "slow card"])
def test_a_flash_and_a_click_of_the_same_moment_are_together_however_late_painting_is(
    path: Path, off: float, record: Record
) -> None:
    ear, clicks = Ear(), [START + t for t in (0.5, 2.0, 7.5)]
    recorder = record(path, microphone=ear)
    heard_so = sounds(START - 1.3, START + 8.3, *clicks, off=off)
    events: list[tuple[float, Sound | Frame]] = [(sound.time + 0.02, sound) for sound in heard_so]
    for index in range(240):
        born = START + index / 30
        bright = any(abs(born - click) < 1 / 60 for click in clicks)
        late = 0.1 + 0.8 * index / 240  # painting gets slower
        events.append((born + late, shot(born, WHITE if bright else BLACK)))
    for _, event in sorted(events, key=lambda e: e[0]):
        if isinstance(event, Sound):
            ear.hear(event)
        else:
            recorder.write(event)
    recorder.close()
    seen, (loud, end) = flashes(path), heard(path)
    assert len(seen) == len(loud) == 3
    assert loud == pytest.approx(seen, abs=0.03)
    assert loud == pytest.approx([c - START for c in clicks], abs=0.012)
    assert end == pytest.approx(8, abs=0.05)
    assert not ear.listeners


@pytest.mark.usefixtures("_patient")
def test_what_the_camera_takes_is_made_up_for(tmp_path: Path, record: Record) -> None:
    ear, path = Ear(), tmp_path / "live.mp4"
    recorder = record(path, microphone=ear, lag=0.2)
    for sound in sounds(START - 0.5, START + 2, START + 1):
        ear.hear(sound)
    for index in range(60):
        recorder.write(shot(START + index / 30, WHITE if index == 36 else BLACK))  # 1.2 s: the light was there at 1.0
    recorder.close()
    assert heard(path)[0] == pytest.approx(flashes(path), abs=0.02)


@pytest.mark.usefixtures("_patient")
def test_lost_sound_is_silence_and_the_rest_stays_in_time(path: Path, record: Record) -> None:
    ear = Ear()
    recorder = record(path, microphone=ear)
    lost = [*sounds(START, START + 1, START + 0.5), *sounds(START + 1.8, START + 3, START + 2.5)]
    for sound in lost:
        ear.hear(sound)
    for index in range(180):  # three seconds longer than the microphone lives
        recorder.write(shot(START + index / 30))
    recorder.close()
    loud, end = heard(path)
    assert loud == pytest.approx([0.5, 2.5], abs=0.01)
    assert end == pytest.approx(6, abs=0.05)


@pytest.mark.usefixtures("_patient")
def test_a_source_that_is_lost_for_a_while_keeps_the_sound_in_time(tmp_path: Path, record: Record) -> None:
    ear, path = Ear(), tmp_path / "live.mkv"
    recorder = record(path, microphone=ear)
    recorder.write(shot(START))
    for sound in sounds(START, START + 16, START + 1, START + 15, length=0.1):
        ear.hear(sound)
    for when in (15.0, 15.5):
        recorder.write(shot(START + when, WHITE))
    recorder.close()
    assert flashes(path)[0] == pytest.approx(15, abs=0.001)
    assert heard(path)[0] == pytest.approx([1, 15], abs=0.01)


def test_a_real_click_and_the_flash_it_causes_are_together(path: Path, record: Record) -> None:
    clicked = threading.Event()
    when: list[float] = []

    def notice(sound: Sound) -> None:
        loud = np.flatnonzero(np.abs(sound.samples[:, 0]) > 0.3)
        if len(loud) and not when:
            when.append(sound.time + loud[0] / RATE)
            clicked.set()

    ear = Microphone("aevalsrc='if(between(t,0.6,0.61),0.8,0)':s=44100", format="lavfi")
    ear.listen(notice)
    recorder = record(path, microphone=ear)
    recorder.write(shot(time.perf_counter()))
    assert clicked.wait(5)
    recorder.write(shot(when[0], WHITE))
    recorder.write(shot(when[0] + 0.2))
    recorder.close()
    ear.close()
    (flash,), (loud, _) = flashes(path), heard(path)
    assert loud == pytest.approx([flash], abs=0.02)


KILLED = """
    import sys, time
    from fractions import Fraction
    from pathlib import Path
    from stytr_live.media import recorder
    from tests.test_recorder import Ear, Recorder, SIZE, shot, sounds
    recorder.AHEAD = 10_000
    ear = Ear()
    recorder = Recorder(Path(sys.argv[1]), size=SIZE, rate=Fraction(30), microphone=ear)
    for sound in sounds(0, 10, 1.0):
        ear.hear(sound)
    for index in range(300):
        recorder.write(shot(index / 30, (255, 255, 255) if index == 30 else (0, 0, 0)))
    while recorder.recorded < 9.9:
        time.sleep(0.01)
    print("now", flush=True)
    time.sleep(60)
"""


def test_what_a_killed_program_recorded_can_be_played(path: Path, record: Record) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"now\n"
        process.send_signal(signal.SIGKILL)
    part = path.with_name(f"live.part{path.suffix}")
    assert there(path.parent) == [part.name]
    times, _ = pictures(part)
    assert float(times[-1]) > 7
    assert flashes(part) == pytest.approx([1], abs=0.001)
    assert heard(part)[0] == pytest.approx([1], abs=0.01)
    with pytest.raises(SinkError, match="broke off"):
        record(path)
    assert pictures(part)[0] == times


@pytest.mark.usefixtures("_patient")
def test_a_microphone_that_says_nothing_does_not_keep_pictures_from_the_disk(path: Path, record: Record) -> None:
    recorder = record(path, microphone=Ear())
    for index in range(300):
        recorder.write(shot(START + index / 30))
    for _ in range(1000):
        if recorder.recorded > 9.9:
            break
        threading.Event().wait(0.01)
    meanwhile = path.with_name(f"copy{path.suffix}")
    shutil.copy(path.with_name(f"live.part{path.suffix}"), meanwhile)
    assert float(pictures(meanwhile)[0][-1]) > 7
    recorder.close()
    assert len(pictures(path)[0]) == 300


@contextmanager
def limited(_: Path) -> Iterator[None]:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def small(folder: Path) -> Iterator[None]:
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a file system can only be mounted by root")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("disk", [limited, small])
def test_a_full_disk_is_said_and_what_was_recorded_stays(
    path: Path, disk: Callable[[Path], AbstractContextManager[None]], record: Record
) -> None:
    ear, rng = Ear(), np.random.default_rng(0)
    noise = [rng.integers(0, 255, (128, 192, 3)).astype(np.uint8) for _ in range(8)]
    waited = threading.Event()
    with disk(path.parent):
        recorder = record(path, size=(192, 128), rate=THIRTY, microphone=ear)

        def fill() -> None:
            for index in range(2000):
                recorder.write(Frame(noise[index % 8], Fraction(0), index, START + index / 30))
                waited.wait(0.002)  # the encoder gets some of them

        with pytest.raises(SinkError) as failure:
            fill()
        with pytest.raises(SinkError, match="and is kept"):
            recorder.write(shot(START + 100))
        recorder.discard()
        assert str(failure.value).endswith((": No space left on device.", ": File too large."))
        assert "ended after" in str(failure.value)
        assert there(path.parent) == [path.name]
        times = readable(path)
        assert len(times) > 10
        assert all(b > a for a, b in pairwise(times))
    assert not ear.listeners


def test_after_an_error_nothing_more_is_written(tmp_path: Path) -> None:
    disk = _Disk(tmp_path / "part")
    disk.write(b"whole")
    with limited(tmp_path), pytest.raises(OSError, match="too large"):
        disk.write(bytes(2_000_000))
    disk.seek(0)
    with pytest.raises(OSError, match="too large"):
        disk.write(b"worse")
    assert disk.close() is not None
    assert (tmp_path / "part").read_bytes().startswith(b"whole")


def readable(path: Path) -> list[float]:
    """Times of the pictures of a file that may be cut off."""
    found: list[float] = []
    with av.open(str(path)) as container, suppress(av.FFmpegError):
        found.extend(f.time or 0.0 for f in container.decode(video=0))
    return found


def test_a_failing_close_is_said_and_what_was_recorded_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: Record
) -> None:
    def fail(_: object) -> None:
        raise OSError(28, "No space left on device")

    recorder = record(tmp_path / "live.mkv")
    recorder.write(shot(START))
    recorder.write(shot(START + 2))
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(SinkError, match=r"ended after 2 s, and is kept: No space left on device\.$"):
        recorder.close()
    recorder.close()
    assert len(pictures(tmp_path / "live.mkv")[0]) == 2


def test_discarding_leaves_nothing(path: Path, record: Record) -> None:
    ear = Ear()
    recorder = record(path, microphone=ear)
    for index in range(5):
        recorder.write(shot(START + index / 30))
    recorder.discard()
    recorder.discard()
    assert not there(path.parent)
    with pytest.raises(SinkError, match="has ended"):
        recorder.write(shot(START + 1))


def test_without_a_picture_there_is_no_file(path: Path, record: Record) -> None:
    ear = Ear()
    recorder = record(path, microphone=ear)
    for sound in sounds(START, START + 1):
        ear.hear(sound)
    with pytest.raises(SinkError, match="no picture"):
        recorder.close()
    assert not there(path.parent)


def test_names_that_cannot_be_are_refused(tmp_path: Path, record: Record) -> None:
    mine = tmp_path / "there.mp4"
    mine.write_bytes(b"mine")
    for wrong, said in (
        (mine, "exists already"),
        (tmp_path / "live.webm", "choose .mp4"),
        (tmp_path / "live.txt", "suffix"),
        (tmp_path / "missing" / "live.mp4", "cannot be written: No such file or directory"),
    ):
        with pytest.raises(SinkError, match=said):
            record(wrong)
    with pytest.raises(SinkError, match="pixels"):
        record(tmp_path / "live.mp4", size=(0, 5), rate=THIRTY)
    assert there(tmp_path) == ["there.mp4"]
    assert mine.read_bytes() == b"mine"


def test_a_file_that_came_meanwhile_is_not_replaced(tmp_path: Path, record: Record) -> None:
    recorder = record(tmp_path / "live.mp4")
    recorder.write(shot(START))
    (tmp_path / "live.mp4").write_bytes(b"mine")
    with pytest.raises(SinkError, match=r"stays in '.*live\.part\.mp4'"):
        recorder.close()
    assert (tmp_path / "live.mp4").read_bytes() == b"mine"
    assert len(pictures(tmp_path / "live.part.mp4")[0]) == 1


def arrivals(lengths: Sequence[int], delays: Sequence[float], off: float = 0.0) -> list[float]:
    """Errors in seconds of the times that are told for packets which arrive late by `delays`."""
    told, number, errors = _Arrivals(), 0, []
    for length, delay in zip(lengths, delays, strict=True):
        first = START + number / (RATE * (1 + off))
        number += length
        last = START + number / (RATE * (1 + off))
        errors.append(told.time_of(length, last + delay) - first)
    return errors


def test_the_time_of_a_sound_is_told_well_from_packets_that_come_unevenly() -> None:
    rng = np.random.default_rng(1)
    errors = arrivals([960] * 500, list(rng.exponential(0.02, 500)))
    assert max(abs(e) for e in errors[25:]) < 0.005


@pytest.mark.parametrize("off", [0.0005, -0.0005])
def test_a_card_whose_clock_is_off_is_followed(off: float) -> None:
    rng = np.random.default_rng(1)
    errors = arrivals([480] * 6000, list(rng.exponential(0.003, 6000)), off)
    assert max(abs(e) for e in errors[200:]) < 0.005


def test_a_microphone_hears_at_the_rate_of_time_and_ends_at_once() -> None:
    enough, got = threading.Event(), []

    def take(sound: Sound) -> None:
        got.append(sound)
        if len(got) == 20:
            enough.set()

    ear = Microphone("sine=frequency=440:sample_rate=44100", format="lavfi")
    ear.listen(take)
    assert enough.wait(5)
    ear.unlisten(take)
    begun = time.perf_counter()
    ear.close()
    ear.close()
    assert time.perf_counter() - begun < 3
    assert ear.error is None
    heard_in_all = np.concatenate([s.samples for s in got])
    assert heard_in_all.shape[1] == 2
    assert heard_in_all.dtype == np.float32
    spectrum = np.abs(np.fft.rfft(heard_in_all[:, 0]))
    assert np.argmax(spectrum) * RATE / len(heard_in_all) == pytest.approx(440, abs=5)
    span = got[-1].time - got[0].time
    assert span == pytest.approx(sum(len(s.samples) for s in got[:-1]) / RATE, abs=0.03)


def test_a_microphone_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"The microphone 'nowhere' cannot be opened: .*connected.*\.$"):
        Microphone("nowhere")
    with pytest.raises(SourceError, match="cannot be opened"):
        Microphone("x", format="no such kind")
    with pytest.raises(SourceError, match="no sound"):
        Microphone(str(Clip().write(tmp_path / "silent.mp4")), format="mov")


ALSA = """
    import threading
    from stytr_live.media.microphone import Microphone
    heard = threading.Event()
    ear = Microphone()
    ear.listen(lambda sound: heard.set())
    print(heard.wait(5), ear.error)
    ear.close()
"""


@pytest.mark.skipif("alsa" not in av.formats_available, reason="needs ALSA")
def test_the_default_microphone_of_linux_is_the_one_that_the_system_s_settings_name(tmp_path: Path) -> None:
    settings = tmp_path / "alsa.conf"
    settings.write_text("pcm.default { type null }\nctl.default { type null }\n")
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(ALSA)],
        env=os.environ | {"ALSA_CONFIG_PATH": str(settings)},
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert run.stdout == b"True None\n"


def test_a_microphone_that_ends_says_so(caplog: pytest.LogCaptureFixture) -> None:
    ear = Microphone("sine=duration=0.1", format="lavfi")
    ear._thread.join(5)
    ear.close()
    assert "ended" in str(ear.error)
    assert "ended" in caplog.text


def test_sound_cards_are_listed_where_the_system_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cards = tmp_path / "cards"
    cards.write_text(
        " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n"
        "                      HDA Intel PCH at 0x4000000000 irq 143\n"
        " 1 [C920           ]: USB-Audio - HD Pro Webcam C920\n"
        "                      HD Pro Webcam C920 at usb-0000:00:14.0-4, high speed\n"
    )
    found = _cards(cards)
    assert [(m.device, m.name) for m in found] == [
        ("plughw:CARD=PCH", "HDA Intel PCH"),
        ("plughw:CARD=C920", "HD Pro Webcam C920"),
    ]
    monkeypatch.setattr(microphones_module, "_CARDS", tmp_path / "missing")
    assert isinstance(microphones(), list)
    cards.write_text("--- no soundcards ---\n")
    assert _cards(cards) == []
