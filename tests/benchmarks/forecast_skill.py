"""Score the pooled forecaster on published panels: python -m tests.benchmarks.forecast_skill [--constants K.json ...]

Runs the scoring script beside the project on its development data (or on --data), our forecaster beside naive, logit
drift, statsmodels' damped trend (a sample: it is slow) and statsforecast where it is installed, and writes a table
(JSON) and two pictures (reliability; skill by length) to --out. Constants learned without a family
(`python -m tests.benchmarks.forecast_learn … --without FAMILY`) are used for that family, so that the score is honest;
where none fit, the shipped ones are, and the table says so. --reference reads scores of other methods computed before.
Where a model of statsforecast gives a forecast without an interval, naive's interval is put around it.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from dxanalysis.forecasting import LEVELS, forecast, forecast_panel
from dxanalysis.forecasting.widths import Constants, read, shipped
from tests.benchmarks.forecast_bars import DIFFUSION, LENGTHS, read_results, show, write_results

SHARED = Path(__file__).resolve().parents[3] / "shared" / "forecast"

#: Series of a task for statsmodels (slow), and for forecasts without peers (one call for every four series).
SAMPLE, ALONE = 12, 24


def scoring_script(folder: Path) -> ModuleType:
    """Load the scoring script that stands beside the project."""
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    if spec is None or spec.loader is None or not (folder / "score.py").is_file():
        sys.exit(f"No scoring script in {folder}: the development panels are not beside this checkout.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def constants_for(family: str, given: list[Constants]) -> Constants:
    """Return constants that have not seen a family, else the shipped ones."""
    return next((learned for learned in given if family in learned.without), shipped())


def forecast_alone(data: pd.DataFrame, units: list[str], horizon: int, **more: Any) -> pd.DataFrame:
    """Return forecasts of series that get no help from each other (four areas make no panel)."""
    groups = [data[data["area"].isin(units[at : at + 4])] for at in range(0, len(units), 4)]
    return pd.concat([forecast_panel(group, horizon, **more) for group in groups], ignore_index=True)


def statsmodels_damped(score: ModuleType, data: pd.DataFrame, units: list[str], bounded: bool) -> np.ndarray:
    """Return the quantiles of statsmodels' damped trend for a few units."""
    table = forecast(data[data["area"].isin(units)], score.H, model="damped", bounds=(0, 100) if bounded else None)
    return score.cube(table[["area", "year", "quantile", "value"]], units)


@dataclass(frozen=True)
class Job:
    """One panel to be scored: its file and family, lengths of history, constants, methods, with peers or alone."""

    file: Path
    family: str
    panel: str
    lengths: list[str]
    learned: Constants
    slow: bool
    alone: bool


def jobs(files: list[Path], lengths: list[str], given: list[Constants], slow: bool, alone: bool) -> list[Job]:
    """Return one job per panel of the files."""
    return [
        Job(path, family, panel, lengths, constants_for(family, given), slow, alone)
        for path in files
        for family, panel in pd.read_parquet(path, columns=["dataset", "panel"]).drop_duplicates().to_numpy().tolist()
    ]


