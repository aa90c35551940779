"""Score forecasts given as quantiles, and keep published forecasts until the data arrive (the track record).

Sources: Gneiting & Raftery (2007) for the pinball form of the CRPS, Hyndman & Koehler (2006) for MASE, Brier (1950).
"""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from dxanalysis.atomic import writing

#: Columns that name one forecast of one year.
KEYS = ["area", "model", "origin", "year"]


def score_quantiles(table: pd.DataFrame, actual: pd.DataFrame) -> pd.DataFrame:
    """Return one row per forecast year whose actual value is known.

    Parameters
    ----------
    table : forecast table with at least area, model, origin, year, quantile, value.
    actual : area, year, value.

    Returns
    -------
    DataFrame area, model, origin, year, h, actual, median, error (absolute), crps, in80, in95 (NaN where the
    table has no such quantiles).

    Examples
    --------
    >>> table = pd.DataFrame({"area": "a", "model": "m", "origin": 2024, "year": 2025, "quantile": [0.1, 0.5, 0.9],
    ...                       "value": [12.0, 14.0, 15.0]})
    >>> actual = pd.DataFrame({"area": ["a"], "year": [2025], "value": [14.5]})
    >>> score_quantiles(table, actual)[["error", "in80"]].values.tolist()
    [[0.5, 1.0]]
    """
    known = table.merge(actual[["area", "year", "value"]].rename(columns={"value": "actual"}), on=["area", "year"])
    if not len(known):
        return pd.DataFrame(columns=[*KEYS, "h", "actual", "median", "error", "crps", "in80", "in95"])
    wide = known.pivot(index=[*KEYS, "actual"], columns="quantile", values="value")
    levels, values = wide.columns.to_numpy(float), wide.to_numpy()
    found = wide.index.to_frame(index=False)
    truth = found["actual"].to_numpy()
    median = np.array([np.interp(0.5, levels, row) for row in values])
    found.insert(4, "h", found["year"] - found["origin"])
    found["median"], found["error"] = median, np.abs(median - truth)
    found["crps"] = crps(levels, values, truth)
    found["in80"] = _inside(levels, values, truth, 0.1)
    found["in95"] = _inside(levels, values, truth, 0.025)
    return found


