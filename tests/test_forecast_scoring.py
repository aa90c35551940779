"""Scores of quantile forecasts, and the track record."""

import datetime

import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecasting import forecast
from dxanalysis.forecasting.scoring import (
    archive,
    calibration_error,
    chance_above,
    crps,
    read_archive,
    reliability,
    score_quantiles,
    track_record,
)
from tests.tables import cases, holds

NAN = float("nan")


FINE, THREE = np.linspace(0.0005, 0.9995, 1000), np.array([0.1, 0.5, 0.9])


@pytest.mark.parametrize(("levels", "values", "truth", "expected", "within"), [
    (FINE, np.full(1000, 10.0), 13.0, 3.0, 1e-3),  # a sure forecast: its error
    (FINE, FINE, 0.5, 1 / 12, 1e-3),  # a uniform one at its middle: a twelfth of its width
    # the mean pinball loss by the trapezoid: .1 of 3, .5 of 1, .1 of 2
    (THREE, np.array([10.0, 12.0, 15.0]), 13.0, 2 * (0.4 * (0.3 + 0.5) / 2 + 0.4 * (0.5 + 0.2) / 2) / 0.8, 1e-9),
])
def test_the_crps_of_known_forecasts(levels, values, truth, expected, within):
    assert crps(levels, values[None], np.array([truth]))[0] == pytest.approx(expected, abs=within)


@pytest.mark.parametrize(("levels", "values", "limits", "chances"), [
    ([0.25, 0.5, 0.75], [10.0, 12, 16], [-50.0, 10, 12, 14, 90], [1, 0.75, 0.5, 0.375, 0]),
    # beyond the outer quantiles the tails run out after one and a half steps: 10 - 1.5 * 2 = 7, 16 + 1.5 * 4 = 22
    ([0.2, 0.5, 0.8], [10.0, 12, 16], [6.99, 7.0, 8.5, 19, 22, 22.01], [1, 1, 0.9, 0.1, 0, 0]),
    ([0.1, 0.9], [5.0, 5.0], [5.001, 4.999], [0, 1]),  # a sure forecast
])
def test_chances_follow_the_quantiles_and_end_at_0_and_1(levels, values, limits, chances):
    found = chance_above(np.array(levels), np.tile(values, (len(limits), 1)), np.array(limits))
    np.testing.assert_allclose(found, chances, atol=1e-8)


def test_an_actual_value_on_an_end_of_the_interval_is_inside():
    table = pd.DataFrame({"area": "a", "model": "m", "origin": 2020, "year": np.repeat([2021, 2022, 2023, 2024], 5),
                          "quantile": [0.025, 0.1, 0.5, 0.9, 0.975] * 4, "value": [1.0, 2, 3, 4, 5] * 4})
    actual = pd.DataFrame({"area": "a", "year": [2021, 2022, 2023, 2024], "value": [2.0, 4.0, 5.0, 0.9]})
    found = score_quantiles(table, actual)
    assert found.columns.tolist() == ["area", "model", "origin", "year", "h", "actual", "median", "error", "crps",
                                      "in80", "in95"]
    assert found.index.tolist() == [0, 1, 2, 3]
    assert found["in80"].tolist() == [1, 1, 0, 0]
    assert found["in95"].tolist() == [1, 1, 1, 0]
    assert found["h"].tolist() == [1, 2, 3, 4]
    assert found["error"].tolist() == pytest.approx([1, 1, 2, 2.1])


@cases("columns truth expected", {
    "years without a value are not scored": (
        {"year": [2025] * 3 + [2026] * 3, "quantile": [0.025, 0.5, 0.975] * 2, "value": [1.0, 2, 3] * 2}, 3.5,
        {"year": [2025], "h": 1, "error": 1.5, "in95": 0.0, "in80": NAN}),
    "the median of a table without one lies between its quantiles": (
        {"quantile": [0.25, 0.75], "value": [2.0, 4.0]}, 3.5, {"median": [3.0], "in95": NAN}),
    "one quantile of an interval is no interval": ({"quantile": [0.1, 0.5], "value": [2.0, 4.0]}, 3.5, {"in80": NAN}),
})
def test_what_is_scored_of_a_table(columns, truth, expected):
    table = pd.DataFrame({"area": "a", "model": "m", "origin": 2024, "year": 2025} | columns)
    assert holds(score_quantiles(table, pd.DataFrame({"area": ["a"], "year": [2025], "value": [truth]})), expected)


def test_the_reliability_diagram_has_ten_steps_and_certainty_in_the_last():
    records = pd.DataFrame({"model": "m", "probability": [0.05, 0.19, 1.0, 0.92, np.nan], "met": [0, 1.0, 1, 0, 1]})
    found = reliability(records)
    assert found["bin"].tolist() == [0, 1, 9]
    assert found["said"].tolist() == pytest.approx([0.05, 0.19, 0.96])
    assert found["came"].tolist() == [0, 1, 0.5]
    assert calibration_error(records) == pytest.approx((0.05 + 0.81 + 2 * 0.46) / 4)
    assert reliability(records, bins=2)["n"].tolist() == [2, 2]
    assert calibration_error(pd.DataFrame({"model": "m", "probability": [0.25] * 4, "met": [1.0, 0, 0, 0]})) == 0
    assert calibration_error(records[:0]) == 0


