"""Load several series at once: an area among its peers, an index with its pillars, several indicators."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from dxanalysis.facts.catalogue import AsOf, as_of_date, find_area, find_indicator
from dxanalysis.facts.catalogue import definition as find_definition
from dxanalysis.facts.history import HISTORY, load_denominator, load_history, load_panel
from dxanalysis.facts.package import open_package
from dxanalysis.facts.records import Area
from dxanalysis.facts.reference import ASEAN, SOURCE, countries
from dxanalysis.facts.targets import load_targets

# Under these, each area or source counts in a way of its own, and names no method.
EACH_ITS_OWN = ("province", "other")
MERGER = 2025  # first year whose annual figures are published for the 34 provinces that hold since 1 July 2025
# The pillars of each index, and the edition of a year: the DTI is recounted by new rules in some years, and the points
# of 800 that Quảng Ninh printed before its resolution belong to no edition of the DTI.
PILLARS = {
    "dti_total": {"government": "dti_government", "economy": "dti_economy", "society": "dti_society"},
    "dx_points_total": {
        "government": "dx_points_government", "economy": "dx_points_economy", "society": "dx_points_society",
    },
}
EDITIONS = {"dti_total": "DTI {year}", "dx_points_total": "DTI 800"}
RANKS = {"dti_total": ["dti_rank", "dti_government_rank", "dti_economy_rank", "dti_society_rank"]}
_COLUMNS = ["index", "edition", "area", "year", "pillar", "value", "status", "vintage", "source"]


def load_peers(history: pd.DataFrame, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the histories of the other areas of its kind under the definition of a history.

    Old provinces are compared with old ones and merged ones with merged ones, because a boundary that moved is another
    unit; a province that the merger of 2025 left as it was is compared with the 63 until 2024 and with the 34 since.
    The peers of a nation are other countries, where a reference panel continues the series (:func:`load_reference`).
    Under an area's own report (``province``) or an unnamed source (``other``) nobody has peers: the figures of two
    areas then differ by method as two definitions do.

    Parameters
    ----------
    history
        History of one area, from :func:`load_history`; it may be empty.
    as_of, through
        As in :func:`load_history`. The reference panels have one vintage and are unknown before it.

    Returns
    -------
    DataFrame
        History columns, sorted by area and year, without the area itself; empty where there are no peers.

    Raises
    ------
    ValueError
        Where the history holds several series.

    Examples
    --------
    >>> own = load_history("digital_economy_share", "ha-noi", "mic")
    >>> "ha-noi" in set(load_peers(own)["area"]), load_peers(own)["definition"].unique().tolist()
    (False, ['mic'])
    >>> nation = load_peers(load_history("internet_users_share", "viet-nam", "itu"))
    >>> find_area(nation["area"].iloc[-1]).name_en
    'Zimbabwe'
    """
    if not len(history):
        return history
    series = history[["indicator", "definition", "area"]].drop_duplicates()
    if len(series) > 1:
        raise ValueError(f"Peers belong to one series; received {len(series)}. Give the history of one area.")
    row = series.iloc[0]
    if row["definition"] in EACH_ITS_OWN:
        return history[:0]
    area = find_area(row["area"])
    if not area.parent:
        return _abroad(row["indicator"], row["definition"], as_of, through)
    levels = [level for level in ("vn63", "vn34") if getattr(area, f"code_{level}")] or [area.level]
    panels = [load_panel(row["indicator"], row["definition"], as_of, through=through, level=one) for one in levels]
    if len(panels) > 1:
        old, new = panels
        panels = [old[old["year"] < MERGER], new[new["year"] >= MERGER]]
    panel = pd.concat([panel for panel in panels if len(panel)] or panels[:1])
    return panel[panel["area"] != area.id].sort_values(["area", "year"], ignore_index=True)


def _abroad(indicator: str, definition: str, as_of: AsOf, through: int | None) -> pd.DataFrame:
    """Return the reference panel that continues a national series, in history columns."""
    panel = countries(indicator, definition, as_of_date(as_of, through), through)
    names = find_definition(indicator, definition)
    texts = {"status": "reported", "source": SOURCE, "break_before": "", "note": "", "qualifier": "=", "conflict": ""}
    texts |= {"vintage_basis": "exact", "break_before_vi": "", "caveats": ""}
    texts |= {"definition_vi": names.name_vi, "definition_en": names.name_en}
    table = panel.astype({"year": "int64", "value": "float64"}).assign(**texts)
    return table[HISTORY].sort_values(["area", "year"], ignore_index=True)


