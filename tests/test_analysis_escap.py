"""ESCAP: the anticipated progress index and its weighted regression."""

import math

import numpy as np
import pytest

from dxanalysis.analysis.verdicts.united_nations import current_status, escap_anticipated, weighted_trend
from tests.tables import cases, holds, near

INTERNET = dict(
    zip(range(2015, 2025), [45.0, 53.0, 58.14, 69.8479, 68.6616, 70.3, 74.21, 78.59, 78.08, 84.15], strict=True)
)


def logit(share):
    return math.log(share / (1 - share))


def shares_on_a_line(slope, start=0.2, years=range(2015, 2025)):
    return {year: 100 / (1 + math.exp(-(logit(start) + slope * (year - 2015)))) for year in years}


def test_internet_users_in_viet_nam_just_miss_their_target():
    verdict = escap_anticipated(INTERNET, 95, 2030)
    assert verdict.projected == pytest.approx(93.7, abs=0.05)
    assert verdict.value == pytest.approx(9.74, abs=0.005)
    assert (verdict.status, verdict.step) == ("will_meet", "on_track")


def test_the_fit_agrees_with_numpys_weighted_least_squares():
    years, values = np.array([2015, 2017, 2018, 2022]), np.array([1.0, 2.5, 2.0, 4.0])
    weights = (2030 - 2015) / (2030 - years)
    slope, intercept = np.polyfit(years - 2030.0, values, 1, w=np.sqrt(weights))
    at_end, ours = weighted_trend(years, values, 2030.0)
    assert ours == pytest.approx(slope)
    assert at_end == pytest.approx(intercept)


SHORT, RISE = {2020: 4.0, 2024: 5.0}, 100 * 1.1**10
MET = {"value": 10.0, "step": "achieved", "reason": "target_met"}
KEPT = {"reason": "at_bound_last_value_kept"}


@cases("history target year more expected", {
    "a line on the logit scale is found exactly": (
        shares_on_a_line(0.1), 90, 2030, {}, {"projected": 100 / (1 + math.exp(-(logit(0.2) + 1.5)))}),
    "without bounds growth is compound": ({2020: 100.0, 2021: 110.0, 2022: 121.0}, 500, 2030, {"bounds": None}, {
        "projected": RISE, "value": 10 * (RISE - 100) / 400}),
    "a met target gives ten whatever the trend": ({2020: 99.0, 2024: 96.0}, 95, 2030, {}, MET),
    "also of one point": ({2024: 96.0}, 95, 2030, {}, {"step": "achieved"}),
    **{f"a value exactly at its target has met it, direction {way}": (
        {2020: 45.0, 2024: 50.0}, 50, 2030, {"direction": way}, MET | {"score": 10.0}) for way in (1, -1, 0)},
    "a value at its bound keeps the latest value": (
        {2020: 0.0, 2024: 5.0}, 50, 2030, {}, {"projected": 5.0, "value": 1.0} | KEPT),
    "so does one below nothing": ({2020: -1.0, 2024: 5.0}, 50, 2030, {"bounds": None}, KEPT),
    "nothing": ({}, 50, 2030, {}, {"reason": "no_data"}),
    "one point": ({2024: 5.0}, 50, 2030, {}, {"reason": "one_point"}),
    "a past target": (SHORT, 50, 2024, {}, {"reason": "target_year_past"}),
    "no target year": (SHORT, 50, None, {}, {"reason": "no_target_year"}),
    "a base at the target": ({2020: 50.0, 2024: 45.0}, 50, 2030, {}, {"reason": "base_at_target"}),
})
def test_the_index(history, target, year, more, expected):
    assert holds(escap_anticipated(history, target, year, **more), expected)


def test_one_bound_is_none():
    history = {2020: 100.0, 2021: 110.0, 2022: 121.0}
    free = escap_anticipated(history, 500, 2030, bounds=None)
    assert escap_anticipated(history, 500, 2030, 1, (0, None)) == free


def test_a_share_never_leaves_its_bounds():
    assert escap_anticipated({2020: 50.0, 2021: 90.0, 2022: 99.0}, 99.9, 2060).projected <= 100


@pytest.mark.parametrize(("slope", "status", "step"), [
    (0.2, "will_meet", "on_track"),
    (0.12, "accelerate", "acceleration_needed"),
    (0.04, "accelerate", "limited_progress"),
    (0.0, "no_progress_expected", "limited_progress"),
    (-0.05, "no_progress_expected", "moving_away"),
])
def test_the_index_is_graded(slope, status, step):
    verdict = escap_anticipated(shares_on_a_line(slope), 70, 2030)
    assert (verdict.status, verdict.step) == (status, step)


def test_a_falling_indicator_mirrors_a_rising_one():
    up = escap_anticipated(INTERNET, 95, 2030)
    down = escap_anticipated({year: 100 - value for year, value in INTERNET.items()}, 5, 2030, -1)
    assert down.value == pytest.approx(up.value)
    assert down.projected == pytest.approx(100 - up.projected)


def test_a_missing_base_year_is_estimated_backwards():
    line = shares_on_a_line(0.1, years=range(2017, 2025))
    verdict = escap_anticipated(line, 90, 2030, base_year=2015)
    complete = escap_anticipated(shares_on_a_line(0.1), 90, 2030)
    assert verdict.value == pytest.approx(complete.value)
    assert verdict.reason == "base_year_estimated"
    assert escap_anticipated(line, 90, 2030, base_year=2019).reason == ""


@cases("value base target direction status", {
    "parity from below": (0.9, 0.8, 1.0, 0, 5.0), "parity from above": (1.1, 0.8, 1.0, 0, 5.0),
    "parity met": (1.0, 0.8, 1.0, 0, 10), "at the base": (12.66, 12.66, 20.0, 1, 0.0),
    "half of the way": (16.33, 12.66, 20.0, 1, 5.0), "behind the base": (12.0, 12.66, 20.0, 1, -0.8991825613079),
    "a standstill is exactly zero": (8.2 + 1e-15, 8.2, 0.0, -1, 0),
    **{f"at the target, direction {way}": (50.0, 45.0, 50.0, way, 10) for way in (1, -1, 0)},
})
def test_the_current_status_is_the_part_of_the_way(value, base, target, direction, status):
    assert current_status(value, base, target, direction) == near(status)
    assert escap_anticipated({2020: 40.0, 2024: 45.0}, 50, 2030, 0).step in ("on_track", "acceleration_needed")
