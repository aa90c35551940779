"""Run all notebooks for an area and several years, warm and by papermill: ``python -m tests.benchmarks.batch_matrix``.

`dx run` goes first; then papermill executes the same notebooks with the same parameters, in two processes and in one.
Prints a table of processor and wall seconds and writes ``results/batch-matrix.json``; with ``--bytecode`` (see `batch`)
``results/batch-matrix-bytecode.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from dxanalysis import batch
from tests.benchmarks.batch import RESULTS, ROOT, keep_bytecode, machine, measured_process

THIS = [sys.executable, "-m", "tests.benchmarks.batch_matrix"]


def main() -> None:
    """Measure each way once, print the table and write it."""
    options = parsed()
    if options.papermill:
        return papermill(options.papermill, options.processes, options.first)
    with tempfile.TemporaryDirectory(prefix="matrix") as folder:
        out, runs = Path(folder) / "dx", Path(folder) / "runs.json"
        run = [sys.executable, "-m", "dxanalysis", "run", "--areas", options.areas]
        if options.bytecode:
            keep_bytecode()
            measured_process([*run, "--years", "2024", "--out", str(Path(folder) / "first")])  # compiles every module
        seconds = {"dx run": measured_process([*run, "--years", options.years, "--out", str(out)])}
        number = write_runs(out, runs)
        for processes in (2, 1):
            command = [*THIS, "--papermill", str(runs), "--processes", str(processes)]
            seconds[f"papermill, {processes} at a time"] = measured_process(command)
    file = f"batch-matrix{'-bytecode' * options.bytecode}.json"
    report(f"{number} runs: all notebooks x {options.areas} x {options.years}", seconds, file)


def parsed() -> argparse.Namespace:
    """Return what is asked on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", default="quang-ninh")
    parser.add_argument("--years", default="2021-2025")
    parser.add_argument("--bytecode", action="store_true", help="let Python keep compiled modules, in a folder apart")
    parser.add_argument("--papermill", type=Path, help=argparse.SUPPRESS)  # a file of runs, for papermill
    parser.add_argument("--processes", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--first", type=int, help=argparse.SUPPRESS)  # every so many-th run from this one on
    return parser.parse_args()


def write_runs(out: Path, file: Path) -> int:
    """Write down notebook and parameters of every run of an output folder, all of which must have been done."""
    batch.export_manifest(out, file)
    rows = json.loads(file.read_text(encoding="utf-8"))
    if not rows or any(row["status"] != "done" for row in rows):
        raise SystemExit(f"not every run of {out} was done")
    file.write_text(json.dumps([[row["notebook"], row["parameters"]] for row in rows]), encoding="utf-8")
    return len(rows)


def papermill(file: Path, processes: int, first: int | None) -> None:
    """Execute runs by papermill in so many processes; each of those executes its part."""
    if processes > 1 and first is None:
        command = [*THIS, "--papermill", str(file), "--processes", str(processes), "--first"]
        parts = [subprocess.Popen([*command, str(part)], cwd=ROOT) for part in range(processes)]
        codes = [part.wait() for part in parts]
        if any(codes):
            raise SystemExit("papermill failed")
        return
    import papermill as library

    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    for notebook, parameters in json.loads(file.read_text(encoding="utf-8"))[first or 0 :: processes]:
        os.environ["NOTEBOOK_RUN_DIR"] = left = tempfile.mkdtemp(dir=file.parent)
        options = {"progress_bar": False, "kernel_name": "python3", "cwd": str(ROOT / "notebooks")}
        library.execute_notebook(str(ROOT / notebook), f"{left}/executed.ipynb", parameters, **options)


def report(title: str, seconds: dict[str, tuple[float, float]], file: str) -> None:
    """Print the table and write it."""
    print(f"{title}; {machine()}")
    for way, (cpu, wall) in seconds.items():
        print(f"{way:<24}{cpu:8.1f} s CPU{wall:8.1f} s wall")
    ways = {way: {"cpu": cpu, "wall": wall} for way, (cpu, wall) in seconds.items()}
    content = json.dumps({"runs": title, "machine": machine(), "ways": ways}, indent=1) + "\n"
    (RESULTS / file).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
