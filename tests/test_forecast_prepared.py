import numpy as np
import pytest

from dxanalysis.forecast.prepared import TYPICAL_STEP, bridge, prepare, usual_change
from dxanalysis.forecast.scales import read_bounds

PLAIN = read_bounds(None)


def made(rows, pooled=True, trust=None):
    values = np.array(rows, dtype=float)
    return prepare(values, np.ones_like(values) if trust is None else np.array(trust), PLAIN, pooled)


def test_an_inner_gap_is_bridged_by_a_straight_line_and_counted():
    values, bridged = bridge(np.array([[np.nan, 1.0, np.nan, np.nan, 4.0]]))
    np.testing.assert_allclose(values, [[np.nan, 1, 2, 3, 4]])
    assert bridged.tolist() == [2]


def test_unbounded_series_are_measured_in_their_own_usual_change():
    p = made([[10, 12, 8], [1000, 1200, 800]])
    np.testing.assert_allclose(p.unit, [3, 300])
    np.testing.assert_allclose(p.drift, [-1 / 3, -1 / 3])


def test_the_panel_speaks_with_its_median_speed():
    p = made([[0, 1, 2], [0, 2, 4], [0, 1, 4], [4, 2, 0], [0, 1, 2]])
    np.testing.assert_allclose(p.common_speed, 1.0)


def test_alone_every_series_keeps_its_own_slope():
    assert made([[0, 1, 2]], pooled=False).shrinkage.tolist() == [1.0]


def test_a_provisional_last_figure_is_taken_at_part_of_its_word():
    p = made([[10, 11, 13]], pooled=False, trust=[[1, 1, 0.8]])
    assert p.level[0] * p.unit[0] == pytest.approx(13 - 0.2 * 2)


def test_a_constant_series_has_a_step_of_one_percent_of_its_value():
    assert made([[50, 50, 50]], pooled=False).unit.tolist() == [0.5]


def test_the_usual_change_of_a_short_share_is_steadied_by_a_typical_one():
    values = np.array([[20.0, 22.0]])
    p = prepare(values, np.ones_like(values), read_bounds((0, 100)), False)
    typical = TYPICAL_STEP * 22 * 78 / 100
    assert usual_change(p)[0] == pytest.approx((2 + typical) / 2)
