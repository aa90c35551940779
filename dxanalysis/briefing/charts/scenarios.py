"""Scenarios as lines, each named with its condition; never called a forecast."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from .. import frame, labels, theme
from ..place import Tag, place
from ..words import word
from . import common
from .growth import required_growth

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
    indicator: Any,
    area: Any,
    lang: str = "vi",
    size: str = "slide",
    sources: Iterable[Any] = (),
    as_of: Any = None,
    title: str = "",
    code: str = "",
) -> Figure:
    """Draw the scenarios from the last figure on, beside the figures and the targets.

    Parameters
    ----------
    paths : DataFrame
        ``analysis.draw_scenarios``: scenario, condition, year, value.
    history, targets : DataFrame
        The figures and the targets; the targets may be left out.
    """
    seen = history[history["value"].notna()].sort_values("year")
    goals = pd.DataFrame({"year": [], "value": []}) if targets is None else targets
    title = title or labels.label("scenarios_title", lang, subject=labels.subject(indicator, area, lang))
    with theme.settings():
        line = common.source_line(lang, sources, as_of, code, history)
        sheet = frame.page(size, title, common.subtitle(lang, indicator, area), line, _keys(paths, goals, lang))
        axes = sheet.axes()
        years = [*seen["year"], *paths["year"], *goals["year"]]
        values = [*seen["value"], *paths["value"], *goals["value"]]
        axes.set_ylim(*common.value_limits([float(one) for one in values], lower=indicator.lower))
        first, last = min(years, default=2020), max(years, default=2030)
        axes.set_xlim(first - 0.05 * max(2, last - first), last + 0.12 * max(2, last - first))
        common.light_grid(axes)
        common.axis_numbers(axes, lang, indicator)
        common.year_axis(axes, first, last, sheet.font)
        tags = _lines(axes, paths, seen, goals, indicator, lang)
        sheet.fit(axes)
        place(axes, tags, sheet.font * 0.85, [rows[["year", "value"]].to_numpy(float) for _, rows in _each(paths)])
        if not len(seen):
            common.empty_note(axes, lang, sheet.font)
    return sheet.figure


def growth_grid(
    grid: pd.DataFrame,
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
    """Draw the growth the numerator needs to reach the next target on time or later, as a table of shades.

    Parameters
    ----------
    grid : DataFrame
        ``analysis.growth_grid``; where it is empty the page says that there is nothing to draw.
    """
    given = {name: int(grid[name].iloc[0]) for name in ("target_year", "last_year") if len(grid)}
    if len(grid) and not title:
        goal = common.value_text(float(grid["target"].iloc[0]), lang, indicator)
        name = labels.subject(indicator, area, lang)
        title = labels.label("need_title", lang, subject=name, year=str(given["target_year"]), target=goal)
    return required_growth(
        grid, indicator=indicator, area=area, lang=lang, size=size, last_year=given.get("last_year"),
        history=history, sources=sources, as_of=as_of, title=title, code=code,
    )  # fmt: skip


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
    axes: Any, paths: pd.DataFrame, seen: pd.DataFrame, goals: pd.DataFrame, indicator: Any, lang: str
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
        end = rows.iloc[-1]
        if name != "required_pace" or not len(goals):
            text = common.value_text(end["value"], lang, indicator)
            tags.append(Tag(text, end["year"], end["value"], _STYLES[name][0], first=(0, 315, 45)))
    return tags
