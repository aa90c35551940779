"""Gap, required pace, observed pace, and the path through the targets."""

import math

import pandas as pd
import pytest

from dxanalysis import analysis
from dxanalysis.analysis import pace

QUANG_NINH = pd.DataFrame({"year": [2021, 2024], "value": [3.0, 7.1]})
TARGETS = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0], "comparator": [">=", ">="]})


def row(history, targets=TARGETS, direction=1, **more):
    return analysis.required_pace(history, targets, direction=direction, **more).iloc[0]


def test_the_pace_of_quang_ninh_is_worked_by_hand():
    first, second = (analysis.required_pace(QUANG_NINH, TARGETS, direction=1).iloc[i] for i in (0, 1))
    assert first["gap"] == pytest.approx(12.9)
    assert first["required_per_year"] == pytest.approx(12.9)
    assert first["actual_per_year"] == pytest.approx(4.1 / 3)
    assert first["ratio"] == pytest.approx((4.1 / 3) / 12.9)
    assert second["required_per_year"] == pytest.approx(22.9 / 6)
    assert second["required_cagr"] == pytest.approx((30 / 7.1) ** (1 / 6) - 1)


def test_the_columns_stand_in_the_agreed_order():
    agreed = (
        "indicator area target_year target comparator base_year base last_year last gap years_left "
        "required_per_year required_cagr actual_per_year actual_cagr ratio met"
    )
    assert list(analysis.required_pace(QUANG_NINH, TARGETS, direction=1).columns)[:17] == agreed.split()


def test_one_point_gives_gap_and_required_pace_and_no_observed_pace():
    only = row(pd.DataFrame({"year": [2021], "value": [3.0]}))
    assert (only["gap"], only["required_per_year"], only["reason"]) == (17.0, 4.25, "one_point")
    assert math.isnan(only["actual_per_year"]) and math.isnan(only["ratio"])


def test_no_point_still_lists_the_targets():
    table = analysis.required_pace(pd.DataFrame({"year": [], "value": []}), TARGETS, direction=1)
    assert table["target"].tolist() == [20.0, 30.0]
    assert table["reason"].tolist() == ["no_data", "no_data"]
    assert not table["met"].any()


def test_no_target_gives_no_row():
    assert len(analysis.required_pace(QUANG_NINH, TARGETS.iloc[:0], direction=1)) == 0


def test_a_met_target_requires_nothing():
    met = row(pd.DataFrame({"year": [2021, 2024], "value": [18.0, 21.5]}))
    assert (met["met"], met["reason"], met["gap"]) == (True, "target_met", -1.5)
    assert math.isnan(met["required_per_year"])


def test_a_missed_target_of_the_past_requires_nothing_and_says_so():
    late = row(pd.DataFrame({"year": [2021, 2026], "value": [3.0, 9.0]}))
    assert (late["met"], late["reason"], late["years_left"], late["gap"]) == (False, "target_year_past", 0, 17.0)
    assert math.isnan(late["ratio"])


def test_a_past_target_is_judged_by_the_figure_of_its_own_year():
    growth = pd.DataFrame({"year": [2024, 2025, 2026], "value": [8.4, 18.0, 25.0]})
    past = row(growth)
    assert (past["last_year"], past["last"], past["met"], past["gap"]) == (2025, 18.0, False, 2.0)


def test_a_past_target_without_a_figure_of_its_year_is_not_met_by_an_earlier_one():
    broken = pd.DataFrame({"year": [2022, 2026], "value": [52.8, 17.0]})
    assert not row(broken)["met"]


def test_a_target_before_every_comparable_figure_says_so():
    late = row(pd.DataFrame({"year": [2026], "value": [25.0]}))
    assert (late["met"], late["reason"]) == (False, "target_year_not_observed")


def test_nothing_is_required_of_a_year_that_is_over_even_where_its_figure_is_not_out():
    share = pd.DataFrame({"year": [2024], "value": [7.1]})
    goal = pd.DataFrame({"year": [2025], "value": [20.0]})
    over = analysis.required_pace(share, goal, direction=1, year=2025).iloc[0]
    assert (over["reason"], over["years_left"]) == ("target_year_past", 0)
    assert math.isnan(over["required_per_year"])


def test_a_falling_indicator_mirrors_a_rising_one():
    up = row(pd.DataFrame({"year": [2020, 2022], "value": [10.0, 14.0]}), pd.DataFrame({"year": [2025], "value": [20]}))
    down = row(pd.DataFrame({
        "year": [2020, 2022],
        "value": [-10.0, -14.0],
    }), pd.DataFrame({"year": [2025], "value": [-20]}), direction=-1)
    assert (up["gap"], up["ratio"]) == (down["gap"], down["ratio"]) == (6.0, 1.0)
    assert up["required_per_year"] == -down["required_per_year"] == 2.0


def test_moving_the_wrong_way_has_a_negative_ratio():
    assert row(pd.DataFrame({"year": [2020, 2023], "value": [12.66, 12.33]}))["ratio"] < 0


def test_a_band_is_approached_from_either_side():
    band = pd.DataFrame({"year": [2030], "value": [50.0]})
    above = row(pd.DataFrame({"year": [2020, 2024], "value": [60.0, 56.0]}), band, direction=0)
    assert (above["gap"], above["required_per_year"], above["ratio"]) == (6.0, -1.0, 1.0)
    assert row(pd.DataFrame({"year": [2020, 2024], "value": [60.0, 51.0]}), band, direction=0)["met"]


