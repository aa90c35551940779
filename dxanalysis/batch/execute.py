"""Execute one run: start a kernel, run the notebook through papermill, put the result in place, say how it went.

:func:`perform` is the whole job: the same function runs in a thread here, or in a worker on another machine.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import storage
from .dependencies import changed_input, file_digests, what_it_opened
from .notebooks import ERROR_TAG, cleaned, home, parameterized, read_notebook, write_notebook
from .processes import RUN_DIR, Watched
from .sources import names_lead_to

if TYPE_CHECKING:
    from papermill.exceptions import PapermillExecutionError

    from .engine import Session

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

NAMED_ERROR = re.compile(r"\w*(?:Group|Error|Exception)\w*: .*")


@dataclass(frozen=True)
class Job:
    """Describe one run completely, so that any process can do it.

    Attributes
    ----------
    path, text : str
        The notebook's file and content.
    parameters : dict
        All parameters.
    out, output : str
        Output folder, and the run's folder in it.
    digest : str
        Digest of all the run depends on.
    provenance : dict
        What the executed notebook says about itself.
    kernel : str
        ``warm``, ``cold``, or the name of a kernelspec.
    preload : tuple of str
        Modules a warm kernel has imported beforehand.
    environment : dict
        Environment variables for the kernel.
    cell_timeout, timeout : float or None
        Seconds for one cell, and for the whole run from the start of its kernel.
    memory_mb : float or None
        Resident megabytes of the kernel and its children.
    start_timeout : float
        Seconds for the start of the kernel.
    remote : str
        URL under which the result goes in place of the folder `out`.
    made : tuple of str
        Files that earlier attempts at this run have left; others in its folder are somebody's own.
    """

    path: str
    text: str = field(repr=False)
    parameters: dict[str, Any]
    out: str
    output: str
    digest: str = ""
    provenance: dict[str, Any] = field(default_factory=dict, repr=False)
    kernel: str = "cold"
    preload: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    cell_timeout: float | None = None
    timeout: float | None = None
    memory_mb: float | None = None
    start_timeout: float = 60
    remote: str = ""
    made: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """Say how one attempt at a run ended.

    Attributes
    ----------
    status : str
        ``done``, ``failed`` or ``interrupted``.
    cause : str
        ``cell error``, ``cell timeout``, ``run timeout``, ``memory``, ``output``, ``kernel died``, ``start-up``,
        ``storage``, ``input changed`` or "".
    cell : int or None
        Number of the failing code cell, as Jupyter counts them.
    error : str
        Last line of the error.
    seconds, cpu_seconds, peak_mb : float
        Wall time of the run; processor time and peak resident memory of its kernel.
    kernel : str
        What ran it: ``warm`` or ``cold``.
    outputs : dict
        File -> sha256.
    kept : str
        Folder of the failed notebook.
    notes : tuple of str
        What else the user should know: files left out of the result, files of the user's own that were kept.
    opened : dict
        What the run read and imported, and in ``names`` where its imports lead; nothing where that is not known.
    """

    status: str
    cause: str = ""
    cell: int | None = None
    error: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0
    kernel: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    kept: str = ""
    notes: tuple[str, ...] = ()
    opened: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class _Failure:
    """Why a notebook did not finish, and at which of its cells if that is known."""

    cause: str
    error: str
    cell: int | None = None


def perform(job: Job, interrupted: threading.Event | None = None) -> Outcome:
    """Do one run and put its folder in place; a failure is an outcome, not an exception.

    Parameters
    ----------
    job : Job
        The run.
    interrupted : threading.Event, optional
        Set from outside to give up.

    Returns
    -------
    Outcome
        ``done``: the folder ``out/output`` holds the executed notebook and the files it left.
        ``failed``: it is as it was before, and ``out/_failed/output`` holds the notebook with the failing cell marked.
    """
    began = time.monotonic()
    watched = Watched(memory_mb=job.memory_mb or float("inf"))
    try:
        folder = storage.new_staging(Path(job.out))
    except OSError as error:
        return Outcome("failed", "storage", None, _last_line(error))
    try:
        outcome = _performed(job, folder, watched, interrupted or threading.Event())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - began
    return replace(outcome, seconds=seconds, cpu_seconds=watched.cpu_seconds, peak_mb=watched.peak_mb)


def _performed(job: Job, folder: Path, watched: Watched, interrupted: threading.Event) -> Outcome:
    if interrupted.is_set():
        return Outcome("interrupted", "interrupted", error="stopped by the user")
    if changed := _changed(job):
        return changed
    notebook = read_notebook(job.path, job.text)
    content, session, failure = _executed(parameterized(notebook, job.parameters), job, folder, watched)
    kernel = session.kernel
    if watched.ended_for == "interrupted" or (interrupted.is_set() and failure):
        return Outcome("interrupted", "interrupted", error="stopped by the user", kernel=kernel)
    if watched.ended_for and failure and failure.cause not in ("cell error", "cell timeout"):
        failure = _Failure(watched.ended_for, _limit_message(job, watched))
    opened = {} if failure else what_it_opened(session.opened, notebook)
    if not failure and (changed := _changed(job, opened.pop("written", ()), opened.get("files"))):
        return changed
    if opened:
        opened["names"] = names_lead_to(notebook, opened["files"])
    try:
        outcome = _kept(job, content, folder, failure) if failure else _published(job, content, folder)
    except OSError as error:
        outcome = Outcome("failed", "storage", None, _last_line(error))
    return replace(outcome, kernel=kernel, opened=opened)


def _changed(job: Job, own: Collection[str] = (), read: Mapping[str, str] | None = None) -> Outcome | None:
    """Return the failure of a run whose data or code are not those it was planned with, but for its own files."""
    change = changed_input(job.path, job.provenance.get("inputs", {}), own, read)
    return Outcome("failed", "input changed", error=change) if change else None


def _executed(
    content: dict[str, Any], job: Job, folder: Path, watched: Watched
) -> tuple[dict[str, Any], Session, _Failure | None]:
    """Run all cells through papermill; return the notebook as far as it got, its session, and what failed."""
    from . import engine  # with papermill: a second that a plan in which everything is up to date does without

    session = engine.Session(
        folder=str(folder) if storage.is_url(job.path) else str(home(job.path).resolve()),
        environment={**os.environ, **job.environment, RUN_DIR: str(folder.resolve())},
        watched=watched,
        warm=job.kernel == "warm",
        preload=job.preload,
        cell_timeout=job.cell_timeout,
        timeout=job.timeout,
        start_timeout=job.start_timeout,
        content=content,
    )
    failure = _run_through(job, session)
    return session.content, session, failure


def _run_through(job: Job, session: Session) -> _Failure | None:
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from . import engine

    try:
        papermill.execute_notebook(
            nbformat.from_dict(session.content),
            None,
            engine_name=engine.register(),
            kernel_name=_kernel_name(job, session.content),
            progress_bar=False,
            session=session,
        )
    except PapermillExecutionError as error:
        cell = _own_cells(session.content)[error.cell_index]
        return _Failure("cell error", _told(error, cell.get("outputs", ())), error.cell_index)
    except Exception as error:
        # Whatever nbclient, the kernel or the system raise ends this run only, and is told as its outcome.
        cause = _cause(error, session.started)
        return _Failure(cause, _timeout_message(job) if cause == "cell timeout" else _last_line(error))
    return None


def _cause(error: Exception, started: bool) -> str:
    if not started:
        return "start-up"
    names = {kind.__name__ for kind in type(error).__mro__}
    if "CellTimeoutError" in names:
        return "cell timeout"
    return "storage" if isinstance(error, OSError) and not names & {"TimeoutError"} else "kernel died"


def _published(job: Job, content: Any, folder: Path) -> Outcome:
    name = f"{Path(job.path).stem}.ipynb"
    write_notebook(cleaned(content, job.provenance), folder / name)
    outputs, notes = _placed(job, folder, job.output, name)
    if not job.remote:
        storage.discard(Path(job.out) / storage.FAILED / job.output, {*job.made, name})  # that failure is history now
    return Outcome("done", outputs=outputs, notes=notes)


def _placed(job: Job, folder: Path, output: str, notebook: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Put a finished folder where it belongs, as a whole; under a URL the executed notebook comes last.

    Returns its files with their digests, and what the user should know.
    """
    notes = [f"left out of {output}: {name} is no file" for name in leave_out_special(folder)]
    outputs = file_digests(folder)
    if job.remote:
        storage.put_folder(folder, f"{job.remote}/{output}", last=notebook)
    else:
        kept = storage.publish(folder, Path(job.out) / output, job.made)
        notes += [f"kept in {output}: {name}, which no run has made" for name in kept]
    return outputs, tuple(notes)


