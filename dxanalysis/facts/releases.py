"""Load a series as it stood after each publication, how it was revised, and how its definitions differ."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from dxanalysis.facts.catalogue import AsOf, as_of_date, definition, definitions, find_area, find_indicator
from dxanalysis.facts.history import annual_reports, load_history, newest, pick_definition
from dxanalysis.facts.package import annual_figures
from dxanalysis.facts.records import Definition

REVISION = ["indicator", "definition", "area", "year", "vintage", "value", "status", "previous", "revision", "source"]


def load_releases(
    indicator: str, area: str, definition: str = "preferred", as_of: AsOf = None, *, through: int | None = None
) -> dict[str, pd.DataFrame]:
    """Return the history after each day on which an annual figure of one definition was published.

    Each history is what :func:`load_history` gave on that day, so breaks, conflicts and the preference among sources
    are treated as everywhere else.

    Parameters
    ----------
    indicator, area, definition, as_of, through
        As in :func:`load_history`; releases after `as_of` are left out.

    Returns
    -------
    dict
        ``day -> history``, in order of days; days that change nothing are left out.

    Examples
    --------
    >>> releases = load_releases("digital_economy_share", "Quảng Ninh")
    >>> {day: history["value"].tolist() for day, history in releases.items()}
    {'2023-10-02': [3.0], '2025-07-31': [3.0, 7.1]}
    """
    newest = load_history(indicator, area, definition, as_of, through=through)
    if not len(newest):
        return {}
    chosen = str(newest["definition"].iloc[0])
    measured, place = str(newest["indicator"].iloc[0]), str(newest["area"].iloc[0])
    known = annual_reports(measured, as_of_date(as_of, through))
    days = known.loc[_is_of(known, place, chosen), "vintage"].unique()
    ever = annual_figures(measured)
    changes = _days_of_change(ever[_is_of(ever, place, chosen) & (ever["status"] != "projection")], days, through)
    return {day: load_history(indicator, area, chosen, day, through=through) for day in changes}


def _is_of(reports: pd.DataFrame, area: str, definition: str) -> pd.Series:
    """Tell the reports of an area by a definition that no other contradicts."""
    return (reports["area"] == area) & (reports["definition"] == definition) & (reports["conflict"] == "")


def _days_of_change(reports: pd.DataFrame, days: Iterable[str], through: int | None) -> list[str]:
    """Return those of the days after which a year, a value or a status was another than after the one before.

    Reports come in order of preference. A December figure stands for its year only while no annual one is known.
    """
    columns = ["vintage", "period", "year", "value", "status"]
    rows = [row for row in reports[columns].itertuples(index=False) if through is None or row.year <= through]
    changes: list[str] = []
    before: dict[str, tuple[float, str]] = {}
    for day in sorted(days):
        by_period: dict[str, tuple[float, str]] = {}
        for row in (row for row in rows if row.vintage <= day):
            by_period.setdefault(row.period, (row.value, row.status))
        stood = {period[:4]: by_period[period] for period in sorted(by_period, reverse=True)}  # 2024-12, then 2024
        if stood != before:
            changes.append(str(day))
        before = stood
    return changes


def load_each_definition(
    indicator: str, area: str, as_of: AsOf = None, *, through: int | None = None
) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the newest history of every definition that has one, by definition and the day of its newest figure.

    Examples
    --------
    >>> list(load_each_definition("digital_economy_share", "viet-nam", as_of="2025-02-28"))[:2]
    [('gso', '2025-01-06'), ('mic', '2025-02-06')]
    """
    place = find_area(area).id
    ever = annual_figures(find_indicator(indicator).id)
    held = set(ever.loc[ever["area"] == place, "definition"])  # most definitions were never used here
    used = [one for one in definitions(indicator) if one in held]
    loaded = (load_history(indicator, area, one, as_of, through=through) for one in used)
    return {_key(history): history for history in loaded if len(history)}


