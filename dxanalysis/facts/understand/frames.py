"""Tables, series and mappings that a user gives to the verbs, brought into the form of a history and of targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from dxanalysis.facts.schema import DataError
from dxanalysis.facts.understand.measuring import KEYS, yearly
from dxanalysis.facts.understand.periods import parse_period, yearly_dates
from dxanalysis.facts.understand.reading import EMPTY, Cell, Grid, Question, Reading, Unclear
from dxanalysis.facts.understand.tables import read_grid

History = pd.DataFrame | pd.Series | Mapping[int, float] | Sequence[tuple[int, float]]
Targets = pd.DataFrame | pd.Series | Mapping[int, float] | Sequence[tuple[int, float]] | float
YEARS = range(1500, 2301)
HUGE = 1e100  # beyond it squares overflow
KEPT = ("indicator", "definition", "area", "year", "value", "status", "note")


class _Unfit(ValueError):
    """A table that cannot be computed with: what is wrong, and the cure for a DataFrame and for a Series."""

    def __init__(self, said: str, frame: str, series: str = "") -> None:
        super().__init__(f"{said} {frame}")
        self.said, self.frame, self.series = said, frame, series or frame

    def told_of(self, given: Any) -> ValueError:
        """Return the error with a cure that runs on what was given, by the name ``table``."""
        if isinstance(given, pd.DataFrame) or self.series == self.frame:
            return ValueError(f"{self.said} {self.frame}")
        plain = "dict(table)" if _is_pairs(given) else "table"
        made = "table" if isinstance(given, pd.Series) else f"pd.Series({plain})"
        return ValueError(f"{self.said} {self.series.replace('table', made)}")


def as_history(
    given: History, *, decimal: str | None = None, annual: str | None = None, scale: float | None = None
) -> pd.DataFrame:
    """Return a history that has what every verb needs, from a table, series, mapping or pairs of any common shape.

    Understood are years, dates or periods as index, column or headings; Vietnamese and SDMX names of columns; numbers
    printed as text; one area or many (long, or one column or row per area).

    Parameters
    ----------
    given : DataFrame, Series, mapping or pairs
        The figures.
    decimal : "," or ".", optional
        Decimal sign of numbers given as text, where they do not prove it.
    annual : "mean", "sum", "last" or "first", optional
        Rule that makes years of quarters, months or days.
    scale : float, optional
        What the values are multiplied by; where some have a percent sign, only those between 0 and 1 without one.

    Raises
    ------
    Unclear
        Where the table can be read in more than one way.
    ValueError, TypeError
        Where a value cannot be computed with, or this is no table.

    Examples
    --------
    >>> as_history(pd.Series({2022: 47.5, 2023: 52.0})).values.tolist()
    [[2022.0, 47.5], [2023.0, 52.0]]
    >>> as_history(pd.DataFrame({"area": ["a", "b"], "2022": [1.0, 2.0], "2023": [2.0, 3.0]})).values.tolist()
    [['a', 2022, 1.0], ['a', 2023, 2.0], ['b', 2022, 2.0], ['b', 2023, 3.0]]
    >>> as_history([1.0, 2.0])
    Traceback (most recent call last):
    TypeError: The history is a list. Give a table with year and value, or pairs of them as {2023: 52.0}.
    """
    try:
        return _read_history(given, decimal, annual, scale)
    except _Unfit as unfit:
        raise unfit.told_of(given) from None


def _read_history(given: History, decimal: str | None, annual: str | None, scale: float | None) -> pd.DataFrame:
    table = _as_frame(given)
    names = [str(name) for name in table.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        said = f"The history has {names.count(twice[0])} columns {twice[0]!r}. Keep one:"
        raise _Unfit(said, "table.loc[:, ~table.columns.duplicated()]")
    if not {"year", "value"} <= set(names) and table.index.name in ("year", "value"):
        table = table.reset_index()
    if {"year", "value"} <= set(table.columns) and _are_numbers(table[["year", "value"]]):
        return _scaled(_checked(table), scale)
    if not len(table) and {"year", "value"} <= set(table.columns):
        return table
    read = _long(table, decimal, annual, scale)
    return _checked(read if read.attrs.pop("scaled", False) else _scaled(read, scale))


def _scaled(table: pd.DataFrame, scale: float | None) -> pd.DataFrame:
    return table if scale is None else table.assign(value=table["value"] * float(scale))


def _as_frame(given: History) -> pd.DataFrame:
    """Return what was given as a DataFrame; values whose kind cannot be computed with are refused."""
    given = _plain_form(given)
    if _is_pairs(given):
        years = [year for year, _ in given]
        given = pd.Series([value for _, value in given], index=years)
    if isinstance(given, Mapping):
        given = pd.Series(list(given.values()), index=list(given), dtype=None if given else "float64")
    if isinstance(given, pd.Series):
        if not isinstance(given.index, pd.MultiIndex):
            _refuse_positions(given.index)
            named = given.index.name if given.index.name not in (None, "value") else None
            plain = pd.api.types.is_integer_dtype(given.index) or not len(given)
            given = given.rename("value").rename_axis("year" if plain or named is None else named).reset_index()
        else:
            times = [all(parse_period(_name(one)) for one in given.index.unique(i)) for i in range(given.index.nlevels)]
            names = [name or ("year" if times[i] else "area" if times.count(False) == 1 else f"level {i}")
                     for i, name in enumerate(given.index.names)]
            given = given.rename("value").rename_axis(names).reset_index()
    if not isinstance(given, pd.DataFrame):
        kind = type(given).__name__
        raise TypeError(
            f"The history is a {kind}. Give a table with year and value, or pairs of them as {{2023: 52.0}}."
        )
    for name, kind in zip(given.columns, given.dtypes, strict=True):
        _refuse_kind(given, name, kind)
    times = [given.index, *(given[name] for name in given.columns if isinstance(given[name], pd.Series))]
    for held in times:
        if isinstance(held.dtype, pd.DatetimeTZDtype) and (pd.DatetimeIndex(held).normalize() != held).any():
            first = next(one for one in held if one != one.normalize())
            zone, name = "tz_convert('Asia/Ho_Chi_Minh')", held.name
            column = f"table.assign(**{{{name!r}: table[{name!r}].dt.{zone}}})" if name in given else f"table.{zone}"
            said = f"The time {first} is no day: a zone decides in which year it lies. Say which:"
            raise _Unfit(said, column, f"table.{zone}")
    return given


def _plain_form(given: Any) -> Any:
    """Return a dict of columns, a list of records, an array of pairs or a table of polars as a form of pandas."""
    if isinstance(given, np.ndarray) and given.ndim == 2 and given.shape[1] == 2:
        return [tuple(row) for row in given.tolist()]
    if hasattr(given, "iter_rows") and hasattr(given, "columns"):  # polars
        given = {name: given[name].to_list() for name in given.columns}
    listed = (list, tuple, np.ndarray)
    if isinstance(given, Mapping) and given and all(isinstance(one, listed) for one in given.values()):
        return pd.DataFrame(dict(given))
    if isinstance(given, list) and given and all(isinstance(one, Mapping) for one in given):
        return pd.DataFrame(given)
    return given


def _is_pairs(given: object) -> bool:
    listed = isinstance(given, list | tuple) and len(given) > 0
    return listed and all(isinstance(one, list | tuple) and len(one) == 2 for one in given)


def _refuse_positions(index: pd.Index) -> None:
    """Refuse an index 0, 1, 2, …: positions are no years."""
    if len(index) and pd.api.types.is_integer_dtype(index) and index.max() < YEARS.start:
        first = [int(one) for one in index[:3]]
        said = f"The index {first} is no years. Give them, from your own first year on:"
        raise _Unfit(said, "", "table.set_axis(range(2021, 2021 + table.size))")


def _refuse_kind(table: pd.DataFrame, name: Any, kind: Any) -> None:
    held = table[name] if not isinstance(table[name], pd.DataFrame) else table[name].iloc[:, 0]
    plain = held.dropna().iloc[0] if held.notna().any() else None
    if pd.api.types.is_bool_dtype(kind) or isinstance(plain, bool | np.bool_):
        said = f"The column {str(name)!r} holds true and false, which are no figures. Count them first:"
        frame = f"table.groupby('year')[{str(name)!r}].mean()"
        raise _Unfit(said, frame, "table.astype('float64').groupby(level=0).mean()")
    if pd.api.types.is_complex_dtype(kind) or isinstance(plain, complex):
        said = f"The column {str(name)!r} holds complex numbers, which are no figures. Take their real part:"
        frame = f"table.assign(**{{{str(name)!r}: [v.real for v in table[{name!r}]]}})"
        raise _Unfit(said, frame, "table.map(lambda v: complex(v).real)")


def _are_numbers(table: pd.DataFrame) -> bool:
    return all(pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes)


def _checked(table: pd.DataFrame) -> pd.DataFrame:
    """Return a history whose years and values can be computed with."""
    years, values = table["year"], table["value"]
    wrong = [year for year in years if year != year or year != int(year) or int(year) not in YEARS]
    if wrong:
        said = f"{wrong[0]:g} is no year. Years are whole numbers such as 2023, from your own first year on:"
        series = "table.set_axis(range(2021, 2021 + table.size))"
        raise _Unfit(said, "table.assign(year=range(2021, 2021 + len(table)))", series)
    with np.errstate(all="ignore"):
        large = values[(values.abs() > HUGE) | np.isinf(values.astype("float64"))]
    if len(large):
        said = f"The value {large.iloc[0]:g} cannot be computed with. Count in a larger unit, or leave it out:"
        raise _Unfit(said, "table[table['value'].abs() < 1e100]", "table.where(table.abs() < 1e100).dropna()")
    keys = [name for name in ("indicator", "definition", "area", "year") if name in table.columns]
    again = table[table.duplicated(keys)] if len(keys) > 1 or "year" in keys else table.head(0)
    if len(again):
        row = again.iloc[0]
        where = " / ".join(str(row[name]) for name in keys if name != "year" and row[name])
        said = f"The history gives {int(row['year'])} twice{f' for {where}' if where else ''}. Keep one:"
        kinds = [name for name in table.columns if name not in (*keys, "value", "note") and table[name].nunique() > 1]
        told = next((name for name in kinds if not pd.api.types.is_numeric_dtype(table[name])), "")
        frame = f"table.drop_duplicates({keys if where else 'year'!r})"
        frame = f"table[table[{told!r}] == {table[told].iloc[0]!r}]" if told else frame
        raise _Unfit(said, frame, "table.groupby(level=0).first()" if not where else "")
    if not len(table):
        return table
    order = [name for name in ("indicator", "definition", "year") if name in table.columns]
    rising = table.groupby(keys[:-1], sort=False)["year"].is_monotonic_increasing.all() if keys[:-1] else (
        table["year"].is_monotonic_increasing)
    table = table if rising else table.sort_values(order, kind="stable", ignore_index=True)
    return table.astype({"year": "int64"})


def _long(table: pd.DataFrame, decimal: str | None, annual: str | None, scale: float | None) -> pd.DataFrame:
    """Return a table of another shape as a history, read as a file with the same cells would be."""
    try:
        reading = read_frame(table, decimal=decimal)
    except DataError:  # a table without a header row of its own: what it lacks is said in the words of pandas
        raise ValueError(_no_year(table)) from None
    reading_problems(reading)
    if reading.questions:
        raise Unclear("the table", reading.questions)
    cells = reading.cells[reading.cells["value"].notna()].reset_index(drop=True)
    if "period" not in cells:
        raise ValueError(_no_year(table))
    cells = _without_fractions(cells, scale)
    roles = {role: name for name, role in reading.roles.items()}
    held = pd.DataFrame({"indicator": "", "definition": "", "area": ""}, index=cells.index)
    for role in ("indicator", "definition", "area"):
        if roles.get(role) in cells:
            held[role] = cells[roles[role]]
    rest = [d for d in reading.dimensions if d not in (*roles.values(), "period") and cells[d].nunique() > 1]
    if "heading" in rest and "area" not in roles:
        held["area"], rest = cells["heading"], [d for d in rest if d != "heading"]
    elif len(rest) == 1 and "area" not in roles:
        held["area"], rest = cells[rest[0]], []
    table = held.assign(period=cells["period"], value=cells["value"], status=cells["status"], row=cells["row"])
    if yearly_dates(table["period"]):
        table["period"] = table["period"].str[:4]
    repeated = table.duplicated(KEYS)
    if rest and repeated.any():
        words = cells[rest[0]].unique().tolist()
        text = f"the table has several figures of one year, which '{rest[0]}' tells apart: {words[:5]}."
        raise Unclear("the table", {"where": Question(text, cure=f"Choose: table[table[{rest[0]!r}] == {words[0]!r}]")})
    found, notes = yearly(table, "the table", annual)
    found = found.assign(year=found["period"].astype("int64"))
    kept = [name for name in KEPT if name in ("year", "value") or (name in found and (found[name] != "").any())]
    history = found.sort_values(["area", "year"], kind="stable")[kept].reset_index(drop=True)
    history.attrs["notes"] = tuple(notes)
    if (cells["symbol"] == "%").any():
        history.attrs |= {"unit": "percent", "scaled": scale is not None}
    return history


def _without_fractions(cells: pd.DataFrame, scale: float | None) -> pd.DataFrame:
    """Return the cells in one scale; where "12.5%" stands beside a plain 0.143 the answer decides."""
    plain = (cells["symbol"] != "%") & (cells["value"].abs() <= 1) & (cells["value"] != 0)
    if not (cells["symbol"] == "%").any() or not plain.any():
        return cells
    if scale is None:
        shown = tuple(f"{row.period}: {row.value:g}" for row in cells[plain].head(3).itertuples())
        text = "some values have a percent sign, others lie between 0 and 1: 100 multiplies these, 1 keeps them."
        raise Unclear("the table", {"scale": Question(text, shown, ("100", "1"))})
    return cells.assign(value=cells["value"].where(~plain, cells["value"] * float(scale)))


def reading_problems(reading: Reading) -> None:
    """Raise the first fault of a cell as a sentence with its cure."""
    for problem in reading.problems:
        raise ValueError(
            f"Row {max(problem.row - 1, 1)} of the table: {problem.message} Received {problem.value!r}. {problem.cure}"
        )


def _no_year(table: pd.DataFrame) -> str:
    """Return what a table without a time is told, with the cure for its own columns."""
    held = [str(name) for name in table.columns]
    for column in ("year", "value"):
        if column not in held:
            others = [name for name in held if name not in ("year", "value")]
            made = "year=range(2021, 2021 + len(table))" if column == "year" else "value=[52.0] * len(table)"
            renamed = f"table.rename(columns={{{others[0]!r}: {column!r}}})" if others else ""
            cure = f"Rename: {renamed}" if renamed else f"Add your own: table.assign({made})"
            return f"The history has the columns {held} and no {column!r}. {cure}"
    years, values = (pd.to_numeric(table[name], errors="coerce") for name in ("year", "value"))
    if years.between(YEARS.start, YEARS.stop).all() and values.isna().any():
        return f"The column 'value' holds {table['value'][values.isna()].iloc[0]!r}, no number. Give numbers as 52.0."
    return f"The column 'year' holds {table['year'].iloc[0]!r}, which is no year. Give years such as 2023."


def read_frame(given: pd.DataFrame | pd.Series, *, decimal: str | None = None) -> Reading:
    """Return the reading of a table of pandas, by the rules of a file with the same cells."""
    table = given.to_frame() if isinstance(given, pd.Series) else given
    index = table.index
    positions = isinstance(index, pd.RangeIndex) and index.start == 0 and index.name is None
    if not positions and not (index.name is None and index.nlevels == 1 and pd.api.types.is_integer_dtype(index)
                              and len(index) and index.max() < YEARS.start):
        # A frame of one column under a nameless index would show a header of one word: a time is named as one.
        time = "period" if index.nlevels == 1 and all(parse_period(_name(one)) for one in index) else ""
        names = [name if name is not None else time for name in index.names]
        clash = {name: f"{name} " for name in names if name in table.columns}
        table = table.rename_axis([clash.get(name, name or f"_{i}") for i, name in enumerate(names)]).reset_index()
        table = table.rename(columns={f"_{i}": "" for i in range(index.nlevels)})
    levels = (
        table.columns.to_frame().astype("str").T.values.tolist()
        if table.columns.nlevels > 1
        else [list(map(_name, table.columns))]
    )
    header = [[Cell(text) if text and not text.startswith("Unnamed:") else EMPTY for text in level] for level in levels]
    columns = [[_cell(value) for value in table.iloc[:, i]] for i in range(table.shape[1])]
    body = [list(row) for row in zip(*columns, strict=True)]
    return read_grid(Grid("table", "", [*header, *body], ()), "the table", decimal)


def _name(name: Any) -> str:
    return _cell(name).text if not isinstance(name, str) else name.strip()


def _cell(value: Any) -> Cell:
    """Return a value of a table as a cell: numbers as such, dates and periods in ISO form, everything else as text."""
    if value is None or value is pd.NaT or (isinstance(value, Real) and value != value) or value is pd.NA:
        return EMPTY
    if isinstance(value, pd.Period):
        return Cell(str(value) if value.freqstr[0] != "W" else value.end_time.date().isoformat())
    if hasattr(value, "isoformat"):
        return Cell(value.isoformat()[:10])
    if isinstance(value, Real) and not isinstance(value, bool):
        whole = float(value)
        return Cell(str(int(whole)) if whole.is_integer() and abs(whole) < 1e15 else repr(whole), "number")
    return Cell(str(value).strip())


def as_targets(targets: Targets, *, by: int | None = None) -> pd.DataFrame:
    """Return targets as a table; ``{2030: 80.0}``, ``(2030, 80.0)`` and a list of such pairs are targets, too.

    Parameters
    ----------
    targets : DataFrame, Series, mapping, pairs or number
        A bare number needs the year it is due in `by`.
    by : int, optional
        Year of a bare number.

    Examples
    --------
    >>> as_targets({2030: 80.0}).values.tolist(), as_targets((2030, 80)).values.tolist()
    ([[2030.0, 80.0]], [[2030, 80]])
    >>> as_targets(80.0, by=2030).values.tolist()
    [[2030.0, 80.0]]
    >>> as_targets(80.0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    dxanalysis.facts.understand.reading.Unclear: the target leaves a question: 80 is due in which year? ...
    """
    if isinstance(targets, Real) and not isinstance(targets, bool | np.bool_):
        if by is None:
            text = f"{float(targets):g} is due in which year? Or give both: {{2030: {float(targets):g}}}."
            raise Unclear("the target", {"by": Question(text, answers=("2030",))})
        targets = {by: float(targets)}
    if isinstance(targets, tuple | list) and len(targets) == 2 and all(isinstance(one, Real) for one in targets):
        targets = [tuple(targets)]
    if (
        isinstance(targets, pd.DataFrame)
        and {"year", "value"} <= set(targets.columns)
        and _are_numbers(targets[["year", "value"]])
    ):
        return _sound(targets)
    if isinstance(targets, pd.DataFrame | pd.Series | Mapping) or _is_pairs(targets):
        if not len(targets):
            return pd.DataFrame({"year": pd.Series(dtype="int64"), "value": pd.Series(dtype="float64")})
        return _sound(as_history(targets))
    kind = type(targets).__name__
    raise TypeError(f"Targets are a {kind}. Give a table with year and value, or year and value as {{2030: 80.0}}.")


def _sound(targets: pd.DataFrame) -> pd.DataFrame:
    """Return targets that a verdict can be measured against: whole years, finite values."""
    for year, value in zip(targets["year"], targets["value"], strict=True):
        if year != year or int(year) != year or int(year) not in YEARS:
            raise ValueError(f"The target's year {year} is no year. Give one such as {{2030: {value}}}.")
        if isinstance(value, bool | np.bool_ | complex) or not np.isfinite(float(value)) or abs(float(value)) > HUGE:
            raise ValueError(
                f"The target {value} of {int(year)} is no number that can be reached. "
                f"Give one such as {{{int(year)}: 80.0}}."
            )
    return targets
