"""The workbook: a cover, one row per target, every figure with its reservations, methods and sources; made to print."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..briefing import labels, numbers
from . import phrases, sayings
from .dossier import Dossier, Goal, source_record
from .files import EPOCH, write_zip
from .phrases import document_line, document_name, known, text
from .slides import About

FONT = "Times New Roman"
_LINE = 15.0  # points of a line of 11-point letters
# Lines of a sheet that are printed: with the cover and the summary at most ten pages, of the nation, too.
_PRINTED = {"figures": 100, "methods": 40, "sources": 70}
# The columns of the summary and their widths.
_SUMMARY = {
    "number": 5, "indicator": 54, "target": 10, "target_year": 8, "latest": 10, "latest_year": 8, "distance": 34,
    "assessment": 16, "gap": 11, "years_left": 10, "per_year": 10, "document": 26,
}
_WIDTHS = {"figures": (44, 16, 11, 26, 14, 44, 40), "methods": (44, 24, 100), "sources": (36, 90, 14, 18, 60)}
_COVER = 100  # the width of its one column, within the margins at full size
_UNPRINTED = {"sources": 1}  # columns at the right: nobody reads an address on paper


def write_workbook(path: str | Path, dossier: Dossier, about: About) -> Path:
    """Write what is known of an area's targets as an Excel workbook of five sheets.

    Cover; summary (one row per target, the gap and the pace as formulas that recalculate when a yellow cell is
    changed); figures with their reservations; methods; sources. Print areas, repeated heads and landscape A4 are set. A
    text that begins with = + - @ is written as text, never as a formula.

    Parameters
    ----------
    path : where to write (``.xlsx``)
    dossier : what is known of the area's targets
    about : title and properties
    """
    import xlsxwriter

    held = io.BytesIO()
    book = xlsxwriter.Workbook(
        held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    )
    properties = {"title": about.title, "created": EPOCH, "comments": about.comments, "keywords": about.keywords}
    book.set_properties(properties)
    looks, lang = _looks(book), about.lang
    _cover(book, looks, dossier, about)
    _summary(book, looks, dossier, lang)
    _listing(book, looks, "figures", _figures(dossier, lang), lang)
    _listing(book, looks, "methods", _methods(dossier, lang), lang)
    _listing(book, looks, "sources", _sources(dossier, lang), lang)
    book.close()
    return write_zip(Path(path), held.getvalue(), about.record)


def _looks(book: Any) -> dict[str, Any]:
    base = {"font_name": FONT, "font_size": 11, "valign": "vcenter", "text_wrap": True}
    boxed = base | {"border": 1, "border_color": "#BBBBBB"}
    more: dict[str, dict[str, Any]] = {
        "text": base,
        "big": base | {"bold": True, "font_size": 20},
        "bold": base | {"bold": True},
        "cell": boxed | {"indent": 1},
        "head": boxed | {"bold": True, "bg_color": "#E7E7E7", "align": "center"},
        "group": boxed | {"bold": True, "bg_color": "#F3F3F3"},
        "number": boxed | {"num_format": "#,##0.00"},
        "count": boxed | {"num_format": "#,##0"},
        "whole": boxed | {"num_format": "0", "align": "center"},
        "input": boxed | {"num_format": "#,##0.00", "bg_color": "#FFF9DB"},
        "input_count": boxed | {"num_format": "#,##0", "bg_color": "#FFF9DB"},
        "year": boxed | {"num_format": "0", "bg_color": "#FFF9DB", "align": "center"},
    }
    return {name: book.add_format(look) for name, look in more.items()}


def _page(
    sheet: Any, widths: Sequence[float], last_row: int, head: int | None = 0, *, columns: int | None = None
) -> None:
    """Set column widths, landscape A4, one page wide, the print area and the repeated head."""
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.set_margins(0.5, 0.5, 0.6, 0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P/&N")
    sheet.print_area(0, 0, max(last_row, 1), (columns or len(widths)) - 1)
    if head is not None:
        sheet.repeat_rows(head)
        sheet.freeze_panes(head + 1, 0)


def _lines(cells: Sequence[Any], widths: Sequence[float]) -> int:
    """Return in how many lines the longest cell of a row runs; Times has more letters to the unit than Excel's own."""
    room = [max(1, int(1.12 * width)) for width in widths]
    return max(1, *(-(-len(str(cell)) // width) for cell, width in zip(cells, room, strict=True)))


def _grow(sheet: Any, at: int, cells: Sequence[Any], widths: Sequence[float]) -> None:
    """Make a row as high as its longest cell; not every office program does so by itself."""
    sheet.set_row(at, _lines(cells, widths) * _LINE + 2)


def _cover(book: Any, looks: dict[str, Any], dossier: Dossier, about: About) -> None:
    lang = about.lang
    sheet = book.add_worksheet(text("sheet_cover", lang))
    lines = [(about.title, "big"), ("", "text"), (sayings.results(dossier, lang), "text")]
    lines += [(one, "text") for one in (sayings.whose(dossier, lang), sayings.ended(dossier, lang)) if one]
    main = dossier.main()
    lines += [(sayings.line(main, lang), "text")] if main is not None else []
    lines += [("", "text"), (text("cover_documents", lang), "bold")]
    lines += [(document_line(one, lang), "text") for one in dossier.documents]
    lines += [("", "text"), (text("cover_sheets", lang), "bold")]
    lines += [(text(f"cover_{name}", lang), "text") for name in ("summary", "figures", "methods", "sources")]
    for at, (line, look) in enumerate(lines):
        sheet.write_string(at, 0, line, looks[look])
        _grow(sheet, at, (line,), (_COVER,))
    sheet.set_row(0, 2 * _LINE * _lines((about.title,), (_COVER / 2,)))
    _page(sheet, (_COVER,), len(lines) - 1, None)
    sheet.fit_to_pages(1, 1)


def _summary(book: Any, looks: dict[str, Any], dossier: Dossier, lang: str) -> None:
    """Write one row per target; gap, years left and pace recalculate from the yellow cells."""
    sheet = book.add_worksheet(text("sheet_summary", lang))
    last = len(_SUMMARY) - 1
    for column, name in enumerate(_SUMMARY):
        sheet.write_string(0, column, text(f"summary_{name}", lang), looks["head"])
    sheet.set_row(0, 4 * _LINE)
    at = 1
    for pillar, goals in dossier.pillars():
        sheet.merge_range(at, 0, at, last, sayings.pillar_name(pillar, lang).upper(), looks["group"])
        at += 1
        for goal in goals:
            for row in goal.rows:
                _target_row(sheet, looks, at, dossier, goal.with_row(row), lang)
                at += 1
    sheet.merge_range(at, 0, at, last, sayings.total(dossier, lang), looks["group"])
    sheet.merge_range(at + 1, 0, at + 1, last, text("summary_note", lang), looks["text"])
    _page(sheet, tuple(_SUMMARY.values()), at + 1)


def _target_row(sheet: Any, looks: dict[str, Any], at: int, dossier: Dossier, goal: Goal, lang: str) -> None:
    row, line = goal.row, at + 1
    set_by = next((one for one in dossier.documents if one.id == row.get("document_id")), None)
    document = document_name(set_by, lang) if set_by is not None else ""
    name = f"{goal.name(lang)} ({goal.unit(lang)})"
    widths = [_SUMMARY[one] for one in ("indicator", "distance", "document")]
    _grow(sheet, at, (name, goal.distance(lang), document), widths)
    sheet.write_number(at, 0, goal.number, looks["whole"])
    sheet.write_string(at, 1, name, looks["cell"])
    wanted, held = known(row.get("target")), goal.judged_figure is not None
    _write(sheet, at, 2, row.get("target"), looks, "input", "input_count")
    _write(sheet, at, 3, row.get("target_year"), looks, "year", "year")
    _write(sheet, at, 4, row.get("figure"), looks, "input", "input_count")
    _write(sheet, at, 5, row.get("figure_year"), looks, "year", "year")
    sheet.write_string(at, 6, goal.distance(lang), looks["cell"])
    sheet.write_string(at, 7, goal.assessment(lang), looks["cell"])
    if wanted and held:
        sign = "-" if known(row.get("direction")) and row["direction"] < 0 else ""
        left = int(row["target_year"]) - int(row["figure_year"])
        gap = float(row["missing"])
        sheet.write_formula(at, 8, f"={sign}(C{line}-E{line})", looks["number"], gap)
        sheet.write_formula(at, 9, f"=MAX(0,D{line}-F{line})", looks["whole"], max(0, left))
        pace = f'=IF(AND(J{line}>0,I{line}>0),I{line}/J{line},"")'
        sheet.write_formula(at, 10, pace, looks["number"], gap / left if gap > 0 and left > 0 else "")
    else:
        for column in (8, 9, 10):
            sheet.write_blank(at, column, None, looks["cell"])
    sheet.write_string(at, 11, document, looks["cell"])


def _write(
    sheet: Any, row: int, column: int, value: Any, looks: dict[str, Any], look: str = "number", whole: str = "count"
) -> None:
    """Write a number, one without decimals in the look of whole numbers, or leave the cell empty."""
    if known(value):
        sheet.write_number(row, column, float(value), looks[whole if float(value).is_integer() else look])
    else:
        sheet.write_blank(row, column, None, looks[look])


def _listing(book: Any, looks: dict[str, Any], name: str, rows: list[tuple[Any, ...]], lang: str) -> None:
    """Write a sheet of rows under headings; numbers stay numbers. Rows beyond those printed say so in a line."""
    sheet, widths = book.add_worksheet(text(f"sheet_{name}", lang)), _WIDTHS[name]
    for column in range(len(widths)):
        sheet.write_string(0, column, text(f"{name}_{column}", lang), looks["head"])
    shown = len(widths) - _UNPRINTED.get(name, 0)
    ends = itertools.accumulate(_lines(row[:shown], widths[:shown]) for row in rows)
    fit = sum(end <= _PRINTED[name] for end in ends)
    printed, more = rows[:fit], rows[fit:]
    note = [(text("rows_more", lang, count=str(len(more))),)] if more else []
    for at, row in enumerate([*printed, *note, *more], start=1):
        if len(row) == 1:
            sheet.merge_range(at, 0, at, len(widths) - 1, row[0], looks["text"])
            continue
        _grow(sheet, at, row[:shown], widths[:shown])
        for column, value in enumerate(row):
            if isinstance(value, float):
                _write(sheet, at, column, value, looks)
            else:
                sheet.write_string(at, column, str(value), looks["cell"])
    _page(sheet, widths, len(printed) + len(note), columns=shown)


def _figures(dossier: Dossier, lang: str) -> list[tuple[Any, ...]]:
    """Return every figure of the years reported, then every older one."""
    held: dict[bool, list[tuple[Any, ...]]] = {False: [], True: []}
    for goal in dossier.goals:
        judged = goal.figures.assign(period=goal.figures["year"].astype(str)) if len(goal.figures) else goal.figures
        for one in [row for table in (judged, goal.elsewhere) for row in table.to_dict("records")]:
            held[int(str(one["period"])[:4]) < dossier.years[0]].append(_figure_row(goal, one, lang))
    return held[False] + held[True]


def _figure_row(goal: Goal, one: dict[str, Any], lang: str) -> tuple[Any, ...]:
    codes = [code for code in str(one.get("caveats") or "").split(";") if code]
    words = labels.wording().get("caveat", {})
    said = "; ".join(words[code][lang] if code in words else "" for code in codes)
    source = source_record(str(one["source"])) if one.get("source") else None
    published = f" ({numbers.date(source.published, lang)})" if source is not None and source.published else ""
    named = labels.publisher(source.publisher, lang) + published if source is not None else ""
    return (
        f"{goal.name(lang)} ({goal.unit(lang)})",
        phrases.period(str(one["period"]), lang),
        float(one["value"]),
        labels.definition_name(goal.definition(str(one.get("definition") or "")), lang),
        labels.name("status", str(one.get("status") or ""), lang),
        said,
        named,
    )


def _methods(dossier: Dossier, lang: str) -> list[tuple[Any, ...]]:
    """Return how each open target is judged, and what the words mean."""
    words = labels.wording()
    rows: list[tuple[Any, ...]] = [
        (entry[lang], text("methods_word", lang), text(f"means_{key}", lang))
        for key, entry in words["assessed"].items()
    ]
    for goal in dossier.goals:
        for row in goal.rows:
            if known(row.get("judged")) and row["judged"]:
                agreed = text("of", lang, part=str(int(row["agree"])), whole=str(int(row["judged"])))
                step = labels.name("step", str(row["step"]), lang)
                told = text("methods_agree", lang, agreed=agreed, step=step, year=str(int(row["target_year"])))
                rows.append((goal.name(lang), text("methods_pace", lang), told))
    return rows


def _sources(dossier: Dossier, lang: str) -> list[tuple[Any, ...]]:
    used = dict.fromkeys(
        str(one) for goal in dossier.goals for table in (goal.figures, goal.elsewhere) for one in table["source"] if one
    )
    records = [source_record(one) for one in used]
    return [
        (
            labels.publisher(one.publisher, lang),
            one.title,
            numbers.date(one.published, lang) if one.published else text("undated", lang),
            labels.entry("page", one.grade)[lang],
            one.url,
        )
        for one in records
    ]
