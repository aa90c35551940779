"""The fork server: a process that imports once, stays plain and forks warm kernels on request. Linux only.

Run as a script by :mod:`.kernels`, never imported by it; needs nothing but the standard library and ipykernel.
It talks over one socket to its owner. When the owner goes, the socket closes, and this process goes with all kernels.

What makes the fork safe, each rule from a failure seen:

* one thread, no zmq context, no event loop, no IPython shell, one BLAS thread before the fork;
* a module that starts a thread, prints or warns while imported is left to the kernels, which then show it as usual;
* the child starts its own session, dies with this process, has fresh seeds, signals, environment, folder and time zone;
* it leaves by ``os._exit`` after the threads and exit functions that a normal interpreter would have waited for.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

if __package__:  # looked at as part of the package
    from . import fork_state as state
    from .fork_imports import Imports
else:  # run as a script, without the package
    import fork_state as state
    from fork_imports import Imports

KERNEL_MODULES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.iostream",
    "ipykernel.displayhook",
    "ipykernel.zmqshell",
    "IPython.core.completerlib",
    "IPython.core.pylabtools",
    "IPython.core.display_functions",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "tornado.platform.asyncio",
    "sqlite3",
    "psutil",
)
# These hook themselves into the shell of the one kernel that imports them, or belong to one program.
NEVER = ("matplotlib_inline", "ipympl", "antigravity", "this", "__main__")


def send(connection: socket.socket, message: Mapping[str, Any]) -> None:
    """Send one message.

    Raises
    ------
    OSError
        When the other side has gone.
    """
    data = json.dumps(message).encode()
    connection.sendall(struct.pack("!I", len(data)) + data)


def receive(connection: socket.socket) -> dict[str, Any]:
    """Wait for one message, as long as the socket's own time allows.

    Raises
    ------
    ConnectionResetError
        When the other side closed the connection before the message was complete.
    """
    size = struct.unpack("!I", _exactly(connection, 4))[0]
    return json.loads(_exactly(connection, size))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ConnectionResetError("it has closed the connection")
        data += part
    return data


@dataclass
class Kernel:
    """A forked kernel: the owner's connection to it, the pipe on which it tells what it imported, its run's folder."""

    connection: socket.socket
    lessons: int
    run_dir: str = ""


def main() -> None:
    """Import, report readiness, and fork kernels until the owner goes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    wishes = json.loads(sys.argv[2])
    sys.path.pop(0)  # the folder of this script
    for name in ("fork_imports", "fork_state"):
        sys.modules.pop(name)  # ours alone; a kernel has no such modules
    sys.argv = [""]
    state.prctl(state.PR_SET_CHILD_SUBREAPER, 1)
    gc.disable()
    server = Server(control, wishes)
    try:
        server.prepare()
        send(control, {"ready": True, "notes": server.notes})
        server.serve()
    except state.Unfit as unfit:
        _send_if_there(control, {"unfit": str(unfit)})
    except (BrokenPipeError, ConnectionResetError):
        pass  # the owner has gone; so do we
    finally:
        server.end_all()