def crps(levels: np.ndarray, values: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Return twice the mean pinball loss over the levels (row,): the CRPS, in the unit of the values.

    Examples
    --------
    >>> crps(np.array([0.5]), np.array([[14.0]]), np.array([14.5])).tolist()
    [0.5]
    """
    miss = actual[:, None] - values
    loss = np.where(miss >= 0, levels * miss, (levels - 1) * miss)
    if len(levels) == 1:
        return 2 * loss[:, 0]
    return 2 * np.trapezoid(loss, levels, axis=1) / (levels[-1] - levels[0])


def chance_above(levels: np.ndarray, values: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    """Return the probability each row of quantiles gives to reaching its threshold, tails drawn out straight.

    Examples
    --------
    >>> chance_above(np.array([0.1, 0.5, 0.9]), np.array([[12.0, 14.0, 15.0]]), np.array([14.0])).tolist()
    [0.5]
    """
    low = values[:, :1] - 1.5 * (values[:, 1:2] - values[:, :1]) - 1e-9
    high = values[:, -1:] + 1.5 * (values[:, -1:] - values[:, -2:-1]) + 1e-9
    grid, at = np.concatenate([low, values, high], axis=1), np.r_[0, levels, 1]
    return np.array([1 - np.interp(limit, row, at) for limit, row in zip(threshold, grid, strict=True)])


def reliability(records: pd.DataFrame, bins: int = 10) -> pd.DataFrame:
    """Return the reliability diagram of forecast probabilities: what was said against what came.

    Parameters
    ----------
    records : with model, probability and met (`backtest`).
    bins : number of equal steps of probability.

    Returns
    -------
    DataFrame model, bin, said (mean probability), came (share met), n.

    Examples
    --------
    >>> said = pd.DataFrame({"model": "m", "probability": [0.15, 0.15, 0.95], "met": [0.0, 1.0, 1.0]})
    >>> reliability(said)[["said", "came", "n"]].values.tolist()
    [[0.15, 0.5, 2.0], [0.95, 1.0, 1.0]]
    """
    known = records.dropna(subset=["probability", "met"])
    step = np.minimum((known["probability"].to_numpy() * bins).astype(int), bins - 1)
    groups = known.assign(bin=step).groupby(["model", "bin"], sort=True)
    named = {"said": ("probability", "mean"), "came": ("met", "mean"), "n": ("met", "size")}
    return groups.agg(**named).reset_index()


def calibration_error(records: pd.DataFrame) -> float:
    """Return the mean distance between what was said and what came, weighed by the forecasts in each bin (ECE)."""
    found = reliability(records)
    return float((np.abs(found["said"] - found["came"]) * found["n"]).sum() / max(found["n"].sum(), 1))


def _inside(levels: np.ndarray, values: np.ndarray, actual: np.ndarray, tail: float) -> np.ndarray:
    """Return 1.0 where the actual value lies between the quantiles `tail` and 1 - `tail`, NaN where there are none."""
    low, high = np.isclose(levels, tail), np.isclose(levels, 1 - tail)
    if not (low.any() and high.any()):
        return np.full(len(actual), np.nan)
    return ((actual >= values[:, low][:, 0]) & (actual <= values[:, high][:, 0])).astype(float)


_NAMES = ["indicator", "definition", "area", "model", "origin", "year", "quantile"]


def archive(table: pd.DataFrame, path: str | Path, published: str | datetime.date | None = None) -> pd.DataFrame:
    """Add a published forecast to the archive and return the whole archive.

    A forecast once published is never changed: publishing the same forecast again on the same day changes nothing,
    and a different one under the same names and day is refused.

    Parameters
    ----------
    table : forecast table (`forecast`).
    path : archive, .parquet (needs pyarrow) or .csv; made where it is missing.
    published : date of publication, today by default.

    Raises
    ------
    ValueError
        When a forecast of the same names and day with other values stands in the archive already.
    """
    path, day = Path(path), str(published or datetime.date.today())
    new = table[[*_NAMES, "value"]].assign(published=day)
    old = read_archive(path) if path.exists() else new[:0]
    both = old.merge(new, on=[*_NAMES, "published"], suffixes=("_old", "_new"))
    changed = both[(both["value_old"] - both["value_new"]).abs() > 1e-9]
    if len(changed):
        row = changed.iloc[0]
        raise ValueError(
            f"The forecast of {row['area']!r} for {row['year']} published on {day} stands in {path} with "
            f"{row['value_old']:g}, not {row['value_new']:g}. Published forecasts are kept; give another date."
        )
    whole = pd.concat([old, new] if len(old) else [new], ignore_index=True)
    whole = whole.drop_duplicates([*_NAMES, "published"], ignore_index=True)
    with writing(path) as aside:
        whole.to_parquet(aside, index=False) if path.suffix == ".parquet" else whole.to_csv(aside, index=False)
    return whole


def read_archive(path: str | Path) -> pd.DataFrame:
    """Return the archive."""
    path = Path(path)
    text = dict.fromkeys(["indicator", "definition", "area", "model", "published"], "str")
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=text, keep_default_na=False)


def track_record(archived: pd.DataFrame | str | Path, history: pd.DataFrame) -> pd.DataFrame:
    """Score archived forecasts of years that have been observed since.

    Parameters
    ----------
    archived : the archive or its path.
    history : history table of the indicator and definition the forecasts are about.

    Returns
    -------
    DataFrame published, area, model, origin, year, h, actual, median, error, crps, in80, in95, a row per forecast year.

    Examples
    --------
    >>> said = pd.DataFrame({"indicator": "ai", "definition": "eu", "area": "eu", "model": "official", "origin": 2023,
    ...                      "year": 2025, "quantile": [0.5], "value": [10.0], "published": "2023-09-27"})
    >>> seen = pd.DataFrame({"area": ["eu"], "year": [2025], "value": [20.0]})
    >>> track_record(said, seen)[["year", "actual", "error"]].values.tolist()
    [[2025.0, 20.0, 10.0]]
    """
    table = read_archive(archived) if isinstance(archived, (str, Path)) else archived
    for column in ("indicator", "definition"):
        if column in history.columns and len(history):
            table = table[table[column] == history[column].iloc[0]]
    seen = history if "area" in history.columns else history.assign(area="series")
    frames = [score_quantiles(part, seen).assign(published=day) for day, part in table.groupby("published", sort=True)]
    found = [frame for frame in frames if len(frame)]
    columns = ["published", *KEYS, "h", "actual", "median", "error", "crps", "in80", "in95"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)
