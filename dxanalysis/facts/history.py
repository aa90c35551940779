"""Load figures as a researcher wants them: one definition, one value per year, as known on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache

import pandas as pd

from dxanalysis.facts.catalogue import AsOf, as_of_date, definitions, find_area, find_indicator, observations
from dxanalysis.facts.catalogue import definition as find_definition
from dxanalysis.facts.package import Package, annual_figures, compiler_on, open_package

HISTORY = [
    *("indicator", "definition", "area", "year", "value", "status", "vintage", "source", "break_before", "note"),
    *("qualifier", "vintage_basis", "break_before_vi", "conflict", "definition_vi", "definition_en"),
    "caveats",
]
#: Attribute of a history that forecasts read: by area, the error that revisions to come add to its last figure.
REVISION_ERROR = "revision_error"
#: Kinds of which a month tells the state of its year; a flow of a month is no part of what a year would have been.
STOCKS = ("stock_share", "cumulative_count", "index_edition", "rank")


def load_history(
    indicator: str,
    area: str,
    definition: str = "preferred",
    as_of: AsOf = None,
    *,
    through: int | None = None,
) -> pd.DataFrame:
    """Return the annual series of one indicator in one area by one definition, as it stood on a day.

    Of several releases of a figure the newest counts, within one release an official page over press over mirror and
    a later page over an earlier. Reports marked as conflicting never enter; column ``conflict`` of the kept row names
    them. Halves, quarters, months and averages of several years are other periods and never enter; only the December
    figure of a stock (subscriptions, coverage) stands for its year where no annual one was known, and its note says so.
    Where nothing yearly was known by any definition, a month of a stock and an average of several years are better than
    silence: "preferred" then returns them, with the caveat ``part_year`` or ``period_average``.

    Parameters
    ----------
    indicator, area
        Id or name (accents and case do not matter).
    definition
        A definition id, or ``"preferred"``: the first in catalogue order (``gso`` before ``mic`` before the area's
        own report) that has a figure of the area known on that day, of a year up to `through`; the column
        ``definition`` shows which.
    as_of
        Only what had been published by then; see :func:`as_of_date` (``"year-end"`` is the end of `through`).
    through
        Last year to return.

    Returns
    -------
    DataFrame
        ``indicator, definition, area, year, value, status, vintage, source, break_before, note`` and ``qualifier,
        vintage_basis, break_before_vi, conflict, definition_vi, definition_en, caveats``; sorted by year; empty where
        nothing had been published. ``caveats`` holds codes separated by semicolons (``inferred_year;rounded``).
        ``attrs["revision_error"]`` says by area how far figures moved from first to last release (root mean square,
        the area's own, else those of the definition): forecasts widen by it.

    Raises
    ------
    UnknownName
        For an unknown indicator, area or definition.
    ValueError
        Where two definitions are asked for at once.

    Examples
    --------
    >>> load_history("digital_economy_share", "Viet Nam", as_of="2023-12-31")["value"].tolist()
    [12.66, 12.87, 12.63, 12.33]
    >>> load_history("digital_economy_share", "viet-nam", as_of="2025-01-31")["value"].tolist()
    [12.66, 12.87, 12.83, 12.87, 13.17]
    >>> load_history("digital_economy_share", "viet-nam", ["gso", "mic"])
    Traceback (most recent call last):
    ValueError: Definitions are never joined in one series. Received ['gso', 'mic']. Load one at a time, or put them \
side by side with compare_definitions().
    """
    found, place, day = find_indicator(indicator).id, find_area(area).id, as_of_date(as_of, through)
    return _loaded(open_package(), found, place, _one(definition), day, through).copy()


@lru_cache(maxsize=256)
def _loaded(
    _package: Package, indicator: str, area: str, definition: str, day: dt.date | None, through: int | None
) -> pd.DataFrame:
    """Load a history once per state of the data: releases, definitions and peers ask for the same ones."""
    here = _reports_here(_package, indicator, day, area)
    chosen = pick_definition(indicator, definition, here, through)
    table = _history(here[here["definition"] == chosen], through)
    if not len(table) and definition == "preferred":
        table = _parts_of_years(indicator, area, table, day, through)
    around = annual_reports(indicator, day)
    table.attrs[REVISION_ERROR] = _revision_errors(around[around["definition"] == chosen], [area])
    return table


def _parts_of_years(
    indicator: str, area: str, empty: pd.DataFrame, day: dt.date | None, through: int | None
) -> pd.DataFrame:
    """Return the last month held of each year of a stock, and averages of several years, by one definition."""
    held = observations(indicator, area, as_of=day, conflicts=False)
    held = held[(held["status"] != "projection") & (held["period"].str.len() > 4) & held["value"].notna()]
    average = held["period"].str.fullmatch(r"\d{4}-\d{4}")
    held = held[average | (find_indicator(indicator).kind in STOCKS)]
    ends = held["period"].where(average, held["period"].str[:4]).str[-4:].astype("int64")
    notes = held["caveats"].where(average, held["caveats"] + ";part_year").str.strip(";")
    held = held.assign(year=ends, caveats=notes, break_before_vi=held["break_before"])
    held = held[held["definition"] == pick_definition(indicator, "preferred", held, through)]
    held = held[held["year"] <= (9999 if through is None else through)].sort_values(["year", "period", "vintage"])
    return _with_names(held.drop_duplicates("year", keep="last"))[list(empty.columns)].reset_index(drop=True)


def _revision_errors(reports: pd.DataFrame, areas: Iterable[str]) -> dict[str, float]:
    """Return, in points, the root mean square of last minus first release of a figure: the area's own, else all's.

    An area of whose definition no figure was ever released twice is left out: nothing is known of its revisions.
    """
    one = reports[reports["conflict"] == ""].drop_duplicates(["area", "year", "vintage"])  # newest release first
    prints = one.groupby(["area", "year"])["value"].agg(["size", "first", "last"])
    square = ((prints["first"] - prints["last"]) ** 2)[prints["size"] > 1]
    own = square.groupby("area").mean()
    found = {area: float(own.get(area, square.mean())) for area in areas} if len(square) else {}
    return {area: round(value**0.5, 6) for area, value in found.items()}


@lru_cache(maxsize=64)
def _reports_here(_package: Package, indicator: str, day: dt.date | None, area: str) -> pd.DataFrame:
    known = annual_reports(indicator, day)
    return known[known["area"] == area]


def load_panel(
    indicator: str,
    definition: str = "preferred",
    as_of: AsOf = None,
    *,
    through: int | None = None,
    level: str = "province",
) -> pd.DataFrame:
    """Return the annual series of one indicator by one definition for many areas.

    Parameters
    ----------
    indicator, definition, as_of, through
        As in :func:`load_history`; ``"preferred"`` is the first definition with a figure for any area of the level.
    level
        ``province`` (old and new ones), ``vn63`` or ``vn34`` (the areas of one code list), or any other level.

    Returns
    -------
    DataFrame
        History columns, sorted by area and year.

    Examples
    --------
    >>> panel = load_panel("digital_economy_share", "mic", through=2022)
    >>> panel["area"].nunique() >= 13
    True
    """
    found, day = find_indicator(indicator).id, as_of_date(as_of, through)
    known = annual_reports(found, day)
    here = known[known["area"].isin(_areas_of(level))]
    chosen = pick_definition(found, definition, here, through)
    same = here[here["definition"] == chosen]
    table = _history(same, through)
    table.attrs[REVISION_ERROR] = _revision_errors(same, table["area"].unique())
    return table


def load_denominator(indicator: str, area: str, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the history of what a share is a share of; no rows where the catalogue names a whole it does not hold.

    Examples
    --------
    >>> load_denominator("digital_economy_share", "quang-ninh")["indicator"].unique().tolist()
    ['grdp_nominal']
    >>> load_denominator("fibre_household_share", "viet-nam").empty  # households are not held
    True
    """
    weight = find_indicator(indicator).weight
    if weight not in set(open_package().tables["indicators"]["id"]):
        return pd.DataFrame(columns=HISTORY)
    return load_history(weight, area, as_of=as_of, through=through)


def load_everywhere(indicator: str, as_of: AsOf = None, *, through: int | None = None) -> pd.DataFrame:
    """Return the annual series of the nation and of every province by every definition, one under another.

    Parameters
    ----------
    indicator, as_of, through
        As in :func:`load_history`.

    Returns
    -------
    DataFrame
        History columns, sorted by definition (in catalogue order), the nation first, area and year. Each definition is
        a series of its own; nothing is joined.

    Examples
    --------
    >>> load_everywhere("digital_economy_share", through=2024)["area"].iloc[0]
    'viet-nam'
    """
    found, day = find_indicator(indicator).id, as_of_date(as_of, through)
    known = annual_reports(found, day)
    levels = pd.concat([_areas_of("nation"), _areas_of("province")], ignore_index=True)
    table = _history(known[known["area"].isin(levels)], through)
    places = {one: at for at, one in enumerate(definitions(found))}
    order = {"definition": table["definition"].map(places), "level": ~table["area"].isin(_areas_of("nation"))}
    ordered = pd.DataFrame(order).sort_values(["definition", "level"], kind="stable")
    return table.loc[ordered.index].reset_index(drop=True)


def _areas_of(level: str) -> pd.Series:
    areas = open_package().tables["areas"]
    if level in ("vn63", "vn34"):
        return areas.loc[areas[f"code_{level}"] != "", "id"]
    if level not in set(areas["level"]):
        raise ValueError(f"Unknown level {level!r}. Levels: {sorted(set(areas['level']))}, 'vn63', 'vn34'.")
    return areas.loc[areas["level"] == level, "id"]


def annual_reports(indicator: str, day: dt.date | None) -> pd.DataFrame:
    """Return the reports of annual figures published by a day, conflicting ones included, with their ``year``.

    A projection is somebody's expectation, not an observation, and never enters. A December figure of a stock stands
    for its year only where no figure of the whole year was known.
    """
    known = annual_figures(indicator)
    known = known[known["status"] != "projection"]
    known = known if day is None else known[known["vintage"] <= day.isoformat()]
    december = known["period"].str.len() > 4
    if not december.any():
        return known
    keys = ["definition", "area", "year"]
    whole = known[~december & (known["conflict"] == "")].set_index(keys).index
    note = ("figure of December; " + known["note"]).str.removesuffix("; ")
    known = known.assign(note=known["note"].where(~december, note))
    return known[~(december & known.set_index(keys).index.isin(whole))]


def pick_definition(indicator: str, asked: str, here: pd.DataFrame, through: int | None = None) -> str:
    """Return the definition to use: the one asked for, else the first with a figure of a year up to `through`."""
    if _one(asked) != "preferred":
        return find_definition(indicator, asked).id
    ordered = definitions(indicator)
    known = here if through is None else here[here["year"] <= through]
    held = set(known.loc[known["conflict"] == "", "definition"])
    return next((id for id in ordered if id in held), ordered[0] if ordered else "")


def _one(asked: str) -> str:
    if not isinstance(asked, str):
        cure = "Load one at a time, or put them side by side with compare_definitions()."
        raise ValueError(f"Definitions are never joined in one series. Received {list(asked)}. {cure}")
    return asked


def newest(reports: pd.DataFrame) -> pd.DataFrame:
    """Return one report per figure: the preferred one (see :func:`dxanalysis.facts.package.annual_figures`)."""
    return reports.drop_duplicates(["indicator", "definition", "area", "period"])


def _history(reports: pd.DataFrame, through: int | None) -> pd.DataFrame:
    usable, disputed = reports[reports["conflict"] == ""], reports[reports["conflict"] != ""]
    table = newest(usable)
    if through is not None:
        table = table[table["year"] <= int(through)]
    table = table.sort_values(["area", "year"]).reset_index(drop=True)
    table = _with_breaks(table)
    return _with_names(table.assign(conflict=_disputes(table, disputed)))[HISTORY]


def _with_names(table: pd.DataFrame) -> pd.DataFrame:
    """Add who measured, in both languages, so that whoever prints the history need not look it up.

    The compiler bears the name it had on the day of the newest figure: the statistics office is Cục Thống kê since
    March 2025, and Tổng cục Thống kê in a history as of an earlier day.
    """
    newest_day: dict[tuple[str, str], str] = {}
    series = list(zip(table["indicator"], table["definition"], strict=True))
    for one, day in zip(series, table["vintage"], strict=True):  # pandas' own grouping of texts starts threads
        newest_day[one] = max(day, newest_day.get(one, ""))
    chosen = [compiler_on(*one, newest_day[one]) for one in series]
    columns = {
        f"definition_{lang}": pd.Series([one[at] for one in chosen], index=table.index, dtype="str")
        for at, lang in enumerate(("vi", "en"))
    }
    return table.assign(**columns)


def _disputes(table: pd.DataFrame, disputed: pd.DataFrame) -> list[str]:
    """Return, per row, the values that were set aside for the same figure and why."""
    figure = ["definition", "area", "period"]
    texts: dict[tuple[str, ...], list[str]] = {}
    for row in disputed[[*figure, "value", "source", "conflict"]].itertuples(index=False, name=None):
        texts.setdefault(row[:3], []).append("{:g} ({}): {}".format(*row[3:]))
    return ["; ".join(texts.get(key, [])) for key in zip(*(table[one] for one in figure), strict=True)]


def _with_breaks(table: pd.DataFrame) -> pd.DataFrame:
    """Mark the first value at or after each break of the catalogue, unless it is the first of its series."""
    texts = {"break_before": table["break_before"].tolist(), "break_before_vi": table["break_before"].tolist()}
    breaks = open_package().tables["breaks"]
    for row in breaks[breaks["indicator"].isin(table["indicator"].unique())].itertuples():
        series = table[
            (table["definition"] == row.definition) & table["area"].isin([row.area] if row.area else table["area"])
        ]
        for _, own in series.groupby("area"):
            at = own.index[own["year"] >= row.year]
            if len(at) and at[0] != own.index[0]:
                _append(texts["break_before"], at[0], row.reason_en)
                _append(texts["break_before_vi"], at[0], row.reason_vi)
    return table.assign(**texts)


def _append(texts: list[str], at: int, reason: str) -> None:
    texts[at] = f"{texts[at]}; {reason}" if texts[at] else reason
