"""The deck of one area and year: at most seven slides in the order of a decision, each with one message and a number.

Results, why, compared with whom, what it takes, how sure, what to do, sources. A slide without a message is not made.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dxanalysis import facts

from ..briefing import labels, numbers, theme
from . import sayings
from .dossier import Dossier, Goal, document_name, known, place_name, text
from .nativechart import Line, Plot
from .slides import Chart, Grid, Slide, Words

_ROWS = 11  # rows of the scorecard that are read from a chair
_NEAREST = 9  # bars beside the area's own
_LEAST_WORDS, _MOST_WORDS = 60, 90  # of speaker notes: half a minute
_ORDER = ("missed", "undecided", "not_due", "at_level", "met", "surpassed", "no_target", "no_figure")


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
        made += [_why(dossier, main, lang, trace), _compared(dossier, main, lang, trace),
                 _needed(dossier, main, lang, trace), _sure(dossier, main, lang, trace)]  # fmt: skip
    made += [_proposals(dossier, lang, trace), _sources(dossier, lang, trace)]
    return [one for one in made if one is not None]


def _notes(said: list[str], lang: str, sources: list[str], doubts: list[str], trace: Trace) -> str:
    """Return what to say in 60 to 90 words, then sources, reservations and how to make the slide again."""
    spoken: list[str] = []
    for sentence in dict.fromkeys(one for one in said if one):
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
    ordered = sorted(dossier.goals, key=lambda one: (one is not main, _ORDER.index(one.assessed)))
    seen = [one for one in ordered if one.state != "no_figure_held"]
    head = tuple(text(f"column_{name}", lang, year=str(dossier.year)) for name in ("indicator", "target"))
    head += (text("column_latest", lang), text("column_distance", lang), text("column_assessment", lang))
    rows = [(one.name(lang), _goal_of(one, lang), _latest(one, lang), one.distance(lang), one.assessment(lang))
            for one in seen[:_ROWS]]  # fmt: skip
    if rest := seen[_ROWS:]:
        words = {one.assessment(lang): 0 for one in rest}
        for one in rest:
            words[one.assessment(lang)] += 1
        told = ", ".join(f"{count} {word}" for word, count in words.items())
        rows.append((text("results_more", lang, count=str(len(rest))), "", "", "", told))
    if unseen := len(ordered) - len(seen):
        word = labels.entry("assessed", "no_figure")[lang]
        rows.append((text("results_more_unseen", lang, count=str(unseen)), "", "", "", word))
    place = dossier.place(lang)
    title = text("deck_results", lang, place=place, year=str(dossier.year), indicators=str(len(dossier.goals)),
                 counts=sayings.counted(dossier, lang))  # fmt: skip
    said = [title + ".", sayings.line(main, lang) if main else "", *(sayings.line(one, lang) for one in seen[:6]),
            text("say_results", lang)]  # fmt: skip
    doubts = [one for goal in seen for one in sayings.caveats(goal, lang)]
    sources = dossier.sources(lang)[:6]
    return Slide(title, (Grid((head, *rows), (0.4, 0.15, 0.16, 0.2, 0.13), 13),),
                 _notes(said, lang, sources, doubts, trace), _foot(sources, lang))  # fmt: skip


def _goal_of(goal: Goal, lang: str) -> str:
    if not known(goal.row.get("target")):
        return numbers.MISSING
    return text("goal_year", lang, goal=goal.goal(lang, unit=True), year=str(int(goal.row["target_year"])))


def _latest(goal: Goal, lang: str) -> str:
    if goal.judged_figure is None:
        return numbers.MISSING
    return text("at_year", lang, value=goal.value(goal.judged_figure, lang), year=str(int(goal.row["figure_year"])))


# ---------------------------------------------------------------- 2 why
def _why(dossier: Dossier, main: Goal, lang: str, trace: Trace) -> Slide | None:
    if main.judged_figure is None:
        return None
    plot = Plot(sayings.line(main, lang), tuple(_lines(main, lang)), symbol=_symbol(main),
                decimals=int(main.indicator.decimals))  # fmt: skip
    beside = [*_start(main, lang), *_breaks(main, lang), *_other_levels(main, lang)]
    parts: tuple[Chart | Words, ...] = (Chart(plot, (0, 0, 0.64 if beside else 1, 1)),)
    if beside:
        parts += (Words(tuple(beside), 16, (0.66, 0, 0.34, 1)),)
    title = text("deck_why", lang, what=main.name(lang), figure=main.value(main.judged_figure, lang),
                 year=str(int(main.row["figure_year"])), distance=_against(main, lang))  # fmt: skip
    said = [sayings.line(main, lang), *beside, sayings.outlook(main, lang), text("say_why", lang)]
    sources = main.sources(lang)
    return Slide(title, parts, _notes(said, lang, sources, sayings.caveats(main, lang), trace), _foot(sources, lang))


def _against(goal: Goal, lang: str) -> str:
    """Say the distance to each target of an indicator: "còn thiếu 12,9 điểm phần trăm so với mục tiêu 20% năm 2025"."""
    rows = [one for one in (goal.row, *goal.others) if known(one.get("missing"))]
    if not rows:
        return text("against_none", lang)
    row = min(rows, key=lambda one: (int(one["target_year"]) < int(goal.row["target_year"]), int(one["target_year"])))
    return text("against", lang, distance=goal.distance(lang), goal=goal.goal(lang, row, unit=True),
                year=str(int(row["target_year"])))  # fmt: skip


def _symbol(goal: Goal) -> str:
    return "%" if goal.indicator.unit == "percent" else ""


def _lines(goal: Goal, lang: str) -> list[Line]:
    """Return the series of the trend: observed (split at a break), targets, and the forecast of a target's year."""
    history = goal.figures.dropna(subset=["value"]).drop_duplicates("year", keep="last")
    values = pd.Series(history["value"].to_numpy(dtype=float), index=history["year"].astype(int))
    broken = [int(year) for year, mark in zip(history["year"], history["break_before"].fillna(""), strict=True) if mark]
    since = max(broken, default=0)
    found = [Line(text("line_observed", lang), values[values.index >= since], theme.OBSERVED)]
    if len(before := values[values.index < since]):
        found.append(Line(text("line_before", lang), before, theme.MUTED, "SQUARE"))
    rows = sorted((goal.row, *goal.others), key=lambda one: one["target_year"] if known(one["target_year"]) else 0)
    targets = {int(one["target_year"]): float(one["target"]) for one in rows if known(one.get("target"))}
    if targets:
        found.append(Line(text("line_targets", lang), pd.Series(targets), theme.TARGET, "DIAMOND", dashed=True))
    middle = {int(one["target_year"]): float(one["median"]) for one in rows if known(one.get("median"))}
    if middle and any(one.get("rung", 0) >= 2 for one in rows):
        found.append(Line(text("line_median", lang), pd.Series(middle), theme.MEDIAN, "DASH", joined=False))
    return [one for one in found if len(one.values)]


