"""What the explorer shows: the rooms joined for one question, with what a slider does not change kept at hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from dxanalysis import analysis, assessing, facts, forecasting
from dxanalysis.analysis.shares import required_growth
from dxanalysis.briefing import explore, findings
from dxanalysis.briefing.explore import Question, View
from dxanalysis.facts import Indicator
from dxanalysis.facts.names import slug
from dxanalysis.facts.records import Definition

PATHS = 1000
DOTS = 20


def explorer(
    area: str, indicator: str, *, lang: str = "vi", definition: str = "preferred", as_of: Any = "latest",
    through: int | None = None, growth: float = 8.0,
) -> explore.Explorer:
    """Open the explorer on one area and indicator; every control starts where the arguments say."""
    day = facts.as_of_date(as_of, through)
    start = Question(area, indicator, definition, "" if day is None else day.isoformat(), through, growth)
    choices = explore.Choices(areas=areas, indicators=indicators, definitions=definitions, days=days)
    return explore.Explorer(start, choices, look, lang=lang)


def areas(lang: str) -> list[tuple[str, str]]:
    """Return name and id of every area with a figure or a target, the nation first."""
    held = _pairs()["area"]
    table = facts.open_package().tables["areas"]
    table = table[table["id"].isin(held)]
    named = sorted(zip(table[f"name_{lang}"], table["id"], strict=True), key=lambda one: slug(one[0]))
    return sorted(named, key=lambda one: one[1] != "viet-nam")


def indicators(area: str, lang: str) -> list[tuple[str, str]]:
    """Return title and id of every indicator with a figure or a target for an area."""
    held = _pairs()
    ids = set(held.loc[held["area"] == area, "indicator"])
    table = facts.open_package().tables["indicators"]
    return [(getattr(row, f"title_{lang}"), row.id) for row in table.itertuples() if row.id in ids]


def definitions(indicator: str, area: str, lang: str) -> list[tuple[str, str]]:
    """Return name and id of the definitions that have a yearly figure for an area."""
    held = _definitions(indicator, area, facts.digest())
    return [(getattr(one, f"name_{lang}") or one.id, one.id) for one in held]


def days(indicator: str, area: str, definition: str) -> list[str]:
    """Return the days on which something of a series was published."""
    return list(_days(indicator, area, definition, facts.digest()))


@lru_cache(maxsize=256)
def _definitions(indicator: str, area: str, _digest: str) -> tuple[Definition, ...]:
    return tuple(facts.definition(indicator, one) for one, _ in facts.load_each_definition(indicator, area))


@lru_cache(maxsize=256)
def _days(indicator: str, area: str, definition: str, _digest: str) -> tuple[str, ...]:
    return tuple(str(day) for day in facts.releases(indicator, area, definition))


@lru_cache(maxsize=1)
def _pairs_of(_digest: str) -> pd.DataFrame:
    tables = facts.open_package().tables
    whole = [tables[name][["area", "indicator"]] for name in ("observations", "targets")]
    return pd.concat(whole).drop_duplicates()


def _pairs() -> pd.DataFrame:
    return _pairs_of(facts.digest())


def look(question: Question) -> View:
    """Answer a question of the explorer with the tables, sentences and sources of one view.

    The growth of the whole changes one number only, so that everything else is taken from the last answers.
    """
    view = _answer(replace(question, growth=0.0), facts.digest())
    return replace(view, needed=_growth(view.history, view.goal, view.indicator, question.growth))


@lru_cache(maxsize=64)
def _answer(question: Question, _digest: str) -> View:
    subject, place = facts.find_indicator(question.indicator), facts.find_area(question.area)
    history, targets = _loaded(*_key(question))
    goals = _goals(targets, question)
    fan, paths = _ahead(*_key(question), analysis.years_ahead(history, goals))
    record = _record(history, goals, subject, question)
    panel = analysis.judge(history, analysis.still_open(goals, record), subject)
    said = [
        findings.summary(record, indicator=subject, area=place),
        *findings.judgement(record, indicator=subject, area=place),
        *findings.limits(history, indicator=subject, area=place),
    ]
    goal = _ahead_of(record)
    sources = [facts.source(one) for one in dict.fromkeys(history["source"]) if one]
    return View(
        subject, place, history, goals, fan, panel, goal, _chances(paths, goal), list(dict.fromkeys(said)), sources,
        None,
    )


def _record(history: pd.DataFrame, goals: pd.DataFrame, subject: Indicator, question: Question) -> pd.DataFrame:
    """Return the judgement of the targets looked at, standing where the question stands."""
    last = int(history["year"].max()) if len(history) else 0
    day = dt.date.fromisoformat(question.as_of) + dt.timedelta(1) if question.as_of else None
    year = question.through or max(last, day.year - 1 if day else last)
    known = assessing.evidence_of(history, goals, subject, question.area, year, question.as_of or None)
    record = analysis.assess(goals, subject, known).assign(area=question.area)
    return record.assign(successor_vi="", successor_en="")


def _key(question: Question) -> tuple[Any, ...]:
    asked = (question.indicator, question.area, question.definition, question.as_of or None, question.through)
    return (*asked, facts.digest())


@lru_cache(maxsize=64)
def _loaded(
    indicator: str, area: str, definition: str, day: str | None, through: int | None, _digest: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    history = facts.load_history(indicator, area, definition, day, through=through)
    return history, facts.load_targets(indicator, area, day)


@lru_cache(maxsize=64)
def _ahead(
    indicator: str, area: str, definition: str, day: str | None, through: int | None, digest: str, ahead: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    history, _ = _loaded(indicator, area, definition, day, through, digest)
    given = {"bounds": facts.find_indicator(indicator).bounds}
    given |= {"peers": facts.load_peers(history, as_of=day, through=through)}
    fan = forecasting.forecast(history, ahead, **given)
    return fan, forecasting.forecast_paths(history, ahead, n_paths=PATHS, **given)


def _goals(targets: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Return the targets of the documents, or the one target the researcher tries out."""
    if question.target is None:
        return targets
    own = pd.DataFrame({"indicator": [question.indicator], "area": [question.area]})
    subject = facts.find_indicator(question.indicator)
    return own.assign(year=question.target_year, value=question.target, comparator="<=" if subject.direction < 0
                      else ">=", unit=subject.unit)


def _ahead_of(record: pd.DataFrame) -> pd.Series | None:
    """Return the next target after the last figure, else the last one: the one whose chances are drawn."""
    asked = record[record["target"].notna() & record["figure"].notna()]
    ahead = asked[asked["target_year"] > asked["figure_year"]]
    return None if asked.empty else ahead.iloc[0] if len(ahead) else asked.iloc[-1]


def _chances(paths: pd.DataFrame, goal: pd.Series | None) -> np.ndarray:
    """Return equally likely values of the target's year; none where one figure alone, or none, is known."""
    if goal is None or goal["n"] < 2:
        return np.array([])
    values = paths.loc[paths["year"] == goal["target_year"], "value"]
    return np.quantile(values, (np.arange(DOTS) + 0.5) / DOTS) if len(values) else np.array([])


def _growth(history: pd.DataFrame, goal: pd.Series | None, subject: Any, growth: float) -> float | None:
    """Return the yearly growth the part needs when the whole grows as assumed; none where it is no share."""
    if goal is None or not subject.share_of_en or not len(history):
        return None
    last, years = float(history["value"].iloc[-1]), float(goal["target_year"] - history["year"].iloc[-1])
    if years <= 0 or last <= 0 or last >= goal["target"]:
        return None
    return required_growth(last, float(goal["target"]), years, growth / 100)
