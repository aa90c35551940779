"""Know, watch and end processes: what a kernel uses, what it leaves running, where its sockets stand."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SOCKET_FOLDER = re.compile(r"^k(\d+)-(\d+)-")
PERIOD = 0.25  # seconds between two looks

RUN_DIR = "NOTEBOOK_RUN_DIR"
PROVISIONER = "warm-fork"  # in kernelspecs: the way to start a kernel that forks it
ENDED = ("Z", "X")  # nobody has asked yet how it ended, but it has


def born(pid: int) -> float:
    """Return a number that no other process under this id has; 0 when there is none.

    On Linux: the ticks since the machine's start, which a step of the clock does not touch, after a number of that
    start. Elsewhere the time of day at which the process began.
    """
    if sys.platform == "linux":
        return _ticks(pid)
    import psutil

    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def same(pid: int, then: float) -> bool:
    """Tell whether the process that was born `then` still lives."""
    now = born(pid)
    return now != 0 and abs(now - then) < 1


def end_marked(run_dir: str) -> int:
    """Kill every process that a run has left, told by the run's folder in its environment; Linux only.

    A program that leaves its process group and its parent (a daemon) is found in no other way.
    """
    wanted, found = f"{RUN_DIR}={run_dir}".encode(), 0
    for process in Path("/proc").glob("[0-9]*") if sys.platform == "linux" else ():
        if wanted in _environment(process).split(b"\0") and int(process.name) != os.getpid():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(process.name), signal.SIGKILL)
                found += 1
    return found


def _ticks(pid: int) -> float:
    try:
        # After the name, which may hold spaces and brackets: the state, and 19 fields on the start.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return 0.0 if fields[0] in ENDED else _boot() * 1e10 + int(fields[19])


def _boot() -> int:
    try:
        return int(Path("/proc/sys/kernel/random/boot_id").read_text()[:4], 16)
    except OSError:
        return 0  # hidden in some containers: the ticks alone must do


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""  # gone, or another user's


def base() -> str:
    """Return a folder for temporary files whose path leaves room for a socket's name: it must be under 104 bytes."""
    folder = tempfile.gettempdir()
    return folder if len(folder) < 60 else "/tmp"  # noqa: S108


def new_folder() -> Path:
    """Make a folder named after this process."""
    return Path(tempfile.mkdtemp(prefix=f"k{os.getpid()}-{born(os.getpid()):.0f}-", dir=base()))


@contextmanager
def socket_folder() -> Iterator[Path]:
    """Give a folder for a kernel's sockets, and remove it afterwards."""
    folder = new_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep_sockets() -> int:
    """Remove the folders of this user's processes that were killed, and return how many there were."""
    swept = 0
    for entry in os.scandir(base()):
        owner = SOCKET_FOLDER.match(entry.name)
        if owner and _mine(entry) and not same(int(owner[1]), float(owner[2])):
            shutil.rmtree(entry.path, ignore_errors=True)
            swept += 1
    return swept


def _mine(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_uid == os.getuid()
    except OSError:
        return False  # another one has swept it


@dataclass
class Watched:
    """Hold what is known of one running kernel.

    Attributes
    ----------
    deadline : float
        Monotonic time at which it is ended.
    memory_mb : float
        Resident memory of the kernel and its children at which it is ended.
    pid : int
        Its process, 0 before the start.
    ended_for : str
        Why it was ended from here: ``run timeout``, ``memory``, ``interrupted`` or "".
    cpu_seconds, peak_mb : float
        What it used so far.
    """

    deadline: float = float("inf")
    memory_mb: float = float("inf")
    pid: int = 0
    ended_for: str = ""
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0

    def end(self, why: str) -> None:
        """End the kernel and the processes it started, at once."""
        self.ended_for = self.ended_for or why
        if self.pid:
            end_group(self.pid)

    def measure(self) -> None:
        """Read processor time and peak memory while the kernel is still there."""
        import psutil

        try:
            process = psutil.Process(self.pid)
            with process.oneshot():
                times, memory = process.cpu_times(), process.memory_info()
        except psutil.Error:
            return
        used = times.user + times.system + getattr(times, "children_user", 0) + getattr(times, "children_system", 0)
        self.cpu_seconds = max(self.cpu_seconds, used)
        self.peak_mb = max(self.peak_mb, _high_water_mb(self.pid, memory))


@dataclass
class Watcher:
    """Look after all kernels of this process in one thread, which lives only while there are any."""

    _entries: dict[int, Watched] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def add(self, entry: Watched) -> None:
        """Begin to watch."""
        with self._lock:
            self._entries[id(entry)] = entry
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look, name="kernel-watch", daemon=True)
                self._thread.start()

    def remove(self, entry: Watched) -> None:
        """Stop watching."""
        with self._lock:
            self._entries.pop(id(entry), None)

    def end_all(self, why: str) -> None:
        """End every running kernel."""
        with self._lock:
            entries = list(self._entries.values())
        for entry in entries:
            entry.end(why)

    def _look(self) -> None:
        while True:
            with self._lock:
                entries = list(self._entries.values())
                if not entries:
                    self._thread = None
                    return
            for entry in entries:
                _judge(entry)
            time.sleep(PERIOD)


WATCHER = Watcher()  # one per process: the runs of all threads are looked after together


class Guard:
    """End a kernel's process group if this process dies without a word; it cannot clear up after itself then.

    A shell waits on a pipe: a word means all is well, the end of the pipe means that its owner is gone.
    A forked kernel has its fork server for this.
    """

    def __init__(self, pid: int) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        if os.name == "posix":
            command = ["/bin/sh", "-c", 'read -r word || kill -s KILL -- "-$1"', "guard", str(pid)]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, **quiet)  # noqa: S603

    def release(self) -> None:
        """Say that the kernel is gone as it should."""
        if self.process is not None:
            with contextlib.suppress(BrokenPipeError):  # somebody killed the guard
                self.process.communicate(b"done\n")


def end_group(pid: int) -> None:
    """Kill a kernel and the processes of its group; those already gone are no error."""
    if os.name != "posix":
        _end_tree(pid)
        return
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
            return
        except (ProcessLookupError, PermissionError):
            continue  # no group of that number (yet): then the process alone


def _end_tree(pid: int) -> None:
    import psutil

    try:
        tree = [*psutil.Process(pid).children(recursive=True), psutil.Process(pid)]
    except psutil.Error:
        return
    for process in tree:
        try:
            process.kill()
        except psutil.Error:
            continue


def _judge(entry: Watched) -> None:
    if entry.ended_for or not entry.pid:
        if entry.ended_for and entry.pid:
            end_group(entry.pid)
        return
    if time.monotonic() > entry.deadline:
        entry.measure()
        entry.end("run timeout")
    elif entry.memory_mb != float("inf"):
        now = resident_mb(entry.pid)
        entry.peak_mb = max(entry.peak_mb, now)
        if now > entry.memory_mb:
            entry.measure()
            entry.end("memory")


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process and its children in megabytes; 0 when it is gone."""
    import psutil

    try:
        process = psutil.Process(pid)
        tree = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0.0
    total = 0
    for member in tree:
        try:
            total += member.memory_info().rss
        except psutil.Error:
            continue
    return total / 1e6


def _high_water_mb(pid: int, memory: object) -> float:
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        pass  # not Linux, or gone: what was read by other means counts
    return max(getattr(memory, "peak_wset", 0), getattr(memory, "rss", 0)) / 1e6
