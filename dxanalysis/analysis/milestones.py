"""Several milestones are one path that bends; what areas add to a national goal, and what it owes to each."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .pace import check_direction, is_met, path_through, read_targets, target_path, targets_of
from .series import comparable_run, one_series, require_columns

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


GOAL_COLUMNS = ("area", "current", "target", "gap", "weight", "points", "share_of_rise", "basis")
CONTRIBUTION_COLUMNS = (
    "area", "weight", "current", "target", "value", "points", "share_of_rise", "basis", "weight_known",
)


def contribution(
    values: pd.DataFrame,
    targets: pd.DataFrame,
    weights: pd.DataFrame,
    *,
    direction: int = 1,
    without_target: str = "current",
) -> pd.DataFrame:
    """Weigh what the nation would reach if every area met its own target; one beyond its target stays where it is.

    Parameters
    ----------
    values, targets, weights : DataFrame
        `area` and `value`: latest value, target and weight (GRDP) of each area. For a share of GRDP the weights must be
        those of the target year to be exact; with today's weights the result supposes equal growth.
    direction : int
        +1 higher is better, -1 lower is better, 0 a band, where every area moves to its target.
    without_target : str
        "current": an area without target stays where it is; "leave_out": it is not counted.

    Returns
    -------
    DataFrame
        One row per area: area, weight (of the sum of all weights), current, target, value (reached), points (its part
        of the national value), share_of_rise (of the national rise, percent), basis ("target", "current", "left_out":
        nothing known or left out, "no_weight": it cannot be counted), weight_known (weight of all areas counted).
        national value is `points.sum() / weight_known`, see `national_value`.

    Examples
    --------
    >>> area = ["a", "b", "c"]
    >>> table = contribution(
    ...     pd.DataFrame({"area": area, "value": [10.0, 20.0, 5.0]}),
    ...     pd.DataFrame({"area": ["a", "b"], "value": [30.0, 40.0]}),
    ...     pd.DataFrame({"area": [*area, "d"], "value": [50.0, 30.0, 10.0, 10.0]}))
    >>> table[["area", "weight", "value", "points", "basis", "weight_known"]]
      area  weight  value  points     basis  weight_known
    0    a     0.5   30.0    15.0    target           0.9
    1    b     0.3   40.0    12.0    target           0.9
    2    c     0.1    5.0     0.5   current           0.9
    3    d     0.1    NaN     NaN  left_out           0.9
    """
    if without_target not in ("current", "leave_out"):
        raise ValueError(f"Areas without target cannot be treated as {without_target!r}. Use 'current' or 'leave_out'.")
    check_direction(direction)
    table = _joined(values, targets, weights)
    ahead = direction * (table["current"] - table["target"]) > 0
    reached = table["target"].mask(ahead, table["current"])
    reached = reached if without_target == "leave_out" else reached.fillna(table["current"])
    known = reached.notna() & table["weight"].notna()
    basis = np.where(table["target"].notna(), "target", np.where(known, "current", "left_out"))
    basis = np.where(table["weight"].isna(), "no_weight", basis)
    rise = table["weight"] * (reached - table["current"])
    return table.assign(
        value=reached,
        points=table["weight"] * reached,
        share_of_rise=100 * rise / rise.sum() if rise.sum() else math.nan,
        basis=pd.Series(basis, index=table.index, dtype="str"),
        weight_known=float(table["weight"][known].sum()),
    )[list(CONTRIBUTION_COLUMNS)]


def _joined(values: pd.DataFrame, targets: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    columns = {}
    for name, table in (("weight", weights), ("current", values), ("target", targets)):
        require_columns(table, ("area", "value"), name.capitalize() + "s")
        repeated = table["area"][table["area"].duplicated()]
        if len(repeated):
            raise ValueError(f"{name.capitalize()}s hold {repeated.iloc[0]!r} twice. Keep one row per area.")
        columns[name] = table.set_index("area")["value"].astype("float64")
    if (columns["weight"] < 0).any() or not columns["weight"].sum() > 0:
        raise ValueError("Weights must not be negative and must add up to more than zero. Give the GRDP of each area.")
    table = pd.DataFrame({"weight": columns["weight"] / columns["weight"].sum()})
    table = table.join(columns["current"].rename("current"), how="outer")
    table = table.join(columns["target"].rename("target"), how="left")
    return table.rename_axis("area").reset_index()


def national_goal(
    values: pd.DataFrame, targets: pd.DataFrame, weights: pd.DataFrame, *, direction: int = 1
) -> pd.DataFrame:
    """Weigh the targets of areas towards a national goal, only where every area with a figure has its weight.

    A nation is a weighted mean of its areas. With one weight missing, the parts of all others are unknown, too, so
    nothing is weighed and `basis` says whose weight is missing.

    Parameters
    ----------
    values, targets, weights : DataFrame
        `area` and `value`: latest figure, target and weight of each area.
    direction : int
        +1 higher is better, -1 lower is better: an area beyond its target stays where it is.

    Returns
    -------
    DataFrame
        One row per area: area, current, target, gap, weight, points, share_of_rise, basis ("target", "current",
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
    if not len(values):
        return pd.DataFrame(columns=list(GOAL_COLUMNS))
    weighed = set(values["area"]) <= set(weights["area"])
    if weighed:
        table = contribution(values, targets, weights[weights["area"].isin(values["area"])], direction=direction)
    else:
        table = _unweighed(values, targets, set(weights["area"]))
    return table.assign(gap=table["target"] - table["current"])[list(GOAL_COLUMNS)]


def _unweighed(values: pd.DataFrame, targets: pd.DataFrame, known: set[str]) -> pd.DataFrame:
    goals = dict(zip(targets["area"], targets["value"], strict=True))
    basis = ["not_weighed" if one in known else "no_weight" for one in values["area"]]
    return pd.DataFrame({
        "area": values["area"].to_numpy(), "current": values["value"].to_numpy(dtype="float64"),
        "target": [float(goals.get(one, math.nan)) for one in values["area"]],
        "weight": math.nan, "points": math.nan, "share_of_rise": math.nan, "basis": pd.Series(basis, dtype="str"),
    })
