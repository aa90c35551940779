"""Sentences of reports, decks and notes, each put together from the judged row of one target and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..briefing import labels, numbers
from .dossier import Dossier, Goal, document_name, known, text

_URGENCY = ("missed", "undecided", "not_due", "at_level", "met", "surpassed", "no_target", "no_figure")
_LINES = {
    "met": "line_met",
    "missed": "line_missed",
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
    return text(
        key,
        lang,
        what=goal.name(lang),
        figure=figure(goal, lang),
        figure_year=_year(row.get("figure_year")),
        goal=goal.goal(lang, unit=True),
        target_year=_year(row.get("target_year")),
        distance=goal.distance(lang),
        outcome=goal.assessment(lang),
        reason=reason(goal, lang),
    )


def figure(goal: Goal, lang: str) -> str:
    """Print the judged figure as what it is: "ước đạt 17,34%", "3% (tự đánh giá; năm do chúng tôi suy ra)"."""
    if goal.judged_figure is None:
        return numbers.MISSING
    kind = str(goal.row.get("figure_kind") or "published")
    words = labels.wording()["figure_kind"]
    shown = (
        labels.fill(words[kind][lang], {"value": goal.value(goal.judged_figure, lang)})
        if kind in words
        else (goal.value(goal.judged_figure, lang))
    )
    noted = caveats(goal, lang)
    return f"{shown} ({'; '.join(noted)})" if noted else shown


def caveats(goal: Goal, lang: str) -> list[str]:
    """Return the reservations that travel with the judged figure, in words."""
    codes = goal.row.get("caveats")
    listed = [] if not known(codes) else codes.split(";") if isinstance(codes, str) else list(codes)
    words = labels.wording().get("caveat", {})
    said = str(goal.row.get("figure_kind") or "")
    return [words[one][lang] for one in dict.fromkeys(listed) if one in words and one != said]


def reason(goal: Goal, lang: str) -> str:
    """Say why nothing can be concluded, where the judgement names a reason."""
    code = str(goal.row.get("reason") or "")
    words = labels.wording()
    for section in ("doubt", "reason", "caveat"):
        if code in words.get(section, {}):
            return words[section][code][lang]
    return text("reason_unknown", lang)


def pace(goal: Goal, lang: str) -> str:
    """Say what the target takes a year beside what was seen; empty where the row holds no required pace."""
    row = goal.row
    if not known(row.get("required_per_year")) or not known(row.get("missing")) or row["missing"] <= 0:
        return ""
    over = goal.state == "due"
    said = text(
        "pace_due" if over else "pace_open",
        lang,
        what=goal.name(lang),
        figure=goal.value(goal.judged_figure, lang),
        figure_year=_year(row["figure_year"]),
        goal=goal.goal(lang, unit=True),
        target_year=_year(row["target_year"]),
        required=goal.value(abs(row["required_per_year"]), lang, "rate"),
    )
    if known(row.get("observed_per_year")):
        said += " " + text("pace_observed", lang, observed=goal.value(row["observed_per_year"], lang, "rate_signed"))
    return " ".join(filter(None, [said, growth(goal, lang)]))


def growth(goal: Goal, lang: str) -> str:
    """Say how fast what is counted must grow beside how fast it grew; empty where the row holds no such rate."""
    row = goal.row
    if not known(row.get("required_growth")):
        return ""
    required = numbers.percent(100 * float(row["required_growth"]), lang, 0)
    if not known(row.get("observed_growth")):
        return text("growth_required", lang, required=required)
    observed = numbers.percent(100 * float(row["observed_growth"]), lang, 0)
    return text("growth_both", lang, required=required, observed=observed)


def precedent(goal: Goal, lang: str) -> str:
    """Say how often things that stood near there rose that far in that time; empty where no class fits."""
    row = goal.row
    if not known(row.get("precedent_episodes")) or not row["precedent_episodes"]:
        return ""
    share = row.get("precedent_bound") if known(row.get("precedent_bound")) else row.get("precedent_share")
    if not known(share):
        return ""
    episodes = numbers.number(float(row["precedent_episodes"]), lang, 0)
    return text("precedent", lang, share=numbers.percent(100 * float(share), lang, 0), episodes=episodes)


def outlook(goal: Goal, lang: str) -> str:
    """Say how likely the target is met, in a word of the published scale and, where the basis allows, a probability."""
    row = goal.row
    if not known(row.get("word")):
        return ""
    word = labels.name("likelihood", str(row["word"]), lang)
    return text("outlook", lang, word=word, goal=goal.goal(lang, unit=True), target_year=_year(row["target_year"]))


def counted(dossier: Dossier, lang: str) -> str:
    """Count the assessments, those of zero left out: "1 chỉ tiêu đạt, 3 chưa đạt"."""
    words = labels.wording()["assessed"]
    parts = [text("count_of", lang, count=str(count), word=words[key][lang]) for key, count in dossier.counts.items()]
    return "; ".join(parts)


def by_urgency(dossier: Dossier, main: Goal | None) -> list[Goal]:
    """Return the goals that have something to be said, the main one first, then from not met to surpassed."""
    ordered = sorted(dossier.goals, key=lambda one: (one is not main, _URGENCY.index(one.assessed)))
    return [one for one in ordered if one.state != "no_figure_held"]


def score_head(dossier: Dossier, lang: str) -> tuple[str, ...]:
    """Return the headings of a scorecard, which deck and note have."""
    names = ("indicator", "target", "latest", "distance", "assessment")
    return tuple(text(f"column_{name}", lang, year=str(dossier.year)) for name in names)


def score_row(goal: Goal, lang: str) -> tuple[str, ...]:
    """Return one target as a row of a scorecard: name, target, latest figure, distance, assessment."""
    target, latest = numbers.MISSING, numbers.MISSING
    if known(goal.row.get("target")):
        target = text("goal_year", lang, goal=goal.goal(lang, unit=True), year=_year(goal.row["target_year"]))
    if goal.judged_figure is not None:
        value = goal.value(goal.judged_figure, lang)
        latest = text("at_year", lang, value=value, year=_year(goal.row["figure_year"]))
    return goal.name(lang), target, latest, goal.distance(lang), goal.assessment(lang)


def unseen_row(dossier: Dossier, lang: str) -> list[tuple[str, ...]]:
    """Return the row of a scorecard that counts the targets without a figure, if there are any."""
    count = dossier.counts.get("no_figure", 0)
    word = labels.entry("assessed", "no_figure")[lang]
    return [(text("results_more_unseen", lang, count=str(count)), "", "", "", word)] if count else []


def subject(dossier: Dossier, lang: str) -> str:
    """Return the subject line of a report: what it is about, for whom, for which year."""
    place, year = dossier.place(lang), str(dossier.year)
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


def period(code: str, lang: str) -> str:
    """Write a period of the data as a reader says it.

    >>> period("2024-09", "vi"), period("2022-H1", "vi"), period("2024", "en"), period("2021-2025", "en")
    ('tháng 09/2024', '6 tháng đầu năm 2022', '2024', '2021–2025')
    """
    if found := re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", code):
        if found[3]:
            return text("period_day", lang, date=numbers.date(code, lang))
        return text("period_month", lang, date=numbers.date(code, lang))
    if found := re.fullmatch(r"(\d{4})-(H|Q)(\d)", code):
        key = "period_half" if found[2] == "H" else "period_quarter"
        return text(f"{key}{found[3]}" if key == "period_half" else key, lang, year=found[1], n=found[3])
    if found := re.fullmatch(r"(\d{4})-(\d+)M", code):
        return text("period_months", lang, n=found[2], year=found[1])
    if found := re.fullmatch(r"(\d{4})-(\d{4})", code):
        return text("period_span", lang, first=found[1], last=found[2])
    return text("period_year", lang, year=code)


def listed(parts: Iterable[str]) -> str:
    """Join parts of a list, which themselves hold commas."""
    return "; ".join(parts)


def _year(value: Any) -> str:
    return str(int(value)) if known(value) else numbers.MISSING
