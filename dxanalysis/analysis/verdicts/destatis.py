"""The weather symbols of Germany's statistics office, a decision table on the last six points."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..series import History, check_direction, read_points
from .verdict import Method, Verdict, number

DESTATIS = Method(
    "destatis", "Indicator status (dns-indikatoren.de, 2023)", "Statistisches Bundesamt, Indicator status - Methodology"
)
SUN, SLIGHT, CLOUD, STORM = "sun", "slightly_cloudy", "cloud", "thunderstorm"
MISS_CUTS = (0.05, 0.20)
POINTS, LEAST_POINTS = 6, 4
ROUNDING = 1e-9  # decimals such as 0.05 have no exact binary form; a miss of exactly 5 % must not hang on that
CLOUD_SPLIT = 0.40  # ours: the common scale calls a cloud "acceleration needed" up to this miss, beyond it "limited"


def destatis(
    history: History,
    target: float | tuple[float, float] | Sequence[float] | None = None,
    target_year: int | Sequence[int] | None = None,
    direction: int = 1,
) -> Verdict:
    """Give the German weather symbol: the average change of the last six points, carried on to the target year.

    A target value by a year: the miss as a share of (target - latest value) decides. Below 5 % sun, up to 20 %
    slightly_cloudy (both officially on track), above cloud, not moving in the right direction thunderstorm (both off
    track). A target already met, and a value to hold every year (no target year): met and no setback sun, met but the
    trend points away slightly_cloudy, missed but not moving away cloud, missed and not moving towards it thunderstorm.
    No target value: average change and last change both right sun, only the average right slightly_cloudy, only the
    last right cloud, neither thunderstorm.

    With fewer than six points at least the last four consecutive years are needed, else there is no symbol.

    Parameters
    ----------
    history : table, Series, dict or pairs
        Years and values of one series.
    target : float, tuple, list or None
        A value; a tuple (low, high) is an interval, of which the weakest bound counts; a list together with one year
        holds several targets at once, of which the worst symbol counts, together with a list of years one target per
        year, of which the next one counts.
    target_year : int, list or None
        Year of the target; None for a value to hold every year.
    direction : int
        +1 higher is better, -1 lower is better, 0 only together with an interval.

    Returns
    -------
    Verdict
        status sun, slightly_cloudy, cloud, thunderstorm or not_available; `value` the miss (0.05 = 5 % of the way still
        to go) or the average change; `projected` the value expected in the target year; `score` is None.

    References
    ----------
    Nachhaltige Entwicklung in Deutschland, "Indicator status - Methodology" (open-sdg-site-starter `status.md`). The
    page says the symbols are "neither a political appraisal nor a forecast".

    Examples
    --------
    >>> share = {2019: 10.0, 2020: 11.0, 2021: 12.0, 2022: 13.0, 2023: 14.0, 2024: 15.0}
    >>> [destatis(share, target, 2030).status for target in (21, 22, 25, 14)]
    ['sun', 'slightly_cloudy', 'cloud', 'sun']
    >>> destatis({2022: 1.0, 2023: 2.0, 2024: 3.0}, 5, 2030).reason
    'fewer_than_4_points'
    """
    check_direction(direction)
    years, values = read_points(history)
    if isinstance(target, tuple):
        values, target, direction = _weakest_bound(values, target, direction)
    elif isinstance(target, Sequence | np.ndarray):
        if not isinstance(target_year, Sequence | np.ndarray):
            return _worst([_symbol(years, values, number(one), number(target_year), direction) for one in target])
        target, target_year = _next_target(years, target, target_year)
    return _symbol(years, values, number(target), number(target_year), direction)


def _worst(verdicts: list[Verdict]) -> Verdict:
    """Return the most negative symbol; targets without one are left out, unless none has one."""
    order = (STORM, CLOUD, SLIGHT, SUN)
    judged = [verdict for verdict in verdicts if verdict.available]
    if not verdicts:
        return DESTATIS.not_available("no_target")
    return min(judged, key=lambda verdict: order.index(verdict.status), default=verdicts[0])


def average_change(years: np.ndarray, values: np.ndarray) -> float:
    """Return the average yearly change over the last six points, or NaN where the rule gives none.

    With four or five points, the last consecutive years are used, at least four of them.

    Examples
    --------
    >>> average_change(np.array([2020, 2021, 2022, 2023]), np.array([1.0, 2.0, 3.0, 7.0]))
    2.0
    >>> average_change(np.array([2010, 2015, 2020, 2024]), np.array([1.0, 2.0, 3.0, 7.0]))
    nan
    """
    used = POINTS if len(years) >= POINTS else _consecutive(years)
    if used < LEAST_POINTS:
        return math.nan
    return float((values[-1] - values[-used]) / (years[-1] - years[-used]))


def _consecutive(years: np.ndarray) -> int:
    gaps = np.flatnonzero(np.diff(years) != 1)
    return len(years) - (int(gaps[-1]) + 1 if len(gaps) else 0)


def _weakest_bound(values: np.ndarray, bounds: tuple[float, float], direction: int) -> tuple[np.ndarray, float, int]:
    """Turn an interval into one target: its easier bound, or for direction 0 the distance outside it, to become 0."""
    low, high = sorted(float(bound) for bound in bounds)
    if direction:
        return values, low if direction == 1 else high, direction
    return np.maximum(np.maximum(low - values, values - high), 0.0), 0.0, -1


def _next_target(
    years: np.ndarray, targets: Sequence[float], target_years: Sequence[int]
) -> tuple[float | None, int | None]:
    if len(targets) != len(target_years):
        raise ValueError(f"{len(targets)} targets were given with {len(target_years)} years. Give one year per target.")
    pairs = sorted(zip(target_years, targets, strict=True))
    last = years[-1] if len(years) else -math.inf
    year, target = next((pair for pair in pairs if pair[0] > last), pairs[-1] if pairs else (None, None))
    return target, year


def _symbol(
    years: np.ndarray, values: np.ndarray, target: float | None, target_year: float | None, direction: int
) -> Verdict:
    change = average_change(years, values)
    if math.isnan(change):
        return DESTATIS.not_available("fewer_than_4_points" if len(years) else "no_data")
    if direction == 0:
        if target is None:
            return DESTATIS.not_available("band_without_target")
        values, target, direction = np.abs(values - target), 0.0, -1
        change = average_change(years, values)
    if target is None:
        return _by_direction(change, float(values[-1] - values[-2]), direction)
    met = direction * (values[-1] - target) >= 0
    past = target_year is not None and target_year <= years[-1]
    if met or target_year is None or past:
        reason = "target_met" if met else "target_year_past" if past else "constant_target"
        return _to_hold(change, met, direction, reason)
    return _by_target_year(float(values[-1]), change, target, float(target_year - years[-1]), direction)


def _by_target_year(last: float, change: float, target: float, left: float, direction: int) -> Verdict:
    projected = last + change * left
    miss = (target - projected) / (target - last)
    if direction * change <= 0:
        status, step = STORM, "moving_away"
    elif miss < MISS_CUTS[0] - ROUNDING:
        status, step = SUN, "on_track"
    elif miss <= MISS_CUTS[1] + ROUNDING:
        status, step = SLIGHT, "on_track"
    else:
        status, step = CLOUD, "acceleration_needed" if miss <= CLOUD_SPLIT + ROUNDING else "limited_progress"
    return DESTATIS.verdict(
        miss, status, None, step=step, statistic="miss", thresholds=(*MISS_CUTS, 1.0), projected=projected
    )


def _to_hold(change: float, met: bool, direction: int, reason: str) -> Verdict:
    towards = direction * change
    if met:
        status, step = (SUN if towards >= 0 else SLIGHT), "achieved"
    elif towards >= 0:  # the page gives a standstill both symbols; the first rule that fits is taken
        status, step = CLOUD, "limited_progress"
    else:
        status, step = STORM, "moving_away"
    return DESTATIS.verdict(change, status, None, reason=reason, step=step, statistic="average_change")


def _by_direction(change: float, last_change: float, direction: int) -> Verdict:
    average_right, last_right = direction * change > 0, direction * last_change > 0
    status, step = {
        (True, True): (SUN, "on_track"),
        (True, False): (SLIGHT, "on_track"),
        (False, True): (CLOUD, "limited_progress"),
        (False, False): (STORM, "moving_away"),
    }[average_right, last_right]
    return DESTATIS.verdict(change, status, None, reason="direction_only", step=step, statistic="average_change")
