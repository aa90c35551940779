import numpy as np
import pytest

from dxanalysis.forecasting import belief, pooled
from dxanalysis.forecasting.constants import shipped
from dxanalysis.forecasting.prepared import prepare
from dxanalysis.forecasting.replays import Replay, Standing
from dxanalysis.forecasting.scales import read_bounds

SHARE, NAIVE = read_bounds((0, 100)), pooled.TOGETHER.index("naive")


def made(values, together=True):
    values = np.array(values, dtype=float)
    return prepare(values, np.ones_like(values), SHARE, together)


def naive_weight(p):
    return pooled.outlook_of(p, 3, shipped())[1].weights[:, :, NAIVE].mean()


def test_evidence_of_one_lucky_year_counts_less_than_the_same_mean_from_steady_years():
    steady, lucky = np.full(4, -0.1), np.array([-0.55, 0.05, 0.05, 0.05])
    assert steady.mean() == pytest.approx(lucky.mean())
    assert belief._belief(steady, belief.MARGIN) > 0.9 > 0.1 > belief._belief(lucky, belief.MARGIN)


def test_without_a_past_belief_is_a_half():
    assert belief._belief(np.array([]), belief.MARGIN) == 0.5


def test_the_ratio_is_the_mixtures_error_over_naives():
    plain = read_bounds(None)
    moves = np.array([[[0.0], [1.0]]] * 5)  # naive stays, the other rises by what came
    standing = Standing(np.arange(5), np.zeros(5), np.ones(5), np.ones(5), moves, np.ones((5, 1)), plain)
    past = Replay((standing,), np.zeros((1, 2)), np.zeros((1, 2)))
    half = np.full((1, 1, 2), 0.5)
    assert belief._ratios(past, half)[0] == pytest.approx(np.log(0.5))


def test_a_panel_that_only_wanders_is_left_at_rest_and_one_that_climbs_is_followed():
    draw = np.random.default_rng(0)
    start = 30 + draw.uniform(0, 20, (30, 1))
    wandering = start + np.cumsum(draw.normal(0, 1, (30, 10)), axis=1)
    climbing = start + 2.0 * np.arange(10) + draw.normal(0, 0.3, (30, 10))
    assert naive_weight(made(wandering)) > 0.8
    assert naive_weight(made(climbing)) < 0.2


def test_a_series_alone_is_followed_as_far_as_its_trend_is_clear():
    p = made([[10.0, 12, 14, 16, 18, 20], [10.0, 12, 9, 13, 8, 10.5], [15.0] * 6], together=False)
    clear, doubtful, still = belief.clearness(p)
    assert clear > 1 > 0.1 > doubtful > still == 0


def test_weights_stay_positive_and_sum_to_one_however_clear_the_trend():
    weight = np.array([[[0.1, 0.9]], [[0.6, 0.4]]])
    found = belief._follow(weight, np.array([1.3, 0.5]))
    np.testing.assert_allclose(found, [[[0.0, 1.0]], [[0.8, 0.2]]], atol=1e-12)


def standing(rest, moved, areas=5):
    """Two experts over one year: naive misses by `rest`, the other by `moved`, in every area alike."""
    moves = np.array([[[0.0], [rest - moved]]] * areas)
    return Standing(np.arange(areas), np.zeros(areas), np.ones(areas), np.ones(areas), moves,
                    np.full((areas, 1), rest), read_bounds(None))  # fmt: skip


def logistic(x):
    return 1 / (1 + np.exp(x))


def test_belief_is_a_logistic_of_the_mean_and_one_standard_error():
    assert belief._belief(np.array([-0.14]), 0.04) == pytest.approx(0.5)  # one year: standard error 0.1
    assert belief._belief(np.array([-0.16]), 0.04) == pytest.approx(logistic(-1.0))
    two = np.array([-0.1, -0.06])  # mean -0.08, standard error 0.02
    assert belief._belief(two, 0.04) == pytest.approx(logistic(50 * (-0.08 + 0.02 + 0.04)))
    assert belief._belief(np.full(3, -0.02), 0.0) == pytest.approx(logistic(-1.0))


