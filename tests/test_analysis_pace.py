"""Gap, required pace, observed pace, and the path through the targets."""

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


NAN, BAND = math.nan, series([2030], [50.0])
TWO = series([2022, 2022], [5.0, 25.0], area=["a", "b"])
LONG = series([2010, 2020, 2022], [1.0, 5.0, 9.0])


@cases("history targets more expected", {
    "the pace of Quảng Ninh, worked by hand": (QUANG_NINH, TARGETS, {}, {
        "gap": [12.9, 22.9], "required_per_year": [12.9, 22.9 / 6], "actual_per_year": [4.1 / 3] * 2,
        "ratio": [(4.1 / 3) / 12.9, (4.1 / 3) / (22.9 / 6)],
        "required_cagr": [20 / 7.1 - 1, (30 / 7.1) ** (1 / 6) - 1]}),
    "one point gives gap and required pace and no observed pace": (series([2021], [3.0]), TARGETS, {}, {
        "gap": 17.0, "required_per_year": 4.25, "reason": "one_point", "actual_per_year": NAN, "ratio": NAN}),
    "no point still lists the targets": (series([], []), TARGETS, {}, {
        "target": [20.0, 30.0], "reason": ["no_data", "no_data"], "met": [False, False]}),
    "no target gives no row": (QUANG_NINH, TARGETS.iloc[:0], {}, {"target": []}),
    "a met target requires nothing": (series([2021, 2024], [18.0, 21.5]), TARGETS, {}, {
        "met": True, "reason": "target_met", "gap": -1.5, "required_per_year": NAN}),
    "a missed target of the past requires nothing and says so": (series([2021, 2026], [3.0, 9.0]), TARGETS, {}, {
        "met": False, "reason": "target_year_past", "years_left": 0, "gap": 17.0, "ratio": NAN}),
    "a past target is judged by the figure of its own year": (
        series([2024, 2025, 2026], [8.4, 18.0, 25.0]), TARGETS, {},
        {"last_year": 2025, "last": 18.0, "met": False, "gap": 2.0}),
    "a past target is not met by an earlier figure": (series([2022, 2026], [52.8, 17.0]), TARGETS, {}, {"met": False}),
    "a target before every comparable figure says so": (
        series([2026], [25.0]), TARGETS, {}, {"met": False, "reason": "target_year_not_observed"}),
    "nothing is required of a year that is over, even where its figure is not out": (
        series([2024], [7.1]), series([2025], [20.0]), {"year": 2025},
        {"reason": "target_year_past", "years_left": 0, "required_per_year": NAN}),
    "a rising indicator": (series([2020, 2022], [10.0, 14.0]), series([2025], [20]), {}, {
        "gap": 6.0, "ratio": 1.0, "required_per_year": 2.0}),
    "a falling indicator mirrors a rising one": (series([2020, 2022], [-10.0, -14.0]), series([2025], [-20]), {
        "direction": -1}, {"gap": 6.0, "ratio": 1.0, "required_per_year": -2.0}),
    "moving the wrong way has a negative ratio": (series([2020, 2023], [12.66, 12.33]), TARGETS, {}, {
        "ratio": -0.11 / (7.67 / 2)}),
    "a band is approached from above": (series([2020, 2024], [60.0, 56.0]), BAND, {"direction": 0}, {
        "gap": 6.0, "required_per_year": -1.0, "ratio": 1.0}),
    "a band is met near it": (series([2020, 2024], [60.0, 51.0]), BAND, {"direction": 0}, {"met": True}),
    "a band reached from below needs a rise": (series([2020, 2024], [40.0, 44.0]), BAND, {"direction": 0}, {
        "gap": 6.0, "required_per_year": 1.0}),
    "the observed pace stops at a break": (
        QUANG_NINH.assign(break_before=["", "reported by the press, method not named"]), TARGETS, {},
        {"comparable": False, "reason": "break", "n": 1, "actual_per_year": NAN, "required_per_year": 12.9}),
    "the base year can be chosen": (LONG, TARGETS, {"base_year": 2015}, {"actual_per_year": 2.0}),
    "the base year is the first": (LONG, TARGETS, {}, {"actual_per_year": 8 / 12}),
    "national targets may judge every province": (TWO, TARGETS.assign(area="viet-nam"), {}, {
        "area": ["a", "a", "b", "b"], "met": [False, False, True, False]}),
    "of targets of several areas each series gets its own": (
        TWO, series([2025] * 3, [10.0, 30.0, 50.0], area=["a", "b", "c"]), {}, {"target": [10.0, 30.0]}),
    "of two areas each gets its own target": (
        TWO, series([2025] * 2, [10.0, 30.0], area=["a", "b"]), {}, {"target": [10.0, 30.0]}),
})
def test_the_required_pace(history, targets, more, expected):
    assert holds(analysis.required_pace(history, targets, **{"direction": 1} | more), expected)


def test_the_columns_stand_in_the_agreed_order():
    agreed = (
        "indicator area target_year target comparator base_year base last_year last gap years_left "
        "required_per_year required_cagr actual_per_year actual_cagr ratio met"
    )
    assert list(analysis.required_pace(QUANG_NINH, TARGETS, direction=1).columns)[:17] == agreed.split()


@pytest.mark.parametrize(("value", "target", "direction", "comparator", "met"), [
    (30.0, 30.0, 1, ">", False), (30.0, 30.0, 1, "about", True), (2.0, 2.5, 1, "<=", True), (NAN, 2.5, 1, "", False),
    (2.5, 2.5, 1, "<=", True), (2.5, 2.5, -1, "", True), (2.5, 2.5, -1, "<", False), (25.0, 20.0, 1, "", True),
    (15.0, 20.0, 1, "", False), (15.0, 20.0, -1, "", True), (25.0, 20.0, -1, "", False), (19.5, 20.0, 0, "", True),
    (25.0, 20.0, 0, "", False),
])
def test_the_comparator_decides_when_a_target_is_met_and_without_one_the_direction(
    value, target, direction, comparator, met
):
    assert pace.is_met(value, target, direction, *([comparator] if comparator else [])) == met


@cases("targets direction message", {
    "two targets for one year": (series([2025, 2025], [20.0, 25.0]), 1, r"2 values for 2025 \(20, 25\)"),
    "an unknown direction": (TARGETS, "up", "Direction 'up' is unknown"),
})
def test_what_is_refused(targets, direction, message):
    with pytest.raises(ValueError, match=message):
        analysis.required_pace(QUANG_NINH, targets, direction=direction)


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
