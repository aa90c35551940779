import numpy as np
import pytest

from dxanalysis.forecast import belief, pooled
from dxanalysis.forecast.constants import shipped
from dxanalysis.forecast.prepared import prepare
from dxanalysis.forecast.replays import Replay, Standing
from dxanalysis.forecast.scales import read_bounds

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
