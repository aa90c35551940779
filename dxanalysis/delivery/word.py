"""Write a document as a Word file in the form of Nghị định 30/2020/NĐ-CP, or in an office's own template."""

from __future__ import annotations

import io
from functools import singledispatchmethod
from pathlib import Path
from typing import Any

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from . import blocks
from .files import opened, set_properties, write_zip

FONT = "Times New Roman"  # the decree names it; every office has it, and PDF takes a face of the same widths
_A4 = (210.0, 297.0)
_LEAST_WIDTH = 90.0  # millimetres in which the two columns of the head keep their lines whole
_EM = 0.352778  # millimetres of a point
_BOLD_WIDTH = 0.52  # of the size: how wide a bold letter of Times is on average, for the line below the motto


def write_docx(path: str | Path, document: blocks.Document, *, template: str | Path | None = None) -> Path:
    """Write a document as Word; a template keeps its own page, styles, header and footer.

    Parameters
    ----------
    path : where to write (``.docx``)
    document : what it says
    template : an office's own ``.docx``; its text is left out, its look is kept
    """
    file = opened(template, ".docx", docx.Document) if template else docx.Document()
    pen = _Pen(file, document, own=template is None)
    if pen.width < _LEAST_WIDTH:
        raise ValueError(
            f"The template {Path(str(template)).name} leaves {pen.width:.0f} mm between its margins; a report takes "
            f"{_LEAST_WIDTH:.0f} mm or more. Make its page wider or its margins narrower."
        )
    for block in document.blocks:
        pen.write(block)
    set_properties(file.core_properties, document.about)
    held = io.BytesIO()
    file.save(held)
    return write_zip(Path(path), held.getvalue(), document.about.record)


