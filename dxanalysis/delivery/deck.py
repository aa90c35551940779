"""The deck of one area and year: at most seven slides in the order of a decision, each with one message and a number.

Results, why, compared with whom, what it takes, how sure, what to do, sources. A slide without a message is not made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from ..briefing import labels, numbers
from . import exhibits, sayings
from .dossier import Dossier, Goal, source_record
from .nativechart import Plot
from .phrases import document_name, known, text
from .slides import Chart, Grid, Slide, Words

_ROWS = 9  # rows of the scorecard that are read from a chair
_NEAREST = 9  # bars beside the area's own
_LEAST_WORDS, _MOST_WORDS = 60, 90  # of speaker notes: half a minute


@dataclass(frozen=True)
class Trace:
    """What the notes say of a deck's making: the command and the codes."""

    lines: tuple[str, ...] = ()


def deck_slides(dossier: Dossier, lang: str, trace: Trace, *, indicator: str = "digital_economy_share") -> list[Slide]:
    """Return the slides of a deck, those without a message left out.

    Parameters
    ----------
    dossier : what is known of the area's targets
    lang : {"vi", "en"}
    trace : the command and codes, for the notes
    indicator : what the slides after the first are about, where the area has it
    """
    main = dossier.main(indicator)
    made = [_results(dossier, main, lang, trace)]
    if main is not None:
        made += [
            _why(main, lang, trace),
            _compared(dossier, main, lang, trace),
            _needed(dossier, main, lang, trace),
            _sure(main, lang, trace),
        ]
    made += [_proposals(dossier, lang, trace), _sources(dossier, lang, trace)]
    return [one for one in made if one is not None]


def _notes(said: list[str], lang: str, sources: list[str], doubts: list[str], trace: Trace) -> str:
    """Return what to say in 60 to 90 words, then sources, reservations and how to make the slide again."""
    spoken: list[str] = []
    sentences = [one for part in said for one in re.split(r"(?<=\.) (?=\w)", part) if one]
    for sentence in dict.fromkeys(sentences):
        count = sum(len(one.split()) for one in spoken)
        if count < _LEAST_WORDS and count + len(sentence.split()) <= _MOST_WORDS:
            spoken.append(sentence)
    parts = [" ".join(spoken)]
    parts += [text("notes_sources", lang, sources="; ".join(sources))] if sources else []
    parts += [text("notes_doubts", lang, doubts="; ".join(dict.fromkeys(doubts)))] if doubts else []
    return "\n\n".join([*parts, *(["\n".join(trace.lines)] if trace.lines else [])])


def _foot(sources: list[str], lang: str) -> str:
    return text("notes_sources", lang, sources="; ".join(dict.fromkeys(sources[:4]))) if sources else ""


# ---------------------------------------------------------------- 1 results
def _results(dossier: Dossier, main: Goal | None, lang: str, trace: Trace) -> Slide | None:
    if not dossier.goals:
        return None
    seen = sayings.by_urgency(dossier, main)
    rows = [sayings.score_row(one, lang) for one in seen[:_ROWS]]
    if rest := [one.assessment(lang) for one in seen[_ROWS:]]:
        told = ", ".join(f"{rest.count(word)} {word}" for word in dict.fromkeys(rest))
        rows.append((text("results_more", lang, count=str(len(rest))), "", "", "", told))
    rows += sayings.unseen_row(dossier, lang)
    title = text(
        "deck_results",
        lang,
        place=dossier.place(lang),
        year=str(dossier.year),
        indicators=str(len(dossier.goals)),
        counts=sayings.counted(dossier, lang),
    )
    said = [title + ".", *(sayings.line(one, lang) for one in seen[:6]), text("say_results", lang)]
    doubts = [one for goal in seen for one in sayings.caveats(goal, lang)]
    sources = dossier.sources(lang)[:6]
    grid = Grid((sayings.score_head(dossier, lang), *rows), (0.4, 0.15, 0.16, 0.2, 0.13), 13)
    return Slide(title, (grid,), _notes(said, lang, sources, doubts, trace), _foot(sources, lang))


