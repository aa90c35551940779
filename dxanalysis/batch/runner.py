"""Carry out a plan: several runs at a time, each one apart from the others, all written down in the manifest."""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from . import staging, storage
from .digests import modules
from .errors import BatchError, did_you_mean, shown
from .execute import THREAD_VARIABLES, Job, Outcome, perform
from .jobs import ending_of, job_of, row_of
from .manifest import Manifest
from .plan import Plan, PlannedRun
from .progress import Progress, choose
from .results import Failure, Result
from .watch import WATCHER

RETRYABLE = (
    "kernel died",
    "start-up",
    "storage",
    "memory",
    "run timeout",
    "cell timeout",
    "cell error",
    "worker lost",
    "worker differs",
)
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
    if kernel == "warm" and not far:
        _warm_up(preload, variables)
    backend = _cluster(scheduler, local_cluster, plan) if far and plan.due else _Local(jobs)
    staging.sweep(plan.out)
    with Manifest(plan.out) as manifest, _signals(choose(progress)) as stop:
        stop.backend = backend
        batch = _Batch(plan, manifest, settings, stop, retries, causes, fail_fast)
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


class _Stop:
    """Know whether, and how urgently, the user wants to stop."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.times = 0
        self.now = threading.Event()
        self.backend: Any = None

    def ask(self, *_: object) -> None:
        """Count one Ctrl-C: the first finishes what runs, the second ends it."""
        self.times += 1
        if self.times == 1:
            self.progress.say("Stopping: the running notebooks are finished first. Ctrl-C again ends them now.")
        else:
            self.at_once()

    def at_once(self, *_: object) -> None:
        """End all running notebooks."""
        self.times = max(self.times, 2)
        self.now.set()
        self.backend.end_all()


@contextmanager
def _signals(progress: Progress) -> Any:
    """Let Ctrl-C and the system's request to end reach the batch in place of breaking it anywhere."""
    stop = _Stop(progress)
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, stop.ask),
        signal.SIGTERM: signal.signal(signal.SIGTERM, stop.at_once),
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass
class _Batch:
    """The state of one batch: what waits, what runs, what is over. Only the runner's own thread touches it."""

    plan: Plan
    manifest: Manifest
    settings: _Settings
    stop: _Stop
    retries: int
    causes: tuple[str, ...]
    fail_fast: bool
    name: str = field(default_factory=lambda: f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:4]}")
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
    try:
        while batch.running or (batch.waiting and not batch.closing):
            _start_some(batch, backend, jobs)
            _collect(batch)
    finally:
        batch.stop.at_once() if batch.running else None
        backend.close()
        batch.progress.end()


def _start_some(batch: _Batch, backend: Any, jobs: int) -> None:
    now = time.monotonic()
    ready = [entry for entry in batch.waiting if entry[0] <= now]
    for entry in ready[: max(0, jobs - len(batch.running))]:
        if batch.closing:
            return
        batch.waiting.remove(entry)
        _start(batch, backend, entry[2], entry[1])


def _start(batch: _Batch, backend: Any, planned: PlannedRun, attempt: int) -> None:
    number = batch.manifest.claim(planned.output, row_of(batch, planned, attempt))
    if number is None:
        batch.elsewhere.append(planned.output)
        batch.progress.say(f"skipped {planned.output}: another runner is at it")
        return
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
        if outcome.cause in batch.causes and attempt <= batch.retries and not batch.closing:
            batch.waiting.append((time.monotonic() + 0.5 * 2 ** (attempt - 1), attempt + 1, planned))
            continue
        batch.over[planned.output] = outcome
        batch.progress.finished(planned.output, outcome.status, outcome.seconds, outcome.error)


def _outcome(future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except Exception as error:
        # A fault of the runner itself must not take the other runs with it; it is told as this run's failure.
        return Outcome("failed", "worker lost", error=f"{type(error).__name__}: {error}")


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
