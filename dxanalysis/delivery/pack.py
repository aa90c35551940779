"""Note, deck and workbook of one area and year, and the report on a document, written in one call each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from dxanalysis.facts import catalogue
from dxanalysis.facts.package import digest

from ..briefing import labels, numbers
from ..briefing.tables import Shown
from . import blocks, files, origin, sayings
from .blocks import About
from .dossier import Dossier, Goal, build
from .files import file_link
from .phrases import text
from .records import read_run

_ROWS = 8  # targets a page has room for, the main one first


def note_document(dossier: Dossier, about: About, indicator: str) -> blocks.Document:
    """Return the note: what the situation is, the main figures, what it takes, how sure, where it is from.

    Parameters
    ----------
    dossier : what is known of the area's targets
    about : title, language and properties
    indicator : what the first paragraphs are about, where the area has it
    """
    lang = about.lang
    main = dossier.main(indicator)
    parts: list[blocks.Block] = [blocks.Title("", about.title)]
    parts += [blocks.Text(f"{sayings.line(main, lang)} {sayings.results(dossier, lang)}")] if main is not None else []
    parts += [blocks.Heading(text("note_table", lang), 2), _table(dossier, main, lang)]
    if main is not None and not dossier.over and (needed := sayings.takes(main.ahead(dossier.year), lang)):
        parts += [blocks.Heading(text("note_needed", lang), 2), blocks.Text(needed)]
    parts += [blocks.Heading(text("note_sure", lang), 2), blocks.Text(_sure(dossier, main, lang))]
    if sources := sayings.read_in(dossier, sayings.by_urgency(dossier, main), 5, lang):
        parts.append(blocks.Text(sources, "note"))
    return blocks.Document(about, tuple(parts))


def _table(dossier: Dossier, main: Goal | None, lang: str) -> blocks.Table:
    head, *rows = sayings.scorecard(dossier, sayings.by_urgency(dossier, main), _ROWS, lang)
    return blocks.Table(head, tuple(blocks.Row(one) for one in rows), (58, 30, 26, 30, 22), 10)


def _sure(dossier: Dossier, main: Goal | None, lang: str) -> str:
    said = [sayings.outlook(main, lang)] if main is not None else []
    doubts = sayings.caveats(main, lang) if main is not None else []
    held = main is not None and main.judged_figure is not None
    count = labels.counted("comparable", int(main.row.get("n") or 0) if main is not None else 0, lang)
    said.append(text("note_figures" if held else "note_figures_none", lang, count=count))
    said += [text("notes_doubts", lang, doubts="; ".join(doubts))] if doubts else []
    as_of = numbers.date(dossier.as_of, lang) if dossier.as_of else ""
    return " ".join(filter(None, [*said, text("note_as_of", lang, date=as_of) if as_of else ""]))


FOLDER = "briefing"


def write_briefing(
    outputs: str | Path,
    dossier: Dossier,
    command: str,
    *,
    languages: Iterable[str] = numbers.LANGUAGES,
    template: str | Path | None = None,
    indicator: str = "digital_economy_share",
) -> list[Path]:
    """Write ``outputs/<area>/<year>/briefing/``: a deck, a note (Word and PDF) and a workbook.

    Parameters
    ----------
    outputs : folder of the results
    dossier : the judged targets of one area at the end of one year
    command : the command that makes the files again
    languages : which of "vi", "en"
    template : an office's own ``.pptx`` whose master every slide keeps
    indicator : what the deck and the note are about, where the area has it

    Raises
    ------
    ValueError
        When the template holds a program or loads anything from outside.
    """
    stem = Path(outputs) / dossier.area.id / str(dossier.year) / FOLDER / f"{dossier.area.id}-{dossier.year}"
    return _write(dossier, stem, command, languages, template, indicator)


def brief(folder: str | Path, judged: pd.DataFrame, *, languages: Iterable[str] = numbers.LANGUAGES) -> Shown:
    """Write deck, note and workbook of a single run into its own folder, and show their names.

    Parameters
    ----------
    folder : where the report of the run was saved
    judged : the judgement of its targets (:func:`dxanalysis.analysis.assess`)
    languages : which of "vi", "en"
    """
    run = read_run(folder)
    about = run.run["parameters"]
    area, indicator = catalogue.find_area(str(about["area"])), str(about["indicator"])
    history = run.tables.get("history", pd.DataFrame())
    texts = history.drop(columns=["year", "value"], errors="ignore")
    history = history.assign(**texts.astype(object).where(texts.notna(), ""))  # an office's own file may leave them out
    rows = judged.assign(indicator=indicator, area=area.id)
    dossier = build(rows, area, int(about["year"]), chosen="indicators", histories={indicator: history})
    command = str(run.run.get("command", ""))
    made = _write(dossier, Path(folder) / FOLDER / f"{area.id}-{about['year']}", command, languages, None, indicator)
    items = "".join(f"<li>{file_link(path.name)}</li>" for path in made)
    return Shown(f'<ul class="files">{items}</ul>', "\n".join(path.name for path in made))


def write_report(
    folder: str | Path,
    dossier: Dossier,
    command: str,
    *,
    languages: Iterable[str] = ("vi",),
    template: str | Path | None = None,
    issuer: str = "",
    form: bool = False,
) -> list[Path]:
    """Write the report with its appendix as Word and PDF, and on request the collection form as XLSX.

    Parameters
    ----------
    folder : where to write
    dossier : the judged targets to report on
    command : the command that makes the files again
    languages : which of "vi", "en"
    template : an office's own ``.docx`` whose page and styles are kept
    issuer : the body that reports, in capitals; by default the people's committee of the area
    form : write the collection form, too
    """
    from .form import write_form
    from .pdf import write_pdf
    from .report_document import report_blocks
    from .word import write_docx

    template = None if template is None else Path(template)
    made: list[Path] = []
    for lang in languages:
        stem = Path(folder) / f"{stem_of(dossier)}.{numbers.language(lang)}"
        about = _about(dossier, f"{stem.name}.docx", sayings.subject(dossier, lang), command, lang, template)
        document = blocks.Document(about, report_blocks(dossier, lang, issuer=issuer))
        made.append(write_docx(_with(stem, "docx"), document, template=template))
        made.append(write_pdf(_with(stem, "pdf"), document))
        if form:
            made.append(write_form(_with(stem, "xlsx"), dossier, lang, record=about.record))
    return made


def stem_of(dossier: Dossier) -> str:
    """Return the name of a report's files: what it is about, area and year."""
    first = dossier.documents[0].id if dossier.documents else ""
    chosen = {"document": first, "all": "", "pillar": dossier.goals[0].indicator.pillar.replace("_", "-")}
    about = chosen.get(dossier.chosen, dossier.chosen)
    return "-".join(filter(None, ["report", about, dossier.area.id, str(dossier.year)]))


