"""Size and shape of errors, the panel's own correction, and the shipped constants."""

import hashlib
import json
from importlib import resources

import numpy as np
import pytest

from dxanalysis.forecasting import widths
from dxanalysis.forecasting.distributions import read_bounds
from dxanalysis.forecasting.experts import prepare, usual_change
from dxanalysis.forecasting.widths import Errors, Record, shipped

SMALL = Errors(
    size=np.array([0.0]), points=np.array([1.0, 4.0]), years=np.array([1.0, 4.0]), spikes=np.array([0.2, 0.4]),
    levels=np.array([0.1, 0.5, 0.9]), shape=np.arange(24, dtype=float).reshape(2, 2, 2, 3),
)


@pytest.mark.parametrize(("points", "spike", "years", "expected"), [
    (4, 0.2, 1, SMALL.shape[1, 0, 0]),
    (2, 0.3, 4, SMALL.shape[:, 1].mean(axis=(0, 1))),  # halfway in the logs of points and in spikiness
    (25, 1.2, 12, SMALL.shape[1, 1, 1]),  # beyond the nodes: the last one
    (1, 0.3, 1, SMALL.shape[0, 0].mean(axis=0)),
])
def test_shapes_are_interpolated_between_their_nodes(points, spike, years, expected):
    found, kind = widths.shapes(np.array([points, 9]), np.array([spike, 9.0]), 12, SMALL)
    np.testing.assert_allclose(found[kind[0], years - 1], expected)


def test_beyond_ten_years_errors_grow_like_a_random_walks():
    size = widths.sizes(np.zeros(1), np.zeros((1, 40, 1)), SMALL)
    assert size[0, 9] == 1.0
    assert size[0, 39] == pytest.approx(2.0)


def test_the_shipped_shapes_rise_with_the_level_and_hold_zero_inside():
    for kind in (shipped().together, shipped().alone):
        assert (np.diff(kind.shape, axis=-1) >= 0).all()
        assert (kind.shape[..., 0] < 0).all()
        assert (kind.shape[..., -1] > 0).all()


def record(by_year=((np.nan,) * 5,), own=(np.nan,), counted=0):
    return Record(np.array(by_year), np.array(own), np.full(len(own), counted), ())


def terms_of(p, areas=1, horizon=4, **past):
    """The terms where two experts say 48 and 56 and the centre is 50."""
    spoken = np.tile(np.array([48.0, 56.0])[None, :, None], (areas, 1, horizon))
    past = {"own": np.full(areas, np.nan)} | past
    return widths.size_terms(p, record(**past), np.full((areas, horizon), 50.0), spoken)


def made(rows, bounds=None, together=False):
    values = np.array(rows, dtype=float)
    return prepare(values, read_bounds(bounds), together)


def test_the_terms_of_the_size_of_an_unbounded_series_alone():
    """10, 12, 13, 13, 19: usual change 9/4, of the last three years 7/3; the experts are 4 points apart."""
    own, terms = terms_of(made([[10, 12, 13, 13, 19]]), horizon=12)
    assert own == pytest.approx(np.log(9 / 4))
    years, seen = np.log(np.minimum(np.arange(1, 13), 10) / 3), np.log(5 / 6)
    columns = [1, years, years**2, seen, seen * years, np.log(7 / 3) - np.log(9 / 4), 0, 0,
               np.log(np.minimum(np.arange(1, 13), 10)), 0, 0, 0.4, np.log(4 / (9 / 4)), 0, 0, 0, 0]
    np.testing.assert_allclose(terms[0], np.stack([np.broadcast_to(one, 12) for one in columns], axis=1), atol=1e-12)


def test_the_terms_of_a_panel_of_shares_compare_with_its_median_change():
    p = made([[np.nan, np.nan, 50], [np.nan, 48, 50], [46, 48, 50], [45, 46, 50], [42, 46, 50]], (0, 100), True)
    own, terms = terms_of(p, 5)
    usual = usual_change(p)
    np.testing.assert_allclose(own, np.log(usual))
    np.testing.assert_allclose(terms[:, 2, 6], np.log(np.median(usual) / usual))
    np.testing.assert_allclose(terms[:, 3, 11], np.abs(p.level) / 4)
    assert terms[:, 0, 13].tolist() == [1, 0, 0, 0, 0]
    assert terms[:, 0, 14].tolist() == [0, 1, 0, 0, 0]
    assert (terms[:, :, [15, 16]] == 0).all()  # what only unbounded data have


