"""What may come under stated conditions, the growth a target takes, and how past forecasts fared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import frame, labels, numbers, theme
from ..place import Tag, place, spread
from ..words import word
from . import common
from .agenda import judgement, judgement_title
from .common import SLIDE, Sheet
from .matrix import Cell, draw

_STYLES = {
    "continue": (theme.SERIES[1], (0, (5, 2)), "s"),
    "required_pace": (theme.REQUIRED, "-", "^"),
    "best_peer": (theme.SERIES[4], "-.", "v"),
    "halt": (theme.MUTED, (0, (1.5, 1.5)), "o"),
    "slow": (theme.SERIES[5], (0, (7, 2, 1, 2)), "P"),
    "fixed_change": (theme.INK, (0, (3, 1)), "D"),
}


def scenarios(
    paths: pd.DataFrame,
    history: pd.DataFrame,
    targets: pd.DataFrame | None = None,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
    assessed: pd.DataFrame | None = None,
) -> Figure:
    """Draw the scenarios from the last figure on, beside the figures and the targets.

    Parameters
    ----------
    paths : DataFrame
        ``analysis.draw_scenarios``: scenario, condition, year, value.
    history, targets : DataFrame
        The figures and the targets; the targets may be left out.
    assessed : DataFrame, optional
        Judgements of the targets, written where there is no scenario.
    """
    lang = sheet.lang
    seen = history[history["value"].notna()].sort_values("year")
    goals = pd.DataFrame({"year": [], "value": []}) if targets is None else targets
    with theme.settings():
        if paths.empty:
            missing = labels.label("needs_scenarios", lang)
            page = common.open_page(sheet, judgement_title(assessed, indicator, area, lang), missing, table=history)
            return page.figure if judgement(page, assessed, indicator, lang) else common.nothing(page, missing)
        keys, title = _keys(paths, goals, lang), _scenario_title(paths, goals, indicator, area, lang)
        page = common.open_page(sheet, title, common.subtitle(lang, indicator, area), keys, table=history)
        axes = page.axes()
        years = [*seen["year"], *paths["year"], *goals["year"]]
        values = [*seen["value"], *paths["value"], *goals["value"]]
        low, high = common.value_limits([float(one) for one in values], lower=indicator.lower)
        axes.set_ylim(low, high)
        first, last = min(years, default=2020), max(years, default=2030)
        axes.set_xlim(
            first - 0.05 * max(2, last - first),
            last + _room_for_ends(page, paths, indicator, lang) * max(2, last - first),
        )
        common.light_grid(axes)
        common.axis_numbers(axes, lang, indicator)
        common.year_axis(axes, first, last, page.font)
        page.fit(axes)
        tags = _lines(axes, paths, seen, goals, indicator, lang)
        _ends(axes, page, paths, goals, indicator, lang)
        place(axes, tags, page.font * 0.85, [rows[["year", "value"]].to_numpy(float) for _, rows in _each(paths)])
    return page.figure


def _scenario_title(paths: pd.DataFrame, goals: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
    """Say where the lowest and the highest scenario end, and the target of that year."""
    year = int(paths["year"].max())
    free = paths[(paths["year"] == year) & (paths["scenario"] != "required_pace")]
    given = {"subject": labels.subject(indicator, area, lang), "year": str(year)}
    goal = goals[goals["year"] == year]
    aim = common.value_text(float(goal["value"].iloc[-1]), lang, indicator) if len(goal) else ""
    if free.empty:
        return labels.label("scenarios_title", lang, **given)
    ends = sorted({common.value_text(value, lang, indicator) for value in (free["value"].min(), free["value"].max())})
    lowest = common.value_text(float(free["value"].min()), lang, indicator)
    highest = common.value_text(float(free["value"].max()), lang, indicator)
    span = lowest if len(ends) == 1 else labels.label("from_to", lang, low=lowest, high=highest)
    given["goal"] = labels.label("forecast_goal", lang, target=aim) if aim else ""
    return labels.label("scenarios_title_ends", lang, span=span, **given)


def _room_for_ends(page: frame.Frame, paths: pd.DataFrame, indicator: Indicator, lang: str) -> float:
    """Return how much of the years' span must stay free on the right for the values at the ends of the lines."""
    texts = [common.value_text(rows["value"].iloc[-1], lang, indicator) for _, rows in _each(paths)]
    widest = max(frame.text_width(page.figure, text, page.font * 0.85) for text in texts) + 0.15
    return max(0.14, 1.15 * widest / (page.box[2] * page.size.width - widest))


