#!/usr/bin/env python3
"""Set up dxanalysis once, then hand the command over to it.

    python3 dx.py run      the main job: every notebook, charts, tables, outputs/index.html
    python3 dx.py test     the tests (--all adds the slow ones: browser, cluster, storage, faults)
    python3 dx.py lab      JupyterLab with the notebooks
    python3 dx.py --help   every other command

Needs Python 3.11 or newer and nothing else. The first call makes the folder .venv from a lock file whose
every download is checked by hash; later calls use it as it is and redo it only when the lock changes.
This file stays readable by old Pythons so that they can say what is missing.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "dx-ready.json"
OURS = VENV / "made-by-dx"
OLDEST = (3, 11)
LOCKS = {"run": "requirements.lock", "test": "requirements-test.lock", "all": "requirements-remote.lock"}
NO_NETWORK = re.compile(
    r"ConnectionError|NewConnection|Max retries|name resolution|getaddrinfo|unreachable|Read timed out|"
    r"ConnectTimeout|ProxyError|dns error|error sending request|[Ff]ailed to fetch|No matching distribution"
)
HIDDEN_TESTS = "not (slow or browser or cluster or storage or fault)"


def put(line: str, end: str = "\n") -> None:
    """Print to the terminal, with ? for letters that it cannot show."""
    try:
        print(line, end=end, file=sys.stderr, flush=True)
    except UnicodeEncodeError:
        print(line.encode("ascii", "replace").decode(), end=end, file=sys.stderr, flush=True)


def say(vietnamese: str, english: str) -> None:
    """Print one message in both languages."""
    put(vietnamese)
    put(english)


def stop(vietnamese: str, english: str) -> None:
    """Say what is missing and end with exit code 1."""
    say("dx: " + vietnamese, "dx: " + english)
    raise SystemExit(1)


def newer_python() -> "str | None":
    """Find a Python that is new enough on PATH, newest first."""
    names = (f"python3.{minor}" for minor in range(15, OLDEST[1] - 1, -1))
    check = f"import sys; sys.exit(sys.version_info < {OLDEST!r})"
    for path in filter(None, map(shutil.which, names)):
        if subprocess.call([path, "-c", check], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
            return path
    return None


def require_python() -> None:
    """Go on under a newer Python where this one is too old, or say so."""
    if sys.version_info >= OLDEST:
        return
    other = newer_python()
    if other:
        raise SystemExit(subprocess.call([other, str(Path(__file__).resolve()), *sys.argv[1:]]))
    found = "{}.{}.{}".format(*sys.version_info[:3])
    stop(
        f"Cần Python 3.11 trở lên; máy này đang dùng Python {found}. Hãy cài bản mới hơn rồi chạy lại.",
        f"Python 3.11 or newer is needed; this is Python {found}. Install a newer one and run this again.",
    )


def venv_python() -> Path:
    """Path of the interpreter inside the environment, on any system."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def digest(name: str) -> str:
    """SHA-256 of a file of the project."""
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def interpreter() -> "dict[str, str]":
    """What an environment is tied to: this Python and this folder."""
    return {"python": sys.version.split()[0], "root": str(ROOT)}


