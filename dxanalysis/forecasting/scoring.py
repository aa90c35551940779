"""Score forecasts that were given as quantiles: error, CRPS, coverage, Brier score, reliability.

Sources: Gneiting & Raftery (2007) for the pinball form of the CRPS, Hyndman & Koehler (2006) for MASE, Brier (1950).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

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
