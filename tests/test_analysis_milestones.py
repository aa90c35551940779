"""One path that bends at each milestone, and what is owed on it."""

import math
from types import SimpleNamespace

import pandas as pd

from dxanalysis.analysis import milestone_table
from dxanalysis.analysis.assess import assess
from dxanalysis.analysis.evidence import Evidence
from dxanalysis.analysis.milestones import rebased_path
from tests.records import SHARE
from tests.tables import cases, holds

GOALS = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})


def history(**values):
    return pd.DataFrame({"year": [int(year[1:]) for year in values], "value": list(values.values())})


def owed(seen, year=None, goals=GOALS, direction=1):
    share = SimpleNamespace(**vars(SHARE) | {"direction": direction, "lower": None, "upper": None})
    record = assess(goals, share, Evidence(seen, year or (int(seen["year"].max()) if len(seen) else 2020)))
    return milestone_table(seen, goals, record, direction=direction)


@cases("seen year expected", {
    "in points and years": (history(y2021=3.0, y2024=7.1), None, {
        "debt_points": [8.65] * 2, "debt_years": [2024 - (2021 + 4.1 / 4.25)] * 2, "state": ["open", "open"]}),
    "ahead of the path it is negative": (
        history(y2021=3.0, y2023=15.75), None, {"debt_points": -4.25, "debt_years": -1.0}),
    "below the baseline the years are a lower bound": (
        history(y2021=3.0, y2023=2.0), None, {"debt_years": 2.0, "reason": "at_least"}),
    "back at the baseline it is the time since": (
        history(y2021=3.0, y2023=3.0), None, {"debt_years": 2.0, "reason": ""}),
    "beyond the last milestone the years end with the path": (
        history(y2021=3.0, y2024=31.0), None, {"debt_years": -6.0, "reason": "beyond_path"}),
    "a met milestone is met": (history(y2021=3.0, y2025=21.0), None, {
        "state": ["met", "open"], "rebased_per_year": [math.nan, 9 / 5], "extra_per_year": [math.nan, 9 / 5 - 2]}),
    "a missed milestone raises what the next one asks": (history(y2021=3.0, y2025=8.5), None, {
        "state": ["missed", "open"], "debt_points": 11.5, "planned_per_year": [4.25, 2.0],
        "debt_years": 2025 - (2021 + 5.5 / 4.25), "rebased_per_year": [math.nan, 4.3],
        "extra_per_year": [math.nan, 2.3]}),
    "a year that is over asks for nothing": (history(y2021=3.0, y2024=8.0), 2025, {
        "state": "due", "value_year": 2024, "rebased_per_year": math.nan}),
    "without observations nothing is said": (history(), None, {
        "state": ["no_figure_held"] * 2, "reason": ["no_data"] * 2}),
    "one observation gives the planned pace": (history(y2021=3.0), None, {
        "planned_per_year": [4.25, 2.0], "extra_per_year": [0.0, 1.0]}),
})
def test_what_is_owed(seen, year, expected):
    assert holds(owed(seen, year), expected)


def test_a_falling_target_mirrors_a_rising_one():
    up = owed(history(y2021=3.0, y2024=7.1))
    down = owed(history(y2021=-3.0, y2024=-7.1), goals=GOALS.assign(value=-GOALS["value"]), direction=-1)
    assert down["debt_points"].tolist() == up["debt_points"].tolist()
    assert down["debt_years"].tolist() == up["debt_years"].tolist()


def test_the_rebased_path_starts_at_the_last_observation():
    path = rebased_path(history(y2021=3.0, y2026=10.0), GOALS)
    assert path["value"].tolist() == [10, 15, 20, 25, 30]
    assert path["kind"].tolist() == ["rebased", "between", "between", "between", "milestone"]


def test_no_milestone_ahead_is_no_path():
    assert len(rebased_path(history(y2031=10.0), GOALS)) == 0
    assert len(rebased_path(history(), GOALS)) == 0
