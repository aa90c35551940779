"""Load a series as it stood after each publication, for every definition."""

from __future__ import annotations

import pandas as pd

from dxanalysis.facts.catalogue import definition, definitions
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
    reports = annual_reports(newest["indicator"].iloc[0], as_of_date(as_of, through), newest["area"].iloc[0])
    mine = reports[(reports["definition"] == chosen) & (reports["conflict"] == "")]
    found: dict[str, pd.DataFrame] = {}
    for day in sorted(mine["vintage"].unique()):
        history = load_history(indicator, area, chosen, day, through=through)
        if len(history) and not any(_same(history, other) for other in list(found.values())[-1:]):
            found[str(day)] = history
    return found


def load_each_definition(
    indicator: str, area: str, as_of: AsOf = None, *, through: int | None = None
) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the newest history of every definition that has one, by definition and the day of its newest figure.

    Examples
    --------
    >>> list(load_each_definition("digital_economy_share", "viet-nam", as_of="2025-02-28"))[:2]
    [('gso', '2025-01-06'), ('mic', '2025-02-06')]
    """
    loaded = (load_history(indicator, area, one, as_of, through=through) for one in definitions(indicator))
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


def _same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    columns = ["year", "value", "status"]
    return one[columns].equals(other[columns])


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
