"""Load targets with document, issuer and date as in force on a day, and the founding article's facts as of today."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from dxanalysis.facts.catalogue import AsOf, as_of_date, definitions, find_area, find_indicator
from dxanalysis.facts.package import Package, compiler_on, open_package

TARGET = [
    *("indicator", "area", "year", "value", "comparator", "unit", "denominator", "document", "document_date"),
    *("issuer", "source", "note", "document_id", "document_vi", "document_en", "issuer_vi", "issuer_en", "value_high"),
    *("document_date_basis", "wording_vi", "wording_en", "definition", "superseded_by", "superseded_on"),
    *("conflict", "fact", "scope", "role", "caveats"),
]


def load_targets(indicator: str, area: str, as_of: AsOf = None, *, which: str = "preferred") -> pd.DataFrame:
    """Return the targets of an area as law: value, comparator, denominator and document.

    Parameters
    ----------
    indicator, area
        Id or name.
    as_of
        Only documents issued by then; see :func:`as_of_date`.
    which
        ``"preferred"``: one row per year. Reports marked as conflicting, targets another document has replaced by then
        and documents that only repeat others are left out; a document with an official number goes before one the
        press reports without a number, and then the newest document counts. A plan for one year counts where it
        renews the target of a milestone year or where nothing else is set; it adds no milestone of its own.
        ``"every-year"``: the same with the years of annual plans, each of which is a target to be judged.
        ``"all"``: every report.

    Returns
    -------
    DataFrame
        ``indicator, area, year, value, comparator, unit, denominator, document, document_date, issuer, source, note``
        and more, sorted by year; ``document`` is the official number where it is known, else the title; ``caveats`` are
        codes separated by semicolons, ``rounded`` where the comparator is "about" among them.

    Examples
    --------
    >>> load_targets("digital_economy_share", "Quảng Ninh", as_of=2022)[["year", "value", "document"]].values.tolist()
    [[2025, 20.0, '09-NQ/TU'], [2030, 30.0, '09-NQ/TU']]
    """
    if which not in ("preferred", "every-year", "all"):
        raise ValueError(f"Unknown choice of targets {which!r}. Write 'preferred', 'every-year' or 'all'.")
    table = open_package().tables["targets"]
    return _as_law(table[(table["indicator"] == find_indicator(indicator).id) & (table["area"] == find_area(area).id)],
                   as_of, which)


def _as_law(table: pd.DataFrame, as_of: AsOf, which: str) -> pd.DataFrame:
    """Return the targets of one area as they stood on a day, of one indicator or of several."""
    table = _with_documents(table, open_package().tables["documents"])
    day = as_of_date(as_of)
    until = "9999" if day is None else day.isoformat()
    table = table[table["document_date"] <= until]
    if which != "all":
        in_force = (table["superseded_on"] == "") | (table["superseded_on"] > until)
        table = table[in_force & (table["conflict"] == "") & (table["role"] != "repeats")]
        table = _milestones(table) if which == "preferred" else table
        table = table.assign(numbered=table["number"] != "").sort_values(["numbered", "document_date"], kind="stable")
        table = table.drop_duplicates(["indicator", "year"], keep="last")
    return table.sort_values(["indicator", "year", "document_date"], kind="stable")[TARGET].reset_index(drop=True)


def load_agenda(area: str, as_of: AsOf = None, *, which: str = "preferred") -> pd.DataFrame:
    """Return every target in force for an area, all indicators, one row per indicator and year.

    Parameters
    ----------
    area
        Id or name.
    as_of
        Only documents issued by then.
    which
        As in :func:`dxanalysis.facts.load_targets`.

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
    table = open_package().tables["targets"]
    return _as_law(table[table["area"] == find_area(area).id], as_of, which)


def _milestones(table: pd.DataFrame) -> pd.DataFrame:
    """Drop the targets of annual plans for years between the milestones."""
    lasting = table["role"] == "sets"
    held = set(zip(table.loc[lasting, "indicator"], table.loc[lasting, "year"], strict=True))
    renewed = pd.Series(
        [pair in held for pair in zip(table["indicator"], table["year"], strict=True)], index=table.index, dtype="bool"
    )
    return table[lasting | renewed | ~table["indicator"].isin(table.loc[lasting, "indicator"])]


def _with_documents(targets: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    about = documents.set_index("id")
    joined = targets.rename(columns={"document": "document_id"}).join(
        about[["number", "title_vi", "title_en", "issuer_vi", "issuer_en", "date", "date_basis", "role", "scope"]],
        on="document_id",
    )
    names = {"title_vi": "document_vi", "title_en": "document_en"}
    joined = joined.rename(columns=names | {"date": "document_date", "date_basis": "document_date_basis"})
    return joined.assign(
        year=joined["year"].astype("int64"),
        document=joined["number"].where(joined["number"] != "", joined["document_en"]),
        issuer=joined["issuer_en"],
    )



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
    return _story(open_package(), through).copy()


@lru_cache(maxsize=8)  # asked for twice in each language of a page, and a quarter of a second long
def _story(package: Package, through: int | None) -> pd.DataFrame:
    found = [_fact(fact, package.tables, through) for fact in package.tables["facts"].to_dict("records")]
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
