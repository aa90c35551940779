"""Will a target be met: probabilities, the year expected and the shortfall, all read from the same simulated paths.

Because one set of paths answers every question, the answers agree with each other: a later year is never less likely
to have been reached by, a higher target never more likely, and the years of attainment add up to 1.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from .evidence import RUNGS
from .growth import evidence_grade
from .pace import DIRECTIONS, is_met, read_targets, sense
from .series import comparable_run, each_series, read_history, require_columns

ATTAINMENT_COLUMNS = (
    "indicator", "area", "target_year", "target", "median", "low", "high", "probability", "expected_year", "grade",
    "verdict", "comparator", "reached_by", "expected_year_low", "expected_year_high", "beyond", "shortfall",
    "last_year", "last", "n", "borrowed", "reason",
)

#: The end of the 80 % range of every interval in the table.
LOW, HIGH = 0.1, 0.9


def attainment(
    paths: pd.DataFrame,
    targets: pd.DataFrame,
    history: pd.DataFrame,
    *,
    direction: int = 1,
    forecast: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return for each target how likely it is to be met, and when.

    Parameters
    ----------
    paths : DataFrame
        Simulated futures (`forecasting.forecast_paths`): area, path, year, value. They should reach beyond the last
        target year, because the year expected is searched up to their end.
    targets : DataFrame
        The targets table. Targets of one area (or of none) apply to every series.
    history : DataFrame
        The history the paths start from; it may be empty.
    direction : int
        +1 higher is better, -1 lower is better, 0 a band; a written comparator rules over it.
    forecast : DataFrame, optional
        The forecast the paths were drawn from (area, year, quantile, value); the probability, the median and the ends
        of the interval are then read off it, free of the noise of simulation.

    Returns
    -------
    DataFrame
        One row per series and target. `probability`: the target is met in its year; `reached_by`: it is met in some
        year up to then, observed years included. `median`, `low`, `high`: value in the target year (80 % range).
        `expected_year` with its 80 % range: first year of meeting it; missing where that lies behind the end of the
        paths, and then `beyond` says so. `shortfall`: expected distance to the target in its year, in points, 0 on
        the paths that meet it. `grade`: evidence (growth.evidence_grade); `borrowed`: True where the series alone
        could not carry a forecast. `verdict`: achieved or missed for a year already observed; otherwise
        on_track (2 in 3 or more), acceleration_needed (1 in 3 or more), limited_progress, moving_away (the same,
        with the median going the wrong way), not_available (no point, or one point only). `reason`: why something is
        missing.

    Raises
    ------
    ValueError
        When a table lacks a column or the direction is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> history = pd.DataFrame({"year": [2023, 2024], "value": [16.0, 18.0]})
    >>> paths = pd.DataFrame({"area": "series", "path": [0, 0, 1, 1], "year": [2025, 2026] * 2,
    ...                       "value": [19.0, 20.0, 20.0, 19.0]})
    >>> found = attainment(paths, pd.DataFrame({"year": [2025, 2026], "value": [20.0, 20.0]}), history)
    >>> found[["target_year", "probability", "reached_by", "expected_year", "shortfall"]].values.tolist()
    [[2025.0, 0.5, 0.5, 2025.0, 0.5], [2026.0, 0.5, 1.0, 2025.0, 0.5]]
    >>> attainment(paths, pd.DataFrame({"year": [2025], "value": [20.0]}), history, direction=2)
    Traceback (most recent call last):
    ...
    ValueError: Unknown direction 2. Use 1 (higher is better), -1 (lower is better) or 0 (a band).
    """
    if direction not in DIRECTIONS:
        raise ValueError(
            f"Unknown direction {direction}. Use 1 (higher is better), -1 (lower is better) or 0 (a band)."
        )
    require_columns(paths, ("area", "path", "year", "value"), "Paths")
    table, wanted = read_history(history), read_targets(targets)
    rows = []
    for series in each_series(table):
        future = _cube(paths[paths["area"] == series["area"].iloc[0]])
        told = [_attain(series, target, future, direction) for target in _targets_of(wanted, series)]
        rows += [row | _read_off(row, forecast, direction) for row in told]
    if not len(table):
        rows = [_nothing(target) for target in wanted.to_dict("records")]
    return pd.DataFrame(rows, columns=list(ATTAINMENT_COLUMNS))


