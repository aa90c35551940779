"""What each column of a table holds: keys, periods, figures; from its headings and from what stands in it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from dxanalysis.facts.names import fold, words_of
from dxanalysis.facts.understand.numbers import is_missing, looks_like_number, unit_in
from dxanalysis.facts.understand.periods import parse_period, parse_periods, period_hint, status_of_words
from dxanalysis.facts.understand.reading import Cell, column_letter
from dxanalysis.facts.understand.roles import role_of

_KEY_ROLES = frozenset(words_of("roles")) - {"period", "value", "ordinal"}  # of columns that say what a row is about
_COMPARED = re.compile(r"(?i)so với|so sánh|compared|tăng|giảm|change|growth|=\s*100|chênh lệch|\b\d{4}\b.*\b\d{4}\b")
_AGAINST = re.compile(r"(?i)\b(?:so(?: sánh)? với|compared (?:to|with))\b")
_PART = re.compile(r"(?i)\b(?:\d{1,2} tháng|tháng|quý|q[1-4]|[1-4]q|\d(?:st|nd|rd|th) quarter|quarter|"
                   r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4})\b")
EARLY = re.compile(r"1[5-8]\d\d(\.0)?")  # years before 1900: only where the column says that it holds years
_SERIAL = range(18_264, 73_051)  # days of a spreadsheet from 1950 to 2099
_WHOLE = re.compile(r"[0-9]{5}(?:\.0)?")  # as such a day is written


@dataclass(frozen=True)
class Column:
    """One column of a sheet: a key (role or dimension), or figures of one period or heading."""

    index: int
    role: str = ""
    period: str = ""
    status: str = ""
    heading: str = ""
    unit: str = ""
    figures: bool = False
    compared: bool = False

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
    header, first, last : int
        First row of the header, first and last row of the body, counted from 0.
    titles, footers : list of str
        Texts above the header and below the body.
    notes : list of str
        What was understood.
    """

    columns: list[Column]
    header: int
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
    return cell.kind != "text" or looks_like_number(cell.text)


def is_label(row: list[Cell]) -> bool:
    """Tell whether a row holds one text only (a section name, a footnote, perhaps merged over all columns)."""
    texts = {cell.text for cell in row if cell.text}
    return len(texts) == 1 and not any(is_number(cell) for cell in row if cell.text)


def find_columns(rows: list[list[Cell]], top: int, first: int, last: int) -> tuple[list[Column], list[str]]:
    """Return the columns of the table in these rows, and what is said of columns that are not read."""
    body = [row for row in rows[first : last + 1] if any(cell.text for cell in row) and not is_label(row)]
    labels = header_labels([row for row in rows[top:first] if not _numbers_columns(row)])
    found = [_column(i, texts, [row[i] for row in body]) for i, texts in enumerate(labels)]
    columns = [column for column in found if column is not None]
    notes = [_note_dropped(i) for i, column in enumerate(found) if column is None and any(row[i].text for row in body)]
    notes = [note for note in notes if note]
    plans = [column for column in columns if column.status == "plan"]
    notes += [f"Column {column_letter(c.index)} is a plan for {c.period}, not a figure: not read." for c in plans]
    columns = [column for column in columns if column not in plans]
    columns = _in_time(columns, body, notes)
    return _unique_roles(columns, notes), notes


def _note_dropped(index: int) -> str:
    return f"Column {column_letter(index)} only counts the rows: not read."


def _numbers_columns(row: list[Cell]) -> bool:
    """Tell whether a header row only numbers the columns ("A | B | 1 | 2 | 3 = 2/1")."""
    texts = [cell.text for cell in row if cell.text]
    numbers = [text for text in texts if re.fullmatch(r"\(?\d{1,2}\)?(\s*=.*)?", text)]
    return len(numbers) > 1 and len(numbers) + sum(len(text) == 1 for text in texts) >= len(texts)


def header_labels(header: list[list[Cell]]) -> list[list[str]]:
    """Return the texts over each column, from the top down; a blank group cell takes its left neighbour's text."""
    width = len(header[0]) if header else 0
    labels: list[list[str]] = [[] for _ in range(width)]
    for depth, row in enumerate(header):
        previous = ""
        for i in range(width):
            text = row[i].text
            deeper = any(below[i].text for below in header[depth + 1 :])
            if (
                not text
                and deeper
                and previous
                and role_of(previous) in ("", "period")
                and status_of_words(previous) is None
            ):
                text = previous
            previous = text or ("" if deeper else previous)
            if text and text not in labels[i]:
                labels[i].append(text)
    return labels


