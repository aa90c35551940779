"""One small chart per area, all on the same axes."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import frame, labels, numbers, theme
from . import common
from .common import SLIDE, Names, Sheet, area_names


def small_multiples(
    panel: pd.DataFrame,
    targets: pd.DataFrame | None = None,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
    names: Names = None,
) -> Figure:
    """Draw one small chart per area on common axes, the latest value printed, the area itself in colour.

    Up to 63 areas fit on a slide; areas stand in the order of the Vietnamese alphabet.
    """
    lang = sheet.lang
    known = panel[panel["value"].notna()]
    shown = area_names(known["area"].unique(), names, lang)
    order = sorted(shown, key=lambda one: numbers.vi_key(shown[one]))
    title = sheet.title or labels.label("multiples_title", lang, measure=labels.measure_name(indicator, area, lang))
    with theme.settings():
        page = common.open_page(sheet, title, common.subtitle(lang, indicator, area))
        if not order:
            axes = page.axes()
            axes.axis("off")
            common.empty_note(axes, lang, page.font)
            return page.figure
        _multiples(page, known, order, shown, targets, indicator, area, lang)
    return page.figure


def _multiples(
    page: frame.Frame,
    panel: pd.DataFrame,
    order: list[str],
    shown: Mapping[str, str],
    targets: pd.DataFrame | None,
    indicator: Indicator,
    area: Area,
    lang: str,
) -> None:
    shape = page.box[2] * page.size.width / (page.box[3] * page.size.height)
    columns = max(1, min(len(order), round(math.sqrt(len(order) * shape / 1.5))))
    rows = math.ceil(len(order) / columns)
    points = min(
        page.font * 0.85,
        page.box[3] * page.size.height * 72 / rows * 0.2,
        page.box[2] * page.size.width * 72 / columns * 0.085,
    )
    goal = None if targets is None or targets.empty else float(targets["value"].iloc[-1])
    limits = common.value_limits([*panel["value"], *([goal] if goal is not None else [])], lower=indicator.lower)
    years = (float(panel["year"].min()) - 0.6, float(panel["year"].max()) + 0.6)
    head = points / page.font * 2.7
    panels = page.grid(rows, columns, head=head, foot=0.1, gap=0.08)
    for axes in panels[len(order) :]:
        axes.axis("off")
    for one, axes in zip(order, panels, strict=False):
        _multiple(
            axes,
            panel[panel["area"] == one],
            shown[one],
            one == getattr(area, "id", ""),
            goal,
            points,
            page,
            indicator,
            lang,
        )
        axes.set_xlim(*years)
        axes.set_ylim(*limits)


def _multiple(
    axes: Axes,
    rows: pd.DataFrame,
    name: str,
    own: bool,
    goal: float | None,
    points: float,
    page: frame.Frame,
    indicator: Indicator,
    lang: str,
) -> None:
    rows = rows.sort_values("year")
    colour = theme.TARGET if own else theme.OBSERVED
    axes.plot(rows["year"], rows["value"], color=colour, lw=1.5, marker="o", ms=2.5)
    if goal is not None:
        axes.axhline(goal, color=theme.MUTED, lw=0.7, ls=(0, (3, 2)))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["left"].set_color(theme.GRID)
    axes.spines["bottom"].set_color(theme.GRID)
    width = axes.get_position().width * page.size.width
    value = common.value_text(float(np.asarray(rows["value"])[-1]), lang, indicator)
    lines = [frame.wrap(page.figure, name, width, points, "bold" if own else "normal", 1)[0], value]
    for at, text in enumerate(lines):
        axes.annotate(
            text,
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, points * 1.3 * (1 - at) + 2),
            textcoords="offset points",
            size=points,
            color=colour if own or at else theme.INK,
            weight="bold" if own else "normal",
        )
