"""Keep millions of observations as partitioned Parquet: one folder per indicator, sorted, read piece by piece.

Needs the optional extra ``parquet`` (pyarrow). A store is built once and atomically; one series is then read from one
or two row groups, and a check walks the files one after the other, so memory does not grow with the data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from dxanalysis.facts.staging import new_folder
from dxanalysis.facts.understand.guards import refuse

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ["indicator", "definition", "area", "period", "value", "unit", "status", "vintage", "source"]
HISTORY_REST = ["status", "vintage", "source", "break_before", "note"]
KEY = ["definition", "area", "period", "vintage"]
MARK = "store.json"
ROWS_PER_GROUP = 8_192
ROWS_PER_FILE = 1_000_000
ROWS_IN_MEMORY = 2_000_000
_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True, eq=False)
class Store:
    """An opened store: where it lies, its indicators with their files, and its number of rows."""

    folder: Path
    files: dict[str, tuple[Path, ...]]
    rows: int

    @property
    def indicators(self) -> list[str]:
        """Ids of the indicators kept, sorted."""
        return sorted(self.files)


def need_pyarrow() -> None:
    """Say in one sentence how to get pyarrow when it is absent.

    Raises
    ------
    ImportError
        When pyarrow is not installed.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise ImportError("Parquet needs pyarrow. Install it: python -m pip install 'dxanalysis[parquet]'") from None


def build(chunks: Iterable[pd.DataFrame], folder: str | Path) -> Store:
    """Write observations into a new store, whole or not at all.

    Parameters
    ----------
    chunks : iterable of DataFrame
        Observations in any order and any cutting (see `read_csv_chunks`); the nine columns of observations.
    folder : path
        A folder that does not exist yet.

    Returns
    -------
    Store
        The store, opened.

    Raises
    ------
    DataError
        When the folder exists, a column is missing, or an indicator is no snake_case id.
    ImportError
        When pyarrow is not installed.
    """
    need_pyarrow()
    with new_folder(folder, Path(folder).name) as staging:
        _spill(chunks, staging)
        rows = sum(_sort_partition(part) for part in sorted(staging.iterdir()))
        mark = {"format": "dxanalysis-store", "version": 1, "rows": rows}
        (staging / MARK).write_text(json.dumps(mark) + "\n", encoding="utf-8")
    return open_store(folder)


def read_csv_chunks(path: str | Path, rows: int = 500_000) -> Iterator[pd.DataFrame]:
    """Yield a large CSV of observations piece by piece; codes stay text.

    Raises
    ------
    DataError
        When a column is missing, or a value is no number.
    """
    path = Path(path)
    types = {column: "float64" if column == "value" else "str" for column in COLUMNS}
    try:
        with pd.read_csv(path, dtype=types, chunksize=rows, keep_default_na=False, na_values={"value": [""]}) as reader:
            yield from reader
    except (ValueError, UnicodeDecodeError, pd.errors.ParserError) as error:
        cure = "Write it in UTF-8 with the columns of observations, decimal point and no thousands marks."
        raise refuse(path.name, f"cannot be read as observations ({str(error)[:120]}).", cure) from None


def _spill(chunks: Iterable[pd.DataFrame], staging: Path) -> None:
    """Distribute chunks over one folder per indicator, a bounded number of rows in memory."""
    waiting: list[pd.DataFrame] = []
    held = number = 0
    for chunk in chunks:
        _refuse_wrong_columns(chunk)
        waiting.append(chunk)
        held += len(chunk)
        if held >= ROWS_IN_MEMORY:
            _spill_once(waiting, staging, number)
            waiting, held, number = [], 0, number + 1
    if waiting:
        _spill_once(waiting, staging, number)


def _refuse_wrong_columns(chunk: pd.DataFrame) -> None:
    missing = [column for column in COLUMNS if column not in chunk.columns]
    if missing:
        raise refuse("observations", f"lacks the columns {', '.join(missing)}.", f"Columns: {', '.join(COLUMNS)}.")
    if not pd.api.types.is_numeric_dtype(chunk["value"]):
        raise refuse("observations", "holds values that are not numbers.", "Read the column 'value' as numbers.")


