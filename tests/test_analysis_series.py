"""The history table is checked before anything is computed from it."""

import numpy as np
import pandas as pd
import pytest

from dxanalysis.analysis import series
from tests.tables import cases, holds


def table(**columns):
    return pd.DataFrame(columns)


@cases("given expected", {
    "year and value become a sorted history": (table(year=[2022, 2020], value=[12.83, 12.66]), {
        "area": ["series", "series"], "year": [2020, 2022], "break_before": ["", ""]}),
    "a missing value is no observation": (table(year=[2020, 2021], value=[1.0, np.nan]), {"year": [2020]}),
    "missing words are read as empty": (
        table(year=[2020, 2021], value=[1.0, 2.0], break_before=[None, "new method"]),
        {"break_before": ["", "new method"]}),
    "a range of years counts as its first": (
        table(year=["2015-16", "2016-17"], value=[1.0, 2.0]), {"year": [2015, 2016]}),
})
def test_a_users_table_is_read(given, expected):
    assert holds(series.read_history(given), expected)


def test_the_input_table_is_left_as_it_was():
    given = table(year=[2022, 2020], value=[2.0, 1.0])
    series.read_history(given)
    assert list(given.columns) == ["year", "value"]
    assert given["year"].tolist() == [2022, 2020]


@cases("read given message", {
    "a missing column": (
        series.read_history, table(year=[2020], share=[1.0]), r"no column 'value'; it has 'year', 'share'"),
    "an infinite value": (series.read_history, table(year=[2020], value=[np.inf]), "no finite number"),
    "two values for one year": (
        series.read_history, table(year=[2022, 2022], value=[14.26, 12.83]), "2 values of 'series' for 2022"),
    "two definitions": (
        series.read_history, table(definition=["gso", "mic"], year=[2021, 2022], value=[12.87, 14.26]),
        r"mixes 2 definitions \('gso', 'mic'\)"),
    "a year that is no whole number": (series.read_history, table(year=[2020.5], value=[1.0]), r"year 2020\.5"),
    "two areas where one series is asked": (
        series.one_series, table(area=["a", "b"], year=[2020, 2020], value=[1.0, 2.0]), r"2 series \('a', 'b'\)"),
    "two points of one year": (
        series.read_points, [(2020, 1.0), (2020, 2.0)], "2 values of 'series' for 2020"),
    "an infinite point": (series.read_points, {2020: np.inf}, "no finite"),
    "a point between years": (series.read_points, {2020.5: 1.0}, "2020.5"),
})
def test_what_is_refused(read, given, message):
    with pytest.raises(ValueError, match=message):
        read(given)


@cases("values breaks years", {
    "only the years after the last break": ([0.39, 0.5, 0.7, 0.8], ["", "rule", "", "47 parts"], [2023]),
    "a break before the first year separates nothing": ([1.0, 2.0], ["starts here", ""], [2020, 2021]),
    "nothing": ([], [], []),
})
def test_what_is_comparable(values, breaks, years):
    given = table(year=range(2020, 2020 + len(values)), value=values, break_before=breaks)
    assert series.comparable_run(series.read_history(given))["year"].tolist() == years
    assert series.read_points(given)[0].tolist() == years and len(series.read_points({})[0]) == 0


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
