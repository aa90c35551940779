"""Sentences of reports, decks and notes, each put together from the judged row of one target and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ..briefing import labels, numbers
from ..briefing.judged import caveat_words
from ..facts import catalogue
from ..facts.names import UnknownName
from ..facts.records import FORM, Source
from . import phrases
from .dossier import Dossier, Goal
from .phrases import document_line, document_name, known, place_name, text

_URGENCY = ("missed", "undecided", "not_due", "at_level", "met", "surpassed", "no_target", "no_figure")
# Kinds of figures whose word says what a caveat would say again.
_KIND_SAYS = {"derived": "computed"}
_LINES = {
    "met": "line_judged",
    "missed": "line_judged",
    "cannot_tell": "line_undecided",
    "due": "line_due",
    "at_level": "line_at_level",
    "open": "line_open",
    "no_figure_held": "line_no_figure",
    "no_target_held": "line_no_target",
}


def line(goal: Goal, lang: str) -> str:
    """Say in one sentence how a target stands: figure, its year and kind, distance, what limits the judgement."""
    row, key = goal.row, _LINES[goal.state]
    if goal.state == "no_target_held" and goal.judged_figure is None:
        key = "line_nothing"
    return phrases.one_bracket(
        text(
            key, lang, what=goal.name(lang), figure=figure(goal, lang), about=about_figure(goal, lang),
            goal=goal.goal(lang, unit=True), target_year=_year(row.get("target_year")), distance=goal.distance(lang),
            against=goal.distance(lang, "against"), outcome=goal.assessment(lang), reason=reason(goal, lang),
        )
    )


def spoken_line(goal: Goal, lang: str) -> str:
    """Say how a target stands as one says it aloud: figure, distance, outcome."""
    if goal.judged_figure is None:
        return line(goal, lang)
    outcome = ", ".join(filter(None, [goal.distance(lang), goal.assessment(lang)]))
    about = {"figure": figure(goal, lang), "year": _year(goal.row.get("figure_year"))}
    return phrases.one_bracket(text("say_goal", lang, what=goal.name(lang), told=outcome, **about))


def whose(dossier: Dossier, lang: str) -> str:
    """Say whose targets they are where they are not the area's own, else nothing."""
    if dossier.holder.id == dossier.area.id:
        return ""
    return text("basis_holder", lang, holder=place_name(dossier.holder, lang), place=dossier.formal(lang))


def ended(dossier: Dossier, lang: str) -> str:
    """Say that an area is no more, and which took its place; nothing for one that stands."""
    if not dossier.over:
        return ""
    day = numbers.date(dossier.area.valid_to, lang)
    later = [one for goal in dossier.goals if (one := str(goal.row.get(f"successor_{lang}") or ""))]
    return text("basis_ended_by" if later else "basis_ended", lang, place=dossier.formal(lang), day=day,
                successor=later[0] if later else "")


def results(dossier: Dossier, lang: str) -> str:
    """Count the assessments of all indicators in a sentence."""
    counts = [_told(key, count, lang, len(dossier.goals) > 1) for key, count in dossier.counts.items()]
    key = "results_counts" if len(dossier.goals) > 1 else "results_counts_one"
    return text(key, lang, indicators=labels.counted("indicator", len(dossier.goals), lang), year=str(dossier.year),
                place=dossier.formal(lang), counts=", ".join(counts))


def told(key: str, lang: str) -> str:
    """Return the word of an assessment as a sentence has it."""
    words = labels.entry("assessed", key)
    return words.get(f"told_{lang}", words[lang])


def _told(key: str, count: int, lang: str, many: bool) -> str:
    """Say how many indicators have an assessment, as a sentence has it; the word alone where there is one only."""
    word = told(key, lang)
    noun = labels.counted("indicator", count, lang) if lang == "vi" else str(count)
    return f"{noun} {word}" if many else word


def agreement(row: dict[str, Any], lang: str) -> tuple[str, str] | None:
    """Say how many families of methods agree on a target, and on what; nothing where none of them judges."""
    if not known(row.get("judged")) or not row["judged"]:
        return None
    agreed = text("of", lang, part=str(int(row["agree"])), whole=str(int(row["judged"])))
    return agreed, labels.name("step", str(row["step"]), lang)


def total(dossier: Dossier, lang: str) -> str:
    """Count indicators, targets and assessments for the last row of a table."""
    held = (("indicator", len(dossier.goals)), ("target", dossier.targets))
    nouns = ", ".join(labels.counted(noun, count, lang) for noun, count in held if count)
    return text("total", lang, nouns=nouns, counts=counted(dossier, lang))


def doubted(dossier: Dossier, lang: str) -> list[str]:
    """Name each reservation once, with the numbers of the indicators whose figure carries it."""
    found: dict[str, list[int]] = {}
    for goal in dossier.goals:
        for one in caveats(goal, lang):
            found.setdefault(one, []).append(goal.number)
    return [text("short_caveat", lang, caveat=one, numbers=phrases.numbered(at, lang)) for one, at in found.items()]


