"""Composite indexes such as the provincial DTI: editions, pillars, totals, and what moves them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Edition:
    """How one edition of an index makes the total of its pillars.

    Attributes
    ----------
    name : str
        "DTI 2020", ...
    weights : dict
        Weight of each pillar in the total; with pillars in points, the weights are 1.
    maxima : dict
        Highest value of each pillar (1 for an index of 0-1, points otherwise).
    additive : bool
        Whether the total is the weighted sum of the pillars. From 2021 the DTI adds indices beside the three pillars,
        so its total cannot be rebuilt from them.
    comparable_with : tuple of str
        Other editions whose values may be compared with this one.
    citation : str
        Where the rule is published.
    """

    name: str
    weights: Mapping[str, float]
    maxima: Mapping[str, float]
    additive: bool = True
    comparable_with: tuple[str, ...] = ()
    citation: str = ""


_THREE = {"government": 0.4, "economy": 0.3, "society": 0.3}
_ONE = {"government": 1.0, "economy": 1.0, "society": 1.0}
_SUM, _COMPONENTS = "DTI 2020: 400, 300 and 300 of 1,000 points; the total is their sum", "Decision 922/QĐ-BTTTT (2022)"
_OWN = "Quảng Ninh's baseline before Resolution 09-NQ/TU: points of 320, 240 and 240, press, 2 Oct 2023"
_RULES = (
    Edition("DTI 800", _ONE, {"government": 320.0, "economy": 240.0, "society": 240.0}, citation=_OWN),
    Edition("DTI 2020", _THREE, _ONE, citation=_SUM),
    Edition("DTI 2021", _THREE, _ONE, False, ("DTI 2022", "DTI 2023"), f"{_COMPONENTS}: further indices beside these"),
    Edition("DTI 2022", _THREE, _ONE, False, ("DTI 2021", "DTI 2023"), f"{_COMPONENTS}, same structure as 2021"),
    Edition("DTI 2023", _THREE, _ONE, False, ("DTI 2021", "DTI 2022"), "98 components, same structure as 2021"),
    Edition("DTI 2024", _THREE, _ONE, False, (), "47 components: not comparable with earlier editions"),
)
EDITIONS = {rule.name: rule for rule in _RULES}
#: Why an edition has no total: it adds indices beside its pillars.
NO_SUM = "total_is_not_the_sum_of_pillars"

PILLAR_COLUMNS = ("pillar", "weight", "value", "maximum", "percent", "points", "missing_points", "share_of_gap")
CHANGE_COLUMNS = ("pillar", "weight", "before", "after", "points", "percent", "reason")
WHAT_IF_COLUMNS = (
    *("area", "pillar", "value", "new_value", "total", "new_total", "rank", "new_rank", "of", "tied", "reason"),
)


def _total(pillars: Mapping[str, float], edition: str) -> tuple[float, float, str]:
    """Return the total an edition makes of its pillars, its maximum, and why there is no total."""
    rule = _rule_of(edition, pillars)
    maximum = sum(rule.weights[name] * rule.maxima[name] for name in rule.weights)
    values = [float(pillars.get(name, math.nan)) for name in rule.weights]
    reason = "missing_pillar" if any(map(math.isnan, values)) else "" if rule.additive else NO_SUM
    made = sum(weight * value for weight, value in zip(rule.weights.values(), values, strict=True))
    return math.nan if reason else made, maximum, reason


def _pillar_table(pillars: Mapping[str, float], edition: str) -> pd.DataFrame:
    """List each pillar's level and its part in what is missing to the maximum."""
    rule = _rule_of(edition, pillars)
    rows = []
    for name, weight in rule.weights.items():
        value, maximum = float(pillars.get(name, math.nan)), float(rule.maxima[name])
        points, missing = (weight * value, weight * (maximum - value)) if rule.additive else (math.nan, math.nan)
        rows.append((name, weight, value, maximum, 100 * value / maximum, points, missing))
    table = pd.DataFrame(rows, columns=list(PILLAR_COLUMNS[:-1]))
    gap = table["missing_points"].sum(skipna=False)
    return table.assign(share_of_gap=100 * table["missing_points"] / gap if gap else math.nan)


