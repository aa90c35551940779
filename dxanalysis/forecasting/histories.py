"""Read a history table into a checked panel: one row per area, years counted back from each area's last one.

Everything a forecaster must not guess is refused here, with the area and year named: duplicates, text, infinities,
values outside the bounds, two definitions in one table, years still to come.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dxanalysis.forecasting.distributions import Scale

#: Years before the last one that the models look at; older points are not used.
WINDOW = 25


@dataclass(frozen=True)
class Panel:
    """Histories of many areas, aligned on their last year.

    Attributes
    ----------
    areas : array of str, sorted
    origin : array of int, last year of each area
    values : array (area, WINDOW or fewer); last column = last year; NaN where nothing was published
    count : array of int, comparable points of each area inside the window
    cut : array of int, points left out because a break separates them from the last one
    bridged : array of int, years without a figure between the first and the last one
    """

    areas: np.ndarray
    origin: np.ndarray
    values: np.ndarray
    count: np.ndarray
    cut: np.ndarray
    bridged: np.ndarray


def read_history(history: pd.DataFrame, scale: Scale, name: str = "history") -> Panel:
    """Return the checked panel of a history table.

    Parameters
    ----------
    history : DataFrame with `year`, `value` and, if there are several, `area`; `break_before`, `indicator` and
        `definition` are used where present.
    scale : bounds the values must keep.
    name : what to call the table in an error.

    Raises
    ------
    ValueError
        For a missing column, a duplicate, text, infinity, a value outside the bounds, more than one
        indicator or definition, or a year to come.

    Examples
    --------
    >>> from dxanalysis.forecasting.distributions import read_bounds
    >>> table = pd.DataFrame({"year": [2020, 2021], "value": [12.7, 112.9]})
    >>> read_history(table, read_bounds((0, 100)))
    Traceback (most recent call last):
        ...
    ValueError: The history of 'series' has 112.9 in 2021, outside the bounds 0..100. Correct it or give other bounds.
    """
    table = _columns(history, name)
    _one_of_each(history, name)
    _check_values(table, scale, name)
    _check_years(table, name)
    table, cut = _after_breaks(table)
    return _align(table, cut)


def _columns(history: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return area, year, value and break as plain columns, sorted."""
    missing = [column for column in ("year", "value") if column not in history.columns]
    if missing:
        have = ", ".join(map(str, list(history.columns)[:10]))
        raise ValueError(f"The {name} has no column {missing[0]!r} (columns: {have}). It needs year and value.")
    area = history["area"] if "area" in history.columns else pd.Series("series", index=history.index)
    if area.isna().any():
        raise ValueError(f"The {name} has a row without an area. Name the area of every row.")
    table = pd.DataFrame({"area": area.astype("str").to_numpy()})
    table["year"] = _whole_years(history["year"], table["area"], name)
    table["value"] = _numbers(history["value"], table, name)  # a missing value stays missing: a gap, never filled
    breaks = history["break_before"] if "break_before" in history.columns else pd.Series("", index=history.index)
    table["break"] = (breaks.fillna("").astype("str").str.strip() != "").to_numpy()
    return table[table["value"].notna()].sort_values(["area", "year"], kind="stable", ignore_index=True)


def _whole_years(years: pd.Series, area: pd.Series, name: str) -> np.ndarray:
    """Return years as whole numbers or say which is not one."""
    numbers = pd.to_numeric(years, errors="coerce").to_numpy(dtype=float)
    text = not pd.api.types.is_numeric_dtype(years.dtype)
    bad = text | ~np.isfinite(numbers) | (numbers != np.round(numbers))
    if bad.any():
        at = int(np.argmax(bad))
        got = years.tolist()[at]
        raise ValueError(f"The {name} of {area.iloc[at]!r} has the year {got!r}. Years must be whole numbers.")
    return numbers.astype("int64")


def _numbers(values: pd.Series, table: pd.DataFrame, name: str) -> np.ndarray:
    """Return values as floats or say which is not a number."""
    text = not pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_bool_dtype(values.dtype)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
    bad = values.notna().to_numpy() if text else np.isinf(numbers)
    if bad.any():
        at = int(np.argmax(bad))
        row, got = table.iloc[at], values.tolist()[at]
        where = f"the value {got!r} in {row['year']}"
        raise ValueError(f"The {name} of {row['area']!r} has {where}. Give a finite number.")
    return numbers


def _one_of_each(history: pd.DataFrame, name: str) -> None:
    """Refuse a table that mixes indicators or definitions."""
    for column in ("indicator", "definition"):
        if column in history.columns:
            found = sorted(map(str, history[column].dropna().unique()))
            if len(found) > 1:
                several = ", ".join(found[:10])
                raise ValueError(f"The {name} mixes {len(found)} {column}s ({several}). Forecast one at a time.")


def _check_values(table: pd.DataFrame, scale: Scale, name: str) -> None:
    """Refuse values outside the bounds, naming the first."""
    values = table["value"].to_numpy()
    outside = (values < scale.lower) | (values > scale.upper)
    if outside.any():
        row = table.iloc[int(np.argmax(outside))]
        where = f"{row['value']:g} in {row['year']}, outside the bounds {scale.lower:g}..{scale.upper:g}"
        raise ValueError(f"The {name} of {row['area']!r} has {where}. Correct it or give other bounds.")


