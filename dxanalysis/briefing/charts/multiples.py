"""Areas over time: a small chart of each on one scale, or a line of each between two years."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import frame, labels, numbers, theme
from ..page import breaks_of, comparable
from ..place import spread
from . import common, scales
from .agenda import instead
from .areas import latest_dots
from .common import SLIDE, Names, Sheet, area_names

LEAST_SLOPES = 3
_MANY = 24  # areas; with more of them those of a single figure are left out


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
    known, own = panel[panel["value"].notna()], getattr(area, "id", "")
    if known["area"].nunique() > _MANY:  # a single figure shows no change, and its room makes the others legible
        known = known[(known.groupby("area")["year"].transform("nunique") > 1) | (known["area"] == own)]
    shown = area_names(known["area"].unique(), names, lang)
    order = sorted(shown, key=lambda one: (one != own, numbers.vi_key(shown[one])))
    with theme.settings():
        subtitle = ". ".join(filter(None, [common.subtitle(lang, indicator, area, drawn=known), note]))
        if len(order) < 2:
            return instead(sheet, note, indicator=indicator, area=area, assessed=assessed, history=known)
        title = _multiples_title(known, shown, indicator, area, lang)
        marks, keys = common.definition_marks(known, lang)
        keys = keys if len(keys) > 1 else []
        page = common.open_page(sheet, title, subtitle, keys, table=known, drawing=0.45 * len(order))
        goal = None if targets is None or targets.empty else float(targets["value"].iloc[-1])
        _multiples(page, known, [(one, shown[one], one == own) for one in order], goal, indicator, lang, marks)
    return page.figure


def _multiples_title(panel: pd.DataFrame, shown: Mapping[str, str], indicator: Indicator, area: Area, lang: str) -> str:
    """Say how many areas and years there are, in how many of the series the value rose, and the area's own figure."""
    ends = panel.sort_values("year").groupby("area")["value"].agg(["first", "last", "size"])
    series = ends[ends["size"] > 1]
    given = {
        "measure": labels.upper_first(labels.measure_name(indicator, area, lang)), "count": str(len(shown)),
        "span": common.span_of(panel["year"]), "series": str(len(series)),
        "rose": _rose(series["first"], series["last"], indicator, lang),
    }
    return labels.label("multiples_title" if len(series) > 1 else "multiples_title_flat", lang, **given)