# ---------------------------------------------------------------- 2 why
def _why(main: Goal, lang: str, trace: Trace) -> Slide | None:
    if main.judged_figure is None:
        return None
    series = tuple(exhibits.trend_lines(main, lang))
    about = {"symbol": exhibits.symbol(main), "decimals": int(main.indicator.decimals)}
    plot = Plot(sayings.line(main, lang), series, **about)
    start = exhibits.start_plot(main, lang)
    beside = [*exhibits.start_of(main, lang), *exhibits.breaks_of(main, lang), *exhibits.other_levels(main, lang)]
    beside += [start.alt] if start is not None else []
    parts: tuple[Chart | Words, ...] = (Chart(plot, (0, 0, 0.64 if beside else 1, 1)),)
    if beside:
        parts += (Words(tuple(beside), 15, (0.66, 0, 0.34, 0.6 if start is not None else 1)),)
    if start is not None:
        parts += (Chart(start, (0.66, 0.62, 0.34, 0.38)),)
    title = text(
        "deck_why",
        lang,
        what=main.name(lang),
        figure=main.value(main.judged_figure, lang),
        year=str(int(main.row["figure_year"])),
        distance=_against(main, lang),
    )
    said = [sayings.line(main, lang), *beside, sayings.outlook(main, lang), text("say_why", lang)]
    sources = main.sources(lang)
    return Slide(title, parts, _notes(said, lang, sources, sayings.caveats(main, lang), trace), _foot(sources, lang))


def _against(goal: Goal, lang: str) -> str:
    """Say the distance to each target of an indicator: "còn thiếu 12,9 điểm phần trăm so với mục tiêu 20% năm 2025"."""
    rows = [one for one in (goal.row, *goal.others) if known(one.get("missing"))]
    if not rows:
        return text("against_none", lang)
    row = min(rows, key=lambda one: (int(one["target_year"]) < int(goal.row["target_year"]), int(one["target_year"])))
    return text(
        "against",
        lang,
        distance=goal.distance(lang),
        goal=goal.goal(lang, row, unit=True),
        year=str(int(row["target_year"])),
    )


# ---------------------------------------------------------------- 3 compared with whom


def _compared(dossier: Dossier, main: Goal, lang: str, trace: Trace) -> Slide | None:
    near = exhibits.neighbours(main, dossier.year, dossier.as_of)
    if len(near) < 3:
        return None
    definition = labels.definer(str(near["definition"].iloc[0]), lang)
    shown = near.head(_NEAREST).to_dict("records")
    own, place = main.judged_figure, dossier.place(lang)
    bars = {_bar(row[f"name_{lang}"], row["year"], lang): float(row["value"]) for row in shown}
    mine = _bar(place, main.row["figure_year"], lang) if own is not None else ""
    bars |= {mine: own} if own is not None else {}
    first = max(near.to_dict("records"), key=lambda row: row["value"] * (main.indicator.direction or 1))
    about = {
        "areas": str(int((~near["nation"]).sum())),
        "definition": definition,
        "best": first[f"name_{lang}"],
        "best_value": main.value(first["value"], lang),
        "best_year": str(int(first["year"])),
    }
    same = own is not None and str(main.row.get("definition")) == str(near["definition"].iloc[0])
    figure = main.value(own, lang) if own is not None else ""
    title = text(
        "deck_compared" if own is not None else "deck_compared_none", lang, place=place, figure=figure, **about
    )
    how = text(
        "compared_same" if same else "compared_other", lang, place=place, **{k: about[k] for k in ("definition",)}
    )
    plot = Plot(
        title,
        bars=pd.Series(bars).sort_values(ascending=False),
        marked=(mine,),
        symbol=exhibits.symbol(main),
        decimals=int(main.indicator.decimals),
    )
    said = [title + ".", how, text("say_compared", lang), text("compared_areas", lang, **about)]
    publishers = [text("by_definition", lang, definition=definition)]
    beside = Words((how, text("compared_areas", lang, **about)), 16, (0.68, 0, 0.32, 1))
    parts = (Chart(plot, (0, 0, 0.66, 1)), beside)
    return Slide(title, parts, _notes(said, lang, publishers, [how], trace), _foot(publishers, lang))


