import numpy as np

from dxanalysis.forecast import analogues
from dxanalysis.forecast.prepared import prepare
from dxanalysis.forecast.scales import read_bounds

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
