"""What a history may be, and how peers join it."""

import datetime

import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecasting.distributions import read_bounds
from dxanalysis.forecasting.histories import read_history, revision_error, with_peers

SHARE = read_bounds((0, 100))


def table(**columns):
    return pd.DataFrame(columns)


def test_a_users_own_table_needs_year_and_value_only():
    panel = read_history(table(year=[2021, 2020], value=[12.87, 12.66]), SHARE)
    assert panel.areas.tolist() == ["series"]
    assert panel.values.tolist() == [[12.66, 12.87]]


def test_areas_are_aligned_on_their_own_last_year():
    panel = read_history(table(area=["b", "a", "a"], year=[2025, 2019, 2021], value=[3.0, 1.0, 2.0]), SHARE)
    assert panel.areas.tolist() == ["a", "b"]
    assert panel.origin.tolist() == [2021, 2025]
    np.testing.assert_array_equal(panel.values, [[1.0, np.nan, 2.0], [np.nan, np.nan, 3.0]])
    assert panel.bridged.tolist() == [1, 0]


def test_a_break_leaves_out_what_stands_before_it():
    panel = read_history(table(year=[2021, 2024], value=[3.0, 7.1], break_before=["", "other method"]), SHARE)
    assert (panel.count.tolist(), panel.cut.tolist(), panel.values.tolist()) == ([1], [1], [[7.1]])


def test_a_missing_value_is_a_gap_and_never_filled():
    panel = read_history(table(year=[2020, 2021, 2022], value=[1.0, np.nan, 3.0]), SHARE)
    assert panel.count.tolist() == [2]
    assert np.isnan(panel.values[0, 1])


def test_an_empty_history_is_an_empty_panel():
    assert len(read_history(table(year=[], value=[]), SHARE).areas) == 0


@pytest.mark.parametrize(("columns", "message"), [
    ({"year": [2020], "val": [1.0]}, "no column 'value'"),
    ({"year": [2020, 2020], "value": [1.0, 2.0]}, "has 2020 twice"),
    ({"year": [2020], "value": ["12,5"]}, "has the value '12,5' in 2020"),
    ({"year": [2020], "value": [np.inf]}, "has the value inf in 2020"),
    ({"year": [2020], "value": [101.0]}, "101 in 2020, outside the bounds 0..100"),
    ({"year": [2020], "value": [-0.1]}, "outside the bounds"),
    ({"year": [2020.5], "value": [1.0]}, "Years must be whole numbers"),
    ({"year": ["2020"], "value": [1.0]}, "Years must be whole numbers"),
    ({"year": [datetime.date.today().year + 1], "value": [1.0]}, "leave projections out"),
    ({"year": [2020, 2021], "value": [1.0, 2.0], "definition": ["gso", "mic"]}, "mixes 2 definitions"),
    ({"year": [2020, 2021], "value": [1.0, 2.0], "indicator": ["a", "b"]}, "mixes 2 indicators"),
    ({"year": [2020], "value": [1.0], "area": [None]}, "row without an area"),
    ({"year": [2020], "value": [True]}, "Give a finite number"),
])
def test_what_would_need_a_guess_is_refused_by_name(columns, message):
    with pytest.raises(ValueError, match=message):
        read_history(pd.DataFrame(columns), SHARE)


def test_values_at_the_bounds_and_of_this_year_are_welcome():
    year = datetime.date.today().year
    panel = read_history(table(year=[year - 1, year], value=[0.0, 100.0]), SHARE)
    assert panel.values.tolist() == [[0.0, 100.0]]


def test_the_first_wrong_row_is_named():
    wrong = table(area=["a", "b", "b"], year=[2020, 2020, 2021], value=[1.0, 2.0, 200.0])
    with pytest.raises(ValueError, match=r"of 'b' has 200 in 2021, outside"):
        read_history(wrong, SHARE)
    with pytest.raises(ValueError, match=r"of 'b' has the value '2\?' in 2020"):
        read_history(wrong.assign(value=[None, "2?", "3"]), SHARE)
    with pytest.raises(ValueError, match=r"of 'b' has the year 2020\.5"):
        read_history(wrong.assign(year=[2020, 2020.5, 2021.5]), SHARE)
    with pytest.raises(ValueError, match=r"of 'b' has 2020 twice"):
        read_history(wrong.assign(year=2020, value=[1.0, 2.0, 3.0]), SHARE)
    late = datetime.date.today().year + 2
    with pytest.raises(ValueError, match=rf"of 'b' has the year {late}, after"):
        read_history(wrong.assign(year=[2020, 2020, late], value=1.0), SHARE)


