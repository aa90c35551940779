"""A note of two pages: what was found, the pictures, how far to trust it, where it comes from."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ..briefing import labels
from .contents import Contents, gather
from .left import Left
from .slides import FONT, set_properties
from .zips import write_zip

MOST_PICTURES = 3
_PICTURE_CM = 13.8


def write_note(path: str | Path, runs: list[Left], lang: str = "vi", *, template: str | Path | None = None) -> Path:
    """Write what the runs of one area and year left as a Word document.

    Parameters
    ----------
    path : where to write (``.docx``)
    runs : the runs, as :func:`dxanalysis.delivery.left.read_runs` gives them
    lang : {"vi", "en"}
    template : an office's own document, whose styles and page are kept
    """
    import docx

    said = gather(runs, lang, Path(path).name, template)
    document = docx.Document(str(template) if template else None)
    if template is None:
        _page(document, lang)
    document.add_heading(said.title, level=1)
    document.add_paragraph(said.headline).runs[0].bold = True
    _bullets(document, said.lead)
    _pace_table(document, said)
    _pictures(document, said, 0, 1)
    if said.trust:
        document.add_heading(labels.label("deck_trust", lang), level=2)
        _bullets(document, said.trust)
    _pictures(document, said, 1, MOST_PICTURES)
    document.add_heading(labels.label("deck_origin", lang), level=2)
    _bullets(document, [*said.sources, *said.made])
    set_properties(document.core_properties, said)
    held = io.BytesIO()
    document.save(held)
    return write_zip(Path(path), held.getvalue(), said.record)


def _page(document: Any, lang: str) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(2.5), Cm(2)
    section.top_margin = section.bottom_margin = Cm(1.7)
    for name, points in (("Normal", 10.5), ("Heading 1", 16), ("Heading 2", 12)):
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(points), RGBColor(0x1A, 0x1A, 0x1A)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # a theme's font would win over ours
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        style.paragraph_format.space_before = Pt(8 if name == "Heading 2" else 0)
        style.paragraph_format.space_after = Pt(4)
    _language(document, {"vi": "vi-VN", "en": "en-GB"}[lang])


def _language(document: Any, code: str) -> None:
    """Say which language the text is in, so that the spelling is checked by its rules."""
    from docx.oxml.ns import qn

    for found in document.styles.element.iter(qn("w:lang")):
        found.set(qn("w:val"), code)


def _bullets(document: Any, lines: Any) -> None:
    from docx.shared import Pt

    for line in lines:
        paragraph = document.add_paragraph(line, style="List Bullet")
        paragraph.paragraph_format.space_after = Pt(2)


def _pictures(document: Any, said: Contents, start: int, end: int) -> None:
    from docx.shared import Cm

    for picture in said.pictures[start:end]:
        shape = document.add_picture(str(picture.path), width=Cm(_PICTURE_CM))
        shape._inline.docPr.set("descr", picture.alt)


def _pace_table(document: Any, said: Contents) -> None:
    if not said.pace:
        return
    grid = document.add_table(rows=0, cols=len(said.pace[0]), style="Table Grid")
    for at, row in enumerate(said.pace):
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            cell.text = text
            for run in cell.paragraphs[0].runs:
                run.bold = at == 0
    _repeat_head(grid)
    document.add_paragraph()


def _repeat_head(grid: Any) -> None:
    """Mark the first row as the head of the table: readers of the screen say it with each cell."""
    from docx.oxml import OxmlElement

    grid.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
