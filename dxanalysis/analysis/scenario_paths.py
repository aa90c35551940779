"""The arithmetic of scenarios, as in WHO's library: straight lines, fixed rates, percent of a baseline, bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from .growth import cagr
from .pace import check_direction
from .series import one_series


def fixed_target(
    history: pd.DataFrame, *, value: float, start_year: int, target_year: int, **limits: float | bool | None
) -> pd.DataFrame:
    """Draw a straight line from the value of the start year to a target.

    Parameters
    ----------
    history : DataFrame
        One series with a value in the start year.
    value : float
        Target value.
    start_year, target_year : int
        First and last year of the path.
    **limits
        `lower`, `upper`: natural bounds (values beyond are held there and `capped` says so); `keep_better`:
        +1 or -1 keeps reported values after the start where they are higher (lower) than the path.

    Returns
    -------
    DataFrame
        year, value, capped.

    References
    ----------
    WHO Triple Billions, gpw13/billionaiRe, `scenario_fixed_target`.

    Examples
    --------
    >>> fixed_target(pd.DataFrame({"year": [2018], "value": [68.0]}), value=99, start_year=2018, target_year=2020)
       year  value  capped
    0  2018   68.0   False
    1  2019   83.5   False
    2  2020   99.0   False
    """
    start = value_in(history, start_year)
    slope = (value - start) / (target_year - start_year)
    return _path(history, start_year, target_year, lambda years: start + slope * years, limits)


def fixed_rate(
    history: pd.DataFrame, *, rate: float, start_year: int, end_year: int, **limits: float | bool | None
) -> pd.DataFrame:
    """Let the value of the start year grow at a fixed compound rate (a fraction).

    Examples
    --------
    >>> table = pd.DataFrame({"year": [2018], "value": [50.0]})
    >>> fixed_rate(table, rate=0.5, start_year=2018, end_year=2020, upper=100)["value"].tolist()
    [50.0, 75.0, 100.0]
    """
    start = value_in(history, start_year)
    return _path(history, start_year, end_year, lambda years: start * (1 + rate) ** years, limits)


def latest_rate(history: pd.DataFrame, *, start_year: int) -> float:
    """Return the growth rate from the year before the start to the start.

    Examples
    --------
    >>> latest_rate(pd.DataFrame({"year": [2017, 2018], "value": [93.0, 92.0]}), start_year=2018)
    -0.010752688172043001
    """
    return cagr(value_in(history, start_year - 1), value_in(history, start_year), 1)


def rate_to_target(history: pd.DataFrame, *, value: float, start_year: int, target_year: int) -> float:
    """Return the compound rate that leads from the value of the start year to a target."""
    return cagr(value_in(history, start_year), value, target_year - start_year)


def rate_of_percent_change(percent: float, years: int) -> float:
    """Return the compound rate that adds up to a percentage change over the years.

    Examples
    --------
    >>> round(68 * (1 + rate_of_percent_change(3, 7)) ** 7, 2)
    70.04
    """
    return cagr(1.0, 1 + percent / 100, years)


def limit_rate(rate: float, direction: str, limit: float = 0.0) -> float:
    """Hold a growth rate at a limit: "positive" allows no rate above it, "negative" none below it.

    Examples
    --------
    >>> limit_rate(0.016, "positive"), limit_rate(-0.02, "negative"), limit_rate(-0.02, "positive")
    (0.0, 0.0, -0.02)
    """
    if direction not in ("positive", "negative"):
        raise ValueError(f"A rate cannot be limited in the direction {direction!r}. Use 'positive' or 'negative'.")
    return min(limit, rate) if direction == "positive" else max(limit, rate)


def percent_of_baseline(
    history: pd.DataFrame,
    *,
    percent: float,
    baseline_year: int,
    target_year: int,
    start_year: int,
    end_year: int,
    **limits: float | bool | None,
) -> pd.DataFrame:
    """Draw the part from start to end of the line on which the value of the baseline year changes by a percentage.

    Examples
    --------
    >>> table = pd.DataFrame({"year": [2010], "value": [50.0]})
    >>> percent_of_baseline(table, percent=40, baseline_year=2010, target_year=2030,
    ...                     start_year=2018, end_year=2020)["value"].tolist()
    [58.0, 59.0, 60.0]
    """
    base = value_in(history, baseline_year)
    slope = base * percent / 100 / (target_year - baseline_year)
    since = start_year - baseline_year
    return _path(history, start_year, end_year, lambda years: base + slope * (years + since), limits)


def linear_change(
    history: pd.DataFrame, *, per_year: float, start_year: int, end_year: int, **limits: float | bool | None
) -> pd.DataFrame:
    """Add a fixed number of points a year to the value of the start year; 0 is the scenario "halt".

    Examples
    --------
    >>> table = pd.DataFrame({"year": [2018], "value": [98.5]})
    >>> linear_change(table, per_year=1, start_year=2018, end_year=2020, upper=100)
       year  value  capped
    0  2018   98.5   False
    1  2019   99.5   False
    2  2020  100.0    True
    """
    start = value_in(history, start_year)
    return _path(history, start_year, end_year, lambda years: start + per_year * years, limits)


def value_in(history: pd.DataFrame, year: int) -> float:
    """Return the value of one series in a year.

    Examples
    --------
    >>> value_in(pd.DataFrame({"year": [2018], "value": [68.0]}), 2020)
    Traceback (most recent call last):
    ...
    ValueError: The series has no value in 2020 (it has 2018). Start in an observed year.
    """
    series = one_series(history)
    found = series["value"][series["year"] == year]
    if not len(found):
        known = ", ".join(map(str, series["year"].tolist()[:10]))
        raise ValueError(f"The series has no value in {year} (it has {known or 'none'}). Start in an observed year.")
    return float(found.iloc[0])


def _path(
    history: pd.DataFrame, start: int, end: int, rule: Callable[[np.ndarray], np.ndarray], limits: dict[str, object]
) -> pd.DataFrame:
    unknown = set(limits) - {"lower", "upper", "keep_better"}
    if unknown:
        raise ValueError(f"Unknown limit {sorted(unknown)[0]!r}. Limits are lower, upper, keep_better.")
    years = np.arange(start, end + 1)
    free = np.asarray(rule((years - start).astype("float64")), dtype="float64")
    low = -np.inf if limits.get("lower") is None else limits["lower"]
    high = np.inf if limits.get("upper") is None else limits["upper"]
    held = np.clip(free, low, high)
    path = pd.DataFrame({"year": years, "value": held, "capped": np.abs(held - free) > 1e-9})
    better = limits.get("keep_better")
    return path if not better else _keep_better(path, one_series(history), int(better))


def _keep_better(path: pd.DataFrame, series: pd.DataFrame, direction: int) -> pd.DataFrame:
    check_direction(direction)
    reported = path["year"].map(dict(zip(series["year"], series["value"], strict=True)))
    better = (direction * (reported - path["value"]) > 0).to_numpy()
    return path.assign(value=np.where(better, reported, path["value"]), capped=path["capped"] & ~better)
