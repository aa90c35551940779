"""What the deck shows: the article's numbers then and now, the trend, other areas, figures to ask for, the paces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import SimpleNamespace

import pandas as pd

from dxanalysis.facts import catalogue
from dxanalysis.facts.fields import latest_by_area
from dxanalysis.facts.history import load_history, load_panel
from dxanalysis.facts.needs import needs
from dxanalysis.facts.package import LATEST, compiler_on
from dxanalysis.facts.records import Area
from dxanalysis.facts.targets import load_start_points, load_story

from ..briefing import labels, numbers, theme
from ..briefing.judged import target_text
from ..briefing.quotes import Measure, printed
from .blocks import Line, Plot
from .dossier import Dossier, Goal
from .phrases import document_name, known, other_figure, period, place_name, text, title_in


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
        day = numbers.date(str(row["value"]), lang)
        return Told(str(row["fact"]), _field(row, lang), day, "", "", str(row["source"]))
    about, area = catalogue.find_indicator(str(row["indicator"])), catalogue.find_area(str(row["area"]))
    measure, then, latest, target = Measure.of(about), "", "", ""
    if known(row["then"]):
        then = f"{printed('value', float(row['then']), lang, measure)} ({period(str(row['then_period']), lang)})"
    if known(row["latest"]):
        names = {f"name_{one}": row[f"latest_definition_{one}"] for one in numbers.LANGUAGES}
        definer = labels.definer(SimpleNamespace(id=row["latest_definition"], **names), lang)
        by = text("by_whom", lang, definition=definer)
        value, when = printed("value", float(row["latest"]), lang, measure), period(str(row["latest_period"]), lang)
        latest = f"{value} ({when}, {by})"
    if known(row["target"]):
        target = text("goal_year", lang, goal=target_text(row, about, lang), year=str(int(row["target_year"])))
    source = str(row["latest_source"] or row["source"])
    return Told(str(row["fact"]), title_in(about, area, lang), then, latest, target, source, about.id, area.id)


def _field(row: dict[str, object], lang: str) -> str:
    column = str(row["column"])
    if column == "published":
        return text("story_published", lang)
    return text(f"story_{column}", lang, document=document_name(catalogue.document(str(row["record"])), lang))


def start_sentence(area: str, lang: str) -> str:
    """Say how an area stood before its resolution: points in all and each pillar's share; empty where none is held.

    >>> start_sentence("quang-ninh", "vi")
    'Trước nghị quyết, địa phương tự đánh giá 429,47/800 điểm: chính quyền số 73%, kinh tế số 36%, xã hội số 46%.'
    """
    points = load_start_points(area)
    if not len(points):
        return ""
    shares = start_bars(area, lang).items()
    pillars = ", ".join(f"{labels.lower_first(str(name))} {numbers.percent(share, lang, 0)}" for name, share in shares)
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


_HORIZON = 2035  # targets beyond this year would press what was observed into a corner of the chart
_SHARE = "digital_economy_share"


def start_plot(goal: Goal, lang: str) -> Plot | None:
    """Return the pillars of an area before its resolution as bars, for the indicator the deck is about."""
    bars = start_bars(goal.area.id, lang) if goal.indicator.id == _SHARE else pd.Series(dtype=float)
    said = start_sentence(goal.area.id, lang)
    return Plot(said, bars=bars, symbol="%", decimals=0) if len(bars) else None


def symbol(goal: Goal) -> str:
    """Return what follows each number of a chart."""
    return "%" if goal.indicator.unit == "percent" else ""


def trend_lines(goal: Goal, lang: str) -> list[Line]:
    """Return the series of the trend: observed (split at a break), targets, and the forecast of a target's year."""
    history = goal.figures.dropna(subset=["value"]).drop_duplicates("year", keep="last")
    values = pd.Series(history["value"].to_numpy(dtype=float), index=history["year"].astype(int))
    broken = [int(year) for year, mark in zip(history["year"], history["break_before"].fillna(""), strict=True) if mark]
    since = max(broken, default=0)
    found = [Line(text("line_observed", lang), values[values.index >= since], theme.OBSERVED)]
    if len(before := values[values.index < since]):
        found.append(Line(text("line_before", lang), before, theme.MUTED, "SQUARE"))
    rows = [one for one in goal.rows if not known(one["target_year"]) or int(one["target_year"]) <= _HORIZON]
    targets = {int(one["target_year"]): float(one["target"]) for one in rows if known(one.get("target"))}
    if targets:
        found.append(Line(text("line_targets", lang), pd.Series(targets), theme.TARGET, "DIAMOND", dashed=True))
    middle = {int(one["target_year"]): float(one["median"]) for one in rows if known(one.get("median"))}
    if middle and any(one.get("rung", 0) >= 2 for one in rows):
        found.append(Line(text("line_median", lang), pd.Series(middle), theme.MEDIAN, "DASH", joined=False))
    return [one for one in found if len(one.values)]


def start_of(goal: Goal, lang: str) -> list[str]:
    """Say where the series starts, as what that figure is."""
    history = goal.figures.dropna(subset=["value"])
    if len(history) < 2:
        return []
    first = history.iloc[0]
    about = "≈ " if first["qualifier"] == "about" else ""
    return [text("why_start", lang, value=about + goal.value(first["value"], lang), year=str(int(first["year"])),
                 status=labels.name("status", str(first["status"]), lang))]


