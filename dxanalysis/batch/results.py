"""Say how a batch went: counts, the table of failures, the status of everything in an output folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .manifest import read_manifest
from .storage import fetch_manifest, is_url, mirror

STATUS_COLUMNS = ("output", "notebook", "status", "attempt", "seconds", "peak_mb", "started", "cause", "error")


@dataclass(frozen=True)
class Failure:
    """Describe a run that failed.

    Attributes
    ----------
    output, notebook : str
        Its folder and its notebook.
    parameters : dict
        Those that differ from the notebook's defaults.
    cause : str
        Kind of failure.
    cell : int or None
        Number of the code cell.
    error : str
        Last line of the error.
    kept : str
        Where the notebook with the marked cell stands, relative to the output folder.
    """

    output: str
    notebook: str
    parameters: dict[str, Any]
    cause: str
    cell: int | None
    error: str
    kept: str = ""


@dataclass(frozen=True)
class Result:
    """Hold how a batch ended.

    Attributes
    ----------
    out : Path
        Output folder.
    done, skipped, interrupted : tuple of str
        Folders of the runs that were done, were up to date, or were not finished because the user stopped.
    failures : tuple of Failure
        The others.
    seconds, cpu_seconds : float
        Wall time of the batch and processor time of all its kernels.
    """

    out: Path
    done: tuple[str, ...]
    skipped: tuple[str, ...]
    interrupted: tuple[str, ...]
    failures: tuple[Failure, ...]
    seconds: float
    cpu_seconds: float

    @property
    def exit_code(self) -> int:
        """Return 0 when every run is done or up to date, 1 after failures, 130 after Ctrl-C."""
        return 130 if self.interrupted else 1 if self.failures else 0

    def failures_table(self) -> str:
        """Return the failures as text: notebook, parameters, cell, last line of the error, where it is kept."""
        rows = [
            {
                "notebook": failure.notebook,
                "parameters": ", ".join(f"{name}={value}" for name, value in failure.parameters.items()) or "defaults",
                "cell": "" if failure.cell is None else failure.cell,
                "cause": failure.cause,
                "error": failure.error,
                "kept in": failure.kept and str(self.out / failure.kept),
            }
            for failure in self.failures
        ]
        return table(rows)

    def __str__(self) -> str:
        """Return one line with the counts, and the failures below it."""
        counts = [
            (len(self.done), "done"),
            (len(self.skipped), "up to date"),
            (len(self.failures), "failed"),
            (len(self.interrupted), "not finished"),
        ]
        line = ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing to run"
        return "\n".join([f"{line} in {self.seconds:.1f} s", *([self.failures_table()] if self.failures else [])])


@dataclass(frozen=True)
class Status:
    """Hold the newest attempt of every run under an output folder; printed, it is a table.

    Attributes
    ----------
    out : Path
        Output folder.
    rows : tuple of dict
        Sorted by output; columns output, notebook, status (done, failed, interrupted, lost, running), attempt,
        seconds, peak_mb, started, cause, error.
    """

    out: Path
    rows: tuple[dict[str, Any], ...]

    def __str__(self) -> str:
        """Return one line per run and a total."""
        return _status_table(self.rows, self.out)


def status(out: str | Path) -> Status:
    """Return how every run under an output folder, or under a URL, ended the last time."""
    folder = Path(out)
    if is_url(out):
        folder = mirror(str(out))
        fetch_manifest(str(out), folder)
    rows = read_manifest(folder)
    return Status(folder, tuple({name: row[name] for name in STATUS_COLUMNS} for row in rows))


def _status_table(rows: Sequence[Mapping[str, Any]], out: Path) -> str:
    shown = [{n: row[n] for n in ("status", "output", "seconds", "started", "error")} for row in rows]
    counts = Counter(row["status"] for row in rows)
    total = ", ".join(f"{count} {what}" for what, count in counts.most_common())
    return "\n".join(
        part for part in (table(shown), f"{len(rows)} runs in {out}: {total}" if rows else f"No runs in {out}.") if part
    )


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as aligned text.

    >>> print(table([{"a": 1.25, "b": "x"}, {"a": 10.0, "b": None}]))
    a     b
    1.2   x
    10.0
    """
    if not rows:
        return ""
    lines = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    wide = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(_joined(line, wide) for line in lines)


def _joined(line: Iterable[str], wide: Iterable[int]) -> str:
    return "  ".join(f"{text:<{width}}" for text, width in zip(line, wide, strict=True)).rstrip()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if isinstance(value, float) else str(value)
