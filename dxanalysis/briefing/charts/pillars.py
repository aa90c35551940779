"""What an index is made of: its pillars against their maxima."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import frame, labels, numbers, theme
from . import common
from .common import SLIDE, Sheet


def pillars(
    pillars: pd.DataFrame,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
) -> Figure:
    """Draw each pillar as a bar against its maximum, with points and percent.

    Parameters
    ----------
    pillars : DataFrame
        Columns pillar, value, maximum; optionally edition (one group of bars per edition, never joined by a line,
        because editions count differently).
    """
    lang = sheet.lang
    table = pillars[pillars["value"].notna()].reset_index(drop=True)
    title = sheet.title or _pillar_title(table, indicator, area, lang)
    with theme.settings():
        page = common.open_page(sheet, title, common.subtitle(lang, indicator, area))
        groups = list(table.groupby("edition", sort=False)) if "edition" in table else [("", table)]
        if table.empty:
            axes = page.axes()
            axes.axis("off")
            common.empty_note(axes, lang, page.font)
            return page.figure
        names = [labels.name("pillar", str(one), lang) for one in table["pillar"]]
        widest = max(frame.text_width(page.figure, name, page.font * 0.95) for name in names) + 0.12
        for axes, (edition, rows) in zip(
            page.grid(len(groups), 1, side=widest, head=1.5 if len(groups) > 1 else 0.3, foot=0.3), groups, strict=True
        ):
            _pillar_bars(axes, page, rows.reset_index(drop=True), str(edition), lang)
    return page.figure


def _pillar_title(table: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
    name = labels.subject(indicator, area, lang)
    if table.empty or not (table["maximum"] > 0).all():
        return labels.label("pillars_title", lang, subject=name)
    rows = table[table["edition"] == table["edition"].iloc[-1]] if "edition" in table else table
    weakest = rows.loc[(rows["value"] / rows["maximum"]).idxmin()]
    return labels.label(
        "pillars_weakest",
        lang,
        subject=name,
        pillar=labels.name("pillar", str(weakest["pillar"]), lang),
        percent=numbers.percent(100 * weakest["value"] / weakest["maximum"], lang, 0),
    )


def _pillar_bars(axes: Axes, page: frame.Frame, rows: pd.DataFrame, edition: str, lang: str) -> None:
    places = np.arange(len(rows))[::-1]
    share = np.clip(rows["value"] / rows["maximum"].where(rows["maximum"] > 0), 0, 1).fillna(0)
    axes.barh(places, np.ones(len(rows)), color="#ECECEC", height=0.62)
    axes.barh(places, share, color=theme.OBSERVED, height=0.62)
    words = [_pillar_words(row, part, lang) for row, part in zip(rows.itertuples(), share, strict=True)]
    widest = max(frame.text_width(page.figure, text, page.font * 0.9, "bold") for text in words) + 0.12
    width = axes.get_position().width * page.size.width
    axes.set_xlim(0, max(1.1, width / max(width - widest, 0.2 * width)))
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xticks([])
    axes.set_yticks(
        places,
        [labels.name("pillar", str(one), lang) for one in rows["pillar"]],
        size=page.font * 0.95,
        color=theme.INK,
    )
    for name in ("left", "bottom"):
        axes.spines[name].set_visible(False)
    for place, text in zip(places, words, strict=True):
        axes.annotate(
            text,
            (1, place),
            xytext=(5, 0),
            textcoords="offset points",
            size=page.font * 0.9,
            va="center",
            weight="bold",
        )
    if edition:
        axes.text(0, 1.02, edition, transform=axes.transAxes, size=page.font, weight="bold", va="bottom")


def _pillar_words(row: Any, part: float, lang: str) -> str:
    return labels.label(
        "pillar_value",
        lang,
        value=numbers.number(row.value, lang),
        maximum=numbers.number(row.maximum, lang),
        percent=numbers.percent(100 * part, lang, 0),
    )
