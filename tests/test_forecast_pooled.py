"""The pooled forecaster: the panel it makes of areas, replayed origins, weights, and the shrinkage of a trend."""

import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecasting import experts, forecast_panel, pooled
from dxanalysis.forecasting.distributions import read_bounds
from dxanalysis.forecasting.experts import prepare
from dxanalysis.forecasting.histories import read_history
from dxanalysis.forecasting.widths import shipped

SHARE = read_bounds((0, 100))


def fit(areas, years=6, horizon=4):
    values = 10 + np.arange(areas)[:, None] + np.arange(years) * 1.0
    names = np.repeat([f"p{i:03d}" for i in range(areas)], years)
    frame = {"area": names, "year": np.tile(np.arange(2020, 2020 + years), areas), "value": values.ravel()}
    return pooled.fit(read_history(pd.DataFrame(frame), SHARE), horizon, SHARE, shipped())


def test_five_areas_make_a_panel_and_four_do_not():
    assert fit(5).names == experts.TOGETHER
    assert fit(4).names == experts.ALONE


def test_the_spread_grows_with_the_years_ahead():
    assert (np.diff(fit(6, horizon=8).marginals.spread, axis=1) > 0).all()


@pytest.mark.parametrize("areas", [5, 4])
def test_the_centre_is_the_weighted_mean_of_the_experts_in_points_and_alone_in_logits(areas):
    found = fit(areas)
    weight, level = found.outlook.weights[:, :4], found.prepared.level[:, None]
    moves = experts.moves(found.prepared, np.arange(1, 5), shipped().memory).transpose(0, 2, 1)
    together, alone = (weight * SHARE.back(level[:, None] + moves)).sum(axis=2), (weight * moves).sum(axis=2)
    np.testing.assert_allclose(found.marginals.centre, together if areas == 5 else SHARE.back(level + alone))


def test_areas_that_end_in_different_years_are_forecast_from_their_own_last_year():
    frame = pd.DataFrame({"area": list("aabbccddee"), "year": [2020, 2021] * 4 + [2023, 2024], "value": range(10, 20)})
    found = pooled.fit(read_history(frame, SHARE), 2, SHARE, shipped())
    assert found.marginals.origin.tolist() == [2021, 2021, 2021, 2021, 2024]


def test_two_points_or_one_of_many_areas_work():
    for years in (1, 2, 3):
        assert np.isfinite(fit(7, years=years).marginals.quantiles(np.array([0.025, 0.5, 0.975]))).all()


def read(values, **columns):
    values = np.array(values, dtype=float)
    areas, years = values.shape
    frame = {"area": np.repeat([f"p{i}" for i in range(areas)], years), "year": np.tile(np.arange(years) + 2020, areas)}
    return read_history(pd.DataFrame(frame | {"value": values.ravel()} | columns), SHARE)


def test_the_error_of_revisions_to_come_adds_to_every_years_spread():
    panel = read([[10.0, 11, 12, 13], [20, 21, 22, 25]])
    plain, wide = (pooled.fit(panel, 3, SHARE, shipped(), extra).marginals for extra in (0.0, np.array([2.0, 0.0])))
    np.testing.assert_allclose(wide.spread**2 - plain.spread**2, [[4.0] * 3, [0.0] * 3], atol=1e-9)
    np.testing.assert_array_equal(wide.centre, plain.centre)


def test_the_first_years_do_not_depend_on_how_far_ahead_is_asked():
    near, far = fit(6, horizon=2), fit(6, horizon=9)
    np.testing.assert_allclose(near.outlook.weights[:, :2], far.outlook.weights[:, :2])
    np.testing.assert_allclose(near.marginals.centre, far.marginals.centre[:, :2])
    np.testing.assert_allclose(near.marginals.spread, far.marginals.spread[:, :2])


