"""Open data packages, checked and joined, and give the figures of one indicator, with what must be said with them.

The shipped package lies in ``data/``. ``DX_DATA`` names further folders; their rows are added to the shipped ones.
Caveats are codes that travel with a value; what only a note says in words is found here, too.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from dxanalysis.facts.checks import check_folders
from dxanalysis.facts.schema import DESCRIPTOR, DataError, data_dirs, described_in, fields, read_folder, schema, typed

# What a note says in words must stand in the column `caveats` as a code: a note alone is lost on the way to a sentence.
WORDS = {
    "inferred_year": r"\b(year|date|month|wave)\b[^;.]{0,40}\binferred\b|\b20\d\d inferred|year from|month from|"
    r"year (is )?not (printed|stated)|names? (no|neither) year|not name year|is our label",
    "inferred_rank": r"rank from [+-]|in order;|in listed order|page lists it right after|taken as the 34-unit",
    "our_midpoint": r"mid-?point",
    "computed": r"\bcomputed\b|\bderived\b|^implied by",
    "assumed": r"\bassumed\b|our reading|\bassigned\b|is our label|probably the",
    "modelled": r"\bmodel(led|s)?\b|econometric",
    "trial": r"trial calculation",
    "period_average": r"period average|average of the period|may be a period figure",
    "undated": r"(?<!gives )\bundated\b",
    "mirror": r"\bmirror\b|low-authority|low-quality|secondary (re)?(write|source)|wikipedia|wiki copy",
    "compiler_unknown": r"method (is )?not (stated|named)|names neither (compiler|year nor method)",
    "other_scope": r"two definitions|different definitions?|wider scope|do not chain|do not compare|scope may differ",
    "lower_bound": r"lower bound",
    "self_assessed": r"own assessment|self-assess",
}
_RULES = {code: re.compile(pattern, re.IGNORECASE) for code, pattern in WORDS.items()}
# Codes that other columns of an observation already say.
_STATUS = {"derived": "computed", "self-assessed": "self_assessed"}
_SPAN = r"\d{4}-\d{4}"
_KINDS = {"rank": "rank", "percent_per_year": "growth_rate", "index_0_1": "index_edition", "percent": "stock_share",
          "per_100": "stock_share", "per_1000": "stock_share", "per_person": "stock_share"}


def hidden_in(note: str, caveats: str, unit: str = "") -> list[str]:
    """Return the codes that the words of a note call for and `caveats` lacks; ranks alone have an inferred rank.

    >>> hidden_in("page undated in the excerpt; year inferred", "undated")
    ['inferred_year']
    >>> hidden_in("midpoint is ours", "our_midpoint")
    []
    """
    held = [*caveats.split(";"), *([] if unit == "rank" else ["inferred_rank"])]
    return [code for code, pattern in _RULES.items() if code not in held and pattern.search(note)]


def with_implied(table: pd.DataFrame, grades: pd.Series) -> pd.DataFrame:
    """Return observations or targets whose ``caveats`` also hold what their other columns say.

    Parameters
    ----------
    table
        Observations (``status``, ``qualifier``, ``period``, ``source``) or targets (``comparator``, ``source``).
    grades
        Grade of each source (official, press, mirror), by source id.
    """
    implied = {
        "status": lambda cells: cells.map(_STATUS),
        "qualifier": lambda cells: cells.map({"about": "rounded"}),
        "comparator": lambda cells: cells.map({"about": "rounded"}),
        "period": lambda cells: cells.str.fullmatch(_SPAN).map({True: "period_average"}),
        "source": lambda cells: cells.map(grades).map({"mirror": "mirror"}),
    }
    found = [of(table[column]).fillna("") for column, of in implied.items() if column in table]
    rows = zip(table["caveats"], *found, strict=True)
    joined = [";".join(dict.fromkeys(code for code in ";".join(row).split(";") if code)) for row in rows]
    return table.assign(caveats=pd.Series(joined, index=table.index, dtype="str"))


def kind_of_unit(unit: str) -> str:
    """Return the kind of an indicator whose record names none: what its unit alone allows to say.

    >>> kind_of_unit("rank"), kind_of_unit("count")
    ('rank', 'amount')
    """
    return _KINDS.get(unit, "amount")



KINDS = (DESCRIPTOR, ".csv", ".csv.gz")
RELIABILITY = {"official": 0, "press": 1, "mirror": 2}
ANNUAL, DECEMBER = r"\d{4}", r"\d{4}-12"


@dataclass(frozen=True, eq=False)
class Package:
    """Checked tables of one or several folders, by name, and the digest of all files."""

    tables: dict[str, pd.DataFrame]
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
    return Package(tables, _digest(folders))


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
    return [described, *tables, *sorted(below)]


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
    except (ValueError, RecursionError, csv.Error):  # a file beside the tables that nobody reads
        return raw
    return json.dumps([header, *sorted(rows)]).encode()


def _join(raw: dict[Path, dict[str, pd.DataFrame]], name: str) -> pd.DataFrame:
    columns = list(fields(name))
    parts = [typed(name, tables[name]) for tables in raw.values() if name in tables]
    return pd.concat([part[columns] for part in parts], ignore_index=True)


@lru_cache(maxsize=1024)
def _held(package: Package, indicator: str) -> pd.DataFrame:
    table = package.tables["observations"]
    return table[table["indicator"] == indicator].reset_index(drop=True)


def figures(indicator: str) -> pd.DataFrame:
    """Return every observation of an indicator, all releases and conflicting reports included.

    Returns
    -------
    DataFrame
        The columns of ``data/observations.csv``.
    """
    return _held(open_package(), indicator)


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


def annual_figures(indicator: str) -> pd.DataFrame:
    """Return :func:`figures` that stand for a whole year, with their ``year``, in order of preference.

    The newest release comes first; within one release an official page, then the press, then a mirror; then the later
    page. The first report of a figure is thus the one to use.
    """
    return _annual(open_package(), indicator)


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


LATEST = "9999-12-31"  # the day of the names of today


def compiler_on(indicator: str, definition: str, day: str) -> tuple[str, str]:
    """Return in both languages the name that who measures bore on a day (ISO date).

    >>> compiler_on("digital_economy_share", "gso", "2025-01-06"), compiler_on("digital_economy_share", "gso", "2026")
    (('Tổng cục Thống kê', 'General Statistics Office'), ('Cục Thống kê', 'National Statistics Office'))
    """
    vi, en, renamed, later_vi, later_en = _names_of_definitions(open_package())[indicator, definition]
    return (later_vi, later_en) if renamed and day >= renamed else (vi, en)


@lru_cache(maxsize=4)
def _names_of_definitions(package: Package) -> dict[tuple[str, str], tuple[str, ...]]:
    table = package.tables["definitions"]
    columns = ["name_vi", "name_en", "renamed_on", "later_name_vi", "later_name_en"]
    keys = zip(table["indicator"], table["id"], strict=True)
    return dict(zip(keys, table[columns].itertuples(index=False, name=None), strict=True))
