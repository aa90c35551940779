"""Let Ctrl-C and the system's request to end reach a batch, in place of breaking it anywhere."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .progress import Progress

AT_ONCE = ("SIGTERM", "SIGHUP")  # asked to end by the system, or the terminal has gone
AGAIN = 0.5  # seconds after which runs are ended again: one may have been starting the first time


class Stop:
    """Know whether, and how urgently, the user wants to stop.

    Parameters
    ----------
    progress : Progress
        Where the user is told.
    backend : object
        Whose running notebooks are ended.

    Notes
    -----
    The signal handlers only count: a handler may interrupt anything, a print or a lock included. The runner's loop
    does what was asked for.
    """

    def __init__(self, progress: Progress, backend: Any) -> None:
        self.progress, self.backend = progress, backend
        self.times = 0
        self.now = threading.Event()
        self._said = False
        self._ended = float("-inf")

    def ask(self, *_: object) -> None:
        """Count one Ctrl-C: the first finishes what runs, the second ends it."""
        self.times += 1

    def ask_at_once(self, *_: object) -> None:
        """Ask for the end of all running notebooks."""
        self.times = max(self.times + 1, 2)

    def heed(self) -> None:
        """Do what was asked for since the last look."""
        if self.times == 1 and not self._said:
            self._said = True
            self.progress.say("Stopping: the running notebooks are finished first. Ctrl-C again ends them now.")
        if self.times >= 2 and time.monotonic() - self._ended >= AGAIN:
            self.now.set()
            self._ended = time.monotonic()
            self.backend.end_all()


@contextmanager
def heeding(stop: Stop) -> Iterator[Stop]:
    """Let signals reach `stop` for a while; outside the main thread Python allows no handlers."""
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    wanted = {signal.SIGINT: stop.ask}
    wanted |= {getattr(signal, name): stop.ask_at_once for name in AT_ONCE if hasattr(signal, name)}
    before = {number: signal.signal(number, handler) for number, handler in wanted.items() if _heard(number)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _heard(number: int) -> bool:
    """Whether a signal is not ignored on purpose, as ``nohup`` does with SIGHUP."""
    return number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN
