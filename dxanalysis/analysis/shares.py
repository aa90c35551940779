"""A share is a ratio: what its numerator must do to reach a target, and what moved it in the past."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from .pace import is_met, read_targets, targets_of
from .series import comparable_run, each_series, one_series, require_columns

EFFECT_COLUMNS = (
    "first_year", "last_year", "part", "first", "last", "points", "numerator_effect", "denominator_effect",
    "numerator_growth", "denominator_growth",
)  # fmt: skip
NEED_COLUMNS = (
    "target_year", "target", "last_year", "last", "years_left", "growth", "basis", "required_growth",
    "faster_than_whole", "reason",
)  # fmt: skip
DEFAULT_GROWTH = (0.04, 0.06, 0.08, 0.10, 0.12)


def required_growth(share: float, target: float, years: float, growth: float) -> float:
    """Return the yearly growth the numerator needs so that a share reaches its target: (1 + g)(T/y)^(1/n) - 1.

    Parameters
    ----------
    share, target : float
        Present share and target, in the same unit.
    years : float
        Years until the target.
    growth : float
        Yearly growth of the denominator as a fraction, 0.08 for GRDP growth of 8 %. If it is real growth, so is the
        result, provided both have the same prices.

    Examples
    --------
    The digital economy of Viet Nam must grow by 23.9 % a year to rise from 13.17 % to 30 % of GDP in six years when GDP
    grows by 8 %; from 3 % to 20 % in five years by 57.8 %:

    >>> [round(100 * required_growth(y, t, n, 0.08), 1) for y, t, n in ((13.17, 30, 6), (3, 20, 5), (3, 30, 10))]
    [23.9, 57.8, 36.0]
    >>> required_growth(0.0, 20, 5, 0.08)
    Traceback (most recent call last):
    ...
    ValueError: From a share of 0.0 no growth rate leads to 20. Give a present share and a target above zero.
    """
    if not share > 0 or not target > 0:
        raise ValueError(
            f"From a share of {share} no growth rate leads to {target}. Give a present share and a target above zero."
        )
    if not years > 0:
        raise ValueError(
            f"{years} years are left, so nothing can be required. Give a target year after the present one."
        )
    return (1 + growth) * (target / share) ** (1 / years) - 1


def required_growth_table(
    share: float, target: float, years: Sequence[int], growth: Sequence[float] = DEFAULT_GROWTH
) -> pd.DataFrame:
    """Tabulate the growth the numerator needs, for several growth rates of the denominator and several horizons.

    Returns
    -------
    DataFrame
        One row per growth rate and horizon: growth, years, required_growth, faster_than_whole (their difference, which
        is what a rising share means).

    Examples
    --------
    >>> required_growth_table(3, 20, [5], [0.0, 0.08]).round(3)
       growth  years  required_growth  faster_than_whole
    0    0.00      5            0.461              0.461
    1    0.08      5            0.578              0.498
    """
    rows = [
        (rate, span, needed, needed - rate)
        for rate in growth
        for span in years
        for needed in [required_growth(share, target, span, rate)]
    ]
    return pd.DataFrame(rows, columns=["growth", "years", "required_growth", "faster_than_whole"])


def what_it_takes(
    history: pd.DataFrame,
    targets: pd.DataFrame,
    whole: pd.DataFrame | None = None,
    *,
    growth: Sequence[float] = DEFAULT_GROWTH,
) -> pd.DataFrame:
    """Tabulate the growth the numerator of a share needs for each target, under several growth rates of the whole.

    Parameters
    ----------
    history, targets : DataFrame
        One share and its targets.
    whole : DataFrame, optional
        Yearly growth of the denominator in percent (`year`, `value`), for example real GRDP growth; the mean of its
        comparable years is the first rate tried, marked "observed".
    growth : sequence of float
        Further rates tried, as fractions, marked "assumed".

    Returns
    -------
    DataFrame
        One row per target and rate: target_year, target, last_year, last, years_left, growth, basis ("observed",
        "assumed"), required_growth, faster_than_whole, reason ("", "no_data", "zero_share", "target_met",
        "target_year_past"; with a reason nothing is required).

    Examples
    --------
    >>> share = pd.DataFrame({"year": [2024], "value": [13.17]})
    >>> goal = pd.DataFrame({"year": [2030], "value": [30.0]})
    >>> real = pd.DataFrame({"year": [2023, 2024], "value": [7.5, 8.5]})
    >>> table = what_it_takes(share, goal, real, growth=[0.06])
    >>> table[["growth", "basis", "required_growth"]].round(3)
       growth     basis  required_growth
    0    0.08  observed            0.239
    1    0.06   assumed            0.216
    """
    run = comparable_run(one_series(history))
    goals = read_targets(targets)
    goals = targets_of(goals, run["area"].iloc[0]) if len(run) else goals
    rates = [(float(rate), "assumed") for rate in growth]
    observed = comparable_run(one_series(whole)) if whole is not None else run.iloc[:0]
    if len(observed):
        rates.insert(0, (float(observed["value"].mean()) / 100, "observed"))
    rows = [_needed(goal, run, rate, basis) for goal in goals.itertuples() for rate, basis in rates]
    table = pd.DataFrame(rows, columns=list(NEED_COLUMNS))
    return table.astype(dict.fromkeys(("target_year", "last_year", "years_left"), "Int64"))


def levels_from_growth(growth: pd.DataFrame, *, first: float = 100.0) -> pd.DataFrame:
    """Turn yearly growth rates (`year`, `value` in percent) into levels, `first` being that of the year before them.

    Raises
    ------
    ValueError
        When a year is missing, because a level cannot be carried over a gap.

    Examples
    --------
    >>> levels_from_growth(pd.DataFrame({"year": [2022, 2023], "value": [10.0, 5.0]}))
       year  value
    0  2021  100.0
    1  2022  110.0
    2  2023  115.5
    """
    rates = one_series(growth)
    gaps = np.flatnonzero(np.diff(rates["year"]) != 1)
    if len(gaps):
        raise ValueError(
            f"Growth of {rates['year'].iloc[gaps[0]] + 1} is missing, so levels cannot be carried over. "
            "Add the year or start after it."
        )
    levels = first * np.concatenate([[1.0], np.cumprod(1 + rates["value"] / 100)])
    start = int(rates["year"].iloc[0]) - 1 if len(rates) else 0
    return pd.DataFrame({"year": np.arange(start, start + len(levels)), "value": levels})


def decompose_share(shares: pd.DataFrame, denominator: pd.DataFrame, *, each_year: bool = False) -> pd.DataFrame:
    """Split the change of a share into what its numerator and what its denominator did, without residual.

    Logarithmic mean Divisia index: the effect of the numerator is L(s1, s0) ln(N1/N0), that of the denominator
    -L(s1, s0) ln(D1/D0), with L the logarithmic mean. They add up to s1 - s0 exactly, and do not depend on the order.
    With a column `part` (core and digitised, or sectors) each part has its own numerator effect, and the parts add up
    to the whole.

    Parameters
    ----------
    shares : DataFrame
        `year`, `value` (share in percent or as a fraction) and optionally `part`.
    denominator : DataFrame
        `year`, `value`: level of the denominator, or `levels_from_growth` of its growth; its unit does not matter.
    each_year : bool
        Split year by year instead of from the first to the last year.

    Returns
    -------
    DataFrame
        One row per period and part (part "total" last where there are parts): first_year, last_year, part, first,
        last, points, numerator_effect, denominator_effect, numerator_growth, denominator_growth (fractions over the
        period).

    References
    ----------
    Ang, B. W. (2005), The LMDI approach to decomposition analysis: a practical guide. Energy Policy 33, 867-871.

    Examples
    --------
    >>> shares = pd.DataFrame({"year": [2020, 2024], "value": [12.66, 13.17]})
    >>> gdp = pd.DataFrame({"year": [2020, 2024], "value": [100.0, 125.0]})
    >>> decompose_share(shares, gdp)[["points", "numerator_effect", "denominator_effect"]].round(2)
       points  numerator_effect  denominator_effect
    0    0.51              3.39               -2.88
    """
    require_columns(shares, ("year", "value"), "Shares")
    levels = _levels(denominator)
    if "part" not in shares.columns:
        return _decompose(one_series(shares), levels, "share", each_year)
    parts = [
        _decompose(one_series(rows.drop(columns="part")), levels, str(part), each_year)
        for part, rows in shares.groupby("part", sort=False)
    ]
    return _with_total(pd.concat(parts, ignore_index=True))


def decompose_numerator(levels: pd.DataFrame) -> pd.DataFrame:
    """Split the growth of a numerator into the contributions of its parts, in percentage points of its growth.

    Parameters
    ----------
    levels : DataFrame
        `part`, `year`, `value`: level of each part (value added), all parts in the same years.

    Returns
    -------
    DataFrame
        One row per part: part, first_year, last_year, first, last, growth, contribution (to the growth of the sum;
        they add up to it).

    Examples
    --------
    >>> table = pd.DataFrame({"part": ["core", "core", "digitised", "digitised"], "year": [2020, 2024] * 2,
    ...                       "value": [60.0, 72.0, 40.0, 50.0]})
    >>> decompose_numerator(table)[["part", "growth", "contribution"]]
            part  growth  contribution
    0       core    0.20          0.12
    1  digitised    0.25          0.10
    """
    require_columns(levels, ("part", "year", "value"), "Levels")
    named = levels.rename(columns={"part": "area"})
    ends = [(rows["area"].iloc[0], rows.iloc[0], rows.iloc[-1]) for rows in each_series(named)]
    spans = {(int(first["year"]), int(last["year"])) for _, first, last in ends}
    if len(spans) > 1:
        raise ValueError(
            f"Parts cover different years {sorted(spans)[:10]}. Give the same first and last year for all."
        )
    whole = sum(first["value"] for _, first, _ in ends)
    rows = [
        (part, first["year"], last["year"], first["value"], last["value"], last["value"] / first["value"] - 1,
         (last["value"] - first["value"]) / whole)
        for part, first, last in ends
    ]  # fmt: skip
    names = ["part", "first_year", "last_year", "first", "last", "growth", "contribution"]
    return pd.DataFrame(rows, columns=names)


def log_mean(first: float, last: float) -> float:
    """Return the logarithmic mean (last - first)/ln(last/first), the value itself where both are equal, 0 where one is.

    Examples
    --------
    >>> round(log_mean(1.0, 2.0), 4), log_mean(3.0, 3.0), log_mean(0.0, 3.0)
    (1.4427, 3.0, 0.0)
    """
    if first == last:
        return first
    if first <= 0 or last <= 0:
        return 0.0
    return (last - first) / math.log(last / first)


def _needed(goal: object, run: pd.DataFrame, rate: float, basis: str) -> tuple[object, ...]:
    if not len(run):
        return (goal.year, goal.value, None, math.nan, None, rate, basis, math.nan, math.nan, "no_data")
    year, share = int(run["year"].iloc[-1]), float(run["value"].iloc[-1])
    reason = (
        "target_met" if is_met(share, goal.value, 1, goal.comparator)
        else "target_year_past" if goal.year <= year
        else "zero_share" if share <= 0
        else ""
    )  # fmt: skip
    needed = math.nan if reason else required_growth(share, goal.value, goal.year - year, rate)
    return (goal.year, goal.value, year, share, goal.year - year, rate, basis, needed, needed - rate, reason)


def _levels(denominator: pd.DataFrame) -> dict[int, float]:
    table = one_series(denominator)
    if (table["value"] <= 0).any():
        worst = table[table["value"] <= 0].iloc[0]
        raise ValueError(
            f"The denominator is {worst['value']:g} in {worst['year']}. A share needs a denominator above zero."
        )
    return dict(zip(table["year"].tolist(), table["value"].tolist(), strict=True))


def _decompose(series: pd.DataFrame, levels: dict[int, float], part: str, each_year: bool) -> pd.DataFrame:
    missing = [year for year in series["year"].tolist() if year not in levels]
    if missing:
        raise ValueError(f"The denominator of {missing[0]} is missing. Give its level for every year of the share.")
    points = list(zip(series["year"].tolist(), series["value"].tolist(), strict=True))
    pairs = list(pairwise(points)) if each_year else [(points[0], points[-1])]
    rows = [_effect(first, last, levels, part) for first, last in pairs if first[0] != last[0]]
    return pd.DataFrame(rows, columns=list(EFFECT_COLUMNS))


def _effect(
    first: tuple[int, float], last: tuple[int, float], levels: dict[int, float], part: str
) -> tuple[object, ...]:
    (year0, share0), (year1, share1) = first, last
    growth = levels[year1] / levels[year0]
    denominator = -log_mean(share0, share1) * math.log(growth)
    points = share1 - share0
    numerator = share1 * growth / share0 - 1 if share0 > 0 else float("nan")
    return (year0, year1, part, share0, share1, points, points - denominator, denominator, numerator, growth - 1)


def _with_total(parts: pd.DataFrame) -> pd.DataFrame:
    sums = ["first", "last", "points", "numerator_effect", "denominator_effect"]
    total = parts.groupby(["first_year", "last_year"], as_index=False)[sums].sum()
    growth = parts.groupby(["first_year", "last_year"])["denominator_growth"].first().to_numpy()
    numerator = total["last"] * (1 + growth) / total["first"] - 1
    total = total.assign(part="total", numerator_growth=numerator, denominator_growth=growth)
    return pd.concat([parts, total[list(EFFECT_COLUMNS)]], ignore_index=True)
