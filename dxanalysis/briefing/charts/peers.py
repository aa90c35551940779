"""One area among the others: ranked dots with intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import frame, labels, theme
from . import common
from .common import Names, area_names

_FEW = 10  # areas in a column that leave room for names on two lines
_DOT_LINE = 8.2  # points a row of dots needs


def peers(
    ranks: pd.DataFrame,
    *,
    indicator: Any,
    area: Any,
    lang: str = "vi",
    size: str = "slide",
    names: Names = None,
    targets: pd.DataFrame | None = None,
    sources: Iterable[Any] = (),
    as_of: Any = None,
    title: str = "",
    code: str = "",
) -> Figure:
    """Draw every area as a dot, best at the top, with its interval where the table has `low` and `high`.

    Parameters
    ----------
    ranks : DataFrame
        Columns area, value, rank, optionally low, high and of. Many areas stand in two or more columns.
    names : callable, optional
        Gives the record of an area's id.
    """
    table = ranks[ranks["value"].notna()].sort_values(["rank", "area"], ignore_index=True) if len(ranks) else ranks
    title = title or _rank_title(table, indicator, area, lang)
    with theme.settings():
        sheet = frame.page(
            size, title, common.subtitle(lang, indicator, area), common.source_line(lang, sources, as_of, code, ranks)
        )
        if table.empty:
            axes = sheet.axes()
            axes.axis("off")
            common.empty_note(axes, lang, sheet.font)
            return sheet.figure
        if len(table) < 2:
            frame.silence(sheet.figure)
        goal = None if targets is None or targets.empty else float(targets["value"].iloc[-1])
        _dot_columns(sheet, table, goal, indicator, area, names, lang)
    return sheet.figure


def _rank_title(table: pd.DataFrame, indicator: Any, area: Any, lang: str) -> str:
    own = table[table["area"] == getattr(area, "id", "")] if len(table) else table
    if own.empty:
        return labels.label("peers_title", lang, measure=labels.measure_name(indicator, area, lang))
    if len(table) == 1:  # a rank among one would be no rank
        measure = labels.lower_first(labels.measure_name(indicator, area, lang))
        return labels.label("peers_alone_title", lang, area=labels.in_language(area, "name", lang), measure=measure)
    row = own.iloc[0]
    return labels.label(
        "peers_rank_title",
        lang,
        area=labels.in_language(area, "name", lang),
        rank=str(int(row["rank"])),
        count=str(len(table)),
        measure=labels.lower_first(labels.measure_name(indicator, area, lang)),
        value=common.value_text(row["value"], lang, indicator),
    )


def _dot_columns(
    sheet: frame.Frame, table: pd.DataFrame, goal: float | None, indicator: Any, area: Any, names: Names, lang: str
) -> None:
    room = sheet.box[3] * sheet.size.height * 72 - 2 * sheet.font
    columns = max(1, math.ceil(len(table) * _DOT_LINE / room))
    length = math.ceil(len(table) / columns)
    points = min(sheet.font * 0.9, room / length * 0.72)
    shown = _short_names(sheet, area_names(table["area"], names, lang), points, columns, length)
    widest = (
        max(
            frame.text_width(sheet.figure, f"99. {text}", points, "bold")
            for name in shown.values()
            for text in name.split("\n")
        )
        + 0.1
    )
    low, high = common.value_limits([*_spans(table), *([goal] if goal is not None else [])], lower=indicator.lower)
    values = [common.value_text(value, lang, indicator) for value in table["value"]]
    label = max(frame.text_width(sheet.figure, text, points, "bold") for text in values)
    panels = sheet.grid(1, columns, side=widest, head=0.2, foot=1.6, gap=0.25)
    for at, axes in enumerate(panels):
        rows = table.iloc[at * length : (at + 1) * length]
        _dots(axes, rows, length, points, indicator, area, shown, lang)
        wide = axes.get_position().width * sheet.size.width
        free = (label + 0.15) / max(wide - label - 0.15, 0.2)  # room for the value beside the last dot
        axes.set_xlim(low - (high - low) * 0.03, high + (high - low) * max(0.12, free))
        common.axis_numbers(axes, lang, indicator, which="x", ticks=max(2, 5 - columns))
        if goal is not None:
            axes.axvline(goal, color=theme.TARGET, lw=1.5, zorder=1)


def _short_names(
    sheet: frame.Frame, names: Mapping[str, str], points: float, columns: int, length: int
) -> dict[str, str]:
    """Keep names to a third of the width: on two lines where there is room, with an ellipsis where there is none."""
    width = sheet.box[2] * sheet.size.width / columns / 3
    lines = 2 if length <= _FEW else 1
    return {one: "\n".join(frame.wrap(sheet.figure, name, width, points, "bold", lines)) for one, name in names.items()}


def _spans(table: pd.DataFrame) -> list[float]:
    return [float(v) for name in ("value", "low", "high") if name in table for v in table[name].dropna()]


def _dots(
    axes: Axes,
    rows: pd.DataFrame,
    length: int,
    points: float,
    indicator: Any,
    area: Any,
    shown: Mapping[str, str],
    lang: str,
) -> None:
    axes.set_ylim(length - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), [f"{int(row.rank)}. {shown[str(row.area)]}" for row in rows.itertuples()])
    axes.tick_params(axis="y", labelsize=points)
    axes.tick_params(axis="x", labelsize=points * 0.95)
    axes.grid(axis="y", color=theme.GRID, lw=0.5)
    axes.spines["left"].set_visible(False)
    for at, row in enumerate(rows.itertuples()):
        own = str(row.area) == getattr(area, "id", "")
        colour = theme.TARGET if own else theme.OBSERVED
        if "low" in rows and "high" in rows and not pd.isna(row.low):
            axes.plot([row.low, row.high], [at, at], color=colour, lw=1.4, zorder=2)
        axes.plot(row.value, at, marker="D" if own else "o", ms=points * 0.62, color=colour, zorder=3, ls="none")
        label = axes.get_yticklabels()[at]
        label.set_color(theme.TARGET if own else theme.INK)
        label.set_weight("bold" if own else "normal")
        end = row.high if "high" in rows and not pd.isna(row.high) else row.value
        axes.annotate(
            common.value_text(row.value, lang, indicator),
            (end, at),
            xytext=(points * 0.7, 0),
            textcoords="offset points",
            size=points,
            weight="bold" if own else "normal",
            color=theme.TARGET if own else theme.INK,
            va="center",
        )
