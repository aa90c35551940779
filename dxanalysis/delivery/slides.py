"""Slides an office can edit: native charts with their data behind them, sources, notes and words for every picture."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pandas as pd

from ..briefing import labels, numbers, tables, theme
from ..briefing.page import breaks_of, grade_of
from ..briefing.quotes import allows
from .left import Left, Picture, main_run, pictures_once, sentences_once, set_properties, title_of
from .zips import write_zip

_PER_SLIDE = 5


def write_slides(path: str | Path, runs: list[Left], lang: str = "vi", *, template: str | Path | None = None) -> Path:
    """Write what the runs of one area and year left as a PowerPoint deck.

    The first slide says the finding, the second holds a native line chart (its data open in Excel), then come the
    pictures of the runs and the sentences. Every picture has its description, every slide its source in the notes.

    Parameters
    ----------
    path : where to write (``.pptx``)
    runs : the runs, as :func:`dxanalysis.delivery.left.read_runs` gives them
    lang : {"vi", "en"}
    template : an office's own deck, whose master and page are kept
    """
    import pptx

    numbers.language(lang)
    deck = pptx.Presentation(str(template) if template else None)
    if template is None:
        deck.slide_width, deck.slide_height = _inches(13.333), _inches(7.5)
    main = main_run(runs)
    _words(deck, title_of(runs, lang), [main.headline(lang), *sentences_once(runs, lang)[:3]], main, lang)
    _series_slide(deck, runs, lang)
    for picture in pictures_once(runs, lang):
        _picture_slide(deck, picture, main, lang)
    sentences = sentences_once(runs, lang)
    for start in range(0, len(sentences), _PER_SLIDE):
        _words(deck, labels.label("sheet_findings", lang), sentences[start : start + _PER_SLIDE], main, lang)
    set_properties(deck.core_properties, runs, lang)
    held = io.BytesIO()
    deck.save(held)
    return write_zip(Path(path), held.getvalue())


def _inches(value: float) -> int:
    return int(value * 914_400)


def _blank(deck: Any, left: Left, lang: str) -> Any:
    """Add an empty slide of the deck's own master; its notes say how the content was made."""
    layouts = deck.slide_layouts
    slide = deck.slides.add_slide(min(layouts, key=lambda one: len(one.placeholders)))
    for shape in list(slide.placeholders):
        shape._element.getparent().remove(shape._element)
    slide.notes_slide.notes_text_frame.text = labels.label(
        "slide_notes", lang, command=str(left.run.get("command", "")), digest=str(left.run.get("data_digest", ""))[:12]
    )
    return slide


def _text(
    slide: Any, box: tuple[float, float, float, float], lines: list[str], points: float, *, bold: bool = False
) -> Any:
    """Write lines in a box given in shares of the slide; long texts get a smaller size instead of running out."""
    from pptx.util import Pt

    deck = slide.part.package.presentation_part.presentation
    width, height = deck.slide_width, deck.slide_height
    frame = slide.shapes.add_textbox(
        int(box[0] * width), int(box[1] * height), int(box[2] * width), int(box[3] * height)
    ).text_frame
    frame.word_wrap = True
    room = box[2] * width / 12_700 * box[3] * height / 12_700
    letters = sum(len(line) + 12 for line in lines)
    size = min(points, max(9.0, (room / max(1, letters) / 0.8) ** 0.5))
    for at, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.text = line
        paragraph.font.size, paragraph.font.bold, paragraph.font.name = Pt(size), bold, "DejaVu Sans"
        paragraph.space_after = Pt(size * 0.5)
    return frame


def _words(deck: Any, title: str, lines: list[str], left: Left, lang: str) -> None:
    slide = _blank(deck, left, lang)
    _text(slide, (0.05, 0.06, 0.9, 0.16), [title], 28, bold=True)
    _text(slide, (0.05, 0.26, 0.9, 0.64), [line for line in lines if line], 22)


def _picture_slide(deck: Any, picture: Picture, left: Left, lang: str) -> None:
    slide = _blank(deck, left, lang)
    shape = slide.shapes.add_picture(str(picture.path), 0, 0, width=deck.slide_width)
    if shape.height > deck.slide_height:
        shape.width, shape.height = int(shape.width * deck.slide_height / shape.height), deck.slide_height
    shape.left, shape.top = (deck.slide_width - shape.width) // 2, (deck.slide_height - shape.height) // 2
    shape._element.nvPicPr.cNvPr.set("descr", picture.alt)


def _series_slide(deck: Any, runs: list[Left], lang: str) -> None:
    """Draw history, targets and forecast median as a native chart: a double click opens its numbers."""
    left, series = main_run(runs), chart_series(runs, lang)
    if not any(len(values.dropna()) for values in series.values()):
        return
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION

    known = [year for values in series.values() for year in values.index]
    years = list(range(min(known), max(known) + 1))  # every year, so that the axis is true to time
    data = CategoryChartData(number_format="General")
    data.categories = [str(year) for year in years]
    for name, values in series.items():
        data.add_series(name, [None if pd.isna(v) else float(v) for v in values.reindex(years)])
    slide = _blank(deck, left, lang)
    _text(slide, (0.05, 0.04, 0.9, 0.16), [left.headline(lang)], 24, bold=True)
    box = (
        int(0.05 * deck.slide_width),
        int(0.2 * deck.slide_height),
        int(0.9 * deck.slide_width),
        int(0.7 * deck.slide_height),
    )
    shape = slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *box, data)
    shape._element.nvGraphicFramePr.cNvPr.set("descr", left.headline(lang))
    chart = shape.chart
    chart.has_legend, chart.has_title = True, False
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.font.name = "DejaVu Sans"
    _look(chart, lang)
    if left.indicator is not None and left.indicator.unit == "percent":
        chart.value_axis.tick_labels.number_format = '0"%"'
        chart.value_axis.tick_labels.number_format_is_linked = False
    _text(slide, (0.05, 0.91, 0.9, 0.06), [_source(left, lang)], 11)


def _look(chart: Any, lang: str) -> None:
    """Give each series the colour and marker it has in the pictures, and join targets across the years between."""
    from pptx.dml.color import RGBColor
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
        series.format.line.color.rgb = RGBColor.from_string(colour[1:])
        series.format.line.width = Pt(2.25)
        series.marker.style, series.marker.size = marker, 8
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = RGBColor.from_string(colour[1:])
        if dash is not None:
            series.format.line.dash_style = dash
    blanks = chart._chartSpace.chart.find(qn("c:dispBlanksAs"))
    if blanks is not None:
        blanks.set("val", "span")


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


def _source(left: Left, lang: str) -> str:
    history = left.tables.get("history", pd.DataFrame())
    vintages = history["vintage"].dropna().astype(str) if "vintage" in history else pd.Series(dtype=str)
    parts = (
        [labels.label("as_of", lang, date=tables.cell_text("vintage", vintages.max(), lang))] if len(vintages) else []
    )
    return " ".join([*parts, str(left.run.get("command", ""))])
