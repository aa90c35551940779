"""When a target is met, and the path through the targets."""

import math

import pandas as pd
import pytest

from dxanalysis import analysis
from dxanalysis.analysis import pace
from tests.tables import cases, holds

QUANG_NINH = pd.DataFrame({"year": [2021, 2024], "value": [3.0, 7.1]})
TARGETS = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0], "comparator": [">=", ">="]})


def series(years, values, **more):
    return pd.DataFrame({"year": years, "value": values, **more})


@pytest.mark.parametrize(("value", "target", "direction", "comparator", "met"), [
    (30.0, 30.0, 1, ">", False), (30.0, 30.0, 1, "about", True), (2.0, 2.5, 1, "<=", True),
    (math.nan, 2.5, 1, "", False),
    (2.5, 2.5, 1, "<=", True), (2.5, 2.5, -1, "", True), (2.5, 2.5, -1, "<", False), (25.0, 20.0, 1, "", True),
    (15.0, 20.0, 1, "", False), (15.0, 20.0, -1, "", True), (25.0, 20.0, -1, "", False), (19.5, 20.0, 0, "", True),
    (25.0, 20.0, 0, "", False),
])
def test_the_comparator_decides_when_a_target_is_met_and_without_one_the_direction(
    value, target, direction, comparator, met
):
    assert pace.is_met(value, target, direction, *([comparator] if comparator else [])) == met


def test_two_targets_for_one_year_are_refused():
    with pytest.raises(ValueError, match=r"2 values for 2025 \(20, 25\)"):
        pace.read_targets(series([2025, 2025], [20.0, 25.0]))


ONE, THREE = series([2021], [3.0]), series([2022, 2024, 2025], [5.0, 6.0, 9.0])


@cases("history targets expected", {
    "bends at the milestone": (QUANG_NINH, TARGETS, {
        "year": list(range(2021, 2031)), "value": [3, 7.25, 11.5, 15.75, 20, 22, 24, 26, 28, 30],
        "kind": ["baseline", *["between"] * 3, "milestone", *["between"] * 4, "milestone"]}),
    "without observations joins the milestones only": (QUANG_NINH.iloc[:0], TARGETS, {"year": [*range(2025, 2031)]}),
    "is none without targets": (QUANG_NINH, TARGETS.iloc[:0], {"year": [], "value": [], "kind": []}),
    "leaves out targets before the first observation": (series([2026, 2027], [9.0, 10.0]), TARGETS, {
        "year": 2026, "value": 9.0, "kind": "baseline"}),
    "begins between two targets": (series([2027], [24.0]), TARGETS, {"value": [24, 26, 28, 30]}),
    "is straight to one milestone": (ONE, series([2025], [7.0]), {"value": [3, 4, 5, 6, 7]}),
    "bends twice between three": (ONE, THREE, {"value": [3, 5, 5.5, 6, 9]}),
    "begins late": (series([2023], [3.0]), THREE, {"value": [3, 6, 9]}),
})
def test_the_path(history, targets, expected):
    assert holds(analysis.target_path(history, targets), expected)
