"""Start kernels warm: a jupyter_client provisioner that forks them from a process which has imported everything.

Used through a kernelspec (``python -m dxanalysis.batch.kernels install``) it serves papermill, nbclient, nbconvert and
JupyterLab unchanged. Wherever it cannot serve - another system, another interpreter, a kernel of another kind, anything
doubtful, or the variable ``BATCH_WARM_KERNELS=0`` - the kernel starts the normal way.
"""

from __future__ import annotations

import asyncio
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
import tempfile
import threading
import uuid
import weakref
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

OPT_OUT = "BATCH_WARM_KERNELS"
PROVISIONER = "warm-fork"
PRELOAD = ("numpy", "pandas", "matplotlib.pyplot", "seaborn", "statsmodels.api", "statsmodels.formula.api")
TESTED = range(7, 8)  # major versions of ipykernel whose insides the fork knows
MOST_ZYGOTES = 2
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


class ZygoteError(RuntimeError):
    """Say why no kernel could be forked; the caller starts a normal one."""


class ForkedKernel:
    """Stand for a forked kernel the way :class:`subprocess.Popen` stands for a process.

    Parameters
    ----------
    pid : int
        Its process.
    connection : socket
        To the zygote, which tells here how the kernel ended; closing it ends the kernel.
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
        if message is None:  # the zygote itself is gone, and could not clear up
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            message = {"status": signal.SIGKILL, "cpu": 0.0, "peak_kb": 0}
        self.cpu_seconds, self.peak_mb = message["cpu"], message["peak_kb"] * 1024 / 1e6
        self.returncode = os.waitstatus_to_exitcode(message["status"])
        self.connection.close()


class Zygote:
    """Own one zygote process.

    Parameters
    ----------
    preload : sequence of str
        Modules to import beforehand.
    environment : mapping
        Environment of the zygote; kernels must agree with it.
    skip : sequence of str
        Modules not to import: an earlier zygote found that they print, warn or start a thread.
    """

    def __init__(self, preload: Sequence[str], environment: Mapping[str, str], skip: Sequence[str] = ()) -> None:
        self.preload = tuple(preload)
        self.environment = dict(environment)
        self.sockets = Path(tempfile.mkdtemp(prefix="z", dir=_short_folder()))
        self.notes: list[str] = []
        self._kernels: weakref.WeakSet[ForkedKernel] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._failed = ""
        self.skip = list(skip)
        self._start()
        threading.Thread(target=self._get_ready, name="zygote-start", daemon=True).start()

    def fork(self, argv: Sequence[str], environment: Mapping[str, str], folder: str) -> ForkedKernel:
        """Return a new kernel.

        Raises
        ------
        ZygoteError
            When the zygote is not there, or finds that it should not fork any more.
        """
        self.wait_ready()
        mine, its = socket.socketpair()
        try:
            with self._lock:
                socket.send_fds(self.control, [b"F"], [its.fileno(), *_standard_files()])
            _send(mine, {"argv": list(argv), "env": dict(environment), "cwd": folder, "umask": _umask()})
            its.close()
            mine.settimeout(30)
            answer = _receive(mine)
        except (OSError, ConnectionError) as error:
            mine.close()
            raise ZygoteError(f"the zygote does not answer: {error}") from error
        if "pid" not in answer:
            mine.close()
            self._retire(answer)
            raise ZygoteError(self._failed)
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
        self._failed = f"the zygote is out of date: {answer.get('stale') or answer.get('unfit')}"

    def wait_ready(self) -> None:
        """Wait until the zygote has imported everything."""
        self._ready.wait(READY_WITHIN)
        if self._failed or not self._ready.is_set():
            raise ZygoteError(self._failed or "the zygote did not get ready in time")

    def alive(self) -> bool:
        """Return whether kernels can be had from it, now or soon."""
        return not self._failed and self.process.poll() is None

    def close(self) -> None:
        """End the zygote and all kernels forked from it."""
        self._failed = self._failed or "the zygote was closed"
        self.control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.sockets, ignore_errors=True)

    def _start(self) -> None:
        self.control, its = socket.socketpair()
        script = Path(__file__).with_name("zygote.py")
        wishes = json.dumps({"preload": self.preload, "skip": self.skip})
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
        """Wait for the zygote's word; start it again without a module that printed, warned or started a thread."""
        while True:
            try:
                answer = _receive(self.control)
            except (OSError, ConnectionError) as error:
                self._failed = self._failed or f"the zygote ended while it started: {error or 'no reason given'}"
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


_ZYGOTES: dict[str, Zygote] = {}
_RETIRED: list[Zygote] = []
_LOCK = threading.Lock()


def zygote_for(preload: Sequence[str], environment: Mapping[str, str]) -> Zygote:
    """Return the zygote for these modules and this environment, and start it if there is none."""
    key = json.dumps([sys.executable, list(preload), sorted(_lasting(environment).items())])
    with _LOCK:
        zygote = _ZYGOTES.pop(key, None)
        if zygote is None or not zygote.alive():
            if zygote is not None:
                _RETIRED.append(zygote)
            zygote = Zygote(preload, _lasting(environment), zygote.skip if zygote else ())
        _ZYGOTES[key] = zygote  # the newest at the end
        while len(_ZYGOTES) > MOST_ZYGOTES:
            _RETIRED.append(_ZYGOTES.pop(next(iter(_ZYGOTES))))
        _close_idle()
    return zygote