GSO = pd.DataFrame({"indicator": "share", "definition": "gso", "area": "viet-nam", "year": range(2018, 2024),
                    "value": [11.0, 11.9, 12.66, 12.87, 12.83, 12.87]})
LATER = pd.DataFrame({"indicator": "share", "definition": "gso", "area": "viet-nam", "year": [2024], "value": [13.17]})


@pytest.mark.parametrize("name", ["record.parquet", "record.csv"])
def test_a_published_forecast_is_kept_and_scored_when_the_figure_arrives(tmp_path, name):
    pytest.importorskip("pyarrow")
    path = tmp_path / "outputs" / "record" / name
    said = forecast(GSO, 2, bounds=(0, 100))
    archive(said, path, "2024-02-01")
    archive(said, path, "2024-02-01")
    whole = archive(said, path, "2024-03-01")
    assert len(whole) == 2 * len(said)
    found = track_record(path, LATER)
    assert found[["published", "year", "actual"]].values.tolist() == [
        ["2024-02-01", 2024, 13.17], ["2024-03-01", 2024, 13.17]
    ]
    median = said.query("year == 2024 and quantile == 0.5")["value"].iloc[0]
    assert found["error"].iloc[0] == pytest.approx(abs(13.17 - median))


def test_a_published_forecast_cannot_be_changed(tmp_path):
    said = forecast(GSO, 1, bounds=(0, 100))
    archive(said, tmp_path / "record.csv", "2024-02-01")
    with pytest.raises(ValueError, match="Published forecasts are kept"):
        archive(said.assign(value=said["value"] + 1), tmp_path / "record.csv", "2024-02-01")


def test_another_definition_is_not_scored_against_it(tmp_path):
    archive(forecast(GSO, 1, bounds=(0, 100)), tmp_path / "record.csv", "2024-02-01")
    assert len(track_record(tmp_path / "record.csv", LATER.assign(definition="mic"))) == 0


def quantiles(**columns):
    frame = {"indicator": "ai", "definition": "eu", "area": "eu", "model": "m", "origin": 2023, "year": 2025}
    return pd.DataFrame(frame | {"quantile": [0.5], "value": [10.0]} | columns)


def test_a_change_too_small_to_be_one_is_none_and_the_first_value_stays(tmp_path):
    archive(quantiles(), tmp_path / "a.csv", "2024-01-01")
    whole = archive(quantiles(value=[10.0 + 5e-10]), tmp_path / "a.csv", "2024-01-01")
    assert whole["value"].tolist() == [10.0]
    with pytest.raises(ValueError, match=r"The forecast of 'eu' for 2025 published on 2024-01-01 .* 10, not 9\.5"):
        archive(quantiles(value=[9.5]), tmp_path / "a.csv", "2024-01-01")


def test_without_a_date_it_is_published_today_and_kept_in_order(tmp_path):
    whole = archive(quantiles(), tmp_path / "a.csv")
    assert whole["published"].tolist() == [str(datetime.date.today())]
    assert whole.index.tolist() == [0]
    again = archive(quantiles(value=[11.0]), tmp_path / "a.csv", "2024-01-01")
    assert again["value"].tolist() == [10.0, 11.0]
    assert again.index.tolist() == [0, 1]
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    header = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "indicator,definition,area,model,origin,year,quantile,value,published"


def test_an_area_called_na_is_read_as_it_was_written(tmp_path):
    archive(quantiles(area="NA", definition=""), tmp_path / "a.csv", "2024-01-01")
    found = read_archive(tmp_path / "a.csv")
    assert found[["area", "definition", "published"]].values.tolist() == [["NA", "", "2024-01-01"]]


def test_the_record_lists_publications_in_order_of_their_day():
    both = pd.concat([quantiles(published="2024-03-01"), quantiles(published="2024-01-01")])
    found = track_record(both, pd.DataFrame({"area": ["eu"], "year": [2025], "value": [20.0]}))
    assert found["published"].tolist() == ["2024-01-01", "2024-03-01"]
    assert found.index.tolist() == [0, 1]
    assert found[["h", "error", "crps"]].values.tolist() == [[2, 10, 10]] * 2


def test_an_empty_history_scores_nothing_and_one_without_areas_is_one_series():
    empty = track_record(quantiles(published="2024-01-01"), pd.DataFrame({"area": [], "year": [], "value": []}))
    assert len(empty) == 0
    assert empty.columns[:2].tolist() == ["published", "area"]
    table = quantiles(area="series", published="2024-01-01")
    assert track_record(table, pd.DataFrame({"year": [2025], "value": [13.0]}))["error"].tolist() == [3.0]
