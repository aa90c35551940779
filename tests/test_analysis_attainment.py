import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dxanalysis.analysis.attainment import ATTAINMENT_COLUMNS, attainment
from tests.tables import cases, holds

GSO = pd.DataFrame({"year": range(2020, 2026), "value": [12.66, 12.87, 12.83, 12.87, 13.17, 14.02]})


def paths(rows, first=2026, area="series"):
    values = np.array(rows, dtype=float)
    frames = [
        pd.DataFrame({"area": area, "path": i, "year": range(first, first + len(row)), "value": row})
        for i, row in enumerate(values)
    ]
    return pd.concat(frames, ignore_index=True)


def targets(years, values, **more):
    return pd.DataFrame({"year": years, "value": values, **more})


FOUR = paths([[15, 20, 19], [15, 16, 21], [14, 13, 12], [20, 22, 25]])


def test_the_table_has_the_columns_of_the_contract_first():
    found = attainment(FOUR, targets([2028], [20.0]), GSO)
    assert tuple(found.columns) == ATTAINMENT_COLUMNS
    assert ATTAINMENT_COLUMNS[:11] == (
        "indicator", "area", "target_year", "target", "median", "low", "high", "probability", "expected_year", "grade",
        "verdict",
    )


def test_probabilities_are_counted_on_the_paths():
    row = attainment(FOUR, targets([2028], [20.0]), GSO).iloc[0]
    assert row["probability"] == 0.5  # paths 2 and 4 stand at 20 or more in 2028
    assert row["reached_by"] == 0.75  # path 1 had reached it in 2027
    assert row["shortfall"] == pytest.approx((1 + 0 + 8 + 0) / 4)
    assert row["median"] == pytest.approx((19 + 21) / 2)
    assert row["verdict"] == "acceleration_needed"


GOAL, NAN = targets([2028], [20.0]), np.nan
STILL, DOWN = [[14.02, 14.02, 14.02]], [[13, 12, 11]]
BOTH = pd.concat([FOUR.assign(area="a"), FOUR.assign(area="b")])
OWN = targets([2028, 2028], [20.0, 24.0], area=["a", "b"])


