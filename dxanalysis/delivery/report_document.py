"""The report of a people's committee on targets, with its appendix, in the form of Nghị định 30/2020/NĐ-CP."""

from __future__ import annotations

from ..briefing import labels, numbers
from . import blocks, phrases, sayings
from .blocks import Heading, Row, Table, Text
from .dossier import Dossier, Goal
from .phrases import document_line, known, text

_APPENDIX = ("number", "indicator", "unit", "target")  # columns before the years
_HEADINGS = 2  # of part IV before what is asked for
_PACES = 4  # whose pace has room in a report of five pages
_AFTER = ("assessment", "distance", "lead", "source")
_WIDTHS = {
    "number": 11,
    "indicator": 48,
    "unit": 20,
    "target": 25,
    "year": 14,
    "assessment": 21,
    "distance": 26,
    "lead": 22,
    "source": 32,
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
        Text(_closing(dossier, lang, issuer), keep=True),
        _signature(dossier, lang, issuer),
        *appendix(dossier, lang, issuer),
    )


def letterhead(dossier: Dossier, lang: str, issuer: str = "") -> blocks.Letterhead:
    """Return the head: the people's committee of a province or city; for a nation the body is left to be named."""
    place, committee = dossier.place(lang), dossier.kind != "other" and not issuer
    body = issuer or text(f"issuer_{dossier.kind}", lang, place=place.upper())
    number = text("number" if committee else "number_open", lang)
    dated = text("dated", lang, place=place if dossier.kind != "other" else text("capital", lang))
    return blocks.Letterhead(body, number, text("state", lang), text("motto", lang), dated)


# ---------------------------------------------------------------- parts I to IV
def _basis(dossier: Dossier, lang: str) -> list[blocks.Block]:
    named, single = dossier.leading_documents, len(dossier.pillars()) == 1 and dossier.targets > 0
    lines = [text("basis_document", lang, line=document_line(one, lang)) for one in named if one.number]
    if rest := len(dossier.documents) - len(named):
        lines.append(text("basis_more", lang, count=labels.counted("document", rest, lang)))
    found: list[blocks.Block] = [Heading(text("part_basis", lang))]
    found += [Text(one + (";" if at < len(lines) else ".")) for at, one in enumerate(lines, start=1)]
    if unnumbered := [document_line(one, lang) for one in named if not one.number]:  # nothing to cite as a basis yet
        found.append(Text(text("basis_open", lang, documents=sayings.listed(unnumbered))))
    names = [(labels.lower_first(sayings.pillar_name(pillar, lang)), goals) for pillar, goals in dossier.pillars()]
    pillars = sayings.listed(
        pillar if single else text("basis_pillar", lang, pillar=pillar, count=str(len(goals)))
        for pillar, goals in names
    )
    targets = labels.counted("target", dossier.targets, lang)
    indicators = labels.counted("indicator", len(dossier.goals), lang)
    key = "basis_counts_one" if single else "basis_counts" if dossier.targets else "basis_counts_none"
    found.append(Text(text(key, lang, targets=targets, indicators=indicators, pillars=pillars)))
    found += [Text(one) for one in (sayings.whose(dossier, lang), sayings.ended(dossier, lang)) if one]
    as_of = numbers.date(dossier.as_of, lang) if dossier.as_of else ""
    found.append(Text(text("basis_as_of", lang, date=as_of) if as_of else text("basis_latest", lang)))
    return found


def _results(dossier: Dossier, lang: str) -> list[blocks.Block]:
    found: list[blocks.Block] = [Heading(text("part_results", lang)), Text(sayings.results(dossier, lang))]
    for at, (pillar, goals) in enumerate(dossier.pillars(), start=1):
        found.append(Heading(f"{at}. {sayings.pillar_name(pillar, lang)}", 2))
        seen = [one for one in goals if one.state != "no_figure_held"]
        found += [Text(f"- {sayings.line(one, lang)}") for one in seen]
        if unseen := len(goals) - len(seen):
            found.append(Text("- " + text("results_unseen", lang, count=labels.counted("indicator", unseen, lang))))
    return found