def test_series_without_bounds_are_not_compared_in_size():
    """One series in millions says nothing about the errors of one in units, panel or not."""
    rows = np.array([1.0, 10, 1e3, 1e4, 1e6])[:, None] * np.array([5.0, 6, 6, 7])
    terms = terms_of(made(rows, together=True), 5)[1]
    np.testing.assert_allclose(terms[1:, :, :12], np.broadcast_to(terms[:1, :, :12], terms[1:, :, :12].shape))


def test_one_and_two_points_of_an_unbounded_series_have_terms_of_their_own():
    terms = terms_of(made([[np.nan, np.nan, 5], [np.nan, 4, 5], [4, 6, 5]]), 3)[1]
    assert terms[:, 0, 15].tolist() == [1, 0, 0]
    assert terms[:, 0, 16].tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("own", "counted", "log"),
    [(2.0, 4, np.log(2)), (0.001, 2, np.log(0.1)), (99.0, 1, np.log(10)), (np.nan, 0, 0.0)],
)
def test_an_own_record_counts_more_the_more_origins_it_has(own, counted, log):
    terms = terms_of(made([[10, 12, 13, 13, 19]]), own=[own], counted=counted)[1]
    np.testing.assert_allclose(terms[0, :, 9], log)
    np.testing.assert_allclose(terms[0, :, 10], log * np.log(max(counted, 1)))


def test_the_replayed_error_beyond_the_years_replayed_is_that_of_the_last():
    past = record([[2.0, 4.0, np.nan, np.nan, np.nan], [0.01, np.nan, np.nan, np.nan, np.nan]], [2.0, 0.01])
    found, beyond = widths._by_year(past, 12)
    np.testing.assert_allclose(found[0], np.log([2.0] + [4.0] * 11))
    np.testing.assert_allclose(found[1], np.log(0.1))
    np.testing.assert_allclose(beyond[0, [0, 1, 3, 9, 11]], np.log([1, 1, 2, 5, 5]))


def test_the_recent_change_is_that_of_three_years_within_a_factor_of_ten():
    rows = [[0, 9, 10, 12, 15], [0, 40, 40, 40, 40], [np.nan] * 4 + [7], [np.nan] * 3 + [5, 8]]
    found = widths._recent_change(made(rows))
    np.testing.assert_allclose(found, [2, 1, 0.07, 3])  # the second rests at a tenth of its usual 10
    calm = np.r_[np.full(100, 50.0), 90.0, 10.0, 90.0]
    assert widths._recent_change(made([calm]))[0] == pytest.approx(10 * 200 / 102)  # ten times its usual at most


def test_the_size_is_the_exponential_of_own_change_and_terms():
    constants = Errors(**{**vars(SMALL), "size": np.array([0.5, -1.0])})
    terms = np.tile(np.array([1.0, 0.25]), (1, 12, 1))
    found = widths.sizes(np.log(np.array([3.0])), terms, constants)
    np.testing.assert_allclose(found[0, [0, 9, 11]], 3 * np.exp(0.25) * np.sqrt([1, 1, 1.2]))


EVEN = [[20.0, 22, 25, 25, 30], [40, 41, 41, 44, 50], [60, 66, 66, 70, 70]]


@pytest.mark.parametrize(("rows", "together"), [
    (EVEN, True), (EVEN, False), ([[7.0, 7.0]], False), ([[40.0, 42.0]], False), ([np.linspace(10, 40, 21)], False),
    ([[10.0] * 20 + [50.0]], False),
])
def test_spikiness_is_the_log_of_root_mean_square_over_mean_steadied_by_five_changes(rows, together):
    """Of all changes of a panel together, of each series alone; without any change that of a Laplace distribution."""
    p = made(rows, (0, 100), together)
    changes = np.abs(np.diff(rows, axis=1)) / usual_change(p)[:, None]
    for at, found in enumerate(widths.spikiness(p)):
        mine = changes.ravel() if together else changes[at]
        own = 0.5 * np.log((mine**2).mean()) - np.log(mine.mean()) if mine.any() else 0.35
        assert found == pytest.approx((mine.size * own + 5 * 0.35) / (mine.size + 5))


