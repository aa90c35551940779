"""One small chart per area, all on one scale."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import frame, labels, numbers, theme
from ..page import breaks_of
from . import common, scales
from .agenda import instead
from .common import SLIDE, Names, Sheet, area_names


def small_multiples(
    panel: pd.DataFrame,
    targets: pd.DataFrame | None = None,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
    names: Names = None,
    assessed: pd.DataFrame | None = None,
    note: str = "",
) -> Figure:
    """Draw one small chart per area on one scale, the latest value and its year printed, the area itself in colour.

    Up to 63 areas fit on a slide, in the order of the Vietnamese alphabet, the area itself first. At least two areas
    are needed; of one alone the judgement of its targets is written.

    Parameters
    ----------
    panel : DataFrame
        Columns area, year, value and, where areas are measured in several ways, definition.
    targets : DataFrame, optional
        The last target is drawn as a line across all charts.
    note : str
        What is missing for the picture that was asked for.
    """
    lang = sheet.lang
    known = panel[panel["value"].notna()]
    shown = area_names(known["area"].unique(), names, lang)
    own = getattr(area, "id", "")
    order = sorted(shown, key=lambda one: (one != own, numbers.vi_key(shown[one])))
    with theme.settings():
        subtitle = ". ".join(filter(None, [common.subtitle(lang, indicator, area), note]))
        if len(order) < 2:
            return instead(sheet, note, indicator=indicator, area=area, assessed=assessed, history=known)
        title = _multiples_title(known, shown, indicator, area, lang)
        page = common.open_page(sheet, title, subtitle, table=known)
        goal = None if targets is None or targets.empty else float(targets["value"].iloc[-1])
        _multiples(page, known, [(one, shown[one], one == own) for one in order], goal, indicator, lang)
    return page.figure


def _multiples_title(panel: pd.DataFrame, shown: Mapping[str, str], indicator: Indicator, area: Area, lang: str) -> str:
    """Say how many areas and years there are, in how many of the series the value rose, and the area's own figure."""
    ends = panel.sort_values("year").groupby("area")["value"].agg(["first", "last", "size"])
    series = ends[ends["size"] > 1]
    given = {
        "measure": labels.upper_first(labels.measure_name(indicator, area, lang)), "count": str(len(shown)),
        "span": common.span_of(panel["year"]), "rose": str(int((series["last"] > series["first"]).sum())),
        "series": str(len(series)),
    }
    return labels.label("multiples_title" if len(series) else "multiples_title_flat", lang, **given)


def _multiples(
    page: frame.Frame,
    panel: pd.DataFrame,
    order: list[tuple[str, str, bool]],
    goal: float | None,
    indicator: Indicator,
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
    latest = {one: _latest(panel[panel["area"] == one].sort_values("year"), indicator, lang) for one, _, _ in order}
    widest = max(frame.text_width(page.figure, text, points, "bold") for text in latest.values())
    points *= min(1.0, 0.52 * (page.box[2] * page.size.width / columns - 0.1) / widest)
    limits = scales.value_limits([*panel["value"], *([goal] if goal is not None else [])], lower=indicator.lower)
    years = (float(panel["year"].min()) - 0.6, float(panel["year"].max()) + 0.6)
    panels = page.grid(rows, columns, head=points / page.font * 1.5, foot=points / page.font * 1.5, gap=0.1)
    for axes in panels[len(order) :]:
        axes.axis("off")
    for at, ((one, name, own), axes) in enumerate(zip(order, panels, strict=False)):
        axes.set(xlim=years, ylim=limits)
        series = panel[panel["area"] == one].sort_values("year")
        _multiple(axes, series, own, 3.0 if rows > 4 else 4.5)
        if goal is not None:
            axes.axhline(goal, color=theme.MUTED, lw=0.7, ls=(0, (3, 2)))
        _heading(axes, page, name, latest[one], own, points)
        if at + columns >= len(order):
            _first_and_last_year(axes, years, points * 0.9)


def _multiple(axes: Axes, rows: pd.DataFrame, own: bool, dot: float) -> None:
    """Draw one area's series without a line across a break."""
    colour = theme.TARGET if own else theme.OBSERVED
    broken = {year for year, _ in breaks_of(rows)}
    for before, after in pairwise(rows.itertuples()):
        if after.year not in broken:
            axes.plot([before.year, after.year], [before.value, after.value], color=colour, lw=1.5)
    axes.plot(rows["year"], rows["value"], ls="none", color=colour, marker="o", ms=dot, clip_on=False)
    axes.set(xticks=[], yticks=[])
    for side in ("left", "bottom"):
        axes.spines[side].set_color(theme.GRID)


def _heading(axes: Axes, page: frame.Frame, name: str, value: str, own: bool, points: float) -> None:
    """Write the name on the left and the latest figure on the right of the line above a panel."""
    weight = "bold" if own else "normal"
    width = axes.get_position().width * page.size.width
    room = width - frame.text_width(page.figure, value, points, weight) - 0.06
    shown = frame.wrap(page.figure, name, room, points, weight, 1)[0]
    look = {"xycoords": "axes fraction", "textcoords": "offset points", "size": points, "weight": weight}
    colour = theme.TARGET if own else theme.INK
    axes.annotate(shown, (0, 1), (0, 3), color=colour, **look)
    axes.annotate(value, (1, 1), (0, 3), ha="right", color=colour if own else theme.OBSERVED, **look)


def _latest(rows: pd.DataFrame, indicator: Indicator, lang: str) -> str:
    last = rows.iloc[-1]
    return f"{scales.value_text(float(last['value']), lang, indicator)} ({int(last['year'])})"


def _first_and_last_year(axes: Axes, years: tuple[float, float], points: float) -> None:
    ends = (math.ceil(years[0]), math.floor(years[1]))
    for year, align in zip(dict.fromkeys(ends), ("left", "right"), strict=False):
        axes.annotate(str(year), (year, 0), (0, -2), xycoords=("data", "axes fraction"), textcoords="offset points",
                      size=points, color=theme.MUTED, ha=align, va="top")
