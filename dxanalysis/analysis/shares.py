"""Growth that numerator or denominator needs for a share to reach a target, and decomposition of past changes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from .pace import read_targets, targets_of
from .question import IndicatorLike
from .series import cagr, comparable_run, has_break, one_series

EFFECT_COLUMNS = (
    "first_year", "last_year", "part", "first", "last", "points", "numerator_effect", "denominator_effect",
    "numerator_growth", "denominator_growth",
)
NEED_COLUMNS = (
    "target_year", "target", "last_year", "last", "years_left", "growth", "basis", "growth_from", "growth_to",
    "required_growth", "faster_than_whole",
)
DEFAULT_GROWTH = (0.04, 0.06, 0.08, 0.10, 0.12)
#: Years over which growth of the whole counts as observed: a term of five years.
LOOK_BACK = 5


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


def nominal_growth(whole: pd.DataFrame, until: int) -> tuple[float, int, int] | None:
    """Return the compound growth of a denominator over its last years up to a year, and the years it is taken over.

    Growth in current prices, because the share is one of current prices. At most `LOOK_BACK` years count.

    Examples
    --------
    >>> whole = pd.DataFrame({"year": [2010, 2022, 2024], "value": [50.0, 100.0, 116.64]})
    >>> rate, first, last = nominal_growth(whole, 2025)
    >>> round(rate, 3), first, last
    (0.08, 2022, 2024)
    """
    levels = comparable_run(one_series(whole)) if len(whole) else whole
    held = levels[(levels["year"] <= until) & (levels["year"] >= until - LOOK_BACK)] if len(levels) else levels
    if len(held) < 2:
        return None
    first, last = held.iloc[0], held.iloc[-1]
    rate = cagr(float(first["value"]), float(last["value"]), int(last["year"] - first["year"]))
    return (rate, int(first["year"]), int(last["year"])) if math.isfinite(rate) else None


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


def _effect(first: tuple[int, float], last: tuple[int, float], levels: dict[int, float]) -> tuple[object, ...]:
    (year0, share0), (year1, share1) = first, last
    growth = levels[year1] / levels[year0]
    denominator = -log_mean(share0, share1) * math.log(growth)
    points = share1 - share0
    numerator = share1 * growth / share0 - 1 if share0 > 0 else float("nan")
    return (year0, year1, "share", share0, share1, points, points - denominator, denominator, numerator, growth - 1)


GRID_COLUMNS = (
    "target_year", "target", "last_year", "last", "years", "growth", "required_growth", "faster_than_whole",
)


def is_rising_share(indicator: IndicatorLike) -> bool:
    """Tell whether an indicator is a share of a whole that is meant to rise (0 to 100, higher is better).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> is_rising_share(SimpleNamespace(direction=1, lower=0.0, upper=100.0))
    True
    >>> is_rising_share(SimpleNamespace(direction=-1, lower=1.0, upper=None))
    False
    """
    return indicator.direction == 1 and indicator.lower == 0 and indicator.upper == 100


def growth_needed(
    history: pd.DataFrame,
    targets: pd.DataFrame,
    indicator: IndicatorLike,
    whole: pd.DataFrame | None = None,
    *,
    growth: Sequence[float] = DEFAULT_GROWTH,
) -> pd.DataFrame:
    """Tabulate the growth the numerator of a share needs for each target ahead, for several growth rates of the whole.

    Parameters
    ----------
    history, targets : DataFrame
        One share and its open targets.
    indicator : object
        With direction, lower and upper; of another one than a rising share nothing is needed.
    whole : DataFrame, optional
        Levels of the denominator in current prices (`year`, `value`), as the share is; its compound growth over the
        last years (`nominal_growth`) is the first rate tried, marked "observed", and the years are named.
    growth : sequence of float
        Further rates tried, as fractions, marked "assumed".

    Returns
    -------
    DataFrame
        One row per target and rate: target_year, target, last_year, last, years_left, growth, basis ("observed",
        "assumed"), growth_from, growth_to (years observed), required_growth, faster_than_whole (what a rising share
        means). Empty where no figure, or one of zero, is held.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> ratio = SimpleNamespace(direction=1, lower=0.0, upper=100.0)
    >>> rank = SimpleNamespace(direction=-1, lower=1.0, upper=None)
    >>> share, goal = pd.DataFrame({"year": [2024], "value": [13.17]}), pd.DataFrame({"year": [2030], "value": [30.0]})
    >>> whole = pd.DataFrame({"year": [2022, 2024], "value": [100.0, 116.64]})
    >>> growth_needed(share, goal, ratio, whole, growth=[0.06])[["growth", "basis", "required_growth"]].round(3)
       growth     basis  required_growth
    0    0.08  observed            0.239
    1    0.06   assumed            0.216
    >>> len(growth_needed(share, goal, rank))
    0
    """
    rates = [(float(rate), "assumed", None, None) for rate in growth]
    rows: list[tuple[object, ...]] = []
    for goal, year, share in _ahead(history, targets, indicator):
        observed = nominal_growth(whole, year) if whole is not None else None
        left = int(goal.year) - year
        for rate, basis, first, last in [*([(observed[0], "observed", *observed[1:])] if observed else []), *rates]:
            needed = required_growth(share, goal.value, left, rate)
            rows.append((goal.year, goal.value, year, share, left, rate, basis, first, last, needed, needed - rate))
    table = pd.DataFrame(rows, columns=list(NEED_COLUMNS))
    return table.astype(dict.fromkeys(("target_year", "last_year", "years_left", "growth_from", "growth_to"), "Int64"))


def _ahead(
    history: pd.DataFrame, targets: pd.DataFrame, indicator: IndicatorLike
) -> list[tuple[pd.Series, int, float]]:
    """Return each target after the last figure of a rising share, with the year and the value of that figure."""
    run = comparable_run(one_series(history))
    if not len(run) or not is_rising_share(indicator) or not run["value"].iloc[-1] > 0:
        return []
    year, share = int(run["year"].iloc[-1]), float(run["value"].iloc[-1])
    goals = targets_of(read_targets(targets), run["area"].iloc[0])
    return [(goal, year, share) for goal in goals.itertuples() if goal.year > year and goal.value > 0]


def growth_grid(
    history: pd.DataFrame,
    targets: pd.DataFrame,
    indicator: IndicatorLike,
    *,
    growth: Sequence[float] = DEFAULT_GROWTH,
    later: int = 4,
) -> pd.DataFrame:
    """Tabulate the growth needed for the first open target if it had to be reached on time, or some years later.

    Returns
    -------
    DataFrame
        One row per growth of the whole and number of years: target_year, target, last_year, last, years, growth,
        required_growth, faster_than_whole. Empty where no target is open, the share is zero, or it is no rising share.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> share = SimpleNamespace(direction=1, lower=0.0, upper=100.0)
    >>> table, goal = pd.DataFrame({"year": [2021], "value": [3.0]}), pd.DataFrame({"year": [2025], "value": [20.0]})
    >>> grid = growth_grid(table, goal, share, growth=[0.08], later=1)
    >>> grid[["years", "required_growth"]].round(3).values.tolist()
    [[4.0, 0.735], [5.0, 0.578]]
    """
    ahead = _ahead(history, targets, indicator)
    rows = [
        (int(goal.year), float(goal.value), year, share, left, rate, needed, needed - rate)
        for goal, year, share in ahead[:1]
        for rate in growth
        for left in range(int(goal.year) - year, int(goal.year) - year + later + 1)
        for needed in [required_growth(share, float(goal.value), left, rate)]
    ]
    return pd.DataFrame(rows, columns=list(GRID_COLUMNS))


def share_effects(history: pd.DataFrame, whole: pd.DataFrame, indicator: IndicatorLike) -> pd.DataFrame:
    """Split the change of a share into what its numerator and its denominator did, or say why it cannot be split.

    Logarithmic mean Divisia index: the effect of the numerator is L(s1, s0) ln(N1/N0), that of the denominator
    -L(s1, s0) ln(D1/D0), with L the logarithmic mean. They add up to s1 - s0 exactly, and do not depend on the order.

    Parameters
    ----------
    history : DataFrame
        One share.
    whole : DataFrame
        Levels of the denominator (`year`, `value`) in current prices; it may be empty.
    indicator : object
        With direction, lower and upper.

    Returns
    -------
    DataFrame
        One row, from the first to the last comparable year of which the denominator is held: first_year, last_year,
        part, first, last, points, numerator_effect, denominator_effect, numerator_growth, denominator_growth (fractions
        over the period), then reason ("", "not_a_share", "one_point", "break": one figure is left after a break,
        "no_denominator": fewer than two years of the share have a denominator).

    References
    ----------
    Ang, B. W. (2005), The LMDI approach to decomposition analysis: a practical guide. Energy Policy 33, 867-871.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> share = SimpleNamespace(direction=1, lower=0.0, upper=100.0)
    >>> table = pd.DataFrame({"year": [2020, 2024], "value": [12.66, 13.17]})
    >>> gdp = pd.DataFrame({"year": [2020, 2024], "value": [100.0, 125.0]})
    >>> share_effects(table, gdp, share)[["points", "numerator_effect", "reason"]].round(2).values.tolist()
    [[0.51, 3.39, '']]
    >>> share_effects(table, gdp[:1], share)["reason"].tolist()
    ['no_denominator']
    """
    series = one_series(history)
    run = comparable_run(series)
    shared = run[run["year"].isin(whole["year"])] if len(run) else run
    reason = (
        "not_a_share" if not is_rising_share(indicator)
        else "no_data" if not len(run)
        else ("break" if has_break(series).any() else "one_point") if len(run) < 2
        else "no_denominator" if len(shared) < 2
        else ""
    )
    if reason:
        return pd.DataFrame([{**dict.fromkeys(EFFECT_COLUMNS, math.nan), "part": "share", "reason": reason}])
    levels = one_series(whole[["year", "value"]])
    if (levels["value"] <= 0).any():
        worst = levels[levels["value"] <= 0].iloc[0]
        raise ValueError(
            f"The denominator is {worst['value']:g} in {worst['year']:g}. A share needs a denominator above zero."
        )
    level = dict(zip(levels["year"].tolist(), levels["value"].tolist(), strict=True))
    points = list(zip(shared["year"].tolist(), shared["value"].tolist(), strict=True))
    return pd.DataFrame([_effect(points[0], points[-1], level)], columns=list(EFFECT_COLUMNS)).assign(reason="")