def test_two_areas_may_have_the_same_year_and_one_an_infinite_one_is_refused():
    assert len(read_history(table(area=["a", "b"], year=[2020, 2020], value=[1.0, 1.0]), SHARE).areas) == 2
    with pytest.raises(ValueError, match="Years must be whole numbers"):
        read_history(table(year=[np.inf, 2020], value=[1.0, 2.0]), SHARE)


def test_25_years_are_looked_at_and_no_more():
    panel = read_history(table(year=range(1990, 2021), value=[float(year - 1980) for year in range(1990, 2021)]), SHARE)
    assert panel.values.shape == (1, 25)
    assert panel.values[0, [0, -1]].tolist() == [16.0, 40.0]
    assert (panel.count.tolist(), panel.bridged.tolist(), panel.cut.tolist()) == ([25], [0], [0])
    far = read_history(table(year=[1990, 2020], value=[1.0, 2.0]), SHARE)
    assert (far.values.tolist(), far.count.tolist(), far.bridged.tolist()) == ([[2.0]], [1], [0])


def test_the_last_of_several_breaks_counts_and_other_areas_keep_their_past():
    rows = table(area=["a"] * 4 + ["b"] * 2, year=[2018, 2019, 2020, 2021, 2020, 2021], value=[1.0, 2, 3, 4, 5, 6],
                 break_before=["", "x", "y", None, " ", ""])
    panel = read_history(rows, SHARE)
    assert panel.cut.tolist() == [2, 0]
    assert panel.values.tolist() == [[3, 4], [5, 6]]


def test_all_values_missing_is_an_empty_panel():
    panel = read_history(table(year=[2020], value=[np.nan]), SHARE)
    assert panel.values.shape == (0, 1)


def test_one_indicator_and_definition_named_throughout_are_fine_and_gaps_in_them_too():
    rows = table(year=[2020, 2021], value=[1.0, 2.0], indicator="a", definition=["gso", None])
    assert read_history(rows, SHARE).count.tolist() == [2]


SHARE = read_bounds((0, 100))
OWN = pd.DataFrame({"area": "own", "year": [2024, 2025], "value": [1.0, 2.0]})


def test_the_histories_own_rows_win_over_the_peers():
    peers = pd.DataFrame({"area": ["own", "other"], "year": [2025, 2025], "value": [9.0, 5.0]})
    panel = with_peers(OWN, peers, SHARE)
    assert panel.areas.tolist() == ["other", "own"]
    assert panel.values[1].tolist() == [1.0, 2.0]


def test_peers_without_area_are_refused():
    with pytest.raises(ValueError, match="no column 'area'"):
        with_peers(OWN, OWN.drop(columns="area"), SHARE)


def test_the_peers_errors_name_the_peers():
    with pytest.raises(ValueError, match=r"The peers' history of 'x' has 120 in 2025"):
        with_peers(OWN, pd.DataFrame({"area": ["x"], "year": [2025], "value": [120.0]}), SHARE)


def test_revisions_count_by_their_root_mean_square():
    assert revision_error(pd.Series([3.0, -4.0])) == pytest.approx((25 / 2) ** 0.5)
    assert revision_error(0.7) == 0.7
    assert revision_error([]) == 0.0


def test_an_infinite_revision_is_refused():
    with pytest.raises(ValueError, match="all finite"):
        revision_error([float("inf")])


def test_no_peers_and_an_empty_table_of_peers_are_the_same():
    for none in (None, pd.DataFrame({"year": [], "value": []})):
        panel = with_peers(OWN, none, SHARE)
        assert (panel.areas.tolist(), panel.values.tolist()) == (["own"], [[1.0, 2.0]])


def test_an_unnamed_definition_is_no_other_one_and_a_history_may_be_empty():
    peers = pd.DataFrame({"area": ["x"], "year": [2025], "value": [5.0], "definition": ["mic"]})
    assert with_peers(OWN, peers, SHARE).areas.tolist() == ["own", "x"]
    assert with_peers(OWN.assign(definition="gso"), peers.drop(columns="definition"), SHARE).areas.tolist() == [
        "own", "x",
    ]
    assert with_peers(OWN[:0], peers, SHARE).areas.tolist() == ["x"]
    with pytest.raises(ValueError, match="Peers are measured as 'mic', the history as 'gso'"):
        with_peers(OWN.assign(definition=[None, "gso"]), peers, SHARE)


def test_a_history_without_areas_is_one_series_among_its_peers():
    peers = pd.DataFrame({"area": ["x"], "year": [2025], "value": [5.0]})
    assert with_peers(OWN.drop(columns="area"), peers, SHARE).areas.tolist() == ["series", "x"]
