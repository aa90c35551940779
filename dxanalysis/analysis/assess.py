"""One judgement per target: its state, the distance, what the evidence allows, and the outlook, in one record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import pandas as pd

from .evidence import (
    DATED,
    FULL_FORECAST,
    PACE_FROM,
    PACED,
    Evidence,
    Precedent,
    bounded_outcome,
    caveats_of,
    doubt,
    kind_of_figure,
    noise,
    release_range,
    rung_of,
)
from .pace import is_met, sense
from .sensitivity import said_by_families
from .series import cagr, comparable_run, read_history
from .shares import nominal_growth, required_growth

STATES = ("no_target_held", "no_figure_held", "met", "missed", "cannot_tell", "due", "at_level", "open")
CLOSED = ("met", "missed", "cannot_tell")

_WHO = ("indicator", "kind", "definition", "area", "year", "as_of")
_TEXTS = ("document", "document_vi", "document_en", "document_id", "scope", "lead", "comparator")
_TARGET = (*_TEXTS[:-1], "target_year", "target", "target_high", "comparator", "unit", "direction", "lower", "upper")
_FIGURE = (
    "state", "figure", "figure_year", "figure_kind", "source", "caveats", "missing", "noise", "n", "rung", "releases",
    "release_low", "release_high",
)
_OUTLOOK = (
    "outlook", "outlook_low", "outlook_high", "word", "basis", "basis_count", "basis_class", "precedent_share",
    "precedent_bound", "precedent_episodes", "precedent_half", "precedent_fastest", "median", "low", "high",
    "expected_year", "expected_low", "expected_high",
)
_PACE = (
    "years_left", "required_per_year", "observed_per_year", "observed_from", "required_growth", "observed_growth",
    "whole_growth", "growth_basis", "growth_from",
    "growth_to",
)
_METHODS = ("step", "agree", "judged", "families", "abstained", "sensitivity", "robust", "reason")
ASSESSMENT_COLUMNS = (*_WHO, *_TARGET, *_FIGURE, *_OUTLOOK, *_PACE, *_METHODS, "known_on", "successor")

#: Growth of the whole that is supposed where the observed nominal growth is not held: about Viet Nam's real growth.
ASSUMED_GROWTH = 0.08
_LIKELIHOOD = (
    (0.99, "virtually_certain"), (0.90, "very_likely"), (0.66, "likely"), (0.33, "even"), (0.10, "unlikely"),
    (0.01, "very_unlikely"), (0.0, "exceptionally_unlikely"),
)


class IndicatorRecord(Protocol):
    """What the judgement must know of an indicator."""

    id: str
    unit: str
    direction: int
    lower: float | None
    upper: float | None
    kind: str
    evidence_class: str


def assess(targets: pd.DataFrame, indicator: IndicatorRecord, evidence: Evidence) -> pd.DataFrame:
    """Judge every target of one indicator in one area; this is the only place where a conclusion is drawn.

    Parameters
    ----------
    targets : DataFrame
        The targets table (year, value; with comparator, value_high, definition, document, document_date, caveats
        where they are known). Without rows the answer is one row in the state ``no_target_held``.
    indicator : record
        With id, unit, direction, bounds, kind and evidence_class.
    evidence : Evidence
        What is known.

    Returns
    -------
    DataFrame
        One row per target with `ASSESSMENT_COLUMNS`. `state`: no_target_held; no_figure_held; met, missed (the
        target's year has a figure of that year); cannot_tell (it has one that settles nothing, `reason` says why);
        due (the year is over, its figure is not held); at_level (open, the latest figure is already there); open.
        `missing` is signed, in the unit of the indicator and the direction of the target: above 0 still missing, below
        0 surplus. `n` counts comparable figures, `rung` the step of the ladder of evidence (none, level, direction,
        pace, forecast). `outlook` is the probability that the target is met in its year; on fewer than six figures
        only a band (`outlook_low`, `outlook_high`) where it would be sharper than one in ten. `step`, `agree` and
        `judged` count families of published methods and speak of open targets only.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> share = SimpleNamespace(id="share", unit="percent", direction=1, lower=0.0, upper=100.0, kind="flow_share",
    ...                         evidence_class="economic_share")
    >>> seen = pd.DataFrame({"area": "vn", "year": [2023, 2024, 2025], "value": [12.87, 13.17, 14.02]})
    >>> goals = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0], "comparator": ">="})
    >>> record = assess(goals, share, Evidence(seen, 2025))
    >>> record[["target_year", "state", "missing", "rung"]].round(2).values.tolist()
    [[2025, 'missed', 5.98, 2], [2030, 'open', 15.98, 2]]
    """
    return assessment_of(judged_rows(targets, indicator, evidence))


def judged_rows(
    targets: pd.DataFrame, indicator: IndicatorRecord, evidence: Evidence
) -> list[dict[str, object]]:
    """Return the judgements of `assess` as records, without the columns that say nothing of them."""
    history = evidence.history
    if len(history):
        history = read_history(history)
        history = history[history["year"] <= evidence.year].reset_index(drop=True)
    goals = list(targets.sort_values("year").to_dict("records")) if len(targets) else []
    rows = [_judged(goal, indicator, evidence, history) for goal in goals]
    if rows:
        return rows
    gone = evidence.successor if evidence.ended and evidence.ended <= f"{evidence.year}-12-31" else ""
    bare = {"state": "no_target_held", "successor": gone}
    return [_about(indicator, evidence, history) | bare | _figure(history, evidence)]


def assessment_of(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Return records of `judged_rows` as one assessment; of none an assessment without rows.

    >>> len(assessment_of([])), assessment_of([{"state": "open", "n": 3}])["judged"].tolist()
    (0, [0])
    """
    empty: dict[str, object] = dict.fromkeys(ASSESSMENT_COLUMNS, math.nan)
    texts = ("definition", "as_of", *_TEXTS, "figure_kind", "source", "word", "basis", "basis_class", "growth_basis",
             "step", "reason", "known_on", "successor")
    empty |= dict.fromkeys(texts, "") | dict.fromkeys(("caveats", "families", "abstained", "precedent_fastest"), ())
    empty |= {"n": 0, "rung": 0, "agree": 0, "judged": 0, "robust": False, "basis_count": 0, "releases": 0}
    table = pd.DataFrame([empty | dict(row) for row in rows], columns=list(ASSESSMENT_COLUMNS))
    whole = ("target_year", "figure_year", "years_left", "expected_year", "expected_low", "expected_high",
             "observed_from", "growth_from", "growth_to", "precedent_episodes")
    return table.astype(dict.fromkeys(whole, "Int64") | {"robust": "bool"})