def column_period(labels: list[str]) -> tuple[str, str, list[str]]:
    """Return the period and status that the texts over a column tell together, and the texts that tell neither.

    >>> column_period(["Sơ bộ", "Prel. 2023"]), column_period(["2024", "Quý I"])
    (('2023', 'preliminary', []), ('2024-Q1', '', []))
    >>> column_period(["Doanh thu", "2020"]), column_period(["Năm 2016 so với năm 2015 (%)"])
    (('2020', '', ['Doanh thu']), ('2016', '', ['so với năm 2015 (%)']))
    >>> column_period(["Ước tính tháng 2 năm (Tỷ đồng)", "2017"]), column_period(["Thu 2 tháng cuối", "2017"])
    (('2017-02', 'estimate', ['(Tỷ đồng)']), ('', '', ['Thu 2 tháng cuối', '2017']))
    """
    status = next((found for found in map(status_of_words, labels) if found), "")
    words = [text for text in labels if status_of_words(text) is None]
    against = _against(words)
    if against:
        rest, found = _ending(against[0])
        return (found[0], found[1] or status, [f"{rest} {against[1]}".strip()]) if found else ("", status, words)
    singles = {text: parse_period(text) for text in words}
    dated = [text for text in words if singles[text]]
    for one, other in ((a, b) for a in words for b in words if a != b):
        rest, joined = ("", None) if singles[one] and singles[other] else _ending(f"{one} {other}")
        if joined and len(joined[0]) > 4:
            others = [text for text in words if text not in (one, other)]
            return joined[0], joined[1] or status, [*filter(None, [rest]), *others]
    if dated:
        finest = max(dated, key=lambda text: len(singles[text][0]))
        period, told = singles[finest]
        rest = [text for text in words if text not in dated]
        return ("", status, words) if len(period) == 4 and any(map(_PART.search, rest)) else (
            period, told or status, rest)
    for text in words:
        rest, found = _ending(text)
        if found:
            return found[0], found[1] or status, [*filter(None, [rest]), *(w for w in words if w != text)]
        years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
        plain = not _COMPARED.search(text) and not _PART.search(text)
        if len(years) == 1 and plain and len(labels) < 4 and not unit_in(text).count(years[0]):
            rest = re.sub(r"\s{2,}", " ", text.replace(years[0], " ")).strip(" _-–,.:()") or text
            more = parse_period(years[0] + rest) if re.fullmatch(r"[a-z]", rest) else None
            return years[0], status or (more[1] if more else ""), [rest, *(w for w in words if w != text)]
    return "", status, words


def _against(words: list[str]) -> tuple[str, str] | None:
    """Return what a column compares and with what; None where it does not, or where the years stand beside the words.

    >>> _against(["Tháng 2 năm 2017 so với:", "Kỳ gốc 2014"]), _against(["Tăng so với năm trước (%)", "2021"])
    (('Tháng 2 năm 2017', 'so với: Kỳ gốc 2014'), None)
    """
    whole = " ".join(words)
    match = _AGAINST.search(whole)
    if match is None:
        return None
    before, after = whole[: match.start()].strip(" :,"), whole[match.start() :]
    ends = [len(" ".join(words[: i + 1])) for i in range(len(words))]
    closed = any(not whole[match.end() : end].strip(" :") for end in ends if end >= match.end())  # a cell ends with it
    if not closed and any(map(parse_period, words)) and not re.search(r"(?:19|20)\d\d", before):
        return None
    return before, after


def _ending(text: str) -> tuple[str, tuple[str, str] | None]:
    """Return the words before the part of a year that a text ends with, and that period; units in brackets aside.

    >>> _ending("Ước tính tháng 2 năm 2017 (Tỷ đồng)"), _ending("Nhóm 1 2021")
    (('(Tỷ đồng)', ('2017-02', 'estimate')), ('Nhóm 1 2021', None))
    """
    aside = " ".join(re.findall(r"\([^)]*\)?", text))
    bare = re.sub(r"\s*\([^)]*\)?", " ", text).strip()
    for held, rest in ((text, ""), (bare, aside)):
        if parse_period(held):
            return rest, parse_period(held)
    for match in _PART.finditer(bare):
        found = parse_period(bare[match.start() :])
        if found:
            before, status = _unmarked(bare[: match.start()].strip(" -:,/").split())
            return f"{before} {aside}".strip(), (found[0], found[1] or status)
    return text, None


