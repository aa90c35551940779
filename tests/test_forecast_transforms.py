"""Transforms, quantile levels and horizons."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dxanalysis.forecasting.distributions import EDGE, LEVELS, check_horizon, check_levels, read_bounds


@pytest.mark.parametrize(
    ("bounds", "kind"), [((0, 100), "logit"), ((0, None), "plain"), ((None, 5), "plain"), (None, "plain")]
)
def test_two_bounds_make_a_share_and_fewer_leave_the_unit(bounds, kind):
    assert read_bounds(bounds).kind == kind


def test_one_bound_holds_what_the_models_say():
    assert read_bounds((0, None)).back(np.array([-2.0, 3.0])).tolist() == [0.0, 3.0]


def test_the_logit_of_a_fifth_is_minus_log_four():
    assert read_bounds((0, 100)).to(20.0) == pytest.approx(-np.log(4))


@given(st.floats(0.1, 99.9))
@settings(max_examples=50, deadline=None)
def test_there_and_back_is_the_same_share(value):
    scale = read_bounds((0, 100))
    assert scale.back(scale.to(value)) == pytest.approx(value)


def test_a_share_at_its_bound_stays_a_number():
    assert read_bounds((0, 100)).back(read_bounds((0, 100)).to(0.0)) == pytest.approx(100 * EDGE)


@pytest.mark.parametrize("wrong", [(100, 0), (5, 5), (0, 1, 2)])
def test_bounds_that_are_no_rising_pair_are_refused(wrong):
    with pytest.raises(ValueError, match="are not a"):
        read_bounds(wrong)


def test_bounds_other_than_0_and_100_are_kept():
    scale = read_bounds((10, 60))
    assert scale.to(20.0) == pytest.approx(np.log(0.2 / 0.8))
    assert scale.back(np.array([np.log(0.25), -800.0, 800.0])).tolist() == pytest.approx([20, 10, 60])
    assert scale.back(scale.to(np.array([10.0, 60.0]))).tolist() == pytest.approx([10.025, 59.975])


def test_the_house_has_21_levels_from_the_ends_of_the_95_percent_interval():
    assert len(LEVELS) == 21
    assert (LEVELS[0], LEVELS[10], LEVELS[-1]) == (0.025, 0.5, 0.975)


def test_levels_are_sorted_and_doubles_dropped():
    assert check_levels([0.9, 0.1, 0.9]).tolist() == [0.1, 0.9]


@pytest.mark.parametrize("wrong", [0.0, 1.0, 95.0, -0.1, float("nan")])
def test_a_level_outside_0_to_1_is_refused(wrong):
    with pytest.raises(ValueError, match="is not between 0 and 1"):
        check_levels([0.5, wrong])


def test_no_level_is_refused():
    with pytest.raises(ValueError, match="No quantile level"):
        check_levels([])


@pytest.mark.parametrize("years", [1, 60])
def test_one_to_sixty_years_ahead_are_fine(years):
    assert check_horizon(years) == years


@pytest.mark.parametrize("wrong", [0, -1, 61, 2.5, True, "3"])
def test_a_horizon_that_is_no_number_of_years_is_refused(wrong):
    with pytest.raises(ValueError, match="is not a number of years from 1 to 60"):
        check_horizon(wrong)


def test_the_levels_between_are_steps_of_five_points():
    assert LEVELS[1:-1].tolist() == [round(step / 20, 2) for step in range(1, 20)]