def _pillar_change(before: Mapping[str, float], after: Mapping[str, float], one: str, two: str) -> pd.DataFrame:
    """Split the change of a total into its pillars; a break between editions is not crossed."""
    first, second = _rule_of(one, before), _rule_of(two, after)
    comparable = first.name == second.name or second.name in first.comparable_with
    reason = ("" if second.additive else NO_SUM) if comparable else "break_between_editions"
    rows = []
    for name, weight in second.weights.items():
        old, new = float(before.get(name, math.nan)), float(after.get(name, math.nan))
        rows.append((name, weight, old, new, math.nan if reason else weight * (new - old)))
    table = pd.DataFrame(rows, columns=["pillar", "weight", "before", "after", "points"])
    change = table["points"].sum(skipna=False)
    return table.assign(percent=100 * table["points"] / change if change else math.nan, reason=reason)


def _what_if(table: pd.DataFrame, area: str, pillar: str, rule: Edition) -> dict[str, object]:
    """Say where an area would stand if one of its pillars had the best value of all and nobody else had moved."""
    best = float(table[pillar].max())
    supposed = table.assign(**{pillar: table[pillar].where(table["area"] != area, best)})
    here = int(np.flatnonzero(table["area"] == area)[0])
    row = {"area": area, "pillar": pillar, "value": table[pillar].iloc[here], "new_value": best, "of": len(table)}
    if not rule.additive:
        return row | {"tied": False, "reason": NO_SUM}
    old, new = _totals(table, rule), _totals(supposed, rule)
    place, moved = _ranks(old), _ranks(new)
    return row | {
        "total": old[here], "new_total": new[here], "rank": place[here], "new_rank": moved[here],
        "tied": bool((moved == moved[here]).sum() > 1), "reason": "",
    }


def _rule_of(edition: str, pillars: Mapping[str, float]) -> Edition:
    """Return the rule of an edition, pillars it does not have being refused."""
    rule = EDITIONS[edition]
    unknown = [name for name in pillars if name not in rule.weights]
    if unknown:
        raise ValueError(f"{rule.name} has no pillar {unknown[0]!r}. Pillars are {', '.join(rule.weights)}.")
    return rule


def _totals(table: pd.DataFrame, rule: Edition) -> np.ndarray:
    return table[list(rule.weights)].to_numpy(dtype="float64") @ np.array(list(rule.weights.values()))


def _ranks(totals: np.ndarray) -> np.ndarray:
    """Return ranks, best 1; totals equal to ten digits share the better rank."""
    return pd.Series(np.round(totals, 10)).rank(method="min", ascending=False).to_numpy(dtype="int64")


_LEVELS = ["edition", "year", "pillar", "weight", "value", "maximum", "percent", "points", "share_of_gap"]
_CHANGES = ["edition_before", "edition", *CHANGE_COLUMNS]


def pillar_levels(pillars: pd.DataFrame) -> pd.DataFrame:
    """List each pillar of each edition with its maximum and its part in what is missing.

    Parameters
    ----------
    pillars : DataFrame
        One area: edition, year, pillar, value. Editions without a known rule are left out.

    Returns
    -------
    DataFrame
        edition, year, pillar, weight, value, maximum, percent (of its maximum), points (in the total) and share_of_gap
        (percent of all missing points); the last two are missing where an edition does not add its pillars.

    Examples
    --------
    >>> rows = pd.DataFrame({"edition": "DTI 800", "year": 2021, "pillar": ["government", "economy", "society"],
    ...                      "value": [234.31, 85.42, 109.74]})
    >>> pillar_levels(rows)["percent"].round().tolist()
    [73.0, 36.0, 46.0]
    """
    parts = [
        _pillar_table(values, edition).assign(edition=edition, year=year)
        for edition, year, values in _editions(pillars)
    ]
    return pd.concat(parts, ignore_index=True)[_LEVELS] if parts else pd.DataFrame(columns=_LEVELS)


