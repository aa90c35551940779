"""The one form every table is brought into, a grid of cells each with its kind; and the reading of CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from dxanalysis.facts.readers.guards import MAX_CELLS, decode, read_bytes, refuse


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
