"""What moved between two analyses of the same question, and what moved it: data, revision, target, method or code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from .question import METHODS, IndicatorLike
from .releases import CAUSES, Judgement, explain_change, pace_ratio
from .series import read_points
from .verdicts.verdict import Verdict

SOURCES = (*CAUSES, "code")  # what may move a number; the last is the program itself
CHANGE_COLUMNS = (
    "what", "method", "target_year", "figure_year", "before", "after", "step_before", "step_after",
    *(f"percent_{cause}" for cause in SOURCES), "cause",
)
_ALMOST = 1e-9  # CSV files keep numbers to their last bit; what differs by less is the noise of arithmetic
_FORECAST = ("probability", "median")
_PEERS = "world_bank"  # the method that compares with other areas

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class _Pair:
    """Two analyses with the indicator they are about."""

    before: Tables
    after: Tables
    indicator: IndicatorLike

    def judgements(self, goal: int, method: str) -> tuple[Judgement, Judgement] | None:
        """Return both judgements of a target year, or None where one side has no such target or no figure."""
        sides = [_judgement(tables, goal, method, self.indicator) for tables in (self.before, self.after)]
        return None if None in sides else (sides[0], sides[1])


def changes(before: Tables, after: Tables, indicator: IndicatorLike) -> pd.DataFrame:
    """Compare two analyses of one series and say what moved each verdict and number.

    The verdicts of each method are compared by their pace ratio, as in `releases.explain_change`. A part that the data,
    the target and the method do not account for is the program's own (``code``), or the method's where its version
    changed. A forecast also rests on other areas' series, which a run does not leave behind, so it gets no cause; nor
    does the World Bank's method.

    Parameters
    ----------
    before, after : mapping of str to DataFrame
        What the two runs left: history, targets, and where there are panel, agreement and attainment.
    indicator : object
        Anything with direction, lower and upper.

    Returns
    -------
    DataFrame
        One row per thing that moved: what (figure, overall, verdict, probability, median),
        method, target_year, figure_year, before, after, step_before, step_after, percent_new_data, percent_revision,
        percent_target, percent_method, percent_code (they add up to 100, or are missing), cause (the largest).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> share = SimpleNamespace(direction=1, lower=0.0, upper=100.0)
    >>> goal = pd.DataFrame({"year": [2025], "value": [20.0]})
    >>> first = {"history": pd.DataFrame({"year": [2022, 2023], "value": [12.63, 12.33]}), "targets": goal}
    >>> later = {"history": pd.DataFrame({"year": [2022, 2023], "value": [12.83, 12.87]}), "targets": goal}
    >>> changes(first, later, share)[["what", "figure_year", "before", "after", "cause"]]
         what  figure_year  before  after     cause
    0  figure         2022   12.63  12.83  revision
    1  figure         2023   12.33  12.87  revision
    """
    pair = _Pair(before, after, indicator)
    rows = [*_figures(pair), *_overall(pair), *_verdicts(pair), *_forecasts(pair)]
    table = pd.DataFrame(rows, columns=list(CHANGE_COLUMNS))
    numeric = dict.fromkeys(("before", "after", *(f"percent_{cause}" for cause in SOURCES)), "float64")
    return table.astype(numeric | dict.fromkeys(("target_year", "figure_year"), "Int64"))


def _figures(pair: _Pair) -> list[dict[str, object]]:
    old, new = (dict(_points(tables)) for tables in (pair.before, pair.after))
    rows = []
    for year in sorted({*old, *new}):
        one, two = old.get(year), new.get(year)
        if one is not None and two is not None and _same(one, two):
            continue
        cause = "revision" if one is not None and two is not None else "new_data"
        rows.append(_row("figure", figure_year=year, before=one, after=two, shares={cause: 100.0}))
    return rows


def _overall(pair: _Pair) -> list[dict[str, object]]:
    """Compare what most methods say; the cause is named where one thing alone differs."""
    old, new = (_by(tables.get("agreement"), "target_year") for tables in (pair.before, pair.after))
    rows = []
    for goal in sorted({*old, *new}):
        steps = [str(side[goal]["step"]) if goal in side else "" for side in (old, new)]
        if steps[0] != steps[1]:
            shares = _only_cause(pair, goal)
            rows.append(_row("overall", target_year=goal, steps=steps, shares=shares))
    return rows


def _verdicts(pair: _Pair) -> list[dict[str, object]]:
    rows = []
    for method in METHODS:
        old, new = (_by(_of_method(tables, method), "target_year") for tables in (pair.before, pair.after))
        for goal in sorted({*old} & {*new}):
            one, two = old[goal], new[goal]
            ratios = [_recorded_ratio(row, method) for row in (one, two)]
            steps = [str(row["step"]) for row in (one, two)]
            if steps[0] == steps[1] and _same(*ratios):
                continue
            rest = "method" if str(one.get("version")) != str(two.get("version")) else "code"
            shares = _shares(pair, goal, method, ratios, rest)
            shares = shares or ({} if method == _PEERS else _only_cause(pair, goal))
            rows.append(_row("verdict", method, goal, None, *ratios, steps=steps, shares=shares))
    return rows


def _forecasts(pair: _Pair) -> list[dict[str, object]]:
    """List the forecasts that moved; they also rest on series of other areas, so no cause is read off this one."""
    rows = []
    old, new = (_by(tables.get("attainment"), "target_year") for tables in (pair.before, pair.after))
    for goal in sorted({*old} & {*new}):
        for what in _FORECAST:
            values = [_number(side[goal].get(what)) for side in (old, new)]
            if not _same(*values):
                rows.append(_row(what, "", goal, None, *values, shares={}))
    return rows


def _shares(
    pair: _Pair, goal: int, method: str, values: list[float | None], rest: str
) -> dict[str, float]:
    """Return the percent of each cause of a recorded change; nothing where it cannot be taken apart."""
    both = pair.judgements(goal, method)
    if both is None or None in values:
        return {}
    try:
        effects = explain_change(*both)
    except ValueError:  # a combination has no ratio (one point, a target already met)
        return {}
    total = float(values[1]) - float(values[0])  # type: ignore[arg-type]
    found = dict(zip(effects["cause"], effects["effect"], strict=True))
    left = total - sum(found.values())
    found[rest] = found.get(rest, 0.0) + (left if abs(left) > 1e-6 * max(1.0, abs(total)) else 0.0)
    return {cause: 100.0 * effect / total for cause, effect in found.items()}


def _only_cause(pair: _Pair, goal: int) -> dict[str, float]:
    """Give all to the one input that differs; to the code where none does; to nothing where several do."""
    differing = _inputs_that_differ(pair, goal)
    if len(differing) > 1:
        return {}
    return {(differing or ["code"])[0]: 100.0}


def _inputs_that_differ(pair: _Pair, goal: int) -> list[str]:
    old, new = (dict(_points(tables)) for tables in (pair.before, pair.after))
    targets = [_targets(tables).get(goal) for tables in (pair.before, pair.after)]
    versions = [
        sorted(set(table["version"].astype(str))) if table is not None and "version" in table else []
        for table in (pair.before.get("panel"), pair.after.get("panel"))
    ]
    tests = {
        "new_data": set(old) != set(new),
        "revision": any(not _same(old[year], new[year]) for year in {*old} & {*new}),
        "target": not _same(*targets),
        "method": versions[0] != versions[1],
    }
    return [cause for cause, differs in tests.items() if differs]


def _judgement(tables: Tables, goal: int, method: str, indicator: IndicatorLike) -> Judgement | None:
    target, points = _targets(tables).get(goal), _points(tables)
    kept = [(year, value) for year, value in points if year <= goal] or points
    if target is None or not kept:
        return None
    return Judgement(kept, target, goal, int(indicator.direction), method, indicator.lower, indicator.upper)


def _points(tables: Tables) -> list[tuple[int, float]]:
    history = tables.get("history", pd.DataFrame())
    if history.empty:
        return []
    years, values = read_points(history)
    return list(zip(years.tolist(), values.tolist(), strict=True))


def _targets(tables: Tables) -> dict[int, float]:
    table = tables.get("targets", pd.DataFrame())
    return {} if table.empty else dict(zip(table["year"].astype(int), table["value"].astype(float), strict=True))


def _of_method(tables: Tables, method: str) -> pd.DataFrame | None:
    panel = tables.get("panel")
    return None if panel is None or panel.empty else panel[panel["method"] == method]


def _by(table: pd.DataFrame | None, column: str) -> dict[int, pd.Series]:
    if table is None or table.empty:
        return {}
    return {int(row[column]): row for _, row in table[table[column].notna()].iterrows()}


def _recorded_ratio(row: pd.Series, method: str) -> float | None:
    value, statistic = _number(row.get("value")), row.get("statistic")
    return pace_ratio(Verdict(method, value, str(row["step"]), None, statistic=str(statistic)))


def _number(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)  # type: ignore[arg-type]


def _same(one: float | None, two: float | None) -> bool:
    if one is None or two is None:
        return one is two
    return abs(one - two) <= _ALMOST * max(1.0, abs(one), abs(two))


def _row(
    what: str, method: str = "", target_year: int | None = None, figure_year: int | None = None,
    before: float | None = None, after: float | None = None, *, shares: Mapping[str, float],
    steps: list[str] | None = None,
) -> dict[str, object]:
    old, new = steps or ["", ""]
    cause = max(shares, key=lambda name: abs(shares[name])) if shares else ""
    percents = {f"percent_{name}": (shares.get(name, 0.0) if shares else None) for name in SOURCES}
    return {
        "what": what, "method": method, "target_year": target_year, "figure_year": figure_year, "before": before,
        "after": after, "step_before": old, "step_after": new, **percents, "cause": cause,
    }
