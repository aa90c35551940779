"""How much a series changed and how fast, and how far ahead targets reach."""

from __future__ import annotations

import math

import pandas as pd

from .series import cagr, comparable_run, each_series, has_break

CHANGE_COLUMNS = (
    "indicator", "definition", "area", "first_year", "last_year", "first", "last", "points", "percent", "cagr",
    "per_year", "n", "comparable", "reason", "observed",
)


def change(history: pd.DataFrame) -> pd.DataFrame:
    """Measure the change of each series over its latest comparable years.

    A break in the series (`break_before`) is never crossed: the change is that of the years after the last break,
    `comparable` is then False and `reason` is "break". With one point there is a level and no change.

    Parameters
    ----------
    history : DataFrame
        The history table; `year` and `value` suffice.

    Returns
    -------
    DataFrame
        One row per series: indicator, definition, area, first_year, last_year, first, last, points (last - first, in
        the unit of the series; percentage points for a share), percent (relative change in percent), cagr (compound
        annual growth rate as a fraction), per_year (points per year), n (comparable points), comparable, reason
        ("", "break", "one_point", "no_data"), observed (all points, before breaks too). A table without any value
        gives one row with n = 0.

    Examples
    --------
    The GSO share of the digital economy in GDP, as revised in January 2025:

    >>> import pandas as pd
    >>> gso = pd.DataFrame({"year": [2020, 2021, 2022, 2023, 2024], "value": [12.66, 12.87, 12.83, 12.87, 13.17]})
    >>> row = change(gso).iloc[0]
    >>> print(f"{row['points']:.2f} points, {row['percent']:.2f} %, {row['per_year']:.4f} points a year")
    0.51 points, 4.03 %, 0.1275 points a year
    """
    rows = [_change_of(series) for series in each_series(history)]
    table = pd.DataFrame(rows or [_no_change()], columns=list(CHANGE_COLUMNS))
    return table.astype({"first_year": "Int64", "last_year": "Int64"})


def _change_of(series: pd.DataFrame) -> dict[str, object]:
    run = comparable_run(series)
    first, last = run.iloc[0], run.iloc[-1]
    years = int(last["year"] - first["year"])
    points = last["value"] - first["value"] if years else math.nan
    broken = bool(has_break(series).any())
    return {
        **{key: first[key] for key in ("indicator", "definition", "area")},
        "first_year": first["year"], "last_year": last["year"], "first": first["value"], "last": last["value"],
        "points": points,
        "percent": 100 * points / abs(first["value"]) if first["value"] != 0 else math.nan,
        "cagr": cagr(first["value"], last["value"], years),
        "per_year": points / years if years else math.nan,
        "n": len(run), "comparable": not broken,
        "reason": "break" if broken else "" if years else "one_point",
        "observed": len(series),
    }


def _no_change() -> dict[str, object]:
    row = dict.fromkeys(CHANGE_COLUMNS, math.nan)
    texts = {"indicator": "", "definition": "", "area": "series", "reason": "no_data"}
    return row | texts | {"first_year": None, "last_year": None, "n": 0, "comparable": True, "observed": 0}


LEAST = 5


def years_ahead(history: pd.DataFrame, targets: pd.DataFrame, *, until: int | None = None) -> int:
    """Return the years from the last observation to the last target, or to `until`; at least five.

    Parameters
    ----------
    history : DataFrame
        The history table; only `year` is read. It may be empty.
    targets : DataFrame
        The targets table; only `year` is read. It may be empty.
    until : int, optional
        Last year wanted, in place of the last target year.

    Returns
    -------
    int
        Years ahead of the last observed year of any area.

    Examples
    --------
    >>> import pandas as pd
    >>> history = pd.DataFrame({"year": [2020, 2021]})
    >>> years_ahead(history, pd.DataFrame({"year": [2025, 2030]})), years_ahead(history, history, until=2050)
    (9, 29)
    >>> years_ahead(history[:0], history)
    5
    """
    if not len(history):
        return LEAST
    last = int(history["year"].max())
    wanted = until if until is not None else (int(targets["year"].max()) if len(targets) else last)
    return max(LEAST, wanted - last)
