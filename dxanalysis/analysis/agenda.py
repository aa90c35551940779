"""Every target of one area on one page: level, gap, required pace, verdict and grade, one row per indicator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from .growth import evidence_grade
from .pace import required_pace
from .panel import agreement, judge

AGENDA_COLUMNS = (
    "indicator", "definition", "target_year", "target", "comparator", "last_year", "last", "status", "gap",
    "required_per_year", "years_left", "step", "agree", "judged", "grade", "reason",
)
ORDER = ("missed", "moving_away", "limited_progress", "acceleration_needed", "on_track", "achieved", "not_available")


def agenda_table(
    histories: pd.DataFrame, targets: pd.DataFrame, indicators: Sequence[Any], *, year: int
) -> pd.DataFrame:
    """Judge every target of an area, one row per indicator and target year.

    Parameters
    ----------
    histories : DataFrame
        Histories of many indicators in one area, one under another.
    targets : DataFrame
        Their targets, with `indicator`.
    indicators : sequence of objects
        With id, direction, lower and upper.
    year : int
        The year at whose end one stands. A target year that has passed is settled by the figure of that year, else it
        is "not_available" with the reason "not_observed_in_year".

    Returns
    -------
    DataFrame
        indicator, definition, target_year, target, comparator, last_year, last, status, gap, required_per_year,
        years_left, step (the most frequent verdict of the published methods, or achieved / missed), agree, judged,
        grade, reason; missed and receding targets first, those without a figure last.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> share = SimpleNamespace(id="share", direction=1, lower=0.0, upper=100.0)
    >>> seen = pd.DataFrame({"indicator": "share", "area": "here", "year": [2021, 2024], "value": [3.0, 25.0]})
    >>> goals = pd.DataFrame({"indicator": "share", "area": "here", "year": [2025], "value": [20.0]})
    >>> agenda_table(seen, goals, [share], year=2024)[["gap", "step", "grade"]].values.tolist()
    [[-5.0, 'achieved', 'direction']]
    >>> agenda_table(seen[:0], goals, [share], year=2024)[["step", "reason"]].values.tolist()
    [['not_available', 'no_data']]
    """
    parts = [
        _of_one(histories[histories["indicator"] == one.id], targets[targets["indicator"] == one.id], one, year)
        for one in indicators
    ]
    found = [part for part in parts if len(part)]
    if not found:
        return pd.DataFrame(columns=list(AGENDA_COLUMNS))
    table = pd.concat(found, ignore_index=True)
    order = table["step"].map({step: place for place, step in enumerate(ORDER)})
    nothing = table["last"].isna()
    ranked = table.assign(_none=nothing, _order=order).sort_values(["_none", "_order", "target_year", "indicator"])
    return ranked[list(AGENDA_COLUMNS)].reset_index(drop=True)


def next_targets(agenda: pd.DataFrame, year: int) -> pd.DataFrame:
    """Keep one row per indicator: its first target from `year` on, or the last one where all are past.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["a", "a", "b"], "target_year": [2025, 2030, 2022]})
    >>> next_targets(rows, 2026).values.tolist()
    [['a', 2030], ['b', 2022]]
    """
    past = agenda["target_year"].astype("float64") < year
    distance = (agenda["target_year"].astype("float64") - year).abs()
    ordered = agenda.assign(_past=past, _distance=distance).sort_values(["_past", "_distance"], kind="stable")
    kept = ordered.drop_duplicates("indicator").index
    return agenda.loc[agenda.index.isin(kept)].reset_index(drop=True)


def _of_one(history: pd.DataFrame, targets: pd.DataFrame, indicator: Any, year: int) -> pd.DataFrame:
    if not len(targets):
        return pd.DataFrame(columns=list(AGENDA_COLUMNS))
    pace = required_pace(history, targets, direction=indicator.direction, year=year)
    agreed = agreement(judge(history, targets, indicator)).set_index("target_year")
    grade = evidence_grade(history) if len(history) else "none"
    status = str(history["status"].iloc[-1]) if len(history) and "status" in history else ""
    rows = [_row(one, agreed, grade, status, indicator.id, year) for _, one in pace.iterrows()]
    return pd.DataFrame(rows, columns=list(AGENDA_COLUMNS)).astype({"last": "float64", "gap": "float64"})


def _row(
    pace: pd.Series, agreed: pd.DataFrame, grade: str, status: str, indicator: str, year: int
) -> dict[str, object]:
    row = {name: pace[name] for name in AGENDA_COLUMNS if name in pace.index}
    row |= {"indicator": indicator, "grade": grade, "status": status, "agree": 0, "judged": 0, "step": "not_available"}
    if pd.isna(pace["last"]):
        return row | {"reason": "no_data"}
    if bool(pace["met"]):
        return row | {"step": "achieved"}
    if pace["target_year"] <= pace["last_year"]:
        return row | {"step": "missed", "reason": "target_year_past"}
    if pace["target_year"] <= year:
        return row | {"reason": "not_observed_in_year", "required_per_year": math.nan}
    if pace["target_year"] not in agreed.index:
        return row
    said = agreed.loc[pace["target_year"]]
    return row | {"step": str(said["step"]), "agree": said["agree"], "judged": said["judged"]}
