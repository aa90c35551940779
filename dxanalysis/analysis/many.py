"""The published methods on a hundred thousand series at once, with the same results as one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .destatis import CLOUD_SPLIT, LEAST_POINTS, MISS_CUTS, POINTS, ROUNDING
from .escap import INDEX_CUTS, SLOW
from .escap import ROUNDING as STANDSTILL
from .growth_case import DEFAULT_TARGET_YEAR, ZERO
from .open_sdg import LIMIT_POWER
from .progress_chart import GROWTH_CUTS, SHARE_CUTS
from .progress_chart import ROUNDING as CHART_ROUNDING
from .question import METHODS
from .sdsn import ROUNDING as TREND_ROUNDING
from .sdsn import TREND_CUTS
from .verdict import STEPS
from .world_bank import MIN_SPAN, TypicalPath

_ACHIEVED, _ON_TRACK, _ACCELERATE, _LIMITED, _AWAY, _NONE = range(len(STEPS))


def judge_many(
    values: np.ndarray,
    years: np.ndarray,
    target: np.ndarray | float,
    target_year: np.ndarray | int,
    direction: np.ndarray | int,
    *,
    lower: float | None = None,
    upper: float | None = None,
    peers: TypicalPath | None = None,
) -> pd.DataFrame:
    """Judge many series by every method; each row has the results `panel.judge` would give for that series.

    Parameters
    ----------
    values : ndarray, shape (series, years)
        One row per series, NaN where nothing was observed. Breaks are the caller's to respect: pass comparable years.
    years : ndarray, shape (years,)
        Rising years of the columns.
    target, target_year, direction : ndarray or number
        One per series, or one for all. NaN is no target; direction +1 or -1 (bands are judged one by one).
    lower, upper : float, optional
        Natural bounds of all series.
    peers : TypicalPath, optional
        For the World Bank's method.

    Returns
    -------
    DataFrame
        One row per series: for each method `<method>` (its value) and `<method>_step` (common scale, categorical).

    Raises
    ------
    ValueError
        When shapes do not fit, years do not rise or a direction is not +1 or -1.

    Examples
    --------
    >>> share = np.array([[45.0, 53.0, 58.14, 69.8479, 68.6616, 70.3, 74.21, 78.59, 78.08, 84.15]])
    >>> table = judge_many(share, np.arange(2015, 2025), 95.0, 2030, 1, lower=0.0, upper=100.0)
    >>> table[["statcan", "un_chart", "escap", "escap_step"]].round(2)
       statcan  un_chart  escap escap_step
    0     1.41      1.65   9.74   on_track
    """
    case = _Cases.read(values, years, target, target_year, direction, lower, upper)
    with np.errstate(all="ignore"):
        results = {
            "statcan": _statcan(case),
            "eustat": _eustat(case),
            "un_chart": _un_chart(case),
            "destatis": _destatis(case),
            "sdsn_trend": _sdsn(case),
            "escap": _escap(case),
            "world_bank": _world_bank(case, peers),
        }
    columns: dict[str, object] = {}
    for method in METHODS:
        value, step = results[method]
        step = np.where(case.count == 0, _NONE, step)
        columns[method] = np.where((step == _NONE) | ~np.isfinite(value), np.nan, value)
        columns[f"{method}_step"] = pd.Categorical.from_codes(step.astype("int8"), categories=list(STEPS))
    return pd.DataFrame(columns)


@dataclass(frozen=True)
class _Cases:
    """All series packed to the left: observation k of series i is (years[i, k], values[i, k]), k < count[i]."""

    years: np.ndarray
    values: np.ndarray
    count: np.ndarray
    target: np.ndarray
    target_year: np.ndarray
    direction: np.ndarray
    lower: float
    upper: float

    @classmethod
    def read(
        cls,
        values: np.ndarray,
        years: np.ndarray,
        target: np.ndarray | float,
        target_year: np.ndarray | int,
        direction: np.ndarray | int,
        lower: float | None,
        upper: float | None,
    ) -> _Cases:
        values, years = np.array(values, dtype="float64", ndmin=2), np.asarray(years, dtype="float64")
        if values.shape[1] != len(years) or (np.diff(years) <= 0).any():
            raise ValueError(
                f"{values.shape[1]} columns were given with {len(years)} years. Give one rising year per column."
            )
        target, target_year, direction = (
            np.broadcast_to(np.asarray(one, dtype="float64"), (len(values),))
            for one in (target, target_year, direction)
        )
        if not np.isin(direction, (1, -1)).all():
            raise ValueError("A direction is neither 1 nor -1. Judge bands one by one with `judge`.")
        past = (years[None, :] > target_year[:, None]) & ~np.isnan(target)[:, None]
        some_before = (~np.isnan(values) & ~past).any(axis=1)
        values = np.where(past & some_before[:, None], np.nan, values)
        order = np.argsort(np.isnan(values), axis=1, kind="stable")
        return cls(
            years[order], np.take_along_axis(values, order, axis=1), (~np.isnan(values)).sum(axis=1), target,
            np.where(np.isnan(target_year), DEFAULT_TARGET_YEAR, target_year), direction,
            np.nan if lower is None else float(lower), np.nan if upper is None else float(upper),
        )  # fmt: skip

    def at(self, position: np.ndarray | int) -> tuple[np.ndarray, np.ndarray]:
        """Return (year, value) of each series at a position of its own; NaN where it has none."""
        position = np.broadcast_to(position, self.count.shape)
        there = (position >= 0) & (position < self.count)
        column = np.where(there, position, 0)[:, None]
        year = np.take_along_axis(self.years, column, axis=1)[:, 0]
        value = np.take_along_axis(self.values, column, axis=1)[:, 0]
        return np.where(there, year, np.nan), np.where(there, value, np.nan)

    @property
    def first(self) -> tuple[np.ndarray, np.ndarray]:
        return self.at(0)

    @property
    def last(self) -> tuple[np.ndarray, np.ndarray]:
        return self.at(self.count - 1)

    @property
    def met(self) -> np.ndarray:
        return self.direction * (self.last[1] - self.target) >= 0

    @property
    def limit(self) -> np.ndarray:
        return np.where(self.direction == 1, self.upper, self.lower)


def _pick(*choices: tuple[np.ndarray, int], otherwise: int) -> np.ndarray:
    return np.select([condition for condition, _ in choices], [code for _, code in choices], otherwise)


def _opposite(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return ((one > 0) & (other < 0)) | ((one < 0) & (other > 0))


def _growth_value(case: _Cases) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the StatCan statistic (R, or growth without target), whether it exists, and the target used."""
    (year0, base), (year1, value) = case.first, case.last
    target = np.where(case.target == 0, ZERO, case.target)
    sign = np.where(base < 0, -1.0, 1.0)
    base = np.where(base == 0, ZERO, base)
    growth = case.direction * sign * ((value / base) ** (1 / (year1 - year0)) - 1)
    needed = np.abs((target / base) ** (1 / (case.target_year - year0)) - 1)
    there = (case.count > 1) & (year1 - year0 >= 1) & ~_opposite(base, value) & np.isfinite(value / base)
    to_target = (case.target_year > year0) & ~_opposite(base, target) & np.isfinite(target / base)
    has_target = ~np.isnan(case.target)
    result = np.where(has_target, np.where(needed == 0, np.sign(growth) * np.inf, growth / needed), growth)
    return result, there & (~has_target | to_target) & ~np.isnan(result), target


