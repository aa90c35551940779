"""Backtests beside the textbook models, and forecasts of past year-ends."""

import csv

import numpy as np
import pandas as pd
import pytest

from dxanalysis import forecasting
from dxanalysis.forecasting import backtest, forecast, summarise
from dxanalysis.forecasting.scoring import track_record
from tests.tables import cases, holds


def panel(areas=7, first=2012, last=2025, speed=1.5, seed=0):
    draw = np.random.default_rng(seed)
    years = np.arange(first, last + 1)
    rows = (
        10 + draw.uniform(0, 10, (areas, 1)) + speed * np.arange(len(years)) + draw.normal(0, 0.4, (areas, len(years)))
    )
    names = np.repeat([f"a{i}" for i in range(areas)], len(years))
    return pd.DataFrame({"area": names, "year": np.tile(years, areas), "value": rows.ravel()})


@pytest.mark.parametrize("areas", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_every_model_is_scored_on_the_same_past(areas):
    found = backtest(panel(areas, first=2018), 2, bounds=(0, 100), origins=2)
    assert set(found["model"]) == {"pooled", "naive", "drift", "damped", "theta"}
    assert (found["h"] == found["year"] - found["origin"]).all()
    assert found["probability"].between(0, 1).all()
    table = summarise(found)
    assert table["n"].nunique() == 1
    assert table["mase"].is_monotonic_increasing
    assert table.loc[table["model"] == "naive", "warning"].tolist() == [""]


def test_on_a_trending_panel_pooling_beats_naive():
    table = summarise(backtest(panel(), 3, bounds=(0, 100), models=["pooled", "naive"], origins=4)).set_index("model")
    assert table.loc["pooled", "mase"] < 0.5 * table.loc["naive", "mase"]
    assert table.loc["pooled", "brier"] < table.loc["naive", "brier"]


def test_nothing_after_an_origin_reaches_its_forecast():
    table, own = panel(), panel(1, seed=5).assign(area="own")
    before = backtest(own, 2, bounds=(0, 100), models=["pooled"], peers=table, origins=3)
    poisoned = table.assign(value=table["value"].where(table["year"] < 2024, 99.0))
    after = backtest(own, 2, bounds=(0, 100), models=["pooled"], peers=poisoned, origins=3)
    early = before["origin"] < 2024
    assert early.any()
    np.testing.assert_array_equal(before[early]["median"], after[early]["median"])
    assert not np.allclose(before[~early]["median"], after[~early]["median"])


def test_the_default_event_is_the_next_step_of_five_points():
    found = backtest(panel(1), 1, bounds=(0, 100), models=["naive"], origins=1)
    last = panel(1).query("year == 2024")["value"].iloc[0]
    assert found["threshold"].iloc[0] == (np.floor(last / 5) + 1) * 5


GAP = panel(1).assign(value=lambda rows: rows["value"].where(rows["year"] != 2024))
CLIMB = pd.DataFrame({"year": [2019, 2020, 2021, 2022], "value": [1.0, 2, 3, 4]})


@cases("history horizon more expected", {
    "a given threshold is the event": (panel(1), 1, {"bounds": (0, 100), "threshold": 20.0}, {"threshold": [20.0]}),
    "an area without a value at the origin is not forecast": (
        pd.concat([panel(2), panel(1, last=2022).assign(area="ended")]), 1, {}, {"area": ["a0", "a1"]}),
    "a year without a figure is no origin": (GAP, 1, {}, {"origin": []}),
    "nor is it scored": (GAP, 2, {}, {"origin": [2023], "year": [2025]}),
    "a model that needs more points has no row": (
        CLIMB, 1, {"models": ["naive", "drift", "damped"]}, {"model": ["drift", "naive"]}),
    "reaching the threshold is meeting it": (CLIMB, 1, {"threshold": 4.0}, {"threshold": [4.0], "met": [1.0]}),
    "just below is not": (CLIMB, 1, {"threshold": 4.1}, {"met": [0]}),
})
def test_what_is_scored(history, horizon, more, expected):
    assert holds(backtest(history, horizon, **{"models": ["naive"], "origins": 1} | more), expected)


def test_too_short_a_history_gives_no_records_and_no_summary():
    found = backtest(panel(1, first=2024), 1, bounds=(0, 100))
    assert len(found) == 0
    assert len(summarise(found)) == 0


def test_an_unknown_model_is_refused():
    with pytest.raises(ValueError, match="Unknown model 'oracle'"):
        backtest(panel(1), 1, models=["oracle"])


def test_the_digital_decade_case_official_baselines_missed_what_an_honest_interval_holds(shared):
    """Enterprises using AI in the EU: official 2030 baselines of 20 and 17 %; 20 % was reached in 2025.

    From the two points of 2023 nobody saw it coming for 2025, nor do we; even for 2030 our 95 % interval ends just
    short of it (the test says so). With the third point the 90 % interval for the very next year holds it.
    """
    with (shared / "oracles" / "eu_digital_decade_baselines.csv").open(encoding="utf-8") as lines:
        row = next(row for row in csv.DictReader(lines) if row["kpi"] == "enterprises using AI, %")
    assert (row["official_baseline_2030_made_2023"], row["official_baseline_2030_made_2024"]) == ("20", "17")
    assert row["later_observed"] == "13.5 (2024); 20.0 (2025)"
    assert "+0.4 pp on 2021" in row["sources"]

    def said(years, values, year):
        table = forecast(pd.DataFrame({"year": years, "value": values}), 7, bounds=(0, 100))
        return table[table["year"] == year].set_index("quantile")["value"]

    assert said([2021, 2023], [7.6, 8.0], 2025).loc[0.975] < 20  # a surprise to us, too
    assert 17 < said([2021, 2023], [7.6, 8.0], 2030).loc[0.975] < 20
    assert said([2021, 2023, 2024], [7.6, 8.0, 13.5], 2025).loc[0.95] > 20 > 17
    assert said([2021, 2023, 2024], [7.6, 8.0, 13.5], 2030).loc[0.8] > 20


def test_the_track_record_scores_the_official_baselines(shared):
    """Five years before its date the baseline of 2023 was reached, that of 2024 was passed by 3 points."""
    assert (shared / "oracles" / "eu_digital_decade_baselines.csv").is_file()
    official = pd.DataFrame({"indicator": "ai", "definition": "eurostat", "area": "eu", "model": "official",
                             "origin": [2023, 2024], "year": 2030, "quantile": 0.5, "value": [20.0, 17.0],
                             "published": ["2023-09-27", "2024-07-02"]})
    assert len(track_record(official, pd.DataFrame({"area": ["eu"], "year": [2025], "value": [20.0]}))) == 0
    errors = track_record(official, pd.DataFrame({"area": ["eu"], "year": [2030], "value": [20.0]}))["error"]
    assert errors.tolist() == [0.0, 3.0]  # if use stood still from 2025 on; every rise adds to both


def records(model, error, **columns):
    frame = {"area": "a", "origin": 2024, "year": 2025, "scale": 0.5, "in80": 1.0, "in95": 1.0, "met": 1.0}
    return pd.DataFrame(frame | {"model": model, "error": error, "crps": 0.1, "probability": 0.7} | columns, index=[0])


def test_the_summary_by_hand():
    both = [records("m", 0.2), records("m", 0.6, origin=2023, scale=2.0, in80=0.0, met=0.0, crps=0.4, in95=0.0)]
    (row,) = summarise(pd.concat(both)).to_dict("records")
    assert row == {"model": "m", "n": 2, "mase": pytest.approx((0.4 + 0.3) / 2), "crps": pytest.approx(0.2),
                   "cov80": 0.5, "cov95": 0.5, "brier": pytest.approx((0.09 + 0.49) / 2), "ece": pytest.approx(0.2),
                   "warning": ""}


def test_only_forecasts_that_all_models_made_are_summarised_the_best_first():
    table = pd.concat([records("naive", 0.4), records("theta", 0.3), records("naive", 9.0, origin=2020)])
    found = summarise(table)
    assert found["model"].tolist() == ["theta", "naive"]
    assert found["n"].tolist() == [1, 1]
    assert found.index.tolist() == [0, 1]
    assert found["warning"].tolist() == ["", ""]
    tied = pd.concat([records("naive", 0.3), records("damped", 0.3)])
    assert summarise(tied)["warning"].tolist() == ["", ""]


@pytest.mark.parametrize(
    ("last", "bounds", "expected"),
    [(21.0, (10, 60), 22.5), (22.5, (10, 60), 25.0), (24.9, (0, 100), 25.0), (25.0, (0, 100), 30.0), (7.0, None, 7.0)],
)
def test_the_next_step_is_a_twentieth_of_the_range_above(last, bounds, expected):
    table = pd.DataFrame({"year": [2019, 2020, 2021, 2022], "value": [last - 2, last - 1, last, last]})
    found = backtest(table, 1, bounds=bounds, models=["naive"], origins=1)
    assert found["threshold"].tolist() == [expected]
    assert found["scale"].tolist() == pytest.approx([1.0])


def test_by_default_four_origins_three_years_and_three_points():
    table = pd.DataFrame({"year": range(2014, 2022), "value": np.arange(8.0)})
    found = backtest(table, models=["naive"])
    assert found.groupby("origin").size().to_dict() == {2017: 3, 2018: 3, 2019: 2, 2020: 1}
    short = backtest(table[:5], 1, models=["naive"])
    assert short["origin"].tolist() == [2016, 2017]
    assert backtest(table[:5], 1, models=["naive"], least=2)["origin"].tolist() == [2015, 2016, 2017]


NOW = pd.DataFrame({"year": [2020, 2021, 2022, 2023], "value": [10.0, 10.5, 11.0, 11.5]})


NAN = float("nan")


@cases("releases outcome horizon expected", {
    "starts from the figures as they stood": (
        {"2022-12-31": NOW[:3].assign(value=[10.0, 10.5, 20.0])}, NOW, 1, {"inside": [0.0]}),
    "an unchanged history is forecast once": (
        {"2022-12-31": NOW[:3], "2023-06-30": NOW[:3]}, NOW, 1, {"as_of": ["2022-12-31"]}),
    "years after the last outcome are left out": ({"2022-12-31": NOW[:3]}, NOW, 3, {"year": [2023]}),
    "a year without outcome stays unknown": (
        {"2021-12-31": NOW[:2]}, NOW[NOW["year"] != 2022], 2, {"actual": [NAN, 11.5], "inside": [NAN, 1.0]}),
    "one figure gives no record": ({"2020-12-31": NOW[:1]}, NOW, 3, {"year": []}),
    "none gives no record": ({}, NOW[:0], 3, {"year": []}),
    "two figures are enough": ({"2021-12-31": NOW[:2]}, NOW, 1, {"year": [2022]}),
    "one that is missing is none": ({"2021-12-31": NOW[:2].assign(value=[10.0, None])}, NOW, 1, {"year": []}),
})
def test_the_forecasts_of_past_year_ends(releases, outcome, horizon, expected):
    found = forecasting.look_back(releases, outcome, bounds=(0, 100), horizon=horizon)
    assert holds(found, expected) and (found.empty or (found["median"].iloc[0] > 15) == (expected == {"inside": [0.0]}))


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
