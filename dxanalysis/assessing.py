"""Join facts and forecasts into one judgement per target: ``assess(areas, years)``, the record everything reads.

A forecast is made once per question and kept for the run, so that no two pages print two intervals for one question.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dxanalysis import analysis, facts
from dxanalysis.analysis.assess import judged_rows
from dxanalysis.analysis.evidence import DATED, PACE_FROM, PACED, Evidence
from dxanalysis.analysis.pace import read_targets, sense
from dxanalysis.analysis.series import comparable_run, read_history
from dxanalysis.atomic import code_digest, kept
from dxanalysis.facts import Area, Indicator
from dxanalysis.facts.history import load_denominator
from dxanalysis.facts.reference import load_reference
from dxanalysis.facts.schema import SHIPPED
from dxanalysis.facts.understand.frames import Targets, as_history, as_targets
from dxanalysis.subjects import known, subject_of

if TYPE_CHECKING:
    from dxanalysis import forecasting
    from dxanalysis.facts.package import Package

Names = str | Iterable[str]
Years = int | Iterable[int]
Row = dict[str, object]

_NO_TARGETS = pd.DataFrame(columns=["year", "value", "definition"])
_NO_FIGURES = pd.DataFrame({"year": pd.Series(dtype="int64"), "value": pd.Series(dtype="float64")})
#: Where the judgements of a batch are kept between its runs; only there, so that nothing else ever trusts a file.
KEPT, RUN_DIR = SHIPPED.parent / ".dx-judged", "NOTEBOOK_RUN_DIR"
SEARCH_END = 2050  # the year up to which the year of attainment is searched, as in every notebook
#: Fine enough that the chance of meeting a target is read off the forecast itself, without the noise of simulation.
FINE_LEVELS = np.round(np.r_[0.001, 0.005, np.arange(0.01, 1.0, 0.01), 0.995, 0.999], 3)


def assess(
    areas: Names | pd.DataFrame | pd.Series,
    years: Years | Targets,
    indicators: Any = None,
    *,
    definition: str = "preferred",
    as_of: str = "latest",
) -> pd.DataFrame:
    """Judge every target of areas, standing at the end of years; or the targets of a history of one's own.

    Parameters
    ----------
    areas : str, iterable of str, or a history
        Ids or names; or a table with year and value, which is judged as it stands.
    years : int, iterable of int, or targets
        The years at whose end one stands; or the targets of the history given, such as ``{2030: 80.0}``.
    indicators : str or iterable of str, optional
        Ids or names; without them every indicator that has a target for the area (where it has none: that has a
        figure). Of a history of one's own: what it measures.
    definition : str
        Who measured; "preferred" takes the definition a target names, else the first with figures.
    as_of : str
        "latest", "year-end" (31 December of each year: only documents and figures known by then), a year or a date.

    Returns
    -------
    DataFrame
        The columns of `analysis.assess`, sorted by area, year, indicator and target year. Where an area was no more
        at the end of a year, the rows of the area that took its place follow, under its own id: they are offered and
        never joined.

    Examples
    --------
    >>> record = assess("quang-ninh", 2025, "digital_economy_share")
    >>> record[["target_year", "state", "figure", "missing", "n"]].values.tolist()
    [[2025, 'due', 7.1, 12.9, 1], [2030, 'open', 7.1, 22.9, 1]]
    >>> assess(pd.Series({2021: 41.0, 2022: 47.5, 2023: 52.0}), {2023: 50.0, 2030: 80.0})["state"].tolist()
    ['met', 'open']
    """
    if isinstance(areas, pd.DataFrame | pd.Series):
        history = as_history(areas)
        return assess_table(history, as_targets(years), subject_of(history, indicators))
    asked = _years([years] if isinstance(years, int | np.integer | str) else years)
    named = None if indicators is None else tuple(_listed(indicators) or ())
    return _assessed(facts.open_package(), tuple(_listed(areas) or ()), asked, named, definition, as_of).copy()


def _years(given: Iterable[object]) -> tuple[int, ...]:
    """Return years as numbers; anything else is refused, an area in their place above all."""
    found = [(one, re.fullmatch(r"([0-9]{4})(\.0)?", str(one))) for one in given]
    for one, year in found:
        if year is None:
            raise ValueError(f"{one!r} is no year. Areas come first, then years: assess('hue', [2024, 2025]).")
    return tuple(int(year[1]) for _, year in found if year)


@lru_cache(maxsize=64)
def _assessed(
    _package: Package, areas: tuple[str, ...], years: tuple[int, ...], indicators: tuple[str, ...] | None,
    definition: str, as_of: str,
) -> pd.DataFrame:
    """Judge once per state of the data: a page's table, its charts and its sentences ask for the same record."""
    table = analysis.assessment_of([
        row
        for area in areas
        for year in years
        for one in _with_successor(facts.find_area(area), year)
        for row in _one_area(facts.find_area(one), year, indicators, definition, as_of)
    ])
    return table.assign(**_names_of(table["successor"]))


