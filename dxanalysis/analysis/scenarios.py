"""Named scenarios: projections under a stated condition, never forecasts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .milestones import rebased_path
from .pace import is_met, read_targets, targets_of
from .peers import place_pace
from .question import IndicatorLike
from .series import comparable_run, one_series
from .verdicts.verdict import number

SCENARIO_COLUMNS = ("area", "scenario", "year", "value", "condition", "capped")
TABLE_COLUMNS = (
    "scenario", "condition", "available", "reason", "per_year", "target_year", "target", "value", "met", "capped",
    "peer_area",
)
CONDITIONS = {
    "continue": "observed_pace_continues",
    "required_pace": "required_pace_from_next_year",
    "best_peer": "best_pace_of_a_peer_from_a_similar_level",
    "halt": "no_further_change",
    "slow": "half_the_observed_pace",
}
_PEER_YEARS = 3


def draw_scenarios(
    history: pd.DataFrame,
    targets: pd.DataFrame,
    indicator: IndicatorLike,
    *,
    until: int | None = None,
    peers: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Draw the scenarios from the last observation on; those whose condition has no number are left out.

    continue: the observed pace goes on; required_pace: straight through the milestones ahead; best_peer: the best pace
    another area kept up over three years from a similar level; halt: nothing changes; slow: half the observed pace.
    `scenario_table` says which are left out, and why.

    Parameters
    ----------
    history, targets, indicator
        As for `panel.judge`.
    until : int, optional
        Last year drawn; the last target year, or five years on, if not given.
    peers : DataFrame, optional
        History of many areas, for best_peer.

    Returns
    -------
    DataFrame
        One row per scenario and year: area, scenario, year, value, condition (a code), capped (held at a natural
        bound).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> share = SimpleNamespace(direction=1, lower=0.0, upper=100.0)
    >>> table = pd.DataFrame({"year": [2021, 2024], "value": [3.0, 7.1]})
    >>> paths = draw_scenarios(table, pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]}), share)
    >>> paths[paths["year"] == 2030][["scenario", "value"]].round(2)
             scenario  value
    6        continue   15.3
    13  required_pace   30.0
    20           halt    7.1
    27           slow   11.2
    """
    series = one_series(history)
    run = comparable_run(series)
    if not len(run):
        return pd.DataFrame(columns=list(SCENARIO_COLUMNS))
    last = int(run["year"].iloc[-1])
    goals = targets_of(read_targets(targets), run["area"].iloc[0])
    until = until or max(goals["year"].tolist(), default=last + 5)
    parts = [
        _draw(plan, run, goals, indicator, last, max(until, last))
        for plan in _plans(run, goals, indicator, peers)
        if not plan.reason
    ]
    return pd.concat(parts, ignore_index=True)