def _unmarked(words: list[str]) -> tuple[str, str]:
    """Return words without the status they end with, and that status ("Trị giá Ước tính")."""
    for length in (3, 2, 1):
        status = status_of_words(" ".join(words[-length:])) if words[-length:] else None
        if status is not None:
            return " ".join(words[:-length]), status
    return " ".join(words), ""


def _column(index: int, labels: list[str], body: list[Cell]) -> Column | None:
    """Return what a column holds, or None for a running number or an empty column."""
    period, status, words = column_period(labels)
    units = [text for text in words if len(words) > 1 and unit_in(text)]
    unit = next(filter(None, map(unit_in, [*reversed(units), *reversed(words)])), "")
    named = [text for text in words if text not in units and re.search(r"\w", text)] or words
    heading = " / ".join(text for text in named if role_of(text) != "period" or not period)
    role = next(filter(None, map(role_of, [" ".join(labels), *reversed(named)])), "") if not period else ""
    filled = [cell for cell in body if cell.text]
    counted = _counts_rows(filled) and (role == "ordinal" or not heading) and index == 0
    if role == "ordinal" and not counted and heading and filled and not _holds_figures(filled):
        role = ""
    if counted or role == "ordinal" or (not filled and not period):
        return None
    if period:
        compared = _against([text for text in labels if status_of_words(text) is None]) is not None
        about = {"status": status, "heading": heading, "unit": unit, "figures": True}
        return Column(index, period=period, compared=compared, **about)
    if role in _KEY_ROLES or role == "period":
        return Column(index, role=role, heading=heading, unit=unit)
    if role == "value" and filled and not any(is_number(cell) for cell in filled):
        role = ""  # "97.5 [96-98]": a text about the value, whose number stands in another column
    if role == "value":
        return Column(index, role=role, heading=heading, unit=unit, figures=True)
    return Column(index, heading=heading, unit=unit, figures=_holds_figures(filled))


def _counts_rows(filled: list[Cell]) -> bool:
    """Tell whether cells are 0, 1, 2, … or 1, 2, 3, …: a running number or the index of a table of pandas."""
    numbers = [cell.text.removesuffix(".0") for cell in filled]
    start = {"0": 0, "1": 1}.get(numbers[0]) if numbers else None
    return start is not None and numbers == [str(start + i) for i in range(len(numbers))]


def _holds_figures(filled: list[Cell]) -> bool:
    """Tell whether a column holds figures: most of what is not a missing mark reads as a number."""
    real = [cell for cell in filled if not is_missing(cell.text)]
    return not real or sum(is_number(cell) for cell in real) / len(real) > 0.5


def _in_time(columns: list[Column], body: list[list[Cell]], notes: list[str]) -> list[Column]:
    """Return the columns with the one that holds the periods marked, where no period stands in the header."""
    if any(column.figures and column.period for column in columns):
        return _wide(columns, body, notes)
    scores = {column: _time_score(column, columns, [row[column.index] for row in body]) for column in columns}
    best = max(scores, key=scores.__getitem__, default=None)
    if best is None or scores[best] <= 0:
        return _valued([c if c.role != "period" else replace(c, role="") for c in columns], notes)
    found = []
    for column in columns:
        if column is best:
            found.append(replace(column, role="period", figures=False))
        elif scores[column] > 0 and column.role in ("period", "month", "quarter"):
            notes.append(f"Column {column_letter(column.index)} '{column.heading}' tells the time again: not used.")
        elif column.role == "period":
            found.append(replace(column, role=""))
        else:
            found.append(column)
    return _valued(found, notes)