def _about(indicator: IndicatorRecord, evidence: Evidence, history: pd.DataFrame) -> dict[str, object]:
    own = evidence.history
    named = {name: str(own[name].iloc[-1]) if name in own and len(own) else "" for name in ("definition", "area")}
    return named | {
        "indicator": indicator.id, "kind": indicator.kind, "unit": indicator.unit, "direction": indicator.direction,
        "lower": indicator.lower, "upper": indicator.upper, "year": evidence.year, "as_of": evidence.as_of,
        "n": (count := len(comparable_run(history)) if len(history) else 0), "rung": rung_of(count),
    }


def _judged(
    goal: Mapping[str, object], indicator: IndicatorRecord, evidence: Evidence, history: pd.DataFrame
) -> dict[str, object]:
    """Return the record of one target."""
    row = _about(indicator, evidence, history) | _target(goal, indicator)
    row["area"] = row["area"] or str(goal.get("area") or "")
    until = history[history["year"] <= int(goal["year"])]
    if not len(history):
        return row | {"state": "no_figure_held"} | _ended(goal, evidence)
    seen = until if len(until) else history  # only figures of later years are held: the first of them says most
    row |= _figure(seen if len(until) else history.head(1), evidence)
    row |= {"n": (count := len(comparable_run(seen))), "rung": rung_of(count)}
    row["missing"] = _missing(float(row["figure"]), goal, indicator.direction)
    row["known_on"] = max(str(row["known_on"]), str(goal.get("document_date") or ""))
    row |= _state(row, goal, indicator, evidence)
    if row["state"] in CLOSED:  # a target that ended with its area has no outcome to rest on
        return row | {"basis": "" if row.get("reason") == "area_ended" else "observed"}
    row |= _outlook(row, evidence, indicator, seen)
    if row["state"] != "open":
        return row | ({"years_left": 0} if row["state"] == "due" else {"years_left": _left(row)})
    return row | _pace(row, indicator, evidence, seen) | said_by_families(seen, goal, indicator, evidence, row["noise"])


def _target(goal: Mapping[str, object], indicator: IndicatorRecord) -> dict[str, object]:
    high = goal.get("value_high")
    texts = {name: str(goal.get(name) or "") for name in _TEXTS}
    return texts | {
        "target_year": int(goal["year"]), "target": float(goal["value"]),
        "target_high": math.nan if high in (None, "") else float(high),
        "unit": str(goal.get("unit") or indicator.unit),
    }


