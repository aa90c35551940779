import pytest

from dxanalysis.forecasting.levels import LEVELS, check_horizon, check_levels


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
