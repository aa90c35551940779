"""Turn planned runs into jobs and rows of the manifest, and outcomes into the ends of those rows."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

from . import storage
from .digests import RUNNER_VERSION
from .execute import Job, Outcome
from .plan import PlannedRun

NAMED_PACKAGES = ("papermill", "nbclient", "ipykernel", "pandas", "numpy", "matplotlib", "seaborn", "statsmodels")


def row_of(batch: Any, planned: PlannedRun, attempt: int) -> dict[str, Any]:
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
    names = ("status", "cause", "cell", "error", "seconds", "cpu_seconds", "peak_mb", "outputs", "kept")
    ending = {name: getattr(outcome, name) for name in names}
    return {**ending, "kernel": outcome.kernel} if outcome.kernel else ending


def job_of(batch: Any, planned: PlannedRun) -> Job:
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
