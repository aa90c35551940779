"""JSON-stat: list and object indexes, dense and sparse values, both versions."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dxanalysis.facts.records import DataError
from dxanalysis.facts.understand.door import read
from dxanalysis.facts.understand.jsonstat import read_json

DATA = {
    "class": "dataset",
    "version": "2.0",
    "label": "Internet users",
    "source": "Statistics office",
    "updated": "2024-05-01",
    "id": ["geo", "t", "m"],
    "size": [2, 2, 1],
    "role": {"time": ["t"], "geo": ["geo"], "metric": ["m"]},
    "dimension": {
        "geo": {"category": {"index": {"22": 1, "01": 0}, "label": {"01": "Hà Nội", "22": "Quảng Ninh"}}},
        "t": {"category": {"index": ["2020", "2021"]}},
        "m": {"category": {"label": {"users": "Users"}, "unit": {"users": {"base": "percent"}}}},
    },
    "value": [70.5, None, 60, 65],
    "status": {"3": "p"},
}


def written(folder, data, name="a.json"):
    path = folder / name
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


def changed(**changes):
    return copy.deepcopy(DATA) | changes


def figures(reading):
    cells = reading.cells.dropna(subset="value")
    return list(cells[["geo", "period", "value", "status"]].itertuples(index=False, name=None))


EXPECTED = [("01", "2020", 70.5, ""), ("22", "2020", 60.0, ""), ("22", "2021", 65.0, "preliminary")]


def test_an_object_index_orders_the_categories(tmp_path):
    reading = read(written(tmp_path, DATA))
    assert figures(reading) == EXPECTED
    assert reading.labels["geo"] == {"01": "Hà Nội", "22": "Quảng Ninh"}
    assert (reading.unit, reading.source, reading.updated) == ("percent", "Statistics office", "2024-05-01")
    assert reading.roles == {"geo": "area", "m": "indicator", "period": "period"}


def test_sparse_values_stand_at_their_places(tmp_path):
    assert figures(read_json(written(tmp_path, changed(value={"0": 70.5, "2": 60, "3": 65})))) == EXPECTED


def test_version_1_keeps_ids_and_sizes_inside_the_dimension(tmp_path):
    old = copy.deepcopy(DATA)
    old["dimension"] |= {"id": old.pop("id"), "size": old.pop("size"), "role": old.pop("role")}
    assert figures(read_json(written(tmp_path, {"dataset": old}))) == EXPECTED


@pytest.mark.parametrize(("data", "message"), [
    (changed(value=[1, 2]), "holds 2 values where its dimensions span 4"),
    (changed(value={"9": 1}), "gives one of its values at '9', outside its 4 cells"),
    (changed(value={"-1": 1}), "outside its 4 cells"),
    (changed(value=["x", 1, 1, 1]), "no finite number. Received 'x'"),
    (changed(value=[True, 1, 1, 1]), "no finite number"),
    (changed(size=[3, 2, 1]), "states 3 categories for 'geo' but lists 2"),
    (changed(size=[2, 2]), "no JSON-stat data set"),
    (changed(id=["geo", "geo", "m"]), "names a dimension twice"),
    (changed(dimension=5), "no JSON-stat data set"),
    ({"class": "collection"}, "collection of several data sets"),
    ({"a": 1}, "is JSON of an unknown kind"),
    ([1], "no JSON-stat object"),
    ('{"value": NaN}', "NaN is not a number in JSON"),
    ('{"value": [1', "is no JSON"),
    ("[" * 100_000, "is no JSON"),
])
def test_what_does_not_fit_together_is_refused(tmp_path, data, message):
    with pytest.raises(DataError, match=message):
        read_json(written(tmp_path, data))


def test_sizes_that_span_too_much_are_refused(tmp_path):
    many = {"category": {"index": [str(i) for i in range(4000)]}}
    data = changed(id=["a", "b"], size=[4000, 4000], dimension={"a": many, "b": many}, role={}, value={})
    with pytest.raises(DataError, match="spans 16,000,000 cells"):
        read_json(written(tmp_path, data))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*DATA, "0", "category", "index"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from([*DATA]), JUNK)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_data_set_with_one_foreign_part_is_read_or_refused(tmp_path, key, junk):
    try:
        assert len(read_json(written(tmp_path, changed(**{key: junk}))).cells) <= 4
    except DataError as error:
        assert error.problems