def _figure(seen: pd.DataFrame, evidence: Evidence) -> dict[str, object]:
    """Return the figure judged: the last one of the rows given, with all that must be said with it."""
    if not len(seen):
        return {}
    last = seen.iloc[-1].to_dict()
    codes = caveats_of(last)
    definition, area, year = str(last["definition"]), str(last["area"]), int(last["year"])
    count, low, high = release_range(evidence.reports, definition, area, year)
    return {
        "figure": float(last["value"]), "figure_year": year, "figure_kind": kind_of_figure(last, codes),
        "source": str(last.get("source") or ""), "caveats": codes, "noise": noise(evidence.reports, definition, area),
        "releases": count, "release_low": low, "release_high": high, "known_on": str(last.get("vintage") or ""),
    }


def _missing(figure: float, goal: Mapping[str, object], direction: int) -> float:
    """Return the distance still to go, above 0 while it is missing, in the direction the target asks for."""
    target = float(goal["value"])
    sign = sense(str(goal.get("comparator") or ""), direction)
    return round(sign * (target - figure) if sign else abs(target - figure), 10)


def _state(
    row: dict[str, object], goal: Mapping[str, object], indicator: IndicatorRecord, evidence: Evidence
) -> dict[str, object]:
    """Return the state of a target of which a figure is held, and why it cannot be told."""
    figure, year, comparator = float(row["figure"]), int(goal["year"]), str(row["comparator"])
    there = is_met(figure, float(goal["value"]), indicator.direction, comparator)
    if _ended(goal, evidence):
        return {"state": "cannot_tell"} | _ended(goal, evidence)
    if year > evidence.year:
        return {"state": "at_level" if there else "open"}
    if row["figure_year"] != year:
        return {"state": "due"}
    about = {"definition": str(row["definition"]), "noise": float(row["noise"]), "unit": indicator.unit}
    why = doubt(figure, goal, row["caveats"], **about)
    sign = sense(comparator, indicator.direction)
    why = why or (bounded_outcome(figure, float(goal["value"]), row["caveats"], sign) and "bound_only")
    return {"state": "cannot_tell", "reason": why} if why else {"state": "met" if there else "missed"}


def _ended(goal: Mapping[str, object], evidence: Evidence) -> dict[str, object]:
    """Return the successor of an area that was no more at the end of the target's year, and why nothing is told."""
    ended = evidence.ended
    if not ended or ended > f"{evidence.year}-12-31" or ended >= f"{int(goal['year'])}-12-31":
        return {}
    return {"reason": "area_ended", "successor": evidence.successor}


def _left(row: Mapping[str, object]) -> int:
    return int(row["target_year"]) - int(row["figure_year"])


# ---------------------------------------------------------------- the outlook


def _outlook(
    row: dict[str, object], evidence: Evidence, indicator: IndicatorRecord, seen: pd.DataFrame
) -> dict[str, object]:
    """Return what may be said of the target's year: a precedent, the forecast's probability, or nothing.

    On one to three figures of a share only the words of its reference class hold; the forecaster's own probability is
    part of their bound already. Standing still, many figures tell of no speed, as one does.
    """
    found = _forecast(row, evidence, indicator)
    probability = float(found.pop("_probability", math.nan))
    given = evidence.precedents.get(int(row["target_year"]))
    if row["n"] < PACE_FROM and given is not None and given.episodes:
        return found | _precedent(given)
    if not math.isfinite(probability):
        return found
    if indicator.kind == "growth_rate":  # it swings and has no trend; the forecast would carry its latest swing on
        return found | _one_word_weaker(row, probability)
    if row["n"] >= FULL_FORECAST and (found["basis"] == "panel" or comparable_run(seen)["value"].nunique() > 1):
        return found | _numbers(probability)
    if row["n"] >= PACE_FROM:
        return found | _no_sharper_than_a_tenth(probability)
    return found | _one_word_weaker(row, probability)


def _forecast(row: dict[str, object], evidence: Evidence, indicator: IndicatorRecord) -> dict[str, object]:
    table = evidence.attainment
    if not len(table):
        return {}
    same = (table["target_year"] == row["target_year"]) & (table["target"] == row["target"])
    same &= table["last_year"] == row["figure_year"]
    if not same.any():
        return {}
    one = table[same].iloc[0]
    found = {name: float(one[name]) for name in ("median", "low", "high") if pd.notna(one[name])}
    if pd.isna(one["probability"]):
        return found
    basis = "panel" if one.get("basis") == "panel" else "own_series" if row["n"] >= PACE_FROM else "learned"
    found |= {"_probability": float(one["probability"]), "basis": basis, "basis_count": int(one.get("basis_count", 0))}
    if row["state"] == "open" and indicator.kind in DATED and row["n"] >= PACE_FROM:
        years = zip(("expected_year", "expected_year_low", "expected_year_high"),
                    ("expected_year", "expected_low", "expected_high"), strict=True)
        found |= {name: int(one[given]) for given, name in years if pd.notna(one[given])}
    return found


