import pandas as pd
import pytest

from dxanalysis.forecast import archive, forecast, track_record

GSO = pd.DataFrame({"indicator": "share", "definition": "gso", "area": "viet-nam", "year": range(2018, 2024),
                    "value": [11.0, 11.9, 12.66, 12.87, 12.83, 12.87]})  # fmt: skip
LATER = pd.DataFrame({"indicator": "share", "definition": "gso", "area": "viet-nam", "year": [2024], "value": [13.17]})


@pytest.mark.parametrize("name", ["record.parquet", "record.csv"])
def test_a_published_forecast_is_kept_and_scored_when_the_figure_arrives(tmp_path, name):
    pytest.importorskip("pyarrow")
    path = tmp_path / "outputs" / name
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
