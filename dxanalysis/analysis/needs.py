"""What a rising share takes of its numerator, said only where the indicator is such a share."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from .pace import is_met, read_targets, targets_of
from .question import IndicatorLike
from .series import comparable_run, has_break, one_series
from .shares import DEFAULT_GROWTH, EFFECT_COLUMNS, NEED_COLUMNS, decompose_share, required_growth_table, what_it_takes

GRID_COLUMNS = (
    "target_year", "target", "last_year", "last", "years", "growth", "required_growth", "faster_than_whole",
)  # fmt: skip


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
    """Tabulate the growth the numerator needs for each target; nothing where the indicator is no rising share.

    Parameters
    ----------
    history, targets, whole, growth
        As for `shares.what_it_takes`; an empty `whole` is as good as none.
    indicator : object
        With direction, lower and upper.

    Returns
    -------
    DataFrame
        The columns of `shares.what_it_takes`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> share = SimpleNamespace(direction=1, lower=0.0, upper=100.0)
    >>> rank = SimpleNamespace(direction=-1, lower=1.0, upper=None)
    >>> table, goal = pd.DataFrame({"year": [2024], "value": [13.17]}), pd.DataFrame({"year": [2030], "value": [30.0]})
    >>> growth_needed(table, goal, share, growth=[0.08])["required_growth"].round(3).tolist()
    [0.239]
    >>> len(growth_needed(table, goal, rank))
    0
    """
    if not is_rising_share(indicator):
        return pd.DataFrame(columns=list(NEED_COLUMNS))
    return what_it_takes(history, targets, whole if whole is not None and len(whole) else None, growth=growth)


def growth_grid(
    history: pd.DataFrame,
    targets: pd.DataFrame,
    indicator: IndicatorLike,
    *,
    growth: Sequence[float] = DEFAULT_GROWTH,
    later: int = 4,
) -> pd.DataFrame:
    """Tabulate the growth needed for the next open target if it had to be reached on time, or some years later.

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
    run = comparable_run(one_series(history))
    empty = pd.DataFrame(columns=list(GRID_COLUMNS))
    if not len(run) or not is_rising_share(indicator) or not run["value"].iloc[-1] > 0:
        return empty
    year, share = int(run["year"].iloc[-1]), float(run["value"].iloc[-1])
    goals = targets_of(read_targets(targets), run["area"].iloc[0])
    ahead = [goal for goal in goals.itertuples() if goal.year > year and not is_met(share, goal.value, 1)]
    if not ahead:
        return empty
    goal, left = ahead[0], int(ahead[0].year) - year
    grid = required_growth_table(share, float(goal.value), range(left, left + later + 1), growth)
    named = grid.assign(target_year=int(goal.year), target=float(goal.value), last_year=year, last=share)
    return named[list(GRID_COLUMNS)]


def share_effects(history: pd.DataFrame, whole: pd.DataFrame, indicator: IndicatorLike) -> pd.DataFrame:
    """Split the change of a share into what its numerator and its denominator did, or say why it cannot be split.

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
        One row: the columns of `shares.decompose_share` from the first to the last comparable year of which the
        denominator is held, then reason ("", "not_a_share", "one_point", "break": one figure is left after a break,
        "no_denominator": fewer than two years of the share have a denominator).

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
    )  # fmt: skip
    if reason:
        return pd.DataFrame([{**dict.fromkeys(EFFECT_COLUMNS, math.nan), "part": "share", "reason": reason}])
    return decompose_share(shared, whole[["year", "value"]]).assign(reason="")