def scenario_table(
    history: pd.DataFrame,
    targets: pd.DataFrame,
    indicator: IndicatorLike,
    *,
    peers: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say of every scenario what must hold, and whether it reaches each target.

    Returns
    -------
    DataFrame
        One row per scenario and target: scenario, condition, available, reason (why not: "one_point", "no_peers",
        "no_similar_level", "no_span", "no_target_ahead", "no_data"), per_year (points), target_year,
        target, value (in the target year), met, capped, peer_area.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> share = SimpleNamespace(direction=1, lower=0.0, upper=100.0)
    >>> table = scenario_table(pd.DataFrame({"year": [2021], "value": [3.0]}),
    ...                        pd.DataFrame({"year": [2025], "value": [20.0]}), share)
    >>> table[["scenario", "available", "reason", "met"]]
            scenario  available     reason    met
    0       continue      False  one_point  False
    1  required_pace       True              True
    2      best_peer      False   no_peers  False
    3           halt       True             False
    4           slow      False  one_point  False
    """
    run = comparable_run(one_series(history))
    goals = read_targets(targets)
    goals = targets_of(goals, run["area"].iloc[0]) if len(run) else goals
    ahead = goals if not len(run) else goals[goals["year"] > run["year"].iloc[-1]]
    rows = []
    for plan in _plans(run, goals, indicator, peers):
        for goal in ahead.itertuples():
            rows.append(_outcome(plan, run, goals, goal, indicator))
    table = pd.DataFrame(rows, columns=list(TABLE_COLUMNS))
    return table.astype({"target_year": "Int64", "available": "bool", "met": "bool", "capped": "bool"})


@dataclass(frozen=True)
class _Plan:
    name: str
    condition: str
    per_year: float = math.nan
    reason: str = ""
    peer: str = ""


def _plans(
    run: pd.DataFrame, goals: pd.DataFrame, indicator: IndicatorLike, peers: pd.DataFrame | None
) -> list[_Plan]:
    if not len(run):
        return [_Plan(name, condition, reason="no_data") for name, condition in CONDITIONS.items()]
    span = run["year"].iloc[-1] - run["year"].iloc[0]
    pace = (run["value"].iloc[-1] - run["value"].iloc[0]) / span if span else math.nan
    short = "" if span else "one_point"
    no_target = "" if (goals["year"] > run["year"].iloc[-1]).any() else "no_target_ahead"
    return [
        _Plan("continue", CONDITIONS["continue"], pace, short),
        _Plan("required_pace", CONDITIONS["required_pace"], _first_required(run, goals), no_target),
        _best_peer(run, indicator, peers),
        _Plan("halt", CONDITIONS["halt"], 0.0),
        _Plan("slow", CONDITIONS["slow"], pace / 2, short),
    ]


def _first_required(run: pd.DataFrame, goals: pd.DataFrame) -> float:
    ahead = goals[goals["year"] > run["year"].iloc[-1]]
    if not len(ahead):
        return math.nan
    return (ahead["value"].iloc[0] - run["value"].iloc[-1]) / (ahead["year"].iloc[0] - run["year"].iloc[-1])


def _best_peer(run: pd.DataFrame, indicator: IndicatorLike, peers: pd.DataFrame | None) -> _Plan:
    if peers is None or indicator.direction == 0:
        return _Plan("best_peer", CONDITIONS["best_peer"], reason="no_peers" if peers is None else "band")
    level, area = float(run["value"].iloc[-1]), run["area"].iloc[0]
    placed = place_pace(peers, level=level, pace=0.0, years=_PEER_YEARS, direction=indicator.direction, area=area).iloc[
        0
    ]
    return _Plan("best_peer", CONDITIONS["best_peer"], placed["best"], placed["reason"], placed["best_area"])


def _draw(
    plan: _Plan, run: pd.DataFrame, goals: pd.DataFrame, indicator: IndicatorLike, last: int, until: int
) -> pd.DataFrame:
    if plan.name == "required_pace":
        path = rebased_path(run, goals)
        path = path[path["year"] <= until].assign(capped=False)[["year", "value", "capped"]]
    else:
        path = _linear(float(run["value"].iloc[-1]), plan.per_year, range(last, until + 1), indicator)
    named = path.assign(area=run["area"].iloc[0], scenario=plan.name, condition=plan.condition)
    return named[list(SCENARIO_COLUMNS)]


def _linear(start: float, per_year: float, years: range, indicator: IndicatorLike) -> pd.DataFrame:
    """Add the same points every year, held at the natural bounds of the indicator."""
    free = start + per_year * np.arange(len(years), dtype="float64")
    low, high = number(indicator.lower), number(indicator.upper)
    held = np.clip(free, -np.inf if low is None else low, np.inf if high is None else high)
    return pd.DataFrame({"year": np.asarray(years), "value": held, "capped": np.abs(held - free) > 1e-9})


def _outcome(
    plan: _Plan, run: pd.DataFrame, goals: pd.DataFrame, goal: object, indicator: IndicatorLike
) -> dict[str, object]:
    row = {
        "scenario": plan.name, "condition": plan.condition, "available": not plan.reason, "reason": plan.reason,
        "per_year": plan.per_year, "target_year": goal.year, "target": goal.value, "value": math.nan, "met": False,
        "capped": False, "peer_area": plan.peer,
    }
    if plan.reason:
        return row
    path = _draw(plan, run, goals, indicator, int(run["year"].iloc[-1]), int(goal.year))
    end = path.iloc[-1]
    met = is_met(round(float(end["value"]), 9), goal.value, indicator.direction, goal.comparator)
    return row | {"value": end["value"], "met": met, "capped": bool(path["capped"].any())}
