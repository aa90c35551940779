import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dxanalysis.forecast.learn_errors import _unfolded
from dxanalysis.forecast.marginals import displace
from dxanalysis.forecast.scales import read_bounds

SHARE = read_bounds((0, 100))


@given(st.floats(0, 100), st.floats(-1e4, 1e4))
@settings(max_examples=200, deadline=None)
def test_no_error_pushes_a_share_out_of_its_bounds(centre, error):
    assert 0 <= displace(np.array(centre), np.array(error), SHARE) <= 100


def test_a_small_error_is_simply_added():
    assert displace(np.array(50.0), np.array(0.1), SHARE) == pytest.approx(50.1, abs=1e-3)


def test_an_error_as_long_as_the_room_leaves_a_third_of_it():
    assert displace(np.array(60.0), np.array(40.0), SHARE) == pytest.approx(100 - 40 * np.exp(-1))


@given(st.floats(1, 99), st.floats(-30, 30))
@settings(max_examples=100, deadline=None)
def test_learning_measures_errors_by_the_inverse(centre, error):
    moved = displace(np.array([[centre]]), np.array([[error]]), SHARE)
    if 0.02 < moved[0, 0] < 99.98 and abs(error) < 4 * min(centre, 100 - centre):
        assert _unfolded(np.array([[centre]]), moved, 0, 100)[0, 0] == pytest.approx(error, rel=1e-6, abs=1e-6)


def test_without_bounds_an_error_is_added():
    assert displace(np.array(-5.0), np.array(700.0), read_bounds(None)) == 695.0
