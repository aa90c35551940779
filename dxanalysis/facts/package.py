"""Open data packages, checked and joined, and give the figures of one indicator from tables and Parquet stores.

The shipped package lies in ``data/``. ``DX_DATA`` names further folders; their rows are added to the shipped ones.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from dxanalysis.facts.caveats import kind_of_unit, with_implied
from dxanalysis.facts.checks import check_folders
from dxanalysis.facts.records import DataError
from dxanalysis.facts.schema import (
    DESCRIPTOR,
    data_dirs,
    described_in,
    fields,
    read_folder,
    schema,
    store_paths,
    typed,
)

if TYPE_CHECKING:
    from dxanalysis.facts.store import Store

KINDS = (DESCRIPTOR, ".csv", ".csv.gz", ".parquet")
RELIABILITY = {"official": 0, "press": 1, "mirror": 2}
ANNUAL, DECEMBER = r"\d{4}", r"\d{4}-12"
# A store keeps the nine columns that identify a figure; what it does not keep is this.
PLAIN = {"qualifier": "=", "vintage_basis": "exact"} | dict.fromkeys(
    ("conflict", "break_before", "fact", "caveats", "note"), ""
)


@dataclass(frozen=True, eq=False)
class Package:
    """Checked tables of one or several folders, by name, Parquet stores beside them, and the digest of all files."""

    folders: tuple[Path, ...]
    tables: dict[str, pd.DataFrame]
    stores: tuple[Path, ...]
    digest: str


def open_package(folders: tuple[Path, ...] | None = None) -> Package:
    """Return the checked tables of `folders` (default: :func:`data_dirs`), read once per process.

    A changed file is noticed by its size and time and read again.

    Raises
    ------
    DataError
        Where any file is missing, broken or breaks the schema; all faults are in ``problems``.
    """
    folders = folders or data_dirs()
    return _open(folders, tuple(_stamp(folder) for folder in folders))


@lru_cache(maxsize=4)
def _open(folders: tuple[Path, ...], _stamps: tuple) -> Package:
    raw = {folder: read_folder(folder) for folder in folders}
    problems = check_folders(raw)
    if problems:
        raise DataError(problems)
    names = [resource["name"] for resource in schema()["resources"]]
    tables = _completed({name: _join(raw, name) for name in names})
    stores = tuple(path for folder in folders for path in store_paths(folder))
    return Package(folders, tables, stores, _digest(folders))


def _completed(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Add what other columns imply: the caveats of figures and targets, the kind of an indicator that names none."""
    grades = tables["sources"].set_index("id")["grade"]
    indicators = tables["indicators"]
    kinds = indicators["kind"].where(indicators["kind"] != "", indicators["unit"].map(kind_of_unit))
    added = {
        "observations": with_implied(tables["observations"], grades),
        "targets": with_implied(tables["targets"], grades),
        "indicators": indicators.assign(kind=kinds.astype("str")),
    }
    return tables | added


def digest(folders: tuple[Path, ...] | None = None) -> str:
    """Return the SHA-256 over the content of every data file: equal digests mean equal data.

    The order of a table's rows, the ends of its lines and a byte order mark are no content: a checkout on Windows, or a
    table sorted anew in a spreadsheet, gives the same figures and the same digest.

    >>> len(digest())
    64
    """
    return open_package(folders).digest


def _files(folder: Path) -> list[Path]:
    described = described_in(folder)
    tables = sorted(path for path in folder.iterdir() if path.suffix == ".csv" and path.is_file())
    below = (path for path in folder.rglob("*") if path.parent != folder and path.name.endswith(KINDS))
    return [described, *tables, *sorted({*below, *folder.glob("*.parquet")})]


def _stamp(folder: Path) -> tuple:
    """Return what tells that a folder's files changed; asked for at every look at the data, so it only looks."""
    described_in(folder)
    places = ((place, name) for place, _, names in os.walk(folder) for name in names if name.endswith(KINDS))
    states = ((path, os.stat(path)) for path in sorted(os.path.join(*place) for place in places))
    return tuple((path, state.st_size, state.st_mtime_ns) for path, state in states)


def _digest(folders: tuple[Path, ...]) -> str:
    total = hashlib.sha256()
    for folder in folders:
        for path in _files(folder):
            total.update(path.relative_to(folder).as_posix().encode())
            total.update(hashlib.sha256(_content(path)).digest())
    return total.hexdigest()


def _content(path: Path) -> bytes:
    """Return the same bytes for the same content: rows of a CSV file sorted below its header, JSON written one way."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        if path.suffix == ".json":
            return json.dumps(json.loads(text), sort_keys=True).encode()
        header, *rows = [row for row in csv.reader(io.StringIO(text, newline="")) if any(row)]
    except (ValueError, RecursionError, csv.Error):  # Parquet, or a file beside the tables that nobody reads
        return raw
    return json.dumps([header, *sorted(rows)]).encode()


def _join(raw: dict[Path, dict[str, pd.DataFrame]], name: str) -> pd.DataFrame:
    columns = list(fields(name))
    parts = [typed(name, tables[name]) for tables in raw.values() if name in tables]
    return pd.concat([part[columns] for part in parts], ignore_index=True)


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

    stores = [_opened(path) for path in package.stores]
    found = [load_series(store, indicator, area) for store in stores if indicator in store.files]
    return [table.assign(**PLAIN)[list(fields("observations"))] for table in found if len(table)]


@lru_cache(maxsize=16)
def _opened(path: Path) -> Store:
    from dxanalysis.facts.store import open_store

    return open_store(path)
