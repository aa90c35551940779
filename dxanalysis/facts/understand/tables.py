"""Read a user's own table (CSV, XLSX, XLS; wide or long) into figures with their dimensions."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from dxanalysis.facts.names import fold
from dxanalysis.facts.records import Problem
from dxanalysis.facts.understand.grids import Cell, Grid, column_letter, read_csv, read_xls, read_xlsx
from dxanalysis.facts.understand.guards import readable, refuse
from dxanalysis.facts.understand.layout import Column, Layout, find_layout, is_label
from dxanalysis.facts.understand.periods import (
    MISSING_MARKS,
    decimal_signs,
    is_ambiguous,
    is_missing,
    parse_number,
    parse_period,
)
from dxanalysis.facts.understand.reading import CELL_COLUMNS, Reading
from dxanalysis.facts.understand.words import unit_in_brackets

MAX_PROBLEMS = 1_000


def read_table(path: str | Path, *, sheet: str | None = None, decimal: str | None = None) -> Reading:
    """Read a table as people make them: title rows, Vietnamese headers, decimal comma, missing marks, wide or long.

    Parameters
    ----------
    path : path
        A .csv, .tsv, .txt, .xlsx or .xls file.
    sheet : str, optional
        Sheet of a workbook.
    decimal : "," or ".", optional
        Decimal sign of printed numbers. It is found out where the file proves it; a file in which every number could
        be read both ways ("1.452") asks for it (`questions` holds "decimal").

    Raises
    ------
    DataError
        When the file as a whole cannot be read, or no header row is found.
    """
    path = readable(path)
    with path.open("rb") as stream:
        first = stream.read(4)
    if first == b"PK\x03\x04":  # what the file is, not what its name says
        grid = read_xlsx(path, sheet)
    elif first == b"\xd0\xcf\x11\xe0":
        grid = read_xls(path, sheet)
    else:
        grid = read_csv(path)
    return read_grid(grid, path.name, decimal)


def read_grid(grid: Grid, name: str, decimal: str | None = None) -> Reading:
    """Read the table in a grid (see `read_table`)."""
    layout = find_layout(grid.rows)
    if layout is None or not layout.figures():
        cure = "Give it a header row with names such as 'Tỉnh', 'Năm', 'Giá trị', or years across."
        raise refuse(name, "shows no header row with figures below it in its first 50 rows.", cure)
    sign, questions = _decimal(grid.rows, layout, decimal)
    cells, problems = _melt(grid.rows, layout, sign, name)
    if cells.empty:
        raise refuse(name, "holds no figure below its header row.", "Fill in the columns of figures.")
    dimensions = tuple(column for column in cells.columns if column not in CELL_COLUMNS)
    roles = {column.name: column.role for column in layout.key_columns() if column.role} | {"period": "period"}
    return Reading(
        kind=grid.kind,
        cells=cells,
        dimensions=dimensions,
        roles={name: role for name, role in roles.items() if name in dimensions},
        title=_title(layout),
        unit=_unit(layout),
        source=_after(layout.footers, ("nguon", "source")),
        notes=(*grid.notes, *layout.notes, *_number_notes(cells, sign, questions)),
        problems=tuple(problems),
        questions=questions,
    )


def _decimal(rows: list[list[Cell]], layout: Layout, decimal: str | None) -> tuple[str, tuple[str, ...]]:
    texts = [
        row[column.index].text
        for row in rows[layout.first : layout.last + 1]
        for column in layout.figures()
        if row[column.index].kind == "text"
    ]
    proven = decimal_signs(texts)
    if decimal in (",", "."):
        return decimal, ()
    if proven:
        # In a mixed file the majority decides how the rest is reported; every other cell becomes a problem.
        return max(sorted(proven), key=lambda sign: sum(decimal_signs([text]) == {sign} for text in texts)), ()
    return ",", ("decimal",) if any(map(is_ambiguous, texts)) else ()


def _melt(rows: list[list[Cell]], layout: Layout, sign: str, name: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Turn the body into one row per figure, with the problems of single cells."""
    records, problems, faults = [], [], 0
    keys, figures = layout.key_columns(), layout.figures()
    headings = any(column.heading and column.role != "value" for column in figures)
    for i in range(layout.first, layout.last + 1):
        row = rows[i]
        if not any(row[column.index].text for column in figures) or is_label(row) or _repeats_header(row, figures):
            continue
        own = {column.name: row[column.index].text for column in keys}
        for column in figures:
            value, symbol, problem = _figure(row[column.index], sign, name, i + 1, column)
            faults += problem is not None
            problems += [problem] if problem and faults <= MAX_PROBLEMS else []
            record = own | _period_of(own, column) | ({"heading": column.heading} if headings else {})
            record |= {"value": value, "symbol": symbol, "row": i + 1, "column": column_letter(column.index)}
            records.append(record)
    if faults > MAX_PROBLEMS:
        message = f"{faults - MAX_PROBLEMS:,} more cells are no numbers."
        problems.append(Problem(name, 0, "", "", message, "Check which columns hold the figures."))
    return _frame(records, problems, name), problems