LEVELS = np.array([0.025, 0.1, 0.5, 0.9, 0.975])
SHAPE = np.array([[[-4.0, -2.0, 0.0, 2.0, 4.0]]])


def test_quantiles_are_stretched_inside_and_in_the_tails():
    np.testing.assert_allclose(widths.stretched(SHAPE, LEVELS, (1.5, 2.0)), [[[-8, -3, 0, 3, 8]]])
    assert (np.diff(widths.stretched(SHAPE, LEVELS, (1.5, 0.5))) >= 0).all()  # never crossing


def test_the_panels_own_errors_correct_both_intervals():
    """Ten areas, errors of .1 to 1 times 3: their 80 % quantile is 2.46, their 95 % one 2.865, promised 2 and 4."""
    error = 3 * np.linspace(0.1, 1, 10)[:, None]
    found = widths.panel_factors([(np.arange(10), error)] * 4, np.ones((10, 1)), SHAPE, np.zeros(10, int), LEVELS)
    part = 4 / (4 + 12)
    np.testing.assert_allclose(found, [(np.quantile(error, 0.8) / 2) ** part, (np.quantile(error, 0.95) / 4) ** part])


def test_nothing_replayed_corrects_nothing_and_no_correction_is_beyond_a_half():
    none = widths.panel_factors([], np.ones((1, 1)), SHAPE, np.zeros(1, int), LEVELS)
    wild = widths.panel_factors(
        [(np.arange(1), np.array([[1e9]]))] * 6, np.ones((1, 1)), SHAPE, np.zeros(1, int), LEVELS
    )
    assert none == (1.0, 1.0)
    np.testing.assert_allclose(wild, 1.5)


def text():
    return resources.files("dxanalysis.forecasting").joinpath("constants.json").read_text(encoding="utf-8")


def test_the_shipped_constants_are_documented_and_small():
    assert json.loads(text())["about"].startswith("Learned by python -m tests.benchmarks.forecast_learn")
    assert len(text()) < 40_000
    assert 0 < shipped().common < 1  # areas share some but not all of their shocks
    assert shipped().without == ()


def test_the_version_follows_the_content():
    assert widths.read(text()).version == shipped().version
    assert widths.read(text().replace('"common":0.', '"common":0.0')).version != shipped().version


def test_what_is_written_is_read_again_rounded():
    kind = Errors(*(np.array([0.98765]) for _ in range(5)), np.full((1, 1, 1, 1), -2.34567))
    written = widths.write(kind, kind, {"speed": [0.123456], "level": [1.0]}, (0.16949, 0.25051), ["family"])
    found = widths.read(written)
    assert (found.alone.size.tolist(), found.together.shape.tolist()) == ([0.988], [[[[-2.346]]]])
    assert found.memory == {"speed": [0.1235], "level": [1.0]}
    assert (found.common, found.drift, found.without) == (0.169, 0.251, ("family",))
    assert found.version == hashlib.sha256(written.encode()).hexdigest()[:8]


@pytest.mark.parametrize(("centre", "kept", "ratio"), [
    (50.0, 1.0, 25 / 9),  # from 10 % to 50 %: room 25 against 9
    (95.0, 1.0, 4.75 / 9),
    (50.0, 0.0, 1.0),  # a panel at rest keeps the errors of the years seen
    (10.0, 1.0, 1.0),
])
def test_errors_follow_the_room_as_far_as_the_trend_is_kept(centre, kept, ratio):
    p = prepare(np.full((5, 4), 10.0), read_bounds((0, 100)), True)
    found = widths.room_factors(p, np.full((5, 2), centre), np.full(5, kept))
    np.testing.assert_allclose(found, ratio**widths.ROOM)


def test_where_nothing_moves_half_way_errors_know_no_room():
    alone = prepare(np.full((1, 4), 10.0), read_bounds((0, 100)), False)
    counts = prepare(np.arange(20.0).reshape(5, 4), read_bounds(None), True)
    for p in (alone, counts):
        np.testing.assert_array_equal(widths.room_factors(p, p.points[:, -2:] + 40, np.ones(len(p.level))), 1)
