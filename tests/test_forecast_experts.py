import numpy as np
import pytest

from dxanalysis.forecasting import experts
from dxanalysis.forecasting.prepared import prepare
from dxanalysis.forecasting.scales import read_bounds

STEPS = np.array([1, 2, 3])


def line(pooled=False):
    values = np.array([[2.0, 4.0, 6.0, 8.0]])
    return prepare(values, np.ones_like(values), read_bounds(None), pooled)  # unit 2: one step a year


@pytest.mark.parametrize(
    ("name", "moves"),
    [
        ("naive", [0, 0, 0]),
        ("slope", [1, 2, 3]),
        ("drift", [1, 2, 3]),
        ("half_slope", [0.5, 1, 1.5]),
        ("momentum", [0.9, 0.9 + 0.81, 0.9 + 0.81 + 0.729]),
        ("plain_half_slope", [0.5, 1, 1.5]),
    ],
)
def test_on_a_straight_line_every_expert_does_what_its_formula_says(name, moves):
    np.testing.assert_allclose(experts.OWN[name](line(), STEPS)[0], moves)


def test_reverting_falls_back_to_the_smoothed_level():
    values = np.array([[0.0, 0.0, 1.0]])  # unit 0.5: 0, 0, 2; smoothed by 0.6: 1.2
    p = prepare(values, np.ones_like(values), read_bounds(None), False)
    np.testing.assert_allclose(experts.reverting(p, STEPS), [[-0.8, -0.8, -0.8]])


def test_theta_smooths_with_the_best_factor_and_adds_half_the_slope():
    np.testing.assert_allclose(experts.theta(line(), STEPS)[0], [0.5, 1.0, 1.5])  # factor 1 follows a line best


def test_the_steady_trend_takes_half_the_gap_to_the_smoothed_level_and_a_cautious_slope():
    rising = experts.OWN["steady_trend"](line(), STEPS)[0]
    np.testing.assert_allclose(np.diff(rising), 0.75)  # half the own slope of 1, half of half of it
    np.testing.assert_allclose(rising[0] - 0.75, 0, atol=1e-9)  # Holt's level follows a line
    values = np.array([[0.0, 0.0, 0.0, 1.0]])
    jumped = experts.OWN["steady_trend"](prepare(values, np.ones_like(values), read_bounds(None), False), np.zeros(1))
    np.testing.assert_allclose(jumped[0], -0.5 * 0.4 * 3)  # 0.6 of the jump is followed; its unit is a third


def test_a_single_point_moves_nowhere_by_itself():
    values = np.array([[7.1]])
    p = prepare(values, np.ones_like(values), read_bounds((0, 100)), False)
    for expert in experts.OWN.values():
        np.testing.assert_allclose(expert(p, STEPS), 0, atol=1e-9)


def test_experts_do_not_see_what_stands_before_the_first_value():
    short = np.array([[2.0, 4.0, 6.0]])
    padded = np.array([[np.nan, np.nan, 2.0, 4.0, 6.0]])
    for name, expert in experts.OWN.items():
        one, two = (prepare(v, np.ones_like(v), read_bounds((0, 100)), False) for v in (short, padded))
        np.testing.assert_allclose(expert(one, STEPS), expert(two, STEPS), atol=1e-9, err_msg=name)


UNEVEN = [3.0, 4.0, 8.0, 7.0, 12.0, 10.0, 15.0, 21.0, 20.0, 27.0]


def uneven(pooled=False):
    values = np.array([UNEVEN])
    return prepare(values, np.ones_like(values), read_bounds(None), pooled)


def scaled(p):
    return np.array(UNEVEN) / p.unit[0]


def slope_of(values):
    return np.polyfit(np.arange(len(values)), values, 1)[0]


def holt_by_hand(values, alpha, beta, phi):
    """Gardner & McKenzie's recursions from the second point on, in plain numbers; the first change is the trend."""
    level, trend = values[0], (values[1] - values[0]) / phi
    for value in values[1:]:
        said = level + phi * trend
        level, trend = said + alpha * (value - said), phi * trend + alpha * beta * (value - said)
    return level, trend


def damped(factor, steps):
    return np.array([sum(factor**k for k in range(1, h + 1)) for h in steps])


def test_slopes_follow_the_last_six_and_eight_points():
    p = uneven()
    values = scaled(p)
    np.testing.assert_allclose(experts.slope(p, STEPS)[0], slope_of(values[-8:]) * STEPS)
    np.testing.assert_allclose(experts.half_slope(p, STEPS)[0], 0.5 * slope_of(values[-6:]) * STEPS)
    np.testing.assert_allclose(experts.drift(p, STEPS)[0], (values[-1] - values[0]) / 9 * STEPS)


def test_momentum_is_that_of_the_last_three_changes():
    p = uneven()
    recent = (27 - 15) / 3 / p.unit[0]
    np.testing.assert_allclose(experts.momentum(p, STEPS)[0], recent * damped(0.9, STEPS))
    np.testing.assert_allclose(experts.plain_momentum(p, STEPS)[0], recent * damped(0.9, STEPS))


def test_holts_damped_trend_is_the_recursion_of_gardner_and_mckenzie():
    p = uneven()
    values = scaled(p)
    level, trend = holt_by_hand(values, 0.9, 0.3, 0.9)
    np.testing.assert_allclose(experts.holt(p, STEPS)[0], level - values[-1] + trend * damped(0.9, STEPS))


