"""Slides an office can edit: native charts with their data behind them, sources, notes and words for every picture."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ..briefing import labels
from .contents import Contents, gather
from .left import Left, Picture
from .nativechart import add_chart, chart_series
from .zips import EPOCH, write_zip

FONT = "Arial"  # every office has it, with Vietnamese letters; a template keeps its own
_DRAWN = "trend"  # the picture that the native chart shows in an editable form
_TITLE = (0.05, 0.045, 0.9, 0.15)
_BODY = (0.05, 0.22, 0.9, 0.66)
_FOOT = (0.05, 0.9, 0.9, 0.075)
_LEAST = 9.0  # points; smaller is not read from a chair


def write_slides(path: str | Path, runs: list[Left], lang: str = "vi", *, template: str | Path | None = None) -> Path:
    """Write what the runs of one area and year left as a PowerPoint deck.

    The first slide says the finding, the second holds a native line chart (its data open in Excel), then come the
    pictures of the runs, how far to trust it all, and the sources. Every picture has its description, every slide the
    methods, sources and the command that repeats it in its notes.

    Parameters
    ----------
    path : where to write (``.pptx``)
    runs : the runs, as :func:`dxanalysis.delivery.left.read_runs` gives them
    lang : {"vi", "en"}
    template : an office's own deck, whose master, page, title place and fonts are kept
    """
    import pptx

    said = gather(runs, lang, Path(path).name, template)
    deck = pptx.Presentation(str(template) if template else None)
    if template is None:
        deck.slide_width, deck.slide_height = inches(13.333), inches(7.5)
    pen = Pen(deck, said, own=template is None)
    pen.words(said.title, [said.headline, *said.lead], foot=said.source_line())
    native = _series_slide(pen, runs, lang)
    for picture in said.pictures:
        if not (native and picture.function == _DRAWN):
            pen.picture(picture)
    if said.trust:
        pen.words(labels.label("deck_trust", lang), said.trust, foot=said.source_line())
    pen.words(labels.label("deck_origin", lang), [*said.sources, *said.made], points=16)
    set_properties(deck.core_properties, said)
    held = io.BytesIO()
    deck.save(held)
    return write_zip(Path(path), held.getvalue(), said.record)


def inches(value: float) -> int:
    """Return inches in the units of slides."""
    return int(value * 914_400)


def set_properties(about: Any, said: Contents) -> None:
    """Write title, command and codes into the properties of a deck or a note, with a fixed date."""
    about.title, about.comments, about.keywords = said.title[:255], said.made[0][:255], said.made[1][:255]
    about.author, about.language = "dxanalysis", said.lang
    about.created = about.modified = EPOCH


class Pen:
    """Writes slides into a deck: in our own look, or in that of a template."""

    def __init__(self, deck: Any, said: Contents, *, own: bool) -> None:
        self.deck = deck
        self.said = said
        self.own = own

    def slide(self, title: str) -> Any:
        """Add a slide with a title (in its placeholder, where screen readers find it) and the notes."""
        slide = self.deck.slides.add_slide(self._layout())
        for shape in list(slide.placeholders):
            if shape.placeholder_format.idx != 0:
                shape._element.getparent().remove(shape._element)
        slide.notes_slide.notes_text_frame.text = self.said.notes()
        if slide.shapes.title is None:
            self.text(slide, _TITLE, [title], 28, bold=True)
            return slide
        slide.shapes.title.text_frame.text = title
        if self.own:
            self._place(slide.shapes.title, _TITLE)
            width, height = (share * size / 12_700 for share, size in
                             zip(_TITLE[2:], (self.deck.slide_width, self.deck.slide_height), strict=True))  # fmt: skip
            self._dress(slide.shapes.title.text_frame, _fitting([title], width * 0.94, height, 26), bold=True)
        return slide

    def _layout(self) -> Any:
        """Choose the layout with a plain title and as little else as possible."""
        return min(self.deck.slide_layouts, key=lambda one: (not _titled(one), len(one.placeholders)))

    def _place(self, shape: Any, box: tuple[float, float, float, float]) -> None:
        shape.left, shape.top, shape.width, shape.height = self.box(box)

    def box(self, shares: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
        """Return left, top, width, height of a box given in shares of the slide."""
        width, height = self.deck.slide_width, self.deck.slide_height
        return int(shares[0] * width), int(shares[1] * height), int(shares[2] * width), int(shares[3] * height)

    def text(
        self, slide: Any, box: tuple[float, float, float, float], lines: list[str], points: float, *, bold: bool = False
    ) -> None:
        """Write lines in a box; long texts get a smaller size instead of running out."""
        left, top, width, height = self.box(box)
        frame = slide.shapes.add_textbox(left, top, width, height).text_frame
        frame.word_wrap = True
        for at, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
            paragraph.text = line
        self._dress(frame, _fitting(lines, width / 12_700, height / 12_700, points), bold=bold)

    def _dress(self, frame: Any, points: float, *, bold: bool) -> None:
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
        from pptx.util import Pt

        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
        for paragraph in frame.paragraphs:
            paragraph.alignment = PP_ALIGN.LEFT
            paragraph.font.size, paragraph.font.bold = Pt(points), bold
            paragraph.space_after = Pt(points * 0.5)
            if self.own:
                paragraph.font.name = FONT

    def table(
        self, slide: Any, box: tuple[float, float, float, float], rows: list[tuple[str, ...]], shares: tuple[float, ...]
    ) -> None:
        """Write an editable table whose columns take these shares of the box; the first row is its head."""
        from pptx.util import Pt

        left, top, width, height = self.box(box)
        points = max(_LEAST, min(14.0, height / 12_700 / len(rows) / 2.1))
        frame = slide.shapes.add_table(
            len(rows), len(rows[0]), left, top, width, int(points * 2.1 * 12_700 * len(rows))
        )
        frame._element.nvGraphicFramePr.cNvPr.set("descr", "; ".join(rows[0]))
        for column, share in zip(frame.table.columns, shares, strict=True):
            column.width = int(share * width)
        for cells, texts in zip(frame.table.rows, rows, strict=True):
            for cell, text in zip(cells.cells, texts, strict=True):
                cell.text = text
                font = cell.text_frame.paragraphs[0].font
                font.size = Pt(points)
                if self.own:
                    font.name = FONT

    def words(self, title: str, lines: Any, points: float = 22, foot: str = "") -> None:
        """Add a slide of sentences; the first of them is set bold where a headline opens the deck."""
        slide = self.slide(title)
        kept = [line for line in lines if line]
        self.text(slide, _BODY, kept, points)
        if kept and kept[0] == self.said.headline:
            for run in slide.shapes[-1].text_frame.paragraphs[0].runs:
                run.font.bold = True
        if foot:
            self.text(slide, _FOOT, [foot], 11)

    def picture(self, picture: Picture) -> None:
        """Add a picture that carries its own title; the slide's own lies behind it, for outline and screen readers."""
        slide = self.slide(picture.alt.split(". ")[0])
        if slide.shapes.title is not None:
            self._place(slide.shapes.title, (0.3, 0.4, 0.4, 0.2))
            self._dress(slide.shapes.title.text_frame, _LEAST, bold=False)
        deck = self.deck
        shape = slide.shapes.add_picture(str(picture.path), 0, 0, width=deck.slide_width)
        if shape.height > deck.slide_height:
            shape.width, shape.height = int(shape.width * deck.slide_height / shape.height), deck.slide_height
        shape.left, shape.top = (deck.slide_width - shape.width) // 2, (deck.slide_height - shape.height) // 2
        shape._element.nvPicPr.cNvPr.set("descr", picture.alt)


def _titled(layout: Any) -> bool:
    return any(str(one.placeholder_format.type).startswith("TITLE") for one in layout.placeholders)


def _fitting(lines: list[str], width: float, height: float, points: float) -> float:
    """Return the largest size, up to `points`, in which lines fit into a box of points."""
    size = points
    while size > _LEAST and _height(lines, width, size) > height:
        size -= 0.5
    return size


def _height(lines: list[str], width: float, size: float) -> float:
    per_line = max(1, int(width / (size * 0.64)))
    return sum((-(-len(line) // per_line)) * size * 1.2 + size * 0.5 for line in lines)


def _series_slide(pen: Pen, runs: list[Left], lang: str) -> bool:
    """Draw history, targets and forecast median as a native chart: a double click opens its numbers."""
    series = chart_series(runs, lang)
    if not series:
        return False
    slide = pen.slide(pen.said.headline)
    foot = "; ".join(pen.said.sources)
    add_chart(slide, pen.box((0.05, 0.2, 0.9, 0.69)), series, runs, lang, alt=pen.said.headline, own=pen.own)
    pen.text(slide, _FOOT, [labels.label("notes_source", lang, sources=foot)] if foot else [""], 11)
    return True
