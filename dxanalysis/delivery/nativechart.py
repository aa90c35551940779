"""The chart of a deck that an office can edit: what was observed, targets and median forecast, with their numbers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..briefing import labels, numbers, theme
from ..briefing.page import breaks_of, grade_of
from ..briefing.quotes import allows
from .left import Left, main_run

_LOCALE = {"vi": "[$-42A]", "en": "[$-409]"}  # asks for the decimal mark of the language


def chart_series(runs: list[Left], lang: str) -> dict[str, pd.Series]:
    """Return the series of the native chart by name: what was observed, the targets, the median forecast.

    A break splits what was observed in two series, so that no line crosses it. A forecast is taken from the main run
    or, if it saved none, from another run of the pack; of a single comparable figure none is drawn.
    """
    history, targets = (main_run(runs).tables.get(name, pd.DataFrame()) for name in ("history", "targets"))
    found = _observed(history, lang) | {labels.label("target", lang): _by_year(targets)}
    fan = next((left.tables["forecast"] for left in runs if len(left.tables.get("forecast", []))), pd.DataFrame())
    if len(fan) and allows(grade_of(history), "direction"):
        found[labels.label("median", lang)] = _by_year(fan[(fan["quantile"] - 0.5).abs() < 1e-9])
    return {name: values for name, values in found.items() if len(values)}


def _observed(history: pd.DataFrame, lang: str) -> dict[str, pd.Series]:
    if history.empty or not (breaks := breaks_of(history)):
        return {labels.label("observed_short", lang): _by_year(history)}
    return {
        labels.label("observed_short", lang): _by_year(history[history["year"] >= breaks[-1][0]]),
        labels.label("before_break", lang): _by_year(history[history["year"] < breaks[-1][0]]),
    }


def _by_year(table: pd.DataFrame) -> pd.Series:
    if table.empty:
        return pd.Series(dtype="float64")
    return table.dropna(subset=["value"]).drop_duplicates("year").set_index("year")["value"].astype(float)


def add_chart(
    slide: Any, box: tuple[int, int, int, int], series: dict[str, pd.Series], runs: list[Left], lang: str, *,
    alt: str, own: bool,
) -> Any:  # fmt: skip
    """Add the chart to a slide; every point carries its value, in the numbers of the language."""
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    known = [year for values in series.values() for year in values.index]
    years = list(range(min(known), max(known) + 1))  # every year, so that the axis is true to time
    data = CategoryChartData(number_format="General")
    data.categories = [str(year) for year in years]
    for name, values in series.items():
        data.add_series(name, [None if pd.isna(v) else float(v) for v in values.reindex(years)])
    shape = slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *box, data)
    shape._element.nvGraphicFramePr.cNvPr.set("descr", alt)
    _furnish(shape.chart, main_run(runs).indicator, series, lang, own)
    _look(shape.chart, lang)
    return shape.chart


def _furnish(chart: Any, indicator: Any, series: dict[str, pd.Series], lang: str, own: bool) -> None:
    from pptx.enum.chart import XL_LEGEND_POSITION
    from pptx.util import Pt

    chart.has_legend, chart.has_title = True, False
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.font.size = Pt(14)
    if own:
        chart.font.name = "Arial"
    axis = chart.value_axis
    axis.major_gridlines.format.line.color.rgb = _colour(theme.GRID)
    axis.format.line.fill.background()
    lowest = min(float(values.min()) for values in series.values())
    if lowest >= 0:
        axis.minimum_scale = 0
    mark = '"%"' if indicator is not None and indicator.unit == "percent" else ""
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = f"{_LOCALE[lang]}General{mark}", False
    most = 2 if indicator is None else int(indicator.decimals)
    decimals = max(_decimals(float(v), most) for values in series.values() for v in values)
    _label_points(chart, f"{_LOCALE[lang]}#,##0{'.' if decimals else ''}{'0' * decimals}{mark}")


def _decimals(value: float, most: int) -> int:
    """Return the decimals a value needs to be told exactly, or `most` of them."""
    most = numbers.enough_decimals(value, most)
    return next((n for n in range(most) if abs(round(value, n) - value) < 1e-9), most)


def _label_points(chart: Any, number_format: str) -> None:
    """Print the value above each point (below it for the second series, which runs under the first or apart)."""
    from pptx.enum.chart import XL_LABEL_POSITION
    from pptx.util import Pt

    for at, series in enumerate(chart.plots[0].series):
        found = series.data_labels
        found.show_value, found.font.size = True, Pt(13)
        found.number_format, found.number_format_is_linked = number_format, False
        found.position = XL_LABEL_POSITION.BELOW if at == len(chart.plots[0].series) - 1 and at > 1 else (
            XL_LABEL_POSITION.ABOVE
        )  # fmt: skip


def _colour(name: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(name[1:])


def _look(chart: Any, lang: str) -> None:
    """Give each series the colour and marker it has in the pictures, and join targets across the years between."""
    from pptx.enum.chart import XL_MARKER_STYLE
    from pptx.enum.dml import MSO_LINE_DASH_STYLE
    from pptx.oxml.ns import qn
    from pptx.util import Pt

    looks = {
        labels.label("observed_short", lang): (theme.OBSERVED, XL_MARKER_STYLE.CIRCLE, None),
        labels.label("before_break", lang): (theme.MUTED, XL_MARKER_STYLE.SQUARE, None),
        labels.label("target", lang): (theme.TARGET, XL_MARKER_STYLE.DIAMOND, None),
        labels.label("median", lang): (theme.MEDIAN, XL_MARKER_STYLE.DASH, MSO_LINE_DASH_STYLE.DASH),
    }
    for series in chart.plots[0].series:
        colour, marker, dash = looks[series.name]
        series.smooth = False
        series.format.line.color.rgb = _colour(colour)
        series.format.line.width = Pt(2.25)
        series.marker.style, series.marker.size = marker, 9
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = _colour(colour)
        series.data_labels.font.color.rgb = _colour(colour)
        if dash is not None:
            series.format.line.dash_style = dash
    blanks = chart._chartSpace.chart.find(qn("c:dispBlanksAs"))
    if blanks is not None:
        blanks.set("val", "span")
