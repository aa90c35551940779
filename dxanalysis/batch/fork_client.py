"""The client of the fork server: start it, request kernels, hear how those ended, and leave no process behind."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .fork_server import receive, send

MOST_SERVERS = 2
# Packages that may be imported before a fork: it was looked into that they keep no random numbers, clocks, process ids,
# temporary folders or connections from their import. Any other one is preloaded only where somebody names it.
KNOWN = ("numpy", "pandas", "matplotlib", "seaborn", "statsmodels", "scipy")
READY_WITHIN = 120  # seconds; a loaded machine may need many
# Variables that differ from run to run and that no library reads while it is imported.
PER_RUN = (
    "NOTEBOOK_RUN_DIR",
    "PWD",
    "OLDPWD",
    "SHLVL",
    "_",
    "COLUMNS",
    "LINES",
    "TERM",
    "PYTEST_CURRENT_TEST",
    "MPLBACKEND",
)
# One thread before the fork. A kernel then has as many BLAS threads as its own environment says; pyarrow's allocator
# works without the thread that tidies up for it.
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # the debugger's remark on frozen modules at import
}
_LOCK = threading.Lock()


OPT_OUT = "BATCH_WARM_KERNELS"
TESTED = range(7, 8)  # major versions of ipykernel whose insides the fork knows


def can_fork(argv: Sequence[str], options: Mapping[str, Any]) -> str:
    """Return why a kernel must start the normal way, or nothing when it can be forked.

    Parameters
    ----------
    argv : sequence of str
        Command of the kernel.
    options : mapping
        What else the caller wants of the process.

    Examples
    --------
    >>> can_fork(["R", "--slave"], {})
    'the kernel is not ipykernel of this interpreter'
    """
    if sys.platform != "linux" or sys.implementation.name != "cpython":
        return "forked kernels need Linux and CPython"
    if os.environ.get(OPT_OUT, "1").lower() in ("0", "no", "off", "false"):
        return f"{OPT_OUT} switches them off"
    if int(version("ipykernel").partition(".")[0]) not in TESTED:
        return f"ipykernel {version('ipykernel')} is not a tested version"
    if list(argv[1:3]) != ["-m", "ipykernel_launcher"] or not _same_interpreter(argv[0]):
        return "the kernel is not ipykernel of this interpreter"
    strange = [name for name, value in options.items() if name not in ("env", "cwd") and value]
    return f"the caller asks for {strange[0]}" if strange else ""


def _same_interpreter(command: str) -> bool:
    if command in ("python", "python3", f"python3.{sys.version_info[1]}"):
        return True  # jupyter_client puts this interpreter there
    found = shutil.which(command) or command
    return os.path.abspath(found) == os.path.abspath(sys.executable)


class ForkError(RuntimeError):
    """Say why no kernel could be forked; the caller starts a normal one."""


class ForkedKernel:
    """Stand for a forked kernel the way :class:`subprocess.Popen` stands for a process.

    Parameters
    ----------
    pid : int
        Its process.
    connection : socket
        To the fork server, which tells here how the kernel ended; closing it ends the kernel.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid, self.connection = pid, connection
        self.returncode: int | None = None
        self.cpu_seconds = 0.0
        self.peak_mb = 0.0
        self._lock = threading.Lock()
        self._heard = b""

    def poll(self) -> int | None:
        """Return None while the kernel lives, else its exit code."""
        self._listen(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end, at most `timeout` seconds; return the exit code, or None when it still lives."""
        self._listen(timeout)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel and what it started."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def disown(self) -> None:
        """Take it for ended, without ending it: it belongs to the process that this one was forked from."""
        self._lock = threading.Lock()
        self.returncode = -signal.SIGKILL
        self.connection.close()

    def _listen(self, timeout: float | None) -> None:
        with self._lock:
            if self.returncode is not None:
                return
            self.connection.settimeout(timeout)
            try:
                message = self._message()
            except (BlockingIOError, TimeoutError):
                return
            except OSError:
                message = None
            self._ended(message)

    def _message(self) -> dict[str, Any] | None:
        """Read on; a message may come in pieces."""
        while len(self._heard) < 4 or len(self._heard) < 4 + struct.unpack("!I", self._heard[:4])[0]:
            part = self.connection.recv(65536)
            if not part:
                return None
            self._heard += part
        return json.loads(self._heard[4:])

    def _ended(self, message: dict[str, Any] | None) -> None:
        if message is None:  # the fork server itself is gone, and could not clear up
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            message = {"status": signal.SIGKILL, "cpu": 0.0, "peak_kb": 0}
        self.cpu_seconds, self.peak_mb = message["cpu"], message["peak_kb"] * 1024 / 1e6
        self.returncode = os.waitstatus_to_exitcode(message["status"])
        self.connection.close()


class ForkServer:
    """Own one fork server.

    Parameters
    ----------
    preload : sequence of str
        Modules to import beforehand.
    environment : mapping
        Environment of the fork server; kernels must agree with it.
    skip : sequence of str
        Modules not to import: an earlier fork server found that they print, warn or start a thread.
    """

    def __init__(self, preload: Sequence[str], environment: Mapping[str, str], skip: Sequence[str] = ()) -> None:
        self.preload = tuple(preload)
        self.environment = dict(environment)
        self.notes: list[str] = []
        self._kernels: weakref.WeakSet[ForkedKernel] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._failed = ""
        self.skip = list(skip)
        self._start()
        threading.Thread(target=self._get_ready, name="fork-server-start", daemon=True).start()

    def fork(self, argv: Sequence[str], environment: Mapping[str, str], folder: str) -> ForkedKernel:
        """Return a new kernel.

        Raises
        ------
        ForkError
            When the fork server is not there, or finds that it should not fork any more.
        """
        self.wait_ready()
        mine, its = socket.socketpair()
        try:
            with self._lock:
                socket.send_fds(self.control, [b"F"], [its.fileno(), *_standard_files()])
            send(mine, {"argv": list(argv), "env": dict(environment), "cwd": folder, "umask": _umask()})
            its.close()
            mine.settimeout(30)
            answer = receive(mine)
        except (OSError, ConnectionError) as error:
            mine.close()
            raise ForkError(f"the fork server does not answer: {error}") from error
        if "pid" not in answer:
            mine.close()
            self._retire(answer)
            raise ForkError(self._failed)
        kernel = ForkedKernel(answer["pid"], mine)
        self._kernels.add(kernel)
        return kernel

    def busy(self) -> bool:
        """Return whether a kernel forked from it still runs."""
        return any(kernel.poll() is None for kernel in list(self._kernels))

    def _retire(self, answer: Mapping[str, str]) -> None:
        """Ask it for no more kernels; it stays for those that run, until this process ends."""
        if "unfit" in answer:
            self.skip.append(answer["unfit"].partition("\n")[0])
        self._failed = f"the fork server is out of date: {answer.get('stale') or answer.get('unfit')}"

    def wait_ready(self) -> None:
        """Wait until the fork server has imported everything."""
        self._ready.wait(READY_WITHIN)
        if self._failed or not self._ready.is_set():
            raise ForkError(self._failed or "the fork server did not get ready in time")

    def disown(self) -> None:
        """Let go of it without ending it: it belongs to the process that this one was forked from."""
        self._failed = "the fork server belongs to another process"
        self._lock, self._ready = threading.Lock(), threading.Event()
        self.control.close()
        for kernel in list(self._kernels):
            kernel.disown()

    def alive(self) -> bool:
        """Return whether kernels can be had from it, now or soon."""
        return not self._failed and self.process.poll() is None

    def close(self) -> None:
        """End the fork server and all kernels forked from it."""
        self._failed = self._failed or "the fork server was closed"
        self.control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _start(self) -> None:
        self.control, its = socket.socketpair()
        script = Path(__file__).with_name("fork_server.py")
        wishes = json.dumps({"preload": self.preload, "known": KNOWN, "skip": self.skip})
        environment = {**self.environment, **ONE_THREAD}
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, str(script), str(its.fileno()), wishes],
            env=environment,
            pass_fds=[its.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=None if os.environ.get("BATCH_DEBUG") else subprocess.DEVNULL,
            start_new_session=True,
        )
        its.close()

    def _get_ready(self) -> None:
        """Wait for the fork server's word; start it again without a module that printed, warned or started a thread."""
        while True:
            try:
                answer = receive(self.control)
            except (OSError, ConnectionError) as error:
                self._failed = self._failed or f"the fork server ended while it started: {error or 'no reason given'}"
                break
            if "unfit" not in answer:
                self.notes += answer["notes"]
                break
            self.skip.append(answer["unfit"].partition("\n")[0])
            self.notes.append(answer["unfit"])
            self.control.close()
            self.process.wait()
            self._start()
        self._ready.set()


SERVERS: dict[str, ForkServer] = {}
RETIRED: list[ForkServer] = []


def server_for(preload: Sequence[str], environment: Mapping[str, str]) -> ForkServer:
    """Return the fork server for these modules and this environment, and start it if there is none."""
    key = json.dumps([sys.executable, list(preload), sorted(_lasting(environment).items())])
    with _LOCK:
        server = SERVERS.pop(key, None)
        if server is None or not server.alive():
            if server is not None:
                RETIRED.append(server)
            server = ForkServer(preload, _lasting(environment), server.skip if server else ())
        SERVERS[key] = server  # the newest at the end
        while len(SERVERS) > MOST_SERVERS:
            RETIRED.append(SERVERS.pop(next(iter(SERVERS))))
        _close_idle()
    return server


def _close_idle() -> None:
    """End the retired servers whose kernels are all gone; one that runs a kernel takes it along."""
    for server in [server for server in RETIRED if not server.busy()]:
        RETIRED.remove(server)
        server.close()


def close_servers() -> None:
    """End all servers of this process."""
    with _LOCK:
        for server in (*SERVERS.values(), *RETIRED):
            server.close()
        SERVERS.clear()
        RETIRED.clear()


def _lasting(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in PER_RUN and not name.startswith("JPY_")}


def _standard_files() -> list[int]:
    """Numbers of this process's output and error, or of nothing where they are closed."""
    files = []
    for number in (1, 2):
        try:
            os.fstat(number)
            files.append(number)
        except OSError:
            files.append(_null())
    return files


_NULL: list[int] = []


def _null() -> int:
    if not _NULL:
        _NULL.append(os.open(os.devnull, os.O_RDWR))
    return _NULL[0]


def _umask() -> int:
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        return next((int(line.split()[1], 8) for line in file if line.startswith("Umask:")), 0o022)


def _forget_all() -> None:
    """In a forked child of this process: own none of its fork servers and kernels, and hold none of their sockets.

    A child that kept them would end them when it ends, and their kernels would outlive this process.
    """
    global _LOCK
    _LOCK = threading.Lock()  # another thread may have held it
    for server in (*SERVERS.values(), *RETIRED):
        server.disown()
    SERVERS.clear()
    RETIRED.clear()


def _close_at_exit() -> None:
    """End all servers with this process; Ctrl-C meanwhile has nothing left to stop, and would print a traceback."""
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    close_servers()
    signal.signal(signal.SIGINT, heard or signal.SIG_DFL)


atexit.register(_close_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