class _Pen:
    """Writes blocks one below the other."""

    def __init__(self, file: Any, document: blocks.Document, *, own: bool) -> None:
        self.file, self.document, self.own = file, document, own
        if own:
            _dress_styles(file, document)
            _dress_section(file.sections[0], document)
        else:
            for part in list(file.element.body):
                if not part.tag.endswith("}sectPr"):
                    file.element.body.remove(part)
            for columns in list(file.element.body.iter(qn("w:cols"))):  # tables run over the whole width
                columns.getparent().remove(columns)

    @property
    def width(self) -> float:
        """Millimetres between the margins of the last section."""
        section = self.file.sections[-1]
        return (section.page_width - section.left_margin - section.right_margin) / 36_000

    @singledispatchmethod
    def write(self, block: Any) -> None:
        """Write one block."""
        raise TypeError(f"A document has no part {type(block).__name__}. Parts: {blocks.Block}.")

    @write.register
    def _(self, block: blocks.Letterhead) -> None:
        size = self.document.points
        left, right = self._two_columns(0.42, 0.58)
        _run(left, block.issuer, 12, bold=True, centre=True)
        _rule(left, self.width * 0.42, len(max(block.issuer.split("\n"), key=len)) * 12 * _EM * 0.66 * 0.4)
        _run(left, block.number, 13, centre=True)
        _run(right, block.state, 12, bold=True, centre=True)
        _run(right, block.motto, 13, bold=True, centre=True)
        _rule(right, self.width * 0.58, len(block.motto) * 13 * _EM * _BOLD_WIDTH)
        _run(right, block.dated, size, italic=True, centre=True)

    @write.register
    def _(self, block: blocks.Title) -> None:
        size = max(13.0, self.document.points) if self.own else self.document.points
        self._centred(block.kind, size + 1, bold=True, before=10)
        self._centred(block.subject, size, bold=True)
        if block.note:
            self._centred(block.note, size, italic=True)
        elif block.kind:
            _rule(self.file, self.width, 45)

    @write.register
    def _(self, block: blocks.Heading) -> None:
        paragraph = self.file.add_paragraph(style=self._style(f"Heading {block.level}"))
        run = paragraph.add_run(block.text)
        run.bold = None if self._style(f"Heading {block.level}") else True
        paragraph.paragraph_format.keep_with_next = True

    @write.register
    def _(self, block: blocks.Text) -> None:
        paragraph = self.file.add_paragraph()
        run = paragraph.add_run(block.text)
        paragraph.paragraph_format.keep_with_next = block.keep or None
        if block.style == "note":
            run.font.size = Pt(10)
            paragraph.paragraph_format.space_after = Pt(3)
        if block.style == "body":
            paragraph.paragraph_format.first_line_indent = Mm(12.7)

    @write.register
    def _(self, block: blocks.Table) -> None:

        share = self.width / sum(block.widths)
        grid = self.file.add_table(rows=0, cols=len(block.head), style=self._style("Table Grid"))
        _frame(grid)
        grid.autofit = False
        _narrow_margins(grid)
        for column, width in zip(grid.columns, block.widths, strict=True):
            column.width = Mm(width * share)
        for at, row in enumerate([blocks.Row(block.head, "head"), *block.rows]):
            cells = grid.add_row().cells
            for cell, width in zip(cells, block.widths, strict=True):
                cell.width = Mm(width * share)
            if row.kind == "group":
                cells = [cells[0].merge(cells[-1])]
            for column, (cell, text) in enumerate(zip(cells, row.cells, strict=True)):
                centre = row.kind == "head" or (row.kind != "group" and column in block.centred)
                _fill(cell, text, block.points, bold=row.kind != "plain", centre=centre)
            _mark_row(grid.rows[at], head=at == 0)
            if row.kind == "group":  # the heading of rows is not left alone at the foot of a page
                cells[0].paragraphs[0].paragraph_format.keep_with_next = True
        self.file.add_paragraph().paragraph_format.space_after = 0

    @write.register
    def _(self, block: blocks.Signature) -> None:
        left, right = self._two_columns(0.5, 0.5)
        _run(left, block.heading, 12, bold=True, italic=True)
        for line in block.recipients:
            _run(left, line, 11)
        for line in block.signer:
            _run(right, line, self.document.points, bold=True, centre=True)

    @write.register
    def _(self, block: blocks.Appendix) -> None:

        section = self.file.add_section(WD_SECTION.NEW_PAGE)
        broken = self.file.paragraphs[-1].paragraph_format  # holds the break alone: no page of its own after a full one
        broken.line_spacing, broken.space_before, broken.space_after = Pt(1), Pt(0), Pt(0)
        section.orientation = WD_ORIENT.LANDSCAPE
        short, long = sorted((section.page_width, section.page_height))
        section.page_width, section.page_height = long, short
        if self.own:
            _number_pages(section)
            _margins(section, (20.0, 20.0, 20.0, 20.0))

    def _style(self, name: str) -> str | None:
        """Return the name of a style, or nothing where an office's template does not have it."""
        return name if any(one.name == name for one in self.file.styles) else None

    def _centred(
        self, text: str, points: float, *, bold: bool = False, italic: bool = False, before: float = 0
    ) -> None:

        if not text:
            return
        paragraph = self.file.add_paragraph()
        _set(paragraph, text, points, bold=bold, italic=italic, centre=True)
        form = paragraph.paragraph_format
        form.space_before, form.space_after, form.keep_with_next = Pt(before), Pt(2), True

    def _two_columns(self, *shares: float) -> list[Any]:

        grid = self.file.add_table(rows=1, cols=2)
        grid.autofit = False
        for column, cell, share in zip(grid.columns, grid.rows[0].cells, shares, strict=True):
            column.width = cell.width = Mm(self.width * share)
            cell._tc.remove(cell.paragraphs[0]._p)  # the empty one with which a cell is born
        _mark_row(grid.rows[0], head=False)
        return list(grid.rows[0].cells)


