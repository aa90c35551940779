"""Answer settled questions: forecasts, attainment, verdicts and pictures of a case, and how a result shows itself."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from dxanalysis import analysis, facts
from dxanalysis.analysis.pace import read_targets
from dxanalysis.analysis.series import read_history
from dxanalysis.facts import Area, Indicator
from dxanalysis.facts.understand.frames import as_targets
from dxanalysis.facts.understand.reading import Question, Unclear
from dxanalysis.subjects import WORDS, Case, area_of, known, peers_of, printed, sources_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


SLIM = {
    "attainment": ("area", "target_year", "target", "median", "low", "high", "outlook_low", "outlook_high",
                   "expected_year", "state"),
    "judge": ("area", "target_year", "target", "method", "status", "step"),
    "forecast": ("area", "year", "quantile", "value"),
    "precedents": ("area", "target_year", "target", "level", "share", "episodes", "areas", "word"),
}
ROWS = 12


class Result(pd.DataFrame):
    """A table of results; `table` is the plain DataFrame, and any operation on it gives a plain one, too.

    In a notebook and when printed it shows a paragraph (``attrs["summary"]``), what was inferred or left out
    (``attrs["notes"]``), and the columns a reader needs.
    """

    # The record of what is measured stays with this object alone: attributes of a table must be plain data.
    _internal_names = [*pd.DataFrame._internal_names, "subject"]  # noqa: RUF012
    _internal_names_set = frozenset(_internal_names)

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """Return the whole table as a plain DataFrame."""
        return pd.DataFrame(self)

    def slim(self) -> pd.DataFrame:
        """Return the columns and the first rows that a reader needs."""
        held = [name for name in self.attrs.get("columns", ()) if name in self.columns]
        return pd.DataFrame(self)[held or list(self.columns)].head(ROWS)

    def _repr_html_(self) -> str:
        told = [*self.attrs.get("summary", ()), *self.attrs.get("notes", ())]
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in told)
        return f"<div>{lines}{_marked(self)}</div>"

    def __repr__(self) -> str:
        told = [*self.attrs.get("summary", ()), *self.attrs.get("notes", ())]
        return "\n".join([*told, self.slim().to_string(index=False)])


def _marked(result: Result) -> str:
    from dxanalysis.briefing import tables

    slim = result.slim()
    try:
        body = tables.to_html(slim, result.attrs.get("lang", "vi"), indicator=getattr(result, "subject", None))
    except (KeyError, ValueError, TypeError, AttributeError):  # a table the briefing has no words for
        body = slim.to_html(index=False)
    return body


def result(
    kind: str, table: pd.DataFrame, lang: str, summary: Sequence[str], notes: Sequence[str], subject: Any
) -> Result:
    """Return a table of results with its paragraph, its notes and the columns to show."""
    found = Result(table)
    found.subject = subject
    found.attrs = {"summary": list(dict.fromkeys(summary)), "notes": list(dict.fromkeys(notes)), "lang": lang}
    found.attrs["columns"] = list(SLIM[kind])
    return found


SHORT = ("judged_", "outlook", "precedent", "chance")  # state, outlook and basis; pace and methods stand in the table


def reach(case: Case) -> int:
    """Return the years ahead of a forecast: five, or up to the last target of a catalogued series."""
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
    name = case.other[0]
    case.note("plain", this=this, that=that, other=WORDS[name], unit="percent" if name == "percent" else "share")


def reached(case: Case, peers: pd.DataFrame | None) -> pd.DataFrame:
    """Return what the record of judgements says of the targets of a case; the forecaster's own number is `chance`."""
    table = analysis.attainment_of(record := judgement_of(case, peers)).assign(state=record["state"])
    if len(case.history):
        told = _chances(case, case.subject, peers)
        if case.other and told["probability"].notna().any():
            other = _chances(case, replace(case.subject, lower=_bounds(case)[0], upper=_bounds(case)[1]), peers)
            _note_other(case, *(_chance(one, case.size) for one in (told, other)))
        table = table.assign(chance=table["target_year"].map(told.set_index("target_year")["probability"]))
    return table.assign(area=case.area) if case.area else table


