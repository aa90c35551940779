"""Read data packages as they are written, and write tables as CSV, XLSX, Parquet or SDMX-CSV.

``datapackage.json`` (Frictionless) holds the one schema. The shipped package lies in ``data/``; ``DX_DATA`` names
further folders, and every table of theirs obeys the schema of the shipped one. No text that is written becomes a
formula or a link.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dxanalysis.atomic import writing
from dxanalysis.facts.records import MAX_FILE_BYTES, DataError, Problem, refuse

SHIPPED = Path(__file__).resolve().parents[2] / "data"
DESCRIPTOR = "datapackage.json"
MOST_COLUMNS = 100


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



MAX_XLSX_ROWS = 1_048_575
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_CREATED = dt.datetime(2020, 1, 1)  # a fixed day: the same table gives the same bytes
SDMX_STATUS = {"official": "A", "preliminary": "P", "estimate": "E", "projection": "F"}
_FREQUENCIES = {"Q": "Q", "H": "S", "M": "M"}


def write(table: pd.DataFrame, path: str | Path) -> Path:
    """Write a table in one of four formats, whole or not at all.

    Parameters
    ----------
    table : DataFrame
        Any table of facts; SDMX-CSV needs the columns of observations.
    path : path
        Where to write, by its name (.csv, .xlsx, .parquet, .sdmx.csv) in which format; an existing file is replaced
        only when the new one is complete.

    Raises
    ------
    ValueError
        For an unknown format, or a table SDMX-CSV or XLSX cannot hold.
    ImportError
        For Parquet without pyarrow.
    """
    path = Path(path)
    form = form_of(path)
    if form not in _WRITERS:
        raise ValueError(f"Unknown format {form!r}. Formats: {list(_WRITERS)}.")
    if not path.parent.is_dir():
        raise refuse(path.name, f"cannot be written: the folder {path.parent} does not exist.", "Make it first.")
    with writing(path) as aside:
        _WRITERS[form](table, aside)
    return path


def form_of(path: Path) -> str:
    """Return the format a file name asks for.

    >>> form_of(Path("a.sdmx.csv")), form_of(Path("a.xlsx"))
    ('sdmx-csv', 'xlsx')
    """
    name = path.name.lower()
    if name.endswith((".sdmx.csv", ".sdmx-csv")):
        return "sdmx-csv"
    return name.rpartition(".")[2]


def harmless(value: Any) -> Any:
    """Return a value that no spreadsheet takes for a formula: a quote is put before a first = + - @, tab or return.

    >>> harmless("=1+1"), harmless("Quảng Ninh"), harmless("-"), harmless(-3.5)
    ("'=1+1", 'Quảng Ninh', '-', -3.5)
    """
    runs = isinstance(value, str) and len(value) > 1 and value.startswith(_FORMULA_SIGNS)  # a lone "=" runs nothing
    return f"'{value}" if runs else value


def harmless_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts and names of columns no spreadsheet takes for a formula."""
    named = table.rename(columns=lambda name: harmless(str(name)))
    texts = [name for name in named.columns if not pd.api.types.is_numeric_dtype(named[name])]
    return named.assign(**{name: named[name].map(harmless) for name in texts})


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write CSV in UTF-8 with decimal points; texts a spreadsheet would compute get a quote in front."""
    harmless_cells(table).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def write_xlsx(table: pd.DataFrame, path: Path) -> None:
    """Write a workbook with one sheet: numbers as numbers, every text as text, header frozen, no formula, no link.

    Raises
    ------
    ValueError
        When the table is longer than a sheet.
    """
    if len(table) > MAX_XLSX_ROWS or table.shape[1] > 16_384:
        raise ValueError(f"A sheet holds {MAX_XLSX_ROWS:,} rows; the table has {len(table):,}. Write CSV or Parquet.")
    for name, column in table.select_dtypes("number").items():
        if len(rows := np.flatnonzero(np.isinf(column.to_numpy("float64", na_value=np.nan)))):
            raise ValueError(f"Column '{name}' holds an infinite number in row {rows[0] + 1}; XLSX has none.")
    plain = {"options": {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}}
    with path.open("wb") as stream, pd.ExcelWriter(stream, engine="xlsxwriter", engine_kwargs=plain) as book:
        book.book.set_properties({"created": _CREATED})
        table.to_excel(book, sheet_name="data", index=False, freeze_panes=(1, 0), autofilter=True)


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write Parquet (needs pyarrow)."""
    try:
        table.to_parquet(path, index=False, compression="zstd")
    except ImportError:
        raise ImportError("Parquet needs pyarrow. Install it: python -m pip install 'dxanalysis[parquet]'") from None


def to_sdmx(table: pd.DataFrame) -> pd.DataFrame:
    """Return observations in the columns of SDMX-CSV 1.0.

    Statuses without an SDMX code (reported, self-assessed, derived) are written as normal (A); the exact word stays
    in the attribute DX_STATUS.

    Raises
    ------
    ValueError
        When a column of observations is missing.

    >>> row = {"indicator": "x", "definition": "gso", "area": "ha-noi", "period": "2024-Q1", "value": 1.5,
    ...        "unit": "percent", "status": "preliminary", "vintage": "2024-04-01", "source": "s"}
    >>> to_sdmx(pd.DataFrame([row]))[["FREQ", "REF_AREA", "TIME_PERIOD", "OBS_STATUS"]].iloc[0].tolist()
    ['Q', 'ha-noi', '2024-Q1', 'P']
    """
    needed = ["indicator", "definition", "area", "period", "value", "unit", "status", "vintage", "source"]
    missing = [column for column in needed if column not in table]
    if missing:
        raise ValueError(f"SDMX-CSV needs the columns of observations; missing: {missing}.")
    return pd.DataFrame(
        {
            "DATAFLOW": "DX:FACTS(1.0)",
            "FREQ": table["period"].map(frequency),
            "REF_AREA": table["area"],
            "INDICATOR": table["indicator"],
            "DEFINITION": table["definition"],
            "TIME_PERIOD": table["period"],
            "OBS_VALUE": table["value"],
            "OBS_STATUS": table["status"].map(lambda status: SDMX_STATUS.get(status, "A")),
            "UNIT_MEASURE": table["unit"],
            "VINTAGE": table["vintage"],
            "SOURCE": table["source"],
            "DX_STATUS": table["status"],
        }
    )


def frequency(period: str) -> str:
    """Return the SDMX frequency of a period: A, S (half year), Q, M or D.

    >>> [frequency(p) for p in ("2024", "2024-H1", "2024-Q3", "2024-07", "2024-07-01", "2021-2025")]
    ['A', 'S', 'Q', 'M', 'D', 'A']
    """
    rest = period[5:]
    if not rest or len(rest) == 4:
        return "A"
    return _FREQUENCIES.get(rest[0], "D" if len(rest) == 5 else "M")


_WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    "csv": write_csv, "xlsx": write_xlsx, "parquet": write_parquet,
    "sdmx-csv": lambda table, path: write_csv(to_sdmx(table), path),
}
