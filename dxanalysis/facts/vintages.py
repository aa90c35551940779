"""Show how a figure was revised from release to release, and how definitions differ from each other."""

from __future__ import annotations

import pandas as pd

from dxanalysis.facts.catalogue import definitions, find_area, find_indicator
from dxanalysis.facts.history import AsOf, annual_reports, load_history, newest, pick_definition

REVISION = ["indicator", "definition", "area", "year", "vintage", "value", "status", "previous", "revision", "source"]


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
    known = annual_reports(found, None, place)
    here = known[known["area"] == place]
    chosen = pick_definition(found, definition, here)
    return here[(here["definition"] == chosen) & (here["conflict"] == "")]
