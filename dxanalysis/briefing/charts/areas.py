"""One area among the others: ranked dots, and lines between two years."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import frame, labels, theme
from ..place import spread
from . import common
from .common import SLIDE, Names, Sheet, area_names

_FEW = 10  # areas in a column that leave room for names on two lines
_DOT_LINE = 8.2  # points a row of dots needs


def peers(
    ranks: pd.DataFrame,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
    names: Names = None,
    targets: pd.DataFrame | None = None,
) -> Figure:
    """Draw every area as a dot, best at the top, with its interval where the table has `low` and `high`.

    Parameters
    ----------
    ranks : DataFrame
        Columns area, value, rank, optionally low, high and of. Many areas stand in two or more columns.
    names : callable, optional
        Gives the record of an area's id.
    """
    lang = sheet.lang
    table = ranks[ranks["value"].notna()].sort_values(["rank", "area"], ignore_index=True) if len(ranks) else ranks
    title = sheet.title or _rank_title(table, indicator, area, lang)
    with theme.settings():
        page = common.open_page(sheet, title, common.subtitle(lang, indicator, area))
        if table.empty:
            axes = page.axes()
            axes.axis("off")
            common.empty_note(axes, lang, page.font)
            return page.figure
        if len(table) < 2:
            frame.silence(page.figure)
        goal = None if targets is None or targets.empty else float(targets["value"].iloc[-1])
        _dot_columns(page, table, goal, indicator, area, names, lang)
    return page.figure


def _rank_title(table: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
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
    page: frame.Frame,
    table: pd.DataFrame,
    goal: float | None,
    indicator: Indicator,
    area: Area,
    names: Names,
    lang: str,
) -> None:
    room = page.box[3] * page.size.height * 72 - 2 * page.font
    columns = max(1, math.ceil(len(table) * _DOT_LINE / room))
    length = math.ceil(len(table) / columns)
    points = min(page.font * 0.9, room / length * 0.72)
    shown = _short_names(page, area_names(table["area"], names, lang), points, columns, length)
    widest = (
        max(
            frame.text_width(page.figure, f"99. {text}", points, "bold")
            for name in shown.values()
            for text in name.split("\n")
        )
        + 0.1
    )
    low, high = common.value_limits([*_spans(table), *([goal] if goal is not None else [])], lower=indicator.lower)
    values = [common.value_text(value, lang, indicator) for value in table["value"]]
    label = max(frame.text_width(page.figure, text, points, "bold") for text in values)
    panels = page.grid(1, columns, side=widest, head=0.2, foot=1.6, gap=0.25)
    for at, axes in enumerate(panels):
        rows = table.iloc[at * length : (at + 1) * length]
        _dots(axes, rows, length, points, indicator, area, shown, lang)
        wide = axes.get_position().width * page.size.width
        free = (label + 0.15) / max(wide - label - 0.15, 0.2)  # room for the value beside the last dot
        axes.set_xlim(low - (high - low) * 0.03, high + (high - low) * max(0.12, free))
        common.axis_numbers(axes, lang, indicator, which="x", ticks=max(2, 5 - columns))
        if goal is not None:
            axes.axvline(goal, color=theme.TARGET, lw=1.5, zorder=1)


def _short_names(
    page: frame.Frame, names: Mapping[str, str], points: float, columns: int, length: int
) -> dict[str, str]:
    """Keep names to a third of the width: on two lines where there is room, with an ellipsis where there is none."""
    width = page.box[2] * page.size.width / columns / 3
    lines = 2 if length <= _FEW else 1
    return {one: "\n".join(frame.wrap(page.figure, name, width, points, "bold", lines)) for one, name in names.items()}


def _spans(table: pd.DataFrame) -> list[float]:
    return [float(v) for name in ("value", "low", "high") if name in table for v in table[name].dropna()]


def _dots(
    axes: Axes,
    rows: pd.DataFrame,
    length: int,
    points: float,
    indicator: Indicator,
    area: Area,
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


def slopes(
    panel: pd.DataFrame,
    *,
    indicator: Indicator,
    area: Area,
    first_year: int | None = None,
    last_year: int | None = None,
    sheet: Sheet = SLIDE,
    names: Names = None,
) -> Figure:
    """Draw each area as a line between two years; names are spread so that none lies on another.

    Only areas with a figure in both years are drawn; where there are more names than room, the area itself, the top
    and the bottom are named.
    """
    lang = sheet.lang
    wide = _two_years(panel, first_year, last_year)
    title = sheet.title or _slope_title(wide, indicator, area, lang)
    with theme.settings():
        page = common.open_page(sheet, title, common.subtitle(lang, indicator, area))
        axes = page.grid(1, 1, head=1.6, foot=0.6)[0]
        axes.axis("off")
        if wide.empty:
            common.empty_note(axes, lang, page.font)
            return page.figure
        _slope_lines(axes, page, wide, indicator, area, area_names(wide.index, names, lang), lang)
    return page.figure


def _slope_title(wide: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
    measure = labels.measure_name(indicator, area, lang)
    if wide.empty:
        return labels.label("slopes_none_title", lang, measure=labels.lower_first(measure))
    first, last = (str(wide.columns[at]) for at in (0, -1))
    return labels.label("slopes_title", lang, measure=measure, first=first, last=last)


def _two_years(panel: pd.DataFrame, first: int | None, last: int | None) -> pd.DataFrame:
    known = panel[panel["value"].notna()]
    wide = known.pivot_table(index="area", columns="year", values="value", aggfunc="first")
    if wide.shape[1] < 2:
        return pd.DataFrame()
    ends = [first or wide.columns[0], last or wide.columns[-1]]
    return wide[ends].dropna() if set(ends) <= set(wide.columns) else pd.DataFrame()


def _slope_lines(
    axes: Axes,
    page: frame.Frame,
    wide: pd.DataFrame,
    indicator: Indicator,
    area: Area,
    names: Mapping[str, str],
    lang: str,
) -> None:
    own = getattr(area, "id", "")
    low, high = common.value_limits(wide.to_numpy().ravel(), lower=indicator.lower, room=0.06)
    axes.set_ylim(low, high)
    box = axes.get_position()
    width, height = box.width * page.size.width, box.height * page.size.height
    texts = [f"{names[str(one)]} {common.value_text(v, lang, indicator)}" for one, row in wide.iterrows() for v in row]
    points, widest = _text_room(page, texts, width)
    side = 0.09 + widest * 1.18 / (width - 2 * widest)  # 0.07 leads from the line to its name, on either side
    axes.set_xlim(-side, 1 + side)
    for one, row in wide.iterrows():
        mine = str(one) == own
        axes.plot(
            [0, 1],
            row.to_numpy(),
            color=theme.TARGET if mine else "#9A9A9A",
            lw=2.4 if mine else 1,
            marker="o",
            ms=5 if mine else 3,
            zorder=4 if mine else 2,
        )
    kept = _named(wide, own, int(height / (points * 1.3 / 72)))
    for side, column in enumerate(wide.columns):
        _slope_names(axes, kept[column], side, points, (low, high), height, own, names, indicator, lang)
        axes.annotate(
            str(column),
            (side, high),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            size=page.font,
            weight="bold",
        )


def _text_room(page: frame.Frame, texts: list[str], width: float) -> tuple[float, float]:
    """Return the font size at which the widest name leaves the middle third to the lines, and its width in inches."""
    points = page.font * 0.85
    widest = max(frame.text_width(page.figure, text, points, "bold") for text in texts)
    scale = min(1.0, 0.31 * width / widest)
    return points * scale, widest * scale + 0.16


def _named(wide: pd.DataFrame, own: str, room: int) -> pd.DataFrame:
    if len(wide) <= room:
        return wide
    ranked = wide.sort_values(wide.columns[-1])
    half = max(1, (room - 1) // 2)
    kept = [*ranked.index[:half], *ranked.index[-half:], *([own] if own in wide.index else [])]
    return wide.loc[list(dict.fromkeys(kept))]


def _slope_names(
    axes: Axes,
    values: pd.Series,
    side: int,
    points: float,
    limits: tuple[float, float],
    height: float,
    own: str,
    names: Mapping[str, str],
    indicator: Indicator,
    lang: str,
) -> None:
    low, high = limits
    line = points * 1.25 / 72 / height * (high - low)
    places = spread(values.tolist(), [line] * len(values), low, high)
    for (one, value), y in zip(values.items(), places, strict=True):
        mine = str(one) == own
        text = f"{names[str(one)]} {common.value_text(value, lang, indicator)}"
        edge = -0.05 if side == 0 else 1.05
        axes.plot([side, edge], [value, y], color=theme.GRID, lw=0.6, zorder=1)
        axes.text(
            edge + (-0.02 if side == 0 else 0.02),
            y,
            text,
            size=points,
            ha="right" if side == 0 else "left",
            va="center",
            color=theme.TARGET if mine else theme.INK,
            weight="bold" if mine else "normal",
        )