def figure(goal: Goal, lang: str) -> str:
    """Print the judged figure as what it is: "ước đạt 17,34%"."""
    if goal.judged_figure is None:
        return numbers.MISSING
    kind, shown = str(goal.row.get("figure_kind") or "published"), goal.shown(lang)
    if kind == "undated" and "inferred_year" in (goal.row.get("caveats") or ()):
        return shown  # the reservation says where the year is from
    if kind == "estimate" and goal.indicator.unit == "rank":
        kind = "estimated_rank"
    words = labels.wording()["figure_kind"]
    return labels.fill(words[kind][lang], {"value": shown}) if kind in words else shown


def about_figure(goal: Goal, lang: str) -> str:
    """Return what stands in brackets behind a figure: its year and the reservations that travel with it."""
    year, reported = text("in_year", lang, year=_year(goal.row.get("figure_year"))), reported_by(goal, lang)
    return "; ".join(filter(None, [year, reported, *caveats(goal, lang, unsaid=True)]))


def caveats(goal: Goal, lang: str, *, unsaid: bool = False) -> list[str]:
    """Return the reservations that travel with the judged figure, in words; only those its print leaves unsaid."""
    if goal.judged_figure is None:
        return []
    kind = str(goal.row.get("figure_kind") or "")
    said = {_KIND_SAYS.get(kind, kind), goal.bound} if unsaid else set()
    said |= {"rounded"} if goal.bound in ("lower_bound", "upper_bound") else set()
    codes = tuple(one for one in goal.row.get("caveats") or () if one not in said)
    found = caveat_words(goal.row | {"caveats": codes}, lang)
    return found.split("; ") if found else []


def reason(goal: Goal, lang: str) -> str:
    """Say why nothing can be concluded, where the judgement names a reason."""
    code = str(goal.row.get("reason") or "")
    words = labels.wording()["doubt"]
    return words[code][lang] if code in words else text("reason_unknown", lang)


_PACE = ("takes_", "pace_", "growth_", "judged_due_up", "judged_due_down", "judged_due_rank")


def pace(goal: Goal, lang: str, *keys: str) -> str:
    """Say what the target takes a year beside what was seen, or what a year that is over would have taken."""
    said = goal.told(lang, *(keys or _PACE))
    return f"{goal.name(lang)}: {labels.lower_first(said)}" if said else ""


def takes(goal: Goal, lang: str) -> str:
    """Say what a target takes with its outlook; nothing where it takes nothing."""
    said = pace(goal, lang)
    return f"{said} {outlook(goal, lang)}".strip() if said else ""


def plans(dossier: Dossier) -> list[Goal]:
    """Return the indicators that have a target ahead, each with the one a plan is about."""
    found = [] if dossier.over else [one.ahead(dossier.year) for one in dossier.goals]
    return [one for one in found if known(one.row.get("target_year")) and one.row["target_year"] > dossier.year]


def outlook(goal: Goal, lang: str) -> str:
    """Say how likely the target is met, as far as the evidence allows, and by when it is expected."""
    return goal.told(lang, "outlook_", "precedent_below", "precedent_stay", "precedent_open", "expected_")


def counted(dossier: Dossier, lang: str) -> str:
    """Count the assessments, those of zero left out: "1 đạt, 3 chưa đạt"."""
    words = labels.wording()["assessed"]
    word = "told_en" if lang == "en" else lang
    return ", ".join(f"{count} {words[key][word]}" for key, count in dossier.counts.items())


def by_urgency(dossier: Dossier, main: Goal | None) -> list[Goal]:
    """Return the goals with a figure (all, where none has one): the main one, then from not met to surpassed."""
    ordered = sorted(dossier.goals, key=lambda one: (one is not main, _URGENCY.index(one.assessed)))
    return [one for one in ordered if one.state != "no_figure_held"] or ordered


def _score_row(goal: Goal, lang: str) -> tuple[str, ...]:
    """Return one target as a row of a scorecard: name, target, latest figure, distance, assessment."""
    target, latest = numbers.MISSING, numbers.MISSING
    if known(goal.row.get("target")):
        target = text("goal_year", lang, goal=goal.goal(lang, unit=True), year=_year(goal.row["target_year"]))
    if goal.judged_figure is not None:
        latest = text("at_year", lang, value=goal.shown(lang), year=_year(goal.row["figure_year"]))
    return goal.name(lang), target, latest, goal.distance(lang), goal.assessment(lang)


def scorecard(dossier: Dossier, goals: list[Goal], most: int, lang: str) -> list[tuple[str, ...]]:
    """Return the head and a row for each of the first goals, then a row that counts those left out, if any."""
    names = ("column_indicator", "summary_target", "column_latest", "column_distance", "column_assessment")
    rows = [tuple(text(name, lang) for name in names), *(_score_row(one, lang) for one in goals[:most])]
    if rest := [one.assessment(lang) for one in goals[most:] if one.state != "no_figure_held"]:
        counts = ", ".join(f"{rest.count(word)} {word}" for word in dict.fromkeys(rest))
        rows.append((text("results_more", lang, count=labels.counted("indicator", len(rest), lang)), *[""] * 3, counts))
    shown = {one.indicator.id for one in goals[:most] if one.state == "no_figure_held"}
    if count := dossier.counts.get("no_figure", 0) - len(shown):
        told_of = text("results_more_unseen", lang, count=labels.counted("indicator", count, lang))
        rows.append((told_of, *[""] * 3, labels.entry("assessed", "no_figure")[lang]))
    return rows


