"""Tables drawn as pictures: rows, columns and coloured cells whose words always fit; and which years have figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ...facts.records import Area, Indicator
from .. import frame, labels, theme
from . import common
from .common import SLIDE, Names, Sheet

HEAD = "#EFEFEF"  # the fill of a heading
_COVERAGE_ROWS = {"slide": 14, "a4": 26, "square": 16}
_COVERAGE_YEARS = 12
_SMALLEST = 0.62  # of the running text: below that a cell's words are cut with an ellipsis


@dataclass(frozen=True)
class Cell:
    """The words of one cell, its fill and the colour of its words."""

    text: str
    fill: str = theme.PAPER
    ink: str = theme.INK
    weight: str = "normal"


def draw(
    axes: Axes,
    page: frame.Frame,
    rows: Sequence[Sequence[Cell]],
    widths: Sequence[float],
    *,
    gap: float = 0.05,
    tallest: float = 0.62,
) -> None:
    """Draw rows of cells from the top of the axes; `widths` are shares of the axes' width, rows share its height.

    Parameters
    ----------
    gap : white between cells, in shares of a row's height
    tallest : greatest height of a row in inches
    """
    box = axes.get_position()
    inches = (box.width * page.size.width, box.height * page.size.height)
    height = min(tallest / inches[1], 1 / max(1, len(rows)))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.axis("off")
    total = sum(widths)
    for place, row in enumerate(rows):
        left = 0.0
        for cell, width in zip(row, widths, strict=True):
            share = width / total
            corner = (left, 1 - (place + 1) * height)
            _cell(axes, page, cell, corner, (share, height), inches, gap)
            left += share


def _cell(
    axes: Axes,
    page: frame.Frame,
    cell: Cell,
    corner: tuple[float, float],
    extent: tuple[float, float],
    inches: tuple[float, float],
    gap: float,
) -> None:
    air = gap * extent[1] * inches[1] / 2
    x, y = corner[0] + air / inches[0], corner[1] + air / inches[1]
    width, height = extent[0] - 2 * air / inches[0], extent[1] - 2 * air / inches[1]
    if cell.fill != theme.PAPER:
        axes.add_patch(Rectangle((x, y), width, height, facecolor=cell.fill, edgecolor="none", zorder=1))
    lines, points = fitted(page, cell.text, width * inches[0] - 0.1, height * inches[1], cell.weight)
    axes.text(
        x + width / 2 if cell.fill != theme.PAPER else x + 0.03 / inches[0],
        y + height / 2,
        "\n".join(lines),
        size=points,
        color=cell.ink,
        weight=cell.weight,
        va="center",
        linespacing=1.1,
        ha="center" if cell.fill != theme.PAPER else "left",
        zorder=3,
    )


def fitted(page: frame.Frame, text: str, width: float, height: float, weight: str) -> tuple[list[str], float]:
    """Return the lines and the font size with which a text fits a box of `width` x `height` inches."""
    for share in (0.95, 0.85, 0.75, _SMALLEST):
        points = page.font * share
        room = max(1, int(height / (points * 1.25 / 72)))
        lines = frame.wrap(page.figure, text, width, points, weight)
        broken = any(line.endswith("-") and "-" not in text for line in lines)
        if len(lines) <= room and not broken:
            return lines, points
    points = page.font * _SMALLEST
    return frame.wrap(page.figure, text, width, points, weight, max(1, int(height / (points * 1.25 / 72)))), points


def step_cell(step: str, word: str, mark: str = "") -> Cell:
    """Return the cell of a status: its symbol, its word, its colour and any mark of doubt."""
    symbol, fill, ink = theme.STEPS.get(step, theme.STEPS["not_available"])
    return Cell(f"{symbol} {word}{mark}", fill, ink)


def coverage(
    grid: pd.DataFrame,
    *,
    area: Area,
    indicator: Indicator | None = None,
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
    with theme.settings():
        more = len(rows) - len(shown)
        note = labels.label("coverage_more", lang, count=str(more)) if more else ""
        title = _coverage_title(rows, indicator, area, own, lang)
        page = common.open_page(sheet, title, labels.label("coverage_subtitle", lang), note=note)
        if shown.empty:
            return common.nothing(page, labels.label("no_figure", lang))
        years = list(shown.columns[2:])[-_COVERAGE_YEARS:]
        draw(page.axes(), page, _cells(shown, years, own, names, field, lang), [4.2, 1.1, *[1.0] * len(years)])
    return page.figure


def _coverage_title(
    rows: pd.DataFrame, indicator: Indicator | None, area: Area, own: str, lang: str
) -> str:
    """Say how many rows have figures and up to which year; of an indicator, how many years the area has, too."""
    place = labels.in_language(area, "name", lang)
    years = [str(year) for year in rows.columns[2:] if len(rows) and (rows[year] > 0).any()]
    given = {"area": place, "count": str(len(rows)), "span": common.span_of(map(int, years))}
    if indicator is None:
        return labels.label("coverage_title_area", lang, figures=str(int(rows["figures"].sum())), **given)
    what = labels.upper_first(labels.measure_name(indicator, area, lang))
    mine = rows[rows[rows.columns[0]] == own]
    held = int((mine[mine.columns[2:]].to_numpy() > 0).sum()) if len(mine) else 0
    return labels.label("coverage_title_indicator", lang, measure=what, held=str(held), **given)


def _own_first(grid: pd.DataFrame, own: str) -> pd.DataFrame:
    mine = grid[grid.columns[0]] == own
    return pd.concat([grid[mine], grid[~mine]], ignore_index=True)


def _cells(rows: pd.DataFrame, years: list[str], own: str, names: Names, field: str, lang: str) -> list[list[Cell]]:
    head = [Cell(""), Cell(labels.label("coverage_all", lang), HEAD, weight="bold")]
    table = [[*head, *[Cell(str(year), HEAD, weight="bold") for year in years]]]
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
