"""One path that bends at each milestone, and what is owed after a miss."""

import pandas as pd
import pytest

from dxanalysis import analysis

GOALS = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})


def history(**values):
    return pd.DataFrame({"year": [int(year[1:]) for year in values], "value": list(values.values())})


def test_the_debt_is_told_in_points_and_years():
    debt = analysis.path_debt(history(y2021=3.0, y2024=7.1), GOALS, direction=1)
    assert debt["planned"].tolist() == [3.0, 15.75]
    assert debt["debt_points"].iloc[1] == pytest.approx(8.65)
    assert debt["debt_years"].iloc[1] == pytest.approx(2024 - (2021 + 4.1 / 4.25))
    assert debt["kind"].tolist() == ["baseline", "between"]


def test_ahead_of_the_path_the_debt_is_negative():
    debt = analysis.path_debt(history(y2021=3.0, y2023=15.75), GOALS, direction=1).iloc[1]
    assert (debt["debt_points"], debt["debt_years"]) == (-4.25, -1.0)


def test_below_the_baseline_the_years_are_a_lower_bound():
    debt = analysis.path_debt(history(y2021=3.0, y2023=2.0), GOALS, direction=1).iloc[1]
    assert (debt["debt_years"], debt["reason"]) == (2.0, "at_least")


def test_back_at_the_baseline_the_debt_is_the_time_since_it():
    debt = analysis.path_debt(history(y2021=3.0, y2023=3.0), GOALS, direction=1)
    assert debt[["debt_years", "reason"]].values.tolist() == [[0.0, ""], [2.0, ""]]
    ahead = analysis.path_debt(history(y2021=3.0, y2022=20.0, y2023=30.0), GOALS, direction=1)
    assert ahead["debt_years"].tolist() == [0.0, -3.0, -7.0]
    assert ahead["kind"].tolist() == ["baseline", "between", "between"]


def test_beyond_the_last_milestone_the_years_end_with_the_path():
    debt = analysis.path_debt(history(y2021=3.0, y2024=31.0), GOALS, direction=1).iloc[1]
    assert (debt["debt_years"], debt["reason"]) == (-6.0, "beyond_path")


def test_a_falling_target_mirrors_a_rising_one():
    up = analysis.path_debt(history(y2021=3.0, y2024=7.1), GOALS, direction=1)
    down = analysis.path_debt(history(y2021=-3.0, y2024=-7.1), GOALS.assign(value=-GOALS["value"]), direction=-1)
    assert down["debt_points"].tolist() == up["debt_points"].tolist()
    assert down["debt_years"].tolist() == up["debt_years"].tolist()


def test_a_met_milestone_is_met():
    table = analysis.milestone_table(history(y2021=3.0, y2025=21.0), GOALS, direction=1)
    assert table["status"].tolist() == ["met", "ahead"]
    assert table["rebased_per_year"].iloc[1] == pytest.approx(9 / 5)
    assert table["extra_per_year"].iloc[1] == pytest.approx(9 / 5 - 2)


def test_a_missed_milestone_raises_what_the_next_one_asks():
    table = analysis.milestone_table(history(y2021=3.0, y2025=8.5), GOALS, direction=1)
    missed, ahead = table.iloc[0], table.iloc[1]
    assert (missed["status"], missed["debt_points"]) == ("missed", 11.5)
    assert missed["debt_years"] == pytest.approx(2025 - (2021 + 5.5 / 4.25))
    assert (ahead["planned_per_year"], ahead["rebased_per_year"]) == (2.0, pytest.approx(4.3))
    assert ahead["extra_per_year"] == pytest.approx(2.3)


def test_a_milestone_without_an_observation_in_its_year_says_so():
    table = analysis.milestone_table(history(y2021=3.0, y2024=8.0, y2026=9.0), GOALS, direction=1)
    assert (table["status"].iloc[0], table["reason"].iloc[0]) == ("not_observed", "not_observed_in_year")
    assert table["value_year"].iloc[0] == 2024


def test_a_year_that_is_over_asks_for_nothing_and_an_early_figure_meets_nothing():
    seen = history(y2021=3.0, y2024=25.0)
    assert analysis.milestone_table(seen, GOALS, direction=1, year=2024)["status"].tolist() == ["ahead", "ahead"]
    over = analysis.milestone_table(seen, GOALS, direction=1, year=2025).iloc[0]
    assert (over["status"], over["reason"]) == ("not_observed", "not_observed_in_year")
    assert pd.isna(over["rebased_per_year"])


def test_without_observations_nothing_is_said_of_any_milestone():
    table = analysis.milestone_table(history(), GOALS, direction=1)
    assert table["status"].tolist() == ["not_observed", "not_observed"]
    assert table["reason"].tolist() == ["no_data", "no_data"]
    assert len(analysis.path_debt(history(), GOALS, direction=1)) == 0


def test_observations_after_all_milestones_leave_the_milestones_unobserved():
    table = analysis.milestone_table(history(y2031=10.0), GOALS, direction=1)
    assert table["status"].tolist() == ["not_observed", "not_observed"]


def test_one_observation_gives_the_planned_pace():
    table = analysis.milestone_table(history(y2021=3.0), GOALS, direction=1)
    assert table["status"].tolist() == ["ahead", "ahead"]
    assert table["planned_per_year"].tolist() == [4.25, 2.0]
    assert table["extra_per_year"].tolist() == [0.0, pytest.approx(3.0 - 2.0)]


def test_the_rebased_path_starts_at_the_last_observation():
    path = analysis.rebased_path(history(y2021=3.0, y2026=10.0), GOALS)
    assert path["value"].tolist() == [10, 15, 20, 25, 30]
    assert path["kind"].tolist() == ["rebased", "between", "between", "between", "milestone"]


def test_no_milestone_ahead_is_no_path():
    assert len(analysis.rebased_path(history(y2031=10.0), GOALS)) == 0
    assert len(analysis.rebased_path(history(), GOALS)) == 0
