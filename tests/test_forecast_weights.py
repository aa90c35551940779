import numpy as np
import pytest

from dxanalysis.forecasting import pooled, weights
from dxanalysis.forecasting.constants import Gate, shipped
from dxanalysis.forecasting.prepared import prepare
from dxanalysis.forecasting.scales import read_bounds


def made(values, bounds=(0, 100), together=True):
    values = np.array(values, dtype=float)
    return prepare(values, np.ones_like(values), read_bounds(bounds), together)


def walk(areas=12, years=8, speed=2.0, noise=0.2, seed=0):
    draw = np.random.default_rng(seed)
    return 20 + draw.uniform(0, 20, (areas, 1)) + speed * np.arange(years) + draw.normal(0, noise, (areas, years))


def test_weights_are_positive_and_sum_to_one():
    p = made(walk())
    past, outlook = pooled.outlook_of(p, 5, shipped())
    np.testing.assert_allclose(outlook.weights.sum(axis=2), 1)
    assert (outlook.weights >= 0).all()
    assert outlook.weights.shape == (12, 5, len(pooled.TOGETHER))
    assert past.near.shape == (1, len(pooled.TOGETHER))


def test_a_trending_panel_gives_naive_less_than_a_resting_one():
    naive = pooled.TOGETHER.index("naive")
    trending = pooled.outlook_of(made(walk(speed=2.0)), 3, shipped())[1].weights[:, :, naive].mean()
    resting = pooled.outlook_of(made(walk(speed=0.0, noise=2.0)), 3, shipped())[1].weights[:, :, naive].mean()
    assert trending < resting


def test_the_score_is_the_sum_of_its_letters():
    gate = Gate(
        a=np.array([1.0]), b=np.array([2.0]), c=np.array([3.0]), d=np.array([4.0]), g=np.array([[5.0]]),
        trust=np.array([np.log(2.0), 0.0, 0.0, 0.0]),
    )  # fmt: skip
    score, found, trust = weights.scores(
        np.array([6]), np.array([[0.1]]), np.array([[0.3]]), np.array([[0.3]]), True, gate, 3
    )
    assert trust[0, 2] == pytest.approx(2.0)
    assert found[0, 2, 0] == pytest.approx(0.3)
    assert score[0, 2, 0] == pytest.approx(1 + 0 + 0 + 4 + 0.5 - 2 * 0.3)


def test_the_score_grows_with_points_and_years_up_to_six():
    """Twelve points are log 2 above six; six years ahead log 2 above three, and so are eight."""
    gate = Gate(
        a=np.array([1.0]), b=np.array([2.0]), c=np.array([3.0]), d=np.array([4.0]), g=np.array([[5.0]]),
        trust=np.array([0.0, 1.0, 1.0, 1.0]),
    )  # fmt: skip
    near, far = np.array([[0.5]]), np.array([[-1.0]])
    score, found, trust = weights.scores(np.array([12]), np.array([[0.1]]), near, far, False, gate, 8)
    assert found[0, 0, 0] == 0.5
    np.testing.assert_allclose(found[0, 1:, 0], 0.3 * 0.5 - 0.7)
    np.testing.assert_allclose(trust[0, [0, 2, 5, 7]], [2 / 3, 2, 4, 4])
    at_six = 1 + 2 * np.log(2) + 3 * np.log(2) + 0.5 - 4 * (0.15 - 0.7)
    np.testing.assert_allclose(score[0, [5, 7], 0], at_six)
    doubted = weights.scores(np.array([12]), np.array([[0.1]]), near, far, True, gate, 8)
    np.testing.assert_allclose(doubted[2], trust * np.e)
    np.testing.assert_allclose(doubted[0][0, 0], score[0, 0] + 4 - (np.e - 1) * 2 / 3 * 0.5)


def test_more_than_25_points_count_as_25_and_none_as_one():
    gate = Gate(*(np.zeros(1) for _ in "acd"), np.zeros(1), np.zeros((1, 1)), np.array([0.0, 1.0, 0.0, 0.0]))
    zero = np.zeros((3, 1))
    _, _, trust = weights.scores(np.array([40, 25, 1]), zero, zero, zero, False, gate, 1)
    np.testing.assert_allclose(trust[:, 0], [25 / 6, 25 / 6, 1 / 6])


def test_a_softmax_is_in_proportion_to_the_exponentials():
    np.testing.assert_allclose(weights.softmax(np.log([[1.0, 3.0]]) + 900), [[0.25, 0.75]])


def test_the_features_of_an_unbounded_series_alone():
    """10, 12, 10, 14: unit 8/3, changes 0.75, -0.75, 1.5, drift 0.5, their squared deviations 2.625 over two."""
    p = made([[10, 12, 10, 14]], bounds=None, together=False)
    trend = 0.5 * np.sqrt(3) / np.sqrt(2.625 / 2)
    np.testing.assert_allclose(weights.features(p), [[np.log1p(trend) - 0.8, -0.3, 0, 0]])


def test_the_features_of_short_series_say_how_many_points_lack():
    p = made([[np.nan, np.nan, 50.0], [np.nan, 50.0, 51.0], [50.0, 50.0, 50.0]], together=False)
    found = weights.features(p)
    np.testing.assert_allclose(found[:, 3], [1, 0.5, 0])
    np.testing.assert_allclose(found[:, 0], [0, 0, -0.8])  # too short to have a trend; and none at all
    np.testing.assert_allclose(found[:, 2], [-0.4, np.log(51 / 49) / 4 - 0.4, -0.4], atol=1e-12)


def test_a_trend_without_any_noise_counts_as_twenty():
    rising = 100 / (1 + np.exp(-np.linspace(-2, 1, 7)))
    assert weights.features(made([rising], together=False))[0, 0] == pytest.approx(np.log1p(20) - 0.8)


def test_a_panels_clearness_is_its_median_speed_over_its_median_noise():
    p = made(walk())
    common = np.log1p(abs(p.common_speed[0]) / np.sqrt(np.median(p.noise)))
    np.testing.assert_allclose(weights.features(p)[:, 1], common - 0.3)
    short = made([[20.0 + i, 22.0 + i] for i in range(6)])
    np.testing.assert_allclose(weights.features(short)[:, 1], -0.3)  # one change has no noise
