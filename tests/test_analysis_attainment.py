"""The chance of a target is read off the forecast, the year expected off its paths."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dxanalysis.analysis.attainment import ATTAINMENT_COLUMNS, attainment
from tests.tables import cases, holds

GSO = pd.DataFrame({"year": range(2020, 2026), "value": [12.66, 12.87, 12.83, 12.87, 13.17, 14.02]})
NAN = np.nan


def paths(rows, first=2026):
    frames = [pd.DataFrame({"path": i, "year": range(first, first + len(row)), "value": row})
              for i, row in enumerate(np.array(rows, dtype=float))]
    return pd.concat(frames, ignore_index=True)


def targets(years, values, **more):
    return pd.DataFrame({"year": years, "value": values, **more})


def fan(values, years=(2026, 2027, 2028), levels=(0.05, 0.1, 0.5, 0.9, 0.95)):
    return pd.DataFrame([(year, level, value) for year in years for level, value in zip(levels, values, strict=True)],
                        columns=["year", "quantile", "value"])


FOUR, GOAL = paths([[15, 20, 19], [15, 16, 21], [14, 13, 12], [20, 22, 25]]), targets([2028], [20.0])
WIDE = fan([12.0, 14.0, 18.0, 22.0, 24.0])


@cases("forecast paths_of goals direction expected", {
    "between two quantiles the probability is interpolated": (WIDE, FOUR, GOAL, 1, {
        "probability": 1 - 0.7, "median": 18.0, "low": 14.0, "high": 22.0, "last_year": 2025}),
    "lower is better": (WIDE, FOUR, targets([2028], [18.0]), -1, {"probability": 0.5}),
    "a written comparator rules": (WIDE, FOUR, targets([2028], [22.0], comparator=["<"]), 1, {"probability": 0.9}),
    "a band is met within 3 percent": (WIDE, FOUR, targets([2028], [18.0]), 0, {"probability": 2 * 0.03 * 18 * 0.1}),
    "the expected year is the median of the first years": (WIDE, FOUR, GOAL, 1, {
        "expected_year": 2028, "expected_year_low": 2026, "expected_year_high": NAN}),
    "the expected year may lie beyond": (WIDE, FOUR, targets([2028], [24.0]), 1, {
        "expected_year": NAN, "expected_year_low": 2028}),
    "without paths no year is expected": (WIDE, FOUR[:0], GOAL, 1, {"expected_year": NAN, "probability": 0.3}),
    "a year the forecast does not reach has no probability": (WIDE, FOUR, targets([2035], [20.0]), 1, {
        "probability": NAN, "median": NAN}),
    "no target gives an empty table": (WIDE, FOUR, targets([], []), 1, {"probability": []}),
})
def test_attainment(forecast, paths_of, goals, direction, expected):
    found = attainment(forecast, paths_of, goals, GSO, direction=direction)
    assert tuple(found.columns) == ATTAINMENT_COLUMNS
    assert holds(found, expected)


@cases("paths_of direction message", {
    "an unknown direction": (FOUR, 2, "Direction 2 is unknown"),
    "paths without a column": (FOUR.drop(columns="path"), 1, "Paths has no column 'path'"),
})
def test_what_is_refused(paths_of, direction, message):
    with pytest.raises(ValueError, match=message):
        attainment(WIDE, paths_of, GOAL, GSO, direction=direction)


@given(st.lists(st.floats(0, 100), min_size=5, max_size=5, unique=True).map(sorted), st.floats(1, 99))
@settings(max_examples=15, deadline=None)
def test_a_higher_target_is_never_more_likely(values, target):
    goals = targets([2027, 2028], [target, target + 1])
    low, high = attainment(fan(values), FOUR, goals, GSO, direction=1)["probability"]
    assert high <= low
