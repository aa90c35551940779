"""One path that bends at each milestone, and what is owed after a miss."""

import math

import pandas as pd

from dxanalysis import analysis
from dxanalysis.analysis.milestones import path_debt, rebased_path
from tests.tables import cases, holds

GOALS = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})


def history(**values):
    return pd.DataFrame({"year": [int(year[1:]) for year in values], "value": list(values.values())})


@cases("seen expected", {
    "in points and years": (history(y2021=3.0, y2024=7.1), {
        "planned": [3.0, 15.75], "debt_points": [0.0, 8.65], "debt_years": [0.0, 2024 - (2021 + 4.1 / 4.25)],
        "kind": ["baseline", "between"]}),
    "ahead of the path it is negative": (
        history(y2021=3.0, y2023=15.75), {"debt_points": [0.0, -4.25], "debt_years": [0.0, -1.0]}),
    "below the baseline the years are a lower bound": (
        history(y2021=3.0, y2023=2.0), {"debt_years": [0.0, 2.0], "reason": ["", "at_least"]}),
    "back at the baseline it is the time since": (
        history(y2021=3.0, y2023=3.0), {"debt_years": [0.0, 2.0], "reason": ["", ""]}),
    "years of milestones that were reached early": (history(y2021=3.0, y2022=20.0, y2023=30.0), {
        "debt_years": [0.0, -3.0, -7.0], "kind": ["baseline", "between", "between"]}),
    "beyond the last milestone the years end with the path": (
        history(y2021=3.0, y2024=31.0), {"debt_years": [0.0, -6.0], "reason": ["", "beyond_path"]}),
    "nothing observed": (history(), {"debt_years": []}),
})
def test_the_debt(seen, expected):
    assert holds(path_debt(seen, GOALS, direction=1), expected)


def test_a_falling_target_mirrors_a_rising_one():
    up = path_debt(history(y2021=3.0, y2024=7.1), GOALS, direction=1)
    down = path_debt(history(y2021=-3.0, y2024=-7.1), GOALS.assign(value=-GOALS["value"]), direction=-1)
    assert down["debt_points"].tolist() == up["debt_points"].tolist()
    assert down["debt_years"].tolist() == up["debt_years"].tolist()


EARLY = history(y2021=3.0, y2024=25.0)


@cases("seen year expected", {
    "a met milestone is met": (history(y2021=3.0, y2025=21.0), None, {
        "status": ["met", "ahead"], "rebased_per_year": [math.nan, 9 / 5], "extra_per_year": [math.nan, 9 / 5 - 2]}),
    "a missed milestone raises what the next one asks": (history(y2021=3.0, y2025=8.5), None, {
        "status": ["missed", "ahead"], "debt_points": 11.5, "planned_per_year": [4.25, 2.0],
        "debt_years": 2025 - (2021 + 5.5 / 4.25), "rebased_per_year": [math.nan, 4.3],
        "extra_per_year": [math.nan, 2.3]}),
    "a milestone without an observation in its year says so": (history(y2021=3.0, y2024=8.0, y2026=9.0), None, {
        "status": "not_observed", "reason": "not_observed_in_year", "value_year": 2024}),
    "an early figure meets nothing": (EARLY, 2024, {"status": ["ahead", "ahead"]}),
    "a year that is over asks for nothing": (EARLY, 2025, {
        "status": "not_observed", "reason": "not_observed_in_year", "rebased_per_year": math.nan}),
    "without observations nothing is said": (history(), None, {
        "status": ["not_observed"] * 2, "reason": ["no_data"] * 2}),
    "observations after all milestones leave them unobserved": (
        history(y2031=10.0), None, {"status": ["not_observed"] * 2}),
    "one observation gives the planned pace": (history(y2021=3.0), None, {
        "status": ["ahead", "ahead"], "planned_per_year": [4.25, 2.0], "extra_per_year": [0.0, 1.0]}),
})
def test_the_milestones(seen, year, expected):
    assert holds(analysis.milestone_table(seen, GOALS, direction=1, year=year), expected)


def test_the_rebased_path_starts_at_the_last_observation():
    path = rebased_path(history(y2021=3.0, y2026=10.0), GOALS)
    assert path["value"].tolist() == [10, 15, 20, 25, 30]
    assert path["kind"].tolist() == ["rebased", "between", "between", "between", "milestone"]


def test_no_milestone_ahead_is_no_path():
    assert len(rebased_path(history(y2031=10.0), GOALS)) == 0
    assert len(rebased_path(history(), GOALS)) == 0
