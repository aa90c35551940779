"""The UN Progress Chart: thresholds, extrapolation and exceptions."""

import math

import pytest

from dxanalysis.analysis.verdicts.progress_chart import binary, un_chart


def test_internet_users_in_viet_nam_are_carried_on_to_an_impossible_share():
    verdict = un_chart(2015, 45.0, 2024, 84.15, target=95, target_year=2030)
    assert (verdict.status, verdict.score) == ("met_or_on_track", 3.0)
    assert verdict.projected == pytest.approx(127.7, abs=0.05)
    assert verdict.value == pytest.approx(1.65, abs=0.005)
    assert un_chart(2015, 45.0, 2024, 84.15, target=95, target_year=2030, limit=100) == verdict


def by_share(share, direction=1):
    """Return the verdict where the growth, carried on from 2020 to 2030, covers `share` of the way from 100 to 150."""
    end = 100 + share * 50 * direction
    return un_chart(
        2010, 100.0, 2020, 100 * math.sqrt(end / 100), target=100 + 50 * direction, target_year=2030,
        direction=direction,
    )


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize(("share", "status", "score", "step"), [
    (0.96, "met_or_on_track", 3, "on_track"),
    (0.94, "fair_acceleration_needed", 2, "acceleration_needed"),
    (0.11, "fair_acceleration_needed", 2, "acceleration_needed"),
    (0.09, "stagnation_or_regression", 1, "limited_progress"),
    (-0.2, "stagnation_or_regression", 1, "moving_away"),
])
def test_the_share_of_the_way_is_graded(share, direction, status, score, step):
    verdict = by_share(share, direction)
    assert verdict.value == pytest.approx(share)
    assert (verdict.status, verdict.score, verdict.step) == (status, score, step)


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize(("percent", "score"), [(2.1, 3), (1.9, 2), (0.6, 2), (0.4, 1), (0.0, 1), (-1.0, 1)])
def test_growth_without_target_is_graded(percent, direction, score):
    assert un_chart(2015, 100.0, 2016, 100 + direction * percent, direction=direction).score == score


def test_a_met_target_is_met_whatever_the_trend():
    verdict = un_chart(2015, 99.0, 2024, 96.0, target=95, target_year=2030)
    assert (verdict.status, verdict.score, verdict.step) == ("met_or_on_track", 3.0, "achieved")
    assert un_chart(2024, 96.0, 2024, 96.0, target=95).step == "achieved"


def test_within_one_point_of_100_or_0_percent_is_met():
    assert un_chart(2015, 98.0, 2024, 99.0, target=100).reason == "within_one_point"
    assert un_chart(2015, 98.0, 2024, 98.9, target=100).step != "achieved"
    assert un_chart(2015, 5.0, 2024, 1.0, target=0, direction=-1).reason == "within_one_point"
    assert un_chart(2015, 98.0, 2024, 99.0, target=100, percent=False).reason == ""
    assert un_chart(2015, 88.0, 2024, 89.5, target=90).reason == ""


def test_a_past_target_year_is_assessed_up_to_that_year():
    verdict = un_chart(2015, 10.0, 2022, 14.0, target=20, target_year=2020)
    assert verdict.projected == pytest.approx(10 * (14 / 10) ** (5 / 7))
    assert verdict.reason == "target_year_past"


@pytest.mark.parametrize(("arguments", "more", "reason"), [
    ((2015, 0.0, 2024, 2.0), {"target": 9}, "zero_base"),
    ((2015, -1.0, 2024, 2.0), {"target": 9}, "sign_change"),
    ((2024, 2.0, 2024, 2.0), {"target": 9}, "one_point"),
    ((2015, None, 2024, 2.0), {"target": 9}, "no_data"),
    ((2015, 1e-200, 2016, 1e100), {"target": 1e200}, "not_finite"),
    ((2015, 2.0, 2024, 0.0), {"target": 4, "target_year": 2020}, "not_finite"),
    ((2015, 2.0, 2024, 3.0), {"direction": 0}, "band_without_target"),
])
def test_what_cannot_be_judged_says_why(arguments, more, reason):
    verdict = un_chart(*arguments, **more)
    assert (verdict.status, verdict.reason, verdict.value) == ("not_available", reason, None)


def test_a_target_lost_since_the_base_is_a_regression_though_the_share_is_positive():
    verdict = un_chart(2015, 60.0, 2020, 45.0, target=50, target_year=2030)
    assert (verdict.status, verdict.reason, verdict.step) == ("stagnation_or_regression", "target_lost", "moving_away")


def test_a_band_is_folded():
    assert un_chart(2015, 38.0, 2024, 45.0, target=50, direction=0).value == pytest.approx(
        un_chart(2015, 62.0, 2024, 55.0, target=50, direction=-1).value
    )


def test_yes_is_met_and_no_is_not():
    assert binary(True, "statcan").status == "target_achieved"
    assert binary(True, "statcan").score == 5.0
    assert (binary(False, "statcan").status, binary(False, "statcan").score) == ("target_not_achieved", None)
    assert (binary(True, "un_chart").score, binary(False, "un_chart").score) == (3.0, 1.0)
    assert (binary(True, "eustat").step, binary(False, "eustat").step) == ("achieved", "limited_progress")


def test_a_method_without_rule_for_yes_and_no_is_refused():
    with pytest.raises(ValueError, match="'destatis' has no rule"):
        binary(True, "destatis")


def test_a_target_equal_to_the_base_and_lost_is_a_regression():
    assert un_chart(2015, 50.0, 2020, 45.0, target=50, target_year=2030).reason == "target_lost"
