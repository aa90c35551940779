"""Hold the measured forecast skill against its bars: python -m tests.benchmarks.forecast_bars [RESULTS.json]

Ratios are to the best of statsforecast's AutoETS, AutoTheta and DynamicOptimizedTheta on the same tasks; groups
of panels are geometric means of ratios and plain means of coverage and calibration. AutoETS refuses six points and
fewer: the scoring script then puts naive in its place, so the MSIS of short series is given twice, to the best of all
three and to the best of the models that were really fitted. Of four points the Theta models give a forecast without
an interval: naive's stands around it, and nothing was fitted.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd

RESULTS = Path(__file__).with_name("results") / "forecast_skill.json"
LENGTHS = ["4", "5", "6", "8", "10", "full"]

#: Panels in which something spreads through the units; the bars on error, CRPS and Brier score are about them.
DIFFUSION = ("internet_wdi", "births_outside", "veh_hybrid")
COMPETITIONS = ("m1_yearly", "tourism_yearly")


def read_results(path: Path) -> pd.DataFrame:
    """Return the table of a results file: one row per panel, length and method."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    return pd.DataFrame(raw["rows"], columns=raw["columns"])


def write_results(table: pd.DataFrame, path: Path) -> None:
    """Write the table, a row a line, numbers to four decimals."""
    clean = table.round(4).astype(object).where(table.notna(), None)
    rows = ",\n".join(json.dumps(row) for row in clean.to_numpy().tolist())
    path.write_text(f'{{"columns": {json.dumps(list(table.columns))},\n"rows": [\n{rows}\n]}}\n', encoding="utf-8")


def compare(table: pd.DataFrame) -> pd.DataFrame:
    """Return our scores per panel and length, and their ratios to other methods."""
    keys = ["panel", "length"]
    by_method = {name: part.set_index(keys) for name, part in table.groupby("method")}
    ours, naive = by_method["pooled"], by_method["naive"]
    drift = pd.concat([by_method[name] for name in ("logit drift", "drift") if name in by_method])
    models = table[table["method"].str.startswith("sf ")]
    refused = models["length"].eq("4") | (models["method"].eq("sf AutoETS") & models["length"].isin(["5", "6"]))
    best, fitted = models.groupby(keys), models[~refused].groupby(keys)
    out = ours[["n", "mase", "cov80", "cov95", "ece"]].copy()
    for name in ("mase", "crps", "msis", "brier"):
        out[f"{name}/best"] = _ratio(ours[name], best[name].min())
    out["msis/fitted"] = _ratio(ours["msis"], fitted["msis"].min())
    out["mase/floor"] = _ratio(ours["mase"], np.fmin(naive["mase"], best["mase"].min().reindex(naive.index)))
    out["mase/naive"] = _ratio(ours["mase"], naive["mase"])
    out["mase/drift"], out["brier/drift"] = (_ratio(ours[name], drift[name]) for name in ("mase", "brier"))
    out["resting"] = _resting(naive["mase"], best["mase"].min().reindex(naive.index), out.index)
    out = out.reset_index()
    return out.assign(length=pd.Categorical(out["length"], LENGTHS)).sort_values(keys, ignore_index=True)


def _resting(naive: pd.Series, best: pd.Series, index: pd.MultiIndex) -> np.ndarray:
    """Return whether naive is as good as the best model (within 1 %) at half the lengths or more of each panel."""
    rests = (naive <= 1.01 * best).groupby("panel").mean() >= 0.5
    return rests.reindex(index.get_level_values("panel")).to_numpy(bool)


def _ratio(ours: pd.Series, others: pd.Series) -> pd.Series:
    """Return a ratio of scores, missing where either is."""
    return pd.to_numeric(ours) / pd.to_numeric(others).reindex(ours.index)


def bars(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row per bar and length: what was measured, what is asked, whether it is reached."""
    share = ~found["panel"].isin(COMPETITIONS)
    groups = {
        "diffusion": found["panel"].isin(DIFFUSION), "internet": found["panel"] == "internet_wdi",
        "resting shares": found["resting"] & share, "competitions": ~share, "all shares": share, "all": share | ~share,
    }  # fmt: skip
    short, every, long = ["4", "5", "6"], LENGTHS, ["full"]
    asked = [
        ("diffusion", "mase/best", ["6"], 0.75), ("diffusion", "mase/drift", ["6"], 0.90),
        ("internet", "mase/best", ["6"], 0.75), ("internet", "mase/drift", ["6"], 0.90),
        ("resting shares", "mase/floor", every, 1.02),
        ("competitions", "mase/best", long, 1.00), ("competitions", "mase/best", ["6"], 0.95),
        ("diffusion", "msis/best", short, 0.40), ("diffusion", "msis/best", long, 0.85),
        ("all shares", "msis/best", short, 0.40), ("all shares", "msis/fitted", short, 0.40),
        ("all", "msis/fitted", short, 0.40), ("all shares", "msis/best", long, 0.85),
        ("competitions", "msis/fitted", short, 0.40), ("competitions", "msis/best", long, 0.85),
        ("diffusion", "crps/best", every, 0.65), ("internet", "crps/best", every, 0.65),
        ("diffusion", "brier/best", every, 0.65), ("internet", "brier/best", every, 0.65),
        ("diffusion", "brier/drift", every, 0.85), ("internet", "brier/drift", every, 0.85),
        ("all shares", "ece", every, 0.05), ("internet", "ece", every, 0.05),
    ]  # fmt: skip
    rows = []
    for group, measure, lengths, bar in asked:
        for length in lengths:
            value = _mean(found.loc[groups[group] & (found["length"] == length), measure], measure)
            if np.isfinite(value):
                rows.append((group, measure, length, value, f"<= {bar:g}", value <= bar))
    rows += _coverage(found)
    return pd.DataFrame(rows, columns=["group", "measure", "length", "value", "bar", "reached"])


def _mean(values: pd.Series, measure: str) -> float:
    """Return the geometric mean of ratios, the plain mean of anything else."""
    numbers = pd.to_numeric(values).dropna()
    if not len(numbers):
        return float("nan")
    return float(np.exp(np.log(numbers).mean()) if "/" in measure else numbers.mean())


def _coverage(found: pd.DataFrame) -> list[tuple]:
    """Return the rows of coverage: pooled, and every panel over all lengths."""
    by_panel = found.groupby("panel")[["cov80", "cov95"]].mean()
    pooled = [
        ("all", "cov95", "all", by_panel["cov95"].mean(), ".93-.97", 0.93 <= by_panel["cov95"].mean() <= 0.97),
        ("all", "cov80", "all", by_panel["cov80"].mean(), ".77-.85", 0.77 <= by_panel["cov80"].mean() <= 0.85),
    ]
    return pooled + [
        (panel, "cov95", "all", value, ".92-.985", 0.92 <= value <= 0.985) for panel, value in by_panel["cov95"].items()
    ]


def show(table: pd.DataFrame) -> None:
    """Print every panel and length, then the bars."""
    found = compare(table)
    with pd.option_context("display.width", 220, "display.max_rows", 2000, "display.max_columns", 30):
        print(found.round(3).to_string(index=False))
        print(bars(found).round(3).to_string(index=False))


def main() -> None:
    """Read and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("results", nargs="?", type=Path, default=RESULTS)
    show(read_results(parser.parse_args().results))


if __name__ == "__main__":
    main()
