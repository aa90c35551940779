"""The Sustainable Development Report (SDSN): normalised scores, dashboard colours, trend arrows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

from ..series import History, check_direction, read_points
from .verdict import Method, Verdict, number

SDSN_COLOUR = Method(
    "sdsn_colour", "SDG Index 2018", "Sachs et al. 2018, SDG Index and Dashboards, Methodology s. 1.5-1.6"
)
SDSN_TREND = Method("sdsn_trend", "SDG Index 2018", "Sachs et al. 2018, SDG Index and Dashboards, Methodology s. 1.5.3")
TREND_CUTS = (1.0, 0.5, 0.0)
ROUNDING = 1e-9  # 0.1, 0.3 and 0.7 have no exact binary form; exactly the needed change must not hang on that

_COLUMNS = (
    ("lower_bound", "lower"),
    ("red_threshold", "red"),
    ("green_threshold", "green"),
    ("upper_bound", "upper"),
)
_COLOUR_STEPS = {
    "green": "achieved",
    "yellow": "acceleration_needed",
    "orange": "limited_progress",
    "red": "limited_progress",
    "gray": "not_available",
}
Values = TypeVar("Values", float, np.ndarray, pd.Series)


def sdsn_normalise(values: Values, lower: float, upper: float) -> Values:
    """Return values on the 0-100 scale of the SDG Index: 100 (x - lower)/(upper - lower), held within 0 and 100.

    `lower` is the worst bound (the 2.5th percentile of all countries), `upper` the best ("technical optimum"); for an
    indicator where less is better `lower` is the larger number. Missing values stay missing.

    Examples
    --------
    Internet use in Afghanistan, published score 8.5657:

    >>> round(sdsn_normalise(10.5957264186601, 2.220165349672992, 100.0), 4)
    8.5657
    >>> sdsn_normalise(30.0, 40.0, 20.0), sdsn_normalise(120.0, 0.0, 100.0)
    (50.0, 100.0)
    >>> sdsn_normalise(1.0, 5.0, 5.0)
    Traceback (most recent call last):
    ...
    ValueError: Bounds 5.0 and 5.0 are equal, so nothing can be placed between them. Give the worst and the best bound.
    """
    if lower == upper:
        raise ValueError(
            f"Bounds {lower} and {upper} are equal, so nothing can be placed between them. "
            "Give the worst and the best bound."
        )
    scores = np.clip((np.asarray(values, dtype="float64") - lower) / (upper - lower) * 100, 0, 100)
    if isinstance(values, pd.Series):
        return pd.Series(scores, index=values.index, name=values.name)
    return scores if scores.ndim else float(scores)


def sdsn_goal(scores: Sequence[float] | np.ndarray | pd.Series) -> float:
    """Return the goal score, the arithmetic mean of the normalised scores there are; NaN where there is none.

    Examples
    --------
    >>> sdsn_goal([10.0, 20.0, 30.0, float("nan")])
    20.0
    """
    there = np.asarray(scores, dtype="float64")
    known = there[~np.isnan(there)]
    return float(known.mean()) if len(known) else float("nan")


def sdsn_index(goals: Mapping[str, Sequence[float]]) -> float:
    """Return the SDG Index, the mean of the goal scores; NaN where more than 20 % of all indicators are missing.

    Examples
    --------
    >>> sdsn_index({"goal 8": [10.0, 20.0, 30.0], "goal 9": [40.0, 40.0]})
    30.0
    >>> sdsn_index({"goal 8": [10.0, 20.0, float("nan")]})
    nan
    """
    scores = np.concatenate([np.asarray(one, dtype="float64") for one in goals.values()] or [np.array([])])
    if not len(scores) or np.isnan(scores).sum() > 0.2 * len(scores):
        return float("nan")
    means = [sdsn_goal(one) for one in goals.values()]
    return float(np.nanmean(means))


def sdsn_colour(
    indicators: Mapping[str, float] | pd.Series, thresholds: pd.DataFrame | Mapping[str, Sequence[float]]
) -> Verdict:
    """Give the dashboard colour of a goal from its two worst indicators.

    Each indicator is placed from 0 (lower bound) over 1 (red threshold) and 2 (green threshold) to 3 (upper bound), by
    straight lines; the mean of the two worst decides. Green only if both are green, red only if both are red, orange
    below 1.5, yellow from there. With fewer than half of the indicators the goal is gray.

    Parameters
    ----------
    indicators : mapping
        Raw value of each indicator of one country, NaN where missing.
    thresholds : DataFrame or mapping
        Per indicator lower_bound, red_threshold, green_threshold, upper_bound: a table with those columns and
        `indicator`, or a mapping to the four numbers, in this order or by name. A red threshold equal to the lower
        bound puts that bound at 1.

    Returns
    -------
    Verdict
        status green, yellow, orange, red or gray; `value` the mean of the two worst (0-3).

    References
    ----------
    Sachs, J. et al. (2018), SDG Index and Dashboards Report, Methodology 1.6.

    Examples
    --------
    >>> cuts = {"internet": (2.2, 50, 80, 100), "roads": (1.8, 3, 4.5, 6.3), "research": (0.0, 1.0, 1.5, 3.7)}
    >>> [sdsn_colour({"internet": net, "roads": 5.0, "research": 1.8}, cuts).status for net in (90, 70, 40)]
    ['green', 'yellow', 'orange']
    >>> sdsn_colour({"internet": 90.0, "roads": float("nan"), "research": float("nan")}, cuts).status
    'gray'
    """
    cuts = _read_thresholds(thresholds)
    given = dict(indicators.items())
    places = [sdsn_place(given[name], *cuts[name]) for name in cuts if number(given.get(name)) is not None]
    if not cuts or len(places) < len(cuts) / 2:
        return SDSN_COLOUR.verdict(None, "gray", None, reason="fewer_than_half_of_the_indicators")
    two_worst = sorted(places)[:2]
    mean = sum(two_worst) / len(two_worst)
    colour = _colour(two_worst, mean)
    return SDSN_COLOUR.verdict(
        mean, colour, None, step=_COLOUR_STEPS[colour], statistic="mean_of_two_worst", thresholds=(2.0, 1.5, 1.0)
    )


def sdsn_place(value: float, lower: float, red: float, green: float, upper: float) -> float:
    """Place a raw value between its thresholds: 0 lower bound, 1 red, 2 green, 3 upper bound, straight lines between.

    Examples
    --------
    >>> sdsn_place(65, 2.2, 50, 80, 100), sdsn_place(200, 2.2, 50, 80, 100), sdsn_place(0, 0, 0, 20, 91)
    (1.5, 3.0, 1.0)
    """
    if upper < lower:  # lower is better: mirror, so that all bounds rise
        value, lower, red, green, upper = -value, -lower, -red, -green, -upper
    bounds, marks = [lower, red, green, upper], [0.0, 1.0, 2.0, 3.0]
    if lower == red:
        bounds, marks = bounds[1:], marks[1:]
    return float(np.interp(value, bounds, marks))


def sdsn_trend(
    history: History,
    target: float,
    target_year: int,
    direction: int = 1,
    *,
    base_year: int | None = None,
    lower: float | None = None,
    upper: float | None = None,
) -> Verdict:
    """Give the trend arrow: the average annual change observed, against the linear change needed from the base year.

    At least the needed change is on_track, at least half of it moderately_improving, zero or more stagnating, less
    decreasing. A series at or above the green threshold at both ends is maintaining; its movement above the threshold
    is ignored.

    Parameters
    ----------
    history : table, Series, dict or pairs
        Years and values, raw or normalised (the ratio is the same unless a score is clipped).
    target : float
        The green threshold.
    target_year : int
        2030 in the published editions.
    direction : int
        +1 higher is better, -1 lower is better, 0 a band: the distance from the target should vanish.
    base_year : int, optional
        First year of the comparison (2010 in the 2018 edition, 2015 later); the nearest year within one is taken, and
        without one the verdict is not_available. First year of the series if not given.
    lower, upper : float, optional
        Worst and best bound: values and target are normalised (and clipped) first.

    Returns
    -------
    Verdict
        `value` observed / needed change; `score` on the published 0-4 scale (0-1 decreasing, 1-2 stagnating, 2-3
        moderately improving, 3-4 on track or maintaining), linear in the ratio as far as is published.

    References
    ----------
    Sachs, J. et al. (2018), SDG Index and Dashboards Report, Methodology 1.5.3.

    Examples
    --------
    >>> verdict = sdsn_trend({2015: 45.0, 2024: 84.15}, 95, 2030)
    >>> verdict.status, round(verdict.value, 2)
    ('on_track', 1.31)
    >>> sdsn_trend({2015: 82.0, 2024: 81.0}, 80, 2030).status
    'maintaining'
    """
    check_direction(direction)
    years, values = read_points(history)
    if number(target) is None or number(target_year) is None:
        return SDSN_TREND.not_available("no_target" if number(target) is None else "no_target_year")
    if lower is not None and upper is not None:
        values, target, direction = sdsn_normalise(values, lower, upper), sdsn_normalise(target, lower, upper), 1
    if direction == 0:
        values, target, direction = np.abs(values - target), 0.0, -1
    start = _base_index(years, base_year)
    if start is None or len(years) - start < 2:
        return SDSN_TREND.not_available(_why_not(years, start))
    first, last, span = float(values[start]), float(values[-1]), float(years[-1] - years[start])
    return _arrow(first, last, span, float(target_year - years[start]), target, direction)


def sdsn_goal_trend(verdicts: Sequence[Verdict]) -> Verdict:
    """Give the trend of a goal: the mean of its indicators' 0-4 scores; needs a trend for 75 % of them.

    Examples
    --------
    >>> up = sdsn_trend({2015: 45.0, 2024: 84.15}, 95, 2030)
    >>> down = sdsn_trend({2015: 45.0, 2024: 40.0}, 95, 2030)
    >>> sdsn_goal_trend([up, up, down]).status
    'moderately_improving'
    """
    scores = [verdict.score for verdict in verdicts if verdict.score is not None]
    if not scores or len(scores) < 0.75 * len(verdicts):
        return SDSN_TREND.not_available("fewer_than_75_percent_of_the_indicators")
    mean = sum(scores) / len(scores)
    status, step = (
        ("on_track", "on_track") if mean >= 3
        else ("moderately_improving", "acceleration_needed") if mean >= 2
        else ("stagnating", "limited_progress") if mean >= 1
        else ("decreasing", "moving_away")
    )
    return SDSN_TREND.verdict(
        mean, status, mean, reason="aggregate", step=step, statistic="score", thresholds=(3.0, 2.0, 1.0)
    )


def _read_thresholds(thresholds: pd.DataFrame | Mapping[str, Sequence[float]]) -> dict[str, tuple[float, ...]]:
    if not isinstance(thresholds, pd.DataFrame):
        rows = {name: _four(bounds) for name, bounds in thresholds.items()}
        return {name: tuple(map(float, bounds)) for name, bounds in rows.items()}
    table = thresholds.set_index("indicator") if "indicator" in thresholds.columns else thresholds
    columns = [long if long in table.columns else short for long, short in _COLUMNS]
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(
            f"Thresholds have no column {missing[0]!r}. "
            "They need lower_bound, red_threshold, green_threshold, upper_bound."
        )
    return {str(name): tuple(map(float, row)) for name, row in zip(table.index, table[columns].to_numpy(), strict=True)}


def _four(bounds: Sequence[float] | Mapping[str, float]) -> Sequence[float]:
    """Return four thresholds in their order, given in that order or by name."""
    if not isinstance(bounds, Mapping | pd.Series):
        return bounds
    return [bounds[long if long in bounds else short] for long, short in _COLUMNS]


def _colour(two_worst: list[float], mean: float) -> str:
    if min(two_worst) >= 2:
        return "green"
    if max(two_worst) < 1:
        return "red"
    return "orange" if mean < 1.5 else "yellow"


def _base_index(years: np.ndarray, base_year: int | None) -> int | None:
    if not len(years):
        return None
    if base_year is None:
        return 0
    distance = np.abs(years - base_year)
    nearest = int(np.argmin(distance))
    return nearest if distance[nearest] <= 1 else None


def _why_not(years: np.ndarray, start: int | None) -> str:
    if not len(years):
        return "no_data"
    return "base_year_missing" if start is None else "one_point"


def _arrow(first: float, last: float, span: float, until: float, target: float, direction: int) -> Verdict:
    met_first, met_last = direction * (first - target) >= 0, direction * (last - target) >= 0
    if met_first and met_last:
        return SDSN_TREND.verdict(
            None, "maintaining", 4, reason="target_met", step="achieved", statistic="ratio", thresholds=TREND_CUTS
        )
    if until <= 0:
        return SDSN_TREND.not_available("target_year_not_after_base")
    observed = direction * (last - first) / span
    if met_first:
        return SDSN_TREND.verdict(None, "decreasing", 0, reason="target_lost", step="moving_away", statistic="ratio")
    ratio = observed / (direction * (target - first) / until)
    status, step = _trend(ratio)
    return SDSN_TREND.verdict(
        ratio, status, min(max(1 + 2 * ratio, 0.0), 4.0), reason="target_met" if met_last else "",
        step="achieved" if met_last else step, statistic="ratio", thresholds=TREND_CUTS,
        projected=first + direction * observed * until,
    )


def _trend(ratio: float) -> tuple[str, str]:
    if ratio >= TREND_CUTS[0] - ROUNDING:
        return "on_track", "on_track"
    if ratio >= TREND_CUTS[1] - ROUNDING:
        return "moderately_improving", "acceleration_needed"
    return ("stagnating", "limited_progress") if ratio >= TREND_CUTS[2] else ("decreasing", "moving_away")
