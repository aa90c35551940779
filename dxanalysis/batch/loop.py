"""Carry a batch through: start what is due, collect what ends, try again what may be tried again."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import platform
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from . import storage
from .dependencies import RUNNER_VERSION
from .execute import Job, Outcome, perform
from .manifest import Manifest
from .plan import Plan, PlannedRun
from .processes import WATCHER
from .reporting import Progress

NAMED_PACKAGES = ("papermill", "nbclient", "ipykernel", "pandas", "numpy", "matplotlib", "seaborn", "statsmodels")


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


def row_of(batch: Batch, planned: PlannedRun, attempt: int) -> dict[str, Any]:
    """Return what the manifest says of a run when it begins."""
    return {
        "batch": batch.name,
        "notebook": portable_name(planned.notebook.path),
        "parameters": planned.parameters,
        "attempt": attempt,
        "reason": planned.reason,
        "digest": planned.digest,
        "parts": planned.parts,
        "inputs": planned.inputs,
        "kernel": batch.settings.kernel,
        "versions": versions(),
    }


def ending_of(outcome: Outcome) -> dict[str, Any]:
    """Return what the manifest says of a run when it has ended."""
    names = ("status", "cause", "cell", "error", "seconds", "cpu_seconds", "peak_mb", "outputs", "kept", "opened")
    ending = {name: getattr(outcome, name) for name in names}
    return {**ending, "kernel": outcome.kernel} if outcome.kernel else ending


def job_of(batch: Batch, planned: PlannedRun) -> Job:
    """Return the job of a planned run, complete for any process."""
    settings = batch.settings
    return Job(
        path=planned.notebook.path,
        text=planned.notebook.text,
        parameters=planned.parameters,
        out=str(batch.plan.out.resolve()),
        output=planned.output,
        digest=planned.digest,
        provenance=provenance(planned),
        kernel=settings.kernel,
        preload=settings.preload,
        environment=settings.environment,
        cell_timeout=settings.cell_timeout,
        timeout=settings.timeout,
        memory_mb=settings.memory_mb,
        remote=batch.plan.remote,
        made=tuple(sorted(batch.manifest.made(planned.output))),
    )


def provenance(planned: PlannedRun) -> dict[str, Any]:
    """Return what an executed notebook says of its sources, parameters and versions; no time, no machine."""
    return {
        "notebook": portable_name(planned.notebook.path),
        "parameters": planned.parameters,
        "digest": planned.digest,
        "parts": planned.parts,
        "inputs": planned.inputs,
        "versions": versions(),
        "runner": RUNNER_VERSION,
    }


def portable_name(path: str) -> str:
    """Name a notebook from the current folder if it lies below it, else by its file name; a URL names itself.

    >>> portable_name("/somewhere/else/n.ipynb"), portable_name("notebooks/n.ipynb")
    ('n.ipynb', 'notebooks/n.ipynb')
    """
    if storage.is_url(path):
        return path
    inside = os.path.relpath(os.path.abspath(path))
    return Path(path).name if inside.startswith("..") else Path(inside).as_posix()


_VERSIONS: dict[str, str] = {}


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that shape results, as installed here."""
    if not _VERSIONS:
        _VERSIONS["python"] = platform.python_version()
        for name in NAMED_PACKAGES:
            try:
                _VERSIONS[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                continue  # a package that is not there shapes nothing
    return dict(_VERSIONS)


@dataclass(frozen=True)
class Settings:
    """What all runs of a batch have in common: see :func:`~dxanalysis.batch.runner.run`."""

    kernel: str
    preload: tuple[str, ...]
    cell_timeout: float | None
    timeout: float | None
    memory_mb: float | None
    environment: dict[str, str]


@dataclass
class Batch:
    """The state of one batch: what waits, what runs, what is over. Only the runner's own thread touches it."""

    plan: Plan
    manifest: Manifest
    settings: Settings
    stop: Stop
    log: logging.Logger
    retries: int
    causes: tuple[str, ...]
    fail_fast: bool
    name: str
    waiting: list[tuple[float, int, PlannedRun]] = field(default_factory=list)
    running: dict[Future[Outcome], tuple[PlannedRun, int, int]] = field(default_factory=dict)
    over: dict[str, Outcome] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)

    @property
    def progress(self) -> Progress:
        """What shows how far the batch is."""
        return self.stop.progress

    @property
    def closing(self) -> bool:
        """True once no new run may begin."""
        return self.stop.times > 0 or (self.fail_fast and any(o.status == "failed" for o in self.over.values()))


