"""Load several series at once: an area among its peers, several indicators, every year's end, all targets."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from dxanalysis.facts.catalogue import find_area, find_indicator
from dxanalysis.facts.history import AsOf, annual_reports, as_of_date, load_history, load_panel, newest
from dxanalysis.facts.package import open_package
from dxanalysis.facts.peers import load_peers
from dxanalysis.facts.records import Area, Indicator
from dxanalysis.facts.targets import load_targets


def load_field(history: pd.DataFrame, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the area of a history among its peers; for a nation, its provinces, which are not its peers.

    Parameters
    ----------
    history
        History of one area, from :func:`dxanalysis.facts.load_history`; it may be empty.
    as_of, through
        As in :func:`dxanalysis.facts.load_history`.

    Returns
    -------
    DataFrame
        History columns, sorted by area and year; empty where the history is.

    Examples
    --------
    >>> field = load_field(load_history("digital_economy_share", "ha-noi", "mic"))
    >>> "ha-noi" in set(field["area"]), field["definition"].unique().tolist()
    (True, ['mic'])
    >>> nation = load_field(load_history("digital_economy_share", "viet-nam", "gso"))
    >>> "viet-nam" in set(nation["area"])
    False
    """
    if not len(history):
        return history
    first = history.iloc[0]
    if not find_area(first["area"]).parent:
        return _provinces(find_area(first["area"]).id, first["indicator"], first["definition"], as_of, through)
    field = pd.concat([history, load_peers(history, as_of, through=through)], ignore_index=True)
    return field.sort_values(["area", "year"], ignore_index=True)


def place_of_field(area: Area) -> Area:
    """Return the place a field of :func:`load_field` is about: the area itself, or the provinces of a nation.

    Examples
    --------
    >>> place_of_field(find_area("quang-ninh")).name_en, place_of_field(find_area("viet-nam")).name_en
    ('Quảng Ninh', 'Viet Nam (provinces)')
    """
    if area.parent:
        return area
    names = {"name_vi": f"{area.name_vi} (các tỉnh, thành phố)", "name_en": f"{area.name_en} (provinces)"}
    return replace(area, level="provinces", **names)