def assess_table(
    history: pd.DataFrame, targets: pd.DataFrame, subject: Indicator, peers: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Judge targets by a history as it stands, at the end of its last year; of a catalogued one all else is read, too.

    Examples
    --------
    >>> own = pd.DataFrame({"year": [2021, 2022, 2023], "value": [41.0, 47.5, 52.0]})
    >>> share = facts.find_indicator("internet_users_share")
    >>> record = assess_table(own, pd.DataFrame({"year": [2023, 2030], "value": [50.0, 80.0]}), share)
    >>> record[["target_year", "state", "missing"]].values.tolist()
    [[2023, 'met', -2.0], [2030, 'open', 28.0]]
    """
    table, goals = read_history(history), read_targets(targets)
    year = int(table["year"].max()) if len(table) else 0
    area = known(table, "area")
    if area and str(table["definition"].iloc[-1]) in facts.definitions(subject.id):
        held = evidence_of(table, goals, subject, area, year, None, peers=peers)
    else:
        heard = peers if peers is not None and len(peers) else table[:0]
        held = Evidence(table, year, attainment=chances_of(table, goals, subject, heard),
                        precedents=precedents_of(table, goals, subject))
    return analysis.assess(goals, subject, held).assign(successor_vi="", successor_en="")


def _with_successor(area: Area, year: int) -> list[str]:
    """Return an area, followed by the one that took its place where it was no more at the end of a year."""
    gone = area.valid_to and area.valid_to <= f"{year}-12-31"
    return [area.id, successor_of(area.id)] if gone and successor_of(area.id) else [area.id]


def _names_of(areas: pd.Series) -> dict[str, list[str]]:
    """Return the names of successors in both languages, "" where there is none."""
    named = {one: facts.find_area(one) for one in areas.unique() if one}
    return {
        f"successor_{lang}": [getattr(named[one], f"name_{lang}") if one else "" for one in areas]
        for lang in ("vi", "en")
    }


def _listed(names: Names | None) -> list[str] | None:
    if names is None:
        return None
    return [names] if isinstance(names, str) else [str(one) for one in names]


def _one_area(area: Area, year: int, indicators: tuple[str, ...] | None, definition: str, as_of: str) -> list[Row]:
    day = facts.as_of_date(as_of, year)
    until, package = None if day is None else day.isoformat(), facts.open_package()
    named = [facts.find_indicator(one).id for one in indicators] if indicators else None
    chosen = named or list(_targets(package, area.id, until))
    chosen = chosen or dict.fromkeys(facts.coverage(area=area.id, as_of=until, through=year)["indicator"])
    return [row for one in chosen for row in _kept(package, one, area.id, year, definition, until)]


@lru_cache(maxsize=2048)
def _kept(package: Package, indicator: str, area: str, year: int, definition: str, day: str | None) -> list[Row]:
    """Judge a series once per state of data and code: the runs of a batch share what the first of them found."""
    asked = (package, indicator, area, year, definition, day)
    if RUN_DIR not in os.environ:
        return _one_series(*asked)
    named = json.dumps([indicator, area, year, definition, day])
    state = f"{package.digest[:16]}-{_methods()}"
    return list(kept(KEPT / state, named, lambda: _one_series(*asked)))


@lru_cache(maxsize=1)
def _methods() -> str:
    """Return a digest of code, constants and libraries of a judgement; a run has opened what it hangs on."""
    code = [code_digest(room) for room in ("facts", "analysis", "forecasting", "")]
    return hashlib.sha256(" ".join([sys.version, np.__version__, pd.__version__, *code]).encode()).hexdigest()[:16]


@lru_cache(maxsize=64)
def _targets(_package: Package, area: str, day: str | None) -> dict[str, pd.DataFrame]:
    """Return every target in force for an area on a day, by indicator."""
    table = facts.load_agenda(area, day, which="every-year")
    return {str(one): rows.reset_index(drop=True) for one, rows in table.groupby("indicator", sort=False)}


@lru_cache(maxsize=64)
def _held(package: Package, area: str) -> frozenset[str]:
    """Return the indicators of which anything is held for an area."""
    table = package.tables["observations"]
    return frozenset(table.loc[table["area"] == area, "indicator"])


def _one_series(
    package: Package, indicator: str, area: str, year: int, definition: str, day: str | None
) -> list[Row]:
    """Judge the targets of one indicator in one area."""
    subject = facts.find_indicator(indicator)
    targets = _targets(package, area, day).get(indicator, _NO_TARGETS)
    if indicator not in _held(package, area):
        rows = judged_rows(targets, subject, Evidence(_NO_FIGURES, year, day or "", **_end_of(area)))
        return [row | {"area": area} for row in rows]
    rows = judge_targets(targets, subject, area, year, definition, day)
    return sorted(rows, key=lambda row: row.get("target_year", 0))


def judge_targets(
    targets: pd.DataFrame, subject: Indicator, area: str, year: int, definition: str, day: str | None
) -> list[Row]:
    """Judge given targets of one indicator by an area's figures, also where a document sets two for one year."""
    wanted, nth, rows = pd.Series([""]), pd.Series([0]), []
    if len(targets):
        wanted, nth = targets["definition"].fillna(""), targets.groupby("year").cumcount()
    for named, at in dict.fromkeys(zip(wanted, nth, strict=True)):
        mine = targets[(wanted == named) & (nth == at)].reset_index(drop=True) if len(targets) else targets
        history = _by_wanted(subject, area, named if definition == "preferred" else definition, day, year)
        rows += judged_rows(mine, subject, evidence_of(history, mine, subject, area, year, day))
    return [row | {"area": area} for row in rows]


def _end_of(area: str) -> dict[str, str]:
    """Return the last day of an area that is no more and the area that took its place; nothing for one that stands."""
    ended = facts.find_area(area).valid_to
    return {"ended": ended, "successor": successor_of(area)} if ended else {}


def _by_wanted(subject: Indicator, area: str, wanted: str, day: str | None, year: int) -> pd.DataFrame:
    """Return the figures by the definition a target names, else by the preferred one (the record then says so)."""
    if wanted and wanted != "preferred":
        history = facts.load_history(subject.id, area, wanted, day, through=year)
        if len(history):
            return history
    return facts.load_history(subject.id, area, "preferred", day, through=year)


def evidence_of(
    history: pd.DataFrame, targets: pd.DataFrame, subject: Indicator, area: str, year: int, day: str | None,
    peers: pd.DataFrame | None = None,
) -> Evidence:
    """Return all that is known of one series for the judgement of its targets."""
    about = _end_of(area)
    if not len(history):
        return Evidence(history, year, day or "", **about)
    peers = facts.load_peers(history, day, through=year) if peers is None else peers
    chosen, releases = str(history["definition"].iloc[-1]), {}
    if subject.kind in PACED and len(history) >= PACE_FROM and (targets["year"] > history["year"].max()).any():
        releases = facts.load_releases(subject.id, area, chosen, day, through=year)
    return Evidence(
        _with_grades(history), year, day or "", reports=reports_of(subject.id, day), peers=peers, releases=releases,
        attainment=chances_of(history, targets, subject, peers), whole=_whole(subject, area, day, year),
        precedents=precedents_of(history, targets, subject), **about,
    )


def _by_origin(history: pd.DataFrame, targets: pd.DataFrame) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Return the targets that have no figure of their year, each with the figures up to it (one may lie in a gap)."""
    unseen = targets[~targets["year"].isin(history["year"])]
    origins = {year: history[history["year"] < year] for year in unseen["year"].unique()}
    ends = {year: int(part["year"].max()) for year, part in origins.items() if len(part)}
    return [
        (history[history["year"] <= end], unseen[unseen["year"].map(ends) == end]) for end in sorted({*ends.values()})
    ]


def chances_of(history: pd.DataFrame, targets: pd.DataFrame, subject: Indicator, peers: pd.DataFrame) -> pd.DataFrame:
    """Return the attainment of every target whose year has no figure, with what carried its forecast."""
    parts = []
    for seen, asked in _by_origin(history, targets):
        fan, heard = forecast_of(seen, asked, subject, peers)
        reached = analysis.attainment(fan, _paths_of(seen, asked, subject, peers), asked, seen,
                                      direction=subject.direction)
        parts.append(reached.assign(basis="panel" if heard else "own_series", basis_count=heard))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _paths_of(history: pd.DataFrame, targets: pd.DataFrame, subject: Indicator, peers: pd.DataFrame) -> pd.DataFrame:
    """Return the paths in which the year of attainment is searched, or none where the record names no such year."""
    from dxanalysis import forecasting

    if subject.kind not in DATED or len(comparable_run(history)) < PACE_FROM:
        return pd.DataFrame(columns=["path", "year", "value"])
    beyond = analysis.years_ahead(history, targets, until=max(SEARCH_END, int(targets["year"].max())))
    return forecasting.forecast_paths(history, beyond, bounds=subject.bounds, peers=peers)


def precedents_of(
    history: pd.DataFrame, targets: pd.DataFrame, subject: Indicator
) -> dict[int, forecasting.Precedents]:
    """Return what a reference class says of the targets of a share with one to three figures, by target year."""
    if subject.unit != "percent" or subject.bounds != (0.0, 100.0) or subject.direction == 0:
        return {}
    found = {}
    for seen, asked in _by_origin(history, targets):
        if len(comparable_run(seen)) >= PACE_FROM:
            continue  # there the forecast speaks
        for goal in asked.to_dict("records"):
            found[int(goal["year"])] = _precedent(tuple(seen["year"]), tuple(seen["value"]), tuple(
                seen["break_before"].fillna("")), float(goal["value"]), int(goal["year"]), subject.evidence_class,
                max(seen.attrs.get("revision_error", {}).values(), default=0.0),
                sense(str(goal["comparator"]), subject.direction))
    return found


@lru_cache(maxsize=1024)
def _precedent(
    years: tuple[int, ...], values: tuple[float, ...], breaks: tuple[str, ...], target: float, year: int, named: str,
    revision: float, direction: int,
) -> forecasting.Precedents:
    from dxanalysis import forecasting

    history = pd.DataFrame({"area": "", "year": years, "value": values, "break_before": breaks})
    history.attrs["revision_error"] = {"": revision}
    return forecasting.precedents(
        history, target, year, kind_class=named, direction=direction, panels=load_reference()
    )


def _with_grades(history: pd.DataFrame) -> pd.DataFrame:
    grades = facts.open_package().tables["sources"].set_index("id")["grade"]
    return history.assign(grade=history["source"].map(grades).fillna(""))


def _whole(subject: Indicator, area: str, day: str | None, year: int) -> pd.DataFrame:
    """Return the levels of the denominator of a share, in current prices, where the catalogue names it."""
    if subject.evidence_class != "economic_share":
        return pd.DataFrame(columns=["year", "value"])
    return load_denominator(subject.id, area, day, through=year)


@lru_cache(maxsize=256)
def reports_of(indicator: str, day: str | None) -> pd.DataFrame:
    """Return every release of every yearly figure of an indicator, for the noise of its revisions."""
    held = facts.observations(indicator, as_of=day, conflicts=False)
    held = held[held["period"].str.fullmatch(r"\d{4}") & (held["status"] != "projection")]
    return held.assign(year=held["period"].astype("int64"))[["definition", "area", "year", "vintage", "value"]]


def forecast_of(
    history: pd.DataFrame, targets: pd.DataFrame, subject: Indicator, peers: pd.DataFrame
) -> tuple[pd.DataFrame, int]:
    """Return the forecast at fine levels up to the last target, and how many other areas it heard (0: too few)."""
    from dxanalysis import forecasting
    from dxanalysis.forecasting.pooled import FEWEST_PEERS

    years = analysis.years_ahead(history, targets)
    fan = forecasting.forecast(history, years, bounds=subject.bounds, peers=peers, quantiles=FINE_LEVELS)
    others = peers.loc[~peers["area"].isin(history["area"]), "area"].nunique()
    return fan, others if others + 1 >= FEWEST_PEERS else 0


@lru_cache(maxsize=1)
def _successors() -> dict[str, str]:
    table = facts.open_package().tables["crosswalk"]
    moved = table[table["area_vn63"] != table["area_vn34"]]
    return dict(zip(moved["area_vn63"], moved["area_vn34"], strict=True))


def successor_of(area: str) -> str:
    """Return the area that took the place of one that is no more ("" where none did); offered, never joined.

    >>> successor_of("da-nang"), successor_of("quang-ninh")
    ('da-nang-2025', '')
    """
    return _successors().get(area, "")
