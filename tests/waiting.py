"""Wait for what a test needs to have happened, never for a length of time."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TypeVar

import psutil

PATIENCE = 300.0  # seconds; what is waited for comes at once on a quiet machine, late on a busy one
T = TypeVar("T")


def eventually(condition: Callable[[], T], patience: float = PATIENCE) -> T:
    """Return the first true value of `condition`; fail with its last value when none comes.

    An exception of the condition counts as not yet (a file that is not there, a server that does not listen).
    """
    end = time.monotonic() + patience
    while True:
        try:
            found, why = condition(), None
        except (OSError, psutil.Error) as error:
            found, why = None, error
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"Nothing came within {patience:.0f} s: {why or found!r}")
        time.sleep(0.02)


def ended(pid: int) -> bool:
    """Tell whether a process is gone, or has ended and only its parent has not looked yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
