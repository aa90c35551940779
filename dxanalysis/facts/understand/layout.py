"""Find the table in a sheet: title rows, one or two header rows, key columns, figures wide or long, footnotes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from dxanalysis.facts.names import fold
from dxanalysis.facts.understand.grids import Cell, column_letter
from dxanalysis.facts.understand.periods import bare_number, is_missing, parse_period
from dxanalysis.facts.understand.words import role_of

HEADER_WITHIN = 50
_FOOTERS = ("nguon", "source", "ghi chu", "note", "chu thich")
_LONG_ONLY = {"unit", "status", "note", "source", "definition", "vintage", "qualifier", "month", "quarter"}


@dataclass(frozen=True)
class Column:
    """One column of a sheet: a key (role or dimension), or figures of one period or heading."""

    index: int
    role: str = ""
    period: str = ""
    status: str = ""
    heading: str = ""
    figures: bool = False

    @property
    def name(self) -> str:
        """Name of the dimension a key column gives: its role, its header, or its letter."""
        return self.role or self.heading or f"column {column_letter(self.index)}"


@dataclass(frozen=True)
class Layout:
    """Where a table stands in its sheet.

    Attributes
    ----------
    columns : list of Column
        Key columns and columns of figures; the others are not read.
    first, last : int
        First and last row of the body, counted from 0.
    titles, footers : list of str
        Texts above the header and below the body.
    notes : list of str
        What was understood.
    """

    columns: list[Column]
    first: int
    last: int
    titles: list[str] = field(default_factory=list)
    footers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def key_columns(self) -> list[Column]:
        """Return the columns that say what a row is about."""
        return [column for column in self.columns if not column.figures]

    def figures(self) -> list[Column]:
        """Return the columns that hold figures."""
        return [column for column in self.columns if column.figures]


def is_number(cell: Cell) -> bool:
    """Tell whether a cell holds a figure (with either decimal sign), not a text, a period word or a missing mark."""
    if cell.kind in ("number", "formula", "error"):
        return True
    bare = bare_number(cell.text).lstrip("+-")
    return bare[:1].isdigit() and bare[:1].isascii() and not set(bare) - set("0123456789.,eE+-")


def find_layout(rows: list[list[Cell]]) -> Layout | None:
    """Return where the table stands, or None when no header row is found in the first 50 rows.

    >>> text = "Bảng 1;;\\nTỉnh;2020;2021\\nQuảng Ninh;1,5;2\\nNguồn: Cục Thống kê;;"
    >>> layout = find_layout([[Cell(cell) for cell in line.split(";")] for line in text.splitlines()])
    >>> layout.first, layout.last, layout.titles, [column.period for column in layout.figures()]
    (2, 2, ['Bảng 1'], ['2020', '2021'])
    """
    top = next((i for i in range(min(len(rows), HEADER_WITHIN)) if _is_header(rows, i)), None)
    if top is None:
        return None
    depth = _header_depth(rows, top)
    last = _last_row(rows, top + depth)
    columns, notes = _columns(rows, top, depth, last)
    titles = [_row_text(row) for row in rows[:top] if any(cell.text for cell in row)]
    footers = [_row_text(row) for row in rows[last + 1 :] if any(cell.text for cell in row)]
    if depth > 1:
        notes.insert(0, f"Header in rows {top + 1} to {top + depth}.")
    return Layout(columns, top + depth, last, titles, footers, notes)


def _row_text(row: list[Cell]) -> str:
    return " ".join(dict.fromkeys(cell.text for cell in row if cell.text))


def _texts(row: list[Cell]) -> list[str]:
    return [cell.text for cell in row if cell.text]


def _is_header(rows: list[list[Cell]], i: int) -> bool:
    texts = _texts(rows[i])
    if len(set(texts)) < 2:
        return False
    periods = sum(parse_period(text) is not None for text in texts)
    roles = sum(role_of(text) != "" for text in texts)
    numbers = sum(is_number(cell) and parse_period(cell.text) is None for cell in rows[i] if cell.text)
    if numbers or not (periods >= 2 or roles):
        return False
    if periods >= 2 and not roles and _is_long_row(rows, i):
        return False
    below = rows[i + 1 : i + 4]
    return any(is_number(cell) or (cell.text and is_missing(cell.text)) for row in below for cell in row)


def _is_long_row(rows: list[list[Cell]], i: int) -> bool:
    """Tell whether a row of years is itself data: no word beside the years, and not one year after the other."""
    years = [cell.text for cell in rows[i] if cell.text and parse_period(cell.text)]
    return len(set(years)) < len(years)


def _header_depth(rows: list[list[Cell]], top: int) -> int:
    """Return 2 or 3 when the rows below still belong to the header, else 1."""
    depth = 1
    while depth < 3 and top + depth + 1 < len(rows) and _continues(rows[top], rows[top + depth], rows[top + depth + 1]):
        depth += 1
    return depth


def _continues(head: list[Cell], row: list[Cell], below: list[Cell]) -> bool:
    """Tell whether `row` refines the header `head`: words or periods under it, blank or repeated under its keys."""
    filled = [(h, c) for h, c in zip(head, row, strict=True) if c.text]
    if not filled or any(is_number(c) and parse_period(c.text) is None for _, c in filled):
        return False
    keys = [
        c.text in ("", h.text)
        for h, c in zip(head, row, strict=True)
        if role_of(h.text) in ("area", "indicator", "ordinal")
    ]
    first_key = row[0].text in ("", head[0].text)
    fresh = [c for h, c in filled if c.text != h.text]
    if not all(keys) or not (first_key or keys) or not fresh:
        return False
    figures_below = any(is_number(c) or (c.text and is_missing(c.text)) for c in below)
    return figures_below and not any(is_missing(c.text) for c in fresh) and _is_wide(head, row)


def _is_wide(head: list[Cell], row: list[Cell]) -> bool:
    """Tell whether the header spans columns: a blank or repeated cell in `head` above something new in `row`."""
    spans = [
        c.text
        for i, (h, c) in enumerate(zip(head, row, strict=True))
        if i and c.text and h.text in ("", head[i - 1].text)
    ]
    return bool(spans)


def _last_row(rows: list[list[Cell]], first: int) -> int:
    """Return the last row of the body: below it stand only single texts (footnotes) and "Source: ..." rows."""
    last = first - 1
    for i in range(first, len(rows)):
        if any(cell.text for cell in rows[i]) and not is_label(rows[i]) and not _is_footer(rows[i]):
            last = i
    return last


def is_label(row: list[Cell]) -> bool:
    """Tell whether a row holds one text only (a section name, a footnote, perhaps merged over all columns)."""
    texts = {cell.text for cell in row if cell.text}
    return len(texts) == 1 and not any(is_number(cell) for cell in row if cell.text)


def _is_footer(row: list[Cell]) -> bool:
    first, sign, _ = next((cell.text for cell in row if cell.text), "").partition(":")
    return bool(sign) and fold(first).startswith(_FOOTERS)


def _columns(rows: list[list[Cell]], top: int, depth: int, last: int) -> tuple[list[Column], list[str]]:
    body = rows[top + depth : last + 1]
    labels = _header_labels(rows[top : top + depth])
    found = [_column(i, texts, [row[i] for row in body]) for i, texts in enumerate(labels)]
    plans = [column for column in found if column is not None and column.status == "plan"]
    notes = [f"Column {column_letter(c.index)} is a plan for {c.period}, not a figure: not read." for c in plans]
    found = [column for column in found if column is not None and column not in plans]
    roles = {column.role for column in found}
    if "value" in roles:
        extra = [c for c in found if c.figures and c.role != "value"]
        notes += [f"Column {column_letter(c.index)} '{c.heading or c.period}' is not used." for c in extra]
        found = [c for c in found if c not in extra]
    return _unique_roles(found, notes), notes


def _header_labels(header: list[list[Cell]]) -> list[list[str]]:
    """Return the texts over each column, from the top down; a blank group cell takes its left neighbour's text."""
    width = len(header[0])
    labels: list[list[str]] = [[] for _ in range(width)]
    for depth, row in enumerate(header):
        previous = ""
        for i in range(width):
            text = row[i].text
            deeper = any(below[i].text for below in header[depth + 1 :])
            if not text and deeper and previous and not role_of(previous):
                text = previous
            previous = text or ("" if deeper else previous)
            if text and text not in labels[i]:
                labels[i].append(text)
    return labels


