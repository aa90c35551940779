"""Know a process again, whatever the clock does, and find what a run has left running."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

RUN_DIR = "NOTEBOOK_RUN_DIR"
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
