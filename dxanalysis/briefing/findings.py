"""Sentences in Vietnamese and English, made from result tables and no stronger than the evidence.

Every function takes tables of the fixed shapes (history, change, forecast, releases, the judgements of `assess`) and
the records of the indicator and the area, and returns a list of :class:`Finding`. It works for no point, one point, no
target and a broken series, and says so in words. Before a list is returned each number of each sentence has been
traced back to its cell (:func:`dxanalysis.briefing.quotes.check`).

=========================  ===================================================================
what is known              ``nothing``, ``level``, ``trend``, ``definitions``, ``limits``, ``headline``
what is judged             ``summary``, ``judgement``, ``agenda``, all read from the record
what comes and came        ``forecast``, ``releases``
=========================  ===================================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ..facts.records import Area, Indicator
from . import labels
from .page import (
    PROVISIONAL,
    Page,
    breaks_of,
    comparable,
    constant,
    definition_of,
    grade_of,
    headline,
    in_both,
    known,
    rows_of,
    sentences,
)
from .quotes import Finding, Quoted, UnquotedNumber, allows, check, check_all, quote
from .target_sentences import agenda, judgement, summary


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


_MEDIAN, _LOW, _HIGH = 0.5, 0.1, 0.9
_OWN_FROM = 4  # comparable figures from which a forecast without other areas may be called the series' own


def forecast(
    forecast: pd.DataFrame, history: pd.DataFrame, explained: pd.DataFrame | None = None, *, indicator: Indicator,
    area: Area,
) -> list[Finding]:
    """State median and 80 % interval of the last year, what carried them, and why the middle lies where it does.

    Parameters
    ----------
    forecast : DataFrame
        year, quantile, value.
    history : DataFrame
        The series it starts from.
    explained : DataFrame, optional
        ``forecasting.explain`` of the same forecast: points, peers, why. What the sentence says of the basis is what
        the model did, never what the number of figures lets one guess.
    """
    table, rows = forecast.reset_index(drop=True), rows_of(history)
    if table.empty:
        return []
    grade = grade_of(history) if len(history) else "none"
    tables = {"forecast": table, "history": rows}
    tables |= {} if explained is None else {"explain": explained.reset_index(drop=True)}
    page = Page(indicator, area, "level" if grade == "none" else grade, tables)
    year = int(table["year"].max())
    cells = _interval(page, year)
    return page.done([page.say(_basis(page), *cells, *_evidence(page)), *_middle(page)]) if cells else []


def _interval(page: Page, year: int) -> list[Quoted]:
    rows = {name: _row_of(page.tables["forecast"], year, level) for name, level in
            (("median", _MEDIAN), ("low", _LOW), ("high", _HIGH))}
    if None in rows.values():
        return []
    cells = [
        cell for name, row in rows.items() for cell in page.cells("forecast", row, **{f"value__{name}": "rounded"})
    ]
    return [*page.cells("forecast", rows["median"], year="year"), *cells, constant("interval", "percent")]


def _row_of(table: pd.DataFrame, year: int, level: float) -> int | None:
    found = table.index[(table["year"] == year) & ((table["quantile"] - level).abs() < 1e-9)]
    return int(found[0]) if len(found) else None


def _basis(page: Page) -> str:
    if "explain" not in page.tables:
        return "forecast" if page.grade == "forecast" else "forecast_learned"
    row = page.tables["explain"].iloc[0]
    if row["peers"] > 0:
        return "forecast_panel"
    own = row["points"] >= _OWN_FROM and row.get("why") != "one_figure"  # one that never moved tells its level only
    return "forecast_own" if own else "forecast_learned"


def _evidence(page: Page) -> list[Quoted]:
    if "explain" not in page.tables:
        return []
    return page.cells("explain", 0, points__n="count:comparable", peers="count:other_area")


def _middle(page: Page) -> list[Finding]:
    """Say why the middle lies where it lies, and what the average change carried on would give."""
    table = page.tables["forecast"]
    last = _row_of(table, int(table["year"].max()), _MEDIAN)
    if "explain" not in page.tables or "why" not in page.tables["explain"].columns or last is None:
        return []
    why = str(page.tables["explain"]["why"].iloc[0])
    if why == "one_figure":
        return []
    cells = page.cells("explain", 0, kept="percent", drift="rounded")
    return [page.say(f"forecast_why_{why}", *page.cells("forecast", last, year="year"), *cells)]


def releases(releases: pd.DataFrame, *, indicator: Indicator, area: Area | None = None) -> list[Finding]:
    """Say for each target whether the verdict survived the releases, and what the first and the last one said."""
    table = releases.reset_index(drop=True)
    page = Page(indicator, area, "level", {"releases": table})
    if table.empty:
        return []
    table = table[table["step"] != "not_available"]
    keys = table["target_year"].astype(float)
    return page.done(_release(page, list(table.index[keys == year])) for year in sorted(keys.dropna().unique()))


def _release(page: Page, rows: list[int]) -> Finding:
    table = page.tables["releases"]
    first, last = rows[0], rows[-1]
    year = page.cells("releases", first, target_year="year")
    if len(rows) == 1:
        return page.say("releases_one", *year, *page.cells("releases", first, as_of="date"))
    steps = table["step"].iloc[rows].astype(str)
    if steps.nunique() == 1:
        target_year = int(table["target_year"].iloc[first])
        count = quote(
            "n", "releases", f"count(target_year={target_year}&step={steps.iloc[-1]})", len(rows), "count:release"
        )
        return page.say("releases_stable", *year, count, step=in_both(labels.name, "step", steps.iloc[-1]))
    before = _last_other(rows, list(steps), last)
    return page.say("releases_changed", *year, *_side(page, before, "before"), *_side(page, last, "after"),
                    before_step=in_both(labels.name, "step", str(table["step"].iloc[before])),
                    after_step=in_both(labels.name, "step", str(table["step"].iloc[last])))


def _last_other(rows: list[int], steps: list[str], last: int) -> int:
    """Return the first release of the latest spell of another verdict, or the first of all where the two ends agree."""
    different = [row for row, step in zip(rows, steps, strict=True) if step != steps[-1]]
    return different[-1] if different else last


def _side(page: Page, at: int, side: str) -> list[Quoted]:
    return page.cells("releases", at, **{f"as_of__{side}_as_of": "date", f"last_year__{side}_year": "year",
                                         f"last__{side}_value": "value"})


__all__ = [
    "Finding",
    "Quoted",
    "UnquotedNumber",
    "agenda",
    "check",
    "check_all",
    "definitions",
    "forecast",
    "grade_of",
    "headline",
    "judgement",
    "level",
    "limits",
    "nothing",
    "releases",
    "sentences",
    "summary",
    "trend",
]
