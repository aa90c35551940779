"""Write slides an office can edit: native charts and tables with their data behind them, notes to speak from."""

from __future__ import annotations

import io
import re
from functools import singledispatchmethod
from pathlib import Path
from typing import Any

import pandas as pd
import pptx
from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.dml import MSO_LINE_DASH_STYLE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Pt

from ..briefing import numbers, theme
from .blocks import About, Box, Chart, Grid, Part, Plot, Slide, Words
from .files import opened, set_properties, write_zip

FONT = "Arial"  # every office has it, with Vietnamese letters; a template keeps its own
_TITLE = (0.045, 0.04, 0.91, 0.15)
_BODY = (0.045, 0.21, 0.91, 0.68)
_FOOT = (0.045, 0.925, 0.82, 0.05)
_NUMBER = (0.9, 0.925, 0.055, 0.05)
_LEAST_SIZE = (7.5, 5.0)  # inches: A4 upright is as narrow, a notebook's screen as low as a table can be read
_LEAST = 9.0  # points; smaller is not read from a chair
_EMU = 12_700  # of a point
_ALL_TOLD = 4  # points of a line that are all labelled
_LOCALE = {"vi": "[$-42A]", "en": "[$-409]"}  # asks for the decimal mark of the language


def write_slides(path: str | Path, slides: list[Slide], about: About, *, template: str | Path | None = None) -> Path:
    """Write slides as a PowerPoint deck.

    Parameters
    ----------
    path : where to write (``.pptx``)
    slides : one message each
    about : title and properties
    template : an office's own deck: every slide keeps its master, page, place of titles and fonts
    """
    deck = opened(template, ".pptx", pptx.Presentation) if template else pptx.Presentation()
    if template is None:
        deck.slide_width, deck.slide_height = inches(13.333), inches(7.5)
    for old in list(deck.slides._sldIdLst):  # what a template shows is an example of its look
        deck.part.drop_rel(old.rId)
        deck.slides._sldIdLst.remove(old)
    if not len(deck.slide_layouts):
        raise ValueError("The template has no slide layout. Save it again with at least one, best one with a title.")
    if deck.slide_width < inches(_LEAST_SIZE[0]) or deck.slide_height < inches(_LEAST_SIZE[1]):
        size = " × ".join(f"{one / 914_400:.1f}" for one in (deck.slide_width, deck.slide_height))
        least = " × ".join(map(str, _LEAST_SIZE))
        raise ValueError(f"The template has slides of {size} inches; a deck that can be read takes {least} or more. "
                         "Set a larger slide size in it (Design, Slide Size).")
    pen = Pen(deck, about.lang, own=template is None)
    for slide in slides:
        pen.add(slide)
    set_properties(deck.core_properties, about)
    held = io.BytesIO()
    deck.save(held)
    return write_zip(Path(path), held.getvalue(), about.record)


def inches(value: float) -> int:
    """Return inches in the units of slides."""
    return int(value * 914_400)


