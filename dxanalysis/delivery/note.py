"""The note: one page in the style of a country brief, as Word and PDF from the same blocks."""

from __future__ import annotations

from ..briefing import labels, numbers
from . import blocks, sayings
from .dossier import Dossier, Goal
from .phrases import text

_ROWS = 9  # targets a page has room for, the main one first


def note_document(
    dossier: Dossier, lang: str, *, indicator: str, title: str, comments: str, keywords: str, record: str
) -> blocks.Document:
    """Return the note: what the situation is, the main figures, what it takes, how sure, where it is from.

    Parameters
    ----------
    dossier : what is known of the area's targets
    lang : {"vi", "en"}
    indicator : what the first paragraphs are about, where the area has it
    title, comments, keywords, record : what the properties say
    """
    main = dossier.main(indicator)
    parts: list[blocks.Block] = [blocks.Title("", title)]
    parts += [blocks.Text(f"{sayings.line(main, lang)} {sayings.results(dossier, lang)}")] if main is not None else []
    parts += [blocks.Heading(text("note_table", lang), 2), _table(dossier, main, lang)]
    if main is not None and not dossier.over and (needed := sayings.takes(main.ahead(dossier.year), lang)):
        parts += [blocks.Heading(text("note_needed", lang), 2), blocks.Text(needed)]
    parts += [blocks.Heading(text("note_sure", lang), 2), blocks.Text(_sure(dossier, main, lang))]
    sources = dossier.sources(lang)
    more = " " + text("and_more_sources", lang, count=str(len(sources) - 5)) if len(sources) > 5 else ""
    parts.append(blocks.Text(text("notes_sources", lang, sources="; ".join(sources[:5]) + more), "note"))
    return blocks.Document(title, lang, tuple(parts), comments, keywords, record, points=13)


def _table(dossier: Dossier, main: Goal | None, lang: str) -> blocks.Table:
    seen = sayings.by_urgency(dossier, main)[:_ROWS]
    rows = [*(sayings.score_row(one, lang) for one in seen), *sayings.unseen_row(dossier, lang)]
    head = sayings.score_head(lang)
    return blocks.Table(head, tuple(blocks.Row(one) for one in rows), (58, 30, 26, 30, 22), 10)


def _sure(dossier: Dossier, main: Goal | None, lang: str) -> str:
    said = [sayings.outlook(main, lang)] if main is not None else []
    doubts = sayings.caveats(main, lang) if main is not None else []
    count = labels.counted("comparable", int(main.row.get("n") or 0) if main is not None else 0, lang)
    said.append(text("note_figures", lang, count=count))
    said += [text("notes_doubts", lang, doubts="; ".join(doubts))] if doubts else []
    as_of = numbers.date(dossier.as_of, lang) if dossier.as_of else ""
    return " ".join(filter(None, [*said, text("note_as_of", lang, date=as_of) if as_of else ""]))
