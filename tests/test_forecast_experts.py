"""The experts, each against its formula in plain numbers."""

import numpy as np
import pytest

from dxanalysis.forecasting import experts
from dxanalysis.forecasting.distributions import read_bounds
from dxanalysis.forecasting.experts import prepare
from dxanalysis.forecasting.widths import shipped

SHARE, PLAIN, STEPS = read_bounds((0, 100)), read_bounds(None), np.array([1, 2, 3])
UNEVEN = [3.0, 4.0, 8.0, 7.0, 12.0, 10.0, 15.0, 21.0, 20.0, 27.0]
OWN = (experts.naive, experts.latest, experts.slope, experts.momentum)
MEMORY = {"speed": [0.1, 0.5, 0, 0, 0, 0, 0], "level": [0.2, 0, 0]}


def made(rows, scale=SHARE, pooled=False):
    values = np.array(rows, dtype=float)
    return prepare(values, scale, pooled)


def damped(factor):
    return np.array([sum(factor**k for k in range(1, h + 1)) for h in STEPS])


def diffusion(starts, years=8):
    """A panel of areas on one logistic curve, some years apart."""
    return made(100 / (1 + np.exp(-(np.arange(years) + np.array(starts)[:, None] - 8) * 0.5)), pooled=True)


def test_own_experts_follow_their_formulas():
    p = made([UNEVEN], PLAIN)
    values = np.array(UNEVEN) / p.unit[0]
    np.testing.assert_allclose(experts.naive(p, STEPS)[0], 0)
    np.testing.assert_allclose(experts.slope(p, STEPS)[0], np.polyfit(np.arange(8), values[-8:], 1)[0] * STEPS)
    np.testing.assert_allclose(experts.momentum(p, STEPS)[0], (27 - 15) / 3 / p.unit[0] * damped(0.9))
    np.testing.assert_allclose(experts.latest(p, STEPS)[0], (27 - 20) / p.unit[0] * STEPS)


@pytest.mark.parametrize(("expert", "rise"), [(experts.momentum, 8 / 3 * damped(0.9)), (experts.latest, 2 * STEPS)])
def test_changes_of_a_share_are_carried_on_in_points(expert, rise):
    p = made([[10.0, 14, 15, 20, 21, 26, 28]])
    np.testing.assert_allclose(SHARE.back(p.level[:, None] + expert(p, STEPS))[0], 28 + rise)


def test_a_single_point_moves_nowhere_by_itself():
    for expert in OWN:
        np.testing.assert_allclose(expert(made([[7.1]]), STEPS), 0, atol=1e-9)


def test_experts_do_not_see_what_stands_before_the_first_value():
    short, padded = made([[2.0, 4.0, 6.0]]), made([[np.nan, np.nan, 2.0, 4.0, 6.0]])
    for expert in OWN:
        np.testing.assert_allclose(expert(short, STEPS), expert(padded, STEPS), atol=1e-9, err_msg=expert.__name__)


@pytest.mark.parametrize(
    ("row", "scale", "moves"),
    [
        # first step .1; a third of every step goes into the speed
        ([50, 50, 50], SHARE, np.cumsum([0.1, 0.1 + 0.5 * 0.1 / 3, 0.1 + 0.5 * (0.1 / 3 + (0.35 / 3 - 0.1 / 3) / 3)])),
        ([np.nan, np.nan, 50], SHARE, [0.2, 0.2 + 0.2, 0.2 + 0.2 + 0.2]),
        ([1.0, 2.0, 3.0], PLAIN, [1, 1.8, 2.44]),
    ],
)
def test_the_library_is_walked_year_by_year(row, scale, moves):
    found = experts.library(made([row], scale), STEPS, MEMORY)[0]
    np.testing.assert_allclose(found, moves)


def test_no_library_step_is_steeper_than_one():
    steep = {"speed": [5.0, 0, 0, 0, 0, 0, 0], "level": [-5.0, 0, 0]}
    p = made([[np.nan, 50.0, 50.0], [np.nan, np.nan, 50.0]])
    np.testing.assert_allclose(experts.library(p, np.arange(1, 3), steep), [[1, 2], [-1, -2]])


def test_the_librarys_terms_are_level_over_four_and_speed_with_their_products():
    np.testing.assert_allclose(experts.terms(np.array([2.0, 9]), np.array([-0.5, 3])),
                               [[1, -0.5, 0.5, 0.25, -0.25, -0.125, -0.25],
                                [1, 1, 1.75, 1.75**2, 1.75, 1.75**2, 1]])
    np.testing.assert_allclose(experts.terms_of_level(np.array([2.0, -9.0])), [[1, 0.5, 0.25], [1, -1.75, 1.75**2]])


