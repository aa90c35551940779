"""Read data packages as they are written; a fault is an error with its place and cure.

``datapackage.json`` (Frictionless) holds the one schema. The shipped package lies in ``data/``; ``DX_DATA`` names
further folders, and every table of theirs obeys the schema of the shipped one.
"""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

SHIPPED = Path(__file__).resolve().parents[2] / "data"
DESCRIPTOR = "datapackage.json"
MOST_COLUMNS = 100
MAX_FILE_BYTES = 256 * 1024 * 1024  # a larger table is read in parts


@dataclass(frozen=True)
class Problem:
    """One fault in a data file: where it stands, as a spreadsheet shows it (the header is row 1), and its cure."""

    file: str
    row: int
    column: str
    value: str
    message: str
    cure: str

    def __str__(self) -> str:
        place = f"{self.file} row {self.row}" if self.row else self.file
        column = f", column '{self.column}'" if self.column else ""
        value = f" Received {self.value!r}." if self.value else ""
        return f"{place}{column}: {self.message}{value} {self.cure}".rstrip()


class DataError(ValueError):
    """Raised where data files are refused; ``problems`` holds every fault found, not only those printed."""

    SHOWN = 10

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = list(problems)
        shown = "\n".join(f"  {problem}" for problem in self.problems[: self.SHOWN])
        rest = len(self.problems) - self.SHOWN
        more = f"\n  ... and {rest} more; list them all: dx data check" if rest > 0 else ""
        super().__init__(f"The data were refused ({len(self.problems)} problems):\n{shown}{more}")


def refuse(file: str, message: str, cure: str, *, row: int = 0, column: str = "", value: str = "") -> DataError:
    """Return the error that refuses a file for one reason.

    >>> print(refuse("a.csv", "is empty (0 bytes).", "Export it again."))
    The data were refused (1 problems):
      a.csv: is empty (0 bytes). Export it again.
    """
    return DataError([Problem(file, row, column, value[:80], message, cure)])


def data_dirs() -> tuple[Path, ...]:
    """Return the folders read: the shipped ``data/``, then those of ``DX_DATA`` (separated as in PATH)."""
    extra = [Path(part).expanduser().resolve() for part in os.environ.get("DX_DATA", "").split(os.pathsep) if part]
    return (SHIPPED, *(folder for folder in dict.fromkeys(extra) if folder != SHIPPED))


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

    Raises
    ------
    DataError
        Where it names an unknown table, or one that is no CSV file.
    """
    described = read_descriptor(folder)
    known = [resource["name"] for resource in schema()["resources"]]
    paths = {}
    for resource in described["resources"]:
        name, path = resource.get("name", ""), resource.get("path", "")
        if not str(path).endswith(".csv"):
            raise refuse(DESCRIPTOR, f"names '{path}', which is no CSV file.", "Write it as CSV.")
        if name not in known:
            raise refuse(DESCRIPTOR, f"names an unknown table '{name}'.", f"Use: {known}")
        paths[name] = _inside(folder, path)
    return paths


def _inside(folder: Path, path: str) -> Path:
    """Return the table's path, refusing one that leaves the package folder."""
    target = (folder / path).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise refuse(DESCRIPTOR, f"points outside its folder: '{path}'.", "Keep tables beside it.")
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
        raise refuse(path.name, "is missing.", "Name a folder with a data package in --data or DX_DATA.") from None
    except (ValueError, RecursionError) as error:  # no text, no JSON, or a number of thousands of digits
        raise refuse(path.name, f"is not JSON in UTF-8 ({error}).", "Restore it from version control.") from None
    if not isinstance(described, dict) or not isinstance(described.get("resources"), list):
        raise refuse(path.name, "names no tables.", "Give it a list 'resources'.")
    for resource in described["resources"]:
        texts = [resource.get("name", ""), resource.get("path", "")] if isinstance(resource, dict) else [None]
        if not all(isinstance(text, str) and "\0" not in text for text in texts):
            shown = ascii(resource)[:60]
            raise refuse(path.name, f"describes a table by {shown}.", "Give each a name and a path, as text.")
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
        raise refuse(path.name, message, "Split it into several packages.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise refuse(path.name, "is missing.", "Restore it from version control.") from None
    except UnicodeDecodeError as error:
        cure = "Save it as UTF-8 (in Excel: CSV UTF-8)."
        raise refuse(path.name, f"is not UTF-8 at byte {error.start}.", cure) from None
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise refuse(path.name, f"is not CSV ({error}).", "Close every quotation mark.") from None
    if not rows:
        raise refuse(path.name, "is empty.", "Give it at least the header row.")
    return _frame(path, rows)


def _frame(path: Path, rows: list[list[str]]) -> pd.DataFrame:
    if len(rows[0]) > MOST_COLUMNS:
        message = f"has {len(rows[0]):,} columns; our widest table has fewer than {MOST_COLUMNS}."
        raise refuse(path.name, message, "Put one figure into each row: dx data template.")
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
    columns = zip(*(row for _, row in numbered), strict=True) if numbered else ([] for _ in header)
    named = {i: pd.array(list(column), dtype="str") for i, column in enumerate(columns)}
    return pd.DataFrame(named, index=index).set_axis(header, axis=1)


def typed(name: str, raw: pd.DataFrame) -> pd.DataFrame:
    """Return a checked text table with numbers as numbers; empty numbers are missing, empty text stays ''."""
    table = raw.copy()
    for column, field in fields(name).items():
        if field["type"] == "number":
            table[column] = pd.to_numeric(table[column].replace("", None)).astype("float64")
        elif field["type"] == "integer":
            table[column] = pd.to_numeric(table[column].replace("", None)).astype("Int64")
    return table


def described_in(folder: Path) -> Path:
    """Return the descriptor of a data package; a folder without one is none."""
    described = folder / DESCRIPTOR
    if not described.is_file():
        raise refuse(described.name, f"is missing in {folder}.", "Name a folder with a data package.")
    return described
