"""Read delimited text, XLSX workbooks (openpyxl) and old XLS ones (python-calamine, optional) into grids of cells."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import sys
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from dxanalysis.facts.schema import DataError, refuse
from dxanalysis.facts.understand.guards import (
    CONVERSIONS,
    MAX_CELLS,
    children,
    decode,
    detect,
    from_mojibake,
    in_old_font,
    is_unicode,
    open_archive,
    parse_xml,
    read_bytes,
    read_part,
)
from dxanalysis.facts.understand.numbers import percent_sign
from dxanalysis.facts.understand.reading import EMPTY, Cell, Grid

TRIM = "Delete the rows below and the columns beside the figures, and save it again."
LARGE, HEAD = 4_000_000, 100_000  # characters: a larger file is understood from its head and read by columns


@lru_cache(maxsize=65_536)
def _text_cell(text: str) -> Cell:
    """Return the cell of a text; equal texts share one, as most of a large file repeats."""
    return Cell(text) if text else EMPTY


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
            if sheet is None and not _has_rows(rows):
                continue
            merged = _merged_ranges(archive, parts[name], path.name)
            _fill_merged(rows, merged, path.name)
            grids.append(Grid("xlsx", name, *_sheet_notes(rows, merged, links, path.name)))
    return _filled(grids, path.name)


def _filled(grids: list[Grid], file: str) -> list[Grid]:
    """Return the sheets read, of which there must be one."""
    if not grids:
        raise refuse(file, "has no sheet with more than one filled row.", "Name the sheet with the figures.")
    return grids


def _has_rows(rows: list[list[Cell]]) -> bool:
    return sum(any(cell.text for cell in row) for row in rows) > 1


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
            raise refuse(name, f"has more than {MAX_CELLS:,} cells or 10,000 empty rows in one sheet.", TRIM)
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
    return Cell(repr(value), "number", percent_sign(form))


def _date_text(value: dt.date, form: str) -> str:
    """Return a date as its format shows it: a year, a month, or a day."""
    letters = set(re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", form.casefold())) & set("ymd")
    return value.isoformat()[: {frozenset("y"): 4, frozenset("ym"): 7}.get(frozenset(letters), 10)]


_REFERENCE = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')


def _merged_ranges(archive: zipfile.ZipFile, part: str, name: str) -> list[tuple[int, int, int, int]]:
    from openpyxl.utils import range_boundaries

    found = (range_boundaries(text.decode()) for text in _REFERENCE.findall(read_part(archive, part, name)))
    return [(top - 1, left - 1, bottom - 1, right - 1) for left, top, right, bottom in found]


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
        if sheet is not None or _has_rows(rows):
            grids.append(Grid("xls", name, rows, (note, *more)))
    return _filled(grids, path.name)


def _xls_rows(page: Any, file: str) -> list[list[Cell]]:
    if page.total_height * page.total_width > MAX_CELLS:
        raise refuse(file, f"spans {page.total_height:,} rows by {page.total_width:,} columns.", TRIM)
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


def read_csv(path: str | Path) -> Grid:
    """Read a delimited text file: encoding and delimiter are found out and said.

    Raises
    ------
    DataError
        When the file cannot be decoded, or a quotation is never closed.
    """
    path = Path(path)
    text, encoding = decode(read_bytes(path), path.name)
    delimiter = _delimiter(text)
    shown = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}[delimiter]
    notes = (f"Text in {encoding}, columns separated by {shown}.",)
    large = len(text) > LARGE
    head = text[: text.rindex("\n", 0, HEAD)] if large else text
    unsplit = list(_csv_rows(head, delimiter, path.name))
    raw = _split_keys(unsplit)
    raw, more = converted(raw, path.name)
    rows = even([[_text_cell(cell.strip()) for cell in row] for row in raw], path.name)
    widths = tuple(len(row) for row in raw)
    whole = _whole(text, delimiter, path.name, max(map(len, unsplit), default=1)) if large else None
    if whole is not None and whole.iat[0, 0] != (raw[0][0] if raw and raw[0] else ""):
        whole = pd.concat([whole[0].str.split(",", expand=True), whole.iloc[:, 1:]], axis=1, ignore_index=True)
    return Grid("csv", "", rows, (*notes, *more), widths, whole)


def _split_keys(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows of an Eurostat TSV with the keys of its first column ("freq,unit,geo\\TIME_PERIOD") set apart."""
    if not rows or not re.fullmatch(r"\w+(,\w+)*\\\w+", rows[0][0].strip() if rows[0] else ""):
        return rows
    names = rows[0][0].strip().rpartition("\\")[0].split(",")
    keys = [names, *((row[0].split(",") + [""] * len(names))[: len(names)] for row in rows[1:] if row)]
    return [[*key, *row[1:]] for key, row in zip(keys, [row for row in rows if row], strict=True)]


def converted(rows: list[list[str]], file: str) -> tuple[list[list[str]], tuple[str, ...]]:
    """Return rows of texts in Unicode letters, with a note where they stood in an old font encoding.

    Raises
    ------
    DataError
        When UTF-8 was read as Windows-1252 and letters were lost on the way.
    """
    name = detect(text for row in rows for text in row)
    if not name:
        return rows, ()
    convert = CONVERSIONS[name]
    if convert is from_mojibake:
        lost = next((text for row in rows for text in row if not text.isascii() and convert(text) == text), "")
        if lost:
            message = f"is {name}, and letters were lost on the way: {lost[:40]!r} cannot be restored."
            raise refuse(file, message, "Export it again from its source as 'CSV UTF-8'.")
    mixed = any(is_unicode(text) for row in rows for text in row)
    what = "Some cells stood" if mixed else "The text stood"
    note = f"{what} in {name} and {'were' if mixed else 'was'} converted to Unicode: compare a few names with the file."
    return [[text if mixed and not in_old_font(text) else convert(text) for text in row] for row in rows], (note,)


def _whole(text: str, delimiter: str, name: str, width: int) -> pd.DataFrame:
    """Return all cells of a large text file as texts, read by pandas' fast parser."""
    try:
        plain = {"header": None, "index_col": False, "dtype": "str", "keep_default_na": False, "engine": "c"}
        table = pd.read_csv(io.StringIO(text), sep=delimiter, names=range(width), skip_blank_lines=False, **plain)
        return table.fillna("")
    except pd.errors.ParserError as error:
        found = re.search(r"line (\d+), saw (\d+)", str(error))
        row = int(found.group(1)) if found else 0
        message = f"is not a table of one width ({str(error).strip()[:90]})."
        raise refuse(name, message, "Give every line as many cells as the header has.", row=row) from None


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
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from reader
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
        raise refuse(name, f"spans {len(rows):,} rows by {width:,} columns.", TRIM)
    return [row + [EMPTY] * (width - len(row)) for row in rows]
