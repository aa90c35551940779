"""Read a collection form back: the figures an office filled in, with who filled them in and on which day.

`dx report --form` writes it; its last column, hidden, names the indicator of each row.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import zipfile
from pathlib import Path

import pandas as pd

from dxanalysis.facts.catalogue import find_area, find_indicator
from dxanalysis.facts.records import Problem
from dxanalysis.facts.schema import fields
from dxanalysis.facts.understand.answers import Preview
from dxanalysis.facts.understand.grids import Cell
from dxanalysis.facts.understand.guards import refuse
from dxanalysis.facts.understand.numbers import is_ambiguous, parse_number
from dxanalysis.facts.understand.periods import parse_period
from dxanalysis.facts.understand.units import status_id
from dxanalysis.facts.understand.workbooks import read_xlsx, sheet_names

MARK = "dxanalysis form 1"  # opens the hidden column, before the area's id
SHEETS = {"vi": "Biểu thu thập", "en": "Collection form"}
NOTE = "collection form"  # the note of a source that is a filled-in form
OFFICE, PERSON, DAY, HEAD = 2, 3, 4, 6  # rows, counted from 0: who, by whom, when, headings
ANSWER = 3  # column of the answers to who and when
YEARS = 4  # column of the first year
_AFTER_YEARS = 4  # status, leading office, note, hidden column


def is_form(path: str | Path) -> bool:
    """Tell whether a workbook is a collection form, filled in or not."""
    workbook = Path(path).suffix.lower() == ".xlsx" and zipfile.is_zipfile(path)
    return workbook and bool(set(sheet_names(path)) & set(SHEETS.values()))


def read_form(path: str | Path) -> Preview:
    """Read a filled-in form: every figure that is new or differs from the one printed in the form.

    The figures are the area's own reports (definition ``province``; for a nation ``other``), published on the day of
    the form by the office that filled it in.

    Raises
    ------
    DataError
        When the workbook is no form, or its hidden column is gone.
    """
    path = Path(path)
    sheet = next((one for one in sheet_names(path) if one in SHEETS.values()), "")
    if not sheet:
        raise refuse(path.name, f"has no sheet {list(SHEETS.values())}.", "Write one: dx report --form.")
    rows = read_xlsx(path, sheet)[0].rows
    if len(rows) <= HEAD or not rows[0][-1].text.startswith(MARK):
        cure = "Fill in a new one: dx report --form."
        raise refuse(path.name, "has lost the hidden column that names its rows.", cure)
    area = find_area(rows[0][-1].text.removeprefix(MARK).strip())
    office, person, day, problems = _who(rows, path.name)
    source = _source(office, person, day, area.name_vi)
    found: list[dict[str, object]] = []
    for at, row in enumerate(rows[HEAD + 1 :], start=HEAD + 2):
        if row[-1].text:
            found += _figures(row, rows[HEAD], at, path.name, problems)
    table = pd.DataFrame(found, columns=["indicator", "period", "value", "status", "note", "row", "column"])
    definition = "province" if area.parent else "other"
    table = table.assign(area=area.id, definition=definition, vintage=day, source=source["id"], qualifier="=")
    table["unit"] = [find_indicator(str(one)).unit for one in table["indicator"]]
    table = table.reindex(columns=[*fields("observations"), "row", "column"], fill_value="")
    if not found:
        problems.append(Problem(path.name, 0, "", "", "holds no figure that was not held before.", "Fill in a cell."))
    told = f"Collection form of {area.name_en}, filled in by {office or '?'} on {day or '?'}."
    records = {"sources": pd.DataFrame([source])}
    return Preview(path.name, table, (told, f"{len(table)} figures."), {}, tuple(problems), records)


def _who(rows: list[list[Cell]], name: str) -> tuple[str, str, str, list[Problem]]:
    office, person, said = (_answer(rows[at]) for at in (OFFICE, PERSON, DAY))
    day = (parse_period(said) or ("", ""))[0] if said else ""
    problems = []
    if not office:
        message = "does not say which office filled it in."
        problems.append(Problem(name, OFFICE + 1, "", "", message, "Fill in its name."))
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
        cure = "Fill in a day: 05/01/2026."
        problems.append(Problem(name, DAY + 1, "", said, "does not say on which day it was filled in.", cure))
    elif day > dt.date.today().isoformat():
        message = "was filled in on a day that has not come."
        problems.append(Problem(name, DAY + 1, "", said, message, "Correct the day."))
    return office, person, day, problems


def _answer(row: list[Cell]) -> str:
    return row[ANSWER].text.strip() if len(row) > ANSWER else ""


def _source(office: str, person: str, day: str, place: str) -> dict[str, str]:
    mark = hashlib.sha256(f"{office}|{person}|{day}|{place}".encode()).hexdigest()[:8]
    title = f"Biểu thu thập số liệu của {place}" + (f", {person} lập" if person else "")
    return dict.fromkeys(fields("sources"), "") | {
        "id": f"form-{mark}", "publisher": office, "title": title, "published": day, "published_basis": "exact",
        "read": day, "grade": "official", "note": NOTE,
    }


def _figures(row: list[Cell], head: list[Cell], at: int, name: str, problems: list[Problem]) -> list[dict[str, object]]:
    """Return the figures of one row that were typed in: those the form itself had printed stand in its hidden cell."""
    indicator, *held = row[-1].text.split("|")
    printed = dict(one.split("=", 1) for one in held if "=" in one)
    status, note = row[-_AFTER_YEARS].text.strip(), row[-2].text.strip()
    found = []
    for column in range(YEARS, len(row) - _AFTER_YEARS):
        cell, year = row[column], head[column].text
        if not cell.text or cell.text == printed.get(year):
            continue
        value = _value(cell)
        if value is None:
            cure = "Write a number: 12,5; leave the cell empty where there is none."
            problems.append(Problem(name, at, year, cell.text, "holds no number.", cure))
        elif status_id(status) is None:
            problems.append(Problem(name, at, "", status, "names an unknown status.", "Choose one from the list."))
        else:
            about = {"indicator": indicator, "period": year, "status": status_id(status) or "reported"}
            found.append(about | {"value": value, "note": note, "row": at, "column": year})
    return found


def _value(cell: Cell) -> float | None:
    """Return a typed number; one in a cell that Excel shows as a percentage is a part of one."""
    if cell.kind == "number":
        return float(cell.text) * (100 if cell.percent == "scaled" else 1)
    if is_ambiguous(cell.text):  # "1.234" may be a thousand or a fraction
        return None
    for decimal in (",", "."):
        try:
            return parse_number(cell.text, decimal)
        except ValueError:
            continue
    return None
