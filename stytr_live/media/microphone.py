"""Sound from a microphone."""

from __future__ import annotations

import logging
import os
import platform
import sys
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

import av
import numpy as np
import numpy.typing as npt

from stytr_live.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from av.container import InputContainer

log = logging.getLogger(__name__)

RATE = 48_000
"""Samples per second, whatever the device has."""
_MEMORY = 2.0
"""Seconds of arrivals from which the clock of a device is told."""
_PATIENCE = 0.8
"""Seconds that a device gets to end."""
_ALSA = {
    "ALSA_CONFIG_PATH": ("/usr/share/alsa/alsa.conf",),
    "ALSA_PLUGIN_DIR": (
        f"/usr/lib/{platform.machine()}-linux-gnu/alsa-lib",
        "/usr/lib64/alsa-lib",
        "/usr/lib/alsa-lib",
    ),
}
"""Where a system has the settings of ALSA, and the plugins which lead to PulseAudio and PipeWire."""
_CARDS = Path("/proc/asound/cards")

Samples = npt.NDArray[np.float32]
"""(N, 2), left and right, from -1 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Some samples in a row."""

    samples: Samples
    """(N, 2) at `RATE`; never written to."""
    time: float
    """`time.perf_counter()` in seconds when the first of them was heard."""


@dataclass(frozen=True, slots=True)
class MicrophoneInfo:
    """A device that can be opened."""

    device: str
    """What `Microphone` takes."""
    name: str
    """What people call it."""


