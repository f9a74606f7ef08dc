"""Where live pictures come from, and what FFmpeg must be told to get them.

Every place has a `label` for a user; `openings` says how it is opened, the best way first, or raises SourceError where
that is hopeless; `refusal` says in one sentence with a remedy why it could not be, given FFmpeg's error.
"""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stytr_live.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stytr_live.frame import Size

Region = tuple[int, int, int, int]
"""(x, y, width, height) in pixels, from the upper left corner."""

_SCHEMES = ("rtsp", "rtsps", "udp", "rtp", "http", "https", "rtmp", "rtmps", "srt", "tcp")
_PROTOCOLS = "udp,rtp,tcp,tls,http,https,httpproxy,rtmp,rtmps,rtmpt,rtmpts,ffrtmphttp,ffrtmpcrypt,srt,srtp,crypto,rtsp"
"""What a stream may refer to; no files of this computer."""
_STREAM_REFUSALS = (
    ({"TimeoutError"}, "sends nothing; see that it is on and the address is right"),
    ({"ConnectionRefusedError"}, "is not there: nobody answers; see that it is on and the address is right"),
    ({"ProtocolNotFoundError"}, "cannot be read by the FFmpeg that is installed; use an address of another kind"),
    (
        {"HTTPUnauthorizedError", "HTTPForbiddenError"},
        "asks for a user name and password; put 'name:password@' before the host",
    ),
    ({"HTTPNotFoundError"}, "is not there; check the end of the address"),
    ({"InvalidDataError"}, "has no pictures in a format this program reads; check the address"),
)
"""FFmpeg's errors and what they mean for a stream."""
_NO_WAIT = "4"
"""AVFMT_FLAG_NONBLOCK, which has no name among FFmpeg's options. Without it v4l2 and dshow wait for a frame in a way
that no timeout ends."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Arguments of `av.open`, and what to do with the frames."""

    url: str
    format: str | None
    options: Mapping[str, str]
    crop: Region | None = None
    """The part of a frame that is wanted."""
    paced: bool = False
    """True where frames come as fast as they are read and must be held back to their times."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera at this computer."""

    device: str
    """`/dev/video0` on Linux, a number or name on macOS, a name on Windows."""
    name: str
    """What a user calls it."""
    size: Size | None = None
    """(width, height) wished for; the camera's own where None, or where it cannot."""
    rate: Fraction | None = None
    """Frames per second wished for."""
    mjpeg: bool = True
    """Ask for JPEG pictures: most cameras give large ones at full rate in no other way."""

    @property
    def label(self) -> str:
        """Its name for a user."""
        return self.name or self.device

    def openings(self, system: str = sys.platform) -> tuple[Opening, ...]:
        """All that is wished for first, then less of it."""
        size = {} if self.size is None else {"video_size": _by(self.size)}
        rate = {} if self.rate is None else {"framerate": str(self.rate)}
        flags = {"fflags": f"+nobuffer+{_NO_WAIT}"}
        if system == "darwin":
            # It refuses rates that the camera does not have, and its default of 29.97 few cameras do.
            thirty, device = {"framerate": "30"}, f"{self.device}:none"
            wishes = [thirty | size | rate, thirty | rate, thirty, {"framerate": "15"}]
            return _distinct(Opening(device, "avfoundation", flags | wish) for wish in wishes)
        if system == "win32":  # no way to ask for JPEG through options; with a large size it is what the camera gives
            wishes = [size | rate, rate, {}]
            return _distinct(Opening(f"video={self.device}", "dshow", flags | wish) for wish in wishes)
        jpeg = {"input_format": "mjpeg"} if self.mjpeg else {}
        wishes = [jpeg | size | rate, size | rate, {}]
        return _distinct(Opening(self.device, "v4l2", flags | wish) for wish in wishes)

    def refusal(self, error: Exception, system: str = sys.platform) -> str:
        """Why it gives no pictures."""
        name, number = f"The camera '{self.label}'", getattr(error, "errno", None)
        if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
            return f"{name} is not there; connect it or choose another one."
        if number in (errno.EACCES, errno.EPERM):
            where = "join the group 'video'" if system.startswith("linux") else "allow it in the system's settings"
            return f"{name} may not be used by this program; {where} and try again."
        if number == errno.EBUSY:
            return f"{name} is in use by another program; close that program and try again."
        if number in (errno.ENOTTY, errno.EINVAL) and system.startswith("linux"):
            return f"'{self.device}' is no camera that gives pictures; choose another one."
        if isinstance(error, TimeoutError):
            return f"{name} gives no pictures; unplug it, connect it again and see that it is not covered or off."
        return f"{name} cannot be read ({_reason(error)}); see that this program may use it and no other program does."


