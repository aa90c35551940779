"""Sentences about what may be concluded: forecasts, attainment, verdicts, releases, and the headline of a page."""

from __future__ import annotations

from typing import Any

import pandas as pd

from . import labels
from .page import Page, comparable, constant, grade_of, in_both, known, rows_of
from .quotes import CONSTANTS, Finding, allows, quote


def attainment(attainment: pd.DataFrame, *, indicator: Any, area: Any) -> list[Finding]:
    """State the probability of meeting each target in calibrated words and as a number, and the year expected.

    The words follow the scale of the Intergovernmental Panel on Climate Change (Mastrandrea et al.). Where the
    evidence is short of a forecast and nothing was borrowed, it says that it is too early.
    """
    table = attainment.reset_index(drop=True)
    found: list[Finding] = []
    for at in range(len(table)):
        page = Page(indicator, area, _grade_in(table, at), {"attainment": table})
        found += page.done([*_attainment(page, at), *_expected(page, at)])
    return found


def _grade_in(table: pd.DataFrame, at: int) -> str:
    grade = table["grade"].iloc[at] if "grade" in table else "forecast"
    return str(grade) if known(grade) and str(grade) else "none"


def _speaks(page: Page, at: int) -> bool:
    """Tell whether a probability may be stated: from the series itself, or with strength borrowed and said so.

    One figure has no direction; whatever probability it gets is all borrowed and stays in the table.
    """
    row = page.tables["attainment"].iloc[at]
    return known(row["probability"]) and allows(page.grade, "direction")


def _attainment(page: Page, at: int) -> list[Finding]:
    row = page.tables["attainment"].iloc[at]
    year = page.cells("attainment", at, target_year="year")
    if _settled(row):
        return [page.say(f"attainment_{row['verdict']}", *year, *page.cells("attainment", at, target="value"))]
    if not _speaks(page, at):
        return [page.say("attainment_too_early", *year)]
    key = "attainment_borrowed" if _borrowed(page, row) else "attainment"
    cells = page.cells("attainment", at, target="value", probability="probability")
    return [page.say(key, *year, *cells, likelihood=_likelihood(row["probability"]))]


def _settled(row: pd.Series) -> bool:
    """Tell whether the target year has been observed: its outcome is a fact and needs no probability."""
    observed = known(row.get("last_year")) and row["last_year"] >= row["target_year"]
    return bool(observed) and str(row.get("verdict")) in ("achieved", "missed")


def _borrowed(page: Page, row: pd.Series) -> bool:
    return page.grade != "forecast" or (known(row.get("borrowed")) and bool(row["borrowed"]))


def _likelihood(probability: float) -> tuple[str, str]:
    return in_both(labels.name, "likelihood", labels.likelihood(float(probability)))


def _expected(page: Page, at: int) -> list[Finding]:
    table = page.tables["attainment"]
    if "expected_year" not in table or not _speaks(page, at) or _settled(table.iloc[at]):
        return []
    target = page.cells("attainment", at, target="value")
    year = _year(table["expected_year"].iloc[at])
    low, high = (_year(table[name].iloc[at]) if name in table else None
                 for name in ("expected_year_low", "expected_year_high"))
    earliest = [] if low is None else page.cells("attainment", at, expected_year_low__low="year")
    earliest += [] if low is None else [constant("interval", "percent")]
    if year is None:
        key = "expected_beyond" if low is None else "expected_beyond_from"
        return [page.say(key, *target, *earliest, constant("horizon", "year"))]
    cells = [*target, *page.cells("attainment", at, expected_year="year")]
    if low is None:
        return [page.say("expected_year", *cells)]
    cells += earliest
    if high is None:
        return [page.say("expected_year_open", *cells, constant("horizon", "year"))]
    return [page.say("expected_year_range", *cells, *page.cells("attainment", at, expected_year_high__high="year"))]


def _year(value: Any) -> int | None:
    """Read a year; missing, infinite or past the horizon means "beyond" it."""
    if not known(value):
        return None
    number = pd.to_numeric(pd.Series([value]), errors="coerce").iloc[0]
    return int(number) if known(number) and number <= CONSTANTS["horizon"] else None


def verdicts(panel: pd.DataFrame, agreement: pd.DataFrame, *, indicator: Any = None, area: Any = None) -> list[Finding]:
    """State what most published methods say of each target, whether they agree, and which results to distrust."""
    tables = {"panel": panel.reset_index(drop=True), "agreement": agreement.reset_index(drop=True)}
    page = Page(indicator, area, "level", tables)
    found = [_verdict(page, at) for at in _open_rows(tables["agreement"], tables["panel"])]
    return page.done([*found, *_warning(page, "flagged"), *_warning(page, "borderline")])