def _time_score(column: Column, columns: list[Column], cells: list[Cell]) -> int:
    """Return how likely a column holds the periods: all its cells must read as periods; its name and place decide."""
    texts = [cell.text for cell in cells if cell.text]
    if not texts or column.role == "value" or (column.role in _KEY_ROLES - {"month", "quarter"}):
        return 0
    named = {"period": 8, "month": 4, "quarter": 4}.get(column.role, 0)
    unique = list(dict.fromkeys(texts))
    held = parse_periods(unique, period_hint(column.heading))
    early = {text for text in unique if column.role == "period" and EARLY.fullmatch(text)}
    share = sum(held[text] is not None or text in early for text in unique) / len(unique)
    serial = named == 8 and all(_WHOLE.fullmatch(text) and int(float(text)) in _SERIAL for text in unique)
    if serial:
        return 7
    if share < (0.5 if named == 8 else 1.0):
        return 0
    if column.role == "period":
        return 8 + (share == 1.0)
    if named:  # "Tháng" with 2025-02 in it; a bare number of a month needs its year from another column
        return named if all(held[text] and len(held[text][0]) > 4 for text in unique) else 0
    whole = all(re.fullmatch(r"(19|20)\d\d(\.0)?", text) for text in unique)
    others = [c for c in columns if c is not column and (c.figures or c.role == "value")]
    if whole and (column.figures or any(cell.kind == "number" for cell in cells)):
        unaccented = fold(column.heading) in ("nam", "") or not column.heading
        ascii_only = all(c.heading.isascii() for c in columns)
        siblings = {fold(c.heading) for c in columns} & {"nu", "tong so", "total", "female", "male", "chung"}
        if column.heading and fold(column.heading) == "nam" and (siblings or not ascii_only):
            return 0
        rising = len(unique) == len(texts) or sorted(unique) == sorted(set(texts))
        return 3 if others and unaccented and rising else 0
    return 2 if others and not column.figures else 1 if others and not whole else 0


def _wide(columns: list[Column], body: list[list[Cell]], notes: list[str]) -> list[Column]:
    """Return the columns of a table with periods across: figures without a period are left out, and that is said.

    Beside the figures of periods a comparison of two periods is none; where all columns compare, they are the figures.
    """
    plain = any(column.figures and column.period and not column.compared for column in columns)
    columns = [replace(column, period="") if plain and column.compared else column for column in columns]
    kept = []
    for column in columns:
        cells = [row[column.index] for row in body if row[column.index].text]
        if column.figures and not column.period and column.role != "value":
            if column.index == 0 or (cells and all(re.fullmatch(r"0\d+", cell.text) for cell in cells)):
                kept.append(replace(column, figures=False))  # codes, or numbers that name the rows
            else:
                told = f"Column {column_letter(column.index)} '{column.heading[:60]}'"
                why = "compares" if _AGAINST.search(column.heading) else "states no period"
                notes.append(f"{told} {why}: its {len(cells)} figures are left out.")
        elif column.role in ("period", "month", "quarter") and not column.figures:
            kept.append(replace(column, role="", heading=column.heading or column.role))
        else:
            kept.append(column)
    return kept


def _valued(columns: list[Column], notes: list[str]) -> list[Column]:
    """Return the columns of a long table: beside a column named value, other numbers are not figures."""
    values = [c for c in columns if c.role == "value"]
    if not values:
        return columns
    extra = [c for c in columns if c.figures and c.role != "value"]
    notes += [f"Column {column_letter(c.index)} '{c.heading or c.period}' is not used." for c in extra]
    return [c for c in columns if c not in extra]


def _unique_roles(columns: list[Column], notes: list[str]) -> list[Column]:
    """Keep one column per role; a second one keeps its header as its name."""
    counts = Counter(column.role for column in columns if column.role)
    kept: list[Column] = []
    seen: set[str] = set()
    names = Counter(column.heading for column in columns if not column.figures and not column.role)
    for column in columns:
        if column.role and counts[column.role] > 1 and column.role in seen:
            if column.role not in ("attribute", "note"):
                notes.append(f"Column {column_letter(column.index)} '{column.heading}' names the {column.role} again.")
            figures = column.role == "value"
            label = "attribute" if column.role in ("status", "unit", "multiplier", "source", "vintage") else ""
            column = replace(
                column, role=label, heading=f"{column.heading} ({column_letter(column.index)})", figures=figures
            )
        elif not column.figures and not column.role and names[column.heading] > 1:
            column = replace(column, heading=f"{column.heading} ({column_letter(column.index)})".strip())
        seen.add(column.role)
        kept.append(column)
    return kept
