"""What every reader returns: the figures with their dimensions, and what was understood on the way."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from dxanalysis.facts.records import Problem
from dxanalysis.facts.understand.guards import CONTROL, refuse
from dxanalysis.facts.understand.periods import parse_period

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


def without_controls(reading: Reading, file: str) -> Reading:
    """Return a reading whose texts hold nothing that a terminal would obey or that turns the reading direction.

    A text file is looked at as a whole (`guards.decode`); JSON, XML and workbooks can write such characters in escapes.

    Raises
    ------
    DataError
        When a title, a label or a cell holds a control character.
    """
    said = [reading.title, reading.unit, reading.source, reading.updated, *reading.dimensions, *reading.notes]
    labels = [text for words in reading.labels.values() for pair in words.items() for text in pair]
    columns = [*(d for d in reading.dimensions if d in reading.cells), "symbol", "status"]
    cells = (text for column in columns for text in reading.cells[column].unique().tolist())
    for text in itertools.chain(said, labels, cells):
        found = CONTROL.search(str(text))
        if found:
            message = f"holds the control character U+{ord(found.group()):04X} in the text {ascii(text)[:60]}."
            raise refuse(file, message, "Type the text again, without it.")
    return reading


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