def _chances(case: Case, subject: Indicator, peers: pd.DataFrame | None) -> pd.DataFrame:
    from dxanalysis.assessing import chances_of

    history = read_history(case.history)
    found = chances_of(history, read_targets(case.goals), subject, history[:0] if peers is None else peers)
    return found if len(found) else pd.DataFrame(columns=["target_year", "target", "probability"])


def _chance(table: pd.DataFrame, size: float) -> tuple[str, str]:
    row = table[table["probability"].notna()].iloc[-1]
    about = {"chance": round(float(row["probability"]), 2), "target": float(row["target"]) * size}
    about |= {"year": int(row["target_year"])}
    vietnamese, english = "xác suất {chance} cho {target} năm {year}", "probability {chance} for {target} in {year}"
    return printed(vietnamese, "vi", **about), printed(english, "en", **about)


def verdicts(case: Case) -> pd.DataFrame:
    """Return the verdict of every published method on the targets of a case."""
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



OF_SERIES = ("trend", "attainment", "verdicts", "scenarios", "growth")
OF_CATALOGUE = ("releases", "record", "coverage", "pillars")
OF_AREAS = ("peers", "slopes", "map", "multiples")
KINDS = (*OF_SERIES, *OF_AREAS, *OF_CATALOGUE)


def draw(
    kind: str, cases: list[Case], forecast: Any, *, area: str | Area | None, lang: str, size: str, title: str
) -> Figure:
    """Return the figure of a kind.

    Raises
    ------
    Unclear
        Where a picture of one series is asked of several areas.
    ValueError
        Where a picture needs the catalogue, or more areas than there are.
    """
    from dxanalysis.briefing import charts

    if kind in OF_AREAS:
        return _of_areas(kind, cases, area, charts.Sheet(lang, size, _sources(cases), title=title))
    case = _one(cases, area)
    history, goals = _own(case.history, case.size), _own(case.goals, case.size)
    sheet = charts.Sheet(lang, size, _sources([case]), title=title)
    about = {"indicator": case.subject, "area": _named(case, area), "sheet": sheet}
    if kind in OF_CATALOGUE:
        return _of_catalogue(kind, history, goals, about)
    if kind == "verdicts":
        record = judgement_of(case, peers_of(case.history, "auto")).assign(area=about["area"].id)
        panel = analysis.judge(history, analysis.still_open(goals, record), case.subject)
        return charts.verdict_panel(panel, analysis.agreement(record), history=history, assessed=record, **about)
    if kind == "scenarios":
        peers = peers_of(history, "auto")
        paths = analysis.draw_scenarios(history, goals, case.subject, peers=peers)
        return charts.scenarios(paths, history, goals, **about)
    if kind == "growth":
        ahead = analysis.still_open(goals, judgement_of(case, peers_of(case.history, "auto")))
        return charts.growth_grid(analysis.growth_grid(history, ahead, case.subject), history=history, **about)
    peers = peers_of(history, "auto")
    made = None if forecast is False else forecast
    made = fan(case, max(reach(case), _last(case)), peers, {}) if made is None and forecast is not False else made
    if kind == "attainment":
        record = judgement_of(case, peers).assign(area=about["area"].id)
        return charts.attainment(reached(case, peers), made, history, assessed=record, **about)
    pace = judgement_of(case, peers).query("state == 'open'") if len(history) else None
    path = analysis.target_path(history, goals)
    return charts.trend(history, goals, path=path, pace=pace, forecast=made, **about)


def _last(case: Case) -> int:
    """Return the years from the last figure to the last target."""
    if not len(case.history) or not len(case.goals):
        return 1
    return max(1, int(case.goals["year"].max() - case.history["year"].max()))


def _own(table: pd.DataFrame, size: float) -> pd.DataFrame:
    return table.assign(value=table["value"] * size) if size != 1 else table


