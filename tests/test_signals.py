"""Commands that run for long: whoever ends dx.py ends all of it; JupyterLab keeps its token to its user."""

import http.client
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from tests.batch_support import write
from tests.waiting import PATIENCE, ended, eventually

pytestmark = [pytest.mark.notebook, pytest.mark.skipif(os.name == "nt", reason="signals and rights of POSIX")]
ROOT = Path(__file__).resolve().parents[1]
LAB = ["lab", "--no-browser", "--allow-root"]
# The bootstrap with the environment these tests run in, wherever that is.
START = """
import pathlib, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # a suite begun by nohup ignores it
sys.path.insert(0, {root!r})
import dx
dx.ensure, dx.VENV, dx.venv_python = (lambda need: None), pathlib.Path({var!r}), (lambda: pathlib.Path(sys.executable))
sys.exit(dx.main(sys.argv[1:]))
"""


@contextmanager
def started(place: Path, *words: str) -> Iterator[subprocess.Popen]:
    """Start `python dx.py` with these words and everything it writes for itself below `place`."""
    drop = ("IPYTHONDIR", "MPLCONFIGDIR")
    env = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER") and name not in drop}
    code = START.format(root=str(ROOT), var=str(place / "venv"))
    with (place / "log").open("w") as log:
        running = subprocess.Popen([sys.executable, "-c", code, *words], env=env, stdout=log, stderr=log, cwd=ROOT)
    try:
        yield running
    finally:
        for one in [*psutil.Process(running.pid).children(recursive=True)] if not ended(running.pid) else []:
            one.kill()
        running.kill()
        running.wait(PATIENCE)


def said(place: Path) -> str:
    return (place / "log").read_text(encoding="utf-8")


def server_of(place: Path, running: subprocess.Popen) -> dict:
    """Give what JupyterLab notes of itself once it listens."""
    runtime = place / "venv" / "var" / "jupyter" / "runtime"

    def listening() -> dict | None:
        assert running.poll() is None, said(place)
        about = json.loads(next(iter(runtime.glob("jpserver-*.json"))).read_text()) if runtime.is_dir() else None
        return about if about and answer(about, "/api")[0] == 200 else None

    def tried() -> dict | None:
        try:
            return listening()
        except (StopIteration, ValueError):  # not there, or half written
            return None

    return eventually(tried)


def answer(about: dict, path: str, **headers: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", about["port"], timeout=PATIENCE)) as line:
        line.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        got = line.getresponse()
        return got.status, got.read(64) if got.status != 101 else b""


def begin_run(place: Path) -> tuple[list[str], Path]:
    begun = place / "begun"
    path = write(place / "n.ipynb", f"import time; open({str(begun)!r}, 'w').close(); time.sleep(600)")
    (place / "m.yml").write_text(json.dumps({"m": {"notebooks": [str(path)], "parameters": {"year": "2021"}}}))
    return ["run", "--matrix", str(place / "m.yml"), "--out", str(place / "out"), "--jobs", "1"], begun


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", ["run", "serve", "lab"])
def test_a_signal_to_dx_ends_all_that_it_started(tmp_path, command, number):
    (tmp_path / "out").mkdir()
    run, begun = begin_run(tmp_path)
    words = {"run": run, "serve": ["serve", "--out", str(tmp_path / "out")], "lab": LAB}
    with started(tmp_path, *words[command]) as running:
        if command == "run":
            eventually(lambda: begun.exists() or running.poll() is not None)
        elif command == "serve":
            eventually(lambda: "Open http" in said(tmp_path) or running.poll() is not None)
        else:
            server_of(tmp_path, running)
        assert running.poll() is None, said(tmp_path)
        family = [one.pid for one in psutil.Process(running.pid).children(recursive=True)]
        assert family or command != "run"
        running.send_signal(number)
        running.wait(PATIENCE)
        eventually(lambda: all(map(ended, family)))


REBUILD = """
import pathlib, signal, sys
from dxanalysis import cli
from dxanalysis.cli import capsule, rebuild
signal.signal(signal.SIGHUP, signal.SIG_DFL)
endless = [sys.executable, "-c", "import os, time; print('began', os.getpid(), flush=True); time.sleep(600)"]
def verify(options):
    import subprocess
    with rebuild._folder(None) as place:
        print(place, flush=True)
        return subprocess.run(endless).returncode
capsule.verify_command = verify
sys.exit(cli.main(["verify", "a.zip"]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_any_command_ends_its_children_and_takes_its_folders_along(number):
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", REBUILD], **said) as running:
        place, child = Path(running.stdout.readline().strip()), int(running.stdout.readline().split()[1])
        assert place.is_dir()
        running.send_signal(number)
        assert running.wait(PATIENCE) == 130 and running.stderr.read().startswith("dx: stopped. ")
    eventually(lambda: ended(child))
    assert not place.exists()


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[tuple[Path, dict]]:
    """JupyterLab as `dx.py lab` starts it over folders that an older version left open: (its place, its own note)."""
    place = tmp_path_factory.mktemp("desk")
    for name in ("jupyter/runtime", "ipython"):
        (place / "venv" / "var" / name).mkdir(parents=True)
        (place / "venv" / "var" / name).chmod(0o755)
    with started(place, *LAB) as running:
        yield place, server_of(place, running)


def test_nobody_else_may_look_into_the_folders_that_hold_token_and_keys(desk):
    place, _ = desk
    open_ones = {
        str(path.relative_to(place)): oct(stat.S_IMODE(path.stat().st_mode))
        for path in (place / "venv" / "var").rglob("*")
        if path.stat().st_mode & 0o077 and not any(one.stat().st_mode & 0o077 == 0 for one in path.parents)
    }
    assert set(open_ones) <= {"venv/var/jupyter"}, "of the names that stand in it only"
    assert stat.S_IMODE((place / "venv/var/jupyter/runtime").stat().st_mode) == 0o700


WEBSOCKET = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13",
             "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
PATHS = ["/api/contents", "/api/kernels", "/api/terminals", "/files/README.md", "/lab"]


@pytest.mark.parametrize("path", PATHS)
def test_the_desk_asks_for_its_token_and_for_its_own_page(desk, path):
    _, about = desk
    here, elsewhere = f"http://127.0.0.1:{about['port']}", "http://elsewhere.example"
    token = {"Authorization": f"token {about['token']}"}
    assert answer(about, path)[0] in (302, 403), "or to the page that asks for it"
    assert answer(about, path, **token)[0] == 200
    assert answer(about, path, **token, Origin=here)[0] == 200
    for foreign in (elsewhere, "null", f"https://127.0.0.1:{about['port']}", f"{here}.elsewhere.example"):
        assert answer(about, path, **token, Origin=foreign)[0] in (302, 403, 404)
    assert answer(about, f"{path}?token={about['token']}", Origin=elsewhere)[0] in (302, 403, 404)


def test_a_page_elsewhere_opens_no_socket_to_the_desk_though_it_has_the_token(desk):
    _, about = desk
    path = f"/api/events/subscribe?token={about['token']}"
    assert answer(about, path, **WEBSOCKET, Origin=f"http://127.0.0.1:{about['port']}")[0] == 101
    assert answer(about, path, **WEBSOCKET, Origin="http://elsewhere.example")[0] == 403
