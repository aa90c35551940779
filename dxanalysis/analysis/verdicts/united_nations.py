"""The two methods of the United Nations: the Progress Chart of the Statistics Division, and ESCAP's indexes.

The Progress Chart carries the growth rate on and sees how much of the way it covers. ESCAP says where a series stands,
and where a time-weighted regression carries it by the target year.
"""

from __future__ import annotations

import math

import numpy as np

from ..series import History, check_direction, read_points
from .verdict import (
    EUSTAT,
    STATCAN,
    GrowthCase,
    Method,
    Verdict,
    compound_growth,
    data_problem,
    finite,
    growth_case,
    number,
)

UN_CHART = Method(
    "un_chart", "Progress Chart 2023", "UN Statistics Division, Progress Chart Technical Note 2023, as stated by EUSTAT"
)
SHARE_CUTS = (0.95, 0.10)
GROWTH_CUTS = (0.02, 0.005)
CUT_ROUNDING = 1e-12  # 201/200 - 1 is a little less than 0.005 in binary; exactly half a percent must not hang on that


def un_chart(
    base_year: float,
    base_value: float,
    current_year: float,
    current_value: float,
    *,
    target: float | None = None,
    target_year: float | None = None,
    direction: int = 1,
    limit: float | None = None,
    percent: bool = True,
) -> Verdict:
    """Judge progress by the UN Statistics Division's Progress Chart.

    The growth rate since the base year is carried on to the target year; the share of the needed change reached there
    decides: from 0.95 met_or_on_track (score 3), from 0.10 fair_acceleration_needed (2), below
    stagnation_or_regression (1). Without a target the growth rate in the desired direction is compared with 2 % and
    0.5 %. The latest value meeting the target counts as met whatever the trend, and so does a value within one point of
    a target of 0 % or 100 %.

    The rule says nothing of a series that had met its target at the base and has lost it since, where the share turns
    positive again; here it is stagnation_or_regression with the reason "target_lost".

    Parameters
    ----------
    limit : float, optional
        Without effect: the rule knows no natural limit, and its extrapolation may pass one. Accepted so that all
        growth methods can be called alike.
    percent : bool
        Whether the unit is percent, so that the one-point rule for targets of 0 and 100 applies.

    Returns
    -------
    Verdict
        `value` the share (or the growth rate), `projected` the value expected in the target year: it may lie beyond
        what is possible, 127.7 % in the example, which `judge` flags.

    References
    ----------
    Progress Chart Technical Note 2023, as stated on EUSTAT's method page.

    Examples
    --------
    Internet users in Viet Nam, 45.0 % in 2015 and 84.15 % in 2024, target 95 % by 2030:

    >>> verdict = un_chart(2015, 45.0, 2024, 84.15, target=95, target_year=2030)
    >>> verdict.status, round(verdict.value, 2), round(verdict.projected, 1)
    ('met_or_on_track', 1.65, 127.7)
    >>> un_chart(2015, 0.0, 2024, 3.0, target=9).reason
    'zero_base'
    """
    case = growth_case(
        base_year,
        base_value,
        current_year,
        current_value,
        target=target,
        target_year=target_year,
        direction=direction,
        limit=limit,
    )
    if case.met or _close_to_end(case, percent):
        reason = "target_met" if case.met else "within_one_point"
        return UN_CHART.verdict(None, "met_or_on_track", 3, reason=reason, step="achieved", statistic="share")
    problem = data_problem(case) or ("zero_base" if case.base == 0 else "")
    if problem:
        return UN_CHART.not_available(problem)
    growth = compound_growth(case.base, case.value, case.span)
    return _without_target(case, growth) if case.target is None else _with_target(case, growth)


def binary(is_yes: bool, method: str) -> Verdict:
    """Judge a yes/no indicator by "statcan", "eustat" or "un_chart", which all look at the latest answer only.

    Examples
    --------
    >>> binary(True, "eustat").score, binary(False, "eustat").score, binary(False, "un_chart").status
    (5.0, -5.0, 'stagnation_or_regression')
    """
    answers = {
        "statcan": (STATCAN, ("target_achieved", 5), ("target_not_achieved", None)),
        "eustat": (EUSTAT, ("significant_progress", 5), ("significant_deterioration", -5)),
        "un_chart": (UN_CHART, ("met_or_on_track", 3), ("stagnation_or_regression", 1)),
    }
    if method not in answers:
        raise ValueError(f"Method {method!r} has no rule for yes/no indicators. Those with one: {', '.join(answers)}.")
    maker, yes, no = answers[method]
    status, score = yes if is_yes else no
    step = "achieved" if is_yes else "limited_progress"
    return maker.verdict(None, status, score, reason="binary", step=step, statistic="binary")


