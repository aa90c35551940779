"""Read a user's own table (CSV, XLSX, XLS, pandas; wide or long) into figures with their dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from dxanalysis.facts.names import fold
from dxanalysis.facts.schema import refuse
from dxanalysis.facts.understand.columns import Layout
from dxanalysis.facts.understand.guards import readable
from dxanalysis.facts.understand.layout import find_layouts
from dxanalysis.facts.understand.melting import Melter
from dxanalysis.facts.understand.numbers import decimal_signs, is_ambiguous, is_missing, parse_number, unit_in
from dxanalysis.facts.understand.reading import CELL_COLUMNS, Cell, Grid, Question, Reading, column_letter
from dxanalysis.facts.understand.workbooks import read_csv, read_xls, read_xlsx

OUTLIER = 10  # a number read with thousands that is so many times the largest sure one is asked about
TEMPLATE_SHEETS = ("Số liệu", "Data")


def read_table(path: str | Path, *, sheet: str | None = None, decimal: str | None = None) -> Reading:
    """Read a table as people make them: title rows, Vietnamese headers, decimal comma, missing marks, wide or long.

    Parameters
    ----------
    path : path
        A .csv, .tsv, .txt, .xlsx or .xls file.
    sheet : str, optional
        Sheet of a workbook; where several hold figures, the question "sheet" lists them.
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
        return read_sheets(read_xlsx(path, sheet), path.name, decimal)
    if first == b"\xd0\xcf\x11\xe0":
        return read_sheets(read_xls(path, sheet), path.name, decimal)
    return read_grid(read_csv(path), path.name, decimal)


def read_sheets(grids: Sequence[Grid], name: str, decimal: str | None = None) -> Reading:
    """Read the one sheet of a workbook that holds figures; several are listed, and the question is which."""
    held = {grid.sheet: find_layouts(grid.rows) for grid in grids}
    filled = [grid for grid in grids if held[grid.sheet]]
    known = [grid for grid in filled if grid.sheet in TEMPLATE_SHEETS and len(grids) > 2]
    chosen = known[0] if known else (filled or list(grids))[0]
    reading = read_grid(chosen, name, decimal, held[chosen.sheet])
    others = [grid.sheet for grid in grids if grid is not chosen]
    notes = [f"Sheet '{chosen.sheet}'" + (f"; not read: {', '.join(others[:9])}." if others else ".")]
    questions = dict(reading.questions)
    if len(filled) > 1 and not known:
        lines = tuple(_described(grid, held[grid.sheet]) for grid in filled)
        notes += [f"Sheet {line}" for line in lines]
        text = f"{len(filled)} sheets hold figures; which is meant? The first is shown."
        questions = {"sheet": Question(text, lines, tuple(grid.sheet for grid in filled)), **questions}
    return replace(reading, notes=(*notes, *reading.notes), questions=questions)


def _described(grid: Grid, layouts: list[Layout]) -> str:
    """Return what a sheet holds in a line: its title, its number of tables, rows and periods."""
    title = _title(layouts[0])[:60]
    periods = sorted({column.period for layout in layouts for column in layout.figures() if column.period})
    rows = sum(layout.last - layout.first + 1 for layout in layouts)
    spans = f", {periods[0]} to {periods[-1]}" if len(periods) > 1 else f", {periods[0]}" if periods else ""
    tables = f"{len(layouts)} tables" if len(layouts) > 1 else "1 table"
    return f"'{grid.sheet}': {title or 'no title'} ({tables}, {rows} rows{spans})"


def read_grid(grid: Grid, name: str, decimal: str | None = None, layouts: list[Layout] | None = None) -> Reading:
    """Read the tables in a grid (see `read_table`)."""
    layouts = find_layouts(grid.rows) if layouts is None else layouts
    if not layouts:
        place = f"sheet '{grid.sheet}' " if grid.sheet else ""
        cure = "Give it a header row with names such as 'Tỉnh', 'Năm', 'Giá trị', or years across."
        raise refuse(name, f"{place}shows no header row with figures below it.", cure)
    sign, questions = _decimal(grid, layouts, decimal)
    melter = Melter(grid, name, sign)
    frames = [melter.melt(layout) for layout in layouts]
    cells = _joined(frames, layouts)
    if not len(cells):
        raise refuse(name, "holds no figure below its header row.", "Fill in the columns of figures.")
    main = layouts[0]
    dimensions = tuple(column for column in cells.columns if column not in CELL_COLUMNS)
    keys = [column for layout in layouts for column in layout.key_columns()]
    roles = {column.name: column.role for column in keys if column.role} | {"period": "period"}
    roles |= {name: name for name in ("unit", "note") if name in dimensions}
    notes = [note for layout in layouts for note in layout.notes]
    return Reading(
        kind=grid.kind,
        cells=cells,
        dimensions=dimensions,
        roles={name: role for name, role in roles.items() if name in dimensions},
        headers={column.name: column.heading for column in keys if column.heading and column.heading != column.name},
        title=_title(main) if len(layouts) == 1 else "",
        unit=_unit(main) if len({_unit(layout) for layout in layouts}) == 1 else "",
        source=_after([line for layout in layouts for line in layout.footers], ("nguon", "source")),
        notes=(*grid.notes, *dict.fromkeys(notes), *melter.notes(cells, questions)),
        problems=tuple(melter.problems),
        questions=questions,
    )