def leave_out_special(folder: Path) -> list[str]:
    """Remove what is no file that can be kept - pipes, sockets, devices, dangling links - and return its names.

    Opening a pipe waits for somebody at its other end, for ever. A link into the folder itself is made relative, as the
    folder will be moved.
    """
    left_out = []
    for place, folders, names in os.walk(folder):
        for path in (Path(place, name) for name in (*folders, *names)):
            if path.is_symlink() and path.exists() and path.resolve().is_relative_to(folder.resolve()):
                target = os.path.relpath(path.resolve(), path.parent.resolve())
                path.unlink()
                path.symlink_to(target)
            if not (path.is_file() or path.is_dir()):
                path.unlink()
                left_out.append(path.relative_to(folder).as_posix())
    return sorted(left_out)


def _kept(job: Job, content: Any, folder: Path, failure: _Failure) -> Outcome:
    """Keep a failed notebook, its failing cell marked, apart from the results."""
    number, content = _marked(content, failure, job.provenance)
    name = f"{Path(job.path).stem}.ipynb"
    write_notebook(content, folder / name)
    kept = Path(storage.FAILED, job.output).as_posix()
    outputs, notes = _placed(job, folder, kept, name)
    return Outcome("failed", failure.cause, number, failure.error, outputs=outputs, kept=kept, notes=notes)


