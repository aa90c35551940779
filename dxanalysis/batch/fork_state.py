"""What a fork server does before any fork, and what a forked child must do to be as good as a new interpreter."""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import gc
import io
import os
import random
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

if __package__:  # looked at as part of the package
    from .fork_imports import WITH_THE_SHELL, Imports
else:  # run as a script, without the package
    from fork_imports import WITH_THE_SHELL, Imports

INLINE = "module://matplotlib_inline.backend_inline"  # as ipykernel sets it
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


class Unfit(Exception):
    """Say that an import did something a parent of kernels must not have done."""


class Heard(io.StringIO):
    """Stand for a kernel's output: what is imported may ask it for its encoding."""

    encoding = "UTF-8"


def quietly(action: Callable[[], object], name: str, imports: Imports) -> set[str]:
    """Do something that must neither print, warn, start a thread nor make a temporary file.

    Returns what asked for the shell, and is forgotten now: the kernels import it themselves.
    """
    heard = Heard()
    outer = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = heard
    try:
        with imports.recorded(), _shell_watched() as asked, _no_temporary_files(name):
            action()
    finally:
        sys.stdout, sys.stderr = outer
    if heard.getvalue():
        raise Unfit(f"{name}\nit writes {heard.getvalue()[:200]!r}")
    if len(os.listdir("/proc/self/task")) != 1:
        raise Unfit(f"{name}\nit starts a thread")
    gone = [module for package in asked - WITH_THE_SHELL.keys() for module in _forget(package, name, imports)]
    return {module for module in gone if "." not in module}


@contextlib.contextmanager
def _no_temporary_files(name: str) -> Iterator[None]:
    """Refuse temporary files: all kernels would share them, and the first one to end would remove them."""
    real = tempfile.mkdtemp, tempfile.mkstemp

    def refused(*_: object, **__: object) -> NoReturn:
        raise Unfit(f"{name}\nit makes a temporary file")

    tempfile.mkdtemp = tempfile.mkstemp = refused
    try:
        yield
    finally:
        tempfile.mkdtemp, tempfile.mkstemp = real


@contextlib.contextmanager
def reading_watched(read: dict[str, int]) -> Any:
    """Notice which files are opened for reading, and their time of change: what is kept of them must not grow old."""
    real_open = io.open

    def noticing_open(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        opened = real_open(file, mode, *rest, **options)
        if isinstance(file, str | bytes | os.PathLike) and not set(mode) & set("wax+"):
            read.setdefault(os.path.abspath(os.fsdecode(file)), os.fstat(opened.fileno()).st_mtime_ns)
        return opened

    io.open = builtins.open = noticing_open
    try:
        yield
    finally:
        io.open = builtins.open = real_open
        for path in [
            path for path in read if path.startswith(("/proc/", "/sys/", "/dev/")) or not os.path.isfile(path)
        ]:
            del read[path]  # these change or vanish by themselves


@contextlib.contextmanager
def _shell_watched() -> Iterator[set[str]]:
    """Notice who looks for IPython's shell; to what it is called (`get_ipython` in a cell) answer as a kernel would."""
    asked: set[str] = set()
    known = sys.modules.get("IPython.core.interactiveshell")
    if known is None:
        yield asked
        return
    shell, real = known.InteractiveShell, known.InteractiveShell.__dict__.get("initialized")
    shell.initialized = classmethod(lambda _cls: bool(asked.add(_asker())))
    names = {"get_ipython": lambda: ZMQInteractiveShell(asked), "__IPYTHON__": True}
    builtins.__dict__.update(names)
    try:
        yield asked
    finally:
        for name in names:
            del builtins.__dict__[name]
        if real is None:
            del shell.initialized
        else:
            shell.initialized = real


class ZMQInteractiveShell:
    """Stand for the kernel's shell: it is one, it has a kernel (pandas asks), and who asks for more is noticed."""

    __module__ = "ipykernel.zmqshell"
    kernel = None

    def __init__(self, asked: set[str]) -> None:
        self._asked = asked

    def __getattr__(self, name: str) -> NoReturn:
        """Note who asks."""
        self._asked.add(_asker())
        raise AttributeError(name)


def _asker() -> str:
    """Name the package that looks for the shell."""
    frame = sys._getframe(2)
    while frame is not None:
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package not in ("IPython", __name__, Imports.__module__):
            return package
        frame = frame.f_back
    return ""


def _forget(package: str, name: str, imports: Imports) -> list[str]:
    """Let the kernels import a package that looked for the shell again themselves; compiled parts cannot be."""
    modules = dict(sys.modules)
    gone = imports.forget(package)
    if any(str(getattr(modules[key], "__file__", "")).endswith(".so") for key in gone):
        raise Unfit(f"{name}\nit asks for the shell")
    return gone


def _warm_shell() -> None:
    """Compile what IPython compiles for its first cell."""
    from IPython.core.inputtransformer2 import TransformerManager

    TransformerManager().transform_cell("x = 1\n%time x\n")


def _warm_matplotlib() -> None:
    """Find the fonts and draw one small figure, without pyplot and its state."""
    if "matplotlib.figure" not in sys.modules:
        return
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3, 2))
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([2021, 2022, 2023], [1.5, 2.5, 3.5], "o--", label="Quảng Ninh")
    axes.set(title="Tỷ trọng", xlabel="x", ylabel="y")
    axes.legend()
    axes.annotate("9,96", (2022, 2.5))
    canvas.print_figure(io.BytesIO(), format="png", bbox_inches="tight")


