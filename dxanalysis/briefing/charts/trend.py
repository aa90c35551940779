"""The trend chart: observations, the path through the targets, the pace required, and the forecast."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import frame, labels, numbers, quotes, theme
from ..page import PROVISIONAL, breaks_of, definition_of, grade_of
from ..place import Tag, beside, place
from . import common, scales
from .common import SLIDE, Names, Sheet

_POINT = {"marker": "o", "ms": 6.5, "mec": theme.OBSERVED, "mew": 1.8}
_MANY = 9  # more points than this are labelled at their ends only


@dataclass(frozen=True)
class _Series:
    """The tables of one picture, cleaned: every part may be empty."""

    history: pd.DataFrame
    targets: pd.DataFrame
    path: pd.DataFrame
    pace: pd.DataFrame
    fan: pd.DataFrame
    indicator: Indicator
    lang: str


def trend(
    history: pd.DataFrame,
    targets: pd.DataFrame | None = None,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
    path: pd.DataFrame | None = None,
    pace: pd.DataFrame | None = None,
    forecast: pd.DataFrame | None = None,
    definition: Any = None,
    grade: str | None = None,
    borrowed: bool = False,
    names: Names = None,
    elsewhere: pd.DataFrame | None = None,
    assessed: pd.DataFrame | None = None,
    note: str = "",
) -> Figure:
    """Draw the series against its targets.

    Observed points carry their definition and date of publication in the legend; provisional ones are hollow; a break
    is marked and explained below, and no line crosses it; years without a figure are bridged by dots only. The path of
    the targets starts at the figure known when they were set and is dashed across a break. The forecast is dashed,
    within bands of 50, 80 and 95 % as far as its quantiles go. From a single figure no direction is known: its
    forecast rests on other series alone and is drawn only where `borrowed` asks for it; the legend then says so.
    Beside at most one figure stand the latest ones of the nation and of two areas more.

    Parameters
    ----------
    history, targets, path, forecast : DataFrame
        The tables of those names; all but the history may be left out.
    pace : DataFrame
        Rows of ``dxanalysis.assess`` of the targets whose required pace is drawn.
    indicator, area, definition
        Records of the facts (or a definition's id).
    sheet : Sheet
        Language, size and what is written around the drawing.
    borrowed : bool
        Draw the forecast of a single figure, too.
    names : callable, optional
        Gives the record of an area's id.
    elsewhere : DataFrame, optional
        The figures of every area by each definition: area, definition, year, value.
    assessed : DataFrame, optional
        Judgements of the targets, which the title reads.
    note : str
        What is missing for the picture that was asked for.

    Examples
    --------
    >>> from types import SimpleNamespace as Record
    >>> share = Record(short_vi="Tỷ trọng kinh tế số", short_en="Digital economy share", unit="percent", unit_vi="%",
    ...                unit_en="%", decimals=2, direction=1, lower=0.0, upper=100.0)
    >>> place = Record(name_vi="Quảng Ninh", name_en="Quảng Ninh", level="province")
    >>> figure = trend(pd.DataFrame({"year": [2021], "value": [3.0]}), indicator=share, area=place)
    >>> figure.texts[0].get_text()
    'Tỷ trọng kinh tế số của Quảng Ninh: 3% năm 2021'
    """
    lang = sheet.lang
    spoken = borrowed or quotes.allows(grade or grade_of(history), "direction")
    series = _series(history, targets, path, pace, forecast if spoken else None, indicator, lang)
    others = common.others_beside(series.history, None if len(series.fan) else elsewhere, indicator, area, names, lang)
    title = _forecast_title(series, indicator, area) or _title_beside(series, others, indicator, area)
    title = title or common.judgement_title(assessed, indicator, area, lang, series.history, grade)
    with theme.settings():
        subtitle = common.subtitle(lang, indicator, area, definition or definition_of(history))
        subtitle = ". ".join(filter(None, [subtitle, note]))
        page = common.open_page(
            sheet, title, subtitle, [*_keys(series, definition), *common.beside_keys(others, lang)],
            table=pd.concat([one for one in (history, others) if len(one)] or [history]), note=_note(series, assessed),
        )
        if not len(series.history) and not len(series.targets) and not len(others):
            return common.nothing(page, labels.label("no_figure", lang))
        axes = page.axes()
        ends = _end_tags(series)
        _limits(axes, series, others, scales.room_beside(page, [tag.text for tag in ends], page.font * 0.88))
        _draw(axes, series)
        for row in others.itertuples():
            axes.plot(row.year, row.value, ls="none", zorder=3, **common.beside_look(row.mark, row.same))
        scales.year_axis(axes, *_years(series, others), page.font * 0.9)
        page.fit(axes)
        beside(axes, ends, page.font * 0.88)
        _tag(axes, series, others, page.font * 0.88)
    return page.figure


def _forecast_title(series: _Series, indicator: Indicator, area: Area) -> str:
    """Say the forecast for the next target's year, with its interval and that target; "" without a fan."""
    if 0.5 not in series.fan.columns or len(series.fan) < 2:
        return ""
    lang, ahead = series.lang, series.fan.iloc[1:] if len(series.history) else series.fan
    aims = series.targets[series.targets["year"].isin(ahead.index)] if len(series.targets) else series.targets
    year = int(aims["year"].min()) if len(aims) else int(ahead.index[-1])
    value, *ends = _expected(series, year)
    goal = scales.value_text(float(aims["value"].iloc[0]), lang, indicator) if len(aims) else ""
    given = {
        "subject": labels.subject(indicator, area, lang), "year": str(year), "value": value,
        "goal": labels.label("forecast_goal", lang, target=goal) if goal else "", "interval": "",
    }
    if ends:
        given["interval"] = labels.label("forecast_interval", lang, span=scales.range_text(*ends))
    return labels.label("forecast_title", lang, **given)


def _title_beside(series: _Series, others: pd.DataFrame, indicator: Indicator, area: Area) -> str:
    """Say that there is neither a figure nor a target, and what is known elsewhere; "" where there is one."""
    if others.empty or len(series.history) or len(series.targets):
        return ""
    subject = labels.subject(indicator, area, series.lang)
    return labels.label("elsewhere_title", series.lang, subject=subject, known="; ".join(others["said"]))


def _note(series: _Series, assessed: pd.DataFrame | None) -> str:
    """Explain the breaks and the caveats of the figures drawn, below the picture."""
    rows, lang = series.history, series.lang
    said = []
    for year, reason in breaks_of(rows):
        told = rows.loc[rows["year"] == year, "break_before_vi"].iloc[0] if "break_before_vi" in rows else ""
        why = str(told or reason) if lang == "vi" else reason
        said.append(labels.label("break_why", lang, year=str(year), reason=why))
    return " ".join([*said, *filter(None, [common.caveat_note(rows, lang, assessed)])]).rstrip(".")


def _series(
    history: pd.DataFrame,
    targets: pd.DataFrame | None,
    path: pd.DataFrame | None,
    pace: pd.DataFrame | None,
    forecast: pd.DataFrame | None,
    indicator: Indicator,
    lang: str,
) -> _Series:
    known = history[history["value"].notna()].sort_values("year", ignore_index=True) if len(history) else history
    path = None if _met_at_start(path, indicator) else path
    return _Series(known, _or_empty(targets), _or_empty(path), _or_empty(pace), _fan(known, forecast), indicator, lang)


def _met_at_start(path: pd.DataFrame | None, indicator: Indicator) -> bool:
    """Tell whether a path would lead away from where the series stood: its target was met when it was set."""
    if path is None or len(path) < 2 or not indicator.direction:
        return False
    return bool((path["value"].iloc[-1] - path["value"].iloc[0]) * indicator.direction <= 0)


def _or_empty(table: pd.DataFrame | None) -> pd.DataFrame:
    return pd.DataFrame() if table is None else table.reset_index(drop=True)


def _fan(history: pd.DataFrame, forecast: pd.DataFrame | None) -> pd.DataFrame:
    """Return quantiles by year after the last observation, starting from that observation itself."""
    if forecast is None or forecast.empty:
        return pd.DataFrame()
    fan = common.quantile_columns(forecast)
    if history.empty:
        return fan
    last = history.iloc[-1]
    start = pd.DataFrame([[float(last["value"])] * len(fan.columns)], index=[last["year"]], columns=fan.columns)
    return pd.concat([start, fan[fan.index > last["year"]]])


def _keys(series: _Series, definition: Any) -> list[frame.Key]:
    lang, keys = series.lang, []
    if len(series.history):
        keys.append(frame.Key(_observed_text(series, definition), {**_POINT, "color": theme.OBSERVED, "lw": 2}))
        if _hollow(series.history).any():
            keys.append(
                frame.Key(labels.label("provisional", lang), {**_POINT, "mfc": "white", "lw": 0, "color": "none"})
            )
    if len(series.targets):
        style = {"color": theme.TARGET, "lw": 1.5 if len(series.path) else 0, "marker": "D", "ms": 6}
        keys.append(frame.Key(labels.label("target_path" if len(series.path) else "target", lang), style))
    if _needs_pace(series):
        keys.append(
            frame.Key(_pace_text(series), {"color": theme.REQUIRED, "lw": 1.8, "ls": (0, (1.2, 1.4))})
        )
    if len(series.fan):
        median = "median" if quotes.allows(grade_of(series.history), "direction") else "median_borrowed"
        keys.append(frame.Key(labels.label(median, lang), {"color": theme.MEDIAN, "lw": 2, "ls": (0, (4, 2))}))
        levels = [level for level, low, high in reversed(common.LEVELS) if {low, high} <= set(series.fan.columns)]
        if levels:
            shown = ", ".join(f"{level}%" for level in levels)
            keys.append(
                frame.Key(labels.label("band", lang, levels=shown), bands=tuple(theme.BANDS[v] for v in levels))
            )
    return keys


def _pace_text(series: _Series) -> str:
    """Write the pace each target asks for: "+12.9 percentage points a year to 2025"."""
    said = []
    for row in series.pace[series.pace["required_per_year"].notna()].itertuples():
        pace = scales.difference_text(row.required_per_year, series.lang, series.indicator)
        sign = "+" if row.required_per_year >= 0 else numbers.MINUS
        years = {"first": str(int(row.figure_year)), "year": str(int(row.target_year))}
        said.append(labels.label("required_to", series.lang, pace=sign + pace, **years))
    return f"{labels.label('required', series.lang)}: {'; '.join(said)}"


def _observed_text(series: _Series, definition: Any) -> str:
    who = labels.definition_name(definition or definition_of(series.history), series.lang)
    known = series.history["vintage"].fillna("").astype(str) if "vintage" in series.history else []
    dates = sorted({text for text in known if text})
    if not dates:
        return labels.label("observed_bare", series.lang, definition=who)
    ends = [numbers.date(day, series.lang) for day in dict.fromkeys((dates[0], dates[-1]))]
    return labels.label("observed", series.lang, definition=who, vintage=" – ".join(ends))


def _hollow(history: pd.DataFrame) -> pd.Series:
    if "status" not in history:
        return pd.Series(False, index=history.index)
    return history["status"].astype(str).isin(PROVISIONAL)


def _needs_pace(series: _Series) -> bool:
    return len(series.pace) > 0 and bool(series.pace["required_per_year"].notna().any())


def _limits(axes: Axes, series: _Series, others: pd.DataFrame, room: float) -> None:
    first, last = _years(series, others)
    span = max(last - first, 2)
    axes.set_xlim(first - 0.06 * span, last + max(room, 0.0 if len(series.fan) else 0.15) * span)
    values = series.fan.to_numpy().ravel().tolist() if len(series.fan) else []
    for table in (series.history, series.targets, series.path, others):
        values += [*_column(table, "value"), *_column(table, "value_high")]
    scales.value_axis(axes, values, series.indicator, series.lang)


def _years(series: _Series, others: pd.DataFrame) -> tuple[float, float]:
    """Return the first and last year of anything drawn; five years around nothing."""
    tables = (series.history, series.targets, series.path, others)
    years = [*series.fan.index.tolist(), *(year for table in tables for year in _column(table, "year"))]
    return (min(years), max(years)) if years else (2020.0, 2030.0)


def _column(table: pd.DataFrame, name: str) -> list[float]:
    return table[name].dropna().astype(float).tolist() if name in table else []


def _draw(axes: Axes, series: _Series) -> None:
    common.draw_fan(axes, series.fan)
    _draw_path(axes, series)
    if len(series.targets):
        axes.plot(series.targets["year"], series.targets["value"], "D", ms=7.5, color=theme.TARGET, zorder=4)
        for row in series.targets.itertuples():
            high = getattr(row, "value_high", np.nan)  # of a range, such as 30 to 35 %
            axes.plot([row.year] * 2, [row.value, high], color=theme.TARGET, lw=5, alpha=0.45, zorder=3.5)
    for start, end in _pace_lines(series):
        axes.plot(*zip(start, end, strict=True), color=theme.REQUIRED, lw=1.8, ls=(0, (1.2, 1.4)), zorder=2.6)
    _draw_observed(axes, series.history)


def _draw_path(axes: Axes, series: _Series) -> None:
    """Draw the path of the targets, dashed where a break lies between its start and the figures of today."""
    if not len(series.path):
        return
    years, values = series.path["year"].to_numpy(float), series.path["value"].to_numpy(float)
    broken = [year for year, _ in breaks_of(series.history) if year > years[0]]
    cut = int(np.searchsorted(years, max(broken))) if broken else 0
    axes.plot(years[: cut + 1], values[: cut + 1], color=theme.TARGET, lw=1.5, ls=(0, (4, 2.5)), zorder=2.2)
    axes.plot(years[cut:], values[cut:], color=theme.TARGET, lw=1.5, zorder=2.2)


def _pace_lines(series: _Series) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the line from the last figure to each target still to be reached."""
    if not _needs_pace(series):
        return []
    open_rows = series.pace[series.pace["required_per_year"].notna()]
    return [((row.figure_year, row.figure), (row.target_year, row.target)) for row in open_rows.itertuples()]


def _draw_observed(axes: Axes, history: pd.DataFrame) -> None:
    if history.empty:
        return
    years, values = history["year"].to_numpy(float), history["value"].to_numpy(float)
    broken = {year for year, _ in breaks_of(history)}
    for at in range(1, len(years)):
        if years[at] in broken:
            axes.axvline((years[at - 1] + years[at]) / 2, color=theme.MUTED, lw=1, ls=(0, (5, 3)), zorder=1.5)
            continue
        style = {"lw": 2} if years[at] - years[at - 1] <= 1 else {"lw": 1.4, "ls": ":"}
        axes.plot(years[at - 1 : at + 1], values[at - 1 : at + 1], color=theme.OBSERVED, zorder=3, **style)
    common.draw_bounds(axes, history)
    hollow = _hollow(history).to_numpy(bool)
    axes.plot(years[~hollow], values[~hollow], ls="none", color=theme.OBSERVED, zorder=5, **_POINT)
    axes.plot(years[hollow], values[hollow], ls="none", mfc="white", zorder=5, **_POINT)


def _tag(axes: Axes, series: _Series, others: pd.DataFrame, points: float) -> None:
    ends = _end_tags(series)
    tags = [*_target_tags(series), *_forecast_tags(series), *_observed_tags(series), *_other_tags(others),
            *_break_tags(axes, series)]
    tags = [tag for tag in tags if tag not in ends]
    lines = [table[["year", "value"]].to_numpy(float) for table in (series.path, series.history) if len(table)]
    lines += [np.array(ends, dtype=float) for ends in _pace_lines(series)]
    place(axes, tags, points, [*lines, *common.inside_fan(series.fan)])


def _other_tags(others: pd.DataFrame) -> list[Tag]:
    return [
        Tag(row.said, row.year, row.value, theme.MUTED, must=False, first=(0, 180)) for row in others.itertuples()
    ]


def _target_tags(series: _Series) -> list[Tag]:
    return scales.target_tags(series.targets, series.indicator, series.lang)


def _end_tags(series: _Series) -> list[Tag]:
    """Return the labels of the last year where a fan ends there: beside the drawing, never on the fan."""
    last = float(series.fan.index[-1]) if len(series.fan) > 1 else math.inf
    return [tag for tag in (*_target_tags(series), *_forecast_tags(series)) if float(tag.x) >= last]


def _forecast_tags(series: _Series) -> list[Tag]:
    """Label the median where it ends."""
    if 0.5 not in series.fan.columns or len(series.fan) < 2:
        return []
    value, text = float(series.fan[0.5].iloc[-1]), _expected(series, series.fan.index[-1])[0]
    return [Tag(text, int(series.fan.index[-1]), value, theme.MEDIAN, weight="bold", first=(0,))]


def _expected(series: _Series, year: int) -> list[str]:
    """Print the median of a year and, where the fan has them, the ends of its 80 % interval."""
    row = series.fan.loc[year]
    levels = [0.5, *(level for level in (0.1, 0.9) if {0.1, 0.9} <= set(row.index))]
    return scales.forecast_texts([float(row[level]) for level in levels], series.lang, series.indicator)


def _observed_tags(series: _Series) -> list[Tag]:
    rows = series.history
    ends = {0, len(rows) - 1}
    return [
        Tag(
            scales.mark_text(row.value, series.lang, series.indicator),
            row.year,
            row.value,
            theme.OBSERVED,
            must=at in ends,
            weight="bold" if at == len(rows) - 1 else "normal",
            first=(90, 270),
        )
        for at, row in enumerate(rows.itertuples())
        if len(rows) <= _MANY or at in ends
    ]


def _break_tags(axes: Axes, series: _Series) -> list[Tag]:
    top = axes.get_ylim()[1]
    years, text = _column(series.history, "year"), labels.label("break", series.lang)
    return [
        Tag(text, (years[years.index(year) - 1] + year) / 2, top, theme.MUTED, must=False, first=(315, 225))
        for year, _ in breaks_of(series.history)
    ]
