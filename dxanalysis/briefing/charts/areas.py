"""One area among the others: ranked dots, the latest figure of each, and lines between two years."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import frame, labels, theme
from ..place import spread
from . import common, scales
from .agenda import instead
from .common import SLIDE, Names, Sheet, area_names
from .multiples import small_multiples

LEAST_RANKED = 5  # areas of one year and definition: among fewer a rank says nothing
LEAST_SLOPES = 3
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
    elsewhere: pd.DataFrame | None = None,
    assessed: pd.DataFrame | None = None,
) -> Figure:
    """Draw every area as a dot, best at the top, with its interval where the table has `low` and `high`.

    A ranking needs five areas of one definition and year. Where there are fewer, the latest figure of every area is
    drawn, years and definitions named and no rank given; where no other area has any, the judgement of the targets.

    Parameters
    ----------
    ranks : DataFrame
        Columns area, value, rank, optionally year, low, high and of. Many areas stand in two or more columns.
    names : callable, optional
        Gives the record of an area's id.
    elsewhere : DataFrame, optional
        The figures of every area by each definition: area, definition, year, value.
    assessed : DataFrame, optional
        Judgements of the series' targets.
    """
    lang = sheet.lang
    table = ranks[ranks["value"].notna()].sort_values(["rank", "area"], ignore_index=True) if len(ranks) else ranks
    with theme.settings():
        if len(table) < LEAST_RANKED:
            return latest_dots(elsewhere, assessed, indicator=indicator, area=area, sheet=sheet, names=names)
        title = _rank_title(table, indicator, area, lang)
        page = common.open_page(sheet, title, common.subtitle(lang, indicator, area))
        goal = None if targets is None or targets.empty else float(targets["value"].iloc[-1])
        _dot_columns(page, table, goal, indicator, area, names, lang)
    return page.figure


def _rank_title(table: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
    """Say the rank, the year and how many areas have a figure; of a table without the area, the first and the last."""
    own = table[table["area"] == getattr(area, "id", "")]
    measure = labels.lower_first(labels.measure_name(indicator, area, lang))
    year = common.span_of(table["year"]) if "year" in table else ""
    when = labels.label("in_year", lang, year=year) if year else ""
    given = {"measure": measure, "count": str(len(table)), "year": year, "when": when}
    if own.empty:
        ends = {
            name: scales.value_text(table["value"].iloc[at], lang, indicator)
            for name, at in (("first", 0), ("last", -1))
        }
        return labels.upper_first(labels.label("peers_title", lang, **given, **ends))
    row = own.iloc[0]
    return labels.label(
        "peers_rank_title",
        lang,
        area=labels.in_language(area, "name", lang),
        rank=str(int(row["rank"])),
        value=scales.value_text(row["value"], lang, indicator),
        **given,
    )


def latest_dots(
    elsewhere: pd.DataFrame | None,
    assessed: pd.DataFrame | None,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet,
    names: Names,
) -> Figure:
    """Draw the latest figure of each area, its year beside it and its definition as a marker; nothing is ranked."""
    lang = sheet.lang
    own = getattr(area, "id", "")
    shown = common.latest_of_each(elsewhere).sort_values("value", ascending=indicator.direction < 0, ignore_index=True)
    missing = labels.label("needs_ranking", lang, n=str(LEAST_RANKED))
    if len(shown) < 2:
        about = {"indicator": indicator, "area": area, "assessed": assessed}
        mine = None if elsewhere is None else elsewhere[elsewhere["area"] == own]
        return instead(sheet, missing, history=mine, **about)
    mine = shown[shown["area"] == own]
    measure = labels.upper_first(labels.measure_name(indicator, area, lang))
    given = {"measure": measure, "count": str(len(shown)), "span": common.span_of(shown["year"])}
    if len(mine):
        value = scales.value_text(float(mine["value"].iloc[0]), lang, indicator)
        given |= {
            "area": labels.in_language(area, "name", lang),
            "value": value,
            "year": str(int(mine["year"].iloc[0])),
        }
    title = labels.label("latest_title_own" if len(mine) else "latest_title", lang, **given)
    marks = {one: theme.MARKERS[at % len(theme.MARKERS)] for at, one in enumerate(dict.fromkeys(shown["definition"]))}
    keys = [
        frame.Key(_defined(shown, one, lang), {"color": "none", "marker": mark, "ms": 6, "mfc": theme.OBSERVED})
        for one, mark in marks.items()
    ]
    page = common.open_page(sheet, title, f"{common.subtitle(lang, indicator, area)}. {missing}", keys, table=shown)
    ranked = shown.assign(rank=0, marker=shown["definition"].map(marks))
    _dot_columns(page, ranked, None, indicator, area, names, lang)
    return page.figure


def _defined(table: pd.DataFrame, definition: str, lang: str) -> str:
    rows = table[table["definition"] == definition]
    named = str(rows[f"definition_{lang}"].iloc[0]) if f"definition_{lang}" in rows else ""
    return named or labels.definition_name(definition, lang)


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
    low, high = scales.value_limits([*_spans(table), *([goal] if goal is not None else [])], lower=indicator.lower)
    values = [_dot_text(row, indicator, lang) for row in table.itertuples()]
    label = max(frame.text_width(page.figure, text, points, "bold") for text in values)
    panels = page.grid(1, columns, side=widest, head=0.2, foot=1.6, gap=0.25)
    for at, axes in enumerate(panels):
        rows = table.iloc[at * length : (at + 1) * length]
        _dots(axes, rows, length, points, indicator, area, shown, lang)
        wide = axes.get_position().width * page.size.width
        free = (label + 0.15) / max(wide - label - 0.15, 0.2)  # room for the value beside the last dot
        axes.set_xlim(low - (high - low) * 0.03, high + (high - low) * max(0.12, free))
        scales.axis_numbers(axes, lang, indicator, which="x", ticks=max(2, 5 - columns))
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
    axes.set_yticks(range(len(rows)), [_place_and_name(row, shown) for row in rows.itertuples()])
    axes.tick_params(axis="y", labelsize=points)
    axes.tick_params(axis="x", labelsize=points * 0.95)
    axes.grid(axis="y", color=theme.GRID, lw=0.5)
    axes.spines["left"].set_visible(False)
    for at, row in enumerate(rows.itertuples()):
        own = str(row.area) == getattr(area, "id", "")
        look = {"color": theme.TARGET if own else theme.INK, "weight": "bold" if own else "normal"}
        colour = theme.TARGET if own else theme.OBSERVED
        if "low" in rows and "high" in rows and not pd.isna(row.low):
            axes.plot([row.low, row.high], [at, at], color=colour, lw=1.4, zorder=2)
        marker = row.marker if "marker" in rows else "D" if own else "o"
        axes.plot(row.value, at, marker=marker, ms=points * 0.62, color=colour, zorder=3, ls="none")
        axes.get_yticklabels()[at].set(**look)
        end = row.high if "high" in rows and not pd.isna(row.high) else row.value
        axes.annotate(_dot_text(row, indicator, lang), (end, at), (points * 0.7, 0), textcoords="offset points",
                      size=points, va="center", **look)


def _place_and_name(row: Any, shown: Mapping[str, str]) -> str:
    return f"{int(row.rank)}. {shown[str(row.area)]}" if int(row.rank) else shown[str(row.area)]


def _dot_text(row: Any, indicator: Indicator, lang: str) -> str:
    """Return the value; where the years differ (nothing is ranked), the year, too."""
    value = scales.value_text(row.value, lang, indicator)
    return value if int(row.rank) else f"{value} ({int(row.year)})"


def slopes(
    panel: pd.DataFrame,
    *,
    indicator: Indicator,
    area: Area,
    first_year: int | None = None,
    last_year: int | None = None,
    sheet: Sheet = SLIDE,
    names: Names = None,
    elsewhere: pd.DataFrame | None = None,
    assessed: pd.DataFrame | None = None,
) -> Figure:
    """Draw each area as a line between two years; names are spread so that none lies on another.

    Only areas with a figure in both years are drawn, and at least three are needed. Where there are fewer, every area
    with a series of its own gets a small chart on one scale, each by its own definition.

    Parameters
    ----------
    panel : DataFrame
        Comparable figures of many areas: area, year, value.
    elsewhere, assessed
        As in :func:`peers`.
    """
    lang = sheet.lang
    wide = _two_years(panel, first_year, last_year)
    with theme.settings():
        if len(wide) < LEAST_SLOPES:
            if _few_series(elsewhere):
                return latest_dots(elsewhere, assessed, indicator=indicator, area=area, sheet=sheet, names=names)
            return small_multiples(
                _longest(elsewhere), indicator=indicator, area=area, sheet=sheet, names=names, assessed=assessed,
                note=labels.label("needs_slopes", lang, n=str(LEAST_SLOPES)),
            )
        shown = area_names(wide.index, names, lang)
        title = _slope_title(wide, indicator, area, lang)
        page = common.open_page(sheet, title, common.subtitle(lang, indicator, area))
        axes = page.grid(1, 1, head=1.6, foot=0.6)[0]
        axes.axis("off")
        _slope_lines(axes, page, wide, indicator, area, shown, lang)
    return page.figure


def _few_series(figures: pd.DataFrame | None) -> bool:
    """Tell whether most areas have one figure only, so that a row of charts would be a row of single dots."""
    years = _longest(figures).groupby("area")["year"].nunique()
    return len(years) > 1 and bool((years > 1).mean() < 0.5)


def _longest(figures: pd.DataFrame | None) -> pd.DataFrame:
    """Return of each area the series of the definition with the most years."""
    if figures is None or figures.empty:
        return pd.DataFrame(columns=["area", "definition", "year", "value"])
    known = figures[figures["value"].notna()]
    years = known.groupby(["area", "definition"])["year"].nunique().rename("years").reset_index()
    best = years.sort_values("years", kind="stable").drop_duplicates("area", keep="last")
    return known.merge(best[["area", "definition"]], on=["area", "definition"]).sort_values(["area", "year"])


def _slope_title(wide: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
    """Say in how many areas the value rose and what the area itself did."""
    first, last = (str(wide.columns[at]) for at in (0, -1))
    rose = int((wide.iloc[:, -1] > wide.iloc[:, 0]).sum())
    measure = labels.upper_first(labels.measure_name(indicator, area, lang))
    given = {"measure": measure, "first": first, "last": last, "rose": str(rose), "count": str(len(wide))}
    own = getattr(area, "id", "")
    if own not in wide.index:
        return labels.label("slopes_title", lang, **given)
    ends = [scales.value_text(value, lang, indicator) for value in wide.loc[own]]
    place = labels.in_language(area, "name", lang)
    return labels.label("slopes_title_own", lang, area=place, start=ends[0], end=ends[-1], **given)


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
    low, high = scales.value_limits(wide.to_numpy().ravel(), lower=indicator.lower, room=0.06)
    axes.set_ylim(low, high)
    box = axes.get_position()
    width, height = box.width * page.size.width, box.height * page.size.height
    texts = [f"{names[str(one)]} {scales.value_text(v, lang, indicator)}" for one, row in wide.iterrows() for v in row]
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
        text = f"{names[str(one)]} {scales.value_text(value, lang, indicator)}"
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
