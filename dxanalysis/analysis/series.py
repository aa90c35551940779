"""Read the history table: check it, split it into series, and keep only the years that may be compared."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

History = pd.DataFrame | pd.Series | Mapping[int, float] | Iterable[tuple[int, float]]
KEYS = ("indicator", "definition", "area")
DIRECTIONS = (1, -1, 0)
_DEFAULTS = {"indicator": "", "definition": "", "area": "series", "status": "", "break_before": ""}


def read_history(history: pd.DataFrame) -> pd.DataFrame:
    """Check a history table and return it sorted by area and year, without missing values.

    A researcher's own table needs only `year` and `value`; the columns that name the series are added. A missing
    value is not an observation: its row is left out, never filled.

    Parameters
    ----------
    history : DataFrame
        Columns `year` (whole numbers) and `value` (any unit), optionally `indicator`, `definition`, `area`,
        `status`, `break_before`.

    Returns
    -------
    DataFrame
        The same columns plus the missing ones, sorted, with `year` as int64 and `value` as float64.

    Raises
    ------
    ValueError
        When a column is missing, a value is infinite, a year is no whole number, two values stand for one year, or
        two definitions are mixed in one table.

    Examples
    --------
    >>> import pandas as pd
    >>> read_history(pd.DataFrame({"year": [2022, 2020], "value": [12.83, 12.66]}))[["area", "year", "value"]]
         area  year  value
    0  series  2020  12.66
    1  series  2022  12.83
    >>> read_history(pd.DataFrame({"year": [2022, 2022], "value": [14.26, 12.83]}))
    Traceback (most recent call last):
    ...
    ValueError: History has 2 values of 'series' for 2022 (14.26, 12.83). Keep one definition and one release per table.
    """
    require_columns(history, ("year", "value"), "History")
    table = _add_missing_columns(history)
    table = table[table["value"].notna()].copy()
    table["value"] = _finite(table["value"])
    table["year"] = whole_years(table["year"], "History")
    table = table.sort_values([*KEYS, "year"], kind="stable", ignore_index=True)
    _refuse_mixed_definitions(table)
    _refuse_repeated_years(table)
    return table


def each_series(history: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the checked rows of each series (indicator, definition, area), in the order of the keys.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"area": ["b", "a"], "year": [2020, 2020], "value": [2.0, 1.0]})
    >>> [part["area"].iloc[0] for part in each_series(table)]
    ['a', 'b']
    """
    for _, part in read_history(history).groupby(list(KEYS), sort=True):
        yield part.reset_index(drop=True)


def one_series(history: pd.DataFrame) -> pd.DataFrame:
    """Return the checked rows of a table that holds one series, and refuse a table that holds several.

    Examples
    --------
    >>> import pandas as pd
    >>> one_series(pd.DataFrame({"area": ["a", "b"], "year": [2020, 2020], "value": [1.0, 2.0]}))
    Traceback (most recent call last):
    ...
    ValueError: History holds 2 series ('a', 'b') where one is expected. Select one area, indicator and definition.
    """
    table = read_history(history)
    series = table[list(KEYS)].drop_duplicates()
    if len(series) > 1:
        names = ", ".join(repr(area) for area in series["area"].unique()[:10])
        raise ValueError(
            f"History holds {len(series)} series ({names}) where one is expected. "
            "Select one area, indicator and definition."
        )
    return table


def comparable_run(series: pd.DataFrame) -> pd.DataFrame:
    """Return the latest years of one checked series that may be compared with one another.

    A row whose `break_before` says why it is not comparable with the earlier ones starts a new run.

    Examples
    --------
    >>> import pandas as pd
    >>> dti = pd.DataFrame({"year": [2020, 2021, 2022], "value": [0.39, 0.50, 0.70],
    ...                     "break_before": ["", "new aggregation", ""]})
    >>> comparable_run(read_history(dti))["year"].tolist()
    [2021, 2022]
    """
    starts = np.flatnonzero(has_break(series))
    return series.iloc[starts[-1] :] if len(starts) else series


def read_points(history: History) -> tuple[np.ndarray, np.ndarray]:
    """Return years and values of the comparable points of one series, given as a table, a Series, a dict or pairs.

    Examples
    --------
    >>> years, values = read_points({2022: 12.83, 2020: 12.66})
    >>> years.tolist(), values.tolist()
    ([2020, 2022], [12.66, 12.83])
    >>> read_points([(2020, 1.0), (2021, 2.0)])[1].tolist()
    [1.0, 2.0]
    """
    if not isinstance(history, pd.DataFrame):
        return _points_of_pairs(history)
    run = comparable_run(one_series(history))
    return run["year"].to_numpy(dtype="int64"), run["value"].to_numpy(dtype="float64")


def _points_of_pairs(history: History) -> tuple[np.ndarray, np.ndarray]:
    pairs = list(history.items() if hasattr(history, "items") else history)
    if any(isinstance(pair[0], str) for pair in pairs):  # years as text, perhaps ranges
        return read_points(pd.DataFrame(pairs, columns=["year", "value"]).astype({"year": "str", "value": "float64"}))
    years = np.array([pair[0] for pair in pairs], dtype="float64")
    values = np.array([pair[1] for pair in pairs], dtype="float64")
    order = np.argsort(years[~np.isnan(values)], kind="stable")
    years, values = years[~np.isnan(values)][order], values[~np.isnan(values)][order]
    if np.isfinite(values).all() and (years == np.round(years)).all() and (np.diff(years) > 0).all():
        return years.astype("int64"), values
    one_series(pd.DataFrame({"year": years, "value": values}))  # says what is wrong
    raise ValueError("History has years that do not rise. Give one value per year.")