def test_the_comparator_decides_when_the_target_is_met():
    assert not pace.is_met(30.0, 30.0, 1, ">")
    assert pace.is_met(30.0, 30.0, 1, "about")
    assert pace.is_met(2.0, 2.5, 1, "<=")
    assert not pace.is_met(math.nan, 2.5, 1)


def test_the_observed_pace_stops_at_a_break():
    broken = QUANG_NINH.assign(break_before=["", "reported by the press, method not named"])
    result = row(broken)
    assert (result["comparable"], result["reason"], result["n"]) == (False, "break", 1)
    assert math.isnan(result["actual_per_year"])
    assert result["required_per_year"] == pytest.approx(12.9)


def test_the_base_year_can_be_chosen():
    series = pd.DataFrame({"year": [2010, 2020, 2022], "value": [1.0, 5.0, 9.0]})
    assert row(series, base_year=2015)["actual_per_year"] == 2.0
    assert row(series)["actual_per_year"] == pytest.approx(8 / 12)


def test_national_targets_may_judge_every_province():
    two = pd.DataFrame({"area": ["a", "b"], "year": [2022, 2022], "value": [5.0, 25.0]})
    table = analysis.required_pace(two, TARGETS.assign(area="viet-nam"), direction=1)
    assert table["area"].tolist() == ["a", "a", "b", "b"]
    assert table["met"].tolist() == [False, False, True, False]


def test_of_targets_of_several_areas_each_series_gets_its_own():
    two = pd.DataFrame({"area": ["a", "b"], "year": [2022, 2022], "value": [5.0, 25.0]})
    goals = pd.DataFrame({"area": ["a", "b", "c"], "year": [2025] * 3, "value": [10.0, 30.0, 50.0]})
    assert analysis.required_pace(two, goals, direction=1)["target"].tolist() == [10.0, 30.0]


def test_two_targets_for_one_year_are_refused():
    with pytest.raises(ValueError, match=r"2 values for 2025 \(20, 25\)"):
        row(QUANG_NINH, pd.DataFrame({"year": [2025, 2025], "value": [20.0, 25.0]}))


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="Direction 'up' is unknown"):
        row(QUANG_NINH, direction="up")


def test_the_path_bends_at_the_milestone():
    path = analysis.target_path(QUANG_NINH, TARGETS)
    assert path["year"].tolist() == list(range(2021, 2031))
    assert path["value"].tolist() == pytest.approx([3, 7.25, 11.5, 15.75, 20, 22, 24, 26, 28, 30])
    assert path["kind"].value_counts().to_dict() == {"between": 7, "milestone": 2, "baseline": 1}


def test_without_observations_the_path_joins_the_milestones_only():
    path = analysis.target_path(QUANG_NINH.iloc[:0], TARGETS)
    assert path["year"].tolist() == [2025, 2026, 2027, 2028, 2029, 2030]


def test_without_targets_there_is_no_path():
    path = analysis.target_path(QUANG_NINH, TARGETS.iloc[:0])
    assert list(path.columns) == ["year", "value", "kind"] and len(path) == 0


def test_targets_before_the_first_observation_are_left_out_of_its_path():
    late = pd.DataFrame({"year": [2026, 2027], "value": [9.0, 10.0]})
    path = analysis.target_path(late, TARGETS)
    assert (path["year"].iloc[0], path["value"].iloc[0], path["kind"].iloc[0]) == (2026, 9.0, "baseline")


def test_without_a_comparator_the_direction_decides():
    assert pace.is_met(25.0, 20.0, 1) and not pace.is_met(15.0, 20.0, 1)
    assert pace.is_met(15.0, 20.0, -1) and not pace.is_met(25.0, 20.0, -1)
    assert pace.is_met(19.5, 20.0, 0) and not pace.is_met(25.0, 20.0, 0)


def test_a_band_reached_from_below_needs_a_rise():
    band = pd.DataFrame({"year": [2030], "value": [50.0]})
    below = row(pd.DataFrame({"year": [2020, 2024], "value": [40.0, 44.0]}), band, direction=0)
    assert (below["gap"], below["required_per_year"]) == (6.0, 1.0)


def test_an_equal_value_meets_at_most_and_at_least():
    assert pace.is_met(2.5, 2.5, 1, "<=") and pace.is_met(2.5, 2.5, -1)
    assert not pace.is_met(2.5, 2.5, -1, "<")


def test_of_two_areas_each_gets_its_own_target():
    two = pd.DataFrame({"area": ["a", "b"], "year": [2022, 2022], "value": [5.0, 25.0]})
    goals = pd.DataFrame({"area": ["a", "b"], "year": [2025] * 2, "value": [10.0, 30.0]})
    assert analysis.required_pace(two, goals, direction=1)["target"].tolist() == [10.0, 30.0]


def test_a_baseline_between_two_targets_leaves_the_first_one_out():
    between = pd.DataFrame({"year": [2027], "value": [24.0]})
    path = analysis.target_path(between, TARGETS)
    assert path["value"].tolist() == [24, 26, 28, 30]


def test_one_milestone_makes_a_straight_path_and_three_make_two_bends():
    history = pd.DataFrame({"year": [2021], "value": [3.0]})
    one = analysis.target_path(history, pd.DataFrame({"year": [2025], "value": [7.0]}))
    assert one["value"].tolist() == [3, 4, 5, 6, 7]
    three = pd.DataFrame({"year": [2022, 2024, 2025], "value": [5.0, 6.0, 9.0]})
    assert analysis.target_path(history, three)["value"].tolist() == [3, 5, 5.5, 6, 9]
    late = pd.DataFrame({"year": [2023], "value": [3.0]})
    assert analysis.target_path(late, three)["value"].tolist() == [3, 6, 9]
