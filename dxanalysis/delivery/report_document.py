"""The report of a people's committee on targets, with its appendix, in the form of Nghị định 30/2020/NĐ-CP."""

from __future__ import annotations

import re

from ..briefing import labels, numbers
from . import blocks, phrases, sayings
from .blocks import Heading, Row, Table, Text
from .dossier import Dossier, Goal, document_line
from .phrases import text

# The cities under the central government (Law on Organization of Local Government, 2025); the others are provinces.
_CITIES = ("ha-noi", "hai-phong", "hue", "da-nang", "can-tho", "tp-ho-chi-minh")
_APPENDIX = ("number", "indicator", "unit", "target")  # columns before the years
_AFTER = ("assessment", "distance", "lead", "source")
_WIDTHS = {
    "number": 11,
    "indicator": 50,
    "unit": 15,
    "target": 25,
    "year": 14,
    "assessment": 19,
    "distance": 27,
    "lead": 24,
    "source": 34,
}


def report_blocks(dossier: Dossier, lang: str, *, issuer: str = "") -> tuple[blocks.Block, ...]:
    """Return the report: head, title, parts I to IV, signature, and the appendix with every target.

    Parameters
    ----------
    dossier : what is reported
    lang : {"vi", "en"}
    issuer : the office that reports, in capitals; by default the people's committee of the area
    """
    return (
        letterhead(dossier, lang, issuer),
        blocks.Title(text("kind", lang), sayings.subject(dossier, lang)),
        *_basis(dossier, lang),
        *_results(dossier, lang),
        *_shortcomings(dossier, lang),
        *_proposals(dossier, lang),
        _signature(dossier, lang, issuer),
        *appendix(dossier, lang),
    )


def letterhead(dossier: Dossier, lang: str, issuer: str = "") -> blocks.Letterhead:
    """Return the head: the people's committee of a province or city; for a nation the body is left to be named."""
    area, place = dossier.area, dossier.place(lang)
    kind = "city" if area.id.startswith(_CITIES) else area.level if area.level in ("province", "district") else "nation"
    body = (
        issuer or text(f"issuer_{kind}", lang, place=place.upper())
        if kind != "nation" or issuer
        else text("issuer_nation", lang)
    )
    number = text("number" if kind != "nation" and not issuer else "number_open", lang)
    where = place if kind != "nation" else text("capital", lang)
    dated = text("dated", lang, place=where)
    return blocks.Letterhead("", body, number, text("state", lang), text("motto", lang), dated)


# ---------------------------------------------------------------- parts I to IV
def _basis(dossier: Dossier, lang: str) -> list[blocks.Block]:
    found: list[blocks.Block] = [Heading(text("part_basis", lang))]
    found += [Text(text("basis_document", lang, line=document_line(one, lang))) for one in dossier.documents[:6]]
    pillars = sayings.listed(
        text("basis_pillar", lang, pillar=labels.lower_first(sayings.pillar_name(pillar, lang)), count=str(len(goals)))
        for pillar, goals in dossier.pillars()
    )
    targets, indicators = str(dossier.targets), str(len(dossier.goals))
    found.append(Text(text("basis_counts", lang, targets=targets, indicators=indicators, pillars=pillars)))
    as_of = numbers.date(dossier.as_of, lang) if dossier.as_of else ""
    found.append(Text(text("basis_as_of", lang, date=as_of) if as_of else text("basis_latest", lang)))
    return found


def _results(dossier: Dossier, lang: str) -> list[blocks.Block]:
    found: list[blocks.Block] = [Heading(text("part_results", lang))]
    place, year = dossier.place(lang), str(dossier.year)
    found.append(
        Text(
            text(
                "results_counts",
                lang,
                indicators=str(len(dossier.goals)),
                year=year,
                place=place,
                counts=sayings.counted(dossier, lang),
            )
        )
    )
    for at, (pillar, goals) in enumerate(dossier.pillars(), start=1):
        found.append(Heading(f"{at}. {sayings.pillar_name(pillar, lang)}", 2))
        seen = [one for one in goals if one.state != "no_figure_held"]
        found += [Text(f"- {sayings.line(one, lang)}") for one in seen]
        if unseen := [one for one in goals if one.state == "no_figure_held"]:
            names = sayings.listed(_name_and_goal(one, lang) for one in unseen)
            found.append(Text("- " + text("results_unseen", lang, count=str(len(unseen)), names=names)))
    return found


