"""Composite indexes such as the provincial DTI: pillars, totals, what moves them, and how firm a rank is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd

from .editions import EDITIONS, Edition, edition_of
from .series import require_columns

__all__ = [
    "EDITIONS",
    "Edition",
    "edition_of",
    "pillar_change",
    "pillar_table",
    "rank_intervals",
    "total",
    "what_if",
]

PILLAR_COLUMNS = ("pillar", "weight", "value", "maximum", "percent", "points", "missing_points", "share_of_gap")
CHANGE_COLUMNS = ("pillar", "weight", "before", "after", "points", "percent", "reason")
WHAT_IF_COLUMNS = (
    "area",
    "pillar",
    "value",
    "new_value",
    "total",
    "new_total",
    "rank",
    "new_rank",
    "of",
    "tied",
    "reason",
)
INTERVAL_COLUMNS = ("area", "rank", "best", "worst", "median", "low", "high", "tried", "of")
NORMALISATIONS = ("raw", "min_max", "z_score", "rank")


def total(pillars: Mapping[str, float], edition: str | Edition) -> pd.Series:
    """Make the total of an index from its pillars, by the rule of its edition.

    Parameters
    ----------
    pillars : mapping
        Value of each pillar ("government", "economy", "society").
    edition : str or Edition
        "DTI 2020", "DTI 800", ...

    Returns
    -------
    Series
        total, maximum, percent (of the maximum), reason ("", "missing_pillar", "total_is_not_the_sum_of_pillars"); the
        total is missing where a reason stands.

    Examples
    --------
    Quảng Ninh 2020 (published 0.3897), and its baseline of 429.47 of 800 points:

    >>> round(total({"government": 0.4513, "economy": 0.3019, "society": 0.3955}, "DTI 2020")["total"], 4)
    0.3897
    >>> baseline = total({"government": 234.31, "economy": 85.42, "society": 109.74}, "DTI 800")
    >>> round(baseline["total"], 2), baseline["maximum"], round(baseline["percent"])
    (429.47, 800.0, 54)
    >>> total({"government": 0.6376, "economy": 0.4978, "society": 0.478}, "DTI 2021")["reason"]
    'total_is_not_the_sum_of_pillars'
    """
    rule = edition_of(edition)
    _refuse_unknown(pillars, rule)
    maximum = sum(rule.weights[name] * rule.maxima[name] for name in rule.weights)
    values = [float(pillars.get(name, math.nan)) for name in rule.weights]
    reason = "" if rule.additive else "total_is_not_the_sum_of_pillars"
    if any(map(math.isnan, values)):
        reason = "missing_pillar"
    sum_ = sum(weight * value for weight, value in zip(rule.weights.values(), values, strict=True))
    result = math.nan if reason else sum_
    return pd.Series(
        {"total": result, "maximum": maximum, "percent": 100 * result / maximum, "reason": reason}, dtype="object"
    )


def pillar_table(pillars: Mapping[str, float], edition: str | Edition) -> pd.DataFrame:
    """List each pillar's level and its part in what is missing to the maximum.

    Returns
    -------
    DataFrame
        One row per pillar: pillar, weight, value, maximum, percent (of its maximum), points (in the total),
        missing_points, share_of_gap (percent, of all missing points; missing where the edition does not add pillars).

    Examples
    --------
    >>> table = pillar_table({"government": 234.31, "economy": 85.42, "society": 109.74}, "DTI 800")
    >>> table["percent"].round().tolist(), table["share_of_gap"].round(1).tolist()
    ([73.0, 36.0, 46.0], [23.1, 41.7, 35.2])
    """
    rule = edition_of(edition)
    _refuse_unknown(pillars, rule)
    rows = []
    for name, weight in rule.weights.items():
        value, maximum = float(pillars.get(name, math.nan)), float(rule.maxima[name])
        points, missing = (weight * value, weight * (maximum - value)) if rule.additive else (math.nan, math.nan)
        rows.append((name, weight, value, maximum, 100 * value / maximum, points, missing))
    table = pd.DataFrame(rows, columns=list(PILLAR_COLUMNS[:-1]))
    gap = table["missing_points"].sum(skipna=False)
    return table.assign(share_of_gap=100 * table["missing_points"] / gap if gap else math.nan)


def pillar_change(
    before: Mapping[str, float], after: Mapping[str, float], edition_before: str | Edition, edition_after: str | Edition
) -> pd.DataFrame:
    """Split the change of a total into its pillars; a break between editions is not crossed.

    Returns
    -------
    DataFrame
        One row per pillar: pillar, weight, before, after, points (weight times change), percent (of the change of the
        total), reason ("", "break_between_editions": nothing is computed, "total_is_not_the_sum_of_pillars": only
        before and after).

    Examples
    --------
    >>> pillar_change({"government": 0.45}, {"government": 0.64}, "DTI 2020", "DTI 2021")["reason"].unique().tolist()
    ['break_between_editions']
    """
    first, second = edition_of(edition_before), edition_of(edition_after)
    for pillars, rule in ((before, first), (after, second)):
        _refuse_unknown(pillars, rule)
    comparable = first.name == second.name or second.name in first.comparable_with
    reason = "break_between_editions" if not comparable else ""
    reason = reason or ("" if second.additive else "total_is_not_the_sum_of_pillars")
    rows = []
    for name, weight in second.weights.items():
        old, new = float(before.get(name, math.nan)), float(after.get(name, math.nan))
        rows.append((name, weight, old, new, math.nan if reason else weight * (new - old)))
    table = pd.DataFrame(rows, columns=["pillar", "weight", "before", "after", "points"])
    change = table["points"].sum(skipna=False)
    return table.assign(percent=100 * table["points"] / change if change else math.nan, reason=reason)


def what_if(table: pd.DataFrame, area: str, pillar: str, new_value: float, edition: str | Edition) -> pd.DataFrame:
    """Say where an area would stand if one of its pillars had another value and nobody else had moved.

    Parameters
    ----------
    table : DataFrame
        `area` and one column per pillar, all of one edition.
    area, pillar : str
        Who and which pillar changes.
    new_value : float
        Supposed value of the pillar.
    edition : str or Edition
        An edition; where its total is not the sum of the pillars nothing is computed and `reason` says so.

    Returns
    -------
    DataFrame
        One row: area, pillar, value, new_value, total, new_total, rank, new_rank, of, tied (after the change), reason
        ("", "total_is_not_the_sum_of_pillars").

    Examples
    --------
    >>> table = pd.DataFrame({"area": ["quang-ninh", "bac-ninh"], "government": [0.4513, 0.4449],
    ...                       "economy": [0.3019, 0.3668], "society": [0.3955, 0.4052]})
    >>> what_if(table, "quang-ninh", "economy", 0.40, "DTI 2020")[["total", "new_total", "rank", "new_rank"]].round(4)
        total  new_total  rank  new_rank
    0  0.3897     0.4192     2         1
    """
    rule = edition_of(edition)
    _check_scores(table, rule)
    if area not in set(table["area"]):
        raise ValueError(f"Area {area!r} is not among the {len(table)} areas scored. Add its row.")
    if pillar not in rule.weights:
        raise ValueError(f"Unknown pillar {pillar!r}. Pillars are {', '.join(rule.weights)}.")
    supposed = table.assign(**{pillar: table[pillar].where(table["area"] != area, new_value)})
    here = int(np.flatnonzero(table["area"] == area)[0])
    row = {"area": area, "pillar": pillar, "value": table[pillar].iloc[here], "new_value": new_value, "of": len(table)}
    if rule.additive:
        row |= _move(_totals(table, rule), _totals(supposed, rule), here)
    else:
        row |= {"tied": False, "reason": "total_is_not_the_sum_of_pillars"}
    columns = pd.DataFrame([row], columns=list(WHAT_IF_COLUMNS))
    return columns.astype({"rank": "Int64", "new_rank": "Int64", "total": "float64", "new_total": "float64"})


def _move(old: np.ndarray, new: np.ndarray, here: int) -> dict[str, object]:
    place, moved = _ranks(old), _ranks(new)
    return {
        "total": old[here], "new_total": new[here], "rank": place[here], "new_rank": moved[here],
        "tied": bool((moved == moved[here]).sum() > 1), "reason": "",
    }  # fmt: skip


def rank_intervals(
    table: pd.DataFrame,
    edition: str | Edition,
    *,
    spread: float = 0.25,
    normalisations: tuple[str, ...] = NORMALISATIONS,
) -> pd.DataFrame:
    """Vary weights and normalisation, and give each area the ranks it takes.

    Every pillar's weight is taken at (1 - spread), 1 and (1 + spread) of its official value, and equal weights are
    added; the weights are brought to a sum of one. Pillars are combined raw, on 0-1 between the lowest and highest
    area, as z-scores, or as ranks.

    Returns
    -------
    DataFrame
        One row per area, best first: area, rank (official weights, raw values), best, worst, median, low and high (10th
        and 90th percentile of the ranks), tried, of.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 7 (uncertainty and sensitivity analysis).

    Examples
    --------
    >>> table = pd.DataFrame({"area": ["a", "b", "c"], "government": [0.9, 0.5, 0.4], "economy": [0.8, 0.3, 0.6],
    ...                       "society": [0.9, 0.5, 0.5]})
    >>> rank_intervals(table, "DTI 2020")[["area", "rank", "best", "worst"]]
      area  rank  best  worst
    0    a     1     1      1
    1    c     2     2      3
    2    b     3     2      3
    """
    rule = edition_of(edition)
    _check_scores(table, rule)
    values = table[list(rule.weights)].to_numpy(dtype="float64")
    weights = np.array(list(rule.weights.values()))
    all_ranks = [
        _ranks(_normalised(values, kind) @ trial)
        for kind in normalisations
        for trial in _weight_trials(weights, spread)
    ]
    stack = np.array(all_ranks)
    result = pd.DataFrame({
        "area": table["area"].to_numpy(), "rank": _ranks(values @ weights),
        "best": stack.min(axis=0), "worst": stack.max(axis=0), "median": np.median(stack, axis=0),
        "low": np.percentile(stack, 10, axis=0), "high": np.percentile(stack, 90, axis=0),
        "tried": len(stack), "of": len(table),
    })  # fmt: skip
    return result.sort_values(["rank", "area"], ignore_index=True)[list(INTERVAL_COLUMNS)]


def _refuse_unknown(pillars: Mapping[str, float], rule: Edition) -> None:
    unknown = [name for name in pillars if name not in rule.weights]
    if unknown:
        raise ValueError(f"{rule.name} has no pillar {unknown[0]!r}. Pillars are {', '.join(rule.weights)}.")


def _check_scores(table: pd.DataFrame, rule: Edition) -> None:
    require_columns(table, ("area", *rule.weights), "Scores")
    missing = table[table[list(rule.weights)].isna().any(axis=1)]["area"]
    if len(missing):
        raise ValueError(f"A pillar of {missing.iloc[0]!r} is missing. Leave the area out or give all its pillars.")
    repeated = table["area"][table["area"].duplicated()]
    if len(repeated):
        raise ValueError(f"Scores hold {repeated.iloc[0]!r} twice. Keep one row per area.")


def _totals(table: pd.DataFrame, rule: Edition) -> np.ndarray:
    return table[list(rule.weights)].to_numpy(dtype="float64") @ np.array(list(rule.weights.values()))


def _ranks(totals: np.ndarray) -> np.ndarray:
    """Return ranks, best 1; totals equal to ten digits share the better rank."""
    return pd.Series(np.round(totals, 10)).rank(method="min", ascending=False).to_numpy(dtype="int64")


def _weight_trials(weights: np.ndarray, spread: float) -> list[np.ndarray]:
    factors = product((1 - spread, 1.0, 1 + spread), repeat=len(weights))
    trials = [weights * np.array(factor) for factor in factors] + [np.ones(len(weights))]
    return [trial / trial.sum() for trial in trials]


def _normalised(values: np.ndarray, kind: str) -> np.ndarray:
    if kind == "raw":
        return values
    if kind == "rank":
        return -np.column_stack([_ranks(column) for column in values.T]).astype("float64")
    if kind not in NORMALISATIONS:
        raise ValueError(f"Unknown normalisation {kind!r}. Use {', '.join(NORMALISATIONS)}.")
    low, width = (
        (values.min(axis=0), np.ptp(values, axis=0)) if kind == "min_max" else (values.mean(axis=0), values.std(axis=0))
    )
    return np.divide(values - low, width, out=np.zeros_like(values), where=width > 0)
