"""Score the pooled forecaster on published panels, families left out: python -m tests.benchmarks.forecast_skill

Runs the scoring script beside the project on its development data (dev and dev2) with constants that have not seen the
family scored: they are learned in four folds and kept in --out (some ten minutes the first time). Scores of other
methods (naive, logit drift, statsforecast's AutoETS, AutoTheta, DynamicOptimizedTheta) are read from where they were
computed before: the stored results, and baselines_dev2.json beside the data. Prints one row per panel and length, the
classes with their bars and writes results (JSON) and a picture to --out.

Classes: things that spread; shares that move; panels at rest (naive within 1 % of the best model at half the lengths or
more); unbounded series. Ratios are to the best of the three models on the same tasks, geometric means over rows.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from dxanalysis.forecasting import forecast_panel
from dxanalysis.forecasting.distributions import LEVELS
from dxanalysis.forecasting.widths import Constants, read
from tests.benchmarks import forecast_learn, forecast_words

SHARED = Path(__file__).resolve().parents[3] / "shared" / "forecast"
FILES = [SHARED / f"{name}.parquet" for name in
         ("share_panels_dev", "competitions_dev", "share_panels_dev2", "unbounded_dev2")]
RESULTS = Path(__file__).with_name("results") / "forecast_skill.json"
LENGTHS = ["1", "2", "3", "4", "5", "6", "8", "10", "full"]
SCORES = ["mase", "crps", "cov80", "cov95", "msis"]
FOLDS = 4

SPREADING = {
    "internet_wdi", "veh_hybrid", "broadband_per_100", "computers_per_100", "se_broadband100", "mobile_per_250",
}


def scoring_script(folder: Path = SHARED) -> ModuleType:
    """Load the scoring script that stands beside the project."""
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    if spec is None or spec.loader is None or not (folder / "score.py").is_file():
        sys.exit(f"No scoring script in {folder}: the development panels are not beside this checkout.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def left_out(files: list[Path], folder: Path) -> list[Constants]:
    """Return constants learned without each fold of the families, from the folder or learned now."""
    tables = [pd.read_parquet(path) for path in files]
    families = sorted({str(name) for table in tables for name in table["dataset"].unique()})
    folder.mkdir(parents=True, exist_ok=True)
    for fold in range(FOLDS):
        path = folder / f"without_{fold}.json"
        if not path.exists():
            path.write_text(forecast_learn.learn(tables, families[fold::FOLDS]), encoding="utf-8")
    return [read((folder / f"without_{fold}.json").read_text(encoding="utf-8")) for fold in range(FOLDS)]


def run(path: Path, family: str, panel: str, lengths: list[str], learned: Constants) -> list[dict[str, Any]]:
    """Return one record per origin and length of one panel."""
    warnings.simplefilter("ignore")
    score, table, records = scoring_script(), pd.read_parquet(path), []
    rows = table[(table["dataset"] == family) & (table["panel"] == panel)]
    for _, bounded, _, hist, act in score.tasks(rows, 4 if path in FILES[:2] else 3):
        for length in lengths:
            data, units = cut(hist, length)
            if len(units) < 3:
                continue
            bounds = (0, 100) if bounded else None
            said = forecast_panel(data, score.H, bounds=bounds, quantiles=LEVELS, constants=learned)
            scale = np.array([np.abs(np.diff(hist[unit].to_numpy())).mean() for unit in units])
            keep = scale >= (0.05 if bounded else 1e-9)
            actual = np.array([act[unit] for unit in units])[keep]
            last = np.array([hist[unit].iloc[-1] for unit in units])[keep]
            order = np.searchsorted(np.sort(units), units)  # a forecast is sorted by area, year and quantile
            values = said["value"].to_numpy().reshape(len(units), score.H, len(LEVELS))[order]
            found, p, o = score.metrics(values[keep], actual, scale[keep], last, bounded)
            records.append({"panel": panel, "length": length, "said": p, "came": o, "bounded": bounded} | found)
    return records


def cut(histories: dict[str, pd.Series], length: str) -> tuple[pd.DataFrame, list[str]]:
    """Return the histories that are long enough, cut to a length, and their names, as the script's `frame` does."""
    most = 25 if length == "full" else int(length)
    kept = {unit: one.iloc[-most:] for unit, one in histories.items() if length == "full" or len(one) >= most}
    if not kept:
        return pd.DataFrame(columns=["area", "year", "value"]), []
    areas = np.repeat(list(kept), [len(one) for one in kept.values()])
    years, values = (np.concatenate([getattr(one, part) for one in kept.values()]) for part in ("index", "values"))
    return pd.DataFrame({"area": areas, "year": years, "value": values}), list(kept)