def _factor(case: _Cases) -> np.ndarray:
    base, limit = case.first[1], case.limit
    ignored = np.isnan(limit) | ((case.direction == -1) & (base < limit)) | ~np.isnan(case.target)
    size, most = np.abs(base), np.abs(limit)
    nearness = np.where(size <= most, size / most, (2 * most - size) / most)
    return np.where(ignored | (size >= 2 * most), 1.0, 1 - nearness**LIMIT_POWER)


def _statcan(case: _Cases) -> tuple[np.ndarray, np.ndarray]:
    value, there, target = _growth_value(case)
    has_target, factor = ~np.isnan(case.target), _factor(case)
    high, middle = np.where(has_target, 0.95, 0.015 * factor), np.where(has_target, 0.60, 0.005 * factor)
    met = case.direction * (case.last[1] - target) >= 0
    step = _pick(
        (met, _ACHIEVED), (~there, _NONE), (value >= high, _ON_TRACK), (value >= middle, _ACCELERATE),
        (value >= 0, _LIMITED), otherwise=_AWAY,
    )  # fmt: skip
    return np.where(there, value, np.nan), step


def _eustat(case: _Cases) -> tuple[np.ndarray, np.ndarray]:
    value, there, target = _growth_value(case)
    has_target, factor, limit = ~np.isnan(case.target), _factor(case), case.limit
    high, middle = np.where(has_target, 0.95, 0.01 * factor), np.where(has_target, 0.60, 0.001 * factor)
    low = np.where(has_target, 0.0, -0.001)
    useful = ~has_target & ~((case.direction == -1) & (case.first[1] < limit))
    met = (case.direction * (case.last[1] - target) >= 0) | (useful & (case.last[1] == limit))
    step = _pick(
        (met, _ACHIEVED), (~there, _NONE), (value > high, _ON_TRACK), (value > middle, _ACCELERATE),
        (value >= low, _LIMITED), otherwise=_AWAY,
    )  # fmt: skip
    return np.where(there, value, np.nan), step


