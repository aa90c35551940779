import datetime

import pandas as pd
import pytest

from dxanalysis.forecasting import archive, forecast, track_record
from dxanalysis.forecasting.track import read_archive

GSO = pd.DataFrame({"indicator": "share", "definition": "gso", "area": "viet-nam", "year": range(2018, 2024),
                    "value": [11.0, 11.9, 12.66, 12.87, 12.83, 12.87]})  # fmt: skip
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
    ]  # fmt: skip
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


def test_an_empty_history_scores_nothing():
    empty = track_record(quantiles(published="2024-01-01"), pd.DataFrame({"area": [], "year": [], "value": []}))
    assert len(empty) == 0
    assert empty.columns[:2].tolist() == ["published", "area"]


def test_a_history_without_areas_is_one_series():
    table = quantiles(area="series", published="2024-01-01")
    assert track_record(table, pd.DataFrame({"year": [2025], "value": [13.0]}))["error"].tolist() == [3.0]
