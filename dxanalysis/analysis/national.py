"""What each area adds to a national goal, and what the nation would reach if every area met its own target."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .pace import check_direction
from .series import require_columns

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