@dataclass(frozen=True, slots=True)
class Screen:
    """What is on a screen of this computer."""

    display: str | None = None
    """Of X11, such as `:0`, or the number of a screen on macOS; None is the usual one."""
    region: Region | None = None
    """The part that is wanted; all where None."""
    rate: Fraction = Fraction(30)
    """Frames per second."""

    @property
    def label(self) -> str:
        """Its name for a user."""
        part = "" if self.region is None else f" ({self.region[2]}×{self.region[3]})"
        return f"Screen{part}" if self.display is None else f"Screen {self.display}{part}"

    def openings(self, system: str = sys.platform, environment: Mapping[str, str] = os.environ) -> tuple[Opening, ...]:
        """The one way.

        Raises:
            SourceError: there is no screen that can be read.
        """
        rate = {"framerate": str(self.rate), "fflags": f"+nobuffer+{_NO_WAIT}"}
        if system == "darwin":
            device = f"Capture screen {self.display or 0}:none"
            return (Opening(device, "avfoundation", rate | {"capture_cursor": "1"}, crop=self.region),)
        size = {} if self.region is None else {"video_size": _by(self.region[2:])}
        x, y = (0, 0) if self.region is None else self.region[:2]
        if system == "win32":
            return (Opening("desktop", "gdigrab", rate | size | {"offset_x": str(x), "offset_y": str(y)}),)
        display = self.display or environment.get("DISPLAY")
        if not display and environment.get("WAYLAND_DISPLAY"):
            raise SourceError("Wayland does not let programs read the screen this way; log in to an X11 session.")
        if not display:
            raise SourceError("There is no screen here; start the program on a desktop with X11.")
        return (Opening(display, "x11grab", rate | size | {"grab_x": str(x), "grab_y": str(y)}),)

    def refusal(self, error: Exception) -> str:
        """Why it gives no pictures."""
        if getattr(error, "errno", None) == errno.EINVAL and self.region is not None:
            x, y, width, height = self.region
            return f"The part {width}×{height} at {x}, {y} is not on the screen; choose a smaller one."
        if isinstance(error, TimeoutError):
            return "The screen gives no pictures; see that it is there and programs may record it."
        return f"The screen cannot be read ({_reason(error)}); see that it is there and programs may record it."


@dataclass(frozen=True, slots=True)
class Stream:
    """Pictures from the network."""

    url: str

    @property
    def label(self) -> str:
        """Its address without the user name, password and query."""
        try:
            parts = urlsplit(self.url)
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            return "Stream"
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        return f"{parts.scheme}://{host}{port}{parts.path}"

    def openings(self) -> tuple[Opening, ...]:
        """The one way.

        Raises:
            SourceError: the address is none of a stream.
        """
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname, parts.port  # which raises where it is no number
            usable = parts.scheme in _SCHEMES and bool(host or port)
        except ValueError:
            usable = False
        if not usable:
            known = ", ".join(_SCHEMES)
            raise SourceError(f"That is no address of a stream; it begins with one of {known} and '://'.")
        # Not `nobuffer`: what was read to find out what the stream is would be thrown away, the key frame with it.
        options = {
            "protocol_whitelist": _PROTOCOLS,
            "probesize": "1000000",
            "analyzeduration": "1000000",  # µs
            "fpsprobesize": "0",
            "max_delay": "0",
        }
        if parts.scheme in ("udp", "rtp"):
            options |= {"overrun_nonfatal": "1", "reuse": "1"}
        if parts.scheme in ("rtsp", "rtsps"):
            options |= {"rtsp_transport": "tcp", "allowed_media_types": "video"}
        return (Opening(self.url, None, options),)

    def refusal(self, error: Exception) -> str:
        """Why it gives no pictures."""
        name = f"The stream '{self.label}'"
        # By their names, which are FFmpeg's: it has errors that the system has not.
        kinds = {kind.__name__ for kind in type(error).__mro__}
        for found, sentence in _STREAM_REFUSALS:
            if kinds & found:
                return f"{name} {sentence}."
        if getattr(error, "errno", None) in (errno.EIO, errno.ENETUNREACH, errno.EHOSTUNREACH):
            return f"{name} cannot be reached; check the address and the network."
        return f"{name} cannot be read ({_reason(error)}); check the address."


@dataclass(frozen=True, slots=True)
class Pattern:
    """A test pattern that moves."""

    size: Size = (640, 360)
    """(width, height) in pixels."""
    rate: Fraction = Fraction(30)
    """Frames per second."""

    @property
    def label(self) -> str:
        """Its name for a user."""
        return "Test pattern"

    def openings(self) -> tuple[Opening, ...]:
        """The one way.

        Raises:
            SourceError: the size or the rate is not positive.
        """
        if min(self.size) < 1 or max(self.size) > 16384 or self.rate <= 0:
            raise SourceError("The size and the rate of a test pattern must be positive; choose others.")
        return (Opening(f"testsrc2=size={_by(self.size)}:rate={self.rate}", "lavfi", {}, paced=True),)

    def refusal(self, error: Exception) -> str:
        """Why it gives no pictures."""
        return f"The test pattern cannot be made ({_reason(error)}); choose another size or rate."


Place = Camera | Screen | Stream | Pattern


def _by(size: tuple[int, ...]) -> str:
    return f"{size[0]}x{size[1]}"


def _distinct(openings: Iterable[Opening]) -> tuple[Opening, ...]:
    """Without those that were there before."""
    found: list[Opening] = []
    for opening in openings:
        if opening not in found:
            found.append(opening)
    return tuple(found)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".") or "it does not answer"
