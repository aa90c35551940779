"""Sentences about what is known: levels, changes, targets, the pace they take, definitions and limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from . import labels
from .page import PROVISIONAL, Page, breaks_of, comparable, compared, definition_of, grade_of, in_both, known, rows_of
from .quotes import Finding, allows, quote


def nothing(*, indicator: Any, area: Any, year: int | None = None) -> list[Finding]:
    """Say that there is no figure (by the end of `year`, when a year is given)."""
    page = Page(indicator, area, "none", {"parameters": {"year": year}})
    if year is None:
        return page.done([page.say("nothing")])
    return page.done([page.say("nothing_by", quote("year", "parameters", "year", year, "year"))])


def level(
    history: pd.DataFrame, *, indicator: Any, area: Any, definition: Any = None, year: int | None = None
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
    history: pd.DataFrame, change: pd.DataFrame, *, indicator: Any, area: Any, grade: str | None = None,
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


def targets(
    targets: pd.DataFrame, *, indicator: Any, area: Any, document: Callable[[str], Any] | None = None
) -> list[Finding]:
    """State each target with its year, its comparator and the document that sets it.

    `document` gives the record of a document's id (``title_vi``, ``title_en``); without it the id is printed.
    """
    table = targets.reset_index(drop=True)
    page = Page(indicator, area, "none", {"targets": table})
    if table.empty:
        return page.done([page.say("no_target")])
    return page.done(_target(page, at, document) for at in range(len(table)))


def _target(page: Page, at: int, document: Callable[[str], Any] | None) -> Finding:
    row = page.tables["targets"].iloc[at]
    year, value = page.cells("targets", at, year__target_year="year", value__target="value")
    value = compared(value, str(row.get("comparator", "") or ""))
    if not known(row.get("document")) or not str(row.get("document")):
        return page.say("target_bare", year, value)
    if document is None:
        return page.say("target", year, value, *page.cells("targets", at, document="text"))
    return page.say(
        "target", year, value, document=in_both(labels.in_language, document(str(row["document"])), "title")
    )


def pace(
    pace: pd.DataFrame, history: pd.DataFrame | None = None, *, indicator: Any, area: Any, grade: str | None = None,
    year: int | None = None,
) -> list[Finding]:
    """State the gap to each target, the pace it takes and, with points enough, the pace there is.

    The history gives the evidence grade; without it (and without `grade`) no pace is claimed.
    `year` is the year at whose end the analysis stands: a target of that year whose figure is not out yet is over
    but not settled, and the sentence says so.
    """
    table = pace.reset_index(drop=True)
    page = Page(indicator, area, grade or ("level" if history is None else grade_of(history)), {"pace": table})
    if table.empty:
        return page.done([page.say("no_target")])
    return page.done(sentence for at in range(len(table)) for sentence in _pace(page, at, year))


def _pace(page: Page, at: int, year: int | None) -> list[Finding]:
    row = page.tables["pace"].iloc[at]
    basic = page.cells("pace", at, target_year="year", target="value")
    if not known(row["last"]) or page.grade == "none":
        return [page.say("target_bare", *basic)]
    cells = basic + page.cells("pace", at, last_year="year", last="value", gap="difference")
    if bool(row["met"]):
        return [page.say("target_met", *cells)]
    if row["target_year"] <= row["last_year"]:
        return [page.say("target_missed", *cells)]
    if year is not None and row["target_year"] <= year:
        return [page.say("target_past_unknown" if row["gap"] > 0 else "target_past_unknown_above", *cells)]
    return [page.say("gap", *cells), *_required(page, at), *_actual(page, at)]


def _required(page: Page, at: int) -> list[Finding]:
    row = page.tables["pace"].iloc[at]
    if not known(row["required_per_year"]):
        return []
    way = "up" if row["required_per_year"] >= 0 else "down"
    key = f"required_last_year_{way}" if row["years_left"] == 1 else f"required_{way}"
    return [page.say(key, *page.cells(
        "pace", at, target_year="year", last_year="year", required_per_year__required="rate", years_left="count"
    ))]


def _actual(page: Page, at: int) -> list[Finding]:
    row = page.tables["pace"].iloc[at]
    if not allows(page.grade, "pace") or not known(row["actual_per_year"]) or not known(row["ratio"]):
        return []
    key = "actual_wrong_way" if row["ratio"] <= 0 else "actual_enough" if row["ratio"] >= 1 else "actual_short"
    return [page.say(key, *page.cells(
        "pace", at, target_year="year", actual_per_year__actual="rate_signed", ratio="part"
    ))]


def limits(history: pd.DataFrame, *, indicator: Any, area: Any, grade: str | None = None) -> list[Finding]:
    """Say what the number of comparable points allows and what it does not."""
    rows = comparable(history) if len(history) else history
    grade = grade or grade_of(rows)
    page = Page(indicator, area, grade, {"comparable": rows.reset_index(drop=True)})
    return page.done([page.say(f"limit_{grade}", quote("n", "comparable", "count()", len(rows), "count:figure"))])


def definitions(
    records: Iterable[Any], values: pd.DataFrame | None = None, *, indicator: Any, area: Any
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
