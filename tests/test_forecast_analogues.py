import numpy as np

from dxanalysis.forecasting import analogues
from dxanalysis.forecasting.prepared import prepare
from dxanalysis.forecasting.scales import read_bounds

SHARE = read_bounds((0, 100))
STEPS = np.arange(1, 4)


def diffusion(starts, years=8):
    """Areas on one logistic curve, some years apart."""
    time = np.arange(years) + np.array(starts)[:, None]
    values = 100 / (1 + np.exp(-(time - 8) * 0.5))
    return prepare(values, np.ones_like(values), SHARE, True)


def test_the_follower_walks_the_way_of_those_who_were_there_before():
    p = diffusion([0, 2, 4, 6, 8, 10])
    donors = analogues.find_donors(p, 3)
    moves = analogues.walk(p, donors, STEPS)
    np.testing.assert_allclose(moves[0], [0.5, 1.0, 1.5], atol=0.05)


def test_the_weighted_median_is_what_most_of_the_weight_did():
    weight = np.array([[0.1, 0.1, 1.0] + [0.0] * 5])
    later = np.array([[1.0], [2.0], [7.0], [0.0], [0.0], [0.0], [0.0], [0.0]])
    assert analogues._weighted_medians(weight, later, 1)[0, 0] == 7.0


def test_beyond_the_last_horizon_seen_the_step_fades():
    moves = np.array([[1.0, 2.0, 0.0, 0.0]])
    np.testing.assert_allclose(analogues._carry_on(moves, 2), [[1.0, 2.0, 2.9, 2.9 + 0.81]])


def test_fewer_than_eight_situations_are_no_donors():
    assert analogues.find_donors(diffusion([0, 2, 4, 6, 8], years=2), 1) is None


def test_the_speed_is_the_mean_of_up_to_three_changes():
    found = analogues.speeds(np.array([[0.0, 1.0, 3.0, 6.0, 10.0]]))
    np.testing.assert_allclose(found, [[np.nan, 1.0, 1.5, 2.0, 3.0]])


def test_later_years_of_a_donor_stay_inside_the_window():
    donors = analogues.find_donors(diffusion([0, 2, 4, 6, 8]), 3)
    assert np.isnan(donors.later).any()
    assert np.isfinite(donors.later[:, 0]).all()


def test_donors_are_what_had_a_speed_and_a_later_year():
    """Unbounded rows that change by one a year: unit 1, so values stay as they are."""
    values = np.array([[np.nan, 4.0, 5.0, 6.0], [7.0, 8, 9, 10], [10, 11, 12, 13], [3, 4, 5, 6], [1, 2, 3, 4]])
    p = prepare(values, np.ones_like(values), read_bounds(None), True)
    donors = analogues.find_donors(p, 5)
    assert donors.row.tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert donors.level.tolist() == [5, 8, 9, 11, 12, 4, 5, 2, 3]
    assert (donors.speed == 1).all()
    np.testing.assert_array_equal(donors.later[:2], [[1, np.nan, np.nan], [1, 2, np.nan]])
    assert not donors.by_level
    assert analogues.find_donors(diffusion([0, 2, 4, 6, 8]), 3).by_level
    assert analogues.find_donors(diffusion([0, 2, 4, 6, 8]), 2).later.shape[1] == 2


def test_eight_situations_are_enough_and_alone_nobody_has_donors():
    assert len(analogues.find_donors(diffusion([0, 1, 2, 3], years=4), 1).row) == 8
    values = np.ones((1, 20)) * np.arange(1, 21)
    assert analogues.find_donors(prepare(values, np.ones_like(values), SHARE, False), 1) is None
    one = np.arange(1.0, 11)[:, None]
    assert analogues.find_donors(prepare(one, np.ones_like(one), SHARE, True), 1) is None


def test_too_many_donors_are_thinned_evenly_with_the_first_and_the_last():
    donors = analogues.find_donors(diffusion(np.linspace(0, 10, 800), years=4), 1)
    assert len(donors.row) == 1500
    assert (donors.row[0], donors.row[-1]) == (0, 799)
    assert np.diff(donors.row).max() == 1


def test_donors_weigh_by_a_gaussian_of_their_distance_in_level_and_speed():
    level, speed = np.array([0.0, 1.0, 3.0]), np.array([0.0, 0.2, 0.1])
    donors = analogues.Donors(level, speed, np.zeros((3, 1)), np.arange(3), True)
    found = analogues.kernel(np.array([0.5]), np.array([0.1]), donors)[0]
    far = ((0.5 - level) / (0.35 * level.std())) ** 2 + ((0.1 - speed) / (0.35 * speed.std())) ** 2
    np.testing.assert_allclose(found, np.exp(-0.5 * (far - far.min())) + 1e-6)
    by_speed = analogues.Donors(level, speed, np.zeros((3, 1)), np.arange(3), False)
    far = ((0.1 - speed) / (0.35 * speed.std())) ** 2
    found = analogues.kernel(np.array([0.5]), np.array([0.1]), by_speed)[0]
    np.testing.assert_allclose(found, np.exp(-0.5 * (far - far.min())) + 1e-6)


