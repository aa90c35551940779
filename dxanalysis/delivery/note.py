"""A note of two pages: what was found, the pictures, how far to trust it, where it comes from."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ..briefing import labels, numbers, tables
from .left import Left, main_run, pictures_once, sentences_once, set_properties, title_of
from .zips import write_zip

_PICTURE_CM = 14.5
_MOST_PICTURES = 3
_COLUMNS = ("target_year", "target", "last_year", "last", "gap", "years_left", "required_per_year")


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

    numbers.language(lang)
    document = docx.Document(str(template) if template else None)
    if template is None:
        _page(document)
    document.add_heading(title_of(runs, lang), level=1)
    main = main_run(runs)
    document.add_paragraph(main.headline(lang)).runs[0].bold = True
    for sentence in sentences_once(runs, lang):
        document.add_paragraph(sentence, style="List Bullet")
    _pictures(document, runs, lang)
    _pace_table(document, runs, lang)
    document.add_heading(labels.label("note_origin", lang), level=2)
    document.add_paragraph(str(main.run.get("command", "")))
    set_properties(document.core_properties, runs, lang)
    held = io.BytesIO()
    document.save(held)
    return write_zip(Path(path), held.getvalue())


def _page(document: Any) -> None:
    from docx.shared import Cm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(1.8)
    document.styles["Normal"].font.name = "DejaVu Sans"
    document.styles["Normal"].font.size = Pt(9.5)


def _pictures(document: Any, runs: list[Left], lang: str) -> None:
    from docx.shared import Cm

    for picture in pictures_once(runs, lang)[:_MOST_PICTURES]:
        shape = document.add_picture(str(picture.path), width=Cm(_PICTURE_CM))
        shape._inline.docPr.set("descr", picture.alt)


def _pace_table(document: Any, runs: list[Left], lang: str) -> None:
    left = next((left for left in runs if len(left.tables.get("pace", []))), None)
    if left is None:
        return
    grid = document.add_table(rows=1, cols=len(_COLUMNS), style="Table Grid")
    for cell, name in zip(grid.rows[0].cells, _COLUMNS, strict=True):
        cell.text = tables.column_label(name, lang)
        cell.paragraphs[0].runs[0].bold = True
    for row in left.tables["pace"].to_dict("records"):
        cells = grid.add_row().cells
        for cell, name in zip(cells, _COLUMNS, strict=True):
            cell.text = tables.cell_text(name, row.get(name), lang, left.indicator)
