import numpy as np
import pytest

from dxanalysis.forecasting import errors
from dxanalysis.forecasting.constants import Errors, shipped
from dxanalysis.forecasting.prepared import prepare, usual_change
from dxanalysis.forecasting.replays import Record
from dxanalysis.forecasting.scales import read_bounds

SMALL = Errors(
    size=np.array([0.0]), points=np.array([1.0, 4.0]), years=np.array([1.0, 4.0]), spikes=np.array([0.2, 0.4]),
    levels=np.array([0.1, 0.5, 0.9]), shape=np.arange(24, dtype=float).reshape(2, 2, 2, 3),
    caution=np.ones(2),
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


def record(by_year=((np.nan,) * 5,), own=(np.nan,), stood=0, tail=0.0):
    return Record(np.array(by_year), np.array(own), np.full(len(own), stood), tail, ())


def outlook(areas=1, horizon=4, **past):
    """Two experts that say 48 and 56 where the centre is 50."""
    centre = np.full((areas, horizon), 50.0)
    spoken = np.tile(np.array([48.0, 56.0])[None, :, None], (areas, 1, horizon))
    past = {"own": np.full(areas, np.nan)} | past
    return errors.Outlook(np.zeros((areas, horizon, 2)), spoken, centre, record(**past), 0.0)


def made(rows, bounds=None, together=False):
    values = np.array(rows, dtype=float)
    return prepare(values, np.ones_like(values), read_bounds(bounds), together)


def test_the_terms_of_the_size_of_an_unbounded_series_alone():
    """10, 12, 13, 13, 19: usual change 9/4, of the last three years 7/3; the experts are 4 points apart."""
    own, terms = errors.size_terms(made([[10, 12, 13, 13, 19]]), outlook(horizon=12))
    assert own == pytest.approx(np.log(9 / 4))
    years, seen = np.log(np.minimum(np.arange(1, 13), 10) / 3), np.log(5 / 6)
    columns = [1, years, years**2, seen, seen * years, np.log(7 / 3) - np.log(9 / 4), 0, 0,
               np.log(np.minimum(np.arange(1, 13), 10)), 0, 0, 0, 0.4, np.log(4 / (9 / 4)), 0, 0, 0, 0]  # fmt: skip
    np.testing.assert_allclose(terms[0], np.stack([np.broadcast_to(one, 12) for one in columns], axis=1), atol=1e-12)


def test_the_terms_of_a_panel_of_shares_compare_with_its_median_change():
    p = made([[np.nan, np.nan, 50], [np.nan, 48, 50], [46, 48, 50], [45, 46, 50], [42, 46, 50]], (0, 100), True)
    own, terms = errors.size_terms(p, outlook(5))
    usual = usual_change(p)
    np.testing.assert_allclose(own, np.log(usual))
    np.testing.assert_allclose(terms[:, 2, 6], np.log(np.median(usual) / usual))
    np.testing.assert_allclose(terms[:, 3, 12], np.abs(p.level) / 4)
    assert terms[:, 0, 14].tolist() == [1, 0, 0, 0, 0]
    assert terms[:, 0, 15].tolist() == [0, 1, 0, 0, 0]
    assert (terms[:, :, [16, 17]] == 0).all()  # what only unbounded data have


def test_series_without_bounds_are_not_compared_in_size():
    """One series in millions says nothing about the errors of one in units, panel or not."""
    rows = np.array([1.0, 10, 1e3, 1e4, 1e6])[:, None] * np.array([5.0, 6, 6, 7])
    terms = errors.size_terms(made(rows, together=True), outlook(5))[1]
    np.testing.assert_allclose(terms[1:, :, :13], np.broadcast_to(terms[:1, :, :13], terms[1:, :, :13].shape))


def test_one_and_two_points_of_an_unbounded_series_have_terms_of_their_own():
    terms = errors.size_terms(made([[np.nan, np.nan, 5], [np.nan, 4, 5], [4, 6, 5]]), outlook(3))[1]
    assert terms[:, 0, 16].tolist() == [1, 0, 0]
    assert terms[:, 0, 17].tolist() == [0, 1, 0]


def test_an_own_record_counts_more_the_more_years_were_stood_at():
    terms = errors.size_terms(made([[10, 12, 13, 13, 19]]), outlook(own=[2.0], stood=4, tail=0.3))[1]
    np.testing.assert_allclose(terms[0, :, 9], np.log(2))
    np.testing.assert_allclose(terms[0, :, 10], np.log(2) * np.log(4))
    np.testing.assert_allclose(terms[0, :, 11], 0.3)


def test_the_replayed_error_beyond_the_years_replayed_is_that_of_the_last():
    past = record([[2.0, 4.0, np.nan, np.nan, np.nan], [0.01, np.nan, np.nan, np.nan, np.nan]], [2.0, 0.01])
    found, beyond = errors._by_year(past, 12)
    np.testing.assert_allclose(found[0], np.log([2.0] + [4.0] * 11))
    np.testing.assert_allclose(found[1], np.log(0.1))
    np.testing.assert_allclose(beyond[0, [0, 1, 3, 9, 11]], np.log([1, 1, 2, 5, 5]))
    np.testing.assert_allclose(errors._own_record(past), np.log([2.0, 0.1]))


def test_an_own_record_is_held_within_a_tenth_and_ten_and_nought_where_there_is_none():
    past = record(np.zeros((1, 5)), [np.nan, 0.001, 3.0, 99.0])
    np.testing.assert_allclose(errors._own_record(past), [0, np.log(0.1), np.log(3), np.log(10)])


def test_the_recent_change_is_that_of_three_years_within_a_factor_of_ten():
    rows = [[0, 9, 10, 12, 15], [0, 40, 40, 40, 40], [np.nan] * 4 + [7], [np.nan] * 3 + [5, 8]]
    found = errors._recent_change(made(rows))
    np.testing.assert_allclose(found, [2, 1, 0.07, 3])  # the second rests at a tenth of its usual 10
    calm = np.r_[np.full(100, 50.0), 90.0, 10.0, 90.0]
    assert errors._recent_change(made([calm]))[0] == pytest.approx(10 * 200 / 102)  # ten times its usual at most


def test_disagreement_is_held_between_a_twentieth_and_fifty_usual_changes():
    found = errors._relative(np.array([[0.0, 4.0, 1e6]]), np.log(np.array([2.0])))
    np.testing.assert_allclose(found, np.log([[0.05, 2, 50]]))


def test_the_size_is_the_exponential_of_own_change_and_terms():
    constants = Errors(**{**vars(SMALL), "size": np.array([0.5, -1.0])})
    terms = np.tile(np.array([1.0, 0.25]), (1, 12, 1))
    found = errors.sizes(np.log(np.array([3.0])), terms, constants)
    np.testing.assert_allclose(found[0, [0, 9, 11]], 3 * np.exp(0.25) * np.sqrt([1, 1, 1.2]))


def test_a_panels_spikiness_is_that_of_all_its_changes_together():
    rows = np.array([[20.0, 22, 25, 25, 30], [40, 41, 41, 44, 50], [60, 66, 66, 70, 70]])
    p = made(rows, (0, 100), True)
    changes = np.abs(np.diff(rows, axis=1)) / usual_change(p)[:, None]
    own = 0.5 * np.log((changes**2).mean()) - np.log(changes.mean())
    np.testing.assert_allclose(errors.spikiness(p), (12 * own + 5 * 0.35) / 17)
    assert errors.spikiness(made([[7.0, 7.0]], (0, 100))).tolist() == [0.35]


def test_series_alone_have_each_their_own_spikiness():
    rows = np.array([[20.0, 22, 25, 25, 30], [40, 41, 41, 41, 50]])
    p = made(rows, (0, 100))
    changes = np.abs(np.diff(rows, axis=1)) / usual_change(p)[:, None]
    own = 0.5 * np.log((changes**2).mean(axis=1)) - np.log(changes.mean(axis=1))
    np.testing.assert_allclose(errors.spikiness(p), (4 * own + 5 * 0.35) / 9)


def test_a_shape_between_two_spikinesses_is_between_theirs():
    found, _ = errors.shapes(np.array([1, 1, 1]), np.array([0.2, 0.3, 0.9]), 1, SMALL)
    np.testing.assert_allclose(
        found[:, 0], [SMALL.shape[0, 0, 0], SMALL.shape[0, 0].mean(axis=0), SMALL.shape[0, 0, 1]]
    )


def test_one_change_alone_is_as_even_as_can_be_and_steadied():
    assert errors.spikiness(made([[40.0, 42.0]], (0, 100)))[0] == pytest.approx(5 * 0.35 / 6)
