import numpy as np
import pandas as pd

from dxanalysis.forecast import pooled
from dxanalysis.forecast.constants import shipped
from dxanalysis.forecast.histories import read_history
from dxanalysis.forecast.scales import read_bounds

SHARE = read_bounds((0, 100))


def fit(areas, years=6, horizon=4):
    values = 10 + np.arange(areas)[:, None] + np.arange(years) * 1.0
    names = np.repeat([f"p{i:03d}" for i in range(areas)], years)
    frame = {"area": names, "year": np.tile(np.arange(2020, 2020 + years), areas), "value": values.ravel()}
    return pooled.fit(read_history(pd.DataFrame(frame), SHARE), horizon, SHARE, shipped())


def test_five_areas_make_a_panel_and_four_do_not():
    assert fit(5).names == pooled.TOGETHER
    assert fit(4).names == pooled.ALONE


def test_the_spread_grows_with_the_years_ahead():
    assert (np.diff(fit(6, horizon=8).marginals.spread, axis=1) > 0).all()


def test_the_centre_is_the_weighted_mean_of_the_experts_in_the_working_scale():
    found = fit(5)
    moves = pooled.expert_moves(found.prepared, np.arange(1, 5), shipped().memory)
    total = (found.weights * moves.transpose(0, 2, 1)).sum(axis=2)
    expected = SHARE.back(found.prepared.level[:, None] + total)
    np.testing.assert_allclose(found.marginals.centre, expected)


def test_areas_that_end_in_different_years_are_forecast_from_their_own_last_year():
    frame = pd.DataFrame({"area": list("aabbccddee"), "year": [2020, 2021] * 4 + [2023, 2024], "value": range(10, 20)})
    found = pooled.fit(read_history(frame, SHARE), 2, SHARE, shipped())
    assert found.marginals.origin.tolist() == [2021, 2021, 2021, 2021, 2024]


def test_two_points_or_one_of_many_areas_work():
    for years in (1, 2, 3):
        assert np.isfinite(fit(7, years=years).marginals.quantiles(np.array([0.025, 0.5, 0.975]))).all()