def _shortcomings(dossier: Dossier, lang: str) -> list[blocks.Block]:
    found: list[blocks.Block] = [Heading(text("part_shortcomings", lang))]
    held = {
        "short_unseen": sayings.unseen(dossier.goals),
        "short_late": [one for one in dossier.goals if one.state == "due"],
        "short_apart": [one for one in dossier.goals if len(one.elsewhere)],
    }
    total = len(dossier.goals)
    for key, goals in held.items():
        if goals:
            who = text("short_who" if total > 1 else "short_who_one", lang, count=str(len(goals)), total=str(total))
            found.append(Text(text(key, lang, who=who, numbers=phrases.numbered((one.number for one in goals), lang))))
    if doubted := sayings.doubted(dossier, lang):
        found.append(Text(text("short_caveats", lang, caveats=sayings.listed(doubted))))
    return found if len(found) > 1 else [*found, Text(text("short_none", lang))]


def _proposals(dossier: Dossier, lang: str) -> list[blocks.Block]:
    found: list[blocks.Block] = [Heading(text("part_proposals", lang)), Heading(text("proposals_data", lang), 2)]
    who = text(f"asked_{'nation' if dossier.kind == 'other' else 'offices'}", lang)
    if unseen := sayings.unseen(dossier.goals):
        count = labels.counted("indicator", len(unseen), lang)
        found.append(Text(text("ask_unseen", lang, when=_years_asked(dossier, unseen, lang), count=count, who=who)))
        found += [Text(f"- {_asked(pillar, lacking, lang)}") for pillar, goals in dossier.pillars()
                  if (lacking := sayings.unseen(goals))]
    for key, goals in (("ask_late", sayings.late(dossier)), ("ask_doubted", sayings.doubted_of(dossier))):
        if goals:
            numbered = phrases.numbered((one.number for one in goals), lang)
            count = labels.counted("indicator", len(goals), lang)
            found.append(Text(text(key, lang, who=who, count=count, numbers=numbered)))
    if len(found) == _HEADINGS:
        found.append(Text(text("ask_nothing", lang)))
    return [*found, *_paces(dossier, lang)]


def _years_asked(dossier: Dossier, goals: list[Goal], lang: str) -> str:
    """Say of which years figures are asked: of targets' years that are over, and of the report's for those ahead."""
    over = {int(one.row["target_year"]) <= dossier.year for one in goals if known(one.row.get("target_year"))}
    key = "ask_both" if len(over) > 1 else "ask_due" if over == {True} else "ask_ahead"
    return text(key, lang, year=str(dossier.year))


def _paces(dossier: Dossier, lang: str) -> list[blocks.Block]:
    """Say what targets ahead take, of the indicators with most figures where there are many of them."""
    told = [(one, said) for one in sayings.plans(dossier) if (said := sayings.takes(one, lang))]
    first = sorted(told, key=lambda one: -(one[0].row.get("n") or 0))[:_PACES]
    lines = [f"- {one[1]}" for one in told if one in first]
    if rest := len(told) - len(first):
        lines.append(text("paces_more", lang, count=labels.counted("indicator", rest, lang)))
    found: list[blocks.Block] = [Text(one, keep=len(lines) > 1 and one is lines[-1]) for one in lines]
    return [Heading(text("proposals_pace", lang), 2), *found] if found else []


def _asked(pillar: str, goals: list[Goal], lang: str) -> str:
    """Name the indicators of a pillar without a figure, each with its target."""
    names = sayings.listed(
        phrases.one_bracket(text("name_and_goal", lang, name=labels.lower_first(one.name(lang)),
                                 goal=one.goal(lang, unit=True), year=str(int(one.row["target_year"]))))
        for one in goals
    )
    return text("ask_pillar", lang, pillar=sayings.pillar_name(pillar, lang), names=names)


def _body(dossier: Dossier, lang: str, issuer: str = "") -> str:
    """Return the reporting body as a sentence names it."""
    return issuer or text("body_other" if dossier.kind == "other" else "body_committee", lang,
                          place=dossier.formal(lang))


def _closing(dossier: Dossier, lang: str, issuer: str) -> str:
    return text("closing", lang, subject=labels.lower_first(sayings.subject(dossier, lang)),
                body=_body(dossier, lang, issuer))


def _signature(dossier: Dossier, lang: str, issuer: str) -> blocks.Signature:
    committee = dossier.kind != "other" and not issuer
    own = dossier.formal("vi")
    itself = (own, f"UBND {own}", f"Ủy ban nhân dân {own}") if committee else ()
    above = [one for one in dossier.leading_documents if one.number and one.issuer_vi not in itself]
    bodies = dict.fromkeys(labels.upper_first(labels.in_language(one, "issuer", lang)) for one in above)
    recipients = [text("copy_report", lang, body=one) for one in list(bodies)[:3]]
    recipients += [text("copy_offices" if dossier.kind != "other" else "copy_nation", lang), text("copy_file", lang)]
    signer = text("signer" if committee else "signer_open", lang).split("\n")
    return blocks.Signature(text("copies", lang), tuple(recipients), tuple(signer))


