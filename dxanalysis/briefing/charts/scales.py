"""The axes of a chart and the values beside its marks: limits, ticks and numbers of a language, ranks from the top."""

from __future__ import annotations

import decimal
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from ...facts.records import Indicator
from .. import frame, judged, labels, numbers, theme
from ..place import Tag

_KEPT_UNITS = ("percent", "percent_per_year", "rank")
_SHARE_OF_SPREAD = 15  # a digit below a fifteenth of an 80 % interval says nothing


def value_text(value: float, lang: str, indicator: Indicator) -> str:
    """Print a value of an indicator: 13,17%, 429,47 điểm or 8,2 tỷ đồng."""
    return judged.shown(value, indicator, lang)


def mark_text(value: float, lang: str, indicator: Indicator) -> str:
    """Print a value beside its mark: its unit stands in the subtitle, so only % and the word for a rank stay.

    >>> from types import SimpleNamespace as Record
    >>> mark_text(130.99, "en", Record(unit="per_100", unit_vi="thuê bao/100 dân", unit_en="per 100", decimals=2))
    '130.99'
    """
    shown = judged.shown(value, indicator, lang)
    unit = labels.in_language(indicator, "unit", lang)
    return shown if indicator.unit in _KEPT_UNITS else shown.removesuffix(f" {unit}")


def forecast_texts(values: Sequence[float], lang: str, indicator: Indicator) -> list[str]:
    """Print values of a forecast (a median and its interval) with no more digits than their spread allows.

    The last digit printed is at least a thirtieth of the spread; a percentage from 1 % on has at most one decimal.

    >>> from types import SimpleNamespace as Record
    >>> index = Record(unit="index_0_1", unit_vi="", unit_en="", decimals=4)
    >>> forecast_texts([0.9411, 0.4439, 1.0], "en", index)
    ['0.94', '0.44', '1']
    >>> forecast_texts([0.04, 0.0, 0.08], "en", Record(unit="percent", unit_vi="%", unit_en="%", decimals=2))
    ['0.04%', '0%', '0.08%']
    """
    spread = max(values) - min(values)
    coarse = math.floor(math.log10(spread / _SHARE_OF_SPREAD)) if spread > 0 else -int(indicator.decimals)
    if indicator.unit in ("percent", "percent_per_year"):
        most = 1 if max(map(abs, values)) >= 1 else int(indicator.decimals)
        fewest = min(numbers.enough_decimals(value, most) for value in values)
        return [numbers.percent(value, lang, fewest) for value in values]
    return [value_text(float(round(decimal.Decimal(repr(float(value))), -coarse)), lang, indicator) for value in values]


def range_text(low: str, high: str) -> str:
    """Join two printed values with a dash, what both begin or end with written once.

    >>> range_text("hạng 61", "hạng 77"), range_text("97 per 100", "184 per 100"), range_text("7.4%", "17%")
    ('hạng 61–77', '97–184 per 100', '7.4%–17%')
    """
    first, second = low.split(), high.split()
    if len(second) > 1 and first[:1] == second[:1]:
        return f"{low}–{' '.join(second[1:])}"
    while len(first) > 1 and len(second) > 1 and first[-1] == second[-1]:
        first.pop()
        second.pop()
    rest = high.split()[len(second) :]
    return " ".join([f"{' '.join(first)}–{' '.join(second)}", *rest])


def difference_text(value: float, lang: str, indicator: Indicator) -> str:
    """Print a difference short enough for a chart: 12,9 điểm %."""
    return judged.amount(value, indicator, lang)


def value_axis(axes: Axes, values: Iterable[float], indicator: Indicator, lang: str) -> None:
    """Set up the axis of values: limits around all of them, hairlines, numbers; the first rank stands at the top."""
    low, high = value_limits(values, lower=indicator.lower)
    if indicator.unit == "rank":
        low = min(1.0, low) - 0.05 * (high - low) if low <= 1 else low
        axes.set_ylim(high, low)
    else:
        axes.set_ylim(low, high)
    light_grid(axes)
    axis_numbers(axes, lang, indicator)


def axis_numbers(
    axes: Axes, lang: str, indicator: Indicator | None = None, *, which: str = "y", ticks: int = 6
) -> None:
    """Write an axis in the numbers of the language, with % where the unit is percent and no factor like 1e9."""
    axis = axes.yaxis if which == "y" else axes.xaxis
    whole = indicator is not None and int(indicator.decimals) == 0 and indicator.unit in ("rank", "count")
    locator = MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10], integer=whole)
    if indicator is not None and indicator.unit == "rank":  # there is no rank 0
        places = locator.tick_values(*sorted(axis.get_view_interval()))
        locator = FixedLocator(sorted({max(1.0, place) for place in places}))
    axis.set_major_locator(locator)
    mark = "%" if indicator is not None and indicator.unit in ("percent", "percent_per_year") else ""
    axis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, axis, lang) + mark))


