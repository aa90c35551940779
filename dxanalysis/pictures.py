"""Draw settled questions: every chart that the notebooks draw, from a series, a panel or the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from dxanalysis import analysis, facts
from dxanalysis.answers import fan, judgement_of, reach, reached
from dxanalysis.briefing import charts
from dxanalysis.facts import Area, Indicator
from dxanalysis.facts.understand.reading import Question, Unclear
from dxanalysis.subjects import Case, area_of, known, peers_of, sources_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OF_SERIES = ("trend", "attainment", "verdicts", "scenarios", "growth")
OF_CATALOGUE = ("releases", "record", "coverage", "pillars")
OF_AREAS = ("peers", "slopes", "map", "multiples")
KINDS = (*OF_SERIES, *OF_AREAS, *OF_CATALOGUE)
PATHS = 2000


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
        return charts.verdict_panel(panel, analysis.agreement(panel, record), history=history, assessed=record, **about)
    if kind == "scenarios":
        peers = peers_of(history, "auto")
        paths = analysis.draw_scenarios(history, goals, case.subject, peers=peers)
        return charts.scenarios(paths, history, goals, **about)
    if kind == "growth":
        return charts.growth_grid(analysis.growth_grid(history, goals, case.subject), history=history, **about)
    peers = peers_of(history, "auto")
    made = None if forecast is False else forecast
    made = fan(case, max(reach(case), _last(case)), peers, {}) if made is None and forecast is not False else made
    if kind == "attainment":
        record = judgement_of(case, peers).assign(area=about["area"].id)
        return charts.attainment(reached(case, peers, PATHS), made, history, assessed=record, **about)
    pace = analysis.required_pace(history, goals, direction=case.subject.direction)
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
        about["elsewhere"] = field
        return charts.peers(ranks, **about) if kind == "peers" else charts.tile_map(facts.on_one_map(ranks), **about)
    if kind == "slopes":
        return charts.slopes(analysis.comparable_panel(field), elsewhere=field, **about)
    return charts.small_multiples(field, **about)


def _field(history: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of every area like that of a series; of a nation, or of an area alone, its own."""
    field = facts.load_field(history)
    return field if len(field) else history


def _record_of(area: str) -> Area:
    """Return the record of an area, also of one that the catalogue does not hold, so that a chart can name it."""
    return area_of(pd.DataFrame({"area": [area]}), None)


def _of_catalogue(kind: str, history: pd.DataFrame, goals: pd.DataFrame, about: dict[str, Any]) -> Figure:
    """Draw what only the catalogue knows: releases, past forecasts, what is held, the pillars of an index."""
    from dxanalysis import forecasting

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
        return charts.track_record(past, history=history, **about)
    if kind == "coverage":
        grid = facts.coverage_grid(_field(history), "area")
        return charts.coverage(grid, own=area, names=_record_of, **about)
    levels = analysis.pillar_levels(facts.load_pillars(indicator, area))
    return charts.pillars(levels, elsewhere=_field(history), names=_record_of, **about)