def test_donors_that_all_stand_alike_weigh_alike():
    donors = analogues.Donors(np.full(3, 2.0), np.full(3, 0.1), np.zeros((3, 1)), np.arange(3), True)
    np.testing.assert_allclose(analogues.kernel(np.array([2.0]), np.array([0.1]), donors), 1 + 1e-6)
    near = analogues.kernel(np.array([2.0 + 1e-10]), np.array([0.1]), donors)
    np.testing.assert_allclose(near, 1 + 1e-6)


def test_a_walk_takes_the_mean_change_and_a_third_of_it_into_its_speed():
    p = diffusion([0, 2, 4, 6, 8, 10])
    donors = analogues.find_donors(p, 3)
    change = np.clip(donors.later[:, 0], *np.quantile(donors.later[:, 0], [0.05, 0.95]))
    level, speed, expected = p.level.copy(), p.speed.copy(), []
    for _ in STEPS:
        weight = analogues.kernel(level, speed, donors)
        step = (weight * change).sum(axis=1) / weight.sum(axis=1)
        level, speed = level + step, speed + (step - speed) / 3
        expected.append(level - p.level)
    np.testing.assert_allclose(analogues.walk(p, donors, STEPS), np.stack(expected, axis=1))


def test_one_step_ten_times_too_large_does_not_carry_the_walk_away():
    p = diffusion([0, 2, 4, 6, 8, 10])
    donors = analogues.find_donors(p, 1)
    wild = donors.later.copy()
    wild[0, 0] = 50.0
    limit = np.quantile(wild[:, 0], 0.95)
    moved = analogues.walk(p, analogues.Donors(donors.level, donors.speed, wild, donors.row, True), np.arange(1, 2))
    assert moved.max() <= limit


def test_an_area_with_one_point_walks_with_the_panels_speed():
    rows = np.array([[np.nan] * 4 + [30.0], *([20.0 + i + 2 * t for t in range(5)] for i in range(6))])
    p = prepare(rows, np.ones_like(rows), SHARE, True)
    assert analogues._speed_or_common(p)[0] == p.common_speed[0]
    np.testing.assert_array_equal(analogues._speed_or_common(p)[1:], p.speed[1:])


def test_two_points_have_a_speed_of_their_own():
    rows = np.array([[10.0, 11], [10, 12], [10, 13], [10, 14], [10, 19]])
    p = prepare(rows, np.ones_like(rows), SHARE, True)
    np.testing.assert_array_equal(analogues._speed_or_common(p), p.speed)


def test_moves_of_the_many_are_those_of_each(monkeypatch):
    p = diffusion([0, 2, 4, 6, 8, 10])
    donors = analogues.find_donors(p, 3)
    whole = analogues.analogues(p, donors, STEPS), analogues.walk(p, donors, STEPS)
    monkeypatch.setattr(analogues, "CHUNK", 2)
    for one, two in zip(whole, (analogues.analogues(p, donors, STEPS), analogues.walk(p, donors, STEPS)), strict=True):
        np.testing.assert_allclose(one, two)
    weight = analogues.weights_of(p, donors, 2)
    np.testing.assert_allclose(weight, analogues.kernel(p.level[2:3], p.speed[2:3], donors)[0])
    assert np.abs(np.diff(whole[0], axis=0)).max() > 0


def test_the_median_is_where_half_the_weight_is_reached():
    later = np.arange(8.0)[::-1, None]
    weight = np.array([[1.0] * 8, [7.0, 1, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0, 5.0]])
    assert analogues._weighted_medians(weight, later, 1)[:, 0].tolist() == [3.0, 6.0, 0.0]


def test_a_horizon_with_fewer_than_eight_donors_is_carried_on():
    later = np.column_stack([np.full(9, 2.0), [3.0] * 8 + [np.nan], [9.0] * 7 + [np.nan] * 2])
    found = analogues._weighted_medians(np.ones((1, 9)), later, 4)
    np.testing.assert_allclose(found, [[2, 3, 3 + 1.5 * 0.9, 3 + 1.5 * 0.9 * 1.9]])


def test_nothing_is_carried_on_from_nowhere():
    assert analogues._carry_on(np.zeros((1, 3)), 0).tolist() == [[0, 0, 0]]
    assert analogues._carry_on(np.array([[1.0, 5.0]]), 2).tolist() == [[1, 5]]
    np.testing.assert_allclose(analogues._carry_on(np.array([[4.0, 0.0]]), 1), [[4, 7.6]])
