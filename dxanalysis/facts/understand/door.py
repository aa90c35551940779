"""The one door for files and tables: the format is found out, the content matched, and nothing guessed or lost.

A collection form that `dx report --form` wrote comes back here too, with who filled it in and on which day; its last
column, hidden, names the indicator of each row.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd

from dxanalysis.facts.catalogue import find_area, find_indicator
from dxanalysis.facts.names import UnknownName
from dxanalysis.facts.records import FORM, Indicator
from dxanalysis.facts.schema import DataError, Problem, fields, refuse
from dxanalysis.facts.understand import template as layout
from dxanalysis.facts.understand.answers import ANSWERS, Answers, Preview
from dxanalysis.facts.understand.guards import readable
from dxanalysis.facts.understand.matching import interpret
from dxanalysis.facts.understand.measuring import HISTORY, yearly
from dxanalysis.facts.understand.numbers import is_ambiguous, is_missing, parse_number, status_id
from dxanalysis.facts.understand.periods import parse_period
from dxanalysis.facts.understand.reading import Cell, Question, Reading, Unclear, column_letter, without_controls
from dxanalysis.facts.understand.template import is_unfilled, read_records, source_in
from dxanalysis.facts.understand.workbooks import read_xlsx, sheet_names

_AFTER_YEARS = 4  # status, leading office, note, hidden column


def is_form(path: str | Path) -> bool:
    """Tell whether a workbook is a collection form, filled in or not."""
    workbook = Path(path).suffix.lower() == ".xlsx" and zipfile.is_zipfile(path)
    return workbook and bool(set(sheet_names(path)) & set(layout.SHEETS.values()))


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
    sheet = next((one for one in sheet_names(path) if one in layout.SHEETS.values()), "")
    if not sheet:
        raise refuse(path.name, f"has no sheet {list(layout.SHEETS.values())}.", "Write one: dx report --form.")
    rows = read_xlsx(path, sheet)[0].rows
    if len(rows) <= layout.HEAD or not rows[0][-1].text.startswith(layout.MARK):
        cure = "Fill in a new one: dx report --form."
        raise refuse(path.name, "has lost the hidden column that names its rows.", cure)
    area = find_area(rows[0][-1].text.removeprefix(layout.MARK).strip())
    office, person, day, problems = _who(rows, path.name)
    source = _source(office, person, day, area.name_vi)
    found: list[dict[str, object]] = []
    for at, row in enumerate(rows[layout.HEAD + 1 :], start=layout.HEAD + 2):
        if row[-1].text:
            found += _figures(row, rows[layout.HEAD], at, path.name, problems)
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
    office, person, said = (_answer(rows[at]) for at in (layout.OFFICE, layout.PERSON, layout.DAY))
    day = (parse_period(said) or ("", ""))[0] if said else ""
    problems = []
    if not office:
        message = "does not say which office filled it in."
        problems.append(Problem(name, layout.OFFICE + 1, "", "", message, "Fill in its name."))
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
        cure = "Fill in a day: 05/01/2026."
        problems.append(Problem(name, layout.DAY + 1, "", said, "does not say on which day it was filled in.", cure))
    elif day > dt.date.today().isoformat():
        message = "was filled in on a day that has not come."
        problems.append(Problem(name, layout.DAY + 1, "", said, message, "Correct the day."))
    return office, person, day, problems


def _answer(row: list[Cell]) -> str:
    return row[layout.ANSWER].text.strip() if len(row) > layout.ANSWER else ""


def _source(office: str, person: str, day: str, place: str) -> dict[str, str]:
    mark = hashlib.sha256(f"{office}|{person}|{day}|{place}".encode()).hexdigest()[:8]
    title = f"Biểu thu thập số liệu của {place}" + (f", {person} lập" if person else "")
    return dict.fromkeys(fields("sources"), "") | {
        "id": f"form-{mark}", "publisher": office, "title": title, "published": day, "published_basis": "exact",
        "read": day, "grade": "official", "note": FORM,
    }


def _figures(row: list[Cell], head: list[Cell], at: int, name: str, problems: list[Problem]) -> list[dict[str, object]]:
    """Return the figures of one row that were typed in: those the form itself had printed stand in its hidden cell.

    A mark of a missing figure ("x", "-", "chưa có") is an empty cell.
    """
    indicator, *held = row[-1].text.split("|")
    printed = dict(one.split("=", 1) for one in held if "=" in one)
    status, note = row[-_AFTER_YEARS].text.strip(), row[-2].text.strip()
    found = []
    for column in range(layout.YEARS, len(row) - _AFTER_YEARS):
        cell, year = row[column], head[column].text
        if is_missing(cell.text) or cell.text == printed.get(year):
            continue
        value = _value(cell)
        if fault := _fault(cell.text, value, find_indicator(indicator)):
            problems.append(Problem(name, at, f"{column_letter(column)} ({year})", cell.text, *fault))
        elif status_id(status) is None:
            problems.append(Problem(name, at, "", status, "names an unknown status.", "Choose one from the list."))
        else:
            about = {"indicator": indicator, "period": year, "status": status_id(status) or "reported"}
            found.append(about | {"value": value, "note": note, "row": at, "column": year})
    return found


def _fault(text: str, value: float | None, indicator: Indicator) -> tuple[str, str] | None:
    """Return what is wrong with a typed figure, and the cure; nothing for one that can be taken."""
    unit = " / ".join(dict.fromkeys((indicator.unit_vi, indicator.unit_en)))
    if value is None and is_ambiguous(text):
        return "may be a thousand or a fraction.", f"Write {re.sub('[.,]', '', text)} or a decimal comma, in {unit}."
    if value is None:
        return "holds no number.", f"Write a number in {unit} without the unit: 12,5; leave the cell empty for none."
    low, high = (None if edge is None else float(edge) for edge in (indicator.lower, indicator.upper))
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = " ".join(f"{word} {edge:g}" for word, edge in (("from", low), ("to", high)) if edge is not None)
        return f"is outside what {indicator.title_en!r} can be: {bounds}.", f"Write it in {unit}."
    return None


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



def kind_of(path: str | Path) -> str:
    """Return the format of a file: "table" (CSV, XLSX, XLS), "px", "json-stat", "sdmx-csv" or "sdmx-ml"."""
    path = readable(path)
    with path.open("rb") as stream:
        head = stream.read(4000)
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if head[:4] == b"PK\x03\x04" or head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "table"
    if path.suffix.lower() == ".px" or plain.startswith((b"CHARSET=", b"AXIS-VERSION=")):
        return "px"
    if plain.startswith(b"<"):
        return "sdmx-ml"
    if plain.startswith((b"{", b"[")):
        return "json-stat"
    first = plain.split(b"\n", 1)[0].upper()
    structured = first.startswith((b"DATAFLOW", b"STRUCTURE", b'"DATAFLOW', b'"STRUCTURE'))
    return "sdmx-csv" if structured or (b"TIME_PERIOD" in first and b"OBS_VALUE" in first) else "table"


def read(
    path: str | Path, *, sheet: str | None = None, decimal: str | None = None, language: str | None = None
) -> Reading:
    """Read a file in whatever of the known formats it is.

    Parameters
    ----------
    path : path
        CSV, XLSX, XLS, PX, JSON-stat, SDMX-CSV or SDMX-ML.
    sheet : str, optional
        Sheet of a workbook.
    decimal : "," or ".", optional
        Decimal sign of printed numbers, where the file does not prove it.
    language : str, optional
        Language of a PX file in several languages.

    Raises
    ------
    DataError
        When the file as a whole cannot be read.
    """
    reading = _read(path, kind_of(path), sheet=sheet, decimal=decimal, language=language)
    return without_controls(reading, Path(path).name)


def _read(path: str | Path, kind: str, *, sheet: str | None, decimal: str | None, language: str | None) -> Reading:
    if kind == "px":
        from dxanalysis.facts.understand.px import read_px

        return read_px(path, language=language)
    if kind == "json-stat":
        from dxanalysis.facts.understand.jsonstat import read_json

        table = _beside(Path(path), sheet)
        if table is None:
            return read_json(path)
        return _read(table, kind_of(table), sheet=None, decimal=decimal, language=language)
    if kind in ("sdmx-csv", "sdmx-ml"):
        from dxanalysis.facts.understand.sdmx import read_sdmx_csv, read_sdmx_ml

        return read_sdmx_csv(path) if kind == "sdmx-csv" else read_sdmx_ml(path)
    from dxanalysis.facts.understand.tables import read_table

    return read_table(path, sheet=sheet, decimal=decimal)


def _beside(path: Path, resource: str | None) -> Path | None:
    """Return the table a Frictionless ``datapackage.json`` describes and that lies beside it; None for other JSON."""
    try:
        described = json.loads(path.read_text(encoding="utf-8-sig"))
        resources = described["resources"]
        names = {str(one.get("name") or one["path"]): str(one["path"]) for one in resources if "path" in one}
    except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError):
        return None
    folder = path.parent.resolve()
    held = {name: (folder / one).resolve() for name, one in names.items() if "://" not in one}
    held = {name: one for name, one in held.items() if one.is_file() and one.is_relative_to(folder)}
    if resource is not None and resource not in held:
        raise refuse(path.name, f"holds no table '{resource}' beside it.", f"Tables: {list(held)[:10]}")
    if len(held) > 1 and resource is None:
        text = f"the package holds {len(held)} tables: {list(held)[:10]}; which is meant?"
        raise Unclear(path.name, {"sheet": Question(text, answers=tuple(held))})
    return held[resource] if resource else next(iter(held.values()), None)


def understand(
    given: str | Path | pd.DataFrame | pd.Series,
    *,
    sheet: str | None = None,
    decimal: str | None = None,
    language: str | None = None,
    **answers: Any,
) -> Preview:
    """Read a file or a table and say what was understood and what is left open; nothing is written, nothing is guessed.

    Parameters
    ----------
    given : path, DataFrame or Series
        CSV, TSV, XLSX, XLS, PX, JSON-stat, SDMX-CSV, SDMX-ML, SDMX-JSON, ``datapackage.json``; or a table of pandas.
    sheet, decimal, language
        See `read`.
    **answers
        indicator, area, definition, period, unit, scale, where, boundaries, code_list: see `door.Answers`.

    Raises
    ------
    DataError
        When the file as a whole cannot be read.
    TypeError
        For an answer to no question.
    """
    unknown = [name for name in answers if name not in ANSWERS]
    if unknown:
        raise TypeError(f"{unknown[0]!r} answers no question. Answers: sheet, decimal, {', '.join(ANSWERS)}.")
    known = Answers(**{name: value for name, value in answers.items() if value is not None})
    if isinstance(given, pd.DataFrame | pd.Series):
        from dxanalysis.facts.understand.frames import read_frame

        return interpret(read_frame(given, decimal=decimal), "the table", known)
    if is_form(given):
        return read_form(given)
    reading = read(given, sheet=sheet, decimal=decimal, language=language)
    records = read_records(given) if reading.kind == "xlsx" else {}
    return interpret(reading, Path(given).name, known, records)


def read_own(
    given: str | Path | pd.DataFrame | pd.Series,
    *,
    through: int | None = None,
    annual: str | None = None,
    **answers: Any,
) -> pd.DataFrame:
    """Return the annual figures of a researcher's file or table as a history.

    Parameters
    ----------
    given : path, DataFrame or Series
        A filled-in template, or anything `formats.understand` reads.
    through : int, optional
        Last year to return.
    annual : "mean", "sum", "last" or "first", optional
        Rule that makes years of halves, quarters, months or days; without it they are left out, and that is said.
        "last" of a span of two years (2023-24) is its second year, "first" its first.
    **answers
        sheet, decimal, indicator, area, definition, unit, scale, where, period: see `formats.understand`.

    Returns
    -------
    DataFrame
        The history columns, sorted by area and year; empty where a template has not been filled in. What was
        understood, converted and left out stands in ``attrs["notes"]``.

    Raises
    ------
    Unclear
        Where the file leaves a question; its message names the keyword that answers it.
    DataError
        Where the file cannot be read, or a figure breaks sense.
    """
    if not isinstance(given, pd.DataFrame | pd.Series) and is_unfilled(given):
        return pd.DataFrame({name: pd.Series(dtype=_dtype(name)) for name in HISTORY})
    preview = understand(given, **answers)
    preview.refuse_open("source", *(["definition"] if len(preview.table) else []))
    if preview.problems:
        raise DataError(list(preview.problems))
    _refuse_several(preview)
    table, notes = yearly(preview.table, preview.file, annual)
    find = source_in(given if isinstance(given, str | Path) else "")

    def published(name: str) -> str:
        """Return the day of a source; a file may name its sources in words that nobody has described."""
        try:
            return find(name).published if name else ""
        except UnknownName:
            return ""

    table = table.assign(
        year=table["period"].astype("int64"),
        vintage=[row.vintage or published(row.source) for row in table.itertuples()],
    )
    if through is not None and (table["year"] > int(through)).any():
        notes.append(f"{int((table['year'] > int(through)).sum())} figures after {int(through)} left out.")
        table = table[table["year"] <= int(through)]
    if not len(table):
        held = f"{preview.table['period'].min()} to {preview.table['period'].max()}"
        text = f"nothing is left up to {through}: the file holds {held}."
        raise Unclear(preview.file, {"through": Question(text, answers=(str(preview.table["period"].max())[:4],))})
    history = table.sort_values(["area", "year"])[HISTORY].reset_index(drop=True)
    history.attrs["notes"] = (*preview.understood, *notes)
    return history


def _refuse_several(preview: Preview) -> None:
    """Raise where figures of several indicators or definitions are left: they make no one history."""
    for column in ("indicator", "definition"):
        held = sorted(preview.table[column].unique())
        if len(held) > 1:
            text = f"the file holds several {column}s: {held[:10]}."
            raise Unclear(preview.file, {column: Question(text, answers=tuple(held))})


def _dtype(column: str) -> str:
    return {"year": "int64", "value": "float64"}.get(column, "str")
