"""What an index is made of: its pillars against their maxima, in one edition as bars and over several as lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import frame, labels, numbers, theme
from . import common
from .areas import latest_dots
from .common import SLIDE, Names, Sheet


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
        title = (_time_title if over_time else _weakest_title)(table, indicator, area, lang)
        note = labels.label("pillars_over_time" if over_time else "pillars_bars", lang)
        page = common.open_page(sheet, title, f"{common.subtitle(lang, indicator, area)}. {note}")
        (_over_time if over_time else _bars)(page, table, lang)
    return page.figure


def _name(pillar: Any, lang: str) -> str:
    return labels.name("pillar", str(pillar), lang)


def _percent(share: float, lang: str) -> str:
    return numbers.percent(100 * share, lang, 0)


def _weakest_title(table: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
    """Say which pillar is weakest, and in which edition."""
    row = table.loc[table["share"].idxmin()]
    edition = str(row["edition"]) if "edition" in table else ""
    return labels.label(
        "pillars_weakest",
        lang,
        subject=labels.subject(indicator, area, lang),
        pillar=labels.lower_first(_name(row["pillar"], lang)),
        percent=_percent(row["share"], lang),
        edition=f" ({edition})" if edition else "",
    )


def _time_title(table: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
    """Say which pillar is weakest in the last edition and where it stood in the first."""
    last = table[table["year"] == table["year"].max()]
    weakest = last.loc[last["share"].idxmin()]
    first = table[table["pillar"] == weakest["pillar"]].sort_values("year").iloc[0]
    return labels.label(
        "pillars_time_title",
        lang,
        subject=labels.subject(indicator, area, lang),
        pillar=labels.lower_first(_name(weakest["pillar"], lang)),
        start=_percent(first["share"], lang),
        first=str(int(first["year"])),
        end=_percent(weakest["share"], lang),
        last=str(int(weakest["year"])),
    )


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
        axes.set_title(_name(pillar, lang), size=page.font * 1.05, weight="bold", loc="left", color=theme.INK)


def _bars(page: frame.Frame, table: pd.DataFrame, lang: str) -> None:
    """Draw a bar per pillar against its maximum, one group per edition."""
    groups = list(table.groupby("edition", sort=False)) if "edition" in table else [("", table)]
    widest = max(frame.text_width(page.figure, _name(one, lang), page.font * 0.95) for one in table["pillar"]) + 0.12
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
    words = [_words(row, lang) for row in rows.itertuples()]
    widest = max(frame.text_width(page.figure, text, page.font * 0.9, "bold") for text in words) + 0.12
    width = axes.get_position().width * page.size.width
    axes.set(xlim=(0, max(1.1, width / max(width - widest, 0.2 * width))), ylim=(-0.6, len(rows) - 0.4), xticks=[])
    axes.set_yticks(places, [_name(one, lang) for one in rows["pillar"]], size=page.font * 0.95, color=theme.INK)
    for name in ("left", "bottom"):
        axes.spines[name].set_visible(False)
    for place, text in zip(places, words, strict=True):
        axes.annotate(text, (1, place), (5, 0), textcoords="offset points", size=page.font * 0.9, va="center",
                      weight="bold")


def _words(row: Any, lang: str) -> str:
    """Return a pillar's value: of an index from 0 to 1 the number alone, else points of how many."""
    value, percent = numbers.number(row.value, lang), _percent(row.share, lang)
    if row.maximum == 1:
        return labels.label("pillar_index", lang, value=value, percent=percent)
    return labels.label("pillar_value", lang, value=value, maximum=numbers.number(row.maximum, lang), percent=percent)