class Pen:
    """Writes slides into a deck: in our own look, or in that of a template."""

    def __init__(self, deck: Any, lang: str, *, own: bool) -> None:
        self.deck = deck
        self.lang = lang
        self.own = own
        self.body = _BODY

    def add(self, content: Slide) -> Any:
        """Add a slide with all its parts, its number and its foot."""
        slide = self.slide(content.title, content.notes)
        for part in content.parts:
            self.write(part, slide)
        if content.foot:
            self.text(slide, _FOOT, [content.foot], 10)
        self._number(slide)
        return slide

    def slide(self, title: str, notes: str) -> Any:
        """Add an empty slide with a title (in its placeholder, where screen readers find it) and notes."""
        slide = self.deck.slides.add_slide(self._layout())
        for shape in list(slide.placeholders):
            if shape.placeholder_format.idx != 0:
                shape._element.getparent().remove(shape._element)
        slide.notes_slide.notes_text_frame.text = notes
        shape = slide.shapes.title
        if shape is None:
            self.text(slide, _TITLE, [title], 26, bold=True)
            return slide
        shape.text_frame.text = title
        beyond = shape.left < 0 or shape.left + shape.width > self.deck.slide_width
        if self.own or beyond or shape.top + shape.height > self.deck.slide_height / 2:  # one in the middle: no room
            shape.left, shape.top, shape.width, shape.height = self.box(_TITLE)
        points = _fitting([title], shape.width / _EMU * 0.95, shape.height / _EMU, 26)
        self._dress(shape.text_frame, points, bold=self.own)
        low = (shape.top + shape.height) / self.deck.slide_height + 0.015
        top = max(_BODY[1], low)
        self.body = (_BODY[0], top, _BODY[2], 0.905 - top)
        return slide

    def _layout(self) -> Any:
        """Choose the layout with a plain title and as little else as possible."""
        return min(self.deck.slide_layouts, key=lambda one: (not _titled(one), len(one.placeholders)))

    def box(self, shares: Box) -> tuple[int, int, int, int]:
        """Return left, top, width, height of a box given in shares of the slide."""
        width, height = self.deck.slide_width, self.deck.slide_height
        return int(shares[0] * width), int(shares[1] * height), int(shares[2] * width), int(shares[3] * height)

    def _inside(self, place: Box) -> Box:
        """Return a place given in shares of the body in shares of the slide."""
        left, top, width, height = self.body
        return left + place[0] * width, top + place[1] * height, place[2] * width, place[3] * height

    @singledispatchmethod
    def write(self, part: Any, slide: Any) -> None:
        """Write one part."""
        raise TypeError(f"A slide has no part {type(part).__name__}. Parts: {Part}.")

    @write.register
    def _(self, part: Words, slide: Any) -> None:
        self.text(slide, self._inside(part.place), list(part.lines), part.points)

    @write.register
    def _(self, part: Grid, slide: Any) -> None:
        self.table(slide, self._inside(part.place), part.rows, part.shares, part.points)

    @write.register
    def _(self, part: Chart, slide: Any) -> None:
        add_chart(slide, self.box(self._inside(part.place)), part.plot, self.lang, own=self.own)

    def text(self, slide: Any, place: Box, lines: list[str], points: float, *, bold: bool = False) -> None:
        """Write lines in a box; long texts get a smaller size instead of running out."""
        left, top, width, height = self.box(place)
        frame = slide.shapes.add_textbox(left, top, width, height).text_frame
        frame.word_wrap = True
        for at, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
            paragraph.text = line
        self._dress(frame, _fitting(lines, width / _EMU, height / _EMU, points), bold=bold)

    def _dress(self, frame: Any, points: float, *, bold: bool) -> None:

        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
        frame._txBody.bodyPr.set("vert", "horz")  # also where a layout's title stands upright
        for paragraph in frame.paragraphs:
            paragraph.alignment = PP_ALIGN.LEFT
            paragraph.font.size = Pt(points)
            paragraph.font.bold = True if bold else None
            paragraph.space_after = Pt(points * 0.45)
            if self.own:
                paragraph.font.name = FONT

    def table(
        self, slide: Any, place: Box, rows: tuple[tuple[str, ...], ...], shares: tuple[float, ...], points: float = 14
    ) -> None:
        """Write an editable table whose columns take these shares of the box; the first row is its head."""

        left, top, width, height = self.box(place)
        size = _fitting_rows(rows, shares, width / _EMU, height / _EMU, points)
        frame = slide.shapes.add_table(len(rows), len(shares), left, top, width, int(size * 1.7 * _EMU * len(rows)))
        frame._element.nvGraphicFramePr.cNvPr.set("descr", "; ".join(rows[0]))
        for column, share in zip(frame.table.columns, shares, strict=True):
            column.width = int(share / sum(shares) * width)
        for cells, texts in zip(frame.table.rows, rows, strict=True):
            cells.height = int(size * 1.7 * _EMU)
            for cell, text in zip(cells.cells, texts, strict=True):
                cell.text = text
                cell.vertical_anchor = MSO_ANCHOR.MIDDLE
                cell.margin_top = cell.margin_bottom = int(size * 0.15 * _EMU)
                font = cell.text_frame.paragraphs[0].font
                font.size = Pt(size)
                if self.own:
                    font.name = FONT

    def _number(self, slide: Any) -> None:
        """Put the slide's number at the foot, as a field that follows when slides are moved."""

        self.text(slide, _NUMBER, [""], 10)
        paragraph = slide.shapes[-1].text_frame.paragraphs[0]._p
        field = etree.SubElement(paragraph, qn("a:fld"))
        field.set("id", "{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}")
        field.set("type", "slidenum")
        etree.SubElement(field, qn("a:rPr")).set("sz", "1000")
        etree.SubElement(field, qn("a:t")).text = str(len(self.deck.slides))
        if (end := paragraph.find(qn("a:endParaRPr"))) is not None:
            paragraph.remove(end)


