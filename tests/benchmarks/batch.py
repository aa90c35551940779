"""Measure the batch runner beside papermill and the plain script: ``python -m tests.benchmarks.batch``.

Every way runs the same notebook with the same parameters in a fresh process, one way after another, in rounds, so that
a busy minute of the machine meets all of them. Medians of the rounds are compared; ratios mean more than seconds.

A cold kernel imports three times as long where Python may not keep compiled modules (`PYTHONDONTWRITEBYTECODE`, usual
in containers) as where it may. The table says which was measured; ``--bytecode`` measures the other case there.
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

from tests.benchmarks import batch_notebooks
from tests.benchmarks.batch_ways import WAYS

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("results")
PLOOMBER = "ploomber-engine"
OURS, API, CLI, TWO, FORKED = "runner", "papermill-api", "papermill-cli", "papermill-2", "script-forked"
BARS = (  # what is asked, of which figures, and how it must compare
    ("CPU, runner / papermill API", OURS, API, "cpu", "<=", 0.33),
    ("CPU, runner / papermill API (second bar)", OURS, API, "cpu", "<=", 0.28),
    ("wall, papermill in 2 processes / runner", TWO, OURS, "wall", ">=", 3.2),
    ("wall, papermill CLI / runner", CLI, OURS, "wall", ">=", 7.5),
    ("wall, runner / script forked on both cores", OURS, FORKED, "wall", "<=", 1.10),
)


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print the tables, write JSON and picture."""
    options = parsed(words)
    if options.bytecode:
        keep_bytecode()
    if options.light:
        return light_only()
    if options.table:
        return whole_table(options.notebook or ROOT / "notebooks" / "30_attainment.ipynb", options.rounds)
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        notebook = options.notebook or batch_notebooks.realistic(Path(folder) / "realistic.ipynb")
        measured = {"machine": machine(), "runs": options.runs, "rounds": options.rounds, "notebook": notebook.stem,
                    "file": f"batch-{notebook.stem}{'-bytecode' * options.bytecode}"}
        for ways in compare(notebook, options, Path(folder)):
            measured |= {"ways": ways, "bars": bars(ways)}
            written(measured)  # at once: the slow ways may take an hour, and may be interrupted
        if not options.quick:
            *_, measured["fixed"] = fixed_costs(Path(folder))
            written(measured)
    print(tables(measured))
    print(f"Written: {RESULTS / measured['file']}.json and .svg")
    return 0


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
    one_way(OURS, {}, notebook, out, 1)  # compiles modules where they are kept, and warms the disk
    return (*one_way(API, {}, notebook, out, runs), *one_way(OURS, {}, notebook, out, runs))


def written(measured: dict[str, Any]) -> None:
    """Write what has been measured so far as JSON and as a picture."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{measured['file']}.json"
    file.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    picture(measured, file.with_suffix(".svg"))


def parsed(words: Sequence[str] | None) -> argparse.Namespace:
    """Return what is asked on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="runs of the notebook in each way")
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is measured")
    parser.add_argument("--notebook", type=lambda text: Path(text).resolve(), help="a notebook with area and year")
    parser.add_argument("--ways", default=",".join(WAYS), help="which ways, separated by commas")
    parser.add_argument("--ploomber", default=sys.executable, metavar="PYTHON",
                        help="an interpreter with this environment's packages and ploomber-engine")
    parser.add_argument("--light", action="store_true", help="measure the fixed costs only")
    parser.add_argument("--table", action="store_true", help="print the whole table of the README, and where time goes")
    parser.add_argument("--quick", action="store_true", help="leave out the fixed costs")
    parser.add_argument("--bytecode", action="store_true", help="let Python keep compiled modules, in a folder apart")
    return parser.parse_args(words)