def _with(stem: Path, kind: str) -> Path:
    return stem.with_name(f"{stem.name}.{kind}")


def _about(
    dossier: Dossier, file: str, title: str, command: str, lang: str, template: Path | None, **more: str
) -> About:
    """Return what the properties of a file say: the command, the codes, and the record for machines."""
    named = {"file": file, "area": dossier.area.id, "year": str(dossier.year), "lang": lang, "command": command, **more}
    record = origin.of_office_file(named, digest(), template)
    codes = {"digest": str(record["data_digest"])[:12], "code": str(record["code"]),
             "methods": files.short_code(record["methods"])}
    repeat = labels.label("pack_command", lang, command=command)
    return About(title, lang, repeat, labels.label("pack_digest", lang, **codes), origin.text_of(record))


def _write(
    dossier: Dossier, stem: Path, command: str, languages: Iterable[str], template: str | Path | None, indicator: str
) -> list[Path]:
    """Write ``stem.<lang>.pptx``, ``.docx``, ``.pdf`` and ``.xlsx``."""
    from .deck import deck_slides
    from .pdf import write_pdf
    from .slides import write_slides
    from .word import write_docx
    from .workbook import write_workbook

    template = None if template is None else Path(template)
    made: list[Path] = []
    for lang in languages:
        named = stem.with_name(f"{stem.name}.{numbers.language(lang)}")
        title = text("pack_title", lang, place=dossier.place(lang), year=str(dossier.year))
        deck, plain = (_about(dossier, f"{named.name}.{kind}", title, command, lang, own, indicator=indicator)
                       for kind, own in (("pptx", template), ("docx", None)))
        slides = deck_slides(dossier, deck, indicator=indicator)
        made.append(write_slides(_with(named, "pptx"), slides, deck, template=template))
        note = note_document(dossier, plain, indicator)
        made += [write_docx(_with(named, "docx"), note), write_pdf(_with(named, "pdf"), note)]
        made.append(write_workbook(_with(named, "xlsx"), dossier, plain))
    return made
