"""Shortfall against the path through the milestones, and contributions of areas to a national target."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .pace import path_through, read_targets, target_path, targets_of
from .series import check_direction, comparable_run, one_series, require_columns

MILESTONE_COLUMNS = (
    "target_year", "target", "state", "planned_per_year", "value", "value_year", "debt_points", "debt_years",
    "rebased_per_year", "extra_per_year", "reason",
)


def milestone_table(
    history: pd.DataFrame, targets: pd.DataFrame, judgement: pd.DataFrame, *, direction: int
) -> pd.DataFrame:
    """Say what each milestone left behind, measured on the planned path, and what an open one asks for now.

    The path runs straight from the baseline through every milestone. The debt in points is what is missing on it in the
    year of the figure judged; the debt in years is the time since the path passed that value, so that "2.1 years
    behind" says when the present value was due. Below the baseline only the least number of years is known (reason
    "at_least"); ahead of the path both are negative. After a miss the debt is added to what the next milestone asked
    for anyway.

    Parameters
    ----------
    history, targets : DataFrame
        One series and its targets.
    judgement : DataFrame
        Rows of `assess` of the series: state, figure and required pace of each target are read from them.
    direction : int
        +1 higher is better, -1 lower is better, 0 a band.

    Returns
    -------
    DataFrame
        One row per target: target_year, target, state, planned_per_year (from the milestone before, or the baseline),
        value and value_year (the figure judged), debt_points, debt_years, rebased_per_year (needed from that figure),
        extra_per_year (rebased - planned), reason ("", "at_least", "beyond_path", "no_data").

    Examples
    --------
    >>> share = pd.DataFrame({"year": [2021, 2024], "value": [3.0, 7.1]})
    >>> goals = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})
    >>> record = pd.DataFrame({"state": ["due", "open"], "figure": 7.1, "figure_year": 2024, "target": [20.0, 30.0],
    ...                        "target_year": [2025, 2030], "required_per_year": [math.nan, 3.82]})
    >>> milestone_table(share, goals, record, direction=1)[["state", "debt_points", "debt_years", "planned_per_year"]]
      state  debt_points  debt_years  planned_per_year
    0   due         8.65    2.035294              4.25
    1  open         8.65    2.035294              2.00
    """
    check_direction(direction)
    path = target_path(history, targets)
    mine = judgement[judgement["target_year"].isin(targets["year"])]
    rows = [_milestone(row, path, direction) for row in mine.to_dict("records")]
    return pd.DataFrame(rows, columns=list(MILESTONE_COLUMNS)).astype({"target_year": "Int64", "value_year": "Int64"})


def _milestone(row: dict[str, object], path: pd.DataFrame, direction: int) -> dict[str, object]:
    before = path[(path["kind"] != "between") & (path["year"] < row["target_year"])].tail(1)
    planned = math.nan
    if len(before):
        planned = (row["target"] - before["value"].iloc[0]) / (row["target_year"] - before["year"].iloc[0])
    told = {name: row[name] for name in ("target_year", "target", "state")} | {"planned_per_year": planned}
    if pd.isna(row["figure"]):
        return told | {"reason": "no_data"}
    rebased = row["required_per_year"]
    told |= {"value": row["figure"], "value_year": row["figure_year"], "rebased_per_year": rebased, "reason": "",
             "extra_per_year": rebased - planned}
    then = path[path["year"] == row["figure_year"]]["value"]
    if not len(then):
        return told
    years, reason = _years_behind(path, int(row["figure_year"]), float(row["figure"]), direction)
    points = direction * (float(then.iloc[0]) - float(row["figure"]))
    return told | {"debt_points": points, "debt_years": years, "reason": reason}


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


GOAL_COLUMNS = ("area", "current", "target", "gap", "weight", "value", "points", "share_of_rise", "basis")


def national_goal(
    values: pd.DataFrame, targets: pd.DataFrame, weights: pd.DataFrame, *, direction: int = 1
) -> pd.DataFrame:
    """Weigh what the nation would reach if every area met its own target, where every area with a figure has a weight.

    A nation is a weighted mean of its areas. With one weight missing, the parts of all others are unknown, too, so
    nothing is weighed and `basis` says whose weight is missing. For a share of GRDP the weights must be those of the
    target year to be exact; with today's weights the result supposes equal growth.

    Parameters
    ----------
    values, targets, weights : DataFrame
        `area` and `value`: latest figure, target and weight (GRDP) of each area.
    direction : int
        +1 higher is better, -1 lower is better: an area beyond its target, or without one, stays where it is; 0 a
        band, where every area moves to its target.

    Returns
    -------
    DataFrame
        One row per area with a figure: area, current, target, gap, weight (of the sum of all), value (reached), points
        (its part of the national value), share_of_rise (of the national rise, percent), basis ("target", "current",
        "no_weight": its own weight is missing, "not_weighed": the weight of another one is).

    Examples
    --------
    >>> values = pd.DataFrame({"area": ["a", "b"], "value": [10.0, 20.0]})
    >>> goals = pd.DataFrame({"area": ["a"], "value": [30.0]})
    >>> national_goal(values, goals, pd.DataFrame({"area": ["a"], "value": [5.0]}))[["area", "basis"]].values.tolist()
    [['a', 'not_weighed'], ['b', 'no_weight']]
    >>> full = pd.DataFrame({"area": ["a", "b"], "value": [3.0, 1.0]})
    >>> national_goal(values, goals, full)[["area", "points", "share_of_rise"]].values.tolist()
    [['a', 22.5, 100.0], ['b', 5.0, 0.0]]
    """
    check_direction(direction)
    given = {"current": values, "target": targets, "weight": weights}
    parts = {name: _by_area(table, name) for name, table in given.items()}
    table = pd.DataFrame(parts).rename_axis("area").loc[parts["current"].index].reset_index()
    held = table["weight"].notna()
    if (table["weight"] < 0).any() or (len(table) and held.all() and not table["weight"].sum() > 0):
        raise ValueError("Weights must not be negative and must add up to more than zero. Give the GRDP of each area.")
    ahead = direction * (table["current"] - table["target"]) > 0
    reached = table["target"].mask(ahead, table["current"]).fillna(table["current"])
    basis = np.where(table["target"].notna(), "target", "current")
    if not held.all():
        basis = np.where(held, "not_weighed", "no_weight")
    weight = table["weight"] / table["weight"].sum() if held.all() else table["weight"] * math.nan
    rise = weight * (reached - table["current"])
    return table.assign(
        gap=table["target"] - table["current"], weight=weight, value=reached, points=weight * reached,
        share_of_rise=100 * rise / rise.sum() if rise.sum() else math.nan, basis=pd.Series(basis, dtype="str"),
    )[list(GOAL_COLUMNS)]


def _by_area(table: pd.DataFrame, name: str) -> pd.Series:
    require_columns(table, ("area", "value"), f"{name.capitalize()}s")
    repeated = table["area"][table["area"].duplicated()]
    if len(repeated):
        raise ValueError(f"{name.capitalize()}s hold {repeated.iloc[0]!r} twice. Keep one row per area.")
    return table.set_index("area")["value"].astype("float64")