class Microphone:
    """Hears a device in a thread of its own, and passes what it hears to any number of listeners.

    A device tells late, and never early, when something was heard. So the time of a sample is told from its number, and
    from the earliest arrival of the last seconds: that is right to a few milliseconds, however unevenly packets come,
    and follows a device whose clock is not quite that of the machine.

    Raises:
        SourceError: there is no such device, or it may not be used.
    """

    def __init__(
        self,
        device: str | None = None,
        *,
        format: str | None = None,  # noqa: A002  (as PyAV calls it)
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`device` as in `microphones()`, None for the default one; `format` is FFmpeg's name of the kind of device.

        With the format "lavfi" the device is a graph of filters, such as "sine=frequency=440". `clock` is that of
        `Frame.born`.
        """
        kind = format or _kind()
        self._name = device or _default(kind)
        self._container = _open(self._name, kind, device)
        self._resampler = av.AudioResampler("flt", "stereo", RATE)
        self._arrivals = _Arrivals()
        self._clock = clock
        self._listeners: list[Callable[[Sound], None]] = []
        self._lock, self._closing = Lock(), Event()
        self.error: SourceError | None = None
        """Why it ended by itself, where it did."""
        self._thread = Thread(target=self._hear, name="microphone", daemon=True)  # a device may never answer again
        self._thread.start()

    def listen(self, listener: Callable[[Sound], None]) -> None:
        """Call a listener with every sound from now on, in the microphone's thread; it must not take long."""
        with self._lock:
            self._listeners.append(listener)

    def unlisten(self, listener: Callable[[Sound], None]) -> None:
        """Call a listener no more; when this returns, it is not being called either."""
        with self._lock, suppress(ValueError):
            self._listeners.remove(listener)

    def close(self) -> None:
        """End within a second; may be called again."""
        self._closing.set()
        self._thread.join(_PATIENCE)
        if self._thread.is_alive():
            log.warning("the microphone '%s' does not answer any more", self._name)

    def _hear(self) -> None:
        try:
            for frame in self._container.decode(audio=0):
                if self._closing.is_set():
                    break
                arrived = self._clock()
                frame.pts = None  # the resampler counts by itself
                for part in self._resampler.resample(frame):
                    self._tell(np.ascontiguousarray(part.to_ndarray().reshape(-1, 2), np.float32), arrived)
            else:
                self.error = SourceError(f"The microphone '{self._name}' ended.")
        except (av.FFmpegError, OSError, ValueError) as error:
            self.error = SourceError(f"The microphone '{self._name}' failed: {_reason(error)}.")
        finally:
            if self.error is not None and not self._closing.is_set():
                log.warning("%s", self.error)
            with suppress(av.FFmpegError, OSError, ValueError):
                self._container.close()

    def _tell(self, samples: Samples, arrived: float) -> None:
        if not len(samples):
            return
        sound = Sound(samples, self._arrivals.time_of(len(samples), arrived))
        with self._lock:
            for listener in self._listeners:
                listener(sound)


def microphone_of(device: str) -> Microphone:
    """The microphone that settings remember: a device of `microphones()`, `default`, or a graph after `lavfi:`.

    Raises:
        SourceError: there is no such device, or it may not be used.
    """
    if device.startswith("lavfi:"):
        return Microphone(device.removeprefix("lavfi:"), format="lavfi")
    return Microphone(None if device == "default" else device)


class _Arrivals:
    """Tells when samples were heard from when they arrived."""

    def __init__(self) -> None:
        self._count = 0
        self._starts: deque[tuple[float, float]] = deque()  # (arrival, time of sample 0 by it), seconds

    def time_of(self, samples: int, arrived: float) -> float:
        """Time of the first of some samples, of which the last has just been heard when they arrive, at the latest."""
        first = self._count / RATE
        self._count += samples
        self._starts.append((arrived, arrived - self._count / RATE))
        while self._starts[0][0] < arrived - _MEMORY:
            self._starts.popleft()
        return first + min(start for _, start in self._starts)


def microphones() -> list[MicrophoneInfo]:
    """The devices that can be heard, as far as the system tells; empty where it does not."""
    kind = _kind()
    with suppress(av.FFmpegError, OSError, ValueError):
        found = [d for d in av.enumerate_input_devices(kind) if not d.media_types or "audio" in d.media_types]
        if found:
            return [MicrophoneInfo(_address(kind, d.name), d.description or d.name) for d in found]
    return _cards(_CARDS) if kind == "alsa" else []


def _cards(path: Path) -> list[MicrophoneInfo]:
    """Sound cards as Linux lists them: ` 0 [PCH            ]: HDA-Intel - HDA Intel PCH`."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        number, bracket, rest = line.partition("[")
        if bracket and number.strip().isdigit():
            identity, _, name = rest.partition("]")
            found.append(MicrophoneInfo(f"plughw:CARD={identity.strip()}", name.rpartition(" - ")[2].strip(" :")))
    return found


def _kind() -> str:
    """FFmpeg's name for the microphones of this system."""
    if sys.platform == "darwin":
        return "avfoundation"
    if sys.platform == "win32":
        return "dshow"
    return "pulse" if "pulse" in av.formats_available else "alsa"


def _default(kind: str) -> str:
    if kind == "avfoundation":
        return ":default"
    if kind != "dshow":
        return "default"
    found = microphones()
    if not found:
        raise SourceError("There is no microphone; connect one, or record without sound.")
    return found[0].device


def _address(kind: str, name: str) -> str:
    """What FFmpeg opens for a device of a name."""
    return {"avfoundation": f":{name}", "dshow": f"audio={name}"}.get(kind, name)


def _open(name: str, kind: str, device: str | None) -> InputContainer:
    if kind == "alsa":  # the libraries that come with PyAV look for these where they were built
        for variable, places in _ALSA.items():
            for place in filter(os.path.exists, places):
                os.environ.setdefault(variable, place)
    if kind == "lavfi":
        name += ",arealtime"  # or it would be quicker than time
    try:
        # Small pieces: what is heard is known sooner, and the end too.
        options = {"audio_buffer_size": "20"} if kind == "dshow" else {}
        container = av.open(name, format=kind, options=options, timeout=5.0)
    except (av.FFmpegError, OSError, ValueError) as error:
        which = f"microphone '{device}'" if device else "microphone"
        raise SourceError(
            f"The {which} cannot be opened: {_reason(error)}; check that it is connected and may be used."
        ) from error
    if not container.streams.audio:
        container.close()
        raise SourceError(f"'{name}' is no microphone: there is no sound in it.")
    return container


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".")
