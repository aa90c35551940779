"""In how many reasonable specifications the verdict stays the same."""


import pandas as pd
import pytest

from dxanalysis import analysis
from dxanalysis.analysis.sensitivity import robustness, specifications
from tests.records import SHARE, agreed
from tests.tables import cases, holds

GSO = pd.DataFrame({"year": range(2020, 2025), "value": [12.66, 12.87, 12.83, 12.87, 13.17]})
FIRST = pd.DataFrame({"year": range(2020, 2024), "value": [12.66, 12.87, 12.63, 12.33]})
GOAL = pd.DataFrame({"year": [2025], "value": [20.0]})


def summary(history=GSO, targets=GOAL, **more):
    return robustness_of(history, targets, **more).iloc[0]


def robustness_of(history, targets, **more):
    found = agreed(analysis.judge(history, targets, SHARE))
    return robustness(history, targets, SHARE, found, **more)


def test_the_summary_counts_what_the_list_shows():
    table = specifications(GSO, GOAL, SHARE)
    judged = table[table["step"] != "not_available"]
    row = summary()
    assert row["tried"] == len(judged)
    assert row["same"] == (judged["step"] == row["step"]).sum()
    assert row["not_available"] == len(table) - len(judged)
    assert row["borderline"] == judged["borderline"].sum()
    assert row["share"] == pytest.approx(row["same"] / row["tried"])


def test_no_specification_counts_twice():
    table = specifications(GSO, GOAL, SHARE)
    assert not table.duplicated(["method", "base_year", "end_year", "vintage", "decimals"]).any()


def test_a_rounding_that_changes_nothing_adds_nothing():
    whole = pd.DataFrame({"year": range(2015, 2025), "value": [float(v) for v in range(10, 20)]})
    assert summary(whole)["tried"] == summary(whole, decimals=(None, 1))["tried"]


def test_base_year_end_point_and_rounding_are_varied():
    table = specifications(GSO, GOAL, SHARE)
    assert sorted(table["base_year"].unique()) == [2020, 2021, 2022, 2023]
    assert sorted(table["end_year"].unique()) == [2023, 2024]
    assert table["decimals"].dropna().unique().tolist() == [1]


def test_another_release_is_varied_too():
    table = specifications(GSO, GOAL, SHARE, vintages={"2023-12-29": FIRST})
    assert sorted(table["vintage"].unique()) == ["2023-12-29", "latest"]
    steps = set(table[table["vintage"] == "2023-12-29"]["step"])
    assert "moving_away" in steps
    row = summary(vintages={"2023-12-29": FIRST})
    assert row["step"] == "limited_progress"
    assert row["share"] < summary()["share"]
    assert not row["share"] >= 0.9


def test_the_choice_that_matters_most_is_named():
    assert summary(vintages={"2023-12-29": FIRST})["most_sensitive"] in ("vintage", "end_year", "base_year")
    assert summary()["most_sensitive"] == ""


STEADY = pd.DataFrame({"year": range(2015, 2025), "value": [85.0 + i for i in range(10)]})


@cases("history targets expected", {
    "the same everywhere is robust": (
        STEADY, pd.DataFrame({"year": [2030], "value": [90.0]}), {"share": 1.0, "step": "achieved"}),
    "too little data gives no verdict to vary": (
        GSO.iloc[:1], GOAL, {"step": "not_available", "tried": 0, "share": float("nan")}),
    "nothing gives none either": (GSO.iloc[:0], GOAL, {"tried": 0}),
    "each target has its row": (
        GSO, pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]}), {"target_year": [2025, 2030]}),
})
def test_the_summary(history, targets, expected):
    assert holds(robustness_of(history, targets), expected)


def test_a_long_series_is_started_from_six_years_at_most():
    long = pd.DataFrame({"year": range(1990, 2025), "value": [float(i) for i in range(35)]})
    table = specifications(long, GOAL, SHARE)
    assert table.groupby("end_year")["base_year"].nunique().max() <= 6


def test_destatis_is_asked_again_only_where_its_last_six_points_differ():
    long = pd.DataFrame({"year": range(2010, 2025), "value": [float(v * v) / 10 for v in range(15)]})
    table = specifications(long, GOAL, SHARE, decimals=(None,))
    asked = table[(table["method"] == "destatis") & (table["end_year"] == 2024)]
    statcan = table[(table["method"] == "statcan") & (table["end_year"] == 2024)]
    assert asked["base_year"].tolist() == [2010, 2020, 2023]
    assert len(statcan) == 6


def test_a_release_that_differs_in_the_middle_only_is_new_to_the_methods_that_look_there():
    middle = GSO.assign(value=[12.66, 12.87, 12.63, 12.87, 13.17])
    table = specifications(GSO, GOAL, SHARE, vintages={"first": middle}, decimals=(None,))
    new = table[table["vintage"] == "first"]
    whole = new[(new["base_year"] == 2020) & (new["end_year"] == 2024)]
    assert set(whole["method"]) == {"destatis", "escap"}
    assert set(new["method"]) == set(table["method"])  # from 2022 on, or up to it, the others see it as well


def test_the_verdict_compared_with_is_that_of_the_whole_series_only():
    fast_at_the_end = pd.DataFrame({"year": range(2018, 2025), "value": [22.0, 22, 26, 28, 26, 29, 36]})
    goal = pd.DataFrame({"year": [2030], "value": [60.0]})
    whole = agreed(analysis.judge(fast_at_the_end, goal, SHARE))["step"].iloc[0]
    row = summary(fast_at_the_end, goal)
    assert row["step"] == whole == "acceleration_needed"
    assert row["most_sensitive"] == "base_year" and row["share"] < 0.9