def _close_idle() -> None:
    """End the retired zygotes whose kernels are all gone; one that runs a kernel takes it along."""
    for zygote in [zygote for zygote in _RETIRED if not zygote.busy()]:
        _RETIRED.remove(zygote)
        zygote.close()


def close_zygotes() -> None:
    """End all zygotes of this process."""
    with _LOCK:
        for zygote in (*_ZYGOTES.values(), *_RETIRED):
            zygote.close()
        _ZYGOTES.clear()
        _RETIRED.clear()


atexit.register(close_zygotes)


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


class WarmProvisioner(LocalProvisioner):
    """Fork the kernel from a zygote where that is safe, and start it normally elsewhere."""

    way = "cold"
    preload: tuple[str, ...] = PRELOAD
    why_cold = ""

    def __init__(self, **options: Any) -> None:
        self.preload = tuple(options.pop("preload", None) or PRELOAD)
        super().__init__(**options)

    async def pre_launch(self, **options: Any) -> dict[str, Any]:
        """Move the kernel's sockets to Unix sockets, where two kernels cannot race for a port."""
        manager = self.parent
        self.why_cold = can_fork(self.kernel_spec.argv, {})
        if not self.why_cold and manager is not None and manager.transport == "tcp" and not manager.shell_port:
            manager.transport = "ipc"
            manager.ip = f"{_socket_folder()}/{uuid.uuid4().hex[:8]}"
            manager.cache_ports = False
        return await super().pre_launch(**options)

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        """Fork, or start normally and remember why."""
        self.why_cold = can_fork(cmd, options)
        if not self.why_cold:
            try:
                return await asyncio.to_thread(self._forked, cmd, options)
            except ZygoteError as error:
                self.why_cold = str(error)
        self.log.info("This kernel starts the normal way: %s", self.why_cold)
        return await super().launch_kernel(cmd, **options)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Wait for the kernel's own end; the manager would look for it only every tenth of a second."""
        if isinstance(self.process, ForkedKernel):
            await asyncio.to_thread(self.process.wait, 5)

    def _forked(self, cmd: list[str], options: Mapping[str, Any]) -> KernelConnectionInfo:
        environment = {**(options.get("env") or os.environ), "JPY_PARENT_PID": str(os.getpid())}
        argv = list(cmd[3:])
        if not any(word.startswith("--HistoryManager.hist_file") for word in argv):
            argv.append("--HistoryManager.hist_file=:memory:")  # or parallel kernels lock each other out
        folder = str(options.get("cwd") or os.getcwd())
        try:
            self.process = zygote_for(self.preload, environment).fork(argv, environment, folder)
        except ZygoteError:  # perhaps out of date: a new one has the user's newest code
            self.process = zygote_for(self.preload, environment).fork(argv, environment, folder)
        self.pid = self.pgid = self.process.pid
        self.cwd = options.get("cwd") or os.getcwd()
        self.way = "warm"
        return self.connection_info


def install(folder: str | Path | None = None, name: str = "python3-warm", preload: Sequence[str] = PRELOAD) -> Path:
    """Write the kernelspec of warm kernels.

    Parameters
    ----------
    folder : path, optional
        Folder of kernelspecs; ``share/jupyter/kernels`` of this environment when not given, never the user's home.
    name : str
        Name for ``papermill -k`` and in notebooks.
    preload : sequence of str
        Modules to import beforehand.

    Returns
    -------
    Path
        The file ``kernel.json``.
    """
    folder = Path(folder or Path(sys.prefix, "share", "jupyter", "kernels")) / name
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (warm start)",
        "language": "python",
        "metadata": {
            "debugger": True,
            "kernel_provisioner": {"provisioner_name": PROVISIONER, "config": {"preload": list(preload)}},
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "kernel.json"
    path.write_text(json.dumps(spec, indent=1) + "\n", encoding="utf-8")
    return path


_SOCKETS: list[str] = []


def _socket_folder() -> str:
    """A private folder with a short path, for the sockets of this process's kernels."""
    with _LOCK:
        if not _SOCKETS or not os.path.isdir(_SOCKETS[0]):
            _SOCKETS[:] = [tempfile.mkdtemp(prefix="k", dir=_short_folder())]
            atexit.register(shutil.rmtree, _SOCKETS[0], True)
    return _SOCKETS[0]


def _short_folder() -> str:
    base = tempfile.gettempdir()
    return base if len(base) < 60 else "/tmp"  # noqa: S108  (a socket's path must be under 104 bytes)


def _lasting(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in PER_RUN and not name.startswith("JPY_")}


def _same_interpreter(command: str) -> bool:
    if command in ("python", "python3", f"python3.{sys.version_info[1]}"):
        return True  # jupyter_client puts this interpreter there
    found = shutil.which(command) or command
    return os.path.abspath(found) == os.path.abspath(sys.executable)


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


def _send(connection: socket.socket, message: Mapping[str, Any]) -> None:
    data = json.dumps(message).encode()
    connection.sendall(struct.pack("!I", len(data)) + data)


def _receive(connection: socket.socket) -> dict[str, Any]:
    head = _exactly(connection, 4)
    return json.loads(_exactly(connection, struct.unpack("!I", head)[0]))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ConnectionResetError("it has closed the connection")
        data += part
    return data


if __name__ == "__main__":
    if sys.argv[1:2] != ["install"]:
        sys.exit("usage: python -m dxanalysis.batch.kernels install")
    print(install())
