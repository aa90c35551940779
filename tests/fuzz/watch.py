"""Run one case under watch: what it raises, how long it takes, how much memory, and what it touches outside."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECONDS = 2.0
MEGABYTES = 500
WRITES = {"os.mkdir": (0,), "os.rmdir": (0,), "os.remove": (0,), "os.rename": (0, 1), "os.link": (0, 1),
          "os.symlink": (1,), "os.truncate": (0,), "os.chmod": (0,), "sqlite3.connect": (0,)}
NEVER = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.kill",
         "socket.connect", "socket.getaddrinfo", "urllib.Request", "pickle.find_class", "ctypes.dlopen"}
HARMLESS = (
    "/dev/null", "/dev/urandom", "/proc/self/", "/proc/cpuinfo", "/sys/", "/usr/share/zoneinfo", "/etc/mime.types",
)


class Hang(BaseException):
    """A case took longer than it may; no `except Exception` of the tested code can swallow it."""


def peak_mb() -> float:
    """Return the most memory this process has held, in megabytes.

    Linux lets a new process start with its parent's maximum in `ru_maxrss`; its own stands in its status.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM:"))
    except FileNotFoundError:  # not Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@dataclass(frozen=True)
class Finding:
    """What one case did that the documentation does not promise.

    Attributes
    ----------
    target, kind, place : str
        Whose parser; the exception's name, "hang", "memory" or "outside"; file and line (or the path touched).
    message : str
        First line of the exception.
    case : bytes
        The input.
    """

    target: str
    kind: str
    place: str
    message: str
    case: bytes

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two findings the same one."""
        return self.target, self.kind, self.place


class Watch:
    """Looks at everything the process opens, makes, removes or starts while a case runs.

    Parameters
    ----------
    folder : Path
        The only folder in which a case may write.
    """

    def __init__(self, folder: Path) -> None:
        root = Path(__file__).resolve().parents[2]
        self.folder = os.path.realpath(folder)
        self.readable = (self.folder, str(root), sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), *HARMLESS)
        self.outside: list[str] = []
        self.on = False
        sys.addaudithook(self._look)

    def run(
        self, target: str, action: Callable[[bytes], Any], case: bytes, allowed: tuple[type, ...]
    ) -> Finding | None:
        """Return what is wrong with the way `action` took the case, or None."""
        before, self.outside = peak_mb(), []
        try:
            with self._limited():
                action(case)
        except allowed:
            pass
        except Hang:
            return Finding(target, "hang", _place(sys.exc_info()[2]), f"longer than {SECONDS} s", case)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a finding is whatever is not documented, panics of extensions included
            return Finding(target, type(error).__name__, _place(error.__traceback__), str(error)[:200], case)
        grown = peak_mb() - before
        if grown > MEGABYTES:
            return Finding(target, "memory", "", f"{grown:.0f} MB more", case)
        if self.outside:
            return Finding(target, "outside", self.outside[0], "touched outside its folder", case)
        return None

    @contextlib.contextmanager
    def _limited(self) -> Iterator[None]:
        """Bound the processor time: the clock on the wall would blame a busy machine on the parser."""
        signal.signal(signal.SIGVTALRM, _stop)
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        self.on = True
        try:
            yield
        finally:
            self.on = False
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def _look(self, event: str, values: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event in NEVER:
            self.outside.append(f"{event} {str(values)[:80]}")
        elif event == "open":
            self._opened(*values[:3])
        elif event in WRITES:
            for place in WRITES[event]:
                self._inside(values[place], event)

    def _opened(self, path: Any, mode: Any, flags: Any) -> None:
        if isinstance(path, int) or path is None:
            return
        writes = bool((flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))
        place = os.path.realpath(os.fsdecode(path))
        if writes and place != "/dev/null":
            self._inside(place, "write")
        elif not writes and not place.startswith(self.readable):
            self.outside.append(f"read {place}")

    def _inside(self, path: Any, event: str) -> None:
        place = os.path.realpath(os.fsdecode(path)) if not isinstance(path, int) else ""
        if place and place != self.folder and not place.startswith((self.folder + os.sep, self.folder + "-")):
            self.outside.append(f"{event} {place}")


def _stop(_number: int, _frame: Any) -> None:
    raise Hang


def _place(trace: Any) -> str:
    """Return the last line of our own code in a traceback; the test code itself where there is none."""
    frames = traceback.extract_tb(trace)
    own = [frame for frame in frames if f"{os.sep}dxanalysis{os.sep}" in frame.filename] or frames[-1:]
    frame = own[-1]
    return f"{Path(frame.filename).parent.name}/{Path(frame.filename).name}:{frame.lineno}"


def smaller(action: Callable[[bytes], Finding | None], finding: Finding, tries: int = 400) -> bytes:
    """Return a shorter input with the same finding, by leaving out ever smaller pieces."""
    case, size = finding.case, max(1, len(finding.case) // 2)
    while size and tries:
        at, changed = 0, False
        while at < len(case) and tries:
            tries -= 1
            shorter = case[:at] + case[at + size :]
            found = action(shorter)
            if found and found.key == finding.key:
                case, changed = shorter, True
            else:
                at += size
        size = size if changed and size == 1 else size // 2
    return case
