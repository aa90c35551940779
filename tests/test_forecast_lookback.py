"""Looking back uses only what was known, and says nothing where nothing can be checked."""

import pandas as pd

from dxanalysis import forecast

NOW = pd.DataFrame({"year": [2020, 2021, 2022, 2023], "value": [10.0, 10.5, 11.0, 11.5]})


def test_the_forecast_starts_from_the_figures_as_they_stood():
    revised = NOW[:3].assign(value=[10.0, 10.5, 20.0])
    found = forecast.look_back({"2022-12-31": revised}, NOW, bounds=(0, 100), horizon=1)
    assert found["median"].iloc[0] > 15
    assert found["inside"].tolist() == [0.0]


def test_an_unchanged_history_is_forecast_once():
    found = forecast.look_back({"2022-12-31": NOW[:3], "2023-06-30": NOW[:3]}, NOW, bounds=(0, 100), horizon=1)
    assert found["as_of"].tolist() == ["2022-12-31"]


def test_years_after_the_last_outcome_are_left_out():
    found = forecast.look_back({"2022-12-31": NOW[:3]}, NOW, bounds=(0, 100), horizon=3)
    assert found["year"].tolist() == [2023]


def test_a_year_without_outcome_stays_unknown():
    found = forecast.look_back({"2021-12-31": NOW[:2]}, NOW[NOW["year"] != 2022], bounds=(0, 100), horizon=2)
    assert found["actual"].isna().tolist() == [True, False]
    assert found["inside"].isna().tolist() == [True, False]


def test_one_figure_or_none_gives_no_record():
    assert forecast.look_back({"2020-12-31": NOW[:1]}, NOW).empty
    assert forecast.look_back({}, NOW[:0]).empty