def test_the_part_borrowed_is_the_weight_of_those_who_use_others():
    found = fit(6)
    weight = dict(zip(found.names, found.outlook.weights[:, :4].mean(axis=1).T, strict=True))
    expected = weight["library"] + weight["panel_slope"] + weight["analogues"] + 0.5 * weight["shrunk_slope"]
    np.testing.assert_allclose(pooled.borrowed(found), expected)
    assert (pooled.borrowed(fit(6, years=1)) == 1).all()
    assert (pooled.borrowed(fit(6, years=2)) < 1).all()


def test_notes_say_what_was_lacking_and_nothing_else():
    assert pooled.notes(fit(5), read(10 + np.arange(5)[:, None] + np.arange(3))) == [""] * 5
    still = read(np.full((5, 3), 7.0))
    resting = "nothing ever moved: the interval is borrowed"
    assert pooled.notes(pooled.fit(still, 1, SHARE, shipped()), still) == [resting] * 5
    breaks = np.array([["", "", "new", ""], ["", "new", "", ""], [""] * 4]).ravel()
    few = read([[1.0, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]], break_before=breaks)
    alone = "fewer than 5 areas: no help from peers"
    assert pooled.notes(pooled.fit(few, 1, SHARE, shipped()), few) == [
        f"{alone}; 2 points before a break left out", f"{alone}; 1 point before a break left out", alone
    ]
    one = read([[7.1]])
    assert pooled.notes(pooled.fit(one, 1, SHARE, shipped()), one) == [
        f"one point: level only, everything else borrowed; {alone}"
    ]


def test_every_expert_is_heard_in_points():
    p = fit(6).prepared
    outlook = pooled.outlook_of(p, 3, shipped().memory)
    moves = experts.moves(p, np.arange(1, 4), shipped().memory)
    np.testing.assert_allclose(outlook.spoken, 100 / (1 + np.exp(-p.level[:, None, None] - moves)))
    values = np.array([[100.0, 120, 160]])
    plain = prepare(values, read_bounds(None), False)
    outlook = pooled.outlook_of(plain, 2, shipped().memory)
    moves = experts.moves(plain, np.arange(1, 3), shipped().memory)
    np.testing.assert_allclose(outlook.spoken, 160 + 30 * moves)
    np.testing.assert_allclose(outlook.centre[0], 160 + 30 * (outlook.weights[0] * moves[0].T).sum(axis=1))


def test_the_unit_of_one_unbounded_series_changes_its_own_forecast_only():
    """Series of a panel without bounds may count people, tonnes or millions: their sizes mean nothing to each other."""
    rows, draw = [f"p{i}" for i in range(6)], np.random.default_rng(4)
    table = pd.DataFrame({"area": np.repeat(rows, 6), "year": np.tile(np.arange(2020, 2026), 6)})
    table["value"] = 50 + draw.normal(1, 2, (6, 6)).cumsum(axis=1).ravel()
    factor = np.where(table["area"] == "p2", 1e4, 1.0)
    plain, other = (forecast_panel(table.assign(value=table["value"] * by), 4) for by in (1.0, factor))
    stretch = np.where(plain["area"] == "p2", 1e4, 1.0)
    np.testing.assert_allclose(other["value"], plain["value"] * stretch, rtol=1e-6)


# ---------- Replayed origins, weights and the shrinkage of a trend, on panels whose errors are known beforehand

NAIVE = experts.TOGETHER.index("naive")


def made(rows, bounds=(0, 100), together=True):
    values = np.array(rows, dtype=float)
    return prepare(values, read_bounds(bounds), together)


def replayed(p):
    return pooled.replay(p, shipped().memory)


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
    weight, kept = pooled.weigh(p, replayed(p), 5)
    np.testing.assert_allclose(weight.sum(axis=2), 1)
    assert weight[0, :, NAIVE].max() < 0.01
    assert kept.min() > 0.99


def test_a_panel_at_rest_stays_where_it_is():
    kept = [pooled.weigh(p, replayed(p), 5)[1][0] for p in (resting(seed=seed) for seed in range(5))]
    assert max(kept) < 0.5


