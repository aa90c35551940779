"""Carry out a plan: several runs at a time, each one apart from the others, all written down in the manifest."""

from __future__ import annotations

import logging
import os
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from . import storage
from .errors import BatchError, StorageError, did_you_mean, shown
from .execute import THREAD_VARIABLES, Outcome
from .fork_client import KNOWN, ForkServer, can_fork, server_for
from .loop import Batch, Local, Settings, Stop, carry_out, heeding
from .manifest import Manifest
from .plan import Plan, PlannedRun
from .processes import sweep_sockets
from .reporting import LOGS, Failure, Progress, Result, batch_log, choose
from .sources import modules

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
RETRIED = ("kernel died", "start-up", "storage", "worker lost")
FILES, FILES_PER_RUN = 32, 28  # open files of the runner, and of each run at a time (measured: 12 and 23)
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
        Modules that warm kernels have imported beforehand, besides what the notebooks use of numpy, pandas,
        matplotlib, seaborn, statsmodels and scipy. Modules of your own must make nothing while they are imported that
        runs may not share: random generators, clocks, process ids, temporary folders, connections.
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
    preload = (*dict.fromkeys([*_modules(plan), *preload]), *warm) if kernel == "warm" else ()
    variables = {**_threads(jobs), **(environment or {})}
    settings = Settings(kernel, preload, cell_timeout, timeout, memory_mb, variables)
    if plan.due:
        check_open_files(jobs)
        storage.check_place(plan.out, (LOGS, *(run.output for run in plan.due)))
        if plan.remote:
            storage.check_url(plan.remote)
    storage.sweep(plan.out)
    sweep_sockets()
    server = _warm_up(preload, variables) if kernel == "warm" and not far and plan.due else None
    backend = _cluster(scheduler, local_cluster, plan) if far and plan.due else Local(jobs)
    stop, name = Stop(choose(progress), backend), _name()
    with heeding(stop), Manifest(plan.out) as manifest, _log(plan, name, variables) as log:
        batch = Batch(plan, manifest, settings, stop, log, retries, causes, fail_fast, name)
        carry_out(batch, backend, backend.jobs)
        for note in server.notes if server else ():
            log.warning("not done before the forks, but by each kernel: %s", note)
        if manifest.gone():
            raise StorageError(manifest.path, "it was removed while the batch ran, and with it what was written down")
    if plan.remote:
        storage.put_manifest(plan.out, plan.remote)
    return _result(plan, batch, time.monotonic() - began)


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
    """Modules of the known packages that the notebooks of a plan import, in the order of their first use."""
    notebooks = {run.notebook.path: run.notebook for run in plan.due}.values()
    return list(dict.fromkeys(name for notebook in notebooks for name in modules(notebook, KNOWN)))


def _warm_up(preload: Sequence[str], variables: Mapping[str, str]) -> ForkServer | None:
    """Let the fork server import while this process imports papermill."""
    if can_fork(["python", "-m", "ipykernel_launcher"], {}):
        return None
    return server_for(preload, {**os.environ, **variables})


def check_open_files(jobs: int) -> None:
    """Raise the limit on open files as far as it may be raised; refuse to begin where it is too low.

    Raises
    ------
    BatchError
        When so many runs at a time cannot be served; each needs sockets, pipes and files.
    """
    try:
        import resource
    except ImportError:
        return  # Windows has no such limit
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = FILES + FILES_PER_RUN * jobs
    if soft != resource.RLIM_INFINITY and soft < needed:
        if hard != resource.RLIM_INFINITY and hard < needed:
            raise BatchError(
                f"Only {soft} files may be open at once, and {jobs} runs at a time need {needed}. Raise the limit "
                "(ulimit -n 1024)" + (" or ask for fewer runs at a time." if jobs > 1 else ".")
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _is_there(plan: Plan, planned: PlannedRun) -> bool:
    return (plan.out / planned.output / f"{planned.notebook.name}.ipynb").exists()


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


def _result(plan: Plan, batch: Batch, seconds: float) -> Result:
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
    lost = tuple(output for output in done if not plan.remote and not _is_there(plan, due[output]))
    why = "the result was removed while the batch ran. Run the same command again"
    failures += tuple(
        Failure(output, due[output].notebook.name, _given(due[output]), "storage", None, why) for output in lost
    )
    done = tuple(output for output in done if output not in lost)
    return Result(plan.out, done, skipped, unfinished, failures, seconds, sum(o.cpu_seconds for o in over.values()))
