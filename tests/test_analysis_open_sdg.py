"""StatCan and EUSTAT: every published row, and every edge case of the rules."""

import math

import pandas as pd
import pytest

from dxanalysis.analysis.verdicts.open_sdg import eustat, limit_factor, statcan
from dxanalysis.analysis.verdicts.verdict import goldilocks


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


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize(("ratio", "status", "step", "score"), [
    (0.951, "substantial_progress", "on_track", 7.1429 * 0.951 - 4.2857),
    (0.949, "moderate_progress", "acceleration_needed", 7.1429 * 0.949 - 4.2857),
    (0.601, "moderate_progress", "acceleration_needed", 7.1429 * 0.601 - 4.2857),
    (0.599, "limited_progress", "limited_progress", 4.1667 * 0.599 - 2.5),
    (0.001, "limited_progress", "limited_progress", 4.1667 * 0.001 - 2.5),
    (-0.001, "deterioration", "moving_away", 4.1667 * -0.001 - 2.5),
    (-0.59, "deterioration", "moving_away", 4.1667 * -0.59 - 2.5),
    (-0.7, "deterioration", "moving_away", -5.0),
])
def test_the_ratio_is_graded_by_statcan(ratio, direction, status, step, score):
    verdict = judged(statcan, ratio, direction)
    assert verdict.value == pytest.approx(ratio)
    assert (verdict.status, verdict.step) == (status, step)
    assert verdict.score == pytest.approx(score)


@pytest.mark.parametrize(("ratio", "status", "step", "score"), [
    (0.951, "significant_progress", "on_track", 5 / 0.7 * 0.351),
    (0.949, "moderate_progress", "acceleration_needed", 5 / 0.7 * 0.349),
    (0.601, "moderate_progress", "acceleration_needed", 5 / 0.7 * 0.001),
    (0.599, "moderate_deterioration", "limited_progress", 5 / 1.2 * 1.199 - 5),
    (0.001, "moderate_deterioration", "limited_progress", 5 / 1.2 * 0.601 - 5),
    (-0.001, "significant_deterioration", "moving_away", 5 / 1.2 * 0.599 - 5),
    (-0.61, "significant_deterioration", "moving_away", -5.0),
])
def test_the_ratio_is_graded_by_eustat(ratio, status, step, score):
    verdict = judged(eustat, ratio)
    assert (verdict.status, verdict.step) == (status, step)
    assert verdict.score == pytest.approx(score)


def growing(method, percent, direction=1, **more):
    return method(2015, 100.0, 2016, 100.0 + percent, direction=direction, **more)


@pytest.mark.parametrize(("percent", "status", "score"), [
    (2.5, "substantial_progress", 5.0),
    (1.6, "substantial_progress", 500 * 0.016 - 5),
    (1.4, "moderate_progress", 250 * 0.014 - 1.25),
    (0.6, "moderate_progress", 250 * 0.006 - 1.25),
    (0.4, "limited_progress", 500 * 0.004 - 2.5),
    (0.0, "limited_progress", -2.5),
    (-0.4, "deterioration", 125 * -0.004 - 2.5),
    (-3.0, "deterioration", -5.0),
])
def test_growth_without_target_is_graded_by_statcan(percent, status, score):
    verdict = growing(statcan, percent)
    assert (verdict.status, verdict.statistic) == (status, "growth")
    assert verdict.score == pytest.approx(score)


@pytest.mark.parametrize(("percent", "status", "step", "score"), [
    (2.5, "significant_progress", "on_track", 5.0),
    (1.1, "significant_progress", "on_track", 2.75),
    (0.9, "moderate_progress", "acceleration_needed", 2.25),
    (0.2, "moderate_progress", "acceleration_needed", 0.5),
    (0.05, "no_progress", "limited_progress", 0.125),
    (-0.05, "no_progress", "limited_progress", -0.125),
    (-0.5, "moderate_deterioration", "moving_away", -1.25),
    (-1.5, "significant_deterioration", "moving_away", -3.75),
    (-3.0, "significant_deterioration", "moving_away", -5.0),
])
def test_growth_without_target_is_graded_by_eustat(percent, status, step, score):
    verdict = growing(eustat, percent)
    assert (verdict.status, verdict.step) == (status, step)
    assert verdict.score == pytest.approx(score)


def test_falling_is_progress_where_lower_is_better():
    assert growing(statcan, -1.6, direction=-1).status == "substantial_progress"
    assert growing(eustat, 1.6, direction=-1).status == "significant_deterioration"


def test_a_met_target_is_achieved_even_when_moving_away():
    away = statcan(2015, 30.0, 2024, 25.0, target=20, target_year=2030)
    assert (away.status, away.score, away.step) == ("target_achieved", 5.0, "achieved")
    assert away.value < 0
    assert eustat(2015, 30.0, 2024, 25.0, target=20, target_year=2030).score == 5.0


def test_one_point_that_meets_its_target_is_achieved_and_has_no_value():
    verdict = statcan(2024, 25.0, 2024, 25.0, target=20, target_year=2030)
    assert (verdict.status, verdict.value) == ("target_achieved", None)


@pytest.mark.parametrize("method", [statcan, eustat])
def test_base_and_current_at_the_target_are_achieved_without_a_value(method):
    verdict = method(2015, 99.9, 2023, 99.9, target=99.9, target_year=2030)
    assert (verdict.value, verdict.score, verdict.step) == (None, 5.0, "achieved")