def test_one_common_shock_is_counted_once():
    """All areas leap in one year: seen from every origin it is one yearly change, not six."""
    p = made([np.r_[np.full(4, 20.0 + i), np.full(4, 30.0 + i)] for i in range(8)])
    past = replayed(p)
    near, _ = pooled._log_ratios(past)
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
    assert pooled.shrinkage(np.array(ratios), np.array(recency)) == pytest.approx(expected)


def test_no_knife_edge():
    """A change of the evidence of .08 moves what is kept by less than a half."""
    at = np.linspace(-0.5, 0.5, 101)
    kept = np.array([pooled.shrinkage(np.full(4, value), np.ones(4)) for value in at])
    assert (np.diff(kept) < 0).all()
    assert (kept[:-8] - kept[8:]).max() < 0.5


def test_weights_follow_prior_and_error_ratio():
    p = rising(noise=0.5)
    past = replayed(p)
    near, far = pooled._log_ratios(past)
    prior = np.array([3.0 if name in experts.BORROWING else 1.0 for name in experts.TOGETHER])
    weight, kept = pooled.weigh(p, past, 2)
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
        weight = pooled.weigh(p, replayed(p), 3)[0][0, :, experts.TOGETHER.index("latest")]
        assert (weight > 0.9).all() if leads else (weight < 0.01).all()


def test_unbounded_panels_are_weighed_alike_without_the_latest_change():
    p = made(np.random.default_rng(0).normal(size=(6, 7)).cumsum(axis=1), None)
    weight, kept = pooled.weigh(p, replayed(p), 3)
    expected = [0 if name == "latest" else 1 / 5 for name in experts.TOGETHER]
    np.testing.assert_allclose(weight, np.tile(expected, (1, 3, 1)))
    assert (kept == 1).all()


def test_a_series_alone_follows_its_trend_as_far_as_it_is_clear():
    p = made([[10.0, 20, 30, 40, 50, 60], [10, 12, 9, 11, 10, 12], [np.nan] * 5 + [7]], None, False)
    steps, factor = 5, pooled.clearness(p)
    spread = (p.noise * (steps - 1) + 0.7**2) / steps
    square = p.drift**2 * steps / spread
    np.testing.assert_allclose(factor[:2], (1.3 * square / (square + 8))[:2])
    assert factor[0] > 1 > factor[1]
    weight, kept = pooled.weigh(p, replayed(p), 2)
    np.testing.assert_allclose(weight[:, 0, 1:], np.repeat(factor[:, None] / 3, 3, axis=1))
    np.testing.assert_allclose(weight.sum(axis=2), 1)
    np.testing.assert_array_equal(kept, factor)


def test_the_record_holds_the_errors_of_the_mixture():
    p = made([[10.0, 12.0, 14.0, 16.0]], None, False)
    only_naive = np.zeros((1, 5, len(experts.ALONE)))
    only_naive[:, :, 0] = 1
    found = pooled.record(p, replayed(p), only_naive)
    np.testing.assert_allclose(found.by_year[0, :2], [1.0, 2.0])
    assert np.isnan(found.by_year[0, 2:]).all()
    assert (found.own[0], found.counted[0]) == (1.0, 2)
    assert found.missed == ()


def test_an_area_too_short_to_replay_takes_the_record_of_its_panel():
    values = np.array([[10.0 + i + 2 * t for t in range(6)] for i in range(7)])
    values[0, :-1] = np.nan
    p = made(values)
    found = pooled.record(p, replayed(p), np.full((1, 5, 6), 1 / 6))
    assert found.own[0] == pytest.approx(np.median(found.own[1:]))
    assert found.counted.tolist() == [0, 4, 4, 4, 4, 4, 4]
    assert [rows.tolist() for rows, _ in found.missed] == [[1, 2, 3, 4, 5, 6]] * 4
