"""Load a series as it stood after each publication, for every definition."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from dxanalysis.facts.catalogue import definition, definitions, find_area, find_indicator
from dxanalysis.facts.figures import annual_figures
from dxanalysis.facts.history import AsOf, annual_reports, as_of_date, load_history
from dxanalysis.facts.records import Definition


def load_releases(
    indicator: str, area: str, definition: str = "preferred", as_of: AsOf = None, *, through: int | None = None
) -> dict[str, pd.DataFrame]:
    """Return the history after each day on which an annual figure of one definition was published.

    Each history is what :func:`load_history` gave on that day, so breaks, conflicts and the preference among sources
    are treated as everywhere else.

    Parameters
    ----------
    indicator, area, definition, as_of, through
        As in :func:`load_history`; releases after `as_of` are left out.

    Returns
    -------
    dict
        ``day -> history``, in order of days; days that change nothing are left out.

    Examples
    --------
    >>> releases = load_releases("digital_economy_share", "Quảng Ninh")
    >>> {day: history["value"].tolist() for day, history in releases.items()}
    {'2023-10-02': [3.0], '2025-07-31': [3.0, 7.1]}
    """
    newest = load_history(indicator, area, definition, as_of, through=through)
    if not len(newest):
        return {}
    chosen = str(newest["definition"].iloc[0])
    measured, place = str(newest["indicator"].iloc[0]), str(newest["area"].iloc[0])
    known = annual_reports(measured, as_of_date(as_of, through), place)
    days = known.loc[_is_of(known, place, chosen), "vintage"].unique()
    ever = annual_figures(measured, place)
    changes = _days_of_change(ever[_is_of(ever, place, chosen) & (ever["status"] != "projection")], days, through)
    return {day: load_history(indicator, area, chosen, day, through=through) for day in changes}


def _is_of(reports: pd.DataFrame, area: str, definition: str) -> pd.Series:
    """Tell the reports of an area by a definition that no other contradicts."""
    return (reports["area"] == area) & (reports["definition"] == definition) & (reports["conflict"] == "")


def _days_of_change(reports: pd.DataFrame, days: Iterable[str], through: int | None) -> list[str]:
    """Return those of the days after which a year, a value or a status was another than after the one before.

    Reports come in order of preference. A December figure stands for its year only while no annual one is known.
    """
    columns = ["vintage", "period", "year", "value", "status"]
    rows = [row for row in reports[columns].itertuples(index=False) if through is None or row.year <= through]
    changes: list[str] = []
    before: dict[str, tuple[float, str]] = {}
    for day in sorted(days):
        by_period: dict[str, tuple[float, str]] = {}
        for row in (row for row in rows if row.vintage <= day):
            by_period.setdefault(row.period, (row.value, row.status))
        stood = {period[:4]: by_period[period] for period in sorted(by_period, reverse=True)}  # 2024-12, then 2024
        if stood != before:
            changes.append(str(day))
        before = stood
    return changes


def load_each_definition(
    indicator: str, area: str, as_of: AsOf = None, *, through: int | None = None
) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the newest history of every definition that has one, by definition and the day of its newest figure.

    Examples
    --------
    >>> list(load_each_definition("digital_economy_share", "viet-nam", as_of="2025-02-28"))[:2]
    [('gso', '2025-01-06'), ('mic', '2025-02-06')]
    """
    place = find_area(area).id
    ever = annual_figures(find_indicator(indicator).id, place)
    held = set(ever.loc[ever["area"] == place, "definition"])  # most definitions were never used here
    used = [one for one in definitions(indicator) if one in held]
    loaded = (load_history(indicator, area, one, as_of, through=through) for one in used)
    return {_key(history): history for history in loaded if len(history)}


def by_definition(table: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Split histories that stand one under another as `load_each_definition` gives them.

    Examples
    --------
    >>> both = load_side_by_side("digital_economy_share", "viet-nam", as_of="2025-02-28")
    >>> list(by_definition(both))[:2]
    [('gso', '2025-01-06'), ('mic', '2025-02-06')]
    """
    parts = (part.reset_index(drop=True) for _, part in table.groupby("definition", sort=False))
    return {_key(part): part for part in parts}


def _key(history: pd.DataFrame) -> tuple[str, str]:
    return history["definition"].iloc[0], history["vintage"].max()


def load_side_by_side(indicator: str, area: str, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the newest histories of all definitions one under another, told apart by the column ``definition``.

    Each is a series of its own; nothing is joined.

    Examples
    --------
    >>> load_side_by_side("digital_economy_share", "viet-nam", through=2024)["definition"].unique().tolist()[:2]
    ['gso', 'mic']
    """
    histories = load_each_definition(indicator, area, as_of, through=through)
    if not histories:
        return load_history(indicator, area, as_of=as_of, through=through)[:0]
    return pd.concat(histories.values(), ignore_index=True)


def definitions_in(table: pd.DataFrame) -> list[Definition]:
    """Return the records of the definitions that stand in a table with `indicator` and `definition`."""
    pairs = table[["indicator", "definition"]].drop_duplicates()
    return [definition(one.indicator, one.definition) for one in pairs.itertuples()]