def _spill_once(waiting: list[pd.DataFrame], staging: Path, number: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    together = pd.concat(waiting, ignore_index=True) if len(waiting) > 1 else waiting[0]
    waiting.clear()
    for indicator, rows in together.groupby("indicator", sort=False):
        if not _ID.fullmatch(str(indicator)):
            raise refuse(
                "observations", "holds an indicator that is no id.", "Ids are snake_case.", value=str(indicator)
            )
        part = staging / f"indicator={indicator}"
        part.mkdir(exist_ok=True)
        table = pa.Table.from_pandas(rows.drop(columns="indicator"), preserve_index=False)
        pq.write_table(table, part / f"spill-{number}.parquet", compression="lz4")


def _sort_partition(part: Path) -> int:
    """Replace the spilled pieces of one indicator by sorted files; return the number of rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    spills = sorted(part.glob("spill-*.parquet"))
    table = pa.concat_tables([pq.read_table(piece) for piece in spills]).unify_dictionaries()
    table = table.sort_by([(column, "ascending") for column in KEY])
    for number, (start, length) in enumerate(_cuts(table)):
        pq.write_table(
            table.slice(start, length),
            part / f"part-{number}.parquet",
            row_group_size=ROWS_PER_GROUP,
            compression="zstd",
        )
    for piece in spills:
        piece.unlink()
    return table.num_rows


def _cuts(table: pa.Table) -> Iterator[tuple[int, int]]:
    """Yield (start, length) of files of about a million rows; a series is never cut in two."""
    start = 0
    while start < table.num_rows:
        end = min(start + ROWS_PER_FILE, table.num_rows)
        while end < table.num_rows and _series(table, end) == _series(table, end - 1):
            end += 1
        yield start, end - start
        start = end


def _series(table: pa.Table, row: int) -> tuple[Any, Any]:
    return table["definition"][row].as_py(), table["area"][row].as_py()


def open_store(folder: str | Path) -> Store:
    """Open a store: the file names are listed, and one row group is read to see that the columns are there.

    Raises
    ------
    DataError
        When the folder holds no store, or its files have other columns.
    ImportError
        When pyarrow is not installed.
    """
    need_pyarrow()
    folder = Path(folder).expanduser().resolve()
    try:
        mark = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        mark = {}
    if not isinstance(mark, dict) or mark.get("format") != "dxanalysis-store":
        raise refuse(str(folder.name), f"is no store (no {MARK}).", "Build one with dxanalysis.facts.store.build.")
    files: dict[str, tuple[Path, ...]] = {}
    for part in sorted(folder.glob("indicator=*")):
        files[part.name.removeprefix("indicator=")] = tuple(sorted(part.glob("part-*.parquet")))
    for path in [path for paths in files.values() for path in paths][:1]:
        _refuse_wrong_columns(_read_rows(path, {"area": ""}).assign(indicator=""))
    return Store(folder, files, int(mark.get("rows", 0)))


def load_series(store: Store, indicator: str, area: str | None = None, definition: str | None = None) -> pd.DataFrame:
    """Load observations of one indicator: of one area (a few row groups are read) or of all.

    Parameters
    ----------
    store : Store
        From `open_store`.
    indicator : str
        An id kept in the store.
    area, definition : str, optional
        Only this area, only this definition.

    Returns
    -------
    DataFrame
        Columns of observations, sorted by definition, area, period, vintage.

    Raises
    ------
    KeyError
        When the store does not hold the indicator.
    """
    if indicator not in store.files:
        raise KeyError(f"Unknown indicator {indicator!r} in {store.folder.name}. Kept: {store.indicators[:10]}")
    wanted = {column: value for column, value in (("area", area), ("definition", definition)) if value is not None}
    parts = [_read_rows(path, wanted) for path in store.files[indicator]]
    table = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    table.insert(0, "indicator", indicator)
    return table


def _read_rows(path: Path, wanted: dict[str, str]) -> pd.DataFrame:
    """Read the row groups that can hold the wanted rows, and keep those rows."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        groups = [i for i in range(file.num_row_groups) if _may_hold(file.metadata.row_group(i), wanted)]
        rows = file.read_row_groups(groups)
    for column, value in wanted.items():
        rows = rows.filter(pc.equal(rows[column], value))
    return rows.to_pandas()


def _may_hold(group: Any, wanted: dict[str, str]) -> bool:
    for i in range(group.num_columns):
        column = group.column(i)
        value, seen = wanted.get(column.path_in_schema), column.statistics
        if value is not None and seen is not None and seen.has_min_max and not seen.min <= value <= seen.max:
            return False
    return True


def load_history(store: Store, indicator: str, area: str, definition: str | None = None) -> pd.DataFrame:
    """Load one history: the newest release of each period, sorted by period.

    Returns
    -------
    DataFrame
        Columns of a history (indicator, definition, area, year, value, status, vintage, source, break_before, note),
        then period and unit. Of monthly data a year has twelve rows.

    Raises
    ------
    ValueError
        When the area has several definitions and none is named: they are never joined.
    """
    table = load_series(store, indicator, area, definition)
    found = sorted(table["definition"].unique())
    if len(found) > 1:
        raise ValueError(f"{indicator!r} of {area!r} has the definitions {found}; name one: they are never joined.")
    newest = table.drop_duplicates(["definition", "area", "period"], keep="last").reset_index(drop=True)
    newest = newest.assign(year=newest["period"].str[:4].astype("int64"), break_before="", note="")
    return newest[["indicator", "definition", "area", "year", "value", *HISTORY_REST, "period", "unit"]]
