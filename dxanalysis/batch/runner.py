"""Carry out a plan: several runs at a time, each one apart from the others, all written down in the manifest."""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from . import staging, storage
from .digests import modules
from .errors import BatchError, did_you_mean, shown
from .execute import THREAD_VARIABLES, Job, Outcome, perform
from .jobs import ending_of, job_of, row_of
from .logs import batch_log
from .manifest import Manifest
from .plan import Plan, PlannedRun
from .progress import Progress, choose
from .results import Failure, Result
from .sockets import sweep_sockets
from .stopping import Stop, heeding
from .watch import WATCHER

RETRYABLE = (
    "kernel died",
    "start-up",
    "storage",
    "memory",
    "output",
    "run timeout",
    "cell timeout",
    "cell error",
    "worker lost",
    "worker differs",
    "input changed",
)
DONE_BEFORE = ("forced", "result missing")  # reasons for a run of which the manifest says that it is done
RETRIED = ("kernel died", "start-up", "storage", "worker lost")
WORTH_WARMING = 3  # runs from which a warm start pays for its own start


def run(
    plan: Plan,
    *,
    jobs: int | None = None,
    kernel: str = "auto",
    preload: Sequence[str] = (),
    warm: Sequence[str] = (),
    cell_timeout: float | None = None,
    timeout: float | None = None,
    memory_mb: float | None = None,
    retries: int = 2,
    retry_on: Sequence[str] = RETRIED,
    fail_fast: bool = False,
    environment: Mapping[str, str] | None = None,
    progress: bool | Progress = True,
    scheduler: str = "",
    local_cluster: int = 0,
) -> Result:
    """Carry out the runs of a plan that are due.

    Parameters
    ----------
    plan : Plan
        From :func:`~dxanalysis.batch.plan.plan`.
    jobs : int, optional
        Runs at a time; the number of processor cores when not given.
    kernel : str
        ``"warm"``: forked from a process that has imported `preload` (Linux); ``"cold"``: the notebook's own kernel;
        ``"auto"``: warm from three runs on; or the name of a kernelspec.
    preload : sequence of str
        Modules a warm kernel has imported beforehand; found from the notebooks when empty.
    warm : sequence of str
        Functions ``module:function`` without arguments that fill caches of your own code before kernels are forked:
        they read tables, parse settings, draw a first figure. Results must not depend on them, as a cold kernel does
        not call them. When a file that they have read changes, the next kernel comes from a new process.
    cell_timeout, timeout : float, optional
        Seconds for a cell, and for a whole run.
    memory_mb : float, optional
        Resident megabytes of a run's kernel and its children.
    retries : int
        How often a run is tried again when it ended for one of `retry_on`, after 0.5, 1, 2, ... seconds.
    retry_on : sequence of str
        Causes worth another try. An error in a cell is not one of them: it would come again.
    fail_fast : bool
        Start nothing more after the first failure.
    environment : mapping, optional
        Environment variables for the kernels.
    progress : bool or Progress
        Whether to show how far it is, or an object that does.
    scheduler : str
        Address of a Dask scheduler, ``tcp://host:8786``, whose workers do the runs (extra ``cluster``).
    local_cluster : int
        Number of worker processes of a Dask cluster on this machine.

    Returns
    -------
    Result
        What was done and what failed. A failed run never stops the others.

    Notes
    -----
    Ctrl-C once: no new run begins, the running ones are finished. Twice: they are ended at once.
    """
    causes = _checked(retry_on, retries)
    began = time.monotonic()
    kernel = _kernel(kernel, len(plan.due))
    far = bool(scheduler or local_cluster)
    jobs = max(1, min(jobs or local_cluster or cores(), len(plan.due)))
    preload = (*(preload or _modules(plan)), *warm) if kernel == "warm" else ()
    variables = {**_threads(jobs), **(environment or {})}
    settings = _Settings(kernel, preload, cell_timeout, timeout, memory_mb, variables)
    if plan.due:
        staging.check_place(plan.out)
    staging.sweep(plan.out)
    sweep_sockets()
    if kernel == "warm" and not far and plan.due:
        _warm_up(preload, variables)
    backend = _cluster(scheduler, local_cluster, plan) if far and plan.due else _Local(jobs)
    stop, name = Stop(choose(progress), backend), _name()
    with heeding(stop), Manifest(plan.out) as manifest, _log(plan, name, variables) as log:
        batch = _Batch(plan, manifest, settings, stop, log, retries, causes, fail_fast, name)
        _carry_out(batch, backend, backend.jobs)
    if plan.remote:
        storage.put_manifest(plan.out, plan.remote)
    return _result(plan, batch, time.monotonic() - began)


@dataclass(frozen=True)
class _Settings:
    kernel: str
    preload: tuple[str, ...]
    cell_timeout: float | None
    timeout: float | None
    memory_mb: float | None
    environment: dict[str, str]