def _un_chart(case: _Cases) -> tuple[np.ndarray, np.ndarray]:
    (year0, base), (year1, value) = case.first, case.last
    has_target = ~np.isnan(case.target)
    growth = (value / base) ** (1 / (year1 - year0)) - 1
    expected = value * (1 + growth) ** (case.target_year - year1)
    needed = case.target - base
    lost = has_target & (case.direction * needed <= 0)
    sign = np.where(base < 0, -1, 1)
    result = np.where(has_target, (expected - base) / needed, case.direction * sign * growth)
    there = (case.count > 1) & (base != 0) & ~_opposite(base, value) & np.isfinite(value / base)
    there &= ~has_target | np.isfinite(expected)
    high, low = (np.where(has_target, pair[0], pair[1]) for pair in zip(SHARE_CUTS, GROWTH_CUTS, strict=True))
    near_end = (case.upper == 100) & np.isin(case.target, (0.0, 100.0)) & (np.abs(value - case.target) <= 1)
    step = _pick(
        (case.met | near_end, _ACHIEVED), (~there, _NONE), (lost, _AWAY), (result >= high - CHART_ROUNDING, _ON_TRACK),
        (result >= low - CHART_ROUNDING, _ACCELERATE), (result < 0, _AWAY), otherwise=_LIMITED,
    )  # fmt: skip
    return np.where(there & ~lost & (step != _ACHIEVED), result, np.nan), step


def _average_change(case: _Cases) -> np.ndarray:
    packed = np.arange(case.years.shape[1])[None, :] < case.count[:, None]
    joined = packed[:, 1:] & (np.diff(case.years, axis=1) == 1)
    broken = packed[:, 1:] & ~joined
    last_gap = np.where(broken.any(axis=1), broken.shape[1] - np.argmax(broken[:, ::-1], axis=1), 0)
    used = np.where(case.count >= POINTS, POINTS, case.count - last_gap)
    (year0, start), (year1, value) = case.at(case.count - used), case.last
    return np.where(used >= LEAST_POINTS, (value - start) / (year1 - year0), np.nan)


def _destatis(case: _Cases) -> tuple[np.ndarray, np.ndarray]:
    change, (year, value) = _average_change(case), case.last
    has_target, towards = ~np.isnan(case.target), case.direction * change
    miss = (case.target - value - change * (case.target_year - year)) / (case.target - value)
    hold = has_target & (case.met | (case.target_year <= year))
    last_right = case.direction * (value - case.at(case.count - 2)[1]) > 0
    free = _pick(
        (towards > 0, _ON_TRACK), (last_right, _LIMITED), otherwise=_AWAY,
    )  # fmt: skip
    by_value = _pick(
        (towards <= 0, _AWAY), (miss <= MISS_CUTS[1] + ROUNDING, _ON_TRACK),
        (miss <= CLOUD_SPLIT + ROUNDING, _ACCELERATE), otherwise=_LIMITED,
    )  # fmt: skip
    held = _pick((case.met, _ACHIEVED), (towards >= 0, _LIMITED), otherwise=_AWAY)
    step = np.where(~has_target, free, np.where(hold, held, by_value))
    return np.where(has_target & ~hold, miss, change), np.where(np.isnan(change), _NONE, step)