def _start(goal: Goal, lang: str) -> list[str]:
    """Say where the series starts, as what that figure is."""
    history = goal.figures.dropna(subset=["value"])
    if len(history) < 2:
        return []
    first = history.iloc[0]
    status = labels.name("status", str(first["status"]), lang)
    about = "≈ " if first["qualifier"] == "about" else ""
    return [text("why_start", lang, value=about + goal.value(first["value"], lang), year=str(int(first["year"])),
                 status=status)]  # fmt: skip


def _breaks(goal: Goal, lang: str) -> list[str]:
    column = "break_before_vi" if lang == "vi" else "break_before"
    rows = goal.figures[goal.figures["break_before"].fillna("") != ""]
    return [text("why_break", lang, year=str(int(row.year)), reason=str(getattr(row, column)).rstrip("."))
            for row in rows.itertuples()]  # fmt: skip


def _other_levels(goal: Goal, lang: str) -> list[str]:
    """Name what other definitions say, at most three: they are not the same quantity."""
    table = goal.elsewhere[goal.elsewhere["period"].str.len() == 4]
    table = table[table["definition"] != goal.row.get("definition")].drop_duplicates("definition", keep="last").tail(3)
    if not len(table):
        return []
    parts = [text("note_other", lang, period=str(row.period), value=goal.value(row.value, lang),
                  definition=labels.name("definition", str(row.definition), lang)) for row in table.itertuples()]  # fmt: skip
    return [text("why_others", lang, parts="; ".join(parts))]


