"""The one form every table is brought into, a grid of cells each with its kind, from CSV, XLSX and XLS files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from dxanalysis.facts.records import DataError
from dxanalysis.facts.understand.guards import (
    MAX_CELLS,
    children,
    decode,
    open_archive,
    parse_xml,
    read_bytes,
    read_part,
    refuse,
)


class Cell(NamedTuple):
    """One cell: its text (numbers in Python's form, dates in ISO form), its kind, and whether Excel shows it as %."""

    text: str = ""
    kind: str = "text"  # text, number, formula or error
    percent: bool = False


EMPTY = Cell()


@lru_cache(maxsize=65_536)
def _text_cell(text: str) -> Cell:
    """Return the cell of a text; equal texts share one, as most of a large file repeats."""
    return Cell(text) if text else EMPTY


@dataclass(frozen=True)
class Grid:
    """A sheet: rows of cells (all of one width) and what is known of how it was read."""

    kind: str
    sheet: str
    rows: list[list[Cell]]
    notes: tuple[str, ...]


def column_letter(index: int) -> str:
    """Return the letters of a column counted from 0.

    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read_csv(path: str | Path) -> Grid:
    """Read a delimited text file: encoding and delimiter are found out and said.

    Raises
    ------
    DataError
        When the file cannot be decoded, a quotation is never closed, or there are too many cells.
    """
    path = Path(path)
    text, encoding = decode(read_bytes(path), path.name)
    delimiter = _delimiter(text)
    rows = [[_text_cell(cell.strip()) for cell in row] for row in _csv_rows(text, delimiter, path.name)]
    shown = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}[delimiter]
    return Grid("csv", "", even(rows, path.name), (f"Text in {encoding}, columns separated by {shown}.",))


def _delimiter(text: str) -> str:
    """Return the sign that gives most lines the same number (above one) of columns."""
    head = "\n".join(text.splitlines()[:200])

    def score(sign: str) -> tuple[int, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(io.StringIO(head), delimiter=sign) if len(row) > 1)
        except csv.Error:
            return 0, 0
        width, lines = widths.most_common(1)[0] if widths else (0, 0)
        return lines, width

    return max(";\t|,", key=score)


def _csv_rows(text: str, delimiter: str, name: str) -> Iterator[list[str]]:
    cells = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            cells += len(row)
            if cells > MAX_CELLS:
                raise refuse(name, f"has more than {MAX_CELLS:,} cells.", "Split it, or build a store from it.")
            yield row
    except csv.Error as error:
        cure = "Close every quotation mark; if the file ends in the middle, it is truncated: export it again."
        raise refuse(name, f"is not CSV ({error}).", cure, row=reader.line_num) from None


def even(rows: list[list[Cell]], name: str) -> list[list[Cell]]:
    """Return the rows filled up to one width.

    Raises
    ------
    DataError
        When a few far cells would make the grid enormous.
    """
    width = max((len(row) for row in rows), default=0)
    if width * len(rows) > 4 * MAX_CELLS:
        message = f"spans {len(rows):,} rows by {width:,} columns."
        raise refuse(name, message, "Delete the rows below and the columns beside the figures, and save it again.")
    return [row + [EMPTY] * (width - len(row)) for row in rows]


def read_xlsx(path: str | Path, sheet: str | None = None) -> Grid:
    """Read one sheet of an XLSX workbook: merged cells filled, percent formats and formulas marked.

    Parameters
    ----------
    path : path
        The workbook; nothing in it is computed and no link is followed.
    sheet : str, optional
        Name of the sheet; without it the first visible sheet with more than one filled row.

    Raises
    ------
    DataError
        When the archive is damaged or dangerous (see `guards.open_archive`), or has no such sheet.
    """
    path = Path(path)
    with open_archive(path) as archive:
        parts = _sheet_parts(archive, path.name)
        name, rows, notes = _choose_sheet(path, list(parts), sheet)
        merged = _merged_ranges(archive, parts[name], path.name)
    _fill_merged(rows, merged, path.name)
    return Grid("xlsx", name, rows, (*notes, *_merge_note(merged)))


def sheet_names(path: str | Path) -> list[str]:
    """Return the visible sheets of an XLSX workbook."""
    with open_archive(path) as archive:
        return list(_sheet_parts(archive, Path(path).name))


def _merge_note(merged: list[tuple[int, int, int, int]]) -> tuple[str, ...]:
    return (f"{len(merged)} merged ranges filled with their text.",) if merged else ()


def _sheet_parts(archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Return the archive part of each visible sheet, refusing document types in any part that will be parsed."""
    book = parse_xml(read_part(archive, "xl/workbook.xml", name), name)
    links = parse_xml(read_part(archive, "xl/_rels/workbook.xml.rels", name), name)
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    if any(link.get("TargetMode") == "External" for link in links):
        raise refuse(name, "links to something outside the workbook.", "Paste the values into a new workbook.")
    parts = {}
    for group in children(book, "sheets"):
        for sheet in group:
            ids = [value for key, value in sheet.attrib.items() if key.endswith("}id")]
            target = targets.get(ids[0] if ids else "", "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if sheet.get("state", "visible") == "visible" and "worksheets/" in part:
                parts[sheet.get("name", "")] = part
    if not parts:
        raise refuse(name, "has no visible sheet.", "Unhide the sheet with the figures.")
    for part in [*parts.values(), "xl/sharedStrings.xml", "xl/styles.xml"]:
        if part in archive.namelist() and b"<!DOCTYPE" in read_part(archive, part, name):
            raise refuse(name, f"declares a document type in {part}.", "Save it again from a spreadsheet program.")
    return parts


def _choose_sheet(path: Path, names: list[str], sheet: str | None) -> tuple[str, list[list[Cell]], list[str]]:
    if sheet is not None and sheet not in names:
        raise refuse(path.name, f"has no visible sheet '{sheet}'.", f"Sheets: {names[:10]}")
    filled: dict[str, list[list[Cell]]] = {}
    for name in [sheet] if sheet is not None else names:
        rows = _openpyxl_rows(path, name)
        if sheet is not None or sum(any(cell.text for cell in row) for row in rows) > 1:
            filled[name] = rows
            break
    if not filled:
        raise refuse(path.name, "has no sheet with more than one filled row.", "Name the sheet with the figures.")
    name, rows = next(iter(filled.items()))
    others = [other for other in names if other != name]
    notes = [f"Sheet '{name}'; not read: {', '.join(others[:9])}."] if others else [f"Sheet '{name}'."]
    return name, rows, notes


def _openpyxl_rows(path: Path, sheet: str) -> list[list[Cell]]:
    import openpyxl

    with warnings.catch_warnings(), path.open("rb") as stream:
        warnings.simplefilter("ignore")  # openpyxl warns of styles and validations it does not keep; only values matter
        try:
            page = openpyxl.load_workbook(stream, read_only=True, data_only=False, keep_links=False)[sheet]
            page.reset_dimensions()  # a wrong stated size would cut the sheet off
            return even(list(_counted(page.iter_rows(), path.name)), path.name)
        except (DataError, MemoryError, RecursionError):
            raise
        except Exception as error:  # openpyxl raises a dozen kinds for a damaged workbook
            message = f"sheet '{sheet}' is damaged ({type(error).__name__}: {str(error)[:80]})."
            raise refuse(path.name, message, "Open it in a spreadsheet program and save it again.") from None


def _counted(rows: Iterable[tuple], name: str) -> Iterator[list[Cell]]:
    cells = blank = 0
    for row in rows:
        converted = [_cell(cell) for cell in row]
        while converted and converted[-1] is EMPTY:
            converted.pop()
        cells += max(len(converted), 1)
        blank = 0 if converted else blank + 1
        if cells > MAX_CELLS or blank > 10_000:
            message = f"has more than {MAX_CELLS:,} cells or 10,000 empty rows in one sheet."
            raise refuse(name, message, "Delete the rows below and the columns beside the figures, and save it again.")
        yield converted


def _cell(cell: object) -> Cell:
    value = getattr(cell, "value", None)
    if value is None:
        return EMPTY
    kind = getattr(cell, "data_type", "s")
    if kind == "f":
        return Cell(str(getattr(value, "text", value))[:200], "formula")
    if kind == "e":
        return Cell(str(value), "error")
    if isinstance(value, (dt.datetime, dt.date)):
        return Cell(value.isoformat()[:10])
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return Cell(" ".join(str(value).split()))
    return Cell(repr(value), "number", "%" in (getattr(cell, "number_format", "") or ""))


_REFERENCE = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


def _merged_ranges(archive: zipfile.ZipFile, part: str, name: str) -> list[tuple[int, int, int, int]]:
    found = _REFERENCE.findall(read_part(archive, part, name))
    return [(int(a) - 1, _index(left), int(b) - 1, _index(right)) for left, a, right, b in found]


def _index(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _fill_merged(rows: list[list[Cell]], merged: list[tuple[int, int, int, int]], name: str) -> None:
    """Write the text of each merged range into all its cells (a merged number stays single: it is one figure)."""
    width = max((len(row) for row in rows), default=0)
    inside = [(m[0], m[1], min(m[2] + 1, len(rows)), min(m[3] + 1, width)) for m in merged]
    if sum(max(bottom - top, 0) * max(right - left, 0) for top, left, bottom, right in inside) > MAX_CELLS:
        raise refuse(name, f"merges more than {MAX_CELLS:,} cells.", "Undo the merging, and save it again.")
    for top, left, bottom, right in inside:
        if top >= len(rows) or left >= width or rows[top][left].kind != "text":
            continue
        for row in rows[top:bottom]:
            for column in range(left, right):
                row[column] = rows[top][left]


def read_xls(path: str | Path, sheet: str | None = None) -> Grid:
    """Read a sheet of an old XLS workbook through the optional package python-calamine.

    Raises
    ------
    DataError
        When python-calamine is not installed, or the workbook is damaged or has no such sheet.
    """
    path = Path(path)
    data = read_bytes(path)
    try:
        import python_calamine
    except ImportError:
        cure = "Save it as .xlsx in a spreadsheet program, or: python -m pip install python-calamine"
        raise refuse(path.name, "is an old .xls workbook, which needs python-calamine.", cure) from None
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        name = _xls_sheet(book.sheet_names, sheet, path.name)
        rows = _xls_rows(book.get_sheet_by_name(name), path.name)
    except (DataError, KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:  # a damaged workbook makes calamine panic, which is no Exception
        message = f"is a damaged workbook ({type(error).__name__}: {str(error)[:80]})."
        raise refuse(path.name, message, "Save it again as .xlsx.") from None
    note = f"Sheet '{name}'; formulas of an .xls workbook cannot be told from figures: check them."
    return Grid("xls", name, even(rows, path.name), (note,))


def _xls_sheet(names: list[str], sheet: str | None, file: str) -> str:
    if not names or (sheet is not None and sheet not in names):
        raise refuse(file, f"has no sheet '{sheet or ''}'.", f"Sheets: {names[:10]}")
    return sheet or names[0]


def _xls_rows(page: Any, file: str) -> list[list[Cell]]:
    if page.total_height * page.total_width > MAX_CELLS:
        message = f"spans {page.total_height:,} rows by {page.total_width:,} columns."
        raise refuse(file, message, "Delete the rows below and the columns beside the figures, and save it again.")
    # Empty rows at the top are kept: rows are named as the user counts them.
    return [[_plain(value) for value in row] for row in page.to_python(skip_empty_area=False)]


def _plain(value: object) -> Cell:
    if isinstance(value, (dt.datetime, dt.date)):
        return Cell(value.isoformat()[:10])
    if isinstance(value, float) and value.is_integer():
        return Cell(str(int(value)), "number")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Cell(repr(value), "number")
    return Cell(" ".join(str(value).split())) if value not in (None, "") else EMPTY