def load_together(indicators: list[str], area: str, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the preferred histories of several indicators in one area, one under another.

    Examples
    --------
    >>> load_together(["dti_rank", "dti_economy_rank"], "quang-ninh", through=2020)["value"].tolist()
    [4.0, 14.0]
    """
    parts = [load_history(one, area, as_of=as_of, through=through) for one in indicators]
    found = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(found, ignore_index=True) if found else load_history("digital_economy_share", area)[:0]


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
    reports = annual_reports(history["indicator"].iloc[0], as_of_date(as_of, through), history["area"].iloc[0])
    mine = reports[(reports["definition"] == history["definition"].iloc[0]) & (reports["conflict"] == "")]
    mine = mine[mine["year"].isin(history["year"]) & (mine["area"] == history["area"].iloc[0])]
    one = pd.concat([newest(part) for _, part in mine.groupby("vintage")])
    wide = one.pivot_table(index="year", columns="vintage", values="value", aggfunc="first").sort_index()
    ends = wide.bfill(axis=1).iloc[:, 0], wide.ffill(axis=1).iloc[:, -1]
    table = wide.assign(releases=wide.notna().sum(axis=1), revised=ends[1] - ends[0])
    return table.rename_axis(columns=None).reset_index()


def load_agenda(area: str, as_of: AsOf = None) -> pd.DataFrame:
    """Return every target in force for an area, all indicators, one row per indicator and year.

    Parameters
    ----------
    area
        Id or name.
    as_of
        Only documents issued by then.

    Returns
    -------
    DataFrame
        The columns of :func:`dxanalysis.facts.load_targets`, sorted by indicator and year; empty where none is known.

    Examples
    --------
    >>> agenda = load_agenda("quang-ninh", as_of=2022)
    >>> agenda.loc[agenda["indicator"] == "digital_economy_share", "value"].tolist()
    [20.0, 30.0]
    """
    place = find_area(area).id
    table = open_package().tables["targets"]
    named = sorted(table.loc[table["area"] == place, "indicator"].unique())
    parts = [load_targets(one, place, as_of) for one in named]
    found = [part for part in parts if len(part)]
    empty = load_targets("digital_economy_share", place, as_of)[:0]
    return pd.concat(found, ignore_index=True) if found else empty


def indicators_in(table: pd.DataFrame) -> list[Indicator]:
    """Return the records of the indicators that stand in a table, in order of appearance."""
    return [find_indicator(one) for one in dict.fromkeys(table["indicator"])]


def latest_by_area(panel: pd.DataFrame) -> pd.DataFrame:
    """Return the latest figure of each area of a panel (the years may differ; the column says which).

    Examples
    --------
    >>> panel = pd.DataFrame({"area": ["a", "a", "b"], "year": [2022, 2023, 2021], "value": [1.0, 2.0, 3.0]})
    >>> latest_by_area(panel).values.tolist()
    [['a', 2023, 2.0], ['b', 2021, 3.0]]
    """
    rows = panel[panel["value"].notna()].sort_values(["area", "year"])
    return rows.drop_duplicates("area", keep="last").reset_index(drop=True)


def on_one_map(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of provinces of one code list (63 or 34, whichever has more), which one map can hold.

    Examples
    --------
    >>> on_one_map(pd.DataFrame({"area": ["quang-ninh", "ha-long", "viet-nam"], "value": 1.0}))["area"].tolist()
    ['quang-ninh']
    """
    areas = open_package().tables["areas"]
    lists = [set(areas.loc[areas[column] != "", "id"]) for column in ("code_vn63", "code_vn34")]
    held = max(lists, key=lambda one: int(table["area"].isin(one).sum()))
    return table[table["area"].isin(held)].reset_index(drop=True)


def load_goals(indicator: str, areas: pd.DataFrame, year: int, as_of: AsOf = None) -> pd.DataFrame:
    """Return the target of each area of a table for the first target year from `year` on.

    Returns
    -------
    DataFrame
        ``area, year, value``; areas without such a target are absent.

    Examples
    --------
    >>> load_goals("digital_economy_share", pd.DataFrame({"area": ["quang-ninh", "yen-bai"]}), 2026).values.tolist()
    [['quang-ninh', 2030, 30.0]]
    """
    parts = [load_targets(indicator, one, as_of) for one in dict.fromkeys(areas["area"])]
    ahead = [part[part["year"] >= year].head(1) for part in parts]
    found = [part for part in ahead if len(part)]
    columns = ["area", "year", "value"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def load_weights(
    indicator: str, areas: pd.DataFrame, as_of: AsOf = None, *, through: int | None = None
) -> pd.DataFrame:
    """Return the weight of each area of a table: the latest denominator the catalogue names for the indicator.

    Returns
    -------
    DataFrame
        ``area, year, value``; an area whose denominator is not held is absent, and so are all where none is named.

    Examples
    --------
    >>> load_weights("digital_economy_share", pd.DataFrame({"area": ["quang-ninh"]}), through=2024)["year"].tolist()
    [2024]
    """
    record = find_indicator(indicator)
    columns = ["area", "year", "value"]
    if not record.weight:
        return pd.DataFrame(columns=columns)
    parts = [load_history(record.weight, one, as_of=as_of, through=through) for one in dict.fromkeys(areas["area"])]
    found = [part.tail(1) for part in parts if len(part)]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def _provinces(nation: str, indicator: str, definition: str, as_of: AsOf, through: int | None) -> pd.DataFrame:
    """Return the provinces of a nation in the code list that holds more of them."""
    areas = open_package().tables["areas"]
    panels = [load_panel(indicator, definition, as_of, through=through, level=one) for one in ("vn63", "vn34")]
    mine = [panel[panel["area"].isin(areas.loc[areas["parent"] == nation, "id"])] for panel in panels]
    return max(mine, key=lambda panel: panel["area"].nunique()).reset_index(drop=True)
