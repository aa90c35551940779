"""Change and growth of a series."""

import math

import pandas as pd
import pytest

from dxanalysis import analysis
from dxanalysis.analysis import growth
from tests.tables import cases, holds


def history(values, first=2020, **columns):
    return pd.DataFrame({"year": range(first, first + len(values)), "value": values, **columns})


NAN = math.nan


@cases("table expected", {
    "of the share of the statistics office, worked by hand": (history([12.66, 12.87, 12.83, 12.87, 13.17]), {
        "points": 0.51, "percent": 100 * 0.51 / 12.66, "cagr": (13.17 / 12.66) ** 0.25 - 1, "per_year": 0.1275,
        "n": 5, "comparable": True, "reason": ""}),
    "one point has a level and no change": (
        history([3.0]), {"first": 3.0, "last": 3.0, "reason": "one_point", "points": NAN, "cagr": NAN}),
    "no point gives one row that says so": (history([]), {"n": [0], "reason": ["no_data"], "first_year": [NAN]}),
    "a break is never crossed": (
        history([0.3026, 0.4014, 0.5786, 0.6783], break_before=["", "aggregation rule changed", "", ""]),
        {"first_year": 2021, "n": 3, "observed": 4, "points": 0.6783 - 0.4014, "comparable": False,
         "reason": "break"}),
    "each area has its row": (
        pd.DataFrame({"area": [*"baba"], "year": [2020, 2020, 2022, 2021], "value": [1.0, 2.0, 3.0, 2.0]}),
        {"area": ["a", "b"], "per_year": [0.0, 1.0]}),
    "of a negative value keeps its sign": (history([-4.0, -2.0]), {"percent": 50.0}),
    "has no percent from nothing": (history([0.0, 2.0]), {"percent": NAN}),
})
def test_the_change(table, expected):
    assert holds(analysis.change(table), expected)


def test_the_columns_stand_in_the_agreed_order():
    agreed = "indicator definition area first_year last_year first last points percent cagr per_year n comparable"
    assert list(analysis.change(history([1.0, 2.0])).columns)[:13] == agreed.split()


@pytest.mark.parametrize(("first", "last", "years", "rate"), [
    (0.0, 5.0, 3, NAN), (-1.0, 2.0, 3, NAN), (2.0, -1.0, 3, NAN), (1.0, 2.0, 0, NAN), (-5.0, 1e-300, 3, NAN),
    (5.0, -1e-300, 3, NAN), (-4.0, -1.0, 2, -0.5), (0.02, 0.0, 9, -1.0), (5.0, 0.0, 3, -1.0), (-5.0, 0.0, 3, -1.0),
])
def test_a_growth_rate_needs_time_a_base_and_one_sign_and_a_fall_to_zero_is_minus_100_percent(first, last, years, rate):
    assert growth.cagr(first, last, years) == pytest.approx(rate, nan_ok=True)
