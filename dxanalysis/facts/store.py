"""Keep millions of observations as partitioned Parquet: one folder per indicator, sorted, read piece by piece.

Needs the optional extra ``parquet`` (pyarrow). A store is built once and atomically; one series is then read from one
or two row groups, and a check walks the files one after the other, so memory does not grow with the data.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dxanalysis.facts.records import Problem
from dxanalysis.facts.schema import SHIPPED
from dxanalysis.facts.understand.guards import refuse

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

COLUMNS = ["indicator", "definition", "area", "period", "value", "unit", "status", "vintage", "source"]
KEY = ["definition", "area", "period", "vintage"]
MARK = "store.json"
ROWS_PER_GROUP = 8_192
ROWS_PER_FILE = 1_000_000
ROWS_IN_MEMORY = 2_000_000
SHOWN = 20  # problems of one rule listed per file; the last one counts the rest
PERIOD = r"\d{4}(-(Q[1-4]|H[12]|\d{1,2}M|(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?|\d{4}))?"
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


@contextmanager
def new_folder(target: str | Path, what: str) -> Iterator[Path]:
    """Yield a staging folder beside `target` that takes its name when the block ends without an error.

    Parameters
    ----------
    target : path
        A folder that does not exist yet, outside the shipped data.
    what : str
        Name for messages.

    Raises
    ------
    DataError
        When the folder exists or lies in the shipped data.
    """
    target = Path(target).expanduser().resolve()
    if target.is_relative_to(SHIPPED):
        message = f"may not be written into the shipped data ({target})."
        raise refuse(what, message, "Choose a folder of your own.")
    if target.exists():
        raise refuse(what, f"'{target}' exists already.", "Choose a new folder; nothing is ever overwritten.")
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = target.with_name(f".{secrets.token_hex(6)}.part")
    staging.mkdir()
    try:
        yield staging
        staging.rename(target)
    finally:
        if staging.exists():
            shutil.rmtree(staging)


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


def _series(table: pa.Table, row: int) -> tuple[str, str]:
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


def _may_hold(group: pq.RowGroupMetaData, wanted: dict[str, str]) -> bool:
    for i in range(group.num_columns):
        column = group.column(i)
        value, seen = wanted.get(column.path_in_schema), column.statistics
        if value is not None and seen is not None and seen.has_min_max and not seen.min <= value <= seen.max:
            return False
    return True


def check_store(store: Store, tables: Mapping[str, pd.DataFrame], today: str | None = None) -> list[Problem]:
    """Return the problems of a store against the tables of a package, one file in memory at a time.

    Looks for missing or non-finite values, repeated keys, periods that are none or lie in the future, values outside
    the indicator's bounds, other units, unknown ids, and percentages given as fractions of 1.

    Parameters
    ----------
    store
        From `open_store`.
    tables
        ``indicators, definitions, areas, sources``.
    today
        ISO date after which a period lies in the future (default: the clock's).

    Returns
    -------
    list of Problem
        Row within the file, from 1; at most 20 per file and rule, the last one counting the rest.
    """
    import pyarrow.parquet as pq

    catalogue = tables["indicators"].drop_duplicates("id").set_index("id")
    definitions = tables["definitions"].groupby("indicator")["id"].agg(set)
    known = {"area": set(tables["areas"]["id"]), "source": set(tables["sources"]["id"])}
    day = today or dt.date.today().isoformat()
    problems: list[Problem] = []
    for indicator in store.indicators:
        ids = known | {"definition": definitions.get(indicator, set())}
        record = catalogue.loc[indicator] if indicator in catalogue.index else None
        for path in store.files[indicator]:
            rows = pq.read_table(path, columns=[*KEY, "value", "unit", "source"], partitioning=None).to_pandas()
            name = path.relative_to(store.folder).as_posix()
            rules = [*_rules(rows, ids, day), *(() if record is None else _record_rules(rows, record))]
            problems += [problem for rule in rules for problem in _listed(rows, name, *rule)]
            if record is None:
                text = "unknown_indicator: expected an indicator of the catalogue."
                problems.append(Problem(name, 0, "indicator", indicator, text, "Describe it in indicators.csv."))
    return problems


_Rule = tuple[str, str, pd.Series, str, str]  # column, rule, rows at fault, expected, cure


def _rules(rows: pd.DataFrame, known: Mapping[str, set[str]], today: str) -> Iterator[_Rule]:
    finite = pd.Series(np.isfinite(rows["value"]), index=rows.index)
    yield "value", "no_number", ~finite, "a finite number", "Correct it, or leave the row out."
    periods = rows["period"].drop_duplicates()
    wrong = set(periods[~periods.fillna("").str.fullmatch(PERIOD)])
    text = "a period such as 2024 or 2024-07"
    yield "period", "no_period", rows["period"].isin(wrong), text, "Correct the period."
    late = rows["period"].isin(set(periods[periods.fillna("").str[:7] > today[:7]]))
    yield "period", "future", late, f"a period up to {today}", "Correct the period, or mark it as a projection."
    yield "period", "repeated_key", rows.duplicated(KEY), f"one value per {', '.join(KEY)}", "Remove one."
    for column, ids in known.items():
        cure = "Correct the id, or describe it in a package of DX_DATA."
        yield column, f"unknown_{column}", ~rows[column].isin(ids), f"a known {column}", cure


def _record_rules(rows: pd.DataFrame, record: pd.Series) -> Iterator[_Rule]:
    value, unit = rows["value"], str(record["unit"])
    yield "unit", "wrong_unit", rows["unit"] != unit, unit, f"Convert to '{unit}'."
    for side, outside in (("lower", pd.Series.lt), ("upper", pd.Series.gt)):
        bound = pd.to_numeric(record[side])
        yield "value", f"beyond_{side}", outside(value, bound), f"{side} bound {bound:g}", "Correct it."
    if unit == "percent" and value.between(0, 1).all() and value.max() > 0:
        first = pd.Series(np.arange(len(rows)) == 0, index=rows.index)
        yield "value", "suspected_fraction", first, "percent: every value lies in 0-1", "Multiply by 100 if fractions."


def _listed(
    rows: pd.DataFrame, file: str, column: str, rule: str, mask: pd.Series, expected: str, cure: str
) -> Iterator[Problem]:
    """Yield at most SHOWN problems of one rule, the last one counting the rest."""
    found = np.flatnonzero(mask.to_numpy())
    for number, row in enumerate(found[:SHOWN]):
        rest = len(found) - SHOWN
        more = f" ({rest:,} more in this file)" if rest > 0 and number == SHOWN - 1 else ""
        received = f"{rows[column].iloc[row]}{more}"
        yield Problem(file, int(row) + 1, column, received, f"{rule}: expected {expected}.", cure)
