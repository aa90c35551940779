import numpy as np
import pytest

from dxanalysis.forecast import pooled, replays
from dxanalysis.forecast.constants import shipped
from dxanalysis.forecast.prepared import prepare
from dxanalysis.forecast.scales import read_bounds


def made(values, bounds=(0, 100), together=True):
    values = np.array(values, dtype=float)
    return prepare(values, np.ones_like(values), read_bounds(bounds), together)


def replayed(p):
    count = len(pooled.TOGETHER if p.pooled else pooled.ALONE)
    return replays.replay(p, lambda q, steps: pooled.expert_moves(q, steps, shipped().memory), count)


def test_the_replay_measures_naive_by_what_came():
    p = made([[10.0, 12.0, 14.0, 16.0]], bounds=None, together=False)
    past = replayed(p)
    assert past.near[0, 0] == pytest.approx(1.0)  # one usual change a year
    assert past.far[0, 0] == pytest.approx(2.0)  # two years ahead from the second point
    assert past.near[0, pooled.ALONE.index("drift")] == pytest.approx(0.0, abs=1e-6)


def test_evidence_is_zero_where_nothing_could_be_replayed():
    p = made([[7.1]], together=False)
    past = replayed(p)
    near, far = replays.evidence(past, 0)
    assert not near.any()
    assert not far.any()


def test_the_record_holds_the_errors_of_the_mixture_year_by_year():
    p = made([[10.0, 12.0, 14.0, 16.0]], bounds=None, together=False)
    only_naive = np.zeros((1, 5, len(pooled.ALONE)))
    only_naive[:, :, 0] = 1
    found = replays.record(p, replayed(p), only_naive)
    np.testing.assert_allclose(found.by_year[0, :2], [1.0, 2.0])
    assert np.isnan(found.by_year[0, 2:]).all()
    assert found.own[0] == pytest.approx(1.0)  # one usual change for every year ahead


def test_an_area_too_short_to_replay_takes_the_record_of_its_panel():
    values = np.array([[10.0 + i + 2 * t for t in range(6)] for i in range(7)])
    values[0, :-1] = np.nan
    p = made(values)
    past = replayed(p)
    found = replays.record(p, past, np.full((7, 5, len(pooled.TOGETHER)), 1 / len(pooled.TOGETHER)))
    assert found.own[0] == pytest.approx(np.median(found.own[1:]))
    assert found.by_year.shape == (1, 5)


def test_nobody_is_replayed_where_nobody_has_two_points():
    p = made([[7.0], [8.0], [9.0], [10.0], [11.0]])
    found = replays.record(p, replayed(p), np.full((5, 5, len(pooled.TOGETHER)), 1 / len(pooled.TOGETHER)))
    assert np.isnan(found.own).all()
    assert np.isnan(found.by_year).all()
