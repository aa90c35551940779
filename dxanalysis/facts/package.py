"""Read data packages: ``datapackage.json`` (Frictionless) and its CSV tables, checked and joined.

The shipped package lies in ``data/``. ``DX_DATA`` names further folders; their rows are added to the shipped ones,
and every table obeys the one schema of the shipped ``datapackage.json``.
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

import pandas as pd

from dxanalysis.facts.caveats import kind_of_unit, with_implied
from dxanalysis.facts.records import DataError, Problem
from dxanalysis.facts.understand.guards import MAX_FILE_BYTES

SHIPPED = Path(__file__).resolve().parents[2] / "data"
DESCRIPTOR = "datapackage.json"
KINDS = (DESCRIPTOR, ".csv", ".csv.gz", ".parquet")
MOST_COLUMNS = 100


@dataclass(frozen=True, eq=False)
class Package:
    """Checked tables of one or several folders, by name, Parquet stores beside them, and the digest of all files."""

    folders: tuple[Path, ...]
    tables: dict[str, pd.DataFrame]
    stores: tuple[Path, ...]
    digest: str


def data_dirs() -> tuple[Path, ...]:
    """Return the folders read: the shipped ``data/``, then those of ``DX_DATA`` (separated as in PATH)."""
    extra = [Path(part).expanduser().resolve() for part in os.environ.get("DX_DATA", "").split(os.pathsep) if part]
    return (SHIPPED, *(folder for folder in dict.fromkeys(extra) if folder != SHIPPED))


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
    from dxanalysis.facts.checks import check_folders

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


def read_folder(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of one folder exactly as written: every cell text, nothing filled in.

    Raises
    ------
    DataError
        Where the descriptor or a table cannot be read at all.
    """
    tables, problems = {}, []
    for name, path in table_paths(folder).items():
        try:
            tables[name] = _with_late_columns(name, read_text_table(path))
        except DataError as error:
            problems.extend(error.problems)
    if problems:
        raise DataError(problems)
    return tables


def _with_late_columns(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Add, empty, the columns that a later edition of the schema brought: packages written before it stay valid."""
    late = [column for column, field in fields(name).items() if "since" in field and column not in table]
    return table.assign(**dict.fromkeys(late, "")) if late else table


def table_paths(folder: Path) -> dict[str, Path]:
    """Return the CSV file of each table that the folder's own descriptor names.

    Tables in other formats (a partitioned Parquet store) are left to their own reader.
    """
    described = read_descriptor(folder)
    known = [resource["name"] for resource in schema()["resources"]]
    paths = {}
    for resource in described["resources"]:
        name, path = resource.get("name", ""), resource.get("path", "")
        if not str(path).endswith(".csv"):
            continue
        if name not in known:
            raise DataError([_fault(folder / DESCRIPTOR, f"names an unknown table '{name}'.", f"Use: {known}")])
        paths[name] = _inside(folder, path)
    return paths


def _inside(folder: Path, path: str) -> Path:
    """Return the table's path, refusing one that leaves the package folder."""
    target = (folder / path).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise DataError(
            [_fault(folder / DESCRIPTOR, f"points outside its folder: '{path}'.", "Keep tables beside it.")]
        )
    return target


def read_descriptor(folder: Path) -> dict:
    """Return the folder's ``datapackage.json``.

    Raises
    ------
    DataError
        Where it is missing, is not JSON, or names no tables.
    """
    path = folder / DESCRIPTOR
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            [_fault(path, "is missing.", "Name a folder with a data package in --data or DX_DATA.")]
        ) from None
    except (ValueError, RecursionError) as error:  # no text, no JSON, or a number of thousands of digits
        raise DataError(
            [_fault(path, f"is not JSON in UTF-8 ({error}).", "Restore it from version control.")]
        ) from None
    if not isinstance(described, dict) or not isinstance(described.get("resources"), list):
        raise DataError([_fault(path, "names no tables.", "Give it a list 'resources'.")])
    for resource in described["resources"]:
        texts = [resource.get("name", ""), resource.get("path", "")] if isinstance(resource, dict) else [None]
        if not all(isinstance(text, str) and "\0" not in text for text in texts):
            shown = ascii(resource)[:60]
            raise DataError([_fault(path, f"describes a table by {shown}.", "Give each a name and a path, as text.")])
    return described


def schema() -> dict:
    """Return the one schema every package obeys: the descriptor of the shipped package."""
    path = SHIPPED / DESCRIPTOR
    return _schema(SHIPPED, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=1)
def _schema(folder: Path, _changed: int) -> dict:
    return read_descriptor(folder)


