"""The workbook: a cover, one row per target, every figure with its reservations, methods and sources; made to print."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any

from ..briefing import labels, numbers
from . import phrases, sayings
from .blocks import About
from .dossier import Dossier, Goal
from .files import LINE, grow, lines_of, looks_of, open_book, set_page, write_zip
from .phrases import document_line, document_name, known, text

# Lines of a sheet that are printed: with the cover and the summary at most ten pages, of the nation, too.
_PRINTED = {"figures": 60, "methods": 34, "sources": 32}
# The columns of the summary and their widths.
_SUMMARY = {
    "number": 5, "indicator": 34, "target": 9, "target_year": 8, "latest": 9, "latest_year": 8, "distance": 20,
    "assessment": 14, "gap": 9, "years_left": 9, "per_year": 9, "document": 24,
}
_WIDTHS = {"figures": (34, 12, 11, 20, 12, 30, 28), "methods": (36, 28, 80), "sources": (34, 72, 12, 14, 60)}
_YELLOW = {"bg_color": "#FFF9DB"}  # cells that may be changed
_LOOKS: dict[str, dict[str, Any]] = {
    "cell": {"indent": 1},
    "number": {"num_format": "#,##0.00"},
    "number_count": {"num_format": "#,##0"},
    "whole": {"num_format": "0", "align": "center"},
    "input": {"num_format": "#,##0.00", **_YELLOW},
    "input_count": {"num_format": "#,##0", **_YELLOW},
    "year": {"num_format": "0", "align": "center", **_YELLOW},
}
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
    held, lang = io.BytesIO(), about.lang
    book = open_book(held, about.title, comments=about.comments, keywords=about.keywords)
    looks = looks_of(book, _LOOKS)
    _cover(book, looks, dossier, about)
    _summary(book, looks, dossier, lang)
    _listing(book, looks, "figures", _figures(dossier, lang), lang)
    _listing(book, looks, "methods", _methods(dossier, lang), lang)
    _listing(book, looks, "sources", _sources(dossier, lang), lang)
    book.close()
    return write_zip(Path(path), held.getvalue(), about.record)


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
    if remarks := sayings.to_check(dossier, lang):
        lines += [("", "text"), (text("check", lang), "bold"), *((one, "text") for one in remarks)]
    for at, (line, look) in enumerate(lines):
        sheet.write_string(at, 0, line, looks[look])
        grow(sheet, at, (line,), (_COVER,))
    sheet.set_row(0, 2 * LINE * lines_of((about.title,), (_COVER / 2,)))
    set_page(sheet, (_COVER,), len(lines) - 1, None)
    sheet.fit_to_pages(1, 1)


def _summary(book: Any, looks: dict[str, Any], dossier: Dossier, lang: str) -> None:
    """Write one row per target; gap, years left and pace recalculate from the yellow cells."""
    sheet = book.add_worksheet(text("sheet_summary", lang))
    last = len(_SUMMARY) - 1
    sheet.write_row(0, 0, [text(f"summary_{name}", lang) for name in _SUMMARY], looks["head"])
    sheet.set_row(0, 4 * LINE)
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
    set_page(sheet, tuple(_SUMMARY.values()), at + 1)


def _target_row(sheet: Any, looks: dict[str, Any], at: int, dossier: Dossier, goal: Goal, lang: str) -> None:
    row, line, gap, left, pace = goal.row, at + 1, None, None, None
    set_by = next((one for one in dossier.documents if one.id == row.get("document_id")), None)
    document = document_name(set_by, lang) if set_by is not None else ""
    name = f"{goal.name(lang)} ({goal.unit(lang)})"
    widths = [_SUMMARY[one] for one in ("indicator", "distance", "document")]
    grow(sheet, at, (name, goal.distance(lang), document), widths)
    if known(row.get("target")) and goal.judged_figure is not None:
        sign = "-" if known(row.get("direction")) and row["direction"] < 0 else ""
        missing, years = float(row["missing"]), int(row["target_year"]) - int(row["figure_year"])
        yearly = missing / years if missing > 0 and years > 0 else ""
        gap = (f"={sign}(C{line}-E{line})", missing)
        left = (f"=MAX(0,D{line}-F{line})", max(0, years))
        pace = (f'=IF(AND(J{line}>0,I{line}>0),I{line}/J{line},"")', yearly)
    cells = [(goal.number, "whole"), (name, "cell"), (row.get("target"), "input"), (row.get("target_year"), "year"),
             (row.get("figure"), "input"), (row.get("figure_year"), "year"), (goal.distance(lang), "cell"),
             (goal.assessment(lang), "cell"), (gap, "number"), (left, "whole"), (pace, "number"), (document, "cell")]
    for column, (value, look) in enumerate(cells):
        _write(sheet, at, column, value, looks, look)


def _write(sheet: Any, row: int, column: int, value: Any, looks: dict[str, Any], look: str) -> None:
    """Write a text, a formula with its value, a number (one without decimals as a count), or an empty cell."""
    if isinstance(value, str):
        sheet.write_string(row, column, value, looks[look])
    elif isinstance(value, tuple):
        sheet.write_formula(row, column, value[0], looks[look], value[1])
    elif known(value):
        count = float(value).is_integer() and f"{look}_count" in looks
        sheet.write_number(row, column, float(value), looks[f"{look}_count" if count else look])
    else:
        sheet.write_blank(row, column, None, looks[look])


def _listing(book: Any, looks: dict[str, Any], name: str, rows: list[tuple[Any, ...]], lang: str) -> None:
    """Write a sheet of rows under headings; numbers stay numbers. Rows beyond those printed say so in a line."""
    sheet, widths = book.add_worksheet(text(f"sheet_{name}", lang)), _WIDTHS[name]
    sheet.write_row(0, 0, [text(f"{name}_{column}", lang) for column in range(len(widths))], looks["head"])
    shown = len(widths) - _UNPRINTED.get(name, 0)
    ends = itertools.accumulate(lines_of(row[:shown], widths[:shown]) for row in rows)
    fit = sum(end <= _PRINTED[name] for end in ends)
    printed, more = rows[:fit], rows[fit:]
    note = [(text("rows_more", lang, count=str(len(more))),)] if more else []
    note = note if rows else [(text("rows_none", lang),)]
    for at, row in enumerate([*printed, *note, *more], start=1):
        if len(row) == 1:
            sheet.merge_range(at, 0, at, len(widths) - 1, row[0], looks["text"])
            continue
        grow(sheet, at, row[:shown], widths[:shown])
        for column, value in enumerate(row):
            _write(sheet, at, column, value, looks, "number" if isinstance(value, float) else "cell")
    set_page(sheet, widths, len(printed) + len(note), columns=shown)


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
    source = sayings.source_record(str(one["source"])) if one.get("source") else None
    published = f" ({numbers.date(source.published, lang)})" if source is not None and source.published else ""
    named = labels.publisher(source.publisher, lang) + published if source is not None else ""
    return (
        f"{goal.name(lang)} ({goal.unit(lang)})",
        phrases.period(str(one["period"]), lang),
        float(one["value"]),
        labels.definition_name(goal.measured(str(one.get("definition") or ""), str(one.get("vintage") or "")), lang),
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
            if agreed := sayings.agreement(row, lang):
                about = {"agreed": agreed[0], "step": agreed[1], "year": str(int(row["target_year"]))}
                told = text("methods_agree", lang, **about)
                rows.append((goal.name(lang), text("methods_pace", lang), told))
    return rows


def _sources(dossier: Dossier, lang: str) -> list[tuple[Any, ...]]:
    return [
        (
            labels.publisher(one.publisher, lang),
            one.title,
            numbers.date(one.published, lang) if one.published else text("undated", lang),
            labels.entry("page", one.grade)[lang],
            one.url,
        )
        for one in map(sayings.source_record, dossier.pages)
    ]
