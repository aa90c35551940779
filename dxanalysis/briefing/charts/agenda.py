"""All targets of one area on one page, and which years have a figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ...facts.records import Area, Indicator
from .. import frame, labels, theme
from . import common
from .common import SLIDE, Names, Sheet
from .matrix import Cell, draw, step_cell

_COVERAGE_ROWS = {"slide": 14, "a4": 26, "square": 16}
_YEARS = 12
_ROWS = {"slide": 14, "a4": 13, "square": 20}
_HEADS = ("indicator", "target", "level", "gap", "pace", "verdict", "grade")
_SYMBOLS = {">=": "≥ ", ">": "> ", "<=": "≤ ", "<": "< ", "about": "≈ ", "~": "≈ "}
_NAME = 0.3  # most of the width that the names of the indicators may take
_AIR = 0.14  # inches between columns


def agenda(
    table: pd.DataFrame,
    *,
    area: Area,
    year: int,
    names: Callable[[str], Any],
    sheet: Sheet = SLIDE,
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
    lang = sheet.lang
    place = labels.in_language(area, "name", lang)
    title = sheet.title or labels.label("agenda_title", lang, area=place, year=str(year))
    shown = table.head(_ROWS.get(sheet.size, 11))
    with theme.settings():
        more = len(table) - len(shown)
        note = labels.label("agenda_rest", lang, count=str(more)) if more else ""
        page = common.open_page(sheet, title, labels.label("agenda_subtitle", lang), note=note)
        axes = page.axes()
        if table.empty:
            axes.axis("off")
            axes.text(
                0.5,
                0.5,
                labels.label("agenda_none", lang),
                transform=axes.transAxes,
                size=page.font * 1.2,
                color=theme.MUTED,
                ha="center",
                va="center",
            )
            return page.figure
        heads = [Cell(labels.label(f"agenda_{name}", lang), "#EFEFEF", weight="bold") for name in _HEADS]
        _draw(axes, page, [heads, *[_row(row, names(str(row.indicator)), lang) for row in shown.itertuples()]])
    return page.figure


def _row(row: Any, indicator: Indicator, lang: str) -> list[Cell]:
    aim = _SYMBOLS.get(row.comparator, "") + common.value_text(row.target, lang, indicator)
    name = Cell(labels.upper_first(labels.in_language(indicator, "short", lang)))
    start = [name, Cell(_at(aim, row.target_year, lang))]
    if pd.isna(row.last):  # nothing is known, and five cells that say so would say no more than one
        return [*start, Cell(labels.label("no_figure", lang), ink=theme.MUTED), Cell(""), Cell(""), Cell("–"), Cell("")]
    met, early = row.step == "achieved", row.step == "not_available"
    verdict = labels.label("agenda_early", lang) if early else labels.name("step", str(row.step), lang)
    return [
        *start,
        Cell(_at(common.value_text(row.last, lang, indicator), row.last_year, lang)),
        Cell("" if met else common.difference_text(row.gap, lang, indicator)),
        Cell(
            ""
            if met or pd.isna(row.required_per_year)
            else common.difference_text(row.required_per_year, lang, indicator)
        ),
        step_cell(str(row.step), verdict),
        Cell(_grade(str(row.grade), lang)),
    ]


def _grade(grade: str, lang: str) -> str:
    return "–" if grade == "none" else labels.label(f"agenda_grade_{grade}", lang)


def _draw(axes: Axes, page: frame.Frame, rows: list[list[Cell]]) -> None:
    """Write the rows in one size of type: columns as wide as their widest cell, names on two lines if need be."""
    box = axes.get_position()
    width, height = box.width * page.size.width, box.height * page.size.height
    points = min(page.font * 0.8, height / len(rows) * 72 / 1.9)
    widest = [
        max(frame.text_width(page.figure, row[at].text, points, "bold") if row[at].text else 0.0 for row in rows) + _AIR
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
            _write(axes, page, cell, (left, top - step, share, step), points * scale, at == 0)
            left += share
        if place:
            axes.plot([0, 1], [top, top], color=theme.GRID, lw=0.5, zorder=0)


def _write(
    axes: Axes, page: frame.Frame, cell: Cell, box: tuple[float, float, float, float], points: float, wraps: bool
) -> None:
    left, bottom, width, height = box
    if cell.fill != theme.PAPER:
        axes.add_patch(Rectangle((left, bottom + 0.04 * height), width * 0.99, 0.92 * height, facecolor=cell.fill))
    room = width * axes.get_position().width * page.size.width - 0.06
    lines = frame.wrap(page.figure, cell.text, room, points, cell.weight, 2) if wraps else [cell.text]
    axes.text(
        left + 0.006,
        bottom + height / 2,
        "\n".join(lines),
        size=points,
        color=cell.ink,
        weight=cell.weight,
        va="center",
        linespacing=1.0,
    )


def _at(value: str, year: Any, lang: str) -> str:
    return labels.label("agenda_at", lang, value=value, year=str(int(year)))


def coverage(
    grid: pd.DataFrame,
    *,
    area: Area,
    indicator: Indicator = None,
    sheet: Sheet = SLIDE,
    names: Names = None,
    field: str = "name",
    own: str = "",
) -> Figure:
    """Draw how many yearly figures are held for each row and year; an empty cell has none.

    Parameters
    ----------
    grid : DataFrame
        ``facts.coverage_grid``: the rows' id first, then figures and one column per year. As many rows as fit and the
        last twelve years are drawn; the note below says how many rows more the table has.
    names : callable, optional
        Gives the record of a row's id.
    field : {"name", "short"}
        Which of the record's names is written.
    own : str
        Id of the row drawn first and in bold, where it is among them.
    """
    lang = sheet.lang
    rows = _own_first(grid, own)
    shown = rows.head(_COVERAGE_ROWS.get(sheet.size, 14))
    about = labels.subject(indicator, area, lang) if indicator is not None and not own else ""
    title = sheet.title or labels.label("coverage_title", lang, subject=about or _subject(indicator, area, own, lang))
    with theme.settings():
        more = len(rows) - len(shown)
        note = labels.label("coverage_more", lang, count=str(more)) if more else ""
        page = common.open_page(sheet, title, labels.label("coverage_subtitle", lang), note=note)
        axes = page.axes()
        if shown.empty:
            axes.axis("off")
            common.empty_note(axes, lang, page.font)
            return page.figure
        years = list(shown.columns[2:])[-_YEARS:]
        draw(axes, page, _cells(shown, years, own, names, field, lang), [4.2, 1.1, *[1.0] * len(years)])
    return page.figure


def _subject(indicator: Indicator, area: Area, own: str, lang: str) -> str:
    if indicator is not None and own:
        return labels.lower_first(labels.in_language(indicator, "short", lang))
    return labels.in_language(area, "name", lang)


def _own_first(grid: pd.DataFrame, own: str) -> pd.DataFrame:
    mine = grid[grid.columns[0]] == own
    return pd.concat([grid[mine], grid[~mine]], ignore_index=True)


def _cells(rows: pd.DataFrame, years: list[str], own: str, names: Names, field: str, lang: str) -> list[list[Cell]]:
    head = [Cell(""), Cell(labels.label("coverage_all", lang), "#EFEFEF", weight="bold")]
    table = [[*head, *[Cell(str(year), "#EFEFEF", weight="bold") for year in years]]]
    most = max(1, int(rows[years].to_numpy().max()))
    for _, row in rows.iterrows():
        one = str(row.iloc[0])
        text = labels.in_language(names(one), field, lang) if names else one
        cells = [Cell(text, weight="bold" if one == own else "normal"), Cell(str(int(row["figures"])), "#F7F7F7")]
        table.append([*cells, *[_count(int(row[year]), most) for year in years]])
    return table


def _count(count: int, most: int) -> Cell:
    if count == 0:
        return Cell("", "#F7F7F7")
    fill = theme.RAMP[1 + round((count - 1) / max(1, most - 1) * (len(theme.RAMP) - 2))]
    return Cell(str(count), fill, theme.PAPER if theme.contrast(fill) > 4.5 else theme.INK)