def other_levels(goal: Goal, lang: str) -> list[str]:
    """Name what other definitions say, at most three: they are not the same quantity."""
    table = goal.elsewhere[goal.elsewhere["period"].str.len() == 4]
    table = table[table["definition"] != goal.row.get("definition")].drop_duplicates("definition", keep="last").tail(3)
    if not len(table):
        return []
    parts = [other_figure(goal, row, lang) for row in table.to_dict("records")]
    return [text("why_others", lang, parts="; ".join(parts))]


def neighbours(goal: Goal, year: int, as_of: str = "") -> pd.DataFrame:
    """Return the latest figure of each other area by the definition that most areas have, nearest in level first.

    Beside an area without a figure the best come first.

    Returns
    -------
    DataFrame
        ``area, name_vi, name_en, year, value, definition, definition_vi, definition_en, nation``; empty where no
        other area has a figure.
    """
    parts = []
    for definition in catalogue.definitions(goal.indicator.id):
        panel = load_panel(goal.indicator.id, definition, as_of or None, through=year)
        nation = load_history(goal.indicator.id, "viet-nam", definition, as_of or None, through=year)
        latest = latest_by_area(pd.concat([panel, nation], ignore_index=True))
        parts.append(latest[["area", "year", "value", "definition", "definition_vi", "definition_en"]])
    table = pd.concat(parts, ignore_index=True)
    table = table[table["area"] != goal.area.id]
    table = table[table["definition"] == _widest(table)]
    areas = [catalogue.find_area(str(one)) for one in table["area"]]
    names = {f"name_{lang}": [_name_beside(goal.area, one, lang) for one in areas] for lang in numbers.LANGUAGES}
    table = table.assign(**names, nation=[not one.parent for one in areas])
    own, best = goal.judged_figure, table["value"] * -(goal.indicator.direction or 1)
    away = best if own is None else (table["value"] - own).abs()
    return table.assign(away=away).sort_values(["nation", "away"], ascending=[False, True], ignore_index=True)


def _name_beside(own: Area, other: Area, lang: str) -> str:
    """Name another area; one that had the name of the area's own before it was joined is told apart."""
    name = place_name(other, lang)
    return text("former", lang, place=name) if name == place_name(own, lang) else name


def _widest(table: pd.DataFrame) -> str:
    """Return the definition with figures of most areas; of equal ones the first of the catalogue."""
    counts = table.groupby("definition", sort=False)["area"].nunique()
    return str(counts.idxmax()) if len(counts) else ""


def paces(goal: Goal, lang: str) -> list[tuple[str, str]]:
    """Return what must happen beside what happened, as printed rows."""
    row, found = goal.row, [(text("needed_distance", lang), goal.distance(lang))]
    for name, kind in (("required_per_year", "rate"), ("observed_per_year", "rate_signed")):
        if known(row.get(name)):
            ends = ("figure_year", "target_year") if name.startswith("required") else ("observed_from", "figure_year")
            years = {at: str(int(row[end])) for at, end in zip(("first", "last"), ends, strict=True)}
            found.append((text(f"needed_{name}", lang, **years), goal.value(float(row[name]), lang, kind)))
    if known(row.get("required_growth")) and growth_plot(goal, lang) is None:
        found.append((text("needed_growth", lang), numbers.percent(100 * float(row["required_growth"]), lang, 1)))
    return found


def growth_plot(goal: Goal, lang: str) -> Plot | None:
    """Return the growth a share needs of what it counts, beside what was observed and the growth of the whole."""
    row, shown = goal.row, {}
    part, whole = labels.parts_of_share(goal.indicator, goal.area, lang)
    for name in ("required_growth", "observed_growth", "whole_growth"):
        if known(row.get(name)):
            shown[text(f"bar_{name}", lang, part=part, whole=whole)] = 100 * float(row[name])
    if not known(row.get("whole_growth")) or len(shown) < 2:
        return None
    first = next(iter(shown))
    return Plot(text("bar_title", lang), bars=pd.Series(shown), marked=(first,), symbol="%", decimals=1)


def asked_of(dossier: Dossier, goals: list[Goal], lang: str) -> pd.DataFrame:
    """Return the figures to ask for of some goals, one row per indicator, with ``name`` and ``who`` is asked.

    A document is nobody to ask: where no office is known to compile the figure, it is the office that leads.
    """
    names = {one.indicator.id: one.name(lang) for one in goals}
    table = needs(dossier.area.id, dossier.as_of or None, through=dossier.year)
    table = table[table["indicator"].isin(list(names)) & (not dossier.over)].drop_duplicates("indicator")
    led = [text("lead_of", lang, document=one) if re.match(r"\d", one) else text("lead_open", lang)
           for one in table["document"].fillna("")]
    asked = zip(table["indicator"], table["definition"], table["office_basis"], led, strict=True)
    day, at = dossier.as_of or LATEST, numbers.LANGUAGES.index(lang)
    who = [compiler_on(one, by, day)[at] if basis == "compiler" else lead for one, by, basis, lead in asked]
    return table.assign(name=table["indicator"].map(names), who=pd.Series(who, table.index, dtype=str))