def _bar(name: str, year: float, lang: str) -> str:
    return text("at_year", lang, value=name, year=str(int(year)))


# ---------------------------------------------------------------- 4 what it takes
def _needed(dossier: Dossier, main: Goal, lang: str, trace: Trace) -> Slide | None:
    rows = [one for one in (main.row, *main.others) if known(one.get("missing")) and one["missing"] > 0]
    ahead = [one for one in rows if int(one["target_year"]) > dossier.year] or rows
    if not ahead:
        return None
    goal = main.with_row(ahead[0])
    required = exhibits.paces(goal, lang)
    if not required:
        return None
    told = list(filter(None, [sayings.pace(goal, lang), sayings.outlook(goal, lang)]))
    title = _needed_title(goal, lang)
    head = tuple(text(f"needed_{name}", lang) for name in ("what", "value"))
    said = [*told, text("say_needed", lang), *(f"{a}: {b}." for a, b in required)]
    parts = (
        Grid((head, *required), (0.62, 0.38), 16, (0, 0, 1, 0.62)),
        Words(tuple(told), 15, (0, 0.66, 1, 0.34)),
    )
    sources = goal.sources(lang)
    return Slide(title, parts, _notes(said, lang, sources, sayings.caveats(goal, lang), trace), _foot(sources, lang))


def _needed_title(goal: Goal, lang: str) -> str:
    row, at = goal.row, {"goal": goal.goal(lang, unit=True), "year": str(int(goal.row["target_year"]))}
    if known(row.get("required_growth")):
        required = numbers.percent(100 * float(row["required_growth"]), lang, 0)
        return text("deck_needed_growth", lang, required=required, **at)
    if known(row.get("required_per_year")):
        required = goal.value(abs(row["required_per_year"]), lang, "rate")
        return text("deck_needed_pace", lang, required=required, what=labels.lower_first(goal.name(lang)), **at)
    return text("deck_needed_gap", lang, distance=goal.distance(lang), what=goal.name(lang), **at)


# ---------------------------------------------------------------- 5 how sure
def _sure(main: Goal, lang: str, trace: Trace) -> Slide | None:
    if main.judged_figure is None:
        return None
    row, rows = main.row, []
    rows.append((text("sure_figures", lang), str(int(row.get("n") or 0)), text("sure_figures_more", lang)))
    if known(row.get("noise")):
        rows.append(
            (text("sure_noise", lang), main.value(row["noise"], lang, "difference"), text("sure_noise_more", lang))
        )
    for one in (row, *main.others):
        if known(one.get("judged")) and one["judged"]:
            agreed = text("of", lang, part=str(int(one["agree"])), whole=str(int(one["judged"])))
            rows.append(
                (
                    text("sure_methods", lang, year=str(int(one["target_year"]))),
                    agreed,
                    labels.name("step", str(one["step"]), lang),
                )
            )
    for caveat in sayings.caveats(main, lang):
        rows.append((text("sure_caveat", lang), caveat, text("sure_caveat_more", lang)))
    head = tuple(text(f"sure_{name}", lang) for name in ("head", "head_now", "head_more"))
    count = labels.counted("comparable", int(row.get("n") or 0), lang)
    title = text("deck_sure", lang, count=count, state=_state_words(main, lang))
    said = [
        title + ".",
        sayings.outlook(main, lang),
        *(f"{a}: {b}; {labels.lower_first(c)}." for a, b, c in rows),
        text("say_sure", lang),
    ]
    sources = main.sources(lang)
    return Slide(
        title,
        (Grid((head, *rows), (0.34, 0.28, 0.38), 15),),
        _notes(said, lang, sources, sayings.caveats(main, lang), trace),
        _foot(sources, lang),
    )


