"""Tell how a batch goes: progress on a terminal, a log file, and the table of results."""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .manifest import read_manifest
from .storage import fetch_manifest, is_url, mirror

LOGS = "_logs"
KEPT = 20  # the newest files; older ones are removed
OUR_LOG = re.compile(r"\d{8}-\d{6}(?:-[0-9a-f]{4})?")  # as a batch is named: by the time, and by chance
HIDDEN = "***"
SECRET_NAME = re.compile(r"KEY|SECRET|TOKEN|PASSW|CREDENTIAL", re.IGNORECASE)
IN_URL = re.compile(r"(?<=://)[^/@\s]+(?=@)")
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\].*?(?:\x07|\x1b\\)")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
SHORTEST = 6  # characters; a shorter value would hide harmless text
STATUS_COLUMNS = ("output", "notebook", "status", "attempt", "seconds", "peak_mb", "started", "cause", "error")


class Progress:
    """What the runner tells, and when; this one says nothing, and displays of other kinds derive from it."""

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


_SURE_AFTER = 2  # runs: after one, "about 17:03 left" stood where five minutes were true


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
        self.done += status != "interrupted"
        self.failed += status == "failed"

    def seconds_left(self) -> float | None:
        """Return the estimate, None before two runs are done: the first one pays for what the others find ready."""
        if self.done < _SURE_AFTER:
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


class Lines(Progress):
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


class Live(Progress):
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


def choose(wanted: bool | Progress) -> Progress:
    """Return the display to use: none, a live line on a terminal, plain lines elsewhere, or the caller's own."""
    if wanted is False:
        return Progress()
    if wanted is not True:
        return wanted
    return Live() if sys.stderr.isatty() else Lines()


class BatchLog(logging.FileHandler):
    """A log file that never stops the batch: when it cannot be written, it falls silent and keeps the reason."""

    def __init__(self, path: Path, secrets: Mapping[str, str]) -> None:
        super().__init__(path, encoding="utf-8")
        self.lost = ""
        self.setFormatter(OneLine(secrets))

    def handleError(self, record: logging.LogRecord) -> None:
        """Keep the reason; logging itself would print a traceback for each line."""
        import sys

        self.lost = self.lost or str(sys.exc_info()[1])


