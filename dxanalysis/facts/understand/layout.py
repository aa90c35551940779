"""Find the tables in a sheet: titles, headers of up to eight rows, key columns, figures wide or long, footnotes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise

from dxanalysis.facts.names import fold
from dxanalysis.facts.understand.columns import Layout, find_columns, is_label, is_number
from dxanalysis.facts.understand.numbers import is_missing, unit_in
from dxanalysis.facts.understand.periods import parse_period, status_of_words
from dxanalysis.facts.understand.reading import Cell
from dxanalysis.facts.understand.roles import role_of

MAX_HEADER = 8
_FOOTERS = ("nguon", "source", "ghi chu", "note", "chu thich")


def _kind(cell: Cell) -> str:
    """Return "period", "number", "missing", "text" or "" for what a cell holds; a whole year counts as a period."""
    if not cell.text:
        return ""
    if cell.kind in ("formula", "error"):
        return "number"
    if parse_period(cell.text) is not None:
        return "period"
    if is_number(cell):
        return "number"
    return "missing" if is_missing(cell.text) else "text"


def find_layouts(rows: list[list[Cell]]) -> list[Layout]:
    """Return where the tables stand; none where no header row has figures below it.

    >>> text = "Bảng 1;;\\nTỉnh;2020;2021\\nQuảng Ninh;1,5;2\\nNguồn: Cục Thống kê;;"
    >>> (layout,) = find_layouts([[Cell(cell) for cell in line.split(";")] for line in text.splitlines()])
    >>> layout.first, layout.last, layout.titles, [column.period for column in layout.figures()]
    (2, 2, ['Bảng 1'], ['2020', '2021'])
    """
    kinds = [[_kind(cell) for cell in row] for row in rows]
    found: list[Layout] = []
    start = 0
    while start < len(rows):
        spans = _next_table(rows, kinds, start)
        if spans is None:
            break
        top, first, last, following = spans
        columns, notes = find_columns(rows, top, first, last)
        titles = [_row_text(row) for row in rows[start:top] if any(cell.text for cell in row)]
        footers = [_row_text(row) for row in rows[last + 1 : following] if any(cell.text for cell in row)]
        if first - top > 1:
            notes.insert(0, f"Header in rows {top + 1} to {first}.")
        found.append(Layout(columns, top, first, last, titles[-6:] if found else titles, footers, notes))
        start = last + 1 if following < len(rows) else len(rows)
    return _joined([layout for layout in found if layout.figures()])


def _joined(layouts: list[Layout]) -> list[Layout]:
    """Join tables that repeat one header, as printed tables do on each page."""
    kept: list[Layout] = []
    for layout in layouts:
        if kept and [replace(c) for c in kept[-1].columns] == layout.columns and not _captions(layout.titles):
            kept[-1] = replace(kept[-1], last=layout.last, footers=layout.footers)
        else:
            kept.append(layout)
    return kept


def _captions(titles: list[str]) -> list[str]:
    return [line for line in titles if re.match(r"(?i)\s*(bảng|biểu|table|phụ lục|\d+[.)]?\s+\S)", line)]


def _row_text(row: list[Cell]) -> str:
    return " ".join(dict.fromkeys(cell.text for cell in row if cell.text))


def _next_table(rows: list[list[Cell]], kinds: list[list[str]], start: int) -> tuple[int, int, int, int] | None:
    """Return the top of the header, the first and last row of the body, and where the next table may begin."""
    search = start
    while True:
        body = next((i for i in range(search, len(rows)) if _has_figures(rows[i], kinds[i])), None)
        if body is None:
            body = _body_of_years(rows, kinds, start)
            if body is None:
                return None
        top, first = _header(rows, kinds, start, body)
        if top < first:
            last, following = _body_end(rows, kinds, top, first)
            return top, first, last, following
        if body < search:
            return None
        search = body + 1  # a row of figures without a header above it: a preamble such as "Population; 98 506"


def _has_figures(row: list[Cell], kinds: list[str]) -> bool:
    return "number" in kinds and sum(bool(kind) for kind in kinds) > 1 and not is_label(row)


def _body_of_years(rows: list[list[Cell]], kinds: list[list[str]], start: int) -> int | None:
    """Return the first body row of a table whose figures all look like years (counts of 1900 to 2100)."""
    for i in range(start, len(rows) - 1):
        header = kinds[i]
        named = any(role_of(cell.text) in ("period", "value", "area") for cell in rows[i]) or header.count("period") > 1
        below = next((j for j in range(i + 1, len(rows)) if any(kinds[j])), None)
        if named and below is not None and len(set(map(str, filter(None, header)))) and "number" not in header:
            filled = [kind for kind in kinds[below] if kind]
            if len(filled) > 1 and set(filled) <= {"period", "missing", "text"} and set(filled) & {"period", "missing"}:
                return below
    return None


def _header(rows: list[list[Cell]], kinds: list[list[str]], start: int, body: int) -> tuple[int, int]:
    """Return the first header row and the first body row, walking up from a row that surely is body."""
    first = top = body
    columns = {i for i, kind in enumerate(kinds[body]) if kind in ("number", "missing", "period")}
    j = body - 1
    while j >= start and first - top < MAX_HEADER:
        filled = [i for i, kind in enumerate(kinds[j]) if kind]
        if not filled:
            if top < first:  # a blank line above the header ends it
                break
            j -= 1
            continue
        if top == first and _is_body(rows, kinds, j, start, columns):
            first = top = j
            columns |= {i for i, kind in enumerate(kinds[j]) if kind in ("number", "missing", "period")}
        elif is_label(rows[j]):
            if not _belongs(rows[j], filled, columns, top < first):
                if top < first:
                    break
                first = top = j if top == first and j == first - 1 and first != body else top
                j -= 1
                continue
            top = j
        elif "number" in kinds[j] or (top < first and _is_preamble(kinds, j, columns)):
            break
        else:
            if top == first:
                first = _below(rows, j, first)
            top = j
        j -= 1
    return top, first


def _below(rows: list[list[Cell]], header: int, first: int) -> int:
    """Return the body's first row: section names between the header and the first figures belong to the body."""
    return min(first, header + 1) if any(any(c.text for c in row) for row in rows[header + 1 : first]) else first