def test_belief_stays_a_number_at_any_evidence():
    assert belief._belief(np.full(2, -9.0), 0.0) == pytest.approx(1)
    assert belief._belief(np.full(2, 9.0), 0.0) == pytest.approx(np.exp(-50), rel=1e-6)


def test_the_ratio_uses_the_weights_of_each_year_ahead():
    past = Replay((standing(1.0, 0.2), standing(2.0, 2.5)), np.zeros((1, 2)), np.zeros((1, 2)))
    found = belief._ratios(past, np.array([[[0.25, 0.75]]]))
    np.testing.assert_allclose(found, np.log([0.25 + 0.75 * 0.2, (0.25 * 2 + 0.75 * 2.5) / 2]))


def test_a_past_without_any_error_speaks_for_nothing():
    past = Replay((standing(0.0, 0.0),), np.zeros((1, 2)), np.zeros((1, 2)))
    assert belief._ratios(past, np.array([[[0.5, 0.5]]])).tolist() == [0.0]


def test_what_is_not_believed_goes_to_rest_and_to_the_level_as_the_past_says():
    """Standing one year back the second expert, the level, errs 0.86 times as much as naive: log ratio about -0.15."""
    p = made(30 + np.arange(5)[:, None] + np.zeros((5, 4)))
    past = Replay((standing(1.0, 0.86),), np.zeros((1, 2)), np.zeros((1, 2)))
    weight = np.full((5, 3, 2), 0.5)
    believed = belief.in_movement(p, past, weight)
    found = belief.settle(p, past, weight, believed)
    trust = logistic(50 * (np.log(0.93) + 0.1 + 0.04))
    back = logistic(50 * (np.log(0.86) + 0.1))
    assert believed == pytest.approx(trust)
    expected = [trust / 2 + (1 - trust) * (1 - back), trust / 2 + (1 - trust) * back]
    np.testing.assert_allclose(found, np.broadcast_to(expected, (5, 3, 2)))
    np.testing.assert_allclose(weight, 0.5)  # what came in is left as it was


def test_without_a_past_half_goes_to_rest_and_nothing_to_the_level():
    p, past = made([[30.0], [31], [32], [33], [34]]), Replay((), np.zeros((1, 2)), np.zeros((1, 2)))
    weight = np.full((5, 1, 2), 0.5)
    found = belief.settle(p, past, weight, belief.in_movement(p, past, weight))
    np.testing.assert_allclose(found, np.broadcast_to([0.75, 0.25], (5, 1, 2)))


def test_an_unbounded_panel_keeps_its_weights():
    values = 30 + np.arange(5)[:, None] + np.arange(4.0)
    p = prepare(values, np.ones_like(values), read_bounds(None), True)
    weight = np.full((5, 1, 2), 0.5)
    past = Replay((standing(1.0, 3.0),), np.zeros((1, 2)), np.zeros((1, 2)))
    np.testing.assert_array_equal(belief.settle(p, past, weight, 0.2), weight)


def test_clearness_is_twice_the_share_of_t_squared_by_hand():
    """10, 12, 10, 14 unbounded: unit 8/3, drift 0.5, noise 2.625 / 2; one change of 0.7 is added to the noise."""
    values = np.array([[10.0, 12, 10, 14]])
    p = prepare(values, np.ones_like(values), read_bounds(None), False)
    square = 0.25 * 3 / ((2.625 + 0.49) / 3)
    np.testing.assert_allclose(belief.clearness(p), 2 * square / (square + 4))
    p = made([[50.0, 52.0]], together=False)
    square = np.log(52 / 48) ** 2 / 0.06**2
    np.testing.assert_allclose(belief.clearness(p), 2 * square / (square + 4))


def test_one_point_alone_keeps_the_weights_learned_elsewhere():
    p = made([[np.nan, np.nan, 50.0], [50.0, 50, 50], [np.nan, 50.0, 50.0]], together=False)
    past = Replay((), np.zeros((3, 2)), np.zeros((3, 2)))
    assert belief.in_movement(p, past, np.full((3, 1, 2), 0.5)) == 0
    found = belief.settle(p, past, np.full((3, 1, 2), 0.5), 0.0)
    np.testing.assert_allclose(found[:, 0], [[0.5, 0.5], [1, 0], [1, 0]])
