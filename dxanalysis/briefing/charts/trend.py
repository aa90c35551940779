"""The flagship: what was observed, the path the targets draw, the pace they need, and where the series is heading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import findings, frame, labels, numbers, quotes, theme
from ..page import PROVISIONAL, breaks_of, definition_of, grade_of
from ..place import Tag, place
from . import common
from .common import SLIDE, Sheet

_LEVELS = ((95, 0.025, 0.975), (80, 0.1, 0.9), (50, 0.25, 0.75))
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
    attainment: pd.DataFrame | None = None,
    definition: Any = None,
    grade: str | None = None,
    borrowed: bool = False,
) -> Figure:
    """Draw the series against its targets.

    Observed points carry their definition and date of publication in the legend; provisional ones are hollow; a break
    is marked and the line does not cross it; years without a figure are bridged by dots only. The forecast is dashed,
    within bands of 50, 80 and 95 % as far as its quantiles go. From a single figure no direction is known: its
    forecast rests on other series alone and is drawn only where `borrowed` asks for it; the legend then says so.

    Parameters
    ----------
    history, targets, path, pace, forecast, attainment : DataFrame
        The tables of those names; all but the history may be left out.
    indicator, area, definition
        Records of the facts (or a definition's id).
    sheet : Sheet
        Language, size and what is written around the drawing.
    borrowed : bool
        Draw the forecast of a single figure, too.

    Examples
    --------
    >>> import pandas as pd
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
    about = {"indicator": indicator, "area": area, "grade": grade}
    title = findings.headline(series.history, pace, attainment, **about).text(lang)
    with theme.settings():
        page = common.open_page(
            sheet,
            title,
            common.subtitle(lang, indicator, area, definition or definition_of(history)),
            _keys(series, definition),
            table=history,
        )
        axes = page.axes()
        _limits(axes, series)
        common.light_grid(axes)
        common.axis_numbers(axes, lang, indicator)
        _draw(axes, series)
        common.year_axis(axes, *_years(series), page.font * 0.9)
        page.fit(axes)
        _tag(axes, series, page.font * 0.88)
        if series.history.empty:
            common.empty_note(axes, lang, page.font)
    return page.figure


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
    return _Series(known, _or_empty(targets), _or_empty(path), _or_empty(pace), _fan(known, forecast), indicator, lang)


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
        style = {"color": theme.TARGET, "lw": 1.5, "marker": "D", "ms": 6}
        keys.append(frame.Key(labels.label("target_path" if len(series.path) else "target", lang), style))
    if _needs_pace(series):
        keys.append(
            frame.Key(labels.label("required", lang), {"color": theme.REQUIRED, "lw": 1.8, "ls": (0, (1.2, 1.4))})
        )
    if len(series.fan):
        median = "median" if quotes.allows(grade_of(series.history), "direction") else "median_borrowed"
        keys.append(frame.Key(labels.label(median, lang), {"color": theme.MEDIAN, "lw": 2, "ls": (0, (4, 2))}))
        levels = [level for level, low, high in reversed(_LEVELS) if {low, high} <= set(series.fan.columns)]
        if levels:
            shown = ", ".join(f"{level}%" for level in levels)
            keys.append(
                frame.Key(labels.label("band", lang, levels=shown), bands=tuple(theme.BANDS[v] for v in levels))
            )
    return keys


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


def _limits(axes: Axes, series: _Series) -> None:
    first, last = _years(series)
    span = max(last - first, 2)
    axes.set_xlim(first - 0.06 * span, last + 0.13 * span)
    fan = series.fan.to_numpy().ravel().tolist() if len(series.fan) else []
    values = [
        *_column(series.history, "value"),
        *_column(series.targets, "value"),
        *fan,
        *_column(series.path, "value"),
    ]
    axes.set_ylim(*common.value_limits(values, lower=series.indicator.lower))


def _years(series: _Series) -> tuple[float, float]:
    """Return the first and last year of anything drawn; five years around nothing."""
    years = [
        *_column(series.history, "year"),
        *_column(series.targets, "year"),
        *series.fan.index.tolist(),
        *_column(series.path, "year"),
    ]
    return (min(years), max(years)) if years else (2020.0, 2030.0)


def _column(table: pd.DataFrame, name: str) -> list[float]:
    return table[name].dropna().astype(float).tolist() if name in table else []


def _draw(axes: Axes, series: _Series) -> None:
    _draw_fan(axes, series.fan)
    if len(series.path):
        axes.plot(series.path["year"], series.path["value"], color=theme.TARGET, lw=1.5, zorder=2.2)
    if len(series.targets):
        axes.plot(series.targets["year"], series.targets["value"], "D", ms=7.5, color=theme.TARGET, zorder=4)
    for start, end in _pace_lines(series):
        axes.plot(*zip(start, end, strict=True), color=theme.REQUIRED, lw=1.8, ls=(0, (1.2, 1.4)), zorder=2.6)
    _draw_observed(axes, series.history)


def _draw_fan(axes: Axes, fan: pd.DataFrame) -> None:
    for level, low, high in _LEVELS:
        if {low, high} <= set(fan.columns):
            axes.fill_between(fan.index, fan[low], fan[high], color=theme.BANDS[level], lw=0, zorder=1)
    if 0.5 in fan.columns:
        axes.plot(fan.index, fan[0.5], color=theme.MEDIAN, lw=2, ls=(0, (4, 2)), zorder=2.4)


def _pace_lines(series: _Series) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the line from the last figure to each target still to be reached."""
    if not _needs_pace(series):
        return []
    open_rows = series.pace[series.pace["required_per_year"].notna()]
    return [((row.last_year, row.last), (row.target_year, row.target)) for row in open_rows.itertuples()]


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
    hollow = _hollow(history).to_numpy(bool)
    axes.plot(years[~hollow], values[~hollow], ls="none", color=theme.OBSERVED, zorder=5, **_POINT)
    axes.plot(years[hollow], values[hollow], ls="none", mfc="white", zorder=5, **_POINT)


def _tag(axes: Axes, series: _Series, points: float) -> None:
    tags = [
        *_target_tags(series),
        *_forecast_tags(series),
        *_observed_tags(series),
        *_pace_tags(series),
        *_break_tags(axes, series),
    ]
    lines = [table[["year", "value"]].to_numpy(float) for table in (series.path, series.history) if len(table)]
    lines += [np.array(ends, dtype=float) for ends in _pace_lines(series)]
    if 0.5 in series.fan.columns:
        lines.append(np.column_stack([series.fan.index, series.fan[0.5]]).astype(float))
    place(axes, tags, points, lines)


def _target_tags(series: _Series) -> list[Tag]:
    text = [
        labels.label(
            "target_at",
            series.lang,
            year=str(int(row.year)),
            value=common.value_text(row.value, series.lang, series.indicator),
        )
        for row in series.targets.itertuples()
    ]
    return [
        Tag(words, row.year, row.value, theme.TARGET, weight="bold", first=(135, 90, 180))
        for words, row in zip(text, series.targets.itertuples(), strict=True)
    ]


def _forecast_tags(series: _Series) -> list[Tag]:
    if 0.5 not in series.fan.columns or len(series.fan) < 2:
        return []
    year = int(series.fan.index[-1])
    value = float(series.fan[0.5].iloc[-1])
    shown = _short(value, series)
    text = labels.label("median_at", series.lang, year=str(year), value=shown)
    if {0.1, 0.9} <= set(series.fan.columns):
        low, high = (_short(float(series.fan[level].iloc[-1]), series) for level in (0.1, 0.9))
        text = labels.label("median_interval_at", series.lang, year=str(year), value=shown, low=low, high=high)
    return [Tag(text, year, value, theme.MEDIAN, weight="bold", first=(270, 90, 225))]


def _short(value: float, series: _Series) -> str:
    """Print a forecast with one decimal: its second is noise."""
    if series.indicator.unit == "percent":
        return numbers.percent(value, series.lang, numbers.enough_decimals(value, 1))
    return common.value_text(value, series.lang, series.indicator)


def _observed_tags(series: _Series) -> list[Tag]:
    rows = series.history
    ends = {0, len(rows) - 1}
    return [
        Tag(
            common.value_text(row.value, series.lang, series.indicator),
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


def _pace_tags(series: _Series) -> list[Tag]:
    found = []
    for (start, end), row in zip(_pace_lines(series), _open_rows(series), strict=True):
        pace = common.difference_text(row.required_per_year, series.lang, series.indicator)
        text = labels.label(
            "required_at", series.lang, pace=("+" if row.required_per_year >= 0 else numbers.MINUS) + pace
        )
        share = 0.5 if end[0] - start[0] <= 2 else 0.62  # the longer line has room farther out
        middle = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
        found.append(Tag(text, *middle, theme.REQUIRED, must=False, first=(315, 0, 135)))
    return found


def _open_rows(series: _Series) -> list[Any]:
    return list(series.pace[series.pace["required_per_year"].notna()].itertuples()) if len(series.pace) else []


def _break_tags(axes: Axes, series: _Series) -> list[Tag]:
    top = axes.get_ylim()[1]
    years = series.history["year"].tolist() if len(series.history) else []
    return [
        Tag(
            labels.label("break", series.lang),
            (years[years.index(year) - 1] + year) / 2,
            top,
            theme.MUTED,
            must=False,
            first=(315, 225),
        )
        for year, _ in breaks_of(series.history)
    ]
