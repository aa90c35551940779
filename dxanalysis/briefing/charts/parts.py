"""What a total is made of: pillars against their maxima, and contributions to a change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import frame, labels, numbers, theme
from . import common


def pillars(
    pillars: pd.DataFrame,
    *,
    indicator: Any,
    area: Any,
    lang: str = "vi",
    size: str = "slide",
    history: pd.DataFrame | None = None,
    sources: Iterable[Any] = (),
    as_of: Any = None,
    title: str = "",
    code: str = "",
) -> Figure:
    """Draw each pillar as a bar against its maximum, with points and percent.

    Parameters
    ----------
    pillars : DataFrame
        Columns pillar, value, maximum; optionally edition (one group of bars per edition, never joined by a line,
        because editions count differently).
    """
    table = pillars[pillars["value"].notna()].reset_index(drop=True)
    title = title or _pillar_title(table, indicator, area, lang)
    with theme.settings():
        sheet = frame.page(
            size, title, common.subtitle(lang, indicator, area), common.source_line(lang, sources, as_of, code, history)
        )
        groups = list(table.groupby("edition", sort=False)) if "edition" in table else [("", table)]
        if table.empty:
            axes = sheet.axes()
            axes.axis("off")
            common.empty_note(axes, lang, sheet.font)
            return sheet.figure
        names = [labels.name("pillar", str(one), lang) for one in table["pillar"]]
        widest = max(frame.text_width(sheet.figure, name, sheet.font * 0.95) for name in names) + 0.12
        for axes, (edition, rows) in zip(
            sheet.grid(len(groups), 1, side=widest, head=1.5 if len(groups) > 1 else 0.3, foot=0.3), groups, strict=True
        ):
            _pillar_bars(axes, sheet, rows.reset_index(drop=True), str(edition), lang)
    return sheet.figure


def _pillar_title(table: pd.DataFrame, indicator: Any, area: Any, lang: str) -> str:
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


def _pillar_bars(axes: Axes, sheet: frame.Frame, rows: pd.DataFrame, edition: str, lang: str) -> None:
    places = np.arange(len(rows))[::-1]
    share = np.clip(rows["value"] / rows["maximum"].where(rows["maximum"] > 0), 0, 1).fillna(0)
    axes.barh(places, np.ones(len(rows)), color="#ECECEC", height=0.62)
    axes.barh(places, share, color=theme.OBSERVED, height=0.62)
    words = [_pillar_words(row, part, lang) for row, part in zip(rows.itertuples(), share, strict=True)]
    widest = max(frame.text_width(sheet.figure, text, sheet.font * 0.9, "bold") for text in words) + 0.12
    width = axes.get_position().width * sheet.size.width
    axes.set_xlim(0, max(1.1, width / max(width - widest, 0.2 * width)))
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xticks([])
    axes.set_yticks(
        places,
        [labels.name("pillar", str(one), lang) for one in rows["pillar"]],
        size=sheet.font * 0.95,
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
            size=sheet.font * 0.9,
            va="center",
            weight="bold",
        )
    if edition:
        axes.text(0, 1.02, edition, transform=axes.transAxes, size=sheet.font, weight="bold", va="bottom")


def _pillar_words(row: Any, part: float, lang: str) -> str:
    return labels.label(
        "pillar_value",
        lang,
        value=numbers.number(row.value, lang),
        maximum=numbers.number(row.maximum, lang),
        percent=numbers.percent(100 * part, lang, 0),
    )


def waterfall(
    steps: pd.DataFrame,
    *,
    indicator: Any,
    area: Any,
    lang: str = "vi",
    size: str = "slide",
    history: pd.DataFrame | None = None,
    sources: Iterable[Any] = (),
    as_of: Any = None,
    title: str = "",
    code: str = "",
) -> Figure:
    """Draw a total before, the contribution of each part, and the total after.

    Parameters
    ----------
    steps : DataFrame
        Columns name_vi, name_en, value, kind: "total" (a bar from zero) or "part" (a change, up or down).
    """
    title = title or labels.label("waterfall_title", lang, subject=labels.subject(indicator, area, lang))
    with theme.settings():
        sheet = frame.page(
            size, title, common.subtitle(lang, indicator, area), common.source_line(lang, sources, as_of, code, history)
        )
        if steps.empty:
            axes = sheet.axes()
            axes.axis("off")
            common.empty_note(axes, lang, sheet.font)
            return sheet.figure
        axes = sheet.grid(1, 1, side=0.1, head=0.4, foot=3.2)[0]
        _waterfall_bars(axes, sheet, steps.reset_index(drop=True), indicator, lang)
    return sheet.figure


def _waterfall_bars(axes: Axes, sheet: frame.Frame, steps: pd.DataFrame, indicator: Any, lang: str) -> None:
    bottoms, tops, level = [], [], 0.0
    for row in steps.itertuples():
        start = 0.0 if row.kind == "total" else level
        level = row.value if row.kind == "total" else level + row.value
        bottoms.append(start)
        tops.append(level)
    low, high = common.value_limits([*bottoms, *tops, 0.0])
    axes.set_ylim(low - (0.08 * (high - low) if low < 0 else 0), high)
    axes.set_xlim(-0.6, len(steps) - 0.4)
    axes.set_yticks([])
    axes.set_xticks([])
    axes.spines["left"].set_visible(False)
    axes.axhline(0, color=theme.MUTED, lw=0.8)
    room = axes.get_position().width * sheet.size.width / (len(steps) + 0.2) - 0.06
    for at, row in enumerate(steps.itertuples()):
        _waterfall_bar(axes, sheet, at, row, bottoms[at], tops[at], room, indicator, lang)
        if at + 1 < len(steps):
            axes.plot([at + 0.38, at + 0.62], [tops[at]] * 2, color=theme.MUTED, lw=0.8)


def _waterfall_bar(
    axes: Axes, sheet: frame.Frame, at: int, row: Any, bottom: float, top: float, room: float, indicator: Any, lang: str
) -> None:
    rising = top >= bottom
    colour = theme.INK if row.kind == "total" else theme.OBSERVED if rising else theme.TARGET
    axes.bar(
        at,
        top - bottom,
        bottom=bottom,
        color=colour,
        width=0.76,
        hatch="" if rising else "///",
        edgecolor="white",
        lw=0,
    )
    shown = (
        common.value_text(row.value, lang, indicator)
        if row.kind == "total"
        else numbers.number(row.value, lang, numbers.enough_decimals(row.value, int(indicator.decimals)), sign=True)
    )
    points = sheet.font * 0.9
    while points > 4 and frame.text_width(sheet.figure, shown, points, "bold") > room:
        points *= 0.92
    axes.annotate(
        shown,
        (at, max(top, bottom)),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        size=points,
        weight="bold",
        color=theme.INK,
    )
    name = frame.wrap(sheet.figure, row.name_vi if lang == "vi" else row.name_en, room, sheet.font * 0.8, lines=3)
    axes.annotate(
        "\n".join(name),
        (at, 0),
        xycoords=("data", "axes fraction"),
        xytext=(0, -4),
        textcoords="offset points",
        ha="center",
        va="top",
        size=sheet.font * 0.8,
    )