def test_falling_back_from_a_target_that_was_the_base_is_the_worst():
    verdict = statcan(2015, 50.0, 2024, 45.0, target=50, target_year=2030)
    assert (verdict.status, verdict.score, verdict.value) == ("deterioration", -5.0, None)
    assert verdict.reason == "base_at_target"


def test_a_target_on_the_wrong_side_keeps_the_sign_of_the_movement():
    assert statcan(2016, 19.3, 2021, 13.9, target=22.0, target_year=2030).value == pytest.approx(-6.76154243863871)
    assert statcan(2015, 80.0, 2020, 70.0, target=60, target_year=2030, direction=-1).value > 0
    assert statcan(2015, 60.0, 2020, 70.0, target=65, target_year=2030, direction=-1).value < 0


def test_a_zero_base_and_a_zero_target_count_as_a_thousandth():
    from_zero = statcan(2015, 0.0, 2024, 2.0, target=4.0, target_year=2030)
    assert from_zero == statcan(2015, 0.001, 2024, 2.0, target=4.0, target_year=2030).with_reason("base_zero_replaced")
    to_zero = statcan(2015, 100.0, 2024, 29.0, target=0, target_year=2030, direction=-1)
    assert to_zero.value == statcan(2015, 100.0, 2024, 29.0, target=0.001, target_year=2030, direction=-1).value
    assert to_zero.reason == "target_zero_replaced"


def test_a_value_below_the_thousandth_meets_a_zero_target():
    assert statcan(2015, 5.0, 2024, 0.0005, target=0, target_year=2030, direction=-1).status == "target_achieved"


def test_a_fall_to_zero_is_a_growth_of_minus_one():
    assert statcan(2015, 0.02, 2024, 0.0, direction=-1).value == 1.0


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


def test_negative_series_are_judged_with_the_sign_turned():
    shrinking_debt = statcan(2015, -100.0, 2024, -50.0)
    assert shrinking_debt.value == pytest.approx(-((0.5) ** (1 / 9) - 1))
    assert shrinking_debt.status == "substantial_progress"
    assert statcan(2015, 100.0, 2024, 150.0, sign=-1).status == "deterioration"


def test_a_missing_target_year_is_2030():
    assert statcan(2015, 1.0, 2024, 2.0, target=4) == statcan(2015, 1.0, 2024, 2.0, target=4, target_year=2030)


def test_an_empty_target_is_no_target():
    assert statcan(2015, 1.0, 2024, 2.0, target=math.nan).statistic == "growth"


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


def test_near_its_ceiling_a_series_needs_less_growth():
    assert statcan(2015, 97.4, 2022, 99.7, limit=100).status == "substantial_progress"
    assert statcan(2015, 97.4, 2022, 99.7).status == "limited_progress"


def test_a_base_at_the_limit_that_is_held_is_on_track():
    held = statcan(2015, 100.0, 2024, 100.0, limit=100)
    assert (held.status, held.score) == ("substantial_progress", 5.0)
    assert statcan(2015, 100.0, 2024, 99.0, limit=100).status == "deterioration"
    assert statcan(2015, 100.0, 2024, 99.0, limit=100).score == pytest.approx(125 * (0.99 ** (1 / 9) - 1) - 2.5)


def test_a_limit_is_ignored_beside_a_target_and_against_the_desired_direction():
    with_target = statcan(2015, 90.0, 2022, 92.0, target=100, target_year=2030, limit=100)
    assert with_target == statcan(2015, 90.0, 2022, 92.0, target=100, target_year=2030)
    assert statcan(2015, 90.0, 2022, 89.0, direction=-1, limit=100) == statcan(2015, 90.0, 2022, 89.0, direction=-1)


def test_eustat_counts_a_value_at_its_limit_as_achieved():
    verdict = eustat(2015, 100.0, 2024, 100.0, limit=100)
    assert (verdict.status, verdict.score, verdict.reason) == ("significant_progress", 5.0, "at_natural_limit")
    assert eustat(2015, 100.0, 2024, 99.9, limit=100).status == "no_progress"


def test_eustat_scales_positive_growth_near_the_ceiling_only():
    factor = 1 - 0.9**4.44
    assert eustat(2015, 90.0, 2016, 90.45, limit=100).score == pytest.approx(0.005 / (0.02 * factor) * 5)
    assert eustat(2015, 90.0, 2016, 89.55, limit=100).score == pytest.approx(-1.25)


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


def test_an_unknown_kind_of_band_is_refused():
    with pytest.raises(ValueError, match="Unknown kind of band 'rate'"):
        goldilocks(1.0, "rate")


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="Direction 2 is unknown"):
        statcan(2015, 1.0, 2024, 2.0, direction=2)


@pytest.mark.parametrize("value", [0.9504, 0.9526])
def test_the_published_near_misses_are_borderline(value):
    assert judged(statcan, value).borderline


@pytest.mark.parametrize(("year", "value", "ratio", "status"), [
    (2023, 12.33, -0.09, "deterioration"),
    (2023, 12.87, 0.06, "limited_progress"),
    (2024, 13.17, 0.10, "limited_progress"),
])
def test_the_vintages_of_viet_nams_share_turn_the_verdict(year, value, ratio, status):
    verdict = statcan(2020, 12.66, year, value, target=20, target_year=2025)
    assert (round(verdict.value, 2), verdict.status) == (ratio, status)