def has_break(series: pd.DataFrame) -> np.ndarray:
    """Tell for each row of one checked series whether a break separates it from the row before (never the first)."""
    breaks = (series["break_before"].fillna("").astype("string").str.strip() != "").to_numpy(dtype=bool)
    breaks[:1] = False
    return breaks


def whole_years(years: pd.Series, table: str) -> pd.Series:
    """Return years as int64; a range such as "2015-16" counts as its first year, the rule of the published methods.

    Examples
    --------
    >>> import pandas as pd
    >>> whole_years(pd.Series(["2015-16", "2016-17"]), "History").tolist()
    [2015, 2016]
    >>> whole_years(pd.Series([2015.5]), "History")
    Traceback (most recent call last):
    ...
    ValueError: History has the year 2015.5, which is no whole number. Write years as 2015 or ranges as '2015-16'.
    """
    if pd.api.types.is_string_dtype(years):
        years = years.str.replace(r"^\s*(\d{4})\s*[-–/]\s*\d{2,4}\s*$", r"\1", regex=True)
    numbers = pd.to_numeric(years, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = ~np.isfinite(numbers) | (numbers != np.round(numbers))
    if wrong.any():
        raise ValueError(
            f"{table} has the year {years.iloc[int(np.argmax(wrong))]}, which is no whole number. "
            "Write years as 2015 or ranges as '2015-16'."
        )
    return pd.Series(numbers.astype("int64"), index=years.index, name=years.name)


def require_columns(table: pd.DataFrame, needed: tuple[str, ...], name: str) -> None:
    """Refuse a table that lacks a column, naming the columns it has.

    Examples
    --------
    >>> import pandas as pd
    >>> require_columns(pd.DataFrame({"year": [2020], "val": [1.0]}), ("year", "value"), "History")
    Traceback (most recent call last):
    ...
    ValueError: History has no column 'value'; it has 'year', 'val'. Rename or add the column.
    """
    missing = [column for column in needed if column not in table.columns]
    if missing:
        found = ", ".join(repr(str(column)) for column in table.columns[:10])
        raise ValueError(f"{name} has no column {missing[0]!r}; it has {found or 'none'}. Rename or add the column.")


def _add_missing_columns(history: pd.DataFrame) -> pd.DataFrame:
    table = history.assign(**{name: text for name, text in _DEFAULTS.items() if name not in history.columns})
    texts = list(_DEFAULTS)
    return table.assign(**{name: table[name].fillna(_DEFAULTS[name]) for name in texts if table[name].isna().any()})


def _finite(values: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    wrong = ~np.isfinite(numbers.to_numpy())
    if wrong.any():
        raise ValueError(
            f"History has the value {values.iloc[int(np.argmax(wrong))]!r}, which is no finite number. "
            "Correct it, or leave the cell empty where nothing was observed."
        )
    return numbers


def _refuse_mixed_definitions(table: pd.DataFrame) -> None:
    for column in ("indicator", "definition"):
        names = table[column].unique()
        if len(names) > 1:
            listed = ", ".join(repr(str(name)) for name in names[:10])
            raise ValueError(
                f"History mixes {len(names)} {column}s ({listed}), which measure different things. "
                f"Select one {column} before analysing."
            )


def _refuse_repeated_years(table: pd.DataFrame) -> None:
    repeated = table.duplicated(["area", "year"], keep=False)
    if repeated.any():
        row = table[repeated].iloc[0]
        values = table[(table["area"] == row["area"]) & (table["year"] == row["year"])]["value"]
        listed = ", ".join(f"{value:g}" for value in values[:10])
        raise ValueError(
            f"History has {len(values)} values of {row['area']!r} for {row['year']} ({listed}). "
            "Keep one definition and one release per table."
        )


def cagr(first: float, last: float, years: float) -> float:
    """Return the compound annual growth rate (last/first)^(1/years) - 1, or NaN where it has no meaning.

    It has no meaning when no time has passed, when the first value is zero, and when the sign changes. Two values
    below zero are compared by their ratio, so a debt that halves "grows" at a negative rate.

    Examples
    --------
    >>> round(100 * cagr(12.66, 13.17, 4), 3)
    0.992
    >>> cagr(0.0, 5.0, 3)
    nan
    """
    if not years > 0 or first == 0 or first > 0 > last or first < 0 < last:
        return math.nan
    growth = (last / first) ** (1 / years) - 1
    return growth if math.isfinite(growth) else math.nan


def check_direction(direction: int) -> None:
    """Refuse a direction other than 1, -1 or 0; there is no silent default, the catalogue says which one holds."""
    if direction not in DIRECTIONS:
        raise ValueError(
            f"Direction {direction!r} is unknown. Use 1 (higher is better), -1 (lower is better) or 0 (a band)."
        )
