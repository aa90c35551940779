"""Read the sheets of XLSX workbooks (openpyxl) and of old XLS ones (python-calamine, optional) into grids."""

from __future__ import annotations

import datetime as dt
import io
import re
import sys
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from dxanalysis.facts.records import DataError, refuse
from dxanalysis.facts.understand.guards import MAX_CELLS, children, open_archive, parse_xml, read_bytes, read_part
from dxanalysis.facts.understand.numbers import prints_percent, shown_as_percent
from dxanalysis.facts.understand.reading import EMPTY, Cell, Grid, converted, even


def read_xlsx(path: str | Path, sheet: str | None = None) -> list[Grid]:
    """Read the filled visible sheets of an XLSX workbook: merged cells filled, percent formats and formulas marked.

    Parameters
    ----------
    path : path
        The workbook; nothing in it is computed and no link is followed: the stored values are read.
    sheet : str, optional
        Name of the one sheet to read; without it every visible sheet with more than one filled row is read.

    Raises
    ------
    DataError
        When the archive is damaged or dangerous (see `guards.open_archive`), or has no such sheet.
    """
    path = Path(path)
    grids = []
    with open_archive(path) as archive:
        parts = _sheet_parts(archive, path.name)
        links = any(part.lower().startswith("xl/externallinks/") for part in archive.namelist())
        if sheet is not None and sheet not in parts:
            raise refuse(path.name, f"has no visible sheet '{sheet}'.", f"Sheets: {list(parts)[:10]}")
        chosen = {sheet: parts[sheet]} if sheet is not None else parts
        formulas = any(b"<f" in read_part(archive, part, path.name) for part in chosen.values())
        for name, rows in _openpyxl_rows(path, list(chosen), formulas).items():
            if sheet is None and sum(any(cell.text for cell in row) for row in rows) < 2:
                continue
            merged = _merged_ranges(archive, parts[name], path.name)
            _fill_merged(rows, merged, path.name)
            grids.append(Grid("xlsx", name, *_sheet_notes(rows, merged, links, path.name)))
    if not grids:
        raise refuse(path.name, "has no sheet with more than one filled row.", "Name the sheet with the figures.")
    return grids


def _sheet_notes(
    rows: list[list[Cell]], merged: list[tuple[int, int, int, int]], links: bool, file: str
) -> tuple[list[list[Cell]], tuple[str, ...]]:
    """Return the rows in Unicode letters, and what is said of how a sheet was read."""
    notes = [f"{len(merged)} merged ranges filled with their text."] if merged else []
    computed = sum(cell.kind == "computed" for row in rows for cell in row)
    if computed:
        notes.append(f"{computed} cells hold formulas: their stored results are read, nothing is computed.")
        rows = [[cell._replace(kind="number") if cell.kind == "computed" else cell for cell in row] for row in rows]
    if links:
        notes.append("The workbook links to other workbooks: links are not followed, its stored values are read.")
    texts, more = converted([[cell.text if cell.kind == "text" else "" for cell in row] for row in rows], file)
    if more:
        rows = [[cell._replace(text=text) if text else cell for cell, text in zip(row, line, strict=True)]
                for row, line in zip(rows, texts, strict=True)]
    return rows, (*notes, *more)


def sheet_names(path: str | Path) -> list[str]:
    """Return the visible sheets of an XLSX workbook."""
    with open_archive(path) as archive:
        return list(_sheet_parts(archive, Path(path).name))