def _multiples(
    page: frame.Frame,
    panel: pd.DataFrame,
    order: list[tuple[str, str, bool]],
    goal: float | None,
    indicator: Indicator,
    lang: str,
    marks: Mapping[str, str],
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
    limits = limits[::-1] if indicator.unit == "rank" else limits  # rank 1 is on top
    years = (float(panel["year"].min()) - 0.6, float(panel["year"].max()) + 0.6)
    panels = page.grid(rows, columns, head=points / page.font * 1.5, foot=points / page.font * 1.5, gap=0.1)
    for axes in panels[len(order) :]:
        axes.axis("off")
    for at, ((one, name, own), axes) in enumerate(zip(order, panels, strict=False)):
        axes.set(xlim=years, ylim=limits)
        series = panel[panel["area"] == one].sort_values("year")
        mark = marks.get(str(series["definition"].iloc[-1]) if marks else "", theme.MARKERS[0])
        _multiple(axes, series, own, mark, 3.0 if rows > 4 else 4.5)
        if goal is not None:
            axes.axhline(goal, color=theme.MUTED, lw=0.7, ls=(0, (3, 2)))
        _heading(axes, page, name, latest[one], own, points)
        if at + columns >= len(order):
            _first_and_last_year(axes, years, points * 0.9)


def _multiple(axes: Axes, rows: pd.DataFrame, own: bool, mark: str, dot: float) -> None:
    """Draw one area's series without a line across a break."""
    colour = theme.TARGET if own else theme.OBSERVED
    broken = {year for year, _ in breaks_of(rows)}
    for before, after in pairwise(rows.itertuples()):
        if after.year not in broken:
            axes.plot([before.year, after.year], [before.value, after.value], color=colour, lw=1.5)
    axes.plot(rows["year"], rows["value"], ls="none", color=colour, marker=mark, ms=dot, clip_on=False)
    axes.set(xticks=[], yticks=[])
    for side in ("left", "bottom"):
        axes.spines[side].set_color(theme.GRID)


def _heading(axes: Axes, page: frame.Frame, name: str, value: str, own: bool, points: float) -> None:
    """Write the name on the left and the latest figure on the right of the line above a panel."""
    weight = "bold" if own else "normal"
    width = axes.get_position().width * page.size.width
    room = width - frame.text_width(page.figure, value, points, weight) - 0.06
    fits = points * min(1.0, room / frame.text_width(page.figure, name, points, weight))  # a long name is set smaller
    look = {"xycoords": "axes fraction", "textcoords": "offset points", "size": points, "weight": weight}
    colour = theme.TARGET if own else theme.INK
    axes.annotate(name, (0, 1), (0, 3), color=colour, **{**look, "size": fits})
    axes.annotate(value, (1, 1), (0, 3), ha="right", color=colour if own else theme.OBSERVED, **look)


def _latest(rows: pd.DataFrame, indicator: Indicator, lang: str) -> str:
    last = rows.iloc[-1]
    return f"{scales.value_text(float(last['value']), lang, indicator)} ({int(last['year'])})"


def _first_and_last_year(axes: Axes, years: tuple[float, float], points: float) -> None:
    ends = (math.ceil(years[0]), math.floor(years[1]))
    for year, align in zip(dict.fromkeys(ends), ("left", "right"), strict=False):
        axes.annotate(str(year), (year, 0), (0, -2), xycoords=("data", "axes fraction"), textcoords="offset points",
                      size=points, color=theme.MUTED, ha=align, va="top")


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
    with figures of several years gets a small chart on one scale, each by its own definition.

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
            moving = _moving(elsewhere)
            if moving["area"].nunique() < LEAST_SLOPES - 1:
                return latest_dots(elsewhere, assessed, indicator=indicator, area=area, sheet=sheet, names=names)
            return small_multiples(
                moving, indicator=indicator, area=area, sheet=sheet, names=names, assessed=assessed,
                note=labels.label("needs_slopes", lang, n=str(LEAST_SLOPES)),
            )
        shown = area_names(wide.index, names, lang)
        title = _slope_title(wide, indicator, area, lang)
        drawn = common.published(elsewhere, wide.melt(ignore_index=False, var_name="year").reset_index())
        subtitle = common.subtitle(lang, indicator, area, drawn=drawn)
        page = common.open_page(sheet, title, subtitle, table=drawn, drawing=0.16 * len(wide))
        axes = page.grid(1, 1, head=1.6, foot=0.6)[0]
        axes.axis("off")
        _slope_lines(axes, page, wide, indicator, area, shown, lang)
    return page.figure


def _moving(figures: pd.DataFrame | None) -> pd.DataFrame:
    """Return the longest series of each area that has comparable figures of several years: others show no movement."""
    parts = [comparable(rows) for _, rows in _longest(figures).groupby("area")]
    series = pd.concat(parts) if parts else _longest(figures)
    return series[series.groupby("area")["year"].transform("nunique") > 1]


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
    rose = _rose(wide.iloc[:, 0], wide.iloc[:, -1], indicator, lang)
    measure = labels.upper_first(labels.measure_name(indicator, area, lang))
    given = {"measure": measure, "first": first, "last": last, "rose": rose, "count": str(len(wide))}
    own = getattr(area, "id", "")
    if own not in wide.index:
        return labels.label("slopes_title", lang, **given)
    ends = [scales.value_text(value, lang, indicator) for value in wide.loc[own]]
    place = labels.in_language(area, "name", lang)
    return labels.label("slopes_title_own", lang, area=place, start=ends[0], end=ends[-1], **given)


def _rose(first: pd.Series, last: pd.Series, indicator: Indicator, lang: str) -> str:
    """Say in how many areas the value rose, or in how many a rank got better: a rank that rises is a smaller number."""
    better = indicator.unit == "rank"
    count = int(((first - last) if better else (last - first)).gt(0).sum())
    return labels.label("rank_better" if better else "value_rose", lang, count=str(count))


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
