import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecast.scoring import calibration_error, chance_above, crps, reliability, score_quantiles


def test_crps_of_a_sure_forecast_is_its_error():
    levels = np.linspace(0.01, 0.99, 99)
    assert crps(levels, np.full((1, 99), 10.0), np.array([13.0]))[0] == pytest.approx(3.0)


def test_crps_of_a_uniform_forecast_at_its_middle_is_a_twelfth_of_its_width():
    levels = np.linspace(0.0005, 0.9995, 1000)
    assert crps(levels, levels[None], np.array([0.5]))[0] == pytest.approx(1 / 12, abs=1e-3)


def test_chances_follow_the_quantiles_and_end_at_0_and_1():
    levels, values = np.array([0.25, 0.5, 0.75]), np.tile([10.0, 12.0, 16.0], (5, 1))
    found = chance_above(levels, values, np.array([-50.0, 10.0, 12.0, 14.0, 90.0]))
    np.testing.assert_allclose(found, [1, 0.75, 0.5, 0.375, 0])


def test_only_years_with_a_value_are_scored():
    table = pd.DataFrame({"area": "a", "model": "m", "origin": 2024, "year": [2025] * 3 + [2026] * 3,
                          "quantile": [0.025, 0.5, 0.975] * 2, "value": [1.0, 2, 3] * 2})  # fmt: skip
    found = score_quantiles(table, pd.DataFrame({"area": ["a"], "year": [2025], "value": [3.5]}))
    assert found[["year", "h", "error", "in95"]].values.tolist() == [[2025, 1, 1.5, 0.0]]
    assert np.isnan(found["in80"].iloc[0])


def test_perfect_probabilities_have_no_calibration_error():
    records = pd.DataFrame({"model": "m", "probability": [0.25] * 4, "met": [1.0, 0, 0, 0]})
    assert calibration_error(records) == 0
    assert reliability(records)["n"].tolist() == [4]