def _name_and_goal(goal: Goal, lang: str) -> str:
    return text(
        "name_and_goal",
        lang,
        name=labels.lower_first(goal.name(lang)),
        goal=goal.goal(lang, unit=True),
        year=str(int(goal.row["target_year"])),
    )


def _shortcomings(dossier: Dossier, lang: str) -> list[blocks.Block]:
    found: list[blocks.Block] = [Heading(text("part_shortcomings", lang))]
    unseen = [one for one in dossier.goals if one.state == "no_figure_held"]
    late = [one for one in dossier.goals if one.state == "due"]
    apart = [one for one in dossier.goals if len(one.elsewhere)]
    doubted = [one for one in dossier.goals if one.judged_figure is not None and sayings.caveats(one, lang)]
    total = str(len(dossier.goals))
    for key, goals in (("short_unseen", unseen), ("short_late", late), ("short_apart", apart)):
        if goals:
            numbered = ", ".join(str(one.number) for one in goals)
            found.append(Text(text(key, lang, count=str(len(goals)), total=total, numbers=numbered)))
    for one in doubted:
        said = sayings.listed(sayings.caveats(one, lang))
        found.append(Text("- " + text("short_caveat", lang, name=one.name(lang), caveats=said)))
    return found if len(found) > 1 else [*found, Text(text("short_none", lang))]


def _proposals(dossier: Dossier, lang: str) -> list[blocks.Block]:
    found: list[blocks.Block] = [Heading(text("part_proposals", lang)), Heading(text("proposals_data", lang), 2)]
    year = str(dossier.year)
    unseen = [one for one in dossier.goals if one.state == "no_figure_held"]
    late = [one for one in dossier.goals if one.state in ("due", "cannot_tell")]
    for key, goals in (("ask_unseen", unseen), ("ask_late", late)):
        if goals:
            names = sayings.listed(labels.lower_first(one.name(lang)) for one in goals)
            found.append(Text(text(key, lang, year=year, names=names, count=str(len(goals)))))
    if not (unseen or late):
        found.append(Text(text("ask_nothing", lang)))
    paces = [one for goal in dossier.goals for one in sayings.paces(goal, lang)]
    if any(paces):
        found.append(Heading(text("proposals_pace", lang), 2))
        found += [Text(f"- {one}") for one in paces if one]
    return found


def _signature(dossier: Dossier, lang: str, issuer: str) -> blocks.Signature:
    bodies = list(dict.fromkeys(labels.in_language(one, "issuer", lang) for one in dossier.documents))
    recipients = [text("copy_report", lang, body=labels.upper_first(one)) for one in bodies[:3]]
    recipients += [text("copy_offices", lang), text("copy_file", lang)]
    committee = not issuer and dossier.area.level in ("province", "district")
    signer = text("signer" if committee else "signer_open", lang).split("\n")
    return blocks.Signature(text("copies", lang), tuple(recipients), tuple(signer))


# ---------------------------------------------------------------- the appendix
def appendix(dossier: Dossier, lang: str) -> tuple[blocks.Block, ...]:
    """Return the appendix: every target by pillar, its figures by year, totals, and what is held besides in notes."""
    letter = letterhead(dossier, lang)
    body = re.sub(r"\s+", " ", letter.issuer)
    title = text("appendix_title", lang, subject=sayings.subject(dossier, lang)).upper()
    note = text("appendix_note", lang, body=body if dossier.area.level != "nation" else "…")
    return (
        blocks.Appendix(),
        blocks.Title(text("appendix", lang), title, note),
        Table(head(dossier, lang), tuple(_rows(dossier, lang)), _widths(dossier), 9.5, _centred(dossier)),
        *(Text(one, "note") for one in notes(dossier, lang)),
    )


