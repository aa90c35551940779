"""The deck of one area and year: at most seven slides in the order of a decision, each with one message and a number.

Results, why, compared with whom, what it takes, how sure, what to do, sources. A slide without a message is not made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

import pandas as pd

from ..briefing import labels, numbers
from ..briefing.page import definition_of
from ..facts.records import Source
from . import exhibits, sayings
from .blocks import About, Chart, Grid, Part, Plot, Slide, Words
from .dossier import Dossier, Goal
from .phrases import document_name, known, ranges, text

_ROWS = 7  # rows of the scorecard that are read from a chair
_FEW = 2  # indicators whose every target, and whose sentence, have room on the first slide
_NEAREST = 9  # bars beside the area's own
_POINTS = 2  # of a chart over years: a single dot shows nothing that its title does not say
_FORECAST = 6  # comparable figures from which a forecast is made
_ASKED = 4  # rows of figures to ask for where two rows say what targets take
_SOURCES = 13
_FEW_SOURCES = 4  # pages that have room below what the conclusion rests on
_LEAST_WORDS, _MOST_WORDS = 60, 90  # of speaker notes: half a minute


def deck_slides(dossier: Dossier, about: About, *, indicator: str = "digital_economy_share") -> list[Slide]:
    """Return the slides of a deck, those without a message left out.

    Parameters
    ----------
    dossier : what is known of the area's targets
    about : the language, and the command and codes for the notes
    indicator : what the slides after the first are about, where the area has it
    """
    main, makers = dossier.main(indicator), [_results, _why, _compared, _needed, _sure, _proposals, _sources]
    made = [make(dossier, main, about.lang) for make in makers] if main is not None else []
    return [_slide(one, about) for one in made if one is not None]


@dataclass(frozen=True)
class _Message:
    """What one slide says: its finding, what shows it, what is said, where it is from, what is to be kept in mind."""

    title: str
    parts: tuple[Part, ...]
    said: list[str]
    sources: str = ""
    doubts: Iterable[str] = ()


def _slide(told: _Message, about: About) -> Slide:
    """Return a slide: in its notes what to say in 60 to 90 words, then sources, reservations, how it is made again."""
    sentences = [one for part in told.said for one in re.split(r"(?<=\.) (?=\w)", part) if one]
    doubts = "; ".join(dict.fromkeys(one.rstrip(".") for one in told.doubts))
    notes = [" ".join(spoken(list(dict.fromkeys(sentences)))), told.sources]
    notes += [text("notes_doubts", about.lang, doubts=doubts)] if doubts else []
    notes += ["\n".join(filter(None, [about.comments, about.keywords]))]
    return Slide(told.title, told.parts, "\n\n".join(filter(None, notes)), told.sources)


def spoken(sentences: list[str], least: int = _LEAST_WORDS, most: int = _MOST_WORDS) -> list[str]:
    """Choose sentences, in order and the first before later ones, that make least to most words together.

    >>> spoken(["One two three.", "A b c d e f.", "Four five."], least=5, most=6)
    ['One two three.', 'Four five.']
    """
    @cache
    def chosen(at: int, count: int) -> tuple[str, ...] | None:
        if at == len(sentences):
            return () if count >= least else None
        longer = count + len(sentences[at].split())
        with_it = chosen(at + 1, longer) if longer <= most else None
        return chosen(at + 1, count) if with_it is None else (sentences[at], *with_it)

    return list(chosen(0, 0) or sentences)


def _figures_in(goal: Goal, lang: str) -> str:
    return _read_in(sayings.publications(goal.figures, lang), lang)


def _read_in(names: list[str], lang: str) -> str:
    """Name the newest sources a foot has room for."""
    return text("notes_sources", lang, sources="; ".join(names[-4:])) if names else ""


# ---------------------------------------------------------------- 1 results
def _results(dossier: Dossier, main: Goal, lang: str) -> _Message | None:
    few = len(dossier.goals) <= _FEW
    seen = sayings.by_urgency(dossier, main)
    told = [goal.with_row(row) for goal in seen for row in goal.rows] if few else seen
    rows = sayings.scorecard(dossier, told, _ROWS, lang)
    key = "deck_results" if len(dossier.goals) > 1 else "deck_results_one"
    title = text(
        key if dossier.targets else "deck_results_none", lang, place=dossier.place(lang),
        year=str(dossier.year), indicators=labels.counted("indicator", len(dossier.goals), lang),
        targets=labels.counted("target", dossier.targets, lang), counts=sayings.counted(dossier, lang),
        state=_state_words(dossier.goals[0], lang),
    )
    said = [title + ".", *(sayings.spoken_line(one, lang) for one in seen[:6]), text("say_results", lang)]
    doubts = [one for goal in seen for one in sayings.caveats(goal, lang)]
    place = (0, 0, 1, 0.55 if few else 1)
    grid = Grid(tuple(rows), (0.34, 0.19, 0.17, 0.2, 0.14), 18, place)
    lines = tuple(sayings.line(one, lang) for one in seen)
    parts = (grid, Words(lines, 18, (0, 0.58, 1, 0.42))) if few and lines else (grid,)
    return _Message(title, parts, said, sayings.read_in(dossier, seen, 4, lang), doubts)


# ---------------------------------------------------------------- 2 why
def _why(dossier: Dossier, main: Goal, lang: str) -> _Message | None:
    if main.judged_figure is None:
        return None
    series = tuple(exhibits.trend_lines(main, lang))
    if sum(len(one.values) for one in series) < _POINTS:
        return None
    about = {"symbol": exhibits.symbol(main), "decimals": int(main.indicator.decimals)}
    plot = Plot(f"{dossier.place(lang)}. {sayings.line(main, lang)}", series, **about)
    start = exhibits.start_plot(main, lang)
    beside = [*exhibits.start_of(main, lang), *sayings.breaks_of(main, lang), *exhibits.other_levels(main, lang)]
    beside += [start.alt] if start is not None else []
    parts: tuple[Chart | Words, ...] = (Chart(plot, (0, 0, 0.64 if beside else 1, 1)),)
    if beside:
        parts += (Words(tuple(beside), 15, (0.66, 0, 0.34, 0.6 if start is not None else 1)),)
    if start is not None:
        parts += (Chart(start, (0.66, 0.62, 0.34, 0.38)),)
    title = text("deck_why", lang, what=main.name(lang), figure=main.shown(lang),
                 year=str(int(main.row["figure_year"])), distance=_against(main, lang))
    said = [sayings.spoken_line(main, lang), *beside, sayings.outlook(main, lang), text("say_why", lang)]
    return _Message(title, parts, said, _figures_in(main, lang), sayings.caveats(main, lang))


def _against(goal: Goal, lang: str) -> str:
    """Say the distance to each target of an indicator: "còn thiếu 12,9 điểm phần trăm so với mục tiêu 20% năm 2025"."""
    rows = [one for one in goal.rows if known(one.get("missing"))]
    if not rows:
        return text("against_none", lang)
    row = min(rows, key=lambda one: (int(one["target_year"]) < int(goal.row["target_year"]), int(one["target_year"])))
    nearest = goal.with_row(row)
    return text("against", lang, against=nearest.distance(lang, "against"), goal=nearest.goal(lang, unit=True),
                year=str(int(row["target_year"])))


# ---------------------------------------------------------------- 3 compared with whom


def _compared(dossier: Dossier, main: Goal, lang: str) -> _Message | None:
    near = exhibits.neighbours(main, dossier.year, dossier.as_of)
    if len(near) < 3 or near["nation"].all():
        return None
    definition = labels.definer(definition_of(near), lang)
    areas = near[~near["nation"]].to_dict("records")
    first = max(areas, key=lambda row: row["value"] * (main.indicator.direction or 1))
    shown = near.head(_NEAREST).to_dict("records")
    shown = shown if first["area"] in {row["area"] for row in shown} else [*shown[:-1], first]  # the title names it
    own, place = main.judged_figure, dossier.place(lang)
    bars = {_bar(row[f"name_{lang}"], row["year"], lang): float(row["value"]) for row in shown}
    mine = _bar(place, main.row["figure_year"], lang) if own is not None else ""
    bars |= {mine: own} if own is not None else {}
    about = {
        "areas": labels.counted("area", len(areas), lang), "definition": definition,
        "top": text("compared_top_rank" if main.indicator.unit == "rank" else "compared_top", lang),
        "best": first[f"name_{lang}"], "best_value": main.value(first["value"], lang),
        "best_year": str(int(first["year"])), "place": place,
        "own_year": str(int(main.row["figure_year"])) if own is not None else "",
    }
    same = own is not None and str(main.row.get("definition")) == str(near["definition"].iloc[0])
    title = text("deck_compared" if own is not None else "deck_compared_none", lang, figure=main.shown(lang), **about)
    how = text("compared_same" if same else "compared_other" if own is not None else "compared_none", lang, **about)
    plot = Plot(title, bars=pd.Series(bars).sort_values(ascending=False), marked=(mine,),
                symbol=exhibits.symbol(main), decimals=int(main.indicator.decimals))
    named = text("compared_areas" if own is not None else "compared_first", lang, **about)
    publishers = _read_in([text("by_definition", lang, definition=definition)], lang)
    parts = (Chart(plot, (0, 0, 0.66, 1)), Words((how, named), 16, (0.68, 0, 0.32, 1)))
    said = [title + ".", how, text("say_compared", lang), named]
    return _Message(title, parts, said, publishers, [how])


def _bar(name: str, year: float, lang: str) -> str:
    return text("at_year", lang, value=name, year=str(int(year)))


# ---------------------------------------------------------------- 4 what it takes
def _needed(dossier: Dossier, main: Goal, lang: str) -> _Message | None:
    goal = main.ahead(dossier.year)
    if dossier.over or not known(goal.row.get("missing")) or goal.row["missing"] <= 0:
        return None
    plot, rows = exhibits.growth_plot(goal, lang), exhibits.paces(goal, lang)
    told = tuple(filter(None, [sayings.pace(goal, lang), sayings.outlook(goal, lang)]))
    head = tuple(text(f"needed_{name}", lang) for name in ("what", "value"))
    said = [*told, text("say_needed", lang), *(f"{a}: {b}." for a, b in rows)]
    width = 1 if plot is None else 0.56
    parts: tuple[Part, ...] = (Grid((head, *rows), (0.66, 0.34), 16, (0, 0, width, 0.58)),)
    parts += (Chart(plot, (0.58, 0, 0.42, 0.6)),) if plot is not None else ()
    parts += (Words(told, 16, (0, 0.62, 1, 0.38)),) if told else ()
    sources = _figures_in(goal, lang)
    return _Message(_needed_title(goal, lang), parts, said, sources, sayings.caveats(goal, lang))


def _needed_title(goal: Goal, lang: str) -> str:
    row, at = goal.row, {"goal": goal.goal(lang, unit=True), "year": str(int(goal.row["target_year"]))}
    at["first"] = str(int(row["figure_year"])) if known(row.get("figure_year")) else ""
    if known(row.get("required_growth")):
        part = labels.parts_of_share(goal.indicator, goal.area, lang)[0] if goal.indicator.unit == "percent" else \
            labels.lower_first(goal.name(lang))
        required = numbers.percent(100 * float(row["required_growth"]), lang, 1)
        return text("deck_needed_growth", lang, required=required, part=part, **at)
    if known(row.get("required_per_year")):
        required = goal.value(abs(row["required_per_year"]), lang, "rate")
        way = "fall" if goal.indicator.direction < 0 and goal.indicator.unit != "rank" else "pace"
        return text(f"deck_needed_{way}", lang, required=required, what=labels.lower_first(goal.name(lang)), **at)
    return text("deck_needed_gap", lang, against=goal.distance(lang, "against"), what=goal.name(lang), **at)


# ---------------------------------------------------------------- 5 how sure
def _sure(dossier: Dossier, main: Goal, lang: str) -> _Message | None:
    if not _concludes(main):
        return None
    row = main.row
    enough = "sure_figures_enough" if int(row.get("n") or 0) >= _FORECAST else "sure_figures_more"
    rows = [(text("sure_figures", lang), str(int(row.get("n") or 0)), text(enough, lang))]
    if known(row.get("noise")):
        noise = main.value(row["noise"], lang, "difference")
        rows.append((text("sure_noise", lang), noise, text("sure_noise_more", lang)))
    for one in main.rows:
        if agreed := sayings.agreement(one, lang):
            methods = text("sure_methods", lang, year=str(int(one["target_year"])))
            rows.append((methods, ": ".join(agreed), text("sure_methods_more", lang)))
    if doubts := sayings.caveats(main, lang):
        rows.append((text("sure_caveat", lang), "; ".join(doubts), text("sure_caveat_more", lang)))
    head = tuple(text(f"sure_{name}", lang) for name in ("head", "head_now", "head_more"))
    count = labels.counted("comparable", int(row.get("n") or 0), lang)
    title = text("deck_sure", lang, count=count, state=_state_words(main, lang))
    told = [f"{a}: {b}; {labels.lower_first(c)}." for a, b, c in rows]
    said = [title + ".", sayings.outlook(main, lang), *told, text("say_sure", lang)]
    parts = (Grid((head, *rows), (0.3, 0.32, 0.38), 18),)
    if len(pages := _pages(dossier)) <= _FEW_SOURCES:
        parts = (replace(parts[0], place=(0, 0, 1, 0.62)), _source_grid(pages, lang, (0, 0.66, 1, 0.34)))
    return _Message(title, parts, said, _figures_in(main, lang), doubts)


def _concludes(goal: Goal) -> bool:
    """Tell whether there is a figure and a target to conclude on."""
    return goal.judged_figure is not None and known(goal.row.get("target"))


def _state_words(goal: Goal, lang: str) -> str:
    if not known(goal.row.get("target_year")):
        return goal.assessment(lang)
    word = goal.assessment(lang) if lang == "en" else sayings.told(goal.assessed, lang)
    return text("sure_state", lang, word=word, year=str(int(goal.row["target_year"])))


# ---------------------------------------------------------------- 6 what to do
def _proposals(dossier: Dossier, main: Goal, lang: str) -> _Message | None:
    asked = exhibits.asked_of(dossier, [*sayings.unseen(dossier.goals), *sayings.late(dossier)], lang)
    paces = [one for one in sayings.plans(dossier) if sayings.pace(one, lang, "takes_")]
    doubted = [one for one in sayings.by_urgency(dossier, main) if one in sayings.doubted_of(dossier)]
    rows: list[tuple[str, str, str]] = []
    for office, group in asked.groupby("who", sort=False):
        names = list(dict.fromkeys(labels.lower_first(str(one)) for one in group["name"]))
        years = sorted({one for cell in group["years_wanted"] for one in str(cell).split(", ")}, reverse=True)
        more = " " + text("and_more", lang, count=str(len(names) - 4)) if len(names) > 4 else ""
        count = labels.counted("indicator", len(names), lang)
        wanted = text("propose_figures", lang, count=count, names="; ".join(names[:4]) + more)
        rows.append((wanted, str(office), ", ".join(years[:4])))
    room = _ASKED if paces else _ASKED + 2
    shown = rows if len(rows) <= room else [*rows[: room - 1], (_rest_of(asked, room - 1, lang), "", "")]
    shown += [_confirmed(one, lang) for one in doubted[: max(0, _ASKED - len(shown))]]
    shown += [(sayings.pace(one, lang, "takes_").rstrip("."), one.lead() or text("lead_open", lang),
               str(int(one.row["target_year"]))) for one in paces[:2]]
    head = tuple(text(f"propose_{name}", lang) for name in ("what", "who", "when"))
    if not shown:
        return None
    key = "deck_propose" if len(asked) else "deck_propose_pace" if paces else "deck_propose_confirm"
    count = asked["indicator"].nunique() if len(asked) else len(paces) or len(doubted)
    title = text(key, lang, count=labels.counted("indicator", count, lang), place=dossier.place(lang))
    told = [f"{labels.upper_first(row[1])}: {row[0]}." for row in shown if row[1]]
    said = [title + ".", text("say_propose", lang), *told]
    documents = _read_in([document_name(one, lang) for one in dossier.leading_documents[:4]], lang)
    return _Message(title, (Grid((head, *shown), (0.58, 0.26, 0.16), 18),), said, documents)


def _rest_of(asked: pd.DataFrame, told: int, lang: str) -> str:
    """Count the indicators whose offices have no row of their own."""
    offices = list(dict.fromkeys(asked["who"]))[told:]
    count = asked.loc[asked["who"].isin(offices), "indicator"].nunique()
    return labels.upper_first(text("and_more", lang, count=str(count)))


def _confirmed(goal: Goal, lang: str) -> tuple[str, str, str]:
    """Ask for a figure to be confirmed, with what is doubtful about it."""
    about = {"figure": goal.shown(lang), "year": str(int(goal.row["figure_year"]))}
    told = text("propose_confirm", lang, what=labels.lower_first(goal.name(lang)),
                doubts="; ".join(sayings.caveats(goal, lang)), **about)
    return told, text("propose_publisher", lang), about["year"]


# ---------------------------------------------------------------- 7 sources
_Page = tuple[Source, list[int]]


def _pages(dossier: Dossier) -> list[_Page]:
    """Return each page figures were read on with the numbers of its indicators, official ones first."""
    records = [(sayings.source_record(one), goals) for one, goals in dossier.pages.items()]
    return sorted(records, key=lambda one: (("official", "own", "press", "mirror").index(one[0].grade), -len(one[1])))


def _source_grid(pages: list[_Page], lang: str, place: tuple[float, float, float, float] = (0, 0, 1, 1)) -> Grid:
    rows = [
        (labels.publisher(record.publisher, lang),
         numbers.date(record.published, lang) if record.published else text("undated", lang),
         labels.entry("page", record.grade)[lang], ranges(goals))
        for record, goals in pages
    ]
    if rest := len(rows) - _SOURCES:
        rows = rows[:_SOURCES] + ([(text("sources_more", lang, count=str(rest)), "", "", "")] if rest > 0 else [])
    head = tuple(text(f"source_{name}", lang) for name in ("publisher", "date", "grade", "goals"))
    return Grid((head, *rows), (0.5, 0.17, 0.16, 0.17), 16, place)


def _sources(dossier: Dossier, main: Goal, lang: str) -> _Message | None:
    """Return the slide of sources, unless they are so few that they stand below what the conclusion rests on."""
    pages = _pages(dossier)
    if not pages or (len(pages) <= _FEW_SOURCES and _concludes(main)):
        return None
    official = sum(record.grade == "official" for record, _ in pages)
    title = text("deck_sources" if official else "deck_sources_none", lang,
                 count=labels.counted("page", len(pages), lang), official=str(official))
    said = [title + ".", text("say_sources", lang)]
    return _Message(title, (_source_grid(pages, lang),), said)
