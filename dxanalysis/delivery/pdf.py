"""Write a document as PDF, without an office program: fonts embedded, pictures described, the same bytes each time."""

from __future__ import annotations

from datetime import UTC
from functools import singledispatchmethod
from pathlib import Path
from typing import Any

from . import blocks
from .files import EPOCH, write_bytes

FONTS = Path(__file__).parent / "assets" / "serif"
FACE = "Liberation Serif"  # has the widths of Times New Roman, which may not be passed on
_FAMILY = "Serif"
_STYLES = {"": "regular", "B": "bold", "I": "italic", "BI": "bold-italic"}
_MM = 0.352778  # of a point
_LINE = 1.22  # of the size
_SIGNED = 58  # millimetres of a closing sentence with the signature below: a name alone on a page is not signed


def write_pdf(path: str | Path, document: blocks.Document) -> Path:
    """Write a document as PDF, block by block as :func:`dxanalysis.delivery.word.write_docx` does.

    Parameters
    ----------
    path : where to write (``.pdf``)
    document : what it says
    """
    pen = _Pen(document)
    for block in document.blocks:
        pen.write(block)
    return write_bytes(Path(path), bytes(pen.page.output()))


def _pages(document: blocks.Document) -> Any:
    """Open a PDF whose pages are numbered in the top margin, from the second of each part on."""
    from fpdf import FPDF, ViewerPreferences

    class Numbered(FPDF):
        first = 1

        def header(self) -> None:
            if self.page_no() > self.first:
                at = self.get_y()
                self.set_font(_FAMILY, "", 13)
                self.set_y(9)
                self.cell(0, 5, str(self.page_no() - self.first + 1), align="C")
                self.set_y(at)

    page = Numbered(format="A4")
    for style, name in _STYLES.items():
        page.add_font(_FAMILY, style, FONTS / f"{name}.ttf")
    top, bottom, left, right = document.margins
    page.set_margins(left, top, right)
    page.set_auto_page_break(True, bottom)
    page.set_title(document.about.title)
    page.set_subject(f"{document.about.comments} Font: {FACE} in place of Times New Roman.".strip())
    page.set_keywords(document.about.record)
    page.set_lang(blocks.LOCALES[document.about.lang])
    page.set_creator("dxanalysis")
    page.set_producer("dxanalysis")
    page.set_creation_date(EPOCH.replace(tzinfo=UTC))
    page.viewer_preferences = ViewerPreferences(display_doc_title=True)
    page.add_page()
    return page


class _Pen:
    """Writes blocks one below the other."""

    def __init__(self, document: blocks.Document) -> None:
        self.document = document
        self.page = _pages(document)

    @singledispatchmethod
    def write(self, block: Any) -> None:
        """Write one block."""
        raise TypeError(f"A document has no part {type(block).__name__}. Parts: {blocks.Block}.")

    @write.register
    def _(self, block: blocks.Letterhead) -> None:
        size, page = self.document.points, self.page
        start, share = page.get_y(), page.epw * 0.42
        self._line(block.issuer, 12, "B", width=share, align="C")
        self._rule(page.l_margin + share / 2, page.get_string_width(block.issuer.split("\n")[-1]) * 0.4)
        self._line(block.number, 13, "", width=share, align="C")
        low = page.get_y()
        page.set_y(start)
        for text, points, style in ((block.state, 12, "B"), (block.motto, 13, "B")):
            self._line(text, points, style, width=page.epw - share, align="C", at=page.l_margin + share)
        self._rule(page.l_margin + share + (page.epw - share) / 2, page.get_string_width(block.motto))
        self._line(block.dated, size, "I", width=page.epw - share, align="C", at=page.l_margin + share)
        page.set_y(max(low, page.get_y()) + 2)

    @write.register
    def _(self, block: blocks.Title) -> None:
        page, size = self.page, max(13.0, self.document.points)
        page.ln(4)
        for text, points, style in ((block.kind, size + 1, "B"), (block.subject, size, "B"), (block.note, size, "I")):
            if text:
                self._line(text, points, style, align="C")
        if block.kind and not block.note:
            self._rule(page.l_margin + page.epw / 2, 45)
        page.ln(1.5)

    @write.register
    def _(self, block: blocks.Heading) -> None:
        if self.page.will_page_break(18):
            self.page.add_page()
        self.page.ln(1)
        self._line(block.text, self.document.points, "B", align="L")
        self.page.ln(1)

    @write.register
    def _(self, block: blocks.Text) -> None:
        page, points = self.page, 10.0 if block.style == "note" else self.document.points
        if block.keep and page.will_page_break(_SIGNED):
            page.add_page()
        if block.style == "body":
            page.set_font(_FAMILY, "", points)
            with (
                page.text_columns(text_align="J", line_height=_LINE) as column,
                column.paragraph(first_line_indent=12.7) as paragraph,
            ):
                paragraph.write(block.text)
        else:
            self._line(block.text, points, "", align="L")
        page.ln(2 if block.style == "body" else 1)

    @write.register
    def _(self, block: blocks.Table) -> None:
        from fpdf.enums import TableCellFillMode, VAlign
        from fpdf.fonts import FontFace

        page, bold = self.page, FontFace(emphasis="BOLD")
        page.set_font(_FAMILY, "", block.points)
        aligns = tuple("CENTER" if at in block.centred else "LEFT" for at in range(len(block.head)))
        look = {"padding": 0.7, "v_align": VAlign.M, "headings_style": bold, "cell_fill_mode": TableCellFillMode.NONE}
        height = block.points * _MM * 1.15
        with page.table(width=page.epw, col_widths=block.widths, line_height=height, text_align=aligns, **look) as grid:
            head = grid.row()
            for text in block.head:
                head.cell(text, align="CENTER")
            for row in block.rows:
                line = grid.row(style=None if row.kind == "plain" else bold)
                for text in row.cells:
                    line.cell(
                        text,
                        colspan=len(block.head) if row.kind == "group" else 1,
                        align="LEFT" if row.kind == "group" else None,
                    )
        page.ln(2)

    @write.register
    def _(self, block: blocks.Signature) -> None:
        page, size = self.page, self.document.points
        height = max(len(block.recipients) + 1, len(block.signer) + 1) * 6
        if page.will_page_break(height):
            page.add_page()
        page.ln(3)
        start, half = page.get_y(), page.epw / 2
        self._line(block.heading, 12, "BI", width=half, align="L")
        for line in block.recipients:
            self._line(line, 11, "", width=half, align="L")
        low = page.get_y()
        page.set_y(start)
        for line in block.signer:
            self._line(line, size, "B", width=half, align="C", at=page.l_margin + half)
        page.set_y(max(low, page.get_y()))

    @write.register
    def _(self, block: blocks.Appendix) -> None:
        self.page.first = self.page.page_no() + 1
        self.page.set_margins(20, 20, 20)
        self.page.add_page(orientation="L")

    def _line(
        self, text: str, points: float, style: str, *, align: str, width: float = 0, at: float | None = None
    ) -> None:
        page = self.page
        page.set_font(_FAMILY, style, points)
        if at is not None:
            page.set_x(at)
        page.multi_cell(width, points * _MM * _LINE, text, align=align, new_x="LMARGIN", new_y="NEXT")

    def _rule(self, middle: float, length: float) -> None:
        y = self.page.get_y() + 0.8
        self.page.set_line_width(0.25)
        self.page.line(middle - length / 2, y, middle + length / 2, y)
        self.page.set_y(y + 1.6)