def keep_ticks_inside(axes: Axes, points: float) -> None:
    """Take off the ticks of an x axis whose label would stick out of the page."""
    figure, axis = axes.figure, axes.xaxis
    low, high = axes.get_xlim()
    left, width = axes.get_position().x0, axes.get_position().width
    form, kept = axis.get_major_formatter(), []
    for place in (one for one in axis.get_majorticklocs() if low <= one <= high):
        half = frame.text_width(figure, form(place), points) / figure.get_size_inches()[0] / 2
        at = left + (place - low) / (high - low) * width
        if half < at < 1 - half:
            kept.append(place)
    axes.set_xticks(kept)


def _tick(value: float, axis: Any, lang: str) -> str:
    """Write a tick with the decimals its step needs; from a million on the magnitude is a word (4,5 nghìn tỷ)."""
    places = axis.get_majorticklocs()
    size, word = _magnitude(min((abs(float(place)) for place in places if place), default=0.0))
    step = (float(np.min(np.diff(places))) if len(places) > 1 else 1.0) / size
    decimals = int(min(12, max(0, np.ceil(-np.log10(step) - 1e-9)))) if step > 0 else 2
    if decimals < 12 and not np.isclose(round(step, decimals), step):
        decimals += 1
    shown = numbers.number(value / size, lang, decimals, trim=False)
    return shown if not word or value == 0 else f"{shown} {labels.label(word, lang)}"


def _magnitude(smallest: float) -> tuple[float, str]:
    return next(((size, word) for size, word in judged.MAGNITUDES if smallest >= size), (1.0, ""))


def year_axis(axes: Axes, first: float, last: float, points: float) -> None:
    """Put the whole years from `first` to `last` on the x axis, as many as there is room for."""
    figure = axes.figure
    span = max(1, int(np.ceil(last) - np.floor(first)))
    left, right = axes.get_xlim()
    share = min(1.0, span / max(abs(right - left), 1))  # beside the years is room for labels
    room = axes.get_position().width * share * figure.get_size_inches()[0]
    most = max(2, int(room / (points / 72 * 4.2)))
    step = next((s for s in (1, 2, 5, 10, 20, 50, 100) if span / s + 1 <= most), 200)
    years = range(int(np.ceil(first)), int(np.floor(last)) + 1)
    axes.set_xticks([year for year in years if (year % step == 0)])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{int(value)}"))


def value_limits(values: Iterable[float], *, lower: float | None = None, room: float = 0.12) -> tuple[float, float]:
    """Return limits that show every value, start at zero where that costs little, and are never of zero height.

    >>> value_limits([3.0, 7.1, 20.0]), value_limits([5.0, 5.0])
    ((0.0, 22.4), (0.0, 5.6))
    """
    known = np.asarray([value for value in values if value is not None and np.isfinite(value)], dtype=float)
    if known.size == 0:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    base = 0.0 if 0 <= low <= 0.6 * high or low == high >= 0 else low
    span = (high - base) or abs(high) or 1.0
    bottom = base if base == 0.0 and low >= 0 else base - room * span
    if lower is not None and low >= lower:
        bottom = max(bottom, lower)
    return bottom, high + room * span


def room_beside(page: frame.Frame, texts: Sequence[str], points: float) -> float:
    """Return how much of the span of the years must stay free on the right for labels, as a share of that span."""
    if not texts:
        return 0.06
    widest = max(frame.text_width(page.figure, text, points, "bold") for text in texts) + points * 2 / 72
    return max(0.06, 1.1 * widest / (0.92 * page.box[2] * page.size.width - widest))


def light_grid(axes: Axes, which: str = "y") -> None:
    """Draw hairlines across, and leave only the axis line that carries meaning."""
    axes.grid(axis=which, color=theme.GRID, lw=0.7)
    axes.spines["left" if which == "y" else "bottom"].set_visible(False)


def target_tags(goals: pd.DataFrame, indicator: Indicator, lang: str) -> list[Tag]:
    """Return the labels of targets: "Target 2030: 30%", of a range both ends."""
    found = []
    for row in goals.itertuples():
        value = value_text(row.value, lang, indicator)
        if pd.notna(high := getattr(row, "value_high", None)):
            value = range_text(value, value_text(high, lang, indicator))
        text = labels.label("target_at", lang, year=str(int(row.year)), value=value)
        found.append(Tag(text, row.year, row.value, theme.TARGET, weight="bold", first=(135, 90, 180)))
    return found