def pillar_changes(pillars: pd.DataFrame) -> pd.DataFrame:
    """Compare each edition with the one before; where the rules changed in between, only say so.

    Returns
    -------
    DataFrame
        One row per pillar: edition_before, edition, pillar, weight, before, after, points (weight times change),
        percent (of the change of the total), reason ("", "break_between_editions": nothing is computed,
        "total_is_not_the_sum_of_pillars": only before and after).

    Examples
    --------
    >>> rows = pd.DataFrame({"edition": ["DTI 2020", "DTI 2021"], "year": [2020, 2021], "pillar": "economy",
    ...                      "value": [0.30, 0.50]})
    >>> pillar_changes(rows)["reason"].unique().tolist()
    ['break_between_editions']
    """
    parts = [
        _pillar_change(before, after, one, two).assign(edition_before=one, edition=two)
        for (one, _, before), (two, _, after) in pairwise(_editions(pillars))
    ]
    return pd.concat(parts, ignore_index=True)[_CHANGES] if parts else pd.DataFrame(columns=_CHANGES)


def index_totals(pillars: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Put the total each edition's rule makes of the pillars beside the total published for that year.

    Parameters
    ----------
    pillars : DataFrame
        One area: edition, year, pillar, value.
    published : DataFrame
        History of the total.

    Returns
    -------
    DataFrame
        edition, year, published, rebuilt, difference (published - rebuilt), maximum, reason (why it cannot be rebuilt:
        "missing_pillar", "total_is_not_the_sum_of_pillars").

    Examples
    --------
    >>> rows = pd.DataFrame({"edition": "DTI 2020", "year": 2020, "pillar": ["government", "economy", "society"],
    ...                      "value": [0.4513, 0.3019, 0.3955]})
    >>> index_totals(rows, pd.DataFrame({"year": [2020], "value": [0.3897]}))["rebuilt"].round(4).tolist()
    [0.3897]
    """
    printed = dict(zip(published["year"], published["value"], strict=True))
    rows = []
    for edition, year, values in _editions(pillars):
        (made, maximum, reason), known = _total(values, edition), float(printed.get(year, math.nan))
        rows.append((edition, year, known, made, known - made, maximum, reason))
    columns = ["edition", "year", "published", "rebuilt", "difference", "maximum", "reason"]
    return pd.DataFrame(rows, columns=columns)


def what_if_best(scores: pd.DataFrame, area: str) -> pd.DataFrame:
    """Suppose that one pillar of an area rose to the best value of the others, pillar by pillar.

    The newest edition in which the area and at least one other have all pillars is taken; where its total is not the
    sum of its pillars, `reason` says so and no total is made up. Nobody else is supposed to move.

    Parameters
    ----------
    scores : DataFrame
        Many areas: edition, area, year, pillar, value.
    area : str
        Whose pillars are raised.

    Returns
    -------
    DataFrame
        One row per pillar for each edition (newest last): edition, area, pillar, value, new_value, total, new_total,
        rank, new_rank, of, tied (after the change), reason ("", "total_is_not_the_sum_of_pillars"); empty where there
        is nobody to compare with.

    Examples
    --------
    >>> scores = pd.DataFrame([("DTI 2020", area, 2020, pillar, value) for area, values in
    ...     {"qn": (0.4513, 0.3019, 0.3955), "bn": (0.4449, 0.3668, 0.4052)}.items()
    ...     for pillar, value in zip(("government", "economy", "society"), values)],
    ...     columns=["edition", "area", "year", "pillar", "value"])
    >>> what_if_best(scores, "qn")[["pillar", "new_value", "new_rank"]].values.tolist()
    [['government', 0.4513, 2], ['economy', 0.3668, 2], ['society', 0.4052, 2]]
    """
    rows = []
    for edition, held in scores.groupby("edition", sort=True):
        wide = held.pivot_table(index="area", columns="pillar", values="value", aggfunc="first").dropna()
        if edition in EDITIONS and area in wide.index and len(wide) > 1:
            rule, table = EDITIONS[edition], wide.reset_index()
            rows += [_what_if(table, area, one, rule) | {"edition": edition} for one in rule.weights if one in wide]
    table = pd.DataFrame(rows, columns=["edition", *WHAT_IF_COLUMNS])
    return table.astype({"rank": "Int64", "new_rank": "Int64", "total": "float64", "new_total": "float64"})


def _editions(pillars: pd.DataFrame) -> list[tuple[str, int, dict[str, float]]]:
    """Return edition, year and values of each year whose edition has a known rule, in order of year."""
    found = []
    for (year, edition), rows in pillars.groupby(["year", "edition"], sort=True):
        if edition in EDITIONS:
            found.append((str(edition), int(year), dict(zip(rows["pillar"], rows["value"], strict=True))))
    return found