def _close_to_end(case: GrowthCase, percent: bool) -> bool:
    return percent and case.target in (0.0, 100.0) and finite(case.value) and abs(case.value - case.target) <= 1


def _without_target(case: GrowthCase, growth: float) -> Verdict:
    sign = -1 if case.base < 0 else 1  # below zero, a value that halves has risen
    return _grade(case.direction * sign * growth, GROWTH_CUTS, "growth", case.note, None)


def _with_target(case: GrowthCase, growth: float) -> Verdict:
    needed = case.target - case.base
    expected = _carried_on(case, growth)
    if not finite(expected):
        return UN_CHART.not_available("not_finite")
    if case.direction * needed <= 0:
        return UN_CHART.verdict(
            None, "stagnation_or_regression", 1,
            reason="target_lost", step="moving_away", statistic="share", projected=expected,
        )
    reason = "target_year_past" if case.target_year <= case.year else case.note
    return _grade((expected - case.base) / needed, SHARE_CUTS, "share", reason, expected)


def _carried_on(case: GrowthCase, growth: float) -> float:
    try:
        return case.value * (1 + growth) ** (case.target_year - case.year)
    except (OverflowError, ZeroDivisionError):  # a growth too large to carry on, or back from a value of zero
        return float("inf")


def _grade(value: float, cuts: tuple[float, float], statistic: str, reason: str, expected: float | None) -> Verdict:
    if value >= cuts[0] - CUT_ROUNDING:
        status, score, step = "met_or_on_track", 3, "on_track"
    elif value >= cuts[1] - CUT_ROUNDING:
        status, score, step = "fair_acceleration_needed", 2, "acceleration_needed"
    else:
        status, score, step = "stagnation_or_regression", 1, "moving_away" if value < 0 else "limited_progress"
    return UN_CHART.verdict(
        value, status, score, reason=reason, step=step, statistic=statistic, thresholds=cuts, projected=expected
    )



ESCAP = Method(
    "escap",
    "Anticipated Progress Index, cuts of UNICEF MENARO 2023",
    "UN ESCAP, SDG progress assessment methodology; UNICEF MENARO implementation (spalmas/SDG-MENARO)",
)
INDEX_CUTS = (9.0, 0.0)
SLOW = 6.0  # ours: the common scale calls "accelerate" limited progress below 60 % of the way


def escap_anticipated(
    history: History,
    target: float,
    target_year: int,
    direction: int = 1,
    bounds: tuple[float, float] | None = (0.0, 100.0),
    *,
    base_year: int | None = None,
) -> Verdict:
    """Judge by the anticipated progress index: 10 times the part of the way from the base that the trend will cover.

    The trend is a regression on the year in which recent data weigh more, w_i = (t* - t_1)/(t* - t_i), fitted to the
    logit of the value between its bounds, so that a share can never leave 0-100; without bounds, to the logarithm.
    Above 9 will_meet, above 0 accelerate, else no_progress_expected. A target already met gives 10.

    Parameters
    ----------
    history : table, Series, dict or pairs
        Years and values of one series.
    target, target_year, direction
        Direction +1 higher is better, -1 lower is better, 0 parity: 10 - 10 |target - expected|/|target - base|.
    bounds : tuple or None
        Natural bounds of the value; None (or a pair with None) for values without both.
    base_year : int, optional
        Year of the base value (first year if not given); where it is missing, the regression is carried back to it.

    Returns
    -------
    Verdict
        `value` the index, `projected` the expected value in the target year. Where the logit or logarithm does not
        exist (a value at a bound, a value not above zero) the latest value is kept, reason "at_bound_last_value_kept".

    References
    ----------
    UN ESCAP, "Tracking progress: methodology"; UNECE technical notes 2024; weights as in the UNICEF MENARO code, which
    joins a weighted slope with an unweighted intercept; here both are weighted, a proper least-squares fit.

    Examples
    --------
    Internet users in Viet Nam, target 95 % by 2030:

    >>> share = dict(zip(range(2015, 2025), [45.0, 53.0, 58.14, 69.8479, 68.6616, 70.3, 74.21, 78.59, 78.08, 84.15]))
    >>> verdict = escap_anticipated(share, 95, 2030)
    >>> verdict.status, round(verdict.value, 2), round(verdict.projected, 1)
    ('will_meet', 9.74, 93.7)
    >>> escap_anticipated({2020: 12.66}, 20, 2025).reason
    'one_point'
    """
    check_direction(direction)
    years, values = read_points(history)
    target, bounds = number(target), None if bounds is None or None in bounds else bounds
    if target is None or not len(years):
        return ESCAP.not_available("no_data" if target is not None else "no_target")
    if _met(values[-1], target, direction):
        return _achieved()
    problem = _problem(years, target_year)
    if problem:
        return ESCAP.not_available(problem)
    expected, note = _expected(years, values, float(target_year), float(target_year), bounds)
    base, base_note = _base(years, values, base_year, float(target_year), bounds)
    if base == target:
        return ESCAP.not_available("base_at_target")
    return _verdict(current_status(expected, base, target, direction), expected, note or base_note)


