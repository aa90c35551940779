"""Do the runs of a batch on other machines with dask.distributed; the job is the same function as here."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any

from .dependencies import FileDigests, environment_digest
from .errors import BatchError, MissingExtra
from .execute import Job, Outcome, perform
from .notebooks import home
from .processes import WATCHER

ROOT = "BATCH_ROOT"  # on a worker: where the project stands, when not under the same path as here
# Run in each worker of this machine: a session of its own, so that Ctrl-C reaches the runner alone. Dask's workers end
# at it, and the runs that are to be finished would wait for workers that are gone.
APART = "import os\nif os.getsid(0) != os.getpid():\n    os.setsid()\n"
GONE = ("closing", "closed")  # states of a client that will not connect again
MOMENT, PATIENCE = 3, 60  # seconds without a worker until it is said, and until nobody waits any more
GRACE = 5  # seconds for workers to end their runs before the batch ends without their word
PERIOD = 1.0  # seconds between two looks at the workers
GO_ON = "Then run the same command: it does what is missing."
LOG = logging.getLogger(__package__)


class Cluster:
    """Perform jobs on the workers of a Dask scheduler.

    Parameters
    ----------
    address : str
        Of the scheduler, ``tcp://host:8786``; empty for a cluster of `workers` processes on this machine.
    workers : int
        Number of worker processes of such a local cluster.
    root : str
        Folder of the project here; a worker looks for its own copy under ``BATCH_ROOT``.

    Raises
    ------
    MissingExtra
        When dask.distributed is not installed.
    BatchError
        When the scheduler cannot be reached, or has no worker for a minute.
    """

    def __init__(self, address: str = "", workers: int = 0, root: str = "") -> None:
        distributed = _distributed()
        self.root = root or os.getcwd()
        self.local = None if address else _local_cluster(distributed, workers)
        self.address = address or self.local.scheduler_address
        self.waiting: dict[Future[Outcome], Any] = {}  # with Dask's own futures, or it would forget the work
        self.lost = ""  # why no job can be done any more
        self._quiet = ExitStack()  # what Dask logs of a lost connection is told here, in one sentence
        self._lock, self._closing = threading.Lock(), threading.Event()
        self._alone_since = self._asked_to_end = float("inf")  # moments
        self.client = self._client(distributed)
        try:
            self._await_a_worker()
            self.jobs = max(1, sum(self.client.nthreads().values()))
        except BaseException:  # Ctrl-C while it waits, too: leave no connection
            self.close()
            raise
        threading.Thread(target=self._look_after, name="cluster-watch", daemon=True).start()

    def submit(self, job: Job, stop: threading.Event) -> Future[Outcome]:
        """Send a job to a worker; Dask itself sends it to another one when that worker is lost."""
        if self.lost or self.client.status in GONE:
            raise BatchError(self.lost or f"{self._what_is_missing()} {GO_ON}")
        task = self.client.submit(perform_there, job, self.root, environment_digest(), pure=False, retries=0)
        result: Future[Outcome] = Future()
        self.waiting[result] = task
        task.add_done_callback(lambda done: self._settle(result, _outcome(done)))
        return result

    def end_all(self) -> None:
        """End the kernels that run on all workers; cancelling a task would not."""
        self._asked_to_end = min(self._asked_to_end, time.monotonic())
        threading.Thread(target=self._end_there, daemon=True).start()  # a worker may not answer
        if time.monotonic() - self._asked_to_end > GRACE or self._alone >= 0:
            self._settle_all(Outcome("interrupted"))

    def close(self) -> None:
        """Leave the scheduler as it was; end a local cluster."""
        self._closing.set()
        self.client.close()
        self._quiet.close()
        if self.local is not None:
            self.local.close()

    def _client(self, distributed: Any) -> Any:
        from distributed.utils import silence_logging_cmgr

        try:
            client = distributed.Client(self.local or self.address, timeout=20, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise BatchError(
                f"No Dask scheduler answers at {self.address}: {error}. Start one (dask scheduler) or correct it."
            ) from error
        self._quiet.enter_context(silence_logging_cmgr(logging.CRITICAL, "distributed"))
        return client

    def _await_a_worker(self) -> None:
        """Wait for the first worker, and say so where that takes longer than a moment."""
        for patience in (MOMENT, PATIENCE):
            try:
                return self.client.wait_for_workers(1, timeout=patience)
            except TimeoutError:
                if patience == MOMENT:
                    self._say_that_it_waits()
        raise BatchError(f"{self._what_is_missing()} {GO_ON}")

    def _look_after(self) -> None:
        """Say when no worker is left, and give the runs up when none comes."""
        said = False
        while not self._closing.wait(PERIOD):
            self._alone_since = float("inf") if self._workers() else min(self._alone_since, time.monotonic())
            if self._alone > MOMENT and not said:
                self._say_that_it_waits()
            said = self._alone > MOMENT
            if self._alone > PATIENCE:
                self.lost = f"{self._what_is_missing()} {GO_ON}"
                self._settle_all(Outcome("failed", "worker lost", error=self.lost))

    @property
    def _alone(self) -> float:
        """For how many seconds there has been no worker; below 0 while there is one."""
        return time.monotonic() - self._alone_since

    def _say_that_it_waits(self) -> None:
        LOG.warning("%s Waiting for %s seconds at most.", self._what_is_missing(), PATIENCE)

    def _workers(self) -> int:
        """Count the workers of the scheduler; none when it does not answer."""
        try:
            return len(self.client.nthreads()) if self.client.status == "running" else 0
        except (OSError, RuntimeError):  # the connection was lost in between: as good as none
            return 0

    def _what_is_missing(self) -> str:
        if self.client.status != "running":
            return f"The Dask scheduler at {self.address} does not answer any more. Start it again, with its workers."
        return (
            f"No worker is connected to the Dask scheduler at {self.address}. "
            f"Start one in this project's environment ('dask worker {self.address}')."
        )

    def _end_there(self) -> None:
        try:
            self.client.run(end_runs_here, on_error="ignore")
        except (OSError, RuntimeError) as error:
            LOG.info("the workers could not be told to end their runs: %s", error)

    def _settle(self, result: Future[Outcome], outcome: Outcome) -> None:
        """Give a result once: a worker, the end of all workers and the user may each have ended it."""
        with self._lock:
            task = self.waiting.pop(result, None)
        if task is not None:
            result.set_result(outcome)
            task.release()  # a worker that comes later must not do it

    def _settle_all(self, outcome: Outcome) -> None:
        for result in list(self.waiting):
            self._settle(result, outcome)


def perform_there(job: Job, root: str, environment: str) -> Outcome:
    """Perform a job on a worker, after a look whether code, data and packages are the same as at home."""
    moved = _moved(job, root)
    different = differences(moved, environment)
    if different:
        return Outcome("failed", "worker differs", error=f"on worker {_name()}: {different}")
    return perform(moved)


def differences(job: Job, environment: str) -> str:
    """Say in what this machine differs from the one that planned the job, or nothing.

    Parameters
    ----------
    job : Job
        With the digests of its files in ``provenance["inputs"]``.
    environment : str
        Digest of Python and packages where it was planned; empty to not compare.
    """
    if environment and environment_digest() != environment:
        return "Python or the installed packages differ. Make the environment from the same lock file."
    digests, folder = FileDigests(), home(job.path)
    if not folder.is_dir():
        return f"there is no folder {folder}. Put the project there, or name its place in {ROOT}."
    for name, digest in job.provenance.get("inputs", {}).items():
        if "://" in name:
            continue
        file = folder / name
        if not file.is_file():
            return f"{name} is missing. Bring code and data to the same version."
        if digests(file) != digest:
            return f"{name} differs. Bring code and data to the same version."
    return ""


def end_runs_here() -> None:
    """End the kernels of this process."""
    WATCHER.end_all("interrupted")


def _moved(job: Job, root: str) -> Job:
    """Name the notebook and the output folder as they are called on this machine."""
    here = os.environ.get(ROOT)
    if not here or here == root:
        return job
    path = os.path.join(here, os.path.relpath(job.path, root))
    inside = not os.path.relpath(job.out, root).startswith("..")
    return replace(job, path=path, out=os.path.join(here, os.path.relpath(job.out, root)) if inside else job.out)


def _outcome(done: Any) -> Outcome:
    """Read what a task of Dask gave."""
    if done.status == "finished":
        outcome: Outcome = done.result()
        return outcome
    reason = done.exception() if done.status == "error" else "the task was cancelled"
    return Outcome("failed", "worker lost", error=" ".join(str(reason).split())[:500])


def _name() -> str:
    import platform

    return f"{platform.node()}:{os.getpid()}"


def _local_cluster(distributed: Any, workers: int) -> Any:
    """Start worker processes on this machine; once more when one of them dies while it starts."""
    options: dict[str, Any] = {"n_workers": workers, "threads_per_worker": 1, "processes": True}
    if os.name == "posix":
        options["preload"] = [APART]
    problem: RuntimeError | None = None
    for _ in range(2):
        try:
            return _started(distributed, options)
        except RuntimeError as error:
            problem = error
    raise BatchError(f"The Dask workers on this machine did not start: {problem} Run it again.") from problem


def _started(distributed: Any, options: Mapping[str, Any]) -> Any:
    """Start a cluster in a thread of its own, so that Ctrl-C never meets it half-way: Dask cannot end such a one."""
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(lambda: distributed.LocalCluster(**options, dashboard_address=None, silence_logs=50))
        try:
            return starting.result()
        except KeyboardInterrupt:
            with suppress(RuntimeError):  # the terminal's Ctrl-C may have ended its workers already
                starting.result().close()
            raise


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise MissingExtra("Workers on other machines need dask.distributed. Install dxanalysis[cluster].") from error
    return distributed
