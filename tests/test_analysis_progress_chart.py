"""The UN Progress Chart: thresholds, extrapolation and exceptions."""

import math

import pytest

from dxanalysis.analysis.verdicts.united_nations import binary, un_chart
from tests.tables import cases, holds


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


def unjudged(reason):
    return {"status": "not_available", "reason": reason, "value": None}


@cases("points more expected", {
    "a met target is met whatever the trend": ((2015, 99.0, 2024, 96.0), {"target": 95, "target_year": 2030}, {
        "status": "met_or_on_track", "score": 3.0, "step": "achieved"}),
    "also of one point": ((2024, 96.0, 2024, 96.0), {"target": 95}, {"step": "achieved"}),
    "within one point of 100 percent is met": (
        (2015, 98.0, 2024, 99.0), {"target": 100}, {"reason": "within_one_point", "step": "achieved"}),
    "just outside is not": ((2015, 98.0, 2024, 98.9), {"target": 100}, {"reason": "", "step": "acceleration_needed"}),
    "within one point of 0 percent is met": (
        (2015, 5.0, 2024, 1.0), {"target": 0, "direction": -1}, {"reason": "within_one_point"}),
    "what is no percent has no such rule": (
        (2015, 98.0, 2024, 99.0), {"target": 100, "percent": False}, {"reason": ""}),
    "nor has another target": ((2015, 88.0, 2024, 89.5), {"target": 90}, {"reason": ""}),
    "a past target year is assessed up to that year": (
        (2015, 10.0, 2022, 14.0), {"target": 20, "target_year": 2020},
        {"projected": 10 * (14 / 10) ** (5 / 7), "reason": "target_year_past"}),
    "a target lost since the base is a regression": ((2015, 60.0, 2020, 45.0), {"target": 50, "target_year": 2030}, {
        "status": "stagnation_or_regression", "reason": "target_lost", "step": "moving_away"}),
    "so is a target equal to the base": (
        (2015, 50.0, 2020, 45.0), {"target": 50, "target_year": 2030}, {"reason": "target_lost"}),
    "a base of zero": ((2015, 0.0, 2024, 2.0), {"target": 9}, unjudged("zero_base")),
    "a change of sign": ((2015, -1.0, 2024, 2.0), {"target": 9}, unjudged("sign_change")),
    "one point": ((2024, 2.0, 2024, 2.0), {"target": 9}, unjudged("one_point")),
    "no base": ((2015, None, 2024, 2.0), {"target": 9}, unjudged("no_data")),
    "too large": ((2015, 1e-200, 2016, 1e100), {"target": 1e200}, unjudged("not_finite")),
    "a fall to nothing": ((2015, 2.0, 2024, 0.0), {"target": 4, "target_year": 2020}, unjudged("not_finite")),
    "a band without target": ((2015, 2.0, 2024, 3.0), {"direction": 0}, unjudged("band_without_target")),
})
def test_the_verdict(points, more, expected):
    assert holds(un_chart(*points, **more), expected)


def test_a_band_is_folded():
    assert un_chart(2015, 38.0, 2024, 45.0, target=50, direction=0).value == pytest.approx(
        un_chart(2015, 62.0, 2024, 55.0, target=50, direction=-1).value
    )


@pytest.mark.parametrize(("yes", "method", "expected"), [
    (True, "statcan", {"status": "target_achieved", "score": 5.0}),
    (False, "statcan", {"status": "target_not_achieved", "score": None}),
    (True, "un_chart", {"score": 3.0}), (False, "un_chart", {"score": 1.0}),
    (True, "eustat", {"step": "achieved"}), (False, "eustat", {"step": "limited_progress"}),
])
def test_yes_is_met_and_no_is_not(yes, method, expected):
    assert holds(binary(yes, method), expected)
    with pytest.raises(ValueError, match="'destatis' has no rule"):
        binary(yes, "destatis")
