"""The story of the founding article in words: each number then, as last held, and its target."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import pandas as pd

from dxanalysis import facts
from dxanalysis.facts.story import load_start_points, load_story

from ..briefing import labels, numbers
from ..briefing.judged import target_text
from ..briefing.quotes import Measure, printed
from .phrases import document_name, known, period, text


@dataclass(frozen=True)
class Told:
    """One fact as a reader meets it: number, text, then, latest, target, each printed; what it is about, by ids."""

    fact: str
    text: str
    then: str
    latest: str
    target: str
    source: str
    indicator: str = ""
    area: str = ""


@dataclass(frozen=True)
class Page:
    """What a page on the story says in a language: sentences, facts, and the pillars' shares before the resolution."""

    said: tuple[str, ...]
    facts: tuple[Told, ...]
    bars: pd.Series


def page(lang: str, area: str = "quang-ninh") -> Page:
    """Return the story of the founding article for a page.

    >>> len(page("en").facts), page("en").bars.tolist()
    (41, [73.0, 36.0, 46.0])
    """
    return Page((start_sentence(area, lang), teams_sentence(lang)), tuple(told(lang)), start_bars(area, lang))


def told(lang: str, through: int | None = None) -> list[Told]:
    """Return the facts of the founding article in a language, in the order of the article.

    >>> [one.latest for one in told("vi") if one.fact == "S08"]
    ['7,1% (năm 2024, theo báo cáo của địa phương)']
    """
    return [_told(row, lang) for row in load_story(through).to_dict("records")]


def _told(row: dict[str, object], lang: str) -> Told:
    if not row["indicator"]:
        return Told(str(row["fact"]), _field(row, lang), _value_of_field(row, lang), "", "", str(row["source"]))
    about, area = facts.find_indicator(str(row["indicator"])), facts.find_area(str(row["area"]))
    measure, then, latest, target = Measure.of(about), "", "", ""
    if known(row["then"]):
        value = printed("value", float(row["then"]), lang, measure)
        then = f"{value} ({period(str(row['then_period']), lang)})"
    if known(row["latest"]):
        names = {f"name_{one}": row[f"latest_definition_{one}"] for one in numbers.LANGUAGES}
        definer = labels.definer(SimpleNamespace(id=row["latest_definition"], **names), lang)
        by = text("by_whom", lang, definition=definer)
        value, when = printed("value", float(row["latest"]), lang, measure), period(str(row["latest_period"]), lang)
        latest = f"{value} ({when}, {by})"
    if known(row["target"]):
        target = text("goal_year", lang, goal=target_text(row, about, lang), year=str(int(row["target_year"])))
    title = labels.in_language(about, "title", lang)
    name = labels.measure_name(about, area, lang) if "GRDP" in title else title
    source = str(row["latest_source"] or row["source"])
    return Told(str(row["fact"]), name, then, latest, target, source, about.id, area.id)


def _field(row: dict[str, object], lang: str) -> str:
    column = str(row["column"])
    if column == "published":
        return text("story_published", lang)
    return text(f"story_{column}", lang, document=document_name(facts.document(str(row["record"])), lang))


def _value_of_field(row: dict[str, object], lang: str) -> str:
    return numbers.date(str(row["value"]), lang)


def start_sentence(area: str, lang: str) -> str:
    """Say how an area stood before its resolution: points in all and each pillar's share; empty where none is held.

    >>> start_sentence("quang-ninh", "vi")
    'Trước nghị quyết, địa phương tự đánh giá 429,47/800 điểm: chính quyền số 73%, kinh tế số 36%, xã hội số 46%.'
    """
    points = load_start_points(area)
    if not len(points):
        return ""
    pillars = ", ".join(
        text("story_pillar", lang, pillar=labels.lower_first(labels.name("pillar", one.pillar, lang)),
             percent=numbers.percent(one.percent, lang, 0))
        for one in points.itertuples()
    )
    return text("story_start", lang, points=numbers.number(points["points"].sum(), lang, 2),
                maximum=numbers.number(points["maximum"].sum(), lang, 0), pillars=pillars)


def start_bars(area: str, lang: str) -> pd.Series:
    """Return each pillar's share of its maximum before the resolution, by its name; empty where none is held."""
    points = load_start_points(area)
    return pd.Series({labels.name("pillar", one.pillar, lang): one.percent for one in points.itertuples()}, dtype=float)


def teams_sentence(lang: str) -> str:
    """Say how many community teams there were and what they covered, as the article has it.

    >>> teams_sentence("vi").split(",")[0]
    'Đến tháng 10/2023 có 1.473 tổ công nghệ số cộng đồng với 11.255 thành viên'
    """
    story = load_story().set_index("fact")
    asked = {"teams": "S27", "members": "S29", "communes": "S30", "villages": "S31"}
    count = {name: numbers.number(float(story.loc[fact, "then"]), lang, 0) for name, fact in asked.items()}
    return text("story_teams", lang, date=numbers.date(str(story.loc["S27", "then_period"]), lang), **count)
