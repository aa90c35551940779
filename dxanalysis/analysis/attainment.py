"""Probability that a target is met, from forecast quantiles, and expected year, from simulated paths; tables."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from .evidence import RUNGS
from .pace import meets, read_targets, rule_of
from .series import check_direction, comparable_run, one_series, require_columns

ATTAINMENT_COLUMNS = (
    "target_year", "target", "last_year", "probability", "median", "low", "high", "expected_year", "expected_year_low",
    "expected_year_high",
)

#: The ends of the 80 % range of every interval in the table.
LOW, HIGH = 0.1, 0.9


def attainment(
    forecast: pd.DataFrame, paths: pd.DataFrame, targets: pd.DataFrame, history: pd.DataFrame, *, direction: int
) -> pd.DataFrame:
    """Return for each target ahead of a series how likely it is to be met in its year, and when it is expected.

    Parameters
    ----------
    forecast : DataFrame
        Quantiles of the years ahead: year, quantile, value. The probability is read off them, free of the noise of
        simulation.
    paths : DataFrame
        Futures drawn from the same forecast (`forecasting.forecast_paths`: path, year, value), which should reach
        beyond the last target; without any, no year is expected.
    targets, history : DataFrame
        One series and its targets, none of them of a year up to the last figure.
    direction : int
        +1 higher is better, -1 lower is better, 0 a band; a written comparator rules over it.

    Returns
    -------
    DataFrame
        One row per target. `median`, `low`, `high`: value in the target year (80 % range). `expected_year` with its
        80 % range: first year of meeting it; missing where that lies behind the end of the paths.

    Examples
    --------
    >>> history = pd.DataFrame({"year": [2023, 2024], "value": [16.0, 18.0]})
    >>> fan = pd.DataFrame({"year": 2026, "quantile": [0.1, 0.5, 0.9], "value": [18.0, 20.0, 22.0]})
    >>> paths = pd.DataFrame({"path": [0, 0, 1, 1], "year": [2025, 2026] * 2, "value": [19.0, 20.0, 20.0, 19.0]})
    >>> found = attainment(fan, paths, pd.DataFrame({"year": [2026], "value": [20.0]}), history, direction=1)
    >>> found[["target_year", "probability", "median", "expected_year"]].values.tolist()
    [[2026.0, 0.5, 20.0, 2025.0]]
    """
    check_direction(direction)
    require_columns(paths, ("path", "year", "value"), "Paths")
    run = comparable_run(one_series(history))
    wide = paths.pivot(index="path", columns="year", values="value")
    rows = []
    for goal in read_targets(targets).itertuples():
        row = {"target_year": goal.year, "target": goal.value, "last_year": int(run["year"].iloc[-1])}
        row |= _read_off(forecast[forecast["year"] == goal.year].sort_values("quantile"), goal, direction)
        rows.append(row | _expected_year(wide, goal, direction))
    return pd.DataFrame(rows, columns=list(ATTAINMENT_COLUMNS))


def _read_off(fan: pd.DataFrame, goal: object, direction: int) -> dict[str, float]:
    """Return probability, median and interval of one target's year as the forecast has them."""
    if not len(fan):
        return {}
    levels, values = fan["quantile"].to_numpy(dtype="float64"), fan["value"].to_numpy(dtype="float64")
    low, median, high = np.interp([LOW, 0.5, HIGH], levels, values)
    probability = _chance(levels, values, goal.value, rule_of(goal.comparator, direction))
    return {"probability": probability, "low": low, "median": median, "high": high}


def _chance(levels: np.ndarray, values: np.ndarray, target: float, rule: str) -> float:
    """Return the probability that a value with these quantiles meets the target."""
    if rule == "about":
        below, above = np.interp(target + np.array([-0.03, 0.03]) * abs(target), values, levels)
        return float(above - below)
    below = float(np.interp(target, values, levels))
    return 1 - below if rule in (">=", ">") else below


def _expected_year(wide: pd.DataFrame, goal: object, direction: int) -> dict[str, float]:
    """Return the median and 80 % range of the first year in which the target is met."""
    if not len(wide):
        return {}
    met = meets(wide.to_numpy(), goal.value, direction, goal.comparator)
    first = np.where(met.any(axis=1), met.argmax(axis=1), met.shape[1])
    years = np.r_[wide.columns.to_numpy(dtype="float64"), np.nan]
    low, median, high = np.quantile(first, [LOW, 0.5, HIGH], method="nearest").astype(int)
    return {"expected_year": years[median], "expected_year_low": years[low], "expected_year_high": years[high]}


# ---------------------------------------------------------------- what is read off the record of judgements


def flat(judgement: pd.DataFrame) -> pd.DataFrame:
    """Return the record with its lists as text, for a file: codes joined by semicolons, pairs as name:value.

    >>> record = pd.DataFrame({"caveats": [("mirror", "rounded")], "families": [(("linear", "on_track"),)]})
    >>> flat(record).values.tolist()
    [['mirror;rounded', 'linear:on_track']]
    """

    def text(value: object) -> object:
        if not isinstance(value, tuple | list):
            return value
        shown = [json.dumps(one, ensure_ascii=False) if isinstance(one, dict) else
                 ":".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in value]
        return ";".join(shown)

    return judgement.map(text)


def still_open(targets: pd.DataFrame, judgement: pd.DataFrame) -> pd.DataFrame:
    """Return the targets that are open: of these alone published methods speak.

    >>> record = pd.DataFrame({"state": ["missed", "open"], "target_year": [2025, 2030]})
    >>> still_open(pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]}), record)["year"].tolist()
    [2030]
    """
    years = judgement.loc[judgement["state"] == "open", "target_year"]
    return targets[targets["year"].isin(years)].reset_index(drop=True)


def attainment_of(judgement: pd.DataFrame) -> pd.DataFrame:
    """Return the chances of each target as the judgement has them, in the columns of `attainment`.

    A probability stands only where the evidence carries one; `grade` is the rung of the ladder, `verdict` the state.

    >>> from .assess import assessment_of
    >>> attainment_of(assessment_of([])).columns[:4].tolist()
    ['indicator', 'area', 'target_year', 'target']
    """
    table = judgement[judgement["state"] != "no_target_held"]
    named = {"outlook": "probability", "figure": "last", "figure_year": "last_year", "expected_low":
             "expected_year_low", "expected_high": "expected_year_high"}
    kept = ("indicator", "area", "target_year", "target", "comparator", "median", "low", "high", "expected_year",
            "n", "basis", "word", "outlook_low", "outlook_high")
    found = table.rename(columns=named)[[*kept, *named.values()]]
    verdicts = table["state"].replace({"met": "achieved"})
    return found.assign(
        grade=[RUNGS[rung] for rung in table["rung"]], verdict=verdicts, borrowed=table["basis"] != "own_series",
        reason=table["reason"],
    ).reset_index(drop=True)