def _joined(frames: list[pd.DataFrame], layouts: list[Layout]) -> pd.DataFrame:
    """Return the figures of all tables; where there are several, the dimension "table" tells them apart."""
    if len(frames) == 1:
        return frames[0]
    titles = [_title(layout) or f"row {layout.header + 1}" for layout in layouts]
    titles = [f"{title} (row {layout.header + 1})" if titles.count(title) > 1 else title
              for title, layout in zip(titles, layouts, strict=True)]
    units = [_unit(layout) for layout in layouts]
    if len(set(units)) > 1:  # what one table counts in is not the unit of the next
        frames = [frame.assign(unit=frame["unit"].where(frame["unit"] != "", unit) if "unit" in frame else unit)
                  for frame, unit in zip(frames, units, strict=True)]
    held = [frame.assign(table=title) for frame, title in zip(frames, titles, strict=True) if len(frame)]
    if not held:
        return frames[0]
    joined = pd.concat(held, ignore_index=True)
    names = [column for column in joined.columns if column not in CELL_COLUMNS]
    joined[names] = joined[names].fillna("").astype("str")
    joined[["symbol", "status"]] = joined[["symbol", "status"]].fillna("").astype("str")
    return joined[[*names, *CELL_COLUMNS]]


def _decimal(grid: Grid, layouts: list[Layout], decimal: str | None) -> tuple[str, dict[str, Question]]:
    """Return the decimal sign of printed numbers, and the question that is left."""
    if decimal not in (None, ",", "."):
        raise ValueError(f"decimal must be ',' or '.'; received {decimal!r}.")
    texts = {
        (i, column.index): grid.rows[i][column.index].text
        for layout in layouts
        for i in range(layout.first, layout.last + 1)
        for column in layout.figures()
        if grid.rows[i][column.index].kind == "text" and grid.rows[i][column.index].text
    }
    if decimal:
        return decimal, {}
    either = {place: text for place, text in texts.items() if is_ambiguous(text)}
    proven = decimal_signs(text for place, text in texts.items() if place not in either)
    # In a mixed file the majority decides how the rest is reported; every other cell becomes a problem.
    sign = (
        max(sorted(proven), key=lambda one: sum(decimal_signs([t]) == {one} for t in texts.values())) if proven else ","
    )
    if not either:
        return sign, {}
    shown = tuple(f"row {i + 1}, column {column_letter(c)}: {text!r}" for (i, c), text in list(either.items())[:5])
    if not proven:
        text = "every number could be read with a decimal comma or point."
        return sign, {"decimal": Question(text, shown, (",", "."))}
    return sign, _outlying(grid, layouts, sign, either, shown)


def _outlying(
    grid: Grid, layouts: list[Layout], sign: str, either: dict[tuple[int, int], str], shown: tuple[str, ...]
) -> dict[str, Question]:
    """Ask where "1.234" beside "12,5" would be a thousand that no other figure comes near."""
    sure = [
        abs(value)
        for layout in layouts
        for i in range(layout.first, layout.last + 1)
        for column in layout.figures()
        if (i, column.index) not in either and (value := _sure(grid.rows[i][column.index], sign)) is not None
    ]
    largest = max(sure, default=0.0)
    wild = [text for text in either.values() if largest and abs(parse_number(text, sign)) > OUTLIER * largest]
    if not wild:
        return {}
    text = f"most numbers have a decimal {'comma' if sign == ',' else 'point'}; {wild[0]!r} would then be a thousand."
    return {"decimal": Question(text, shown, (",", "."))}


def _sure(cell: Cell, sign: str) -> float | None:
    if not cell.text or cell.kind in ("formula", "error") or (cell.kind == "text" and is_missing(cell.text)):
        return None
    try:
        return float(cell.text) if cell.kind == "number" else parse_number(cell.text, sign)
    except ValueError:
        return None


def _title(layout: Layout) -> str:
    lines = [line for line in layout.titles if not _is_unit_line(line)]
    return " ".join(lines)[:300]


def _is_unit_line(line: str) -> bool:
    return fold(line).startswith(("don vi", "dvt", "unit")) or unit_in(line) == line.strip()


def _unit(layout: Layout) -> str:
    """Return the unit of the whole table: of a line above the header, else of its headings where they agree."""
    lines = [unit_in(line) for line in reversed(layout.titles)]
    units = {column.unit for column in layout.figures()}
    return next(filter(None, lines), "") or (next(iter(units)) if len(units) == 1 else "")


def _after(lines: Iterable[str], words: tuple[str, ...]) -> str:
    for line in lines:
        if fold(line).startswith(words):
            return line.partition(":")[2].strip() or line
    return ""
