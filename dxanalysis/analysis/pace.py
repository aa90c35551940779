"""Tests of whether a target is met, and the linear path from the baseline through the targets."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .series import comparable_run, one_series, require_columns, whole_years

_TESTS = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less}
_SNAP = 0.03  # a band target counts as met within 3 % of it, the rule StatCan uses for ratios around 1


def read_targets(targets: pd.DataFrame) -> pd.DataFrame:
    """Check a targets table (`year`, `value`, optionally `area`, `comparator`) and sort it by year.

    Examples
    --------
    >>> import pandas as pd
    >>> read_targets(pd.DataFrame({"year": [2030, 2025], "value": [30.0, 20.0]}))["year"].tolist()
    [2025, 2030]
    >>> read_targets(pd.DataFrame({"year": [2025, 2025], "value": [20.0, 25.0]}))
    Traceback (most recent call last):
    ...
    ValueError: Targets hold 2 values for 2025 (20, 25). Keep the one you judge by.
    """
    require_columns(targets, ("year", "value"), "Targets")
    defaults = {"indicator": "", "area": "", "comparator": "", "unit": ""}
    table = targets.assign(**{name: text for name, text in defaults.items() if name not in targets.columns})
    table = table[table["value"].notna()].copy()
    table["value"] = table["value"].astype("float64")
    table["year"] = whole_years(table["year"], "Targets")
    _refuse_two_targets(table)
    return table.sort_values(["area", "year"], kind="stable", ignore_index=True)


def sense(comparator: str, direction: int) -> int:
    """Return in which direction a target asks to go: as its comparator says, else as the indicator does.

    >>> sense("<=", 1), sense("", -1)
    (-1, -1)
    """
    return {">=": 1, ">": 1, "<=": -1, "<": -1}.get(comparator, direction)


def is_met(value: float, target: float, direction: int, comparator: str = "") -> bool:
    """Tell whether a value meets a target; a written comparator (>=, >, <=, <) rules over the direction.

    "=", "about" and "~" follow the direction; where that is 0 (a band) a value within 3 % of the target meets it.

    Examples
    --------
    >>> is_met(20.0, 20.0, 1), is_met(20.0, 20.0, 1, ">"), is_met(19.8, 20.0, 0)
    (True, False, True)
    """
    return math.isfinite(value) and math.isfinite(target) and bool(meets(value, target, direction, comparator))


def meets(values: np.ndarray | float, target: float, direction: int, comparator: str = "") -> np.ndarray:
    """Tell of every value whether it meets the target (the rule of `is_met`)."""
    test = _TESTS.get(rule_of(comparator, direction))
    return np.abs(values - target) <= _SNAP * abs(target) if test is None else test(values, target)


def rule_of(comparator: str, direction: int) -> str:
    """Return the rule by which a target is met: >=, >, <=, < or "about".

    >>> rule_of("<", 1), rule_of("about", -1), rule_of("", 0)
    ('<', '<=', 'about')
    """
    return comparator if comparator in _TESTS else {1: ">=", -1: "<="}.get(direction, "about")


def milestones_of(targets: pd.DataFrame) -> pd.DataFrame:
    """Return the targets of lasting documents: the plan of a single year is a target, and no bend in the path.

    >>> table = pd.DataFrame({"year": [2025, 2026], "value": [20.0, 14.5], "role": ["sets", "annual"]})
    >>> milestones_of(table)["year"].tolist()
    [2025]
    """
    if "role" not in targets or not (targets["role"] == "sets").any():
        return targets
    return targets[targets["role"] == "sets"]


def target_path(history: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Draw the path from the baseline through every milestone: straight lines that bend at each of them.

    The baseline is the last figure of the years up to the day of the first document (`document_date`), also where a
    break lies behind it; else the first comparable one. Without any the path starts at the first target, because no
    line can be drawn from nowhere.

    Returns
    -------
    DataFrame
        year, value, kind ("baseline", "milestone", "between"), one row per year.

    Examples
    --------
    >>> import pandas as pd
    >>> share = pd.DataFrame({"year": [2021, 2024], "value": [3.0, 7.1]})
    >>> goals = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})
    >>> path = target_path(share, goals)
    >>> path[path["year"].isin([2021, 2022, 2025, 2026, 2030])]
       year  value       kind
    0  2021   3.00   baseline
    1  2022   7.25    between
    4  2025  20.00  milestone
    5  2026  22.00    between
    9  2030  30.00  milestone
    """
    series = one_series(history)
    run = comparable_run(series)
    goals = _one_area(read_targets(milestones_of(targets)), run)
    knots = [(int(goal.year), float(goal.value), "milestone") for goal in goals.itertuples()]
    start = _baseline(series, run, targets, knots)
    if start is not None:
        knots = [start, *(knot for knot in knots if knot[0] > start[0])]
    return path_through(knots)


