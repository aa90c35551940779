import numpy as np
import pytest

from dxanalysis.forecasting import errors, pooled, replays
from dxanalysis.forecasting.constants import shipped
from dxanalysis.forecasting.prepared import prepare
from dxanalysis.forecasting.scales import read_bounds


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


def test_evidence_is_the_log_ratio_to_naive_with_a_little_added_and_bounded():
    past = replays.Replay((), np.array([[0.95, 0.45, 0.0]]), np.array([[0.0, 9.0, 0.0]]))
    near, far = replays.evidence(past, 0)
    np.testing.assert_allclose(near, [[0, np.log(0.5), -1.5]])
    np.testing.assert_allclose(far, [[0, 1.5, 0]])
    near, far = replays.evidence(replays.Replay((), np.array([[0.95, 0.45]]), np.full((1, 2), np.nan)), 1)
    np.testing.assert_allclose(near, [[np.log(2), 0]])
    np.testing.assert_allclose(far, near)  # one year ahead stands for those that could not be replayed


def test_a_panel_replays_1_2_3_and_5_years_and_measures_all_areas_together():
    """Every area of an unbounded panel climbs by its own step: naive misses one usual change a year."""
    values = np.arange(7.0) * np.arange(1, 7)[:, None]
    past = replayed(made(values, bounds=None))
    assert [standing.actual.shape[1] for standing in past.standings] == [1, 2, 3, 5]
    assert past.near[0, 0] == pytest.approx(1)
    assert past.far[0, 0] == pytest.approx((2 + 2 + 3 + 2 + 3 + 4 + 5) / 7)
    np.testing.assert_array_equal(past.standings[0].rows, np.arange(6))


def test_a_year_needs_five_areas_with_two_points_then():
    values = 10.0 + np.arange(5)[:, None] + np.arange(4)
    assert [s.actual.shape[1] for s in replayed(made(values)).standings] == [1, 2]
    values[0, :2] = np.nan  # two points now, one a year ago
    assert replayed(made(values)).standings == ()
    alone = replayed(made(values, together=False))
    assert [s.rows.tolist() for s in alone.standings] == [[1, 2, 3, 4], [1, 2, 3, 4]]


def test_of_a_large_panel_150_areas_are_replayed():
    values = 10.0 + np.linspace(0, 20, 400)[:, None] + np.arange(3)
    standing = replays.replay(made(values), lambda q, steps: np.zeros((len(q.level), 1, len(steps))), 1).standings[0]
    assert len(standing.rows) == 150
    assert (standing.rows[0], standing.rows[-1]) == (0, 399)


def test_the_experts_are_asked_for_the_years_that_came_from_what_was_known():
    asked = []

    def moves(past, steps):
        asked.append((past.points.shape[1], steps.tolist(), past.pooled))
        return np.zeros((len(past.level), 1, len(steps)))

    replays.replay(made(10.0 + np.arange(5)[:, None] + np.arange(5)), moves, 1)
    assert asked == [(4, [1], True), (3, [1, 2], True), (2, [1, 2, 3], True)]


def test_errors_of_shares_are_measured_in_points_and_usual_changes():
    scale = read_bounds((0, 100))
    one = replays.Standing(np.array([1]), np.array([0.0]), np.ones(1), np.array([4.0]),
                           np.array([[[0.0], [np.log(3)]]]), np.array([[60.0]]), scale)  # fmt: skip
    np.testing.assert_allclose(one.misses(one.moves), [[[10 / 4], [15 / 4]]])
    weight = np.array([[[1.0, 0.0]], [[0.5, 0.5]]])
    half = 100 * np.sqrt(3) / (1 + np.sqrt(3))
    np.testing.assert_allclose(one.mixed(weight), [[abs(half - 60) / 4]])
    np.testing.assert_allclose(one.mixed(weight[:1]), [[10 / 4]])


def test_the_record_of_a_panel_is_one_and_each_area_has_its_own():
    values = np.arange(7.0) * np.arange(1, 7)[:, None]
    p = made(values, bounds=None)
    weight = np.zeros((6, 5, len(pooled.TOGETHER)))
    weight[:, :, 0] = 1
    found = replays.record(p, replayed(p), weight)
    np.testing.assert_allclose(found.by_year, [[1, 2, 3, 4, 5]])
    np.testing.assert_allclose(found.own, 1)
    assert found.stood.tolist() == [4] * 6


