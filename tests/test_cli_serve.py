"""`dx serve` against visitors who mean harm, over real sockets."""

import base64
import hashlib
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress

import pytest

from dxanalysis.cli import serving
from dxanalysis.delivery import listing
from tests.waiting import PATIENCE, eventually

WAIT = PATIENCE


@pytest.fixture
def outputs(tmp_path):
    folder = tmp_path / "outputs"
    for name, text in {
        "index.html": "<p>list</p>", "site/index.html": "<p>start</p>", "site/a b.html": "<p>blank</p>",
        "site/.built.json": "{}", ".staging/x.html": "half", "manifest.sqlite": "db", "qn/2025/x.svg": "<svg/>",
        "_failed/x.ipynb": "{}",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (tmp_path / "secret.html").write_text("secret")
    (folder / "site" / "out.html").symlink_to(tmp_path / "secret.html")
    (folder / "linked").symlink_to(tmp_path, target_is_directory=True)
    (folder / "site" / "circle.html").symlink_to(folder / "site" / "circle.html")
    return folder


@pytest.fixture
def server(outputs):
    with serving.Server(outputs) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield running
        running.shutdown()
        thread.join(WAIT)


def sent(server, raw):
    """Send bytes as they are and return everything that comes back until the connection ends."""
    with socket.create_connection(server.server_address[:2], timeout=WAIT) as line:
        line.sendall(raw)
        return b"".join(iter(lambda: line.recv(65536), b""))


def asked(server, path, *, method="GET", host=None, headers=""):
    host = f"127.0.0.1:{server.server_port}" if host is None else host
    raw = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n".encode()
    head, _, body = sent(server, raw).partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode(), body


def test_a_page_of_the_site_is_served_with_its_fences(server):
    status, head, body = asked(server, "/site/index.html")
    assert (status, body) == (200, b"<p>start</p>")
    assert "Content-Type: text/html; charset=utf-8" in head
    assert "script-src 'self'" in head and "unsafe" not in head
    for fence in ("frame-ancestors 'none'", "base-uri 'none'", "X-Content-Type-Options: nosniff",
                  "Referrer-Policy: no-referrer", "X-Frame-Options: DENY"):
        assert fence in head


def test_the_root_leads_to_the_start_page(server):
    status, head, _ = asked(server, "/")
    assert status == 302
    assert "Location: /site/index.html" in head


def test_names_with_blanks_and_failed_notebooks_are_served(server):
    assert asked(server, "/site/a%20b.html?lang=en")[2] == b"<p>blank</p>"
    assert asked(server, "/_failed/x.ipynb")[0] == 200


def test_a_picture_from_a_stranger_may_run_nothing(server):
    status, head, _ = asked(server, "/qn/2025/x.svg")
    assert status == 200
    assert "sandbox" in head and "script-src" not in head


@pytest.mark.parametrize(
    "path",
    [
        "/site/", "/site", "/..", "/../secret.html", "/site/../../secret.html", "/site/%2e%2e/%2e%2e/secret.html",
        "/site/..%2f..%2fsecret.html", "/%2e%2e%2fsecret.html", "/site/%252e%252e/secret.html", "/..%5csecret.html",
        "//secret.html", "/./index.html", "/site//index.html", "/site/out.html", "/linked/secret.html",
        "/site/circle.html", "/site/.built.json", "/.staging/x.html", "/manifest.sqlite", "/site/index.html%00.png",
        "/site/index.html%20", "/site/index.html.", "/site/%ff.html", "/site/%c0%ae%c0%ae/secret.html", "/etc/passwd",
        "/site/" + "a" * 5000 + ".html", "/site/index.html/", "/C:/index.html", "file:///etc/passwd", "*",
        "/site/index.html::$DATA",
    ],
)
def test_nothing_but_files_inside_the_folder_is_there(server, path):
    status, head, body = asked(server, path)
    assert status == 404
    assert b"secret" not in body and b"index" not in body
    assert path not in head


@pytest.mark.parametrize(
    "path", ["/a%2fb.html", "/..%5cx.html", "/x.html%00", "/c%3a/x.html", "/x.html%20", "/x.html."]
)
def test_a_part_that_some_system_would_read_as_more_than_a_name_is_none(path):
    assert serving.parts_of(path) == []


@pytest.mark.parametrize("host", [
    "evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", "10.0.0.1", "[::1", "",
    "127.0.0.1:{port}.evil.example", "127.0.0.1:{port}@evil.example", "evil.example:{port}",
])
def test_a_name_that_was_made_to_lead_here_is_refused(server, host):
    assert asked(server, "/site/index.html", host=host.format(port=server.server_port))[0] == 403


def test_a_request_without_a_host_or_with_two_is_refused(server):
    port = server.server_port
    assert b" 403 " in sent(server, b"GET /site/index.html HTTP/1.1\r\nConnection: close\r\n\r\n")
    twice = (
        f"GET /site/index.html HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    )
    assert b" 403 " in sent(server, twice.encode())
    assert b"start" not in sent(server, b"GET /site/index.html\r\n\r\n")  # the oldest protocol names no host


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_the_names_of_this_machine_are_taken(server, name):
    assert asked(server, "/site/index.html", host=f"{name}:{server.server_port}")[0] == 200


@pytest.mark.parametrize(("headers", "status"), [
    ("Origin: http://evil.example\r\n", 403),
    ("Origin: null\r\n", 403),
    ("Origin: https://127.0.0.1:{port}\r\n", 403),
    ("Origin: http://127.0.0.1:{port}\r\n", 200),
    ("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n", 403),
    ("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n", 403),
    ("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n", 200),
    ("Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\n", 200),
    ("Origin: http://127.0.0.1:{port}\r\nOrigin: http://evil.example\r\n", 403),
    ("Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n", 403),
])
def test_other_pages_cannot_read_what_is_served(server, headers, status):
    answer = asked(server, "/site/index.html", headers=headers.format(port=server.server_port))
    assert answer[0] == status
    assert "Access-Control-Allow-Origin" not in answer[1]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "PROPFIND", "get"])
