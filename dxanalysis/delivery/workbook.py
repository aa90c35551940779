"""A workbook whose required pace recalculates: data, formulas, definitions and sources."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pandas as pd

from ..briefing import labels, tables
from .contents import Contents, gather
from .left import Left
from .zips import EPOCH, write_zip

_WIDTH = 46


def write_workbook(path: str | Path, runs: list[Left], lang: str = "vi") -> Path:
    """Write what the runs of one area and year left as an Excel workbook.

    Sheets: the findings; the required pace with formulas that recalculate when a yellow cell is changed; every table
    as data, in words of the language, with the columns that only machines need hidden; sources, methods and origin.
    A text that begins with = + - @ is written as text, never as a formula.

    Parameters
    ----------
    path : where to write (``.xlsx``)
    runs : the runs, as :func:`dxanalysis.delivery.left.read_runs` gives them
    lang : {"vi", "en"}
    """
    import xlsxwriter

    held = io.BytesIO()
    book = xlsxwriter.Workbook(
        held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    )
    said = gather(runs, lang, Path(path).name)
    book.set_properties({"title": said.title, "created": EPOCH, "comments": said.made[0], "keywords": said.made[1]})
    looks = _looks(book)
    _findings_sheet(book, looks, runs, said)
    _pace_sheet(book, looks, runs, lang)
    for name, table in _tables(runs, lang).items():
        _table_sheet(book, looks, name, table, lang)
    _origin_sheet(book, looks, runs, said)
    book.close()
    return write_zip(Path(path), held.getvalue(), said.record)


def _looks(book: Any) -> dict[str, Any]:
    base = {"font_name": "DejaVu Sans", "font_size": 10, "valign": "top"}
    more = {
        "text": {"text_wrap": True}, "head": {"bold": True, "bg_color": "#E7E7E7", "text_wrap": True},
        "title": {"bold": True, "font_size": 14}, "number": {"num_format": "#,##0.00"}, "whole": {"num_format": "0"},
        "input": {"num_format": "#,##0.00", "bg_color": "#FFF6C4"}, "percent": {"num_format": "0.0%"},
        "year": {"num_format": "0", "bg_color": "#FFF6C4"},
    }  # fmt: skip
    return {name: book.add_format(base | changes) for name, changes in more.items()}


def _findings_sheet(book: Any, looks: dict[str, Any], runs: list[Left], said: Contents) -> None:
    lang = said.lang
    sheet = book.add_worksheet(labels.label("sheet_findings", lang))
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 110)
    sheet.write_string(0, 0, said.title, looks["title"])
    at = 2
    for left in runs:
        for sentence in left.sentences(lang):
            sheet.write_string(at, 0, left.notebook, looks["text"])
            sheet.write_string(at, 1, sentence, looks["text"])
            at += 1


def _pace_sheet(book: Any, looks: dict[str, Any], runs: list[Left], lang: str) -> None:
    """Write the gap and the paces as formulas over the four numbers they depend on, with the values they have now."""
    found = next((left.tables["pace"] for left in runs if len(left.tables.get("pace", []))), None)
    sheet = book.add_worksheet(labels.label("sheet_pace", lang))
    sheet.set_column(0, 7, 19)
    sheet.write_string(0, 0, labels.label("sheet_pace_note", lang), looks["text"])
    names = ("last_year", "last", "target_year", "target", "gap", "years_left", "required_per_year", "required_cagr")
    for column, name in enumerate(names):
        sheet.write_string(2, column, tables.column_label(name, lang), looks["head"])
    if found is None:
        return
    for at, row in enumerate(found[found["last"].notna()].itertuples(), start=3):
        line = at + 1
        sheet.write_number(at, 0, row.last_year, looks["year"])
        sheet.write_number(at, 1, row.last, looks["input"])
        sheet.write_number(at, 2, row.target_year, looks["year"])
        sheet.write_number(at, 3, row.target, looks["input"])
        gap, left = row.target - row.last, row.target_year - row.last_year
        ready = left > 0
        sheet.write_formula(at, 4, f"=D{line}-B{line}", looks["number"], gap)
        sheet.write_formula(at, 5, f"=C{line}-A{line}", looks["whole"], left)
        sheet.write_formula(at, 6, f'=IF(F{line}>0,E{line}/F{line},"")', looks["number"], gap / left if ready else "")
        growth = (row.target / row.last) ** (1 / left) - 1 if ready and row.last > 0 and row.target > 0 else ""
        sheet.write_formula(
            at,
            7,
            f'=IF(AND(F{line}>0,B{line}>0,D{line}>0),(D{line}/B{line})^(1/F{line})-1,"")',
            looks["percent"],
            growth,
        )


def _tables(runs: list[Left], lang: str) -> dict[str, pd.DataFrame]:
    """Return every table once, under a name a sheet may have (31 characters, none twice)."""
    found: dict[str, pd.DataFrame] = {}
    for left in runs:
        for name, table in left.tables.items():
            title = labels.name("sheet", name, lang)
            if table.empty or any(table.equals(one) for one in found.values()):
                continue
            found[title if title not in found else f"{title[:26]} {left.notebook[:2]}"] = table
    return found


def _table_sheet(book: Any, looks: dict[str, Any], name: str, table: pd.DataFrame, lang: str) -> None:
    sheet = book.add_worksheet(name[:31])
    sheet.freeze_panes(1, 0)
    shown = set(tables.shown_columns(table))
    for column, name in enumerate(map(str, table.columns)):
        heading = tables.column_label(name, lang)
        sheet.write_string(0, column, heading, looks["head"])
        wide = min(_WIDTH, max(12, len(heading) + 2, *(len(str(one)) for one in table[name].astype(str).head(30))))
        sheet.set_column(column, column, wide, None, {"hidden": name not in shown})
        for at, value in enumerate(_in_language(table, name, lang), start=1):
            _write(sheet, at, column, tables.cell_text(name, value, lang) if isinstance(value, str) else value, looks)


def _in_language(table: pd.DataFrame, name: str, lang: str) -> pd.Series:
    """Return a column in the words of the language where the table holds it in both."""
    own = f"{name}_{lang}"
    return table[own].where(table[own].notna(), table[name]) if own in table else table[name]


def _write(sheet: Any, row: int, column: int, value: Any, looks: dict[str, Any]) -> None:
    if value is None or pd.isna(value):
        return
    if isinstance(value, str):
        sheet.write_string(row, column, value, looks["text"])
    elif isinstance(value, bool) or type(value).__name__ == "bool":
        sheet.write_boolean(row, column, bool(value))
    else:
        sheet.write_number(row, column, float(value))


def _origin_sheet(book: Any, looks: dict[str, Any], runs: list[Left], said: Contents) -> None:
    lang = said.lang
    sheet = book.add_worksheet(labels.label("sheet_origin", lang))
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 120)
    rows = [*(("source", one) for one in said.sources), *(("method", one) for one in said.methods)]
    rows += [(key, str(left.run.get(key, ""))) for left in runs for key in ("notebook", "command", "data_digest")]
    for at, (key, text) in enumerate(rows):
        sheet.write_string(at, 0, labels.label(f"origin_{key}", lang), looks["head"])
        sheet.write_string(at, 1, text, looks["text"])