def subject(dossier: Dossier, lang: str) -> str:
    """Return the subject line of a report: what it is about, for whom, for which year."""
    place, year = dossier.formal(lang), str(dossier.year)
    if dossier.chosen == "document":
        document = document_name(dossier.documents[0], lang)
        return text("subject_document", lang, document=document, place=place, year=year)
    if dossier.chosen == "pillar" and dossier.goals:
        pillar = labels.lower_first(pillar_name(dossier.goals[0].indicator.pillar, lang))
        return text("subject_pillar", lang, pillar=pillar, place=place, year=year)
    return text("subject_indicators" if dossier.chosen == "indicators" else "subject_all", lang, place=place, year=year)


def pillar_name(pillar: str, lang: str) -> str:
    """Return the name of a pillar of the catalogue."""
    return labels.entry("room", pillar)[lang]


def unseen(goals: Iterable[Goal]) -> list[Goal]:
    """Return the goals without a figure: their figures are asked for."""
    return [one for one in goals if one.state == "no_figure_held"]


def late(dossier: Dossier) -> list[Goal]:
    """Return the goals whose target's year is over and whose figure is not held or settles nothing."""
    return [one for one in dossier.goals if one.state in ("due", "cannot_tell") and one.row["reason"] != "area_ended"]


def doubted_of(dossier: Dossier) -> list[Goal]:
    """Return the goals whose figure has a reservation that its publisher could lift."""
    return [one for one in dossier.goals if one.judged_figure is not None and one.row.get("caveats")]


def source_record(source: str) -> Source:
    """Return the record of a source; an office's own file, which the catalogue does not know, names itself."""
    try:
        return catalogue.source(source)
    except UnknownName:
        return Source(source, source, "", "", "", "", "", "own", "")


def publication(source: str, lang: str) -> str:
    """Name a publication with its day; an office's form as what the office reported."""
    record = source_record(source)
    if record.grade == "own":
        return record.publisher
    if record.note == FORM:
        return text("reported_by", lang, body=record.publisher, date=numbers.date(record.published, lang))
    published = numbers.date(record.published, lang) if record.published else text("undated", lang)
    return phrases.one_bracket(f"{labels.publisher(record.publisher, lang)} ({published})")


def reported_by(goal: Goal, lang: str) -> str:
    """Say which office reported the judged figure in a collection form, and when; empty for a published one."""
    source = str(goal.row.get("source") or "")
    return publication(source, lang) if source and source_record(source).note == FORM else ""


def publications(figures: pd.DataFrame, lang: str) -> list[str]:
    """Name the publications of figures, newest last."""
    return [publication(one, lang) for one in dict.fromkeys(figures["source"].astype(str)) if one]


def read_in(dossier: Dossier, first: Iterable[Goal], most: int, lang: str) -> str:
    """Name pages, those of the newest figures of the first goals first, and count the pages that are not named."""
    ids = [str(one) for goal in first for one in goal.figures["source"].iloc[-1:] if one]
    named = {one: publication(one, lang) for one in dict.fromkeys([*ids, *dossier.pages])}
    shown = list(dict.fromkeys(named.values()))[:most]
    rest = sum(name not in shown for name in named.values())
    more = [text("and_more_sources", lang, count=str(rest))] if rest else []
    return text("notes_sources", lang, sources=" ".join(["; ".join(shown), *more])) if shown else ""


def breaks_of(goal: Goal, lang: str) -> list[str]:
    """Say in which years the series breaks and why."""
    column = "break_before_vi" if lang == "vi" else "break_before"
    rows = goal.figures[goal.figures["break_before"].fillna("") != ""]
    why = [(str(int(row.year)), str(getattr(row, column)).rstrip(".")) for row in rows.itertuples()]
    return [text("why_break", lang, year=year, reason=reason.replace(" %", "%")) for year, reason in why]


def to_check(dossier: Dossier, lang: str) -> list[str]:
    """Say what whoever drafts the report has to look up before it is signed: nothing of it stands in the report."""
    undated = [one for one in dossier.leading_documents if one.number and one.date_basis not in ("exact", "month")]
    found = {
        "check_documents": [document_line(one, lang) for one in dossier.documents if not one.number],
        "check_days": [document_name(one, lang) for one in undated],
        "check_leads": [] if all(one.lead() for one in dossier.goals) else [""],
    }
    return [text(key, lang, documents=listed(names)) for key, names in found.items() if names]


def listed(parts: Iterable[str]) -> str:
    """Join parts of a list, which themselves hold commas."""
    return "; ".join(parts)


def _year(value: Any) -> str:
    return str(int(value)) if known(value) else numbers.MISSING
