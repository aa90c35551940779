import numpy as np

from dxanalysis.forecast import learn_errors
from dxanalysis.forecast.constants import shipped
from dxanalysis.forecast.learn_errors import LEVELS, Residuals


def residuals(families=4, rows=60, scale=1.0):
    """Errors that are normal with the size their own change says."""
    draw = np.random.default_rng(0)
    number = families * rows
    own = draw.normal(0, 1, number)
    error = scale * np.exp(own)[:, None] * draw.standard_normal((number, 10))
    names = np.repeat([f"f{i}" for i in range(families)], rows)
    spikes = draw.uniform(0.2, 0.4, number)
    return Residuals(own, np.ones((number, 10, 1)), error, spikes, np.full(number, 6), names, names,
                     np.arange(number) // 10)  # fmt: skip


def test_the_size_of_errors_is_found_whatever_their_scale():
    one, ten = (learn_errors._fit(residuals(scale=scale)).size[0] for scale in (1.0, 10.0))
    np.testing.assert_allclose(np.exp(ten - one), 10, rtol=0.01)
    np.testing.assert_allclose(np.exp(one), np.sqrt(2 / np.pi), rtol=0.05)  # mean absolute normal error


def test_the_shape_of_normal_errors_is_normal_and_centred():
    found = learn_errors._fit(residuals(rows=400))
    shape = found.shape[4, 1, 1] * np.sqrt(2 / np.pi)
    assert shape[LEVELS == 0.5] == 0
    np.testing.assert_allclose(shape[LEVELS == 0.9], 1.2816, rtol=0.05)


def test_caution_never_narrows():
    middle, tails = learn_errors._caution(residuals())
    assert 1 <= middle < 1.2
    assert 1 <= tails < 1.2


def test_independent_errors_have_no_common_shock():
    found = residuals(rows=400)
    common, _ = learn_errors.learn_shocks(found, learn_errors._fit(found))
    assert common < 0.05


def test_shared_errors_have_one():
    found = residuals(rows=400)
    shock = np.random.default_rng(1).standard_normal((found.cell.max() + 1, 10))[found.cell]
    both = Residuals(found.own, found.terms, np.exp(found.own)[:, None] * shock, *list(vars(found).values())[3:])
    common, _ = learn_errors.learn_shocks(both, learn_errors._fit(both))
    assert common > 0.8


def test_weighted_quantiles_follow_the_weight():
    found = learn_errors._weighted_quantiles(np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 1.0, 98.0]]))
    assert found[LEVELS == 0.5] > 2.4


def test_the_shipped_middle_is_what_the_experts_said():
    for kind in (shipped().errors_together, shipped().errors_alone):
        np.testing.assert_allclose(kind.shape[..., kind.levels == 0.5], 0, atol=1e-9)
