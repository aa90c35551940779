"""ESCAP: the anticipated progress index and its weighted regression."""

import math

import numpy as np
import pytest

from dxanalysis.analysis.verdicts.escap import current_status, escap_anticipated, weighted_trend

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


def test_a_line_on_the_logit_scale_is_found_exactly():
    verdict = escap_anticipated(shares_on_a_line(0.1), 90, 2030)
    assert verdict.projected == pytest.approx(100 / (1 + math.exp(-(logit(0.2) + 1.5))))


def test_without_bounds_growth_is_compound():
    verdict = escap_anticipated({2020: 100.0, 2021: 110.0, 2022: 121.0}, 500, 2030, bounds=None)
    assert verdict.projected == pytest.approx(100 * 1.1**10)
    assert verdict.value == pytest.approx(10 * (100 * 1.1**10 - 100) / 400)
    assert escap_anticipated({2020: 100.0, 2021: 110.0, 2022: 121.0}, 500, 2030, 1, (0, None)) == verdict


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


def test_a_met_target_gives_ten_whatever_the_trend():
    verdict = escap_anticipated({2020: 99.0, 2024: 96.0}, 95, 2030)
    assert (verdict.value, verdict.step, verdict.reason) == (10.0, "achieved", "target_met")
    assert escap_anticipated({2024: 96.0}, 95, 2030).step == "achieved"


def test_a_value_at_its_bound_keeps_the_latest_value():
    verdict = escap_anticipated({2020: 0.0, 2024: 5.0}, 50, 2030)
    assert (verdict.projected, verdict.value, verdict.reason) == (5.0, 1.0, "at_bound_last_value_kept")
    assert escap_anticipated({2020: -1.0, 2024: 5.0}, 50, 2030, bounds=None).reason == "at_bound_last_value_kept"


def test_a_missing_base_year_is_estimated_backwards():
    line = shares_on_a_line(0.1, years=range(2017, 2025))
    verdict = escap_anticipated(line, 90, 2030, base_year=2015)
    complete = escap_anticipated(shares_on_a_line(0.1), 90, 2030)
    assert verdict.value == pytest.approx(complete.value)
    assert verdict.reason == "base_year_estimated"
    assert escap_anticipated(line, 90, 2030, base_year=2019).reason == ""


def test_what_cannot_be_judged_says_why():
    assert escap_anticipated({}, 50, 2030).reason == "no_data"
    assert escap_anticipated({2024: 5.0}, 50, 2030).reason == "one_point"
    assert escap_anticipated({2020: 4.0, 2024: 5.0}, 50, 2024).reason == "target_year_past"
    assert escap_anticipated({2020: 4.0, 2024: 5.0}, 50, None).reason == "no_target_year"
    assert escap_anticipated({2020: 50.0, 2024: 45.0}, 50, 2030).reason == "base_at_target"


def test_parity_counts_the_distance_on_either_side():
    assert current_status(0.9, 0.8, 1.0, 0) == pytest.approx(5.0)
    assert current_status(1.1, 0.8, 1.0, 0) == pytest.approx(5.0)
    assert current_status(1.0, 0.8, 1.0, 0) == 10.0
    assert escap_anticipated({2020: 40.0, 2024: 45.0}, 50, 2030, 0).step in ("on_track", "acceleration_needed")


def test_the_current_status_of_a_standstill_is_exactly_zero():
    assert current_status(8.2 + 1e-15, 8.2, 0.0, -1) == 0.0


@pytest.mark.parametrize(("value", "status"), [(12.66, 0.0), (16.33, 5.0), (12.0, -0.8991825613079)])
def test_the_current_status_is_the_part_of_the_way(value, status):
    assert current_status(value, 12.66, 20.0, 1) == pytest.approx(status)


@pytest.mark.parametrize("direction", [1, -1, 0])
def test_a_value_exactly_at_its_target_has_met_it(direction):
    verdict = escap_anticipated({2020: 45.0, 2024: 50.0}, 50, 2030, direction)
    assert (verdict.reason, verdict.value, verdict.score, verdict.step) == ("target_met", 10.0, 10.0, "achieved")
    assert current_status(50.0, 45.0, 50.0, direction) == 10.0
