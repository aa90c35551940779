"""Textbook models beside the house's own: the values and intervals that each gives, and the points it needs."""

import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecasting import forecast
from dxanalysis.forecasting.distributions import read_bounds
from dxanalysis.forecasting.forecasts import baseline, simple_rules

PLAIN, ENDS = read_bounds(None), np.array([0.025, 0.5, 0.975])
SERIES = np.array([10.0, 12.0, 11.0, 15.0])  # changes 2, -1, 4


def test_naive_is_a_random_walk_with_the_root_mean_square_change():
    found = baseline("naive", SERIES, 3, ENDS, PLAIN)
    width = 1.959964 * np.sqrt(21 / 3) * np.sqrt([1, 2, 3])
    np.testing.assert_allclose(found, np.stack([15 - width, np.full(3, 15), 15 + width], axis=1), rtol=1e-3)


def test_drift_goes_on_by_the_mean_change_and_errs_by_its_deviation():
    found = baseline("drift", SERIES, 2, ENDS, PLAIN)
    np.testing.assert_allclose(found[:, 1], 15 + 5 / 3 * np.arange(1, 3), rtol=1e-4)
    deviation = np.std([2, -1, 4], ddof=1) * np.sqrt(np.arange(1, 3) + np.arange(1, 3) ** 2 / 3)
    np.testing.assert_allclose(found[:, 2] - found[:, 1], 1.959964 * deviation, rtol=1e-5)


def test_the_damped_trend_starts_at_the_last_figure_fades_and_widens():
    found = baseline("damped", SERIES, 4, ENDS, PLAIN)
    np.testing.assert_allclose(found[:, 1], 15 + 5 / 3 * np.cumsum(0.9 ** np.arange(1, 5)))
    assert (np.diff(found[:, 2] - found[:, 0]) > 0).all()


def test_a_gap_counts_as_one_change_of_several_steps():
    found = baseline("drift", np.array([10.0, np.nan, np.nan, 16.0, 19.0]), 1, ENDS, PLAIN)
    drift, variance = 9 / 4, (6 - 27 / 4) ** 2 / 3 + (3 - 9 / 4) ** 2
    np.testing.assert_allclose(found[0, 1:], [19 + drift, 19 + drift + 1.959964 * np.sqrt(variance * 1.25)], rtol=1e-6)


def test_theta_has_the_interval_its_own_library_gives():
    from statsmodels.tsa.forecasting.theta import ThetaModel

    series = np.array([10.0, 12, 11, 15, 14, 18, 17, 21, 20, 25])
    found = baseline("theta", series, 3, ENDS, PLAIN)
    fitted = ThetaModel(series, period=1, deseasonalize=False).fit()
    np.testing.assert_allclose(found[:, 1], fitted.forecast(3))
    np.testing.assert_allclose(found[:, [0, 2]], fitted.prediction_intervals(3, alpha=0.05), rtol=1e-9)


def test_a_series_that_never_moved_stays_for_sure():
    found = baseline("drift", np.array([4.0, np.nan, 4.0, 4.0]), 2, ENDS, PLAIN)
    assert found.tolist() == [[4.0] * 3] * 2
    almost = baseline("naive", np.array([4.0, 4.0 + 1e-9]), 1, ENDS, PLAIN)
    assert almost[0, 0] < almost[0, 2]


@pytest.mark.parametrize(("model", "least"), [("naive", 2), ("drift", 3), ("damped", 4), ("theta", 4)])
def test_each_model_says_how_many_points_it_needs(model, least):
    short = np.r_[np.nan, np.arange(1.0, least)]
    with pytest.raises(ValueError, match=f"'{model}' needs {least} points and the history has {least - 1}"):
        baseline(model, short, 1, ENDS, PLAIN)


def test_the_textbook_table_has_a_row_per_year_and_quantile_of_each_area():
    gso = pd.DataFrame({"year": range(2020, 2026), "value": [12.66, 12.87, 12.83, 12.87, 13.17, 14.02]})
    two = pd.concat([gso.assign(area="b"), gso[2:].assign(area="a", value=[1.0, 2.0, 3.0, 5.0])])
    found = forecast(two, 2, model="naive", quantiles=[0.1, 0.5, 0.9])
    assert found["area"].tolist() == ["a"] * 6 + ["b"] * 6
    assert found["year"].tolist() == [2026, 2026, 2026, 2027, 2027, 2027] * 2
    assert found["quantile"].tolist() == [0.1, 0.5, 0.9] * 4
    np.testing.assert_allclose(found["value"].to_numpy()[[1, 4, 7, 10]], [5, 5, 14.02, 14.02])
    assert (found["borrowed"] == 0).all()
    assert found.index.tolist() == list(range(12))


FOUR = pd.DataFrame({"year": range(2020, 2024), "value": [12.66, 12.87, 12.83, 12.87]})


def models(history: pd.DataFrame) -> list[str]:
    return simple_rules(history, 2, bounds=(0, 100))["model"].unique().tolist()


def test_each_rule_speaks_from_its_least_number_of_points_on():
    assert [models(FOUR[:n]) for n in range(5)] == [
        [],
        [],
        ["naive"],
        ["naive", "drift"],
        ["naive", "drift", "damped"],
    ]


def test_only_points_after_a_break_count():
    broken = FOUR.assign(break_before=["", "", "", "another method"])
    assert models(broken) == []


def test_no_change_means_the_last_value():
    table = simple_rules(FOUR, 2, bounds=(0, 100))
    middle = table[(table["model"] == "naive") & (table["quantile"] == 0.5)]
    assert middle["value"].tolist() == pytest.approx([12.87, 12.87])
