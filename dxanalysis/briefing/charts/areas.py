"""One area among the others: ranked dots, or the latest figure of each; and the pillars of an index."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import frame, labels, numbers, theme
from . import common, scales
from .agenda import instead
from .common import SLIDE, Names, Sheet, area_names

LEAST_RANKED = 5  # areas of one year and definition: among fewer a rank says nothing
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
        drawn = common.published(elsewhere, table)
        subtitle = common.subtitle(lang, indicator, area, drawn=drawn)
        page = common.open_page(sheet, title, subtitle, table=drawn, drawing=0.16 * len(table))
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
    given["area"] = labels.in_language(area, "name", lang)
    if len(mine):
        value = scales.value_text(float(mine["value"].iloc[0]), lang, indicator)
        given |= {"count": str(len(shown) - 1), "value": value, "year": str(int(mine["year"].iloc[0]))}
    title = labels.label("latest_title_own" if len(mine) else "latest_title", lang, **given)
    marks, keys = common.definition_marks(shown, lang)
    where = common.subtitle(lang, indicator, area, drawn=shown)
    page = common.open_page(sheet, title, f"{where}. {missing}", keys, table=shown, drawing=0.2 * len(shown))
    ranked = shown.assign(rank=0, marker=shown["definition"].map(marks).fillna(theme.MARKERS[0]))
    _dot_columns(page, ranked, None, indicator, area, names, lang)
    frame.stand_in(page.figure, title)
    return page.figure


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
    """Keep names to a third of the width (in columns to less than half): on two lines where there is room."""
    lines = 2 if length <= _FEW else 1
    width = page.box[2] * page.size.width / columns * (0.33 if lines == 2 or columns == 1 else 0.45)
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


def pillars(
    pillars: pd.DataFrame,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
    names: Names = None,
    elsewhere: pd.DataFrame | None = None,
    assessed: pd.DataFrame | None = None,
) -> Figure:
    """Draw each pillar as a share of its maximum: bars of one edition, points over the years of several.

    The points of several editions are joined by dots only, because editions count differently. Without any pillar the
    latest total of every area is drawn.

    Parameters
    ----------
    pillars : DataFrame
        Columns pillar, value, maximum; of several editions also edition and year.
    elsewhere, assessed
        As in :func:`dxanalysis.briefing.charts.peers`.
    """
    lang = sheet.lang
    table = pillars[pillars["value"].notna()].reset_index(drop=True)
    table["share"] = np.clip(table["value"] / table["maximum"].where(table["maximum"] > 0), 0, 1).fillna(0)
    with theme.settings():
        if table.empty:
            return latest_dots(elsewhere, assessed, indicator=indicator, area=area, sheet=sheet, names=names)
        over_time = "year" in table and table["year"].nunique() > 1
        title = (_pillar_times_title if over_time else _weakest_title)(table, indicator, area, lang)
        note = labels.label("pillars_over_time" if over_time else "pillars_bars", lang)
        page = common.open_page(sheet, title, f"{common.subtitle(lang, indicator, area)}. {note}")
        (_over_time if over_time else _pillar_bars)(page, table, lang)
    return page.figure


def _pillar(pillar: Any, lang: str) -> str:
    return labels.name("pillar", str(pillar), lang)


def _percent(share: float, lang: str) -> str:
    return numbers.percent(100 * share, lang, 0)


def _weakest_title(table: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
    """Say which pillar is weakest, and in which edition or year."""
    row = table.loc[table["share"].idxmin()]
    edition = str(row["edition"]) if "edition" in table else common.span_of(table.get("year", []))
    about = _pillar_of(row, indicator, area, lang)
    percent = _percent(row["share"], lang)
    return labels.label("pillars_weakest", lang, **about, percent=percent, edition=f" ({edition})" if edition else "")


def _pillar_times_title(table: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
    """Say which pillar is weakest in the last edition and where it stood in the first."""
    last = table[table["year"] == table["year"].max()]
    weakest = last.loc[last["share"].idxmin()]
    first = table[table["pillar"] == weakest["pillar"]].sort_values("year").iloc[0]
    about = _pillar_of(weakest, indicator, area, lang)
    shares = {"start": _percent(first["share"], lang), "end": _percent(weakest["share"], lang)}
    years = {"first": str(int(first["year"])), "last": str(int(weakest["year"]))}
    return labels.label("pillars_time_title", lang, **about, **shares, **years)


def _pillar_of(row: pd.Series, indicator: Indicator, area: Area, lang: str) -> dict[str, str]:
    """Return what a title says a pillar is one of, and its name."""
    subject = labels.subject(indicator, area, lang)
    return {"subject": subject, "pillar": labels.lower_first(_pillar(row["pillar"], lang))}


def _over_time(page: frame.Frame, table: pd.DataFrame, lang: str) -> None:
    """Draw a panel per pillar: its share of the maximum over the years, all on one scale."""
    order = list(dict.fromkeys(table["pillar"]))
    years = sorted(int(year) for year in table["year"].unique())
    for axes, pillar in zip(page.grid(1, len(order), side=0.0, gap=0.35), order, strict=True):
        rows = table[table["pillar"] == pillar].sort_values("year")
        axes.set(xlim=(years[0] - 0.5, years[-1] + 0.5), ylim=(0, 1.12), yticks=[], xticks=years)
        axes.tick_params(labelsize=page.font * 0.9)
        axes.axhline(1, color=theme.GRID, lw=0.8)
        axes.spines["left"].set_visible(False)
        axes.plot(rows["year"], rows["share"], color=theme.OBSERVED, lw=1.4, ls=":", zorder=2)
        axes.plot(rows["year"], rows["share"], "o", color=theme.OBSERVED, ms=7, zorder=3)
        for row in rows.itertuples():
            axes.annotate(_percent(row.share, lang), (row.year, row.share), (0, page.font * 0.8),
                          textcoords="offset points", ha="center", weight="bold", size=page.font)
        axes.set_title(_pillar(pillar, lang), size=page.font * 1.05, weight="bold", loc="left", color=theme.INK)


def _pillar_bars(page: frame.Frame, table: pd.DataFrame, lang: str) -> None:
    """Draw a bar per pillar against its maximum, one group per edition."""
    groups = list(table.groupby("edition", sort=False)) if "edition" in table else [("", table)]
    widest = max(frame.text_width(page.figure, _pillar(one, lang), page.font * 0.95) for one in table["pillar"]) + 0.12
    head = 1.5 if len(groups) > 1 else 0.3
    panels = page.grid(len(groups), 1, side=widest, head=head, foot=0.3)
    for axes, (edition, rows) in zip(panels, groups, strict=True):
        _edition(axes, page, rows.reset_index(drop=True), lang)
        if len(groups) > 1:
            axes.text(0, 1.02, str(edition), transform=axes.transAxes, size=page.font, weight="bold", va="bottom")


def _edition(axes: Axes, page: frame.Frame, rows: pd.DataFrame, lang: str) -> None:
    places = np.arange(len(rows))[::-1]
    axes.barh(places, np.ones(len(rows)), color="#ECECEC", height=0.62)
    axes.barh(places, rows["share"], color=theme.OBSERVED, height=0.62)
    words = [_pillar_words(row, lang) for row in rows.itertuples()]
    width = axes.get_position().width * page.size.width
    widest = max(frame.text_width(page.figure, text, page.font * 0.9, "bold") for text in words) + 0.12
    fits = min(1.0, 0.75 * width / widest)  # long amounts on a narrow page are set smaller
    widest *= fits
    axes.set(xlim=(0, max(1.1, width / max(width - widest, 0.2 * width))), ylim=(-0.6, len(rows) - 0.4), xticks=[])
    axes.set_yticks(places, [_pillar(one, lang) for one in rows["pillar"]], size=page.font * 0.95, color=theme.INK)
    for name in ("left", "bottom"):
        axes.spines[name].set_visible(False)
    for place, text in zip(places, words, strict=True):
        axes.annotate(text, (1, place), (5, 0), textcoords="offset points", size=page.font * 0.9 * fits, va="center",
                      weight="bold")


def _pillar_words(row: Any, lang: str) -> str:
    """Return a pillar's value: of an index from 0 to 1 the number alone, else points of how many."""
    value, percent = numbers.number(row.value, lang), _percent(row.share, lang)
    if row.maximum == 1:
        return labels.label("pillar_index", lang, value=value, percent=percent)
    return labels.label("pillar_value", lang, value=value, maximum=numbers.number(row.maximum, lang), percent=percent)
