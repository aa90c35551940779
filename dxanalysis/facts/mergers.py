"""Which province took the place of which on 1 July 2025, and figures of the old ones recomputed for the new."""

from __future__ import annotations

import pandas as pd

from dxanalysis.facts.catalogue import AsOf, definitions, find_area, find_indicator
from dxanalysis.facts.history import load_history, load_panel
from dxanalysis.facts.package import open_package

METHODS = {
    "sum": "sum",
    "weighted": "mean weighted by {weight}",
    "rate": "mean weighted by {weight}",
    "mean": "simple mean (as published)",
    "none": "not mergeable",
}
RECONSTRUCTION = [
    *("indicator", "definition", "area", "year", "value", "status", "caveats", "method", "members", "missing"),
]
BREAK = "published for the boundary of 1 July 2025; earlier values are recomputed from the old provinces"


def merger_table() -> pd.DataFrame:
    """Return the provinces that ended on 30 June 2025 and those that took their place.

    Returns
    -------
    DataFrame
        ``predecessor, predecessor_vi, predecessor_en, successor, successor_vi, successor_en, since, members`` (how many
        were joined), sorted by successor. A province whose boundary did not change is in no row.

    Examples
    --------
    >>> table = merger_table()
    >>> table.loc[table["successor"] == "bac-ninh-2025", "predecessor"].tolist()
    ['bac-giang', 'bac-ninh']
    >>> len(table), table["successor"].nunique()
    (52, 23)
    """
    tables = open_package().tables
    areas, cross = tables["areas"].set_index("id"), tables["crosswalk"]
    moved = cross[cross["area_vn63"] != cross["area_vn34"]]
    table = pd.DataFrame({"predecessor": moved["area_vn63"], "successor": moved["area_vn34"]})
    for role in ("predecessor", "successor"):
        for lang in ("vi", "en"):
            table[f"{role}_{lang}"] = table[role].map(areas[f"name_{lang}"])
    table = table.assign(
        since=table["successor"].map(areas["valid_from"]),
        members=table.groupby("successor")["predecessor"].transform("size"),
    )
    columns = [f"{role}{end}" for role in ("predecessor", "successor") for end in ("", "_vi", "_en")]
    return table[[*columns, "since", "members"]].sort_values(["successor", "predecessor"], ignore_index=True)


def load_reconstruction(
    indicator: str, area: str, definition: str = "preferred", as_of: AsOf = None, *, through: int | None = None
) -> pd.DataFrame:
    """Return the years before the merger of a joined province, recomputed by us from its old provinces.

    It is offered beside :func:`dxanalysis.facts.load_history`, never inside it: nobody published these values.

    Parameters
    ----------
    indicator, area, definition, as_of, through
        As in :func:`dxanalysis.facts.load_history`; ``"preferred"``: the definition of the area's own history, else the
        first for which something can be recomputed.

    Returns
    -------
    DataFrame
        ``indicator, definition, area, year, value, status`` (derived), ``caveats`` (``computed``), ``method, members,
        missing``: value is missing where a member lacks its value or weight, and ``missing`` names it. Empty for an
        area that the merger did not make, and where no old province has a figure.

    Examples
    --------
    >>> load_reconstruction("pci_score", "bac-ninh-2025", through=2021)[["year", "value", "method"]].values.tolist()[-1]
    [2021, 67.095, 'simple mean (as published)']
    """
    found, place = find_indicator(indicator).id, find_area(area).id
    table = merger_table()
    members = table.loc[table["successor"] == place, "predecessor"].tolist()
    own = load_history(found, place, definition, as_of, through=through)
    known = [str(own["definition"].iloc[0])] if len(own) else definitions(found)
    asked = known if definition == "preferred" else [definition]
    for one in asked if members else []:
        panel = load_panel(found, one, as_of, through=through, level="vn63")
        rows = panel[panel["area"].isin(members)]
        made = to_current_areas(rows).assign(caveats="computed") if len(rows) else rows
        if len(made):
            return made[~made["year"].isin(own["year"])][RECONSTRUCTION].reset_index(drop=True)
    return pd.DataFrame(columns=RECONSTRUCTION)


