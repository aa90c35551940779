"""The note as PDF, without an office program: fonts embedded, pictures described in words, the same bytes each time."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

from ..briefing import labels
from .contents import Contents, gather
from .files import write_bytes
from .left import Left, Picture
from .note import MOST_PICTURES
from .zips import EPOCH

_FONT = "DejaVu"  # matplotlib brings it, with every Vietnamese letter
_SIDE, _TOP = 22.0, 16.0  # margins in millimetres
_LEAST_PICTURE = 45.0  # millimetres of height below which a picture goes to the next page


def write_pdf_note(path: str | Path, runs: list[Left], lang: str = "vi") -> Path:
    """Write what the runs of one area and year left as a PDF of two pages, with what the Word note holds.

    Parameters
    ----------
    path : where to write (``.pdf``)
    runs : the runs, as :func:`dxanalysis.delivery.left.read_runs` gives them
    lang : {"vi", "en"}
    """
    said = gather(runs, lang, Path(path).name)
    page = _page(said)
    _line(page, said.title, 15, bold=True)
    _line(page, said.headline, 10.5, bold=True)
    _bullets(page, said.lead)
    _pace_table(page, said)
    first, *others = said.pictures[:MOST_PICTURES] or (None,)
    _picture(page, first, 0.9)
    if said.trust:
        _line(page, labels.label("deck_trust", lang), 11.5, bold=True, before=2)
        _bullets(page, said.trust)
    for picture in others:
        _picture(page, picture, 0.86)
    _line(page, labels.label("deck_origin", lang), 11.5, bold=True, before=2)
    _bullets(page, [*said.sources, *said.made], 7.5)
    return write_bytes(Path(path), bytes(page.output()))


def _page(said: Contents) -> Any:
    import matplotlib as mpl
    from fpdf import FPDF

    page = FPDF(format="A4")
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    page.add_font(_FONT, "", fonts / "DejaVuSans.ttf")
    page.add_font(_FONT, "B", fonts / "DejaVuSans-Bold.ttf")
    page.set_margins(_SIDE, _TOP, _SIDE)
    page.set_auto_page_break(True, _TOP)
    page.set_title(said.title)
    page.set_subject(said.headline)
    page.set_keywords(said.record)
    page.set_lang({"vi": "vi-VN", "en": "en-GB"}[said.lang])
    page.set_creator("dxanalysis")
    page.set_producer("dxanalysis")
    page.set_creation_date(EPOCH.replace(tzinfo=UTC))
    page.viewer_preferences = _shows_title()
    page.add_page()
    return page


def _shows_title() -> Any:
    """Let readers show the document's title in place of its file name."""
    from fpdf import ViewerPreferences

    return ViewerPreferences(display_doc_title=True)


def _line(page: Any, text: str, points: float, *, bold: bool = False, before: float = 0.0) -> None:
    page.ln(before)
    page.set_font(_FONT, "B" if bold else "", points)
    page.multi_cell(0, points * 0.46, text, align="L", new_x="LMARGIN", new_y="NEXT")
    page.ln(1.2)


def _bullets(page: Any, lines: Any, points: float = 9) -> None:
    page.set_font(_FONT, "", points)
    for line in lines:
        page.cell(4, points * 0.48, "•")
        page.multi_cell(0, points * 0.48, line, align="L", new_x="LMARGIN", new_y="NEXT")
        page.ln(0.6)


def _pace_table(page: Any, said: Contents) -> None:
    if not said.pace:
        return
    page.ln(1)
    page.set_font(_FONT, "", 8.5)
    with page.table(line_height=4.6, text_align="LEFT", padding=0.8) as table:
        for row in said.pace:
            table.row(row)
    page.ln(2)


def _picture(page: Any, picture: Picture | None, share: float) -> None:
    """Place a picture as wide as a share of the text; where less is left on the page, smaller or on the next one."""
    if picture is None:
        return
    from PIL import Image

    with Image.open(picture.path) as image:
        ratio = image.height / image.width
    width = page.epw * share
    room = page.h - _TOP - page.get_y() - 2
    if width * ratio > room:
        if room < _LEAST_PICTURE:
            page.add_page()
        else:
            width = room / ratio
    page.image(picture.path, x=page.l_margin + (page.epw - width) / 2, w=width, alt_text=picture.alt)
    page.ln(2)
