"""Replayed origins, weights and the shrinkage of a trend, on panels whose errors are known beforehand."""

import numpy as np
import pytest

from dxanalysis.forecasting import evidence, experts
from dxanalysis.forecasting.distributions import read_bounds
from dxanalysis.forecasting.experts import prepare
from dxanalysis.forecasting.widths import shipped

NAIVE = experts.TOGETHER.index("naive")


def made(rows, bounds=(0, 100), pooled=True):
    values = np.array(rows, dtype=float)
    return prepare(values, read_bounds(bounds), pooled)


def replayed(p):
    return evidence.replay(p, shipped().memory)


def rising(areas=8, years=8, noise=0.0, seed=0):
    draw = np.random.default_rng(seed)
    return made([10.0 + 3 * i + 2 * np.arange(years) + draw.normal(0, noise, years) for i in range(areas)])


def resting(areas=8, years=8, seed=0):
    draw = np.random.default_rng(seed)
    return made(30.0 + 5 * np.arange(areas)[:, None] + draw.normal(0, 1, (areas, years)))


def test_origins_go_back_six_years_and_see_five_ahead():
    past = replayed(rising())
    assert [(origin.back, origin.actual.shape[1]) for origin in past] == [
        (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 5),
    ]
    assert [origin.back for origin in replayed(rising(years=4))] == [1, 2]
    assert replayed(made(np.full((6, 1), 7.0))) == ()


def test_errors_are_in_usual_changes():
    """Every area of an unbounded panel climbs by its own step: no change misses one usual change a year."""
    past = replayed(made(np.arange(7.0) * np.arange(1, 7)[:, None], None))
    for origin in past:
        ahead = np.arange(1, origin.actual.shape[1] + 1)
        np.testing.assert_allclose(origin.errors(origin.said)[:, NAIVE], np.broadcast_to(ahead, origin.actual.shape))


def test_a_panel_that_rises_steadily_gives_no_weight_to_no_change():
    p = rising()
    weight, kept = evidence.weigh(p, replayed(p), 5)
    np.testing.assert_allclose(weight.sum(axis=2), 1)
    assert weight[0, :, NAIVE].max() < 0.01
    assert kept.min() > 0.99


def test_a_panel_at_rest_stays_where_it_is():
    kept = [evidence.weigh(p, replayed(p), 5)[1][0] for p in (resting(seed=seed) for seed in range(5))]
    assert max(kept) < 0.5


def test_one_common_shock_is_counted_once():
    """All areas leap in one year: seen from every origin it is one yearly change, not six."""
    p = made([np.r_[np.full(4, 20.0 + i), np.full(4, 30.0 + i)] for i in range(8)])
    past = replayed(p)
    near, _ = evidence._log_ratios(past)
    leap = [origin for origin in past if origin.back == 4]
    misses = leap[0].errors(leap[0].said)[:, NAIVE, 0].sum()
    total = sum(origin.errors(origin.said)[:, NAIVE, 0].sum() for origin in past)
    assert total == pytest.approx(misses)  # every other year nothing moved
    assert near[NAIVE] == 0


@pytest.mark.parametrize(
    ("ratios", "recency", "expected"),
    [
        ([], [], 0.5),
        # one year: mean -.2, standard error .1
        ([-0.2], [1], 1 / (1 + np.exp(25 * (-0.2 + 0.1 + 0.02)))),
        # two alike: variance 2 (.1)² / 3
        ([-0.1, -0.1], [1, 1], 1 / (1 + np.exp(25 * (-0.1 + np.sqrt(0.02 / 3 / 2) + 0.02)))),
        ([0.0, -0.2], [1, 1], 1 / (1 + np.exp(25 * (-0.1 + np.sqrt((0.02 + 0.02) / 3 / 2) + 0.02)))),
        # the second is worth a third: mean -.05, worth 1 / (.5625 + .0625) = 1.6 years, spread around it .0075
        ([0.0, -0.2], [3, 1], 1 / (1 + np.exp(25 * (-0.05 + np.sqrt((0.02 + 1.6 * 0.0075) / 2.6 / 1.6) + 0.02)))),
    ],
)
def test_the_shrinkage_is_worked_by_hand(ratios, recency, expected):
    assert evidence.shrinkage(np.array(ratios), np.array(recency)) == pytest.approx(expected)