def test_only_reading_is_allowed(server, method):
    status, head, body = asked(server, "/site/index.html", method=method, headers="Content-Length: 0\r\n")
    assert status == 405
    assert "Allow: GET, HEAD" in head
    assert b"start" not in body


def test_a_head_request_gets_no_body(server):
    status, head, body = asked(server, "/site/index.html", method="HEAD")
    assert (status, body) == (200, b"")
    assert "Content-Length: 12" in head


def test_the_body_of_a_request_is_not_taken_for_the_next_one(server):
    host = f"Host: 127.0.0.1:{server.server_port}\r\n"
    hidden = f"GET /index.html HTTP/1.1\r\n{host}\r\n"
    raw = f"GET /site/index.html HTTP/1.1\r\n{host}Content-Length: {len(hidden)}\r\n\r\n{hidden}"
    answer = sent(server, raw.encode())
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"list" not in answer


def test_two_requests_share_a_connection(server):
    host = f"Host: 127.0.0.1:{server.server_port}\r\n"
    first, last = (f"GET /site/index.html HTTP/1.1\r\n{host}{more}\r\n" for more in ("", "Connection: close\r\n"))
    assert sent(server, (first + last).encode()).count(b"<p>start</p>") == 2


@pytest.mark.parametrize("line", ["/site/index.html HTTP/0.9", "/site/index.html ", "/site/index.html", " HTTP/1.1"])
def test_no_answer_goes_out_without_its_policy(server, line):
    answer = sent(server, f"GET {line}\r\nHost: 127.0.0.1:{server.server_port}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 505 ") and b"Content-Security-Policy" in answer and b"start" not in answer


@pytest.mark.parametrize(("line", "status"), [
    ("Host :evil.example", 400), ("no header", 400), (": x", 400), ("Expect: 100-continue", 200),
])
def test_a_line_that_is_no_header_is_refused_and_no_word_goes_before_the_answer(server, line, status):
    answer = asked(server, "/site/index.html", headers=line + "\r\n")
    assert answer[0] == status and "Content-Security-Policy" in answer[1]