def to_current_areas(table: pd.DataFrame, weights: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a table of areas with the old provinces merged into the current ones.

    Counts are summed; shares are weighted by their denominator and rates by population; indices are the simple mean,
    as the ministry publishes them; ranks cannot be merged. A new province is computed only where every old member has
    its value and, where needed, its weight: nothing is guessed.

    Parameters
    ----------
    table
        A history of one definition per indicator: ``indicator, area, year, value`` (``definition`` and others may
        follow).
    weights
        ``area, year, value``: the denominators. Default: those the package holds under the indicator's ``weight``.

    Returns
    -------
    DataFrame
        ``indicator, definition, area, year, value, status, method, members, missing, break_before``, sorted.
        Areas that did not change (and the nation) pass through as they are (method ``unchanged``). ``value`` is missing
        where ``missing`` names the members without value or weight. Where a value was published for the new province,
        it stands, and ``break_before`` marks the first such value after recomputed ones.

    Examples
    --------
    >>> teams = pd.DataFrame({"indicator": "community_digital_teams", "area": ["bac-ninh", "bac-giang", "quang-ninh"],
    ...                       "year": 2023, "value": [100.0, 50.0, 1473.0]})
    >>> to_current_areas(teams)[["area", "value", "method"]].values.tolist()
    [['bac-ninh-2025', 150.0, 'sum'], ['quang-ninh', 1473.0, 'unchanged']]
    >>> to_current_areas(teams[:1])["missing"].tolist()
    ['no value: bac-giang']
    """
    table = table.reset_index(drop=True).assign(
        **{column: "" for column in ("definition", "status") if column not in table.columns}
    )
    cross = open_package().tables["crosswalk"]
    moved = cross[cross["area_vn63"] != cross["area_vn34"]].set_index("area_vn63")["area_vn34"]
    old = table["area"].isin(moved.index)
    kept = table[~old].assign(method="unchanged", members=1, missing="")
    merged = _merge(table[old].assign(area_vn34=table["area"].map(moved)), moved, weights)
    keys = ["indicator", "definition", "area", "year"]
    merged = merged[~merged.set_index(keys).index.isin(kept.set_index(keys).index)]
    result = pd.concat([part for part in (kept, merged) if len(part)] or [kept])
    result = result.sort_values(keys).reset_index(drop=True)
    columns = [*keys, "value", "status", "method", "members", "missing"]
    return _mark_break(result[columns])


def _merge(table: pd.DataFrame, moved: pd.Series, weights: pd.DataFrame | None) -> pd.DataFrame:
    rows = []
    for (indicator, definition, area, year), part in table.groupby(["indicator", "definition", "area_vn34", "year"]):
        members = moved.index[moved == area]
        row = {"indicator": indicator, "definition": definition, "area": area, "year": year, "status": "derived"}
        rows.append(row | _one(indicator, part.set_index("area")["value"], members, year, weights))
    return pd.DataFrame(rows, columns=[*("indicator", "definition", "area", "year", "status"), *ONE])


ONE = ["value", "method", "members", "missing"]


def _one(indicator: str, values: pd.Series, members: pd.Index, year: int, weights: pd.DataFrame | None) -> dict:
    """Return the value of one new province for one year, or what is missing for it."""
    about = find_indicator(indicator)
    method = METHODS[about.merge].format(weight=about.weight)
    row = {"value": float("nan"), "method": method, "members": len(members), "missing": ""}
    absent = [member for member in members if pd.isna(values.get(member))]
    if about.merge == "none":
        return row | {"missing": "ranks and one-off figures cannot be merged"}
    if absent:
        return row | {"missing": f"no value: {', '.join(absent)}"}
    values = values.loc[list(members)]
    if about.merge in ("sum", "mean"):
        return row | {"value": float(values.sum() if about.merge == "sum" else values.mean())}
    shares = _weights(about.weight, year, weights).reindex(members)
    if shares.isna().any():
        return row | {"missing": f"no {about.weight}: {', '.join(shares.index[shares.isna()])}"}
    return row | {"value": float((values * shares).sum() / shares.sum())}


def _weights(weight: str, year: int, weights: pd.DataFrame | None) -> pd.Series:
    """Return the denominator of each area for one year."""
    if weights is None:
        held = open_package().tables["observations"]
        weights = held[(held["indicator"] == weight) & (held["conflict"] == "")]
    here = weights[weights["year" if "year" in weights else "period"].astype(str) == str(year)]
    return here.drop_duplicates("area", keep="last").set_index("area")["value"].astype("float64")


def _mark_break(table: pd.DataFrame) -> pd.DataFrame:
    areas = open_package().tables["areas"].set_index("id")
    new = table["area"].map(areas["valid_from"]).fillna("") != ""
    published = new & (table["method"] == "unchanged")
    keys = ["indicator", "definition", "area"]
    after = table["method"].ne("unchanged").groupby([table[key] for key in keys]).cummax()
    first = published & after & ~published.groupby([table[key] for key in keys]).shift(fill_value=False)
    return table.assign(break_before=first.map({True: BREAK, False: ""}))