def _state_words(goal: Goal, lang: str) -> str:
    return (
        text("sure_state", lang, word=goal.assessment(lang), year=str(int(goal.row["target_year"])))
        if known(goal.row.get("target_year"))
        else goal.assessment(lang)
    )


# ---------------------------------------------------------------- 6 what to do
def _proposals(dossier: Dossier, lang: str, trace: Trace) -> Slide | None:
    asked = exhibits.asked_of(dossier)
    paces = [one for one in dossier.goals if sayings.pace(one, lang)]
    if not len(asked) and not paces:
        return None
    rows: list[tuple[str, str, str]] = []
    for office, group in asked.groupby(f"office_{lang}", sort=False):
        names = list(dict.fromkeys(labels.lower_first(str(one)) for one in group[f"title_{lang}"]))
        years = sorted({one for cell in group["years_wanted"] for one in str(cell).split(", ")}, reverse=True)
        told = "; ".join(names[:4]) + (
            " " + text("and_more", lang, count=str(len(names) - 4)) if len(names) > 4 else ""
        )
        count = labels.counted("indicator", len(names), lang)
        rows.append((text("propose_figures", lang, count=count, names=told), str(office), ", ".join(years[:4])))
    rows += [
        (sayings.pace(one, lang), one.lead() or text("lead_open", lang), str(int(one.row["target_year"])))
        for one in paces[:2]
    ]
    head = tuple(text(f"propose_{name}", lang) for name in ("what", "who", "when"))
    count = str(asked["indicator"].nunique()) if len(asked) else "0"
    title = (
        text("deck_propose", lang, count=count, place=dossier.place(lang))
        if len(asked)
        else text("deck_propose_pace", lang, count=str(len(paces)))
    )
    said = [title + ".", *(f"{row[1]}: {row[0]}." for row in rows), text("say_propose", lang)]
    return Slide(
        title,
        (Grid((head, *rows[:6]), (0.58, 0.26, 0.16), 13),),
        _notes(said, lang, [document_name(one, lang) for one in dossier.documents[:4]], [], trace),
    )


# ---------------------------------------------------------------- 7 sources
def _sources(dossier: Dossier, lang: str, trace: Trace) -> Slide | None:
    used: dict[str, list[str]] = {}
    for goal in dossier.goals:
        for one in dict.fromkeys(str(one) for one in goal.figures["source"] if one):
            used.setdefault(one, []).append(str(goal.number))
    if not used:
        return None
    records = [(source_record(one), goals) for one, goals in used.items()]
    records.sort(key=lambda one: (("official", "own", "press", "mirror").index(one[0].grade), -len(one[1])))
    rows = [
        (
            labels.publisher(record.publisher, lang),
            numbers.date(record.published, lang) if record.published else text("undated", lang),
            labels.entry("page", record.grade)[lang],
            ", ".join(goals),
        )
        for record, goals in records
    ]
    official = sum(record.grade == "official" for record, _ in records)
    title = text("deck_sources", lang, count=str(len(rows)), official=str(official))
    head = tuple(text(f"source_{name}", lang) for name in ("publisher", "date", "grade", "goals"))
    cut = [
        *rows[:13],
        *([(text("sources_more", lang, count=str(len(rows) - 13)), "", "", "")] if len(rows) > 13 else []),
    ]
    said = [title + ".", text("say_sources", lang)]
    return Slide(
        title,
        (Grid((head, *cut), (0.5, 0.17, 0.16, 0.17), 13),),
        _notes(said, lang, [row[0] for row in rows[:8]], [], trace),
    )
