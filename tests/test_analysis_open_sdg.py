"""StatCan and EUSTAT: every published row, and every edge case of the rules."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from dxanalysis.analysis.verdicts.open_sdg import eustat, limit_factor, statcan
from dxanalysis.analysis.verdicts.verdict import goldilocks
from tests.tables import cases, holds


def same(got, published, tolerance):
    if pd.isna(published):
        return got is None
    return got is not None and abs(got - published) <= tolerance


def ask(method, row, **more):
    return method(
        row.base_year, row.base_value, row.current_year, row.current_value,
        target=row.target, target_year=row.target_year, direction=row.direction, limit=row.limit, **more,
    )


def matches(verdict, row):
    return (
        same(verdict.value, row.progress_value, 1e-9)
        and verdict.status == row.status
        and same(verdict.score, row.score, 1e-6)
    )


def test_all_132_series_published_by_statistics_canada_are_reproduced(shared, record_property):
    rows = list(pd.read_csv(shared / "oracles/statcan_cif_progress_series.csv").itertuples())
    failed = [row.series for row in rows if not matches(ask(statcan, row, sign=row.sign), row)]
    record_property("reproduced", f"{len(rows) - len(failed)}/{len(rows)}")
    print(f"StatCan series reproduced: {len(rows) - len(failed)}/{len(rows)}")
    assert not failed
    assert len(rows) == 132


def test_the_sign_is_found_without_being_told(shared):
    rows = pd.read_csv(shared / "oracles/statcan_cif_progress_series.csv").itertuples()
    assert all(matches(ask(statcan, row), row) for row in rows)


def test_all_11_edge_cases_of_the_basque_fork_are_reproduced(shared):
    rows = list(pd.read_csv(shared / "oracles/eustat_edge_cases.csv").itertuples())
    failed = [row.series for row in rows if not matches(ask(eustat, row), row)]
    print(f"EUSTAT edge cases reproduced: {len(rows) - len(failed)}/{len(rows)}")
    assert not failed
    assert len(rows) == 11


def to_ratio(ratio, direction=1):
    """Return a base of 100, and a value ten years on, whose growth is `ratio` times that to 200 (50) in ten years."""
    needed = 2 ** (0.1 * direction) - 1
    return {"base": 100.0, "value": 100 * (1 + ratio * needed) ** 10, "target": 100 * 2.0**direction}


def judged(method, ratio, direction=1):
    case = to_ratio(ratio, direction)
    return method(2015, case["base"], 2025, case["value"], target=case["target"], target_year=2025, direction=direction)


SUBSTANTIAL, MODERATE, LIMITED, BACK = "substantial_progress", "moderate_progress", "limited_progress", "deterioration"
SIGNIFICANT, WORSE, WORST = "significant_progress", "moderate_deterioration", "significant_deterioration"
STEPS = {"on": "on_track", "more": "acceleration_needed", "little": "limited_progress", "away": "moving_away"}


@pytest.mark.parametrize(("method", "ratio", "direction", "status", "step", "score"), [
    *((statcan, ratio, direction, *graded) for direction in (1, -1) for ratio, *graded in [
        (0.951, SUBSTANTIAL, "on", 7.1429 * 0.951 - 4.2857), (0.949, MODERATE, "more", 7.1429 * 0.949 - 4.2857),
        (0.601, MODERATE, "more", 7.1429 * 0.601 - 4.2857), (0.599, LIMITED, "little", 4.1667 * 0.599 - 2.5),
        (0.001, LIMITED, "little", 4.1667 * 0.001 - 2.5), (-0.001, BACK, "away", 4.1667 * -0.001 - 2.5),
        (-0.59, BACK, "away", 4.1667 * -0.59 - 2.5), (-0.7, BACK, "away", -5.0),
    ]),
    (eustat, 0.951, 1, SIGNIFICANT, "on", 5 / 0.7 * 0.351), (eustat, 0.949, 1, MODERATE, "more", 5 / 0.7 * 0.349),
    (eustat, 0.601, 1, MODERATE, "more", 5 / 0.7 * 0.001), (eustat, 0.599, 1, WORSE, "little", 5 / 1.2 * 1.199 - 5),
    (eustat, 0.001, 1, WORSE, "little", 5 / 1.2 * 0.601 - 5), (eustat, -0.001, 1, WORST, "away", 5 / 1.2 * 0.599 - 5),
    (eustat, -0.61, 1, WORST, "away", -5.0),
])
def test_the_ratio_is_graded(method, ratio, direction, status, step, score):
    verdict = judged(method, ratio, direction)
    assert verdict.value == pytest.approx(ratio) and verdict.score == pytest.approx(score)
    assert (verdict.status, verdict.step) == (status, STEPS[step])


@pytest.mark.parametrize(("method", "percent", "direction", "status", "step", "score"), [
    (statcan, 2.5, 1, SUBSTANTIAL, "on", 5.0), (statcan, 1.6, 1, SUBSTANTIAL, "on", 500 * 0.016 - 5),
    (statcan, 1.4, 1, MODERATE, "more", 250 * 0.014 - 1.25), (statcan, 0.6, 1, MODERATE, "more", 250 * 0.006 - 1.25),
    (statcan, 0.4, 1, LIMITED, "little", 500 * 0.004 - 2.5), (statcan, 0.0, 1, LIMITED, "little", -2.5),
    (statcan, -0.4, 1, BACK, "away", 125 * -0.004 - 2.5), (statcan, -3.0, 1, BACK, "away", -5.0),
    (statcan, -1.6, -1, SUBSTANTIAL, "on", 500 * 0.016 - 5), (eustat, 1.6, -1, WORST, "away", -4.0),
    (eustat, 2.5, 1, SIGNIFICANT, "on", 5.0), (eustat, 1.1, 1, SIGNIFICANT, "on", 2.75),
    (eustat, 0.9, 1, MODERATE, "more", 2.25), (eustat, 0.2, 1, MODERATE, "more", 0.5),
    (eustat, 0.05, 1, "no_progress", "little", 0.125), (eustat, -0.05, 1, "no_progress", "little", -0.125),
    (eustat, -0.5, 1, WORSE, "away", -1.25), (eustat, -1.5, 1, WORST, "away", -3.75),
    (eustat, -3.0, 1, WORST, "away", -5.0),
])
def test_growth_without_target_is_graded(method, percent, direction, status, step, score):
    verdict = method(2015, 100.0, 2016, 100.0 + percent, direction=direction)
    assert (verdict.status, verdict.step, verdict.statistic) == (status, STEPS[step], "growth")
    assert verdict.score == pytest.approx(score)


MET = {"status": "target_achieved"}
NEAR = 1 - 0.9**4.44  # what is left of the growth asked for at a tenth below the ceiling


@cases("method points more expected", {
    "a met target is achieved even when moving away": (
        statcan, (2015, 30.0, 2024, 25.0), {"target": 20}, MET | {"score": 5.0, "step": "achieved"}),
    "so says EUSTAT": (eustat, (2015, 30.0, 2024, 25.0), {"target": 20}, {"score": 5.0}),
    "one point that meets its target is achieved and has no value": (
        statcan, (2024, 25.0, 2024, 25.0), {"target": 20}, MET | {"value": None}),
    **{f"base and current at the target are achieved without a value, {method.__name__}": (
        method, (2015, 99.9, 2023, 99.9), {"target": 99.9}, {"value": None, "score": 5.0, "step": "achieved"})
       for method in (statcan, eustat)},
    "falling back from a target that was the base is the worst": (
        statcan, (2015, 50.0, 2024, 45.0), {"target": 50},
        {"status": BACK, "score": -5.0, "value": None, "reason": "base_at_target"}),
    "a value below the thousandth meets a zero target": (
        statcan, (2015, 5.0, 2024, 0.0005), {"target": 0, "direction": -1}, MET),
    "a fall to zero is a growth of minus one": (statcan, (2015, 0.02, 2024, 0.0), {"direction": -1}, {"value": 1.0}),
    "an empty target is no target": (statcan, (2015, 1.0, 2024, 2.0), {"target": math.nan}, {"statistic": "growth"}),
    "near its ceiling a series needs less growth": (
        statcan, (2015, 97.4, 2022, 99.7), {"limit": 100, "target": None}, {"status": SUBSTANTIAL}),
    "the same growth without a ceiling": (statcan, (2015, 97.4, 2022, 99.7), {"target": None}, {"status": LIMITED}),
    "a base at the limit that is held is on track": (
        statcan, (2015, 100.0, 2024, 100.0), {"limit": 100}, {"status": SUBSTANTIAL, "score": 5.0}),
    "a base at the limit that is lost": (statcan, (2015, 100.0, 2024, 99.0), {"limit": 100}, {
        "status": BACK, "score": 125 * (0.99 ** (1 / 9) - 1) - 2.5}),
    "EUSTAT counts a value at its limit as achieved": (eustat, (2015, 100.0, 2024, 100.0), {"limit": 100}, {
        "status": SIGNIFICANT, "score": 5.0, "reason": "at_natural_limit"}),
    "and just below it as no progress": (eustat, (2015, 100.0, 2024, 99.9), {"limit": 100}, {"status": "no_progress"}),
    "EUSTAT scales positive growth near the ceiling": (
        eustat, (2015, 90.0, 2016, 90.45), {"limit": 100}, {"score": 0.005 / (0.02 * NEAR) * 5}),
    "and no fall": (eustat, (2015, 90.0, 2016, 89.55), {"limit": 100}, {"score": -1.25}),
    "a shrinking debt is judged with the sign turned": (
        statcan, (2015, -100.0, 2024, -50.0), {}, {"value": -(0.5 ** (1 / 9) - 1), "status": SUBSTANTIAL}),
    "so is a growing one": (statcan, (2015, 100.0, 2024, 150.0), {"sign": -1}, {"status": BACK}),
    "Viet Nam's share as printed in December 2023": (statcan, (2020, 12.66, 2023, 12.33), {"target": 20}, {
        "value": -0.09, "status": BACK}),
    "as revised in January 2025": (statcan, (2020, 12.66, 2023, 12.87), {"target": 20}, {
        "value": 0.06, "status": LIMITED}),
    "with the figure of 2024": (statcan, (2020, 12.66, 2024, 13.17), {"target": 20}, {
        "value": 0.10, "status": LIMITED}),
})
def test_the_verdict(method, points, more, expected):
    printed = points[:2] == (2020, 12.66)  # two decimals; the target of 2025
    verdict = method(*points, **{"target_year": 2025 if printed else 2030} | more)
    if printed:
        assert round(verdict.value, 2) == expected["value"] and verdict.status == expected["status"]
    else:
        assert holds(verdict, expected)


def test_a_target_on_the_wrong_side_keeps_the_sign_of_the_movement():
    assert statcan(2016, 19.3, 2021, 13.9, target=22.0, target_year=2030).value == pytest.approx(-6.76154243863871)
    assert statcan(2015, 80.0, 2020, 70.0, target=60, target_year=2030, direction=-1).value > 0
    assert statcan(2015, 60.0, 2020, 70.0, target=65, target_year=2030, direction=-1).value < 0


def test_a_zero_base_and_a_zero_target_count_as_a_thousandth():
    from_zero = statcan(2015, 0.0, 2024, 2.0, target=4.0, target_year=2030)
    thousandth = statcan(2015, 0.001, 2024, 2.0, target=4.0, target_year=2030)
    assert from_zero == replace(thousandth, reason="base_zero_replaced")
    to_zero = statcan(2015, 100.0, 2024, 29.0, target=0, target_year=2030, direction=-1)
    assert to_zero.value == statcan(2015, 100.0, 2024, 29.0, target=0.001, target_year=2030, direction=-1).value
    assert to_zero.reason == "target_zero_replaced"


@pytest.mark.parametrize("method", [statcan, eustat])
@pytest.mark.parametrize(("arguments", "more", "reason"), [
    ((2015, -1.0, 2024, 2.0), {}, "sign_change"),
    ((2015, 2.0, 2024, -1.0), {}, "sign_change"),
    ((2015, -5.0, 2024, -4.0), {"target": 3}, "target_sign_change"),
    ((2024, 13.7, 2024, 13.7), {}, "one_point"),
    ((2025, 13.7, 2024, 13.7), {}, "base_after_data"),
    ((2015, None, 2024, 13.7), {}, "no_data"),
    ((2015, math.nan, 2024, 13.7), {}, "no_data"),
    ((2015, 13.7, None, None), {}, "no_data"),
    ((2015, math.inf, 2024, 13.7), {}, "not_finite"),
    ((2015, 1e-300, 2024, 1e300), {}, "not_finite"),
    ((2015, 1.0, 2024, 2.0), {"target": math.inf}, "not_finite"),
    ((2015, 1e-300, 2024, 1e-299), {"target": 1e300}, "not_finite"),
    ((2015, 2.0, 2024, 3.0), {"target": 9, "target_year": 2015}, "target_year_not_after_base"),
    ((2015, 2.0, 2024, 3.0), {"direction": 0}, "band_without_target"),
])
def test_what_cannot_be_judged_is_not_available_and_says_why(method, arguments, more, reason):
    verdict = method(*arguments, **more)
    assert (verdict.status, verdict.value, verdict.score, verdict.reason) == ("not_available", None, None, reason)


def test_a_missing_target_year_is_2030():
    assert statcan(2015, 1.0, 2024, 2.0, target=4) == statcan(2015, 1.0, 2024, 2.0, target=4, target_year=2030)


@pytest.mark.parametrize(("base", "limit", "factor"), [
    (200, 100, 1.0),
    (250, 100, 1.0),
    (100, 100, 0.0),
    (50, 100, 1 - 0.5**4.44),
    (150, 100, 1 - 0.5**4.44),
    (0, 0, 1.0),
    (-50, -100, 1 - 0.5**4.44),
    (5, 0, 1.0),
])
def test_the_limit_factor_is_the_published_one(base, limit, factor):
    assert limit_factor(base, limit) == pytest.approx(factor)


def test_a_limit_is_ignored_beside_a_target_and_against_the_desired_direction():
    with_target = statcan(2015, 90.0, 2022, 92.0, target=100, target_year=2030, limit=100)
    assert with_target == statcan(2015, 90.0, 2022, 92.0, target=100, target_year=2030)
    assert statcan(2015, 90.0, 2022, 89.0, direction=-1, limit=100) == statcan(2015, 90.0, 2022, 89.0, direction=-1)


def test_a_band_is_folded_and_then_decreases():
    closer = statcan(2015, 38.0, 2024, 45.0, target=50, target_year=2030, direction=0)
    assert closer.value == statcan(2015, 62.0, 2024, 55.0, target=50, target_year=2030, direction=-1).value
    assert (closer.reason, closer.status) == ("band_folded", "moderate_progress")


def test_a_parity_index_is_folded_as_a_ratio_and_meets_its_target_within_three_percent():
    half = statcan(2015, 0.5, 2024, 0.8, target=1, target_year=2030, direction=0)
    assert half.value == pytest.approx(statcan(2015, 2.0, 2024, 1.25, target=1, target_year=2030, direction=-1).value)
    assert statcan(2015, 0.5, 2024, 0.97, target=1, direction=0).status == "target_achieved"
    assert statcan(2015, 1.5, 2024, 1.04, target=1, direction=0).status == "substantial_progress"
    assert statcan(2015, 0.0, 2024, 0.8, target=1, direction=0).value == pytest.approx(
        statcan(2015, 2.0, 2024, 1.25, target=1, direction=-1).value
    )


def test_goldilocks_folds_as_published():
    assert goldilocks(2.0, "ratio") == goldilocks(0.5, "ratio") == (2.0, 1.0)
    assert goldilocks(0.97, "ratio")[0] == goldilocks(1.03, "ratio")[0] == 1.0
    assert goldilocks(0.96, "ratio")[0] > 1
    assert goldilocks(30.0, "share") == goldilocks(70.0, "share") == (70.0, 50.0)
    assert goldilocks(25.0, "budget") == (175.0, 100.0)
    assert math.isnan(goldilocks(24.9, "budget")[0]) and math.isnan(goldilocks(0.0, "ratio")[0])


@cases("call message", {
    "an unknown kind of band": (lambda: goldilocks(1.0, "rate"), "Unknown kind of band 'rate'"),
    "an unknown direction": (lambda: statcan(2015, 1.0, 2024, 2.0, direction=2), "Direction 2 is unknown"),
})
def test_what_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("value", [0.9504, 0.9526])
def test_the_published_near_misses_are_borderline(value):
    assert judged(statcan, value).borderline