def test_a_broken_request_gets_nothing_of_itself_back(server):
    answer = sent(server, b"GET /<script>alert(1)</script> HTTP/9.9\r\n\r\n")
    assert b"script>" not in answer
    assert b"Content-Security-Policy" in answer


# ---------------------------------------------------------------- visitors who never end
def line_to(server):
    return socket.create_connection(server.server_address[:2], timeout=WAIT)


@pytest.mark.parametrize("said", [b"", b"GET /site/ind", b"GET /site/index.html HTTP/1.1\r\nHost: x"])
def test_a_visitor_who_hangs_up_is_no_error(server, capfd, said):
    for _ in range(3):
        line = line_to(server)
        line.sendall(said)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # hang up with a reset
        line.close()
    eventually(lambda: not server.visits)
    assert asked(server, "/site/index.html")[0] == 200
    assert capfd.readouterr() == ("", "")


def test_another_error_is_one_line(server, capfd, monkeypatch):
    monkeypatch.setattr(serving, "open_inside", lambda root, address: {}["\x1b[2J"])
    sent(server, f"GET /site/index.html HTTP/1.1\r\nHost: 127.0.0.1:{server.server_port}\r\n\r\n".encode())
    eventually(lambda: not server.visits)
    assert capfd.readouterr().err == "dx: a request failed: KeyError: '\\x1b[2J'\n"


def test_a_request_that_trickles_is_cut_off(server, monkeypatch):
    monkeypatch.setattr(serving, "_MOST_SECONDS", 0.2)
    with line_to(server) as line:
        line.setblocking(False)

        def cut_off():
            with suppress(BlockingIOError):
                line.send(b"G")
                return line.recv(9) == b""

        def gone():
            try:
                return cut_off()
            except ConnectionError:
                return True

        assert eventually(gone)
    eventually(lambda: not server.visits)


def test_visitors_beyond_the_limit_are_turned_away_until_one_leaves(server, monkeypatch):
    monkeypatch.setattr(serving, "_MOST_VISITORS", 3)
    with ExitStack() as held:
        waiting = [held.enter_context(line_to(server)) for _ in range(3)]
        eventually(lambda: len(server.visits) == 3)
        with line_to(server) as late:
            assert late.recv(9) == b""
        waiting[0].close()
        eventually(lambda: len(server.visits) == 2)
        assert asked(server, "/site/index.html")[0] == 200


def test_the_plain_list_runs_its_own_script_and_no_other(tmp_path, server):
    _, head, _ = asked(server, "/index.html")
    page = listing.write_index(tmp_path / "made").read_text(encoding="utf-8")
    for part in ("script", "style"):
        [content] = re.findall(f"<{part}>(.*?)</{part}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{part}-src 'sha256-{digest}'" in head and f"{part}-src 'sha256-{digest}'" in page
    assert "unsafe-inline" not in head + page and not re.search(r"<[^>]+ (on[a-z]+|style)=", page)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org", ""])  # noqa: S104
def test_a_host_that_others_can_reach_is_refused(outputs, host):
    with pytest.raises(ValueError, match=r"to this machine only; received host .* Hosts: 127\.0\.0\.1, ::1, localhost"):
        serving.Server(outputs, host=host)


def test_a_port_in_use_is_an_error_not_a_shared_port(outputs, server):
    with pytest.raises(OSError, match=r"in use|permitted"):
        serving.Server(outputs, port=server.server_port)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C of another process is a POSIX signal")
def test_ctrl_c_ends_it_cleanly(outputs):
    code = (
        "import sys; from dxanalysis import cli; from dxanalysis.cli import site; site.write_site = lambda out: None; "
        "sys.exit(cli.main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "serve", "--out", str(outputs)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        first = running.stdout.readline()
        assert first.startswith("Open http://127.0.0.1:")
        running.send_signal(signal.SIGINT)
        try:
            rest, wrong = running.communicate(timeout=WAIT)
        finally:
            running.kill()  # where it did not end, the end of this block would wait for ever
    assert (running.returncode, rest.strip(), wrong) == (0, "", "")
