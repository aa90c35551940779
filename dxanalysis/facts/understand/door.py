"""The one door for files and tables: the format is found out, the content matched, and nothing guessed or lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from dxanalysis.facts.names import UnknownName
from dxanalysis.facts.records import DataError
from dxanalysis.facts.understand.answers import ANSWERS, Answers, Preview
from dxanalysis.facts.understand.guards import readable, refuse
from dxanalysis.facts.understand.matching import interpret
from dxanalysis.facts.understand.reading import Question, Reading, Unclear, without_controls
from dxanalysis.facts.understand.template import is_unfilled, read_records, source_in
from dxanalysis.facts.understand.yearly import HISTORY, yearly


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
    new_indicators: pd.DataFrame | None = None,
    **answers: Any,
) -> Preview:
    """Read a file or a table and say what was understood and what is left open; nothing is written, nothing is guessed.

    Parameters
    ----------
    given : path, DataFrame or Series
        CSV, TSV, XLSX, XLS, PX, JSON-stat, SDMX-CSV, SDMX-ML, SDMX-JSON, ``datapackage.json``; or a table of pandas.
    sheet, decimal, language
        See `read`.
    new_indicators : DataFrame, optional
        Records of indicators the catalogue does not hold (see `packing.new_indicator`).
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
    records = {} if new_indicators is None else {"indicators": new_indicators}
    if isinstance(given, pd.DataFrame | pd.Series):
        from dxanalysis.facts.understand.frames import read_frame

        return interpret(read_frame(given, decimal=decimal), "the table", known, records)
    from dxanalysis.facts.understand.form import is_form, read_form

    if is_form(given):
        return read_form(given)
    reading = read(given, sheet=sheet, decimal=decimal, language=language)
    if reading.kind == "xlsx":
        records = read_records(given) | records
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
