"""Records and the message of refused data."""

import dataclasses

import pytest

from dxanalysis.facts import DataError, Problem, find_indicator


def test_a_problem_without_row_column_or_value_is_still_a_sentence():
    assert str(Problem("data.csv", 0, "", "", "is empty.", "Fill it.")) == "data.csv: is empty. Fill it."


def test_the_error_holds_all_problems_and_prints_ten():
    problems = [Problem("data.csv", row, "value", "x", "not a number.", "Correct it.") for row in range(2, 14)]
    error = DataError(problems)
    assert error.problems == problems
    assert str(error).count("not a number") == 10 and "and 2 more" in str(error)


def test_records_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'unit'"):
        find_indicator("digital_economy_share").unit = "points"


def test_bounds_are_none_only_where_both_sides_are_open():
    assert find_indicator("digital_economy_share").bounds == (0.0, 100.0)
    assert find_indicator("dti_rank").bounds == (1.0, None)
    assert find_indicator("grdp_growth").bounds is None