def _marked(content: Any, failure: _Failure, provenance: Mapping[str, Any]) -> tuple[int | None, dict[str, Any]]:
    """Put a note before the cell that failed and one at the top; return its number among the code cells."""
    cells = _own_cells(content)
    place = _last_begun(cells) if failure.cell is None else failure.cell
    number = None if place is None else sum(cell["cell_type"] == "code" for cell in cells[: place + 1])
    where = "before the first cell" if number is None else f"in [code cell {number}](#failing-cell)"
    content = cleaned(content, provenance)
    if place is not None:
        content["cells"].insert(
            place, _note(f'<a id="failing-cell"></a>**The next cell failed: {failure.error}**', content)
        )
    content["cells"].insert(0, _note(f"**This run failed ({failure.cause}) {where}: {failure.error}**", content))
    return number, content


def _own_cells(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Cells of the notebook without those that papermill has added to tell of an error."""
    return [cell for cell in content["cells"] if ERROR_TAG not in cell["metadata"].get("tags", ())]


def _last_begun(cells: list[dict[str, Any]]) -> int | None:
    """Position of the last code cell that was begun; papermill notes when it begins one."""
    begun = [
        place
        for place, cell in enumerate(cells)
        if cell["cell_type"] == "code" and cell["metadata"].get("papermill", {}).get("start_time")
    ]
    return begun[-1] if begun else None


def _note(text: str, content: Mapping[str, Any]) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": "markdown", "metadata": {"tags": ["run-failed"]}, "source": text}
    if content.get("nbformat_minor", 0) >= 5:
        cell["id"] = "run-failed-top" if text.startswith("**") else "run-failed-here"
    return cell


def _limit_message(job: Job, watched: Watched) -> str:
    if watched.ended_for == "output":
        from .engine import OUTPUT_MB

        return f"the run printed more than {OUTPUT_MB} MB and was ended. Write such results to a file"
    if watched.ended_for == "memory":
        return f"the run used more than its {job.memory_mb:g} MB of memory and was ended"
    return f"the run took more than its {job.timeout:g} s and was ended"


def _timeout_message(job: Job) -> str:
    """Say what nbclient shows with a picture of the cell; it gives up on a cell, and on its output, in the same way."""
    if job.cell_timeout is None:
        return "the cell ended, and its output was not heard"
    return f"the cell took more than its {job.cell_timeout:g} s and was ended"


def _last_line(error: BaseException) -> str:
    """Last line of an error that says something, with the error's name."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return _one_line(f"{type(error).__name__}: {lines[-1] if lines else ''}")


def _told(error: PapermillExecutionError, outputs: Iterable[Mapping[str, Any]]) -> str:
    """Write name and text of an error; where it has no text, the line of code that raised it.

    IPython prints a group of exceptions in place of reporting it; then its first line is found in what was printed.
    """
    printed = "".join("".join(one["text"]) for one in outputs if one.get("name") == "stderr")
    if error.ename == "CellExecutionError" and (named := NAMED_ERROR.search(printed)):
        return _one_line(named[0])
    raised = [line for text in error.traceback for line in text.splitlines() if "---->" in line or "--> " in line]
    code = re.sub(r"^.*?-+>\s*\d*\s*", "", re.sub(r"\x1b\[[0-9;]*m", "", raised[-1])) if raised else ""
    return _one_line(f"{error.ename}: {str(error.evalue).strip() or code}")


def _one_line(text: str) -> str:
    """Write an error in one line, without what a terminal would obey (colours, moves) and of bearable length."""
    bare = " ".join(re.sub(r"\x1b\[[0-9;]*m", "", text).split())[:500].rstrip(": ")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in bare)


def _kernel_name(job: Job, content: Mapping[str, Any]) -> str:
    if job.kernel not in ("warm", "cold"):
        return job.kernel
    return content["metadata"].get("kernelspec", {}).get("name", "python3")
