"""Slides, note (Word and PDF) and workbook of one area and year, written in one call."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..briefing import numbers
from .left import read_runs
from .templates import checked

FOLDER = "briefing"


def write_briefing(
    outputs: str | Path, area: str, year: int, *, languages: Iterable[str] = numbers.LANGUAGES,
    template: str | Path | None = None,
) -> list[Path]:  # fmt: skip
    """Write ``outputs/<area>/<year>/briefing/``: a deck, a note (Word and PDF) and a workbook.

    Parameters
    ----------
    outputs : folder of the runs
    area, year : whose runs to gather; they must have been run before
    languages : which of "vi", "en"
    template : an office's own ``.pptx`` whose master the slides keep

    Raises
    ------
    FileNotFoundError
        When nothing was run for the area and year.
    ValueError
        When the template holds a program or loads anything from outside.
    """
    from .note import write_note
    from .pdfnote import write_pdf_note
    from .slides import write_slides
    from .workbook import write_workbook

    template = None if template is None else checked(template)
    runs = read_runs(outputs, area, year)
    folder, stem = Path(outputs) / area / str(year) / FOLDER, f"{area}-{year}"
    made: list[Path] = []
    for lang in languages:
        made.append(write_slides(folder / f"{stem}.{lang}.pptx", runs, lang, template=template))
        made.append(write_note(folder / f"{stem}.{lang}.docx", runs, lang))
        made.append(write_pdf_note(folder / f"{stem}.{lang}.pdf", runs, lang))
        made.append(write_workbook(folder / f"{stem}.{lang}.xlsx", runs, lang))
    return made
