"""The UN Statistics Division's Progress Chart: carry the growth rate on, and see how much of the way it covers."""

from __future__ import annotations

from .verdict import EUSTAT, STATCAN, GrowthCase, Method, Verdict, compound_growth, data_problem, finite, growth_case

UN_CHART = Method(
    "un_chart", "Progress Chart 2023", "UN Statistics Division, Progress Chart Technical Note 2023, as stated by EUSTAT"
)
SHARE_CUTS = (0.95, 0.10)
GROWTH_CUTS = (0.02, 0.005)
ROUNDING = 1e-12  # 201/200 - 1 is a little less than 0.005 in binary; exactly half a percent must not hang on that


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
    if value >= cuts[0] - ROUNDING:
        status, score, step = "met_or_on_track", 3, "on_track"
    elif value >= cuts[1] - ROUNDING:
        status, score, step = "fair_acceleration_needed", 2, "acceleration_needed"
    else:
        status, score, step = "stagnation_or_regression", 1, "moving_away" if value < 0 else "limited_progress"
    return UN_CHART.verdict(
        value, status, score, reason=reason, step=step, statistic=statistic, thresholds=cuts, projected=expected
    )