def compare(notebook: Path, options: argparse.Namespace, folder: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """Yield medians of processor and wall time for every way measured so far, after each measurement."""
    interpreters = {PLOOMBER: options.ploomber}
    ways = [name for name in options.ways.split(",") if name != PLOOMBER or has_ploomber(options.ploomber)]
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    if options.bytecode:
        for name in seconds:  # compiles every module once
            one_way(name, interpreters, notebook, folder / f"{name}-first", 3)
    for number in range(options.rounds):
        for name in seconds:
            seconds[name].append(one_way(name, interpreters, notebook, folder / f"{name}-{number}", options.runs))
            cpu, wall = seconds[name][-1]
            load = f"load {os.getloadavg()[0]:.0f}"
            print(
                f"round {number + 1}  {name:<16} {cpu:7.1f} s CPU {wall:7.1f} s wall  {load}",
                file=sys.stderr,
                flush=True,
            )
            yield {way: summary(rounds, options.runs) for way, rounds in seconds.items() if rounds}


def one_way(name: str, interpreters: dict[str, str], notebook: Path, out: Path, runs: int) -> tuple[float, float]:
    """Run a notebook so many times in one way; return processor and wall time."""
    command = [interpreters.get(name, sys.executable), "-m", "tests.benchmarks.batch_ways"]
    try:
        return measured_process([*command, name, str(notebook), str(out), str(runs)])
    finally:
        shutil.rmtree(out, ignore_errors=True)


def keep_bytecode() -> None:
    """Let the processes to be measured keep compiled modules."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = folder = tempfile.mkdtemp(prefix="bytecode")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


def has_ploomber(interpreter: str) -> bool:
    """Tell whether an interpreter has ploomber-engine, and say so when it has not: the table then lacks that way."""
    found = subprocess.run([interpreter, "-c", "import ploomber_engine"], capture_output=True, cwd=ROOT).returncode == 0
    if not found:
        print(f"{PLOOMBER} is left out: {interpreter} has none of it", file=sys.stderr)
    return found


def summary(rounds: list[tuple[float, float]], runs: int) -> dict[str, Any]:
    """Return medians, per batch and per run, and the single rounds."""
    cpu, wall = (statistics.median(column) for column in zip(*rounds, strict=True))
    return {"cpu": cpu, "wall": wall, "cpu_per_run": cpu / runs, "wall_per_run": wall / runs, "rounds": rounds}


def measured_process(command: list[str]) -> tuple[float, float]:
    """Run one way in a process of its own; return its processor time with all its children's, and its wall time."""
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began


def bars(ways: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return every bar whose ways were measured: figure, bar, reached or not."""
    rows = []
    for text, upper, lower, kind, sign, bar in BARS:
        if upper in ways and lower in ways:
            # Paired by round: both ways met the same minutes of the machine.
            pairs = zip(ways[upper]["rounds"], ways[lower]["rounds"], strict=False)  # the last round may be half done
            place = 0 if kind == "cpu" else 1
            value = statistics.median(one[place] / other[place] for one, other in pairs)
            reached = value <= bar if sign == "<=" else value >= bar
            rows.append({"what": text, "measured": round(value, 3), "bar": f"{sign} {bar}", "reached": reached})
    return rows


def fixed_costs(folder: Path) -> Iterator[list[dict[str, Any]]]:
    """Yield what a run costs beside its own work, and how that scales with runs and workers, case after case."""
    light = batch_notebooks.light(folder / "light.ipynb")
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
        command = [
            sys.executable,
            "-m",
            "tests.benchmarks.batch_fixed",
            kind,
            str(light),
            str(folder / "fixed"),
            runs,
            jobs,
        ]
        said = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
        rows.append({"case": text, **json.loads(said.splitlines()[-1]), "load": round(os.getloadavg()[0])})
        print(rows[-1], file=sys.stderr, flush=True)
        yield rows


def tables(measured: dict[str, Any]) -> str:
    """Return the results as text."""
    base = measured["ways"].get(API, {"cpu": float("nan"), "wall": float("nan")})
    lines = [f"{measured['runs']} runs of {measured['notebook']}, medians of {measured['rounds']} rounds"]
    lines += [measured["machine"], ""]
    lines.append(f"{'way':<18}{'CPU s':>8}{'wall s':>8}{'CPU / API':>11}{'wall / API':>12}")
    for name, way in measured["ways"].items():
        ratios = f"{way['cpu'] / base['cpu']:>11.2f}{way['wall'] / base['wall']:>12.2f}"
        lines.append(f"{name:<18}{way['cpu']:>8.1f}{way['wall']:>8.1f}{ratios}")
    lines.append("")
    lines += [
        f"{b['what']:<46}{b['measured']:>8.2f}  bar {b['bar']:<8} {'reached' if b['reached'] else 'MISSED'}"
        for b in measured["bars"]
    ]
    lines.append("")
    lines += [", ".join(f"{k}: {v}" for k, v in row.items()) for row in measured.get("fixed", ())]
    return "\n".join(lines)


def picture(measured: dict[str, Any], path: Path) -> None:
    """Draw wall and processor time of every way as bars with their figures."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    matplotlib.rcParams["svg.hashsalt"] = "batch"
    ways = sorted(measured["ways"].items(), key=lambda item: item[1]["wall"])
    figure, axes = plt.subplots(figsize=(7.5, 0.5 * len(ways) + 1.3), layout="constrained")
    for place, (_, way) in enumerate(ways):
        for shift, kind, colour in ((0.2, "wall", "#0072B2"), (-0.2, "cpu", "#999999")):
            axes.barh(place - shift, way[kind], 0.38, color=colour, label=f"{kind} seconds" if place == 0 else None)
            axes.annotate(f" {way[kind]:.0f}", (way[kind], place - shift), va="center", fontsize=8)
    axes.set_yticks(range(len(ways)), [WAYS[name].__doc__.rstrip(".").replace(": ", ":\n") for name, _ in ways])
    axes.tick_params(axis="y", labelsize=8)
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel(f"seconds for {measured['runs']} runs of {measured['notebook']} on 2 cores")
    axes.legend(frameon=False, loc="upper right")
    figure.savefig(path, metadata={"Date": None})


def machine() -> str:
    """Name processor cores, system and Python, and whether Python keeps the modules it compiles."""
    kept = "not kept" if os.environ.get("PYTHONDONTWRITEBYTECODE") else "kept"
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, {platform.system()}, Python {platform.python_version()}, bytecode {kept}"


if __name__ == "__main__":
    sys.exit(main())