def _titled(layout: Any) -> bool:
    return any(str(one.placeholder_format.type).startswith("TITLE") for one in layout.placeholders)


def _fitting(lines: list[str], width: float, height: float, points: float) -> float:
    """Return the largest size, up to `points`, in which lines fit into a box of points."""
    size = points
    while size > _LEAST and sum(_lines(line, width, size) * size * 1.2 + size * 0.45 for line in lines) > height:
        size -= 0.5
    return size


def _fitting_rows(
    rows: tuple[tuple[str, ...], ...], shares: tuple[float, ...], width: float, height: float, points: float
) -> float:
    """Return the largest size, up to `points`, in which the rows of a table fit into a box of points."""
    widths, size = [share / sum(shares) * width - 14 for share in shares], points
    while size > _LEAST:
        needed = sum(
            max(max(map(_lines, row, widths, [size] * len(row))) * size * 1.2, size) + size * 0.5 for row in rows
        )
        words = (len(max(re.split(r"[\s/-]", cell), key=len)) * size * 0.6 <= width
                 for row in rows for cell, width in zip(row, widths, strict=True))
        if needed <= height and all(words):  # no word is cut in two
            break
        size -= 0.5
    return size


def _lines(text: str, width: float, size: float) -> int:
    """Return in how many lines a text runs; a letter is half as wide as its size is high, on average."""
    return max(1, -(-len(text) // max(1, int(width / (size * 0.54)))))


# ---------------------------------------------------------------- native charts
def add_chart(slide: Any, box: tuple[int, int, int, int], plot: Plot, lang: str, *, own: bool = True) -> Any:
    """Add a native chart to a slide; every point carries its value, in the numbers of the language.

    On a template, which may be dark, letters have its own font and colour.
    """
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
    if own:
        chart.font.name = FONT
    _axis(chart, plot, lang)
    if plot.lines:
        _draw_lines(chart, plot, lang)
    else:
        _draw_bars(chart, plot, lang, _colour(theme.INK) if own else None)
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


def _draw_bars(chart: Any, plot: Plot, lang: str, ink: Any) -> None:
    chart.plots[0].gap_width = 45
    series = chart.plots[0].series[0]
    for at, name in enumerate(reversed(list(plot.bars.index))):
        fill = series.points[at].format.fill
        fill.solid()
        fill.fore_color.rgb = _colour(theme.TARGET if name in plot.marked else theme.OBSERVED)
    _label(series, plot, lang, ink, XL_LABEL_POSITION.OUTSIDE_END, list(plot.bars))


def _label(series: Any, plot: Plot, lang: str, colour: Any, position: Any, values: list[float]) -> None:
    if plot.lines and len(values) > _ALL_TOLD:
        _label_ends(series, plot, lang, colour, position)
        return
    labels = series.data_labels
    labels.show_value, labels.font.size, labels.position = True, Pt(13), position
    if colour is not None:
        labels.font.color.rgb = colour
    decimals = max((_decimals(value, plot.decimals) for value in values), default=0)
    labels.number_format, labels.number_format_is_linked = _number_format(plot, lang, decimals), False


def _label_ends(series: Any, plot: Plot, lang: str, colour: Any, position: Any) -> None:
    """Print the value at the first and the last point of a long line: between them the labels would run together."""
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
    return RGBColor.from_string(name[1:])
