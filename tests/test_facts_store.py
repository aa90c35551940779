"""The Parquet store: any order in, one series out, one pass to check, whole or not at all."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("pyarrow", reason="the optional package pyarrow is not installed")

from dxanalysis.facts import store
from dxanalysis.facts.records import DataError

MONTHS = [f"2025-{month:02d}" for month in range(1, 13)]


def observations(areas=20, indicators=("a_share", "b_count")):
    names = [f"xa-{i:03d}" for i in range(areas)]
    keys = pd.MultiIndex.from_product([indicators, names, MONTHS], names=["indicator", "area", "period"])
    table = keys.to_frame(index=False)
    table = table.assign(definition="gso", value=np.arange(len(table)) % 90 + 5.0, unit="percent", status="official")
    return table.assign(vintage="2026-01-31", source="report")[store.COLUMNS]


def pieces(table, rows=37, seed=1):
    mixed = table.sample(frac=1, random_state=seed)
    return [mixed[i : i + rows] for i in range(0, len(mixed), rows)]


def built(folder, table, **how):
    return store.build(pieces(table, **how), folder / "store")


def test_one_series_comes_out_sorted_whatever_the_order_in(tmp_path):
    table = observations()
    found = store.load_series(built(tmp_path, table), "b_count", "xa-007", "gso")
    expected = table[(table["indicator"] == "b_count") & (table["area"] == "xa-007")].reset_index(drop=True)
    pd.testing.assert_frame_equal(found[store.COLUMNS], expected)


def test_spilling_and_many_files_change_nothing(tmp_path, monkeypatch):
    table = observations()
    whole = store.load_series(built(tmp_path, table), "a_share")
    monkeypatch.setattr(store, "ROWS_IN_MEMORY", 50)
    monkeypatch.setattr(store, "ROWS_PER_FILE", 60)
    monkeypatch.setattr(store, "ROWS_PER_GROUP", 24)
    cut = store.build(pieces(table, seed=2), tmp_path / "cut")
    assert len(cut.files["a_share"]) == 4  # 240 rows in files of 60, no series cut in two
    pd.testing.assert_frame_equal(store.load_series(cut, "a_share"), whole)
    assert len(store.load_series(cut, "a_share", "xa-019")) == 12
    assert store.check_store(cut, TABLES, today="2026-01-01") == []


def test_an_unknown_indicator_lists_the_kept_ones_and_an_unknown_area_is_empty(tmp_path):
    opened = built(tmp_path, observations())
    with pytest.raises(KeyError, match=r"Unknown indicator 'c'.*\['a_share', 'b_count'\]"):
        store.load_series(opened, "c")
    assert store.load_series(opened, "a_share", "zz").empty


TABLES = {
    "indicators": pd.DataFrame({"id": ["a_share", "b_count"], "unit": "percent", "lower": 0.0, "upper": 100.0}),
    "definitions": pd.DataFrame({"indicator": ["a_share", "b_count"], "id": "gso"}),
    "areas": pd.DataFrame({"id": observations()["area"].unique()}),
    "sources": pd.DataFrame({"id": ["report"]}),
}


def problems_of(tmp_path, table, **changed):
    """Return (rule, received value, file) of each problem."""
    found = store.check_store(built(tmp_path, table), TABLES | changed, today="2026-11-23")
    return [(one.message.partition(":")[0], one.value, one.file) for one in found]


@pytest.mark.parametrize(("column", "value", "rule", "received"), [
    ("value", np.nan, "no_number", "nan"),
    ("value", np.inf, "no_number", "inf"),
    ("value", 101.0, "beyond_upper", "101.0"),
    ("value", -1.0, "beyond_lower", "-1.0"),
    ("period", "2025-13", "no_period", "2025-13"),
    ("period", "2027", "future", "2027"),
    ("period", "2025-02", "repeated_key", "2025-02"),
    ("area", "atlantis", "unknown_area", "atlantis"),
    ("source", "hearsay", "unknown_source", "hearsay"),
    ("definition", "guess", "unknown_definition", "guess"),
    ("unit", "count", "wrong_unit", "count"),
])
def test_one_pass_finds_each_fault(tmp_path, column, value, rule, received):
    table = observations()
    table.loc[0, column] = value
    found = problems_of(tmp_path, table)
    assert (rule, received, "indicator=a_share/part-0.parquet") in found
    assert {name for name, *_ in found} <= {rule, "beyond_upper"}


def test_fractions_among_percentages_and_unknown_indicators_are_said(tmp_path):
    table = observations()
    table["value"] /= 100
    found = problems_of(tmp_path, table, indicators=TABLES["indicators"].head(1))
    assert [rule for rule, *_ in found] == ["suspected_fraction", "unknown_indicator"]


def test_many_problems_of_one_kind_are_counted_not_listed(tmp_path):
    found = problems_of(tmp_path, observations().assign(value=200.0))
    assert len(found) == 2 * 20
    assert found[19][1] == "200.0 (220 more in this file)"


@pytest.mark.parametrize(("change", "message"), [
    (lambda t: t.drop(columns="unit"), "lacks the columns unit"),
    (lambda t: t.assign(indicator="../evil"), r"no id. Received '\.\./evil'"),
    (lambda t: t.assign(value="x"), "holds values that are not numbers"),
])
def test_a_refused_build_leaves_nothing(tmp_path, change, message):
    with pytest.raises(DataError, match=message):
        built(tmp_path, change(observations()))
    assert list(tmp_path.iterdir()) == []


def test_an_existing_store_is_never_overwritten(tmp_path):
    opened = built(tmp_path, observations())
    with pytest.raises(DataError, match="exists already"):
        built(tmp_path, observations())
    assert store.open_store(opened.folder).rows == 480


@pytest.mark.parametrize("mark", ["", "{", "[1]", '{"format": "other"}'])
def test_a_folder_without_a_store_is_refused(tmp_path, mark):
    if mark:
        (tmp_path / "store.json").write_text(mark)
    with pytest.raises(DataError, match="is no store"):
        store.open_store(tmp_path)


def test_a_large_csv_comes_in_pieces_and_codes_stay_text(tmp_path):
    path = tmp_path / "a.csv"
    observations().assign(area="007").to_csv(path, index=False)
    chunks = list(store.read_csv_chunks(path, rows=100))
    assert [len(chunk) for chunk in chunks] == [100, 100, 100, 100, 80]
    assert chunks[0]["area"].unique().tolist() == ["007"]


def test_a_csv_with_a_decimal_comma_is_refused_with_the_cure(tmp_path):
    path = tmp_path / "a.csv"
    observations().astype({"value": "str"}).assign(value="1,5").to_csv(path, index=False)
    with pytest.raises(DataError, match=r"cannot be read as observations .*decimal point"):
        list(store.read_csv_chunks(path))


def test_without_pyarrow_the_way_to_get_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    with pytest.raises(
        ImportError, match=r"Parquet needs pyarrow. Install it: python -m pip install 'dxanalysis\[parquet\]'"
    ):
        store.open_store(tmp_path)