# ---------------------------------------------------------------- the appendix
def appendix(dossier: Dossier, lang: str, issuer: str = "") -> tuple[blocks.Block, ...]:
    """Return the appendix: every target by pillar, its figures by year, totals, and what is held besides in notes."""
    letter = letterhead(dossier, lang, issuer)
    title = phrases.capitals(text("appendix_title", lang, subject=sayings.subject(dossier, lang)))
    body = issuer or (_body(dossier, lang) if dossier.kind != "other" else "…")
    body = labels.lower_first(body) if body.startswith("The ") else body
    note = text("appendix_note", lang, number=letter.number.split()[-1], body=body)
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


def goal_cells(dossier: Dossier, goal: Goal, lang: str, mark: str = "") -> tuple[str, ...]:
    """Return the cells of one indicator in the order of :func:`head`."""
    return (
        str(goal.number), goal.name(lang) + mark, goal.unit(lang),
        goal.goals(lang, dossier.year), *(goal.figure(year, lang) for year in dossier.years), goal.assessment(lang),
        goal.distance(lang), goal.lead(),
        sayings.listed(sayings.publications(goal.comparable, lang)[-2:]),  # of the newest; the workbook names all
    )


def _rows(dossier: Dossier, lang: str) -> list[Row]:
    rows, marks = [], {goal.number: f" ({mark})" for mark, goal, _ in _noted(dossier, lang)}
    for at, (pillar, goals) in enumerate(dossier.pillars()):
        rows.append(Row((f"{_roman(at + 1)}. {sayings.pillar_name(pillar, lang).upper()}",), "group"))
        rows += [Row(goal_cells(dossier, one, lang, marks.get(one.number, ""))) for one in goals]
    return [*rows, Row((sayings.total(dossier, lang),), "group")]


def notes(dossier: Dossier, lang: str) -> list[str]:
    """Return the notes under the table: what the marks say, reservations, and figures that are held and not judged."""
    told = [text("note_goal", lang, mark=str(mark), name=goal.name(lang), parts=sayings.listed(parts))
            for mark, goal, parts in _noted(dossier, lang)]
    return [text("note_assessed", lang), *told]


def _noted(dossier: Dossier, lang: str) -> list[tuple[int, Goal, list[str]]]:
    """Return the goals that have a note under the table, each with its number and what it says."""
    parts = {one.number: [*_judged_note(dossier, one, lang), *_apart(dossier, one, lang), *_other_figures(one, lang)]
             for one in dossier.goals}
    noted = [goal for goal in dossier.goals if parts[goal.number]]
    return [(mark, goal, parts[goal.number]) for mark, goal in enumerate(noted, start=1)]


def _judged_note(dossier: Dossier, goal: Goal, lang: str) -> list[str]:
    """Say the judged figure with its reservations, or alone where its year has no column."""
    found, year = sayings.caveats(goal, lang), goal.row.get("figure_year")
    if goal.judged_figure is None or (not found and int(year) in dossier.years):
        return []
    about = {"figure": goal.shown(lang), "year": str(int(year))}
    return [text("note_caveat" if found else "note_latest", lang, caveats=", ".join(found), **about)]


def _apart(dossier: Dossier, goal: Goal, lang: str) -> list[str]:
    """Say the figures on the other side of a break, which are not of the judged one's series, and why."""
    rows = goal.figures[goal.figures["year"].isin(set(dossier.years) - set(goal.comparable["year"]))].to_dict("records")
    told = [text("note_apart", lang, year=str(int(one["year"])), value=goal.value(one["value"], lang),
                 status=labels.name("status", str(one["status"]), lang)) for one in rows]
    if not told:
        return []
    why = [labels.lower_first(one.rstrip(".")) for one in sayings.breaks_of(goal, lang)]
    return [text("note_break", lang, figures=", ".join(told), why=sayings.listed(why))]


def _other_figures(goal: Goal, lang: str) -> list[str]:
    """Say each other figure with its period, definition and publication; of one period and definition the newest."""
    table = goal.elsewhere.drop_duplicates(["definition", "period"], keep="last").sort_values("vintage", kind="stable")
    return [phrases.other_figure(goal, row, lang) for row in table.tail(6).to_dict("records")]


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