def load_field(history: pd.DataFrame, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the area of a history among its peers; for a nation, its provinces, or else the countries of ASEAN.

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
    >>> sorted(load_field(load_history("internet_users_share", "viet-nam", "itu"))["area"].unique())[:2]
    ['iso:BRN', 'iso:IDN']
    """
    if not len(history):
        return history
    first, peers = history.iloc[0], load_peers(history, as_of, through=through)
    if not find_area(first["area"]).parent:
        inside = _provinces(find_area(first["area"]).id, first["indicator"], first["definition"], as_of, through)
        near = peers[peers["area"].isin([f"iso:{code}" for code in ASEAN])]
        if len(inside) or not len(near):
            return inside
        peers = near
    field = pd.concat([history, peers], ignore_index=True)
    return field.sort_values(["area", "year"], ignore_index=True)


def place_of_field(area: Area, field: pd.DataFrame | None = None) -> Area:
    """Return the place a field of :func:`load_field` is about: the area itself, or the provinces of a nation.

    Parameters
    ----------
    area
        The area whose field it is.
    field
        The field; a nation that stands in it is set beside countries, not divided into provinces.

    Examples
    --------
    >>> place_of_field(find_area("quang-ninh")).name_en, place_of_field(find_area("viet-nam")).name_en
    ('Quảng Ninh', 'Viet Nam (provinces)')
    """
    if area.parent or (field is not None and area.id in set(field["area"])):
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
    return _figures_of([part[part["year"] >= year].head(1) for part in parts])


def _figures_of(parts: list[pd.DataFrame]) -> pd.DataFrame:
    found = [part for part in parts if len(part)]
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
    parts = [load_denominator(indicator, one, as_of, through=through) for one in dict.fromkeys(areas["area"])]
    return _figures_of([part.tail(1) for part in parts])


def _provinces(nation: str, indicator: str, definition: str, as_of: AsOf, through: int | None) -> pd.DataFrame:
    """Return the provinces of a nation in the code list that holds more of them."""
    areas = open_package().tables["areas"]
    panels = [load_panel(indicator, definition, as_of, through=through, level=one) for one in ("vn63", "vn34")]
    mine = [panel[panel["area"].isin(areas.loc[areas["parent"] == nation, "id"])] for panel in panels]
    return max(mine, key=lambda panel: panel["area"].nunique()).reset_index(drop=True)


def load_pillars(index: str, area: str, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the pillars of an index in one area, edition by edition.

    Parameters
    ----------
    index
        Id or name of the index (``dti_total``, ``dx_points_total``); an indicator that has no pillars gives no rows.
    area, as_of, through
        As in :func:`dxanalysis.facts.load_history`.

    Returns
    -------
    DataFrame
        ``index, edition, area, year, pillar, value, status, vintage, source``, sorted by year; the pillars in the
        order government, economy, society.

    Examples
    --------
    >>> load_pillars("dti_total", "quang-ninh", through=2020)[["edition", "pillar", "value"]].values.tolist()
    [['DTI 2020', 'government', 0.4513], ['DTI 2020', 'economy', 0.3019], ['DTI 2020', 'society', 0.3955]]
    >>> len(load_pillars("digital_economy_share", "quang-ninh"))
    0
    """
    found, place = find_indicator(index).id, find_area(area).id
    parts = PILLARS.get(found, {})
    if not parts:
        return pd.DataFrame(columns=_COLUMNS)
    return _as_pillars(load_together(list(parts.values()), place, as_of, through=through), found)


def load_scores(index: str, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the pillars of an index of every province that has them, in the columns of :func:`load_pillars`.

    Examples
    --------
    >>> scores = load_scores("dti_total", through=2020)
    >>> scores.groupby("edition")["area"].unique().to_dict()["DTI 2020"].tolist()
    ['bac-ninh', 'quang-ninh']
    """
    found = find_indicator(index).id
    panels = [load_panel(one, as_of=as_of, through=through) for one in PILLARS.get(found, {}).values()]
    held = [panel for panel in panels if len(panel)]
    return _as_pillars(pd.concat(held, ignore_index=True), found) if held else pd.DataFrame(columns=_COLUMNS)


def load_ranks(index: str, area: str, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the ranks published for an index and its pillars, in history columns.

    Examples
    --------
    >>> ranks = load_ranks("dti_total", "quang-ninh", through=2022)
    >>> ranks.loc[ranks["year"] == 2022, "indicator"].tolist()[:2]
    ['dti_rank', 'dti_government_rank']
    """
    return load_together(RANKS.get(find_indicator(index).id, []), find_area(area).id, as_of, through=through)


def _as_pillars(table: pd.DataFrame, index: str) -> pd.DataFrame:
    names = {indicator: pillar for pillar, indicator in PILLARS[index].items()}
    order = {pillar: place for place, pillar in enumerate(PILLARS[index])}
    years = table["year"].astype(str)
    edition = pd.Series([EDITIONS[index].format(year=year) for year in years], index=table.index, dtype="str")
    named = table.assign(index=index, pillar=table["indicator"].map(names), edition=edition)
    named = named.assign(_order=named["pillar"].map(order)).sort_values(["year", "area", "_order"], ignore_index=True)
    return named[_COLUMNS]