class Server:
    """Hold what is imported and who was forked.

    Parameters
    ----------
    control : socket
        To the owner.
    wishes : dict
        ``preload``: modules to import, and functions ``module:function`` to call after that, which fill caches;
        ``known``: packages of which more may be imported once a kernel has; ``skip``: those found unfit before.
    """

    def __init__(self, control: socket.socket, wishes: dict[str, Any]) -> None:
        self.control = control
        self.wishes = wishes
        self.notes: list[str] = []
        self.kernels: dict[int, Kernel] = {}
        self.skip = {*NEVER, *wishes.get("skip", ())}
        self.tried: set[str] = set()
        self.imports = Imports()
        # Of what kernels import besides, only parts of these are imported here for the next ones: anything else may
        # make something while it is imported that kernels must not share (random numbers, clocks, connections).
        named = (*KERNEL_MODULES, *wishes["preload"], *wishes.get("known", ()))
        tops = {name.partition(".")[0].partition(":")[0] for name in named}
        self.learns = frozenset({*tops, *sys.stdlib_module_names, "traitlets", "zmq", "tornado", "jupyter_client"})
        self.local: dict[str, int] = {}
        self.read: dict[str, int] = {}
        self.path = list(sys.path)
        self.born_with = set(os.environ)
        self.set_by_imports: dict[str, str] = {}
        self.wake: tuple[int, ...] = ()
        self.retired = ""

    def prepare(self) -> None:
        """Import everything and fill the caches that every first use would fill again."""
        wishes = self.wishes["preload"]
        self.load_all([*KERNEL_MODULES, *(wish for wish in wishes if ":" not in wish)])
        state.use_backend(sys.modules, "agg")  # for what is drawn here; the inline one would look for a shell
        for warm in state.WARM_UPS:
            state.quietly(warm, warm.__name__, self.imports)
        for name in (wish for wish in wishes if ":" in wish):
            self.fill(name)
        self.settle()

    def fill(self, name: str) -> None:
        """Call ``module:function``, which fills caches; the files it reads are watched as the user's own code is."""
        module, _, function = name.partition(":")
        before = set(sys.modules)
        self.load(module)
        if name in self.skip or module not in sys.modules:
            return
        try:
            with state.reading_watched(self.read):
                state.quietly(getattr(sys.modules[module], function), name, self.imports)
        except state.Unfit:
            raise
        except Exception as error:
            # Caches that stay empty cost time and nothing else; a notebook will meet the error where it can be seen.
            self.notes.append(f"{name}: {type(error).__name__}: {error}")
        new = {key: sys.modules[key] for key in set(sys.modules) - before}
        self.imports.behind |= {*_own_files(new), *self.read}

    def load_all(self, names: list[str]) -> None:
        """Import modules as a kernel would."""
        os.environ["MPLBACKEND"] = state.INLINE  # which matplotlib reads at import, and every kernel has set by then
        for name in names:
            self.load(name)
        del os.environ["MPLBACKEND"]

    def load(self, name: str) -> None:
        """Import a module by its dotted name; a name that is not a module is tried without its last part."""
        if _owner_gone(self.control):
            raise BrokenPipeError
        there = name in sys.modules or name in self.imports.away
        if there or not name or any(name == no or name.startswith(f"{no}.") for no in self.skip):
            return
        try:
            self.skip |= state.quietly(lambda: importlib.import_module(name), name, self.imports)
        except ModuleNotFoundError as error:
            if error.name is not None and name.startswith(error.name):
                self.load(name.rpartition(".")[0])
        except state.Unfit:
            raise
        except Exception as error:
            # The notebook that needs it will meet the error itself, where its author can see it.
            self.notes.append(f"{name}: {type(error).__name__}: {error}")

    def settle(self) -> None:
        """Make the memory ready to be shared and remember the state of the user's own files."""
        self.local = _local_files({**sys.modules, **self.imports.away}) | {
            path: at for path, at in self.read.items() if "-packages" not in path
        }
        state.use_backend({**sys.modules, **self.imports.away}, state.INLINE)
        self.imports.put_away()
        gc.freeze()  # rubbish included: to look for it here costs more than it frees, and the kernels never touch it
        self.set_by_imports = {name: value for name, value in os.environ.items() if name not in self.born_with}

    def serve(self) -> None:
        """Fork on request, tell the owners how kernels ended, learn what they imported."""
        self.wake = _wakeup()
        wake = self.wake[0]
        while True:
            watched = {self.control.fileno(): None, wake: None}
            watched |= {kernel.connection.fileno(): pid for pid, kernel in self.kernels.items()}
            ready, _, _ = select.select(list(watched), [], [])
            if wake in ready:
                os.read(wake, 4096)
            for pid in [watched[fd] for fd in ready if watched[fd] is not None]:
                self._owner_speaks(pid)
            self._reap()
            if self.control.fileno() in ready and not self._request():
                return

    def end_all(self) -> None:
        """Kill every kernel and what it started; also what was left to this process by kernels now gone."""
        for pid in self.kernels:
            state.kill_group(pid)
        while left := state.children():  # whoever is killed leaves its children to this process
            for pid in left:
                state.kill_group(pid)
            for pid in left:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)

    def _request(self) -> bool:
        """Serve one request; False when the owner has closed the socket."""
        word, fds, _, _ = socket.recv_fds(self.control, 1, 3)
        if not word:
            return False
        connection, out, error = socket.socket(fileno=fds[0]), fds[1], fds[2]
        request = _request_on(connection)
        if self.retired or (stale := _changed(self.local)):
            _send_if_there(connection, {"unfit": self.retired} if self.retired else {"stale": stale})
            connection.close()
        else:
            self._fork(request, connection, out, error)
        os.close(out)
        os.close(error)
        return True

    def _fork(self, request: dict[str, Any], connection: socket.socket, out: int, error: int) -> None:
        lessons, lesson = os.pipe2(os.O_CLOEXEC)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(connection.detach())
            state.become(self, request, (out, error), parent, lesson)
        os.close(lesson)
        self.kernels[pid] = Kernel(connection, lessons, request["env"].get("NOTEBOOK_RUN_DIR", ""))
        _send_if_there(connection, {"pid": pid})

    def _owner_speaks(self, pid: int | None) -> None:
        """The owner only speaks by closing the connection: then its kernel goes."""
        kernel = self.kernels.get(pid or 0)
        if kernel is None or pid is None:
            return
        try:
            closed = not kernel.connection.recv(1, socket.MSG_DONTWAIT)
        except BlockingIOError:
            closed = False
        except OSError:
            closed = True
        if closed:
            state.kill_group(pid)

    def _reap(self) -> None:
        """Collect the processes that ended, and end what they left behind."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            kernel = self.kernels.pop(pid, None)
            if kernel is None:
                continue  # a grandchild that its kernel had left behind
            state.kill_group(pid)
            self._end_detached(kernel)
            cpu = usage.ru_utime + usage.ru_stime
            _send_if_there(kernel.connection, {"status": status, "cpu": cpu, "peak_kb": usage.ru_maxrss})
            kernel.connection.close()
            self._learn(kernel.lessons)

    def _end_detached(self, kernel: Kernel) -> None:
        """End the programs that a kernel now gone had detached; they were left to this process."""
        for pid in state.children():
            if pid not in self.kernels and _belongs(pid, kernel):
                state.kill_group(pid)

    def _learn(self, pipe: int) -> None:
        """Import what the kernel had to import, if it is installed: the next one has it already."""
        os.set_blocking(pipe, False)
        try:
            names = os.read(pipe, 1 << 16).decode().split("\n")
        except BlockingIOError:
            names = []
        os.close(pipe)
        news = [name for name in names if name not in sys.modules and name not in self.tried]
        self.tried.update(news)
        try:
            self.load_all(news)
        except state.Unfit as unfit:
            # The kernels that run are children of this process: it forks no more, and stays for them.
            self.retired = self.retired or str(unfit)
        if news:
            self.settle()


def _local_files(modules: Mapping[str, Any]) -> dict[str, int]:
    """Files of imported modules that are not installed, and the folders of those that are: path -> time of change."""
    folders = [path for path in sys.path if path.endswith("-packages")]
    return {path: _changed_at(path) for path in [*_own_files(modules), *folders]}


def _own_files(modules: Mapping[str, Any]) -> set[str]:
    """Files of modules that are not installed."""
    files = {getattr(module, "__file__", None) for module in modules.values() if not state.installed(module)}
    return {file for file in files if file}


def _changed(known: dict[str, int]) -> str:
    """Name a file of the user's own code that changed since it was imported, or nothing."""
    return next((path for path, time_of_change in known.items() if _changed_at(path) != time_of_change), "")


def _changed_at(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return -1


def _belongs(pid: int, kernel: Kernel) -> bool:
    """Tell a kernel's offspring by the run's folder in its environment, or by the kernel's end of the pipe."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            if kernel.run_dir and f"NOTEBOOK_RUN_DIR={kernel.run_dir}".encode() in file.read().split(b"\0"):
                return True
        pipe = os.readlink(f"/proc/self/fd/{kernel.lessons}")
        return any(os.readlink(f"/proc/{pid}/fd/{number}") == pipe for number in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False  # gone in between


def _wakeup() -> tuple[int, int]:
    """Let the end of a child interrupt the waiting."""
    read, write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return read, write


def _owner_gone(control: socket.socket) -> bool:
    ready, _, _ = select.select([control], [], [], 0)
    return bool(ready) and not control.recv(1, socket.MSG_PEEK)


def _send_if_there(connection: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # the owner has gone; its socket will say so
        send(connection, message)


def _request_on(connection: socket.socket) -> dict[str, Any]:
    """Read what is asked; an owner that does not finish its sentence must not stop the others' kernels."""
    connection.settimeout(10)
    message = receive(connection)
    connection.settimeout(None)
    return message


if __name__ == "__main__":
    main()