def _read_off(row: dict[str, Any], forecast: pd.DataFrame | None, direction: int) -> dict[str, Any]:
    """Return probability, median and interval of one target's year as the forecast table has them."""
    if forecast is None or not len(forecast) or row["target_year"] <= row["last_year"]:
        return {}
    own = forecast[(forecast["year"] == row["target_year"]) & (forecast["area"] == row["area"])].sort_values("quantile")
    if not len(own):
        return {}
    levels, values = own["quantile"].to_numpy(dtype="float64"), own["value"].to_numpy(dtype="float64")
    low, median, high = np.interp([LOW, 0.5, HIGH], levels, values)
    probability = _chance(levels, values, row["target"], direction, row["comparator"])
    verdict = _verdict(row, probability, median, direction)
    return {"low": low, "median": median, "high": high, "probability": probability, "verdict": verdict,
            "reached_by": max(row.get("reached_by", 0.0), probability),
            "reason": "one_point" if row["grade"] == "level" else ""}


def _chance(levels: np.ndarray, values: np.ndarray, target: float, direction: int, comparator: str) -> float:
    """Return the probability that a value with these quantiles meets the target."""
    rule = comparator if comparator in (">=", ">", "<=", "<") else {1: ">=", -1: "<="}.get(direction, "about")
    if rule == "about":
        below, above = np.interp(target + np.array([-0.03, 0.03]) * abs(target), values, levels)
        return float(above - below)
    below = float(np.interp(target, values, levels))
    return 1 - below if rule in (">=", ">") else below


def _targets_of(targets: pd.DataFrame, series: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the targets of one series: its own where targets of several areas stand in the table."""
    areas = [area for area in targets["area"].unique() if area]
    if len(areas) > 1:
        targets = targets[targets["area"] == series["area"].iloc[0]]
    return targets.to_dict("records")


def _cube(paths: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the years and the values (path, year) of one area."""
    if not len(paths):
        return np.zeros(0, dtype="int64"), np.zeros((0, 0))
    wide = paths.pivot(index="path", columns="year", values="value")
    return wide.columns.to_numpy(dtype="int64"), wide.to_numpy()


def _meets(values: np.ndarray, target: float, direction: int, comparator: str) -> np.ndarray:
    """Tell of every value whether it meets the target (the rule of `pace.is_met`, over an array)."""
    rule = comparator if comparator in (">=", ">", "<=", "<") else {1: ">=", -1: "<="}.get(direction, "about")
    tests = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less}
    return tests[rule](values, target) if rule in tests else np.abs(values - target) <= 0.03 * abs(target)


def _first_met(met: np.ndarray) -> np.ndarray:
    """Return the column of the first True of each row; the number of columns where there is none."""
    return np.where(met.any(axis=1), met.argmax(axis=1), met.shape[1])


