"""A small web server for the site: this machine only, reading only, nothing outside the output folder."""

from __future__ import annotations

import http.server
import os
import socket
import sys
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote_to_bytes, urlsplit

from dxanalysis.delivery import listing

from .common import visible

LOOPBACK = ("127.0.0.1", "::1", "localhost")
START = "/site/index.html"
# What is served, by the ending of its name. Anything else, such as the manifest of a batch, is not there.
KINDS = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".json": "application/json", ".csv": "text/csv; charset=utf-8", ".ipynb": "application/x-ipynb+json",
    ".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml", ".pdf": "application/pdf",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_OURS = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
_NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; "
_READER = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; img-src data:; "  # a sandbox stops PDF
_FENCE = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_MOST_NAME = 4096
_CHUNK = 1 << 16
_PATIENCE = 30  # seconds that a silent visitor may keep a connection
_MOST_SECONDS = 120  # from the wait for a request to the last byte of its answer, however busy the visitor looks
_MOST_VISITORS = 20  # at a time: a browser opens six, and each needs a file beside its connection


class Server(http.server.ThreadingHTTPServer):
    """Serves an output folder to this machine.

    Raises
    ------
    ValueError
        For a host that others on the network could reach.
    OSError
        Where the port is taken.
    """

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # on Windows this would let another program share the port

    def __init__(self, folder: Path, *, host: str = "127.0.0.1", port: int = 0) -> None:
        if host not in LOOPBACK:
            allowed = ", ".join(LOOPBACK)
            raise ValueError(f"dx serve shows the site to this machine only; received host {host!r}. Hosts: {allowed}.")
        self.address_family = socket.AF_INET6 if host == "::1" else socket.AF_INET
        self.root = folder.resolve()
        self.visits: dict[socket.socket, float] = {}  # connection -> when its request began
        super().__init__((host, port), partial(Visit, root=self.root))
        name = f"[{host}]" if ":" in host else host
        self.address = f"http://{name}:{self.server_address[1]}/"
        self.names = frozenset(f"{one}:{self.server_address[1]}" for one in ("127.0.0.1", "[::1]", "localhost"))

    def server_bind(self) -> None:
        """Bind without asking a name server who we are."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(self.allow_reuse_address))
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Let a visitor in, or turn him away where too many are here already."""
        if len(self.visits) >= _MOST_VISITORS:
            self.shutdown_request(request)
            return
        self.visits[request] = time.monotonic()
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """End a connection and forget it."""
        self.visits.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Cut off whoever has trickled for too long; the thread that serves him then ends by itself."""
        late = time.monotonic() - _MOST_SECONDS
        for request in [one for one, began in list(self.visits.items()) if began < late]:
            with suppress(OSError):  # he has just gone
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a visitor who has gone or was cut off; name any other error in a line."""
        error = sys.exception()
        if not isinstance(error, (ConnectionError, TimeoutError)):
            print(f"dx: a request failed: {type(error).__name__}: {visible(str(error))[:200]}", file=sys.stderr)


