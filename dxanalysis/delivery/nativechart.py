"""Charts a deck's reader can edit: lines over years and bars of areas, with their numbers behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..briefing import numbers, theme

_ALL_TOLD = 4  # points of a line that are all labelled
_LOCALE = {"vi": "[$-42A]", "en": "[$-409]"}  # asks for the decimal mark of the language


@dataclass(frozen=True)
class Line:
    """One series of a line chart: values by year, colour, marker; a series without a line shows its points alone."""

    name: str
    values: pd.Series
    colour: str
    marker: str = "CIRCLE"
    joined: bool = True
    dashed: bool = False


@dataclass(frozen=True)
class Plot:
    """What a native chart shows.

    Attributes
    ----------
    alt : str
        What it shows, in words.
    lines : tuple of Line
        Series of a line chart; empty for bars.
    bars : Series
        Values by printed name; empty for lines.
    marked : tuple of str
        Bars in the colour of the area a deck is about.
    symbol : str
        What follows each number ("%").
    decimals : int
    """

    alt: str
    lines: tuple[Line, ...] = ()
    bars: pd.Series | None = None
    marked: tuple[str, ...] = ()
    symbol: str = ""
    decimals: int = 2


def add_chart(slide: Any, box: tuple[int, int, int, int], plot: Plot, lang: str, *, font: str | None = None) -> Any:
    """Add a native chart to a slide; every point carries its value, in the numbers of the language."""
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Pt

    data = CategoryChartData(number_format="General")
    kind = XL_CHART_TYPE.LINE_MARKERS if plot.lines else XL_CHART_TYPE.BAR_CLUSTERED
    if plot.lines:
        known = [int(year) for line in plot.lines for year in line.values.index]
        years = list(range(min(known), max(known) + 1))  # every year, so that the axis is true to time
        data.categories = [str(year) for year in years]
        for line in plot.lines:
            data.add_series(line.name, [None if pd.isna(v) else float(v) for v in line.values.reindex(years)])
    else:
        bars = plot.bars.iloc[::-1]  # an office program draws the first bar at the bottom
        data.categories = [str(name) for name in bars.index]
        data.add_series("", [float(value) for value in bars])
    shape = slide.shapes.add_chart(kind, *box, data)
    shape._element.nvGraphicFramePr.cNvPr.set("descr", plot.alt)
    chart = shape.chart
    chart.has_title, chart.has_legend, chart.font.size = False, bool(plot.lines), Pt(13)
    if font:
        chart.font.name = font
    _axis(chart, plot, lang)
    if plot.lines:
        _draw_lines(chart, plot, lang)
    else:
        _draw_bars(chart, plot, lang)
    return chart


def _axis(chart: Any, plot: Plot, lang: str) -> None:
    axis = chart.value_axis
    axis.major_gridlines.format.line.color.rgb = _colour(theme.GRID)
    axis.format.line.fill.background()
    lowest = min([float(line.values.min()) for line in plot.lines] or [float(plot.bars.min())])
    if lowest >= 0:
        axis.minimum_scale = 0
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = _number_format(plot, lang, 0), False
    if not plot.lines:
        axis.visible = axis.has_major_gridlines = False


def _draw_lines(chart: Any, plot: Plot, lang: str) -> None:
    from pptx.enum.chart import XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_MARKER_STYLE
    from pptx.enum.dml import MSO_LINE_DASH_STYLE
    from pptx.oxml.ns import qn
    from pptx.util import Pt

    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    for at, (series, line) in enumerate(zip(chart.plots[0].series, plot.lines, strict=True)):
        colour = _colour(line.colour)
        series.smooth = False
        if line.joined:
            series.format.line.color.rgb, series.format.line.width = colour, Pt(2.25)
        else:
            series.format.line.fill.background()
        if line.dashed:
            series.format.line.dash_style = MSO_LINE_DASH_STYLE.DASH
        series.marker.style, series.marker.size = getattr(XL_MARKER_STYLE, line.marker), 9
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = colour
        series.marker.format.line.color.rgb = colour
        position = XL_LABEL_POSITION.BELOW if at > 1 and at == len(plot.lines) - 1 else XL_LABEL_POSITION.ABOVE
        _label(series, plot, lang, colour, position, [float(v) for v in line.values.dropna()])
    blanks = chart._chartSpace.chart.find(qn("c:dispBlanksAs"))
    if blanks is not None:
        blanks.set("val", "span")


def _draw_bars(chart: Any, plot: Plot, lang: str) -> None:
    from pptx.enum.chart import XL_LABEL_POSITION

    chart.plots[0].gap_width = 45
    series = chart.plots[0].series[0]
    for at, name in enumerate(reversed(list(plot.bars.index))):
        fill = series.points[at].format.fill
        fill.solid()
        fill.fore_color.rgb = _colour(theme.TARGET if name in plot.marked else theme.OBSERVED)
    _label(series, plot, lang, _colour(theme.INK), XL_LABEL_POSITION.OUTSIDE_END, list(plot.bars))


def _label(series: Any, plot: Plot, lang: str, colour: Any, position: Any, values: list[float]) -> None:
    from pptx.util import Pt

    if plot.lines and len(values) > _ALL_TOLD:
        _label_ends(series, plot, lang, colour, position)
        return
    labels = series.data_labels
    labels.show_value, labels.font.size, labels.font.color.rgb, labels.position = True, Pt(13), colour, position
    decimals = max((_decimals(value, plot.decimals) for value in values), default=0)
    labels.number_format, labels.number_format_is_linked = _number_format(plot, lang, decimals), False


def _label_ends(series: Any, plot: Plot, lang: str, colour: Any, position: Any) -> None:
    """Print the value at the first and the last point of a long line: between them the labels would run together."""
    from pptx.util import Pt

    points = [at for at, value in enumerate(series.values) if value is not None]
    for at in (points[0], points[-1]):
        frame = series.points[at].data_label
        frame.position = position
        frame.text_frame.text = numbers.number(float(series.values[at]), lang, plot.decimals) + plot.symbol
        frame.text_frame.paragraphs[0].font.size = Pt(13)
        frame.text_frame.paragraphs[0].font.color.rgb = colour


def _number_format(plot: Plot, lang: str, decimals: int) -> str:
    mark = f'"{plot.symbol}"' if plot.symbol else ""
    return f"{_LOCALE[lang]}#,##0{'.' if decimals else ''}{'0' * decimals}{mark}"


def _decimals(value: float, most: int) -> int:
    """Return the decimals a value needs to be told exactly, or `most` of them.

    >>> _decimals(7.1, 2), _decimals(3.0, 2), _decimals(12.333, 2)
    (1, 0, 2)
    """
    most = numbers.enough_decimals(value, most)
    return next((n for n in range(most) if abs(round(value, n) - value) < 1e-9), most)


def _colour(name: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(name[1:])
