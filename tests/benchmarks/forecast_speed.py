"""Measure how fast the pooled forecaster is: python -m tests.benchmarks.forecast_speed [series ...]

Prints CPU seconds per 1,000 series of six points with 21 quantiles and six years ahead, wall time and peak memory, for
1,000 and for 100,000 series in one call.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import pandas as pd

from dxanalysis.forecasting import forecast_panel


def series(number: int, points: int = 6) -> pd.DataFrame:
    """Return shares that diffuse at different speeds."""
    draw = np.random.default_rng(0)
    time_ = np.arange(points) + draw.uniform(0, 12, (number, 1))
    steep = draw.uniform(0.1, 0.6, (number, 1))
    values = 100 / (1 + np.exp(-(time_ - 8) * steep)) + draw.normal(0, 0.5, (number, points))
    area = np.repeat(np.char.add("s", np.arange(number).astype(str)), points)
    frame = {"area": area, "year": np.tile(np.arange(2026 - points, 2026), number)}
    return pd.DataFrame(frame | {"value": np.clip(values, 0.1, 99.9).ravel()})


def measure(number: int) -> dict[str, float]:
    """Return CPU, wall time and peak memory of one call."""
    table = series(number)
    forecast_panel(table[: 6 * 20], 6, bounds=(0, 100))  # constants read, modules imported
    cpu, wall = time.process_time(), time.perf_counter()
    found = forecast_panel(table, 6, bounds=(0, 100))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"series": number, "rows": len(found), "cpu_s": cpu, "cpu_s_per_1000": 1000 * cpu / number, "wall_s": wall,
            "peak_mb": peak}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("series", nargs="*", type=int, default=[1000, 100_000])
    given = parser.parse_args()
    rows = [measure(number) for number in given.series]
    print(pd.DataFrame(rows).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