ROUNDING = 1e-9  # a standstill must not hang on the last binary digit


def current_status(value: float, base: float, target: float, direction: int) -> float:
    """Return ESCAP's current status index: 10 d (value - base)/|target - base|, 10 once the target is met.

    Examples
    --------
    >>> [round(current_status(value, 12.66, 20.0, 1), 3) for value in (13.17, 21.0)], current_status(3.0, 4.0, 2.0, 0)
    ([0.695, 10.0], 5.0)
    """
    if _met(value, target, direction):
        return 10.0
    if direction == 0:
        return 10 - 10 * abs(target - value) / abs(target - base)
    index = 10 * direction * (value - base) / abs(target - base)
    return 0.0 if abs(index) < ROUNDING else index


def weighted_trend(years: np.ndarray, values: np.ndarray, until: float) -> tuple[float, float]:
    """Fit values = a + b (year - until) with weights that grow towards `until`; return (a, b).

    Examples
    --------
    >>> at_end, slope = weighted_trend(np.array([2020, 2021, 2022]), np.array([1.0, 2.0, 3.0]), 2025.0)
    >>> round(at_end, 9), round(slope, 9)
    (6.0, 1.0)
    """
    weights = (until - years[0]) / (until - years)
    weights = weights / weights.sum()
    year_mean, value_mean = float(weights @ years), float(weights @ values)
    centred = years - year_mean
    slope = float(weights @ (centred * (values - value_mean)) / (weights @ centred**2))
    return value_mean + slope * (until - year_mean), slope


def _met(value: float, target: float, direction: int) -> bool:
    return value == target if direction == 0 else direction * (value - target) >= 0


def _problem(years: np.ndarray, target_year: int) -> str:
    if number(target_year) is None:
        return "no_target_year"
    if years[-1] >= target_year:
        return "target_year_past"
    return "one_point" if len(years) < 2 else ""


def _expected(
    years: np.ndarray, values: np.ndarray, year: float, until: float, bounds: tuple[float, float] | None
) -> tuple[float, str]:
    transformed = _to_line(values, bounds)
    if not np.isfinite(transformed).all():
        return float(values[-1]), "at_bound_last_value_kept"
    at_end, slope = weighted_trend(years, transformed, until)
    return _from_line(at_end + slope * (year - until), bounds), ""


def _base(
    years: np.ndarray, values: np.ndarray, base_year: int | None, until: float, bounds: tuple[float, float] | None
) -> tuple[float, str]:
    if base_year is None or base_year in years:
        return float(values[0] if base_year is None else values[years == base_year][0]), ""
    base, note = _expected(years, values, float(base_year), until, bounds)
    return base, note or "base_year_estimated"


def _to_line(values: np.ndarray, bounds: tuple[float, float] | None) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        if bounds is None:
            return np.log(values)
        share = (values - bounds[0]) / (bounds[1] - bounds[0])
        return np.log(share / (1 - share))


def _from_line(value: float, bounds: tuple[float, float] | None) -> float:
    if bounds is None:
        return math.exp(value) if value < 700 else math.inf
    share = 1 / (1 + math.exp(-value)) if value > -700 else 0.0
    return bounds[0] + (bounds[1] - bounds[0]) * share


def _achieved() -> Verdict:
    return ESCAP.verdict(
        10, "will_meet", 10, reason="target_met", step="achieved", statistic="index", thresholds=INDEX_CUTS
    )


def _verdict(index: float, expected: float, note: str) -> Verdict:
    if not finite(index):
        return ESCAP.not_available("not_finite")
    if index > INDEX_CUTS[0]:
        status, step = "will_meet", "on_track"
    elif index > INDEX_CUTS[1]:
        status, step = "accelerate", "acceleration_needed" if index >= SLOW else "limited_progress"
    else:
        status, step = "no_progress_expected", "moving_away" if index < 0 else "limited_progress"
    return ESCAP.verdict(
        index, status, index, reason=note, step=step, statistic="index", thresholds=INDEX_CUTS, projected=expected
    )
