"""Recompute figures of the 63 old provinces for the 34 of 1 July 2025, saying how and what is missing."""

from __future__ import annotations

import pandas as pd

from dxanalysis.facts.catalogue import find_indicator
from dxanalysis.facts.package import open_package

METHODS = {
    "sum": "sum",
    "weighted": "mean weighted by {weight}",
    "rate": "mean weighted by {weight}",
    "mean": "simple mean (as published)",
    "none": "not mergeable",
}
BREAK = "published for the boundary of 1 July 2025; earlier values are recomputed from the old provinces"


def to_current_areas(table: pd.DataFrame, weights: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a table of areas with the old provinces merged into the current ones.

    Counts are summed; shares are weighted by their denominator and rates by population; indices are the simple mean,
    as the ministry publishes them; ranks cannot be merged. A new province is computed only where every old member has
    its value and, where needed, its weight: nothing is guessed.

    Parameters
    ----------
    table
        A history or observations of one definition per indicator: ``indicator, area, value`` and ``year`` or
        ``period`` (``definition`` and others may follow).
    weights
        ``area, year (or period), value``: the denominators. Default: those the package holds under the indicator's
        ``weight``.

    Returns
    -------
    DataFrame
        ``indicator, definition, area, year|period, value, status, method, members, missing, break_before``, sorted.
        Areas that did not change (and the nation) pass through as they are (method ``unchanged``). ``value`` is missing
        where ``missing`` names the members without value or weight. Where a value was published for the new province,
        it stands, and ``break_before`` marks the first such value after recomputed ones.

    Raises
    ------
    ValueError
        Where one indicator comes with two definitions, a figure comes twice, or a column is missing.

    Examples
    --------
    >>> teams = pd.DataFrame({"indicator": "community_digital_teams", "area": ["bac-ninh", "bac-giang", "quang-ninh"],
    ...                       "year": 2023, "value": [100.0, 50.0, 1473.0]})
    >>> to_current_areas(teams)[["area", "value", "method"]].values.tolist()
    [['bac-ninh-2025', 150.0, 'sum'], ['quang-ninh', 1473.0, 'unchanged']]
    >>> to_current_areas(teams[:1])["missing"].tolist()
    ['no value: bac-giang']
    """
    when = _check(table)
    table = table.reset_index(drop=True).assign(
        **{column: "" for column in ("definition", "status") if column not in table.columns}
    )
    cross = open_package().tables["crosswalk"]
    moved = cross[cross["area_vn63"] != cross["area_vn34"]].set_index("area_vn63")["area_vn34"]
    old = table["area"].isin(moved.index)
    kept = table[~old].assign(method="unchanged", members=1, missing="")
    merged = _merge(table[old].assign(area_vn34=table["area"].map(moved)), moved, when, weights)
    keys = ["indicator", "definition", "area", when]
    merged = merged[~merged.set_index(keys).index.isin(kept.set_index(keys).index)]
    result = pd.concat([part for part in (kept, merged) if len(part)] or [kept])
    result = result.sort_values(keys).reset_index(drop=True)
    columns = [*keys, "value", "status", "method", "members", "missing"]
    return _mark_break(result[columns], when)


def _check(table: pd.DataFrame) -> str:
    missing = [column for column in ("indicator", "area", "value") if column not in table.columns]
    if missing:
        raise ValueError(f"The table has no column {missing}. Columns received: {list(table.columns)[:10]}")
    if "definition" in table.columns:
        for indicator, part in table.groupby("indicator")["definition"]:
            if part.nunique() > 1:
                cure = "Choose one, or merge them one after the other."
                raise ValueError(f"'{indicator}' comes with two definitions: {sorted(set(part))}. {cure}")
    when = "year" if "year" in table.columns else "period"
    if when not in table.columns:
        raise ValueError("The table has neither a column 'year' nor 'period'. Give it one.")
    twice = table[table.duplicated(["indicator", "area", when])]
    if len(twice):
        figure = " / ".join(map(str, twice[["indicator", "area", when]].iloc[0]))
        raise ValueError(f"The figure {figure} comes twice. Keep one release of it: load_history() or load_panel() do.")
    return when


def _merge(table: pd.DataFrame, moved: pd.Series, when: str, weights: pd.DataFrame | None) -> pd.DataFrame:
    rows = []
    for (indicator, definition, area, time), part in table.groupby(["indicator", "definition", "area_vn34", when]):
        members = moved.index[moved == area]
        row = {"indicator": indicator, "definition": definition, "area": area, when: time, "status": "derived"}
        rows.append(row | _one(indicator, part.set_index("area")["value"], members, time, weights))
    return pd.DataFrame(rows, columns=[*("indicator", "definition", "area", when, "status"), *ONE])


ONE = ["value", "method", "members", "missing"]


def _one(indicator: str, values: pd.Series, members: pd.Index, time: object, weights: pd.DataFrame | None) -> dict:
    """Return the value of one new province for one period, or what is missing for it."""
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
    shares = _weights(about.weight, time, weights).reindex(members)
    if shares.isna().any():
        return row | {"missing": f"no {about.weight}: {', '.join(shares.index[shares.isna()])}"}
    return row | {"value": float((values * shares).sum() / shares.sum())}


def _weights(weight: str, time: object, weights: pd.DataFrame | None) -> pd.Series:
    """Return the denominator of each area for one period."""
    if weights is None:
        held = open_package().tables["observations"]
        weights = held[(held["indicator"] == weight) & (held["conflict"] == "")]
    when = "year" if "year" in weights.columns else "period"
    here = weights[weights[when].astype(str) == str(time)]
    return here.drop_duplicates("area", keep="last").set_index("area")["value"].astype("float64")


def _mark_break(table: pd.DataFrame, when: str) -> pd.DataFrame:
    areas = open_package().tables["areas"].set_index("id")
    new = table["area"].map(areas["valid_from"]).fillna("") != ""
    published = new & (table["method"] == "unchanged")
    keys = ["indicator", "definition", "area"]
    after = table["method"].ne("unchanged").groupby([table[key] for key in keys]).cummax()
    first = published & after & ~published.groupby([table[key] for key in keys]).shift(fill_value=False)
    return table.assign(break_before=first.map({True: BREAK, False: ""}))