class Visit(http.server.BaseHTTPRequestHandler):
    """Answers one visitor."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "dx", ""
    timeout = _PATIENCE

    def __init__(self, *arguments: Any, root: Path) -> None:
        self.root = root
        super().__init__(*arguments)

    def handle_one_request(self) -> None:
        """Answer one request; its time begins with the wait for it."""
        self.server.visits[self.connection] = time.monotonic()  # type: ignore[attr-defined]
        super().handle_one_request()

    def parse_request(self) -> bool:
        """Refuse HTTP/0.9, whose answers have no head and so no policy."""
        whole = super().parse_request()
        if whole and self.request_version == "HTTP/0.9":
            self.send_error(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
            return False
        return whole

    def handle_expect_100(self) -> bool:
        """Answer at once: no request has a body that we wait for."""
        return True

    def do_GET(self) -> None:
        """Send a file."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Send the head of a file."""
        self._answer(with_body=False)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):  # POST, PUT, OPTIONS and whatever else a visitor tries
            return partial(self._refuse, HTTPStatus.METHOD_NOT_ALLOWED, allow=True)
        raise AttributeError(name)

    def log_message(self, format: str, *values: Any) -> None:
        """Write nothing: a visitor's words in a terminal could hold control codes."""

    def _answer(self, *, with_body: bool) -> None:
        if {"content-length", "transfer-encoding"} & {name.lower() for name in self.headers}:
            self.close_connection = True  # a body that nobody reads must not be taken for the next request
        if self.headers.defects:  # a line that is no header ends the head for us, and perhaps not for others
            self._refuse(HTTPStatus.BAD_REQUEST, with_body=with_body)
            return
        if not self._of_this_machine():
            self._refuse(HTTPStatus.FORBIDDEN, with_body=with_body)
            return
        if urlsplit(self.path).path == "/":
            self._send_to(START)
            return
        opened = open_inside(self.root, self.path)
        if opened is None:
            self._refuse(HTTPStatus.NOT_FOUND, with_body=with_body)
            return
        with opened[0] as file:
            self._send(file, opened[1], with_body=with_body)

    def _of_this_machine(self) -> bool:
        """Tell whether the request names this server and comes from its own pages or from nowhere.

        A page elsewhere whose name is made to lead to this machine (DNS rebinding) sends its own name as host.
        """
        names = self.server.names  # type: ignore[attr-defined]
        hosts, origins = self.headers.get_all("Host", []), self.headers.get_all("Origin", [])
        named = len(hosts) == 1 and hosts[0].lower() in names
        ours = {one.lower() for one in origins} <= {f"http://{name}" for name in names}
        near = set(self.headers.get_all("Sec-Fetch-Site", [])) <= {"none", "same-origin"}
        typed = self.headers.get("Sec-Fetch-Mode") == "navigate" and self.headers.get("Sec-Fetch-Dest") == "document"
        return named and ours and (near or typed)

    def _send(self, file: IO[bytes], ending: str, *, with_body: bool) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", KINDS[ending])
        self.send_header("Content-Length", str(os.fstat(file.fileno()).st_size))
        self._send_policy(policy_of(self.path, ending))
        left = os.fstat(file.fileno()).st_size if with_body else 0
        while left:
            part = file.read(min(_CHUNK, left))
            if not part:  # the file was cut while we sent it
                self.close_connection = True
                return
            self.wfile.write(part)
            left -= len(part)

    def _send_to(self, address: str) -> None:
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self._send_policy(_NOTHING_RUNS)

    def _refuse(self, status: HTTPStatus, *, allow: bool = False, with_body: bool = True) -> None:
        """Say no without repeating a word of the visitor; the connection ends, so that no body is read as a request."""
        text = f"{status.value} {status.phrase}\n".encode()
        self.close_connection = True
        self.send_response(status)
        if allow:
            self.send_header("Allow", "GET, HEAD")
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Connection", "close")
        self._send_policy(_NOTHING_RUNS)
        if with_body:
            self.wfile.write(text)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what the standard library refuses (a broken request) in our own words."""
        self.command = getattr(self, "command", None) or "GET"
        self.request_version = self.protocol_version  # so that the answer has a head, and in it our policy
        self._refuse(HTTPStatus(code))

    def _send_policy(self, policy: str) -> None:
        self.send_header("Content-Security-Policy", policy + _FENCE)
        for name, value in (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
                            ("X-Frame-Options", "DENY"), ("Cross-Origin-Resource-Policy", "same-origin"),
                            ("Cross-Origin-Opener-Policy", "same-origin"), ("Cache-Control", "no-store")):
            self.send_header(name, value)
        self.end_headers()


def policy_of(address: str, ending: str) -> str:
    """Return what a page may do: ours run our scripts, the plain list its own, a picture or a table nothing.

    >>> "script" in policy_of("/quang-ninh/2025/10_trend/trend.vi.svg", ".svg")
    False
    """
    path = urlsplit(address).path
    if ending == ".html" and path.startswith("/site/"):
        return _OURS
    if ending == ".pdf":
        return _READER
    return f"{listing.policy()}; img-src 'self' data:; " if path == "/index.html" else _NOTHING_RUNS


def open_inside(root: Path, address: str) -> tuple[IO[bytes], str] | None:
    """Open the file that an address names and give its ending; None where there is none, or it is not to be seen.

    Seen are files of a known kind whose every folder lies in the output folder for real: no `..`, no dot file, no
    symbolic link, no name with a zero byte or a backslash.
    """
    parts = parts_of(address)
    if not parts or len(address) > _MOST_NAME:
        return None
    path = root.joinpath(*parts)
    ending = path.suffix.lower()
    try:
        inside = path.resolve(strict=True) == path and path.is_file()
        return (path.open("rb"), ending) if inside and ending in KINDS else None
    except (OSError, ValueError, RuntimeError):  # no such file, a name the system cannot hold, links in a circle
        return None


def parts_of(address: str) -> list[str]:
    """Return the parts of a path, decoded once; nothing where one of them is not a plain name.

    >>> parts_of("/site/a%20b.html?lang=en"), parts_of("/site/%2e%2e/x"), parts_of("//etc/passwd"), parts_of("/.x/y")
    (['site', 'a b.html'], [], [], [])
    """
    path = urlsplit(address).path if address.startswith("/") and not address.startswith("//") else ""
    try:
        parts = [unquote_to_bytes(part).decode("utf-8") for part in path.split("/")[1:]]
    except UnicodeDecodeError:
        return []
    return parts if all(_plain(part) for part in parts) else []


def _plain(part: str) -> bool:
    return bool(part) and part[0] != "." and not set(part) & set('/\\:\0"<>|?*') and part[-1] not in ". "