def test_the_tail_is_the_large_errors_against_the_mean_ones_of_the_same_year():
    """Twenty errors of 1 and one of 22 have the mean 2; the 95 % quantile stands on the twentieth."""
    missed = np.r_[np.ones(20), 22.0][:, None]
    assert replays._tail([missed]) == pytest.approx(np.log(0.5 / 3))
    assert replays._tail([missed, 9 * missed]) == pytest.approx(np.log(0.5 / 3))  # each year counts in its own means
    assert replays._tail([]) == 0
    assert replays._tail([np.zeros((5, 1))]) == pytest.approx(np.log(0.1 / 3))  # a past without any error


def test_a_series_alone_has_no_tail():
    p = made([[10.0, 12.0, 14.0, 15.0, 18.0]], bounds=None, together=False)
    weight = np.full((1, 5, len(pooled.ALONE)), 1 / len(pooled.ALONE))
    assert replays.record(p, replayed(p), weight).tail == 0


def test_one_standing_is_a_record():
    p = made([[10.0, 12.0, 14.0]], bounds=None, together=False)
    only_naive = np.zeros((1, 5, len(pooled.ALONE)))
    only_naive[:, :, 0] = 1
    past = replayed(p)
    assert len(past.standings) == 1
    assert past.near[0, 0] == pytest.approx(1)
    assert np.isnan(past.far).all()
    found = replays.record(p, past, only_naive)
    assert found.own.tolist() == pytest.approx([1.0])
    assert found.by_year[0, 0] == pytest.approx(1.0)
    assert np.isnan(found.by_year[0, 1:]).all()


def test_series_that_stand_alone_do_not_feel_each_other():
    rows = [[20.0, 24, 23, 27, 26, 30, 31], [30.0, 31, 35], [40.0, 41], [50.0]]
    wide = np.array([[np.nan] * (7 - len(row)) + row for row in rows])
    _, every = pooled.outlook_of(made(wide, together=False), 4, shipped())
    own, terms = errors.size_terms(made(wide, together=False), every)
    for at, row in enumerate(rows):
        p = made([row], together=False)
        _, one = pooled.outlook_of(p, 4, shipped())
        np.testing.assert_allclose(every.centre[at], one.centre[0], rtol=1e-6)
        np.testing.assert_allclose(every.weights[at], one.weights[0], rtol=1e-5, atol=1e-9)
        np.testing.assert_allclose(every.record.own[at], one.record.own[0], rtol=1e-5)
        np.testing.assert_allclose(every.record.by_year[at], one.record.by_year[0], rtol=1e-5)
        own_alone, terms_alone = errors.size_terms(p, one)
        np.testing.assert_allclose(own[at], own_alone[0])
        np.testing.assert_allclose(terms[at], terms_alone[0], rtol=1e-5, atol=1e-6)


def test_a_panel_is_replayed_under_its_mean_weights():
    """Straight lines: drift never errs, naive by a step a year; half of the areas trust naive little, half much."""
    values = np.arange(7.0) * np.arange(1, 7)[:, None]
    p = made(values, bounds=None)
    weight = np.zeros((6, 5, len(pooled.TOGETHER)))
    weight[:, :, 0] = np.array([0.2, 0.8] * 3)[:, None]
    weight[:, :, pooled.TOGETHER.index("drift")] = 1 - weight[:, :, 0]
    found = replays.record(p, replayed(p), weight)
    np.testing.assert_allclose(found.by_year, [[0.5, 1, 1.5, 2, 2.5]], rtol=1e-5)
    np.testing.assert_allclose(found.own, 0.5, rtol=1e-5)


def test_the_record_keeps_the_signed_errors_in_points_of_every_year_stood_at():
    """Shares that fall a point a year under naive: errors of -1, -2, ..., a little longer where they near the bound."""
    p = made(60.0 + np.arange(6)[:, None] - np.arange(4.0))
    only_naive = np.zeros((6, 5, len(pooled.TOGETHER)))
    only_naive[:, :, 0] = 1
    (rows, near), (_, far) = replays.record(p, replayed(p), only_naive).missed
    np.testing.assert_array_equal(rows, np.arange(6))
    np.testing.assert_allclose(near[0], 58 * np.log(57 / 58), rtol=1e-5)
    np.testing.assert_allclose(far[0], 59 * np.log(np.array([58, 57]) / 59), rtol=1e-5)
    alone = made([[60.0, 59, 58, 57]], together=False)
    weight = np.full((1, 5, len(pooled.ALONE)), 1 / len(pooled.ALONE))
    assert replays.record(alone, replayed(alone), weight).missed == ()
