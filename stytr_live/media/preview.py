"""The stream in a browser."""

from __future__ import annotations

import hmac
import ipaddress
import logging
import os
import secrets
import socket
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Lock, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

import cv2

from stytr_live.errors import SinkError

if TYPE_CHECKING:
    from stytr_live.frame import Frame, Pixels

log = logging.getLogger(__name__)

MOST = 8
"""Clients that may look at a time."""
QUALITY = 85
"""Of the JPEGs, of 100."""
_MOST_CONNECTIONS = 3 * MOST
"""Browsers open some in advance, and one per page."""
_BUFFER = 1 << 17
"""Bytes that wait in the system for a client; what waits there is old when it arrives."""
_REPEAT = 3.0
"""Seconds after which a picture that stays is sent again."""
_BOUNDARY = b"--frame\r\n"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",  # the address may have the token in it
    "X-Content-Type-Options": "nosniff",
}
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>StyTR Live</title>
<style>
html, body {{ margin: 0; height: 100%; background: #000; }}
img {{ width: 100%; height: 100%; object-fit: contain; }}
</style>
<img src="stream.mjpg{query}" alt="The painted picture, live">
</html>
"""


class Preview:
    """Shows frames at an address for browsers: a page at `/`, the stream at `/stream.mjpg`, one at `/frame.jpg`.

    Every client gets the newest frame when it is ready for one, and none waits for another. A frame is compressed once,
    and only when somebody looks. Only this machine can look, unless `host` is an address that others reach: then they
    need a token, in the address or as `Authorization: Bearer`. There is no encryption: whoever can listen in on the
    network can see the pictures, and the token.

    Raises:
        SinkError: the address or the port cannot be used.
    """

    def __init__(self, port: int = 0, host: str = "127.0.0.1", token: str | None = None) -> None:
        """A `port` of 0 is any that is free. Without a `token`, one is made up where it is needed."""
        local = _is_loopback(host)
        self._host = host
        self._token = token or (None if local else secrets.token_urlsafe(16))
        self._gallery = _Gallery()
        try:
            self._server = _Server(host, port, self._gallery, self._token, check_host=local)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise SinkError(f"The preview cannot use port {port} of '{host}': {reason}; choose another.") from error
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="preview")
        self._thread.start()
        self._lock, self._closed = Lock(), False

    @property
    def url(self) -> str:
        """Address of the page, with the token where there is one."""
        host = _reachable(self._host)
        query = f"?token={quote(self._token)}" if self._token else ""
        return f"http://{f'[{host}]' if ':' in host else host}:{self._server.server_address[1]}/{query}"

    @property
    def clients(self) -> int:
        """How many look at the stream."""
        return self._gallery.viewers

    def write(self, frame: Frame) -> None:
        """Show a frame; returns at once. Nothing happens after the end."""
        self._gallery.show(frame.pixels)

    def close(self) -> None:
        """End all clients; may be called again."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._gallery.close()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    def discard(self) -> None:
        """The same as `close`: nothing is kept."""
        self.close()


class _Gallery:
    """The newest picture, compressed when the first viewer asks for it."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._pixels: Pixels | None = None
        self._serial, self._open, self._viewers = 0, True, 0
        self._compressing = Lock()
        self._jpeg: tuple[int, bytes] = (0, b"")

    @property
    def viewers(self) -> int:
        with self._changed:
            return self._viewers

    def show(self, pixels: Pixels) -> None:
        with self._changed:
            self._pixels, self._serial = pixels, self._serial + 1
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._open = False
            self._changed.notify_all()

    def enter(self) -> bool:
        """Let a viewer in; False where it is full."""
        with self._changed:
            if self._viewers >= MOST:
                return False
            self._viewers += 1
            return True

    def leave(self) -> None:
        with self._changed:
            self._viewers -= 1

    def after(self, serial: int) -> tuple[int, bytes] | None:
        """Wait for a picture newer than that of a number: its number and JPEG; None at the end.

        After a while the same one is given again, for only who is sent something is noticed to have left.
        """
        with self._changed:
            while self._open:
                newer = self._changed.wait_for(lambda: self._serial > serial or not self._open, _REPEAT)
                if newer or self._serial:
                    break
            if not self._open:
                return None
        return self.newest()

    def newest(self) -> tuple[int, bytes] | None:
        """Number and JPEG of the newest picture; None before the first."""
        with self._compressing:  # who comes meanwhile waits, and finds it done
            with self._changed:
                serial, pixels = self._serial, self._pixels
            if pixels is None:
                return None
            if self._jpeg[0] != serial:
                self._jpeg = serial, _jpeg(pixels)
            return self._jpeg


class _Server(ThreadingHTTPServer):
    """Hands requests to threads, and can end those which wait."""

    daemon_threads = False  # so that closing the server waits for them
    # Elsewhere it means that a port can be used again soon; on Windows, that another program may take it over.
    allow_reuse_address = os.name != "nt"

    def __init__(self, host: str, port: int, gallery: _Gallery, token: str | None, *, check_host: bool) -> None:
        self.gallery, self.token, self.check_host = gallery, token, check_host
        self._connections: set[socket.socket] = set()
        self._lock = Lock()
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking for the name of the machine, which can take many seconds."""
        if self.allow_reuse_address:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002
        """Take a connection where there is room."""
        with self._lock:
            if len(self._connections) >= _MOST_CONNECTIONS:
                return False
            self._connections.add(request)
        request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        return True

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that has ended."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Clients may leave at any time."""
        log.debug("a client of the preview left", exc_info=True)

    def hang_up(self) -> None:
        """End all connections; their threads end by it."""
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: _Server
    timeout = 10  # seconds for a request to come, or for a client to take a picture
    server_version, sys_version = "StyTR-Live", ""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if not self._may(parse_qs(address.query).get("token", [""])[0]):
            self._say(HTTPStatus.FORBIDDEN, "This address or its token is wrong.\n")
        elif address.path == "/":
            query = f"?token={quote(self.server.token)}" if self.server.token else ""
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", _PAGE.format(query=query).encode())
        elif address.path == "/frame.jpg":
            newest = self.server.gallery.newest()
            if newest is None:
                self._say(HTTPStatus.SERVICE_UNAVAILABLE, "There is no picture yet.\n")
            else:
                self._send(HTTPStatus.OK, "image/jpeg", newest[1])
        elif address.path != "/stream.mjpg":
            self._say(HTTPStatus.NOT_FOUND, "There is nothing here.\n")
        elif not self.server.gallery.enter():
            self._say(HTTPStatus.SERVICE_UNAVAILABLE, f"{MOST} others look already.\n")
        else:
            try:
                self._stream()
            finally:
                self.server.gallery.leave()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (names of the base class)
        """Say nothing: the address may have the token in it."""

    def _may(self, token: str) -> bool:
        """Whether the client has the token, and means this machine."""
        if self.server.check_host and not _is_loopback(_name(self.headers.get("Host", ""))):
            return False  # a page from elsewhere whose name was made to lead here
        if self.server.token is None:
            return True
        scheme, _, bearer = self.headers.get("Authorization", "").partition(" ")
        # Headers are bytes that were read as Latin-1.
        given = bearer.strip().encode("latin-1", "replace") if scheme.lower() == "bearer" else token.encode()
        return hmac.compare_digest(given, self.server.token.encode())

    def _stream(self) -> None:
        self._head(HTTPStatus.OK, {"Content-Type": "multipart/x-mixed-replace; boundary=frame"})
        self.wfile.write(_BOUNDARY)
        serial = 0
        while (newest := self.server.gallery.after(serial)) is not None:
            serial, jpeg = newest
            head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
            # Browsers show a picture when they see that it has ended, so its end is not left to the next one.
            self.wfile.write(head + jpeg + b"\r\n" + _BOUNDARY)

    def _say(self, status: HTTPStatus, text: str) -> None:
        self._send(status, "text/plain; charset=utf-8", text.encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self._head(status, {"Content-Type": kind, "Content-Length": str(len(body))})
        self.wfile.write(body)

    def _head(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in (_HEADERS | headers).items():
            self.send_header(key, value)
        self.end_headers()


def _jpeg(pixels: Pixels) -> bytes:
    """(H, W, 3) RGB → a JPEG."""
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".jpg", bgr, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))[1])


def _name(host: str) -> str:
    """A Host header without its port."""
    if host.startswith("["):
        address, _, rest = host[1:].partition("]")
        return address if rest[:1] in ("", ":") else ""
    return host.partition(":")[0]


def _is_loopback(host: str) -> bool:
    """Whether an address or name means the machine itself, for certain."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _reachable(host: str) -> str:
    """The address that others use: where all of this machine's are bound, the one it has in the network."""
    if host not in ("", "0.0.0.0", "::"):  # noqa: S104  (compared, not bound)
        return host
    six = host == "::"
    probe = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
    with probe:
        try:
            probe.connect(("2001:db8::1" if six else "192.0.2.1", 9))  # sends nothing: it only chooses a way out
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()