class Local:
    """Perform jobs in threads of this process; each has a kernel process of its own."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.pool = ThreadPoolExecutor(jobs, thread_name_prefix="run")

    def submit(self, job: Job, stop: threading.Event) -> Future[Outcome]:
        """Begin a job as soon as a thread is free."""
        return self.pool.submit(perform, job, stop)

    def end_all(self) -> None:
        """End every kernel at once."""
        WATCHER.end_all("interrupted")

    def close(self) -> None:
        """Wait for the threads to end."""
        self.pool.shutdown(wait=True)


def carry_out(batch: Batch, backend: Any, jobs: int) -> None:
    """Do all runs that are due, `jobs` at a time, on a backend such as :class:`Local`; how they ended is in `batch`."""
    batch.waiting = [(0.0, 1, planned) for planned in batch.plan.due]
    batch.progress.begin(len(batch.waiting), jobs)
    batch.log.info("begin %d runs, %d at a time, kernel %s", len(batch.waiting), jobs, batch.settings.kernel)
    try:
        while batch.running or (batch.waiting and not batch.closing):
            batch.stop.heed()
            _start_some(batch, backend, jobs)
            _collect(batch)
    except BaseException as error:
        batch.log.error("the batch ended early: %s", error)
        raise
    finally:
        if batch.running:
            batch.stop.ask_at_once()
            batch.stop.heed()
        backend.close()
        batch.progress.end()
    _log_end(batch)


def _log_end(batch: Batch) -> None:
    failed = sum(outcome.status == "failed" for outcome in batch.over.values())
    if batch.stop.times:
        batch.log.warning("stopped by the user: %d runs not begun", len(batch.waiting))
    batch.log.info("end: %d done, %d failed", sum(o.status == "done" for o in batch.over.values()), failed)


def _start_some(batch: Batch, backend: Any, jobs: int) -> None:
    now = time.monotonic()
    ready = [entry for entry in batch.waiting if entry[0] <= now]
    for entry in ready[: max(0, jobs - len(batch.running))]:
        if batch.closing:
            return
        batch.waiting.remove(entry)
        _start(batch, backend, entry[2], entry[1])


def _start(batch: Batch, backend: Any, planned: PlannedRun, attempt: int) -> None:
    number = batch.manifest.claim(planned.output, row_of(batch, planned, attempt), planned.last)
    if number is None:
        batch.elsewhere.append(planned.output)
        batch.progress.say(f"skipped {planned.output}: another runner is at it, or has done it")
        batch.log.info("skip %s: another runner is at it, or has done it", planned.output)
        return
    batch.log.info("begin %s (attempt %d, %s)", planned.output, attempt, planned.reason)
    batch.progress.started(planned.output, attempt)
    future = backend.submit(job_of(batch, planned), batch.stop.now)
    batch.running[future] = (planned, attempt, number)


def _collect(batch: Batch) -> None:
    """Wait a little for runs to end, and write down those that did."""
    done, _ = (
        wait(batch.running, timeout=0.1, return_when=FIRST_COMPLETED) if batch.running else (set(), time.sleep(0.05))
    )
    for future in done:
        planned, attempt, number = batch.running.pop(future)
        outcome = _outcome(future)
        batch.manifest.finish(number, **ending_of(outcome))
        again = outcome.cause in batch.causes and attempt <= batch.retries and not batch.closing
        _log_outcome(batch.log, planned.output, outcome, again)
        for note in outcome.notes:
            batch.progress.say(note)
            batch.log.warning("%s", note)
        if again:
            batch.waiting.append((time.monotonic() + 0.5 * 2 ** (attempt - 1), attempt + 1, planned))
            continue
        batch.over[planned.output] = replace(outcome, outputs={})  # these are in the manifest, for thousands of runs
        batch.progress.finished(planned.output, outcome.status, outcome.seconds, outcome.error)


def _log_outcome(log: logging.Logger, output: str, outcome: Outcome, again: bool) -> None:
    """Write how an attempt ended: WARNING when it is tried again or was stopped, ERROR when the run has failed."""
    if outcome.status == "done":
        used = (outcome.seconds, outcome.cpu_seconds, outcome.peak_mb, outcome.kernel)
        log.info("end   %s in %.1f s, %.1f s of processor, %.0f MB, %s kernel", output, *used)
        return
    level = logging.ERROR if outcome.status == "failed" and not again else logging.WARNING
    cell = "" if outcome.cell is None else f" in code cell {outcome.cell}"
    after = "; it is tried again" if again else f"; kept in {outcome.kept}" if outcome.kept else ""
    log.log(level, "%s %s (%s%s): %s%s", outcome.status, output, outcome.cause, cell, outcome.error, after)


def _outcome(future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except Exception as error:
        # A fault of the runner itself must not take the other runs with it; it is told as this run's failure.
        return Outcome("failed", "worker lost", error=f"{type(error).__name__}: {error}")