def resource(name: str) -> dict:
    """Return the description (path, fields, keys) of the table `name`.

    >>> [field["name"] for field in resource("crosswalk")["schema"]["fields"]]
    ['area_vn63', 'code_vn63', 'area_vn34', 'code_vn34']
    """
    for described in schema()["resources"]:
        if described["name"] == name:
            return described
    raise KeyError(f"Unknown table {name!r}. Tables: {[r['name'] for r in schema()['resources']]}")


def fields(name: str) -> dict[str, dict]:
    """Return the field descriptions of the table `name`, by column."""
    return {field["name"]: field for field in resource(name)["schema"]["fields"]}


def read_text_table(path: Path) -> pd.DataFrame:
    """Return a CSV file as text cells, indexed by the row a spreadsheet shows (the header is row 1).

    Raises
    ------
    DataError
        Where the file is missing, empty, not UTF-8, or a row has too many or too few cells.
    """
    if path.exists() and (not path.is_file() or path.stat().st_size > MAX_FILE_BYTES):
        message = f"is no file, or larger than {MAX_FILE_BYTES // 1024**2} MB."
        raise DataError([_fault(path, message, "Keep millions of rows as Parquet: dx data import --large.")])
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError([_fault(path, "is missing.", "Restore it from version control.")]) from None
    except UnicodeDecodeError as error:
        cure = "Save it as UTF-8 (in Excel: CSV UTF-8)."
        raise DataError([_fault(path, f"is not UTF-8 at byte {error.start}.", cure)]) from None
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise DataError([_fault(path, f"is not CSV ({error}).", "Close every quotation mark.")]) from None
    if not rows:
        raise DataError([_fault(path, "is empty.", "Give it at least the header row.")])
    return _frame(path, rows)


def _frame(path: Path, rows: list[list[str]]) -> pd.DataFrame:
    if len(rows[0]) > MOST_COLUMNS:
        message = f"has {len(rows[0]):,} columns; our widest table has fewer than {MOST_COLUMNS}."
        raise DataError([_fault(path, message, "Put one figure into each row: dx data template.")])
    header, numbered = rows[0], [(number, row) for number, row in enumerate(rows[1:], start=2) if any(row)]
    uneven = [
        Problem(
            path.name, number, "", "", f"{len(row)} cells, the header has {len(header)}.", "Quote text with commas."
        )
        for number, row in numbered
        if len(row) != len(header)
    ]
    if uneven:
        raise DataError(uneven)
    index = pd.Index([number for number, _ in numbered], dtype="int64")
    return pd.DataFrame([row for _, row in numbered], columns=header, index=index, dtype="str")


def typed(name: str, raw: pd.DataFrame) -> pd.DataFrame:
    """Return a checked text table with numbers as numbers; empty numbers are missing, empty text stays ''."""
    table = raw.copy()
    for column, field in fields(name).items():
        if field["type"] == "number":
            table[column] = pd.to_numeric(table[column].replace("", None)).astype("float64")
        elif field["type"] == "integer":
            table[column] = pd.to_numeric(table[column].replace("", None)).astype("Int64")
    return table


def _join(raw: dict[Path, dict[str, pd.DataFrame]], name: str) -> pd.DataFrame:
    columns = list(fields(name))
    parts = [typed(name, tables[name]) for tables in raw.values() if name in tables]
    return pd.concat([part[columns] for part in parts], ignore_index=True)


def _fault(path: Path, message: str, cure: str) -> Problem:
    return Problem(path.name, 0, "", "", message, cure)


def store_paths(folder: Path) -> list[Path]:
    """Return the Parquet stores that a folder's descriptor names (``"format": "parquet"``)."""
    named = read_descriptor(folder)["resources"]
    return [_inside(folder, resource["path"]) for resource in named if resource.get("format") == "parquet"]


def _described(folder: Path) -> Path:
    """Return the descriptor of a data package; a folder without one is none."""
    described = folder / DESCRIPTOR
    if not described.is_file():
        raise DataError([_fault(described, f"is missing in {folder}.", "Name a folder with a data package.")])
    return described


def _files(folder: Path) -> list[Path]:
    described = _described(folder)
    tables = sorted(path for path in folder.iterdir() if path.suffix == ".csv" and path.is_file())
    below = (path for path in folder.rglob("*") if path.parent != folder and path.name.endswith(KINDS))
    return [described, *tables, *sorted({*below, *folder.glob("*.parquet")})]


def _stamp(folder: Path) -> tuple:
    """Return what tells that a folder's files changed; asked for at every look at the data, so it only looks."""
    _described(folder)
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
