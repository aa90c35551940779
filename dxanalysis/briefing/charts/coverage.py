"""Which years have a figure: one row per area or indicator, one column per year."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from .. import frame, labels, theme
from . import common
from .common import Names
from .matrix import Cell, draw

_ROWS = {"slide": 14, "a4": 26, "square": 16}
_YEARS = 12


def coverage(
    grid: pd.DataFrame,
    *,
    area: Any,
    indicator: Any = None,
    lang: str = "vi",
    size: str = "slide",
    names: Names = None,
    field: str = "name",
    own: str = "",
    sources: Iterable[Any] = (),
    as_of: Any = None,
    title: str = "",
    code: str = "",
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
    rows = _own_first(grid, own)
    shown = rows.head(_ROWS.get(size, 14))
    about = labels.subject(indicator, area, lang) if indicator is not None and not own else ""
    title = title or labels.label("coverage_title", lang, subject=about or _subject(indicator, area, own, lang))
    with theme.settings():
        line = common.source_line(lang, sources, as_of, code)
        more = len(rows) - len(shown)
        line = f"{labels.label('coverage_more', lang, count=str(more))}. {line}" if more else line
        sheet = frame.page(size, title, labels.label("coverage_subtitle", lang), line)
        axes = sheet.axes()
        if shown.empty:
            axes.axis("off")
            common.empty_note(axes, lang, sheet.font)
            return sheet.figure
        years = list(shown.columns[2:])[-_YEARS:]
        draw(axes, sheet, _cells(shown, years, own, names, field, lang), [4.2, 1.1, *[1.0] * len(years)])
    return sheet.figure


def _subject(indicator: Any, area: Any, own: str, lang: str) -> str:
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