def by_definition(table: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Split histories that stand one under another as `load_each_definition` gives them.

    Examples
    --------
    >>> both = load_side_by_side("digital_economy_share", "viet-nam", as_of="2025-02-28")
    >>> list(by_definition(both))[:2]
    [('gso', '2025-01-06'), ('mic', '2025-02-06')]
    """
    parts = (part.reset_index(drop=True) for _, part in table.groupby("definition", sort=False))
    return {_key(part): part for part in parts}


def _key(history: pd.DataFrame) -> tuple[str, str]:
    return history["definition"].iloc[0], history["vintage"].max()


def load_side_by_side(indicator: str, area: str, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the newest histories of all definitions one under another, told apart by the column ``definition``.

    Each is a series of its own; nothing is joined.

    Examples
    --------
    >>> load_side_by_side("digital_economy_share", "viet-nam", through=2024)["definition"].unique().tolist()[:2]
    ['gso', 'mic']
    """
    histories = load_each_definition(indicator, area, as_of, through=through)
    if not histories:
        return load_history(indicator, area, as_of=as_of, through=through)[:0]
    return pd.concat(histories.values(), ignore_index=True)


def definitions_in(table: pd.DataFrame) -> list[Definition]:
    """Return the records of the definitions that stand in a table with `indicator` and `definition`."""
    pairs = table[["indicator", "definition"]].drop_duplicates()
    return [definition(one.indicator, one.definition) for one in pairs.itertuples()]


def releases(indicator: str, area: str, definition: str = "preferred") -> list[str]:
    """Return the days on which annual figures of a series were published, oldest first (ISO dates).

    >>> releases("digital_economy_share", "viet-nam", "gso")
    ['2023-09-14', '2023-12-04', '2023-12-29', '2025-01-06', '2026-01-06']
    """
    return sorted(set(_reports(indicator, area, definition)["vintage"]))


def revisions(indicator: str, area: str, definition: str = "preferred") -> pd.DataFrame:
    """Return every release of every annual figure and by how much it moved since the release before.

    Parameters
    ----------
    indicator, area, definition
        As in :func:`dxanalysis.facts.load_history`.

    Returns
    -------
    DataFrame
        ``indicator, definition, area, year, vintage, value, status, previous, revision, source``, sorted by year and
        vintage; ``previous`` and ``revision`` (value - previous, in the unit of the indicator) are missing for a first
        release. Pivoted, it is the revision triangle.

    Examples
    --------
    >>> table = revisions("digital_economy_share", "viet-nam", "gso")
    >>> table.pivot(index="year", columns="vintage", values="value").loc[2023].dropna().to_dict()
    {'2023-12-29': 12.33, '2025-01-06': 12.87}
    >>> float(table.query("year == 2023 and vintage == '2025-01-06'")["revision"].iloc[0].round(2))
    0.54
    """
    table = _reports(indicator, area, definition)
    one = pd.concat([newest(part) for _, part in table.groupby("vintage")]) if len(table) else table
    one = one.sort_values(["year", "vintage"], kind="stable").reset_index(drop=True)
    previous = one.groupby("year")["value"].shift()
    return one.assign(previous=previous, revision=one["value"] - previous)[REVISION]


def compare_definitions(indicator: str, area: str, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the annual figures of all definitions side by side: one row per year, one column per definition.

    Columns are never added, averaged or spliced: two definitions differ by method, not by error.

    Parameters
    ----------
    indicator, area, as_of, through
        As in :func:`dxanalysis.facts.load_history`.

    Returns
    -------
    DataFrame
        ``indicator, area, year`` and one column per definition that has a figure, in catalogue order; missing where a
        definition has none for the year.

    Examples
    --------
    >>> compare_definitions("digital_economy_share", "viet-nam").set_index("year").loc[2024, ["gso", "mic"]].tolist()
    [13.17, 18.3]
    """
    histories = {id: load_history(indicator, area, id, as_of, through=through) for id in definitions(indicator)}
    columns = {id: table.set_index("year")["value"] for id, table in histories.items() if len(table)}
    side_by_side = pd.DataFrame(columns).sort_index().rename_axis("year").reset_index()
    side_by_side.insert(0, "area", find_area(area).id)
    side_by_side.insert(0, "indicator", find_indicator(indicator).id)
    return side_by_side.astype({"year": "int64"})


def _reports(indicator: str, area: str, definition: str) -> pd.DataFrame:
    found, place = find_indicator(indicator).id, find_area(area).id
    known = annual_reports(found, None)
    here = known[known["area"] == place]
    chosen = pick_definition(found, definition, here)
    return here[(here["definition"] == chosen) & (here["conflict"] == "")]


def revision_triangle(
    indicator: str, area: str, definition: str = "preferred", as_of: AsOf = None, *, through: int | None = None
) -> pd.DataFrame:
    """Return the revision triangle: one row per year, one column per release, the value then printed.

    Parameters
    ----------
    indicator, area, definition, as_of, through
        As in :func:`dxanalysis.facts.load_history`.

    Returns
    -------
    DataFrame
        ``year``, one column per release day (ISO date; missing where that release did not print the year), then
        ``releases`` (how often the year was printed) and ``revised`` (last minus first print).

    Examples
    --------
    >>> table = revision_triangle("digital_economy_share", "viet-nam", "gso")
    >>> table.set_index("year").loc[2023, ["releases", "revised"]].round(2).tolist()
    [2.0, 0.54]
    """
    history = load_history(indicator, area, definition, as_of, through=through)
    if not len(history):
        return pd.DataFrame(columns=["year", "releases", "revised"])
    reports = annual_reports(history["indicator"].iloc[0], as_of_date(as_of, through))
    mine = reports[(reports["definition"] == history["definition"].iloc[0]) & (reports["conflict"] == "")]
    mine = mine[mine["year"].isin(history["year"]) & (mine["area"] == history["area"].iloc[0])]
    one = pd.concat([newest(part) for _, part in mine.groupby("vintage")])
    wide = one.pivot_table(index="year", columns="vintage", values="value", aggfunc="first").sort_index()
    ends = wide.bfill(axis=1).iloc[:, 0], wide.ffill(axis=1).iloc[:, -1]
    table = wide.assign(releases=wide.notna().sum(axis=1), revised=ends[1] - ends[0])
    return table.rename_axis(columns=None).reset_index()


def load_year_ends(
    indicator: str, area: str, definition: str = "preferred", as_of: AsOf = None, *, through: int | None = None
) -> dict[str, pd.DataFrame]:
    """Return the history as it stood on the last day of each year, from the first year in which there was one.

    What an analyst could have known at the end of a year: figures published later, and later revisions, are absent.

    Returns
    -------
    dict
        ``day -> history``, in order of days; at most up to `as_of` and the end of `through`.

    Examples
    --------
    >>> stood = load_year_ends("digital_economy_share", "viet-nam", "gso", through=2024)
    >>> {day: history["value"].tolist() for day, history in stood.items()}
    {'2023-12-31': [12.66, 12.87, 12.63, 12.33], '2024-12-31': [12.66, 12.87, 12.63, 12.33]}
    """
    newest_one = load_history(indicator, area, definition, as_of, through=through)
    if not len(newest_one):
        return {}
    limit = as_of_date(as_of, through)
    last = int(through) if through is not None else int(newest_one["year"].max())
    chosen = str(newest_one["definition"].iloc[0])
    ends = [f"{year}-12-31" for year in range(int(newest_one["year"].min()), last + 1)]
    ends = [day for day in ends if limit is None or day <= limit.isoformat()]
    stood = {day: load_history(indicator, area, chosen, day, through=int(day[:4])) for day in ends}
    return {day: history for day, history in stood.items() if len(history)}
