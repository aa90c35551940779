"""Load targets as law: the document, its issuer and date, and what was in force on a day."""

from __future__ import annotations

import pandas as pd

from dxanalysis.facts.catalogue import find_area, find_indicator
from dxanalysis.facts.history import AsOf, as_of_date
from dxanalysis.facts.package import open_package

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
    tables = open_package().tables
    table = tables["targets"]
    table = table[(table["indicator"] == find_indicator(indicator).id) & (table["area"] == find_area(area).id)]
    table = _with_documents(table, tables["documents"])
    day = as_of_date(as_of)
    until = "9999" if day is None else day.isoformat()
    table = table[table["document_date"] <= until]
    if which != "all":
        in_force = (table["superseded_on"] == "") | (table["superseded_on"] > until)
        table = table[in_force & (table["conflict"] == "") & (table["role"] != "repeats")]
        table = _milestones(table) if which == "preferred" else table
        table = table.assign(numbered=table["number"] != "").sort_values(["numbered", "document_date"], kind="stable")
        table = table.drop_duplicates("year", keep="last")
    return table.sort_values(["year", "document_date"], kind="stable")[TARGET].reset_index(drop=True)


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


def _milestones(table: pd.DataFrame) -> pd.DataFrame:
    """Drop the targets of annual plans for years between the milestones."""
    lasting = table.loc[table["role"] == "sets", "year"]
    return table[(table["role"] == "sets") | table["year"].isin(lasting)] if len(lasting) else table


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
