"""Verdicts of all published methods on one series, and how far they agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .evidence import PACE_FROM, RUNGS, rung_of
from .pace import read_targets, targets_of
from .question import IndicatorLike, Question, answers, ask, base_index
from .series import has_break, one_series
from .verdicts.verdict import STEPS, Verdict
from .verdicts.world_bank import WORLD_BANK, TypicalPath, has_typical_path, typical_path

PANEL_COLUMNS = (
    "target_year", "target", "method", "version", "statistic", "value", "projected", "status", "step", "reason",
    "flagged", "borderline", "citation", "score", "base_year", "last_year", "n", "grade", "comparator",
)
AGREEMENT_COLUMNS = ("target_year", "target", "step", "agree", "judged", "robust", "reason")
#: Methods of one family rest on one formula and are one voice: StatCan's and EUSTAT's ratio is the same number.
FAMILIES = {
    "growth_rate": ("statcan", "eustat", "un_chart"),
    "linear": ("destatis", "sdsn_trend"),
    "model": ("escap", "world_bank"),
}
_SHORT = ("one_point", "fewer_than_4_points", "span_under_5_years")


def judge(
    history: pd.DataFrame,
    targets: pd.DataFrame,
    indicator: IndicatorLike,
    *,
    peers: pd.DataFrame | TypicalPath | None = None,
    base_year: int | None = None,
) -> pd.DataFrame:
    """Return the verdict of every published method on one series, for each of its targets.

    Only years that may be compared are used: after a break, the years since. A target whose year is past is judged on
    the observations up to that year. An extrapolation beyond what is possible (a share above 100 %, a negative count)
    is flagged.

    Parameters
    ----------
    history : DataFrame
        The history table of one series; `year` and `value` suffice.
    targets : DataFrame
        The targets table; without rows, the methods' own rules for no target apply.
    indicator : object
        Anything with `direction`, `lower` and `upper`.
    peers : DataFrame or TypicalPath, optional
        History of many areas, for the World Bank's typical path; without it that method is not available.
    base_year : int, optional
        Base year of the methods that have one (not `destatis`); the first comparable year if not given. Where it was
        not observed each method follows its own rule (`question.base_index`).

    Returns
    -------
    DataFrame
        One row per target and method: target_year, target, method, version, statistic, value, projected, status (the
        method's own word), step (common scale), reason, flagged, borderline, citation, score, base_year, last_year, n,
        grade (evidence), comparator.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> share = SimpleNamespace(direction=1, lower=0.0, upper=100.0)
    >>> internet = pd.DataFrame({"year": range(2015, 2025), "value": [
    ...     45.0, 53.0, 58.14, 69.8479, 68.6616, 70.3, 74.21, 78.59, 78.08, 84.15]})
    >>> panel = judge(internet, pd.DataFrame({"year": [2030], "value": [95.0]}), share)
    >>> panel[["method", "value", "projected", "step", "flagged"]].round(2).head(6)
           method  value  projected      step  flagged
    0     statcan   1.41        NaN  on_track    False
    1      eustat   1.41        NaN  on_track    False
    2    un_chart   1.65     127.73  on_track     True
    3    destatis  -0.71     102.74  on_track     True
    4  sdsn_trend   1.31     110.25  on_track     True
    5       escap   9.74      93.70  on_track    False
    """
    series = one_series(history)
    goals = read_targets(targets)
    if len(series):
        goals = targets_of(goals, series["area"].iloc[0])
    path, broken = peer_path(peers, indicator.direction), bool(has_break(series).any())
    rows: list[dict[str, object]] = []
    for goal in _goals_or_none(goals):
        question = ask(series, goal.value, goal.year, indicator, peers=path, base_year=base_year)
        rows += [_row(question, goal.comparator, verdict, broken) for verdict in answers(question, goal.comparator)]
    table = pd.DataFrame(rows, columns=list(PANEL_COLUMNS))
    whole = dict.fromkeys(("target_year", "base_year", "last_year", "n"), "Int64")
    numbers = dict.fromkeys(("target", "value", "projected", "score"), "float64")
    return table.astype(whole | numbers | {"flagged": "bool", "borderline": "bool"})


def agreement(judgement: pd.DataFrame) -> pd.DataFrame:
    """Return how far the families of methods agree on each open target, as the judgement has it.

    Methods of one family rest on one formula and are one voice (`FAMILIES`): StatCan's and EUSTAT's ratio is the same
    number. `step` is the verdict most families give; of equal counts, the worse one.

    Parameters
    ----------
    judgement : DataFrame
        Rows of `assess`.

    Returns
    -------
    DataFrame
        One row per open target: target_year, target, step, agree, judged (families), robust, reason (why it is not).

    Examples
    --------
    >>> record = pd.DataFrame({"state": ["missed", "open"], "target_year": [2025, 2030], "target": [20.0, 30.0],
    ...     "step": ["", "limited_progress"], "agree": [0, 3], "judged": [0, 3], "robust": False, "reason": "noise"})
    >>> agreement(record)[["target_year", "step", "agree", "judged"]].values.tolist()
    [[2030, 'limited_progress', 3, 3]]
    """
    table = judgement[judgement["state"] == "open"][list(AGREEMENT_COLUMNS)].reset_index(drop=True)
    return table.assign(step=table["step"].where(table["step"] != "", "not_available"))


def family_steps(panel: pd.DataFrame) -> dict[str, str]:
    """Return the step of each family of methods on one target; "not_available" where none of it judges.

    >>> family_steps(pd.DataFrame({"method": ["statcan", "escap"], "step": ["on_track", "moving_away"]}))
    {'growth_rate': 'on_track', 'linear': 'not_available', 'model': 'moving_away'}
    """
    steps = dict(zip(panel["method"], panel["step"], strict=True))
    return {
        name: leading_step(pd.Series([steps.get(one, "not_available") for one in members]))[0]
        for name, members in FAMILIES.items()
    }


def leading_step(steps: pd.Series) -> tuple[str, int]:
    """Return the step most verdicts give and its count; of equal counts the worse step, of none "not_available".

    Examples
    --------
    >>> leading_step(pd.Series(["on_track", "moving_away", "not_available"]))
    ('moving_away', 1)
    """
    counts = steps[steps != "not_available"].value_counts()
    if not len(counts):
        return "not_available", 0
    leaders = [step for step in counts.index if counts[step] == counts.max()]
    worst = max(leaders, key=STEPS.index)
    return worst, int(counts[worst])


@dataclass(frozen=True)
class _Goal:
    value: float | None
    year: int | None
    comparator: str


def _goals_or_none(goals: pd.DataFrame) -> list[_Goal]:
    found = [_Goal(float(goal.value), int(goal.year), goal.comparator) for goal in goals.itertuples()]
    return found or [_Goal(None, None, "")]


def peer_path(peers: pd.DataFrame | TypicalPath | None, direction: int) -> TypicalPath | None:
    """Return the typical path of the peers, estimated once for all targets; None for a band or with too few peers."""
    if peers is None or isinstance(peers, TypicalPath) or direction == 0:
        return peers if isinstance(peers, TypicalPath) else None
    return typical_path(peers, direction) if has_typical_path(peers) else None


def _row(question: Question, comparator: str, verdict: Verdict, broken: bool) -> dict[str, object]:
    start = base_index(question.years, question.base_year, "next_or_before") if len(question.years) else None
    ends = (None, None) if start is None else (question.years[start], question.years[-1])
    n = 0 if start is None else len(question.years) - start
    points = len(question.years)
    return {
        "target_year": question.target_year, "target": question.target, "method": verdict.method,
        "version": verdict.version, "statistic": verdict.statistic, "value": verdict.value,
        "projected": verdict.projected, "status": verdict.status, "step": verdict.step,
        "reason": _reason(question, verdict, broken),
        "flagged": _impossible(question, verdict), "borderline": verdict.borderline, "citation": verdict.citation,
        "score": verdict.score, "base_year": ends[0], "last_year": ends[1], "n": n, "grade": RUNGS[rung_of(points)],
        "comparator": comparator,
    }


def _reason(question: Question, verdict: Verdict, broken: bool) -> str:
    """Return the verdict's reason; too few points because of a break, a past target and few points are said too."""
    if broken and verdict.reason in _SHORT:
        return "break"
    if verdict.reason:
        return verdict.reason
    if question.target_year is not None and question.years[-1] >= question.target_year:
        return "target_year_past"
    return "break" if broken else "" if len(question.years) >= PACE_FROM else "few_points"


def _impossible(question: Question, verdict: Verdict) -> bool:
    if verdict.projected is None:
        return False
    if verdict.method == WORLD_BANK.name:
        return verdict.reason == "beyond_2050"
    low = -np.inf if question.lower is None else question.lower
    high = np.inf if question.upper is None else question.upper
    return not low <= verdict.projected <= high
