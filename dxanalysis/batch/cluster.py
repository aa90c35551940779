"""Do the runs of a batch on other machines with dask.distributed; the job is the same function as here."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

from .digests import FileDigests, environment_digest
from .errors import BatchError, MissingExtra
from .execute import Job, Outcome, perform
from .watch import WATCHER

ROOT = "BATCH_ROOT"  # on a worker: where the project stands, when not under the same path as here
# Run in each worker of this machine: a session of its own, so that Ctrl-C reaches the runner alone. Dask's workers end
# at it, and the runs that are to be finished would wait for workers that are gone.
APART = "import os\nif os.getsid(0) != os.getpid():\n    os.setsid()\n"


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
        When the scheduler cannot be reached or has no workers.
    """

    def __init__(self, address: str = "", workers: int = 0, root: str = "") -> None:
        distributed = _distributed()
        self.root = root or os.getcwd()
        self.local = None
        if not address:
            self.local = _local_cluster(distributed, workers)
        try:
            self.client = distributed.Client(self.local or address, timeout=20, set_as_default=False)
            self.client.wait_for_workers(1, timeout=60)
        except (OSError, TimeoutError) as error:
            raise BatchError(
                f"No Dask scheduler with workers answers at {address or 'this machine'}: {error}."
            ) from error
        self.jobs = max(1, sum(self.client.nthreads().values()))

    def submit(self, job: Job, stop: threading.Event) -> Future[Outcome]:
        """Send a job to a worker; Dask itself sends it to another one when that worker is lost."""
        environment = environment_digest()
        task = self.client.submit(perform_there, job, self.root, environment, pure=False, retries=0)
        result: Future[Outcome] = Future()
        result.task = task  # type: ignore[attr-defined]  # kept, or Dask would forget the work
        task.add_done_callback(lambda done: _pass_on(done, result))
        return result

    def end_all(self) -> None:
        """End the kernels that run on all workers; cancelling a task would not."""
        self.client.run(end_runs_here, on_error="ignore")

    def close(self) -> None:
        """Leave the scheduler as it was; end a local cluster."""
        self.client.close()
        if self.local is not None:
            self.local.close()


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
    digests, folder = FileDigests(), Path(job.path).parent
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


def _pass_on(done: Any, result: Future[Outcome]) -> None:
    if done.status == "finished":
        result.set_result(done.result())
        return
    reason = done.exception() if done.status == "error" else "the task was cancelled"
    result.set_result(Outcome("failed", "worker lost", error=" ".join(str(reason).split())[:500]))


def _name() -> str:
    import platform

    return f"{platform.node()}:{os.getpid()}"


def _local_cluster(distributed: Any, workers: int) -> Any:
    """Start worker processes on this machine; once more when one of them dies while it starts."""
    options: dict[str, Any] = {"n_workers": workers, "threads_per_worker": 1, "processes": True}
    if os.name == "posix":
        options["preload"] = [APART]
    for attempt in (1, 2):
        try:
            return distributed.LocalCluster(**options, dashboard_address=None, silence_logs=50)
        except RuntimeError as error:
            if attempt == 2:
                raise BatchError(f"The Dask workers on this machine did not start: {error} Run it again.") from error
    return None


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise MissingExtra("Workers on other machines need dask.distributed. Install dxanalysis[cluster].") from error
    return distributed
