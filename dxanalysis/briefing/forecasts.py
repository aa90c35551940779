"""Sentences about forecasts and about verdicts as releases changed them."""

from __future__ import annotations

import pandas as pd

from ..facts.records import Area, Indicator
from . import labels
from .page import Page, constant, grade_of, in_both, rows_of
from .quotes import Finding, Quoted, quote

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
    return "forecast_own" if row["points"] >= _OWN_FROM else "forecast_learned"


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
