import numpy as np
import pytest

from dxanalysis.forecast import errors
from dxanalysis.forecast.constants import Errors, shipped
from dxanalysis.forecast.prepared import prepare
from dxanalysis.forecast.scales import read_bounds

SMALL = Errors(
    size=np.array([0.0]), points=np.array([1.0, 4.0]), years=np.array([1.0, 4.0]), spikes=np.array([0.2, 0.4]),
    levels=np.array([0.1, 0.5, 0.9]), shape=np.arange(24, dtype=float).reshape(2, 2, 2, 3),
)  # fmt: skip


def test_shapes_are_interpolated_between_their_nodes():
    found, kind = errors.shapes(np.array([2, 4]), np.array([0.3, 0.2]), 4, SMALL)
    assert kind.tolist() == [0, 1]
    np.testing.assert_allclose(found[1, 0], SMALL.shape[1, 0, 0])
    np.testing.assert_allclose(found[0, 3], SMALL.shape[:, 1].mean(axis=(0, 1)))  # halfway in both logs


def test_shapes_beyond_the_nodes_are_those_of_the_last_node():
    found, _ = errors.shapes(np.array([25]), np.array([1.2]), 12, SMALL)
    np.testing.assert_allclose(found[0, -1], SMALL.shape[1, 1, 1])


def test_beyond_ten_years_errors_grow_like_a_random_walks():
    size = errors.sizes(np.zeros(1), np.zeros((1, 40, 1)), SMALL)
    assert size[0, 9] == 1.0
    assert size[0, 39] == pytest.approx(2.0)


def test_spikiness_of_even_steps_is_low_and_of_a_single_jump_high():
    def of(row):
        values = np.array([row], dtype=float)
        return errors.spikiness(prepare(values, np.ones_like(values), read_bounds((0, 100)), False))[0]

    even, jump = of(np.linspace(10, 40, 21)), of([10.0] * 20 + [50.0])
    assert even == pytest.approx(5 * 0.35 / 25)
    assert jump > 0.8


def test_the_shipped_shapes_rise_with_the_level_and_hold_zero_inside():
    for kind in (shipped().errors_together, shipped().errors_alone):
        assert (np.diff(kind.shape, axis=-1) >= 0).all()
        assert (kind.shape[..., 0] < 0).all()
        assert (kind.shape[..., -1] > 0).all()
