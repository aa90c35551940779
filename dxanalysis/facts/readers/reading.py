"""What every reader returns: the figures with their dimensions, and what was understood on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from dxanalysis.facts.readers.figures import parse_period
from dxanalysis.facts.records import Problem

CELL_COLUMNS = ["value", "symbol", "status", "row", "column"]


@dataclass(frozen=True)
class Reading:
    """A file as read, before anybody has said what its words mean.

    Attributes
    ----------
    kind : str
        "csv", "xlsx", "xls", "px", "json-stat", "sdmx-csv", "sdmx-ml" or "world-bank".
    cells : DataFrame
        One row per figure: the dimensions as text, then value (float, missing = NaN), symbol (the printed mark of a
        missing value), status ("" or a value status), row and column in the file.
    dimensions : tuple of str
        Names of the dimension columns, in the file's order.
    roles : mapping
        Dimension -> "area", "period", "indicator", "unit", "note", ... where the file itself says so.
    labels : mapping
        Dimension -> {code: label} where the file gives codes.
    title, unit, source, updated : str
        As the file says, or "".
    notes : tuple of str
        What was understood, in sentences a user can check.
    problems : tuple of Problem
        Faults of single cells; a file with problems is not imported.
    questions : tuple of str
        Names of answers the reader needs ("decimal").
    """

    kind: str
    cells: pd.DataFrame
    dimensions: tuple[str, ...]
    roles: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    title: str = ""
    unit: str = ""
    source: str = ""
    updated: str = ""
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    questions: tuple[str, ...] = ()


def time_dimension(categories: Mapping[str, Mapping[str, str]], likely: Mapping[str, str]) -> str:
    """Return the first dimension marked as period whose categories all read as periods, or "".

    Parameters
    ----------
    categories : mapping
        Dimension -> {code: label}.
    likely : mapping
        Dimension -> role, as the file states it or its name suggests.

    >>> time_dimension({"n": {"0": "2020", "1": "2021"}, "t": {"a": "b"}}, {"n": "period", "t": "period"})
    'n'
    """
    for dimension, role in likely.items():
        codes = categories[dimension]
        if role == "period" and all(parse_period(label) or parse_period(code) for code, label in codes.items()):
            return dimension
    return ""


def name_periods(cells: pd.DataFrame, dimension: str, codes: Mapping[str, str]) -> pd.DataFrame:
    """Return the cells with the time dimension renamed "period", written as periods, its status words set apart."""
    if not dimension:
        return cells
    parsed = {code: parse_period(label) or parse_period(code) or (code, "") for code, label in codes.items()}
    status = cells[dimension].map({code: status for code, (_, status) in parsed.items()})
    period = cells[dimension].map({code: period for code, (period, _) in parsed.items()})
    cells = cells.assign(**{dimension: period, "status": cells["status"].where(cells["status"] != "", status)})
    return cells.rename(columns={dimension: "period"})
