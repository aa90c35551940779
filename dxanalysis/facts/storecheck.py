"""Check a Parquet store in one pass, vectorised in Arrow so that ten million rows pass in seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from dxanalysis.facts.records import Problem
from dxanalysis.facts.store import KEY, Store

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 20
PERIOD = r"^\d{4}(-(Q[1-4]|H[12]|\d{1,2}M|(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?|\d{4}))?$"


def check_store(
    store: Store,
    *,
    indicators: pd.DataFrame | None = None,
    definitions: pd.DataFrame | None = None,
    areas: Iterable[str] | None = None,
    sources: Iterable[str] | None = None,
    today: str | None = None,
) -> pd.DataFrame:
    """Check a store in one pass, one file in memory at a time.

    Looks for missing or non-finite values, repeated keys, periods that are none or lie in the future, values outside
    the indicator's bounds, unknown ids, and percentages given as fractions of 1.

    Parameters
    ----------
    store : Store
        From `open_store`.
    indicators : DataFrame, optional
        Catalogue with id, unit, lower, upper; without it bounds and units are not checked.
    definitions : DataFrame, optional
        Known definitions (indicator, id); without it they are not checked.
    areas, sources : iterable of str, optional
        Known ids; without them they are not checked.
    today : str, optional
        ISO date after which a period lies in the future (default: the clock's).

    Returns
    -------
    DataFrame
        Problems: file, row (within the file, from 1), column, rule, received, expected, cure; at most 20 rows per
        file and rule, the last one counting the rest.
    """
    import pyarrow.parquet as pq

    known = {name: set(ids) for name, ids in (("area", areas), ("source", sources)) if ids is not None}
    catalogue = None if indicators is None else indicators.set_index("id")[["unit", "lower", "upper"]].to_dict("index")
    problems: list[dict[str, Any]] = []
    for indicator in store.indicators:
        own = (
            {} if definitions is None else {"definition": set(definitions["id"][definitions["indicator"] == indicator])}
        )
        for path in store.files[indicator]:
            rows = pq.read_table(path, columns=[*KEY, "value", "unit", "source"], partitioning=None)
            name = path.relative_to(store.folder).as_posix()
            day = today or dt.date.today().isoformat()
            problems += check_file(rows, name, indicator, catalogue, known | own, day)
    return pd.DataFrame(problems, columns=["file", "row", "column", "rule", "received", "expected", "cure"])


def check_against(store: Store, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Check a store against the tables indicators, definitions, areas and sources of a package (see `check_store`)."""
    return check_store(
        store,
        indicators=tables["indicators"],
        definitions=tables["definitions"],
        areas=tables["areas"]["id"],
        sources=tables["sources"]["id"],
    )


def as_problems(problems: pd.DataFrame) -> list[Problem]:
    """Return the problems `check_store` found as the records other checks give."""
    return [
        Problem(row.file, int(row.row), row.column, row.received, f"{row.rule}: expected {row.expected}.", row.cure)
        for row in problems.itertuples()
    ]


def check_file(
    rows: pa.Table,
    file: str,
    indicator: str,
    catalogue: dict[str, dict[str, Any]] | None,
    known: Mapping[str, set[str]],
    today: str,
) -> list[dict[str, Any]]:
    """Return the problems of one file of one indicator (see `check_store`)."""
    place = {"file": file}
    problems: list[dict[str, Any]] = []
    for column, rule, mask, expected, cure in _rules(rows, indicator, catalogue, known, today):
        problems += [place | problem for problem in _listed(rows, column, rule, mask, expected, cure)]
    if catalogue is not None and indicator not in catalogue:
        cure = "Describe it in indicators.csv."
        problems.append(
            place
            | {"row": 0, "column": "indicator", "rule": "unknown_indicator", "received": indicator}
            | {"expected": "an indicator of the catalogue", "cure": cure}
        )
    return problems


Rule = tuple[str, str, Any, str, str]


def _rules(
    rows: pa.Table,
    indicator: str,
    catalogue: dict[str, dict[str, Any]] | None,
    known: Mapping[str, set[str]],
    today: str,
) -> Iterator[Rule]:
    import pyarrow.compute as pc

    value, period = rows["value"], rows["period"]
    finite = pc.fill_null(pc.is_finite(value), False)
    yield "value", "no_number", pc.invert(finite), "a finite number", "Correct it, or leave the row out."
    periods = _by_distinct(period, lambda distinct: pc.match_substring_regex(distinct, PERIOD))
    yield "period", "no_period", pc.invert(periods), "a period such as 2024 or 2024-07", "Correct the period."
    late = _by_distinct(period, lambda distinct: pc.greater(pc.utf8_slice_codeunits(distinct, 0, 7), today[:7]))
    yield "period", "future", late, f"a period up to {today}", "Correct the period, or mark it as a projection."
    yield "period", "repeated_key", _repeats(rows), "one value per definition, area, period, vintage", "Remove one."
    for column, ids in known.items():
        found = _by_distinct(rows[column], partial(_isin, known=ids))
        cure = "Correct the id, or describe it in a package of DX_DATA."
        yield column, f"unknown_{column}", pc.invert(found), f"a known {column}", cure
    if catalogue and indicator in catalogue:
        yield from _catalogue_rules(rows, catalogue[indicator], finite)


def _catalogue_rules(rows: pa.Table, record: dict[str, Any], finite: Any) -> Iterator[Rule]:
    import pyarrow.compute as pc

    value, unit = rows["value"], str(record["unit"])
    wrong = _by_distinct(rows["unit"], lambda distinct: pc.not_equal(distinct, unit))
    yield "unit", "wrong_unit", wrong, unit, f"Convert to '{unit}'."
    for side, outside in (("lower", pc.less), ("upper", pc.greater)):
        bound = float("nan") if record[side] in (None, "") else float(record[side])
        if bound == bound:
            yield "value", f"beyond_{side}", outside(value, bound), f"{side} bound {bound:g}", "Correct it."
    extremes = pc.min_max(pc.filter(value, finite)).as_py()
    if unit == "percent" and extremes["max"] is not None and 0 < extremes["max"] <= 1 and extremes["min"] >= 0:
        first = _mark_first(rows.num_rows)
        yield "value", "suspected_fraction", first, "percent: every value lies in 0-1", "Multiply by 100 if fractions."


def _mark_first(length: int) -> Any:
    import pyarrow as pa

    return pa.array([i == 0 for i in range(length)])


def _isin(distinct: Any, known: set[str]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.is_in(distinct, value_set=pa.array(sorted(known), type=distinct.type))


def _by_distinct(column: Any, test: Any) -> Any:
    """Test each distinct text once and spread the answer: ten thousand areas stand in millions of rows."""
    import pyarrow as pa
    import pyarrow.compute as pc

    coded = pc.dictionary_encode(column)
    coded = coded.unify_dictionaries().combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.chunk(0) if coded.num_chunks else pa.array([], pa.dictionary(pa.int32(), pa.string()))
    return pc.fill_null(pc.take(test(coded.dictionary), coded.indices), False)


def _repeats(rows: pa.Table) -> Any:
    """Mark rows whose key equals the row before: the files are sorted by the key."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if rows.num_rows < 2:
        return pa.array([False] * rows.num_rows)
    same = None
    for column in ("definition", "area", "period", "vintage"):
        values = rows[column].combine_chunks()
        equal = pc.equal(values.slice(1), values.slice(0, rows.num_rows - 1))
        same = equal if same is None else pc.and_(same, equal)
    return pa.concat_arrays([pa.array([False]), _one(pc.fill_null(same, False))])


def _one(array: Any) -> Any:
    return array.combine_chunks() if hasattr(array, "combine_chunks") else array


def _listed(rows: pa.Table, column: str, rule: str, mask: Any, expected: str, cure: str) -> Iterator[dict[str, Any]]:
    """Yield at most SHOWN problems of one rule, the last one counting the rest."""
    import pyarrow.compute as pc

    found = _one(pc.indices_nonzero(pc.fill_null(mask, False)))
    for number, row in enumerate(found.slice(0, SHOWN).to_pylist()):
        rest = len(found) - SHOWN
        more = f" ({rest:,} more in this file)" if rest > 0 and number == SHOWN - 1 else ""
        received = "column" if column not in rows.column_names else str(rows[column][row].as_py())
        yield {
            **{"row": row + 1, "column": column, "rule": rule, "received": received + more},
            **{"expected": expected, "cure": cure},
        }
