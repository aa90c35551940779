"""Several milestones are one path that bends: what is owed when one is missed, and the path that is left."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .pace import check_direction, is_met, path_through, read_targets, target_path, targets_of
from .series import comparable_run, one_series

DEBT_COLUMNS = ("year", "value", "planned", "debt_points", "debt_years", "kind", "reason")
MILESTONE_COLUMNS = (
    "target_year", "target", "planned_per_year", "status", "value", "value_year", "debt_points", "debt_years",
    "rebased_per_year", "extra_per_year", "reason",
)


def path_debt(history: pd.DataFrame, targets: pd.DataFrame, *, direction: int) -> pd.DataFrame:
    """Compare each observation with the path that was planned: the debt in points and in years.

    The path runs straight from the baseline through every milestone. The debt in points is what is missing on the day;
    the debt in years is the time since the path passed the value observed, so that "2.1 years behind" says when the
    present value was due. Below the baseline only the least number of years is known (reason "at_least"); ahead of the
    path both are negative.

    Parameters
    ----------
    history, targets : DataFrame
        One series and its targets.
    direction : int
        +1 higher is better, -1 lower is better.

    Returns
    -------
    DataFrame
        One row per comparable observation within the path: year, value, planned, debt_points, debt_years, kind
        (baseline, milestone or between), reason ("", "at_least", "beyond_path").

    Examples
    --------
    >>> share = pd.DataFrame({"year": [2021, 2024], "value": [3.0, 7.1]})
    >>> goals = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})
    >>> path_debt(share, goals, direction=1).drop(columns="reason").round(2)
       year  value  planned  debt_points  debt_years      kind
    0  2021    3.0     3.00         0.00        0.00  baseline
    1  2024    7.1    15.75         8.65        2.04   between
    """
    check_direction(direction)
    path = target_path(history, targets)
    run = comparable_run(one_series(history))
    planned = dict(zip(path["year"], path["value"], strict=True))
    kinds = dict(zip(path["year"], path["kind"], strict=True))
    rows = []
    for year, value in zip(run["year"], run["value"], strict=True):
        if year in planned:
            years, reason = _years_behind(path, int(year), float(value), direction)
            points = direction * (planned[year] - value)
            rows.append((year, value, planned[year], points, years, kinds[year], reason))
    return pd.DataFrame(rows, columns=list(DEBT_COLUMNS)).astype({"year": "int64"} if rows else {})


def milestone_table(
    history: pd.DataFrame, targets: pd.DataFrame, *, direction: int, year: int | None = None
) -> pd.DataFrame:
    """Say of each milestone whether it was met, what it left behind, and what the path asks for now.

    Before the first observation past a milestone its yearly pace is the planned one. After a miss the path is re-based:
    it starts at the last observation and the debt is added to what the next milestone asked for anyway. Only a
    figure of the milestone's own year meets it; one whose year is over by the end of `year` asks for nothing any more.

    Parameters
    ----------
    history, targets : DataFrame
        One series and its targets.
    direction : int
        +1 higher is better, -1 lower is better, 0 a band.
    year : int, optional
        The year at whose end the analysis stands; without it the year of the last observation.

    Returns
    -------
    DataFrame
        One row per target: target_year, target, planned_per_year (from the milestone before, or the baseline), status
        (met, missed, ahead, not_observed), value and value_year (last observation up to the milestone), debt_points and
        debt_years (of a missed milestone at that observation; of one ahead at the last observation),
        rebased_per_year (needed from the last observation), extra_per_year (rebased - planned), reason ("",
        "at_least", "no_data", "not_observed_in_year").

    Examples
    --------
    >>> share = pd.DataFrame({"year": [2021, 2025], "value": [3.0, 8.5]})
    >>> goals = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})
    >>> table = milestone_table(share, goals, direction=1)
    >>> table[["target_year", "status", "debt_points", "planned_per_year", "rebased_per_year"]]
       target_year  status  debt_points  planned_per_year  rebased_per_year
    0         2025  missed         11.5              4.25               NaN
    1         2030   ahead         11.5              2.00               4.3
    """
    check_direction(direction)
    run = comparable_run(one_series(history))
    goals = read_targets(targets)
    goals = targets_of(goals, run["area"].iloc[0]) if len(run) else goals
    debts = path_debt(history, targets, direction=direction)
    knots = target_path(history, targets)
    knots = knots[knots["kind"] != "between"]
    over = max([year or 0, *run["year"]])
    rows = [_milestone(goal, run, debts, knots, direction, over) for goal in goals.itertuples()]
    return pd.DataFrame(rows, columns=list(MILESTONE_COLUMNS)).astype({"target_year": "Int64", "value_year": "Int64"})


def rebased_path(history: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Draw the path that is left: from the last observation straight through the milestones still ahead.

    Returns
    -------
    DataFrame
        year, value, kind ("rebased" for the last observation, "milestone", "between"). Empty when no milestone is
        ahead.

    Examples
    --------
    >>> share = pd.DataFrame({"year": [2021, 2025], "value": [3.0, 8.5]})
    >>> goals = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})
    >>> rebased_path(share, goals).iloc[[0, 1, 5]]
       year  value       kind
    0  2025    8.5    rebased
    1  2026   12.8    between
    5  2030   30.0  milestone
    """
    run = comparable_run(one_series(history))
    goals = read_targets(targets)
    if not len(run):
        return path_through([])
    last = run.iloc[-1]
    goals = targets_of(goals, last["area"])
    ahead = goals[goals["year"] > last["year"]]
    if not len(ahead):
        return path_through([])
    knots = [(int(goal.year), float(goal.value), "milestone") for goal in ahead.itertuples()]
    return path_through([(int(last["year"]), float(last["value"]), "rebased"), *knots])