def test_slopes_of_the_panel_are_followed_as_far_as_noise_demands():
    p = made([[np.nan, np.nan, 0.0], [0.0, 1, 2], [0, 3, 4], [0, 1, 4], [4, 2, 0], [0, 1, 5]], PLAIN, True)
    np.testing.assert_allclose(experts.panel_slope(p, STEPS), p.common_speed[:, None] * STEPS)
    own = np.where(np.arange(6) == 0, p.common_speed, p.drift)
    expected = p.common_speed + p.shrinkage * (own - p.common_speed)
    np.testing.assert_allclose(experts.shrunk_slope(p, STEPS), expected[:, None] * STEPS)


def test_the_follower_goes_the_way_of_those_who_were_there_before():
    np.testing.assert_allclose(experts.analogues(diffusion([0, 2, 4, 6, 8, 10]), STEPS)[0], 0.5 * STEPS, atol=0.05)


def test_analogues_take_the_mean_change_and_a_third_of_it_into_their_speed(monkeypatch):
    p = diffusion([0, 2, 4, 6, 8, 10])
    donors = experts.find_donors(p)
    change = np.clip(donors.change, *np.quantile(donors.change, [0.05, 0.95]))
    level, speed, expected = p.level.copy(), p.speed.copy(), []
    for _ in STEPS:
        weight = experts.kernel(level, speed, donors)
        step = (weight * change).sum(axis=1) / weight.sum(axis=1)
        level, speed = level + step, speed + (step - speed) / 3
        expected.append(level - p.level)
    np.testing.assert_allclose(experts.analogues(p, STEPS), np.stack(expected, axis=1))
    monkeypatch.setattr(experts, "CHUNK", 2)
    np.testing.assert_allclose(experts.analogues(p, STEPS), np.stack(expected, axis=1))


def test_donors_are_what_had_a_speed_and_a_next_year():
    p = made([[np.nan, 4.0, 5, 6], [7.0, 8, 9, 10], [10, 11, 12, 13], [3, 4, 5, 6], [1, 2, 3, 4]], PLAIN, True)
    donors = experts.find_donors(p)
    assert donors.row.tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert (donors.level == 0).all()  # of unbounded data only speeds are compared
    assert (donors.speed == 1).all()
    assert (donors.change == 1).all()
    share = experts.find_donors(made([[10.0 + i, 12, 15, 19] for i in range(5)], SHARE, True))
    np.testing.assert_allclose(SHARE.back(share.level), [12.0, 15] * 5)


def test_fewer_than_eight_situations_are_no_donors_and_the_shrunk_slope_stands_in():
    few = diffusion([0, 2, 4, 6, 8], years=2)
    assert experts.find_donors(few) is None
    assert experts.find_donors(made([np.arange(1.0, 21)])) is None  # alone nobody has donors
    np.testing.assert_array_equal(experts.analogues(few, STEPS), experts.shrunk_slope(few, STEPS))


def test_too_many_donors_are_thinned_evenly_with_the_first_and_the_last():
    donors = experts.find_donors(diffusion(np.linspace(0, 10, 800), years=4))
    assert (len(donors.row), donors.row[0], donors.row[-1], np.diff(donors.row).max()) == (1500, 0, 799, 1)


@pytest.mark.parametrize("level", [np.array([0.0, 1.0, 3.0]), np.zeros(3)])
def test_donors_weigh_by_a_gaussian_of_their_distance(level):
    speed = np.array([0.0, 0.2, 0.1])
    donors = experts.Donors(level, speed, np.zeros(3), np.arange(3))
    far = ((0.1 - speed) / (0.35 * speed.std())) ** 2
    far += ((0.5 - level) / (0.35 * level.std())) ** 2 if level.any() else 0
    found = experts.kernel(np.array([0.5]), np.array([0.1]), donors)[0]
    np.testing.assert_allclose(found, np.exp(-0.5 * (far - far.min())) + 1e-6)


def test_the_speed_is_the_mean_of_up_to_three_changes():
    found = experts.speeds(np.array([[0.0, 1.0, 3.0, 6.0, 10.0]]))
    np.testing.assert_allclose(found, [[np.nan, 1.0, 1.5, 2.0, 3.0]])


@pytest.mark.parametrize("pooled", [True, False])
def test_moves_stand_in_the_order_of_the_names(pooled):
    p = made([[10.0 + i + 2 * t + 0.3 * (-1) ** t for t in range(6)] for i in range(7)], pooled=pooled)
    found = experts.moves(p, STEPS, shipped().memory)
    names = experts.TOGETHER if pooled else experts.ALONE
    assert found.shape == (7, len(names), 3)
    for at, name in enumerate(names):
        expert = getattr(experts, name)
        said = expert(p, STEPS, shipped().memory) if name == "library" else expert(p, STEPS)
        np.testing.assert_array_equal(found[:, at], said)