def _ends(
    axes: Axes, page: frame.Frame, paths: pd.DataFrame, goals: pd.DataFrame, indicator: Indicator, lang: str
) -> None:
    """Write where each scenario ends, to the right of the lines and apart from each other."""
    ends = [(name, rows.iloc[-1]) for name, rows in _each(paths) if name != "required_pace" or not len(goals)]
    if not ends:
        return
    low, high = axes.get_ylim()
    height = axes.get_position().height * page.size.height
    line = page.font * 0.85 * 1.2 / 72 / height * (high - low)
    places = spread([float(end["value"]) for _, end in ends], [line] * len(ends), low, high)
    reach = 0.02 * (axes.get_xlim()[1] - axes.get_xlim()[0])
    for (name, end), at in zip(ends, places, strict=True):
        colour = _STYLES.get(name, _STYLES["fixed_change"])[0]
        axes.plot([end["year"], end["year"] + reach], [end["value"], at], color=colour, lw=0.7, zorder=2)
        axes.text(end["year"] + reach * 1.2, at, common.value_text(end["value"], lang, indicator),
                  size=page.font * 0.85, color=colour, va="center")


def growth_grid(
    grid: pd.DataFrame,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
    assessed: pd.DataFrame | None = None,
) -> Figure:
    """Draw the growth the numerator needs to reach the next target on time or later, as a table of shades.

    Parameters
    ----------
    grid : DataFrame
        ``analysis.growth_grid``; where it is empty the page says that there is nothing to draw.
    """
    lang = sheet.lang
    last_year = int(grid["last_year"].iloc[0]) if len(grid) else None
    with theme.settings():
        subtitle = labels.label("growth_subtitle", lang)
        title = (
            _growth_title(grid, indicator, area, lang)
            if len(grid)
            else judgement_title(assessed, indicator, area, lang)
        )
        page = common.open_page(sheet, title, subtitle if len(grid) else labels.label("needs_growth", lang))
        if grid.empty:
            told = judgement(page, assessed, indicator, lang)
            return page.figure if told else common.nothing(page, labels.label("needs_growth", lang))
        axes = page.axes()
        spans = sorted(grid["years"].unique())
        draw(axes, page, _growth_rows(grid, spans, last_year, lang), [1.3, *[1.0] * len(spans)])
    return page.figure


