"""Slides, note (Word and PDF) and workbook of one area and year, written in one call."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..briefing import numbers
from .left import Left, read_run, read_runs
from .report import Shown, file_link
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
    runs = read_runs(outputs, area, year)
    return _write(runs, Path(outputs) / area / str(year) / FOLDER / f"{area}-{year}", languages, template)


def brief(folder: str | Path, *, languages: Iterable[str] = numbers.LANGUAGES) -> Shown:
    """Write slides, note and workbook of a single run into its own folder, and show their names.

    Parameters
    ----------
    folder : where the report of the run was saved
    languages : which of "vi", "en"
    """
    made = _write([read_run(folder)], Path(folder) / FOLDER, languages)
    items = "".join(f"<li>{file_link(path.name)}</li>" for path in made)
    return Shown(f'<ul class="files">{items}</ul>', "\n".join(path.name for path in made))


def _write(runs: list[Left], stem: Path, languages: Iterable[str], template: str | Path | None = None) -> list[Path]:
    """Write ``stem.<lang>.pptx``, ``.docx``, ``.pdf`` and ``.xlsx``."""
    from .note import write_note
    from .pdfnote import write_pdf_note
    from .slides import write_slides
    from .workbook import write_workbook

    template = None if template is None else checked(template)
    made: list[Path] = []
    for lang in languages:
        names = {kind: stem.with_name(f"{stem.name}.{lang}.{kind}") for kind in ("pptx", "docx", "pdf", "xlsx")}
        made.append(write_slides(names["pptx"], runs, lang, template=template))
        made.append(write_note(names["docx"], runs, lang))
        made.append(write_pdf_note(names["pdf"], runs, lang))
        made.append(write_workbook(names["xlsx"], runs, lang))
    return made
