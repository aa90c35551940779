"""What a run costs beside its own work; each case in a process of its own, the result as a line of JSON.

``python -m tests.benchmarks.batch_fixed CASE NOTEBOOK OUT RUNS JOBS``
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from dxanalysis import batch
from dxanalysis.batch.plan import Plan
from dxanalysis.batch.reporting import Result

WARM_UP = 6


def runner(notebook: Path, out: Path, runs: int, jobs: int) -> dict[str, Any]:
    """Light runs after a few that warm up: processor and wall time per run, growth of the runner's memory."""
    done(plan(notebook, out / f"warm-up-{os.getpid()}", WARM_UP), jobs)
    before, began, memory = cpu(), time.monotonic(), resident()
    result = done(plan(notebook, out / f"{runs}-{jobs}", runs), jobs)
    wall = time.monotonic() - began
    return {
        "cpu_per_run": round((cpu() - before + result.cpu_seconds) / runs, 3),
        "wall_per_run": round(wall / runs, 3),
        "runner_grew_mb": round(resident() - memory, 1),
    }


def dask(notebook: Path, out: Path, runs: int, jobs: int) -> dict[str, Any]:
    """Light runs on a local Dask cluster, start of the cluster apart."""
    from dask.distributed import LocalCluster

    with LocalCluster(n_workers=jobs, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        options = {"scheduler": cluster.scheduler_address}
        done(plan(notebook, out / f"warm-up-{os.getpid()}", WARM_UP), jobs, **options)
        began = time.monotonic()
        done(plan(notebook, out / "dask", runs), jobs, **options)
        return {"wall_per_run": round((time.monotonic() - began) / runs, 3)}


def unchanged(notebook: Path, out: Path, runs: int, jobs: int) -> dict[str, Any]:
    """Plan and "run" again what the case of as many runs left behind: everything is up to date."""
    began = time.monotonic()
    again = plan(notebook, out / f"{runs}-{jobs}", runs)
    result = done(again, jobs)
    return {"seconds": round(time.monotonic() - began, 2), "up_to_date": len(result.skipped), "runs": runs}


def memory(notebook: Path, out: Path, runs: int, jobs: int) -> dict[str, Any]:
    """Private memory of a kernel forked from a fork server with the whole stack, and of the server itself."""
    from jupyter_client.manager import KernelManager

    from dxanalysis.batch import kernels

    manager = KernelManager(kernel_name="python3")
    manager.kernel_spec.metadata = {"kernel_provisioner": {"provisioner_name": kernels.PROVISIONER, "config": {}}}
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    lines = Path(f"/proc/{manager.provisioner.pid}/smaps_rollup").read_text().splitlines()
    private = sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024
    client.stop_channels()
    manager.shutdown_kernel()
    return {"private_mb": round(private, 1)}


def plan(notebook: Path, out: Path, runs: int) -> Plan:
    """Plan as many runs."""
    return batch.plan(notebook, {"year": f"3001-{3000 + runs}"}, out=out, template="{year}/{notebook}")


def done(planned: Plan, jobs: int, **options: Any) -> Result:
    """Carry out a plan and insist on success."""
    result = batch.run(planned, jobs=jobs, kernel="warm", progress=False, **options)
    if result.exit_code:
        raise SystemExit(str(result))
    return result


def cpu() -> float:
    """Processor seconds of this process alone; kernels keep their own accounts."""
    times = os.times()
    return times.user + times.system


def resident() -> float:
    """Resident memory of this process in megabytes."""
    return psutil.Process().memory_info().rss / 1e6


if __name__ == "__main__":
    case, notebook, out, runs, jobs = sys.argv[1:6]
    print(json.dumps(globals()[case](Path(notebook), Path(out), int(runs), int(jobs))))
