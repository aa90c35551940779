"""Sentences about what is known: levels, changes, definitions and limits; targets are told by their judgement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ..facts.records import Area, Indicator
from . import labels
from .page import PROVISIONAL, Page, breaks_of, comparable, definition_of, grade_of, in_both, known, rows_of
from .quotes import Finding, allows, quote


def nothing(*, indicator: Indicator, area: Area, year: int | None = None) -> list[Finding]:
    """Say that there is no figure (by the end of `year`, when a year is given)."""
    page = Page(indicator, area, "none", {"parameters": {"year": year}})
    if year is None:
        return page.done([page.say("nothing")])
    return page.done([page.say("nothing_by", quote("year", "parameters", "year", year, "year"))])


def level(
    history: pd.DataFrame, *, indicator: Indicator, area: Area, definition: Any = None, year: int | None = None
) -> list[Finding]:
    """State the latest figure, who measured it, its status and its date of publication."""
    rows = rows_of(history)
    if rows.empty:
        return nothing(indicator=indicator, area=area, year=year)
    page = Page(indicator, area, "level", {"history": rows})
    last = len(rows) - 1
    return page.done([_level(page, rows, last, definition)])


def _level(page: Page, rows: pd.DataFrame, at: int, definition: Any) -> Finding:
    row = rows.iloc[at]
    words = {
        "definition": in_both(labels.definer, definition or definition_of(rows.iloc[[at]])),
        "status": in_both(labels.name, "status", str(row.get("status", "") or "reported")),
    }
    if not known(row.get("vintage")) or not str(row.get("vintage")):
        return page.say("level", *page.cells("history", at, year="year", value="value"), **words)
    basis = str(row.get("vintage_basis", ""))
    key = "level_published_by" if basis in ("not-later-than", "inferred") else "level_published"
    kind = "month" if basis == "month" else "date"
    return page.say(key, *page.cells("history", at, year="year", value="value", vintage=kind), **words)


def trend(
    history: pd.DataFrame, change: pd.DataFrame, *, indicator: Indicator, area: Area, grade: str | None = None,
    year: int | None = None, judgement: pd.DataFrame | None = None,
) -> list[Finding]:
    """Say which way the series went, how fast if the points allow it, and what is provisional, broken or missing.

    `judgement` gives the noise of the releases; a change within it is no clear change.
    """
    rows = rows_of(history)
    if rows.empty:
        return nothing(indicator=indicator, area=area, year=year)
    tables = {"history": rows, "change": change.reset_index(drop=True)}
    if judgement is not None:
        tables["assessment"] = judgement[judgement["area"] == area.id].reset_index(drop=True)
    page = Page(indicator, area, grade or grade_of(rows), tables)
    found = [*_breaks(page, rows), *_movement(page, rows), *_gaps(page), *_provisional(page, rows)]
    return page.done(found)


def _movement(page: Page, rows: pd.DataFrame) -> list[Finding]:
    row = page.tables["change"].iloc[0]
    if not allows(page.grade, "direction") or not known(row["points"]):
        return [page.say("trend_one", *page.cells("history", len(rows) - 1, year="year"))]
    way = "up" if row["points"] > 0 else "down" if row["points"] < 0 else "flat"
    cells = page.cells(
        "change", 0, first_year="year", last_year="year", first="value", last="value", points__change="difference"
    )
    if page.measure.unit == "rank":  # a rank that falls is a rank that improves
        return [page.say("trend_rank", *cells)]
    found = [page.say(f"trend_{way}", *cells)]
    held = page.tables.get("assessment", pd.DataFrame())
    if len(held) and known(held["noise"].iloc[0]) and abs(row["points"]) <= held["noise"].iloc[0]:
        return [*found, page.say("trend_noise", *page.cells("assessment", 0, noise="difference"))]
    if not allows(page.grade, "pace"):
        return [*found, page.say("trend_few", *page.cells("change", 0, n="count:figure"))]
    if way != "flat":
        found.append(page.say(f"trend_pace_{way}", *page.cells("change", 0, per_year="rate")))
    return found


def _breaks(page: Page, rows: pd.DataFrame) -> list[Finding]:
    found = []
    for year, reason in breaks_of(rows):
        at = int((rows["year"] == year).argmax())
        in_vietnamese = str(rows.iloc[at].get("break_before_vi") or reason)
        found.append(page.say("break_reason", *page.cells("history", at, year="year"), reason=(in_vietnamese, reason)))
    return found


def _gaps(page: Page) -> list[Finding]:
    row = page.tables["change"].iloc[0]
    if not known(row["first_year"]) or not allows(page.grade, "direction"):
        return []
    if row["last_year"] - row["first_year"] + 1 <= row["n"]:
        return []
    return [page.say("gap_years", *page.cells("change", 0, first_year="year", last_year="year", n="count:year"))]


def _provisional(page: Page, rows: pd.DataFrame) -> list[Finding]:
    if "status" not in rows:
        return []
    found = []
    for at, status in enumerate(rows["status"].astype(str)):
        cells = page.cells("history", at, year="year")
        if status == "self-assessed":
            found.append(page.say("self_assessed", *cells))
        elif status in PROVISIONAL and at == len(rows) - 1:
            found.append(page.say("provisional", *cells, status=in_both(labels.name, "status", status)))
    return found


def limits(history: pd.DataFrame, *, indicator: Indicator, area: Area, grade: str | None = None) -> list[Finding]:
    """Say what the number of comparable points allows and what it does not."""
    rows = comparable(history) if len(history) else history
    grade = grade or grade_of(rows)
    page = Page(indicator, area, grade, {"comparable": rows.reset_index(drop=True)})
    return page.done([page.say(f"limit_{grade}", quote("n", "comparable", "count()", len(rows), "count:figure"))])


def definitions(
    records: Iterable[Any], values: pd.DataFrame | None = None, *, indicator: Indicator, area: Area
) -> list[Finding]:
    """Name the definitions and set their values of the same year side by side, never as one series.

    `values` holds rows of `definition`, `year`, `value` (histories put one under another).
    """
    table = (values if values is not None else pd.DataFrame(columns=["definition", "year", "value"])).copy()
    table = table[table["value"].notna()].reset_index(drop=True)
    page = Page(indicator, area, "level" if len(table) else "none", {"values": table})
    named = {record.id: record for record in records}
    found = [page.say("definition", name=in_both(labels.definer, record)) for record in named.values()]
    year = _common_year(table)
    for at in range(len(table)):
        if table["year"].iloc[at] == year:
            who = str(table["definition"].iloc[at])
            cells = page.cells("values", at, year="year", value="value")
            name = in_both(labels.definer, named.get(who, who))
            found.append(page.say("definition_value", *cells, definition=name))
    if len(named) > 1 or table["definition"].nunique() > 1:
        found.append(page.say("definitions_apart"))
    return page.done(found)


def _common_year(table: pd.DataFrame) -> int | None:
    if table.empty or table["definition"].nunique() < 2:
        return None
    shared = table.groupby("year")["definition"].nunique()
    shared = shared[shared == shared.max()]
    return int(shared.index.max()) if shared.max() > 1 else None


def headline(history: pd.DataFrame, *, indicator: Indicator, area: Area, grade: str | None = None) -> Finding:
    """Return the one line a title carries where no target is judged: how far the series moved, or its level."""
    rows = rows_of(history)
    if rows.empty:
        page = Page(indicator, area, "none", {})
        return page.done([page.say("headline_nothing")])[0]
    page = Page(indicator, area, grade or grade_of(rows), {"history": rows})
    last, first = len(rows) - 1, int((rows["year"] == comparable(rows)["year"].iloc[0]).argmax())
    ends = page.cells("history", last, value__last="value", year__last_year="year")
    if first == last or not allows(page.grade, "direction"):
        return page.done([page.say("headline_level", *ends)])[0]
    change = rows["value"].iloc[last] - rows["value"].iloc[first]
    ends = [*page.cells("history", first, value__first="value", year__first_year="year"), *ends]
    way = "flat" if change == 0 else "rank" if page.measure.unit == "rank" else "up" if change > 0 else "down"
    return page.done([page.say(f"headline_{way}", *ends)])[0]