def _check_years(table: pd.DataFrame, name: str) -> None:
    """Refuse two values for one year and years still to come."""
    same = (table["area"].to_numpy()[1:] == table["area"].to_numpy()[:-1]) & (np.diff(table["year"].to_numpy()) == 0)
    if same.any():
        row = table.iloc[int(np.argmax(same))]
        raise ValueError(f"The {name} of {row['area']!r} has {row['year']} twice. Keep one value per area and year.")
    today = datetime.date.today().year
    late = table["year"].to_numpy() > today
    if late.any():
        row = table.iloc[int(np.argmax(late))]
        cure = "A history holds what was measured; leave projections out."
        raise ValueError(f"The {name} of {row['area']!r} has the year {row['year']}, after {today}. {cure}")


def _after_breaks(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Leave out what stands before the last break of each area; return the rest and the number left out."""
    if not table["break"].any():
        return table, pd.Series(dtype="int64")
    start = table["year"].where(table["break"]).groupby(table["area"]).transform("max")
    before = (table["year"] < start).to_numpy()
    return table[~before].reset_index(drop=True), table[before].groupby("area").size()


def _align(table: pd.DataFrame, cut: pd.Series) -> Panel:
    """Lay the rows out as a matrix counted back from each area's last year."""
    code, areas = pd.factorize(table["area"])
    year = table["year"].to_numpy()
    last = np.flatnonzero(np.r_[code[1:] != code[:-1], True]) if len(code) else np.zeros(0, dtype="int64")
    origin = year[last]  # rows are sorted by area and year, so each area's last row is its last year
    lag = origin[code] - year
    near = lag < WINDOW
    width = int(lag[near].max()) + 1 if near.any() else 1
    values = np.full((len(areas), width), np.nan)
    values[code[near], width - 1 - lag[near]] = table["value"].to_numpy()[near]
    names = np.asarray(areas, dtype=str)
    left_out = cut.reindex(names).fillna(0).to_numpy(dtype="int64") if len(cut) else np.zeros(len(names), "int64")
    count = np.isfinite(values).sum(axis=1)
    span = width - np.argmax(np.isfinite(values), axis=1)
    return Panel(names, origin, values, count, left_out, span - count)


def with_peers(history: pd.DataFrame, peers: pd.DataFrame | None, scale: Scale, *, across: bool = False) -> Panel:
    """Return the panel of a history and its peers; areas of the history are left out of the peers.

    Parameters
    ----------
    history, peers : history tables.
    scale : bounds.
    across : allow peers measured under another definition (an explicit choice, never a silent one).

    Raises
    ------
    ValueError
        When peers are measured under another definition and `across` does not allow it.

    Examples
    --------
    >>> from dxanalysis.forecasting.distributions import read_bounds
    >>> own = pd.DataFrame({"area": "a", "definition": "gso", "year": [2024], "value": [7.1]})
    >>> with_peers(own, own.assign(area="b", definition="mic"), read_bounds((0, 100)))
    Traceback (most recent call last):
        ...
    ValueError: Peers are measured as 'mic', the history as 'gso'. Give peers alike, or across_definitions=True.
    """
    if peers is None or not len(peers):
        return read_history(history, scale)
    if "area" not in peers.columns:
        raise ValueError("The peers' history has no column 'area'. Name the area of every row.")
    read_history(peers, scale, "peers' history")
    own = history if "area" in history.columns else history.assign(area="series")
    theirs, ours = _definition(peers), _definition(own)
    if theirs != ours and theirs and ours:
        if not across:
            cure = "Give peers alike, or across_definitions=True."
            raise ValueError(f"Peers are measured as {theirs!r}, the history as {ours!r}. {cure}")
        peers = peers.assign(definition=ours)
    others = peers[~peers["area"].isin(own["area"].unique())]
    both = pd.concat([own, others], ignore_index=True) if len(own) else others
    return read_history(both, scale, "history with its peers")


def _definition(table: pd.DataFrame) -> str:
    """Return the one definition of a table ("" where it has none)."""
    named = table["definition"].dropna().unique() if "definition" in table.columns else []
    return str(named[0]) if len(named) else ""


#: Attribute of a history that names the errors of revisions to come, by area (`facts.load_history` knows them).
REVISION_ERROR = "revision_error"

Revisions = float | Sequence[float] | np.ndarray | pd.Series | None


def errors_to_come(history: pd.DataFrame, own: Panel, whole: Panel, revisions: Revisions) -> np.ndarray:
    """Return the error of revisions to come, in points, for every area of a panel with its peers (none for the peers).

    Revisions given hold for all areas of the history; without them it is asked what it knows itself.
    """
    known = history.attrs.get(REVISION_ERROR, {}) if revisions is None else dict.fromkeys(
        own.areas.tolist(), revision_error(revisions))
    return np.isin(whole.areas, own.areas) * np.array([known.get(area, 0.0) for area in whole.areas.tolist()])


def revision_error(revisions: Revisions) -> float:
    """Return the standard deviation, in points, that revisions still to come add to a figure.

    Parameters
    ----------
    revisions : None, one number (the standard deviation of a revision in points), or past revisions (later minus
        first published value), of which the root mean square is taken.

    Raises
    ------
    ValueError
        When a revision is not a finite number.

    Examples
    --------
    >>> round(revision_error([0.3, -0.4]), 4)
    0.3536
    >>> revision_error(None)
    0.0
    """
    if revisions is None:
        return 0.0
    past = np.atleast_1d(np.asarray(revisions, dtype=float))
    if past.size == 0:
        return 0.0
    if not np.isfinite(past).all():
        raise ValueError(f"Revisions hold {past[~np.isfinite(past)][0]}. Give past revisions in points, all finite.")
    return float(np.sqrt(np.mean(past**2)))