def _sheet_parts(archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Return the archive part of each visible sheet, refusing document types in any part that will be parsed."""
    book = parse_xml(read_part(archive, "xl/workbook.xml", name), name)
    links = parse_xml(read_part(archive, "xl/_rels/workbook.xml.rels", name), name)
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
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


def _openpyxl_rows(path: Path, sheets: list[str], formulas: bool) -> dict[str, list[list[Cell]]]:
    """Return the cells of each sheet; where formulas stand, with the results that the last program stored."""
    import openpyxl

    found = {}
    with warnings.catch_warnings(), path.open("rb") as stream, path.open("rb") as again:
        warnings.simplefilter("ignore")  # openpyxl warns of styles and validations it does not keep; only values matter
        sheet = ""
        try:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=False, keep_links=False)
            stored = (
                openpyxl.load_workbook(again, read_only=True, data_only=True, keep_links=False) if formulas else None
            )
            for sheet in sheets:
                pages = [book[sheet], *([stored[sheet]] if stored else [])]
                for page in pages:
                    page.reset_dimensions()  # a wrong stated size would cut the sheet off
                both = zip(*(page.iter_rows() for page in pages), strict=True)
                found[sheet] = even(list(_counted(both, path.name)), path.name)
        except (DataError, MemoryError, RecursionError):
            raise
        except Exception as error:  # openpyxl raises a dozen kinds for a damaged workbook
            message = f"sheet '{sheet}' is damaged ({type(error).__name__}: {str(error)[:80]})."
            raise refuse(path.name, message, "Open it in a spreadsheet program and save it again.") from None
    return found


def _counted(rows: Iterable[tuple], name: str) -> Iterator[list[Cell]]:
    cells = blank = 0
    for row, *stored in rows:
        results = stored[0] if stored else [None] * len(row)
        found = [_cell(cell, result) for cell, result in zip(row, results, strict=False)]
        while found and found[-1] is EMPTY:
            found.pop()
        cells += max(len(found), 1)
        blank = 0 if found else blank + 1
        if cells > MAX_CELLS or blank > 10_000:
            message = f"has more than {MAX_CELLS:,} cells or 10,000 empty rows in one sheet."
            raise refuse(name, message, "Delete the rows below and the columns beside the figures, and save it again.")
        yield found


def _cell(cell: object, stored: object = None) -> Cell:
    value = getattr(cell, "value", None)
    if value is None:
        return EMPTY
    kind = getattr(cell, "data_type", "s")
    if kind == "f":
        result = getattr(stored, "value", None)
        if result is None:
            return Cell(str(getattr(value, "text", value))[:200], "formula")
        if isinstance(result, str) and result.startswith("#"):
            return Cell(result, "error")
        found = _value_cell(result, getattr(cell, "number_format", "") or "")
        return found._replace(kind="computed") if found.kind == "number" else found
    if kind == "e":
        return Cell(str(value), "error")
    return _value_cell(value, getattr(cell, "number_format", "") or "")


def _value_cell(value: object, form: str) -> Cell:
    if isinstance(value, (dt.datetime, dt.date)):
        return Cell(_date_text(value, form))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return Cell(" ".join(str(value).split()))
    percent = "scaled" if shown_as_percent(form) else "printed" if prints_percent(form) else ""
    return Cell(repr(value), "number", percent)


def _date_text(value: dt.date, form: str) -> str:
    """Return a date as its format shows it: a year, a month, or a day."""
    letters = set(re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", form.casefold())) & set("ymd")
    return value.isoformat()[: {frozenset("y"): 4, frozenset("ym"): 7}.get(frozenset(letters), 10)]


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


def read_xls(path: str | Path, sheet: str | None = None) -> list[Grid]:
    """Read the sheets of an old XLS workbook through the optional package python-calamine.

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
        cure = f"Save it as .xlsx in a spreadsheet program, or: {sys.executable} -m pip install python-calamine"
        raise refuse(path.name, "is an old .xls workbook, which needs python-calamine.", cure) from None
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = book.sheet_names
        if not names or (sheet is not None and sheet not in names):
            raise refuse(path.name, f"has no sheet '{sheet or ''}'.", f"Sheets: {names[:10]}")
        pages = {name: _xls_rows(book.get_sheet_by_name(name), path.name) for name in names if sheet in (None, name)}
    except (DataError, KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:  # a damaged workbook makes calamine panic, which is no Exception
        message = f"is a damaged workbook ({type(error).__name__}: {str(error)[:80]})."
        raise refuse(path.name, message, "Save it again as .xlsx.") from None
    note = "Formulas of an .xls workbook cannot be told from figures: check them."
    grids = []
    for name, rows in pages.items():
        rows, more = _sheet_notes(even(rows, path.name), [], False, path.name)
        if sheet is not None or sum(any(cell.text for cell in row) for row in rows) > 1:
            grids.append(Grid("xls", name, rows, (note, *more)))
    if not grids:
        raise refuse(path.name, "has no sheet with more than one filled row.", "Name the sheet with the figures.")
    return grids


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