# ---------------------------------------------------------------- 3 compared with whom
def neighbours(goal: Goal, year: int, as_of: str = "") -> pd.DataFrame:
    """Return the latest figure of each other area by the definition that most areas have, nearest in level first.

    Returns
    -------
    DataFrame
        ``area, name_vi, name_en, year, value, definition, nation``; empty where no other area has a figure.
    """
    parts = []
    for definition in facts.definitions(goal.indicator.id):
        panel = facts.load_panel(goal.indicator.id, definition, as_of or None, through=year)
        nation = facts.load_history(goal.indicator.id, "viet-nam", definition, as_of or None, through=year)
        latest = facts.latest_by_area(pd.concat([panel, nation], ignore_index=True))
        parts.append(latest[["area", "year", "value", "definition"]])
    table = pd.concat(parts, ignore_index=True)
    table = table[table["area"] != goal.area.id]
    table = table[table["definition"] == _widest(table)]
    areas = [facts.find_area(str(one)) for one in table["area"]]
    names = {f"name_{lang}": [place_name(one, lang) for one in areas] for lang in numbers.LANGUAGES}
    table = table.assign(**names, nation=[not one.parent for one in areas])
    away = (table["value"] - (goal.judged_figure or 0)).abs()
    return table.assign(away=away).sort_values(["nation", "away"], ascending=[False, True], ignore_index=True)


def _widest(table: pd.DataFrame) -> str:
    """Return the definition with figures of most areas; of equal ones the first of the catalogue."""
    counts = table.groupby("definition", sort=False)["area"].nunique()
    return str(counts.idxmax()) if len(counts) else ""


def _compared(dossier: Dossier, main: Goal, lang: str, trace: Trace) -> Slide | None:
    near = neighbours(main, dossier.year, dossier.as_of)
    if len(near) < 3:
        return None
    definition = labels.definition_name(str(near["definition"].iloc[0]), lang)
    shown = near.head(_NEAREST).to_dict("records")
    own, place = main.judged_figure, dossier.place(lang)
    bars = {_bar(row[f"name_{lang}"], row["year"], lang): float(row["value"]) for row in shown}
    mine = _bar(place, main.row["figure_year"], lang) if own is not None else ""
    bars |= {mine: own} if own is not None else {}
    first = max(near.to_dict("records"), key=lambda row: row["value"] * (main.indicator.direction or 1))
    about = {"areas": str(int((~near["nation"]).sum())), "definition": definition, "best": first[f"name_{lang}"],
             "best_value": main.value(first["value"], lang), "best_year": str(int(first["year"]))}  # fmt: skip
    same = own is not None and str(main.row.get("definition")) == str(near["definition"].iloc[0])
    figure = main.value(own, lang) if own is not None else ""
    title = text("deck_compared" if own is not None else "deck_compared_none", lang, place=place, figure=figure, **about)
    how = text("compared_same" if same else "compared_other", lang, place=place, **{k: about[k] for k in ("definition",)})
    plot = Plot(title, bars=pd.Series(bars).sort_values(ascending=False), marked=(mine,), symbol=_symbol(main),
                decimals=int(main.indicator.decimals))  # fmt: skip
    said = [title + ".", how, text("say_compared", lang), text("compared_areas", lang, **about)]
    publishers = [text("by_definition", lang, definition=definition)]
    return Slide(title, (Chart(plot, (0, 0, 0.66, 1)), Words((how, text("compared_areas", lang, **about)), 16, (0.68, 0, 0.32, 1))),
                 _notes(said, lang, publishers, [how], trace), _foot(publishers, lang))  # fmt: skip


