"""A runner forked from this process, which has imported everything: a :class:`subprocess.Popen` without imports."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path

from . import one_batch


class Forked:
    """Run :mod:`.one_batch` in a forked process with an environment of its own, in a process group of its own."""

    def __init__(self, settings: str, environment: Mapping[str, str], out: Path, error: Path, folder: Path) -> None:
        self.returncode: int | None = None
        import dxanalysis.batch.engine  # noqa: F401  (before the fork, for all that come)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # threads of a numerical library; there are none of Python's
            self.pid = os.fork()
        if self.pid == 0:
            _become(settings, environment, out, error, folder)
        os.setpgid(self.pid, self.pid)

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end."""
        end = time.monotonic() + (timeout if timeout is not None else 1e9)
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("one_batch", timeout or 0)
            time.sleep(0.02)
        return self.returncode or 0

    def send_signal(self, number: int) -> None:
        """Send a signal to it alone."""
        if self.poll() is None:
            os.kill(self.pid, number)


def _become(settings: str, environment: Mapping[str, str], out: Path, error: Path, folder: Path) -> None:
    """Be a process like any other that was started with this environment; never return."""
    code = 1
    try:
        os.setpgid(0, 0)
        warnings.resetwarnings()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number, path in ((1, out), (2, error)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        import tempfile

        tempfile.tempdir = None
        atexit._clear()  # what this process's parent wanted to do at its own end
        from dxanalysis.batch.fork_client import close_servers

        atexit.register(close_servers)
        sys.argv = ["one_batch", settings]
        code = one_batch.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except KeyboardInterrupt:
        traceback.print_exc()
        code = 130
    except BaseException:
        traceback.print_exc()
    finally:
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