def test_the_steady_trend_of_a_series_alone_is_what_its_description_says():
    p = uneven()
    values = scaled(p)
    level, _ = holt_by_hand(values, 0.6, 0.1, 1.0)
    steady = 0.5 * slope_of(values[-8:]) + 0.25 * slope_of(values[-6:])
    np.testing.assert_allclose(experts.steady_trend(p, STEPS)[0], 0.5 * (level - values[-1]) + steady * STEPS)


def test_theta_takes_the_factor_with_the_least_past_error():
    p = uneven()
    values, found = scaled(p), {}
    for factor in (0.2, 0.4, 0.6, 0.8, 1.0):
        level, error = values[0], 0.0
        for value in values[1:]:
            error += (value - level) ** 2
            level += factor * (value - level)
        found[error] = level
    expected = found[min(found)] - values[-1] + 0.5 * slope_of(values) * STEPS
    np.testing.assert_allclose(experts.theta(p, STEPS)[0], expected)


def test_theta_smooths_a_noisy_series_a_lot():
    values = np.array([[10.0, 20, 10, 20, 10, 20, 10, 20]])  # the least factor errs least; unit 10
    p = prepare(values, np.ones_like(values), read_bounds(None), False)
    level = 1.0
    for value in (2, 1, 2, 1, 2, 1, 2):
        level += 0.2 * (value - level)
    np.testing.assert_allclose(experts.theta(p, STEPS)[0], level - 2 + 0.5 * slope_of(values[0] / 10) * STEPS)


def test_shares_move_in_points_where_the_expert_is_plain():
    values = np.array([[10.0, 14, 15, 20, 21, 26, 28]])
    scale = read_bounds((0, 100))
    p = prepare(values, np.ones_like(values), scale, False)
    said = scale.back(p.level[:, None] + experts.plain_half_slope(p, STEPS))
    np.testing.assert_allclose(said[0], 28 + 0.5 * slope_of(values[0, -6:]) * STEPS)
    said = scale.back(p.level[:, None] + experts.plain_momentum(p, STEPS))
    np.testing.assert_allclose(said[0], 28 + 8 / 3 * damped(0.9, STEPS))


def test_borrowing_experts_follow_the_panel_as_far_as_noise_demands():
    rows = np.array([[np.nan, np.nan, 0.0], [0.0, 1, 2], [0, 3, 4], [0, 1, 4], [4, 2, 0], [0, 1, 5]])
    p = prepare(rows, np.ones_like(rows), read_bounds(None), True)
    np.testing.assert_allclose(experts.panel_slope(p, STEPS), p.common_speed[:, None] * STEPS)
    own = np.where(np.arange(6) == 0, p.common_speed, p.drift)
    expected = p.common_speed + p.shrinkage * (own - p.common_speed)
    np.testing.assert_allclose(experts.shrunk_slope(p, STEPS), expected[:, None] * STEPS)
    assert experts.shrunk_slope(p, STEPS)[0, 1] == pytest.approx(2 * p.common_speed[0])
    two = np.array([[1.0, 2], [1, 3], [2, 4], [2, 5], [1, 4]])
    p = prepare(two, np.ones_like(two), read_bounds((0, 100)), True)
    expected = p.common_speed + p.shrinkage * (p.drift - p.common_speed)
    np.testing.assert_allclose(experts.shrunk_slope(p, np.ones(1))[:, 0], expected)  # two points have an own slope


def test_the_steady_trend_in_a_panel_is_half_own_and_half_shrunk():
    rows = np.array([[0.0, 1, 2], [0, 3, 4], [0, 1, 4], [4, 2, 0], [0, 1, 5]])
    p = prepare(rows, np.ones_like(rows), read_bounds(None), True)
    found = np.diff(experts.steady_trend(p, STEPS), axis=1)[:, 0]
    own = np.array([slope_of(row) for row in p.values])
    np.testing.assert_allclose(found, 0.5 * own + 0.5 * experts.shrunk_slope(p, np.ones(1))[:, 0])


def test_two_points_have_one_change_and_it_is_whole():
    values = np.array([[np.nan, 50.0, 52.0]])
    scale = read_bounds((0, 100))
    p = prepare(values, np.ones_like(values), scale, False)
    said = scale.back(p.level[:, None] + experts.plain_momentum(p, STEPS))
    np.testing.assert_allclose(said[0], 52 + 2 * damped(0.9, STEPS))
    change = np.log(52 / 48)
    np.testing.assert_allclose(experts.momentum(p, STEPS)[0], change * damped(0.9, STEPS))
    np.testing.assert_allclose(experts.drift(p, STEPS)[0], change * STEPS)
    np.testing.assert_allclose(experts.slope(p, STEPS)[0], change * STEPS)
    smoothed = (0.2 - 1) * change  # every factor erred alike: the calmest is taken
    np.testing.assert_allclose(experts.theta(p, STEPS)[0], smoothed + 0.5 * change * STEPS)
    level, trend = holt_by_hand([0.0, change], 0.9, 0.3, 0.9)
    np.testing.assert_allclose(experts.holt(p, STEPS)[0], level - change + trend * damped(0.9, STEPS), atol=1e-12)
