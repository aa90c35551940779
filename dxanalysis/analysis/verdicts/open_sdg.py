"""The measures of Open SDG (Statistics Canada, EUSTAT): observed over needed growth, and their aggregation."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from statistics import fmean

from .verdict import (
    EUSTAT,
    STATCAN,
    ZERO,
    GrowthCase,
    Method,
    Verdict,
    compound_growth,
    data_problem,
    finite,
    growth_case,
    number,
    target_problem,
)

LIMIT_POWER = 4.44
RATIO_CUTS = (0.95, 0.60, 0.0)
_STEPS = {
    "substantial_progress": "on_track",
    "significant_progress": "on_track",
    "moderate_progress": "acceleration_needed",
    "limited_progress": "limited_progress",
    "no_progress": "limited_progress",
    "deterioration": "moving_away",
    "significant_deterioration": "moving_away",
}


def statcan(
    base_year: float,
    base_value: float,
    current_year: float,
    current_value: float,
    *,
    target: float | None = None,
    target_year: float | None = None,
    direction: int = 1,
    sign: int | None = None,
    limit: float | None = None,
) -> Verdict:
    """Judge progress by the method of Statistics Canada and Open SDG.

    With a target the observed growth rate is compared with the one needed from the base year: R = d s g / |g*|.
    At or above 0.95 progress is substantial ("on track"), from 0.60 moderate, from 0 limited, below it is a
    deterioration; a met target is achieved whatever R is. Without a target the growth rate itself is compared with
    1.5, 0.5 and 0 % a year, the positive cuts scaled down near a natural limit (see `limit_factor`).

    Parameters
    ----------
    base_year, base_value : float
        Base year and value; a base value of zero counts as 0.001.
    current_year, current_value : float
        Latest year and value, at least one year after the base.
    target, target_year : float, optional
        Target value (zero counts as 0.001) and its year, 2030 if not given.
    direction : int
        +1 when higher is better, -1 when lower is better, 0 for a band: both sides of the target are folded onto the
        upper one, which then should decrease ("Goldilocks").
    sign : int, optional
        -1 for series below zero; taken from the base value if not given.
    limit : float, optional
        Natural limit in the desired direction, for example 100 for a share; only used without a target.

    Returns
    -------
    Verdict
        `value` R or the growth rate; status target_achieved, substantial_progress, moderate_progress,
        limited_progress, deterioration or not_available; score from -5 to 5.

    References
    ----------
    Statistics Canada / Open SDG 2.4.0, Progress measurement methodology (docs/progress-methodology.md).

    Examples
    --------
    Canada's poverty rate, 14.5 % in 2015, 10.4 % in 2023, target 7.25 % in 2030 (published: 0.901, 2.151):

    >>> verdict = statcan(2015, 14.5, 2023, 10.4, target=7.25, target_year=2030, direction=-1)
    >>> verdict.status, round(verdict.value, 3), round(verdict.score, 3)
    ('moderate_progress', 0.901, 2.151)

    The digital economy share of Viet Nam as first released in December 2023:

    >>> verdict = statcan(2020, 12.66, 2023, 12.33, target=20, target_year=2025)
    >>> verdict.status, round(verdict.value, 2)
    ('deterioration', -0.09)
    >>> statcan(2022, 13.7, 2022, 13.7).reason
    'one_point'
    """
    case = growth_case(
        base_year, base_value, current_year, current_value,
        target=target, target_year=target_year, direction=direction, limit=limit,
    )
    return _judge(case, STATCAN, number(sign), _statcan_status, _statcan_score)


def eustat(
    base_year: float,
    base_value: float,
    current_year: float,
    current_value: float,
    *,
    target: float | None = None,
    target_year: float | None = None,
    direction: int = 1,
    limit: float | None = None,
) -> Verdict:
    """Judge progress by the Basque statistics office's fork of Open SDG, which says it follows Eurostat.

    The same growth rate and ratio as `statcan`, with other cuts and words. With a target: above 0.95
    significant_progress, above 0.60 moderate_progress, from 0 moderate_deterioration, below
    significant_deterioration. Without: above 1 % significant, above 0.1 % moderate, down to -0.1 % no_progress, down
    to -1 % moderate_deterioration. A met target, and a value at its natural limit, is significant progress, score 5.
    Near a natural limit the published code lowers 1, 0.1 and -1 % by `limit_factor`, and keeps -0.1 % as it is.

    Returns
    -------
    Verdict
        Score from -5 to 5: with a target 5 above R = 1.3, (5/0.7)(R - 0.6) from 0.6, (5/1.2)(R + 0.6) - 5 above
        -0.6, else -5; without one 250 g held within -5 and 5.

    References
    ----------
    EUSTAT-PRE/data, `indicator_calculation_components` and the code that writes them.

    Examples
    --------
    >>> verdict = eustat(2015, 69.9, 2023, 70.3)
    >>> verdict.status, round(verdict.score, 3)
    ('no_progress', 0.178)
    >>> eustat(2016, 20.6, 2024, 20.6, target=20.5, target_year=2030, direction=-1).status
    'moderate_deterioration'
    """
    case = growth_case(
        base_year, base_value, current_year, current_value,
        target=target, target_year=target_year, direction=direction, limit=limit,
    )
    return _judge(case, EUSTAT, None, _eustat_status, _eustat_score)


def limit_factor(base: float, limit: float) -> float:
    """Return the factor C (0 to 1) by which StatCan lowers its growth thresholds near a natural limit.

    C = 1 - (|y0|/|L|)^4.44 below the limit, 1 - ((2|L| - |y0|)/|L|)^4.44 up to twice the limit, 1 beyond.

    Examples
    --------
    >>> [round(limit_factor(base, 100), 3) for base in (0, 50, 90, 100, 110, 200)]
    [1.0, 0.954, 0.374, 0.0, 0.374, 1.0]
    """
    base, limit = abs(base), abs(limit)
    if base >= 2 * limit:
        return 1.0
    nearness = base / limit if base <= limit else (2 * limit - base) / limit
    return 1 - nearness**LIMIT_POWER


def _judge(
    case: GrowthCase,
    method: Method,
    sign: float | None,
    status_of: Callable[[float, GrowthCase, float], str],
    score_of: Callable[[float, GrowthCase, float], float],
) -> Verdict:
    case = _without_zeros(case)
    factor = 1.0 if case.target is not None or case.useful_limit is None else limit_factor(case.base, case.useful_limit)
    problem = data_problem(case) or target_problem(case)
    value = math.nan if problem else _progress(case, sign)
    more = {"statistic": "growth" if case.target is None else "ratio", "thresholds": _cuts(method, case, factor)}
    shown = value if finite(value) else None
    if case.met or (method is EUSTAT and _at_limit(case)):
        status = "target_achieved" if method is STATCAN else "significant_progress"
        reason = "target_met" if case.met else "at_natural_limit"
        return method.verdict(shown, status, 5, reason=reason, step="achieved", **more)
    if math.isnan(value):
        return method.not_available(problem or "no_growth_to_compare")
    status = status_of(value, case, factor)
    reason = case.note if math.isfinite(value) else "base_at_target"
    return method.verdict(shown, status, score_of(value, case, factor), reason=reason, step=_step(status, case), **more)


def _without_zeros(case: GrowthCase) -> GrowthCase:
    """Put 0.001 in the place of a target of zero; note a base of zero, which is replaced when growth is taken."""
    if case.target == 0:
        return replace(case, target=ZERO, note="target_zero_replaced")
    return replace(case, note="base_zero_replaced") if case.base == 0 else case


def _at_limit(case: GrowthCase) -> bool:
    return case.target is None and case.useful_limit is not None and case.value == case.useful_limit


def _progress(case: GrowthCase, sign: float | None) -> float:
    sign = sign if sign is not None else (-1 if case.base < 0 else 1)
    base = case.base or ZERO
    growth = case.direction * sign * compound_growth(base, case.value, case.span)
    if case.target is None:
        return growth
    needed = abs(compound_growth(base, case.target, case.target_year - case.base_year))
    if needed == 0:
        return math.nan if growth == 0 else math.copysign(math.inf, growth)
    return growth / needed


def _cuts(method: Method, case: GrowthCase, factor: float) -> tuple[float, ...]:
    if case.target is not None:
        return RATIO_CUTS
    if method is EUSTAT:
        return (0.01 * factor, 0.001 * factor, -0.001, -0.01 * factor)
    return (0.015 * factor, 0.005 * factor, 0.0)


def _statcan_status(value: float, case: GrowthCase, factor: float) -> str:
    high, middle, low = _cuts(STATCAN, case, factor)
    if value >= high:
        return "substantial_progress"
    if value >= middle:
        return "moderate_progress"
    return "limited_progress" if value >= low else "deterioration"


def _statcan_score(value: float, case: GrowthCase, factor: float) -> float:
    if case.target is not None:
        line = 7.1429 * value - 4.2857 if value >= 0.6 else 4.1667 * value - 2.5
        return max(min(line, 5.0), -5.0)
    if value < 0:
        return max(125 * value - 2.5, -5.0)
    if factor == 0:
        return 5.0
    high, middle, _ = _cuts(STATCAN, case, factor)
    if value >= high:
        return min(500 * value / factor - 5, 5.0)
    return 250 * value / factor - 1.25 if value >= middle else 500 * value / factor - 2.5


def _eustat_status(value: float, case: GrowthCase, factor: float) -> str:
    high, middle, low = _cuts(EUSTAT, case, factor)[:3]
    if value > high:
        return "significant_progress"
    if value > middle:
        return "moderate_progress"
    if value >= low:
        return "no_progress" if case.target is None else "moderate_deterioration"
    slight = case.target is None and value >= -high
    return "moderate_deterioration" if slight else "significant_deterioration"


def _eustat_score(value: float, case: GrowthCase, factor: float) -> float:
    if case.target is not None:
        if value > 1.3:
            return 5.0
        if value >= 0.6:
            return 5 / 0.7 * (value - 0.6)
        return 5 / 1.2 * (value + 0.6) - 5 if value > -0.6 else -5.0
    if value < -0.02:
        return -5.0
    if factor == 0:
        return 5.0
    return min(5.0, value / (0.02 * factor) * 5) if value >= 0 else value / 0.02 * 5


def _step(status: str, case: GrowthCase) -> str:
    if status == "moderate_deterioration":  # with a target this is slow progress (0 <= R <= 0.6), whatever its name
        return "moving_away" if case.target is None else "limited_progress"
    return _STEPS[status]


_MAKERS = {"statcan": STATCAN, "eustat": EUSTAT}
_STEPS = {
    "target_achieved": "achieved",
    "substantial_progress": "on_track",
    "significant_progress": "on_track",
    "moderate_progress": "acceleration_needed",
    "limited_progress": "limited_progress",
    "no_progress": "limited_progress",
    "deterioration": "moving_away",
    "moderate_deterioration": "moving_away",
    "significant_deterioration": "moving_away",
}


def aggregate(verdicts: Sequence[Verdict], groups: Sequence[Hashable] | None = None) -> Verdict:
    """Bring several verdicts of one method to one by the mean of their scores, groups averaged first.

    Series without a score are left out; where none has one, or none is given, the verdict is not_available. "Target
    achieved" is given only if all series with a score have achieved theirs; otherwise the mean decides: for `statcan`
    from 2.5 substantial, from 0 moderate, from -2.5 limited progress, below deterioration; for `eustat` above 2.5
    significant, above 0.25 moderate, from -0.25 no progress, from -2.5 moderate, below significant deterioration
    (EUSTAT shows an indicator of one series by that series' own verdict, without averaging).

    Parameters
    ----------
    verdicts : sequence of Verdict
        All by `statcan`, or all by `eustat`.
    groups : sequence, optional
        One label per verdict. Verdicts with the same label are averaged first and then count as one; None stands
        alone. A tuple is a path of groups within groups, to any depth: ("education", "age 15").

    Returns
    -------
    Verdict
        `value` and `score` both the mean score; reason "aggregate", or "no_score" with status not_available.

    References
    ----------
    Open SDG, docs/progress-methodology.md, "Aggregated progress status" and "Sub-indicator grouping".

    Examples
    --------
    >>> three = [STATCAN.verdict(None, "", score) for score in (5, -1, -3)]
    >>> aggregate(three).status, aggregate(three, [None, "schools", "schools"]).score
    ('moderate_progress', 1.5)
    >>> aggregate([]).reason
    'no_series'
    """
    if not len(verdicts):
        return STATCAN.not_available("no_series")
    maker = _MAKERS[_one_method(verdicts)]
    labels = list(groups) if groups is not None else [None] * len(verdicts)
    if len(labels) != len(verdicts):
        raise ValueError(f"{len(verdicts)} verdicts were given with {len(labels)} groups. Give one label per verdict.")
    scored = [(_path(label), verdict) for label, verdict in zip(labels, verdicts, strict=True) if _has_score(verdict)]
    if not scored:
        return maker.not_available("no_score")
    score = _mean([(path, verdict.score) for path, verdict in scored])
    achieved = all(verdict.step == "achieved" for _, verdict in scored)
    status = _status(score, achieved, maker.name)
    step = "achieved" if achieved else _STEPS[status]
    cuts = (2.5, 0.0, -2.5) if maker is STATCAN else (2.5, 0.25, -0.25, -2.5)
    return maker.verdict(score, status, score, reason="aggregate", step=step, statistic="score", thresholds=cuts)


def _one_method(verdicts: Sequence[Verdict]) -> str:
    names = sorted({verdict.method for verdict in verdicts})
    if len(names) > 1 or names[0] not in _MAKERS:
        raise ValueError(
            f"Verdicts by {', '.join(names)} cannot be averaged. Give verdicts of one method that has scores: "
            f"{' or '.join(_MAKERS)}."
        )
    return names[0]


def _has_score(verdict: Verdict) -> bool:
    return verdict.score is not None


def _path(label: Hashable) -> tuple[Hashable, ...]:
    if label is None or label != label:
        return ()
    return label if isinstance(label, tuple) else (label,)


def _mean(scored: list[tuple[tuple[Hashable, ...], float]]) -> float:
    """Average the scores, each group first reduced to its own mean."""
    alone = [score for path, score in scored if not path]
    groups: dict[Hashable, list[tuple[tuple[Hashable, ...], float]]] = {}
    for path, score in scored:
        if path:
            groups.setdefault(path[0], []).append((path[1:], score))
    return fmean(alone + [_mean(members) for members in groups.values()])


def _status(score: float, achieved: bool, method: str) -> str:
    if method == "statcan":
        if achieved:
            return "target_achieved"
        cuts = ((2.5, "substantial_progress"), (0.0, "moderate_progress"), (-2.5, "limited_progress"))
        return next((status for least, status in cuts if score >= least), "deterioration")
    if achieved or score > 2.5:
        return "significant_progress"
    if score > 0.25:
        return "moderate_progress"
    if score >= -0.25:
        return "no_progress"
    return "moderate_deterioration" if score >= -2.5 else "significant_deterioration"
