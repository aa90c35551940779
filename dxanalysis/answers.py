"""Answer settled questions: forecasts, attainment and verdicts of each case, with the paragraph that tells them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dxanalysis import facts
from dxanalysis.facts.understand.frames import as_targets
from dxanalysis.results import Result, result
from dxanalysis.subjects import Case, area_of, known, peers_of, printed

SHORT = ("judged_", "outlook", "precedent", "chance")  # state, outlook and basis; pace and methods stand in the table


def reach(case: Case) -> int:
    """Return the years ahead of a forecast: five, or up to the last target of a catalogued series."""
    from dxanalysis import analysis

    indicator, area = known(case.history, "indicator"), known(case.history, "area")
    goals = facts.load_targets(indicator, area) if indicator and area else as_targets({})
    return analysis.years_ahead(case.history, goals)


def fan(case: Case, horizon: int, peers: pd.DataFrame | None, options: dict[str, Any]) -> pd.DataFrame:
    """Return the forecast of a case as quantiles per year; what the other reading would give is noted."""
    from dxanalysis.forecasting import forecast

    table = forecast(case.history, horizon, bounds=case.subject.bounds, peers=peers, **options)
    if case.other and len(table) and len(case.history):
        other = forecast(case.history, horizon, bounds=_bounds(case), peers=peers, **options)
        _note_other(case, *(_end(one, case.size) for one in (table, other)))
    return case.scaled_back(table, "value")


def _bounds(case: Case) -> tuple[float, float]:
    _, lower, upper = case.other
    return lower / case.size, upper / case.size


def _end(table: pd.DataFrame, size: float) -> tuple[str, str]:
    """Return the upper end of a forecast in both languages."""
    last = table[table["year"] == table["year"].max()].sort_values("quantile").iloc[-1]
    value = float(last["value"]) * size
    level = round(float(last["quantile"]) * 100, 1)
    about = {"value": value, "level": level, "year": int(last["year"])}
    vietnamese, english = "mức {level} % năm {year} là {value}", "the {level} % level of {year} is {value}"
    return printed(vietnamese, "vi", **about), printed(english, "en", **about)


def _note_other(case: Case, this: tuple[str, str], that: tuple[str, str]) -> None:
    from dxanalysis.subjects import WORDS

    name = case.other[0]
    case.note("plain", this=this, that=that, other=WORDS[name], unit="percent" if name == "percent" else "share")


def reached(case: Case, peers: pd.DataFrame | None, n_paths: int) -> pd.DataFrame:
    """Return the attainment of the targets of a case, with what the record of judgements says of each."""
    table = _attainment(case, case.subject.bounds, peers, n_paths)
    if case.other and len(table) and table["probability"].notna().any():
        other = _attainment(case, _bounds(case), peers, n_paths)
        _note_other(case, *(_chance(one, case.size) for one in (table, other)))
    table = case.scaled_back(table, "target", "median", "low", "high", "shortfall", "last")
    return _as_judged(table, judgement_of(case, peers)) if len(case.history) else table


def _as_judged(table: pd.DataFrame, record: pd.DataFrame) -> pd.DataFrame:
    """Put the record's word in the place of a bare probability; the forecaster's own stays in the column `chance`."""
    said = record.drop_duplicates("target_year").set_index("target_year").loc[table["target_year"]]
    said = said.set_axis(table.index)
    open_ = ~said["state"].isin(["met", "missed"])
    verdict = table["verdict"].mask(said["state"] == "cannot_tell", "not_available")
    more = {name: said[name] for name in ("state", "word", "outlook_low", "outlook_high", "basis")}
    return table.assign(chance=table["probability"], probability=table["probability"].mask(open_, said["outlook"]),
                        verdict=verdict, reason=table["reason"].where(said["reason"] == "", said["reason"]), **more)


def _attainment(case: Case, bounds: Any, peers: pd.DataFrame | None, n_paths: int) -> pd.DataFrame:
    """Return the attainment of a case: the chance read off the forecast as in the record, the year off its paths."""
    from dxanalysis import analysis
    from dxanalysis.assessing import FINE_LEVELS, SEARCH_END
    from dxanalysis.forecasting import forecast, forecast_paths

    until = max(SEARCH_END, *(int(year) for year in case.goals["year"]), 0)
    ahead = analysis.years_ahead(case.history, case.goals, until=until)
    paths = forecast_paths(case.history, ahead, n_paths=n_paths, bounds=bounds, peers=peers)
    years = analysis.years_ahead(case.history, case.goals)
    fan = forecast(case.history, years, bounds=bounds, peers=peers, quantiles=FINE_LEVELS)
    return analysis.attainment(paths, case.goals, case.history, direction=case.subject.direction, forecast=fan)


def _chance(table: pd.DataFrame, size: float) -> tuple[str, str]:
    row = table[table["probability"].notna()].iloc[-1]
    about = {"chance": round(float(row["probability"]), 2), "target": float(row["target"]) * size}
    about |= {"year": int(row["target_year"])}
    vietnamese, english = "xác suất {chance} cho {target} năm {year}", "probability {chance} for {target} in {year}"
    return printed(vietnamese, "vi", **about), printed(english, "en", **about)


def verdicts(case: Case) -> pd.DataFrame:
    """Return the verdict of every published method on the targets of a case."""
    from dxanalysis import analysis

    return case.scaled_back(analysis.judge(case.history, case.goals, case.subject), "target", "projected")


def told(kind: str, cases: list[Case], parts: list[pd.DataFrame], lang: str, peers: Any = "auto") -> Result:
    """Return the answers of all cases as one table that shows itself in a language."""
    from dxanalysis.briefing.numbers import language

    at = 0 if language(lang) == "vi" else 1
    table = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    notes = [note[at] for case in cases for note in case.notes]
    both = zip(cases, parts, strict=True)
    summary = [line for case, part in both for line in _paragraph(kind, case, part, lang, peers)]
    return result(kind, table, lang, summary, notes, cases[0].subject)


def _paragraph(kind: str, case: Case, part: pd.DataFrame, lang: str, peers: Any) -> list[str]:
    """Return what a result says in a sentence or two: the forecast, or state, outlook and basis of each target."""
    from dxanalysis.briefing import findings

    area = area_of(case.history.assign(area=case.area) if case.area else case.history, None)
    if not len(case.history):
        return []
    if kind == "forecast":
        history = case.scaled_back(case.history, "value")
        return [one.text(lang) for one in findings.forecast(part, history, indicator=case.subject, area=area)][:2]
    record = judgement_of(case, peers_of(case.history, peers)).assign(area=area.id)
    said = findings.judgement(record, indicator=case.subject, area=area)
    name = f"{getattr(area, f'name_{lang}')}: " if case.area else ""
    return [name + one.text(lang) for one in said if one.key.startswith(SHORT)]


def judgement_of(case: Case, peers: pd.DataFrame | None) -> pd.DataFrame:
    """Return the judgement of the targets of a case: one row per target, the record that pages read."""
    from dxanalysis.assessing import assess_table

    history = case.history.assign(value=case.history["value"] * case.size)
    goals = case.goals.assign(value=case.goals["value"] * case.size)
    if "comparator" not in goals:
        goals = goals.assign(comparator="<=" if case.subject.direction < 0 else ">=")
    return assess_table(history, goals, case.subject, history[:0] if peers is None else peers)
