"""Write tables as CSV, XLSX, Parquet or SDMX-CSV; no text that is written becomes a formula or a link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dxanalysis.atomic import writing
from dxanalysis.facts.schema import refuse

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
