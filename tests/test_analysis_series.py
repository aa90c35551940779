"""The history table is checked before anything is computed from it."""

import numpy as np
import pandas as pd
import pytest

from dxanalysis.analysis import series


def table(**columns):
    return pd.DataFrame(columns)


def test_a_users_table_of_year_and_value_becomes_a_sorted_history():
    read = series.read_history(table(year=[2022, 2020], value=[12.83, 12.66]))
    assert read["area"].tolist() == ["series", "series"]
    assert read["year"].tolist() == [2020, 2022]
    assert read["break_before"].tolist() == ["", ""]


def test_a_missing_value_is_no_observation():
    assert series.read_history(table(year=[2020, 2021], value=[1.0, np.nan]))["year"].tolist() == [2020]


def test_missing_words_of_a_users_table_are_read_as_empty():
    read = series.read_history(table(year=[2020, 2021], value=[1.0, 2.0], break_before=[None, "new method"]))
    assert read["break_before"].tolist() == ["", "new method"]


def test_the_input_table_is_left_as_it_was():
    given = table(year=[2022, 2020], value=[2.0, 1.0])
    series.read_history(given)
    assert list(given.columns) == ["year", "value"]
    assert given["year"].tolist() == [2022, 2020]


def test_a_missing_column_is_named_with_those_found():
    with pytest.raises(ValueError, match=r"no column 'value'; it has 'year', 'share'"):
        series.read_history(table(year=[2020], share=[1.0]))


def test_an_infinite_value_is_refused():
    with pytest.raises(ValueError, match="no finite number"):
        series.read_history(table(year=[2020], value=[np.inf]))


def test_two_values_for_one_year_are_refused():
    with pytest.raises(ValueError, match="2 values of 'series' for 2022"):
        series.read_history(table(year=[2022, 2022], value=[14.26, 12.83]))


def test_two_definitions_are_never_joined():
    mixed = table(definition=["gso", "mic"], year=[2021, 2022], value=[12.87, 14.26])
    with pytest.raises(ValueError, match=r"mixes 2 definitions \('gso', 'mic'\)"):
        series.read_history(mixed)


def test_a_year_range_counts_as_its_first_year():
    assert series.read_history(table(year=["2015-16", "2016-17"], value=[1.0, 2.0]))["year"].tolist() == [2015, 2016]


def test_a_year_that_is_no_whole_number_is_refused():
    with pytest.raises(ValueError, match=r"year 2020\.5"):
        series.read_history(table(year=[2020.5], value=[1.0]))


def test_only_the_years_after_the_last_break_are_comparable():
    dti = table(year=[2020, 2021, 2022, 2024], value=[0.39, 0.5, 0.7, 0.8], break_before=["", "rule", "", "47 parts"])
    assert series.comparable_run(series.read_history(dti))["year"].tolist() == [2024]


def test_a_break_before_the_first_year_separates_nothing():
    started = series.read_history(table(year=[2020, 2021], value=[1.0, 2.0], break_before=["starts here", ""]))
    assert len(series.comparable_run(started)) == 2


def test_a_table_of_two_areas_is_not_one_series():
    with pytest.raises(ValueError, match=r"2 series \('a', 'b'\)"):
        series.one_series(table(area=["a", "b"], year=[2020, 2020], value=[1.0, 2.0]))


@pytest.mark.parametrize("given", [
    {2022: 12.83, 2020: 12.66},
    [(2022, 12.83), (2020, 12.66)],
    pd.Series({2022: 12.83, 2020: 12.66}),
    table(year=[2022, 2020], value=[12.83, 12.66]),
    {2022: 12.83, 2021: np.nan, 2020: 12.66},
])
def test_points_are_read_from_tables_series_dicts_and_pairs(given):
    years, values = series.read_points(given)
    assert (years.tolist(), values.tolist()) == ([2020, 2022], [12.66, 12.83])


def test_points_before_a_break_are_not_read():
    broken = table(year=[2020, 2021], value=[1.0, 2.0], break_before=["", "new method"])
    assert series.read_points(broken)[0].tolist() == [2021]


def test_no_points_are_read_from_nothing():
    assert len(series.read_points({})[0]) == 0


@pytest.mark.parametrize(("pairs", "message"), [
    ([(2020, 1.0), (2020, 2.0)], "2 values of 'series' for 2020"),
    ({2020: np.inf}, "no finite"),
    ({2020.5: 1.0}, "2020.5"),
])
def test_bad_points_are_refused(pairs, message):
    with pytest.raises(ValueError, match=message):
        series.read_points(pairs)
