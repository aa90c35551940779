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
_COVERAGE_ROWS = {"slide": 14, "a4": 26, "square": 16, "phone": 12}
_COVERAGE_YEARS = {"phone": 4}
_SMALLEST = 0.62  # of the running text: below that a cell's words are cut with an ellipsis
_MOST_CELLS = 0.85  # of a table hold their words at its size of type
_AIR, _GAP = 0.05, 0.02  # inches beside the words of a cell, and of white between cells


@dataclass(frozen=True)
class Cell:
    """The words of one cell, its fill and the colour of its words."""

    text: str
    fill: str = theme.PAPER
    ink: str = theme.INK
    weight: str = "normal"


def draw(
    axes: Axes, page: frame.Frame, rows: Sequence[Sequence[Cell]], widths: Sequence[float], *, tallest: float = 0.62
) -> None:
    """Draw rows of cells from the top of the axes; `widths` are shares of the axes' width, rows share its height.

    All words are as large as most cells allow; those that do not fit at that size are set smaller, one by one.

    Parameters
    ----------
    tallest : greatest height of a row in inches
    """
    box = axes.get_position()
    across, down = box.width * page.size.width, box.height * page.size.height
    height = min(tallest, down / max(1, len(rows)))
    wide = [width / sum(widths) * across for width in widths]
    axes.set(xlim=(0, across), ylim=(down, 0))
    axes.axis("off")
    sizes = sorted(_set(page, cell, room, height)[1] for row in rows for cell, room in zip(row, wide, strict=True))
    usual = sizes[int((1 - _MOST_CELLS) * len(sizes))] if sizes else page.font
    for place, row in enumerate(rows):
        for at, cell in enumerate(row):
            _cell(axes, page, cell, (sum(wide[:at]), place * height, wide[at], height), usual)


def natural(page: frame.Frame, rows: Sequence[Sequence[Cell]], first: float) -> list[float]:
    """Return the inches that columns take with words on at most two lines, the first no more than a share of them."""
    widths = [max(_folded(page, row[at].text) for row in rows) for at in range(len(rows[0]))]
    return [min(widths[0], first / (1 - first) * sum(widths[1:])), *widths[1:]]


def _folded(page: frame.Frame, text: str) -> float:
    words = text.split()
    folds = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(max(1, len(words)))]
    return 2 * _AIR + min(max(frame.text_width(page.figure, one, page.font, "bold") for one in fold) for fold in folds)


def _set(
    page: frame.Frame, cell: Cell, width: float, height: float, largest: float = 100.0
) -> tuple[list[str], float]:
    return fitted(page, cell.text, width - 2 * _AIR, height - _AIR / 2, cell.weight, largest)


def _cell(
    axes: Axes, page: frame.Frame, cell: Cell, box: tuple[float, float, float, float], points: float
) -> None:
    x, y, width, height = box
    plain = cell.fill == theme.PAPER
    if not plain:
        corner = (x + _GAP / 2, y + _GAP / 2)
        axes.add_patch(Rectangle(corner, width - _GAP, height - _GAP, facecolor=cell.fill, edgecolor="none", zorder=1))
    lines, points = _set(page, cell, width, height, points)
    look = {"size": points, "color": cell.ink, "weight": cell.weight, "va": "center", "linespacing": 1.1, "zorder": 3}
    left = x + 0.03 if plain else x + width / 2
    axes.text(left, y + height / 2, "\n".join(lines), ha="left" if plain else "center", **look)


def fitted(
    page: frame.Frame, text: str, width: float, height: float, weight: str, largest: float = 100.0
) -> tuple[list[str], float]:
    """Return the lines and the font size, at most `largest`, with which a text fits a box of so many inches."""
    for share in (0.95, 0.9, 0.85, 0.8, 0.75, 0.7, _SMALLEST):
        points = min(largest, page.font * share)
        room = max(1, int(height / (points * 1.18 / 72)))
        lines = frame.wrap(page.figure, text, width, points, weight)
        broken = any(line.endswith("-") and "-" not in text for line in lines)
        if len(lines) <= room and not broken:
            return lines, points
    return frame.wrap(page.figure, text, width, points, weight, room), points


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
        subtitle = labels.label("coverage_subtitle", lang)
        page = common.open_page(sheet, title, subtitle, note=note, drawing=0.3 * len(shown))
        if shown.empty:
            return common.nothing(page, labels.label("no_figure", lang))
        years = list(shown.columns[2:])[-_COVERAGE_YEARS.get(sheet.size, 12) :]
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