def _repeats_header(row: list[Cell], figures: list[Column]) -> bool:
    """Tell whether a row repeats the header, as printed tables do on each page."""
    periods = [column for column in figures if column.period]
    return bool(periods) and all(
        (parse_period(row[column.index].text) or ("",))[0] == column.period for column in periods
    )


def _period_of(own: dict[str, str], column: Column) -> dict[str, str]:
    if column.period:
        return {"period": column.period, "status": column.status}
    parts = [own.get("quarter", "") and f"Q{_digits(own['quarter'])}", own.get("month", "")]
    printed = next((f"{part} {own.get('period', '')}" for part in parts if part), own.get("period", ""))
    if not printed:
        return {}
    period, status = parse_period(printed) or (printed, "")
    return {"period": period} | ({"status": status} if "status" not in own else {})


def _digits(text: str) -> str:
    roman = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
    last = fold(text).split(" ")[-1]
    return roman.get(last, last.removeprefix("q"))


def _figure(cell: Cell, sign: str, name: str, row: int, column: Column) -> tuple[float, str, Problem | None]:
    place = {"file": name, "row": row, "column": column_letter(column.index), "value": cell.text[:80]}
    missing = float("nan")
    if cell.kind == "formula":
        message, cure = "the cell holds a formula; its printed result may be stale.", "Paste it as a value."
        return missing, "", Problem(**place, message=message, cure=cure)
    if cell.kind == "error":
        return missing, "", Problem(**place, message="the cell holds an error.", cure="Correct it or leave it empty.")
    if cell.kind == "number":
        return _number_cell(cell, place)
    if is_missing(cell.text):
        return missing, cell.text, None
    try:
        return parse_number(cell.text, sign), "", None
    except ValueError as error:
        return missing, "", Problem(**place, message=str(error), cure=_number_cure(cell.text, sign))


def _number_cell(cell: Cell, place: dict) -> tuple[float, str, Problem | None]:
    value = float(cell.text)
    if value != value or abs(value) == float("inf"):
        problem = Problem(**place, message="the cell holds no finite number.", cure="Correct it or leave it empty.")
        return float("nan"), "", problem
    # A cell shown as 13.2% holds 0.132: what the user sees is what is meant.
    return (round(value * 100, 10) if cell.percent else value), "", None


def _number_cure(text: str, sign: str) -> str:
    other = "." if sign == "," else ","
    if decimal_signs([text]) == {other}:
        shown = "comma" if sign == "," else "point"
        return f"The rest of the file writes a decimal {shown}: write this number so too."
    if text.startswith("(") and text.endswith(")"):
        return f"Write a negative number as -{text.strip('()')}; move a footnote to a column of notes."
    return "Correct it, or write '…' where the value is not known."


def _frame(records: list[dict], problems: list[Problem], name: str) -> pd.DataFrame:
    table = pd.DataFrame.from_records(records, columns=None if records else CELL_COLUMNS)
    for column in ("status", "period"):
        if column in table:
            table[column] = table[column].fillna("")
    if "status" not in table:
        table["status"] = ""
    if "period" in table:
        _check_periods(table, problems, name)
    table = table.drop(columns=["month", "quarter"], errors="ignore")
    dimensions = [column for column in table.columns if column not in CELL_COLUMNS]
    table[dimensions] = table[dimensions].astype("str")
    return table[[*dimensions, *CELL_COLUMNS]]


def _check_periods(table: pd.DataFrame, problems: list[Problem], name: str) -> None:
    for printed in table["period"].unique():
        if parse_period(str(printed)) is None:
            row = int(table.loc[table["period"] == printed, "row"].iloc[0])
            cure = "Write a year (2023), a quarter (Q1/2023), a month (04/2023) or a day (30/06/2023)."
            problems.append(Problem(name, row, "period", str(printed)[:80], "is no period.", cure))


def _title(layout: Layout) -> str:
    lines = [line for line in layout.titles if not fold(line).startswith(("don vi", "dvt", "unit"))]
    return " ".join(lines)[:300]


def _unit(layout: Layout) -> str:
    headings = [column.heading for column in layout.figures()] if len(layout.figures()) == 1 else []
    return next(filter(None, map(unit_in_brackets, [*reversed(layout.titles), *headings])), "")


def _after(lines: list[str], words: tuple[str, ...]) -> str:
    for line in lines:
        if fold(line).startswith(words):
            return line.partition(":")[2].strip() or line
    return ""


def _number_notes(cells: pd.DataFrame, sign: str, questions: tuple[str, ...]) -> list[str]:
    notes = []
    if not questions:
        notes.append(f"Printed numbers read with a decimal {'comma' if sign == ',' else 'point'}.")
    for mark, count in cells.loc[cells["value"].isna() & (cells["symbol"] != ""), "symbol"].value_counts().items():
        meaning = MISSING_MARKS.get(str(mark), "not available")
        notes.append(f"{count} cells '{mark}' ({meaning}) left out.")
    return notes