@dataclass
class _Batch:
    """The state of one batch: what waits, what runs, what is over. Only the runner's own thread touches it."""

    plan: Plan
    manifest: Manifest
    settings: _Settings
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
        return self.stop.progress

    @property
    def closing(self) -> bool:
        """True once no new run may begin."""
        return self.stop.times > 0 or (self.fail_fast and any(o.status == "failed" for o in self.over.values()))


class _Local:
    """Perform jobs in threads of this process; each has a kernel process of its own."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.pool = ThreadPoolExecutor(jobs, thread_name_prefix="run")

    def submit(self, job: Job, stop: threading.Event) -> Future[Outcome]:
        return self.pool.submit(perform, job, stop)

    def end_all(self) -> None:
        WATCHER.end_all("interrupted")

    def close(self) -> None:
        self.pool.shutdown(wait=True)


def _carry_out(batch: _Batch, backend: Any, jobs: int) -> None:
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


def _log_end(batch: _Batch) -> None:
    failed = sum(outcome.status == "failed" for outcome in batch.over.values())
    if batch.stop.times:
        batch.log.warning("stopped by the user: %d runs not begun", len(batch.waiting))
    batch.log.info("end: %d done, %d failed", sum(o.status == "done" for o in batch.over.values()), failed)


def _start_some(batch: _Batch, backend: Any, jobs: int) -> None:
    now = time.monotonic()
    ready = [entry for entry in batch.waiting if entry[0] <= now]
    for entry in ready[: max(0, jobs - len(batch.running))]:
        if batch.closing:
            return
        batch.waiting.remove(entry)
        _start(batch, backend, entry[2], entry[1])


def _start(batch: _Batch, backend: Any, planned: PlannedRun, attempt: int) -> None:
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


def _collect(batch: _Batch) -> None:
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
        batch.over[planned.output] = outcome
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


def _name() -> str:
    """Name a batch by the time, so that log files sort by it, and by chance."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:4]}"


def _log(plan: Plan, name: str, environment: Mapping[str, str]) -> Any:
    """Open the log of a batch; one with nothing to do leaves none."""
    return batch_log(plan.out, name, environment) if plan.due else nullcontext(logging.getLogger(__package__))


def _cluster(scheduler: str, workers: int, plan: Plan) -> Any:
    from .cluster import Cluster

    return Cluster(scheduler, min(workers, len(plan.due)) if workers else 0)


def _modules(plan: Plan) -> list[str]:
    """Modules that the notebooks of a plan import, in the order of their first use."""
    notebooks = {run.notebook.path: run.notebook for run in plan.due}.values()
    return list(dict.fromkeys(name for notebook in notebooks for name in modules(notebook)))


def _warm_up(preload: Sequence[str], variables: Mapping[str, str]) -> None:
    """Let the zygote import while this process imports papermill."""
    from .kernels import can_fork, zygote_for

    if not can_fork(["python", "-m", "ipykernel_launcher"], {}):
        zygote_for(preload, {**os.environ, **variables})


def cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _threads(jobs: int) -> dict[str, str]:
    """Share the cores among the kernels: with more threads than cores every run gets slower."""
    share = str(max(1, cores() // jobs))
    return {name: share for name in THREAD_VARIABLES if name not in os.environ}


def _kernel(kernel: str, runs: int) -> str:
    if kernel == "auto":
        return "warm" if runs >= WORTH_WARMING else "cold"
    return kernel


def _checked(retry_on: Iterable[str], retries: int) -> tuple[str, ...]:
    for cause in retry_on:
        if cause not in RETRYABLE:
            raise BatchError(
                f"Unknown cause {cause!r} to retry on.{did_you_mean(cause, RETRYABLE)} Causes: {shown(RETRYABLE)}."
            )
    if retries < 0:
        raise BatchError(f"The number of retries must be 0 or more, got {retries}.")
    return tuple(retry_on)


def _given(planned: PlannedRun) -> dict[str, Any]:
    """Parameters that differ from the notebook's own defaults."""
    defaults = planned.notebook.defaults
    return {name: value for name, value in planned.parameters.items() if value != defaults.get(name)}


def _result(plan: Plan, batch: _Batch, seconds: float) -> Result:
    due = {planned.output: planned for planned in plan.due}
    over = batch.over
    failures = tuple(
        Failure(output, due[output].notebook.name, _given(due[output]), o.cause, o.cell, o.error, o.kept)
        for output, o in over.items()
        if o.status == "failed"
    )
    unfinished = tuple(
        output
        for output in due
        if output not in batch.elsewhere and over.get(output, Outcome("interrupted")).status == "interrupted"
    )
    skipped = tuple([planned.output for planned in plan.runs if not planned.due] + batch.elsewhere)
    done = tuple(output for output, outcome in over.items() if outcome.status == "done")
    return Result(plan.out, done, skipped, unfinished, failures, seconds, sum(o.cpu_seconds for o in over.values()))
