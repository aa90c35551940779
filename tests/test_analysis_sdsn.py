"""SDSN: 97 countries' normalised scores, goal means and colours as published, and the trend arrows."""

import math

import numpy as np
import pandas as pd
import pytest

from dxanalysis.analysis.verdicts.sdsn import (
    sdsn_colour,
    sdsn_goal,
    sdsn_goal_trend,
    sdsn_index,
    sdsn_normalise,
    sdsn_place,
    sdsn_trend,
)
from tests.tables import cases, holds

CUTS = {"a": (0.0, 1.0, 2.0, 3.0), "b": (0.0, 1.0, 2.0, 3.0), "c": (0.0, 1.0, 2.0, 3.0), "d": (0.0, 1.0, 2.0, 3.0)}


def load(shared):
    countries = pd.read_csv(shared / "oracles/sdsn2018_goal9.csv")
    bounds = pd.read_csv(shared / "oracles/sdsn2018_goal9_bounds.csv")
    return countries, bounds


def test_all_normalised_scores_of_97_countries_agree_to_1e_12(shared):
    countries, bounds = load(shared)
    largest, compared, complete = 0.0, 0, countries["norm_internet_use_pct"].notna()
    for bound in bounds.itertuples():
        scores = sdsn_normalise(countries[bound.indicator], bound.lower_bound, bound.upper_bound)
        published = countries[f"norm_{bound.indicator}"]
        both = published.notna()
        largest = max(largest, float((scores[both] - published[both]).abs().max()))
        compared += int(both.sum())
    print(f"SDSN normalised scores: {compared} of {complete.sum()} countries with a score, {len(countries)} countries")
    assert len(countries) == 97
    assert compared > 500
    assert largest < 1e-12


def test_the_goal_score_is_the_mean_where_enough_is_known(shared):
    countries, bounds = load(shared)
    columns = [f"norm_{name}" for name in bounds["indicator"]]
    without_oecd = countries[(countries["oecd"] == 0) & countries["goal9_score"].notna()]
    means = [sdsn_goal(row) for row in without_oecd[columns].to_numpy()]
    assert np.allclose(means, without_oecd["goal9_score"], atol=1e-9)
    assert len(means) > 50


def test_the_colours_of_all_countries_outside_the_oecd_agree(shared):
    countries, bounds = load(shared)
    outside = countries[countries["oecd"] == 0]
    names = bounds["indicator"].tolist()
    got = [sdsn_colour(row, bounds).status for row in outside[names].to_dict("records")]
    right = sum(a == b for a, b in zip(got, outside["goal9_dashboard"], strict=True))
    print(f"SDSN goal colours: {right}/{len(outside)} non-OECD countries")
    assert got == outside["goal9_dashboard"].tolist()
    assert len(outside) == 76


def test_scores_are_held_within_0_and_100_and_gaps_stay_gaps():
    scores = sdsn_normalise(pd.Series([-5.0, 0.0, 25.0, 200.0, math.nan], name="x"), 0.0, 50.0)
    assert scores.tolist()[:4] == [0.0, 0.0, 50.0, 100.0]
    assert math.isnan(scores.iloc[4]) and scores.name == "x"


def test_bounds_may_fall_where_less_is_better():
    assert sdsn_normalise(np.array([40.0, 30.0, 20.0]), 40.0, 20.0).tolist() == [0.0, 50.0, 100.0]


def test_equal_bounds_are_refused():
    with pytest.raises(ValueError, match=r"Bounds 5\.0 and 5\.0 are equal"):
        sdsn_normalise(1.0, 5.0, 5.0)


def test_a_goal_is_the_mean_of_what_is_known():
    assert sdsn_goal([1.0, 2.0, math.nan]) == 1.5
    assert math.isnan(sdsn_goal([math.nan])) and math.isnan(sdsn_goal([]))


def test_the_index_needs_four_fifths_of_all_indicators():
    assert sdsn_index({"8": [10.0, 20.0], "9": [30.0, 40.0, math.nan]}) == 25.0
    assert math.isnan(sdsn_index({"8": [10.0, 20.0], "9": [30.0, math.nan, math.nan]}))
    assert math.isnan(sdsn_index({}))


def colour(*places):
    return sdsn_colour(dict(zip("abcd", places, strict=False)), CUTS).status


@pytest.mark.parametrize(("two_worst", "expected"), [
    ((2.0, 2.0), "green"),
    ((1.99, 2.9), "yellow"),
    ((0.2, 2.9), "yellow"),
    ((1.5, 1.5), "yellow"),
    ((1.49, 1.5), "orange"),
    ((0.2, 2.7), "orange"),
    ((0.0, 1.0), "orange"),
    ((0.99, 0.99), "red"),
    ((0.0, 0.0), "red"),
])
def test_the_two_worst_indicators_decide(two_worst, expected):
    assert colour(*two_worst, 3.0, 3.0) == expected


def test_with_fewer_than_half_of_the_indicators_the_goal_is_gray():
    assert colour(2.5, 2.5, math.nan, math.nan) == "green"
    assert colour(2.5, math.nan, math.nan, math.nan) == "gray"
    assert sdsn_colour({}, {}).status == "gray"
    assert not sdsn_colour({}, CUTS).available