def head(dossier: Dossier, lang: str) -> tuple[str, ...]:
    """Return the headings of the appendix, which the form and the workbook have, too."""
    before = [text(f"column_{name}", lang, year=str(dossier.year)) for name in _APPENDIX]
    after = [text(f"column_{name}", lang) for name in _AFTER]
    return (*before, *(str(year) for year in dossier.years), *after)


def goal_cells(dossier: Dossier, goal: Goal, lang: str) -> tuple[str, ...]:
    """Return the cells of one indicator in the order of :func:`head`."""
    marks = f" ({_mark(dossier, goal)})" if _mark(dossier, goal) else ""
    name = goal.name(lang) + marks
    figures = [goal.figure(year, lang) for year in dossier.years]
    sources = sayings.listed(goal.sources(lang)[-2:])  # of the newest figures; the workbook names all
    return (
        str(goal.number),
        name,
        goal.unit(lang),
        goal.goals(lang, dossier.year),
        *figures,
        goal.assessment(lang),
        goal.distance(lang),
        goal.lead(),
        sources,
    )


def _rows(dossier: Dossier, lang: str) -> list[Row]:
    rows = []
    for at, (pillar, goals) in enumerate(dossier.pillars()):
        rows.append(Row((f"{_roman(at + 1)}. {sayings.pillar_name(pillar, lang).upper()}",), "group"))
        rows += [Row(goal_cells(dossier, one, lang)) for one in goals]
    counts = sayings.counted(dossier, lang)
    total = text("total", lang, indicators=str(len(dossier.goals)), targets=str(dossier.targets), counts=counts)
    return [*rows, Row((total,), "group")]


def notes(dossier: Dossier, lang: str) -> list[str]:
    """Return the notes under the table: what the marks say, reservations, and figures that are held and not judged."""
    found = [text("note_assessed", lang)]
    for goal in dossier.goals:
        mark = _mark(dossier, goal)
        if mark:
            parts = [*_caveat_note(goal, lang), *_other_figures(goal, lang)]
            found.append(text("note_goal", lang, mark=str(mark), name=goal.name(lang), parts=sayings.listed(parts)))
    return found


def _mark(dossier: Dossier, goal: Goal) -> int:
    """Return the number of a goal's note under the table, 0 where it has none."""
    noted = [one.number for one in dossier.goals if len(one.elsewhere) or sayings.caveats(one, "vi")]
    return noted.index(goal.number) + 1 if goal.number in noted else 0


def _caveat_note(goal: Goal, lang: str) -> list[str]:
    found = sayings.caveats(goal, lang)
    return (
        [
            text(
                "note_caveat",
                lang,
                figure=goal.value(goal.judged_figure, lang),
                year=str(int(goal.row["figure_year"])),
                caveats=", ".join(found),
            )
        ]
        if found
        else []
    )


def _other_figures(goal: Goal, lang: str) -> list[str]:
    """Say each other figure with its period, definition and publication; of one period and definition the newest."""
    table = goal.elsewhere.drop_duplicates(["definition", "period"], keep="last")
    return [
        text(
            "note_other",
            lang,
            period=phrases.period(str(row.period), lang),
            value=goal.value(row.value, lang),
            definition=labels.definer(str(row.definition), lang),
        )
        for row in table.tail(6).itertuples()
    ]


def _widths(dossier: Dossier) -> tuple[float, ...]:
    return (
        *(_WIDTHS[name] for name in _APPENDIX),
        *(_WIDTHS["year"] for _ in dossier.years),
        *(_WIDTHS[name] for name in _AFTER),
    )


def _centred(dossier: Dossier) -> tuple[int, ...]:
    years = range(len(_APPENDIX), len(_APPENDIX) + len(dossier.years))
    return (0, 2, 3, *years, years[-1] + 1)


def _roman(number: int) -> str:
    return ("I", "II", "III", "IV", "V", "VI")[number - 1]