class OneLine(logging.Formatter):
    """Write a record as one line: time in UTC, level, message; no colours, no control characters, no secrets."""

    converter = time.gmtime

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__("%(asctime)sZ %(levelname)-7s %(message)s", "%Y-%m-%dT%H:%M:%S")
        found = [value for name, value in environment.items() if SECRET_NAME.search(name) and len(value) >= SHORTEST]
        self.secrets = sorted(found, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        text = CONTROL.sub(" ", ANSI.sub("", super().format(record)))
        for secret in self.secrets:
            text = text.replace(secret, HIDDEN)
        return IN_URL.sub(HIDDEN, text)


@contextmanager
def batch_log(out: Path, name: str, environment: Mapping[str, str]) -> Iterator[logging.Logger]:
    """Give the log of one batch; its file is ``_logs/<name>.log`` in the output folder.

    Parameters
    ----------
    out : Path
        Output folder.
    name : str
        Of the batch.
    environment : mapping
        Environment variables of the kernels; the values of those that are called a key, secret, token, password or
        credential never appear in the file, nor do those of this process.
    """
    folder = out / LOGS
    folder.mkdir(parents=True, exist_ok=True)
    handler = BatchLog(folder / f"{name}.log", {**os.environ, **environment})
    logger = logging.Logger(f"{__package__}.{name}", logging.INFO)  # not registered: batches come and go
    logger.parent = logging.getLogger(__package__)
    logger.addHandler(handler)
    try:
        yield logger
    finally:
        logger.removeHandler(handler)
        _close(handler)
        forget_old(folder)
        if handler.lost:
            logger.warning("The log %s is not complete: %s", handler.baseFilename, handler.lost)


def forget_old(folder: Path) -> None:
    """Keep the newest log files of batches; their names begin with the time."""
    for path in sorted(path for path in folder.glob("*.log") if OUR_LOG.fullmatch(path.stem))[:-KEPT]:
        path.unlink(missing_ok=True)


def _close(handler: BatchLog) -> None:
    try:
        handler.close()
    except OSError as error:  # the disk is full: the last lines are lost, the results are not
        handler.lost = handler.lost or str(error)


@dataclass(frozen=True)
class Failure:
    """Describe a run that failed.

    Attributes
    ----------
    output, notebook : str
        Its folder and its notebook.
    parameters : dict
        Those that differ from the notebook's defaults.
    cause : str
        Kind of failure.
    cell : int or None
        Number of the code cell.
    error : str
        Last line of the error.
    kept : str
        Where the notebook with the marked cell stands, relative to the output folder.
    """

    output: str
    notebook: str
    parameters: dict[str, Any]
    cause: str
    cell: int | None
    error: str
    kept: str = ""


@dataclass(frozen=True)
class Result:
    """Hold how a batch ended.

    Attributes
    ----------
    out : Path
        Output folder.
    done, skipped, interrupted : tuple of str
        Folders of the runs that were done, were up to date, or were not finished because the user stopped.
    failures : tuple of Failure
        The others.
    seconds, cpu_seconds : float
        Wall time of the batch and processor time of all its kernels.
    """

    out: Path
    done: tuple[str, ...]
    skipped: tuple[str, ...]
    interrupted: tuple[str, ...]
    failures: tuple[Failure, ...]
    seconds: float
    cpu_seconds: float

    @property
    def exit_code(self) -> int:
        """Return 0 when every run is done or up to date, 1 after failures, 130 after Ctrl-C."""
        return 130 if self.interrupted else 1 if self.failures else 0

    def failures_table(self) -> str:
        """Return the failures as text: notebook, parameters, cell, last line of the error, where it is kept."""
        rows = [
            {
                "notebook": failure.notebook,
                "parameters": ", ".join(f"{name}={value}" for name, value in failure.parameters.items()) or "defaults",
                "cell": "" if failure.cell is None else failure.cell,
                "cause": failure.cause,
                "error": failure.error,
                "kept in": failure.kept and str(self.out / failure.kept),
            }
            for failure in self.failures
        ]
        return table(rows)

    def __str__(self) -> str:
        """Return one line with the counts, and the failures below it."""
        counts = [
            (len(self.done), "done"),
            (len(self.skipped), "up to date"),
            (len(self.failures), "failed"),
            (len(self.interrupted), "not finished"),
        ]
        line = ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing to run"
        return "\n".join([f"{line} in {self.seconds:.1f} s", *([self.failures_table()] if self.failures else [])])


@dataclass(frozen=True)
class Status:
    """Hold the newest attempt of every run under an output folder; printed, it is a table.

    Attributes
    ----------
    out : Path
        Output folder.
    rows : tuple of dict
        Sorted by output; columns output, notebook, status (done, failed, interrupted, lost, running), attempt,
        seconds, peak_mb, started, cause, error.
    """

    out: Path
    rows: tuple[dict[str, Any], ...]

    def __str__(self) -> str:
        """Return one line per run and a total."""
        return _status_table(self.rows, self.out)


def status(out: str | Path) -> Status:
    """Return how every run under an output folder, or under a URL, ended the last time."""
    folder = Path(out)
    if is_url(out):
        folder = mirror(str(out))
        fetch_manifest(str(out), folder)
    rows = read_manifest(folder)
    return Status(folder, tuple({name: row[name] for name in STATUS_COLUMNS} for row in rows))


def _status_table(rows: Sequence[Mapping[str, Any]], out: Path) -> str:
    shown = [{n: row[n] for n in ("status", "output", "seconds", "started", "error")} for row in rows]
    counts = Counter(row["status"] for row in rows)
    total = ", ".join(f"{count} {what}" for what, count in counts.most_common())
    return "\n".join(
        part for part in (table(shown), f"{len(rows)} runs in {out}: {total}" if rows else f"No runs in {out}.") if part
    )


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as aligned text.

    >>> print(table([{"a": 1.25, "b": "x"}, {"a": 10.0, "b": None}]))
    a     b
    1.2   x
    10.0
    """
    if not rows:
        return ""
    lines = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    wide = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(_joined(line, wide) for line in lines)


def _joined(line: Iterable[str], wide: Iterable[int]) -> str:
    return "  ".join(f"{text:<{width}}" for text, width in zip(line, wide, strict=True)).rstrip()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if isinstance(value, float) else str(value)
