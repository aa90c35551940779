"""The one form every table is brought into, a grid of cells each with its kind; and the reading of CSV."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from dxanalysis.facts.understand.guards import (
    CONVERSIONS,
    MAX_CELLS,
    decode,
    detect,
    from_mojibake,
    in_old_font,
    is_unicode,
    read_bytes,
    refuse,
)

LARGE, HEAD = 4_000_000, 100_000  # characters: a larger file is understood from its head and read by columns


class Cell(NamedTuple):
    """One cell: its text (numbers in Python's form, dates in ISO form), its kind, and the percent sign it shows."""

    text: str = ""
    kind: str = "text"  # text, number, formula or error
    percent: str = ""  # "scaled": 0.123 is shown as 12.3 %; "printed": 12.3 is shown with a literal %


EMPTY = Cell()


@lru_cache(maxsize=65_536)
def _text_cell(text: str) -> Cell:
    """Return the cell of a text; equal texts share one, as most of a large file repeats."""
    return Cell(text) if text else EMPTY


@dataclass(frozen=True)
class Grid:
    """A sheet: rows of cells (all of one width) and what is known of how it was read.

    ``widths`` holds the number of cells each line of a text file really had; ``whole`` is the table of texts of a large
    file, of which ``rows`` are only the head.
    """

    kind: str
    sheet: str
    rows: list[list[Cell]]
    notes: tuple[str, ...]
    widths: tuple[int, ...] = ()
    whole: pd.DataFrame | None = None


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
        table = pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            header=None,
            names=range(width),
            index_col=False,
            dtype="str",
            keep_default_na=False,
            skip_blank_lines=False,
            engine="c",
        )
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
        message = f"spans {len(rows):,} rows by {width:,} columns."
        raise refuse(name, message, "Delete the rows below and the columns beside the figures, and save it again.")
    return [row + [EMPTY] * (width - len(row)) for row in rows]