def _warm_pandas() -> None:
    """Read, group and show one small table."""
    if "pandas" not in sys.modules:
        return
    import pandas as pd

    table = pd.read_csv(io.StringIO("a,b\nx,1.5\ny,2\n"))
    table.groupby("a", as_index=False)["b"].mean().merge(table, on="a").sort_values("a")._repr_html_()
    table.describe().to_string()


def _warm_statsmodels() -> None:
    """Parse one formula and fit one line."""
    if "statsmodels.formula.api" not in sys.modules:
        return
    import pandas as pd
    import statsmodels.formula.api as formulas

    table = pd.DataFrame({"y": [1.0, 2.1, 2.9, 4.2], "x": [1.0, 2.0, 3.0, 4.0]})
    formulas.ols("y ~ x", table).fit().params.to_string()


WARM_UPS = (_warm_shell, _warm_matplotlib, _warm_pandas, _warm_statsmodels)


def become(server: Any, request: dict[str, Any], files: tuple[int, int], parent: int, lesson: int) -> None:
    """Become a kernel; never return."""
    try:
        os.setsid()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        _first_to_go()
        if os.getppid() != parent:
            os._exit(1)  # the parent died before it could be watched
        _own_files(server, files)
        server.imports.put_away()  # what the server itself has imported since (`os.wait4` imports `resource`)
        _own_state(server, request)
        known = {*sys.modules, *server.imports.away}
        _kernel(request["argv"])
        _leave(known, lesson, server.learns)
    except BaseException:
        # Last resort of a process without a caller: say it where a normal kernel would.
        os.write(2, traceback.format_exc().encode())
    os._exit(1)