def _bar(name: str, year: float, lang: str) -> str:
    return text("at_year", lang, value=name, year=str(int(year)))


# ---------------------------------------------------------------- 4 what it takes
def _needed(dossier: Dossier, main: Goal, lang: str, trace: Trace) -> Slide | None:
    rows = [one for one in (main.row, *main.others) if known(one.get("missing")) and one["missing"] > 0]
    ahead = [one for one in rows if int(one["target_year"]) > dossier.year] or rows
    if not ahead:
        return None
    goal = Goal(main.number, main.area, main.indicator, ahead[0], (), main.figures, main.elsewhere)
    required = _paces(goal, lang)
    if not required:
        return None
    told = sayings.pace(goal, lang)
    title = _needed_title(goal, lang)
    head = tuple(text(f"needed_{name}", lang) for name in ("what", "value"))
    said = [told, sayings.precedent(goal, lang), text("say_needed", lang), *(f"{a}: {b}." for a, b in required)]
    parts = (Grid((head, *required), (0.62, 0.38), 16, (0, 0, 1, 0.62)),
             Words(tuple(filter(None, [told, sayings.precedent(goal, lang)])), 15, (0, 0.66, 1, 0.34)))  # fmt: skip
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


def _paces(goal: Goal, lang: str) -> list[tuple[str, str]]:
    """Return what must happen beside what happened, as printed rows."""
    row, found = goal.row, [(text("needed_distance", lang), goal.distance(lang))]
    for name, kind in (("required_per_year", "rate"), ("observed_per_year", "rate_signed")):
        if known(row.get(name)):
            found.append((text(f"needed_{name}", lang), goal.value(float(row[name]), lang, kind)))
    for name in ("required_growth", "observed_growth", "whole_growth"):
        if known(row.get(name)):
            found.append((text(f"needed_{name}", lang), numbers.percent(100 * float(row[name]), lang, 0)))
    if known(row.get("precedent_bound")):
        share = numbers.percent(100 * float(row["precedent_bound"]), lang, 0)
        found.append((text("needed_precedent", lang), share))
    return found


# ---------------------------------------------------------------- 5 how sure
def _sure(dossier: Dossier, main: Goal, lang: str, trace: Trace) -> Slide | None:
    if main.judged_figure is None:
        return None
    row, rows = main.row, []
    rows.append((text("sure_figures", lang), str(int(row.get("n") or 0)), text("sure_figures_more", lang)))
    if known(row.get("noise")):
        rows.append((text("sure_noise", lang), main.value(row["noise"], lang, "difference"), text("sure_noise_more", lang)))
    for one in (row, *main.others):
        if known(one.get("judged")) and one["judged"]:
            agreed = text("of", lang, part=str(int(one["agree"])), whole=str(int(one["judged"])))
            rows.append((text("sure_methods", lang, year=str(int(one["target_year"]))), agreed,
                         labels.name("step", str(one["step"]), lang)))  # fmt: skip
    for caveat in sayings.caveats(main, lang):
        rows.append((text("sure_caveat", lang), caveat, text("sure_caveat_more", lang)))
    head = tuple(text(f"sure_{name}", lang) for name in ("head", "head_now", "head_more"))
    title = text("deck_sure", lang, count=str(int(row.get("n") or 0)), state=_state_words(main, lang))
    said = [title + ".", sayings.outlook(main, lang), sayings.precedent(main, lang),
            *(f"{a}: {b}; {labels.lower_first(c)}." for a, b, c in rows), text("say_sure", lang)]  # fmt: skip
    sources = main.sources(lang)
    return Slide(title, (Grid((head, *rows), (0.34, 0.28, 0.38), 15),),
                 _notes(said, lang, sources, sayings.caveats(main, lang), trace), _foot(sources, lang))  # fmt: skip


