"""The record every published method returns, the common scale, and the case put to methods that judge by growth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from ..series import check_direction, whole_years

STEPS = ("achieved", "on_track", "acceleration_needed", "limited_progress", "moving_away", "not_available")
NEAR = 0.01  # within 1 % of a threshold a verdict is borderline


@dataclass(frozen=True)
class Verdict:
    """What one published method says about one series and one target.

    Attributes
    ----------
    method : str
        "statcan", "eustat", "un_chart", "destatis", "sdsn_colour", "sdsn_trend", "escap", "world_bank".
    value : float or None
        The statistic the method compares with its thresholds; None where it cannot be computed.
    status : str
        The method's own word; "not_available" where the method gives none.
    score : float or None
        The method's own score, where it has one.
    reason : str
        A short code for what is special about the case ("target_met", "one_point", "sign_change", ...).
    step : str
        The same verdict on the common scale (`STEPS`).
    statistic : str
        The name of `value` ("ratio", "growth", "share", "miss", ...).
    thresholds : tuple of float
        The thresholds `value` was compared with.
    projected : float or None
        The value the method expects in the target year (for "world_bank" the year of attainment).
    version, citation : str
        Which edition of the rule, and where it is published.

    Examples
    --------
    >>> verdict = Verdict("statcan", 0.9504, "substantial_progress", 2.5, step="on_track", thresholds=(0.95, 0.6, 0.0))
    >>> verdict.available, verdict.borderline
    (True, True)
    """

    method: str
    value: float | None
    status: str
    score: float | None
    reason: str = ""
    step: str = "not_available"
    statistic: str = ""
    thresholds: tuple[float, ...] = ()
    projected: float | None = None
    version: str = ""
    citation: str = ""

    @property
    def available(self) -> bool:
        """Tell whether the method reached a verdict."""
        return self.step != "not_available"

    @property
    def borderline(self) -> bool:
        """Tell whether the value lies within 1 % of a threshold, so that a rounding may turn the verdict."""
        return self.value is not None and is_near(self.value, self.thresholds)


@dataclass(frozen=True)
class Method:
    """Name, version and published source of a method; makes its verdicts."""

    name: str
    version: str
    citation: str

    def verdict(self, value: float | None, status: str, score: float | None, **more: object) -> Verdict:
        """Return a verdict of this method, a NaN value or score written as None.

        A value too large for a number is no verdict, unless the target is met, which needs no value.
        """
        value, projected = number(value), number(more.pop("projected", None))
        if value is not None and not math.isfinite(value):
            if more.get("step") != "achieved":
                return self.not_available("not_finite")
            value = None
        more["projected"] = projected if finite(projected) else None
        return Verdict(self.name, value, status, number(score), version=self.version, citation=self.citation, **more)

    def not_available(self, reason: str) -> Verdict:
        """Return the verdict that there is none, with the reason."""
        return self.verdict(None, "not_available", None, reason=reason)


# The two measures of growth that Open SDG offers share one formula; what tells them apart are cuts and words.
STATCAN = Method(
    "statcan",
    "Open SDG 2.4.0 (Oct 2025)",
    "Statistics Canada / Open SDG, docs/progress-methodology.md; sdg-build ProgressMeasure.py",
)
EUSTAT = Method("eustat", "EUSTAT fork of Open SDG (2025)", "EUSTAT-PRE/data, progress calculation following Eurostat")


def number(value: object) -> float | None:
    """Return a float, or None for None, NaN and NA, so that empty cells of a table may be passed on as they are.

    Examples
    --------
    >>> number(None), number(float("nan")), number(pd.NA), number(3)
    (None, None, None, 3.0)
    """
    return None if pd.isna(value) else float(value)


def is_near(value: float, thresholds: tuple[float, ...]) -> bool:
    """Tell whether a value lies within 1 % of one of the thresholds (for a threshold of 0: 1 % of the next one).

    Examples
    --------
    >>> is_near(0.9526, (0.95, 0.6, 0.0)), is_near(0.97, (0.95, 0.6, 0.0)), is_near(-0.005, (0.95, 0.6, 0.0))
    (True, False, True)
    """
    sizes = [abs(threshold) for threshold in thresholds if threshold]
    unit = min(sizes, default=1.0)
    return any(abs(value - limit) <= NEAR * (abs(limit) or unit) for limit in thresholds)


def finite(*values: float | None) -> bool:
    """Tell whether all values are there and finite."""
    return all(value is not None and math.isfinite(value) for value in values)


ZERO = 0.001  # what the published code puts in the place of a base or target of zero
DEFAULT_TARGET_YEAR = 2030


@dataclass(frozen=True)
class GrowthCase:
    """Two observations, a target and a direction of +1 or -1 (a band is folded before it becomes a case)."""

    base_year: float | None
    base: float | None
    year: float | None
    value: float | None
    target: float | None
    target_year: float
    direction: int
    limit: float | None = None
    note: str = ""

    @property
    def met(self) -> bool:
        """Tell whether the latest value meets the target."""
        return finite(self.value, self.target) and self.direction * (self.value - self.target) >= 0

    @property
    def span(self) -> float:
        """Return the years between base and latest value."""
        return self.year - self.base_year

    @property
    def useful_limit(self) -> float | None:
        """Return the natural limit if it lies in the desired direction; a ceiling says nothing of a fall."""
        if self.limit is None or self.base is None:
            return None
        return None if self.direction == -1 and self.base < self.limit else self.limit


def growth_case(
    base_year: float | None,
    base_value: float | None,
    current_year: float | None,
    current_value: float | None,
    *,
    target: float | None,
    target_year: float | None,
    direction: int,
    limit: float | None = None,
) -> GrowthCase:
    """Read the arguments of a method: NaN is nothing, "2015-16" is 2015, no target year is 2030, a band is folded.

    A band (direction 0) with a target reflects both values onto the upper side of the target, which they should then
    approach from above; around a target of 1 they are taken for ratios (`goldilocks`), where 0.97-1.03 meets it.

    Examples
    --------
    >>> case = growth_case(2015, 38.0, 2024, 45.0, target=50.0, target_year=None, direction=0)
    >>> case.base, case.value, case.direction, case.target_year, case.note
    (62.0, 55.0, -1, 2030, 'band_folded')
    """
    check_direction(direction)
    base, value, target = number(base_value), number(current_value), number(target)
    note = ""
    if direction == 0 and target is not None:
        base, value = (None if y is None else _folded(y, target) for y in (base, value))
        note, direction = "band_folded", -1
    year = _year(target_year)
    return GrowthCase(
        _year(base_year), base, _year(current_year), value, target, DEFAULT_TARGET_YEAR if year is None else year,
        int(direction), number(limit), note,
    )


def goldilocks(value: float, kind: str) -> tuple[float, float]:
    """Fold an indicator whose ideal lies in the middle; return the folded value and its target, to be decreased.

    ratio: max(y, 1/y) towards 1, where 0.97-1.03 counts as 1; share: 50 + |y - 50| towards 50; budget:
    100 + |y - 100| towards 100, not measured below 25 (NaN). The three rules of StatCan.

    Examples
    --------
    >>> goldilocks(0.5, "ratio"), goldilocks(1.02, "ratio"), goldilocks(38.0, "share"), goldilocks(20.0, "budget")
    ((2.0, 1.0), (1.0, 1.0), (62.0, 50.0), (nan, 100.0))
    """
    if kind == "ratio":
        return (1.0 if 0.97 <= value <= 1.03 else max(value, 1 / value) if value > 0 else math.nan), 1.0
    if kind == "share":
        return 50 + abs(value - 50), 50.0
    if kind == "budget":
        return (100 + abs(value - 100) if value >= 25 else math.nan), 100.0
    raise ValueError(f"Unknown kind of band {kind!r}. Use 'ratio', 'share' or 'budget'.")


def _folded(value: float, target: float) -> float:
    return goldilocks(value, "ratio")[0] if target == 1 and value > 0 else target + abs(value - target)


def _year(year: float | str | None) -> float | None:
    """Return a year as a number; a range such as "2015-16" counts as its first year."""
    return number(whole_years(pd.Series([year]), "The question")[0] if isinstance(year, str) else year)


def compound_growth(first: float, last: float, years: float) -> float:
    """Return (last/first)^(1/years) - 1 as published, bit for bit; the caller has excluded what has no meaning."""
    return (last / first) ** (1 / years) - 1


def opposite(one: float, other: float) -> bool:
    """Tell whether one value lies above zero and the other below (a product would lose tiny values)."""
    return one > 0 > other or one < 0 < other


def data_problem(case: GrowthCase) -> str:
    """Return why the two observations give no growth rate (a code), or an empty text.

    Examples
    --------
    >>> data_problem(growth_case(2015, 3.0, 2024, -1.0, target=None, target_year=None, direction=1))
    'sign_change'
    """
    if None in (case.base, case.value, case.base_year, case.year):
        return "no_data"
    if not finite(case.base, case.value, case.base_year, case.year):
        return "not_finite"
    if case.direction == 0:
        return "band_without_target"
    if case.base_year > case.year:
        return "base_after_data"
    if case.span < 1:
        return "one_point"
    base = case.base or ZERO
    if opposite(base, case.value):
        return "sign_change"
    return "" if math.isfinite(case.value / base) else "not_finite"


def target_problem(case: GrowthCase) -> str:
    """Return why no growth rate leads from the base to the target (a code), or an empty text."""
    if case.target is None:
        return ""
    if not finite(case.target):
        return "not_finite"
    if case.target_year <= case.base_year:
        return "target_year_not_after_base"
    base = case.base or ZERO
    if opposite(base, case.target):
        return "target_sign_change"
    return "" if math.isfinite(case.target / base) else "not_finite"
