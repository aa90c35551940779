"""Looking back uses only what was known, and says nothing where nothing can be checked."""

import pandas as pd

from dxanalysis import forecasting

NOW = pd.DataFrame({"year": [2020, 2021, 2022, 2023], "value": [10.0, 10.5, 11.0, 11.5]})


def test_the_forecast_starts_from_the_figures_as_they_stood():
    revised = NOW[:3].assign(value=[10.0, 10.5, 20.0])
    found = forecasting.look_back({"2022-12-31": revised}, NOW, bounds=(0, 100), horizon=1)
    assert found["median"].iloc[0] > 15
    assert found["inside"].tolist() == [0.0]


def test_an_unchanged_history_is_forecast_once():
    found = forecasting.look_back({"2022-12-31": NOW[:3], "2023-06-30": NOW[:3]}, NOW, bounds=(0, 100), horizon=1)
    assert found["as_of"].tolist() == ["2022-12-31"]


def test_years_after_the_last_outcome_are_left_out():
    found = forecasting.look_back({"2022-12-31": NOW[:3]}, NOW, bounds=(0, 100), horizon=3)
    assert found["year"].tolist() == [2023]


def test_a_year_without_outcome_stays_unknown():
    found = forecasting.look_back({"2021-12-31": NOW[:2]}, NOW[NOW["year"] != 2022], bounds=(0, 100), horizon=2)
    assert found["actual"].isna().tolist() == [True, False]
    assert found["inside"].isna().tolist() == [True, False]


def test_one_figure_or_none_gives_no_record():
    assert forecasting.look_back({"2020-12-31": NOW[:1]}, NOW).empty
    assert forecasting.look_back({}, NOW[:0]).empty


def test_three_years_ahead_are_looked_at_with_their_interval():
    later = pd.DataFrame({"year": range(2020, 2027), "value": [10.0, 10.5, 11.0, 11.5, 12.0, 12.5, 13.0]})
    found = forecasting.look_back({"2021-12-31": later[:2]}, later, bounds=(0, 100))
    assert found["year"].tolist() == [2022, 2023, 2024]
    assert found["actual"].tolist() == [11.0, 11.5, 12.0]
    said = forecasting.forecast(later[:2], 3, bounds=(0, 100), quantiles=[0.1, 0.5, 0.9])
    assert found[["low", "median", "high"]].to_numpy().ravel().tolist() == said["value"].tolist()
    assert found["points"].tolist() == [2, 2, 2]
    assert found["borrowed"].tolist() == said["borrowed"].tolist()[::3]
    assert found.index.tolist() == [0, 1, 2]


def test_two_figures_are_enough_and_one_that_is_missing_is_none():
    assert len(forecasting.look_back({"2021-12-31": NOW[:2]}, NOW, horizon=1)) == 1
    lacking = NOW[:2].assign(value=[10.0, None])
    assert forecasting.look_back({"2021-12-31": lacking}, NOW, horizon=1).empty
