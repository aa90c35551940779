"""All targets of one area on one page: a row per indicator."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .. import frame, labels, theme
from . import common
from .matrix import Cell, step_cell

_ROWS = {"slide": 14, "a4": 13, "square": 20}
_HEADS = ("indicator", "target", "level", "gap", "pace", "verdict", "grade")
_SYMBOLS = {">=": "≥ ", ">": "> ", "<=": "≤ ", "<": "< ", "about": "≈ ", "~": "≈ "}
_NAME = 0.3  # most of the width that the names of the indicators may take
_AIR = 0.14  # inches between columns


def agenda(
    table: pd.DataFrame,
    *,
    area: Any,
    year: int,
    names: Callable[[str], Any],
    lang: str = "vi",
    size: str = "slide",
    sources: Iterable[Any] = (),
    as_of: Any = None,
    title: str = "",
    code: str = "",
) -> Figure:
    """Draw level, gap, required pace, verdict and evidence of each indicator with a target.

    Parameters
    ----------
    table : DataFrame
        ``analysis.next_targets``: one row per indicator. Rows that do not fit are counted in a line below.
    year : int
        The year at whose end one stands.
    names : callable
        Gives the record of an indicator's id.
    """
    place = labels.in_language(area, "name", lang)
    title = title or labels.label("agenda_title", lang, area=place, year=str(year))
    shown = table.head(_ROWS.get(size, 11))
    with theme.settings():
        line = common.source_line(lang, sources, as_of, code)
        more = len(table) - len(shown)
        line = f"{labels.label('agenda_rest', lang, count=str(more))}. {line}" if more else line
        sheet = frame.page(size, title, labels.label("agenda_subtitle", lang), line)
        axes = sheet.axes()
        if table.empty:
            axes.axis("off")
            axes.text(0.5, 0.5, labels.label("agenda_none", lang), transform=axes.transAxes, size=sheet.font * 1.2,
                      color=theme.MUTED, ha="center", va="center")  # fmt: skip
            return sheet.figure
        heads = [Cell(labels.label(f"agenda_{name}", lang), "#EFEFEF", weight="bold") for name in _HEADS]
        _draw(axes, sheet, [heads, *[_row(row, names(str(row.indicator)), lang) for row in shown.itertuples()]])
    return sheet.figure


def _row(row: Any, indicator: Any, lang: str) -> list[Cell]:
    aim = _SYMBOLS.get(row.comparator, "") + common.value_text(row.target, lang, indicator)
    name = Cell(labels.upper_first(labels.in_language(indicator, "short", lang)))
    start = [name, Cell(_at(aim, row.target_year, lang))]
    if pd.isna(row.last):  # nothing is known, and five cells that say so would say no more than one
        return [*start, Cell(labels.label("no_figure", lang), ink=theme.MUTED), Cell(""), Cell(""), Cell("–"), Cell("")]
    met, early = row.step == "achieved", row.step == "not_available"
    verdict = labels.label("agenda_early", lang) if early else labels.name("step", str(row.step), lang)
    return [
        *start, Cell(_at(common.value_text(row.last, lang, indicator), row.last_year, lang)),
        Cell("" if met else common.difference_text(row.gap, lang, indicator)),
        Cell("" if met or pd.isna(row.required_per_year)
             else common.difference_text(row.required_per_year, lang, indicator)),
        step_cell(str(row.step), verdict), Cell(_grade(str(row.grade), lang)),
    ]  # fmt: skip


def _grade(grade: str, lang: str) -> str:
    return "–" if grade == "none" else labels.label(f"agenda_grade_{grade}", lang)


def _draw(axes: Axes, sheet: frame.Frame, rows: list[list[Cell]]) -> None:
    """Write the rows in one size of type: columns as wide as their widest cell, names on two lines if need be."""
    box = axes.get_position()
    width, height = box.width * sheet.size.width, box.height * sheet.size.height
    points = min(sheet.font * 0.8, height / len(rows) * 72 / 1.9)
    widest = [
        max(frame.text_width(sheet.figure, row[at].text, points, "bold") if row[at].text else 0.0 for row in rows)
        + _AIR
        for at in range(len(_HEADS))
    ]
    widest[0] = min(widest[0], _NAME * width)
    scale = min(1.0, width / sum(widest))
    step = min(1 / len(rows), 2.6 * points / 72 / height)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.axis("off")
    for place, row in enumerate(rows):
        left, top = 0.0, 1 - place * step
        for at, cell in enumerate(row):
            share = widest[at] * scale / width * (1 if scale < 1 else width / sum(widest))
            _write(axes, sheet, cell, (left, top - step, share, step), points * scale, at == 0)
            left += share
        if place:
            axes.plot([0, 1], [top, top], color=theme.GRID, lw=0.5, zorder=0)


def _write(
    axes: Axes, sheet: frame.Frame, cell: Cell, box: tuple[float, float, float, float], points: float, wraps: bool
) -> None:
    left, bottom, width, height = box
    if cell.fill != theme.PAPER:
        axes.add_patch(Rectangle((left, bottom + 0.04 * height), width * 0.99, 0.92 * height, facecolor=cell.fill))
    room = width * axes.get_position().width * sheet.size.width - 0.06
    lines = frame.wrap(sheet.figure, cell.text, room, points, cell.weight, 2) if wraps else [cell.text]
    axes.text(left + 0.006, bottom + height / 2, "\n".join(lines), size=points, color=cell.ink, weight=cell.weight,
              va="center", linespacing=1.0)  # fmt: skip


def _at(value: str, year: Any, lang: str) -> str:
    return labels.label("agenda_at", lang, value=value, year=str(int(year)))
