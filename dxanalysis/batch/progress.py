"""Tell how far a batch is: a live line on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from typing import Any, Protocol


class Progress(Protocol):
    """What the runner tells, and when."""

    def begin(self, total: int, jobs: int) -> None:
        """Say how many runs there are and how many go at a time."""

    def started(self, output: str, attempt: int) -> None:
        """Say that a run begins."""

    def finished(self, output: str, status: str, seconds: float, error: str) -> None:
        """Say how a run ended."""

    def say(self, message: str) -> None:
        """Pass on a message."""

    def end(self) -> None:
        """Leave the terminal in order."""


class Counts:
    """Count runs and estimate the time left from the runs that are done."""

    def __init__(self, total: int, jobs: int) -> None:
        self.total, self.jobs = total, max(1, jobs)
        self.done = self.failed = 0
        self.running: dict[str, float] = {}
        self.began = time.monotonic()

    def finish(self, output: str, status: str) -> None:
        """Count one finished run."""
        self.running.pop(output, None)
        self.done += 1
        self.failed += status != "done"

    def seconds_left(self) -> float | None:
        """Return the estimate, None before the first run is done."""
        if not self.done:
            return None
        return (time.monotonic() - self.began) / self.done * (self.total - self.done)

    def __str__(self) -> str:
        """Return ``12/50 done, 2 running, 1 failed, about 1:40 left``."""
        parts = [f"{self.done}/{self.total} done"]
        parts += [f"{len(self.running)} running"] if self.running else []
        parts += [f"{self.failed} failed"] if self.failed else []
        left = self.seconds_left()
        parts += [f"about {clock(left)} left"] if left and self.done < self.total else []
        return ", ".join(parts)


def clock(seconds: float) -> str:
    """Write a duration as people read it.

    >>> clock(7.2), clock(100), clock(4000)
    ('0:07', '1:40', '1:06:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Lines:
    """Write one line per finished run; for logs and pipes."""

    def __init__(self, stream: Any = None) -> None:
        self.stream = stream or sys.stderr
        self.counts = Counts(0, 1)

    def begin(self, total: int, jobs: int) -> None:
        """Say how many runs there are."""
        self.counts = Counts(total, jobs)

    def started(self, output: str, attempt: int) -> None:
        """Count the run; say so only when it is tried again."""
        self.counts.running[output] = time.monotonic()
        if attempt > 1:
            self.say(f"again   {output} (attempt {attempt})")

    def finished(self, output: str, status: str, seconds: float, error: str) -> None:
        """Write how the run ended and what is left."""
        self.counts.finish(output, status)
        self.say(f"{status:<7} {output} ({seconds:.1f} s){': ' + error if error else ''} [{self.counts}]")

    def say(self, message: str) -> None:
        """Write a line."""
        print(message, file=self.stream, flush=True)

    def end(self) -> None:
        """Nothing is left open."""


class Live:
    """Keep one line with bar, counts and time left at the foot of the terminal; failures scroll above it."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        self.counts = Counts(0, 1)
        self.bar = Bar(
            BarColumn(bar_width=24), TextColumn("{task.description}"), console=Console(stderr=True), transient=True
        )

    def begin(self, total: int, jobs: int) -> None:
        """Draw the bar."""
        self.counts = Counts(total, jobs)
        self.task = self.bar.add_task("", total=total)
        self.bar.start()

    def started(self, output: str, attempt: int) -> None:
        """Show the run as running."""
        self.counts.running[output] = time.monotonic()
        self._show()

    def finished(self, output: str, status: str, seconds: float, error: str) -> None:
        """Move the bar; a failure stays on the screen."""
        self.counts.finish(output, status)
        if status != "done":
            self.say(f"{status} {output}: {error}")
        self._show()

    def say(self, message: str) -> None:
        """Write a line above the bar."""
        self.bar.console.print(message, markup=False, highlight=False)

    def end(self) -> None:
        """Take the bar away."""
        self.bar.stop()

    def _show(self) -> None:
        longest = max(self.counts.running, key=lambda output: -self.counts.running[output], default="")
        self.bar.update(self.task, completed=self.counts.done, description=f"{self.counts}  {longest}")


class Silent:
    """Say nothing."""

    def begin(self, total: int, jobs: int) -> None:
        """Say nothing."""

    def started(self, output: str, attempt: int) -> None:
        """Say nothing."""

    def finished(self, output: str, status: str, seconds: float, error: str) -> None:
        """Say nothing."""

    def say(self, message: str) -> None:
        """Say nothing."""

    def end(self) -> None:
        """Say nothing."""


def choose(wanted: bool | Progress) -> Progress:
    """Return the display to use: none, a live line on a terminal, plain lines elsewhere, or the caller's own."""
    if wanted is False:
        return Silent()
    if wanted is not True:
        return wanted
    return Live() if sys.stderr.isatty() else Lines()