def test_no_knife_edge():
    """A change of the evidence of .08 moves what is kept by less than a half."""
    at = np.linspace(-0.5, 0.5, 101)
    kept = np.array([evidence.shrinkage(np.full(4, value), np.ones(4)) for value in at])
    assert (np.diff(kept) < 0).all()
    assert (kept[:-8] - kept[8:]).max() < 0.5


def test_weights_follow_prior_and_error_ratio():
    p = rising(noise=0.5)
    past = replayed(p)
    near, far = evidence._log_ratios(past)
    prior = np.array([3.0 if name in experts.BORROWING else 1.0 for name in experts.TOGETHER])
    weight, kept = evidence.weigh(p, past, 2)
    for h, found in enumerate((near, 0.3 * near + 0.7 * far)):
        raw = prior * np.exp(-12 * found)
        expected = kept[0] * raw / raw.sum() + (1 - kept[0]) * (np.arange(len(prior)) == NAIVE)
        np.testing.assert_allclose(weight[0, h], expected)


def test_the_latest_change_leads_a_piecewise_linear_panel_and_no_noisy_one():
    """A panel whose areas each keep a pace of their own for years and then change it, as modelled indicators do."""
    draw = np.random.default_rng(3)
    paces = np.repeat(draw.uniform(0.2, 2, (12, 3)), [5, 5, 6], axis=1)
    linear = made(10 + 2 * np.arange(12)[:, None] + paces.cumsum(axis=1))
    for p, leads in ((linear, True), (resting(12), False)):
        weight = evidence.weigh(p, replayed(p), 3)[0][0, :, experts.TOGETHER.index("latest")]
        assert (weight > 0.9).all() if leads else (weight < 0.01).all()


def test_unbounded_panels_are_weighed_alike_without_the_latest_change():
    p = made(np.random.default_rng(0).normal(size=(6, 7)).cumsum(axis=1), None)
    weight, kept = evidence.weigh(p, replayed(p), 3)
    expected = [0 if name == "latest" else 1 / 5 for name in experts.TOGETHER]
    np.testing.assert_allclose(weight, np.tile(expected, (1, 3, 1)))
    assert (kept == 1).all()


def test_a_series_alone_follows_its_trend_as_far_as_it_is_clear():
    p = made([[10.0, 20, 30, 40, 50, 60], [10, 12, 9, 11, 10, 12], [np.nan] * 5 + [7]], None, False)
    steps, factor = 5, evidence.clearness(p)
    spread = (p.noise * (steps - 1) + 0.7**2) / steps
    square = p.drift**2 * steps / spread
    np.testing.assert_allclose(factor[:2], (1.3 * square / (square + 8))[:2])
    assert factor[0] > 1 > factor[1]
    weight, kept = evidence.weigh(p, replayed(p), 2)
    np.testing.assert_allclose(weight[:, 0, 1:], np.repeat(factor[:, None] / 3, 3, axis=1))
    np.testing.assert_allclose(weight.sum(axis=2), 1)
    np.testing.assert_array_equal(kept, factor)


def test_the_record_holds_the_errors_of_the_mixture():
    p = made([[10.0, 12.0, 14.0, 16.0]], None, False)
    only_naive = np.zeros((1, 5, len(experts.ALONE)))
    only_naive[:, :, 0] = 1
    found = evidence.record(p, replayed(p), only_naive)
    np.testing.assert_allclose(found.by_year[0, :2], [1.0, 2.0])
    assert np.isnan(found.by_year[0, 2:]).all()
    assert (found.own[0], found.counted[0]) == (1.0, 2)
    assert found.missed == ()


def test_an_area_too_short_to_replay_takes_the_record_of_its_panel():
    values = np.array([[10.0 + i + 2 * t for t in range(6)] for i in range(7)])
    values[0, :-1] = np.nan
    p = made(values)
    found = evidence.record(p, replayed(p), np.full((1, 5, 6), 1 / 6))
    assert found.own[0] == pytest.approx(np.median(found.own[1:]))
    assert found.counted.tolist() == [0, 4, 4, 4, 4, 4, 4]
    assert [rows.tolist() for rows, _ in found.missed] == [[1, 2, 3, 4, 5, 6]] * 4
