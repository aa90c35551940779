"""Carry a batch through: start what is due, collect what ends, try again what may be tried again."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any

from .execute import Job, Outcome, perform
from .jobs import ending_of, job_of, row_of
from .manifest import Manifest
from .plan import Plan, PlannedRun
from .progress import Progress
from .stopping import Stop
from .watch import WATCHER

DONE_BEFORE = ("forced", "result missing")  # reasons for a run of which the manifest says that it is done


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
    again = planned.reason in DONE_BEFORE or attempt > 1
    number = batch.manifest.claim(planned.output, row_of(batch, planned, attempt), again)
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