def _one(cases: list[Case], area: str | Area | None) -> Case:
    wanted = {getattr(area, "id", area), getattr(area, "name_vi", area)}
    chosen = [case for case in cases if case.area in wanted] or cases
    if len(chosen) > 1:
        names = tuple(case.area for case in chosen)
        text = f"this picture shows one series, the table holds {len(names)}: {list(names[:8])}; or kind='multiples'."
        raise Unclear("the table", {"area": Question(text, answers=names)})
    return chosen[0]


def _named(case: Case, area: str | Area | None) -> Area:
    if case.area and (area is None or area == case.area):
        return area_of(pd.DataFrame({"area": [case.area]}), None)
    return area_of(case.history, area)


def _sources(cases: list[Case]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(one for case in cases for one in sources_of(case.history)))


def _of_areas(kind: str, cases: list[Case], area: str | Area | None, sheet: Any) -> Figure:
    """Draw the areas of a panel, or those the catalogue holds beside a catalogued series."""
    from dxanalysis.briefing import charts

    subject, history = cases[0].subject, _own(cases[0].history, cases[0].size)
    if len(cases) > 1:
        parts = [_own(case.history, case.size).assign(area=case.area) for case in cases]
        field = pd.concat(parts, ignore_index=True)
    elif known(history, "indicator") and known(history, "area"):
        field = _field(history)
    else:
        cure = "Give a panel with a column 'area'."
        raise ValueError(f"The picture {kind!r} compares areas, and the table holds one. {cure}")
    own = area_of(history if len(cases) == 1 else field.head(1), area)
    about: dict[str, Any] = {"indicator": subject, "area": own, "sheet": sheet, "names": _record_of}
    if kind in ("peers", "map"):
        ranks = analysis.standing(field, own.id, direction=subject.direction)
        about["elsewhere"] = _with_own(field, history)
        return charts.peers(ranks, **about) if kind == "peers" else charts.tile_map(facts.on_one_map(ranks), **about)
    if kind == "slopes":
        return charts.slopes(analysis.comparable_panel(field), elsewhere=_with_own(field, history), **about)
    return charts.small_multiples(_with_own(field, history), **about)


def _field(history: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of every area like that of a series; of a nation, or of an area alone, its own."""
    field = facts.load_field(history)
    return field if len(field) else history


def _with_own(field: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Return a field with the figures of the area asked for: a nation is not among its provinces, but has figures."""
    own = [] if "area" not in history or set(history["area"]) <= set(field["area"]) else [history]
    return pd.concat([field, *own], ignore_index=True)


def _record_of(area: str) -> Area:
    """Return the record of an area, also of one that the catalogue does not hold, so that a chart can name it."""
    return area_of(pd.DataFrame({"area": [area]}), None)


def _of_catalogue(kind: str, history: pd.DataFrame, goals: pd.DataFrame, about: dict[str, Any]) -> Figure:
    """Draw what only the catalogue knows: releases, past forecasts, what is held, the pillars of an index."""
    from dxanalysis import forecasting
    from dxanalysis.briefing import charts

    indicator, area = known(history, "indicator"), known(history, "area")
    if not indicator or not area:
        raise ValueError(f"The picture {kind!r} shows what the catalogue holds. Give dx.history(indicator, area).")
    if history.empty:
        return charts.trend(history, goals, **about)
    definition = str(history["definition"].iloc[0])
    subject: Indicator = about["indicator"]
    if kind == "releases":
        stood = facts.load_releases(indicator, area, definition)
        return charts.releases(analysis.verdicts_by_release(stood, goals, subject), stood, **about)
    if kind == "record":
        past = forecasting.look_back(facts.load_year_ends(indicator, area, definition), history, bounds=subject.bounds)
        return charts.track_record(past, **about)
    if kind == "coverage":
        grid = facts.coverage_grid(_with_own(_field(history), history), "area")
        return charts.coverage(grid, own=area, names=_record_of, **about)
    levels = analysis.pillar_levels(facts.load_pillars(indicator, area))
    return charts.pillars(levels, elsewhere=_with_own(_field(history), history), names=_record_of, **about)