def _sdsn(case: _Cases) -> tuple[np.ndarray, np.ndarray]:
    (year0, base), (year1, value) = case.first, case.last
    met_first = case.direction * (base - case.target) >= 0
    ratio = (value - base) / (year1 - year0) / ((case.target - base) / (case.target_year - year0))
    step = _pick(
        (np.isnan(case.target) | (case.count < 2), _NONE), (met_first & case.met, _ACHIEVED),
        (case.target_year <= year0, _NONE), (met_first, _AWAY), (case.met, _ACHIEVED),
        (ratio >= TREND_CUTS[0] - TREND_ROUNDING, _ON_TRACK), (ratio >= TREND_CUTS[1] - TREND_ROUNDING, _ACCELERATE),
        (ratio >= 0, _LIMITED), otherwise=_AWAY,
    )  # fmt: skip
    return np.where(met_first, np.nan, ratio), step


def _escap(case: _Cases) -> tuple[np.ndarray, np.ndarray]:
    base, year = case.first[1], case.last[0]
    expected = _weighted_expectation(case)
    index = 10 * case.direction * (expected - base) / np.abs(case.target - base)
    index = np.where(case.direction * (expected - case.target) >= 0, 10.0, index)
    index = np.where(case.met, 10.0, np.where(np.abs(index) < STANDSTILL, 0.0, index))
    none = np.isnan(case.target) | (case.target_year <= year) | (case.count < 2) | (base == case.target)
    step = _pick(
        (case.met, _ACHIEVED), (none | ~np.isfinite(index), _NONE), (index > INDEX_CUTS[0], _ON_TRACK),
        (index >= SLOW, _ACCELERATE), (index >= 0, _LIMITED), otherwise=_AWAY,
    )  # fmt: skip
    return index, step


def _weighted_expectation(case: _Cases) -> np.ndarray:
    packed = np.arange(case.years.shape[1])[None, :] < case.count[:, None]
    share = (case.values - case.lower) / (case.upper - case.lower)
    bounded = np.isfinite(case.lower) and np.isfinite(case.upper)
    line = np.log(share / (1 - share)) if bounded else np.log(case.values)
    usable = np.isfinite(np.where(packed, line, 0.0)).all(axis=1)
    until = case.target_year[:, None]
    weights = np.where(packed, (until - case.years[:, :1]) / (until - case.years), 0.0)
    weights = weights / weights.sum(axis=1, keepdims=True)
    years, line = np.where(packed, case.years, 0.0), np.where(packed, line, 0.0)
    year_mean = (weights * years).sum(axis=1, keepdims=True)
    line_mean = (weights * line).sum(axis=1, keepdims=True)
    centred = np.where(packed, years - year_mean, 0.0)
    slope = (weights * centred * (line - line_mean)).sum(axis=1) / (weights * centred**2).sum(axis=1)
    end = line_mean[:, 0] + slope * (case.target_year - year_mean[:, 0])
    back = case.lower + (case.upper - case.lower) / (1 + np.exp(-end)) if bounded else np.exp(end)
    return np.where(usable, back, case.last[1])


def _world_bank(case: _Cases, peers: TypicalPath | None) -> tuple[np.ndarray, np.ndarray]:
    (year0, base), (year1, value) = case.first, case.last
    if peers is None:
        return np.full(len(value), np.nan), np.full(len(value), _NONE)
    sign = case.direction
    speed = peers.years_between(sign * base, sign * value) / (year1 - year0)
    left = peers.years_between(sign * value, sign * case.target)
    has_target = ~np.isnan(case.target)
    covered = np.where(has_target, speed * (case.target_year - year1) / left, speed)
    step = _pick(
        (case.met, _ACHIEVED), (~(year1 - year0 >= MIN_SPAN) | ~np.isfinite(speed), _NONE),
        (has_target & (speed < 0), _AWAY), (has_target & (speed == 0), _LIMITED),
        (has_target & ~np.isfinite(left), _NONE), (covered >= 1, _ON_TRACK), (covered >= 0.6, _ACCELERATE),
        (covered >= 0, _LIMITED), otherwise=_AWAY,
    )  # fmt: skip
    return np.where(case.met, np.nan, speed), step
