"""From a resolution to what became of it: each fact of the founding article, then, as last held, and its target."""

from __future__ import annotations

import pandas as pd

from dxanalysis.facts.catalogue import definitions, find_indicator
from dxanalysis.facts.history import compiler_on
from dxanalysis.facts.package import open_package
from dxanalysis.facts.targets import load_targets

ARTICLE = "founding-article"
STORY = [
    *("fact", "kind", "text_vi", "text_en", "indicator", "area", "unit_vi", "unit_en", "then", "then_period"),
    *("latest", "latest_period", "latest_definition", "latest_definition_vi", "latest_definition_en", "latest_source"),
    *("target", "target_year", "comparator", "source"),
    *("record", "column", "value"),
]
PILLARS = ("government", "economy", "society")


def load_story(through: int | None = None) -> pd.DataFrame:
    """Return the 41 facts of the founding article: what it said, the latest figure held, and the target.

    Parameters
    ----------
    through
        Last year of the latest figures; default: all.

    Returns
    -------
    DataFrame
        ``fact`` (S01 to S41), ``kind, text_vi, text_en, indicator, area, unit_vi, unit_en``; ``then, then_period``: the
        article's figure; ``latest, latest_period, latest_definition`` (its name of that
        day in ``…_vi, …_en``), ``latest_source``: the newest figure held of the same indicator and area by any
        definition, which is named because it may differ; ``target, target_year,
        comparator``: the first target of the area; ``source``: where the fact was read; ``record, column, value``: the
        field that holds a fact which is no figure (such as the day of a document).

    Examples
    --------
    >>> story = load_story().set_index("fact")
    >>> len(story), story.loc[["S08"], ["then", "latest", "latest_period", "target"]].values.tolist()
    (41, [[3.0, 7.1, '2024', 20.0]])
    """
    tables = open_package().tables
    found = [_fact(fact, tables, through) for fact in tables["facts"].to_dict("records")]
    return pd.DataFrame(found, columns=STORY)


def _fact(fact: dict[str, str], tables: dict[str, pd.DataFrame], through: int | None) -> dict[str, object]:
    blank = dict.fromkeys(STORY, "") | {"then": float("nan"), "latest": float("nan"), "target": float("nan")}
    row = blank | {"fact": fact["id"], "kind": fact["kind"], "text_en": fact["paraphrase"], "source": ARTICLE}
    row |= {"record": fact["record"], "column": fact["column"], "value": fact["value"]}
    table = tables.get(str(fact["table"]), pd.DataFrame())
    mine = table[table["fact"] == fact["id"]] if "fact" in table else table[:0]
    if not len(mine):
        return row
    held = mine.iloc[0]
    about = find_indicator(str(held["indicator"]))
    row |= {"text_vi": about.title_vi, "indicator": about.id, "area": str(held["area"]), "source": str(held["source"]),
            "unit_vi": about.unit_vi, "unit_en": about.unit_en}
    if fact["table"] == "targets":
        row |= {"target": float(held["value"]), "target_year": int(held["year"]), "comparator": str(held["comparator"])}
    else:
        row |= {"then": float(held["value"]), "then_period": str(held["period"])} | _target(about.id, str(held["area"]))
    return row | _latest(about.id, str(held["area"]), tables["observations"], through)


def _target(indicator: str, area: str) -> dict[str, object]:
    targets = load_targets(indicator, area)
    if not len(targets):
        return {}
    first = targets.iloc[0]
    return {"target": float(first["value"]), "target_year": int(first["year"]), "comparator": str(first["comparator"])}


def _latest(indicator: str, area: str, observations: pd.DataFrame, through: int | None) -> dict[str, object]:
    """Return the newest figure of an indicator in an area: of one period, by the definition of highest rank."""
    held = observations[(observations["indicator"] == indicator) & (observations["area"] == area)]
    held = held[(held["conflict"] == "") & (held["status"] != "projection") & held["value"].notna()]
    held = held if through is None else held[held["period"].str[:4].astype(int) <= through]
    if not len(held):
        return {}
    ranks = {one: at for at, one in enumerate(definitions(indicator))}
    ends = held["period"].str[-4:].where(held["period"].str.len() == 9, held["period"].str[:4])
    ordered = held.assign(end=ends, rank=-held["definition"].map(ranks)).sort_values(["end", "rank", "vintage"])
    last = ordered.iloc[-1]
    vi, en = compiler_on(indicator, str(last["definition"]), str(last["vintage"]))
    return {"latest": float(last["value"]), "latest_period": str(last["period"]), "latest_source": str(last["source"]),
            "latest_definition": str(last["definition"]), "latest_definition_vi": vi, "latest_definition_en": en}


def load_start_points(area: str) -> pd.DataFrame:
    """Return the points an area gave itself before its resolution, by pillar: ``pillar, points, maximum, percent``.

    Examples
    --------
    >>> load_start_points("quang-ninh")[["pillar", "points", "percent"]].values.tolist()
    [['government', 234.31, 73.0], ['economy', 85.42, 36.0], ['society', 109.74, 46.0]]
    """
    table = open_package().tables["observations"]
    values = table[table["area"] == area].set_index("indicator")["value"]
    rows = []
    for pillar in PILLARS:
        name = f"dx_points_{pillar}"
        if name in values and f"{name}_percent" in values:
            unit = find_indicator(name).unit_vi.rpartition("/")[2]
            rows.append((pillar, float(values[name]), float(unit), float(values[f"{name}_percent"])))
    return pd.DataFrame(rows, columns=["pillar", "points", "maximum", "percent"])
