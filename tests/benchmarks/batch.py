"""Measure the batch runner beside papermill: ``python -m tests.benchmarks.batch``.

Both run the same notebook with the same parameters, in a fresh process each, one after the other, in rounds; medians of
the rounds are compared, and ratios mean more than seconds. A cold kernel may import longer where Python may not keep
compiled modules (`PYTHONDONTWRITEBYTECODE`, usual in containers) than where it may, so both cases are measured.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.batch_support import write

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("results")
LIGHT = ("import math\nimport os", "total = sum(math.sqrt(i) for i in range(1000))\nprint(area, year, round(total, 3))")


def main(words: Sequence[str] | None = None) -> int:
    """Print the table of the README, or what a run costs beside its own work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is measured")
    parser.add_argument("--notebook", type=lambda text: Path(text).resolve(), help="a notebook with area and year",
                        default=ROOT / "notebooks" / "30_attainment.ipynb")
    parser.add_argument("--light", action="store_true", help="measure the fixed costs only, and write them")
    parser.add_argument("--table", action="store_true", help="print the whole table, and where time goes (the default)")
    options = parser.parse_args(words)
    return light_only() if options.light else whole_table(options.notebook, options.rounds)


def light_only() -> int:
    """Measure only what a run costs beside its own work: print it and write it as ``batch-light.json``."""
    measured: dict[str, Any] = {"machine": machine(), "notebook": "light"}
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        for rows in fixed_costs(Path(folder)):
            measured["fixed"] = rows
            content = json.dumps(measured, indent=1, ensure_ascii=False) + "\n"
            (RESULTS / "batch-light.json").write_text(content, encoding="utf-8")
    return 0


def whole_table(notebook: Path, rounds: int) -> int:
    """Print the table of the README: 1, 5 and 20 runs beside papermill, bytecode kept and not; where the time goes."""
    print(f"| runs | bytecode | papermill CPU | wall | runner CPU | wall | CPU ratio | times as fast |\n|{'---|' * 8}")
    spent: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        for kept in ("kept", "not kept"):
            if kept == "kept":
                keep_bytecode()
            else:
                os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
                os.environ.pop("PYTHONPYCACHEPREFIX", None)
            one_way("runner", notebook, Path(folder) / "first", 20)  # compiles modules, and judges what both then read
            for runs in (1, 5, 20):
                row = [one_row(notebook, Path(folder) / f"{kept}{runs}", runs) for _ in range(rounds)]
                cpu, wall, own, fast = (statistics.median(column) for column in zip(*row, strict=True))
                print(f"| {runs} | {kept} | {cpu:.1f} | {wall:.1f} | {own:.1f} | {fast:.1f} | {own / cpu:.2f} "
                      f"| {wall / fast:.1f} |", flush=True)
            words = ["-m", "tests.benchmarks.batch_ways", "where", str(notebook), f"{folder}/where {kept}", "1"]
            told = subprocess.run([sys.executable, *words], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
            spent[kept] = json.loads(told.stdout.splitlines()[-1])
    print(f"\n{machine()}, load {os.getloadavg()[0]:.0f}\n\n| one run, seconds | kept | not kept |\n|---|---|---|")
    for part, seconds in spent["kept"].items():
        print(f"| {part} | {seconds:.2f} | {spent['not kept'][part]:.2f} |")
    return 0


def one_row(notebook: Path, out: Path, runs: int) -> tuple[float, float, float, float]:
    """Return processor and wall seconds of papermill in one process and of the runner, one after the other."""
    return (*one_way("papermill-api", notebook, out, runs), *one_way("runner", notebook, out, runs))


def one_way(name: str, notebook: Path, out: Path, runs: int) -> tuple[float, float]:
    """Run a notebook so many times in one way; return processor and wall time."""
    try:
        command = [sys.executable, "-m", "tests.benchmarks.batch_ways", name, str(notebook), str(out), str(runs)]
        return measured_process(command)
    finally:
        shutil.rmtree(out, ignore_errors=True)


def keep_bytecode() -> None:
    """Let the processes to be measured keep compiled modules."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = folder = tempfile.mkdtemp(prefix="bytecode")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


def measured_process(command: list[str]) -> tuple[float, float]:
    """Run one way in a process of its own; return its processor time with all its children's, and its wall time."""
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began


def fixed_costs(folder: Path) -> Iterator[list[dict[str, Any]]]:
    """Yield what a run costs beside its own work, and how that scales with runs and workers, case after case."""
    light = str(write(folder / "light.ipynb", *LIGHT))
    cases: list[tuple[str, list[str]]] = [
        *[(f"{runs} light runs, 2 workers", ["runner", str(runs), "2"]) for runs in (10, 100)],
        *[(f"100 light runs, {jobs} workers", ["runner", "100", str(jobs)]) for jobs in (1, 3, 4)],
        ("50 light runs, Dask with 2 workers", ["dask", "50", "2"]),
        ("1000 light runs, 2 workers", ["runner", "1000", "2"]),
        ("1000 runs, all up to date", ["unchanged", "1000", "2"]),
        ("private memory of a forked kernel", ["memory", "1", "1"]),
    ]
    rows: list[dict[str, Any]] = []
    for text, (kind, runs, jobs) in cases:
        words = ["-m", "tests.benchmarks.batch_fixed", kind, light, str(folder / "fixed"), runs, jobs]
        said = subprocess.run([sys.executable, *words], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
        rows.append({"case": text, **json.loads(said.splitlines()[-1]), "load": round(os.getloadavg()[0])})
        print(rows[-1], file=sys.stderr, flush=True)
        yield rows


def machine() -> str:
    """Name processor cores, system and Python, and whether Python keeps the modules it compiles."""
    kept = "not kept" if os.environ.get("PYTHONDONTWRITEBYTECODE") else "kept"
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, {platform.system()}, Python {platform.python_version()}, bytecode {kept}"


if __name__ == "__main__":
    sys.exit(main())