def test_a_single_indicator_decides_alone():
    assert sdsn_colour({"a": 1.6}, {"a": CUTS["a"]}).status == "yellow"


def test_a_value_is_placed_between_its_thresholds():
    assert [sdsn_place(x, 0, 10, 30, 40) for x in (-1, 5, 10, 20, 35, 50)] == [0, 0.5, 1, 1.5, 2.5, 3]
    assert [sdsn_place(x, 40, 30, 10, 0) for x in (45, 35, 30, 20, 5, -1)] == [0, 0.5, 1, 1.5, 2.5, 3]


def test_a_red_threshold_at_the_lower_bound_is_placed_at_one():
    assert [sdsn_place(x, 0, 0, 20, 91) for x in (0, 10, 20)] == [1.0, 1.5, 2.0]


def test_thresholds_may_have_short_names_and_must_be_complete():
    table = pd.DataFrame({"lower": [0.0], "red": [1.0], "green": [2.0], "upper": [3.0]}, index=["a"])
    assert sdsn_colour({"a": 2.5}, table).status == "green"
    with pytest.raises(ValueError, match="no column 'red'"):
        sdsn_colour({"a": 2.5}, table.drop(columns="red"))


def arrow(last, direction=1, target=30.0):
    """Return the verdict for a series at 10 in 2015 (or mirrored) that needs one point a year to 30 in 2035."""
    return sdsn_trend({2015: 10.0 * direction, 2025: last * direction}, target * direction, 2035, direction)


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize(("last", "status", "step", "score"), [
    (20.0, "on_track", "on_track", 3.0),
    (26.0, "on_track", "on_track", 4.0),
    (19.9, "moderately_improving", "acceleration_needed", 2.98),
    (15.0, "moderately_improving", "acceleration_needed", 2.0),
    (14.9, "stagnating", "limited_progress", 1.98),
    (10.0, "stagnating", "limited_progress", 1.0),
    (9.9, "decreasing", "moving_away", 0.98),
    (0.0, "decreasing", "moving_away", 0.0),
    (31.0, "on_track", "achieved", 4.0),
])
def test_the_observed_change_is_compared_with_the_needed_one(last, direction, status, step, score):
    verdict = arrow(last, direction)
    assert (verdict.status, verdict.step) == (status, step)
    assert verdict.score == pytest.approx(score)
    assert verdict.value == pytest.approx((last - 10) / 10)


OFF = {2014: 10.0, 2020: 16.0, 2024: 20.0}


@cases("history target year more expected", {
    "above green throughout is maintaining even when falling": (
        {2015: 90.0, 2024: 81.0}, 80, 2030, {}, {"status": "maintaining", "score": 4.0, "step": "achieved"}),
    "a threshold lost is decreasing": (
        {2015: 85.0, 2024: 79.0}, 80, 2030, {}, {"status": "decreasing", "reason": "target_lost", "score": 0.0}),
    "the base year may be one year off": (OFF, 30, 2034, {"base_year": 2015}, {"value": 1.0}),
    "but not two": (OFF, 30, 2034, {"base_year": 2016}, {"reason": "base_year_missing"}),
    "it may be chosen": (OFF, 30, 2034, {"base_year": 2020}, {"value": 1.0}),
    "one point": ({2020: 10.0}, 30, 2030, {}, {"reason": "one_point"}),
    "nothing": ({}, 30, 2030, {}, {"reason": "no_data"}),
    "a target of the base year": (
        {2020: 10.0, 2024: 11.0}, 30, 2020, {}, {"reason": "target_year_not_after_base"}),
    "a band is approached": ({2015: 40.0, 2025: 45.0}, 50, 2035, {"direction": 0}, {"value": 1.0}),
})
def test_the_arrow(history, target, year, more, expected):
    assert holds(sdsn_trend(history, target, year, **more), expected)


def test_normalised_values_give_the_same_ratio():
    history = {2015: 45.0, 2024: 84.15}
    raw, scored = sdsn_trend(history, 95, 2030), sdsn_trend(history, 95, 2030, lower=2.2, upper=100.0)
    assert scored.value == pytest.approx(raw.value)
    assert scored.projected == pytest.approx((45 + 15 * 4.35 - 2.2) / 97.8 * 100)
    assert sdsn_trend(history, 95, 2030, lower=2.2).projected == pytest.approx(45 + 15 * 4.35)
    assert sdsn_trend({2015: 40.0, 2024: 30.0}, 20, 2030, -1, lower=60.0, upper=0.0).value == pytest.approx(
        10 / 9 / (20 / 15)
    )


def test_a_goal_trend_needs_three_quarters_of_its_indicators():
    up, down, none = arrow(26.0), arrow(0.0), sdsn_trend({}, 30, 2030)
    assert sdsn_goal_trend([up, up, up, none]).status == "on_track"
    assert sdsn_goal_trend([up, up, none]).reason == "fewer_than_75_percent_of_the_indicators"
    assert sdsn_goal_trend([up, down]).status == "moderately_improving"
    assert sdsn_goal_trend([up, down, down]).status == "stagnating"
    assert sdsn_goal_trend([down]).status == "decreasing"
    assert sdsn_goal_trend([]).status == "not_available"
