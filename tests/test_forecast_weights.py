import numpy as np
import pytest

from dxanalysis.forecast import pooled, weights
from dxanalysis.forecast.constants import Gate, shipped
from dxanalysis.forecast.prepared import prepare
from dxanalysis.forecast.scales import read_bounds


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
