import numpy as np
import pytest

from dxanalysis.forecast import experts
from dxanalysis.forecast.prepared import prepare
from dxanalysis.forecast.scales import read_bounds

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
