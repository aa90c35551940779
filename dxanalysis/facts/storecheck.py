"""Checks of one Parquet file of a store, vectorised in Arrow so that ten million rows pass in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 20
PERIOD = r"^\d{4}(-(Q[1-4]|H[12]|\d{1,2}M|(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?|\d{4}))?$"


def check_file(
    rows: pa.Table,
    file: str,
    indicator: str,
    catalogue: dict[str, dict[str, Any]] | None,
    areas: set[str] | None,
    today: str,
) -> list[dict[str, Any]]:
    """Return the problems of one file of one indicator (see `store.check_store`)."""
    place = {"file": file}
    problems: list[dict[str, Any]] = []
    for column, rule, mask, expected, cure in _rules(rows, indicator, catalogue, areas, today):
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
    rows: pa.Table, indicator: str, catalogue: dict[str, dict[str, Any]] | None, areas: set[str] | None, today: str
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
    if areas is not None:
        known = _by_distinct(rows["area"], lambda distinct: _isin(distinct, areas))
        yield "area", "unknown_area", pc.invert(known), "an area of the catalogue", "Correct the id, or describe it."
    if catalogue and indicator in catalogue:
        yield from _catalogue_rules(rows, catalogue[indicator], finite)


def _catalogue_rules(rows: pa.Table, record: dict[str, Any], finite: Any) -> Iterator[Rule]:
    import pyarrow.compute as pc

    value, unit = rows["value"], str(record["unit"])
    wrong = _by_distinct(rows["unit"], lambda distinct: pc.not_equal(distinct, unit))
    yield "unit", "wrong_unit", wrong, unit, f"Convert to '{unit}'."
    for side, outside in (("lower", pc.less), ("upper", pc.greater)):
        bound = record[side]
        if bound == bound and bound not in (None, ""):
            yield "value", f"beyond_{side}", outside(value, float(bound)), f"{side} bound {bound:g}", "Correct it."
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