def _belongs(row: list[Cell], filled: list[int], columns: set[int], inside: bool) -> bool:
    """Tell whether a row of one text belongs to the header: it stands over figures and is no line of units."""
    text = next(row[i].text for i in filled)
    over = set(filled) <= columns or (len(filled) > 1 and set(filled[1:]) <= columns and min(filled) > 0)
    if not over or 0 in filled:
        return False
    if unit_in(text) and parse_period(text) is None and status_of_words(text) is None and len(filled) < len(columns):
        return False
    return parse_period(text) is not None or status_of_words(text) is not None or len(filled) > 1 or inside


def _is_preamble(kinds: list[list[str]], j: int, columns: set[int]) -> bool:
    """Tell whether a row above a header is none of it, as "Data Source, World Development Indicators" is not."""
    filled = {i for i, kind in enumerate(kinds[j]) if kind}
    return len(filled & columns) * 3 < len(columns) and not any(kinds[j][i] == "period" for i in filled & columns)


def _is_body(rows: list[list[Cell]], kinds: list[list[str]], j: int, start: int, columns: set[int]) -> bool:
    """Tell whether a row without a plain number is body: its years or missing marks stand under words of a header."""
    row, kind = rows[j], kinds[j]
    marks = [i for i in columns if i < len(row) and kind[i] in ("period", "missing")]
    worded = any(kind[i] == "text" and re.search(r"[^\W\d_]{3}", row[i].text) for i in columns if i < len(row))
    if not marks or "number" in kind or worded:
        return False
    if all(kind[i] == "missing" for i in marks):
        return True
    above = next((i for i in range(j - 1, start - 1, -1) if any(kinds[i])), None)
    if above is None or is_label(rows[above]):
        return False
    key = next((i for i, one in enumerate(kind) if one), 0)
    blank_key = (key in marks and key > 0) or row[key].text == rows[above][key].text or role_of(row[key].text) != ""
    under_words = sum(kinds[above][i] == "text" for i in marks) > len(marks) / 2
    years = [row[i].text for i in marks if kind[i] == "period"]
    rising = len(years) > 1 and all(a < b for a, b in pairwise(years))
    return under_words and not blank_key and not (rising and len(years) > 2 and key not in marks)


def _body_end(rows: list[list[Cell]], kinds: list[list[str]], top: int, first: int) -> tuple[int, int]:
    """Return the last row of the body and the row where another table's header begins (or the end)."""
    last, columns = first, set()
    dated: Counter[int] = Counter()  # a row with a period where most rows have one is no header
    read = 0
    header = {tuple(cell.text for cell in row) for row in rows[top:first]}
    for i in range(first, len(rows)):
        kind, row = kinds[i], rows[i]
        if tuple(cell.text for cell in row) in header and _captioned(rows, i):
            return last, i
        if not any(kind) or is_label(row) or _is_footer(row) or tuple(cell.text for cell in row) in header:
            continue
        numbers = {c for c, one in enumerate(kind) if one == "number"}
        periods = {c for c, one in enumerate(kind) if one == "period"}
        in_time = any(dated[c] > read * 0.6 for c in periods)
        if not numbers and columns and not in_time and _opens_table(rows, kinds, i, columns):
            return last, i
        columns |= numbers
        dated.update(periods)
        read += 1
        if numbers or any(one in ("missing", "period") for one in kind):
            last = i
    return last, len(rows)


def _captioned(rows: list[list[Cell]], i: int) -> bool:
    """Tell whether the line above a header is the caption of a table of its own, as "Bảng 2. ..." is."""
    above = next((row for row in reversed(rows[:i]) if any(cell.text for cell in row)), [])
    return is_label(above) and bool(_captions([_row_text(above)]))


def _opens_table(rows: list[list[Cell]], kinds: list[list[str]], i: int, columns: set[int]) -> bool:
    """Tell whether a row is the header of another table: words or periods over columns that held figures."""
    over = [kinds[i][c] for c in columns if c < len(kinds[i]) and kinds[i][c]]
    if over.count("period") + over.count("text") < 1 or (over.count("text") < 2 and over.count("period") < 1):
        return False
    below = next((j for j in range(i + 1, min(i + 9, len(rows))) if "number" in kinds[j]), None)
    return below is not None and "missing" not in over


def _is_footer(row: list[Cell]) -> bool:
    first, sign, _ = next((cell.text for cell in row if cell.text), "").partition(":")
    return bool(sign) and fold(first).startswith(_FOOTERS)