def _growth_title(grid: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
    name = labels.subject(indicator, area, lang)
    if grid.empty:
        return labels.label("growth_title", lang, subject=name)
    goal = common.value_text(float(grid["target"].iloc[0]), lang, indicator)
    return labels.label("need_title", lang, subject=name, year=str(int(grid["target_year"].iloc[0])), target=goal)


def _growth_rows(table: pd.DataFrame, spans: list[Any], last_year: int | None, lang: str) -> list[list[Cell]]:
    head = [Cell(labels.label("growth_of_whole", lang), weight="bold")]
    for span in spans:
        until = "" if last_year is None else f" ({last_year + int(span)})"
        head.append(Cell(labels.label("growth_years", lang, count=str(int(span))) + until, "#EFEFEF", weight="bold"))
    rows = [head]
    low, high = table["required_growth"].min(), table["required_growth"].max()
    for rate in sorted(table["growth"].unique()):
        row = [Cell(labels.label("growth_per_year", lang, value=numbers.percent(100 * rate, lang, 1)))]
        for span in spans:
            found = table[(table["growth"] == rate) & (table["years"] == span)]["required_growth"]
            row.append(_growth_cell(float(found.iloc[0]), low, high, lang) if len(found) else Cell("", "#F7F7F7"))
        rows.append(row)
    return rows


def _growth_cell(value: float, low: float, high: float, lang: str) -> Cell:
    if np.isnan(value):
        return Cell("–", "#F7F7F7")
    level = 0 if high <= low else round((value - low) / (high - low) * (len(theme.RAMP) - 1))
    ink = theme.PAPER if theme.contrast(theme.RAMP[level]) > 4.5 else theme.INK
    return Cell(numbers.percent(100 * value, lang, 1), theme.RAMP[level], ink)


def _each(paths: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [(str(name), rows) for name, rows in paths.groupby("scenario", sort=False)]


def _style(name: str) -> dict[str, Any]:
    colour, dash, marker = _STYLES.get(name, _STYLES["fixed_change"])
    return {"color": colour, "ls": dash, "marker": marker, "ms": 5, "lw": 1.8}


def _keys(paths: pd.DataFrame, goals: pd.DataFrame, lang: str) -> list[frame.Key]:
    keys = [frame.Key(labels.label("observed_short", lang), {"color": theme.OBSERVED, "marker": "o", "ms": 6, "lw": 2})]
    for name, rows in _each(paths):
        condition = word("condition", str(rows["condition"].iloc[0]), lang)
        text = labels.label("scenario_line", lang, scenario=word("scenario", name, lang), condition=condition)
        keys.append(frame.Key(text, _style(name)))
    if len(goals):
        keys.append(frame.Key(labels.label("target", lang), {"color": theme.TARGET, "lw": 0, "marker": "D", "ms": 6}))
    return keys


def _lines(
    axes: Axes, paths: pd.DataFrame, seen: pd.DataFrame, goals: pd.DataFrame, indicator: Indicator, lang: str
) -> list[Tag]:
    axes.plot(seen["year"], seen["value"], "o", color=theme.OBSERVED, ms=7, zorder=5)
    axes.plot(goals["year"], goals["value"], "D", color=theme.TARGET, ms=7.5, zorder=5)
    tags = []
    for row in goals.itertuples():
        value = common.value_text(row.value, lang, indicator)
        text = labels.label("target_at", lang, year=str(int(row.year)), value=value)
        tags.append(Tag(text, row.year, row.value, theme.TARGET, weight="bold", first=(135, 90, 180)))
    for name, rows in _each(paths):
        axes.plot(rows["year"], rows["value"], zorder=3, markevery=[-1], **_style(name))
    return tags


def track_record(
    record: pd.DataFrame,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
    assessed: pd.DataFrame | None = None,
) -> Figure:
    """Draw past forecasts, interval and median, beside what came; filled where the outcome lay inside.

    Where no forecast has met its year yet, the judgement of the targets stands in its place.

    Parameters
    ----------
    record : DataFrame
        Columns origin (last year the forecast saw), year, low, median, high (80 % interval) and actual, which is NaN
        while it is unknown.
    assessed : DataFrame, optional
        Judgements of the series' targets.
    """
    lang = sheet.lang
    table = record.sort_values(["year", "origin"], ignore_index=True) if len(record) else record
    with theme.settings():
        if table.empty or table["actual"].isna().all():
            missing = labels.label("needs_record", lang)
            page = common.open_page(sheet, judgement_title(assessed, indicator, area, lang), missing)
            return page.figure if judgement(page, assessed, indicator, lang) else common.nothing(page, missing)
        title = _record_title(table, indicator, area, lang)
        page = common.open_page(sheet, title, common.subtitle(lang, indicator, area), _record_keys(lang))
        axes = page.axes()
        axes.set_ylim(
            *common.value_limits(table[["low", "median", "high", "actual"]].to_numpy().ravel(), lower=indicator.lower)
        )
        common.light_grid(axes)
        common.axis_numbers(axes, lang, indicator)
        _record_bars(axes, table, page.font * 0.8, indicator, lang)
        common.year_axis(axes, table["year"].min(), table["year"].max(), page.font)
        page.fit(axes)
    return page.figure


def _record_title(table: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
    """Say how many outcomes lay inside, how far the medians were off, and in which years."""
    seen = table[table["actual"].notna()]
    inside = int(((seen["actual"] >= seen["low"]) & (seen["actual"] <= seen["high"])).sum())
    off = float((seen["median"] - seen["actual"]).abs().mean())
    return labels.label(
        "record_hits",
        lang,
        subject=labels.subject(indicator, area, lang),
        inside=str(inside),
        count=str(len(seen)),
        span=common.span_of(seen["year"]),
        off=common.difference_text(off, lang, indicator),
    )


def _record_keys(lang: str) -> list[frame.Key]:
    return [
        frame.Key(
            labels.label("record_forecast", lang), {"color": theme.MEDIAN, "lw": 3, "marker": "_", "ms": 9, "mew": 2}
        ),
        frame.Key(
            labels.label("record_inside", lang),
            {"color": "none", "marker": "o", "ms": 7, "mfc": theme.OBSERVED, "mec": theme.OBSERVED},
        ),
        frame.Key(
            labels.label("record_outside", lang),
            {"color": "none", "marker": "X", "ms": 8, "mfc": theme.TARGET, "mec": theme.TARGET},
        ),
    ]


def _record_bars(axes: Axes, table: pd.DataFrame, points: float, indicator: Indicator, lang: str) -> None:
    origins = {origin: at for at, origin in enumerate(sorted(table["origin"].unique()))}
    width = 0.7 / max(1, len(origins))
    axes.set_xlim(table["year"].min() - 0.7, table["year"].max() + 0.7)
    for row in table.itertuples():
        x = row.year - 0.35 + (origins[row.origin] + 0.5) * width
        axes.plot([x, x], [row.low, row.high], color=theme.MEDIAN, lw=2.4, alpha=0.75, zorder=2)
        axes.plot(x, row.median, "_", color=theme.MEDIAN, ms=9, mew=2, zorder=3)
        if not np.isnan(row.actual):
            inside = row.low <= row.actual <= row.high
            axes.plot(
                x,
                row.actual,
                "o" if inside else "X",
                ms=6.5,
                color=theme.OBSERVED if inside else theme.TARGET,
                zorder=4,
            )
            if origins[row.origin] == max(origins[one] for one in table.loc[table["year"] == row.year, "origin"]):
                axes.annotate(common.value_text(row.actual, lang, indicator), (x, row.actual), (points * 0.8, 0),
                              textcoords="offset points", size=points, va="center", color=theme.INK)
