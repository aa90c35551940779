"""Time the Parquet store beside plain pandas and CSV on the same synthetic commune data.

    python -m tests.benchmarks.facts_store [--full] [--folder DIR] [--json FILE]

10,600 communes x 12 months x 8 indicators (1.0 million rows; ``--full``: 80 indicators, 10.2 million). The values are
random and mean nothing. Every step runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

COMMUNES = 10_600
MONTHS = [f"2025-{month:02d}" for month in range(1, 13)]
AREAS = [f"xa-{i:05d}" for i in range(COMMUNES)]
LOOK_UPS = 200


def indicators(count: int) -> list[str]:
    """Return the ids of the synthetic indicators."""
    return [f"indicator_{i:02d}" for i in range(count)]


def chunks(count: int) -> Iterator[pd.DataFrame]:
    """Yield observations month by month, as an office would send them: no order a store could profit from."""
    random = np.random.default_rng(20251123)
    names = indicators(count)
    for month in MONTHS:
        grid = pd.MultiIndex.from_product([AREAS, names], names=["area", "indicator"]).to_frame(index=False)
        grid = grid.assign(definition="gso", period=month, value=random.uniform(0, 100, len(grid)).round(2))
        grid = grid.assign(unit="percent", status="official", vintage="2026-01-31", source="report")
        yield grid[["indicator", "definition", "area", "period", "value", "unit", "status", "vintage", "source"]]


def make_csv(folder: Path, count: int) -> dict[str, float]:
    """Write the CSV both sides start from."""
    path = folder / "observations.csv"
    for i, chunk in enumerate(chunks(count)):
        chunk.to_csv(path, mode="w" if i == 0 else "a", header=i == 0, index=False)
    return {"size_mb": path.stat().st_size / 1e6}


def store_build(folder: Path, count: int) -> dict[str, float]:
    """Build the store from the CSV."""
    from dxanalysis.facts import store

    built = store.build(store.read_csv_chunks(folder / "observations.csv"), folder / "store")
    size = sum(path.stat().st_size for path in built.folder.rglob("*.parquet"))
    return {"rows": built.rows, "size_mb": size / 1e6}


def store_history(folder: Path, count: int) -> dict[str, float]:
    """Open the store and load histories of random areas and indicators."""
    from dxanalysis.facts import store

    start = time.perf_counter()
    opened = store.open_store(folder / "store")
    opening = time.perf_counter() - start
    return {"open_ms": opening * 1e3} | _look_ups(count, lambda i, a: store.load_history(opened, i, a))


def _look_ups(count: int, load: Callable[[str, str], pd.DataFrame]) -> dict[str, float]:
    random = np.random.default_rng(7)
    names, times = indicators(count), []
    for _ in range(LOOK_UPS):
        indicator, area = names[random.integers(count)], AREAS[random.integers(COMMUNES)]
        start = time.perf_counter()
        found = load(indicator, area)
        times.append((time.perf_counter() - start) * 1e3)
        if len(found) != len(MONTHS):
            raise RuntimeError(f"{indicator} of {area} has {len(found)} periods, expected {len(MONTHS)}.")
    return {
        "first_ms": times[0],
        "median_ms": statistics.median(times),
        "p95_ms": sorted(times)[int(LOOK_UPS * 0.95)],
        "max_ms": max(times[1:]),
    }


def store_check(folder: Path, count: int) -> dict[str, float]:
    """Check the whole store in one pass."""
    from dxanalysis.facts import store

    tables = {
        "indicators": pd.DataFrame({"id": indicators(count), "unit": "percent", "lower": 0.0, "upper": 100.0}),
        "definitions": pd.DataFrame({"indicator": indicators(count), "id": "gso"}),
        "areas": pd.DataFrame({"id": AREAS}),
        "sources": pd.DataFrame({"id": ["report"]}),
    }
    return {"problems": len(store.check_store(store.open_store(folder / "store"), tables, today="2026-11-23"))}


def pandas_read(folder: Path, count: int) -> dict[str, float]:
    """Read the CSV whole, which plain pandas must do before anything else."""
    return {"rows": len(_read(folder))}


def _read(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "observations.csv", dtype={"value": "float64"} | dict.fromkeys(_TEXTS, "str"))


_TEXTS = ["indicator", "definition", "area", "period", "unit", "status", "vintage", "source"]


def pandas_history(folder: Path, count: int) -> dict[str, float]:
    """Load histories by filtering the frame in memory (its reading is not counted in the look-ups)."""
    frame = _read(folder)

    def load(indicator: str, area: str) -> pd.DataFrame:
        return frame[(frame["indicator"] == indicator) & (frame["area"] == area)].sort_values("period")

    global LOOK_UPS
    LOOK_UPS = 10
    return _look_ups(count, load)


def pandas_check(folder: Path, count: int) -> dict[str, float]:
    """Run the same rules on the frame in memory."""
    frame = _read(folder)
    masks = [
        ~np.isfinite(frame["value"]),
        ~frame["period"].str.fullmatch(r"\d{4}-(0[1-9]|1[0-2])"),
        frame["period"] > "2026-11",
        frame.duplicated(["indicator", "definition", "area", "period", "vintage"]),
        ~frame["area"].isin(AREAS),
        frame["unit"] != "percent",
        ~frame["value"].between(0, 100),
    ]
    return {"problems": int(sum(mask.sum() for mask in masks))}


STEPS = {
    "make CSV": make_csv, "store: build from CSV": store_build, "store: open, load histories": store_history,
    "store: check": store_check, "pandas: read CSV": pandas_read, "pandas: load histories": pandas_history,
    "pandas: check": pandas_check,
}


def run_step(step: str, folder: Path, count: int) -> dict[str, float]:
    """Run one step in a fresh process and return its figures, seconds and peak memory."""
    command = [sys.executable, "-m", "tests.benchmarks.facts_store", "--step", step, "--folder", str(folder)]
    done = subprocess.run([*command, "--indicators", str(count)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"Step {step!r} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    """Run all steps, print a table and write the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="10.2 million rows instead of 1.0 million")
    parser.add_argument("--folder", type=Path, help="where the data are made (default: a temporary folder)")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)
    parser.add_argument("--indicators", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        start = time.perf_counter()
        figures = STEPS[given.step](given.folder, given.indicators)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(figures | {"seconds": time.perf_counter() - start, "peak_mb": peak}))
        return
    count = 80 if given.full else 8
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        results = {step: run_step(step, Path(folder), count) for step in STEPS}
    report(results, COMMUNES * len(MONTHS) * count)
    if given.json:
        given.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def report(results: dict[str, dict[str, float]], rows: int) -> None:
    """Print the table of one run."""
    print(f"{rows:,} rows ({COMMUNES:,} communes x {len(MONTHS)} months); times of this machine, once")
    print(f"{'step':<30}{'seconds':>9}{'peak MB':>9}  other")
    for step, figures in results.items():
        other = ", ".join(f"{k} {v:,.1f}" for k, v in figures.items() if k not in ("seconds", "peak_mb"))
        print(f"{step:<30}{figures['seconds']:>9.1f}{figures['peak_mb']:>9.0f}  {other}")


if __name__ == "__main__":
    main()
