"""Watch running kernels: end those that pass their time or memory, and say what each one used."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field

PERIOD = 0.25  # seconds between two looks


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
    A forked kernel has its zygote for this.
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