def read_stamp() -> "dict[str, object]":
    """What the environment was made from; empty where it was never finished or belongs elsewhere."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    mine = isinstance(stamp, dict) and stamp.get("made for") == interpreter() and venv_python().exists()
    return stamp if mine else {}


def write_stamp(stamp: "dict[str, object]") -> None:
    """Record, in one step, that the environment is complete."""
    aside = STAMP.with_suffix(".new")
    aside.write_text(json.dumps(stamp, indent=1, ensure_ascii=False), encoding="utf-8")
    os.replace(str(aside), str(STAMP))


@contextmanager
def alone():
    """Let one set-up run at a time; a second one waits for the first, and for an installer that outlived its set-up."""
    with open(str(ROOT / ".dx-setup.lock"), "w") as handle:
        os.set_inheritable(handle.fileno(), True)  # the installer holds the lock, too
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def make_venv(uv: "str | None") -> None:
    """Create an empty environment, removing whatever an interrupted set-up left (and nothing of anybody else's)."""
    if VENV.exists() and not OURS.exists() and any(VENV.iterdir()):
        stop(
            f"Thư mục {VENV} không do dx tạo ra: hãy đổi tên hoặc xóa thư mục đó rồi chạy lại.",
            f"The folder {VENV} was not made by dx: rename or delete it, then run this again.",
        )
    VENV.mkdir(exist_ok=True)
    OURS.touch()  # stays while the rest goes, so that an interruption here is mended by the next call
    for entry in VENV.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(str(entry))
        elif entry != OURS:
            entry.unlink()
    try:
        import ensurepip  # noqa: F401  (Debian ships Python without it)
        import venv
    except ImportError:
        if uv:
            watch([uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(VENV)], 0)
            return
        minor = sys.version_info[1]
        stop(
            f"Python này thiếu mô-đun venv. Trên Debian/Ubuntu: apt install python3.{minor}-venv "
            "(hoặc đặt chương trình uv vào PATH).",
            f"This Python lacks the venv module. On Debian/Ubuntu: apt install python3.{minor}-venv "
            "(or put the program uv on PATH).",
        )
    venv.EnvBuilder(with_pip=True, symlinks=os.name != "nt").create(str(VENV))


def watch(command: "list[str]", total: int) -> None:
    """Run an installer, show how far it is, and explain a failure."""
    process = subprocess.Popen(
        command, cwd=str(ROOT), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
        close_fds=False,
    )
    lines, seen = [], 0
    try:
        for line in process.stdout:
            lines.append(line.rstrip())
            if total and line.startswith("Collecting "):
                seen += 1
                show_progress(seen, total, line.split()[1])
            if total and line.startswith("Installing collected"):  # of which pip says no more until it ends
                show_unpacking(process, seen)
        failed = process.wait()
    finally:
        if process.poll() is None:  # interrupted
            process.kill()
            process.wait()
        process.stdout.close()
    if failed:
        explain(lines[-20:])


def show_unpacking(process: "subprocess.Popen[str]", total: int) -> None:
    """Show how many of the packages that were fetched stand in the environment, until the installer ends."""
    said = "giải nén / unpacking"
    places = list(VENV.glob("[Ll]ib/**/site-packages"))  # searched once: the tree grows to thousands of folders
    while process.poll() is None:
        found = sum(1 for place in places for _ in place.glob("*.dist-info"))
        if sys.stderr.isatty():
            show_progress(min(found, total - 1), total, said)
        time.sleep(0.5)
    show_progress(total, total, said)


def show_progress(seen: int, total: int, name: str) -> None:
    """Show a bar on a terminal, every twentieth package in a log."""
    text = f"  [{'#' * (20 * seen // total):.<20}] {seen:3d}/{total} {name}"
    if sys.stderr.isatty():
        put("\r" + text[:78].ljust(78), end="\n" if seen == total else "")
    elif seen % 20 == 0 or seen == total:
        put(text)


def explain(lines: "list[str]") -> None:
    """Say why an installation failed, in words, after the installer's last lines."""
    text = "\n".join(lines)
    print(text, file=sys.stderr)
    if "THESE PACKAGES DO NOT MATCH THE HASHES" in text or "hash mismatch" in text.lower():
        stop(
            "Một gói tải về không khớp mã băm trong tệp khóa; đã dừng vì lý do an toàn.",
            "A download does not match its hash in the lock file; stopped for safety.",
        )
    if NO_NETWORK.search(text):
        stop(
            "Không tải được các gói cần thiết: hãy kiểm tra kết nối mạng (hoặc proxy) rồi chạy lại lệnh này.",
            "The packages could not be downloaded: check the network (or proxy) and run this again.",
        )
    stop(
        "Cài đặt không thành công (xem các dòng trên). Chạy lại lệnh này để thử lại từ đầu.",
        "The installation failed (see the lines above). Run this again to start over.",
    )


def install(arguments: "list[str]", total: int) -> None:
    """Install into the environment: with uv where it happens to be on PATH, with pip otherwise or where uv fails."""
    uv = shutil.which("uv")
    if uv and subprocess.call([uv, "pip", "install", "--quiet", "--python", str(venv_python()), *arguments],
                              cwd=str(ROOT)) == 0:
        return
    pip = [str(venv_python()), "-m", "pip", "install", "--no-compile", "--progress-bar", "off"]
    watch([*pip, "--disable-pip-version-check", "--no-input", *arguments], total)


def install_lock(lock: str) -> None:
    """Install exactly what a lock file names, each file checked by hash."""
    total = len(re.findall(r"^[A-Za-z0-9][^ ]*==", (ROOT / lock).read_text(encoding="utf-8"), re.M))
    say(
        f"Chuẩn bị môi trường từ {lock} (một lần, khoảng 1-3 phút)…",
        f"Setting up from {lock} (once, about 1-3 minutes)…",
    )
    install(["--require-hashes", "-r", lock], total)


def install_project() -> None:
    """Make the package and its commands importable from this folder; needs no network."""
    install(["--no-deps", "--no-build-isolation", "-e", "."], 0)


def offer_warm_kernel() -> None:
    """Offer JupyterLab and papermill the kernel that starts warm, inside the environment; Linux only."""
    if sys.platform == "linux":
        subprocess.call([str(venv_python()), "-m", "dxanalysis.batch.kernels", "install"], stdout=subprocess.DEVNULL)


def ensure(need: str) -> None:
    """Bring .venv to the state that a need (run, test, all) asks for; do nothing where it is there.

    The stamp is removed first and written last: an interrupted set-up is started anew by the next call.
    """
    lock = LOCKS[need]
    with alone():
        stamp = read_stamp()
        done = dict(stamp.get("locks", {}))
        if done.get(lock) == digest(lock) and stamp.get("project") == digest("pyproject.toml"):
            return
        if stamp:
            STAMP.unlink()
        else:
            make_venv(shutil.which("uv"))
        if done.get(lock) != digest(lock):
            install_lock(lock)
            done = {name: seen for name, seen in done.items() if seen == digest(name)}
            done[lock] = digest(lock)
        install_project()
        offer_warm_kernel()
        write_stamp({"made for": interpreter(), "locks": done, "project": digest("pyproject.toml")})


def closed(folder: Path) -> Path:
    """Make a folder that nobody else on this machine may look into; close one of ours that is open."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.name == "posix" and folder.stat().st_uid == os.getuid():
        folder.chmod(0o700)  # the token of JupyterLab, keys of kernels, the history of what was typed
    return folder


def environment() -> "dict[str, str]":
    """Environment of the commands: kernels and settings live inside .venv, nothing in the user's home."""
    var = VENV / "var"
    places = {
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "jupyter/config",
        "JUPYTER_DATA_DIR": "jupyter/data",
        "JUPYTER_RUNTIME_DIR": "jupyter/runtime",
        "JUPYTERLAB_SETTINGS_DIR": "jupyter/settings",
        "JUPYTERLAB_WORKSPACES_DIR": "jupyter/workspaces",
        "MPLCONFIGDIR": "matplotlib",
    }
    env = {**os.environ, "PYTHONUTF8": "1", "PYTHONNOUSERSITE": "1"}
    for name, place in places.items():
        env.setdefault(name, str(closed(var / place)))
    env["PATH"] = str(venv_python().parent) + os.pathsep + env.get("PATH", "")
    env.pop("PYTHONPATH", None)
    env.pop("PYTHONHOME", None)
    return env


def test_command(arguments: "list[str]") -> "tuple[str, list[str]]":
    """Give the need and the pytest command of `dx.py test`."""
    if not arguments:  # on several cores; with --all one after another, since those tests load the machine themselves
        workers = str(max(1, min(4, os.cpu_count() or 1)))
        return "test", ["-m", "pytest", "-m", HIDDEN_TESTS, "-n", workers, "--dist", "loadfile"]
    everything = "--all" in arguments
    arguments = [word for word in arguments if word != "--all"]
    chosen = [] if everything or "-m" in arguments else ["-m", HIDDEN_TESTS]
    return ("all" if everything else "test"), ["-m", "pytest", *chosen, *arguments]


def hand_over(command: "list[str]", folder: "str | None") -> int:
    """Run a command inside the environment; signals are the command's own affair."""
    if os.name == "posix":  # it takes the place of this process: no signal can end one of the two and leave the other
        if folder:
            os.chdir(folder)
        os.execve(str(venv_python()), [str(venv_python()), *command], environment())  # noqa: S606
    process = subprocess.Popen([str(venv_python()), *command], cwd=folder, env=environment())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def heed_signals() -> None:
    """Let SIGTERM and SIGHUP end the set-up as Ctrl-C does, with its installer; a command heeds its own signals."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def main(arguments: "list[str]") -> int:
    """Set up what the command needs, then run it."""
    require_python()
    heed_signals()
    need, command, folder = "run", ["-m", "dxanalysis", *arguments], None
    if arguments[:1] == ["test"]:
        (need, command), folder = test_command(arguments[1:]), str(ROOT)
    try:
        ensure(need)
    except KeyboardInterrupt:
        stop("Đã dừng giữa chừng; chạy lại lệnh để tiếp tục.", "Interrupted; run the command again to go on.")
    return hand_over(command, folder)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
