import datetime

import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecast.histories import read_history
from dxanalysis.forecast.scales import read_bounds

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


def test_a_provisional_figure_is_trusted_less():
    panel = read_history(table(year=[2024, 2025], value=[1.0, 2.0], status=["official", "estimate"]), SHARE)
    assert panel.trust.tolist() == [[1.0, 0.8]]


def test_an_empty_history_is_an_empty_panel():
    assert len(read_history(table(year=[], value=[]), SHARE).areas) == 0


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"year": [2020], "val": [1.0]}, "no column 'value'"),
        ({"year": [2020, 2020], "value": [1.0, 2.0]}, "has 2020 twice"),
        ({"year": [2020], "value": ["12,5"]}, "has the value '12,5' in 2020"),
        ({"year": [2020], "value": [np.inf]}, "has the value .*inf.* in 2020"),
        ({"year": [2020], "value": [101.0]}, "101 in 2020, outside the bounds 0..100"),
        ({"year": [2020], "value": [-0.1]}, "outside the bounds"),
        ({"year": [2020.5], "value": [1.0]}, "Years must be whole numbers"),
        ({"year": ["2020"], "value": [1.0]}, "Years must be whole numbers"),
        ({"year": [datetime.date.today().year + 1], "value": [1.0]}, "leave projections out"),
        ({"year": [2020, 2021], "value": [1.0, 2.0], "definition": ["gso", "mic"]}, "mixes 2 definitions"),
        ({"year": [2020, 2021], "value": [1.0, 2.0], "indicator": ["a", "b"]}, "mixes 2 indicators"),
        ({"year": [2020], "value": [1.0], "area": [None]}, "row without an area"),
        ({"year": [2020], "value": [True]}, "Give a finite number"),
    ],
)
def test_what_would_need_a_guess_is_refused_by_name(columns, message):
    with pytest.raises(ValueError, match=message):
        read_history(pd.DataFrame(columns), SHARE)
