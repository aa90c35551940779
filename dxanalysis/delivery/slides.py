"""Write slides an office can edit: native charts and tables with their data behind them, notes to speak from."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import singledispatchmethod
from pathlib import Path
from typing import Any

from . import nativechart
from .files import EPOCH, write_zip

FONT = "Arial"  # every office has it, with Vietnamese letters; a template keeps its own
_TITLE = (0.045, 0.04, 0.91, 0.15)
_BODY = (0.045, 0.21, 0.91, 0.68)
_FOOT = (0.045, 0.925, 0.82, 0.05)
_NUMBER = (0.9, 0.925, 0.055, 0.05)
_LEAST = 9.0  # points; smaller is not read from a chair
_EMU = 12_700  # of a point

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Words:
    """Sentences, one paragraph each; `share` is the part of the slide's width they take, from the left or the right."""

    lines: tuple[str, ...]
    points: float = 18
    place: Box = (0, 0, 1, 1)


@dataclass(frozen=True)
class Grid:
    """A native table; the first row is its head, `shares` the parts of the width its columns take."""

    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]
    points: float = 14
    place: Box = (0, 0, 1, 1)


@dataclass(frozen=True)
class Chart:
    """A native chart; see :class:`dxanalysis.delivery.nativechart.Plot`."""

    plot: nativechart.Plot
    place: Box = (0, 0, 1, 1)


Part = Words | Grid | Chart


@dataclass(frozen=True)
class Slide:
    """One message: its sentence as the title, what shows it, what the speaker says, where it is from."""

    title: str
    parts: tuple[Part, ...]
    notes: str
    foot: str = ""


@dataclass(frozen=True)
class About:
    """What the properties of an office file say."""

    title: str
    lang: str
    comments: str = ""
    keywords: str = ""
    record: str = "{}"


def write_slides(path: str | Path, slides: list[Slide], about: About, *, template: str | Path | None = None) -> Path:
    """Write slides as a PowerPoint deck.

    Parameters
    ----------
    path : where to write (``.pptx``)
    slides : one message each
    about : title and properties
    template : an office's own deck: every slide keeps its master, page, place of titles and fonts
    """
    import pptx

    deck = pptx.Presentation(str(template) if template else None)
    if template is None:
        deck.slide_width, deck.slide_height = inches(13.333), inches(7.5)
    for old in list(deck.slides._sldIdLst):  # what a template shows is an example of its look
        deck.part.drop_rel(old.rId)
        deck.slides._sldIdLst.remove(old)
    if not len(deck.slide_layouts):
        raise ValueError("The template has no slide layout. Save it again with at least one, best one with a title.")
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


def set_properties(properties: Any, about: About) -> None:
    """Write title, command and codes into the properties of a deck, with a fixed date."""
    properties.title, properties.comments = about.title[:255], about.comments[:255]
    properties.keywords, properties.author, properties.language = about.keywords[:255], "dxanalysis", about.lang
    properties.created = properties.modified = EPOCH


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
        if self.own or shape.top + shape.height > self.deck.slide_height / 2:  # a title in the middle leaves no room
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
        nativechart.add_chart(
            slide, self.box(self._inside(part.place)), part.plot, self.lang, font=FONT if self.own else None
        )

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
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
        from pptx.util import Pt

        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
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
        from pptx.enum.text import MSO_ANCHOR
        from pptx.util import Pt

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
        from lxml import etree
        from pptx.oxml.ns import qn

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
