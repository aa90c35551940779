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