def _base(series: pd.DataFrame, target: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of a target before looking ahead."""
    run = comparable_run(series)
    grade = evidence_grade(series)
    return {
        "indicator": series["indicator"].iloc[0] or target["indicator"],
        "area": series["area"].iloc[0],
        "target_year": int(target["year"]),
        "target": float(target["value"]),
        "comparator": str(target["comparator"] or ""),
        "last_year": int(run["year"].iloc[-1]),
        "last": float(run["value"].iloc[-1]),
        "n": len(run),
        "grade": grade,
        "borrowed": grade != "forecast",
        "beyond": "",
        "reason": "",
    }


def _nothing(target: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a target nothing was ever observed for."""
    row = {"indicator": target["indicator"], "area": target["area"], "target_year": int(target["year"])}
    more = {"target": float(target["value"]), "comparator": str(target["comparator"] or ""), "n": 0, "borrowed": False}
    return row | more | {"grade": "none", "verdict": "not_available", "beyond": "", "reason": "no_observation"}


def _attain(
    series: pd.DataFrame, target: dict[str, Any], future: tuple[np.ndarray, np.ndarray], direction: int
) -> dict[str, Any]:
    """Return the row of one series and one target."""
    row = _base(series, target)
    when = _expected_year(series, row, future, direction)
    if row["target_year"] <= row["last_year"]:
        return row | when | _known_outcome(series, row, direction)
    return row | when | _outlook(series, row, future, direction)


def _known_outcome(series: pd.DataFrame, row: dict[str, Any], direction: int) -> dict[str, Any]:
    """Return the outcome of a target whose year has been observed, or say that its year has not."""
    then = series[series["year"] == row["target_year"]]["value"]
    if not len(then):
        return {"verdict": "not_available", "reason": "target_year_not_observed"}
    value = float(then.iloc[0])
    met = is_met(value, row["target"], direction, row["comparator"])
    reached = met or _met_in_history(series, row, direction)
    return {
        "median": value,
        "low": value,
        "high": value,
        "probability": float(met),
        "reached_by": float(reached),
        "shortfall": 0.0 if met else abs(row["target"] - value),
        "verdict": "achieved" if met else "missed",
        "borrowed": False,
    }


def _met_in_history(series: pd.DataFrame, row: dict[str, Any], direction: int) -> bool:
    """Tell whether a comparable observed year up to the target year met the target."""
    run = comparable_run(series)
    seen = run[run["year"] <= row["target_year"]]["value"].to_numpy()
    return bool(_meets(seen, row["target"], direction, row["comparator"]).any())


def _outlook(
    series: pd.DataFrame, row: dict[str, Any], future: tuple[np.ndarray, np.ndarray], direction: int
) -> dict[str, Any]:
    """Return the chances of a target whose year is still to come."""
    years, values = future
    if row["target_year"] not in years:
        reason = "no_paths" if not len(years) else "target_year_after_paths"
        return {"verdict": "not_available", "reason": reason}
    at = int(np.flatnonzero(years == row["target_year"])[0])
    then = values[:, at]
    met = _meets(values[:, : at + 1], row["target"], direction, row["comparator"])
    low, median, high = np.quantile(then, [LOW, 0.5, HIGH])
    probability = float(met[:, -1].mean())
    reached = 1.0 if _met_in_history(series, row, direction) else float(met.any(axis=1).mean())
    return {
        "median": median,
        "low": low,
        "high": high,
        "probability": probability,
        "reached_by": reached,
        "shortfall": float(np.where(met[:, -1], 0, np.abs(row["target"] - then)).mean()),
        "verdict": _verdict(row, probability, median, direction),
        "reason": "one_point" if row["grade"] == "level" else "",
    }


def _verdict(row: dict[str, Any], probability: float, median: float, direction: int) -> str:
    """Return the verdict a probability and its evidence allow."""
    if row["grade"] in ("none", "level"):
        return "not_available"
    if probability >= 2 / 3:
        return "on_track"
    if probability >= 1 / 3:
        return "acceleration_needed"
    better = sense(row["comparator"], direction)
    return "moving_away" if better * (median - row["last"]) < 0 else "limited_progress"


def _expected_year(
    series: pd.DataFrame, row: dict[str, Any], future: tuple[np.ndarray, np.ndarray], direction: int
) -> dict[str, Any]:
    """Return the median and 80 % range of the first year in which the target is met."""
    run = comparable_run(series)
    met = _meets(run["value"].to_numpy(), row["target"], direction, row["comparator"])
    if met[-1]:  # a level reached once and lost again has still to be reached
        first = float(run["year"].to_numpy()[len(met) - int(np.argmin(np.r_[met[::-1], False]))])
        return {"expected_year": first, "expected_year_low": first, "expected_year_high": first}
    years, values = future
    if not len(years):
        return {"expected_year": np.nan, "expected_year_low": np.nan, "expected_year_high": np.nan}
    first = _first_met(_meets(values, row["target"], direction, row["comparator"]))
    known = np.r_[years.astype(float), np.nan]
    low, median, high = np.quantile(first, [LOW, 0.5, HIGH], method="nearest").astype(int)
    found = {"expected_year_low": known[low], "expected_year": known[median], "expected_year_high": known[high]}
    return found | {"beyond": "" if median < len(years) else f"beyond {years[-1]}"}


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