def run(job: Job) -> list[dict[str, Any]]:
    """Return one record per origin, length and method of one panel."""
    warnings.simplefilter("ignore")
    score, table = scoring_script(SHARED), pd.read_parquet(job.file)
    records = []
    for _, bounded, origin, hist, act in score.tasks(table[table["panel"] == job.panel]):
        for length in job.lengths:
            data, units = score.frame(hist, length)
            if job.alone:
                units = units[:: max(1, len(units) // ALONE)][:ALONE]
                data = data[data["area"].isin(units)]
            if len(units) >= 3:
                found = _methods(score, data, units, hist, length, bounded, job)
                records += _scored(score, job, origin, length, bounded, units, hist, act, found)
    return records


def _methods(
    score: ModuleType, data: pd.DataFrame, units: list[str], hist: dict[str, pd.Series], length: str, bounded: bool,
    job: Job,
) -> dict[str, tuple[np.ndarray, float, list[str]]]:  # fmt: skip
    """Return quantiles, CPU seconds and units of every method."""
    start = time.process_time()
    more: dict[str, Any] = {"bounds": (0, 100) if bounded else None, "quantiles": LEVELS, "constants": job.learned}
    table = forecast_alone(data, units, score.H, **more) if job.alone else forecast_panel(data, score.H, **more)
    found = {"pooled": (score.cube(table, units), time.process_time() - start, units)}
    found["naive"] = (score.naive(hist, units, length, bounded), 0.0, units)
    found["logit drift"] = (score.logit_drift(hist, units, length, bounded), 0.0, units)
    if job.slow and length in ("6", "full"):
        few, start = units[:: max(1, len(units) // SAMPLE)][:SAMPLE], time.process_time()
        found["statsmodels damped (sample)"] = (
            statsmodels_damped(score, data, few, bounded), time.process_time() - start, few
        )  # fmt: skip
    if job.slow and importlib.util.find_spec("statsforecast"):
        for name, (cube, cpu) in score.statsforecast_models(hist, units, length, bounded).items():
            found[name] = (with_intervals(cube, found["naive"][0]), cpu, units)
    return found


def with_intervals(cube: np.ndarray, naive: np.ndarray) -> np.ndarray:
    """Return quantiles (unit, h, level) where a model gives none (Theta, of four points): naive's around its forecast.

    The forecast itself is then the only number of the row, the rest is missing.
    """
    without = np.isnan(cube).any(axis=2)
    said = np.where(np.isnan(cube).all(axis=2), naive[:, :, 10], np.fmin.reduce(cube, axis=2))
    return np.where(without[:, :, None], said[:, :, None] + naive - naive[:, :, 10:11], cube)


def _scored(
    score: ModuleType, job: Job, origin: int, length: str, bounded: bool, all_units: list[str],
    hist: dict[str, pd.Series], act: dict[str, np.ndarray], found: dict[str, tuple[np.ndarray, float, list[str]]],
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the records of one task."""
    records = []
    for method, (cube, cpu, units) in found.items():
        actual = np.array([act[unit] for unit in units])
        last = np.array([hist[unit].iloc[-1] for unit in units])
        scale = np.array([np.abs(np.diff(hist[unit].to_numpy())).mean() for unit in units])
        keep = scale >= (0.05 if bounded else 1e-9)
        scores, said, came = score.metrics(cube[keep], actual[keep], scale[keep], last[keep], bounded)
        names = {
            "panel": job.panel,
            "origin": origin,
            "length": length,
            "method": method,
            "n_all": len(units),
            "cpu": cpu,
        }
        records.append(names | {"honest": bool(job.learned.without), "said": said, "came": came} | scores)
    return records


def tabulate(score: ModuleType, records: list[dict[str, Any]]) -> pd.DataFrame:
    """Return one row per panel, length and method."""
    rows = []
    for (panel, length, method), group in pd.DataFrame(records).groupby(["panel", "length", "method"], sort=False):
        said, came = np.concatenate(list(group["said"])), np.concatenate(list(group["came"]))
        means = {name: np.concatenate(list(group[name])) for name in ("mase", "crps", "cov80", "cov95", "msis")}
        row = {"panel": panel, "length": length, "method": method, "n": len(means["mase"])}
        row |= {name: float(np.mean(values)) for name, values in means.items()}
        row |= {"brier": float(((said - came) ** 2).mean()) if len(said) else None}
        row |= {"ece": score.ece(said, came) if len(said) else None, "events": len(said)}
        row |= {
            "cpu_s_per_1000": 1000 * group["cpu"].sum() / group["n_all"].sum(),
            "honest": bool(group["honest"].all()),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def draw_reliability(records: list[dict[str, Any]], path: Path) -> None:
    """Draw what was said against what came, ours and logit drift's."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(4.6, 4.4), layout="constrained")
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    for method, colour, mark in (("pooled", "#1b5e8a", "o"), ("logit drift", "#c05a2e", "s")):
        parts = [record for record in records if record["method"] == method and len(record["said"])]
        if not parts:  # unbounded data have no targets to meet
            continue
        said = np.concatenate([part["said"] for part in parts])
        came = np.concatenate([part["came"] for part in parts])
        step = np.minimum((said * 10).astype(int), 9)
        points = [(said[step == k].mean(), came[step == k].mean()) for k in range(10) if (step == k).any()]
        axes.plot(*zip(*points, strict=True), color=colour, marker=mark, label=method)
    axes.set(xlabel="Probability said", ylabel="Share that came", xlim=(0, 1), ylim=(0, 1))
    axes.set_title("Targets met: what was said and what came", loc="left", fontsize=10)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=200)
    plt.close(figure)


def draw_skill(table: pd.DataFrame, path: Path) -> None:
    """Draw the error by length of history relative to naive, for diffusion and for all other shares."""
    import matplotlib.pyplot as plt

    keys = ["panel", "length"]
    naive = table[table["method"] == "naive"].set_index(keys)["mase"]
    order = [length for length in LENGTHS if length in set(table["length"])]
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.6), sharey=True, layout="constrained")
    for axis, spreading in zip(axes, (True, False), strict=True):
        for method, colour, mark in (("pooled", "#1b5e8a", "o"), ("logit drift", "#c05a2e", "s")):
            ours = table[table["method"] == method].set_index(keys)["mase"] / naive
            chosen = ours[[(panel in DIFFUSION) == spreading for panel, _ in ours.index]]
            mean = np.exp(np.log(chosen).groupby("length").mean()).reindex(order)
            axis.plot(order, mean, color=colour, marker=mark, label=method)
        axis.axhline(1, color="0.7", linewidth=1)
        axis.set_title("Things that spread" if spreading else "All other panels", loc="left", fontsize=10)
        axis.set_xlabel("Points of history")
    axes[0].set_ylabel("Error relative to “nothing moves”")
    axes[0].legend(frameon=False)
    figure.savefig(path, dpi=200)
    plt.close(figure)


def main() -> None:
    """Score, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", nargs="+", type=Path)
    parser.add_argument("--lengths", nargs="+", default=LENGTHS)
    parser.add_argument("--constants", nargs="*", type=Path, default=[], help="constants learned without some families")
    parser.add_argument(
        "--reference", nargs="*", type=Path, default=[], help="results of other methods, computed before"
    )
    parser.add_argument("--fast", action="store_true", help="leave statsmodels and statsforecast out")
    parser.add_argument("--alone", action="store_true", help="every series without help from its peers")
    parser.add_argument("--jobs", type=int, default=1, help="panels scored at a time")
    parser.add_argument("--out", type=Path, default=Path("outputs/forecast_skill"))
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    files = given.data or [SHARED / "share_panels_dev.parquet", SHARED / "competitions_dev.parquet"]
    learned = [read(path.read_text(encoding="utf-8")) for path in given.constants]
    work = jobs(files, given.lengths, learned, not given.fast, given.alone)
    with ProcessPoolExecutor(given.jobs) as pool:
        records = [record for part in pool.map(run, work) for record in part]
    table = tabulate(scoring_script(SHARED), records)
    for path in given.reference:
        other = read_results(path)
        wanted = ~other["method"].isin(table["method"]) & other["length"].isin(given.lengths)
        table = pd.concat([table, other[wanted & other["panel"].isin(table["panel"])]], ignore_index=True)
    given.out.mkdir(parents=True, exist_ok=True)
    with pd.option_context("display.width", 220, "display.max_rows", 2000, "display.max_columns", 30):
        print(table.round(3).to_string(index=False))
    if table["method"].str.startswith("sf ").any():
        show(table)
    write_results(table, given.out / "forecast_skill.json")
    draw_reliability(records, given.out / "forecast_reliability.png")
    draw_skill(table, given.out / "forecast_skill_by_length.png")


if __name__ == "__main__":
    main()