def _first_to_go() -> None:
    """When memory runs out, let the system end this kernel and not the runner of the batch."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("500")
    except OSError:
        pass  # not allowed here: the system then chooses by size alone


def _own_files(server: Any, files: tuple[int, int]) -> None:
    """Keep only the three standard files; the sockets of this process belong to the owner and to other kernels."""
    signal.set_wakeup_fd(-1)
    null = os.open(os.devnull, os.O_RDWR)
    for source, target in zip((null, *files), (0, 1, 2), strict=True):
        os.dup2(source, target)
    connections = [server.control, *(kernel.connection for kernel in server.kernels.values())]
    pipes = [kernel.lessons for kernel in server.kernels.values()]
    # Detached, lest the objects close these numbers again when other files have them.
    for number in [null, *files, *server.wake, *pipes, *(connection.detach() for connection in connections)]:
        os.close(number)
    server.kernels.clear()


def _own_state(server: Any, request: dict[str, Any]) -> None:
    """Give the process the environment, folder, signals and seeds that a new interpreter would have."""
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            try:
                signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
            except (OSError, ValueError):
                continue  # kept by the C library
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)  # as Python itself does
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.environ.clear()
    os.environ.update({**server.set_by_imports, **request["env"]})
    os.umask(request["umask"])
    os.chdir(request["cwd"])
    time.tzset()
    sys.path[:] = server.path
    modules = {**server.imports.away, **sys.modules}
    _seeds(modules)
    _blas_threads(request["env"])
    if request["env"].get("MPLBACKEND"):
        use_backend(modules, request["env"]["MPLBACKEND"])
    gc.enable()


def _kernel(argv: list[str]) -> None:
    """Run IPython's kernel until it is asked to end."""
    import runpy  # noqa: F401  (with which the interpreter of a cold kernel has started it)

    import ipykernel
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = [os.path.join(os.path.dirname(os.path.dirname(ipykernel.__file__)), "ipykernel_launcher.py"), *argv]
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(argv)
    # A child that has ended but that nobody has waited for needs no killing; ipykernel would try for 14 seconds.
    children = app.kernel._process_children
    app.kernel._process_children = lambda: [child for child in children() if child.status() != "zombie"]
    app.start()
    # The control thread has just asked the main loop to stop and is still answering the request to end.
    if app.control_thread is not None:
        app.control_thread.join(1)


def _leave(known: set[str], lesson: int, learns: frozenset[str]) -> None:
    """Do what an interpreter does at its end, and go; the parent's memory is not torn down."""
    import atexit

    try:
        new = [name for name in sys.modules if name not in known and name.partition(".")[0] in learns]
        os.set_blocking(lesson, False)
        os.write(lesson, "\n".join(new).encode()[: 1 << 16])
    except BlockingIOError:
        pass  # too much to tell: the next kernel imports it again
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue  # closed already
    os._exit(0)


def _seeds(modules: Mapping[str, Any]) -> None:
    """Give every random generator that is loaded a seed of its own."""
    random.seed()
    for name in ("numpy.random", "torch"):
        if name in modules:
            modules[name].seed()


def _blas_threads(environment: dict[str, str]) -> None:
    """Let OpenBLAS, held to one thread until the fork, have as many as its environment variable says."""
    wanted = environment.get("OPENBLAS_NUM_THREADS") or environment.get("OMP_NUM_THREADS") or str(_cores())
    if wanted == "1" or not wanted.isdigit():
        return
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        files = {line.split(maxsplit=5)[5].strip() for line in maps if "openblas" in line and line.count("/")}
    for file in files:
        library = ctypes.CDLL(file)
        for name in ("scipy_openblas_set_num_threads64_", "scipy_openblas_set_num_threads", "openblas_set_num_threads"):
            if hasattr(library, name):
                getattr(library, name)(int(wanted))


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def use_backend(modules: Mapping[str, Any], backend: str) -> None:
    """Name the backend of figures, if matplotlib is loaded."""
    if "matplotlib" in modules:
        dict.__setitem__(modules["matplotlib"].rcParams, "backend", backend)  # not looked up: that imports modules


def installed(module: Any) -> bool:
    """Tell an installed or built-in module from a file of the user's own."""
    file = getattr(module, "__file__", None)
    return file is None or "-packages" in file or file.startswith(os.path.dirname(os.__file__))


def prctl(option: int, value: int) -> None:
    """Ask the kernel of the system for something about this process."""
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def children() -> list[int]:
    """Return the processes that have this one as their parent."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def kill_group(pid: int) -> None:
    """End a kernel and what it started; what is gone already is no error."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        with contextlib.suppress(ProcessLookupError):  # or nothing is left of it
            os.kill(pid, signal.SIGKILL)  # forked a moment ago, no session of its own yet
