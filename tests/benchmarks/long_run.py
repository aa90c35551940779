"""Does a long batch grow? ``python -m tests.benchmarks.long_run --runs 3000`` does light runs and looks at the runner.

At a thirtieth, a tenth and each further fifth of the runs it reads, from outside, the memory of the runner and of its
server, their open files, sockets and threads, and what lies in the temporary folder; and at the end what the logs
weigh. Files and sockets go up and down with the kernels that run at that moment.
Prints a table and, with ``--write``, writes ``results/long_run.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from tests.batch_support import write

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).parent / "results" / "long_run.json"
SCRIPT = """
import sys
from dxanalysis import batch
plan = batch.plan({path!r}, {{"number": "1-{runs}"}}, out={out!r}, template="{{number}}")
result = batch.run(plan, jobs=2, kernel="warm", preload=["json"])
print(result)
sys.exit(result.exit_code)
"""
LOOKS = (1, 3, 6, 12, 18, 24, 30)  # thirtieths of the runs
CELLS = (
    "import os\nhere = os.environ['NOTEBOOK_RUN_DIR']", "total = sum(range(number))\ntotal", "print(number, total)",
)


def main() -> int:
    """Run, look, tell."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="l") as name:
        folder = Path(name)
        (folder / "t").mkdir()
        path = write(folder / "light.ipynb", *CELLS, parameters="number: int = 0")
        code = SCRIPT.format(path=str(path), runs=options.runs, out=str(folder / "out"))
        began = time.time()
        with (folder / "progress.log").open("wb") as log:
            environment = {**os.environ, "TMPDIR": str(folder / "t")}
            runner = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=log, stderr=log)
            looks = _looked(runner, folder, [options.runs * share // 30 for share in LOOKS])
            code = runner.wait()
        about = {"runs": options.runs, "exit_code": code, "seconds": round(time.time() - began), "looks": looks}
        about |= _logs(folder)
    _tell(about)
    if options.write:
        RESULTS.write_text(json.dumps(about, indent=1) + "\n")
    return code


def _looked(runner: subprocess.Popen[bytes], folder: Path, moments: list[int]) -> list[dict[str, Any]]:
    """Look at the runner each time so many runs are done; the last look comes a little before its end."""
    looks: list[dict[str, Any]] = []
    while runner.poll() is None and len(looks) < len(moments):
        done = sum(line.startswith("done") for line in (folder / "progress.log").read_text().splitlines())
        if done >= moments[len(looks)] - (4 if moments[len(looks)] == moments[-1] else 0):
            looks.append({"done": done, **_look(runner.pid, folder)})
        time.sleep(0.02)
    return looks


def _look(pid: int, folder: Path) -> dict[str, Any]:
    runner = psutil.Process(pid)
    server = next(child for child in runner.children() if "fork_server.py" in " ".join(child.cmdline()))
    temporary = list((folder / "t").rglob("*"))
    return {"runner": _state(runner), "server": _state(server), "temporary": len(temporary)}


def _state(process: psutil.Process) -> dict[str, Any]:
    with process.oneshot():
        memory = process.memory_full_info()
        return {
            "resident_mb": round(memory.rss / 1e6, 1),
            "own_mb": round(memory.uss / 1e6, 1),
            "files": process.num_fds(),
            "sockets": len(process.net_connections(kind="all")),
            "threads": process.num_threads(),
        }


def _logs(folder: Path) -> dict[str, Any]:
    progress = (folder / "progress.log").read_text().splitlines()
    [log] = (folder / "out" / "_logs").glob("*.log")
    lines = log.read_text().splitlines()
    left = [path.name for path in (folder / "t").iterdir()]
    manifest = sum(path.stat().st_size for path in (folder / "out").glob("manifest.sqlite*"))
    return {
        "progress_lines": len(progress), "progress_longest": max(map(len, progress)), "progress_sample": progress[-3],
        "log_lines": len(lines), "log_kb": round(log.stat().st_size / 1000), "log_sample": lines[-2],
        "left_in_temporary": left, "manifest_kb": round(manifest / 1000),
    }


def _tell(about: dict[str, Any]) -> None:
    names = ("resident_mb", "own_mb", "files", "sockets", "threads")
    print(f"{'':>12}{'runner':>46}{'server':>46}")
    print(f"{'runs done':>12}" + "".join(f"{name:>12}" for name in names) * 2 + f"{'temporary':>12}")
    for look in about["looks"]:
        values = [look[who][name] for who in ("runner", "server") for name in names]
        print(f"{look['done']:>12}" + "".join(f"{value:>12}" for value in values) + f"{look['temporary']:>12}")
    print(json.dumps({name: value for name, value in about.items() if name != "looks"}, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
