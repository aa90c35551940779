"""What the nation reaches if every area meets its own target."""

import math

import pandas as pd
import pytest

from dxanalysis.analysis.milestones import contribution


def national_value(table):
    """Return what the contributions add up to, over the weight that is known."""
    basis, known = table["basis"], table["basis"].isin(["target", "current"])
    weight = float(table["weight"][known].sum())
    counts = {name: int((basis == name).sum()) for name in ("left_out", "no_weight")}
    value = float(table["points"][known].sum()) / weight if weight else math.nan
    return counts | {"value": value, "weight_known": weight, "areas": int(known.sum()),
                     "with_target": int((basis == "target").sum())}


def by_area(**values):
    return pd.DataFrame({"area": list(values), "value": list(values.values())})


CURRENT = by_area(a=10.0, b=20.0, c=5.0, e=7.0)
TARGETS = by_area(a=30.0, b=40.0)
WEIGHTS = by_area(a=50.0, b=30.0, c=10.0, d=10.0)


def test_the_points_add_up_to_the_national_value_of_the_known_weight():
    table = contribution(CURRENT, TARGETS, WEIGHTS).set_index("area")
    assert table["points"].to_dict() == pytest.approx(
        {"a": 15.0, "b": 12.0, "c": 0.5, "d": math.nan, "e": math.nan}, nan_ok=True
    )
    assert table["basis"].to_dict() == {"a": "target", "b": "target", "c": "current", "d": "left_out", "e": "no_weight"}
    nation = national_value(table.reset_index())
    assert nation["value"] == pytest.approx(27.5 / 0.9)
    assert nation["weight_known"] == pytest.approx(0.9)
    assert (nation["areas"], nation["with_target"], nation["left_out"], nation["no_weight"]) == (3, 2, 1, 1)


def test_the_rise_is_shared_out():
    table = contribution(CURRENT, TARGETS, WEIGHTS).set_index("area")
    assert table.loc["a", "share_of_rise"] == pytest.approx(100 * 10 / 16)
    assert table.loc["c", "share_of_rise"] == 0.0


@pytest.mark.parametrize(
    ("direction", "reached", "nation"), [(1, [30.0, 45.0], 37.5), (-1, [10.0, 40.0], 25.0), (0, [30.0, 40.0], 35.0)]
)
def test_an_area_beyond_its_target_does_not_fall_back_to_it(direction, reached, nation):
    table = contribution(by_area(a=10.0, b=45.0), TARGETS, by_area(a=1.0, b=1.0), direction=direction)
    assert table["value"].tolist() == reached
    assert national_value(table)["value"] == nation


def test_areas_without_target_may_be_left_out():
    table = contribution(CURRENT, TARGETS, WEIGHTS, without_target="leave_out")
    assert national_value(table)["weight_known"] == pytest.approx(0.8)
    assert national_value(table)["value"] == pytest.approx(27 / 0.8)


def test_without_any_rise_nobody_has_a_share_of_it():
    table = contribution(by_area(a=1.0), by_area(a=1.0), by_area(a=1.0))
    assert math.isnan(table["share_of_rise"].iloc[0])


def test_nothing_known_gives_no_national_value():
    nation = national_value(contribution(by_area(x=1.0), by_area(y=1.0), by_area(a=1.0)))
    assert math.isnan(nation["value"]) and nation["weight_known"] == 0.0


@pytest.mark.parametrize(("weights", "message"), [
    (by_area(a=-1.0, b=2.0), "must not be negative"),
    (by_area(a=0.0), "add up to more than zero"),
    (pd.concat([by_area(a=1.0), by_area(a=2.0)]), "Weights hold 'a' twice"),
    (pd.DataFrame({"area": ["a"]}), "Weights has no column 'value'"),
])
def test_bad_weights_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        contribution(CURRENT, TARGETS, weights)


def test_an_unknown_treatment_is_refused():
    with pytest.raises(ValueError, match="cannot be treated as 'zero'"):
        contribution(CURRENT, TARGETS, WEIGHTS, without_target="zero")


def test_a_weight_of_zero_counts_as_nothing():
    nation = national_value(contribution(by_area(a=1.0, b=9.0), by_area(a=2.0), by_area(a=1.0, b=0.0)))
    assert (nation["value"], nation["areas"]) == (2.0, 2)
