"""Turn the body of a table into one row per figure: numbers, flags, missing marks, periods, faults of single cells."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import partial

import pandas as pd

from dxanalysis.facts.names import fold
from dxanalysis.facts.schema import Problem
from dxanalysis.facts.understand.columns import EARLY, Column, Layout, is_label
from dxanalysis.facts.understand.numbers import (
    FLAGS,
    decimal_signs,
    is_missing,
    missing_meaning,
    parse_number,
    split_marks,
)
from dxanalysis.facts.understand.periods import parse_periods, period_hint
from dxanalysis.facts.understand.reading import CELL_COLUMNS, Cell, Grid, Question, column_letter

MAX_PROBLEMS = 1_000
EXCEL_EPOCH = dt.date(1899, 12, 30)


@dataclass
class Melter:
    """Turns the body of a table into one row per figure, gathering the faults of single cells."""

    grid: Grid
    name: str
    sign: str

    def __post_init__(self) -> None:
        self.problems: list[Problem] = []
        self.faults = 0
        self.serials = False

    def fault(self, row: int, column: str, value: str, message: str, cure: str) -> None:
        """Note a fault of one cell; after a thousand only their number is kept."""
        self.faults += 1
        if self.faults <= MAX_PROBLEMS:
            place = f"{self.grid.sheet}!{column}" if self.grid.sheet and len(column) < 4 else column
            self.problems.append(Problem(self.name, row, place, value[:80], message, cure))

    def melt(self, layout: Layout) -> pd.DataFrame:
        """Return the figures of one table."""
        if self.grid.whole is not None:
            return self._melt_whole(layout)
        records = []
        keys, figures = layout.key_columns(), layout.figures()
        headings = any(column.heading and column.role != "value" for column in figures)
        units = {column.unit for column in figures}
        section, width = "", self._width(layout)
        for i in range(layout.first, layout.last + 1):
            row = self.grid.rows[i]
            if is_label(row):
                section = next(cell.text for cell in row if cell.text)
                continue
            if not any(row[column.index].text for column in figures) or self._repeats_header(row, layout):
                continue
            if not self._fits(i, width):
                continue
            own = {column.name: row[column.index].text for column in keys} | {"section": section}
            for column in figures:
                value, symbol, flags = self._figure(row[column.index], i + 1, column)
                record = own | ({"period": column.period, "status": column.status} if column.period else {})
                record |= {"heading": column.heading} if headings else {}
                record |= {"unit": column.unit} if len(units) > 1 and "unit" not in own else {}
                record |= {"value": value, "symbol": symbol, "row": i + 1, "column": column_letter(column.index)}
                records.append(record | ({"flags": flags} if flags else {}))
        self._count_faults()
        return self._frame(records, layout)

    def _count_faults(self) -> None:
        if self.faults > MAX_PROBLEMS:
            message = f"{self.faults - MAX_PROBLEMS:,} more cells are no numbers."
            self.problems.append(Problem(self.name, 0, "", "", message, "Check which columns hold the figures."))

    def _width(self, layout: Layout) -> int:
        """Return how many cells a line of this table has; 0 where the file does not say."""
        return max(self.grid.widths[layout.header : layout.first], default=0) if self.grid.widths else 0

    def _fits(self, i: int, width: int) -> bool:
        """Note a line longer or shorter than the header: one more comma and 3,5 would read as 3."""
        own = self.grid.widths[i] if width else width
        filled = max((k + 1 for k, cell in enumerate(self.grid.rows[i]) if cell.text), default=0)
        if own == width or (own > width and filled <= width):
            return True
        cure = "Put a number with a comma, or a text with the separator in it, in quotation marks; fill short lines up."
        text = " ".join(cell.text for cell in self.grid.rows[i] if cell.text)
        self.fault(i + 1, "", text, f"the line has {own} cells where the header has {width}.", cure)
        return False

    def _repeats_header(self, row: list[Cell], layout: Layout) -> bool:
        """Tell whether a row repeats a row of the header, as printed tables do on each page."""
        texts = [row[column.index].text for column in layout.figures()]
        if not any(texts) or all(cell.kind == "number" for cell in row if cell.text):
            return False
        heads = self.grid.rows[layout.header : layout.first]
        return any(texts == [head[column.index].text for column in layout.figures()] for head in heads)

    def _figure(self, cell: Cell, row: int, column: Column) -> tuple[float, str, str]:
        """Return the value of a cell, its symbol ("%", or the mark of a missing value) and its flags."""
        fault = partial(self.fault, row, column_letter(column.index), cell.text)
        missing = float("nan")
        if cell.kind == "formula":
            fault("the cell holds a formula without a stored result.", "Open it in a spreadsheet program and save it.")
        elif cell.kind == "error":
            fault("the cell holds an error.", "Correct it or leave it empty.")
        elif cell.kind == "number":
            value = float(cell.text)
            if value != value or abs(value) == float("inf"):
                fault("the cell holds no finite number.", "Correct it or leave it empty.")
                return missing, "", ""
            # A cell shown as 13.2% holds 0.132: what the user sees is what is meant.
            return (round(value * 100, 10) if cell.percent == "scaled" else value), "%" if cell.percent else "", ""
        elif is_missing(cell.text):
            flags = re.fullmatch(r":\s*([a-z]{1,3})", cell.text)
            return missing, cell.text, flags.group(1) if flags else ""
        else:
            return self._printed(cell.text, fault)
        return missing, "", ""

    def _printed(self, text: str, fault: partial) -> tuple[float, str, str]:
        _, flag, notes = split_marks(text)
        try:
            return parse_number(text, self.sign), "%" if "%" in text else "", flag + notes
        except ValueError as error:
            fault(str(error), _number_cure(text, self.sign))
            return float("nan"), "", ""

    def _frame(self, records: list[dict], layout: Layout) -> pd.DataFrame:
        table = pd.DataFrame.from_records(records, columns=None if records else CELL_COLUMNS)
        return self._finished(table, layout)

    def _finished(self, table: pd.DataFrame, layout: Layout) -> pd.DataFrame:
        if "status" not in table:
            table["status"] = ""
        if "flags" in table:
            _take_flags(table)
        table["status"] = table["status"].fillna("").astype("str")
        if "period" in table or {"month", "quarter"} & set(table.columns):
            table = self._dated(table, layout)
        table = _without_sections(table)
        dimensions = [column for column in table.columns if column not in CELL_COLUMNS]
        table[dimensions] = table[dimensions].fillna("").astype("str")
        return table[[*dimensions, *CELL_COLUMNS]]

    def _dated(self, table: pd.DataFrame, layout: Layout) -> pd.DataFrame:
        """Return the figures with their periods written our way, a month or quarter beside the year joined to it."""
        header = next((c.heading for c in layout.key_columns() if c.role == "period"), "")
        printed = table["period"].fillna("").astype("str") if "period" in table else pd.Series("", index=table.index)
        if all(re.fullmatch(r"[2-7]\d{4}(\.0)?", text) or text == "" for text in printed.unique()) and printed.any():
            self.serials = True
            printed = printed.map(
                lambda text: (EXCEL_EPOCH + dt.timedelta(days=int(float(text)))).isoformat() if text else ""
            )
        joined = printed
        for part, letter in (("quarter", "Q"), ("month", "")):
            if part in table and not printed.str.contains(r"-\d\d|M|Q", regex=True).any():
                held = table[part].fillna("").astype("str").map(partial(_part, letter))
                joined = (held + " " + printed).where(held != "", printed)
        found = parse_periods(joined.unique(), period_hint(header))
        found |= {text: (text[:4], "") for text, period in found.items() if period is None and EARLY.fullmatch(text)}
        for text, period in found.items():
            if period is None:
                rows = table.loc[joined == text, "row"]
                cure = "Write a year (2023), a quarter (Q1/2023), a month (04/2023) or a day (30/06/2023)."
                self.fault(int(rows.iloc[0]), "period", text, f"is no period ({len(rows)} figures).", cure)
        if "period" in {c.role for c in layout.key_columns()}:
            told = joined.map({text: period[1] if period else "" for text, period in found.items()})
            table["status"] = table["status"].where(table["status"] != "", told)
        table["period"] = joined.map({text: period[0] if period else text for text, period in found.items()})
        return table.drop(columns=["month", "quarter"], errors="ignore")

    def _melt_whole(self, layout: Layout) -> pd.DataFrame:
        """Return the figures of a large file, column by column: each different text is read once."""
        whole = self.grid.whole.iloc[layout.first :]
        lines = pd.Series(range(layout.first + 1, layout.first + 1 + len(whole)), index=whole.index)
        width = len(layout.columns) and max(column.index for column in layout.columns) + 1
        parts = []
        figures = layout.figures()
        headings = any(column.heading and column.role != "value" for column in figures)
        keys = {column.name: whole[column.index].str.strip() for column in layout.key_columns() if column.index < width}
        for column in figures:
            texts = whole[column.index].str.strip()
            first = {text: int(lines[i]) for i, text in texts.drop_duplicates().items()}
            read = {text: self._figure(Cell(text), row, column) for text, row in first.items()}
            part = pd.DataFrame(keys).assign(value=texts.map({t: r[0] for t, r in read.items()}).astype("float64"))
            part = part.assign(
                symbol=texts.map({t: r[1] for t, r in read.items()}), row=lines, column=column_letter(column.index)
            )
            flags = texts.map({t: r[2] for t, r in read.items()})
            part = part.assign(flags=flags) if flags.any() else part
            part = part.assign(period=column.period, status=column.status) if column.period else part
            parts.append(part.assign(heading=column.heading) if headings else part)
        self._count_faults()
        return self._finished(
            pd.concat(parts).sort_values("row", kind="stable", ignore_index=True)
            if len(parts) > 1
            else parts[0].reset_index(drop=True),
            layout,
        )

    def notes(self, cells: pd.DataFrame, questions: dict[str, Question]) -> list[str]:
        """Return what is said of numbers, missing marks and dates."""
        said = []
        if "decimal" not in questions:
            said.append(f"Printed numbers read with a decimal {'comma' if self.sign == ',' else 'point'}.")
        if self.serials:
            said.append("Numbers in the column of time are days of a spreadsheet (44561 is 2021-12-31).")
        for mark, count in cells.loc[cells["value"].isna() & (cells["symbol"] != ""), "symbol"].value_counts().items():
            said.append(f"{count} cells '{mark}' ({missing_meaning(str(mark))}) left out.")
        blank = int((cells["value"].isna() & (cells["symbol"] == "")).sum()) - self.faults
        return [*said, f"{blank} empty cells left out."] if blank > 0 else said


def _part(letter: str, text: str) -> str:
    """Return a quarter or a month without its year as a period is printed: "Q4", "7", "Jan"."""
    roman = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
    last = fold(text).split(" ")[-1] if fold(text) else ""
    number = roman.get(last, last) if letter else last
    number = number.lstrip("qtm") if re.fullmatch(r"[qtm]\d+", number) else number
    number = number.removesuffix(" 0")
    return f"{letter}{number}" if number else ""


def _take_flags(table: pd.DataFrame) -> None:
    """Turn the letters behind numbers into statuses, and keep those that are no status as a note."""
    flags = table.pop("flags").fillna("").astype("str")
    letters = flags.str.replace(r"[^a-z]", "", regex=True).where(
        ~flags.str.contains(r"\(|\["), flags.str.extract(r"^([a-z]*)")[0]
    )
    status = letters.map(lambda text: next((FLAGS[letter] for letter in text if letter in FLAGS), ""))
    table["status"] = table["status"].fillna("").where(table["status"].fillna("") != "", status)
    note = letters.where(letters == "", "flag " + letters)
    held = table["note"] if "note" in table else pd.Series("", index=table.index)
    table["note"] = (held.fillna("") + " " + note).str.strip()


def _without_sections(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the names of sections only where the same rows stand under several of them."""
    if "section" not in table:
        return table
    keys = [c for c in table.columns if c not in (*CELL_COLUMNS, "section", "note", "flags")]
    needed = (
        table["section"].nunique() > 1
        and table.duplicated(keys).any()
        and not table.duplicated([*keys, "section"]).any()
    )
    return table if needed else table.drop(columns="section")


def _number_cure(text: str, sign: str) -> str:
    other = "." if sign == "," else ","
    if decimal_signs([text]) == {other}:
        shown = "comma" if sign == "," else "point"
        return f"The rest of the file writes a decimal {shown}: write this number so too."
    if text.startswith("(") and text.endswith(")"):
        return f"Write a negative number as -{text.strip('()')}; move a footnote to a column of notes."
    return "Correct it, or write '…' where the value is not known."
