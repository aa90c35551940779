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
