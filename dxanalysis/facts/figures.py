"""Give the figures of one indicator, from the tables and from Parquet stores beside them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from dxanalysis.facts.package import Package, fields, open_package

if TYPE_CHECKING:
    from dxanalysis.facts.store import Store

RELIABILITY = {"official": 0, "press": 1, "mirror": 2}
ANNUAL, DECEMBER = r"\d{4}", r"\d{4}-12"
# A store keeps the nine columns that identify a figure; what it does not keep is this.
PLAIN = {"qualifier": "=", "vintage_basis": "exact"} | dict.fromkeys(
    ("conflict", "break_before", "fact", "caveats", "note"), ""
)


def figures(indicator: str, area: str | None = None) -> pd.DataFrame:
    """Return every observation of an indicator, all releases and conflicting reports included.

    Parameters
    ----------
    indicator
        Its id.
    area
        Area id. A store of millions of rows is then read only where that area lies.

    Returns
    -------
    DataFrame
        The columns of ``data/observations.csv``.
    """
    package = open_package()
    held = _held(package, indicator)
    parts = [held if area is None else held[held["area"] == area], *_stored(package, indicator, area)]
    return pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]


def annual(table: pd.DataFrame) -> pd.DataFrame:
    """Return the observations that stand for a whole year, with their ``year``.

    These are the periods written as a year, and for stocks (``year_end`` of the indicator) their December figures.
    Halves, quarters, other months and spans of years are left out.
    """
    indicators = open_package().tables["indicators"]
    stocks = indicators.loc[indicators["year_end"] == "december", "id"]
    december = table["period"].str.fullmatch(DECEMBER) & table["indicator"].isin(stocks)
    kept = table[table["period"].str.fullmatch(ANNUAL) | december]
    return kept.assign(year=kept["period"].str[:4].astype("int64"))


def annual_figures(indicator: str, area: str | None = None) -> pd.DataFrame:
    """Return :func:`figures` that stand for a whole year, with their ``year``, in order of preference.

    The newest release comes first; within one release an official page, then the press, then a mirror; then the later
    page. The first report of a figure is thus the one to use.
    """
    package = open_package()
    return _by_preference(annual(figures(indicator, area))) if package.stores else _annual(package, indicator)


@lru_cache(maxsize=1024)
def _annual(package: Package, indicator: str) -> pd.DataFrame:
    return _by_preference(annual(_held(package, indicator)))


def _by_preference(table: pd.DataFrame) -> pd.DataFrame:
    sources = open_package().tables["sources"].set_index("id")
    ranked = table.assign(
        _grade=table["source"].map(sources["grade"]).map(RELIABILITY),
        _page=table["source"].map(sources["published"]),
    )
    order = {"vintage": False, "_grade": True, "_page": False}
    ranked = ranked.sort_values(list(order), ascending=list(order.values()), kind="stable")
    return ranked.drop(columns=["_grade", "_page"])


@lru_cache(maxsize=1024)
def _held(package: Package, indicator: str) -> pd.DataFrame:
    table = package.tables["observations"]
    return table[table["indicator"] == indicator].reset_index(drop=True)


def _stored(package: Package, indicator: str, area: str | None) -> list[pd.DataFrame]:
    if not package.stores:
        return []
    from dxanalysis.facts.store import load_series

    stores = [_open(path) for path in package.stores]
    found = [load_series(store, indicator, area) for store in stores if indicator in store.files]
    return [table.assign(**PLAIN)[list(fields("observations"))] for table in found if len(table)]


@lru_cache(maxsize=16)
def _open(path: Path) -> Store:
    from dxanalysis.facts.store import open_store

    return open_store(path)
