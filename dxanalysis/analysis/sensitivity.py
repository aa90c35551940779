"""Sensitivity analysis: how often a verdict holds under other specifications and across families of methods."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd

from .evidence import PACED, Evidence
from .pace import read_targets, targets_of
from .panel import family_steps, judge, leading_step, peer_path
from .question import METHODS, IndicatorLike, Question, answer, ask
from .series import comparable_run, one_series
from .verdicts.verdict import STEPS
from .verdicts.world_bank import TypicalPath

SPECIFICATION_COLUMNS = (
    "target_year", "target", "method", "base_year", "end_year", "vintage", "decimals", "value", "status", "step",
    "reason", "borderline",
)
ROBUSTNESS_COLUMNS = (
    "target_year", "target", "step", "same", "tried", "share", "borderline", "not_available", "most_sensitive",
)
CHOICES = ("method", "base_year", "end_year", "vintage", "decimals")
_WINDOW_DESTATIS = 6


def robustness(
    history: pd.DataFrame,
    targets: pd.DataFrame,
    indicator: IndicatorLike,
    judgement: pd.DataFrame,
    *,
    vintages: Mapping[str, pd.DataFrame] | None = None,
    decimals: tuple[int | None, ...] | None = None,
    peers: pd.DataFrame | TypicalPath | None = None,
) -> pd.DataFrame:
    """Return in how many reasonable specifications the verdict of the judgement stays the same ("41 of 48").

    Every combination is tried of: method; base year (each observed year that leaves two observations, up to six);
    end point (the last year, and the one before); release; rounding of the published values. A combination whose
    method sees the same numbers as another one counts once; one that gives no verdict is counted apart.

    Parameters
    ----------
    history, targets, indicator
        As for `judge`.
    judgement : DataFrame
        Rows of `assess` of the series: the verdict of the families of methods is read from them.
    vintages : mapping, optional
        Other releases of the same series: name to history table. `history` itself is the vintage "latest".
    decimals : tuple, optional
        Roundings to try, None among them leaving the values as they are. If not given: as published, and with one
        decimal less than published.
    peers : DataFrame or TypicalPath, optional
        For the World Bank's method.

    Returns
    -------
    DataFrame
        One row per target with a verdict: target_year, target, step, same, tried, share, borderline (within 1 % of a
        threshold), not_available, most_sensitive (the choice that moves the share most).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> share = SimpleNamespace(direction=1, lower=0.0, upper=100.0)
    >>> gso = pd.DataFrame({"year": range(2020, 2025), "value": [12.66, 12.87, 12.83, 12.87, 13.17]})
    >>> record = pd.DataFrame({"target_year": [2030], "step": "limited_progress"})
    >>> row = robustness(gso, pd.DataFrame({"year": [2030], "value": [30.0]}), share, record).iloc[0]
    >>> print(row["step"], row["same"], "of", row["tried"], row["most_sensitive"])
    limited_progress 74 of 76 base_year
    """
    table = specifications(history, targets, indicator, vintages=vintages, decimals=decimals, peers=peers)
    steps = dict(zip(judgement["target_year"], judgement["step"], strict=True))
    rows = [
        _summary(part, steps[year])
        for (year, _), part in table.groupby(["target_year", "target"], sort=True)
        if steps.get(year) in STEPS
    ]
    return pd.DataFrame(rows, columns=list(ROBUSTNESS_COLUMNS)).astype({"target_year": "Int64"})


def specifications(
    history: pd.DataFrame,
    targets: pd.DataFrame,
    indicator: IndicatorLike,
    *,
    vintages: Mapping[str, pd.DataFrame] | None = None,
    decimals: tuple[int | None, ...] | None = None,
    peers: pd.DataFrame | TypicalPath | None = None,
) -> pd.DataFrame:
    """Return the verdict of every specification that `robustness` counts.

    Returns
    -------
    DataFrame
        One row per target and distinct specification: target_year, target, method, base_year, end_year, vintage,
        decimals (missing: as published), value, status, step, reason, borderline.
    """
    releases = {"latest": history, **(vintages or {})}
    path = peer_path(peers, indicator.direction)
    rows: list[dict[str, object]] = []
    seen: set[tuple[object, ...]] = set()
    for vintage, table in releases.items():
        series = one_series(table)
        goals = read_targets(targets)
        goals = targets_of(goals, series["area"].iloc[0]) if len(series) else goals
        for goal in goals.itertuples():
            question = ask(series, goal.value, int(goal.year), indicator, peers=path)
            rows += _vary(question, vintage, decimals or _roundings(question.values), goal.comparator, seen)
    table = pd.DataFrame(rows, columns=list(SPECIFICATION_COLUMNS))
    whole = dict.fromkeys(("target_year", "base_year", "end_year", "decimals"), "Int64")
    return table.astype(whole | {"value": "float64", "borderline": "bool"})


def _vary(
    question: Question,
    vintage: str,
    decimals: tuple[int | None, ...],
    comparator: str,
    seen: set[tuple[object, ...]],
) -> list[dict[str, object]]:
    """Return the specifications of one release and target that see other numbers than those seen before."""
    rows = []
    for end, digits in product(_end_points(question), decimals):
        for start in _starts(end):
            varied = _restrict(question, start, end, digits)
            for method in METHODS:
                key = _numbers_seen(varied, method)
                if key not in seen:
                    seen.add(key)
                    rows.append(_row(varied, method, vintage, digits, comparator))
    return rows


def _roundings(values: np.ndarray) -> tuple[int | None, ...]:
    published = next((digits for digits in range(7) if np.allclose(values, np.round(values, digits), atol=1e-9)), 7)
    return (None, published - 1) if published else (None,)


def _end_points(question: Question) -> list[int]:
    """Return how many observations to keep: all, and all but the last."""
    n = len(question.years)
    return [n, n - 1] if n > 2 else [n]


def _starts(end: int) -> list[int]:
    """Return the first observations to start from: at most six, evenly spread, each leaving two observations."""
    last = max(end - 2, 0)
    return sorted({round(start) for start in np.linspace(0, last, min(6, last + 1))})


def _restrict(question: Question, start: int, end: int, digits: int | None) -> Question:
    values = question.values[start:end]
    return Question(
        question.years[start:end], values if digits is None else np.round(values, digits), question.target,
        question.target_year, question.direction, question.lower, question.upper, question.peers,
    )


def _numbers_seen(question: Question, method: str) -> tuple[object, ...]:
    """Return what a method looks at, to recognise a specification that is no other one."""
    points = question.history
    if method == "destatis":
        points = points[-_WINDOW_DESTATIS:]
    elif method != "escap":
        points = points[:1] + points[-1:]
    return (method, question.target_year, question.target, *points)


def _row(question: Question, method: str, vintage: str, digits: int | None, comparator: str) -> dict[str, object]:
    verdict = answer(question, method, comparator)
    return {
        "target_year": question.target_year, "target": question.target, "method": method,
        "base_year": question.years[0] if len(question.years) else None,
        "end_year": question.years[-1] if len(question.years) else None,
        "vintage": vintage, "decimals": digits, "value": verdict.value, "status": verdict.status,
        "step": verdict.step, "reason": verdict.reason, "borderline": verdict.borderline,
    }


def _summary(part: pd.DataFrame, step: str) -> dict[str, object]:
    judged = part[part["step"] != "not_available"]
    same = int((judged["step"] == step).sum())
    return {
        "target_year": part["target_year"].iloc[0], "target": part["target"].iloc[0], "step": step, "same": same,
        "tried": len(judged), "share": same / len(judged) if len(judged) else math.nan,
        "borderline": int(judged["borderline"].sum()), "not_available": len(part) - len(judged),
        "most_sensitive": _most_sensitive(judged, step),
    }


def _most_sensitive(judged: pd.DataFrame, step: str) -> str:
    """Return the choice whose levels differ most in how often the verdict stays the same."""
    spreads = {}
    for choice in CHOICES:
        shares = (judged["step"] == step).groupby(judged[choice].astype("object").fillna("as published")).mean()
        spreads[choice] = shares.max() - shares.min() if len(shares) > 1 else 0.0
    largest = max(spreads, key=lambda choice: spreads[choice])
    return largest if spreads[largest] > 0 else ""


#: The word "robust": the same step in nine of ten specifications, and no step turned by the noise of the releases.
ROBUST_SHARE = 0.9
_LEAST_FIGURES = 4


def said_by_families(
    history: pd.DataFrame, goal: Mapping[str, object], indicator: IndicatorLike, evidence: Evidence, noise: float
) -> dict[str, object]:
    """Return what the families of methods say of one open target, and whether it is robust.

    Parameters
    ----------
    history : DataFrame
        One series, up to the year at whose end one stands.
    goal : mapping
        year, value, comparator.
    indicator : object
        With direction, bounds and kind.
    evidence : Evidence
        Peers and earlier releases.
    noise : float
        Half the spread between releases of one year; NaN where it is not known.

    Returns
    -------
    dict
        step (of most families; of equal counts the worse; ``no_clear_change`` where the change is smaller than the
        noise), agree and judged (families), families (pairs of name and step), abstained (pairs of method and reason),
        sensitivity (share of specifications with the same step), robust, reason (why not).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> share = SimpleNamespace(direction=1, lower=0.0, upper=100.0, kind="flow_share")
    >>> gso = pd.DataFrame({"year": range(2020, 2025), "value": [12.66, 12.87, 12.83, 12.87, 13.17]})
    >>> goal = {"year": 2030, "value": 30.0, "comparator": ">="}
    >>> said = said_by_families(gso, goal, share, Evidence(gso, 2024), 0.27)
    >>> said["step"], said["agree"], said["judged"], said["robust"]
    ('limited_progress', 3, 3, True)
    """
    if indicator.kind not in PACED:
        return {"reason": f"kind_{indicator.kind}"}
    history = one_series(history)
    targets = pd.DataFrame([{"year": int(goal["year"]), "value": float(goal["value"]),
                             "comparator": str(goal.get("comparator") or "")}])
    panel = judge(history, targets, indicator, peers=evidence.peers)
    families = family_steps(panel)
    said = {name: step for name, step in families.items() if step != "not_available"}
    step, agree = leading_step(pd.Series(list(families.values())))
    quiet = panel[panel["step"] == "not_available"]
    found = {
        "step": step if said else "", "agree": agree, "judged": len(said), "families": tuple(said.items()),
        "abstained": tuple(zip(quiet["method"], quiet["reason"], strict=True)),
    }
    if not said:
        return found | {"reason": "no_verdict"}
    run = comparable_run(history)
    if not clear_change(run, noise):
        return found | {"step": "no_clear_change", "agree": 0, "reason": "within_noise"}
    return found | _robustness(history, targets, indicator, evidence, step, noise, len(run), len(said))


def _robustness(
    history: pd.DataFrame, targets: pd.DataFrame, indicator: IndicatorLike, evidence: Evidence, step: str,
    noise: float, figures: int, judged: int,
) -> dict[str, object]:
    found = pd.DataFrame({"target_year": targets["year"], "step": step})
    tried = robustness(history, targets, indicator, found, vintages=evidence.releases, peers=evidence.peers)
    share = float(tried["share"].iloc[0])
    reason = (
        "few_points" if figures < _LEAST_FIGURES
        else "one_family" if judged < 2
        else "specifications" if not share >= ROBUST_SHARE
        else "noise" if turned_by_noise(history, targets, indicator, evidence, step, noise)
        else ""
    )
    return {"sensitivity": share, "robust": not reason, "reason": reason}


def turned_by_noise(
    history: pd.DataFrame, targets: pd.DataFrame, indicator: IndicatorLike, evidence: Evidence, step: str, noise: float
) -> bool:
    """Tell whether the latest figure moved by the noise of its releases would turn the step of most families."""
    if not noise > 0:
        return False
    for shift in (-noise, noise):
        moved = history.assign(value=history["value"].where(history.index != history.index[-1],
                                                            history["value"].iloc[-1] + shift))
        panel = judge(moved, targets, indicator, peers=evidence.peers)
        if leading_step(pd.Series(list(family_steps(panel).values())))[0] != step:
            return True
    return False


def clear_change(run: pd.DataFrame, noise: float) -> bool:
    """Tell whether the change over a run of comparable figures is larger than the noise of its releases.

    >>> clear_change(pd.DataFrame({"value": [12.66, 12.65]}), 0.27)
    False
    >>> clear_change(pd.DataFrame({"value": [3.0, 7.1]}), math.nan)
    True
    """
    change = abs(float(run["value"].iloc[-1] - run["value"].iloc[0]))
    return bool(math.isnan(noise) or change > noise)
