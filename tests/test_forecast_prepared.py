"""What the experts read of a panel: bridged gaps, units, speeds, shrinkage, usual changes."""

import numpy as np
import pytest

from dxanalysis.forecasting.distributions import read_bounds
from dxanalysis.forecasting.experts import TYPICAL_STEP, bridge, prepare, usual_change

PLAIN, SHARE, NAN = read_bounds(None), read_bounds((0, 100)), np.nan


def made(rows, pooled=True, scale=PLAIN):
    return prepare(np.array(rows, dtype=float), scale, pooled)


@pytest.mark.parametrize(("rows", "bridged"), [
    ([[NAN, 1, NAN, NAN, 4]], [[NAN, 1, 2, 3, 4]]),
    ([[NAN, 1, 2], [1, 2, 4]], [[NAN, 1, 2], [1, 2, 4]]),
    ([[1, NAN, 3, NAN, NAN, 9], [NAN, 2, NAN, 4, 4, 5]], [[1, 2, 3, 5, 7, 9], [NAN, 2, 3, 4, 4, 5]]),
])
def test_inner_gaps_are_bridged_by_straight_lines(rows, bridged):
    np.testing.assert_allclose(bridge(np.array(rows, dtype=float)), bridged)


@pytest.mark.parametrize(("rows", "unit"), [
    ([[10, 12, 8], [1000, 1200, 800]], [3, 300]),
    ([[50, 50, 50]], [0.5]),  # one that never moved: 1 % of its value
    ([[0, 0, 0]], [1.0]),
])
def test_unbounded_series_are_measured_in_their_own_usual_change(rows, unit):
    p = made(rows, pooled=len(rows) > 1)
    np.testing.assert_allclose(p.unit, unit)
    assert p.drift.tolist() == pytest.approx((np.diff(rows).mean(axis=1) / unit).tolist())


def test_the_panel_speaks_with_its_median_speed():
    p = made([[0, 1, 2], [0, 2, 4], [0, 1, 4], [4, 2, 0], [0, 1, 2]])
    np.testing.assert_allclose(p.common_speed, 1.0)


def test_alone_every_series_keeps_its_own_slope():
    assert made([[0, 1, 2]], pooled=False).shrinkage.tolist() == [1.0]


@pytest.mark.parametrize(("row", "unit", "speed", "drift", "noise", "span"), [
    ([0, 1, 5, 6, 10], 2.5, 3 / 2.5, 1, 4 * 0.6**2 / 3, 5),  # changes 1, 4, 1, 4
    ([NAN, 10, 14], 4, 1, 1, 0, 2),
    ([10, 14, 16], 3, 1, 1, 2 / 9, 3),  # changes 4/3 and 2/3
    ([NAN, NAN, 10, 14, 16], 3, 1, 1, 2 / 9, 3),  # the years before the first are left out
])
def test_unit_speed_drift_and_noise_by_hand(row, unit, speed, drift, noise, span):
    p = made([row], pooled=False)
    found = [p.unit[0], p.speed[0], p.drift[0], p.noise[0], p.span[0]]
    assert found == pytest.approx([unit, speed, drift, noise, span])


def test_the_shrinkage_is_the_variance_between_areas_over_all_variance():
    """Empirical Bayes by moments; the area with one point has no own drift, the one with two the median noise."""
    rows = [[np.nan, np.nan, 5], [np.nan, 40, 50], [20, 22, 21], [20, 30, 45], [50, 45, 44], [30, 31, 36]]
    p = made(rows, scale=SHARE)
    error = np.r_[np.median(p.noise[2:]) / 1, p.noise[2:] / 2]
    between = np.var(p.drift[1:]) - error.mean()
    assert between > 0.1 * np.var(p.drift[1:])
    np.testing.assert_allclose(p.shrinkage, np.r_[0, between / (between + error)])
    np.testing.assert_allclose(p.common_speed, np.median(p.speed[1:]))


def test_a_panel_that_differs_by_noise_only_keeps_a_tenth_of_its_variance():
    rows = [[20, 60, 20.5], [20, 61, 21], [21, 60, 20.0], [20, 64, 22], [20, 60, 21]]
    p = made(rows, scale=SHARE)
    between, error = 0.1 * np.var(p.drift), p.noise / 2
    np.testing.assert_allclose(p.shrinkage, between / (between + error))


def test_a_panel_of_two_points_each_has_no_noise_to_shrink_by():
    values = np.array([[20.0, 21], [20, 22], [20, 23], [20, 25], [20, 26]])
    assert prepare(values, read_bounds((0, 100)), True).shrinkage.tolist() == [1.0] * 5


def test_the_usual_change_of_a_panel_is_steadied_by_its_median_step():
    values = np.array([[20.0, 22, 22], [np.nan, 50, 56], [np.nan, np.nan, 10], [80, 80, 79], [30, 35, 36]])
    p = made(values, scale=SHARE)
    last, total, steps = values[:, -1], np.array([2, 6, 0, 1, 6.0]), np.array([2, 1, 0, 2, 2])
    room = last * (100 - last) / 100
    step = np.median((total / np.maximum(steps, 1) / room)[steps > 0])
    np.testing.assert_allclose(usual_change(p), (total + step * room) / (steps + 1))


@pytest.mark.parametrize(("rows", "pooled", "bounds", "usual"), [
    ([[20, 22]], False, (0, 100), [(2 + TYPICAL_STEP * 22 * 78 / 100) / 2]),  # steadied by a typical one
    (np.zeros((5, 12)), True, (0, 100), [0.02] * 5),  # at rest at its bound: a fiftieth point
    ([[0]], False, (0, 100), [0.02]),
    ([[40, 40, 40]], False, (0, 100), [TYPICAL_STEP * 24 / 3]),
    ([[1, 3, 2], [50, 50, 50]], True, None, [1.5, 0.5]),  # their own, or their unit
    ([[NAN, 10, 14]], False, None, [4]),
    ([[20, 30]], False, (10, 60), [(10 + TYPICAL_STEP * 20 * 30 / 50) / 2]),  # room between other bounds
    (np.full((1, 100), 10.0), False, (10, 60), [0.01]),
    ([[20], [30], [40], [50], [0]], True, (0, 100), (TYPICAL_STEP * np.array([16, 21, 24, 25, 1 / 3])).tolist()),
    # areas at 50 that climb by 5 a year move by a fifth of their room of 25, so does the one at 0 (room .2)
    ([[40, 45, 50]] * 5 + [[NAN, NAN, 0]], True, (0, 100), [5.0] * 5 + [0.04]),
])
def test_the_usual_change_of_short_and_resting_series(rows, pooled, bounds, usual):
    assert usual_change(made(rows, pooled, read_bounds(bounds))).tolist() == pytest.approx(usual)


def test_a_change_in_points_is_a_move_in_the_working_scale():
    p = made([[20, 40]], False, SHARE)
    np.testing.assert_allclose(p.move_in_points(np.array([[10.0]])), np.log(1.0) - np.log(40 / 60))
    plain = made([[10, 12, 8]], pooled=False)
    np.testing.assert_allclose(plain.move_in_points(np.array([[6.0, -3.0]])), [[2, -1]])


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
