"""Where one area stands among others in the year of its own latest figure, and what it adds to the national goal."""

from __future__ import annotations

import math

import pandas as pd

from .national import contribution
from .peers import RANK_COLUMNS, ranks
from .series import comparable_run, each_series, read_history

GOAL_COLUMNS = ("area", "current", "target", "gap", "weight", "points", "share_of_rise", "basis")


def standing(panel: pd.DataFrame, area: str, *, direction: int) -> pd.DataFrame:
    """Rank the areas in the latest year in which `area` has a figure (any area, where it has none).

    Ranks of different years are not comparable, so an area without a figure in that year is left out.

    Parameters
    ----------
    panel : DataFrame
        History table of many areas.
    area : str
        The area whose latest year is taken.
    direction : int
        +1 the highest value is first, -1 the lowest.

    Returns
    -------
    DataFrame
        The columns of `peers.ranks`; empty where the panel is.

    Examples
    --------
    >>> panel = pd.DataFrame({"area": ["a", "b", "b"], "year": [2022, 2022, 2023], "value": [5.0, 9.0, 10.0]})
    >>> standing(panel, "a", direction=1)[["area", "year", "rank"]].values.tolist()
    [['b', 2022, 1], ['a', 2022, 2]]
    """
    if not len(panel):
        return pd.DataFrame(columns=list(RANK_COLUMNS))
    table = read_history(panel)
    own = table[(table["area"] == area) & table["value"].notna()]
    year = int((own if len(own) else table)["year"].max())
    return ranks(panel, direction=direction, year=year)


def comparable_panel(panel: pd.DataFrame) -> pd.DataFrame:
    """Keep of each area only the figures after its last break, so that no line between two years crosses one.

    Examples
    --------
    >>> panel = pd.DataFrame({"area": ["a", "a"], "year": [2021, 2024], "value": [3.0, 7.1], "break_before": ["", "x"]})
    >>> comparable_panel(panel)["year"].tolist()
    [2024]
    """
    runs = [comparable_run(series) for series in each_series(panel)] if len(panel) else []
    return pd.concat(runs, ignore_index=True) if runs else panel


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
    })  # fmt: skip