def tabulate(records: list[dict[str, Any]]) -> pd.DataFrame:
    """Return our scores, a row per panel and length."""
    score, rows = scoring_script(), []
    for (panel, length), group in pd.DataFrame(records).groupby(["panel", "length"], sort=False):
        said, came = np.concatenate(list(group["said"])), np.concatenate(list(group["came"]))
        means = {name: float(np.mean(np.concatenate(list(group[name])))) for name in SCORES}
        row = {"panel": panel, "length": length, "method": "pooled", "n": sum(map(len, group["mase"]))} | means
        row |= {"brier": float(((said - came) ** 2).mean()) if len(said) else None}
        rows.append(row | {"ece": score.ece(said, came) if len(said) else None, "events": len(said)})
    return pd.DataFrame(rows)


def others() -> pd.DataFrame:
    """Return the scores of the other methods, computed before."""
    raw = json.loads(RESULTS.read_text(encoding="utf-8"))
    before = pd.DataFrame(raw["rows"], columns=raw["columns"])
    dev2 = pd.DataFrame(json.loads((SHARED / "baselines_dev2.json").read_text(encoding="utf-8")))
    both = pd.concat([before[before["method"] != "pooled"], dev2])
    return both.drop_duplicates(["panel", "length", "method"])[[*_COLUMNS]]


_COLUMNS = ["panel", "length", "method", "n", *SCORES, "brier", "ece", "events"]


def compare(table: pd.DataFrame, unbounded: set[str]) -> pd.DataFrame:
    """Return our scores per panel and length with the class of the panel and the ratios to the other methods."""
    keys = ["panel", "length"]
    ours, naive = (table[table["method"] == name].set_index(keys) for name in ("pooled", "naive"))
    drift = table[table["method"].isin(["logit drift", "drift"])].set_index(keys)
    best = table[table["method"].str.startswith("sf ")].groupby(keys)
    out = ours[["mase", "cov80", "cov95", "ece"]].copy()
    for name in ("mase", "crps", "msis", "brier"):
        out[f"{name}/best"] = ours[name] / best[name].min().reindex(ours.index)
    out["mase/drift"] = ours["mase"] / drift["mase"].reindex(ours.index)
    out["brier/drift"] = ours["brier"].astype(float) / drift["brier"].astype(float).reindex(ours.index)
    floor = np.fmin(naive["mase"].reindex(ours.index), best["mase"].min().reindex(ours.index))
    out["mase/floor"] = ours["mase"] / floor
    rests = (naive["mase"] <= 1.01 * best["mase"].min().reindex(naive.index)).groupby("panel").mean() >= 0.5
    out = out.reset_index()
    kinds = [out["panel"].isin(SPREADING), out["panel"].isin(unbounded), out["panel"].map(rests).eq(True)]
    return out.assign(kind=np.select(kinds, ["spreading", "unbounded", "resting"], "moving"))


