"""How fast the verdict methods judge a hundred thousand series: `python -m tests.benchmarks.verdicts`."""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from dxanalysis.analysis import many, panel, world_bank
from dxanalysis.analysis.question import METHODS

YEARS = np.arange(2015, 2026)
SHARE = SimpleNamespace(direction=1, lower=0.0, upper=100.0)


def random_shares(count: int, seed: int = 1) -> np.ndarray:
    """Return percent shares of random areas, a tenth of the years unobserved."""
    rng = np.random.default_rng(seed)
    walk = rng.uniform(0, 80, (count, 1)) + np.cumsum(rng.normal(0.8, 1.5, (count, len(YEARS))), axis=1)
    values = np.clip(walk, 0.1, 99.9).round(2)
    values[rng.random(values.shape) < 0.1] = np.nan
    return values


def peer_panel(values: np.ndarray) -> pd.DataFrame:
    """Return the first rows as a history table of peers."""
    areas = np.repeat([f"area-{row}" for row in range(len(values))], len(YEARS))
    return pd.DataFrame({"area": areas, "year": np.tile(YEARS, len(values)), "value": values.ravel()})


def best_of(run: Callable[[], object], repeats: int) -> float:
    """Return the shortest wall time of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def agreement_with_one_by_one(values: np.ndarray, peers: world_bank.TypicalPath, count: int) -> int:
    """Judge the first series one by one as well, and count the verdicts that differ (none should)."""
    table = many.judge_many(values[:count], YEARS, 80.0, 2030, 1, lower=0.0, upper=100.0, peers=peers)
    goal = pd.DataFrame({"year": [2030], "value": [80.0]})
    different = 0
    for row in range(count):
        history = pd.DataFrame({"year": YEARS, "value": values[row]})
        steps = panel.judge(history, goal, SHARE, peers=peers).set_index("method")["step"]
        different += sum(table[f"{method}_step"].iloc[row] != steps[method] for method in METHODS)
    return different


def measure(count: int, compared: int, repeats: int) -> dict[str, object]:
    """Return what was measured, as written to the JSON file."""
    values = random_shares(count)
    path_time = best_of(lambda: world_bank.typical_path(peer_panel(values[:63])), repeats)
    peers = world_bank.typical_path(peer_panel(values[:63]))
    together = best_of(
        lambda: many.judge_many(values, YEARS, 80.0, 2030, 1, lower=0.0, upper=100.0, peers=peers), repeats
    )
    one = pd.DataFrame({"year": YEARS, "value": values[0]})
    goal = pd.DataFrame({"year": [2030], "value": [80.0]})
    single = best_of(lambda: panel.judge(one, goal, SHARE, peers=peers), 20)
    return {
        "series": count,
        "years": len(YEARS),
        "methods": len(METHODS),
        "seconds_all_series": round(together, 3),
        "verdicts_per_second": round(count * len(METHODS) / together),
        "milliseconds_one_panel": round(1000 * single, 2),
        "times_faster_than_one_by_one": round(single * count / together),
        "milliseconds_typical_path_of_63_areas": round(1000 * path_time, 1),
        "compared_one_by_one": compared * len(METHODS),
        "different_from_one_by_one": agreement_with_one_by_one(values, peers, compared),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
    }


def main() -> None:
    """Measure, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=100_000)
    parser.add_argument("--compared", type=int, default=300, help="series judged one by one as well")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("outputs/benchmarks/verdicts.json"))
    chosen = parser.parse_args()
    result = measure(chosen.series, min(chosen.compared, chosen.series), chosen.repeats)
    width = max(map(len, result))
    for name, value in result.items():
        print(f"{name:<{width}}  {value}")
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"written to {chosen.out}")


if __name__ == "__main__":
    main()
