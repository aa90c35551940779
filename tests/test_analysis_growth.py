"""Change, growth and the evidence a series gives."""

import math

import numpy as np
import pandas as pd
import pytest

from dxanalysis import analysis
from dxanalysis.analysis import growth


def history(values, first=2020, **columns):
    return pd.DataFrame({"year": range(first, first + len(values)), "value": values, **columns})


def test_the_change_of_the_gso_share_is_worked_by_hand():
    row = analysis.change(history([12.66, 12.87, 12.83, 12.87, 13.17])).iloc[0]
    assert row["points"] == pytest.approx(0.51)
    assert row["percent"] == pytest.approx(100 * 0.51 / 12.66)
    assert row["cagr"] == pytest.approx((13.17 / 12.66) ** 0.25 - 1)
    assert row["per_year"] == pytest.approx(0.1275)
    assert (row["n"], row["comparable"], row["reason"]) == (5, True, "")


def test_the_columns_stand_in_the_agreed_order():
    agreed = "indicator definition area first_year last_year first last points percent cagr per_year n comparable"
    assert list(analysis.change(history([1.0, 2.0])).columns)[:13] == agreed.split()


def test_one_point_has_a_level_and_no_change():
    row = analysis.change(history([3.0])).iloc[0]
    assert (row["first"], row["last"], row["reason"]) == (3.0, 3.0, "one_point")
    assert math.isnan(row["points"]) and math.isnan(row["cagr"])


def test_no_point_gives_one_row_that_says_so():
    row = analysis.change(history([])).iloc[0]
    assert (row["n"], row["reason"]) == (0, "no_data")
    assert pd.isna(row["first_year"])


def test_change_never_crosses_a_break():
    broken = history([0.3026, 0.4014, 0.5786, 0.6783], break_before=["", "aggregation rule changed", "", ""])
    row = analysis.change(broken).iloc[0]
    assert (row["first_year"], row["n"], row["observed"]) == (2021, 3, 4)
    assert row["points"] == pytest.approx(0.6783 - 0.4014)
    assert (row["comparable"], row["reason"]) == (False, "break")


def test_each_area_has_its_row():
    two = pd.DataFrame({"area": ["b", "a", "b", "a"], "year": [2020, 2020, 2022, 2021], "value": [1.0, 2.0, 3.0, 2.0]})
    table = analysis.change(two)
    assert table["area"].tolist() == ["a", "b"]
    assert table["per_year"].tolist() == [0.0, 1.0]


@pytest.mark.parametrize(("first", "last"), [(0.0, 5.0), (-1.0, 2.0), (2.0, -1.0)])
def test_a_growth_rate_needs_a_nonzero_base_and_one_sign(first, last):
    assert math.isnan(growth.cagr(first, last, 3))


def test_two_negative_values_are_compared_by_their_ratio():
    assert growth.cagr(-4.0, -1.0, 2) == pytest.approx(-0.5)


def test_no_time_passed_is_no_growth():
    assert math.isnan(growth.cagr(1.0, 2.0, 0))


def test_a_decline_to_zero_is_minus_100_percent():
    assert growth.cagr(0.02, 0.0, 9) == -1.0


@pytest.mark.parametrize(("points", "grade"), [
    (0, "none"), (1, "level"), (2, "direction"), (3, "direction"), (4, "pace"), (5, "pace"), (6, "forecast"),
])
def test_the_grade_follows_the_number_of_comparable_points(points, grade):
    assert analysis.evidence_grade(history([float(i) for i in range(points)])) == grade


def test_points_before_a_break_are_no_evidence():
    six = history([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], break_before=["", "", "", "", "new method", ""])
    assert analysis.evidence_grade(six) == "direction"


def test_several_areas_are_graded_by_the_weakest():
    two = pd.DataFrame({"area": ["a", "a", "b"], "year": [2020, 2021, 2020], "value": [1.0, 2.0, 3.0]})
    assert analysis.evidence_grade(two) == "level"


def test_a_grade_limits_what_may_be_claimed():
    allowed = {grade: [claim for claim in growth.GRADES if analysis.allows(grade, claim)] for grade in growth.GRADES}
    assert allowed["none"] == ["none"]
    assert allowed["pace"] == ["none", "level", "direction", "pace"]
    assert allowed["forecast"] == list(growth.GRADES)


def test_an_unknown_grade_is_refused():
    with pytest.raises(ValueError, match="Unknown evidence grade 'weak'"):
        analysis.allows("weak", "pace")


def test_a_negative_count_of_points_is_refused():
    with pytest.raises(ValueError, match="cannot have -1 points"):
        growth.grade_of(-1)


def test_relative_change_of_a_negative_value_keeps_the_sign_of_the_change():
    assert analysis.change(history([-4.0, -2.0])).iloc[0]["percent"] == 50.0
    assert np.isnan(analysis.change(history([0.0, 2.0])).iloc[0]["percent"])


def test_a_negative_count_of_points_has_no_grade():
    with pytest.raises(ValueError, match="cannot have -1 points"):
        growth.grade_of(-1)


def test_a_debt_paid_off_is_a_fall_to_nothing_and_not_a_change_of_sign():
    assert growth.cagr(-5.0, 0.0, 3) == -1.0
    assert growth.cagr(5.0, 0.0, 3) == -1.0
    assert math.isnan(growth.cagr(-5.0, 1e-300, 3)) and math.isnan(growth.cagr(5.0, -1e-300, 3))