def classes(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row per class and length: ratios, calibration and coverage."""
    rows = []
    for (kind, length), part in found.groupby(["kind", "length"], sort=False):
        ratios = {name: np.exp(np.log(part[name].astype(float)).mean()) for name in part if "/" in name}
        row = {"kind": kind, "length": length, "panels": len(part)} | ratios
        row |= {"above 1.02": int((part["mase/floor"] > 1.02).sum()), "worst": part["mase/floor"].max()}
        rows.append(row | {name: part[name].astype(float).mean() for name in ("ece", "cov80", "cov95")})
    order = {length: at for at, length in enumerate(LENGTHS)}
    return pd.DataFrame(rows).sort_values(["kind", "length"], key=lambda c: c.map(order) if c.name == "length" else c)


def bars(found: pd.DataFrame) -> list[str]:
    """Return what was asked and what was reached, a line per bar (lengths with other methods' scores only)."""
    known, cover = found[found["mase/best"].notna()], found["cov95"]

    def mean(kind: str, name: str, length: str | None = None) -> float:
        part = known[(known["kind"] == kind) & ((known["length"] == length) if length else True)]
        return float(np.exp(np.log(part[name].astype(float)).mean()))

    rest = known.loc[known["kind"] == "resting", "mase/floor"]
    spread = found.loc[found["kind"] == "spreading", "ece"].astype(float).mean()
    inside = cover.between(0.92, 0.975).mean()
    return [
        f"spreading: MASE/best at 6 {mean('spreading', 'mase/best', '6'):.3f} (<= .75), "
        f"CRPS {mean('spreading', 'crps/best'):.3f} (<= .65), mean ECE of rows {spread:.3f} (<= .05)",
        f"moving: MASE {mean('moving', 'mase/best'):.3f} (<= .80), CRPS {mean('moving', 'crps/best'):.3f} (<= .72)",
        f"resting: {(rest <= 1.02).mean():.1%} of rows <= 1.02 (>= 95 %), worst {rest.max():.3f} (<= 1.06)",
        f"unbounded: MASE {mean('unbounded', 'mase/best'):.3f} (<= .97)",
        f"coverage: 95 % {cover.mean():.3f} (.94-.965), rows within .92-.975 {inside:.0%} (>= 80 %), "
        f"below .90 {(cover < 0.9).sum()}, above .985 {(cover > 0.985).sum()} of {len(cover)}; "
        f"80 % {found['cov80'].mean():.3f} (.78-.83)",
    ]


def write_results(table: pd.DataFrame, path: Path) -> None:
    """Write the table, a row a line, numbers to four decimals."""
    clean = table.round(4).astype(object).where(table.notna(), None)
    rows = ",\n".join(json.dumps(row) for row in clean.to_numpy().tolist())
    path.write_text(f'{{"columns": {json.dumps(list(table.columns))},\n"rows": [\n{rows}\n]}}\n', encoding="utf-8")


def draw_skill(table: pd.DataFrame, found: pd.DataFrame, path: Path) -> None:
    """Draw the error by length of history relative to naive, for what spreads, what moves and what rests."""
    import matplotlib.pyplot as plt

    naive = table[table["method"] == "naive"].set_index(["panel", "length"])["mase"]
    figure, panes = plt.subplots(1, 3, figsize=(9, 3.4), sharey=True, layout="constrained")
    kind_of = found.drop_duplicates("panel").set_index("panel")["kind"]
    titles = {"spreading": "Things that spread", "moving": "Shares that move", "resting": "Panels at rest"}
    order = [length for length in LENGTHS if length in set(naive.index.get_level_values("length"))]
    for axes, (kind, title) in zip(panes, titles.items(), strict=True):
        for method, colour, mark in (("pooled", "#1b5e8a", "o"), ("logit drift", "#c05a2e", "s")):
            ours = table[table["method"] == method].set_index(["panel", "length"])["mase"] / naive
            chosen = ours[ours.index.get_level_values("panel").map(kind_of) == kind].dropna()
            mean = np.exp(np.log(chosen).groupby("length").mean()).reindex(order)
            axes.plot(order, mean, color=colour, marker=mark, label={"pooled": "this package"}.get(method, method))
        axes.axhline(1, color="0.7", linewidth=1)
        axes.set_title(title, loc="left", fontsize=10)
        axes.set_xlabel("Points of history")
        axes.set_ylim(0, 2)
    panes[0].set_ylabel("Error relative to “no change”")
    panes[0].legend(frameon=False)
    figure.savefig(path, dpi=200)
    plt.close(figure)


def main() -> None:
    """Score, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lengths", nargs="+", default=LENGTHS)
    parser.add_argument("--jobs", type=int, default=1, help="panels scored at a time")
    parser.add_argument("--words", action="store_true", help="only the words said of one to three figures")
    parser.add_argument("--out", type=Path, default=Path("outputs/forecast_skill"))
    given = parser.parse_args()
    constants = left_out(FILES, given.out / "constants")
    learned = {family: one for one in constants for family in one.without}
    words = forecast_words.words([FILES[0], FILES[2]], learned)
    print(words.round(3).to_string(index=False))
    if given.words:
        return
    work = [
        (path, family, panel, given.lengths, learned[family])
        for path in FILES
        for family, panel in pd.read_parquet(path)[["dataset", "panel"]].drop_duplicates().to_numpy().tolist()
    ]
    with ProcessPoolExecutor(given.jobs) as pool:
        records = [record for part in pool.map(run, *zip(*work, strict=True)) for record in part]
    table = pd.concat([tabulate(records)[_COLUMNS], others()], ignore_index=True)
    found = compare(table, {record["panel"] for record in records if not record["bounded"]})
    with pd.option_context("display.width", 220, "display.max_rows", 2000, "display.max_columns", 30):
        print(found.round(3).to_string(index=False))
        print(classes(found).round(3).to_string(index=False))
    print("\n".join(bars(found)))
    given.out.mkdir(parents=True, exist_ok=True)
    write_results(table, given.out / "forecast_skill.json")
    draw_skill(table, found, given.out / "forecast_skill_by_length.png")


if __name__ == "__main__":
    main()
