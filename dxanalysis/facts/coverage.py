"""What is known: which indicator has a figure for which area and year, how fresh it is, and who printed it."""

from __future__ import annotations

import pandas as pd

from dxanalysis.facts.catalogue import AsOf, as_of_date, find_area, find_indicator, observations
from dxanalysis.facts.package import RELIABILITY, annual, open_package

COVERAGE = ["indicator", "definition", "area", "year", "status", "vintage", "source", "grade", "releases"]
FRESHNESS = ["indicator", "definition", "area", "first_year", "last_year", "n", "status", "vintage", "years_behind"]
INTERVAL = [
    *("indicator", "definition", "area", "year", "lower", "upper", "unit", "basis"),
    *("vintage", "source", "vintage_basis", "note"),
]
_KEYS = ["indicator", "definition", "area", "year"]


def coverage(
    indicator: str | None = None, area: str | None = None, as_of: AsOf = None, *, through: int | None = None
) -> pd.DataFrame:
    """Return which yearly figures are held, one row per indicator, definition, area and year.

    Projections and reports marked as conflicting are no figures and are left out.

    Parameters
    ----------
    indicator, area
        Id or name; ``None``: all.
    as_of
        Only what had been published by then; see :func:`dxanalysis.facts.as_of_date`.
    through
        Last year to return.

    Returns
    -------
    DataFrame
        ``indicator, definition, area, year, status, vintage, source, grade, releases``: status, date, source and grade
        of the newest report, and on how many days the figure was published.

    Examples
    --------
    >>> coverage("digital_economy_share", "quang-ninh", through=2022)[["year", "status"]].values.tolist()
    [[2021, 'self-assessed']]
    """
    table = annual(observations(indicator, area, as_of=as_of_date(as_of, through), conflicts=False))
    table = table[table["status"] != "projection"]
    table = table if through is None else table[table["year"] <= int(through)]
    days = table.groupby(_KEYS)["vintage"].nunique().rename("releases").reset_index()
    newest = table.sort_values("vintage", kind="stable").drop_duplicates(_KEYS, keep="last")
    grades = open_package().tables["sources"].set_index("id")["grade"]
    held = newest.assign(grade=newest["source"].map(grades)).merge(days, on=_KEYS)
    return held[COVERAGE].sort_values(_KEYS, ignore_index=True)


