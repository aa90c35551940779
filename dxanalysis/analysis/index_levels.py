"""An index year by year: its pillars, what moved it, and what one pillar more would do, edition by edition."""

from __future__ import annotations

import math
from itertools import pairwise

import pandas as pd

from .editions import EDITIONS, edition_of
from .scores import CHANGE_COLUMNS, WHAT_IF_COLUMNS, pillar_change, pillar_table, total, what_if

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
        pillar_table(values, edition).assign(edition=edition, year=year) for edition, year, values in _editions(pillars)
    ]
    return pd.concat(parts, ignore_index=True)[_LEVELS] if parts else pd.DataFrame(columns=_LEVELS)


def pillar_changes(pillars: pd.DataFrame) -> pd.DataFrame:
    """Compare each edition with the one before; where the rules changed in between, only say so.

    Returns
    -------
    DataFrame
        edition_before, edition, then the columns of `scores.pillar_change`.

    Examples
    --------
    >>> rows = pd.DataFrame({"edition": ["DTI 2020", "DTI 2021"], "year": [2020, 2021], "pillar": "economy",
    ...                      "value": [0.30, 0.50]})
    >>> pillar_changes(rows)["reason"].unique().tolist()
    ['break_between_editions']
    """
    parts = [
        pillar_change(before, after, one, two).assign(edition_before=one, edition=two)
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
        edition, year, published, rebuilt, difference (published - rebuilt), maximum, reason (why it cannot be rebuilt).

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
        made, known = total(values, edition), float(printed.get(year, math.nan))
        rows.append((edition, year, known, made["total"], known - made["total"], made["maximum"], made["reason"]))
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
        edition, then the columns of `scores.what_if`, one row per pillar, for each edition (newest last); empty where
        there is nobody to compare with.

    Examples
    --------
    >>> scores = pd.DataFrame([("DTI 2020", area, 2020, pillar, value) for area, values in
    ...     {"qn": (0.4513, 0.3019, 0.3955), "bn": (0.4449, 0.3668, 0.4052)}.items()
    ...     for pillar, value in zip(("government", "economy", "society"), values)],
    ...     columns=["edition", "area", "year", "pillar", "value"])
    >>> what_if_best(scores, "qn")[["pillar", "new_value", "new_rank"]].values.tolist()
    [['government', 0.4513, 2], ['economy', 0.3668, 2], ['society', 0.4052, 2]]
    """
    parts = []
    for edition, rows in scores.groupby("edition", sort=True):
        wide = rows.pivot_table(index="area", columns="pillar", values="value", aggfunc="first").dropna()
        if edition not in EDITIONS or area not in wide.index or len(wide) < 2:
            continue
        pillars = [name for name in edition_of(edition).weights if name in wide.columns]
        table = wide.reset_index()
        tried = [what_if(table, area, one, float(wide[one].max()), edition) for one in pillars]
        parts.append(pd.concat(tried, ignore_index=True).assign(edition=edition))
    columns = ["edition", *WHAT_IF_COLUMNS]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _editions(pillars: pd.DataFrame) -> list[tuple[str, int, dict[str, float]]]:
    """Return edition, year and values of each year whose edition has a known rule, in order of year."""
    found = []
    for (year, edition), rows in pillars.groupby(["year", "edition"], sort=True):
        if edition in EDITIONS:
            found.append((str(edition), int(year), dict(zip(rows["pillar"], rows["value"], strict=True))))
    return found