def _precedent(given: Precedent) -> dict[str, object]:
    """Return the share of precedents, and the one-sided word where their bound allows one."""
    bands = {"very_unlikely": (0.0, 0.1), "unlikely": (0.0, 0.33), "very_likely": (0.9, 1.0)}
    low, high = bands.get(given.word, (math.nan, math.nan))
    return {
        "precedent_share": float(given.share), "precedent_bound": float(given.bound),
        "precedent_episodes": int(given.episodes), "precedent_half": float(given.half),
        "precedent_fastest": tuple(given.fastest), "basis_class": given.basis, "basis": "reference_class",
        "basis_count": int(given.episodes), "word": given.word, "outlook_low": low, "outlook_high": high,
    }


def _numbers(probability: float) -> dict[str, object]:
    return {"outlook": probability, "outlook_low": probability, "outlook_high": probability,
            "word": _word(probability)}


def _one_word_weaker(row: dict[str, object], probability: float) -> dict[str, object]:
    """Return the outlook of a growth rate, or of one to three figures of no class: never sharper than "below 33 %".

    The words of short series were measured for shares of a known class only, so that here each is one word weaker.
    """
    if row["missing"] > 0 and probability < 0.1:
        return {"outlook_low": 0.0, "outlook_high": 0.33, "word": "unlikely"}
    if row["missing"] <= 0 and probability > 0.9:
        return {"outlook_low": 0.66, "outlook_high": 1.0, "word": "likely"}
    return {"outlook_low": 0.1, "outlook_high": 0.9}


def _no_sharper_than_a_tenth(probability: float) -> dict[str, object]:
    if probability < 0.1:
        return {"outlook_low": 0.0, "outlook_high": 0.1, "word": "very_unlikely"}
    if probability > 0.9:
        return {"outlook_low": 0.9, "outlook_high": 1.0, "word": "very_likely"}
    return _numbers(probability)


def _word(probability: float) -> str:
    return next(word for least, word in _LIKELIHOOD if probability >= least)


# ---------------------------------------------------------------- the pace


def _pace(
    row: dict[str, object], indicator: IndicatorRecord, evidence: Evidence, seen: pd.DataFrame
) -> dict[str, object]:
    """Return what an open target asks for a year, and what was observed; nothing for kinds without a pace."""
    left, run = _left(row), comparable_run(seen)
    found: dict[str, object] = {"years_left": left}
    if indicator.kind not in PACED and indicator.kind != "rank":
        return found
    found["required_per_year"] = (float(row["target"]) - float(row["figure"])) / left
    span = int(run["year"].iloc[-1] - run["year"].iloc[0])
    if span and row["n"] >= 2:
        found["observed_per_year"] = float(run["value"].iloc[-1] - run["value"].iloc[0]) / span
        found["observed_from"] = int(run["year"].iloc[0])
    return found | (_growth(row, indicator, evidence, run, left) if indicator.kind in PACED else {})


def _growth(
    row: dict[str, object], indicator: IndicatorRecord, evidence: Evidence, run: pd.DataFrame, left: int
) -> dict[str, object]:
    """Return compound growth needed and observed: of the numerator of a share of money, else of the value itself."""
    figure, target = float(row["figure"]), float(row["target"])
    if not figure > 0 or not target > 0:
        return {}
    first, span = float(run["value"].iloc[0]), int(run["year"].iloc[-1] - run["year"].iloc[0])
    own = cagr(first, figure, span) if span else math.nan
    if indicator.kind in ("cumulative_count", "amount"):
        return {"required_growth": cagr(figure, target, left), "observed_growth": own, "growth_basis": "own"}
    if indicator.evidence_class != "economic_share":
        return {}
    observed = nominal_growth(evidence.whole, int(row["figure_year"]))
    if observed is None:
        growth = {"whole_growth": ASSUMED_GROWTH, "growth_basis": "assumed"}
    else:
        growth = {"whole_growth": observed[0], "growth_basis": "observed", "growth_from": observed[1],
                  "growth_to": observed[2]}
        if span and (int(run["year"].iloc[0]), int(row["figure_year"])) == observed[1:]:
            growth["observed_growth"] = (1 + own) * (1 + observed[0]) - 1
    return growth | {"required_growth": required_growth(figure, target, left, float(growth["whole_growth"]))}