def _years_behind(path: pd.DataFrame, year: int, value: float, direction: int) -> tuple[float, str]:
    """Return how long ago the path passed this value; only a bound where the path never did."""
    years, planned = path["year"].to_numpy(dtype="float64"), direction * path["value"].to_numpy()
    level = direction * value
    if level < planned[0]:
        return float(year - years[0]), "at_least"
    reached = np.flatnonzero(planned >= level)
    if not len(reached):
        return float(year - years[-1]), "beyond_path"
    here = int(reached[0])
    if here == 0:
        return float(year - years[0]), ""
    step = (level - planned[here - 1]) / (planned[here] - planned[here - 1])
    return float(year - (years[here - 1] + step)), ""


def _milestone(
    goal: object, run: pd.DataFrame, debts: pd.DataFrame, knots: pd.DataFrame, direction: int, over: int
) -> dict[str, object]:
    known = run[run["year"] <= goal.year]
    before = knots[knots["year"] < goal.year].tail(1)
    planned = math.nan
    if len(before):
        planned = (goal.value - before["value"].iloc[0]) / (goal.year - before["year"].iloc[0])
    row = {
        "target_year": goal.year, "target": goal.value, "planned_per_year": planned, "status": "not_observed",
        "value": math.nan, "value_year": None, "debt_points": math.nan, "debt_years": math.nan,
        "rebased_per_year": math.nan, "extra_per_year": math.nan, "reason": "no_data",
    }
    if not len(known):
        return row
    seen, last = known.iloc[-1], run.iloc[-1]
    row |= {"value": seen["value"], "value_year": seen["year"], "reason": ""}
    row |= _debt_at(debts, seen["year"])
    if seen["year"] == goal.year:
        return row | {"status": "met" if is_met(seen["value"], goal.value, direction, goal.comparator) else "missed"}
    if goal.year <= over:
        return row | {"status": "not_observed", "reason": "not_observed_in_year"}
    rebased = (goal.value - last["value"]) / (goal.year - last["year"])
    return row | {"status": "ahead", "rebased_per_year": rebased, "extra_per_year": rebased - planned}


def _debt_at(debts: pd.DataFrame, year: int) -> dict[str, object]:
    found = debts[debts["year"] == year]
    if not len(found):
        return {}
    return {name: found[name].iloc[0] for name in ("debt_points", "debt_years", "reason")}