@cases("paths_of goals history more expected", {
    "the expected year may lie beyond": (FOUR, targets([2028], [24.0]), GSO, {}, {
        "expected_year": NAN, "beyond": "beyond 2028", "expected_year_low": 2028}),
    "a target year already observed is achieved or missed": (FOUR, targets([2024, 2025], [13.0, 20.0]), GSO, {}, {
        "verdict": ["achieved", "missed"], "probability": [1.0, 0.0], "shortfall": [0.0, 5.98]}),
    "a past target year without a figure is not available": (
        FOUR, targets([2023], [10.0]), GSO[GSO["year"] != 2023], {},
        {"verdict": "not_available", "reason": "target_year_not_observed"}),
    "a target met in the past counts as reached, though lost since": (
        FOUR, GOAL, GSO.assign(value=[12.0, 21.0, 12, 12, 12, 12]), {},
        {"reached_by": 1.0, "expected_year": 2028, "probability": 0.5}),
    "a figure before a break does not count as reached": (
        FOUR, GOAL, GSO.assign(value=[25.0, 12, 12, 12, 12, 12], break_before=["", "method", "", "", "", ""]), {},
        {"reached_by": 0.75}),
    "one point gives a probability and no verdict": (FOUR, GOAL, GSO[-1:], {}, {
        "grade": "level", "verdict": "not_available", "reason": "one_point", "borrowed": True, "probability": 0.5}),
    "no point is not available": (FOUR[:0], targets([2028], [20.0], area="quang-ninh"), GSO[:0], {}, {
        "area": "quang-ninh", "grade": "none", "verdict": "not_available", "reason": "no_observation"}),
    "no target gives an empty table": (FOUR, targets([], []), GSO, {}, {"verdict": []}),
    "a target after the paths says so": (
        FOUR, targets([2035], [20.0]), GSO, {}, {"reason": "target_year_after_paths", "probability": NAN}),
    "lower is better": (FOUR, targets([2028], [19.0]), GSO, {"direction": -1}, {"probability": 0.5}),
    "a written comparator rules": (
        FOUR, targets([2028], [19.0], comparator=["<"]), GSO, {"direction": 1}, {"probability": 0.25}),
    "a falling median with little hope is moving away": (
        paths(DOWN * 9 + [[20, 21, 22]]), GOAL, GSO, {}, {"verdict": "moving_away"}),
    "a median that stands still is limited progress": (
        paths(STILL * 9 + [[20, 21, 22]]), GOAL, GSO, {}, {"verdict": "limited_progress"}),
    "also where less is better": (
        paths(STILL), targets([2028], [9.0]), GSO, {"direction": -1}, {"verdict": "limited_progress"}),
    "a rise moves away where less is better": (
        paths([[14.5, 15, 16]]), targets([2028], [9.0]), GSO, {"direction": -1}, {"verdict": "moving_away"}),
    "without paths nothing is expected": (FOUR[:0], GOAL, GSO, {}, {
        "verdict": "not_available", "reason": "no_paths", "probability": NAN, "expected_year": NAN,
        "expected_year_low": NAN}),
    "without paths only what was observed is known": (
        FOUR[:0], targets([2028], [13.0]), GSO, {}, {"reason": "no_paths", "expected_year": 2024}),
    "each area gets its own target": (
        BOTH, OWN, pd.concat([GSO.assign(area="a"), GSO.assign(area="b")]), {},
        {"area": ["a", "b"], "target": [20.0, 24.0], "probability": [0.5, 0.25]}),
    "areas of one figure each get their own target too": (
        BOTH, OWN, pd.DataFrame({"area": ["a", "b"], "year": [2025, 2025], "value": [14.0, 14.0]}), {},
        {"area": ["a", "b"], "target": [20.0, 24.0], "probability": [0.5, 0.25]}),
    "targets of one area apply to every series": (
        FOUR, targets([2028], [20.0], area=["viet-nam"]), GSO, {}, {"area": ["series"], "probability": [0.5]}),
})
def test_attainment(paths_of, goals, history, more, expected):
    assert holds(attainment(paths_of, goals, history, **more), expected)


def test_the_expected_year_is_the_median_of_the_first_years():
    assert attainment(FOUR, GOAL, GSO)["expected_year"].iloc[0] in (2027, 2028)


@pytest.mark.parametrize(
    ("hits", "verdict"),
    [(4, "on_track"), (3, "acceleration_needed"), (2, "acceleration_needed"), (1, "limited_progress")],
)
def test_two_in_three_is_on_track_and_one_in_three_needs_acceleration(hits, verdict):
    some = paths([[20, 20, 20]] * hits + [[19, 19, 19]] * (6 - hits))
    row = attainment(some, targets([2028], [20.0]), GSO).iloc[0]
    assert (row["probability"], row["verdict"]) == (pytest.approx(hits / 6), verdict)


@cases("paths_of direction message", {
    "an unknown direction": (FOUR, 2, "Unknown direction 2"),
    "paths without a column": (FOUR.drop(columns="path"), 1, "Paths has no column 'path'"),
})
def test_what_is_refused(paths_of, direction, message):
    with pytest.raises(ValueError, match=message):
        attainment(paths_of, GOAL, GSO, direction=direction)


@given(st.lists(st.lists(st.floats(0, 100), min_size=4, max_size=4), min_size=2, max_size=9), st.floats(1, 99))
@settings(max_examples=15, deadline=None)
def test_answers_agree_with_each_other(rows, target):
    found = attainment(paths(rows), targets([2026, 2027, 2028, 2029], [target] * 4), GSO)
    assert (np.diff(found["reached_by"].to_numpy()) >= 0).all()  # by a later year never less likely
    assert (found["probability"] <= found["reached_by"] + 1e-12).all()
    higher = attainment(paths(rows), targets([2026, 2027, 2028, 2029], [target + 1] * 4), GSO)
    assert (higher["probability"] <= found["probability"]).all()  # a higher target never more likely