def _baseline(
    series: pd.DataFrame, run: pd.DataFrame, targets: pd.DataFrame, knots: list[tuple[int, float, str]]
) -> tuple[int, float, str] | None:
    """Return where the path starts: the last figure of the years up to the first document, else the first comparable.

    A target was set from what was known then, be it measured in another way since; the first figure after a break
    would hide how far behind the path the series lies.
    """
    known = series[series["value"].notna()]
    issued = targets["document_date"].dropna().astype(str) if "document_date" in targets else pd.Series(dtype=str)
    issued = issued[issued.str.fullmatch(r"\d{4}.*")]
    then = known[known["year"] <= int(issued.min()[:4])] if len(issued) else known.head(0)
    rows = then.tail(1) if len(then) else run.head(1)
    if not knots or rows.empty or rows["year"].iloc[0] >= knots[-1][0]:
        return None
    return int(rows["year"].iloc[0]), float(rows["value"].iloc[0]), "baseline"


def path_through(knots: list[tuple[int, float, str]]) -> pd.DataFrame:
    """Join knots (year, value, kind) by straight lines, one row per year, marking the years in between.

    Examples
    --------
    >>> path_through([(2020, 1.0, "baseline"), (2022, 3.0, "milestone")])
       year  value       kind
    0  2020    1.0   baseline
    1  2021    2.0    between
    2  2022    3.0  milestone
    """
    if not knots:
        return pd.DataFrame({"year": np.array([], "int64"), "value": np.array([], "float64"), "kind": _texts([])})
    years, values, kinds = zip(*sorted(knots), strict=True)
    all_years = np.arange(years[0], years[-1] + 1)
    named = dict(zip(years, kinds, strict=True))
    return pd.DataFrame({
        "year": all_years,
        "value": np.interp(all_years, years, values),
        "kind": _texts([named.get(year, "between") for year in all_years.tolist()]),
    })


def _texts(values: list[str]) -> pd.Series:
    return pd.Series(values, dtype="str")


def targets_of(goals: pd.DataFrame, area: str) -> pd.DataFrame:
    """Return the checked targets that apply to an area: its own, or all of them where they name at most one area.

    Examples
    --------
    >>> import pandas as pd
    >>> goals = read_targets(pd.DataFrame({"area": ["ha-noi", "hue"], "year": [2025, 2025], "value": [30.0, 20.0]}))
    >>> targets_of(goals, "hue")["value"].tolist()
    [20.0]
    """
    if goals["area"].nunique() <= 1:
        return goals
    return goals[goals["area"].isin([area, ""])]


def _one_area(goals: pd.DataFrame, run: pd.DataFrame) -> pd.DataFrame:
    return targets_of(goals, run["area"].iloc[0]) if len(run) else goals


def _refuse_two_targets(table: pd.DataFrame) -> None:
    repeated = table.duplicated(["area", "year"], keep=False)
    if repeated.any():
        row = table[repeated].iloc[0]
        same = table[(table["year"] == row["year"]) & (table["area"] == row["area"])]["value"]
        listed = ", ".join(f"{value:g}" for value in same[:10])
        raise ValueError(f"Targets hold {len(same)} values for {row['year']} ({listed}). Keep the one you judge by.")
