"""What the nation reaches if every area meets its own target."""

import math

import pandas as pd
import pytest

from dxanalysis.analysis import national_goal
from tests.tables import cases, holds


def by_area(**values):
    return pd.DataFrame({"area": list(values), "value": list(values.values())})


CURRENT, TARGETS, WEIGHTS = by_area(a=10.0, b=20.0, c=5.0), by_area(a=30.0, b=40.0), by_area(a=50.0, b=30.0, c=20.0)
PAIR, EVEN = by_area(a=10.0, b=45.0), by_area(a=1.0, b=1.0)


@cases("values weights direction expected", {
    "the points add up to the national value": (CURRENT, WEIGHTS, 1, {
        "points": [15.0, 12.0, 1.0], "basis": ["target", "target", "current"], "weight": [0.5, 0.3, 0.2]}),
    "the rise is shared out": (CURRENT, WEIGHTS, 1, {"share_of_rise": [62.5, 37.5, 0.0]}),
    "an area beyond its target does not fall back to it": (PAIR, EVEN, 1, {"value": [30.0, 45.0]}),
    "where lower is better it does not rise to it": (PAIR, EVEN, -1, {"value": [10.0, 40.0]}),
    "in a band every area moves to its target": (PAIR, EVEN, 0, {"value": [30.0, 40.0]}),
    "one weight missing leaves all unweighed": (CURRENT, EVEN, 1, {
        "basis": ["not_weighed", "not_weighed", "no_weight"], "points": [math.nan] * 3}),
    "without any rise nobody has a share of it": (by_area(a=30.0), by_area(a=1.0), 1, {"share_of_rise": math.nan}),
    "a weight of zero counts as nothing": (PAIR, by_area(a=1.0, b=0.0), 1, {"points": [30.0, 0.0]}),
    "areas without a figure are not listed": (by_area(a=10.0), WEIGHTS, 1, {"area": ["a"], "weight": [1.0]}),
    "nothing known gives nothing": (by_area(), WEIGHTS, 1, {"points": []}),
})
def test_the_national_goal(values, weights, direction, expected):
    assert holds(national_goal(values, TARGETS, weights, direction=direction), expected)


@pytest.mark.parametrize(("weights", "message"), [
    (by_area(a=-1.0, b=2.0, c=1.0), "must not be negative"),
    (by_area(a=0.0, b=0.0, c=0.0), "add up to more than zero"),
    (pd.concat([by_area(a=1.0), by_area(a=2.0)]), "Weights hold 'a' twice"),
    (pd.DataFrame({"area": ["a"]}), "Weights has no column 'value'"),
])
def test_bad_weights_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        national_goal(CURRENT, TARGETS, weights)
