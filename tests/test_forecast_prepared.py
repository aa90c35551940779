import numpy as np
import pytest

from dxanalysis.forecasting.distributions import read_bounds
from dxanalysis.forecasting.experts import TYPICAL_STEP, bridge, prepare, usual_change

PLAIN = read_bounds(None)


def made(rows, pooled=True):
    return prepare(np.array(rows, dtype=float), PLAIN, pooled)


def test_an_inner_gap_is_bridged_by_a_straight_line():
    values = bridge(np.array([[np.nan, 1.0, np.nan, np.nan, 4.0]]))
    np.testing.assert_allclose(values, [[np.nan, 1, 2, 3, 4]])


def test_unbounded_series_are_measured_in_their_own_usual_change():
    p = made([[10, 12, 8], [1000, 1200, 800]])
    np.testing.assert_allclose(p.unit, [3, 300])
    np.testing.assert_allclose(p.drift, [-1 / 3, -1 / 3])


def test_the_panel_speaks_with_its_median_speed():
    p = made([[0, 1, 2], [0, 2, 4], [0, 1, 4], [4, 2, 0], [0, 1, 2]])
    np.testing.assert_allclose(p.common_speed, 1.0)


def test_alone_every_series_keeps_its_own_slope():
    assert made([[0, 1, 2]], pooled=False).shrinkage.tolist() == [1.0]


def test_a_constant_series_has_a_step_of_one_percent_of_its_value():
    assert made([[50, 50, 50]], pooled=False).unit.tolist() == [0.5]


def test_the_usual_change_of_a_short_share_is_steadied_by_a_typical_one():
    values = np.array([[20.0, 22.0]])
    p = prepare(values, read_bounds((0, 100)), False)
    typical = TYPICAL_STEP * 22 * 78 / 100
    assert usual_change(p)[0] == pytest.approx((2 + typical) / 2)


def test_speed_and_noise_of_a_series_by_hand():
    p = made([[0, 1, 5, 6, 10]], pooled=False)  # changes 1, 4, 1, 4: unit 2.5
    assert p.unit[0] == 2.5
    assert p.drift[0] == pytest.approx(1)
    assert p.speed[0] == pytest.approx(3 / 2.5)
    assert p.noise[0] == pytest.approx(4 * 0.6**2 / 3)
    assert p.span.tolist() == [5]


def test_the_shrinkage_is_the_variance_between_areas_over_all_variance():
    """Empirical Bayes by moments; the area with one point has no own drift, the one with two the median noise."""
    rows = [[np.nan, np.nan, 5], [np.nan, 40, 50], [20, 22, 21], [20, 30, 45], [50, 45, 44], [30, 31, 36]]
    values = np.array(rows, dtype=float)
    p = prepare(values, read_bounds((0, 100)), True)
    error = np.r_[np.median(p.noise[2:]) / 1, p.noise[2:] / 2]
    between = np.var(p.drift[1:]) - error.mean()
    assert between > 0.1 * np.var(p.drift[1:])
    np.testing.assert_allclose(p.shrinkage, np.r_[0, between / (between + error)])
    np.testing.assert_allclose(p.common_speed, np.median(p.speed[1:]))


def test_a_panel_that_differs_by_noise_only_keeps_a_tenth_of_its_variance():
    rows = [[20, 60, 20.5], [20, 61, 21], [21, 60, 20.0], [20, 64, 22], [20, 60, 21]]
    values = np.array(rows, dtype=float)
    p = prepare(values, read_bounds((0, 100)), True)
    between, error = 0.1 * np.var(p.drift), p.noise / 2
    np.testing.assert_allclose(p.shrinkage, between / (between + error))


def test_a_panel_of_two_points_each_has_no_noise_to_shrink_by():
    values = np.array([[20.0, 21], [20, 22], [20, 23], [20, 25], [20, 26]])
    assert prepare(values, read_bounds((0, 100)), True).shrinkage.tolist() == [1.0] * 5


def test_a_matrix_without_inner_gaps_is_left_alone():
    values = np.array([[np.nan, 1.0, 2.0], [1.0, 2.0, 4.0]])
    found = bridge(values)
    np.testing.assert_array_equal(found, values)


def test_several_gaps_of_several_rows_are_bridged():
    found = bridge(np.array([[1.0, np.nan, 3.0, np.nan, np.nan, 9.0], [np.nan, 2.0, np.nan, 4.0, 4.0, 5.0]]))
    np.testing.assert_allclose(found, [[1, 2, 3, 5, 7, 9], [np.nan, 2, 3, 4, 4, 5]])


def test_a_series_that_is_nothing_has_a_step_of_one():
    assert made([[0, 0, 0]], pooled=False).unit.tolist() == [1.0]