def coverage_grid(held: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return counts of figures by area (or indicator) and year, the best covered first.

    Parameters
    ----------
    held
        A table of :func:`coverage`.
    by
        Column of the rows: ``area``, ``indicator`` or ``definition``.

    Returns
    -------
    DataFrame
        The column `by`, ``figures`` (all years) and one column per year from the first to the last one held; zero
        where nothing is held.

    Raises
    ------
    ValueError
        For another column.

    Examples
    --------
    >>> held = pd.DataFrame({"area": ["a", "a", "b"], "year": [2022, 2024, 2024]})
    >>> coverage_grid(held, "area").values.tolist()
    [['a', 2, 1, 0, 1], ['b', 1, 0, 0, 1]]
    >>> coverage_grid(held, "colour")
    Traceback (most recent call last):
    ValueError: Coverage cannot be counted by 'colour'. Write 'area', 'indicator' or 'definition'.
    """
    if by not in ("area", "indicator", "definition"):
        raise ValueError(f"Coverage cannot be counted by {by!r}. Write 'area', 'indicator' or 'definition'.")
    if not len(held):
        return pd.DataFrame(columns=[by, "figures"])
    years = range(int(held["year"].min()), int(held["year"].max()) + 1)
    grid = held.groupby([by, "year"]).size().unstack(fill_value=0).reindex(columns=list(years), fill_value=0)
    grid.insert(0, "figures", grid.sum(axis=1))
    ordered = grid.sort_values("figures", ascending=False, kind="stable").reset_index()
    return ordered.rename(columns=str).rename_axis(columns=None)


def freshness(held: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return how many years each series lags behind a year.

    Parameters
    ----------
    held
        A table of :func:`coverage`.
    year
        The year at whose end one stands.

    Returns
    -------
    DataFrame
        One row per indicator, definition and area: ``first_year, last_year, n`` (years with a figure), ``status`` and
        ``vintage`` of the latest figure, ``years_behind``; the stalest last.

    Examples
    --------
    >>> freshness(coverage("digital_economy_share", "quang-ninh"), 2025)[["last_year", "years_behind"]].values.tolist()
    [[2024, 1]]
    """
    if not len(held):
        return pd.DataFrame(columns=FRESHNESS)
    series = ["indicator", "definition", "area"]
    years = held.groupby(series)["year"].agg(first_year="min", last_year="max", n="nunique").reset_index()
    last = held.sort_values("year").drop_duplicates(series, keep="last")[[*series, "status", "vintage"]]
    table = years.merge(last, on=series).assign(years_behind=lambda rows: int(year) - rows["last_year"])
    return table.sort_values(["years_behind", *series], ignore_index=True)[FRESHNESS]


def source_grades(held: pd.DataFrame) -> pd.DataFrame:
    """Return counts of figures and of the pages they were read on, by grade of source.

    Returns
    -------
    DataFrame
        One row per grade (official, press, mirror): ``grade, figures, sources, share`` (of the figures, percent).

    Examples
    --------
    >>> held = pd.DataFrame({"grade": ["press", "press", "official"], "source": ["a", "a", "b"]})
    >>> source_grades(held).values.tolist()
    [['official', 1, 1, 33.3], ['press', 2, 1, 66.7], ['mirror', 0, 0, 0.0]]
    """
    counts = held.groupby("grade")["source"].agg(figures="size", sources="nunique")
    counts = counts.reindex(list(RELIABILITY), fill_value=0)
    whole = max(int(counts["figures"].sum()), 1)
    return counts.assign(share=(100 * counts["figures"] / whole).round(1)).rename_axis("grade").reset_index()


def disputed(
    indicator: str | None = None, area: str | None = None, as_of: AsOf = None, *, through: int | None = None
) -> pd.DataFrame:
    """Return the reports that contradict another report of the same figure and are therefore set aside.

    Returns
    -------
    DataFrame
        ``indicator, definition, area, period, value, vintage, source, conflict`` (why it is set aside).

    Examples
    --------
    >>> disputed("dti_economy", "quang-ninh")["value"].tolist()
    [0.3028]
    """
    table = observations(indicator, area, as_of=as_of_date(as_of, through))
    table = table[(table["conflict"] != "") & (table["status"] != "projection")]
    table = table if through is None else table[table["period"].str[:4].astype("int64") <= int(through)]
    columns = ["indicator", "definition", "area", "period", "value", "vintage", "source", "conflict"]
    return table[columns].sort_values(["indicator", "area", "period"], ignore_index=True)


def load_intervals(
    indicator: str, area: str | None = None, as_of: AsOf = None, *, through: int | None = None
) -> pd.DataFrame:
    """Return the figures known only to lie between two bounds; they stand in no history and are shown as bars.

    Parameters
    ----------
    indicator, area
        Id or name; ``None``: all areas.
    as_of, through
        As in :func:`dxanalysis.facts.load_history`.

    Returns
    -------
    DataFrame
        ``indicator, definition, area, year, lower, upper`` (missing where no bound is known), ``unit, basis`` (stated:
        a page prints the range; inferred: it follows from lists in which the area stands or is missing), ``vintage,
        source, vintage_basis, note``, sorted by area and year. Years for which a figure of the same definition had been
        published by then are left out.

    Examples
    --------
    >>> load_intervals("digital_economy_share", "quang-ninh")[["definition", "year", "lower", "upper"]].values.tolist()
    [['mic', 2022, 5.78, 17.15]]
    """
    table = open_package().tables["intervals"]
    table = table[(table["indicator"] == find_indicator(indicator).id) & table["period"].str.fullmatch(r"\d{4}")]
    table = table if area is None else table[table["area"] == find_area(area).id]
    day = as_of_date(as_of, through)
    table = table if day is None else table[table["vintage"] <= day.isoformat()]
    table = table.assign(year=table["period"].astype("int64"))
    table = table if through is None else table[table["year"] <= int(through)]
    held = coverage(indicator, area, as_of, through=through).set_index(_KEYS).index
    unknown = table[~table.set_index(_KEYS).index.isin(held)]
    return unknown[INTERVAL].sort_values(["area", "year"], ignore_index=True)


def definition_table(indicator: str, lang: str = "en") -> pd.DataFrame:
    """Return who measures an indicator and how, in the catalogue's order of preference.

    Parameters
    ----------
    indicator : str
        Id or name.
    lang : {"vi", "en"}
        Language of method and note; what a package holds in English only is shown in English.

    Returns
    -------
    DataFrame
        ``definition, agency, method, since, comparable_with, note``.

    Examples
    --------
    >>> definition_table("digital_economy_share")["definition"].tolist()
    ['gso', 'mic', 'ptit', 'province', 'other']
    >>> definition_table("internet_users_share", "vi")["method"][0]
    'số liệu của ITU, công bố qua Ngân hàng Thế giới'
    """
    if lang not in ("vi", "en"):
        raise ValueError(f"Unknown language {lang!r}. Use 'vi' or 'en'.")
    table = open_package().tables["definitions"]
    mine = table[table["indicator"] == find_indicator(indicator).id].sort_values("order")
    columns = ["definition", "agency", "method", "since", "comparable_with", "note"]
    if lang == "vi":
        mine = mine.assign(
            **{name: mine[f"{name}_vi"].where(mine[f"{name}_vi"] != "", mine[name]) for name in ("method", "note")}
        )
    return mine.rename(columns={"id": "definition"})[columns].reset_index(drop=True)
