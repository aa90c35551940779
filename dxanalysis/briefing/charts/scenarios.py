"""Charts of scenarios, of the growth a target requires, and of the track record of past forecasts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import frame, labels, numbers, theme
from ..labels import word
from ..place import Tag, beside, place
from . import common, scales
from .agenda import instead
from .common import SLIDE, Sheet
from .matrix import Cell, draw

_STYLES = {
    "continue": (theme.SERIES[1], (0, (5, 2)), "s"),
    "required_pace": (theme.REQUIRED, "-", "^"),
    "best_peer": (theme.SERIES[4], "-.", "v"),
    "halt": (theme.MUTED, (0, (1.5, 1.5)), "o"),
    "slow": (theme.SERIES[5], (0, (7, 2, 1, 2)), "P"),
}
_OTHER = (theme.INK, (0, (3, 1)), "D")


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
            about = {"indicator": indicator, "area": area, "assessed": assessed}
            return instead(sheet, missing, history=seen, targets=targets, **about)
        paths = _aimed(paths, seen, goals, indicator)
        keys, title = _keys(paths, goals, lang), _scenario_title(paths, goals, indicator, area, lang)
        page = common.open_page(sheet, title, common.subtitle(lang, indicator, area), keys, table=history)
        axes = page.axes()
        years = [*seen["year"], *paths["year"], *goals["year"]]
        values = [float(one) for one in (*seen["value"], *paths["value"], *goals["value"])]
        scales.value_axis(axes, values, indicator, lang)
        first, last = min(years, default=2020), max(years, default=2030)
        ends = _end_tags(paths, goals, indicator, lang)
        room = scales.room_beside(page, [tag.text for tag in ends], page.font * 0.85)
        axes.set_xlim(first - 0.05 * max(2, last - first), last + room * max(2, last - first))
        scales.year_axis(axes, first, last, page.font)
        page.fit(axes)
        _lines(axes, paths, seen, goals)
        beside(axes, ends, page.font * 0.85)
        tags = [tag for tag in scales.target_tags(goals, indicator, lang) if tag not in ends]
        place(axes, tags, page.font * 0.85, [rows[["year", "value"]].to_numpy(float) for _, rows in _each(paths)])
    return page.figure


def _scenario_title(paths: pd.DataFrame, goals: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
    """Say where the lowest and the highest scenario end, and the target of that year."""
    year = int(paths["year"].max())
    ends = paths[paths["year"] == year]
    free = ends[ends["scenario"] != "required_pace"] if (ends["scenario"] != "required_pace").any() else ends
    given = {"subject": labels.subject(indicator, area, lang), "year": str(year)}
    goal = goals[goals["year"] == year]
    aim = scales.value_text(float(goal["value"].iloc[-1]), lang, indicator) if len(goal) else ""
    values = sorted({scales.value_text(value, lang, indicator) for value in (free["value"].min(), free["value"].max())})
    lowest = scales.value_text(float(free["value"].min()), lang, indicator)
    highest = scales.value_text(float(free["value"].max()), lang, indicator)
    span = lowest if len(values) == 1 else labels.label("from_to", lang, low=lowest, high=highest)
    given["goal"] = labels.label("forecast_goal", lang, target=aim) if aim else ""
    if len(free) == 1:
        condition = word("condition", str(free["condition"].iloc[0]), lang)
        return labels.label("scenarios_title_one", lang, value=lowest, condition=condition, **given)
    return labels.label("scenarios_title_ends", lang, span=span, **given)


def _aimed(paths: pd.DataFrame, seen: pd.DataFrame, goals: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """Leave out the pace to a target that the last figure has met: it would lead away from it."""
    if goals.empty or seen.empty or not indicator.direction:
        return paths
    met = (float(seen["value"].iloc[-1]) - float(goals["value"].iloc[-1])) * indicator.direction >= 0
    return paths[paths["scenario"] != "required_pace"] if met else paths


def _end_tags(paths: pd.DataFrame, goals: pd.DataFrame, indicator: Indicator, lang: str) -> list[Tag]:
    """Return the labels of the ends of the scenarios, equal ones once, and of a target of that year."""
    last = paths["year"].max()
    tags = [tag for tag in scales.target_tags(goals, indicator, lang) if tag.x == last]
    for name, rows in _each(paths):
        if name != "required_pace" or goals.empty:
            text, end = scales.mark_text(float(rows["value"].iloc[-1]), lang, indicator), rows.iloc[-1]
            if all(text != tag.text for tag in tags):
                tags.append(Tag(text, float(end["year"]), float(end["value"]), _STYLES.get(name, _OTHER)[0]))
    return tags


def growth_grid(
    grid: pd.DataFrame,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
    assessed: pd.DataFrame | None = None,
    history: pd.DataFrame | None = None,
) -> Figure:
    """Draw the growth the numerator needs to reach the next target on time or later, as a table of shades.

    Parameters
    ----------
    grid : DataFrame
        ``analysis.growth_grid``.
    assessed, history : DataFrame, optional
        Judgements of the targets, or the figures, drawn where no growth can be told.
    """
    lang = sheet.lang
    last_year = int(grid["last_year"].iloc[0]) if len(grid) else None
    with theme.settings():
        if grid.empty:
            missing = labels.label("needs_growth", lang)
            return instead(sheet, missing, indicator=indicator, area=area, assessed=assessed, history=history)
        title = _growth_title(grid, indicator, area, lang)
        page = common.open_page(sheet, title, labels.label("growth_subtitle", lang))
        axes = page.axes()
        spans = sorted(grid["years"].unique())
        draw(axes, page, _growth_rows(grid, spans, last_year, lang), [1.3, *[1.0] * len(spans)])
    return page.figure


def _growth_title(grid: pd.DataFrame, indicator: Indicator, area: Area, lang: str) -> str:
    name = labels.subject(indicator, area, lang)
    goal = scales.value_text(float(grid["target"].iloc[0]), lang, indicator)
    return labels.label("need_title", lang, subject=name, year=str(int(grid["target_year"].iloc[0])), target=goal)


def _growth_rows(table: pd.DataFrame, spans: list[Any], last_year: int | None, lang: str) -> list[list[Cell]]:
    head = [Cell(labels.label("growth_of_whole", lang), weight="bold")]
    for span in spans:
        until = "" if last_year is None else f" ({last_year + int(span)})"
        years = labels.label("growth_years", lang, years=labels.counted("year", int(span), lang))
        head.append(Cell(years + until, "#EFEFEF", weight="bold"))
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
    colour, dash, marker = _STYLES.get(name, _OTHER)
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


def _lines(axes: Axes, paths: pd.DataFrame, seen: pd.DataFrame, goals: pd.DataFrame) -> None:
    axes.plot(seen["year"], seen["value"], "o", color=theme.OBSERVED, ms=7, zorder=5)
    axes.plot(goals["year"], goals["value"], "D", color=theme.TARGET, ms=7.5, zorder=5)
    for name, rows in _each(paths):
        axes.plot(rows["year"], rows["value"], zorder=3, markevery=[-1], **_style(name))


def track_record(
    record: pd.DataFrame,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
) -> Figure:
    """Draw past forecasts, interval and median, beside what came; filled where the outcome lay inside.

    Where no forecast has met its year yet, nothing is drawn and that is said.

    Parameters
    ----------
    record : DataFrame
        Columns origin (last year the forecast saw), year, low, median, high (80 % interval) and actual, which is NaN
        while it is unknown.
    """
    lang = sheet.lang
    table = record.sort_values(["year", "origin"], ignore_index=True) if len(record) else record
    with theme.settings():
        if table.empty or table["actual"].isna().all():
            return common.silent(sheet, labels.label("needs_record", lang))
        title = _record_title(table, indicator, area, lang)
        page = common.open_page(sheet, title, common.subtitle(lang, indicator, area), _record_keys(lang))
        axes = page.axes()
        drawn = table[["low", "median", "high", "actual"]].to_numpy(float).ravel()
        scales.value_axis(axes, drawn[np.isfinite(drawn)], indicator, lang)
        bars = _record_bars(axes, table)
        scales.year_axis(axes, table["year"].min(), table["year"].max(), page.font)
        page.fit(axes)
        place(axes, _outcome_tags(table, bars, indicator, lang), page.font * 0.8, bars)
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
        off=scales.difference_text(off, lang, indicator),
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


def _outcome_tags(table: pd.DataFrame, bars: list[np.ndarray], indicator: Indicator, lang: str) -> list[Tag]:
    """Return the label of what came, beside the last forecast of each year."""
    ends = {row.year: (float(bar[0, 0]), row.actual) for row, bar in zip(table.itertuples(), bars, strict=True)}
    return [
        Tag(scales.mark_text(value, lang, indicator), x, value, theme.INK, must=False, first=(0, 45, 315))
        for x, value in ends.values() if not np.isnan(value)
    ]


def _record_bars(axes: Axes, table: pd.DataFrame) -> list[np.ndarray]:
    """Draw a bar with a mark for each forecast, origin by origin, and return the lines."""
    bars = []
    origins = {origin: at for at, origin in enumerate(sorted(table["origin"].unique()))}
    width = 0.7 / max(1, len(origins))
    axes.set_xlim(table["year"].min() - 0.7, table["year"].max() + 0.7)
    for row in table.itertuples():
        x = row.year - 0.35 + (origins[row.origin] + 0.5) * width
        bars.append(np.array([(x, row.low), (x, row.high)]))
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
    return bars
