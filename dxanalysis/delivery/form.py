"""The collection form: the appendix of a report as a workbook that offices fill in and `dx data import` reads back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ..briefing import labels, numbers
from ..facts.package import LATEST
from ..facts.understand import template as layout
from . import sayings
from .dossier import Dossier, Goal
from .files import grow, looks_of, open_book, set_page, write_zip
from .phrases import text

_STATUSES = 5  # of the words of a status, those an office may choose: official to as reported
_WIDTHS = (5, 38, 14, 16)
_AFTER = (13, 20, 22)
NUMBER = "[>=1000]#,##0;[<=-1000]-#,##0;General"  # 7.1 and 20 as they are, without a bare decimal mark
_OPEN = {"locked": False, "bg_color": "#FFF9DB"}  # where something is to be filled in
_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"border": 0, "bold": True, "font_size": 14},
    "ask": {"border": 0, "bold": True, "align": "right"},
    "answer": {**_OPEN, "align": "left"},
    "day": {**_OPEN, "num_format": "dd/mm/yyyy", "align": "left"},
    "name": {},
    "middle": {"align": "center"},
    "input": {**_OPEN, "num_format": NUMBER},
    "held": {**_OPEN, "bg_color": "#EDEDED", "num_format": NUMBER},
    "hidden": {"border": 0, "font_color": "#FFFFFF"},
}
_EDGE = 1_000_000_000_000.0


def write_form(path: str | Path, dossier: Dossier, lang: str = "vi", *, record: str = "{}") -> Path:
    """Write the form: every target of the dossier, what is held printed in grey, empty cells to be filled.

    Headings, names and targets are locked; cells for figures take numbers within the bounds of the indicator only, the
    status is chosen from a list, and a note at each name says by which definition and for which period it is asked.

    Parameters
    ----------
    path : where to write (``.xlsx``)
    dossier : what is asked for
    lang : {"vi", "en"}
    """
    held = io.BytesIO()
    book = open_book(held, sayings.subject(dossier, lang))
    looks = looks_of(book, _LOOKS)
    sheet = book.add_worksheet(layout.SHEETS[lang])
    _ask_who(sheet, looks, dossier, lang)
    _headings(sheet, looks, dossier, lang)
    at = layout.HEAD + 1
    for pillar, goals in dossier.pillars():
        sheet.merge_range(at, 0, at, _last(dossier) - 1, sayings.pillar_name(pillar, lang).upper(), looks["group"])
        for row, goal in enumerate(goals, start=at + 1):
            _goal_row(sheet, looks, dossier, goal, row, lang)
        at += len(goals) + 1
    set_page(sheet, _widths(dossier), at - 1, layout.HEAD, fixed=2)
    sheet.set_column(_last(dossier), _last(dossier), 2, None, {"hidden": True})
    sheet.protect("", {"format_columns": True, "format_rows": True})
    guide = book.add_worksheet(text("form_guide", lang))
    guide.set_column(0, 0, 88, looks["text"])
    guide.set_paper(9)
    guide.fit_to_pages(1, 0)
    guide.write_column(0, 0, text("form_help", lang).split("\n"), looks["text"])
    guide.protect()
    book.close()
    return write_zip(Path(path), held.getvalue(), record)


def _last(dossier: Dossier) -> int:
    """Return the hidden last column."""
    return layout.YEARS + len(dossier.years) + len(_AFTER)


def _widths(dossier: Dossier) -> tuple[int, ...]:
    return (*_WIDTHS, *(9 for _ in dossier.years), *_AFTER)


def _ask_who(sheet: Any, looks: dict[str, Any], dossier: Dossier, lang: str) -> None:
    title = text("form_title", lang, subject=sayings.subject(dossier, lang))
    for at, (told, look, size) in enumerate(((title, "title", 1.4), (text("form_lead", lang), "text", 1.0))):
        sheet.merge_range(at, 0, at, _last(dossier) - 1, told, looks[look])
        grow(sheet, at, (told,), (sum(_widths(dossier)) / size,))
    sheet.write_string(0, _last(dossier), f"{layout.MARK} {dossier.area.id}", looks["hidden"])
    for row, name in ((layout.OFFICE, "office"), (layout.PERSON, "person"), (layout.DAY, "day")):
        sheet.merge_range(row, 0, row, layout.ANSWER - 1, text(f"form_{name}", lang), looks["ask"])
        sheet.merge_range(row, layout.ANSWER, row, layout.ANSWER + 4, "", looks["day" if name == "day" else "answer"])


def _headings(sheet: Any, looks: dict[str, Any], dossier: Dossier, lang: str) -> None:
    after = [text(name, lang) for name in ("form_status", "column_lead", "form_note")]
    names = ("number", "indicator", "unit", "target")
    before = [text(f"column_{name}", lang, year=str(dossier.year)) for name in names]
    heads = [*before, *map(str, dossier.years), *after]
    sheet.write_row(layout.HEAD, 0, heads, looks["head"])
    grow(sheet, layout.HEAD, heads, _widths(dossier))


def _goal_row(sheet: Any, looks: dict[str, Any], dossier: Dossier, goal: Goal, row: int, lang: str) -> None:
    sheet.write_number(row, 0, goal.number, looks["middle"])
    sheet.write_string(row, 1, goal.name(lang), looks["name"])
    sheet.write_comment(row, 1, _how(goal, lang), {"x_scale": 2.2, "y_scale": 1.4})
    sheet.write_string(row, 2, goal.unit(lang), looks["middle"])
    targets = goal.goals(lang, dossier.year)
    sheet.write_string(row, 3, targets, looks["middle"])
    grow(sheet, row, (goal.name(lang), goal.unit(lang), targets), _WIDTHS[1:])
    exact = {int(one.year): float(one.value) for one in goal.figures.itertuples()}
    most = int(goal.indicator.decimals)
    held = {year: round(value, numbers.enough_decimals(value, most)) for year, value in exact.items()}
    for column, year in enumerate(dossier.years, start=layout.YEARS):
        if year in held:
            sheet.write_number(row, column, held[year], looks["held"])
        else:
            sheet.write_blank(row, column, None, looks["input"])
        sheet.data_validation(row, column, row, column, _bounds(goal, lang))
    after = layout.YEARS + len(dossier.years)
    sheet.write_blank(row, after, None, looks["input"])
    statuses = list(layout.WORDS[lang]["statuses"][:_STATUSES])
    sheet.data_validation(row, after, row, after, {"validate": "list", "source": statuses})
    sheet.write_string(row, after + 1, goal.lead(), looks["input"])
    sheet.write_blank(row, after + 2, None, looks["input"])
    printed = [f"{year}={value:g}" for year, value in held.items() if year in dossier.years]
    sheet.write_string(row, _last(dossier), "|".join([goal.indicator.id, *printed]), looks["hidden"])


def _bounds(goal: Goal, lang: str) -> dict[str, Any]:
    """Accept only a number within the natural bounds of the indicator."""
    low = -_EDGE if goal.indicator.lower is None else float(goal.indicator.lower)
    high = _EDGE if goal.indicator.upper is None else float(goal.indicator.upper)
    return {
        "validate": "decimal",
        "criteria": "between",
        "minimum": low,
        "maximum": high,
        "ignore_blank": True,
        "error_title": goal.unit(lang)[:32],
        "error_message": text("form_error", lang)[:255],
    }


def _how(goal: Goal, lang: str) -> str:
    """Say by which definition and for which period a figure is asked for, and what it is a share of."""
    record = goal.measured(str(goal.row.get("definition") or ""), LATEST)
    method = getattr(record, "method_vi" if lang == "vi" else "method", "")
    share = labels.in_language(goal.indicator, "share_of", lang)
    parts = [text("form_how", lang, name=goal.name(lang), unit=goal.unit(lang))]
    parts += [text("form_share", lang, whole=share)] if share else []
    parts += [text("form_method", lang, method=method)] if method else []
    return " ".join([*parts, text("form_period", lang)])
