"""Tables, series and mappings that a user gives to the verbs, brought into the form of a history and of targets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields

import pandas as pd

from dxanalysis.facts.caveats import kind_of_unit
from dxanalysis.facts.names import slug
from dxanalysis.facts.records import Area, Indicator

Targets = pd.DataFrame | pd.Series | Mapping[int, float]
About = str | Indicator | None
_YEAR = re.compile(r"(?:19|20)\d\d")


def measure(
    title: str, *, title_en: str = "", unit: str = "percent", direction: int = 1, lower: float | None = 0.0,
    upper: float | None = None, decimals: int = 1,
) -> Indicator:  # fmt: skip
    """Describe what a table of your own measures.

    Parameters
    ----------
    title, title_en : str
        Name in Vietnamese and in English (the same where it is left out).
    unit : str
        "percent" (bounded by 100 unless `upper` says otherwise) or a word printed after the values.
    direction : int
        +1 higher is better, -1 lower is better, 0 neither.
    lower, upper : float, optional
        Natural bounds.
    decimals : int
        Decimals printed.

    Examples
    --------
    >>> measure("Hồ sơ trực tuyến", title_en="Online files").bounds
    (0.0, 100.0)
    >>> measure("Thời gian xử lý", unit="ngày", direction=-1).bounds
    (0.0, None)
    """
    if direction not in (-1, 0, 1):
        raise ValueError(f"Direction {direction!r} is none. +1: higher is better, -1: lower is better, 0: neither.")
    english = title_en or title
    known = {"id": slug(title).replace("-", "_") or "own", "unit": unit, "direction": direction, "lower": lower}
    known |= {"title_vi": title, "short_vi": title, "title_en": english, "short_en": english, "decimals": decimals}
    known |= {"unit_vi": "%" if unit == "percent" else unit, "unit_en": "%" if unit == "percent" else unit}
    known |= {"upper": 100.0 if unit == "percent" and upper is None else upper, "merge": "none"}
    known |= {"kind": kind_of_unit(unit), "out_of": None}
    return Indicator(**{field.name: known.get(field.name, "") for field in fields(Indicator)})


def place(name: str, *, name_en: str = "") -> Area:
    """Name the place or the organisation a table of your own is about.

    >>> place("Phường Hồng Gai").id
    'phuong-hong-gai'
    """
    known = {"id": slug(name) or "own", "name_vi": name, "name_en": name_en or name, "level": "own"}
    return Area(**{field.name: known.get(field.name, "") for field in fields(Area)})


def as_history(history: pd.DataFrame | pd.Series) -> pd.DataFrame:
    """Return a history that has what every verb needs, or say how to get it.

    A Series of values over years is a history, and so is a table with the years as its index.

    Examples
    --------
    >>> as_history(pd.Series({2022: 47.5, 2023: 52.0})).values.tolist()
    [[2022.0, 47.5], [2023.0, 52.0]]
    >>> as_history(pd.DataFrame({"area": ["a", "b"], "2022": [1.0, 2.0], "2023": [2.0, 3.0]}))
    Traceback (most recent call last):
    ValueError: The history is wide: its columns 2022, 2023 are years. Make it long: table.melt(id_vars=['area'], \
var_name='year', value_name='value').astype({'year': int})
    """
    if isinstance(history, pd.Series):
        history = history.rename("value").rename_axis("year").reset_index()
    if not isinstance(history, pd.DataFrame):
        kind = type(history).__name__
        raise TypeError(f"The history is a {kind}. Give a table with year and value, such as dx.history(...).")
    if history.index.name == "year" and "year" not in history.columns:
        history = history.reset_index()
    _refuse_wide(history)
    for column in ("year", "value"):
        if column not in history.columns:
            raise ValueError(_missing(history, column))
        if not pd.api.types.is_numeric_dtype(history[column]) and len(history):
            raise ValueError(_not_a_number(history, column))
    return history


def _missing(table: pd.DataFrame, column: str) -> str:
    held = [str(name) for name in table.columns]
    other = next((name for name in held if name not in ("year", "value")), None)
    cure = (
        f"Rename: table.rename(columns={{{other!r}: {column!r}}})" if other else f"Add it: table.assign({column}=...)"
    )
    return f"The history has the columns {held} and no {column!r}. {cure}"


def _refuse_wide(table: pd.DataFrame) -> None:
    """Refuse a sheet whose columns are years."""
    years = [name for name in table.columns if _YEAR.fullmatch(str(name))]
    if len(years) > 1 and "year" not in table.columns:
        others = [name for name in table.columns if name not in years]
        cure = f"table.melt(id_vars={others}, var_name='year', value_name='value').astype({{'year': int}})"
        shown = ", ".join(str(year) for year in years[:10])
        raise ValueError(f"The history is wide: its columns {shown} are years. Make it long: {cure}")


def _not_a_number(table: pd.DataFrame, column: str) -> str:
    first = table[column].iloc[0]
    if pd.api.types.is_datetime64_any_dtype(table[column]):
        return (
            f"The column {column!r} holds days, such as {first:%Y-%m-%d}. Take their years: table[{column!r}].dt.year"
        )
    cure = f"table.assign({column}=pd.to_numeric(table[{column!r}].str.replace(',', '.')))"
    return f"The column {column!r} holds text, such as {first!r}. Make numbers of it: {cure}"


def as_targets(targets: Targets) -> pd.DataFrame:
    """Return targets as a table; ``{2030: 80.0}`` is one, too.

    >>> as_targets({2030: 80.0}).values.tolist()
    [[2030.0, 80.0]]
    """
    if isinstance(targets, pd.DataFrame):
        return targets
    if isinstance(targets, Mapping | pd.Series):
        targets = dict(targets.items())
        return pd.DataFrame({"year": pd.Series(list(targets), dtype="int64"),
                             "value": pd.Series(list(targets.values()), dtype="float64")})  # fmt: skip
    kind = type(targets).__name__
    raise TypeError(f"Targets are a {kind}. Give a table with year and value, or year and value as {{2030: 80.0}}.")
