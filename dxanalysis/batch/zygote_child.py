"""Become a kernel after the fork: what a new interpreter would have, given back one by one."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import threading
import time
import traceback
from typing import Any

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def become(zygote: Any, request: dict[str, Any], files: tuple[int, int], parent: int, lesson: int) -> None:
    """Become a kernel; never return."""
    try:
        os.setsid()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        _first_to_go()
        if os.getppid() != parent:
            os._exit(1)  # the parent died before it could be watched
        _own_files(zygote, files)
        _own_state(zygote, request)
        before = set(sys.modules)
        _kernel(request["argv"])
        _leave(before, lesson)
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


def _own_files(zygote: Any, files: tuple[int, int]) -> None:
    """Keep only the three standard files; the sockets of this process belong to the owner and to other kernels."""
    signal.set_wakeup_fd(-1)
    null = os.open(os.devnull, os.O_RDWR)
    for source, target in zip((null, *files), (0, 1, 2), strict=True):
        os.dup2(source, target)
    connections = [zygote.control, *(kernel.connection for kernel in zygote.kernels.values())]
    pipes = [kernel.lessons for kernel in zygote.kernels.values()]
    # Detached, lest the objects close these numbers again when other files have them.
    for number in [null, *files, *zygote.wake, *pipes, *(connection.detach() for connection in connections)]:
        os.close(number)
    zygote.kernels.clear()


def _own_state(zygote: Any, request: dict[str, Any]) -> None:
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
    os.environ.update({**zygote.set_by_imports, **request["env"]})
    os.umask(request["umask"])
    os.chdir(request["cwd"])
    time.tzset()
    sys.path[:] = zygote.path
    _seeds()
    _blas_threads(request["env"])
    _matplotlib_backend(request["env"])
    for module in list(sys.modules.values()):
        getattr(module, "__warningregistry__", {}).clear()
    gc.enable()


def _kernel(argv: list[str]) -> None:
    """Run IPython's kernel until it is asked to end."""
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher.py", *argv]
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(argv)
    # A child that has ended but that nobody has waited for needs no killing; ipykernel would try for 14 seconds.
    children = app.kernel._process_children
    app.kernel._process_children = lambda: [child for child in children() if child.status() != "zombie"]
    app.start()
    # The control thread has just asked the main loop to stop and is still answering the request to end.
    if app.control_thread is not None:
        app.control_thread.join(1)


def _leave(before: set[str], lesson: int) -> None:
    """Do what an interpreter does at its end, and go; the parent's memory is not torn down."""
    import atexit

    try:
        new = [name for name in sys.modules if name not in before and installed(sys.modules[name])]
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


def _seeds() -> None:
    """Give every random generator that is loaded a seed of its own."""
    import random

    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    if "torch" in sys.modules:
        sys.modules["torch"].seed()


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


def _matplotlib_backend(environment: dict[str, str]) -> None:
    """Name the backend as matplotlib would have done at import; IPython's inline one unless the environment says."""
    if "matplotlib" in sys.modules:
        backend = environment.get("MPLBACKEND") or "module://matplotlib_inline.backend_inline"
        sys.modules["matplotlib"].rcParams["backend"] = backend


def installed(module: Any) -> bool:
    """Tell an installed or built-in module from a file of the user's own."""
    file = getattr(module, "__file__", None)
    return file is None or "-packages" in file or file.startswith(os.path.dirname(os.__file__))


def prctl(option: int, value: int) -> None:
    """Ask the kernel of the system for something about this process."""
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
