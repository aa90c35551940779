"""Verdicts by release (vintage) and by definition, and the causes of a change from one release to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations
from math import factorial

import pandas as pd

from .panel import judge
from .question import IndicatorLike, Question, answer
from .series import comparable_run, one_series, read_points, require_columns, whole_years
from .verdicts.verdict import Verdict

RELEASE_COLUMNS = (
    "as_of", "definition", "target_year", "target", "n", "first_year", "last_year", "first", "last", "statistic",
    "value", "step", "status", "method", "reason",
)
CAUSES = ("new_data", "revision", "target", "method")


def verdicts_by_release(
    observations: pd.DataFrame | Mapping[object, pd.DataFrame],
    targets: pd.DataFrame,
    indicator: IndicatorLike,
    *,
    method: str = "statcan",
    through: int | None = None,
) -> pd.DataFrame:
    """Judge the series as it stood at each release, for every definition.

    Parameters
    ----------
    observations : DataFrame or mapping
        All published values of one indicator and area, with the columns `vintage` (date of publication), `value`,
        `period` or `year`, and optionally `definition`; only calendar years count (no half-years), and values marked
        in `conflict` are left out. Or a mapping from a release (or a pair definition, release) to its history table.
    targets, indicator
        As for `judge`.
    method : str
        The method that judges.
    through : int, optional
        Last year looked at, to compare the same years under different releases.

    Returns
    -------
    DataFrame
        One row per definition, release and target: as_of, definition, target_year, target, n, first_year, last_year,
        first, last, statistic, value, step, status, method, reason.

    Examples
    --------
    The same three years of Viet Nam's digital economy share, as first released and as revised:

    >>> from types import SimpleNamespace
    >>> share = SimpleNamespace(direction=1, lower=0.0, upper=100.0)
    >>> published = pd.DataFrame({
    ...     "vintage": ["2023-12-29"] * 2 + ["2025-01-06"] * 3, "year": [2020, 2023, 2020, 2023, 2024],
    ...     "value": [12.66, 12.33, 12.66, 12.87, 13.17]})
    >>> table = verdicts_by_release(published, pd.DataFrame({"year": [2025], "value": [20.0]}), share, through=2023)
    >>> table[["as_of", "last", "value", "step"]].round(2)
            as_of   last  value              step
    0  2023-12-29  12.33  -0.09       moving_away
    1  2025-01-06  12.87   0.06  limited_progress
    """
    rows: list[dict[str, object]] = []
    for definition, as_of, history in _releases(observations):
        series = one_series(history)
        series = series if through is None else series[series["year"] <= through]
        rows += _judge_release(series, targets, indicator, method, definition, as_of)
    table = pd.DataFrame(rows, columns=list(RELEASE_COLUMNS))
    whole = dict.fromkeys(("target_year", "first_year", "last_year"), "Int64")
    return table.astype(whole | {"value": "float64"})


@dataclass(frozen=True)
class Judgement:
    """A verdict's four ingredients: the data, the target, the method, and the direction.

    Attributes
    ----------
    history : table, dict or pairs
        Years and values as they stood.
    target, target_year : float, int
        What they were judged against.
    direction : int
        +1 higher is better, -1 lower is better.
    method : str
        One of `question.METHODS` whose verdicts compare with what is needed (not "world_bank").
    lower, upper : float, optional
        Natural bounds.
    """

    history: object
    target: float
    target_year: int
    direction: int
    method: str = "statcan"
    lower: float | None = None
    upper: float | None = None

    def verdict(self) -> Verdict:
        """Return the verdict."""
        years, values = read_points(self.history)
        question = Question(years, values, self.target, self.target_year, self.direction, self.lower, self.upper)
        return answer(question, self.method)


def explain_change(before: Judgement, after: Judgement) -> pd.DataFrame:
    """Split the change between two verdicts into new data, revision, changed target and changed method.

    The verdicts are compared by their pace ratio (1 = exactly the pace that is needed: R of StatCan and EUSTAT, the
    share of the UN chart, 1 - miss of Destatis, the ratio of SDSN, a tenth of ESCAP's index). Each cause is changed
    alone in every possible order and its effects are averaged (Shapley value), so the parts add up to the change
    exactly and no order is preferred.

    Returns
    -------
    DataFrame
        One row per cause (new_data, revision, target, method): cause, before, after (both the ratio of the whole
        judgement), effect (in units of the ratio), percent (of the change; they add up to 100, missing where nothing
        changed), step_before, step_after.

    Raises
    ------
    ValueError
        When one of the combinations has no pace ratio (one point, target met without a ratio, ...).

    Examples
    --------
    >>> first = Judgement({2020: 12.66, 2021: 12.87, 2022: 12.63, 2023: 12.33}, 20, 2025, 1)
    >>> revised = Judgement({2020: 12.66, 2021: 12.87, 2022: 12.83, 2023: 12.87, 2024: 13.17}, 20, 2025, 1)
    >>> table = explain_change(first, revised)
    >>> table[["cause", "effect", "percent"]].round(3)
          cause  effect  percent
    0  new_data   0.121   61.835
    1  revision   0.074   38.165
    2    target   0.000    0.000
    3    method   0.000    0.000
    >>> explain_change(first, Judgement({2024: 13.17}, 20, 2025, 1))
    Traceback (most recent call last):
    ...
    ValueError: The judgement by 'statcan' on 2024-2024 has no pace ratio (one_point). Compare judgements that have one.
    """
    ratios = {done: _ratio(_mix(before, after, done)) for done in _subsets()}
    effects = {cause: _shapley(cause, ratios) for cause in CAUSES}
    start, end = ratios[frozenset()], ratios[frozenset(CAUSES)]
    total = end - start
    table = pd.DataFrame({
        "cause": list(CAUSES), "before": start, "after": end, "effect": [effects[cause] for cause in CAUSES],
    })
    changed = abs(total) > 1e-12
    percent = table["effect"] / total * 100 if changed else float("nan")
    return table.assign(percent=percent, step_before=before.verdict().step, step_after=after.verdict().step)


def pace_ratio(verdict: Verdict) -> float | None:
    """Return a verdict's value as observed pace over needed pace, or None where it has none.

    Examples
    --------
    >>> pace_ratio(Verdict("destatis", 0.15, "slightly_cloudy", None, statistic="miss"))
    0.85
    """
    if verdict.value is None:
        return None
    if verdict.statistic == "miss":
        return 1 - verdict.value
    if verdict.statistic == "index":
        return verdict.value / 10
    return verdict.value if verdict.statistic in ("ratio", "share") else None


def _releases(
    observations: pd.DataFrame | Mapping[object, pd.DataFrame],
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    if not isinstance(observations, pd.DataFrame):
        for key, history in observations.items():
            named = "definition" in history.columns and len(history) > 0
            own = history["definition"].iloc[0] if named else ""
            definition, as_of = key if isinstance(key, tuple) else (own, key)
            yield str(definition), str(as_of), history
        return
    table = _with_year(observations)
    for definition, part in table.groupby("definition", sort=True):
        for as_of in sorted(part["vintage"].unique()):
            known = part[part["vintage"] <= as_of].sort_values("vintage", kind="stable")
            yield str(definition), str(as_of), known.drop_duplicates(["area", "year"], keep="last")


def _with_year(observations: pd.DataFrame) -> pd.DataFrame:
    require_columns(observations, ("vintage", "value"), "Observations")
    year = "year" if "year" in observations.columns else "period"
    require_columns(observations, (year,), "Observations")
    defaults = {name: "" for name in ("definition", "area", "conflict") if name not in observations.columns}
    table = observations.assign(**defaults)
    whole = table[year].astype("str").str.fullmatch(r"\d{4}(\.0)?")
    table = table[table["value"].notna() & whole & (table["conflict"].fillna("") == "")]
    return table.assign(year=whole_years(table[year], "Observations"), vintage=table["vintage"].astype("str"))


def _judge_release(
    series: pd.DataFrame, targets: pd.DataFrame, indicator: IndicatorLike, method: str, definition: str, as_of: str
) -> list[dict[str, object]]:
    panel = judge(series, targets, indicator)
    run = comparable_run(series)
    first, last = (run.iloc[0], run.iloc[-1]) if len(run) else ({}, {})
    rows = []
    for _, verdict in panel[panel["method"] == method].iterrows():
        rows.append({
            "as_of": as_of, "definition": definition, "target_year": verdict["target_year"],
            "target": verdict["target"], "n": len(run), "first_year": first.get("year"), "last_year": last.get("year"),
            "first": first.get("value"), "last": last.get("value"), "statistic": verdict["statistic"],
            "value": verdict["value"], "step": verdict["step"], "status": verdict["status"], "method": method,
            "reason": verdict["reason"],
        })
    return rows


def _subsets() -> list[frozenset[str]]:
    subsets = [frozenset()]
    for cause in CAUSES:
        subsets += [subset | {cause} for subset in subsets]
    return subsets


def _shapley(cause: str, ratios: dict[frozenset[str], float]) -> float:
    orders = permutations(CAUSES)
    total = sum(
        ratios[frozenset(order[: order.index(cause) + 1])] - ratios[frozenset(order[: order.index(cause)])]
        for order in orders
    )
    return total / factorial(len(CAUSES))


def _mix(before: Judgement, after: Judgement, done: frozenset[str]) -> Judgement:
    """Return the judgement in which the causes in `done` have already happened."""
    old, new = (dict(zip(*read_points(one.history), strict=True)) for one in (before, after))
    years = new if "new_data" in done else old
    first, second = (new, old) if "revision" in done else (old, new)
    history = {year: first.get(year, second.get(year)) for year in years}
    goal = after if "target" in done else before
    method = (after if "method" in done else before).method
    return replace(after, history=history, target=goal.target, target_year=goal.target_year, method=method)


def _ratio(judgement: Judgement) -> float:
    verdict = judgement.verdict()
    ratio = pace_ratio(verdict)
    if ratio is None:
        years, _ = read_points(judgement.history)
        span = f"{years[0]}-{years[-1]}" if len(years) else "no years"
        raise ValueError(
            f"The judgement by {judgement.method!r} on {span} has no pace ratio ({verdict.reason or verdict.status}). "
            "Compare judgements that have one."
        )
    return ratio
