"""Ranks are of one year, lines cross no break, and no nation is weighed with a weight missing."""

import pandas as pd
import pytest

from dxanalysis import analysis
from tests.tables import cases

PANEL = pd.DataFrame({"area": ["a", "b", "b", "c"], "year": [2022, 2022, 2023, 2023], "value": [5.0, 9.0, 10.0, 1.0]})


MANY = pd.concat([
    pd.DataFrame({"area": list("abcde"), "year": 2022, "value": range(5)}),
    pd.DataFrame({"area": ["a", "b"], "year": 2025, "value": [9.0, 8.0]}),
])


@cases("panel area more areas years", {
    "the area's own latest year": (PANEL, "a", {}, ["b", "a"], {2022}),
    "the latest year of all for an area that is absent": (PANEL, "z", {}, ["b", "c"], {2023}),
    "nothing": (PANEL[:0], "a", {}, [], set()),
    "a low rank is good where less is better": (PANEL, "b", {"direction": -1}, ["c", "b"], {2023}),
    "a newest year of few areas gives way to the latest with enough": (MANY, "a", {}, [*"edcba"], {2022}),
    "two areas are enough where that is said": (MANY, "a", {"least": 2}, ["a", "b"], {2025}),
    "two of four are enough": (MANY[MANY["area"] != "e"], "a", {}, ["a", "b"], {2025}),
})
def test_the_ranking(panel, area, more, areas, years):
    table = analysis.standing(panel, area, **{"direction": 1} | more)
    assert (table["area"].tolist(), set(table["year"])) == (areas, years)


def test_what_lies_before_a_break_is_left_out():
    panel = pd.DataFrame({"area": ["a", "a"], "year": [2021, 2024], "value": [3.0, 7.1], "break_before": ["", "x"]})
    assert analysis.comparable_panel(panel)["year"].tolist() == [2024]
    assert analysis.comparable_panel(panel[:0]).empty


def test_one_missing_weight_leaves_all_parts_unknown():
    values = pd.DataFrame({"area": ["a", "b"], "value": [10.0, 20.0]})
    goals = pd.DataFrame({"area": ["a", "b"], "value": [30.0, 40.0]})
    table = analysis.national_goal(values, goals, pd.DataFrame({"area": ["a"], "value": [5.0]}))
    assert table["points"].isna().all()
    assert table["basis"].tolist() == ["not_weighed", "no_weight"]


def test_full_weights_give_each_area_its_part():
    values = pd.DataFrame({"area": ["a", "b"], "value": [10.0, 20.0]})
    goals = pd.DataFrame({"area": ["a", "b"], "value": [30.0, 40.0]})
    weights = pd.DataFrame({"area": ["a", "b", "elsewhere"], "value": [3.0, 1.0, 9.0]})
    table = analysis.national_goal(values, goals, weights)
    assert table["points"].sum() == pytest.approx(32.5)
    assert table["share_of_rise"].tolist() == pytest.approx([75.0, 25.0])


def test_no_values_have_no_goal():
    empty = pd.DataFrame(columns=["area", "value"])
    assert analysis.national_goal(empty, empty, empty).empty