def _open_rows(agreement: pd.DataFrame, panel: pd.DataFrame) -> list[int]:
    """Return the rows of targets whose year is not observed yet; the others have an outcome in place of a verdict."""
    rows = agreement[agreement["target_year"].notna()]
    seen = panel["last_year"].dropna() if "last_year" in panel else pd.Series(dtype="float64")
    ahead = rows[rows["target_year"] > seen.max()] if len(seen) else rows
    return list((ahead if len(ahead) else rows).index)


def _verdict(page: Page, at: int) -> Finding:
    row = page.tables["agreement"].iloc[at]
    year = page.cells("agreement", at, target_year="year")
    if not known(row["judged"]) or int(row["judged"]) == 0:
        return page.say("verdict_none", *year)
    key = "verdict_robust" if bool(row["robust"]) else "verdict_contested"
    cells = page.cells("agreement", at, agree="count", judged="count")
    return page.say(key, *year, *cells, step=in_both(labels.name, "step", str(row["step"])))


def _warning(page: Page, column: str) -> list[Finding]:
    panel = page.tables["panel"]
    count = int(panel[column].astype(bool).sum()) if column in panel else 0
    if count == 0:
        return []
    if count == 1:
        return [page.say(f"verdict_{column}_one")]
    return [page.say(f"verdict_{column}", quote("n", "panel", f"count({column}=True)", count, "count"))]


def headline(
    history: pd.DataFrame, pace: pd.DataFrame | None = None, attainment: pd.DataFrame | None = None, *,
    indicator: Any, area: Any, grade: str | None = None,
) -> Finding:
    """Return the one line a title carries: the next target's probability, else the gap, else the level, else nothing.

    The next target is the first whose year is later than the last figure's; where all are past, the last one.
    """
    rows = rows_of(history)
    if rows.empty:
        return _headline_nothing(indicator, area)
    tables = {"history": rows}
    tables |= {name: table.reset_index(drop=True) for name, table in (("pace", pace), ("attainment", attainment))
               if table is not None}
    page = Page(indicator, area, grade or grade_of(rows), tables)
    found = _headline_attainment(page) or _headline_pace(page) or _headline_level(page)
    return page.done([found])[0]


def _headline_nothing(indicator: Any, area: Any) -> Finding:
    page = Page(indicator, area, "none", {})
    return page.done([page.say("headline_nothing")])[0]


def _headline_level(page: Page) -> Finding:
    rows = page.tables["history"]
    last, first = len(rows) - 1, int((rows["year"] == comparable(rows)["year"].iloc[0]).argmax())
    if first < last and allows(page.grade, "direction"):
        change = rows["value"].iloc[last] - rows["value"].iloc[first]
        ends = page.cells("history", first, value__first="value", year__first_year="year")
        ends += page.cells("history", last, value__last="value", year__last_year="year")
        return page.say(f"headline_{'up' if change > 0 else 'down' if change < 0 else 'flat'}", *ends)
    return page.say("headline_level", *page.cells("history", last, value__last="value", year__last_year="year"))


def _headline_pace(page: Page) -> Finding | None:
    table = page.tables.get("pace")
    if table is None or table.empty or not known(table["last"].iloc[0]):
        return None
    at = _next_target(table)
    row = table.iloc[at]
    cells = page.cells("pace", at, target_year="year", target="value", last_year="year", last="value", gap="difference")
    if bool(row["met"]):
        return page.say("headline_met", *cells)
    if not row["gap"] > 0:  # the target's year is over, its figure is not out, and the last one was good enough
        return None
    return page.say("headline_missed" if row["target_year"] <= row["last_year"] else "headline_gap", *cells)


def _next_target(pace: pd.DataFrame) -> int:
    ahead = pace.index[(pace["target_year"] > pace["last_year"]).fillna(False) & ~pace["met"].astype(bool)]
    return int(ahead[0]) if len(ahead) else len(pace) - 1


def _headline_attainment(page: Page) -> Finding | None:
    table = page.tables.get("attainment")
    if table is None or table.empty:
        return None
    at = _first_open(page, table)
    if at is None or not _speaks(page, at):
        return None
    key = "headline_attainment_borrowed" if _borrowed(page, table.iloc[at]) else "headline_attainment"
    cells = page.cells("attainment", at, target_year="year", target="value", probability="probability")
    return page.say(key, *cells, likelihood=_likelihood(table["probability"].iloc[at]))


def _first_open(page: Page, table: pd.DataFrame) -> int | None:
    """Return the row of the first target still ahead of the last figure, or None where every one is behind it."""
    last_year = int(page.tables["history"]["year"].iloc[-1])
    ahead = table.index[(table["target_year"] > last_year) & table["probability"].notna()]
    return int(ahead[0]) if len(ahead) else None