def test_the_usual_change_of_a_panel_is_steadied_by_its_median_step():
    values = np.array([[20.0, 22, 22], [np.nan, 50, 56], [np.nan, np.nan, 10], [80, 80, 79], [30, 35, 36]])
    p = prepare(values, read_bounds((0, 100)), True)
    last, total, steps = values[:, -1], np.array([2, 6, 0, 1, 6.0]), np.array([2, 1, 0, 2, 2])
    room = last * (100 - last) / 100
    step = np.median((total / np.maximum(steps, 1) / room)[steps > 0])
    np.testing.assert_allclose(usual_change(p), (total + step * room) / (steps + 1))


def test_a_share_at_rest_at_its_bound_has_a_usual_change_of_a_fiftieth_point():
    values = np.zeros((5, 12))
    p = prepare(values, read_bounds((0, 100)), True)
    np.testing.assert_allclose(usual_change(p), 0.02)
    one = prepare(np.array([[0.0]]), read_bounds((0, 100)), False)
    np.testing.assert_allclose(usual_change(one), max(0.06 * 0.2, 0.02))
    longer = prepare(np.full((1, 3), 40.0), read_bounds((0, 100)), False)
    np.testing.assert_allclose(usual_change(longer), 0.06 * 24 / 3)


def test_unbounded_data_have_their_own_usual_change_or_their_unit():
    np.testing.assert_allclose(usual_change(made([[1, 3, 2], [50, 50, 50]])), [1.5, 0.5])


def test_a_change_in_points_is_a_move_in_the_working_scale():
    values = np.array([[20.0, 40.0]])
    p = prepare(values, read_bounds((0, 100)), False)
    np.testing.assert_allclose(p.move_in_points(np.array([[10.0]])), np.log(1.0) - np.log(40 / 60))
    plain = made([[10, 12, 8]], pooled=False)
    np.testing.assert_allclose(plain.move_in_points(np.array([[6.0, -3.0]])), [[2, -1]])


def test_bounds_other_than_0_and_100_measure_the_room_between_them():
    values = np.array([[20.0, 30.0]])
    p = prepare(values, read_bounds((10, 60)), False)
    assert p.level[0] == pytest.approx(np.log(20 / 30))
    assert usual_change(p)[0] == pytest.approx((10 + TYPICAL_STEP * 20 * 30 / 50) / 2)
    rest = np.full((1, 100), 10.0)
    at_bound = prepare(rest, read_bounds((10, 60)), False)
    assert usual_change(at_bound)[0] == pytest.approx(0.01)


@pytest.mark.parametrize("bounds", [None, (0, 100)])
def test_what_stands_before_the_first_value_changes_nothing(bounds):
    rows = [[20.0, 24, 23], [30.0, 31], [40.0]]
    wide = np.array([[np.nan] * (6 - len(row)) + row for row in rows])
    together = prepare(wide, read_bounds(bounds), False)
    for at, row in enumerate(rows):
        values = np.array([row])
        alone = prepare(values, read_bounds(bounds), False)
        for name in ("unit", "level", "span", "speed", "drift", "noise", "common_speed", "shrinkage"):
            np.testing.assert_allclose(getattr(together, name)[at], getattr(alone, name)[0], err_msg=name)
        np.testing.assert_allclose(usual_change(together)[at], usual_change(alone)[0])


def test_two_points_by_hand():
    p = made([[np.nan, 10, 14]], pooled=False)
    assert (p.unit[0], p.speed[0], p.drift[0], p.noise[0], p.span[0]) == (4, 1, 1, 0, 2)
    three = made([[10, 14, 16]], pooled=False)  # unit 3: changes 4/3 and 2/3
    assert three.noise[0] == pytest.approx(2 / 9)
    assert three.speed[0] == pytest.approx(1)
    assert usual_change(p)[0] == 4


def test_a_panel_of_single_points_has_the_typical_step():
    values = np.array([[20.0], [30.0], [40.0], [50.0], [0.0]])
    p = prepare(values, read_bounds((0, 100)), True)
    np.testing.assert_allclose(usual_change(p), TYPICAL_STEP * np.array([16, 21, 24, 25, 1 / 3]))
    np.testing.assert_array_equal(p.shrinkage, 1)
    np.testing.assert_array_equal(p.common_speed, 0)


def test_noise_leaves_out_the_years_before_the_first():
    p = made([[np.nan, np.nan, 10, 14, 16]], pooled=False)
    assert p.noise[0] == pytest.approx(2 / 9)


def test_at_a_bound_a_share_has_the_room_of_a_fifth_of_a_point():
    """Areas at 50 that climb by 5 a year move by a fifth of their room of 25, so does the one that stands at 0."""
    values = np.array([[40.0, 45, 50]] * 5 + [[np.nan, np.nan, 0.0]])
    p = prepare(values, read_bounds((0, 100)), True)
    np.testing.assert_allclose(usual_change(p), [5.0] * 5 + [0.04])