def _dress_styles(file: Any, document: blocks.Document) -> None:
    """Set the decree's font, size, spacing and indents in the styles, where a user can change them once for all."""
    sizes = {"Normal": document.points, "Heading 1": document.points, "Heading 2": document.points}
    for name, points in sizes.items():
        style = file.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(points), RGBColor(0, 0, 0)
        style.font.bold, style.font.italic = name != "Normal", False
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # a theme's font would win over ours
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for script in ("eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), FONT)
        form = style.paragraph_format
        form.space_before, form.space_after = Pt(0 if name == "Normal" else 6), Pt(6)
        form.line_spacing = 1.05
        form.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    for found in file.styles.element.iter(qn("w:lang")):
        found.set(qn("w:val"), blocks.LOCALES[document.about.lang])


def _dress_section(section: Any, document: blocks.Document) -> None:
    section.page_width, section.page_height = Mm(_A4[0]), Mm(_A4[1])
    _margins(section, document.margins)
    _number_pages(section)


def _margins(section: Any, millimetres: tuple[float, float, float, float]) -> None:
    sides = ("top_margin", "bottom_margin", "left_margin", "right_margin")
    for side, value in zip(sides, millimetres, strict=True):
        setattr(section, side, Mm(value))
    section.header_distance = section.footer_distance = Mm(10)


def _number_pages(section: Any) -> None:
    """Put the page number into the middle of the top margin, from the second page on, counting from 1."""
    section.different_first_page_header_footer = True
    section.header.is_linked_to_previous = section.first_page_header.is_linked_to_previous = False
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run("2")  # what a viewer shows that does not count pages
    run.font.size, run.font.name = Pt(13), FONT
    paragraph._p.append(_element("fldSimple", run._r, instr="PAGE"))
    if (found := section._sectPr.find(qn("w:pgNumType"))) is not None:
        section._sectPr.remove(found)
    section._sectPr.append(_element("pgNumType", start="1"))


def _element(name: str, *within: Any, **attributes: str) -> Any:
    """Return an element of Word with attributes and with what stands in it."""
    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    made.extend(within)
    return made


def _run(
    cell: Any, text: str, points: float, *, bold: bool = False, italic: bool = False, centre: bool = False
) -> None:
    """Add a paragraph without space around it to a cell."""
    _set(cell.add_paragraph(), text, points, bold=bold, italic=italic, centre=centre)


def _set(
    paragraph: Any, text: str, points: float, *, bold: bool = False, italic: bool = False, centre: bool = False
) -> None:
    """Set a paragraph in letters of a size, without space below it."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.LEFT
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(points)


def _rule(cell: Any, room: float, length: float) -> None:
    """Draw a line of a length in millimetres in the middle of the room: the border of a paragraph one point high."""
    paragraph = cell.add_paragraph()
    form = paragraph.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(1), Pt(4), Pt(2)
    form.left_indent = form.right_indent = Mm(max(0.0, (room - 4 - length) / 2))
    top = _element("top", val="single", sz="6", space="0", color="000000")
    paragraph._p.get_or_add_pPr().insert_element_before(
        _element("pBdr", top), "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc"
    )


def _frame(grid: Any) -> None:
    """Draw the lines of a table in the table itself: a template's own style may have none."""
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    lines = [_element(side, val="single", sz="4", space="0", color="000000") for side in sides]
    grid._tbl.tblPr.insert_element_before(
        _element("tblBorders", *lines), "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook"
    )


def _narrow_margins(grid: Any, millimetres: float = 0.8) -> None:
    """Leave less room at the sides of cells than Word does by itself: a narrow column then holds a whole word."""
    room = {"w": str(round(millimetres / _EM * 20)), "type": "dxa"}
    margins = [_element(side, **room) for side in ("left", "right")]
    grid._tbl.tblPr.insert_element_before(_element("tblCellMar", *margins), "w:tblLook")


def _fill(cell: Any, text: str, points: float, *, bold: bool, centre: bool) -> None:
    cell.text = ""
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    cell.paragraphs[0].paragraph_format.line_spacing = 1.0
    _set(cell.paragraphs[0], text, points, bold=bold, centre=centre)


def _mark_row(row: Any, *, head: bool) -> None:
    """Keep a row on one page; repeat the head on every page, where screen readers say it with each cell."""
    for name in ("cantSplit", *(["tblHeader"] if head else [])):
        row._tr.get_or_add_trPr().append(_element(name))