def _state_words(goal: Goal, lang: str) -> str:
    return text("sure_state", lang, word=goal.assessment(lang), year=str(int(goal.row["target_year"]))) if known(
        goal.row.get("target_year")
    ) else goal.assessment(lang)  # fmt: skip


# ---------------------------------------------------------------- 6 what to do
def _proposals(dossier: Dossier, lang: str, trace: Trace) -> Slide | None:
    asked = asked_of(dossier)
    paces = [one for one in dossier.goals if sayings.pace(one, lang)]
    if not len(asked) and not paces:
        return None
    rows: list[tuple[str, str, str]] = []
    for office, group in asked.groupby(f"office_{lang}", sort=False):
        names = list(dict.fromkeys(labels.lower_first(str(one)) for one in group[f"title_{lang}"]))
        years = sorted({one for cell in group["years_wanted"] for one in str(cell).split(", ")}, reverse=True)
        told = "; ".join(names[:4]) + (text("and_more", lang, count=str(len(names) - 4)) if len(names) > 4 else "")
        rows.append((text("propose_figures", lang, count=str(len(names)), names=told), str(office), ", ".join(years[:4])))
    rows += [(sayings.pace(one, lang), one.lead() or text("lead_open", lang), str(int(one.row["target_year"])))
             for one in paces[:2]]  # fmt: skip
    head = tuple(text(f"propose_{name}", lang) for name in ("what", "who", "when"))
    count = str(asked["indicator"].nunique()) if len(asked) else "0"
    title = text("deck_propose", lang, count=count, place=dossier.place(lang)) if len(asked) else text(
        "deck_propose_pace", lang, count=str(len(paces))
    )  # fmt: skip
    said = [title + ".", *(f"{row[1]}: {row[0]}." for row in rows), text("say_propose", lang)]
    return Slide(title, (Grid((head, *rows[:6]), (0.58, 0.26, 0.16), 13),),
                 _notes(said, lang, [document_name(one, lang) for one in dossier.documents[:4]], [], trace))  # fmt: skip


def asked_of(dossier: Dossier) -> pd.DataFrame:
    """Return the figures to ask for, of the dossier's indicators only (see :func:`dxanalysis.facts.needs`)."""
    table = facts.needs(dossier.area.id, dossier.as_of or None, through=dossier.year)
    return table[table["due"] & table["indicator"].isin([one.indicator.id for one in dossier.goals])]


# ---------------------------------------------------------------- 7 sources
def _sources(dossier: Dossier, lang: str, trace: Trace) -> Slide | None:
    used: dict[str, list[str]] = {}
    for goal in dossier.goals:
        for one in dict.fromkeys(str(one) for one in goal.figures["source"] if one):
            used.setdefault(one, []).append(str(goal.number))
    if not used:
        return None
    records = [(facts.source(one), goals) for one, goals in used.items()]
    records.sort(key=lambda one: (("official", "press", "mirror").index(one[0].grade), -len(one[1])))
    rows = [(labels.publisher(record.publisher, lang), numbers.date(record.published, lang) if record.published
             else text("undated", lang), labels.entry("page", record.grade)[lang], ", ".join(goals))
            for record, goals in records]  # fmt: skip
    official = sum(record.grade == "official" for record, _ in records)
    title = text("deck_sources", lang, count=str(len(rows)), official=str(official))
    head = tuple(text(f"source_{name}", lang) for name in ("publisher", "date", "grade", "goals"))
    cut = [*rows[:13], *([(text("sources_more", lang, count=str(len(rows) - 13)), "", "", "")] if len(rows) > 13 else [])]
    said = [title + ".", text("say_sources", lang)]
    return Slide(title, (Grid((head, *cut), (0.5, 0.17, 0.16, 0.17), 13),),
                 _notes(said, lang, [row[0] for row in rows[:8]], [], trace))  # fmt: skip