def _column(index: int, labels: list[str], body: list[Cell]) -> Column | None:
    """Return what a column holds, or None for a running number or an empty column."""
    periods = [parsed for parsed in map(parse_period, labels) if parsed]
    words = [text for text in labels if not parse_period(text)]
    heading = " / ".join(text for text in words if role_of(text) != "period" or not periods)
    role = role_of(words[0]) if len(words) == 1 and not periods else ""
    filled = [cell for cell in body if cell.text]
    if role == "ordinal" or (not filled and not periods):
        return None
    if periods:
        return Column(index, period=periods[-1][0], status=periods[-1][1], heading=heading, figures=True)
    if role:
        return Column(index, role=role, heading=heading, figures=role == "value")
    return Column(index, heading=heading, figures=_holds_figures(filled, heading))


def _holds_figures(filled: list[Cell], heading: str) -> bool:
    """Tell whether an unnamed column holds figures: most of what is not a missing mark reads as a number."""
    real = [cell for cell in filled if not is_missing(cell.text)]
    numbers = sum(is_number(cell) for cell in real)
    if not heading:
        years = sum(parse_period(cell.text) is not None for cell in real)
        return bool(real) and numbers / len(real) > 0.5 and years < len(real)
    return not real or numbers / len(real) > 0.5


def _unique_roles(columns: list[Column], notes: list[str]) -> list[Column]:
    """Keep one column per role; a second one keeps its header as its name."""
    counts = Counter(column.role for column in columns if column.role)
    kept, seen = [], set()
    for column in columns:
        if counts[column.role] > 1 and column.role in seen and column.role != "":
            notes.append(f"Column {column_letter(column.index)} '{column.heading}' names the {column.role} again.")
            column = Column(column.index, heading=f"{column.heading} ({column_letter(column.index)})")
        seen.add(column.role)
        kept.append(column)
    return kept
